"""Coming in: who somebody says they are, what they know, and which door is theirs."""

from dataclasses import dataclass
from enum import StrEnum

from chassis.errors import NotFound
from contracts.ids import new_id
from identity.issuing import Issuer
from identity.oauth_clients import OAuthClient
from identity.store.credentials import Credentials
from identity.store.sign_ins import SignIn
from identity.store.tries import Pause, Tries


class Refusal(StrEnum):
    """Why somebody did not come in; the first says nothing about which part was wrong."""

    WRONG = "wrong"
    OTHER_DOOR = "other_door"


@dataclass(frozen=True)
class FrontDoor:
    """Checks a login and a password, slowly, and not too often."""

    credentials: Credentials
    tries: Tries
    issuer: Issuer

    async def come_in(
        self, client: OAuthClient, typed: str, password: str, address: str
    ) -> SignIn | Refusal | Pause:
        """A new sign-in, or why not. Raises Unavailable when too many people knock at once."""
        account = self.credentials.digest(typed)
        async with self.tries.turn(account):
            if pause := await self.tries.pause(account, address):
                return pause
            person_id = await self._known(typed, password)
            if person_id is None:
                await self.tries.failed(account, address)
                return Refusal.WRONG
            await self.tries.came_in(account, address)
        return await self._through(client, person_id)

    async def _known(self, typed: str, password: str) -> str | None:
        found = await self.credentials.find(typed)
        fits = await self.credentials.passwords.fits(found.password if found else None, password)
        if found is None or not fits:
            return None
        if self.credentials.passwords.outdated(found.password):
            await self.credentials.rehash(found.person_id, password)
        return found.person_id

    async def _through(self, client: OAuthClient, person_id: str) -> SignIn | Refusal:
        sid = new_id()
        try:
            holder = await self.issuer.holder(client, person_id, sid)
        except NotFound:
            return Refusal.OTHER_DOOR
        if not holder.hats:
            return Refusal.OTHER_DOOR
        return SignIn(sid, person_id, client.client_id, holder.hats[0][0])
