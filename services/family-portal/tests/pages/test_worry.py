"""Words of worry: who answers now comes first, nothing is lost, the writer chooses, whoever is on duty is called."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from sample_sessions import SampleSessions
from site_app import Person, acting

from chassis.testing import put_on_duty
from contracts.about_me import AboutMeAsked, AboutMeLine, Heading, LineState
from contracts.care_plans import (
    AnswerBody,
    GoalState,
    PlanAnswered,
    ProposalBody,
    ProposalChanged,
    ProposalState,
)
from contracts.classes import DataClass
from contracts.event import Item
from contracts.family_portal import ObservationBody, TaskLogBody
from contracts.identity import HelpLine, Names
from family_portal.web import about_pages, duty, family, mine, school, staff, staff_written, wish_pages

from ..conftest import LONG_AGO
from ..sample_events import about_line, goal, logged, of_strategy, seen, task

WORRY = "He said his gran hits him.\nI don’t know what to do."
SEEN = {"goal_id": "g_one", "saw": "card", "my_part": "partly"}
PLACES: dict[str, tuple[str, APIRouter, str, dict[str, str]]] = {
    "a parent's log": (
        "ps_mother",
        family.router,
        "/home/a/tasks/tk_one/log",
        {"result": "part", "felt": "2"},
    ),
    "a client's log": ("ps_teen", mine.router, "/mine/tasks/tk_one/log", {"result": "couldnt"}),
    "a teacher's note": ("ps_teacher", school.router, "/school/pupils/a/observe", SEEN),
    "a parent's answer": ("ps_mother", family.router, "/home/a/plan/g_one", {"answer": "ask"}),
    "a parent's wish": ("ps_mother", wish_pages.router, "/home/a/wishes", {}),
    "a teacher's wish": ("ps_teacher", wish_pages.router, "/school/pupils/a/wishes", {}),
    "a teacher's answer": ("ps_teacher", school.router, "/school/pupils/a/plan/g_one", {"answer": "no"}),
}
WHOLE_PLAN: dict[str, Any] = {
    "consents": [
        {"id": "c1", "state": "granted", "recipients": ["ps_teacher"], "classes": ["plan_school"], "begins": LONG_AGO}
    ]
}  # fmt: skip
"""A wish hangs on no goal: it needs a consent for all of them."""


class Elsewhere:
    """The other services: schools of identity, answers of care-plans, as the upstream transport asks them."""

    def __init__(self, leads: list[str] | None = None) -> None:
        self.leads = leads
        self.answers: list[httpx.Request] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        if "/schools/" in request.url.path:
            if self.leads is None:
                return httpx.Response(503)
            return httpx.Response(200, json={"safeguarding_leads": self.leads})
        assert request.url.path.endswith(("/answers", "/proposals")), request.url
        self.answers.append(request)
        return httpx.Response(200, json={})


async def _furnished(house: Any, who: str) -> None:
    state = GoalState.PROPOSED if "answer" in who else GoalState.ACTIVE
    await house.hears(goal(house.tenant, state=state), task(house.tenant, "household:hh_a", "client"))
    await house.knows(rev=2, school_id="sc_one", **(WHOLE_PLAN if "wish" in who else {}))


def _fields(page: httpx.Response) -> dict[str, str]:
    form = page.text.split("<main")[1].split("<form")[1].split("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


async def _page_of(person: Person, path: str) -> httpx.Response | None:
    if path.endswith("/wishes"):
        return None  # the plan that the box stands on needs the routers of all pages
    return await person.opens(path.rpartition("/")[0] if "/plan/" in path else path)


@pytest.mark.parametrize("who", PLACES)
async def test_who_answers_now_comes_first_and_nothing_is_sent_or_lost(house: Any, who: str) -> None:
    person_id, router, path, said = PLACES[who]
    await _furnished(house, who)
    lines = [HelpLine(label="Canary helpline", call="0800 1111")]
    await house.named(house.tenant, Names(names={"everyone": "Canary"}, crisis_lines=lines), house.tenant)
    elsewhere = Elsewhere([])
    async with acting(house, person_id, router, handle=elsewhere.handle) as person:
        page = await _page_of(person, path)
        asked = await person.sends(path, page, words=WORRY, **said)
        assert asked.status_code == 200, asked.text
        assert 'href="tel:08001111"' in asked.text and "It is not sent yet." in asked.text
        assert "gran hits him." in asked.text
        kept = _fields(asked)
        assert kept == {**kept, **said, "words": WORRY}
        assert elsewhere.answers == [] and await house.journal() == []
        changed = await person.http.post(path, data={**kept, "worry": "change"})
        assert changed.status_code == 200 and "gran hits him." in changed.text.split("<textarea")[1]
        assert "is not sent" not in changed.text and await house.journal() == []
        sent = await person.http.post(path, data={**kept, "worry": "send"})
        assert sent.status_code == 303, sent.text
    if "answer" in who or "wish" in who:
        [answer] = elsewhere.answers
        assert WORRY.splitlines()[0] in answer.content.decode() and b"worry" not in answer.content
        return
    wrote, called = await house.journal()
    assert "gran" not in str(wrote) + str(called)
    assert (called["record_id"], called["by"]) == (wrote["record_id"], person_id)


@pytest.mark.parametrize("who", ["a parent's log", "a teacher's note"])
async def test_other_words_go_as_they_are(house: Any, who: str) -> None:
    person_id, router, path, said = PLACES[who]
    await _furnished(house, who)
    async with acting(house, person_id, router, handle=Elsewhere().handle) as person:
        page = await person.opens(path)
        assert (await person.sends(path, page, words="The red card works.", **said)).status_code == 303
    assert len(await house.journal()) == 1


async def test_a_worry_at_school_goes_the_schools_own_way(house: Any) -> None:
    who = "a teacher's note"
    person_id, router, path, said = PLACES[who]
    await _furnished(house, who)
    await house.named("ps_moira", Names(names={"everyone": "Moira Canary"}))
    await house.named("ps_lead", Names(names={"everyone": "Dr Canary Abara"}))
    await put_on_duty(house.chassis.mongo, house.tenant, safeguarding_lead="ps_lead")
    for leads, told, silent in (
        (["ps_moira"], "tell Moira Canary now", "Abara is"),
        ([], "go to Dr Canary Abara", "Moira"),
        (None, "go to Dr Canary Abara", "Moira"),
    ):
        async with acting(house, person_id, router, handle=Elsewhere(leads).handle) as teacher:
            page = await teacher.opens(path)
            asked = (await teacher.sends(path, page, words=WORRY, **said)).text
        assert told in asked and silent not in asked, leads
        assert "Ring 999" in asked, "where the organisation has no lines of its own"


async def test_a_program_need_not_confirm_and_duty_is_called_just_the_same(house: Any) -> None:
    await _furnished(house, "a parent's log")
    body = {"id": "lg_one", "result": "part", "words": WORRY}
    assert (await house.post("ps_mother", "/tasks/tk_one/logs", body, "k1")).status_code == 201
    assert (await house.post("ps_mother", "/tasks/tk_one/logs", body, "k1")).status_code == 201
    wrote, called = await house.journal()
    assert (called["record_id"], called["data_class"], called["parties"]) == (
        "lg_one",
        "task_log",
        wrote["parties"],
    )


async def test_today_shows_what_waits_for_whoever_is_on_duty(house: Any) -> None:
    sessions = SampleSessions({})
    mine_, theirs = (
        {"id": "d1", "at": "2026-03-02T14:10:00+00:00", "seen_to_by": None, "also_called": "ps_colleague"},
        {"id": "d2", "at": "2026-03-02T14:12:00+00:00", "seen_to_by": "ps_colleague", "also_called": None},
    )
    sessions.duty = [
        {**mine_, "client_id": "cl_a", "ask": []},
        {**theirs, "client_id": None, "ask": ["ps_colleague"]},
    ]
    await house.hears(goal(house.tenant))
    await house.named("ps_colleague", Names(names={"everyone": "Canary Colleague"}))
    async with acting(house, "ps_therapist", staff.router, duty.router, handle=sessions.handle) as therapist:
        page = (await therapist.opens("/staff/today")).text
        part = page.split('id="duty-h"')[1].split("</section>")[0]
        assert "something was written that should not wait." in part and 'href="/staff/clients/a"' in part
        assert "Ask Canary Colleague now." in part and part.count("I have seen to it") == 2
        assert 'action="/staff/duty/' in part and part.count("/acknowledge") == 1
        assert "Canary Colleague has been called as well." in part
        assert "Canary Colleague is seeing to it." in part and "Others wait behind" not in part
        alone = await therapist.opens("/staff/fragments/duty")
        assert "kith-said" not in alone.headers, "it came long ago"
    async with acting(house, "ps_stranger", staff.router, duty.router, handle=sessions.handle) as stranger:
        assert "should not wait" not in (await stranger.opens("/staff/today")).text


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("wish", "/plan#wish-w_one"),
        ("answer", "/plan#goal-g_one"),
        ("strategy", "/plan#said-w_one"),
        ("log", "/tasks/tk_one/logs/w_one/answer"),
        ("observation", "/written"),
        ("line", "/about#line-w_one"),
        ("gone", ""),
    ],
)
async def test_whoever_is_on_duty_is_led_to_the_words_themselves(
    house: Any, written: str, place: str
) -> None:
    own = {
        "tenant_id": house.tenant,
        "client_id": "cl_a",
        "record_id": "w_one",
        "happened_at": datetime.now(UTC),
    }
    hers = {**own, "by": "ps_mother", "parties": ("person:ps_mother",)}
    wish = ProposalBody(words=WORRY)
    events: dict[str, Item] = {
        "wish": ProposalChanged(**hers, state=ProposalState.OPEN, words={DataClass.PLAN_PLAIN: wish}),
        "answer": PlanAnswered(
            **hers,
            goal_id="g_one",
            version=1,
            words={DataClass.PLAN_PLAIN: AnswerBody(answer="approve", words=WORRY)},
        ),
        "strategy": of_strategy(house.tenant, "Blue card.", "w_one", said={"works": True, "words": WORRY}),
        "log": logged(house.tenant, "part").model_copy(
            update={
                "record_id": "w_one",
                "words": {DataClass.TASK_LOG: TaskLogBody(result="part", words=WORRY)},
            }
        ),
        "observation": seen(house.tenant, "person:ps_teacher", record_id="w_one").model_copy(
            update={
                "happened_at": datetime.now(UTC) - timedelta(days=200),
                "words": {
                    DataClass.OBSERVATION: ObservationBody(saw="card", my_part="partly", words=WORRY),
                },
            }
        ),
    }
    line = about_line(house.tenant, "w_one", says=WORRY)
    told = {"line": line, **events}.get(written)
    await house.hears(goal(house.tenant), *([told] if told else []))
    sessions = SampleSessions({})
    item = {"id": "d1", "at": "2026-03-02T14:10:00+00:00", "seen_to_by": None, "also_called": None, "ask": []}
    sessions.duty = [{**item, "client_id": "cl_a", "record_id": "w_one"}]
    routers = (staff.router, duty.router, staff_written.router)
    async with acting(house, "ps_therapist", *routers, handle=sessions.handle) as therapist:
        read = len(await house.rows("audit").find({"action": "read"}))
        part = (await therapist.opens("/staff/fragments/duty")).text
        assert 'href="/staff/clients/a/written/w_one">Read it' in part
        assert len(await house.rows("audit").find({"action": "read"})) == read, "it has looked at no word"
        page = await therapist.opens("/staff/clients/a/written/w_one")
        assert page.status_code == (200 if place else 404)
        assert not place or WORRY.splitlines()[0] in unescape(page.text)
        assert not place or f'href="/staff/clients/a{place}"' in page.text
    async with acting(house, "ps_stranger", *routers, handle=sessions.handle) as stranger:
        assert (await stranger.opens("/staff/clients/a/written/w_one")).status_code == 404


@pytest.mark.parametrize("off", [False, True])
async def test_words_of_worry_about_how_a_child_was_asked_or_of_a_line_taken_off_are_read_there_too(
    house: Any, off: bool
) -> None:
    body = AboutMeLine(heading=Heading.ONE_PAGE, words="I draw.")
    asked = AboutMeAsked(how="With cards", came_back=WORRY)
    gone = {"state": LineState.TAKEN_OFF, "parties": (), "version": 2} if off else {}
    words = {DataClass.ABOUT_ME: body, DataClass.PLAN_TEAM: asked}
    await house.hears(about_line(house.tenant, "w_one", words=words), goal(house.tenant))
    own = {"by": "ps_mother", "author": "ps_teen", **gone}
    await house.hears(about_line(house.tenant, "w_one", words=words, **own))
    for person, name in (("ps_mother", "Canary Mother"), ("ps_teen", "Canary Teen")):
        await house.named(person, Names(names={"everyone": name}))
    routers = (staff_written.router, about_pages.router)
    async with acting(house, "ps_therapist", *routers, handle=SampleSessions({}).handle) as therapist:
        page = unescape((await therapist.opens("/staff/clients/a/written/w_one")).text)
        assert WORRY.splitlines()[0] in page and "I draw." in page
        assert "Canary Teen" in page and "Canary Mother" not in page, "who says yes has not written it"
        assert ("/about#line-w_one" in page) is not off, "it stands there no more"
        assert ("I draw." in (await therapist.opens("/staff/clients/a/about")).text) is not off
        there = await therapist.opens("/staff/clients/a/about/w_one")
        assert there.status_code == (404 if off else 200)
    items = (await house.get("ps_therapist", "/about")).json()["items"]
    assert not any("author" in item for item in items)
    assert [item["id"] for item in items] == ([] if off else ["w_one"])
    for person in ("ps_mother", "ps_teen", "ps_teacher"):
        read = await house.get(person, "/about")
        assert read.status_code == 404 or (
            WORRY.splitlines()[0] not in read.text and (not off or "I draw" not in read.text)
        )


@pytest.mark.parametrize("written", ["answer", "wish"])
async def test_words_of_worry_stand_under_the_name_of_who_wrote_them_after_the_reply_too(
    house: Any, written: str
) -> None:
    at = {
        "tenant_id": house.tenant,
        "client_id": "cl_a",
        "record_id": "w_one",
        "happened_at": datetime.now(UTC),
    }
    own = {**at, "by": "ps_therapist", "parties": ("person:ps_mother",)}
    said = AnswerBody(answer="no", words=WORRY, reply="I call you now.")
    events: dict[str, Item] = {
        "answer": PlanAnswered(**own, goal_id="g_one", version=1, words={DataClass.PLAN_PLAIN: said}),
        "wish": ProposalChanged(
            **own,
            state=ProposalState.REFUSED,
            words={DataClass.PLAN_PLAIN: ProposalBody(words=WORRY, answer="I call you now.")},
        ),
    }
    await house.hears(goal(house.tenant), events[written])
    for person, name in (("ps_mother", "Canary Mother"), ("ps_therapist", "Canary Therapist")):
        await house.named(person, Names(names={"everyone": name}))
    async with acting(
        house, "ps_therapist", staff_written.router, handle=SampleSessions({}).handle
    ) as reader:
        page = unescape((await reader.opens("/staff/clients/a/written/w_one")).text)
    [title] = re.findall(r"Canary \w+: \w+", page)
    assert title.startswith("Canary Mother: "), "the reply tells the whole of it anew"
