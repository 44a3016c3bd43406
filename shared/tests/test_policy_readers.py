"""Who is said to read something: exactly those whom the human-written matrix lets, and what each may know of it."""

import csv
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contracts.access import AccessDocument, Role
from contracts.classes import DataClass
from policy.caller import Caller, Hat
from policy.cedar import FEATURED
from policy.days import day_of
from policy.filters import shows
from policy.grants import Grants, grants
from policy.readers import everybody, known_to, readers
from policy.testing import HOME, ME, NOW, Situation, document_of

MATRIX = Path(__file__).parents[2] / "tests" / "security" / "matrix.csv"
PARTIES = ("client", "guardians", "school", "network", f"household:{HOME}", f"person:{ME}")
USUAL = {
    "therapist": "staff+notes", "supervisor": "staff+notes", "guardian": "family", "client": "family",
    "school_staff": "family", "network_member": "family",
}  # fmt: skip
"""Where each of them signs in who is anything to a client; nobody is anything elsewhere."""
OUTSIDE_THE_FACTS = ("membership_ended", "other_organisation")
"""What a sign-in says and the access facts do not; and identity lets no consent name staff."""


@cache
def allowed() -> dict[Situation, dict[DataClass, bool]]:
    found: dict[Situation, dict[DataClass, bool]] = {}
    with MATRIX.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            told = any(word in row["relation"] for word in OUTSIDE_THE_FACTS)
            staff_named = row["role"] == "therapist" and row["consent_state"] != "none"
            if row["feature"] == "later" or told or staff_named or USUAL.get(row["role"]) != row["signed_in"]:
                continue
            key = Situation(*(row[name] for name in Situation.__dataclass_fields__))
            found.setdefault(key, {})[DataClass(row["class"])] = "read" in row["expected_actions"].split()
    return found


@pytest.mark.parametrize("situation", allowed(), ids=str)
def test_who_reads_is_what_the_matrix_says(situation: Situation) -> None:
    everyone = everybody(document_of(situation), NOW)
    said = {c: ME in readers(everyone, c, PARTIES, "g_one") for c in FEATURED}
    expected = allowed()[situation]
    missing = [c for c in FEATURED if expected[c] and not said[c]]
    assert not missing, "somebody reads who is not named"
    named_at_home = situation.role == "guardian" and situation.consent_state != "none"
    if situation.role != "network_member" and (not named_at_home or "court_restricted" in situation.relation):
        # The facts do not say whose consent is a network member's: they count as school too. Nor do they say
        # which of the family wear another hat, but that a court's wall stands whatever they wear.
        assert [c for c in FEATURED if said[c] and not expected[c]] == []


LONG_AGO = datetime.now(UTC) - timedelta(days=100)


def facts(**changes: Any) -> AccessDocument:
    """A young person with a parent, a teacher, a therapist, and a friend for what is private."""
    today = day_of(datetime.now(UTC))
    usual = {"state": "granted", "begins": LONG_AGO}
    whole: dict[str, Any] = {
        "tenant_id": "tn_a",
        "client_id": "cl_a",
        "rev": 1,
        "client_person_id": "ps_teen",
        "privacy_from": today - timedelta(days=300),
        "consents_from": today + timedelta(days=700),
        "majority_from": today + timedelta(days=1400),
        "relationships": [
            {"id": "r1", "person_id": "ps_mother", "kind": "parent", "authority": "full", "begins": LONG_AGO}
        ],
        "assignments": [{"id": "a1", "person_id": "ps_therapist", "purpose": "lead", "begins": LONG_AGO}],
        "consents": [
            {"id": "c1", "recipients": ["ps_teacher"], "classes": ["plan_school"], **usual},
            _private("c2"),
        ],
    }
    return AccessDocument.model_validate({**whole, **changes})


def _private(consent_id: str) -> dict[str, Any]:
    accepted = {"needs_acceptance": True, "accepted_by": ["ps_friend"], "begins": LONG_AGO}
    classes = ["plan_plain", "plan_private"]
    return {"id": consent_id, "state": "granted", "recipients": ["ps_friend"], "classes": classes, **accepted}


def grants_of(person: str, doc: AccessDocument) -> Grants:
    hats = {"ps_teacher": Role.SCHOOL_STAFF, "ps_therapist": Role.THERAPIST, "ps_friend": Role.NETWORK_MEMBER}
    worn = (Hat(hats[person]),) if person in hats else ()
    area = "staff" if person == "ps_therapist" else "family"
    return grants(Caller("tn_a", person, worn, area, "s", frozenset()), doc, datetime.now(UTC))


@pytest.mark.parametrize("person", ["ps_mother", "ps_teacher"])
def test_a_consent_for_the_private_part_is_unknown_to_home_and_school(person: str) -> None:
    with_it, without = facts(), facts(rev=2, consents=facts().consents[:1])
    assert known_to(grants_of(person, with_it), with_it) == known_to(grants_of(person, without), without)
    assert "ps_friend" not in everybody(known_to(grants_of(person, with_it), with_it), datetime.now(UTC))


@pytest.mark.parametrize("person", ["ps_mother", "ps_teacher"])
def test_whose_days_they_are_is_unknown_to_home_and_school(person: str) -> None:
    days = [{"household_id": "hh_other", "days": ["mon"]}]
    with_them, without = facts(rev=2, care_days=days, handover_at="16:00"), facts()
    assert known_to(grants_of(person, with_them), with_them) == known_to(grants_of(person, without), without)


@pytest.mark.parametrize("person", ["ps_teen", "ps_therapist"])
def test_client_and_team_know_all(person: str) -> None:
    doc = facts()
    assert known_to(grants_of(person, doc), doc) == doc
    everyone = everybody(doc, datetime.now(UTC))
    assert readers(everyone, DataClass.PLAN_PRIVATE, ("client", "network")) == [
        "ps_teen", "ps_therapist", "ps_friend",
    ]  # fmt: skip


