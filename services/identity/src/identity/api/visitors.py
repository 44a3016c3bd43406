"""Where a request comes from, as far as it can be believed."""

from collections.abc import Collection

from fastapi import Request


def visitor_address(request: Request, proxies: Collection[str]) -> str:
    """The visitor's address: what a trusted proxy names last, else the peer itself."""
    peer = request.client.host if request.client else "unknown"
    if peer not in proxies:
        return peer
    named = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return named or peer
