"""How far each stream is written: its last journal row says so, and this process remembers what it wrote itself."""

from collections.abc import Iterable, Mapping, Sequence

from chassis.commands import Adds
from chassis.direct import Direct
from chassis.rows import JOURNAL

_REMEMBERED = 50_000


class Heads:
    """The last numbers this process has committed, by stream. One may be old, none is ever ahead.

    A number that is too low finds its row taken: whoever used it forgets it and reads the journal.
    """

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, streams: Iterable[str]) -> dict[str, int]:
        """What is remembered of these. Trust it only in a transaction begun while their locks were held."""
        return {key: self._known[key] for key in streams if key in self._known}

    def remember(self, reached: Mapping[str, int]) -> None:
        """These numbers are committed."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known |= reached

    def forget(self, streams: Iterable[str]) -> None:
        """Read these from the journal next time."""
        for key in streams:
            self._known.pop(key, None)


def before(direct: Direct, commands: Sequence[Adds], known: Mapping[str, int]) -> dict[str, int]:
    """The place of each stream of these commands before them; what is not known the journal tells."""
    tenants = {key: each.tenant_id for each in commands for key in each.streams}
    return {
        key: known[key] if key in known else direct.last(JOURNAL, "seq", tenant_id, {"stream": key})
        for key, tenant_id in tenants.items()
    }
