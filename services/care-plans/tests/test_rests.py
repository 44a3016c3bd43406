"""A week's rest: whose it is, when it is over by itself, who reads it, and that no place moves for it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from care_plans.rests import Rest, last_day
from contracts.care_plans import PracticeRested
from policy.days import day_of

from .conftest import LONG_AGO
from .steps import active, add, kinds, states

Clinic = Any
"""The fixture's class in conftest.py, which no test can import."""

FRIDAY = datetime(2026, 3, 27, 20, tzinfo=UTC)
SUNDAY = date(2026, 3, 29)
"""The day on which clocks go forward: it ends an hour earlier."""
HOME = {"household_id": "hh_a"}
TWO_HOMES: dict[str, Any] = {
    "households": [
        {"id": "hh_a", "members": ["ps_parent"], "live_task_cap": 2},
        {"id": "hh_b", "members": ["ps_aunt"], "live_task_cap": 2},
    ]
}


def a_rest(household: str | None = "hh_a") -> Rest:
    return Rest("tn_a", "cl_a", household)


def told(rest: Rest) -> list[tuple[str, bool]]:
    return [(str(e.until), e.ended) for e in rest.events if isinstance(e, PracticeRested)]


@pytest.mark.parametrize("day", range(23, 30))
def test_it_lasts_until_the_sunday_of_its_week(day: int) -> None:
    assert last_day(date(2026, 3, day)) == SUNDAY


def test_it_is_over_at_the_end_of_sunday_in_london_without_anybody_doing_anything() -> None:
    rest = a_rest()
    rest.begin(by="ps_parent", now=FRIDAY)
    assert rest.until == SUNDAY and rest.holds(FRIDAY)
    assert rest.holds(datetime(2026, 3, 29, 22, 59, tzinfo=UTC))
    assert not rest.holds(datetime(2026, 3, 29, 23, 0, tzinfo=UTC))


def test_said_twice_it_is_told_once_and_next_week_anew() -> None:
    rest = a_rest()
    for hour in (8, 20):
        rest.begin(by="ps_parent", now=FRIDAY.replace(hour=hour))
    assert told(rest) == [("2026-03-29", False)]
    rest.begin(by="ps_parent", now=datetime(2026, 3, 30, 9, tzinfo=UTC))
    assert told(rest)[1:] == [("2026-04-05", False)]


def test_going_on_is_told_while_it_rests_and_never_after() -> None:
    rest = a_rest()
    rest.end(by="ps_parent", now=FRIDAY)
    rest.begin(by="ps_parent", now=FRIDAY)
    rest.end(by="ps_parent", now=FRIDAY)
    rest.end(by="ps_parent", now=FRIDAY)
    assert told(rest) == [("2026-03-29", False), ("2026-03-29", True)]
    rest.begin(by="ps_parent", now=FRIDAY)
    rest.end(by="ps_parent", now=datetime(2026, 4, 1, 9, tzinfo=UTC))
    assert told(rest)[2:] == [("2026-03-29", False)]


def test_it_is_read_in_its_home_alone_and_ones_own_by_oneself_alone() -> None:
    for rest, party in ((a_rest(), "household:hh_a"), (a_rest(None), "client")):
        rest.begin(by="ps_a", now=FRIDAY)
        assert [e.parties for e in rest.events if isinstance(e, PracticeRested)] == [(party,)]
    assert len({a_rest().id, a_rest("hh_b").id, a_rest(None).id}) == 3


async def test_a_home_rests_and_goes_on_and_no_place_moves(clinic: Clinic) -> None:
    await active(clinic)
    for n in range(3):
        await add(clinic, f"t{n}")
    before = await states(clinic)
    parent, count = clinic.as_("ps_parent"), len(await clinic.stream())
    rested = await parent.post("/rests", HOME)
    until = last_day(day_of(datetime.now(UTC))).isoformat()
    assert rested.status_code == 200 and rested.json() == {**HOME, "until": until}
    assert (await parent.post("/rests", HOME)).json() == rested.json()
    await clinic.look_for_places()
    assert await states(clinic) == before == {"t0": "live", "t1": "live", "t2": "queued"}
    assert (await parent.get("/rests")).json()["items"] == [{**HOME, "until": until}]
    assert (await parent.post("/rests/end", HOME)).json() == {**HOME, "until": None}
    assert (await parent.get("/rests")).json() == {"items": [], "next": None}
    assert kinds((await clinic.stream())[count:]) == ["practice_rested"] * 2


