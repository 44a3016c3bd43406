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
    "family-portal": ("/view", *(f"/items?class={each}&limit=200" for each in ITEMS)),
    "care-plans": ("/goals?limit=200", "/tasks?limit=200", "/progress?limit=200", "/plan?limit=200"),
    "sessions": ("/sessions?limit=200", "/notes?limit=200"),
    "identity": ("/consents?limit=200",),
}
"""Every list a program can read of one client, by service."""
_ELSEWHERE = re.compile(r"^/(assets|auth|leave|sign-|staff/sign-|sw\.js|manifest|looks|.*live$)")
_ADDRESS = re.compile(r'(?:href|hx-get|data-hx-get|action)="([^"#]+)')
_CLOCK = re.compile(r"\b\d{1,2}:\d{2}(:\d{2})?\b|\b(just now|\d+ (second|minute)s? ago)\b")


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


def same(page: str) -> str:
    """A page without what each drawing makes anew: form keys, command ids, and when it was drawn."""
    return _CLOCK.sub("(time)", bare(page))


def read_all(person: Person, path: str) -> dict[str, str]:
    """Status and body of every read of one client, by service and address."""
    told = {}
    for service, addresses in READS.items():
        for address in addresses:
            answer = person.ask(service, "GET", f"{path}{address}")
            told[f"{service} {address}"] = f"{answer.status_code} {answer.text}"
    return told


def transcript(browser: Browser, person: Person, path: str, starts: tuple[str, ...]) -> dict[str, str]:
    """Everything a person is told about one client, by page and by program."""
    pages = {address: f"{a.status_code} {same(a.text)}" for address, a in crawl(browser, starts).items()}
    notices = person.ask("notifications", "GET", f"{path.split('/clients')[0]}/notices").text
    return {**pages, **read_all(person, path), "notices": notices}


class Live:
    """What an open page is sent, byte for byte, but for the random ids of events and the keep-alive."""

    def __init__(self) -> None:
        self.raw = ""
        self.open = True

    @property
    def events(self) -> str:
        """All that was sent, ids and keep-alive aside."""
        lines = self.raw.replace("\r\n", "\n").split("\n")
        kept = [line for line in lines if not line.startswith((":", "id:")) and line]
        return "\n".join(kept)

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
            live.raw += f"{answer.status_code}\n"
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
