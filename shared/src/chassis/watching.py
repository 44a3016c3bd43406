"""The second pair of eyes on tenancy: reads every command sent to MongoDB and records what lacks a tenant."""

import logging
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from chassis import telemetry

CROSSING = "crossing tenants: "
"""Commands whose comment begins with this crossed tenants on purpose, through `Mongo.crossing_tenants`."""

_alarm = logging.getLogger("chassis.alarm")


@dataclass(frozen=True)
class Violation:
    """One command that reached the database without a tenant."""

    number: int
    command: str
    collection: str


_lock = threading.Lock()
_violations: deque[Violation] = deque(maxlen=1_000)
_count = 0


def violation_mark() -> int:
    """How many violations this process has recorded so far; hand it to `violations_since`."""
    with _lock:
        return _count


def violations_since(mark: int) -> list[Violation]:
    """The violations recorded after a mark was taken."""
    with _lock:
        return [found for found in _violations if found.number > mark]


def take_violations() -> list[Violation]:
    """Every violation not taken before, and forget them; a test fails when this is not empty."""
    with _lock:
        found = list(_violations)
        _violations.clear()
        return found


def _record(command: str, collection: str) -> None:
    global _count
    with _lock:
        _count += 1
        _violations.append(Violation(_count, command, collection))
    telemetry.VIOLATIONS.add(1, {"command": command, "collection": collection})
    _alarm.critical("database command without a tenant: %s on %s", command, collection)


def _scoped(filter: object) -> bool:
    if not isinstance(filter, Mapping):
        return False
    tenant_id = filter.get("tenant_id")
    return isinstance(tenant_id, str) and bool(tenant_id)


def _first_match(pipeline: object) -> object:
    if isinstance(pipeline, list) and pipeline and isinstance(pipeline[0], Mapping):
        return pipeline[0].get("$match")
    return None


def _filters(name: str, command: Mapping[str, Any]) -> Iterable[object]:
    match name:
        case "find":
            return [command.get("filter")]
        case "aggregate":
            return [_first_match(command.get("pipeline"))]
        case "count" | "distinct" | "findAndModify":
            return [command.get("query")]
        case "update":
            return [statement.get("q") for statement in command.get("updates", ())]
        case "delete":
            return [statement.get("q") for statement in command.get("deletes", ())]
        case "insert":
            return list(command.get("documents", ()))
        case _:
            return ()


class TenancyWatch(CommandListener):
    """Judges each command by itself, without trust in the collection handles that sent it."""

    def __init__(self, database: str) -> None:
        self._database = database

    def started(self, event: CommandStartedEvent) -> None:
        """Record the command when any of its filters or documents names no tenant; never raises."""
        command = event.command
        if event.database_name != self._database or self._declared(command):
            return
        if event.command_name in ("mapReduce", "bulkWrite", "mapreduce") or not all(
            map(_scoped, _filters(event.command_name, command))
        ):
            _record(event.command_name, str(command.get(event.command_name)))

    @staticmethod
    def _declared(command: Mapping[str, Any]) -> bool:
        comment = command.get("comment")
        return isinstance(comment, str) and comment.startswith(CROSSING)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to judge once a command has run."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to judge once a command has failed."""
