"""A card in another language: on one tap, only once a person has checked it, and remembered for whoever chose it."""

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import httpx
import pytest
from plan_desk import BASE, TASK, Desk
from site_app import Person, acting

from contracts.care_plans import TaskBody, TaskWords
from contracts.classes import DataClass
from family_portal.web import family, mine
from family_portal.web.languages import COOKIE, direction

from ..sample_events import goal, private_task, task

CARD = "/home/a/tasks/tk_one"
HOME = "household:hh_a"
ENGLISH = TaskBody(
    title="The card", why="It helps.", steps=["Show it.", "Say yes."], when="at noon", thanks="Thanks."
)
SAID = TaskWords(title="Tzq", why="Wzq", steps=["Azq", "Bzq"], when="Mzq", thanks="Gzq")


def nobody(request: httpx.Request) -> httpx.Response:
    """No other service is asked."""
    raise AssertionError(request.url)


def card(house: Any, *languages: str, parties: tuple[str, ...] = (HOME,), **changes: Any) -> Any:
    """A practice with these languages checked."""
    body = ENGLISH.model_copy(update={"translations": dict.fromkeys(languages, SAID)})
    return task(house.tenant, *parties, **{"words": {DataClass.TASK: body}, **changes})


@pytest.fixture
async def mother(house: Any) -> AsyncIterator[Person]:
    await house.hears(goal(house.tenant), card(house, "ar", "pl"))
    async with acting(house, "ps_mother", family.router, handle=nobody) as person:
        yield person


def words_of(page: httpx.Response) -> list[tuple[str, str, str]]:
    """Every element in another language: its language, its direction, and what it says."""
    found = re.findall(r'lang="(\w+)" dir="(\w+)">(?:<li><span>)?([^<]*)<', page.text)
    return [(lang, way, said) for lang, way, said in found if said]


async def test_one_tap_there_and_one_tap_back(mother: Person) -> None:
    page = await mother.opens(CARD)
    assert "The card" in page.text and "zq" not in page.text and "checked" not in page.text
    assert ("ar", "rtl", "العربية") in words_of(page) and f'href="{CARD}?words=ar"' in page.text
    there = await mother.opens(f"{CARD}?words=ar")
    said = {text for lang, way, text in words_of(there) if (lang, way) == ("ar", "rtl")}
    assert (
        {"Tzq", "Wzq", "Azq", "Mzq", "Gzq"} <= said and "Bzq" in there.text and "Show it." not in there.text
    )
    assert "In Arabic. One person wrote it, and another has checked it." in there.text
    assert "3 times a week" in there.text and "at noon" not in there.text
    assert '<html lang="en" dir="ltr"' in there.text, "what Kith says itself is in English"
    back = re.search(r'href="([^"]+)">Read it in English', there.text)
    assert back and "The card" in (await mother.opens(unescape(back[1]))).text


async def test_the_next_card_opens_in_it_for_this_person_alone(house: Any, mother: Person) -> None:
    await house.hears(card(house, "ar", task_id="tk_two"), card(house, task_id="tk_three"))
    await mother.opens(f"{CARD}?words=ar")
    assert "Tzq" in (await mother.opens("/home/a/tasks/tk_two")).text
    assert "The card" in (await mother.opens("/home/a/tasks/tk_three")).text, (
        "and nothing where there is none"
    )
    kept = mother.http.cookies[COOKIE]
    assert "ps_mother" not in kept and kept.startswith("ar.")
    async with acting(house, "ps_father", family.router, handle=nobody) as father:
        await house.hears(card(house, "ar", parties=("household:hh_b",), task_id="tk_four"))
        father.http.cookies.set(COOKIE, kept)
        assert "The card" in (await father.opens("/home/a/tasks/tk_four")).text
    await mother.opens(f"{CARD}?words=original")
    assert "The card" in (await mother.opens("/home/a/tasks/tk_two")).text


@pytest.mark.parametrize("asked", ["sv", "<i>x", "../x", "ar.x", "", "original", "a" * 70, "$ne"])
async def test_what_nobody_checked_is_read_as_it_was_written(mother: Person, asked: str) -> None:
    page = await mother.http.get(CARD, params={"words": asked})
    assert page.status_code == 200 and "The card" in page.text and "zq" not in page.text
    assert "checked" not in page.text and "<i>x" not in page.text


async def test_a_change_of_the_english_brings_it_back_to_english(house: Any, mother: Person) -> None:
    await mother.opens(f"{CARD}?words=ar")
    await house.hears(card(house))
    page = (await mother.opens(CARD)).text
    assert "The card" in page and "zq" not in page and "العربية" not in page


async def test_a_young_persons_own_practice_and_nobody_elses(house: Any) -> None:
    body = ENGLISH.model_copy(update={"translations": {"ta": SAID}})
    own = private_task(house.tenant).model_copy(update={"words": {DataClass.PLAN_PRIVATE: body}})
    await house.hears(goal(house.tenant), own)
    async with acting(house, "ps_teen", mine.router, handle=nobody) as teen:
        page = await teen.opens("/mine/tasks/tk_mine?words=ta")
        assert ("ta", "ltr", "Tzq") in words_of(page)
    async with acting(house, "ps_mother", family.router, handle=nobody) as mother:
        there, none = [
            await mother.opens(f"/home/a/tasks/{each}?words=ta") for each in ("tk_mine", "tk_none")
        ]
        assert there.status_code == 404 and there.text.replace("tk_mine", "") == none.text.replace(
            "tk_none", ""
        )


