"""One chart per goal: session results, home practice and school observations, with the table beside it."""

import asyncio
from datetime import UTC, date, datetime

from contracts.care_plans import GoalRated, LogAnswered
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.adults_part import adults_part
from family_portal.web.chart_points import GoalPoints, Happening, Level, Result, Version
from family_portal.web.charts import goal_chart
from family_portal.web.goals import active, now_sentence, resting_text, sort_entries
from family_portal.web.heads import base_of
from family_portal.web.models import GoalPanel
from family_portal.web.staff_words import how
from policy.days import day_of, today

POINTS = (DataClass.MEASURE, DataClass.TASK_LOG, DataClass.OBSERVATION, DataClass.PLAN_PRIVATE)
MOST_POINTS = 500
"""The newest results that one goal's chart shows; older ones stand in the paged list."""
OTHERS = (GoalRated.TYPE, LogAnswered.TYPE)
"""What stands in these classes and is no result: levels are read apart, and an answer to a log is none."""
MINUTES = "minutes_in_window"
"""The kind of measure that counts minutes."""
MOST_LEVELS = 200
"""The levels agreed of one goal, however much else was noted since."""
RESULT = {
    "did": "did it",
    "part": "part of it",
    "couldnt": "tried, could not",
    "not_this_week": "not this week",
}
HAPPENED = {"did": True, "part": True, "couldnt": False, "not_this_week": None}
"""Whether an answer says that it happened; "not this week" says that nothing was tried."""


async def goal_panels(portal: Portal, reach: Reach) -> tuple[GoalPanel, ...]:
    """A panel for every goal that is worked on, with the private ones the reader may see."""
    found = await portal.reader.parts(reach, (DataClass.PLAN_TEAM, DataClass.PLAN_PRIVATE))
    goals = [goal for goal in sort_entries(found).goals if active(goal)]
    if not goals:
        return ()
    return tuple(await asyncio.gather(*(_panel(portal, goal, reach) for goal in goals)))


async def _panel(portal: Portal, goal: Entry, reach: Reach) -> GoalPanel:
    base, its = base_of("staff", reach), {"goal_id": goal.record_id}
    noted, agreed = await asyncio.gather(
        portal.reader.items(reach, POINTS, limit=MOST_POINTS, match={**its, "type": {"$nin": OTHERS}}),
        portal.reader.items(reach, POINTS, limit=MOST_LEVELS, match={**its, "type": GoalRated.TYPE}),
    )
    entries = noted.entries
    version_on = day_of(datetime.fromisoformat(goal.meta["version_at"]))
    points = GoalPoints(
        goal_id=goal.record_id,
        title=goal.body["statement"],
        level_texts=goal.body["levels"],
        levels=_levels(goal, agreed.entries[::-1], version_on),
        happenings=[happening for e in entries if (happening := _happening(e)) is not None],
        results=[_result(e, goal) for e in entries if "value" in e.body],
        versions=[Version(version_on, goal.meta["version"])],
        most=_most(goal),
        newest=len(entries) if noted.next else None,
    )
    return GoalPanel(
        id=goal.record_id,
        title=goal.body["statement"],
        now=now_sentence(goal),
        chart=goal_chart(points, today()),
        version=goal.meta["version"],
        edit=f"{base}/plan/edit?goal={goal.record_id}"
        if reach.grants.may(DataClass.PLAN_TEAM, "write")
        else "",
        adults_part=adults_part(entries, datetime.now(UTC)),
        resting=resting_text(goal),
        private=goal.data_class is DataClass.PLAN_PRIVATE,
    )


def _levels(goal: Entry, ratings: list[Entry], version_on: date) -> list[Level]:
    """The levels agreed since; before the first of them the goal stands where it began, if that day is known."""
    agreed = [Level(day_of(e.happened_at), e.body["level"], e.body.get("source") or "") for e in ratings]
    began = goal.body.get("baseline_level")
    if began is None or any(level.on <= version_on for level in agreed):
        return agreed
    return [Level(version_on, began), *agreed]


def _most(goal: Entry) -> float | None:
    most = (goal.body.get("measure") or {}).get("max")
    return float(most) if most else None


def _happening(entry: Entry) -> Happening | None:
    if "result" in entry.body:
        result = entry.body["result"]
        return Happening(entry.happened_at, "home", HAPPENED[result], RESULT[result])
    if "saw" in entry.body:
        saw = str(entry.body["saw"])
        return Happening(entry.happened_at, "school", saw != "did_not", how(entry))
    return None


def _result(entry: Entry, goal: Entry) -> Result:
    """A result as it was noted; a share of a goal's own minutes is in minutes, whoever left that out."""
    body = entry.body
    in_minutes = (goal.body.get("measure") or {}).get("kind") == MINUTES and body.get("out_of") is not None
    return Result(
        at=entry.happened_at,
        value=body["value"],
        out_of=body.get("out_of"),
        unit=body.get("unit") or ("minutes" if in_minutes else ""),
        label=body.get("label") or "",
        phase=body.get("phase") or "",
    )
