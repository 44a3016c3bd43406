"""Who is owed a message, how it travels, what it says: rules without any part of the platform."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.access import ConsentFact, Role
from contracts.classes import DataClass
from contracts.ids import new_id
from notifications.deliveries import (
    LOCK_SCREEN,
    Template,
    as_caller,
    channel_for,
    concerns,
    gathered,
    in_order,
    message_id,
    one_line,
    people_of,
    retry_at,
    text_of,
)
from policy.grants import grants

from .conftest import facts

NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("wanted", "has_email", "has_phone", "channel"),
    [
        (["email"], True, True, "email"),
        (["sms", "email"], True, True, "sms"),
        (["sms", "email"], True, False, "email"),
        (["push"], False, True, "sms"),
        (["page"], True, True, "page"),
        (["page", "email"], True, True, "page"),
        (["sms"], True, False, "page"),
        ([], True, True, "email"),
        ([], False, True, "sms"),
        ([], False, False, "page"),
    ],
)
def test_the_first_wanted_channel_that_reaches_the_person(
    wanted: list[str], has_email: bool, has_phone: bool, channel: str
) -> None:
    assert channel_for(in_order(wanted, []), has_email=has_email, has_phone=has_phone) == channel


def test_the_text_is_a_fixed_sentence_and_where_to_read_on() -> None:
    assert text_of(Template.UPDATE, "https://kith.example") == "You have an update.\nhttps://kith.example\n"
    assert set(LOCK_SCREEN) == set(Template)


def test_a_message_has_one_name_for_ever_and_nothing_can_be_read_from_it() -> None:
    key = "tn_lantern:ev_one:ps_efua"
    assert message_id(key) == message_id(key)
    assert not any(part in message_id(key) for part in ("lantern", "ev_one", "efua"))


def test_a_name_for_a_header_has_no_control_character_however_it_was_typed() -> None:
    assert one_line("Moor\r\nBcc: all@x\u2028\tLane\x00\ud800") == "Moor Bcc: all@x Lane"
    assert one_line("\n") == ""


def test_a_row_of_before_there_could_be_several_classes_is_decided_by_its_one() -> None:
    document = facts("tn_a")
    row = {"data_class": "plan_school", "parties": ["school"], "goal_ids": ["g_one"]}
    assert concerns(grants(as_caller(document, "ps_teacher"), document, NOW), row)


def test_waits_double_up_to_ten_minutes() -> None:
    waits = [(retry_at(attempt, NOW) - NOW).total_seconds() for attempt in range(1, 12)]
    assert waits[:4] == [2, 4, 8, 16]
    assert max(waits) == 600


def test_the_persons_behind_each_party() -> None:
    assert _behind("guardians") == {"ps_parent", "ps_other", "ps_uncle"}
    assert _behind("household:hh_b") == {"ps_other"}
    assert _behind("client") == {"ps_child"}
    assert _behind("school", DataClass.PLAN_SCHOOL) == {"ps_teacher"}
    assert _behind("person:ps_parent") == {"ps_parent"}
    assert _behind("team") == {"ps_therapist"}


@pytest.mark.parametrize(
    "change",
    [
        {"classes": ("observation",)},
        {"state": "withdrawn"},
        {"expires": NOW - timedelta(days=1)},
        {"begins": NOW + timedelta(days=1)},
    ],
)
def test_who_is_named_in_a_consent_stands_behind_school_only_while_it_opens_the_class(
    change: dict[str, Any],
) -> None:
    consent = ConsentFact.model_validate({**facts("tn_a").consents[0].model_dump(), **change})
    assert _behind("school", DataClass.PLAN_SCHOOL, consents=(consent,)) == set()


def _behind(party: str, data_class: DataClass = DataClass.PLAN_PLAIN, **changes: Any) -> set[str]:
    return people_of(facts("tn_a", **changes), party, data_class, NOW)


def _concerned(person_id: str, data_class: DataClass, parties: list[str], goals: list[str]) -> bool:
    document = facts(new_id())
    row = {"classes": [data_class.value], "parties": parties, "goal_ids": goals}
    return concerns(grants(as_caller(document, person_id), document, NOW), row)


def test_only_who_would_find_something_is_told() -> None:
    plain, school, task = DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.TASK
    assert _concerned("ps_parent", plain, ["guardians"], ["g_two"])
    assert _concerned("ps_teacher", school, ["guardians", "school"], ["g_two", "g_one"])
    assert not _concerned("ps_teacher", school, ["guardians", "school"], ["g_two"])
    assert not _concerned("ps_uncle", plain, ["guardians"], ["g_one"])
    assert _concerned("ps_parent", task, ["household:hh_a"], ["g_one"])
    assert not _concerned("ps_parent", task, ["household:hh_b"], ["g_one"])
    assert not _concerned("ps_child", task, ["household:hh_a"], ["g_one"])
    assert _concerned("ps_therapist", plain, ["team"], ["g_one"])


def test_a_consent_that_needs_acceptance_is_told_of_once_it_was_accepted() -> None:
    consent = facts("tn_a").consents[0].model_copy(update={"needs_acceptance": True})
    row = {"classes": ["plan_school"], "parties": ["school"], "goal_ids": ["g_one"]}
    for accepted, told in (((), False), (("ps_teacher",), True)):
        document = facts("tn_a", consents=(consent.model_copy(update={"accepted_by": accepted}),))
        caller = as_caller(document, "ps_teacher")
        assert caller.wears(Role.SCHOOL_STAFF)
        assert concerns(grants(caller, document, NOW), row) is told


def _row(key: str, person: str, message: str | None = None) -> dict[str, Any]:
    return {"_id": key, "tenant_id": "tn_a", "person_id": person, "message": message}


def test_rows_of_one_person_leave_as_one_message() -> None:
    groups = gathered([_row("1", "ps_a"), _row("2", "ps_b"), _row("3", "ps_a")])
    assert [[row["_id"] for row in group] for group in groups] == [["1", "3"], ["2"]]


def test_rows_of_a_message_that_may_have_arrived_stay_together_and_get_no_company() -> None:
    groups = gathered([_row("1", "ps_a", "1"), _row("2", "ps_a", "1"), _row("3", "ps_a")])
    assert [[row["_id"] for row in group] for group in groups] == [["1", "2"], ["3"]]
