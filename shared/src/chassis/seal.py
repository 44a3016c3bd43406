"""Seals words under the key of their subject and data class; without that key they are noise."""

import asyncio
import base64
import json
import os
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from weakref import ref

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel

from contracts.classes import DataClass
from contracts.event import Event, Section

KEY_LIVES_S = 15 * 60.0
KEYS_HELD = 50_000
_NONCE = 12
Words = BaseModel | Mapping[str, Any]


class KeyName(NamedTuple):
    """Which key: of a tenant's (or, for persons, nobody's) subject, for one data class."""

    tenant_id: str
    subject_id: str
    data_class: DataClass


class KeySource(Protocol):
    """Where class keys come from: identity over HTTP, or inside identity its own store."""

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """The keys that exist and that this service may have; raises Unavailable when it cannot ask."""
        ...


class KeyGone(Exception):
    """The subject was erased or never was, or this service may not have the class: the words stay dark."""

    def __init__(self, name: KeyName) -> None:
        super().__init__(f"no key for {name.data_class} of {name.tenant_id}:{name.subject_id}")
        self.name = name


class BrokenSeal(Exception):
    """The box was changed, moved to another record, or sealed under another key."""


def class_key(subject_key: bytes, data_class: DataClass) -> bytes:
    """Derive the key of one data class from a subject's key; only identity holds subject keys."""
    derive = HKDF(
        algorithm=SHA256(), length=32, salt=None, info=b"kith class key|" + data_class.value.encode()
    )
    return derive.derive(subject_key)


def _bound_to(name: KeyName, record_id: str) -> bytes:
    return f"{name.tenant_id}|{name.subject_id}|{name.data_class.value}|{record_id}".encode()


def _as_bytes(words: Words) -> bytes:
    if isinstance(words, BaseModel):
        return words.model_dump_json().encode()
    return json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()


def subject_of(event: Event) -> str:
    """Whose key seals an event's sections: the client's, or the tenant's where no client is concerned."""
    return event.client_id or event.tenant_id


class ClassKey:
    """One class key as long as it is in memory; what is kept by it weakly is forgotten with it."""

    __slots__ = ("__weakref__", "_cipher", "_name")

    def __init__(self, name: KeyName, key: bytes) -> None:
        self._name = name
        self._cipher = AESGCM(key)

    def seal(self, record_id: str, words: Words) -> str:
        """Seal words for one record."""
        nonce = os.urandom(_NONCE)
        box = nonce + self._cipher.encrypt(nonce, _as_bytes(words), _bound_to(self._name, record_id))
        return base64.urlsafe_b64encode(box).decode().rstrip("=")

    def open(self, record_id: str, box: str) -> dict[str, Any]:
        """Open a box. Raises BrokenSeal."""
        name = self._name
        try:
            raw = base64.urlsafe_b64decode(box + "=" * (-len(box) % 4))
            opened = self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], _bound_to(name, record_id))
        except (InvalidTag, ValueError) as error:
            raise BrokenSeal(f"{name.data_class} of {name.tenant_id}:{record_id}") from error
        words: dict[str, Any] = json.loads(opened)
        return words