def test_school_knows_of_school_and_team() -> None:
    doc = facts()
    assert list(everybody(known_to(grants_of("ps_teacher", doc), doc), datetime.now(UTC))) == [
        "ps_therapist", "ps_teacher",
    ]  # fmt: skip


@pytest.mark.parametrize("authority", ["court_restricted", "limited", "none"])
@pytest.mark.parametrize("ends", [None, LONG_AGO + timedelta(days=1)])
def test_school_knows_of_no_family_by_a_consent_that_names_them(
    authority: str, ends: datetime | None
) -> None:
    tie = {"id": "r2", "person_id": "ps_father", "kind": "parent", "authority": authority, "ends": ends}
    consent = {"state": "granted", "begins": LONG_AGO, "classes": ["plan_school"]}
    both = {"id": "c1", "recipients": ["ps_teacher", "ps_father"], "accepted_by": ["ps_father"], **consent}
    alone = {"id": "c4", "recipients": ["ps_father"], **consent}
    doc = facts(relationships=[{**tie, "begins": LONG_AGO}], consents=[both, alone])
    without = facts(consents=[{**both, "recipients": ["ps_teacher"], "accepted_by": []}])
    known = known_to(grants_of("ps_teacher", doc), doc)
    assert known == known_to(grants_of("ps_teacher", without), without)
    assert list(everybody(known, datetime.now(UTC))) == ["ps_therapist", "ps_teacher"]


def test_school_knows_the_colleagues_with_whom_the_plan_is_shared_and_no_others() -> None:
    usual = {"state": "granted", "begins": LONG_AGO}
    plan = {"id": "c1", "recipients": ["ps_teacher", "ps_head"], "classes": ["plan_school"], **usual}
    other = {"id": "c2", "recipients": ["ps_teacher", "ps_friend"], "classes": ["task"], **usual}
    doc = facts(consents=[plan, other])
    known = known_to(grants_of("ps_teacher", doc), doc)
    assert [consent.recipients for consent in known.consents] == [("ps_teacher", "ps_head"), ("ps_teacher",)]


def test_a_parent_of_somebody_who_decides_alone_knows_of_no_consent() -> None:
    doc = facts(consents_from=date(2020, 1, 1))
    assert known_to(grants_of("ps_mother", doc), doc).consents == ()


def test_what_a_young_person_ticked_for_one_parent_is_not_told_to_the_other() -> None:
    tie = {"kind": "parent", "authority": "limited", "begins": LONG_AGO}
    mother = {"id": "r1", "person_id": "ps_mother", "ticked": ["attendance"], **tie}
    father = {"id": "r2", "person_id": "ps_father", **tie}
    with_it = facts(relationships=[mother, {**father, "ticked": ["plan_plain"]}])
    without = facts(relationships=[mother, father])
    known = [known_to(grants_of("ps_mother", doc), doc) for doc in (with_it, without)]
    assert known[0] == known[1] and "ps_father" not in everybody(known[0], datetime.now(UTC))


@pytest.mark.parametrize("person", ["ps_mother", "ps_friend"])
def test_who_may_not_read_consents_knows_of_nobody_else_in_those_that_name_them(person: str) -> None:
    mother, father = (
        {"id": f"r_{who}", "person_id": who, "kind": "parent", "authority": "limited", "begins": LONG_AGO}
        for who in ("ps_mother", "ps_father")
    )
    everyone = ["ps_mother", "ps_father", "ps_friend"]
    usual = {
        "id": "c1",
        "state": "granted",
        "classes": ["task"],
        "needs_acceptance": True,
        "begins": LONG_AGO,
    }
    doc = facts(
        relationships=[mother, father], consents=[{"recipients": everyone, "accepted_by": everyone, **usual}]
    )
    (consent,) = known_to(grants_of(person, doc), doc).consents
    assert (consent.recipients, consent.accepted_by) == ((person,), (person,))


def test_a_consent_that_names_a_parent_makes_them_no_reader_of_what_is_private() -> None:
    named = {**_private("c3"), "recipients": ["ps_mother"], "accepted_by": []}
    everyone = everybody(facts(consents=[named]), datetime.now(UTC))
    assert "ps_mother" not in readers(everyone, DataClass.PLAN_PRIVATE, ("client", "guardians", "network"))


@pytest.mark.parametrize(
    ("role", "data_class", "parties"),
    [
        (Role.SCHOOL_STAFF, DataClass.PLAN_SCHOOL, ("guardians", "school")),
        (Role.NETWORK_MEMBER, DataClass.PLAN_PRIVATE, ("client", "network")),
    ],
)
@pytest.mark.parametrize("authority", ["full", "limited", "none", "court_restricted"])
def test_a_relative_who_wears_another_hat_too_is_not_left_out(
    role: Role, data_class: DataClass, parties: tuple[str, ...], authority: str
) -> None:
    tie = {"id": "r2", "person_id": "ps_aunt", "kind": "aunt", "authority": authority, "begins": LONG_AGO}
    named = {"recipients": ["ps_aunt"], "accepted_by": ["ps_aunt"], "classes": [data_class]}
    doc = facts(relationships=[tie], consents=[{"id": "c1", "state": "granted", "begins": LONG_AGO, **named}])
    own = grants(Caller("tn_a", "ps_aunt", (Hat(role),), "family", "s", frozenset()), doc, datetime.now(UTC))
    reads = shows(own, data_class, parties)
    assert reads is (authority != "court_restricted"), "a court's wall stands whatever they wear"
    assert ("ps_aunt" in readers(everybody(doc, datetime.now(UTC)), data_class, parties)) is reads
