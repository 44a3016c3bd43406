"""Seals a short secret of this service itself, such as a refresh token at rest, under a key it holds."""

import base64
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


class WrongSecret(Exception):
    """The box was sealed under another key or name, or changed."""


def seal_secret(key: bytes, name: str, secret: str) -> str:
    """Seal `secret` so that it opens only under the same 32-byte key and the same name."""
    nonce = os.urandom(_NONCE)
    box = nonce + _cipher(key).encrypt(nonce, secret.encode(), name.encode())
    return base64.urlsafe_b64encode(box).decode().rstrip("=")


def open_secret(key: bytes, name: str, box: str) -> str:
    """Open what `seal_secret` sealed. Raises WrongSecret."""
    raw = base64.urlsafe_b64decode(box + "=" * (-len(box) % 4))
    try:
        return _cipher(key).decrypt(raw[:_NONCE], raw[_NONCE:], name.encode()).decode()
    except InvalidTag as error:
        raise WrongSecret(name) from error


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kith secret box").derive(key))
