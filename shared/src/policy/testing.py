"""The words of the access matrix made into facts: a caller and an access document for each row.

The vocabulary is explained in `tests/security/README.md`. Nothing here asks a policy anything.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts.access import AccessDocument, Authority, ConsentState, Role
from contracts.classes import DataClass
from policy.caller import Area, Caller, Hat

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
TENANT, TWIN, CLIENT = "tn_one", "tn_two", "cl_one"
ME, SOMEBODY, COLLEAGUE, HOME = "ps_me", "ps_somebody", "ps_colleague", "hh_one"
_DAY = timedelta(days=1)
_PAST, _FUTURE = NOW - 100 * _DAY, NOW + 100 * _DAY
_THRESHOLDS: dict[str, tuple[date | None, date | None, date | None]] = {
    "child": (date(2030, 1, 1), date(2034, 1, 1), date(2036, 1, 1)),
    "adolescent": (date(2025, 1, 1), date(2028, 1, 1), date(2030, 1, 1)),
    "adolescent_16": (date(2022, 1, 1), date(2026, 1, 1), date(2028, 1, 1)),
    "adult": (date(2019, 1, 1), date(2023, 1, 1), date(2025, 1, 1)),
    "came_of_age": (date(2019, 1, 1), date(2023, 1, 1), date(2026, 8, 1)),
    "unknown": (None, None, None),
}
_SHARED_WITH_SCHOOL = ("plan_school", "observation")
_ABOUT_PAGE = (*_SHARED_WITH_SCHOOL, "about_me")
_TICKABLE = ("plan_plain", "task", "task_log", "attendance", "session_summary")
_TICKED = {
    "ticked_all": list(DataClass),
    "ticked_plan": [DataClass.PLAN_PLAIN],
    "ticked_attendance": [DataClass.ATTENDANCE],
}


@dataclass(frozen=True, slots=True)
class Situation:
    """The first five columns of a matrix row: everything that decides."""

    role: str
    relation: str
    age_band: str
    consent_state: str
    signed_in: str


def caller_of(situation: Situation) -> Caller:
    """The person whom the row asks about, as their token describes them."""
    area, _, scope = situation.signed_in.partition("+")
    areas: dict[str, Area] = {"staff": "staff", "family": "family", "api": "api", "service": "service"}
    role = Role(situation.role)
    in_family = role in (Role.GUARDIAN, Role.CLIENT)
    hats: list[Hat] = [] if in_family or "membership_ended" in situation.relation else [Hat(role)]
    if "also_network" in situation.relation:
        hats.append(Hat(Role.NETWORK_MEMBER))
    return Caller(
        tenant_id=TWIN if "other_organisation" in situation.relation else TENANT,
        person_id=ME,
        hats=tuple(hats),
        area=areas[area],
        sid="sid_one",
        scopes=frozenset({"care", scope} - {""}),
    )


def document_of(situation: Situation) -> AccessDocument:
    """The client's access facts that the row describes."""
    privacy, alone, majority = _THRESHOLDS[situation.age_band]
    own = situation.role == "client" and situation.relation != "no_tie"
    return AccessDocument.model_validate(
        {
            "tenant_id": TENANT,
            "client_id": CLIENT,
            "rev": 1,
            "client_person_id": ME if own else SOMEBODY,
            "privacy_from": privacy,
            "consents_from": alone,
            "majority_from": majority,
            "households": [{"id": HOME, "members": [ME], "live_task_cap": 3}],
            "relationships": _relationships(situation),
            "assignments": _assignments(situation),
            "supervisions": _supervisions(situation),
            "consents": _consents(situation),
            "closed": "erased" in situation.relation,
        }
    )


def _span(relation: str) -> dict[str, Any]:
    if relation.startswith("ended"):
        return {"begins": _PAST, "ends": NOW - _DAY}
    if relation.startswith("not_begun"):
        return {"begins": NOW + _DAY, "ends": None}
    if relation.startswith("since_majority"):
        return {"begins": NOW - 5 * _DAY, "ends": None}
    return {"begins": _PAST, "ends": _FUTURE}


def _relationships(situation: Situation) -> list[dict[str, Any]]:
    words = situation.relation.split()
    authority = next((w for w in words if w in set(Authority)), None)
    if situation.role != "guardian" or authority is None or "no_tie" in words:
        return []
    return [
        {
            "id": "rl_one",
            "person_id": ME,
            "kind": "parent",
            "authority": authority,
            "household_id": HOME,
            "ticked": next((_TICKED[w] for w in words if w in _TICKED), []),
            "private_by_agreement": "private_by_agreement" in words,
            **_span(situation.relation),
        }
    ]


def _assignments(situation: Situation) -> list[dict[str, Any]]:
    tie = {"purpose": "lead", "lead": True}
    others = {"id": "as_other", "person_id": COLLEAGUE, **tie, "begins": _PAST}
    if situation.role != "therapist" or "assigned" not in situation.relation.split():
        return [others]
    return [others, {"id": "as_one", "person_id": ME, **tie, **_span(situation.relation)}]


def _supervisions(situation: Situation) -> list[dict[str, Any]]:
    if situation.role != "supervisor" or "no_tie" in situation.relation:
        return []
    supervisee = SOMEBODY if "of_unassigned" in situation.relation else COLLEAGUE
    return [{"person_id": ME, "supervisee_id": supervisee, **_span(situation.relation)}]


def _consents(situation: Situation) -> list[dict[str, Any]]:
    """`state scope…`: the state of the one consent, then which classes and under which conditions."""
    state, *scope = situation.consent_state.split()
    if state == "none":
        return []
    span = {"begins": _PAST, "expires": _FUTURE}
    if state == "lapsed":
        span = {"begins": _PAST, "expires": NOW - _DAY}
    if state == "not_begun":
        span = {"begins": NOW + _DAY, "expires": _FUTURE}
    named = SOMEBODY if "names_another" in scope else ME
    return [
        {
            "id": "cn_one",
            "state": state if state in set(ConsentState) else "granted",
            "recipients": [named],
            "classes": _consented(scope),
            "only_goals": ["g_one"] if "one_goal" in scope else None,
            "needs_acceptance": bool({"accepted", "unanswered"} & set(scope)),
            "accepted_by": [named] if "accepted" in scope else [],
            **span,
        }
    ]


def _consented(scope: list[str]) -> list[str]:
    if "every_class" in scope:
        return [data_class.value for data_class in DataClass]
    if "plain_plan" in scope:
        return ["plan_plain"]
    if "about_page" in scope:
        return list(_ABOUT_PAGE)
    return list(_TICKABLE if "family_classes" in scope else _SHARED_WITH_SCHOOL)
