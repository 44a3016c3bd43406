"""The page "about me": what each reader has of it, its forms, and that nothing of what waits shows at school."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from plan_desk import BASE, WISH, desks_of
from site_app import Person, acting, version_of

from chassis.testing import put_on_duty
from contracts.about_me import AboutMeAsked, AboutMeChanged, AboutMeLine, Heading, LineState
from contracts.classes import DataClass
from family_portal.web import about_pages, family, mine, school, staff_client
from policy.days import day_of

from ..conftest import LONG_AGO
from ..sample_events import about_line, goal

LISTENS = "I build or draw while I listen."
SENT: list[tuple[str, str, str | None, dict[str, Any]]] = []
PAGE = ["plan_school", "observation", "about_me"]


def care_plans(request: httpx.Request) -> httpx.Response:
    """Care-plans, which takes every line that says something."""
    if request.method == "GET":
        return httpx.Response(503)
    body = json.loads(request.content)
    SENT.append((request.method, request.url.path, request.headers.get("If-Match"), body))
    if body.get("words") == "":
        wrong = {"detail": "`words` is empty.", "field": "words", "fix": "Write something."}
        return httpx.Response(422, json={"title": "A value is wrong", "errors": [wrong]})
    if request.url.path.endswith("/approve") and "asked" not in body:
        told = {"detail": "Nobody has asked the person yet.", "field": "asked", "fix": "Write how."}
        return httpx.Response(422, json=told)
    return httpx.Response(200, json={"id": body.get("id", "ab_a"), "state": "waits", "version": 1})


def line(house: Any, line_id: str = "ab_a", **changes: Any) -> AboutMeChanged:
    """A line that has its yes, or as `changes` say."""
    return about_line(house.tenant, line_id, **{"says": LISTENS, **changes})


def waits(house: Any, line_id: str = "ab_w", says: str = "hood up, then I go") -> AboutMeChanged:
    """A line that the person has not said yes to."""
    return line(
        house, line_id, says=says, heading=Heading.TOO_MUCH, state=LineState.WAITS, parties=("client",)
    )


def at_home(house: Any) -> AboutMeChanged:
    """The same of a child: those at home read it, for they say how the child was asked."""
    return waits(house).model_copy(update={"parties": ("guardians", "client")})


async def _knows(
    house: Any, *, child: bool = False, classes: list[str] = PAGE, rev: int = 2, **more: Any
) -> None:
    today = day_of(datetime.now(UTC))
    days = {"privacy_from": 1000, "consents_from": 2000, "majority_from": 3000} if child else {}
    consent = {
        "id": "c1",
        "state": "granted",
        "recipients": ["ps_teacher"],
        "classes": classes,
        "begins": LONG_AGO,
    }
    ages = {name: today + timedelta(days=n) for name, n in days.items()}
    await house.knows(rev=rev, consents=[{**consent, **more}], **ages)


@pytest.fixture(autouse=True)
def _nothing_sent() -> None:
    SENT.clear()


@pytest.fixture
async def mother(house: Any) -> AsyncIterator[Person]:
    await _knows(house, child=True)
    async with acting(house, "ps_mother", about_pages.router, family.router, handle=care_plans) as person:
        yield person


async def _reads(house: Any, person: str, path: str, *routers: Any) -> str:
    """A page without the ids of its forms and the moment at which it was drawn."""
    routers = routers or (about_pages.router, family.router, school.router, mine.router)
    async with acting(house, person, *routers, handle=care_plans) as reader:
        lines = unescape((await reader.opens(path)).text).splitlines()
    return "\n".join(line for line in lines if "command_id" not in line and "drawn" not in line)


async def test_school_reads_first_what_the_pupil_said_yes_to_and_no_byte_of_what_waits(house: Any) -> None:
    await _knows(house)
    await house.hears(goal(house.tenant))
    nothing = await _reads(house, "ps_teacher", "/school/pupils/a")
    await house.hears(waits(house))
    assert await _reads(house, "ps_teacher", "/school/pupils/a") == nothing
    await house.hears(line(house), line(house, "ab_b", says="nodding", heading=Heading.YES))
    page = await _reads(house, "ps_teacher", "/school/pupils/a")
    assert page.index("About me") < page.index("This week")
    assert LISTENS in page and "I say yes by: nodding" in page and "hood up" not in page
    assert "said yes to each of these lines." in page
    changed = line(house, says="I doodle.", state=LineState.WAITS, parties=("client",), version=2)
    await house.hears(changed)
    assert LISTENS not in await _reads(house, "ps_teacher", "/school/pupils/a/fragments/about")


@pytest.mark.parametrize(
    "how", [{"classes": ["plan_school"]}, {"only_goals": ["g_one"]}, {"state": "withdrawn"}]
)
async def test_without_a_consent_that_carries_the_page_it_is_the_same_as_an_empty_one(
    house: Any, how: dict[str, Any]
) -> None:
    await _knows(house, **how)
    await house.hears(goal(house.tenant))
    before = await _reads(house, "ps_teacher", "/school/pupils/a")
    await house.hears(line(house))
    assert await _reads(house, "ps_teacher", "/school/pupils/a") == before
    assert LISTENS not in before


async def test_staff_read_first_how_yes_and_no_are_said_and_what_waits_says_so(house: Any) -> None:
    router = staff_client.router
    empty = await _reads(house, "ps_therapist", "/staff/clients/a", router)
    assert "Write the first line" in empty
    await house.hears(waits(house), line(house, "ab_b", says="nodding", heading=Heading.YES))
    page = await _reads(house, "ps_therapist", "/staff/clients/a", router)
    assert page.index("About me") < page.index("Practice, last two weeks")
    assert "<dt>Yes</dt>" in page and "nodding" in page and "hood up, then I go" in page
    assert "Some of it waits for" in page
    assert "nodding" in await _reads(house, "ps_therapist", "/staff/clients/a/fragments/about_card", router)


async def test_a_parent_of_a_young_person_reads_what_they_said_yes_to_and_has_no_form(house: Any) -> None:
    await _knows(house)
    nothing = await _reads(house, "ps_mother", "/home/a/about")
    await house.hears(waits(house))
    assert await _reads(house, "ps_mother", "/home/a/about") == nothing
    await house.hears(line(house))
    page = await _reads(house, "ps_mother", "/home/a/about")
    assert LISTENS in page and "A new line" not in page and "Change it" not in page
    assert "/home/a/about" in await _reads(house, "ps_mother", "/home/a")
    async with acting(house, "ps_mother", about_pages.router, handle=care_plans) as person:
        assert (await person.opens("/home/a/about/ab_a")).status_code == 404


async def test_the_persons_own_page_takes_their_yes_in_one_tap(house: Any) -> None:
    await house.hears(waits(house))
    assert "/mine/about" in await _reads(house, "ps_teen", "/mine")
    async with acting(house, "ps_teen", about_pages.router, handle=care_plans) as teen:
        page = await teen.opens("/mine/about")
        assert "Waits for your yes." in page.text and "Yes, this is right" in page.text
        await teen.sends("/mine/about/ab_w/yes", page, version="1")
    [(method, path, seen, body)] = SENT
    assert (method, seen, body) == ("POST", '"1"', {}) and path.endswith("/about/ab_w/approve")


async def test_home_writes_a_line_of_a_child_and_says_how_the_child_was_asked(
    house: Any, mother: Person
) -> None:
    page = await mother.opens("/home/a/about")
    assert "has said yes to it already" in page.text and "words-reads" in page.text
    assert "Without a yes leave this empty" in page.text, "what is written there is a yes"
    said = {
        "heading": "senses",
        "words": "Loud halls\r\nare hard",
        "how": "With cards",
        "came_back": "smiley",
    }
    done = await mother.sends("/home/a/about", page, **said)
    assert done.status_code == 303 and "/home/a/about?said=waits#line-" in done.headers["location"]
    [(_, path, _, body)] = SENT
    assert path.endswith("/clients/cl_a/about") and len(body.pop("id")) == 32
    asked = {"how": "With cards", "came_back": "smiley"}
    assert body == {"heading": "senses", "words": "Loud halls are hard", "asked": asked}
    assert "It is kept and waits for its yes." in (await mother.opens("/home/a/about?said=waits")).text


async def test_a_yes_without_a_word_of_how_they_were_asked_is_told_at_its_field(
    house: Any, mother: Person
) -> None:
    await house.hears(at_home(house))
    lines = unescape((await mother.opens("/home/a/about")).text)
    assert 'href="/home/a/about/ab_w">Say how ' in lines, "the way to a yes says what it is"
    page = await mother.opens("/home/a/about/ab_w")
    answer = await mother.sends("/home/a/about/ab_w/yes", page, version="1")
    assert answer.status_code == 422 and 'href="#how"' in answer.text and 'id="how-error"' in answer.text
    done = await mother.sends("/home/a/about/ab_w/yes", page, version="1", how="cards", came_back="smiley")
    assert done.status_code == 303 and SENT[-1][3] == {"asked": {"how": "cards", "came_back": "smiley"}}


async def test_words_of_worry_bring_who_answers_now_first(house: Any, mother: Person) -> None:
    await house.hears(at_home(house))
    page = await mother.opens("/home/a/about")
    for address, typed in (
        ("/home/a/about", {"heading": "senses", "words": "I want to die"}),
        ("/home/a/about/ab_w/yes", {"how": "cards", "came_back": "he wants to die"}),
    ):
        first = await mother.sends(address, page, **typed)
        assert "Before you send this" in first.text and not SENT
        assert "cards he wants" not in first.text, "two boxes are no one sentence"
        assert 'class="k-words k-pre"' in first.text
        change = await mother.sends(address, page, **typed, worry="change")
        assert change.status_code == 200 and "want" in change.text and not SENT
        assert (await mother.sends(address, page, **typed, worry="send")).status_code == 303
        SENT.clear()


async def test_staff_change_a_line_and_read_how_the_person_was_asked_and_school_never_does(
    house: Any,
) -> None:
    await _knows(house)
    asked = AboutMeAsked(how="Read to him", came_back="okay okay")
    words = {
        DataClass.ABOUT_ME: AboutMeLine(heading=Heading.ONE_PAGE, words=LISTENS),
        DataClass.PLAN_TEAM: asked,
    }
    await house.hears(goal(house.tenant), line(house, words=words))
    async with acting(house, "ps_therapist", about_pages.router, handle=care_plans) as therapist:
        page = await therapist.opens("/staff/clients/a/about/ab_a")
        assert "Read to him" in page.text and "okay okay" in page.text
        typed = {"heading": "one_page", "words": "", "version": "1"}
        wrong = await therapist.sends("/staff/clients/a/about/ab_a", page, **typed)
        assert wrong.status_code == 422 and 'href="#words"' in wrong.text
        await therapist.sends("/staff/clients/a/about/ab_a/off", page, version="1")
    assert SENT[-1][1].endswith("/about/ab_a/take-off")
    for person, path in (("ps_teacher", "/school/pupils/a"), ("ps_mother", "/home/a/about")):
        read = await _reads(house, person, path)
        assert LISTENS in read and "okay okay" not in read


def moved_on(request: httpx.Request) -> httpx.Response:
    """Care-plans, where somebody else has written the line anew since."""
    if request.headers.get("If-Match") == '"1"':
        told = {"detail": "Its version is 2 now.", "field": "If-Match", "fix": "Read it again.", "version": 2}
        return httpx.Response(409, json=told)
    return care_plans(request)


async def test_a_line_that_somebody_wrote_anew_meanwhile_is_read_and_can_be_written_over(house: Any) -> None:
    await _knows(house, child=True)
    await house.hears(line(house))
    path, said = "/home/a/about/ab_a", {"words": "I draw.", "heading": "one_page"}
    async with acting(house, "ps_mother", about_pages.router, family.router, handle=moved_on) as mother:
        page = await mother.opens(path)
        await house.hears(line(house, says="I hum.", version=2))
        refused = await mother.sends(path, page, version=version_of(page), **said)
        assert refused.status_code == 409 and "I hum." in refused.text and "I draw." in refused.text
        taken = await mother.sends(path, refused, version=version_of(refused), **said)
    assert taken.status_code == 303, "what stands there now was read"
    assert [sent[2] for sent in SENT] == ['"2"']


async def test_nothing_of_the_page_is_fetched_for_the_page_about_a_child(house: Any) -> None:
    """The page that is measured asks for no more than before."""
    await house.hears(goal(house.tenant), line(house))
    reach = await house.portal.reader.reach(house.caller("ps_mother"), "cl_a")
    await house.portal.reader.parts(reach, (DataClass.PLAN_PLAIN,))
    assert {row["class"] for row in reach.views} & {"about_me"} == set() and reach.aside is None


async def test_a_wish_goes_on_the_page_about_the_person_in_the_same_answer(house: Any) -> None:
    async with desks_of(house) as made:
        desk = await made("ps_therapist")
        desk.care_plans.wishes = [WISH]
        page = unescape((await desk.open(f"{BASE}/plan")).text)
        assert "Put it on the page “about me”" in page
        said = {"outcome": "rewritten", "answer": "Looking can hurt.", "about_words": LISTENS}
        done = await desk.send(f"{BASE}/wishes/pr_look", **said, about_heading="one_page")
        [(_, where, body)] = desk.care_plans.sent
        assert (done.status_code, where) == (303, "proposals/pr_look/answer")
        assert len(body["about"].pop("id")) == 32
        assert body["about"] == {"heading": "one_page", "words": LISTENS}
        desk.care_plans.wishes = [{**WISH, "state": "rewritten", "answer": "So.", "line_id": "ab_a"}]
        assert f"{BASE}/about#line-ab_a" in (await desk.open(f"{BASE}/plan")).text


def taken_off(request: httpx.Request) -> httpx.Response:
    """Care-plans, where the team has taken the line off since: whoever is at home does not read it there any more."""
    return care_plans(request) if request.url.path.endswith("/about") else httpx.Response(404)


@pytest.mark.parametrize("heard", [True, False])
async def test_words_for_a_line_that_was_taken_off_meanwhile_are_kept_as_a_new_one(
    house: Any, heard: bool
) -> None:
    await _knows(house, child=True)
    await house.hears(at_home(house))
    said = {"words": "I draw while I listen.", "heading": "senses"}
    async with acting(house, "ps_mother", about_pages.router, family.router, handle=taken_off) as mother:
        page = await mother.opens("/home/a/about/ab_w")
        if heard:
            await house.hears(line(house, "ab_w", ended=True, words={}, version=2, parties=()))
        refused = await mother.sends("/home/a/about/ab_w", page, version=version_of(page), **said)
        assert refused.status_code == 409 and "I draw while I listen.</textarea>" in refused.text
        assert "taken off" in refused.text and '<option value="senses" selected>' in refused.text
        again = await mother.sends("/home/a/about", refused, **said)
        assert again.status_code == 303 and SENT[-1][3]["words"] == "I draw while I listen."
        if heard:
            worry = {**said, "words": "I want to die", "worry": "change"}
            changed = await mother.sends("/home/a/about/ab_w", page, version="1", **worry)
            assert changed.status_code == 409 and "I want to die</textarea>" in changed.text
        yes = {"how": "With cards", "came_back": "smiley"}
        asked = await mother.sends("/home/a/about/ab_w/yes", page, version="1", **yes)
        assert asked.status_code == 409 and "taken off" in asked.text
        assert "What you wrote. It was not sent." in asked.text
        assert "<p>With cards</p>" in asked.text and "<p>smiley</p>" in asked.text
        if heard:
            worry = {**yes, "came_back": "I want to die", "worry": "change"}
            changed = await mother.sends("/home/a/about/ab_w/yes", page, version="1", **worry)
            assert changed.status_code == 409 and "<p>I want to die</p>" in changed.text
    async with acting(house, "ps_teacher", about_pages.router, handle=taken_off) as teacher:
        assert (await teacher.sends("/home/a/about/ab_w", page, version="1", **said)).status_code == 404


async def test_a_parent_of_a_young_person_learns_nothing_of_a_line_by_writing_to_it(house: Any) -> None:
    await _knows(house)
    await house.hears(waits(house))
    async with acting(house, "ps_mother", about_pages.router, handle=taken_off) as mother:
        answers = [
            await mother.sends(f"/home/a/about/{line_id}{verb}", words="x", heading="senses", version="1")
            for line_id in ("ab_w", "ab_never")
            for verb in ("", "/yes", "/off")
        ]
    assert {answer.status_code for answer in answers} == {404} and len({a.content for a in answers}) == 1


@pytest.mark.parametrize("about", ["line_id", "If-Match"])
async def test_what_is_wrong_with_no_field_leads_to_none(house: Any, about: str) -> None:
    def refuses(request: httpx.Request) -> httpx.Response:
        told = {
            "detail": "Whoever is on duty has been told of these words.",
            "field": about,
            "fix": "Tell the team.",
        }
        return httpx.Response(409, json=told)

    await _knows(house, child=True)
    await house.hears(at_home(house))
    async with acting(house, "ps_mother", about_pages.router, handle=refuses) as mother:
        page = await mother.opens("/home/a/about/ab_w")
        for where in ("", "/yes", "/off"):
            answer = await mother.sends(
                f"/home/a/about/ab_w{where}", page, version="1", words="x", heading="senses"
            )
            top = answer.text.split('class="nhsuk-error-summary"')[1].split("<h1")[0]
            assert answer.status_code == 409 and 'href="#' not in top and "<li>" in top, top


async def test_a_child_whose_yes_was_refused_reads_why(house: Any) -> None:
    await _knows(house, child=True)
    await house.hears(waits(house))
    async with acting(house, "ps_teen", about_pages.router, handle=moved_on) as child:
        page = await child.opens("/mine/about")
        assert "Yes, this is right" in page.text and "A new line" not in page.text
        answer = await child.sends("/mine/about/ab_w/yes", page, version="1")
        assert answer.status_code == 409 and "nhsuk-error-summary" in answer.text


async def test_where_nobody_reads_there_is_no_box_but_for_what_was_typed(house: Any) -> None:
    await _knows(house, child=True)
    await house.hears(at_home(house))
    await put_on_duty(house.chassis.mongo, house.tenant, rota=[])
    async with acting(house, "ps_mother", about_pages.router, handle=care_plans) as mother:
        page = await mother.opens("/home/a/about/ab_w")
        assert "There is no box for words here" in unescape(page.text)
        assert "<textarea" not in page.text and "Take it off the page" in page.text
        typed = {"how": "With cards", "way": "talker", "came_back": "smiley"}
        kept = await mother.sends("/home/a/about/ab_w/yes", page, version="1", worry="change", **typed)
        assert all(f"{words}</textarea>" in kept.text for words in typed.values())
