"""Every read of a client's data is written down, once a request, before its answer leaves."""

from collections.abc import Iterable
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.audit import Audit
from contracts.classes import DataClass
from policy.caller import Caller
from policy.grants import Grants

Reads = dict[tuple[Caller, str], tuple[Grants, set[str]]]
_READS: ContextVar[tuple[Audit, Reads] | None] = ContextVar("reads", default=None)


async def saw(audit: Audit, caller: Caller, grants: Grants, classes: Iterable[DataClass]) -> None:
    """Note a read for this request's entry; outside a request it is written down at once."""
    named = {data_class.value for data_class in classes}
    held = _READS.get()
    if held is None:
        await _write(audit, caller, grants, named)
    elif named:
        held[1].setdefault((caller, grants.client_id), (grants, set()))[1].update(named)


async def _write(audit: Audit, caller: Caller, grants: Grants, classes: set[str]) -> None:
    await audit.read(
        caller,
        grants.client_id,
        sorted(classes),
        policy_hash=grants.policy_hash,
        consent_ids=grants.consent_ids,
    )


class AuditedAnswers:
    """Middleware: no answer begins before the reads it rests on are written down by a majority."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request with a ledger of its own."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        audit: Audit = scope["app"].state.chassis.audit
        reads: Reads = {}

        async def send_audited(message: Message) -> None:
            if message["type"] == "http.response.start":
                unwritten = list(reads.items())
                reads.clear()  # an answer that says that this failed rests on no read
                for (caller, _), (grants, classes) in unwritten:
                    await _write(audit, caller, grants, classes)
            await send(message)

        token = _READS.set((audit, reads))
        try:
            await self.app(scope, receive, send_audited)
        finally:
            _READS.reset(token)
