"""Sign-ins of the web tier: an opaque cookie, everything else stays here; the refresh token is sealed."""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from chassis.ended import EndedSessions
from chassis.mongo import Mongo
from chassis.secret_box import open_secret, seal_secret

WebArea = Literal["family", "staff"]
FLOW_LIFETIME = timedelta(minutes=10)
HELD_S = 2.0
MOST_HELD = 20_000
AT_ONCE = 100


@dataclass(frozen=True)
class WebSession:
    """One sign-in in one browser."""

    id: str
    cookie: str
    area: WebArea
    person_id: str
    sid: str
    refresh_token: str

    @cached_property
    def csrf(self) -> str:
        """The token every form of this sign-in carries; worthless without the cookie."""
        return hmac.new(self.cookie.encode(), b"csrf", hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Left:
    """A sign-in that ended here: what identity has to be told."""

    id: str
    area: WebArea
    refresh_token: str


@dataclass(frozen=True)
class Flow:
    """A sign-in under way: what the browser must bring back, and where it wanted to go."""

    state: str
    verifier: str
    area: WebArea
    next: str


class WebSessions:
    """Keeps sign-ins by the hash of their cookie; global, because a person's sign-in spans tenants."""

    def __init__(self, mongo: Mongo, position_key: str) -> None:
        self._rows = mongo.crossing_tenants(
            "web_sessions", why="a sign-in belongs to a person, who is global"
        )
        self._flows = mongo.crossing_tenants("sign_in_flows", why="nobody is signed in yet")
        self._ended = EndedSessions(mongo)
        self._key = bytes.fromhex(position_key)
        self._held: dict[tuple[WebArea, str], tuple[float, WebSession]] = {}

    async def begin(self, area: WebArea, next_path: str) -> Flow:
        """A new sign-in flow with a PKCE verifier."""
        flow = Flow(secrets.token_urlsafe(24), secrets.token_urlsafe(48), area, next_path)
        await self._flows.insert_one(
            {
                "_id": _hashed(flow.state),
                "verifier": seal_secret(self._key, flow.state, flow.verifier),
                "area": area,
                "next": next_path,
                "ends_at": datetime.now(UTC) + FLOW_LIFETIME,
            }
        )
        return flow

    async def take_flow(self, state: str) -> Flow | None:
        """The flow of this state, once."""
        row = await self._flows.find_one({"_id": _hashed(state), "ends_at": {"$gt": datetime.now(UTC)}})
        if row is None or not await self._flows.delete_one({"_id": row["_id"]}):
            return None
        return Flow(state, open_secret(self._key, state, row["verifier"]), row["area"], row["next"])

    async def start(
        self, area: WebArea, person_id: str, sid: str, refresh_token: str, lasts: timedelta
    ) -> WebSession:
        """Keep a sign-in as long as it lasts at identity; its cookie leaves in this answer and is stored nowhere."""
        cookie = secrets.token_urlsafe(32)
        session = WebSession(_hashed(cookie), cookie, area, person_id, sid, refresh_token)
        await self._rows.insert_one(
            {
                "_id": session.id,
                "area": area,
                "person_id": person_id,
                "sid": sid,
                "refresh": seal_secret(self._key, session.id, refresh_token),
                "ends_at": datetime.now(UTC) + lasts,
            }
        )
        return session

    async def find(self, cookie: str, area: WebArea) -> WebSession | None:
        """The sign-in of this cookie, unless it ended or belongs to the other area.

        One that ended elsewhere is dead at once all the same: its tokens are on the list of ended sign-ins.
        """
        held = self._held.get((area, cookie))
        if held and held[0] > time.monotonic():
            return held[1]
        session = await self._find(cookie, area)
        if session:
            if len(self._held) > MOST_HELD:
                self._held.clear()
            self._held[area, cookie] = (time.monotonic() + HELD_S, session)
        return session

    async def _find(self, cookie: str, area: WebArea) -> WebSession | None:
        row: dict[str, Any] | None = await self._rows.find_one(
            {
                "_id": _hashed(cookie),
                "area": area,
                "ends_at": {"$gt": datetime.now(UTC)},
                "left_at": None,
            }
        )
        if row is None:
            return None
        refresh = open_secret(self._key, row["_id"], row["refresh"])
        return WebSession(row["_id"], cookie, area, row["person_id"], row["sid"], refresh)

    async def end(self, session: WebSession) -> None:
        """Forget a sign-in that has ended at identity."""
        self._held.pop((session.area, session.cookie), None)
        await self._rows.delete_one({"_id": session.id})

    async def leave(self, session: WebSession) -> Left:
        """End the sign-in here, whether or not identity answers; it is kept until identity has been told."""
        self._held.pop((session.area, session.cookie), None)
        await self._rows.update_one({"_id": session.id}, {"$set": {"left_at": datetime.now(UTC)}})
        await self._ended.add(session.sid)
        return Left(session.id, session.area, session.refresh_token)

    async def left(self) -> list[Left]:
        """Sign-ins that ended here and of which identity has not been told yet, the first to end first."""
        rows = await self._rows.find({"left_at": {"$ne": None}}, sort=[("left_at", 1)], limit=AT_ONCE)
        return [
            Left(row["_id"], row["area"], open_secret(self._key, row["_id"], row["refresh"])) for row in rows
        ]

    async def told(self, left: Left) -> None:
        """Identity knows: forget it."""
        await self._rows.delete_one({"_id": left.id})


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
