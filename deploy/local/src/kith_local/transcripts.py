"""All that a person's browser and programs are told: every page they can reach, every read, every live event."""

import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import unescape
from urllib.parse import urljoin, urlsplit

import httpx

from kith_local.acting import bare
from kith_local.browsing import Browser
from kith_local.program import Person

STARTS = ("/start", "/home", "/mine", "/school", "/staff/today", "/messages-for-you")
ITEMS = ("task_log", "observation", "measure", "session_summary", "attendance", "plan_private", "plan_plain")
READS = {
    "family-portal": ("/view", "/about", *(f"/items?class={each}&limit=200" for each in ITEMS)),
    "care-plans": (
        "/goals?limit=200",
        "/tasks?limit=200",
        "/progress?limit=200",
        "/plan?limit=200",
        "/rests?limit=200",
        "/proposals?limit=200",
        "/about?limit=200",
        "/episode",
    ),
    "sessions": ("/sessions?limit=200", "/notes?limit=200"),
    "identity": ("/consents?limit=200", "/care-days"),
}
"""Every list a program can read of one client, by service, and whose days they are."""
_ELSEWHERE = re.compile(r"^/(assets|auth|leave|sign-|staff/sign-|sw\.js|manifest|looks|.*live$)")
_ADDRESS = re.compile(r'(?:href|hx-get|data-hx-get|action)="([^"#]+)')
_OF_THE_ANSWER = ("date", "traceparent", "tracestate")
"""Headers that say when an answer was given and by which trace, not what it is."""
_RANDOM_ID = re.compile(r"(?m)^id: [0-9a-f]{32}$")
"""The id of a live event, which is drawn for it alone; one of another form would say something."""


def crawl(browser: Browser, starts: tuple[str, ...] = STARTS, most: int = 150) -> dict[str, httpx.Response]:
    """Every page and fragment a browser reaches from these, by address; what only forms lead to is left out."""
    found: dict[str, httpx.Response] = {}
    waiting = deque(starts)
    while waiting and len(found) < most:
        address = waiting.popleft()
        if address in found or _ELSEWHERE.match(address):
            continue
        found[address] = answer = browser.open(address)
        if "text/html" in answer.headers.get("content-type", ""):
            waiting.extend(links(browser, answer.text))
    return found


def links(browser: Browser, page: str) -> list[str]:
    """The addresses on this site that a page names."""
    named = (urljoin(browser.at, unescape(address)) for address in _ADDRESS.findall(page))
    here = (address.removeprefix(browser.url) for address in named)
    return [
        address for address in dict.fromkeys(here) if address.startswith("/") and not urlsplit(address).netloc
    ]


def whole(answer: httpx.Response, text: str) -> str:
    """An answer with its status and every header but those of its moment, and what it says."""
    headers = [
        f"{name}: {value}" for name, value in answer.headers.multi_items() if name not in _OF_THE_ANSWER
    ]
    return "\n".join([str(answer.status_code), *sorted(headers), "", text])


def read_all(person: Person, path: str) -> dict[str, str]:
    """The whole answer of every read of one client, by service and address."""
    told = {}
    for service, addresses in READS.items():
        for address in addresses:
            answer = person.ask(service, "GET", f"{path}{address}")
            told[f"{service} {address}"] = whole(answer, answer.text)
    return told


def transcript(browser: Browser, person: Person, path: str, starts: tuple[str, ...]) -> dict[str, str]:
    """Everything a person is told about one client, by page and by program.

    Of a page only what each drawing makes anew is left out: form keys, command ids and when it was drawn.
    """
    pages = {address: whole(a, bare(a.text)) for address, a in crawl(browser, starts).items()}
    notices = person.ask("notifications", "GET", f"{path.split('/clients')[0]}/notices")
    return {**pages, **read_all(person, path), "notices": whole(notices, notices.text)}


class Live:
    """What an open page is sent, byte for byte, but for the keep-alive and what the ids of events were drawn as."""

    def __init__(self) -> None:
        self.raw = ""
        self.open = True

    @property
    def events(self) -> str:
        """All that was sent, headers too; an id stands for any that was drawn like it."""
        lines = self.raw.replace("\r\n", "\n").split("\n")
        kept = "\n".join(line for line in lines if not line.startswith(":") and line)
        return _RANDOM_ID.sub("id: (drawn)", kept)

    @property
    def told(self) -> list[str]:
        """The events alone."""
        return [line for line in self.events.split("\n") if line.startswith(("event:", "id:", "data:"))]

    def heard(self, name: str) -> bool:
        """Whether an event of this name came."""
        return f"event: {name}" in self.raw


@contextmanager
def listening(browser: Browser, address: str = "/live") -> Iterator[Live]:
    """A page of this browser stays open and listens meanwhile."""
    live = Live()
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    client = httpx.Client(base_url=browser.url, timeout=httpx.Timeout(60, connect=10))

    def listen() -> None:
        page = client.stream("GET", address, headers={"Cookie": cookie}, params={"drawn": time.time()})
        with suppress(httpx.HTTPError, RuntimeError), page as answer:
            live.raw += whole(answer, "")
            for text in answer.iter_text():
                live.raw += text
        live.open = False

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    end = time.monotonic() + 30
    while not live.raw and live.open and time.monotonic() < end:
        time.sleep(0.05)
    try:
        yield live
    finally:
        client.close()
