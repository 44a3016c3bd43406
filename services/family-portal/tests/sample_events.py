"""What other services tell of one client, with its words."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts.about_me import AboutMeChanged, AboutMeLine, Heading, LineState
from contracts.care_plans import (
    GoalChanged,
    GoalRated,
    GoalState,
    GoalTeam,
    GoalWording,
    PracticeRested,
    RatingBody,
    StrategyNoteBody,
    StrategyNoted,
    TaskBody,
    TaskChanged,
    TaskState,
)
from contracts.classes import DataClass
from contracts.event import Section
from contracts.family_portal import ObservationBody, ObservationRecorded, TaskLogBody, TaskLogged
from contracts.sessions import (
    AttendanceBody,
    NoteSigned,
    SessionEnded,
    SessionScheduled,
    SummaryBody,
    SummaryShared,
    TrialBody,
    TrialRecorded,
)
from policy.days import today

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVERYONE = ("guardians", "school", "client")
LEVELS = ["none", "one", "two", "three", "four"]


def wordings(says: str, *classes: DataClass) -> dict[DataClass, Section]:
    """The team's wording and these others."""
    team = {DataClass.PLAN_TEAM: GoalTeam(statement=f"team {says}", levels=LEVELS)}
    return {**team, **{c: GoalWording(statement=f"{c.value} {says}") for c in classes}}


def goal(tenant: str, goal_id: str = "g_one", says: str = "asks for a break", **changes: Any) -> GoalChanged:
    """A goal that everybody may see, or as `changes` say."""
    shared = (DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN)
    usual = {
        "parties": EVERYONE,
        "state": GoalState.ACTIVE,
        "version": 1,
        "version_at": NOW,
        "words": wordings(says, *shared),
    }
    return GoalChanged(tenant_id=tenant, client_id="cl_a", record_id=goal_id, **(usual | changes))


def private_goal(tenant: str, goal_id: str = "g_mine", **changes: Any) -> GoalChanged:
    """A goal between the young person and the team."""
    words = {DataClass.PLAN_PRIVATE: GoalTeam(statement="mine", levels=LEVELS)}
    return goal(tenant, goal_id, **({"parties": ("client",), "words": words} | changes))


def task(tenant: str, *parties: str, task_id: str = "tk_one", **changes: Any) -> TaskChanged:
    """A live task of these parties."""
    usual = {
        "goal_id": "g_one",
        "state": TaskState.LIVE,
        "setting": "home",
        "times": 3,
        "per": "week",
        "words": {
            DataClass.TASK: TaskBody(title="The break card", why="So that a break is easy to ask for.")
        },
    }
    return TaskChanged(
        tenant_id=tenant, client_id="cl_a", record_id=task_id, parties=parties, **(usual | changes)
    )


SUNDAY = today() + timedelta(days=6 - today().weekday())


def rest(tenant: str, home: str | None = "hh_a", until: date = SUNDAY, **changes: Any) -> PracticeRested:
    """A home, or the client, lets all practice rest."""
    party = f"household:{home}" if home else "client"
    usual = {
        "record_id": f"rest_{home or 'own'}", "parties": (party,), "household_id": home, "until": until,
        "by": "ps_mother",
    }  # fmt: skip
    return PracticeRested(tenant_id=tenant, client_id="cl_a", **(usual | changes))


def private_task(tenant: str, task_id: str = "tk_mine") -> TaskChanged:
    """A task of a private goal."""
    words = {DataClass.PLAN_PRIVATE: TaskBody(title="Mine", why="Mine.")}
    return task(tenant, "client", task_id=task_id, goal_id="g_mine", words=words)


def trial(tenant: str, record_id: str, day: int = 0, goal_id: str = "g_one") -> TrialRecorded:
    """A result of a goal."""
    return TrialRecorded(
        tenant_id=tenant,
        client_id="cl_a",
        record_id=record_id,
        session_id="se_one",
        goal_id=goal_id,
        happened_at=NOW + timedelta(days=day),
        parties=("client",),
        words={DataClass.MEASURE: TrialBody(value=3, out_of=5)},
    )


