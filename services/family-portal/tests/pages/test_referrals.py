"""Who waits, oldest first; how far the work with somebody is; and what home reads once the team has begun."""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from site_app import Person, acting, version_of

from contracts.care_plans import EpisodeChanged, EpisodeHome, EpisodeState, EpisodeTeam
from contracts.classes import DataClass
from contracts.event import Section
from family_portal.web import family, mine, staff, staff_client, staff_episode
from policy.days import today

from ..conftest import LONG_AGO
from ..sample_events import NOW, goal, private_goal

EPISODE: dict[str, Any] = {
    "client_id": "cl_a", "state": "waiting", "doc_version": 3, "since": "2026-03-02T12:00:00Z", "begun_at": None,
    "referred_on": "2026-03-01", "referred_by": "the SENCO", "told": "a call on Monday", "rhythm": None,
    "planned_weeks": 30, "ends_when": None,
}  # fmt: skip
NOW_THERE: dict[str, Any] = {}
BEGUN = "The team has begun."
SENT: list[tuple[str, str, dict[str, Any], str | None]] = []
THERE: list[bool] = []


def care_plans(request: httpx.Request) -> httpx.Response:
    """Care-plans, which keeps one referral and takes every change of it but one to a day to come."""
    if request.method == "GET":
        known = THERE and request.url.path.endswith("/episode")
        return httpx.Response(200, json=NOW_THERE) if known else httpx.Response(404, json={"status": 404})
    body = json.loads(request.content)
    if body.get("referred_on") == "2999-01-01":
        wrong = {
            "detail": "That day has not come yet.",
            "field": "referred_on",
            "fix": "Give an earlier day.",
        }
        return httpx.Response(422, json=wrong)
    if body.get("move") == "step_down":
        return httpx.Response(409, json={"detail": "It is waiting.", "field": "move", "fix": "Accept it."})
    if (seen := request.headers.get("if-match")) not in (None, f'"{NOW_THERE["doc_version"]}"'):
        return httpx.Response(409, json={"detail": f"It moved on from {seen}.", "field": "If-Match"})
    if request.method == "POST" and THERE and request.url.path.endswith("/episode"):
        return httpx.Response(409, json={"detail": "This person was referred already.", "field": "client_id"})
    where = request.url.path.partition("/cl_a/")[2]
    SENT.append((request.method, where, body, request.headers.get("if-match")))
    return httpx.Response(200, json={})


def told(house: Any, state: EpisodeState, *, begun: bool = False, **words: Any) -> EpisodeChanged:
    """What care-plans tells of the work with the client."""
    team = {"referred_on": date(2026, 3, 1), "referred_by": "the SENCO", "told": "a call on Monday", **words}
    sections: dict[DataClass, Section] = {DataClass.PLAN_TEAM: EpisodeTeam(**team)}
    if begun:
        sections[DataClass.PLAN_PLAIN] = EpisodeHome(begun_on=date(2026, 3, 2))
    return EpisodeChanged(
        tenant_id=house.tenant, client_id="cl_a", record_id="episode", by="ps_therapist", at=NOW,
        parties=("guardians", "client"), state=state, words=sections,
    )  # fmt: skip


@pytest.fixture
async def therapist(house: Any) -> AsyncIterator[Person]:
    SENT.clear()
    THERE[:] = [True]
    NOW_THERE.update(EPISODE)
    routers = (staff.router, staff_episode.router, staff_client.router)
    async with acting(house, "ps_therapist", *routers, handle=care_plans) as person:
        yield person


async def test_who_waits_stands_with_how_they_were_told_and_is_accepted(
    house: Any, therapist: Person
) -> None:
    assert "Nobody waits." in (await therapist.opens("/staff/referrals")).text
    await house.hears(told(house, EpisodeState.WAITING))
    page = await therapist.opens("/staff/referrals")
    text = unescape(page.text)
    assert "Referred on Sunday 1 March" in text and "by the SENCO." in text
    assert "How they were told: a call on Monday" in text and "What is needed once you have accepted" in text
    assert "Waiting to begin" in (await therapist.opens("/staff/caseload")).text
    done = await therapist.sends("/staff/clients/a/episode/moves", page, move="accept", version="3")
    assert (done.status_code, done.headers["location"]) == (303, "/staff/clients/a")
    assert SENT == [("POST", "episode/moves", {"move": "accept"}, '"3"')]
    await house.hears(told(house, EpisodeState.ASSESSING, begun=True))
    assert "Nobody waits." in (await therapist.opens("/staff/referrals")).text


