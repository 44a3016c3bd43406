"""What guardians read of school: one line a week and goal, once the week is over; never a single note, never a miss."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.models import Line
from policy.days import day_of, midnight

WEEKS = 4
"""So many weeks stand on the page."""
NOT_SEEN = "did_not"
"""What was not seen is nothing a family's page counts."""


async def school_weeks(portal: Portal, reach: Reach, goals: Sequence[Entry]) -> tuple[Line, ...]:
    """The lines of the last weeks about these goals, the newest week first; nothing where school saw nothing.

    What was seen before a goal was put anew is not counted: school may have had it before home did.
    """
    monday = monday_of(datetime.now(UTC))
    begins = midnight(monday - timedelta(weeks=WEEKS))
    shared = [goal.record_id for goal in goals]
    noted = await portal.reader.school_saw(reach, shared, begins, midnight(monday))
    put_anew = {
        goal.record_id: datetime.fromisoformat(goal.meta["version_at"])
        for goal in goals
        if goal.meta["version"] > 1
    }
    noted = [note for note in noted if note.happened_at >= put_anew.get(str(note.goal_id), begins)]
    return week_lines([(goal.record_id, goal.body["statement"]) for goal in goals], noted, monday)


def monday_of(moment: datetime) -> date:
    """The Monday of the week in London in which a moment lies."""
    day = day_of(moment)
    return day - timedelta(days=day.weekday())


def week_lines(goals: Iterable[tuple[str, str]], noted: Iterable[Entry], monday: date) -> tuple[Line, ...]:
    """One line for each goal, by id and sentence, and each week before this Monday in which school saw it."""
    seen = Counter(
        (monday_of(note.happened_at), note.goal_id) for note in noted if note.body["saw"] != NOT_SEEN
    )
    weeks = [monday - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
    named = list(goals)
    return tuple(
        Line(f"{_when(week, monday)} school saw it {_often(times)}.", sentence, "school")
        for week in weeks
        for goal_id, sentence in named
        if (times := seen[week, goal_id])
    )


def _when(week: date, monday: date) -> str:
    if monday - week == timedelta(weeks=1):
        return "Last week"
    return f"In the week of {week.day} {week:%B}"


def _often(times: int) -> str:
    return {1: "once", 2: "twice"}.get(times, f"{times} times")
