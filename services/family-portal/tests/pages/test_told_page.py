"""How a person is told: the present way without the whole address, what was typed kept, nothing changed twice."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from site_app import Person, acting

from family_portal.web import told
from family_portal.web.told import masked_email, masked_phone

PAGE = "/how-you-are-told"
MAIL, NUMBER = "samira@home.example", "07700 900108"


@dataclass
class Elsewhere:
    """Identity and notifications, which know one person and keep the promises of their APIs."""

    person: dict[str, Any] = field(
        default_factory=lambda: {"rev": 3, "email": MAIL, "phone": None, "channels": []}
    )
    choice: dict[str, Any] = field(default_factory=lambda: {"version": 0, "channels": []})
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    _done: set[str] = field(default_factory=set)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """One request, as httpx.MockTransport asks it."""
        what = request.url.path.rpartition("/")[2]
        if what in self.away:
            return httpx.Response(503)
        row, counter = (self.choice, "version") if what == "preferences" else (self.person, "rev")
        if request.method == "GET":
            return httpx.Response(200, json=row | {"chosen": bool(row["channels"])})
        key, body = request.headers["idempotency-key"], json.loads(request.content)
        if key in self._done:
            return httpx.Response(200, json={})
        if "@" not in body.get("email", "@"):
            return _refused(422, "email", "This text has another form than expected.")
        if request.headers.get("if-match") != f'"{row[counter]}"':
            return _refused(409, "If-Match", "It is at another version now.")
        self._done.add(key)
        self.asked.append((what, body))
        row.update({**body, counter: row[counter] + 1})
        return httpx.Response(200, json={})


def _refused(status: int, name: str, detail: str) -> httpx.Response:
    return httpx.Response(status, json={"field": name, "detail": detail, "fix": "Use the form ^[^@]+$."})


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


@pytest.fixture
async def mother(house: Any, elsewhere: Elsewhere) -> AsyncIterator[Person]:
    async with acting(house, "ps_mother", told.router, handle=elsewhere.handle) as person:
        yield person


def seen(elsewhere: Elsewhere, **changes: str) -> dict[str, str]:
    """What the form says beside what is typed: the versions it was drawn from."""
    return {
        "rev": str(elsewhere.person["rev"]),
        "version": str(elsewhere.choice["version"]),
        **changes,
    }


def chosen(page: httpx.Response) -> list[str]:
    """The way that is ticked."""
    radios = page.text.split('name="told"')[1:]
    return [r.split('value="')[1].split('"')[0] for r in radios if " checked" in r.split(">")[0]]


async def test_the_page_says_how_one_is_told_and_never_the_whole_address(
    mother: Person, elsewhere: Elsewhere
) -> None:
    page = await mother.opens(PAGE)
    assert "By e-mail, to s…\N{WORD JOINER}@home.example." in page.text and chosen(page) == ["email"]
    elsewhere.person["phone"], elsewhere.choice["channels"] = NUMBER, ["sms"]
    page = await mother.opens(PAGE)
    assert "By text message, to the number that ends in 108." in page.text and chosen(page) == ["sms"]
    assert MAIL not in page.text and NUMBER not in page.text


async def test_the_choice_of_the_sign_up_holds_until_there_is_another(
    mother: Person, elsewhere: Elsewhere
) -> None:
    elsewhere.person |= {"phone": NUMBER, "channels": ["push", "email"]}
    assert chosen(await mother.opens(PAGE)) == ["sms"]
    elsewhere.choice |= {"version": 1, "channels": ["page"]}
    page = await mother.opens(PAGE)
    assert chosen(page) == ["page"] and "By neither." in page.text


async def test_a_number_is_kept_before_texts_go_to_it(mother: Person, elsewhere: Elsewhere) -> None:
    page = await mother.opens(PAGE)
    sent = await mother.sends(PAGE, page, **seen(elsewhere, told="sms", email="", phone=NUMBER))
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PAGE}?kept=1")
    assert elsewhere.asked == [("contact", {"phone": NUMBER}), ("preferences", {"channels": ["sms"]})]
    after = await mother.opens(sent.headers["location"])
    assert "Kept." in after.text and "the number that ends in 108" in after.text


async def test_a_form_that_is_sent_twice_changes_it_once(mother: Person, elsewhere: Elsewhere) -> None:
    page, said = await mother.opens(PAGE), seen(elsewhere, told="sms", phone=NUMBER)
    answers = [(await mother.sends(PAGE, page, **said)).status_code for _ in range(2)]
    assert answers == [303, 303] and len(elsewhere.asked) == 2


@pytest.mark.parametrize(
    ("typed", "where", "words"),
    [
        ({}, "told", "Choose one of the three."),
        ({"told": "pigeon"}, "told", "Choose one of the three."),
        ({"told": "sms", "email": "new@home.example"}, "phone", "Kith has no mobile number of yours."),
        ({"told": "email", "email": "<b>samira"}, "email", "This is not an e-mail address."),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(
    mother: Person, elsewhere: Elsewhere, typed: dict[str, str], where: str, words: str
) -> None:
    page = await mother.opens(PAGE)
    refused = await mother.sends(PAGE, page, **seen(elsewhere, **typed))
    assert refused.status_code == 422 and elsewhere.asked == []
    assert f'href="#{where}"' in refused.text and f'id="{where}-error"' in refused.text
    assert words in refused.text and "Use the form" not in refused.text
    assert typed.get("email", "").replace("<", "&lt;").replace(">", "&gt;") in refused.text
    assert chosen(refused) == [way for way in [typed.get("told")] if way in ("email", "sms", "page")]


async def test_after_a_change_elsewhere_one_looks_again_and_can_send_again(
    mother: Person, elsewhere: Elsewhere
) -> None:
    page, said = await mother.opens(PAGE), seen(elsewhere, told="page")
    elsewhere.choice |= {"version": 4, "channels": ["email"]}
    late = await mother.sends(PAGE, page, **said)
    assert late.status_code == 409 and "This was changed elsewhere meanwhile." in late.text
    assert chosen(late) == ["page"] and "By e-mail" in late.text and 'name="version" value="4"' in late.text
    assert (await mother.sends(PAGE, late, **seen(elsewhere, told="page"))).status_code == 303
    assert elsewhere.choice["channels"] == ["page"]


async def test_a_form_of_somebody_else_and_a_part_that_is_away_change_nothing(
    mother: Person, elsewhere: Elsewhere
) -> None:
    said = seen(elsewhere, told="page")
    assert (await mother.sends(PAGE, **{**said, "csrf": "other"})).status_code == 403
    elsewhere.away.add("preferences")
    assert (await mother.sends(PAGE, **said)).status_code == 503
    assert (await mother.opens(PAGE)).status_code == 503
    assert elsewhere.asked == []


async def test_staff_choose_on_a_page_of_theirs(house: Any, elsewhere: Elsewhere) -> None:
    async with acting(house, "ps_therapist", told.router, handle=elsewhere.handle) as therapist:
        page = await therapist.opens(f"/staff{PAGE}")
        assert f'action="/staff{PAGE}"' in page.text and 'data-area="staff"' in page.text
        sent = await therapist.sends(f"/staff{PAGE}", page, **seen(elsewhere, told="page"))
        assert (sent.status_code, sent.headers["location"]) == (303, f"/staff{PAGE}?kept=1")


def test_an_address_or_number_is_shown_as_its_owner_knows_it() -> None:
    assert masked_email("a@b.example") == "a…\N{WORD JOINER}@b.example"
    assert masked_phone("+44 (7700) 900-103") == "the number that ends in 103"
