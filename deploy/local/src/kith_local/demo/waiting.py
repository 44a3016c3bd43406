"""Waiting for what one service tells another: facts arrive within a blink, but not before the next request."""

import time
from collections.abc import Callable
from typing import TypeVar

from kith_local.program import Refused

T = TypeVar("T")
LONGEST_S = 30.0
NOT_YET = (404,)
"""What a service answers about something it has not heard of yet."""


def eventually(ask: Callable[[], T]) -> T:
    """Ask again until it works, half a minute at most. Raises the last Refused."""
    until = time.monotonic() + LONGEST_S
    while True:
        try:
            return ask()
        except Refused as refused:
            if refused.status not in NOT_YET or time.monotonic() > until:
                raise
            time.sleep(0.1)
