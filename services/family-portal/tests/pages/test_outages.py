"""What does not answer is never told as something that is not there, and what was typed waits for it."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from whole_site import HERE, Web, whole_site

END = "/home/a/consents/c1/end"


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
