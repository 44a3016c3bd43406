"""No answer begins before the reads it rests on are written down by a majority."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from family_portal.views.ledger import Ledger


class AuditedAnswers:
    """Middleware: every request has a ledger of its own, settled before its answer leaves."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request with its ledger."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        with Ledger() as ledger:

            async def send_settled(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await ledger.settle()
                await send(message)

            await self.app(scope, receive, send_settled)
