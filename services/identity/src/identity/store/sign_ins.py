"""Codes, sign-ins and refresh tokens: digests of what was handed out, and which sign-in each belongs to."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from chassis.ended import COLLECTION as ENDED
from chassis.ended import ensure_ended_sessions
from chassis.journal import Journal, Tx
from chassis.mongo import Duplicate, GlobalCollection, IndexModel, Mongo
from contracts.identity import SessionEnded

CODES, SIGN_INS, REFRESH = "oauth_codes", "sign_ins", "refresh_tokens"
CODE_LIVES = timedelta(seconds=60)
_KEPT = timedelta(minutes=15)
_WHY = "a sign-in belongs to a person, and persons are global"


def digest(secret: str) -> str:
    """What is kept of a code or refresh token; they are random, so a plain hash cannot be guessed."""
    return sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class SignIn:
    """One sign-in of one person through one program."""

    sid: str
    person_id: str
    client_id: str
    tenant_id: str
    """The stream in which its end is told: one of the person's tenants."""


@dataclass(frozen=True)
class CodeGrant:
    """What a code stands for; its methods are those Authlib asks for."""

    sign_in: SignIn
    redirect_uri: str
    scope: str
    code_challenge: str
    code_challenge_method: str
    nonce: str | None

    def get_redirect_uri(self) -> str:
        """Where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What was asked for."""
        return self.scope


@dataclass(frozen=True)
class RefreshGrant:
    """What a refresh token stands for; its methods are those Authlib asks for."""

    id: str
    sign_in: SignIn
    scope: str
    expires_at: datetime

    def check_client(self, client: Any) -> bool:
        """Whether it was given to this program."""
        return bool(self.sign_in.client_id == client.client_id)

    def get_scope(self) -> str:
        """What was granted."""
        return self.scope


