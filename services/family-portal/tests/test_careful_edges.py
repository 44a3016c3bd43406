"""What somebody may send on purpose: taps that are none of ours, addresses that lead away, sign-ins without end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request

from chassis.errors import Invalid, NotFound
from chassis.journal import Command
from contracts.ids import new_id
from family_portal.clients import Tokens
from family_portal.store.web_sessions import WebSession
from family_portal.web.consents import _card
from family_portal.web.frame import is_ours
from family_portal.web.heads import find_reach
from family_portal.write_back import LogWords, ObservationWords

from .conftest import House
from .sample_events import goal, task


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (LogWords("did", felt=9), "felt"),
        (LogWords("did", felt=-9), "felt"),
        (LogWords("perhaps"), "result"),
        (LogWords("did", got_in_the_way="a long story"), "got_in_the_way"),
        (LogWords("did", words="x" * 2001), "words"),
    ],
)
async def test_a_page_can_keep_no_log_that_a_program_could_not(
    house: House, said: LogWords, field: str
) -> None:
    await house.hears(task(house.tenant, "household:hh_a", task_id="tk_a"))
    with pytest.raises(Invalid) as refused:
        await house.portal.write_back.log_task(
            house.caller("ps_mother"), "cl_a", "tk_a", said, Command(new_id(), "ps_mother", "f", "cl_a")
        )
    assert refused.value.field == field


@pytest.mark.parametrize("change", [{"saw": "sang"}, {"my_part": "x"}, {"words": "x" * 2001}])
async def test_a_page_can_keep_no_observation_that_a_program_could_not(
    house: House, change: dict[str, str]
) -> None:
    await house.hears(goal(house.tenant))
    said = ObservationWords(**{"goal_id": "g_one", "saw": "pointed", "my_part": "partly", **change})
    with pytest.raises(Invalid) as refused:
        await house.portal.write_back.observe(
            house.caller("ps_teacher"), "cl_a", said, Command(new_id(), "ps_teacher", "f", "cl_a")
        )
    assert refused.value.field == next(iter(change))


@pytest.mark.parametrize("address", ["/home", "/home/kofi/plan?after=x", "/"])
def test_our_own_addresses_lead_back(address: str) -> None:
    assert is_ours(address)


@pytest.mark.parametrize(
    "address", ["", "home", "//evil.example", "/\\evil.example", "/\t/evil.example", "/ü", "/" + "x" * 500]
)
def test_an_address_that_a_browser_may_read_otherwise_leads_nowhere(address: str) -> None:
    assert not is_ours(address)


class _Looking:
    """A visitor with one hat."""

    def __init__(self, house: House) -> None:
        self.callers = (house.caller("ps_mother"),)


@pytest.mark.parametrize("name", ["Foo", "x" * 64, "a:b", "%00"])
async def test_a_name_that_no_client_can_have_is_looked_for_nowhere(house: House, name: str) -> None:
    """Not even where old facts would be asked for from identity, together with other people's."""
    beats = house.chassis.mongo.crossing_tenants("freshness", why="one heartbeat for all tenants")
    await beats.update_one({}, {"$set": {"beat_at": datetime.now(UTC) - timedelta(minutes=1)}})
    try:
        with pytest.raises(NotFound):
            await find_reach(Request({"type": "http", "headers": []}), house.portal, _Looking(house), name)  # type: ignore[arg-type]
    finally:
        await beats.update_one({}, {"$set": {"beat_at": datetime.now(UTC) + timedelta(hours=1)}})


def test_who_is_named_in_a_consent_reads_it_without_being_able_to_change_it() -> None:
    row: dict[str, Any] = {
        "id": "c1", "recipients": ["ps_mother"], "state": "granted", "classes": ["attendance"], "expires": None,
    }  # fmt: skip
    card = _card(row, {"ps_mother": "Samira"}, "/home/a", "ps_mother")
    assert card.who == "you"
    assert (card.withdraw, card.grant, card.decline, card.receipt) == (None, None, None, None)


async def test_ones_own_record_is_reached_without_anybody_elses(house: House) -> None:
    found = await house.portal.reader.own((house.caller("ps_teen"),))
    assert found == (house.caller("ps_teen"), "cl_a")
    assert await house.portal.reader.own((house.caller("ps_mother"),)) is None


async def test_what_ends_a_sign_in_ends_its_row(house: House) -> None:
    for name in ("web_sessions", "sign_in_flows"):
        rows = house.chassis.mongo.crossing_tenants(name, why="a test looks at its indexes")
        made = await rows._raw.index_information()
        assert any(index.get("expireAfterSeconds") == 0 for index in made.values()), name


def test_tokens_of_sign_ins_that_were_left_make_room(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("family_portal.clients.MOST_HELD", 3)
    tokens = Tokens(house.portal.settings, house.chassis.peers)
    for number in range(10):
        session = WebSession(f"s{number}", "c", "family", "ps_mother", f"sid{number}", "r")
        tokens.hold(session, "family-portal", {"access_token": "t", "expires_in": 300})
    assert len(tokens._held) == 3
