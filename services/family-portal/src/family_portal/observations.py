"""Observations: what somebody at school saw of a shared goal, in three taps."""

from dataclasses import dataclass
from datetime import datetime

SAW = (
    "pointed", "card", "nodded", "whispered", "talked", "talker", "wrote", "walked",
    "message", "joined_in", "another_way", "did_not",
)  # fmt: skip
MY_PART = ("got_to_it", "partly", "did_not")


@dataclass(frozen=True)
class Observation:
    """One observation of one goal: what was seen, and whether the adult got to their own part."""

    observation_id: str
    goal_id: str
    saw: str
    my_part: str
    happened_at: datetime
    words: str | None = None
