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

from kith_local import sink


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
