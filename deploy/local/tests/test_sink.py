"""What is sent arrives once, is readable by a person, and is still there after a restart."""

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator
from email.message import EmailMessage
from multiprocessing import get_context
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.base import AXE_SCRIPT

from kith_local import sink
from kith_local.chromium import DESK, OLD_PHONE, PHONE, chromium, window


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


@pytest.fixture
async def ports(tmp_path: Path) -> AsyncIterator[tuple[int, int]]:
    """A running sink: its SMTP port and the port of its page."""
    smtp, page = _free_ports()
    process = get_context("spawn").Process(
        target=sink.run, args=(tmp_path,), kwargs={"smtp_port": smtp, "page_port": page}
    )
    process.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{page}") as client:
        for _ in range(200):
            try:
                await client.get("/messages.json")
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    yield smtp, page
    process.terminate()
    process.join(10)
    assert process.exitcode == 0


def _send(port: int) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Maple Lane <updates@kith.example>", "efua@example.org"
    mail["Subject"], mail["Message-ID"] = "There is something new", "<one@kith.example>"
    mail.set_content("Open Kith <b>to read it</b>: ✓")
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(mail)


async def test_a_mail_sent_twice_is_kept_once_and_shown_without_becoming_markup(
    ports: tuple[int, int],
) -> None:
    smtp, page = ports
    for _ in range(2):
        await asyncio.to_thread(_send, smtp)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{page}") as client:
        (kept,) = (await client.get("/messages.json")).json()
        shown = (await client.get("/")).text
    assert (kept["to"], kept["subject"]) == ("efua@example.org", "There is something new")
    assert kept["text"].strip() == "Open Kith <b>to read it</b>: ✓"
    assert "&lt;b&gt;to read it" in shown
    assert "<b>to read it" not in shown


async def test_a_text_is_taken_once_under_its_id_and_a_wrong_one_refused(ports: tuple[int, int]) -> None:
    text = {"to": "+447700900001", "sender": "Maple Lane", "text": "Something is new", "id": "d1"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports[1]}") as client:
        for _ in range(2):
            assert (await client.post("/sms", json=text)).status_code == 200
        assert (await client.post("/sms", json={**text, "to": {"$ne": None}})).status_code == 422
        (kept,) = (await client.get("/messages.json")).json()
    assert (kept["channel"], kept["to"], kept["text"]) == ("sms", "+447700900001", "Something is new")


def test_messages_outlive_the_process(tmp_path: Path) -> None:
    message = {"id": "1", "channel": "sms", "to": "a", "from": "b", "subject": "", "text": "c", "at": "2026"}
    sink.Messages(tmp_path).keep(message)
    again = sink.Messages(tmp_path)
    again.keep(message)
    assert [kept["id"] for kept in again.newest_first()] == ["1"]


LONG = "https://kith.example/staff/tn_lantern/clients/cl_kofi/sessions/se_0123456789abcdef0123456789abcdef"
AROUND = """() => [...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > innerWidth
  || e.scrollWidth > e.clientWidth && e.clientWidth).map(e => e.tagName)"""


@pytest.mark.browser
async def test_the_page_wraps_what_is_long_at_every_width() -> None:
    mail = {"id": "1", "channel": "email", "to": f"{'efua.' * 14}x@example.org", "from": LONG, "at": "2026"}
    text = {"id": "2", "channel": "sms", "to": "+447700900001", "from": "Maple Lane", "at": "2026"}
    kept = [mail | {"subject": LONG, "text": LONG}, text | {"subject": "", "text": LONG}]
    async with chromium() as browser:
        for width in (OLD_PHONE, PHONE, DESK):
            async with window(browser, width) as context:
                page = await context.new_page()
                await page.set_content(sink.render(kept))
                assert await page.evaluate(AROUND) == [], width
                assert await page.evaluate("document.documentElement.scrollWidth") == width
                await page.evaluate(AXE_SCRIPT)
                found = await page.evaluate("axe.run(document)")
                assert [v["id"] for v in found["violations"]] == [], width


def test_a_text_has_a_heading_that_ends_with_a_word() -> None:
    text = {"id": "2", "channel": "sms", "to": "+447700900001", "from": "Maple Lane", "subject": "", "at": ""}
    said = "There is something new for you in Kith. Open it when it suits you at https://kith.example/"
    shown = sink.render([text | {"text": said}, text | {"text": LONG}, text | {"text": "It is new."}])
    assert "<h2>There is something new for you in Kith. Open it when it …</h2>" in shown
    assert f"<h2>{LONG[:60]}…</h2>" in shown
    assert "<h2>It is new.</h2>" in shown
