"""All that was noted about somebody, for the team: however much was noted since, nothing is out of reach."""

import re
from datetime import timedelta
from typing import Any

from sample_sessions import SampleSessions
from site_app import acting

from contracts.about_me import AboutMeAsked, AboutMeLine, Heading
from contracts.care_plans import (
    AnswerBody,
    PlanAnswered,
    ProposalBody,
    ProposalChanged,
    ProposalState,
    SaidBefore,
)
from contracts.classes import DataClass
from contracts.family_portal import ObservationBody, TaskLogBody
from contracts.identity import Names
from family_portal.web import about_pages, staff_client, staff_written

from ..sample_events import NOW, about_line, goal, logged, private_goal, seen

ROUTERS = (staff_written.router, staff_client.router, about_pages.router)
PAGE = "/staff/clients/a/written"


def noted(house: Any, number: int) -> Any:
    """What a teacher saw, the higher its number the newer."""
    body = ObservationBody(saw="card", my_part="partly", words=f"Words {number}.")
    changes = {"happened_at": NOW + timedelta(hours=number), "words": {DataClass.OBSERVATION: body}}
    return seen(house.tenant, "person:ps_teacher", record_id=f"ob_{number}").model_copy(update=changes)


def words(text: str) -> list[int]:
    """The numbers of what stands there, in order."""
    return [int(each) for each in re.findall(r"Words (\d+)\.", text)]


async def test_everything_that_was_noted_is_reached_a_page_at_a_time_newest_first(house: Any) -> None:
    await house.hears(goal(house.tenant), *(noted(house, number) for number in range(45)))
    found: list[int] = []
    async with acting(house, "ps_therapist", *ROUTERS, handle=SampleSessions({}).handle) as therapist:
        client = await therapist.opens("/staff/clients/a")
        assert f'href="{PAGE}">All that was noted' in client.text
        address = PAGE
        while address:
            page = await therapist.opens(address)
            assert page.status_code == 200
            found += words(page.text)
            older = re.search(rf'href="({PAGE}\?after=[^"]+)"', page.text)
            address = older[1] if older else ""
        assert words((await therapist.opens(f"{PAGE}?after=elsewhere")).text)[0] == 44
    assert found == [*range(44, -1, -1)]


async def test_only_the_team_finds_it(house: Any) -> None:
    log = logged(house.tenant, "did")
    await house.hears(goal(house.tenant), private_goal(house.tenant), log, about_line(house.tenant))
    about = ("", "/ab_a", "/fragments/lines")
    paths = [
        PAGE,
        f"{PAGE}/{log.record_id}",
        f"{PAGE}/fragments/lines",
        "/staff/clients/a/fragments/about_card",
    ]
    paths += [f"/staff/clients/a/about{part}" for part in about]
    for person in (
        "ps_therapist",
        "ps_stranger",
        "ps_admin",
        "ps_auditor",
        "ps_mother",
        "ps_teen",
        "ps_teacher",
    ):
        found = 200 if person == "ps_therapist" else 404
        async with acting(house, person, *ROUTERS, handle=SampleSessions({}).handle) as other:
            for path in paths:
                assert (await other.opens(path)).status_code == found, (person, path)


async def test_words_are_their_writers_after_the_team_has_answered_them(house: Any) -> None:
    """Whoever answered told it last: the page said that the therapist had asked to die."""
    await house.named("ps_mother", Names(names={"everyone": "Canary Mother"}))
    await house.named("ps_therapist", Names(names={"everyone": "Canary Therapist"}))
    hers: dict[str, Any] = {
        "tenant_id": house.tenant,
        "client_id": "cl_a",
        "happened_at": NOW,
        "parties": ("person:ps_mother",),
        "by": "ps_therapist",
    }
    answer = AnswerBody(answer="ask", words="I want to die.", reply="I ring you now.")
    wish = ProposalBody(words="I want to die.", answer="I ring you now.")
    await house.hears(
        goal(house.tenant),
        PlanAnswered(
            **hers, record_id="an_one", goal_id="g_one", version=1, words={DataClass.PLAN_PLAIN: answer}
        ),
        ProposalChanged(
            **hers, record_id="pr_one", state=ProposalState.REFUSED, words={DataClass.PLAN_PLAIN: wish}
        ),
    )
    async with acting(house, "ps_therapist", *ROUTERS, handle=SampleSessions({}).handle) as therapist:
        for record in ("an_one", "pr_one"):
            page = (await therapist.opens(f"{PAGE}/{record}")).text
            assert "<p>Canary Mother" in page and "<p>Canary Therapist" not in page, record


async def test_two_that_have_the_same_id_are_both_read(house: Any) -> None:
    """Ids are made by clients: a note of school's stood in place of a log that somebody was called for."""
    log = logged(house.tenant, "did").model_copy(
        update={
            "record_id": "same",
            "words": {DataClass.TASK_LOG: TaskLogBody(result="did", words="I want to die.")},
        }
    )
    note = noted(house, 1).model_copy(update={"record_id": "same"})
    await house.hears(goal(house.tenant), log, note, about_line(house.tenant, "same", says="I hum."))
    async with acting(house, "ps_therapist", *ROUTERS, handle=SampleSessions({}).handle) as therapist:
        page = (await therapist.opens(f"{PAGE}/same")).text
    assert all(words in page for words in ("I want to die.", "Words 1.", "I hum."))


async def test_what_came_back_when_a_child_was_asked_is_read_where_it_called_somebody(house: Any) -> None:
    """Worry words of how a child was asked call whoever is on duty, by the id of the line."""
    body = AboutMeLine(heading=Heading.ONE_PAGE, words="I draw.")
    asked = AboutMeAsked(how="With cards", came_back="He says he wants to die.")
    words = {DataClass.ABOUT_ME: body, DataClass.PLAN_TEAM: asked}
    await house.hears(goal(house.tenant), about_line(house.tenant, "ab_one", words=words))
    async with acting(house, "ps_therapist", *ROUTERS, handle=SampleSessions({}).handle) as therapist:
        page = (await therapist.opens(f"{PAGE}/ab_one")).text
    assert "I draw." in page and "What came back" in page and "He says he wants to die." in page


async def test_what_somebody_wrote_before_they_said_yes_is_read_with_their_yes(house: Any) -> None:
    worry = SaidBefore(words="No, I want to die.")
    said = PlanAnswered(
        tenant_id=house.tenant,
        client_id="cl_a",
        record_id="an_one",
        goal_id="g_one",
        version=1,
        by="ps_mother",
        happened_at=NOW,
        parties=("person:ps_mother",),
        words={DataClass.PLAN_PLAIN: AnswerBody(answer="approve", words="Fine.", worries=(worry,))},
    )
    await house.hears(goal(house.tenant), said)
    async with acting(house, "ps_therapist", *ROUTERS, handle=SampleSessions({}).handle) as therapist:
        page = (await therapist.opens(f"{PAGE}/an_one")).text
    assert "Fine." in page and "No, I want to die." in page
