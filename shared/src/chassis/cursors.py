"""Opaque places in sorted lists: where the next page begins, in a collection or in a list already in hand."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

import bson
import bson.json_util
from fastapi import Query

from chassis.errors import Invalid
from chassis.tenancy import Doc

T = TypeVar("T")
Sort = Sequence[tuple[str, int]]
Limit = Annotated[int, Query(ge=1, le=200)]
"""How many a page holds."""
After = Annotated[str | None, Query(max_length=1000)]
"""The `next` of the page before."""

_SORTED_BY = (str, int, float, datetime, bson.ObjectId, type(None))
"""What lists are sorted by; a cursor holds nothing else."""
_JSON = bson.json_util.DEFAULT_JSON_OPTIONS.with_options(tz_aware=True)


def cursor_of(values: Sequence[Any]) -> str:
    """An opaque place in a sorted list, just after what is sorted by these values."""
    text = bson.json_util.dumps(list(values), json_options=_JSON)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def values_of(cursor: str) -> list[Any]:
    """The values a cursor was made of. Raises Invalid for what is no cursor."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = bson.json_util.loads(raw.decode(), json_options=_JSON)
        bson.encode({"values": values})
    except Exception:  # bson and its decoders raise a dozen kinds for what is not theirs
        values = None
    if not isinstance(values, list) or not all(isinstance(value, _SORTED_BY) for value in values):
        raise unknown_place()
    return values


def row_cursor(row: Mapping[str, Any], sort: Sort) -> str:
    """The place just after a row of a collection."""
    return cursor_of([row.get(field) for field, _ in sort])


def beyond(cursor: str, sort: Sort) -> Doc:
    """The filter of all rows that sort after the cursor. Raises Invalid."""
    values = values_of(cursor)
    if len(values) != len(sort):
        raise unknown_place()
    branches: list[Doc] = []
    for place, (field, direction) in enumerate(sort):
        same = {name: values[i] for i, (name, _) in enumerate(sort[:place])}
        branches.append({**same, field: {"$gt" if direction > 0 else "$lt": values[place]}})
    return {"$or": branches}


def page_of(
    things: Sequence[T], place: Callable[[T], tuple[Any, ...]], *, limit: int, after: str | None
) -> tuple[list[T], str | None]:
    """One page of a list in hand that is sorted by `place`, and the cursor of the next. Raises Invalid.

    For lists whose order or whose readers no query can tell.
    """
    if after:
        reached = values_of(after)
        if things and len(reached) != len(place(things[0])):
            raise unknown_place()
        try:
            things = [thing for thing in things if list(place(thing)) > reached]
        except TypeError as error:
            raise unknown_place() from error
    page = list(things[:limit])
    return page, cursor_of(place(page[-1])) if len(things) > limit else None


def unknown_place() -> Invalid:
    """What to raise for a cursor that leads nowhere."""
    return Invalid("This place in the list is not known.", "after", "Start again without `after`.")
