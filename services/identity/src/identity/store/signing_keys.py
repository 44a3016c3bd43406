"""The keys tokens are signed with: public halves for everyone, private halves sealed under the root."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.mongo import IndexModel, Mongo
from chassis.secret_box import open_secret, seal_secret
from contracts.ids import new_id
from identity.subject_keys import KmsRoot

COLLECTION = "signing_keys"
_LOOK_EVERY_S = 5.0
_MARGIN = timedelta(minutes=2)


class SigningKeys:
    """All keys whose tokens may still be valid; the newest that has been published long enough signs."""

    def __init__(self, mongo: Mongo, root: KmsRoot, *, token_life: timedelta, lead: timedelta) -> None:
        self._mongo = mongo
        self._rows = mongo.crossing_tenants(COLLECTION, why="one set of signing keys serves all tenants")
        self._secret = bytes.fromhex(root.digest("signing keys"))
        self._token_life = token_life
        self._lead = lead
        self._known: list[dict[str, Any]] = []
        self._opened: dict[str, ECKey] = {}
        self._looked_at = float("-inf")

    async def prepare(self) -> None:
        """Make the collection and, in a new deployment, the first key."""
        leave = IndexModel([("gone_at", 1)], expireAfterSeconds=0)
        await self._mongo.ensure(COLLECTION, [leave], across=True)
        if not await self._rows.find_one({}):
            await self._add(datetime.now(UTC))

    async def jwks(self) -> dict[str, Any]:
        """The public keys, as published."""
        return {"keys": [row["public"] for row in await self._all()]}

    async def sign(self, claims: dict[str, Any], *, typ: str) -> str:
        """A signed token."""
        row = _signer(await self._all(), datetime.now(UTC))
        header = {"alg": "ES256", "typ": typ, "kid": row["_id"]}
        return jwt.encode(header, claims, self._private(row), algorithms=["ES256"])

    async def rotate(self) -> str:
        """Publish a new key that soon signs, and return its kid; the others stay until their tokens end."""
        signs_from = datetime.now(UTC) + self._lead
        gone_at = signs_from + self._token_life + _MARGIN
        kid = await self._add(signs_from)
        # Only those before it: of two that are made at once the later one stays.
        earlier = [{"signs_from": {"$lt": signs_from}}, {"signs_from": signs_from, "_id": {"$lt": kid}}]
        await self._rows.update_many({"$or": earlier, "gone_at": None}, {"$set": {"gone_at": gone_at}})
        self._looked_at = float("-inf")
        return kid

    async def newest_since(self) -> datetime:
        """Since when the newest key signs."""
        since: datetime = max(row["signs_from"] for row in await self._all())
        return since

    async def _add(self, signs_from: datetime) -> str:
        kid = new_id()
        key = ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"}, private=True)
        private = json.dumps(key.as_dict(private=True))
        await self._rows.insert_one(
            {
                "_id": kid,
                "public": key.as_dict(private=False),
                "box": seal_secret(self._secret, kid, private),
                "signs_from": signs_from,
                "gone_at": None,
            }
        )
        self._looked_at = float("-inf")
        return kid

    async def _all(self) -> list[dict[str, Any]]:
        if time.monotonic() - self._looked_at > _LOOK_EVERY_S:
            now = datetime.now(UTC)
            alive = {"$or": [{"gone_at": None}, {"gone_at": {"$gt": now}}]}
            self._known = await self._rows.find(alive, sort=[("signs_from", 1)])
            self._looked_at = time.monotonic()
        return self._known

    def _private(self, row: dict[str, Any]) -> ECKey:
        kid = row["_id"]
        if kid not in self._opened:
            self._opened = {kid: ECKey.import_key(json.loads(open_secret(self._secret, kid, row["box"])))}
        return self._opened[kid]


def _signer(rows: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    ready = [row for row in rows if row["signs_from"] <= now]
    return ready[-1] if ready else rows[0]
