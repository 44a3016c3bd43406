"""Every box for words says when it is read, by whom, and who answers until then; where nobody reads there is none."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import APIRouter
from site_app import Person, acting

from chassis.testing import put_on_duty
from contracts.care_plans import GoalState
from contracts.duty import DAYS
from contracts.identity import HelpLine, Names
from family_portal.web import boxes, family, mine, school

from ..sample_events import goal, task

PAGES: dict[str, tuple[str, APIRouter, str]] = {
    "a parent's log": ("ps_mother", family.router, "/home/a/tasks/tk_one/log"),
    "a client's log": ("ps_teen", mine.router, "/mine/tasks/tk_one/log"),
    "a teacher's note": ("ps_teacher", school.router, "/school/pupils/a/observe"),
    "a parent's answer": ("ps_mother", family.router, "/home/a/plan"),
    "a client's answer": ("ps_teen", mine.router, "/mine/plan"),
    "a teacher's answer": ("ps_teacher", school.router, "/school/pupils/a/plan"),
}
LINES = [
    HelpLine(label="Danger now", call="112"),
    HelpLine(label="Canary helpline, for anyone under 19", call="0800 1111"),
    HelpLine(label="Canary texts", text="HELLO to 85258"),
    HelpLine(label="Canary nurse", call="111, then option 2"),
]


def nobody(request: httpx.Request) -> httpx.Response:
    """No other service is asked."""
    raise AssertionError(request.url)


async def _furnished(house: Any, who: str) -> None:
    open_goal = GoalState.ACTIVE if "answer" not in who else GoalState.PROPOSED
    await house.hears(
        goal(house.tenant, state=open_goal),
        task(house.tenant, "household:hh_a", "client"),
    )


async def _page(house: Any, who: str) -> tuple[Person, str]:
    person_id, router, path = PAGES[who]
    async with acting(house, person_id, router, handle=nobody) as person:
        page = await person.opens(path)
        assert page.status_code == 200, page.text
        return person, page.text


@pytest.mark.parametrize("who", PAGES)
async def test_a_box_says_when_it_is_read_next_by_whom_and_who_answers_now(house: Any, who: str) -> None:
    tomorrow = datetime.now(ZoneInfo("Pacific/Auckland")) + timedelta(days=1)
    hours = {
        "days": [DAYS[tomorrow.weekday()]],
        "begins": "09:00",
        "ends": "09:30",
        "person_id": "ps_on_duty",
    }
    await _furnished(house, who)
    await put_on_duty(house.chassis.mongo, house.tenant, rota=[hours], timezone="Pacific/Auckland")
    lane = Names(names={"everyone": "Canary Lane"}, crisis_lines=LINES)
    await house.named(house.tenant, lane, house.tenant)
    await house.named("ps_on_duty", Names(names={"everyone": "Dr Canary Abara"}))
    _, page = await _page(house, who)
    below = page.split("</textarea>")[1].split("</form>")[0]
    assert "Nobody reads this before 9:00 tomorrow. On duty then is Dr Canary Abara." in below
    assert '<a href="tel:112">Ring 112</a> (Danger now)' in below
    assert 'href="tel:08001111"' in below and 'href="sms:85258?body=HELLO"' in below
    assert 'href="tel:111">Ring 111, then option 2' in below and 'href="/help-now"' in below
    assert "999" not in below, "the lines are the organisation's own"


@pytest.mark.parametrize("who", PAGES)
async def test_where_nobody_is_on_duty_there_is_no_box_and_the_rest_stays(house: Any, who: str) -> None:
    await _furnished(house, who)
    await put_on_duty(house.chassis.mongo, house.tenant, rota=[])
    _, page = await _page(house, who)
    assert "<textarea" not in page
    assert "has not said yet who reads them" in page and 'href="/help-now"' in page
    assert 'value="approve"' in page or 'name="result"' in page or 'name="saw"' in page
    assert 'value="ask"' not in page, "a question needs words"


async def test_four_answers_and_a_feeling_are_taken_without_words(house: Any) -> None:
    await _furnished(house, "a parent's log")
    await put_on_duty(house.chassis.mongo, house.tenant, rota=[])
    async with acting(house, "ps_mother", family.router, handle=nobody) as mother:
        path = PAGES["a parent's log"][2]
        page = await mother.opens(path)
        late = await mother.sends(path, page, result="part", felt="2", words="She pointed at the jam.")
        assert late.status_code == 422
        assert "She pointed at the jam.</textarea>" in late.text, "what was typed is not lost"
        assert "cannot be taken" in late.text
        saved = await mother.sends(path, page, result="part", felt="2")
        assert saved.status_code == 303, saved.text
    assert len(await house.journal()) == 1


async def test_a_teachers_words_are_refused_and_kept_where_nobody_reads(house: Any) -> None:
    await _furnished(house, "a teacher's note")
    await put_on_duty(house.chassis.mongo, house.tenant, rota=[])
    said = {"goal_id": "g_one", "saw": "card", "my_part": "partly"}
    async with acting(house, "ps_teacher", school.router, handle=nobody) as teacher:
        path = PAGES["a teacher's note"][2]
        page = await teacher.opens(path)
        late = await teacher.sends(path, page, words="Showed it twice.", **said)
        assert late.status_code == 422 and "Showed it twice.</textarea>" in late.text
        assert (await teacher.sends(path, page, **said)).status_code == 303


@pytest.mark.parametrize(
    ("now", "moment", "said"),
    [
        ("2026-12-02T08:00", "2026-12-02T09:00", "9:00 today"),
        ("2026-12-02T23:40", "2026-12-03T09:05", "9:05 tomorrow"),
        ("2026-12-04T18:00", "2026-12-07T09:00", "9:00 on Monday"),
        ("2026-12-02T10:00", "2026-12-09T09:00", "9:00 on Wednesday 9 December"),
        ("2026-07-01T23:30", "2026-07-02T08:00", "9:00 today"),
    ],
)
def test_a_moment_is_said_in_the_organisations_own_time(now: str, moment: str, said: str) -> None:
    there = ZoneInfo("Europe/London")
    found = boxes._moment(_at(moment), _at(now), there)
    assert found == said


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
