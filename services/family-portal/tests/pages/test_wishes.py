"""Something we would wish for: the box of home and school, the therapist's answer, and who learns of it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from plan_desk import BASE, WISH, Desk, desks_of
from sample_sessions import SampleSessions
from site_app import Person, acting

from contracts.care_plans import MOST_OPEN_WISHES, ProposalBody, ProposalChanged, ProposalState
from contracts.classes import DataClass
from family_portal.web import family, school, staff, wish_pages

from ..conftest import LONG_AGO
from ..sample_events import NOW, goal

PLAN = "/school/pupils/a/plan"
LOOK = "He looks at the speaker."
REASON = "We will show you what his listening looks like."
SENT: list[tuple[str, dict[str, Any]]] = []
FULL: list[httpx.Response] = []
"""What care-plans answers next, where it takes no more."""


def care_plans(request: httpx.Request) -> httpx.Response:
    """Care-plans, which takes every wish with words."""
    body = json.loads(request.content)
    if FULL:
        return FULL.pop()
    if not body["words"]:
        wrong = {"detail": "Nothing is written here.", "field": "words", "fix": "Write something."}
        return httpx.Response(422, json={"title": "A value is wrong", "errors": [wrong]})
    SENT.append((request.url.path, body))
    return httpx.Response(201, json={"id": body["id"]})


def wished(house: Any, person: str = "ps_teacher", **changes: Any) -> ProposalChanged:
    """A wish for a goal, by a teacher or at home."""
    data_class = DataClass.PLAN_SCHOOL if person == "ps_teacher" else DataClass.PLAN_PLAIN
    answer = changes.pop("answer", None)
    usual = {"record_id": f"pr_{person}", "by": person, "state": ProposalState.OPEN, "happened_at": NOW}
    return ProposalChanged(
        tenant_id=house.tenant,
        client_id="cl_a",
        parties=(f"person:{person}",),
        words={data_class: ProposalBody(words=LOOK, answer=answer)},
        **(usual | changes),
    )


async def _opens_the_plan(house: Any, **more: Any) -> None:
    """A consent that names the teacher, for the whole school wording or as `more` says."""
    consent = {"id": "cn_one", "state": "granted", "recipients": ["ps_teacher"], "classes": ["plan_school"]}
    await house.knows(rev=2, consents=[{**consent, "begins": LONG_AGO, **more}])


@pytest.fixture
async def teacher(house: Any) -> AsyncIterator[Person]:
    SENT.clear()
    await _opens_the_plan(house)
    await house.hears(goal(house.tenant))
    async with acting(house, "ps_teacher", wish_pages.router, school.router, handle=care_plans) as person:
        yield person


@pytest.fixture
async def therapist(house: Any) -> AsyncIterator[Desk]:
    async with desks_of(house) as desk:
        yield await desk("ps_therapist")


async def test_school_wishes_on_the_plan_and_says_so_as_school(teacher: Person) -> None:
    pupil = unescape((await teacher.opens("/school/pupils/a")).text)
    assert "The whole plan, and what you would wish for" in pupil
    page = await teacher.opens(PLAN)
    assert "Something we would wish for" in page.text and 'id="wish-reads"' in page.text
    done = await teacher.sends("/school/pupils/a/wishes", page, words=LOOK)
    assert (done.status_code, done.headers["location"]) == (303, f"{PLAN}#wishes")
    [(path, body)] = SENT
    assert path.endswith("/clients/cl_a/proposals") and (body["party"], body["words"]) == ("school", LOOK)


async def test_nothing_written_is_told_on_top_and_beside_the_box(teacher: Person) -> None:
    answer = await teacher.sends("/school/pupils/a/wishes", await teacher.opens(PLAN), words=" ")
    page = unescape(answer.text)
    assert answer.status_code == 422 and 'href="#wish"' in page and 'id="wish-error"' in page


async def test_the_writer_reads_the_answer_and_its_reason_and_nothing_else_of_it(
    house: Any, teacher: Person
) -> None:
    await house.hears(wished(house))
    page = unescape((await teacher.opens(PLAN)).text)
    assert LOOK in page and "The team has it. The answer will stand here." in page
    await house.hears(wished(house, by="ps_therapist", state=ProposalState.REWRITTEN, answer=REASON))
    page = unescape((await teacher.opens("/school/pupils/a/fragments/wishes")).text)
    assert REASON in page and "The team puts it another way." in page


async def test_whoever_has_wished_for_much_reads_that_it_waits_in_place_of_the_box(
    house: Any, teacher: Person
) -> None:
    waits = [
        wished(house, record_id=f"pr_{n}", happened_at=NOW - timedelta(days=n))
        for n in range(MOST_OPEN_WISHES)
    ]
    await house.hears(*waits[1:])
    assert 'id="wish"' in (await teacher.opens(PLAN)).text
    form = await teacher.opens(PLAN)
    await house.hears(waits[0], wished(house, "ps_mother"))
    page = unescape((await teacher.opens(PLAN)).text)
    assert 'id="wish"' not in page and "Send it to the team" not in page
    assert "There is room for another once one of them has its answer." in page
    assert "Who answers now" in page or "ring 999" in page, "who may be hurt is not kept waiting"
    empty = await teacher.sends("/school/pupils/a/wishes", form, words=" ")
    assert empty.status_code == 422
    await house.hears(
        wished(house, record_id="pr_9", by="ps_therapist", state=ProposalState.REFUSED, answer=REASON)
    )
    assert 'id="wish"' in (await teacher.opens(PLAN)).text
    later = [wished(house, record_id=f"pr_x{n}", state=ProposalState.TAKEN, answer=REASON) for n in range(3)]
    await house.hears(*later, wished(house, record_id="pr_last"))
    page = (await teacher.opens(PLAN)).text
    assert 'id="wish"' not in page, "the older ones wait too"


async def test_what_was_typed_is_not_lost_where_there_is_room_for_no_more(
    house: Any, teacher: Person
) -> None:
    full = {"title": "It waits", "detail": "The team has not answered yet.", "field": "words", "fix": "Wait."}
    FULL.append(httpx.Response(409, json=full))
    late = await teacher.sends("/school/pupils/a/wishes", await teacher.opens(PLAN), words=LOOK)
    page = unescape(late.text)
    assert late.status_code == 409 and LOOK in page and 'href="#wish"' in page
    assert "The team has not answered yet. Wait." in page


async def test_a_wish_changes_no_byte_of_anybody_elses_pages(house: Any) -> None:
    await _opens_the_plan(house)
    await house.hears(goal(house.tenant))
    places = {"ps_mother": "/home/a/plan", "ps_father": "/home/a/plan", "ps_teacher": PLAN}
    for writer in ("ps_teacher", "ps_mother"):
        others = {person: path for person, path in places.items() if person != writer}
        before = {person: await _bytes(house, person, path) for person, path in others.items()}
        await house.hears(wished(house, writer), wished(house, writer, by="ps_therapist", answer=REASON))
        assert {person: await _bytes(house, person, path) for person, path in others.items()} == before


async def _bytes(house: Any, person: str, path: str) -> str:
    """A page, without the ids of its forms and the moment at which it was drawn."""
    routers = (wish_pages.router, family.router, school.router)
    async with acting(house, person, *routers, handle=care_plans) as reader:
        lines = (await reader.opens(path)).text.splitlines()
    return "\n".join(line for line in lines if "command_id" not in line and "drawn" not in line)


async def test_who_may_not_propose_finds_no_box(house: Any) -> None:
    """A consent for one goal opens that goal; a wish hangs on none."""
    await house.hears(goal(house.tenant))
    await _opens_the_plan(house, only_goals=["g_one"])
    async with acting(house, "ps_teacher", wish_pages.router, school.router, handle=care_plans) as person:
        page = await person.opens(PLAN)
        assert page.status_code == 200 and "would wish for" not in page.text
        assert (await person.opens("/school/pupils/a/fragments/wishes")).status_code == 404


async def test_a_wish_waits_on_today_and_the_caseload_until_it_has_its_answer(house: Any) -> None:
    lately = {"happened_at": datetime.now(UTC)}
    await house.hears(wished(house, **lately))
    async with acting(house, "ps_therapist", staff.router, handle=SampleSessions({}).handle) as person:
        waits = (await person.opens("/staff/today")).text
        assert LOOK in waits and "would wish for this goal" in waits and "/plan#wish-pr_ps_teacher" in waits
        assert "something to answer" in (await person.opens("/staff/caseload")).text
        await house.hears(
            wished(house, by="ps_therapist", state=ProposalState.REFUSED, answer=REASON, **lately)
        )
        assert LOOK not in (await person.opens("/staff/today")).text
        assert "something to answer" not in (await person.opens("/staff/caseload")).text


async def test_home_reads_on_the_first_page_that_somebody_wrote_back(house: Any) -> None:
    answered = wished(house, "ps_mother", by="ps_therapist", state=ProposalState.REFUSED, answer=REASON)
    await house.hears(goal(house.tenant), answered.model_copy(update={"at": datetime.now(UTC)}))
    for person, reads in (("ps_mother", True), ("ps_father", False)):
        async with acting(house, person, family.router, handle=care_plans) as reader:
            page = unescape((await reader.opens("/home/fragments/replies")).text)
        assert (REASON in page and "/home/a/plan#wishes" in page) is reads


async def test_the_therapist_reads_what_the_rules_say_and_chooses_one_of_three(therapist: Desk) -> None:
    therapist.care_plans.wishes = [WISH]
    page = unescape((await therapist.open(f"{BASE}/plan")).text)
    assert "Wished for" in page and LOOK in page and "Looking at faces can hurt." in page
    nothing = await therapist.send(f"{BASE}/wishes/pr_look", answer=REASON)
    assert nothing.status_code == 422 and 'href="#outcome-pr_look"' in nothing.text
    assert REASON in unescape(nothing.text), "what was typed stands where it was typed"


@pytest.mark.parametrize(
    ("typed", "drafts"),
    [
        ({"outcome": "refused"}, False),
        ({"outcome": "rewritten", "became": "Shows that he listens."}, False),
        ({"outcome": "rewritten", "became": "Shows that he listens.", "draft": "yes"}, True),
        ({"outcome": "taken"}, True),
    ],
)
async def test_the_answer_goes_to_care_plans_and_a_draft_is_shown_next(
    therapist: Desk, typed: dict[str, str], drafts: bool
) -> None:
    therapist.care_plans.wishes = [WISH]
    asked = {"answer": REASON, "asked_for_by": "Abigail Stone", "client_said": "no. ears okay."}
    done = await therapist.send(f"{BASE}/wishes/pr_look", **asked, **typed)
    [(method, where, body)] = therapist.care_plans.sent
    assert (method, where) == ("POST", "proposals/pr_look/answer")
    assert (body["outcome"], body["answer"], body["client_said"]) == (
        typed["outcome"],
        REASON,
        "no. ears okay.",
    )
    assert ("goal_id" in body, "asked_for_by" in body) == (drafts, drafts)
    place = f"goal-{body['goal_id']}" if drafts else "wished"
    assert (done.status_code, done.headers["location"]) == (303, f"{BASE}/plan#{place}")


async def test_what_has_its_answer_stays_to_be_read(therapist: Desk) -> None:
    answered = {
        "state": "rewritten",
        "answer": REASON,
        "became": "Shows that he listens.",
        "goal_id": "g_new",
    }
    therapist.care_plans.wishes = [{**WISH, **answered}]
    page = unescape((await therapist.open(f"{BASE}/plan")).text)
    assert "Wishes that have their answer" in page and f"They read: {REASON}" in page
    assert f"{BASE}/plan/edit?goal=g_new" in page and "What becomes of it" not in page
