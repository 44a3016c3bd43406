"""A summary tells what was done, and when only to those who may know when the client comes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from site_app import acting

from chassis.cursors import cursor_of, values_of
from contracts.sessions import SummaryShared
from family_portal.web import family, mine, school

from ..conftest import LONG_AGO
from ..sample_events import held, scheduled, summary

WHEN = datetime(2026, 3, 3, 14, 7, tzinfo=UTC)
TOLD = ("14:07", "3 March", "2026-03-03", "Tuesday")
"""How the day and the minute of the session could stand somewhere."""
ITEMS = "/items"


def _elsewhere(request: Any) -> Any:
    raise AssertionError("these pages ask nobody else")


def _shared(house: Any, number: int = 0) -> SummaryShared:
    parties = ("client", "guardians", "school")
    told = summary(house.tenant, *parties, record_id=f"se_{number}")
    return told.model_copy(update={"happened_at": WHEN + timedelta(days=7 * number)})


async def _released(house: Any, **more: Any) -> None:
    """The school may read what is released to it, and a session is over."""
    classes = ["plan_school", "session_summary"]
    named = {"state": "granted", "recipients": ["ps_teacher"], "begins": LONG_AGO}
    await house.knows(rev=2, consents=[{"id": "c1", "classes": classes, **named}], **more)
    for event in (scheduled(house.tenant), held(house.tenant)):
        await house.hears(event.model_copy(update={"happened_at": WHEN, "record_id": "se_0"}))
    await house.hears(_shared(house))


async def _pages(house: Any, person: str) -> str:
    """All that stands about sessions on somebody's pages."""
    routers = (family.router, mine.router, school.router)
    where = {
        "ps_mother": ("/home", "/home/a", "/home/a/sessions", "/home/a/fragments/sessions"),
        "ps_teen": ("/mine", "/mine/sessions", "/mine/fragments/sessions"),
        "ps_teacher": ("/school/pupils/a", "/school/pupils/a/sessions", "/school/pupils/a/fragments/latest"),
    }[person]
    async with acting(house, person, *routers, handle=_elsewhere) as reader:
        answers = [await reader.opens(page) for page in where]
    assert answers[-1].status_code == 200
    return "\n".join(answer.text for answer in answers if answer.status_code == 200)


async def _program(house: Any, person: str) -> str:
    asked = [await house.get(person, ITEMS, **{"class": each}) for each in ("session_summary", "attendance")]
    return "\n".join(answer.text for answer in asked)


@pytest.mark.parametrize("person", ["ps_mother", "ps_teacher"])
async def test_who_reads_a_summary_alone_never_reads_when_it_was(house: Any, person: str) -> None:
    await _released(house)
    for said in (await _pages(house, person), await _program(house, person)):
        assert "We built a den." in said
        assert not [form for form in TOLD if form in said]


@pytest.mark.parametrize("person", ["ps_mother", "ps_teen"])
async def test_who_may_know_when_they_come_reads_it(house: Any, person: str) -> None:
    ticked = {"id": "c2", "classes": ["attendance"], "recipients": ["ps_mother"]}
    await _released(house)
    agreed = {"state": "granted", "begins": LONG_AGO, **ticked}
    await house.knows(rev=3, consents=[agreed])
    assert "Tuesday 3 March, 14:07" in await _pages(house, person)
    assert "2026-03-03T14:07" in await _program(house, person)


async def test_a_child_reads_what_was_done_and_not_when(house: Any) -> None:
    today = date.today()
    ages = {"privacy_from": today + timedelta(days=900), "consents_from": today + timedelta(days=1500)}
    await _released(house, **ages, majority_from=today + timedelta(days=2400))
    said = await _pages(house, "ps_teen") + await _program(house, "ps_teen")
    assert "We built a den." in said and not [form for form in TOLD if form in said]
    assert "Tuesday 3 March, 14:07" in await _pages(house, "ps_mother"), "a child's guardian may know"


async def test_an_address_that_leads_nowhere_any_more_shows_the_newest(house: Any) -> None:
    await _released(house)
    async with acting(house, "ps_mother", family.router, handle=_elsewhere) as mother:
        page = await mother.opens("/home/a/sessions?after=2026-03-03T14:07:00Z~x")
    assert page.status_code == 200 and "We built a den." in page.text


async def test_pages_follow_each_other_by_names_and_no_time_can_be_found_out(house: Any) -> None:
    await _released(house)
    await house.hears(_shared(house, 1), _shared(house, 2))
    read: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = (
            await house.get("ps_mother", ITEMS, **{"class": "session_summary", "limit": 1, **more})
        ).json()
        read += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        [name] = values_of(page["next"])
        assert name.endswith(f":{read[-1]}") and not [form for form in TOLD if form in name]
        more = {"after": page["next"]}
    assert read == ["se_2", "se_1", "se_0"]
    own = "task_log:family-portal:lg_one"
    for forged in (["2026-03-03T14:07:00.000000Z"], ["2026-03-03", "z"], [own], [], ["session_summary"]):
        asked = {"class": "session_summary", "after": cursor_of(forged)}
        refused = await house.get("ps_mother", ITEMS, **asked)
        assert (refused.status_code, refused.json()["field"]) == (422, "after"), forged
