"""What stands where somebody has nothing here, true for each hat; and the staff's card of consents."""

from typing import Any

import httpx
import pytest
from site_app import acting

from family_portal.web import consents, family, notices, school, staff, staff_client

NEXT = {"ps_stranger": "assigned to you yet", "ps_supervisor": "you supervise", "ps_admin": "an administrator",
        "ps_auditor": "an auditor"}  # fmt: skip


def played(**answers: Any) -> Any:
    """Other services that answer these paths' ends, and nothing else."""

    def handle(request: httpx.Request) -> httpx.Response:
        found = next((body for end, body in answers.items() if request.url.path.endswith(f"/{end}")), None)
        if found is None:
            return httpx.Response(404, json={"title": "Not found", "status": 404})
        return httpx.Response(200, json=found)

    return handle


@pytest.mark.parametrize("person", NEXT)
async def test_an_empty_caseload_says_what_is_true_of_the_hat(house: Any, person: str) -> None:
    async with acting(house, person, staff.router, handle=played()) as somebody:
        page = (await somebody.opens("/staff/caseload")).text
    assert [key for key, words in NEXT.items() if words in page] == [person]
    assert ("An administrator can assign people to you." in page) is (person == "ps_stranger")


@pytest.mark.parametrize(
    ("person", "said"),
    [("ps_friend", "Nothing is asked of you now."), ("ps_mother", "Everything you may read stands on")],
)
async def test_where_nothing_is_new_no_pages_are_promised_that_are_not_there(
    house: Any, person: str, said: str
) -> None:
    async with acting(
        house, person, notices.router, handle=played(notices={"items": [], "next": None})
    ) as somebody:
        page = (await somebody.opens("/messages-for-you")).text
    assert said in page and 'aria-label="Pages"' in page


@pytest.mark.parametrize(
    ("person", "asked", "led"),
    [
        ("ps_teen", "/home", "/mine"),
        ("ps_teacher", "/home", "/school"),
        ("ps_friend", "/home", "/messages-for-you"),
        ("ps_mother", "/school", "/home"),
    ],
)
async def test_pages_of_another_hat_lead_to_the_persons_own(
    house: Any, person: str, asked: str, led: str
) -> None:
    async with acting(house, person, family.router, school.router, handle=played()) as somebody:
        answer = await somebody.http.get(asked)
    assert (answer.status_code, answer.headers["location"]) == (303, led)


def _row(*recipients: str, state: str = "granted") -> dict[str, Any]:
    usual = {"id": "c1", "state": state, "classes": ["plan_school"], "expires": None}
    return {"recipients": list(recipients), **usual}


async def test_the_staffs_card_of_consents_moves_by_itself_and_counts_people(house: Any) -> None:
    handle = played(consents={"items": [_row("ps_teacher"), _row("ps_teacher", "ps_friend")], "next": None})
    async with acting(house, "ps_therapist", staff_client.router, handle=handle) as therapist:
        card = (await therapist.opens("/staff/clients/a/fragments/safety")).text
    assert "1 person: granted" in card and "2 people: granted" in card
    assert 'hx-get="/staff/clients/a/fragments/safety"' in card and "who-cl_a from:#live" in card


async def test_a_consent_that_was_taken_back_holds_until_no_day(house: Any) -> None:
    ended = _row("ps_teacher", state="withdrawn") | {
        "expires": "2027-03-10T00:00:00Z",
        "version": 2,
        "effective": True,
    }
    handle = played(consents={"items": [ended], "next": None})
    async with acting(house, "ps_mother", consents.router, staff_client.router, handle=handle) as mother:
        page = (await mother.opens("/home/a/consents")).text
    async with acting(house, "ps_therapist", staff_client.router, handle=handle) as therapist:
        card = (await therapist.opens("/staff/clients/a/fragments/safety")).text
    assert "Ended" in page and "1 person: withdrawn" in card
    assert "March" not in page + card


async def test_whoever_closes_what_is_closed_already_reads_the_receipt(house: Any) -> None:
    """In a second window, that is: neither asked anew what will happen, nor told that it cannot be done."""
    ended = _row("ps_teacher", state="withdrawn") | {"version": 2, "effective": True}
    handle = played(consents={"items": [ended], "next": None})
    async with acting(house, "ps_mother", consents.router, handle=handle) as mother:
        answer = await mother.http.get("/home/a/consents/c1/end")
    assert (answer.status_code, answer.headers["location"]) == (303, "/home/a/consents/c1/receipt")


async def test_several_are_spoken_of_as_several(house: Any) -> None:
    handle = played(consents={"items": [_row("ps_teacher", "ps_friend")], "next": None})
    async with acting(house, "ps_mother", consents.router, handle=handle) as mother:
        page = (await mother.opens("/home/a/consents/c1/end")).text
    assert "Somebody and Somebody no longer see " in page