def rated(tenant: str, record_id: str, level: int, day: int = 0, goal_id: str = "g_one") -> GoalRated:
    """The level of a goal, agreed for a day."""
    return GoalRated(
        tenant_id=tenant,
        client_id="cl_a",
        record_id=record_id,
        goal_id=goal_id,
        happened_at=NOW + timedelta(days=day),
        parties=("client",),
        words={DataClass.MEASURE: RatingBody(level=level, source="the team")},
    )


def scheduled(tenant: str) -> SessionScheduled:
    """A session that is to come."""
    return SessionScheduled(
        tenant_id=tenant, client_id="cl_a", record_id="se_one", happened_at=NOW, kind="individual",
        state="scheduled", parties=("guardians", "client"),
    )  # fmt: skip


def held(tenant: str) -> SessionEnded:
    """The same session, held."""
    return SessionEnded(
        tenant_id=tenant, client_id="cl_a", record_id="se_one", happened_at=NOW, kind="individual",
        state="held", parties=("guardians", "client"),
        words={DataClass.ATTENDANCE: AttendanceBody(status="came", minutes=40)},
    )  # fmt: skip


def summary(tenant: str, *parties: str, record_id: str = "se_one") -> SummaryShared:
    """A session's summary."""
    return SummaryShared(
        tenant_id=tenant, client_id="cl_a", record_id=record_id, session_id=record_id, happened_at=NOW,
        parties=parties, words={DataClass.SESSION_SUMMARY: SummaryBody(text="We built a den.")},
    )  # fmt: skip


def seen(tenant: str, *parties: str, record_id: str = "ob_one") -> ObservationRecorded:
    """What the teacher saw."""
    return ObservationRecorded(
        tenant_id=tenant, client_id="cl_a", record_id=record_id, goal_id="g_one", happened_at=NOW, by="ps_teacher",
        parties=parties, words={DataClass.OBSERVATION: ObservationBody(saw="card", my_part="got_to_it")},
    )  # fmt: skip


def of_strategy(
    tenant: str, strategy: str, record_id: str = "sn_one", by: str = "ps_teacher", **changes: Any
) -> StrategyNoted:
    """What the teacher said of a strategy of the goal, or what came of it."""
    said = {"works": False, "words": "The order is not known."} | changes.pop("said", {})
    waits = not said["works"] and not {"reply", "changed_to"} & set(said)
    usual = {"goal_id": "g_one", "happened_at": datetime.now(UTC), "parties": ("person:ps_teacher",)}
    words = {DataClass.PLAN_SCHOOL: StrategyNoteBody(strategy=strategy, **said)}
    whole = usual | {"waits": waits, "words": words} | changes
    return StrategyNoted(tenant_id=tenant, client_id="cl_a", record_id=record_id, by=by, **whole)


def logged(tenant: str, result: str, hour: int = 12, *parties: str) -> TaskLogged:
    """How a practice at home went on one day."""
    return TaskLogged(
        tenant_id=tenant, client_id="cl_a", record_id=f"lg_{hour}", task_id="tk_one", goal_id="g_one",
        happened_at=NOW.replace(hour=hour), parties=parties or ("household:hh_a",),
        words={DataClass.TASK_LOG: TaskLogBody(result=result)},
    )  # fmt: skip


def note_signed(tenant: str) -> NoteSigned:
    """A progress note was signed."""
    return NoteSigned(tenant_id=tenant, client_id="cl_a", session_id="se_one", note_id="no_one")


def about_line(tenant: str, line_id: str = "ab_a", **changes: Any) -> AboutMeChanged:
    """A line of the page "about me" that has its yes, or as `changes` say."""
    body = AboutMeLine(heading=changes.pop("heading", Heading.ONE_PAGE), words=changes.pop("says", "I draw."))
    usual = {"state": LineState.APPROVED, "version": 1, "begun_at": NOW, "parties": EVERYONE}
    usual["words"] = {DataClass.ABOUT_ME: body}
    return AboutMeChanged(tenant_id=tenant, client_id="cl_a", record_id=line_id, **(usual | changes))
