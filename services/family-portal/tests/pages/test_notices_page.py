"""A notice leads to where it can be read or answered, goes alone when it is seen, and by itself when answered."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from site_app import Person, acting

from contracts.care_plans import AnswerBody, PlanAnswered
from contracts.classes import DataClass
from contracts.identity import Names
from family_portal.web import family, mine, notices, school

from ..conftest import LONG_AGO
from ..sample_events import NOW, goal, summary

UPDATE, REPLY = "You have an update.", "You have an update. Someone would like a reply."


class Told:
    """Notifications, with these notices."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.seen: list[list[str]] = []

    def add(self, id: str, kind: str, client_id: str = "cl_a", of: str = "plan_plain") -> None:
        """A notice that somebody has not seen; the newest is added first."""
        text = REPLY if kind == "reply_wanted" else UPDATE
        at = datetime.now(UTC).isoformat()
        self.rows.append(
            {"id": id, "kind": kind, "client_id": client_id, "text": text, "at": at, "classes": [of]}
        )

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.seen.append(json.loads(request.content)["ids"])
            return httpx.Response(200, json={"seen": len(self.seen[-1])})
        begin, most = (int(request.url.params.get(name, "0")) for name in ("after", "limit"))
        end = begin + most
        following = str(end) if end < len(self.rows) else None
        return httpx.Response(200, json={"items": self.rows[begin:end], "next": following})


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def mother(house: Any, told: Told) -> AsyncIterator[Person]:
    async with acting(house, "ps_mother", notices.router, family.router, handle=told) as person:
        yield person


async def test_a_reply_that_is_wanted_leads_to_where_it_is_given_and_goes_with_it(
    house: Any, told: Told, mother: Person
) -> None:
    told.add("n1", "reply_wanted")
    await house.hears(goal(house.tenant, "g_new", state="proposed"))
    page = await mother.opens("/messages-for-you")
    assert REPLY in page.text and 'href="/home/a/plan">Read and answer' in page.text
    assert REPLY in (await mother.opens("/home")).text
    await house.hears(answer(house.tenant, "ps_mother"))
    for path in ("/messages-for-you", "/home"):
        assert REPLY not in (await mother.opens(path)).text, path


async def test_what_asks_no_more_stands_in_the_way_of_nothing(told: Told, mother: Person) -> None:
    for number in range(60):
        told.add(f"n{number}", "reply_wanted")
    told.add("n60", "update")
    page = (await mother.opens("/messages-for-you")).text
    assert UPDATE in page and REPLY not in page


@pytest.mark.parametrize(
    ("person_id", "routers", "plan", "page"),
    [
        ("ps_teacher", school.router, "/school/pupils/a/plan", "/school/pupils/a"),
        ("ps_teen", mine.router, "/mine/plan", "/mine"),
    ],
)
async def test_it_leads_to_the_readers_own_pages(
    house: Any, told: Told, person_id: str, routers: Any, plan: str, page: str
) -> None:
    told.add("n1", "reply_wanted")
    told.add("n2", "update")
    await house.hears(goal(house.tenant, state="proposed"))
    async with acting(house, person_id, notices.router, routers, handle=told) as person:
        text = (await person.opens("/messages-for-you")).text
        assert f'href="{plan}">Read and answer' in text and f'href="{page}">Read it' in text


@pytest.mark.parametrize(
    ("person_id", "routers", "base", "times"),
    [
        ("ps_mother", family.router, "/home/a", "/home#next"),
        ("ps_teacher", school.router, "/school/pupils/a", "/school/pupils/a"),
        ("ps_teen", mine.router, "/mine", "/mine"),
    ],
)
async def test_each_new_thing_has_a_line_that_leads_to_where_it_stands(
    house: Any, told: Told, person_id: str, routers: Any, base: str, times: str
) -> None:
    consent = {"id": "c1", "state": "granted", "recipients": ["ps_teacher"], "begins": LONG_AGO}
    await house.knows(rev=2, consents=[{**consent, "classes": ["plan_school", "session_summary"]}])
    for id, of in (
        ("n4", "session_summary"),
        ("n3", "attendance"),
        ("n2", "session_summary"),
        ("n1", "task"),
    ):
        told.add(id, "update", of=of)
    async with acting(house, person_id, notices.router, routers, handle=told) as person:
        page = await person.opens("/messages-for-you")
        assert re.findall(r'href="([^"]+)">Read it', page.text) == [f"{base}/sessions", times, base]
        assert re.findall(r'name="id" value="(\w+)"', page.text) == ["n4", "n2", "n3", "n1"]
        assert (await person.opens(f"{base}/sessions")).status_code == 200


