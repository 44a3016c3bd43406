"""`Kith-Position`: where a write has put its streams, sealed, so that its author can wait to see it."""

import asyncio
import base64
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.errors import Invalid
from chassis.mongo import Mongo
from chassis.settings import ServiceSettings

HEADER = "Kith-Position"
GUARDS = "guards"
_NONCE = 12
_STEP = 512
"""Tokens are padded to a multiple of this: an ordinary write and a private draft look alike."""
_LONGEST = 16_384
_FIRST_LOOK_S = 0.004
_SLOWEST_LOOK_S = 0.04


@dataclass(frozen=True)
class Position:
    """The place a write reached: its producer, each stream's seq, each access document's rev."""

    producer: str
    streams: Mapping[str, int] = field(default_factory=dict)
    access: Mapping[str, int] = field(default_factory=dict)


def guard_id(consumer: str, producer: str, stream: str) -> str:
    """The `_id` of the row in `guards` that says how far a consumer has applied a stream."""
    return f"{consumer}|{producer}|{stream}"


class Positions:
    """Seals positions into tokens, and waits until this service has reached one."""

    def __init__(self, mongo: Mongo, settings: ServiceSettings) -> None:
        self._mongo = mongo
        self._consumer = settings.name
        self._is_read_at_once = None if settings.reads_itself else settings.name
        self._wait_s = settings.position_wait_s
        self._cipher = AESGCM(bytes.fromhex(settings.position_key.get_secret_value()))

    def seal(self, position: Position) -> str:
        """The token of a position; its length says nothing about the write."""
        body = {"p": position.producer, "s": dict(position.streams), "a": dict(position.access)}
        text = json.dumps(body, separators=(",", ":")).encode()
        padded = text + b" " * (-len(text) % _STEP)
        nonce = os.urandom(_NONCE)
        box = nonce + self._cipher.encrypt(nonce, padded, HEADER.encode())
        return base64.urlsafe_b64encode(box).decode().rstrip("=")

    def open(self, token: str) -> Position:
        """The position in a token. Raises Invalid for anything this deployment did not seal."""
        try:
            if len(token) > _LONGEST:
                raise ValueError
            box = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            body = json.loads(self._cipher.decrypt(box[:_NONCE], box[_NONCE:], HEADER.encode()))
        except (InvalidTag, ValueError) as error:
            raise Invalid(
                "This position is not one of ours.", HEADER, f"Send back a {HEADER} as you got it, or none."
            ) from error
        return Position(body["p"], body["s"], body["a"])

    async def wait(self, token: str | None, tenant_id: str, client_id: str | None) -> bool:
        """Wait until this service has reached the token's place for one client; False if not in time.

        Without a token, or with one about another client, there is nothing to wait for. Raises Invalid.
        """
        if not token:
            return True
        position = self.open(token)
        stream = f"{tenant_id}:{client_id or '-'}"
        seq = 0 if position.producer == self._is_read_at_once else position.streams.get(stream, 0)
        rev = position.access.get(stream, 0)
        deadline = time.monotonic() + self._wait_s
        look = _FIRST_LOOK_S
        while not await self._reached(tenant_id, position.producer, stream, seq, rev):
            if time.monotonic() + look > deadline:
                return False
            await asyncio.sleep(look)
            look = min(look * 1.5, _SLOWEST_LOOK_S)
        return True

    async def _reached(self, tenant_id: str, producer: str, stream: str, seq: int, rev: int) -> bool:
        if seq:
            guards = self._mongo.tenant(GUARDS, tenant_id)
            guard = await guards.find_one({"_id": guard_id(self._consumer, producer, stream)})
            if guard is None or guard["seq"] < seq:
                return False
        if rev:
            access = self._mongo.tenant("access", tenant_id)
            return (
                await access.find_one({"_id": stream, "rev": {"$gte": rev}}, projection={"_id": 1})
                is not None
            )
        return True
