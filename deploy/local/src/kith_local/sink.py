"""Where local mail and text messages end: a real SMTP server and an SMS gateway, readable on one page."""

import asyncio
import json
import signal
import time
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from html import escape
from pathlib import Path
from textwrap import shorten
from typing import Any

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from kith_local.home import replace

_TITLE = 60
"""Characters of a text that stand as its heading."""


class Text(BaseModel):
    """A text message as the gateway takes it."""

    model_config = ConfigDict(extra="forbid")

    to: str = Field(min_length=1, max_length=40)
    sender: str = Field(max_length=60)
    text: str = Field(max_length=2000)
    id: str = Field(min_length=1, max_length=200)


class Messages:
    """Every message that left, one file each; a message sent twice under one id is kept once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._names = {json.loads(f.read_text())["id"]: f.name for f in folder.glob("*.json")}

    def keep(self, message: dict[str, Any]) -> None:
        """Write one message down before its sender hears that it arrived."""
        if message["id"] in self._names:
            return
        mark = sha256(message["id"].encode()).hexdigest()[:12]
        name = f"{time.time_ns()}-{mark}.json"
        replace(self._folder / name, json.dumps(message, ensure_ascii=False))
        self._names[message["id"]] = name

    def newest_first(self) -> list[dict[str, Any]]:
        """All messages."""
        files = sorted(self._folder.glob("*.json"), reverse=True)
        return [json.loads(file.read_text()) for file in files]


class MailHandler:
    """Takes what SMTP clients deliver."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep one mail for all its recipients."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        body = mail.get_body(preferencelist=("plain", "html"))
        fallback = sha256(content).hexdigest()
        self._messages.keep(
            {
                "id": str(mail.get("Message-ID") or fallback),
                "channel": "email",
                "to": ", ".join(envelope.rcpt_tos),
                "from": str(mail.get("From") or envelope.mail_from),
                "subject": str(mail.get("Subject") or ""),
                "text": body.get_content() if body else "",
                "headers": {name: str(value) for name, value in mail.items()},
                "at": _now(),
            }
        )
        return "250 Message accepted"


def create_app(messages: Messages) -> FastAPI:
    """The gateway's endpoint and the page that shows what arrived."""
    app = FastAPI(title="Kith messages", docs_url=None, redoc_url=None)

    @app.post("/sms")
    async def sms(message: Text) -> dict[str, str]:
        """Take a text message."""
        kept = {"id": message.id, "channel": "sms", "to": message.to, "from": message.sender}
        messages.keep(kept | {"subject": "", "text": message.text, "at": _now()})
        return {"id": message.id, "status": "accepted"}

    @app.get("/messages.json")
    async def listed() -> list[dict[str, Any]]:
        """Every message, newest first."""
        return messages.newest_first()

    @app.get("/", response_class=HTMLResponse)
    async def page() -> str:
        """Every message, newest first, for a person."""
        return render(messages.newest_first())

    return app


def render(messages: list[dict[str, Any]]) -> str:
    """The page: one article a message."""
    shown = "".join(_article(message) for message in messages) or "<p>No message has left yet.</p>"
    return _PAGE.format(count=len(messages), shown=shown)


def _article(message: dict[str, Any]) -> str:
    kind = "E-mail" if message["channel"] == "email" else "Text message"
    title = escape(message["subject"] or _beginning(message["text"]))
    text = escape(message["text"])
    at, to, sender = (escape(message[key]) for key in ("at", "to", "from"))
    when = f'<time datetime="{at}">{at[:19].replace("T", " ")} UTC</time>'
    about = f"{kind} to <b>{to}</b> from {sender}, {when}"
    return f"<article><h2>{title}</h2><p>{about}</p><pre>{text}</pre></article>"


def _beginning(text: str) -> str:
    """What a text begins with, to the end of a word where there is one."""
    whole_words = shorten(text, _TITLE, placeholder=" …")
    return whole_words if whole_words.strip(" …") else f"{text[:_TITLE]}…"


def _now() -> str:
    return datetime.now(UTC).isoformat()


def run(folder: Path, *, smtp_port: int, page_port: int) -> None:
    """Take mail and texts until SIGTERM."""
    asyncio.run(_run(Messages(folder), smtp_port, page_port))


async def _run(messages: Messages, smtp_port: int, page_port: int) -> None:
    loop = asyncio.get_running_loop()
    handler = MailHandler(messages)
    smtp = await loop.create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True, ident="Kith", loop=loop), "127.0.0.1", smtp_port
    )
    config = uvicorn.Config(
        create_app(messages), host="127.0.0.1", port=page_port, log_config=None, access_log=False
    )
    web = uvicorn.Server(config)
    loop.add_signal_handler(signal.SIGTERM, web.handle_exit, signal.SIGTERM, None)
    async with smtp:
        await web.serve()


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Messages that left Kith</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1rem }}
body {{ color: #1d1d1b; background: #fff; overflow-wrap: anywhere }}
article {{ border-top: 2px solid #595959; padding: .5rem 0 }}
h2 {{ font-size: 1.2rem; margin: .5rem 0 }}
pre {{ white-space: pre-wrap; font: inherit }}
pre {{ background: #f4f1ea; padding: .75rem; margin: 0 }}
</style>
</head>
<body>
<main>
<h1>Messages that left Kith</h1>
<p>{count} on this machine, newest first. Nothing goes further than this page.</p>
{shown}
</main>
</body>
</html>
"""