class SignIns:
    """All sign-ins. Whatever is used twice ends its sign-in everywhere."""

    def __init__(self, mongo: Mongo, journal: Journal) -> None:
        self._mongo = mongo
        self._journal = journal

    async def prepare(self) -> None:
        """Make the collections; rows leave by themselves when they no longer matter."""
        for name in (CODES, SIGN_INS, REFRESH):
            leave = IndexModel([("gone_at", 1)], expireAfterSeconds=0)
            whose = IndexModel([("person_id", 1), ("ended_at", 1)])
            await self._mongo.ensure(name, [leave, whose] if name == SIGN_INS else [leave], across=True)
        await ensure_ended_sessions(self._mongo)

    async def add_code(self, code: str, grant: CodeGrant) -> None:
        """Keep a fresh code for a minute."""
        now = datetime.now(UTC)
        row = {
            **_fields(grant.sign_in),
            "redirect_uri": grant.redirect_uri,
            "scope": grant.scope,
            "challenge": grant.code_challenge,
            "nonce": grant.nonce,
            "expires_at": now + CODE_LIVES,
            "gone_at": now + _KEPT,
            "used": False,
        }
        await self._rows(CODES).insert_one({"_id": digest(code), **row})

    async def take_code(self, code: str, client_id: str) -> CodeGrant | None:
        """Use a code, once. A second use by its program ends the sign-in that came of the first."""
        rows, key = self._rows(CODES), {"_id": digest(code), "client_id": client_id}
        unused = {**key, "used": False, "expires_at": {"$gt": datetime.now(UTC)}}
        row = await rows.find_one_and_update(unused, {"$set": {"used": True}})
        if row is None:
            again = await rows.find_one({**key, "used": True})
            if again:
                await self.end(_sign_in(again))
            return None
        return CodeGrant(
            _sign_in(row), row["redirect_uri"], row["scope"], row["challenge"], "S256", row.get("nonce")
        )

    async def begin(self, sign_in: SignIn, refresh_token: str, scope: str, stays: timedelta) -> bool:
        """Start a sign-in with its first refresh token; False when it was ended before it began."""
        expires_at = datetime.now(UTC) + stays
        row = {
            "_id": sign_in.sid,
            **_fields(sign_in),
            "expires_at": expires_at,
            "gone_at": expires_at + _KEPT,
        }
        try:
            await self._rows(SIGN_INS).insert_one({**row, "ended_at": None})
        except Duplicate:
            return False
        await self.add_refresh(sign_in, refresh_token, scope, expires_at)
        return True

    async def add_refresh(self, sign_in: SignIn, token: str, scope: str, expires_at: datetime) -> None:
        """Keep a refresh token of a running sign-in."""
        row = {"scope": scope, "expires_at": expires_at, "gone_at": expires_at + _KEPT, "used": False}
        await self._rows(REFRESH).insert_one({"_id": digest(token), **_fields(sign_in), **row})

    async def find_refresh(self, token: str) -> RefreshGrant | None:
        """What a refresh token stands for, used or not; None for an unknown one."""
        row = await self._rows(REFRESH).find_one({"_id": digest(token)})
        return RefreshGrant(row["_id"], _sign_in(row), row["scope"], row["expires_at"]) if row else None

    async def is_running(self, grant: RefreshGrant) -> bool:
        """Whether the sign-in of a refresh token still runs."""
        if grant.expires_at <= datetime.now(UTC):
            return False
        found = await self._rows(SIGN_INS).find_one({"_id": grant.sign_in.sid, "ended_at": None})
        return found is not None

    async def use_refresh(self, grant: RefreshGrant) -> bool:
        """Use up a rotating refresh token; a second use ends the sign-in, and is False."""
        done = await self._rows(REFRESH).update_one(
            {"_id": grant.id, "used": False}, {"$set": {"used": True}}
        )
        if done.matched:
            return True
        await self.end(grant.sign_in)
        return False

    async def find(self, sid: str) -> SignIn | None:
        """The sign-in of that id."""
        row = await self._rows(SIGN_INS).find_one({"_id": sid})
        return _sign_in(row) if row else None

    async def end(self, sign_in: SignIn) -> None:
        """End a sign-in everywhere: here at once, elsewhere by its event. Ending twice is once."""

        async def work(tx: Tx) -> None:
            now = datetime.now(UTC)
            rows = tx.crossing_tenants(SIGN_INS, why=_WHY)
            row = await rows.find_one({"_id": sign_in.sid})
            if row and row["ended_at"]:
                return
            ended = {**_fields(sign_in), "ended_at": now, "gone_at": now + timedelta(days=1)}
            await rows.update_one({"_id": sign_in.sid}, {"$set": ended}, upsert=True)
            heard = {"$set": {"heard_at": now}}
            await tx.crossing_tenants(ENDED, why=_WHY).update_one({"_id": sign_in.sid}, heard, upsert=True)
            tx.record(SessionEnded(tenant_id=sign_in.tenant_id, by=sign_in.person_id, sid=sign_in.sid))

        await self._journal.write(work, tenant_id=sign_in.tenant_id, by=sign_in.person_id)

    async def end_all_of(self, person_id: str) -> int:
        """End every running sign-in of a person; returns how many there were."""
        rows = await self._rows(SIGN_INS).find({"person_id": person_id, "ended_at": None})
        for row in rows:
            await self.end(_sign_in(row))
        return len(rows)

    def _rows(self, name: str) -> GlobalCollection:
        return self._mongo.crossing_tenants(name, why=_WHY)


def _fields(sign_in: SignIn) -> dict[str, Any]:
    return {
        "sid": sign_in.sid,
        "person_id": sign_in.person_id,
        "client_id": sign_in.client_id,
        "tenant_id": sign_in.tenant_id,
    }


def _sign_in(row: dict[str, Any]) -> SignIn:
    return SignIn(row["sid"], row["person_id"], row["client_id"], row["tenant_id"])
