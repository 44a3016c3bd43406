"""The list filter and the single decision agree for every item, whoever reads; and narrowing narrows."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.access import AccessDocument, Role
from contracts.classes import DataClass
from policy.caller import Caller, Hat
from policy.cedar import ACTIONS
from policy.filters import filter, shows
from policy.grants import Grants, grants
from policy.testing import CLIENT, HOME, ME, NOW, TENANT, Situation, caller_of, document_of

LABELS = ("team", "guardians", "school", "network", "client", f"household:{HOME}", "household:hh_two",
          f"person:{ME}", "person:ps_two")  # fmt: skip
items = st.fixed_dictionaries(
    {
        "class": st.sampled_from([c.value for c in DataClass]),
        "parties": st.lists(st.sampled_from(LABELS), unique=True, max_size=4),
        "goal_id": st.sampled_from([None, "g_one", "g_two"]),
    }
)
held = st.builds(
    Grants,
    tenant_id=st.just(TENANT),
    client_id=st.just(CLIENT),
    person_id=st.just(ME),
    classes=st.dictionaries(
        st.sampled_from(list(DataClass)), st.frozensets(st.sampled_from(ACTIONS), min_size=1)
    ),
    labels=st.frozensets(st.sampled_from(LABELS)),
    narrowed=st.dictionaries(
        st.sampled_from(list(DataClass)), st.frozensets(st.sampled_from(["g_one", "g_two"]))
    ),
    reasons=st.just({}),
    until=st.just(NOW),
    rev=st.just(1),
)


def finds(query: dict[str, Any], item: dict[str, Any]) -> bool:
    """What MongoDB answers for the operators the filter uses."""
    for name, wanted in query.items():
        if name == "$or":
            if not any(finds(way, item) for way in wanted):
                return False
            continue
        have = item[name] if isinstance(item[name], list) else [item[name]]
        accepted = wanted["$in"] if isinstance(wanted, dict) else [wanted]
        if not set(have) & set(accepted):
            return False
    return True


def visible(grants: Grants, item: dict[str, Any], action: Any = "read") -> bool:
    """`shows` for a stored item."""
    return shows(grants, DataClass(item["class"]), item["parties"], item.get("goal_id"), action)


@settings(max_examples=400, deadline=None)
@given(held, st.lists(items, max_size=12), st.sampled_from(ACTIONS))
def test_the_filter_finds_exactly_what_shows_allows(
    grants: Grants, stored: list[dict[str, Any]], action: Any
) -> None:
    query = filter(grants, action)
    assert [i for i in stored if finds(query, i)] == [i for i in stored if visible(grants, i, action)]


def situation(role: str, relation: str, consent: str = "none", signed_in: str = "family") -> Grants:
    row = Situation(role, relation, "adolescent", consent, signed_in)
    return grants(caller_of(row), document_of(row), NOW)


def test_a_consent_for_one_goal_shows_that_goal_alone() -> None:
    school = situation("school_staff", "named", "granted shared_with_school one_goal")
    assert school.narrowed[DataClass.PLAN_SCHOOL] == frozenset({"g_one"})
    goal = {"class": "plan_school", "parties": ["school"]}
    assert visible(school, goal | {"goal_id": "g_one"})
    assert not visible(school, goal | {"goal_id": "g_two"})
    assert not visible(school, goal | {"goal_id": None})


def test_a_goal_opened_to_a_guardian_of_limited_authority_opens_no_other() -> None:
    goal = {"class": "plan_plain", "parties": ["guardians"]}
    opened = situation("guardian", "limited", "granted plain_plan one_goal")
    assert visible(opened, goal | {"goal_id": "g_one"}) and not visible(opened, goal | {"goal_id": "g_two"})
    ticked = situation("guardian", "limited ticked_plan", "granted plain_plan one_goal")
    assert visible(ticked, goal | {"goal_id": "g_two"}), "a tick opens all of it"
    parent = situation("guardian", "full", "granted plain_plan one_goal")
    assert visible(parent, goal | {"goal_id": "g_two"}), "nothing a consent says takes from a full guardian"


def test_a_consent_that_waits_for_its_recipient_opens_nothing_to_a_guardian() -> None:
    for waits, reads in (("unanswered", False), ("accepted", True)):
        aunt = situation("guardian", "limited", f"granted plain_plan {waits}")
        assert visible(aunt, {"class": "plan_plain", "parties": ["guardians"], "goal_id": "g_one"}) is reads


def test_a_parent_sees_the_logs_of_their_own_home_alone() -> None:
    parent = situation("guardian", "full")
    assert visible(parent, {"class": "task_log", "parties": [f"household:{HOME}"]})
    assert not visible(parent, {"class": "task_log", "parties": ["household:hh_two", "person:ps_two"]})


def test_school_staff_see_their_own_observations_alone() -> None:
    school = situation("school_staff", "named", "granted shared_with_school")
    assert visible(school, {"class": "observation", "parties": [f"person:{ME}", "client"]})
    assert not visible(school, {"class": "observation", "parties": ["person:ps_two", "client"]})


def test_the_team_sees_every_progress_note_and_only_its_authors_psychotherapy_notes() -> None:
    therapist = situation("therapist", "assigned", signed_in="staff+notes")
    assert visible(therapist, {"class": "note_progress", "parties": []})
    assert visible(therapist, {"class": "note_psychotherapy", "parties": [f"person:{ME}"]})
    assert not visible(therapist, {"class": "note_psychotherapy", "parties": ["person:ps_two", "team"]})


def test_a_decision_holds_until_the_next_change_and_a_minute_at_most() -> None:
    row = Situation("guardian", "full", "child", "none", "family")
    doc = document_of(row)
    assert grants(caller_of(row), doc, NOW).until == NOW + timedelta(seconds=60)
    soon = doc.model_copy(update={"next_change_at": NOW + timedelta(seconds=7)})
    assert grants(caller_of(row), soon, NOW).until == NOW + timedelta(seconds=7)
    ending = doc.relationships[0].ends
    assert ending is not None
    last = ending - timedelta(seconds=3)
    assert grants(caller_of(row), doc, last).until == ending
    assert grants(caller_of(row), doc, ending).nothing


def test_an_administrator_reads_nothing_and_may_still_present_a_consent() -> None:
    admin = situation("org_admin", "no_tie", signed_in="staff")
    assert admin.reads_nothing and not admin.nothing
    assert admin.may(DataClass.CONSENT, "propose")
    assert filter(admin) == {"class": {"$in": []}}


def test_two_consents_narrow_class_by_class() -> None:
    times = {"begins": NOW - timedelta(days=1), "state": "granted", "recipients": [ME]}
    doc = AccessDocument.model_validate(
        {
            "tenant_id": TENANT,
            "client_id": CLIENT,
            "rev": 3,
            "consents": [
                {"id": "cn_a", "classes": ["plan_school", "observation"], "only_goals": ["g_one"], **times},
                {"id": "cn_b", "classes": ["observation"], **times},
            ],
        }
    )
    teacher = Caller(TENANT, ME, (Hat(Role.SCHOOL_STAFF),), "family", "sid", frozenset())
    found = grants(teacher, doc, NOW)
    assert visible(found, {"class": "observation", "parties": ["school"], "goal_id": "g_two"})
    assert not visible(found, {"class": "plan_school", "parties": ["school"], "goal_id": "g_two"})
    assert visible(found, {"class": "plan_school", "parties": ["school"], "goal_id": "g_one"})
    assert found.reasons[DataClass.PLAN_SCHOOL] == ("school-plan",)
