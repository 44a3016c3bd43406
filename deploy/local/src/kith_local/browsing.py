"""A browser without scripts, for tests: follows links and redirects, keeps cookies, sends the forms of a page."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any, Literal
from urllib.parse import urljoin

import httpx

Fields = dict[str, str | list[str]]


@dataclass
class PageForm:
    """One form of a page: where it posts and what its fields hold, hidden ones too."""

    action: str
    fields: Fields = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    """Every value a tick or choice of this name can have."""


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._area = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(PageForm(got.get("action", "")))
        name = got.get("name", "")
        if not self.forms or (tag != "option" and not name):
            return
        form = self.forms[-1]
        if tag == "textarea":
            self._area = name
            form.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(got.get("value", ""))
            if "selected" in got or self._select not in form.fields:
                form.fields[self._select] = got.get("value", "")
        elif tag in ("input", "button"):
            self._input(form, tag, name, got)

    def _input(self, form: PageForm, tag: str, name: str, got: dict[str, str]) -> None:
        kind, value = got.get("type", "submit" if tag == "button" else "text"), got.get("value", "")
        if kind in ("checkbox", "radio", "submit"):
            form.choices.setdefault(name, []).append(value)
            if kind == "checkbox" and "checked" in got:
                held = form.fields.setdefault(name, [])
                assert isinstance(held, list)
                held.append(value)
            elif kind == "radio" and "checked" in got:
                form.fields[name] = value
        else:
            held = form.fields.get(name, [])
            several = [*([held] if isinstance(held, str) else held), value]
            form.fields[name] = value if len(several) == 1 else several

    def handle_data(self, data: str) -> None:
        if self._area:
            held = self.forms[-1].fields[self._area]
            self.forms[-1].fields[self._area] = f"{held}{data}"

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        if tag == "select":
            self._select = ""


class Browser:
    """One person's browser with scripts switched off."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=30, headers={"Accept": "text/html"})
        self.cookies: dict[str, str] = {}
        self.at = "/"
        self.page = httpx.Response(204)

    def sign_in(self, person: dict[str, Any], area: Literal["family", "staff"] = "family") -> httpx.Response:
        """Come in by the door of an area with what the demo loader said about the person."""
        self.open("/staff/sign-in" if area == "staff" else "/sign-in")
        hidden = re.search(r'name="form" value="([^"]*)"', self.page.text)
        assert hidden is not None, self.text
        typed = {"form": unescape(hidden[1]), "who": person["sign_in"], "password": person["password"]}
        return self.send(self.at, typed)

    def open(self, address: str) -> httpx.Response:
        """Open an address and follow where it leads."""
        return self._go("GET", address)

    def send(self, address: str, fields: Fields) -> httpx.Response:
        """Post fields and follow where the answer leads."""
        return self._go("POST", address, fields)

    def forms(self, action: str = "") -> list[PageForm]:
        """The forms of the page whose address contains `action`, sign-out aside."""
        parser = _Forms()
        parser.feed(self.page.text)
        return [f for f in parser.forms if action in f.action and "sign-out" not in f.action]

    def fill(self, action: str, fields: Fields) -> httpx.Response:
        """Fill the one form whose address contains `action` and send it, hidden fields included."""
        form = self.forms(action)[0]
        return self.send(form.action or self.at, {**form.fields, **fields})

    @property
    def text(self) -> str:
        """What a person reads on the page, in one line."""
        bare = re.sub(r"(?s)<(script|style|svg|head)\b.*?</\1>", " ", self.page.text)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare))).strip()

    def _go(self, method: str, address: str, fields: Fields | None = None) -> httpx.Response:
        where = urljoin(self.at, address)
        for _ in range(8):
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers = {"Cookie": cookie, **({"Sec-Fetch-Site": "same-origin"} if fields is not None else {})}
            answer = self.http.request(method, where, data=fields, headers=headers)
            self._keep(answer)
            self.at, self.page = where, answer
            if answer.status_code not in (301, 302, 303, 307):
                return answer
            where = urljoin(where, answer.headers["location"]).removeprefix(self.url)
            method, fields = "GET", None
        raise RuntimeError(f"{address} redirects for ever")

    def _keep(self, answer: httpx.Response) -> None:
        """Keep cookies as a browser does on localhost, which counts as secure."""
        for line in answer.headers.get_list("set-cookie"):
            pair, *rest = line.split(";")
            name, _, value = pair.partition("=")
            if any(part.strip().lower() == "max-age=0" for part in rest):
                self.cookies.pop(name.strip(), None)
            else:
                self.cookies[name.strip()] = value.strip('"')
