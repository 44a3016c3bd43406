"""Events of other services, as they arrive: ids in the clear, every word in a box."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.about_me import AboutMeChanged, LineState
from contracts.care_plans import (
    EpisodeChanged,
    EpisodeState,
    GoalsEnded,
    LogAnswered,
    PlanActivated,
    PlanAnswered,
    PlanProposed,
    ProposalChanged,
    ProposalState,
    StrategyNoted,
    TaskChanged,
    TaskState,
)
from contracts.classes import DataClass
from contracts.sessions import SessionEnded, SessionScheduled, SummaryShared

NOW = datetime.now(UTC)


def proposed(tenant: str, *asked: str, goals: tuple[str, ...] = ("g_one",)) -> PlanProposed:
    """Goals put to these parties by the therapist."""
    return PlanProposed(tenant_id=tenant, client_id="cl_a", by="ps_therapist", goal_ids=goals, asked=asked)


def activated(tenant: str, *told: str, goals: tuple[str, ...] = ("g_one",)) -> PlanActivated:
    """Goals that became active."""
    return PlanActivated(tenant_id=tenant, client_id="cl_a", by="ps_therapist", goal_ids=goals, told=told)


def begun(tenant: str) -> EpisodeChanged:
    """The team has accepted a referral, and begins."""
    return EpisodeChanged(
        tenant_id=tenant,
        client_id="cl_a",
        record_id="episode",
        parties=("guardians", "client"),
        by="ps_therapist",
        state=EpisodeState.ASSESSING,
        begins=True,
        sections={DataClass.PLAN_TEAM: "box", DataClass.PLAN_PLAIN: "box"},
    )


def goals_ended(tenant: str, *told: str) -> GoalsEnded:
    """A goal that ended."""
    return GoalsEnded(tenant_id=tenant, client_id="cl_a", by="ps_therapist", goal_ids=("g_one",), told=told)


def task(tenant: str, *parties: str, **changes: Any) -> TaskChanged:
    """A live task of these homes."""
    usual = {"goal_id": "g_one", "state": TaskState.LIVE, "setting": "home", "times": 3, "per": "week"}
    return TaskChanged(
        tenant_id=tenant,
        client_id="cl_a",
        record_id="tk_one",
        parties=parties,
        by="ps_therapist",
        sections={DataClass.TASK: "box"},
        **(usual | changes),
    )


def answered(tenant: str, by: str) -> PlanAnswered:
    """What the parent said to a goal, or the therapist's reply to it."""
    return PlanAnswered(
        tenant_id=tenant,
        client_id="cl_a",
        record_id="an_one",
        goal_id="g_one",
        version=1,
        happened_at=NOW,
        parties=("person:ps_parent",),
        by=by,
        sections={DataClass.PLAN_PLAIN: "box"},
    )


def noted(tenant: str, by: str, **changes: Any) -> StrategyNoted:
    """What the teacher said of a strategy, or what came of it."""
    usual = {"record_id": "sn_one", "goal_id": "g_one", "happened_at": NOW, "parties": ("person:ps_teacher",)}
    whole = usual | {"waits": by == "ps_teacher"} | changes
    return StrategyNoted(
        tenant_id=tenant, client_id="cl_a", by=by, sections={DataClass.PLAN_SCHOOL: "box"}, **whole
    )


def log_answered(tenant: str, **changes: Any) -> LogAnswered:
    """What the therapist answered to a log of one home."""
    usual = {"record_id": "la_one", "goal_id": "g_one", "task_id": "tk_one", "log_id": "lg_one"}
    whole = usual | {"happened_at": NOW, "parties": ("household:hh_b",)} | changes
    return LogAnswered(
        tenant_id=tenant, client_id="cl_a", by="ps_therapist", sections={DataClass.TASK_LOG: "box"}, **whole
    )


def summary(tenant: str) -> SummaryShared:
    """A session's summary for the family."""
    return SummaryShared(
        tenant_id=tenant,
        client_id="cl_a",
        record_id="se_one",
        session_id="se_one",
        happened_at=NOW,
        parties=("guardians",),
        by="ps_therapist",
        sections={DataClass.SESSION_SUMMARY: "box"},
    )


def scheduled(tenant: str, ahead: timedelta, **changes: Any) -> SessionScheduled:
    """A session that was put into the calendar, so long before its time."""
    usual = {"happened_at": datetime.now(UTC) + ahead, "parties": ("client", "guardians")}
    whole = usual | {"kind": "individual", "state": "scheduled", "by": "ps_therapist"} | changes
    return SessionScheduled(tenant_id=tenant, client_id="cl_a", record_id="se_one", **whole)


def ended(tenant: str, ahead: timedelta, state: str = "cancelled") -> SessionEnded:
    """What became of the same session, said so long before its time."""
    return SessionEnded(
        tenant_id=tenant,
        client_id="cl_a",
        record_id="se_one",
        happened_at=datetime.now(UTC) + ahead,
        parties=("client", "guardians"),
        kind="individual",
        state=state,
        by="ps_therapist",
        sections={DataClass.ATTENDANCE: "box"},
    )


def wished(tenant: str, by: str) -> ProposalChanged:
    """What the parent would wish for, or the therapist's answer to it."""
    return ProposalChanged(
        tenant_id=tenant,
        client_id="cl_a",
        record_id="pr_one",
        happened_at=NOW,
        parties=("person:ps_parent",),
        by=by,
        state=ProposalState.OPEN if by == "ps_parent" else ProposalState.REFUSED,
        sections={DataClass.PLAN_PLAIN: "box"},
    )


def about_line(tenant: str, *parties: str, **changes: Any) -> AboutMeChanged:
    """A line of the page "about me" that waits, with which the page begins to wait for a yes."""
    usual = {"record_id": "ab_one", "state": LineState.WAITS, "version": 1, "begun_at": NOW, "asks": True}
    return AboutMeChanged(
        tenant_id=tenant,
        client_id="cl_a",
        by="ps_therapist",
        parties=parties,
        sections={DataClass.ABOUT_ME: "box"},
        **(usual | changes),
    )
