"""The opened parts of the portal's api process, delivered to routes."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from chassis.runtime import Chassis
from family_portal.clients import Tokens
from family_portal.settings import Settings
from family_portal.store.web_sessions import WebSessions
from family_portal.views.live import Hub
from family_portal.views.names import NameBook
from family_portal.views.reader import Reader
from family_portal.write_back import Afterthoughts, WriteBack


@dataclass
class Portal:
    """What a route of the portal works with."""

    settings: Settings
    chassis: Chassis
    reader: Reader
    write_back: WriteBack
    afterthoughts: Afterthoughts
    hub: Hub
    names: NameBook
    web_sessions: WebSessions
    tokens: Tokens

    async def wait(self, position: str | None, tenant_id: str, client_id: str) -> None:
        """Wait, one second at most, until the views hold what the position token speaks of."""
        if position:
            await self.chassis.positions.wait(position, tenant_id, client_id)


def opened(settings: Settings, chassis: Chassis) -> Portal:
    """Build the portal's parts on an opened chassis."""
    reader = Reader(chassis)
    return Portal(
        settings=settings,
        chassis=chassis,
        reader=reader,
        write_back=WriteBack(chassis, reader),
        afterthoughts=Afterthoughts(chassis, reader),
        hub=Hub(chassis),
        names=NameBook(chassis),
        web_sessions=WebSessions(chassis.mongo, settings.position_key.get_secret_value()),
        tokens=Tokens(settings, chassis.peers),
    )


async def _portal(request: Request) -> Portal:
    portal: Portal = request.app.state.portal
    return portal


PortalDep = Annotated[Portal, Depends(_portal)]
