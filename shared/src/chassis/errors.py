"""What can go wrong, once: each error knows its HTTP status and says which field and how to put it right."""

from typing import Any


class Problem(Exception):
    """An error that is answered as an RFC 9457 problem. `extra` members are added to the body as they are."""

    status: int = 500
    title: str = "Something went wrong"

    def __init__(
        self, detail: str | None = None, field: str | None = None, fix: str | None = None, **extra: Any
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.field = field
        self.fix = fix
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The members of the problem document; empty ones are left out."""
        known = {"detail": self.detail, "field": self.field, "fix": self.fix}
        told = {name: value for name, value in known.items() if value is not None}
        return {"type": "about:blank", "title": self.title, "status": self.status, **told, **self.extra}

    def headers(self) -> dict[str, str]:
        """Response headers that belong to this kind of problem."""
        return {}


class BadRequest(Problem):
    """The request cannot be read at all: broken JSON, a missing Idempotency-Key."""

    status, title = 400, "The request cannot be read"


class Unauthenticated(Problem):
    """No token, or one that does not hold; never says which check failed."""

    status, title = 401, "Sign in first"

    def headers(self) -> dict[str, str]:
        """The challenge that RFC 6750 asks for."""
        return {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    """Not allowed, where the caller may know that the thing exists; otherwise use NotFound."""

    status, title = 403, "Not allowed"


class NotFound(Problem):
    """It does not exist, or not for this caller: both are answered with the same bytes."""

    status, title = 404, "Not found"

    def __init__(self) -> None:
        super().__init__()


class TooSlow(Problem):
    """The request did not arrive within its time; the connection ends, for the rest may never come."""

    status, title = 408, "This took too long to arrive"

    def headers(self) -> dict[str, str]:
        """Nothing more is read from this connection."""
        return {"Connection": "close"}


class Conflict(Problem):
    """The stored state does not allow it; `extra` may carry the current version."""

    status, title = 409, "It has changed in the meantime"


class KeyReused(Conflict):
    """The Idempotency-Key came before with another request; nothing of this one is done."""

    title = "This key belongs to another request"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another request.",
            "Idempotency-Key",
            "Use a fresh key for each new request.",
        )


class TooLarge(Problem):
    """The body is larger than this service reads."""

    status, title = 413, "Too large"

    def headers(self) -> dict[str, str]:
        """Nothing more is read from this connection."""
        return {"Connection": "close"}


class Invalid(Problem):
    """A value is understood and wrong; `errors` lists further fields."""

    status, title = 422, "Something in the request needs another value"


class PreconditionRequired(Problem):
    """A change of something that others change too needs the version it started from."""

    status, title = 428, "Say which version you have seen"


class TooMany(Problem):
    """Asked too often; `retry_after` is in seconds."""

    status, title = 429, "Too many tries"

    def __init__(self, detail: str | None = None, retry_after: int = 60) -> None:
        super().__init__(detail, fix=f"Wait {retry_after} seconds and try again.")
        self.retry_after = retry_after

    def headers(self) -> dict[str, str]:
        """When to come back."""
        return {"Retry-After": str(self.retry_after)}


class Unavailable(Problem):
    """A part that this answer needs is away; nothing was changed. `retry_after` is in seconds."""

    status, title = 503, "Not available right now"

    def __init__(self, detail: str | None = None, retry_after: int = 2) -> None:
        super().__init__(detail, fix="Try again in a moment.")
        self.retry_after = retry_after

    def headers(self) -> dict[str, str]:
        """When to come back."""
        return {"Retry-After": str(self.retry_after)}


class Crowded(Unavailable):
    """More at once than this process can hold; the connection ends, to make room."""

    def __init__(self) -> None:
        super().__init__("Too many are asking at once. Nothing was changed.", retry_after=5)

    def headers(self) -> dict[str, str]:
        """When to come back, by another connection."""
        return {**super().headers(), "Connection": "close"}


class Reject(Exception):
    """Raised by a consumer's handler: this event can never be applied, park its stream at once."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
