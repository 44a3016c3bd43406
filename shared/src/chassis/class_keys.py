"""Class keys from identity, asked for in batches with this service's own token."""

import base64
from collections.abc import Mapping, Sequence

from chassis.clients import PeerClients
from chassis.errors import Unavailable
from chassis.seal import KeyName
from contracts.classes import DataClass

_MOST_AT_ONCE = 500


class IdentityKeys:
    """Asks `POST /internal/keys`.

    The request is `{requests: [{tenant_id, subject_id, data_class}]}`, the answer
    `{keys: [{tenant_id, subject_id, data_class, key}]}` with keys in URL-safe base64; what is left out does
    not exist, was erased, or is not for this service.
    """

    def __init__(self, peers: PeerClients) -> None:
        self._peers = peers

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """The keys this service may have. Raises Unavailable when identity cannot be asked."""
        found: dict[KeyName, bytes] = {}
        for start in range(0, len(names), _MOST_AT_ONCE):
            found |= await self._ask(names[start : start + _MOST_AT_ONCE])
        return found

    async def _ask(self, names: Sequence[KeyName]) -> dict[KeyName, bytes]:
        asked = {"requests": [name._asdict() for name in names]}
        answer = await self._peers.call("identity", "POST", "/internal/keys", json=asked)
        if answer.status_code != 200:
            raise Unavailable("identity handed out no keys.")
        return {_name(row): _unpadded(row["key"]) for row in answer.json()["keys"]}


def _name(row: Mapping[str, str]) -> KeyName:
    return KeyName(row["tenant_id"], row["subject_id"], DataClass(row["data_class"]))


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
