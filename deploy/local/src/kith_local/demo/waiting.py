"""Waiting for what one service tells another: facts arrive within a blink, but not before the next request."""

import time
from collections.abc import Callable
from typing import TypeVar

from kith_local.program import Refused

T = TypeVar("T")
LONGEST_S = 30.0
NOT_YET = (404,)
"""What a service answers about something it has not heard of yet."""
NOT_YET_NAMED = (*NOT_YET, 422)
"""The same where the body names that something, as results name their goal."""


def eventually(ask: Callable[[], T], not_yet: tuple[int, ...] = NOT_YET) -> T:
    """Ask again until it works, half a minute at most. Raises the last Refused."""
    until = time.monotonic() + LONGEST_S
    while True:
        try:
            return ask()
        except Refused as refused:
            if refused.status not in not_yet or time.monotonic() > until:
                raise
            time.sleep(0.1)
