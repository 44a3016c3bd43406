"""Who is named as reading the plan: those who read it now, and only to who may know what they were shown."""

from datetime import UTC, datetime, timedelta
from typing import Any

from family_portal.web.heads import family_now, sharers, team_now

from .conftest import LONG_AGO, House

BEFORE = datetime.now(UTC) - timedelta(days=1)
FAMILY, TEAM = ["ps_mother", "ps_father"], ["ps_therapist"]


def _consent(*classes: str, **changes: Any) -> dict[str, Any]:
    usual = {"id": "c1", "state": "granted", "recipients": ["ps_friend"], "begins": LONG_AGO}
    return {**usual, "classes": list(classes), **changes}


async def _named(house: House, person_id: str, *consents: dict[str, Any], **facts: Any) -> list[str]:
    await house.knows(consents=list(consents), **facts)
    return sharers(await house.portal.reader.reach(house.caller(person_id), "cl_a"))


async def test_whom_a_consent_opens_the_shared_plan_to_is_named(house: House) -> None:
    assert await _named(house, "ps_mother", _consent("plan_school")) == [*FAMILY, *TEAM, "ps_friend"]


async def test_whom_it_opens_something_else_to_is_not(house: House) -> None:
    assert await _named(house, "ps_mother", _consent("plan_private", "safety_plan_my_part")) == [
        *FAMILY,
        *TEAM,
    ]


async def test_what_has_lapsed_or_ended_names_nobody(house: House) -> None:
    lapsed, withdrawn = (
        _consent("plan_school", expires=BEFORE),
        _consent("plan_plain", id="c2", state="withdrawn"),
    )
    assert await _named(house, "ps_mother", lapsed, withdrawn) == [*FAMILY, *TEAM]


async def test_a_parent_is_not_told_whom_a_young_person_chose_themselves(house: House) -> None:
    own = {"consents_from": datetime.now(UTC).date() - timedelta(days=1)}
    shared = _consent("plan_school")
    assert "ps_friend" not in await _named(house, "ps_mother", shared, rev=2, **own)
    assert "ps_friend" in await _named(house, "ps_teen", shared, rev=2, **own)


async def test_school_is_told_of_school_and_team(house: House) -> None:
    both = _consent("plan_school", recipients=["ps_teacher", "ps_friend"])
    assert await _named(house, "ps_teacher", both) == [*TEAM, "ps_teacher", "ps_friend"]


async def test_who_has_left_is_not_among_family_or_team(house: House) -> None:
    tie = {"id": "r1", "person_id": "ps_mother", "kind": "parent", "authority": "full", "begins": LONG_AGO}
    work = {"id": "a1", "person_id": "ps_therapist", "purpose": "lead", "begins": LONG_AGO}
    await house.knows(
        rev=2,
        relationships=[{**tie, "ends": BEFORE}],
        assignments=[work, {**work, "id": "a2", "ends": BEFORE}],
    )
    reach = await house.portal.reader.reach(house.caller("ps_teen"), "cl_a")
    now = datetime.now(UTC)
    assert family_now(reach.document, now) == []
    assert team_now(reach.document, now) == ["ps_therapist"]
