"""The base of request bodies: nothing unknown, and a number in quotation marks is not a number."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_EXACT = frozenset({"int", "float", "bool"})


def _make_exact(schema: Any) -> None:
    """Mark every number and truth value in the schema strict; texts, lists and objects are so by nature."""
    if isinstance(schema, dict):
        kind = schema.get("type")  # a body with a field of this name has its schema here
        if isinstance(kind, str) and kind in _EXACT:
            schema["strict"] = True
        for part in schema.values():
            _make_exact(part)
    elif isinstance(schema, (list, tuple)):
        for part in schema:
            _make_exact(part)


def _plain(text: str) -> str:
    if any(unicodedata.category(sign) in _BREAKS for sign in text):
        raise ValueError("This holds a line break or another control character.")
    return text


def _near(moment: datetime) -> datetime:
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError("This time is before 1900 or after 2199.")
    return moment


OneLine = AfterValidator(_plain)
"""Refuses a text with line breaks or other control characters: names, labels, senders."""

Moment = Annotated[AwareDatetime, AfterValidator(_near)]
"""A time with its zone, near enough that every zone and the database can hold it."""


class Strict(BaseModel):
    """Base of every request body: unknown fields are refused, a number in quotation marks is not a number."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, allow_inf_nan=False, str_max_length=20_000
    )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        _make_exact(schema)
        return schema