async def test_the_caseload_can_be_narrowed_to_who_waits_or_to_one_school(
    house: Any, therapist: Person
) -> None:
    whole = await therapist.opens("/staff/caseload")
    assert "Who is shown" not in whole.text, "one school, and nobody waits"
    await house.hears(told(house, EpisodeState.WAITING))
    page = await therapist.opens("/staff/caseload?show=waiting")
    assert '<strong aria-current="true">Who waits to begin</strong>' in page.text
    assert 'href="/staff/clients/a"' in page.text
    await house.hears(told(house, EpisodeState.ASSESSING, begun=True))
    page = await therapist.opens("/staff/caseload?show=waiting")
    assert "Nobody here now." in page.text and 'href="/staff/clients/a"' not in page.text


async def test_schools_are_offered_by_name_where_there_are_several(house: Any) -> None:
    def elsewhere(request: httpx.Request) -> httpx.Response:
        rows = [{"id": "sc_one", "name": "Alder School"}, {"id": "sc_two", "name": "Quill School"}]
        return httpx.Response(200, json={"items": rows, "next": None})

    await house.knows(rev=2, school_id="sc_one")
    await house.knows(house.twin, rev=2, school_id="sc_two")
    async with acting(house, "ps_therapist", staff.router, handle=elsewhere, twin=True) as person:
        whole = (await person.opens("/staff/caseload")).text
        assert "Alder School" in whole and "Quill School" in whole
        one = (await person.opens(f"/staff/caseload?show={house.tenant}.sc_one")).text
    assert '<strong aria-current="true">Alder School</strong>' in one
    assert whole.count('scope="row"') == 2 and one.count('scope="row"') == 1


async def test_where_care_plans_is_away_who_waits_still_stands_there(house: Any, therapist: Person) -> None:
    await house.hears(told(house, EpisodeState.REFERRED, told=None))
    THERE.clear()
    page = (await therapist.opens("/staff/referrals")).text
    assert "Nobody has told them yet that they wait." in page and 'value="accept"' not in page


async def test_the_clients_page_says_how_far_it_is_the_rhythm_and_when_it_ends(
    house: Any, therapist: Person
) -> None:
    assert "No referral is recorded." in (await therapist.opens("/staff/clients/a")).text
    agreed = {"rhythm": "weekly, an hour", "planned_weeks": 30, "ends_when": "school goes on alone"}
    await house.hears(told(house, EpisodeState.ACTIVE, begun=True, **agreed))
    page = (await therapist.opens("/staff/clients/a/fragments/episode")).text
    assert "Rhythm: weekly, an hour" in page and "Planned for 30 weeks." in page
    assert "Ends when: school goes on alone" in page and "/staff/clients/a/episode" in page


async def test_what_is_agreed_is_written_anew_from_what_was_read(therapist: Person) -> None:
    page = await therapist.opens("/staff/clients/a/episode")
    assert 'value="the SENCO"' in page.text and 'name="version" value="3"' in page.text
    said = {"referred_on": "2026-03-01", "rhythm": "weekly", "planned_weeks": "12", "version": "3"}
    done = await therapist.sends("/staff/clients/a/episode", page, **said)
    assert done.status_code == 303
    [(method, where, body, seen)] = SENT
    assert (method, where, seen) == ("PUT", "episode", '"3"')
    assert (body["rhythm"], body["planned_weeks"], body["told"]) == ("weekly", 12, None)


async def test_a_referral_is_recorded_where_there_is_none(therapist: Person) -> None:
    THERE.clear()
    page = await therapist.opens("/staff/clients/a/episode")
    assert "Record the referral" in page.text and "Where it goes from here" not in page.text
    done = await therapist.sends("/staff/clients/a/episode", page, referred_on="2026-03-01")
    assert done.status_code == 303 and SENT[0][:2] == ("POST", "episode")


async def test_what_somebody_else_wrote_meanwhile_stands_beside_and_is_not_written_over_unseen(
    therapist: Person,
) -> None:
    page = await therapist.opens("/staff/clients/a/episode")
    NOW_THERE.update(doc_version=4, rhythm="every Tuesday", told="a letter")
    said = {
        "referred_on": "2026-03-01",
        "referred_by": "the SENCO",
        "told": "a call on Monday",
        "rhythm": "weekly",
    }
    moved = await therapist.sends("/staff/clients/a/episode", page, **said, version=version_of(page))
    text = unescape(moved.text)
    assert moved.status_code == 409 and 'value="weekly"' in text and SENT == []
    there = text.split('id="meanwhile"')[1].split("</section>")[0]
    assert "every Tuesday" in there and "a letter" in there and "the SENCO" not in there
    done = await therapist.sends("/staff/clients/a/episode", moved, **said, version=version_of(moved))
    assert done.status_code == 303 and SENT[0][3] == '"4"'


async def test_a_referral_that_two_record_at_once_is_changed_from_the_first(therapist: Person) -> None:
    THERE.clear()
    page = await therapist.opens("/staff/clients/a/episode")
    THERE.append(True)
    said = {"referred_on": "2026-03-02", "referred_by": "the GP"}
    moved = await therapist.sends("/staff/clients/a/episode", page, **said)
    assert moved.status_code == 409 and "the SENCO" in moved.text.split('id="meanwhile"')[1]
    done = await therapist.sends("/staff/clients/a/episode", moved, **said, version=version_of(moved))
    assert done.status_code == 303 and SENT[0][:2] == ("PUT", "episode")


