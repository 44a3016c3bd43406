"""A log is answered from Today; who wrote it reads the words, everybody with the card what is new on it."""

import json
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from sample_sessions import SampleSessions
from site_app import acting, version_of

from contracts.care_plans import LogAnswerBody, LogAnswered, TaskBody
from contracts.classes import DataClass
from contracts.family_portal import TaskLogBody, TaskLogged
from family_portal.web import family, staff, staff_client, staff_logs
from policy.days import today

from ..conftest import LONG_AGO
from ..sample_events import goal, task

ANSWER = "/staff/clients/a/tasks/tk_a/logs/lg_one/answer"
CARD = {"title": "The break card", "why": "It helps.", "steps": ["Show it.", "Say yes at once."]}
PLAN = {
    "goals": [], "next": None, "version": 1,
    "tasks": [{"id": "tk_a", "goal_id": "g_one", "text": CARD, "doc_version": 4}],
}  # fmt: skip
REPLY = "One minute is plenty."


class Plans:
    """The care-plans behind the page, and what it was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any], str]] = []
        self.refuses = False
        self.late = False
        """Whether the log has not arrived there yet."""
        self.plan: dict[str, Any] = json.loads(json.dumps(PLAN))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=self.plan)
        if self.late:
            return httpx.Response(404, json={"title": "Not found", "status": 404})
        if self.refuses:
            wrong = {"detail": "Nothing is said yet.", "field": "words", "fix": "Write a few words."}
            return httpx.Response(422, json=wrong)
        where, seen = request.url.path.partition("/cl_a")[2], request.headers.get("If-Match", "")
        if seen not in ("", *(f'"{task["doc_version"]}"' for task in self.plan["tasks"])):
            return httpx.Response(409, json={"detail": "It has moved on.", "field": "If-Match", "version": 5})
        self.sent.append((where, json.loads(request.content), seen))
        return httpx.Response(201, json={"id": "la_one"})


def answered(house: Any, **changes: Any) -> LogAnswered:
    usual = {"record_id": "la_one", "goal_id": "g_one", "task_id": "tk_a", "log_id": "lg_one"}
    words = {DataClass.TASK_LOG: LogAnswerBody(reply=REPLY)}
    words = changes.pop("words", words)
    whole = usual | {"parties": ("household:hh_a",), "happened_at": datetime.now(UTC), "words": words}
    return LogAnswered(tenant_id=house.tenant, client_id="cl_a", by="ps_therapist", **(whole | changes))


def log_of(house: Any, **changes: Any) -> TaskLogged:
    words = {DataClass.TASK_LOG: TaskLogBody(result="couldnt", got_in_the_way="too_tired")}
    usual = {"happened_at": datetime.now(UTC) - timedelta(days=1), "words": words}
    return TaskLogged(
        tenant_id=house.tenant, client_id="cl_a", by="ps_mother", record_id="lg_one", task_id="tk_a",
        goal_id="g_one", parties=("household:hh_a",), **(usual | changes),
    )  # fmt: skip


async def reads(house: Any, person: str, *paths: str) -> str:
    async with acting(house, person, family.router, handle=SampleSessions({}).handle) as somebody:
        return "".join([(await somebody.opens(path)).text for path in paths])


@pytest.fixture(autouse=True)
async def logged(house: Any) -> None:
    """A card of both homes, and what the mother said of it yesterday."""
    homes = ("household:hh_a", "household:hh_b")
    await house.hears(goal(house.tenant), task(house.tenant, *homes, task_id="tk_a"), log_of(house))


async def test_a_log_is_answered_from_today_with_its_card_in_the_same_form(house: Any) -> None:
    async with acting(house, "ps_therapist", staff.router, handle=SampleSessions({}).handle) as therapist:
        assert f'href="{ANSWER}"' in (await therapist.opens("/staff/fragments/to-answer")).text
    plans = Plans()
    async with acting(house, "ps_therapist", staff_logs.router, handle=plans) as therapist:
        page = unescape((await therapist.opens(ANSWER)).text)
        assert "tried, couldn’t (too tired)" in page and ">Show it.\nSay yes at once.</textarea>" in page
        done = await therapist.sends(ANSWER, None, words=REPLY, steps="Show it.\r\nSay yes.", version="4")
        assert (done.status_code, done.headers["location"]) == (303, "/staff/today")
        where, body, seen = plans.sent[0]
        assert (where, seen) == ("/tasks/tk_a/logs/lg_one/answer", '"4"')
        assert body == {"words": REPLY, "steps": ["Show it.", "Say yes."]}
        plans.refuses = True
        again = await therapist.sends(ANSWER, None, steps="Half an idea.", version="4")
        assert again.status_code == 422 and "Half an idea.</textarea>" in again.text
        assert 'href="#words"' in again.text
        assert (await therapist.opens(ANSWER.replace("lg_one", "lg_none"))).status_code == 404


async def test_where_the_card_moved_on_what_is_there_stands_beside_what_was_typed_and_it_can_be_sent(
    house: Any,
) -> None:
    plans = Plans()
    async with acting(house, "ps_therapist", staff_logs.router, handle=plans) as therapist:
        page = await therapist.opens(ANSWER)
        plans.plan["tasks"][0] |= {"doc_version": 5, "text": CARD | {"steps": ["Show it.", "Wait."]}}
        said = {"words": REPLY, "steps": "Show it.\r\nSay yes."}
        moved = await therapist.sends(ANSWER, page, **said, version=version_of(page))
        text = unescape(moved.text)
        assert moved.status_code == 409 and "Say yes.</textarea>" in text and plans.sent == []
        there = text.split('id="meanwhile"')[1].split("</section>")[0]
        assert "Show it.\nWait." in there and REPLY not in there
        await therapist.sends(ANSWER, moved, **said, version=version_of(moved))
        assert plans.sent[0][1:] == ({"words": REPLY, "steps": ["Show it.", "Say yes."]}, '"5"')


async def test_where_the_practice_ended_meanwhile_the_words_can_still_be_sent(house: Any) -> None:
    plans = Plans()
    async with acting(house, "ps_therapist", staff_logs.router, handle=plans) as therapist:
        page = await therapist.opens(ANSWER)
        plans.plan["tasks"] = []
        moved = await therapist.sends(ANSWER, page, words=REPLY, steps="One.", version=version_of(page))
        assert moved.status_code == 409 and "The practice has ended" in moved.text
        assert REPLY in moved.text and 'name="version"' not in moved.text and 'name="steps"' not in moved.text
        await therapist.sends(ANSWER, moved, words=REPLY)
        assert plans.sent[0][1:] == ({"words": REPLY}, "")


async def test_an_answer_to_a_log_that_is_on_its_way_stays_to_be_sent_again(house: Any) -> None:
    plans = Plans()
    plans.late = True
    async with acting(house, "ps_therapist", staff_logs.router, handle=plans) as therapist:
        page = await therapist.opens(ANSWER)
        kept = await therapist.sends(ANSWER, page, words=REPLY, version=version_of(page))
        assert kept.status_code == 409 and f"{REPLY}</textarea>" in kept.text
        assert "Wait a minute, then send it again." in kept.text
        plans.late = False
        sent = await therapist.sends(ANSWER, kept, words=REPLY, version=version_of(kept))
        assert sent.status_code == 303
        assert (await therapist.sends(ANSWER.replace("lg_one", "lg_none"), words=REPLY)).status_code == 404


async def test_a_supervisor_reads_the_log_and_is_offered_no_answer_that_would_be_refused(house: Any) -> None:
    tie = {"id": "s1", "person_id": "ps_supervisor", "supervisee_id": "ps_therapist", "begins": LONG_AGO}
    await house.knows(rev=2, supervisions=[tie])
    async with acting(house, "ps_supervisor", staff_logs.router, handle=Plans()) as supervisor:
        page = unescape((await supervisor.opens(ANSWER)).text)
    assert "tried, couldn’t (too tired)" in page and "An assigned therapist answers it." in page
    assert "<textarea" not in page and "Send the answer" not in page


async def test_an_answered_log_waits_no_more(house: Any) -> None:
    await house.hears(answered(house))
    async with acting(house, "ps_therapist", staff.router, handle=SampleSessions({}).handle) as therapist:
        page = (await therapist.opens("/staff/fragments/to-answer")).text
    assert "too tired" not in page and REPLY not in page


async def test_answers_take_no_log_its_place_on_the_clients_page(house: Any) -> None:
    logs = [log_of(house, happened_at=datetime.now(UTC) - timedelta(hours=n)) for n in range(1, 16)]
    logs = [log.model_copy(update={"record_id": f"lg_{n}"}) for n, log in enumerate(logs)]
    answers = [
        answered(house, record_id=f"la_{n}", log_id=f"lg_{n}", happened_at=log.happened_at)
        for n, log in enumerate(logs)
    ]
    await house.hears(*logs, *answers)
    async with acting(
        house, "ps_therapist", staff_client.router, handle=SampleSessions({}).handle
    ) as therapist:
        page = (await therapist.opens("/staff/clients/a/fragments/practice")).text
    assert page.count('<li id="log-') == staff_client.LOGS and "Only the newest stand here." not in page


async def test_who_wrote_reads_the_words_and_the_other_home_what_is_new_alone(house: Any) -> None:
    told = {"changed": ["Say yes."], "changed_on": today()}
    words = {DataClass.TASK: TaskBody(**{**CARD, "steps": ["Show it.", "Say yes."], **told})}
    homes = ("household:hh_a", "household:hh_b")
    await house.hears(task(house.tenant, *homes, task_id="tk_a", words=words), answered(house, told=True))
    pages = {}
    for person in ("ps_mother", "ps_father"):
        async with acting(house, person, family.router, handle=SampleSessions({}).handle) as somebody:
            pages[person] = [
                (await somebody.opens(path)).text
                for path in ("/home/a/tasks/tk_a", "/home/fragments/replies")
            ]
    card, replies = pages["ps_mother"]
    assert "New on this card since" in card and f"The team wrote back:</strong> {REPLY}" in card
    assert REPLY in replies and 'href="/home/a/tasks/tk_a"' in replies
    card, replies = pages["ps_father"]
    assert "New on this card since" in card and REPLY not in card + replies and "wrote back" not in card


@pytest.mark.parametrize("now", ["private", "elsewhere"])
async def test_a_log_whose_card_is_others_now_has_no_card_to_make_smaller(house: Any, now: str) -> None:
    if now == "private":
        hidden = {DataClass.PLAN_PRIVATE: TaskBody(**CARD)}
        moved = task(house.tenant, "client", task_id="tk_a", words=hidden)
    else:
        moved = task(house.tenant, "household:hh_b", task_id="tk_a")
    await house.hears(task(house.tenant, task_id="tk_a", ended=True, words={}), moved)
    plans = Plans()
    async with acting(house, "ps_therapist", staff_logs.router, handle=plans) as therapist:
        page = unescape((await therapist.opens(ANSWER)).text)
        assert "tried, couldn’t (too tired)" in page and 'name="words"' in page
        assert 'name="steps"' not in page and 'name="easier"' not in page and "has ended" not in page
        await therapist.sends(ANSWER, None, words=REPLY, version="4")
    assert [body for _, body, _ in plans.sent] == [{"words": REPLY}]


async def test_a_home_that_has_the_card_no_more_reads_words_and_nothing_of_the_card(house: Any) -> None:
    before = await reads(house, "ps_mother", "/home/fragments/replies")
    smaller = answered(house, told=True, words={DataClass.TASK_LOG: LogAnswerBody()})
    await house.hears(task(house.tenant, "household:hh_b", task_id="tk_a"), smaller)
    assert await reads(house, "ps_mother", "/home/fragments/replies") == before
    await house.hears(answered(house))
    replies = await reads(house, "ps_mother", "/home/fragments/replies")
    assert REPLY in replies and "tasks/tk_a" not in replies and "smaller" not in replies


@pytest.mark.parametrize("first", ["taken back", "answered"])
async def test_an_answer_leaves_with_its_log_whichever_came_first(house: Any, first: str) -> None:
    gone, answer = log_of(house, ended=True, words={}), answered(house)
    pages = ("/home/a/tasks/tk_a", "/home/fragments/replies")
    await house.hears(answer)
    assert (await reads(house, "ps_mother", *pages)).count(REPLY) == 2
    await house.hears(*((gone, answer) if first == "taken back" else (answer, gone)))
    assert REPLY not in await reads(house, "ps_mother", *pages)
    for person in ("ps_mother", "ps_therapist"):
        assert (await house.get(person, "/items", **{"class": "task_log"})).json()["items"] == []
