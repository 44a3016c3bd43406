"""Every page renders with its model; nothing inline, no number of what was not done, forms that can be trusted."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sample_family as family
from rendering import PAGES, rendered, request_for

import family_portal
from family_portal.web.frame import HEADERS, SAID, STILL, environment, render
from family_portal.web.models import Form


@pytest.mark.parametrize("name", PAGES)
def test_a_page_renders_without_anything_inline(name: str) -> None:
    html = rendered(name)
    assert html.count("<h1") == 1
    assert not re.search(r"\son\w+=|\sstyle=|javascript:|<style", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)


@pytest.mark.parametrize("name", PAGES)
def test_every_form_says_whose_page_it_is_from(name: str) -> None:
    html = rendered(name)
    for form in re.findall(r'<form[^>]*method="post".*?</form>', html, re.S):
        if 'action="/looks"' in form:
            continue
        assert 'name="csrf" value="token"' in form
        assert "sign-out" in form or 'name="command_id"' in form


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_unique_and_links_to_them_hold(name: str) -> None:
    html = rendered(name)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)
    for target in re.findall(r'(?:aria-labelledby|aria-describedby|for)="([^"]+)"', html):
        assert set(target.split()) <= set(ids), target


@pytest.mark.parametrize("name", PAGES)
def test_no_live_part_stands_inside_another(name: str) -> None:
    """Both would ask at once, and the inner one would put the outer one's answer into itself."""
    parts = LiveParts(rendered(name))
    assert not parts.nested, parts.nested


class LiveParts(HTMLParser):
    """The live parts of a page that stand inside other live parts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.nested: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        named = dict(attrs)
        if "data-live" in named and any(live for _, live in self._open):
            self.nested.append(str(named.get("id")))
        self._open.append((tag, "data-live" in named))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass


def test_every_page_that_shows_a_client_closes_when_access_ends() -> None:
    """A page that listens to nothing stays open with a child's name on it after the consent has ended."""
    for name, (template, viewer, _, _) in PAGES.items():
        listens = 'id="live" hx-sse:connect=' in rendered(name)
        assert listens is (viewer is not None and template not in STILL), name
    whole = {name for name in environment().list_templates() if "/" in name}
    assert set(STILL) <= whole and all(STILL.values())
    assert {template.partition("/")[0] for template in STILL} == {"open"}, "a page of a person listens"


TEMPLATES = Path(family_portal.__file__).parent / "templates"
VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


def test_every_template_is_shown_by_a_sample() -> None:
    shown = {sample[0] for sample in PAGES.values()}
    whole = {
        name for name in environment().list_templates() if "/" in name and not name.startswith("fragments/")
    }
    assert whole - shown == {"plan/staff_goal.html", "plan/staff_wish.html"}


def test_a_typo_in_a_template_fails_loudly() -> None:
    with pytest.raises(Exception, match="undefined"):
        environment().from_string("{{ paeg.title }}").render()


def test_headers_allow_nothing_inline_and_nothing_is_kept() -> None:
    answer = render(request_for("/", None), "open/language.html")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert set(HEADERS) >= {"Permissions-Policy", "Referrer-Policy", "X-Content-Type-Options"}


def test_what_is_said_travels_percent_encoded() -> None:
    answer = render(request_for("/", None), "open/language.html", said="Mateus wrote back · Noor’s")
    assert answer.headers["Kith-Said"] == "Mateus%20wrote%20back%20%C2%B7%20Noor%E2%80%99s"


def test_every_live_part_says_what_has_changed_and_a_page_or_an_error_says_nothing() -> None:
    fragments = {name for name in environment().list_templates() if name.startswith("fragments/")}
    assert set(SAID) <= fragments
    live = {name for name in fragments if "live(" in (TEMPLATES / name).read_text()}
    own = {"fragments/notices.html", "fragments/receipt.html", "fragments/pupil_noted.html"}
    looks = {"fragments/duty.html"}
    assert live - set(SAID) == own | looks, "what a reader changed themselves is not told to them"
    part = render(request_for("/x", family.VIEWER), "fragments/summaries.html", page=family.SUMMARIES)
    assert part.headers["Kith-Said"].startswith("There%20is")
    page = render(request_for("/x", family.VIEWER), "family/sessions.html", page=family.SUMMARIES)
    assert "Kith-Said" not in page.headers


def test_looks_come_from_the_cookie_and_a_strange_cookie_changes_nothing() -> None:
    html = rendered("home", "kith-look=dark.more.calm.larger")
    assert 'data-theme="dark" data-contrast="more" data-calm="on" data-text="larger"' in html
    assert "data-theme" not in rendered("home", 'kith-look="><script>')


def test_typed_text_is_escaped_and_kept() -> None:
    form = Form("/x", {"words": '<img src=x onerror="1">', "many": ("a", "b")})
    assert form.value("words").startswith("<img") and form.has("many", "b") and not form.has("words", "a")
    template = "{% from 'own.html' import prose %}{{ prose(form, 'words', 'Words') }}"
    html = environment().from_string(template).render(form=form)
    assert "<img" not in html and "&lt;img" in html


def test_a_receipt_says_how_many_parts_it_waits_for() -> None:
    template, viewer, path, page = PAGES["receipt-waits"]
    assert "One part has not answered yet." in rendered("receipt-waits")
    waits = replace(page, receipts=tuple(replace(each, at="") for each in page.receipts))
    html = bytes(render(request_for(path, viewer), template, page=waits).body).decode()
    assert f"{len(waits.receipts)} parts have not answered yet." in html


def test_a_consent_says_its_state_once() -> None:
    html = rendered("consents")
    assert html.count("In force") == 1 and 'id="force"' in html
