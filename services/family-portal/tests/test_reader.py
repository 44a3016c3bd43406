"""What each reader gets from the stored views: exactly what their grants show, item by item, page by page."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from weakref import ref

import pytest

from chassis.cursors import cursor_of
from chassis.errors import NotFound
from contracts.access import ConsentState
from contracts.care_plans import GoalRated, GoalState, GoalTeam
from contracts.classes import DataClass
from family_portal.views.parts import goal_of
from policy.filters import shows

from .conftest import House, facts
from .sample_events import goal, held, private_goal, private_task, rated, summary, task, trial

PLAIN, SCHOOL, OWN = DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN
PRIVATE, TASK = DataClass.PLAN_PRIVATE, DataClass.TASK
READERS = ("ps_therapist", "ps_mother", "ps_father", "ps_teacher", "ps_teen")
"""Everybody to whom the client exists."""


async def _furnished(house: House) -> None:
    tenant = house.tenant
    await house.hears(
        goal(tenant),
        goal(tenant, "g_two", "plays a game"),
        private_goal(tenant),
        task(tenant, "household:hh_a", task_id="tk_a"),
        task(tenant, "household:hh_b", task_id="tk_b"),
        task(tenant, "school", task_id="tk_school", goal_id="g_two"),
        private_task(tenant),
        *(trial(tenant, f"tr_{day}", day) for day in range(7)),
        held(tenant),
        summary(tenant, "guardians", "client"),
    )


async def test_each_reads_a_goal_in_their_own_wording(house: House) -> None:
    await _furnished(house)
    for person, data_class in (("ps_mother", PLAIN), ("ps_teacher", SCHOOL), ("ps_teen", OWN)):
        found = await house.sees(person, data_class)
        assert found["g_one"].body["statement"].startswith(data_class.value)
        assert found["g_one"].meta["version"] == 1


async def test_a_consent_for_one_goal_shows_one_goal(house: House) -> None:
    await _furnished(house)
    assert set(await house.sees("ps_teacher", SCHOOL)) == {"g_one"}


@pytest.mark.parametrize("reader", ["ps_mother", "ps_therapist", "ps_teen"])
async def test_who_reads_something_changes_with_the_facts(house: House, reader: str) -> None:
    async def observers() -> list[str]:
        reach = await house.portal.reader.reach(house.caller(reader), "cl_a")
        return list(reach.everyone.readers(DataClass.OBSERVATION, ("school", "client", "guardians"), "g_one"))

    assert "ps_teacher" in await observers()
    assert "ps_teacher" in await observers(), "asked again, from memory"
    ended = [c.model_copy(update={"state": ConsentState.WITHDRAWN}) for c in facts(house.tenant).consents]
    await house.knows(rev=2, consents=ended)
    assert "ps_teacher" not in await observers()


async def test_who_reads_something_changes_at_the_moment_a_consent_ends(house: House) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=2)
    await house.knows(
        rev=2, consents=[c.model_copy(update={"expires": soon}) for c in facts(house.tenant).consents]
    )

    async def observers() -> list[str]:
        reach = await house.portal.reader.reach(house.caller("ps_mother"), "cl_a")
        return list(reach.everyone.readers(DataClass.OBSERVATION, ("school", "client", "guardians"), "g_one"))

    assert "ps_teacher" in await observers()
    await asyncio.sleep((soon - datetime.now(UTC)).total_seconds() + 0.05)
    assert "ps_teacher" not in await observers()


async def test_private_goals_and_tasks_are_the_clients_and_the_teams(house: House) -> None:
    await _furnished(house)
    assert set(await house.sees("ps_teen", PRIVATE)) == {"g_mine", "tk_mine"}
    assert set(await house.sees("ps_therapist", PRIVATE)) == {"g_mine", "tk_mine"}
    assert await house.sees("ps_mother", PRIVATE) == {}


async def test_a_home_sees_its_own_tasks(house: House) -> None:
    await _furnished(house)
    assert set(await house.sees("ps_mother", TASK)) == {"tk_a"}
    assert set(await house.sees("ps_father", TASK)) == {"tk_b"}
    assert set(await house.sees("ps_therapist", TASK)) == {"tk_a", "tk_b", "tk_school"}


async def test_who_has_no_part_in_it_finds_no_client(house: House) -> None:
    await _furnished(house)
    with pytest.raises(NotFound):
        await house.portal.reader.reach(house.caller("ps_stranger"), "cl_a")
    with pytest.raises(NotFound):
        await house.portal.reader.reach(house.caller("ps_mother"), "cl_nobody")


async def test_the_twin_with_the_same_ids_sees_nothing_of_it(house: House) -> None:
    await _furnished(house)
    reach = await house.portal.reader.reach(house.caller("ps_mother", house.twin), "cl_a")
    assert await house.portal.reader.parts(reach, tuple(DataClass)) == []
    assert (await house.portal.reader.items(reach, tuple(DataClass))).entries == []


async def test_a_list_holds_exactly_what_each_item_would_show(house: House) -> None:
    await _furnished(house)
    stored: list[dict[str, Any]] = await house.rows("items").find({})
    for person, data_class in product(READERS, DataClass):
        reach = await house.portal.reader.reach(house.caller(person), "cl_a")
        page = await house.portal.reader.items(reach, (data_class,), limit=200)
        expected = {
            row["record_id"]
            for row in stored
            if row["class"] == data_class
            and shows(reach.grants, data_class, tuple(row["parties"]), goal_of(row))
        }
        assert {entry.record_id for entry in page.entries} == expected


async def test_pages_follow_each_other_without_gap_or_repetition(house: House) -> None:
    await _furnished(house)
    await house.hears(*(trial(house.tenant, f"same_{n}", 3) for n in range(5)))
    reach = await house.portal.reader.reach(house.caller("ps_therapist"), "cl_a")
    read: list[str] = []
    after = None
    while True:
        page = await house.portal.reader.items(reach, (DataClass.MEASURE,), limit=2, after=after)
        read += [entry.record_id for entry in page.entries]
        after = page.next
        if after is None:
            break
    whole = await house.lists("ps_therapist", DataClass.MEASURE, limit=200)
    assert read == whole
    assert len(read) == len(set(read)) == 12
    assert whole[0] == "tr_6"


async def test_what_has_left_is_on_no_page(house: House) -> None:
    await _furnished(house)
    await house.hears(
        task(house.tenant, "household:hh_a", task_id="tk_a", ended=True, words={}),
        trial(house.tenant, "tr_3").model_copy(update={"ended": True, "words": {}}),
    )
    assert await house.sees("ps_mother", TASK) == {}
    assert "tr_3" not in await house.lists("ps_therapist", DataClass.MEASURE)
    await house.hears(task(house.tenant, "household:hh_a", task_id="tk_a"))
    assert set(await house.sees("ps_mother", TASK)) == {"tk_a"}


async def test_each_read_is_written_down_with_its_classes(house: House) -> None:
    await _furnished(house)
    await house.sees("ps_mother", PLAIN, TASK)
    [entry] = await house.rows("audit").find({"by": "ps_mother"})
    assert entry["classes"] == ["plan_plain", "task"]


async def test_everybody_who_reads_at_the_same_moment_gets_their_own(house: House) -> None:
    await _furnished(house)
    alone = {person: await house.sees(person, *DataClass) for person in READERS}
    together = await asyncio.gather(*(house.sees(person, *DataClass) for person in READERS for _ in range(4)))
    assert together == [alone[person] for person in READERS for _ in range(4)]
    twin = await house.portal.reader.reach(house.caller("ps_mother", house.twin), "cl_a")
    mine, theirs = await asyncio.gather(
        house.sees("ps_mother", PLAIN), house.portal.reader.parts(twin, (PLAIN,))
    )
    assert (set(mine), theirs) == ({"g_one", "g_two"}, [])


async def test_what_is_read_ahead_is_shown_only_as_far_as_this_decision_goes(house: House) -> None:
    await _furnished(house)

    async def sees(person: str) -> set[str]:
        reach = await house.portal.reader.reach(house.caller(person), "cl_a")
        return {entry.record_id for entry in await house.portal.reader.parts(reach, (SCHOOL, PLAIN))}

    assert await sees("ps_teacher") == await sees("ps_teacher") == {"g_one"}
    await house.hears(goal(house.tenant, "g_one", state=GoalState.ON_HOLD), goal(house.tenant, "g_three"))
    assert await sees("ps_mother") == await sees("ps_mother") == {"g_one", "g_two", "g_three"}
    ended = [c.model_copy(update={"state": ConsentState.WITHDRAWN}) for c in facts(house.tenant).consents]
    await house.knows(rev=2, consents=ended)
    with pytest.raises(NotFound):
        await sees("ps_teacher")
    await house.knows(rev=3)
    assert await sees("ps_teacher") == {"g_one"}


async def test_words_that_were_opened_before_are_opened_anew_when_they_change(house: House) -> None:
    await _furnished(house)
    before = (await house.sees("ps_mother", PLAIN))["g_one"]
    assert (await house.sees("ps_mother", PLAIN))["g_one"] is before, "opened once"
    await house.hears(goal(house.tenant, says="asks for a quiet room", version=2))
    after = (await house.sees("ps_mother", PLAIN))["g_one"]
    assert "quiet room" in after.body["statement"]
    assert after.meta["version"] == 2


async def test_of_an_erased_client_nothing_opens_and_nothing_breaks(house: House) -> None:
    await _furnished(house)
    opened = [ref(entry) for entry in (await house.sees("ps_mother", PLAIN)).values()]
    assert all(entry() for entry in opened), "held with the key"
    house.keys.erased.add("cl_a")
    house.chassis.keys.evict("cl_a")
    try:
        assert not any(entry() for entry in opened), "forgotten with the key, before anybody asks again"
        assert await house.sees("ps_mother", PLAIN) == {}
    finally:
        house.keys.erased.clear()


async def test_the_view_of_a_program_says_the_same(house: House) -> None:
    await _furnished(house)
    found = (await house.get("ps_teacher", "/view")).json()
    assert "first_at" not in str(found), "whom a goal was put to before is not told"
    assert [entry["id"] for entry in found["goals"]] == ["g_one"]
    assert [entry["id"] for entry in found["tasks"]] == ["tk_school"]
    assert "same" not in found["goals"][0]
    assert (await house.get("ps_mother", "/view", tenant=house.twin)).json()["goals"] == []


async def test_how_far_a_private_goal_came_is_told_to_no_program_of_what_an_earlier_release_told_either(
    house: House,
) -> None:
    body = GoalTeam(
        statement="mine", levels=["never"] * 5, achievement="not_attainable", ending={"state": "agreed"}
    )
    ended = {"state": GoalState.CANCELLED, "words": {DataClass.PLAN_PRIVATE: body}}
    await house.hears(private_goal(house.tenant, **ended))
    [mine] = (await house.get("ps_teen", "/view")).json()["goals"]
    assert (mine["statement"], mine["ending"]) == ("mine", {"state": "agreed"})
    assert "attainable" not in str(mine)


async def test_an_operator_in_a_cursor_is_only_text(house: House) -> None:
    await _furnished(house)
    answer = await house.get("ps_therapist", "/items", **{"class": "measure", "after": '{"$gt": ""}~x'})
    assert (answer.status_code, answer.json()["field"]) == (422, "after")
    hidden = cursor_of([{"$gt": ""}])
    answer = await house.get("ps_therapist", "/items", **{"class": "measure", "after": hidden})
    assert (answer.status_code, answer.json()["field"]) == (422, "after")


@pytest.mark.parametrize(("kind", "most"), [({"$ne": GoalRated.TYPE}, 5), (GoalRated.TYPE, 2)])
async def test_what_a_chart_reads_of_one_goal_costs_what_it_finds(house: House, kind: Any, most: int) -> None:
    await house.hears(*(trial(house.tenant, f"other_{n}", n, goal_id="g_two") for n in range(60)))
    await house.hears(*(trial(house.tenant, f"own_{n}", n) for n in range(5)))
    await house.hears(*(rated(house.tenant, f"level_{n}", n, day=n) for n in range(2)))
    own = {"tenant_id": house.tenant, "client_id": "cl_a", "goal_id": "g_one", "type": kind}
    rows = house.rows("items")._raw.delegate
    plan = rows.find(own).sort([("happened_at", -1), ("_id", -1)]).limit(500).explain()["executionStats"]
    assert plan["nReturned"] == most and plan["totalDocsExamined"] <= 7
