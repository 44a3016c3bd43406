"""What does not answer is never told as something that is not there, and what was typed waits for it."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from whole_site import HERE, Web, whole_site

from chassis.errors import Unavailable
from family_portal.clients import Upstream
from family_portal.web.forms import Typed
from family_portal.web.session_keeping import sign_drafts

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
