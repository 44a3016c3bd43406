"""The keys of subjects: random, one each, wrapped by a root that this service alone can reach."""

import base64
import hmac
import os
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contracts.classes import KEY_TABLE, DataClass

_LENGTH = 32
_NONCE = 12


class BadRoot(Exception):
    """The root key's file is missing or holds something else than 32 bytes (raw or in hexadecimal)."""


class BrokenWrap(Exception):
    """A stored subject key was changed, moved to another subject, or wrapped by another root."""


class KmsRoot:
    """The root key of a deployment; wraps subject keys and digests sign-in handles."""

    def __init__(self, root: bytes) -> None:
        if len(root) != _LENGTH:
            raise BadRoot("The root key has to be 32 bytes.")
        self._wrap = AESGCM(_derived(root, b"kith wrap"))
        self._digest = _derived(root, b"kith handles")

    @classmethod
    def from_file(cls, path: Path) -> "KmsRoot":
        """The root kept in a file. Raises BadRoot."""
        try:
            held = path.read_bytes()
        except OSError as error:
            raise BadRoot(f"The root key's file cannot be read: {error.strerror}.") from error
        text = held.strip()
        try:
            return cls(bytes.fromhex(text.decode()) if len(text) == 2 * _LENGTH else held)
        except ValueError as error:
            raise BadRoot("The root key is not hexadecimal.") from error

    def new_wrapped(self, tenant_id: str, subject_id: str) -> str:
        """A fresh random subject key, wrapped for that subject."""
        nonce = os.urandom(_NONCE)
        box = self._wrap.encrypt(nonce, os.urandom(_LENGTH), _bound(tenant_id, subject_id))
        return base64.b64encode(nonce + box).decode()

    def unwrap(self, tenant_id: str, subject_id: str, wrapped: str) -> bytes:
        """The subject key in a wrap. Raises BrokenWrap."""
        box = base64.b64decode(wrapped)
        try:
            return self._wrap.decrypt(box[:_NONCE], box[_NONCE:], _bound(tenant_id, subject_id))
        except InvalidTag as error:
            raise BrokenWrap(f"The key of {tenant_id}:{subject_id} does not open.") from error

    def digest(self, handle: str) -> str:
        """A keyed digest of a sign-in handle: equal ones are found, none can be guessed without the root."""
        return hmac.new(self._digest, handle.encode(), sha256).hexdigest()


def allowed(service: str, data_class: DataClass) -> bool:
    """Whether a service may be handed the key of a class."""
    return data_class in KEY_TABLE.get(service, frozenset())


def _derived(root: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_LENGTH, salt=None, info=purpose).derive(root)


def _bound(tenant_id: str, subject_id: str) -> bytes:
    return f"{tenant_id}:{subject_id}".encode()
