"""What a therapist's sessions ask for on Today: nothing that was begun is forgotten, nothing done is shown."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sample_sessions import SCHEDULED, SampleSessions
from site_app import Person, acting

from contracts.care_plans import AnswerBody, PlanAnswered
from contracts.classes import DataClass
from family_portal.web import staff

from ..conftest import LONG_AGO
from ..sample_events import goal


@pytest.fixture
def sessions() -> SampleSessions:
    return SampleSessions({})


@pytest.fixture
async def therapist(house: Any, sessions: SampleSessions) -> AsyncIterator[Person]:
    async with acting(house, "ps_therapist", staff.router, handle=sessions.handle) as person:
        yield person


def _add(sessions: SampleSessions, name: str, days: float, state: str, **more: Any) -> None:
    at = datetime.now(UTC) + timedelta(days=days)
    sessions.sessions[name] = {
        **SCHEDULED,
        "id": name,
        "scheduled_for": at.isoformat(),
        "state": state,
        **more,
    }


async def test_what_is_not_written_down_or_signed_stands_under_to_sign(
    therapist: Person, sessions: SampleSessions
) -> None:
    assert "To sign" not in (await therapist.opens("/staff/today")).text
    held = {"outcome": "held", "by": "ps_therapist"}
    _add(sessions, "se_saved", -2, "documented", **held)
    _add(sessions, "se_passed", -4, "scheduled", by="ps_therapist")
    _add(sessions, "se_missed", -3, "no_show", outcome="no_show", by="ps_colleague")
    _add(sessions, "se_signed", -5, "signed", **held)
    _add(sessions, "se_off", -6, "cancelled", outcome="cancelled")
    _add(sessions, "se_next", 1, "scheduled")
    page = (await therapist.opens("/staff/today")).text
    to_sign = page.split('id="sign"')[1].split("</section>")[0]
    order = [
        to_sign.index(f"/staff/sessions/{name}/after") for name in ("se_passed", "se_missed", "se_saved")
    ]
    assert order == sorted(order), "the oldest first"
    assert to_sign.count("Not signed yet") == 2 and to_sign.count("Nothing is written down yet.") == 1
    assert "Not signed yet · " in to_sign, "what somebody else held says by whom"
    assert not any(name in page for name in ("se_signed", "se_off"))
    assert "/staff/sessions/se_next/after" in page and "Next: " in page


async def test_a_year_of_weekly_sessions_ahead_hides_neither_the_next_nor_what_waits(
    therapist: Person, sessions: SampleSessions
) -> None:
    _add(sessions, "se_passed", -4, "documented", outcome="held", by="ps_therapist")
    for week in range(60):
        _add(sessions, f"se_{week}", 1 + 7 * week, "scheduled")
    page = (await therapist.opens("/staff/today")).text
    assert "/staff/sessions/se_0/after" in page
    assert "/staff/sessions/se_passed/after" in page.split('id="sign"')[1]


async def test_who_said_something_else_since_waits_for_no_answer_any_more(
    house: Any, therapist: Person
) -> None:
    def said(version: int, days: int, person: str = "ps_mother", **body: Any) -> PlanAnswered:
        return PlanAnswered(
            tenant_id=house.tenant, client_id="cl_a", record_id=f"an_{version}_{person}", goal_id="g_one",
            version=version, by=person, happened_at=datetime.now(UTC) - timedelta(days=days),
            parties=(f"person:{person}",), words={DataClass.PLAN_PLAIN: AnswerBody(**body)},
        )  # fmt: skip

    question = {"answer": "ask", "words": "Any lesson?"}
    await house.hears(goal(house.tenant), said(1, 3, **question), said(1, 3, "ps_father", **question))
    assert (await therapist.opens("/staff/today")).text.count("Any lesson?") == 2
    await house.hears(said(2, 1, answer="approve"))
    assert (await therapist.opens("/staff/today")).text.count("Any lesson?") == 1


async def test_who_may_not_sign_is_not_asked_to(house: Any, sessions: SampleSessions) -> None:
    supervision = {"person_id": "ps_supervisor", "supervisee_id": "ps_therapist", "begins": LONG_AGO}
    await house.knows(rev=2, supervisions=[supervision])
    _add(sessions, "se_saved", -2, "documented", outcome="held", by="ps_therapist")
    _add(sessions, "se_next", 1, "scheduled")
    async with acting(house, "ps_supervisor", staff.router, handle=sessions.handle) as supervisor:
        page = (await supervisor.opens("/staff/today")).text
        assert "se_next" in page and "To sign" not in page
        begins = datetime.now(UTC) - timedelta(minutes=1)
        sessions.sessions["se_next"] |= {"scheduled_for": begins.isoformat()}
        page = (await supervisor.opens("/staff/today")).text
        assert "Open session" in page and "Start session" not in page