@pytest.mark.parametrize("day", ["", "2999-01-01"])
async def test_a_wrong_day_is_told_by_name_and_what_was_typed_stays(therapist: Person, day: str) -> None:
    page = await therapist.opens("/staff/clients/a/episode")
    said = {"referred_on": day, "rhythm": "weekly", "version": "3"}
    answer = await therapist.sends("/staff/clients/a/episode", page, **said)
    assert answer.status_code == 422 and 'href="#referred_on"' in answer.text
    assert 'value="weekly"' in answer.text and SENT == []


async def test_a_move_that_cannot_be_made_any_more_is_said_on_top(therapist: Person) -> None:
    page = await therapist.opens("/staff/clients/a/episode")
    answer = await therapist.sends("/staff/clients/a/episode/moves", page, move="step_down", version="3")
    assert answer.status_code == 409 and "It is waiting. Accept it." in unescape(answer.text)


async def test_home_reads_that_the_team_has_begun_until_there_is_a_goal(house: Any) -> None:
    async with acting(house, "ps_mother", family.router, handle=care_plans) as mother:
        await house.hears(told(house, EpisodeState.WAITING))
        before = [(await mother.opens(path)).text for path in ("/home/fragments/today/a", "/home/a")]
        assert not any(BEGUN in page for page in before)
        await house.hears(told(house, EpisodeState.ASSESSING, begun=True))
        for path in ("/home/fragments/today/a", "/home/a"):
            page = (await mother.opens(path)).text
            assert (
                BEGUN in page and "No goal is shared with home yet. You will be asked before one is." in page
            )
            assert "SENCO" not in page and "being written" not in page, (
                "a goal of a young person's own may stand"
            )
        await house.hears(goal(house.tenant))
        assert BEGUN not in (await mother.opens("/home/fragments/today/a")).text


async def test_a_childs_home_reads_that_the_plan_is_being_written(house: Any) -> None:
    await house.knows(rev=2, privacy_from=today() + timedelta(days=900))
    await house.hears(told(house, EpisodeState.ASSESSING, begun=True))
    async with acting(house, "ps_mother", family.router, handle=care_plans) as mother:
        for path in ("/home/fragments/today/a", "/home/a"):
            page = (await mother.opens(path)).text
            assert BEGUN in page and "The plan is being written. You will be asked." in page, path


async def test_who_decides_nothing_reads_that_it_began_and_not_that_they_are_asked(house: Any) -> None:
    tie = {"id": "r1", "person_id": "ps_mother", "kind": "parent", "authority": "limited", "begins": LONG_AGO}
    await house.knows(rev=2, relationships=[{**tie, "ticked": ["plan_plain"]}])
    await house.hears(told(house, EpisodeState.ASSESSING, begun=True))
    async with acting(house, "ps_mother", family.router, handle=care_plans) as mother:
        for path in ("/home/fragments/today/a", "/home/a"):
            page = (await mother.opens(path)).text
            assert BEGUN in page and "decides which ones are." in page and "be asked" not in page, path


async def _held(house: Any, person: str) -> list[Any]:
    """What somebody holds of the episode."""
    reach = await house.portal.reader.reach(house.caller(person), "cl_a")
    parts = await house.portal.reader.parts(reach, tuple(DataClass))
    return [part.body for part in parts if part.type == EpisodeChanged.TYPE]


async def test_school_holds_no_word_of_it_and_who_it_is_about_no_more_than_home(house: Any) -> None:
    await house.hears(goal(house.tenant), told(house, EpisodeState.ASSESSING, begun=True))
    assert await _held(house, "ps_teacher") == []
    assert await _held(house, "ps_teen") == await _held(house, "ps_mother") == [{"begun_on": "2026-03-02"}]
    await house.knows(rev=2, privacy_from=today() + timedelta(days=900))
    assert await _held(house, "ps_teen") == [], "a child reads no plan in plain words"


async def test_who_it_is_about_reads_that_the_team_has_begun_until_there_is_a_goal(house: Any) -> None:
    async with acting(house, "ps_teen", mine.router, handle=care_plans) as teen:
        await house.hears(told(house, EpisodeState.WAITING))
        before = (await teen.opens("/mine")).text
        assert BEGUN not in before and "What would you like to be different?" in before
        await house.hears(told(house, EpisodeState.ASSESSING, begun=True))
        for path in ("/mine", "/mine/fragments/goals"):
            page = (await teen.opens(path)).text
            assert BEGUN in page and "You are asked before a goal begins." in page and "SENCO" not in page, (
                path
            )
        await house.hears(private_goal(house.tenant))
        assert BEGUN not in (await teen.opens("/mine")).text