class Keyring:
    """Class keys in memory, for a quarter of an hour at most and never on disk."""

    def __init__(self, source: KeySource, *, lives_s: float = KEY_LIVES_S) -> None:
        self._source = source
        self._lives_s = lives_s
        self._held: OrderedDict[KeyName, tuple[float, ClassKey]] = OrderedDict()
        self._asked: dict[KeyName, asyncio.Future[ClassKey | None]] = {}
        self._evictions = 0

    def holds(self, names: Iterable[KeyName]) -> bool:
        """Whether all these keys are in memory now."""
        return all(self._current(name) is not None for name in names)

    async def fetch(self, names: Iterable[KeyName]) -> None:
        """Have these keys in memory, asking once for all missing ones. Raises KeyGone, Unavailable."""
        wanted = dict.fromkeys(names)
        await asyncio.gather(*(self._key(name) for name in wanted))

    async def found(self, names: Iterable[KeyName]) -> dict[KeyName, ClassKey]:
        """Those of these keys that exist, asking once for all missing ones. Raises Unavailable."""
        wanted = list(dict.fromkeys(names))
        keys: Sequence[ClassKey | None] = [self._current(name) for name in wanted]
        if None in keys:
            keys = await asyncio.gather(*(self._find(name) for name in wanted))
        return {name: key for name, key in zip(wanted, keys, strict=True) if key is not None}

    async def seal(
        self, tenant_id: str, subject_id: str, data_class: DataClass, record_id: str, words: Words
    ) -> str:
        """Seal words for one record. Raises KeyGone, Unavailable."""
        return (await self._key(KeyName(tenant_id, subject_id, data_class))).seal(record_id, words)

    async def open(
        self, tenant_id: str, subject_id: str, data_class: DataClass, record_id: str, box: str
    ) -> dict[str, Any]:
        """Open a box. Raises KeyGone, BrokenSeal, Unavailable."""
        return (await self._key(KeyName(tenant_id, subject_id, data_class))).open(record_id, box)

    async def open_many(self, boxes: Sequence[tuple[KeyName, str, str]]) -> list[dict[str, Any] | None]:
        """Open (key name, record id, box) in order; None where the key is gone.

        Raises BrokenSeal, Unavailable.
        """
        keys = await self.found(name for name, _, _ in boxes)
        return [keys[name].open(record_id, box) if name in keys else None for name, record_id, box in boxes]

    async def seal_event(self, event: Event) -> Event:
        """The event with its words sealed into sections, ready to record. Raises KeyGone, Unavailable."""
        if not event.words:
            return event
        subject = subject_of(event)
        boxes = dict(event.sections)
        for data_class, words in event.words.items():
            boxes[data_class] = await self.seal(event.tenant_id, subject, data_class, event.event_id, words)
        return event.model_copy(update={"sections": boxes, "words": {}})

    async def open_event(self, event: Event, data_class: DataClass) -> Section | None:
        """One section of an event; None when it has none or its key is gone.

        Raises BrokenSeal, Unavailable.
        """
        box = event.sections.get(data_class)
        shape = type(event).SECTIONS.get(data_class)
        if box is None or shape is None:
            return None
        try:
            words = await self.open(event.tenant_id, subject_of(event), data_class, event.event_id, box)
        except KeyGone:
            return None
        return shape.read(words)

    def evict(self, subject_id: str, tenant_id: str | None = None) -> None:
        """Forget every key of a subject, in one tenant or in all."""
        self._evictions += 1
        for name in [name for name in self._held if name.subject_id == subject_id]:
            if tenant_id in (None, name.tenant_id):
                del self._held[name]

    def _current(self, name: KeyName) -> ClassKey | None:
        held = self._held.get(name)
        if held is None or held[0] < time.monotonic():
            self._held.pop(name, None)
            return None
        self._held.move_to_end(name)
        return held[1]

    async def _key(self, name: KeyName) -> ClassKey:
        key = await self._find(name)
        if key is None:
            raise KeyGone(name)
        return key

    async def _find(self, name: KeyName) -> ClassKey | None:
        key = self._current(name)
        if key is not None:
            return key
        asked = self._asked.get(name)
        if asked is None:
            asked = self._asked[name] = asyncio.get_running_loop().create_future()
            if len(self._asked) == 1:
                self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(asked)

    async def _ask(self) -> None:
        await asyncio.sleep(0)  # everything asked for in this turn of the loop goes into one call
        asked, self._asked = self._asked, {}
        evictions = self._evictions
        try:
            keys = await self._source.class_keys(list(asked))
        except Exception as error:
            for waiting in asked.values():
                waiting.set_exception(error)
                waiting.exception()  # one waiter may have gone; the others still get it
            return
        for name, waiting in asked.items():
            secret = keys.get(name)
            key = ClassKey(name, secret) if secret else None
            if key and evictions == self._evictions:
                self._hold(name, key)
            waiting.set_result(key)

    def _hold(self, name: KeyName, key: ClassKey) -> None:
        self._held[name] = (time.monotonic() + self._lives_s, key)
        asyncio.get_running_loop().call_later(self._lives_s, self._expire, name, ref(key))
        while len(self._held) > KEYS_HELD:
            self._held.popitem(last=False)

    def _expire(self, name: KeyName, key: "ref[ClassKey]") -> None:
        """Forget a key whose time is up, whether or not anybody asks for it again."""
        held = self._held.get(name)
        if held is not None and held[1] is key():
            del self._held[name]
