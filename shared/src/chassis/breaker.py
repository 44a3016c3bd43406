"""Stops a consumer that would park everything: then not the streams are wrong, but the consumer."""

import time
from collections import deque

WITHIN_S = 60.0
AT_LEAST = 20
SHARE = 0.5


class TooManyParked(Exception):
    """More than half of what was handled lately had to be parked; the consumer stands."""


class Breaker:
    """Counts parkings against applied events over the last minute."""

    def __init__(self, at_least: int = AT_LEAST, share: float = SHARE, within_s: float = WITHIN_S) -> None:
        self._at_least = at_least
        self._share = share
        self._within_s = within_s
        self._seen: deque[tuple[float, int, int]] = deque()

    def applied(self, events: int) -> None:
        """Remember events that were applied."""
        self._forget()
        self._seen.append((time.monotonic(), events, 0))

    def parked(self) -> None:
        """Remember a parking that is about to happen. Raises TooManyParked when it is one too many."""
        self._forget()
        parked = sum(seen[2] for seen in self._seen)
        handled = parked + sum(seen[1] for seen in self._seen)
        if parked >= self._at_least and parked >= self._share * handled:
            raise TooManyParked(f"{parked} streams in {self._within_s:.0f} s")
        self._seen.append((time.monotonic(), 0, 1))

    def _forget(self) -> None:
        while self._seen and self._seen[0][0] < time.monotonic() - self._within_s:
            self._seen.popleft()
