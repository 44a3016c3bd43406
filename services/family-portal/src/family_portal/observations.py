"""Observations: what somebody at school saw of a shared goal, in three taps."""

from dataclasses import dataclass
from datetime import datetime

from chassis.errors import Invalid

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


def check_observation(saw: str, my_part: str) -> None:
    """Raises Invalid for a tap that is none of ours, wherever it was made."""
    if saw not in SAW:
        raise Invalid("This is none of what can be seen.", field="saw", fix="Choose one of them.")
    if my_part not in MY_PART:
        raise Invalid("This is none of the three.", field="my_part", fix="Choose one of them.")
