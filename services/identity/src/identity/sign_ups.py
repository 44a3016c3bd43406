"""Sign-ups: how many organisations one address may found within an hour."""

from collections import OrderedDict, deque

from chassis.errors import TooMany

WINDOW_S = 3600.0
_ADDRESSES = 10_000


class SignUpLimit:
    """Remembers when each address founded an organisation; lives in one process."""

    def __init__(self, per_hour: int) -> None:
        self._per_hour = per_hour
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, address: str, now: float) -> None:
        """Count one try at `now` (seconds of any steady clock). Raises TooMany."""
        times = self._seen.setdefault(address, deque())
        self._seen.move_to_end(address)
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        if len(times) >= self._per_hour:
            raise TooMany(
                "Too many organisations were founded from here.",
                retry_after=int(times[0] + WINDOW_S - now) + 1,
            )
        times.append(now)
        while len(self._seen) > _ADDRESSES:
            self._seen.popitem(last=False)
