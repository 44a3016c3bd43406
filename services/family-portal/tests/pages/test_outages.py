"""What does not answer is never told as something that is not there, and what was typed waits for it."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from whole_site import HERE, Web, whole_site

from chassis.ended import EndedSessions
from chassis.errors import Unavailable
from family_portal.clients import Upstream
from family_portal.sign_outs import SignOuts
from family_portal.web.forms import Typed
from family_portal.web.session_keeping import sign_drafts
from family_portal.web.visitor import COOKIES

NOTE = "She asked for two breaks, and led."
END = "/home/a/consents/c1/end"
NOTE_PAGE = "/staff/clients/a/notes/no_one"


@pytest.fixture
async def web(house: Any) -> AsyncIterator[Web]:
    async with whole_site(house) as site:
        yield site


def kept(page: httpx.Response) -> dict[str, str]:
    """What the page keeps of a form, to be sent again."""
    form = page.text.partition("<main")[2].partition("</form>")[0]
    return dict(re.findall(r'name="([^"]*)" value="([^"]*)"', form))


async def test_whoever_takes_a_consent_back_learns_that_it_may_not_have_happened(web: Web) -> None:
    session = await web.comes_in("ps_mother", "identity")
    pressed = await web.sends(END, session, session.csrf, HERE)
    assert pressed.status_code == 503
    assert "ended" not in pressed.text.partition("<main")[2] and "Send again" in pressed.text
    assert kept(pressed)["command_id"] == "c0ffee", "pressed again it is the same command"
    for page in (END, "/home/a/consents/c1/receipt"):
        assert (await web.opens(page, session)).status_code == 503


async def test_a_note_that_was_typed_is_kept_while_sessions_is_away(web: Web) -> None:
    session = await web.comes_in("ps_therapist", "sessions")
    for where in (NOTE_PAGE, f"{NOTE_PAGE}/amend"):
        sent = await web.sends(where, session, session.csrf, HERE, text=NOTE)
        assert sent.status_code == 503 and kept(sent)["text"] == NOTE
    assert (await web.opens(NOTE_PAGE, session)).status_code == 503


async def test_no_session_is_signed_past_a_draft_that_cannot_be_looked_for_now(web: Web) -> None:
    portal, session = web.house.portal, await web.comes_in("ps_therapist", "sessions")
    upstream = Upstream(portal.chassis.peers, portal.tokens, session)
    reach = await portal.reader.reach(web.house.caller("ps_therapist"), "cl_a")
    with pytest.raises(Unavailable):
        await sign_drafts(upstream, reach, "se_one", Typed({}, "c0ffee", None), "ps_therapist")


@pytest.mark.parametrize(
    ("person", "pages"),
    [
        ("ps_mother", ("/messages-for-you", "/home")),
        ("ps_teen", ("/messages-for-you", "/mine")),
        ("ps_teacher", ("/messages-for-you", "/school")),
    ],
)
async def test_nobody_is_told_that_there_is_nothing_new_while_that_is_not_known(
    web: Web, person: str, pages: tuple[str, ...]
) -> None:
    session = await web.comes_in(person, "notifications")
    for address in pages:
        page = await web.opens(address, session)
        assert page.status_code == 200 and "Nothing new" not in page.text
        assert "Not available right now." in page.text.partition("<main")[2], address
        assert page.text.count('href="">Try this part again') == 1


@pytest.mark.parametrize("remembered", [True, False])
@pytest.mark.parametrize(
    ("person", "out", "page"),
    [
        ("ps_mother", "/sign-out", "/home"),
        ("ps_therapist", "/staff/sign-out", "/staff/today"),
    ],
)
async def test_whoever_signs_out_while_identity_is_away_is_signed_out(
    web: Web, person: str, out: str, page: str, remembered: bool
) -> None:
    session, another = await web.comes_in(person), await web.comes_in(person)
    if not remembered:  # no token of this sign-in is held here, and none can be had
        web.house.portal.tokens.forget(session)
    assert (await web.sends(out, session, "of another page", HERE)).status_code == 403
    left = await web.sends(out, session, session.csrf, HERE)
    assert left.status_code == 303 and left.headers["location"] == "/?said=signed-out"
    assert f'{COOKIES[session.area]}=""' in left.headers["set-cookie"]
    assert (await web.opens(page, session)).headers["location"].startswith(("/sign-in", "/staff/sign-in"))
    assert (await web.opens(page, another)).status_code == 200, "another sign-in of the same person stays"
    once_more = await web.sends(out, session, session.csrf, HERE)
    assert once_more.headers["location"] == "/?said=signed-out"


async def test_open_pages_of_a_sign_in_that_was_ended_here_close_before_identity_hears_of_it(
    web: Web,
) -> None:
    session = await web.comes_in("ps_mother")
    await web.sends("/sign-out", session, session.csrf, HERE)
    assert await EndedSessions(web.house.chassis.mongo).has(session.sid)


async def test_identity_is_told_of_a_sign_out_once_it_is_back(web: Web) -> None:
    session = await web.comes_in("ps_mother")
    await web.sends("/sign-out", session, session.csrf, HERE)
    waiting = len(await web.house.portal.web_sessions.left())
    told, heard, stop = [], asyncio.Event(), asyncio.Event()
    loop = asyncio.create_task(SignOuts(web.house.chassis, web.house.portal.settings, every_s=0.05).run(stop))
    await asyncio.sleep(0.2)
    assert not loop.done(), "it goes on while nobody answers"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.append((await reader.readuntil(b"\r\n\r\n"), await reader.read(4096)))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        writer.close()
        heard.set()

    port = httpx.URL(web.house.portal.settings.identity_url).port
    async with await asyncio.start_server(answer, "127.0.0.1", port):
        await asyncio.wait_for(heard.wait(), 5)
        await asyncio.sleep(0.5)  # long enough for all that wait, and to be told again
    stop.set()
    await loop
    assert len(told) == waiting and await web.house.portal.web_sessions.left() == [], "each once"
    head, body = told[-1]
    assert head.startswith(b"POST /auth/revoke ") and b"authorization: basic" in head.lower()
    assert body == b"token=r"


async def test_of_a_form_of_many_fields_all_are_kept(web: Web) -> None:
    session = await web.comes_in("ps_therapist", "sessions")
    typed = {f"trial-g_{goal}-{n}-value": f"{n}" for goal in range(24) for n in range(60)}
    sent = await web.sends("/staff/sessions/se_one/after?client=a", session, session.csrf, HERE, **typed)
    assert sent.status_code == 503
    assert kept(sent).items() >= typed.items()
