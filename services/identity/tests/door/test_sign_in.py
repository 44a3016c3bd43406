"""Who comes in, by which door, and what those who do not are told."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pymongo import MongoClient

from chassis.errors import Conflict, Invalid
from chassis.testing import Space
from chassis.visitors import HEADER, told_address
from identity.app import create_app
from kith_local.demo.content_pack import read

from .conftest import BACK, PASSWORD, PUBLIC, TENANT, Door, Flow, found_organisation, settings_of


async def test_the_way_in_for_families_ends_in_a_token_of_their_hats(door: Door) -> None:
    tokens = await door.come_in("kith-family", "efua")
    verified = await door.app.state.chassis.tokens.verify(tokens["access_token"])
    assert (verified.subject, verified.area, verified.client_id) == ("ps_efua", "family", "kith-family")
    assert [(tenant, hat.role.value) for tenant, hat in verified.hats] == [(TENANT, "guardian")]
    assert await door.me(tokens["access_token"]) == 200


async def test_a_person_with_both_hats_wears_at_each_door_its_own(door: Door) -> None:
    for client_id, role in (("kith-family", "guardian"), ("kith-staff", "therapist")):
        tokens = await door.come_in(client_id, "both")
        verified = await door.app.state.chassis.tokens.verify(tokens["access_token"])
        assert [hat.role.value for _, hat in verified.hats] == [role]


@pytest.mark.parametrize(("client_id", "who"), [("kith-staff", "efua"), ("kith-family", "dana")])
async def test_each_door_opens_for_its_own_people_alone(door: Door, client_id: str, who: str) -> None:
    answer = await door.knock(Flow(client_id), who)
    assert answer.status_code == 403
    assert "not your door" in answer.text


@pytest.mark.parametrize("typed", ["efua", " EFUA ", "efua@lantern.example", "Efua@Lantern.Example"])
async def test_a_login_is_known_in_any_spelling(door: Door, typed: str) -> None:
    assert (await door.knock(Flow("kith-family"), typed)).status_code == 303


async def test_the_answer_names_who_answers_and_keeps_the_state(door: Door) -> None:
    sent = await door.knock(Flow("kith-family", more={"state": "a b&c=d"}), "efua")
    location = urlsplit(sent.headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == BACK["kith-family"]
    query = parse_qs(location.query)
    assert query["iss"] == [f"{PUBLIC}/auth"]
    assert query["state"] == ["a b&c=d"]


async def test_a_wrong_password_and_an_unknown_person_look_the_same(door: Door) -> None:
    wrong = await door.knock(Flow("kith-family"), "efua", "not the password")
    unknown = await door.knock(Flow("kith-family"), "nobody-here", "not the password")
    assert wrong.status_code == unknown.status_code == 422

    def plain(answer: httpx.Response, who: str) -> str:
        text = answer.text.replace(who, "WHO")
        return "".join(
            line for line in text.splitlines() if "code_challenge" not in line and "form" not in line
        )

    assert plain(wrong, "efua") == plain(unknown, "nobody-here")
    assert "not the password" not in wrong.text


async def test_an_unknown_person_takes_as_long_as_a_known_one(
    module_space: Space, door: Door, tmp_path: Path
) -> None:
    passwords = type(door.parts.credentials.passwords)(workers=1, time_cost=4, memory_kib=32_768)
    kept = await passwords.hash(PASSWORD)

    async def took(hashed: str | None) -> float:
        started = time.perf_counter()
        for _ in range(5):
            assert not await passwords.fits(hashed, "not the password")
        return time.perf_counter() - started

    await took(kept)
    known, unknown = await took(kept), await took(None)
    passwords.close()
    assert 0.4 < known / unknown < 2.5


async def test_what_was_typed_is_escaped_and_the_page_needs_no_script(door: Door) -> None:
    answer = await door.knock(Flow("kith-family"), '"><script>alert(1)</script>', "not the password")
    assert "<script" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy and "script-src" not in policy


async def test_the_username_it_shows_is_nobodys(door: Door) -> None:
    page = (await door.http.get(f"/auth/authorize?{Flow('kith-family').query()}")).text
    shown = re.search(r"A username looks like ([a-z]+-[a-z]+-\d\d)\.", page)
    assert shown and shown[1] not in str(read("people"))


async def test_the_page_says_which_door_it_is(door: Door) -> None:
    family = await door.http.get(f"/auth/authorize?{Flow('kith-family').query()}")
    staff = await door.http.get(f"/auth/authorize?{Flow('kith-staff').query()}")
    assert 'data-area="open"' in family.text and 'data-area="staff"' in staff.text
    for page in (family, staff):
        assert "<h1" in page.text and "Come in" in page.text and "/help-now" in page.text


async def test_a_form_of_another_page_or_another_site_is_not_taken(door: Door) -> None:
    flow = Flow("kith-family")
    forged = await door.knock(flow, "efua", form="99999999999.abcdef")
    empty = await door.knock(flow, "efua", form="")
    elsewhere = await door.knock(flow, "efua", origin="https://evil.example")
    crossing = await door.knock(flow, "efua", **{"sec-fetch-site": "cross-site"})
    null = await door.knock(flow, "efua", origin="null")
    assert [answer.status_code for answer in (forged, empty, elsewhere, crossing, null)] == [400] * 5
    ours = await door.knock(flow, "efua", origin=PUBLIC, **{"sec-fetch-site": "same-origin"})
    assert ours.status_code == 303


async def test_five_failures_ask_for_a_pause_even_with_the_right_password(door: Door) -> None:
    await door.parts.credentials.set_password("ps_pause", ["pause"], PASSWORD)
    for _ in range(5):
        assert (await door.knock(Flow("kith-family"), "pause", "not the password")).status_code == 422
    paused = await door.knock(Flow("kith-family"), "pause")
    assert paused.status_code == 429
    assert paused.headers["retry-after"] == "60"
    assert "Wait a minute" in paused.text
    assert (await door.knock(Flow("kith-family"), "efua")).status_code == 303


async def test_many_tries_at_once_do_not_slip_past_the_count(door: Door) -> None:
    await door.parts.credentials.set_password("ps_burst", ["burst"], PASSWORD)
    tries = [door.knock(Flow("kith-family"), "burst", "not the password") for _ in range(20)]
    statuses = [answer.status_code for answer in await asyncio.gather(*tries)]
    assert statuses.count(422) == 5
    assert statuses.count(429) == 15


async def test_coming_in_often_is_never_too_often(door: Door) -> None:
    for _ in range(8):
        assert (await door.knock(Flow("kith-family"), "efua")).status_code == 303


@asynccontextmanager
async def _a_door_that(space: Space, folder: Path, **limits: int) -> AsyncIterator[Door]:
    """A door of its own, with the limits it has in life but for those named."""
    app = create_app(settings_of(space, folder, **limits))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://identity") as http,
    ):
        door = Door(app, app.state.sign_in.settings, http)
        await found_organisation(door)
        yield door


async def _from(door: Door, address: str, who: str, password: str = PASSWORD) -> httpx.Response:
    return await door.knock(Flow("kith-family"), who, password, **told_address(door.settings, address))


async def test_one_who_forgot_their_password_stops_nobody_else_at_the_school(
    new_space: Callable[[], Space], tmp_path: Path
) -> None:
    async with _a_door_that(new_space(), tmp_path) as door:
        guesses = [(await _from(door, "1.2.3.4", "forgot", f"guess {n}")).status_code for n in range(8)]
        assert guesses == [422] * 5 + [429] * 3
        for number in range(30):
            await _from(door, "1.2.3.4", f"pupil-{number}", "mistyped it")
        assert (await _from(door, "1.2.3.4", "efua")).status_code == 303
        assert (await _from(door, "1.2.3.5", "forgot")).status_code == 429


async def test_an_address_that_tries_one_account_after_another_waits_whatever_the_account(
    new_space: Callable[[], Space], tmp_path: Path
) -> None:
    async with _a_door_that(new_space(), tmp_path, accounts_per_address=3) as door:
        for name in ("one", "one", "one", "two", "two", "three"):
            assert (await _from(door, "1.2.3.4", name, "the same word")).status_code == 422
        same = await _from(door, "1.2.3.4", "efua")
        unknown = await _from(door, "1.2.3.4", "nobody-here")
        assert (same.status_code, unknown.status_code) == (429, 429)
        assert (await _from(door, "1.2.3.5", "efua")).status_code == 303
        assert 540 < int(same.headers["retry-after"]) <= 600
        assert "Wait 10 minutes" in same.text and "Wait 10 minutes" in unknown.text


async def test_a_header_that_anybody_can_write_gives_nobody_another_address(
    new_space: Callable[[], Space], tmp_path: Path
) -> None:
    async with _a_door_that(new_space(), tmp_path, accounts_per_address=3) as door:
        for number in range(3):
            named = {"x-forwarded-for": f"1.2.3.{number}", HEADER: "MS4yLjMuNA"}
            assert (
                await door.knock(Flow("kith-family"), f"who-{number}", "guessed", **named)
            ).status_code == 422
        last = await door.knock(Flow("kith-family"), "efua", **{"x-forwarded-for": "9.9.9.9"})
        assert last.status_code == 429


async def test_who_came_in_after_all_is_not_counted_against_the_address(
    new_space: Callable[[], Space], tmp_path: Path
) -> None:
    async with _a_door_that(new_space(), tmp_path, accounts_per_address=2) as door:
        for who in ("efua", "both", "efua"):
            assert (await _from(door, "1.2.3.4", who, "mistyped it")).status_code == 422
            assert (await _from(door, "1.2.3.4", who)).status_code == 303


async def test_a_login_belongs_to_one_person(door: Door) -> None:
    with pytest.raises(Conflict):
        await door.parts.credentials.set_password("ps_thief", ["EFUA@lantern.example"], PASSWORD)
    with pytest.raises(Invalid):
        await door.parts.credentials.set_password("ps_short", ["short"], "short")


async def test_a_phone_number_is_known_however_it_is_written(door: Door) -> None:
    credentials = door.parts.credentials
    await credentials.set_password("ps_phone", ["+44 1632 960-101"], PASSWORD)
    written = ("441632960101", "+44 (1632) 960101", "+441632960101", "01632 960101", "0044 (0)1632 960-101")
    for typed in written:
        found = await credentials.find(typed)
        assert found and found.person_id == "ps_phone"
    assert await credentials.find("+49 1632 960101") is None, "another country's is another number"


async def test_nothing_that_names_anybody_lies_in_the_database(door: Door, module_space: Space) -> None:
    await door.come_in("kith-family", "efua")
    database = module_space.database("identity")
    with MongoClient[dict[str, object]](module_space.parts.mongo_admin_uri) as client:
        held = "".join(
            repr(row)
            for name in client[database].list_collection_names()
            for row in client[database][name].find()
        )
    for word in ("lantern.example", "Lantern Lane", PASSWORD, "Amal", '"d":', "1632960101"):
        assert word not in held
