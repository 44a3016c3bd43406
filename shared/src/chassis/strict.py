"""The base of request bodies: nothing unknown, and a number in quotation marks is not a number."""

from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

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