async def test_the_same_request_twice_has_one_effect_and_another_under_its_key_is_refused(
    clinic: Clinic,
) -> None:
    parent = clinic.as_("ps_parent")
    first, again = [await parent.post("/rests", HOME, key="once") for _ in range(2)]
    assert first.json() == again.json() and kinds(await clinic.stream()) == ["practice_rested"]
    assert (await parent.post("/rests/end", HOME, key="once")).status_code == 409


async def test_who_reads_it(clinic: Clinic) -> None:
    await clinic.as_("ps_parent").post("/rests", HOME)
    await clinic.as_("ps_teen").post("/rests", {})
    read = {
        person: [row["household_id"] for row in (await clinic.as_(person).get("/rests")).json()["items"]]
        for person in ("ps_therapist", "ps_supervisor", "ps_parent", "ps_teen", "ps_aunt", "ps_teacher")
    }
    assert set(read.pop("ps_therapist")) == set(read.pop("ps_supervisor")) == {"hh_a", None}
    assert read == {"ps_parent": ["hh_a"], "ps_teen": [None], "ps_aunt": [], "ps_teacher": []}
    assert (await clinic.as_("ps_stranger").get("/rests")).status_code == 404


@pytest.mark.parametrize(
    ("person", "home", "status"),
    [
        ("ps_parent", "hh_b", 422),
        ("ps_parent", "hh_nowhere", 422),
        ("ps_parent", None, 422),
        ("ps_teen", "hh_a", 422),
        ("ps_therapist", "hh_a", 403),
        ("ps_supervisor", "hh_a", 403),
        ("ps_aunt", "hh_b", 404),
        ("ps_teacher", "hh_a", 404),
        ("ps_stranger", "hh_a", 404),
    ],
)
async def test_nobody_lets_anothers_practice_rest(
    clinic: Clinic, person: str, home: str | None, status: int
) -> None:
    await clinic.knows(**TWO_HOMES)
    body = {"household_id": home} if home else {}
    for path in ("/rests", "/rests/end"):
        answer = await clinic.as_(person).post(path, body)
        assert answer.status_code == status, answer.text
    assert await clinic.stream() == []


async def test_another_home_and_one_that_is_not_there_are_refused_in_the_same_bytes(clinic: Clinic) -> None:
    await clinic.knows(**TWO_HOMES)
    parent = clinic.as_("ps_parent")
    others, none = [await parent.post("/rests", {"household_id": h}) for h in ("hh_b", "hh_nowhere")]
    assert others.content == none.content and others.json()["field"] == "household_id"


async def test_there_is_no_field_for_a_reason(clinic: Clinic) -> None:
    refused = await clinic.as_("ps_parent").post("/rests", {**HOME, "reason": "tired"})
    assert refused.status_code == 422


def tied(person: str, **changes: Any) -> dict[str, Any]:
    """A tie to the first home, of this authority and with these ticks."""
    usual = {"id": "r9", "person_id": person, "kind": "aunt", "household_id": "hh_a", "begins": LONG_AGO}
    return usual | {"authority": "limited", "ticked": ["task", "task_log"]} | changes


async def test_whoever_may_only_log_in_a_home_lets_nothing_of_it_rest(clinic: Clinic) -> None:
    """What the young person ticked is logging; the home is not theirs to decide for."""
    await clinic.knows(**TWO_HOMES, relationships=[tied("ps_aunt")])
    aunt = clinic.as_("ps_aunt")
    for path in ("/rests", "/rests/end"):
        for body in (HOME, {"household_id": "hh_nowhere"}, {}):
            answer = await aunt.post(path, body)
            assert answer.status_code == 403 and "full authority" in answer.json()["detail"]
    assert await clinic.stream() == []
    await clinic.knows(**TWO_HOMES, relationships=[tied("ps_aunt", authority="full")], rev=2)
    assert (await aunt.post("/rests", HOME)).status_code == 200


async def test_an_adult_lets_their_own_practice_rest_and_not_the_home_they_live_in(clinic: Clinic) -> None:
    day = day_of(datetime.now(UTC))
    home = {"id": "hh_a", "members": ["ps_parent", "ps_teen"], "live_task_cap": 2}
    grown = {"privacy_from": day - timedelta(days=2000), "consents_from": day - timedelta(days=1000),
             "majority_from": day - timedelta(days=500)}  # fmt: skip
    await clinic.knows(households=[home], **grown)
    adult, parent = clinic.as_("ps_teen"), clinic.as_("ps_parent")
    for path in ("/rests", "/rests/end"):
        refused = await adult.post(path, HOME)
        assert refused.status_code == 422 and refused.json()["field"] == "household_id"
    assert (await adult.post("/rests", {})).status_code == 200
    assert (await parent.get("/rests")).json()["items"] == []
    assert [event["parties"] for event in await clinic.stream()] == [["client"]]
