"""People of a running product, acting for tests: in browsers without scripts, or as programs; and patience."""

import re
import time
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from kith_local.browsing import Browser
from kith_local.program import Kith, Person

T = TypeVar("T")
LONGEST_S = 30.0
"""What is on its way arrives within a blink; a busy machine is given half a minute."""

_OWN = re.compile(r'(name="(?:csrf|command_id)" value="|/live\?drawn=)[^"]*')


class Cast:
    """Everybody the demo loader made, each signed in once."""

    def __init__(self, url: str, people: list[dict[str, Any]]) -> None:
        self.url = url
        self._people = {row["id"]: row for row in people}
        self._browsers: dict[str, Browser] = {}
        self._programs: dict[str, Person] = {}

    def row(self, person_id: str) -> dict[str, Any]:
        """What the loader said about a person: name, role, door, sign_in, password."""
        return self._people[person_id]

    def browser(self, person_id: str) -> Browser:
        """The person in a browser without scripts, come in by their own door."""
        if person_id not in self._browsers:
            self._browsers[person_id] = self.new_browser(person_id)
        return self._browsers[person_id]

    def new_browser(self, person_id: str) -> Browser:
        """One more browser of the person."""
        browser, row = Browser(self.url), self.row(person_id)
        area: Literal["family", "staff"] = "staff" if row["door"] == "/staff" else "family"
        browser.sign_in(row, area)
        return browser

    def program(self, person_id: str, scope: str = "care notes") -> Person:
        """The person as the user of a program."""
        if person_id not in self._programs:
            row = self.row(person_id)
            self._programs[person_id] = Kith(self.url).sign_in(row["sign_in"], row["password"], scope)
        return self._programs[person_id]


def until(look: Callable[[], T], what: str) -> T:
    """Look again until there is something to see, half a minute at most; `what` says what was waited for."""
    end = time.monotonic() + LONGEST_S
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.1)


def bare(page: str) -> str:
    """A page without what is made anew each time it is drawn: form key, command ids, when it was drawn."""
    return _OWN.sub(r"\1", page)
