"""Where a request comes from: told sealed from the web tier to identity, and by nobody else's header."""

from fastapi import Request

from chassis.secret_box import WrongSecret, open_secret, seal_secret
from chassis.settings import ServiceSettings

HEADER = "Kith-Visitor"
_NAME = "visitor"


def told_address(settings: ServiceSettings, address: str) -> dict[str, str]:
    """The header by which a process of this deployment tells another whom it asks for."""
    return {HEADER: seal_secret(_key(settings), _NAME, address)}


def visitor_address(request: Request, settings: ServiceSettings) -> str:
    """The visitor's address: as one of our own processes tells it, else the peer's."""
    told = request.headers.get(HEADER)
    if told is not None:
        try:
            return open_secret(_key(settings), _NAME, told)
        except (WrongSecret, ValueError):
            pass  # somebody else wrote it: then it is they who ask
    return request.client.host if request.client else "unknown"


def _key(settings: ServiceSettings) -> bytes:
    return bytes.fromhex(settings.position_key.get_secret_value())
