"""What reacts to what: a handler's annotation is its subscription, a base class means all its subclasses."""

import inspect
import typing
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from chassis.records import REGISTRY
from contracts.event import Event

Handler = Callable[[Any, Any], Awaitable[None]]
"""`async def on_x(event: EventClass, tx: BatchTx) -> None`."""


def _event_types(hint: object) -> list[type[Event]]:
    options = typing.get_args(hint) or (hint,)
    bases = [option for option in options if isinstance(option, type) and issubclass(option, Event)]
    if len(bases) != len(options):
        raise TypeError(f"{hint!r} is not an event")
    return [known for known in REGISTRY.values() if issubclass(known, tuple(bases))]


def subscription(handler: Handler) -> list[type[Event]]:
    """The event types a handler is for. Raises TypeError for anything else than a handler."""
    if not inspect.iscoroutinefunction(handler):
        raise TypeError(f"{handler!r} is not an async function")
    parameters = list(inspect.signature(handler).parameters)
    if len(parameters) != 2:
        raise TypeError(f"{handler.__name__} takes an event and a transaction")
    hint = typing.get_type_hints(handler).get(parameters[0])
    types = _event_types(hint)
    if not types:
        raise TypeError(f"{handler.__name__} subscribes to nothing")
    return types


_UNHURRIED: set[Handler] = set()


def unhurried(handler: Handler) -> Handler:
    """A handler whose effect nobody waits to see: its events may gather for a moment and leave others the way."""
    _UNHURRIED.add(handler)
    return handler


class Handlers:
    """All handlers of one consumer by event type, in the order they were given."""

    def __init__(self, handlers: Iterable[Handler]) -> None:
        self._by_type: dict[type[Event], list[Handler]] = {}
        for handler in handlers:
            for known in subscription(handler):
                self._by_type.setdefault(known, []).append(handler)

    def of(self, event: Event) -> list[Handler]:
        """The handlers to run for an event; none for a type nobody here asked for."""
        return self._by_type.get(type(event), [])

    def hurries(self, event: Event) -> bool:
        """Whether somebody waits for what the handlers of an event do."""
        return any(handler not in _UNHURRIED for handler in self.of(event))

    @property
    def patient(self) -> bool:
        """Whether nobody waits for anything any of them does: the broker may gather all of it (patience)."""
        return all(handler in _UNHURRIED for known in self._by_type.values() for handler in known)

    @property
    def producers(self) -> list[str]:
        """The services whose topics must be read, in alphabetical order."""
        return sorted({known.producer() for known in self._by_type})
