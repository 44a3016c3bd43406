"""The forms an id may take; every id travels in the clear, so none may carry a word about a person."""

from typing import Annotated
from uuid import uuid4

from pydantic import StringConstraints

ID_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,62}$"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
TenantId = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
ClientId = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
PersonId = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
GoalId = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Box = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]*$")]
"""A sealed section: URL-safe base64 of nonce and ciphertext, without padding."""

PARTY_PATTERN = r"^(team|guardians|school|network|client|(household|person):[a-z0-9][a-z0-9_-]{0,62})$"
Party = Annotated[str, StringConstraints(pattern=PARTY_PATTERN)]
"""Who besides holders of the data class must a reader be: one of these labels must be the reader's own."""


def new_id() -> str:
    """A fresh random id, 32 hexadecimal characters."""
    return uuid4().hex