def test_each_language_runs_its_own_way() -> None:
    assert [direction(each) for each in ("ar", "ur", "fa", "ta", "pl", "sv", "zz")] == ["rtl"] * 3 + [
        "ltr"
    ] * 4


WORDS = f"{BASE}/plan/tasks/words?task=tk_card&language=ar"


def spoken(desk: Desk, **mine: Any) -> None:
    """The organisation has two more languages; the card has come so far in one of them."""
    desk.care_plans.plan["languages"] = ["ar", "ta"]
    words = {"title": "Tzq", "why": "Wzq", "you_need": [], "steps": []}
    whole = {"language": "ar", "state": "translated", "by": "ps_other", "checked_by": None, "words": words}
    desk.care_plans.plan["tasks"][0]["translations"] = [whole | mine] if mine else []


async def test_an_organisation_without_other_languages_is_offered_none(desk: Desk) -> None:
    assert "In other languages" not in (await desk.open(f"{BASE}/plan")).text
    assert (await desk.open(WORDS)).status_code == 404
    spoken(desk)
    assert f'href="{BASE}/plan/tasks/words?task=tk_card"' in (await desk.open(f"{BASE}/plan")).text
    page = (await desk.open(f"{BASE}/plan/tasks/words?task=tk_card")).text
    assert "Arabic" in page and "Tamil" in page and page.count("Not begun.") == 2


async def test_it_is_written_beside_the_english_and_handed_on(desk: Desk) -> None:
    spoken(desk)
    page = (await desk.open(WORDS)).text
    assert TASK["text"]["why"] in page and 'name="why"' in page and 'lang="ar" dir="rtl"' in page
    assert 'name="steps"' not in page, "only what the English has"
    for do, done in (("draft", False), ("done", True)):
        answer = await desk.send(WORDS, title="Tzq", why="Wzq", do=do)
        assert answer.headers["location"] == WORDS
        method, where, body = desk.care_plans.sent[-1]
        assert (method, where) == ("PUT", "tasks/tk_card/translations/ar")
        assert body == {"title": "Tzq", "why": "Wzq", "done": done}


async def test_what_is_missing_is_named_and_what_was_typed_stays(desk: Desk) -> None:
    spoken(desk)
    wrong = {
        "field": "why",
        "detail": "The original says something here.",
        "fix": "Write it in this language.",
    }
    desk.care_plans.refuses = 422, {"title": "A value is wrong", "errors": [wrong]}
    answer = await desk.send(WORDS, title="Tzq", do="done")
    assert answer.status_code == 422 and 'href="#why"' in answer.text and 'value="Tzq"' not in answer.text
    assert "Tzq</textarea>" in answer.text and "says something here" in unescape(answer.text)


async def test_a_translation_of_a_practice_that_went_meanwhile_is_read_and_not_lost(desk: Desk) -> None:
    spoken(desk, by="ps_other")
    desk.care_plans.plan["tasks"] = []
    gone = await desk.send(WORDS, title="Xzq", why="Wzq", do="draft")
    assert gone.status_code == 409 and "<p>Xzq</p>" in gone.text and "<p>Wzq</p>" in gone.text
    assert (await desk.send(WORDS.replace("/words?", "/words/check?"))).status_code == 404


async def test_what_somebody_else_wrote_in_it_meanwhile_is_read_before_it_is_written_over(desk: Desk) -> None:
    spoken(desk, by="ps_other")
    desk.care_plans.refuses = 409, {"detail": "It has moved on.", "field": "If-Match", "version": 7}
    moved = await desk.send(WORDS, title="Xzq", why="Wzq", do="draft", version="6")
    assert moved.status_code == 409 and "Xzq</textarea>" in moved.text
    there = moved.text.split('id="meanwhile"')[1].split("</section>")[0]
    assert "Tzq" in there and 'name="version" value="7"' in moved.text
    form = moved.text.split("<main")[1].split("k-form")[1]
    assert "data-came-back" in form, "what it holds is of nobody but its writer"


async def test_a_check_that_was_refused_is_read_again_where_its_practice_is(desk: Desk) -> None:
    """Its own address is none to open: the page looked there whether it had ended, and was told that it had."""
    spoken(desk, by="ps_other")
    desk.care_plans.refuses = 409, {"detail": "It has moved on.", "field": "If-Match", "version": 7}
    refused = await desk.send(WORDS.replace("/words?", "/words/check?"))
    assert refused.status_code == 409
    [at] = re.findall(r'data-at="([^"]+)"', refused.text)
    assert unescape(at) == WORDS and (await desk.open(unescape(at))).status_code == 200


async def test_another_person_checks_it_and_never_its_translator(desks: Any) -> None:
    writer = await desks("ps_therapist")
    spoken(writer, by="ps_therapist")
    assert "I have checked it" not in (await writer.open(WORDS)).text
    spoken(writer, by="ps_other")
    page = (await writer.open(WORDS)).text
    assert "I have checked it" in page and "Tzq" in page
    await writer.send(WORDS.replace("/words?", "/words/check?"))
    assert writer.care_plans.sent[-1][1] == "tasks/tk_card/translations/ar/check"
    spoken(writer, state="checked", by="ps_other", checked_by="ps_therapist")
    page = (await writer.open(WORDS)).text
    assert "I have checked it" not in page and "Checked. Families can choose it." in page
