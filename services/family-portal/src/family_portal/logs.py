"""Task logs: four equal answers, how it felt, what got in the way. No answer is worse than another."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.errors import Invalid

RESULTS = ("did", "part", "couldnt", "not_this_week")
BARRIERS = (
    "too_tired", "no_time", "other_home", "wrong_moment", "felt_forced",
    "did_not_want_to", "someone_was_ill", "not_sure_how", "something_else",
)  # fmt: skip
EARLIEST = timedelta(days=400)
"""How far back something that happened may be told; older notes belong into a letter."""


@dataclass(frozen=True)
class TaskLog:
    """What one person at home, or the client, said about one practice."""

    log_id: str
    task_id: str
    goal_id: str
    result: str
    happened_at: datetime
    felt: int | None = None
    got_in_the_way: str | None = None
    words: str | None = None


LONGEST_WORDS = 2000
FELT = range(5)


def check_log(result: str, felt: int | None, got_in_the_way: str | None, words: str | None) -> None:
    """Raises Invalid for an answer that is none of ours, wherever it was given."""
    if result not in RESULTS:
        raise Invalid("This is none of the four answers.", field="result", fix="Choose one of them.")
    if felt is not None and felt not in FELT:
        raise Invalid("This is none of the five.", field="felt", fix="Choose one, or leave it out.")
    check_reason(got_in_the_way)
    check_words(words)


def check_reason(got_in_the_way: str | None) -> None:
    """Raises Invalid for a reason that is none of ours, wherever it was given."""
    if got_in_the_way is not None and got_in_the_way not in BARRIERS:
        raise Invalid("This is none of the reasons.", field="got_in_the_way", fix="Choose one, or none.")


def check_words(words: str | None) -> None:
    """Raises Invalid for more text than a note may have."""
    if words is not None and len(words) > LONGEST_WORDS:
        raise Invalid(
            f"This is longer than {LONGEST_WORDS} characters.", field="words", fix="Say it more shortly."
        )


def checked_moment(happened_at: datetime | None, now: datetime) -> datetime:
    """The moment a log or observation is about: now if not said; not in the future, at most 400 days back."""
    if happened_at is None:
        return now
    moment = happened_at if happened_at.tzinfo else happened_at.replace(tzinfo=now.tzinfo)
    if moment > now + timedelta(minutes=5):
        raise Invalid(
            "This is in the future.", field="happened_at", fix="Give the time it happened, or leave it out."
        )
    if moment < now - EARLIEST:
        raise Invalid(
            "This is more than 400 days ago.", field="happened_at", fix="Give a day within the last 400 days."
        )
    return moment