async def test_where_summaries_are_closed_by_now_no_line_leads_to_them(
    house: Any, told: Told, mother: Person
) -> None:
    tie = {"id": "r1", "person_id": "ps_mother", "kind": "mother", "begins": LONG_AGO}
    await house.knows(rev=2, relationships=[{**tie, "authority": "limited", "ticked": ["plan_plain"]}])
    told.add("n1", "update", of="session_summary")
    page = await mother.opens("/messages-for-you")
    assert 'href="/home/a">Read it' in page.text


async def test_a_notice_of_before_notices_named_their_classes_leads_to_the_page_of_the_child(
    told: Told, mother: Person
) -> None:
    told.add("n1", "update")
    del told.rows[0]["classes"]
    assert 'href="/home/a">Read it' in (await mother.opens("/messages-for-you")).text


async def test_one_tap_removes_one_and_all_that_it_stood_for(told: Told, mother: Person) -> None:
    for id, kind in (("n3", "update"), ("n2", "update"), ("n1", "update")):
        told.add(id, kind, "cl_a" if id != "n2" else "cl_elsewhere")
    page = await mother.opens("/messages-for-you")
    assert page.text.count("I have seen it") == 1, "what is closed to the reader is not told of"
    ids = re.findall(r'name="id" value="(\w+)"', page.text)
    assert ids == ["n3", "n1"]
    action = re.search(r'action="(/messages-for-you/[^"]+)"', page.text)
    assert action
    data = {"csrf": mother.csrf, "command_id": "c0ffee", "id": ids}
    assert (await mother.http.post(action[1], data=data)).status_code == 303
    assert told.seen == [["n3", "n1"]]


async def test_the_page_has_one_heading_for_them(told: Told, mother: Person) -> None:
    told.add("n1", "update")
    page = await mother.opens("/messages-for-you")
    assert "For you to read" not in page.text and page.text.count('id="notices-h"') == 1
    assert "For you to read" in (await mother.opens("/home")).text


async def test_home_leads_to_what_is_new_about_a_session(house: Any, mother: Person) -> None:
    link = 'href="/home/a/sessions"'
    assert link not in (await mother.opens("/home")).text
    old = summary(house.tenant, "guardians", record_id="se_old")
    await house.hears(old.model_copy(update={"at": LONG_AGO}))
    assert link not in (await mother.opens("/home")).text, "what is old is found on the child's page"
    await house.hears(summary(house.tenant, "guardians"))
    part = await mother.opens("/home/fragments/today/a")
    assert link in part.text and "session-cl_a from:#live" in part.text


def answer(tenant: str, by: str) -> PlanAnswered:
    """A yes to the new goal."""
    return PlanAnswered(
        tenant_id=tenant, client_id="cl_a", record_id="an_one", goal_id="g_new", version=1, happened_at=NOW, by=by,
        parties=(f"person:{by}",), words={DataClass.PLAN_PLAIN: AnswerBody(answer="approve")},
    )  # fmt: skip


async def test_who_reads_of_several_is_told_of_whom_and_nobody_is_told_their_own_name(
    house: Any, told: Told, mother: Person
) -> None:
    for client_id, name in (("cl_a", "Noor"), ("cl_b", "Elias")):
        await house.named(client_id, Names(names={"everyone": name}), house.tenant)
    await house.knows(client_id="cl_b")
    told.add("n1", "update")
    told.add("n2", "update", "cl_b")
    page = (await mother.opens("/messages-for-you")).text
    assert page.count("Noor · ") == page.count("Elias · ") == 1
    async with acting(house, "ps_teen", notices.router, mine.router, handle=told) as teen:
        assert "Noor" not in (await teen.opens("/messages-for-you")).text
