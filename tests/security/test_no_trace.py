"""What is private leaves no trace: pages, programs, live events and messages are the same bytes with and without it."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest

from kith_local.acting import until
from kith_local.founding import goal, in_days
from kith_local.small_family import SmallFamily
from kith_local.testing import Product
from kith_local.transcripts import listening, transcript

pytestmark = pytest.mark.stack

STARTS = {
    "ps_parent": ("/start", "/home", "/messages-for-you"),
    "ps_teacher": ("/start", "/school", "/messages-for-you"),
    "ps_teen": ("/start", "/mine", "/messages-for-you"),
}


class Watch:
    """One person's page, open all the while, and all they can be told."""

    def __init__(self, family: SmallFamily, name: str) -> None:
        self._family, self._name = family, name
        self.browser = family.browser(name)

    def told(self) -> dict[str, str]:
        """Everything by page and program."""
        program = self._family.house.sign_in(self._name, "family", "care")
        return transcript(self.browser, program, self._family.path, STARTS[self._name])


def _summarise(family: SmallFamily) -> None:
    """Something shared moves: the control that proves that pages listen."""
    body = {"text": f"We played on, {secrets.token_hex(3)}."}
    put = family.program("ps_therapist").ask(
        "sessions", "PUT", f"{family.path}/sessions/s_one/summary", json=body
    )
    assert put.is_success, put.text


def _private_life(family: SmallFamily, mark: str) -> None:
    """A private goal is written, agreed and changed, practised, measured, logged and ended; the teenager sees it."""
    writer, path = family.program("ps_therapist"), family.path
    family.add_goal(f"g_{mark}", private=True)
    family.agree(f"g_{mark}", "ps_teen", "client")
    family.add_task(f"t_{mark}", f"g_{mark}", private=True)
    trial = {"id": f"tr_{mark}", "goal_id": f"g_{mark}", "value": 2, "label": f"trial {mark}"}
    writer.post("sessions", f"{path}/sessions/s_one/trials", {"trials": [trial]})
    rating = {"level": 1, "on": in_days(0)[:10]}
    writer.post("care-plans", f"{path}/goals/g_{mark}/ratings", rating)
    family.log("ps_teen", f"t_{mark}", f"lg_{mark}")
    version = writer.get("care-plans", f"{path}/goals/g_{mark}")["doc_version"]
    changed = {"id": f"g_{mark}", **goal(f"changed {mark}", private=True)}
    headers = {"If-Match": f'"{version}"'}
    put = writer.ask("care-plans", "PUT", f"{path}/goals/g_{mark}", json=changed, headers=headers)
    assert put.is_success, put.text
    teen = family.program("ps_teen")
    for address, wanted in (("/view", f"changed {mark}"), ("/items?class=plan_private", f"lg_{mark}")):
        until(lambda a=address, w=wanted: w in teen.ask("family-portal", "GET", f"{path}{a}").text, wanted)
    trials = f"{path}/items?class=plan_private&limit=200"
    until(lambda: f"trial {mark}" in teen.ask("family-portal", "GET", trials).text, "the private trial")
    _ends(family, mark)
    until(lambda: '"ended_on":"' in teen.ask("family-portal", "GET", f"{path}/view").text, "the private end")


def _ends(family: SmallFamily, mark: str) -> None:
    """The private goal ends, with its practice, and needs help again."""
    writer, address = family.program("ps_therapist"), f"{family.path}/goals/g_{mark}"
    asked = {"state": "agreed", "how": f"asked {mark}"}
    ends = {"decision": "completed", "use": "in_use", "achievement": "achieved", "asked": asked}
    for move, body in (("end", ends), ("again", {"id": f"g_again_{mark}"})):
        seen = writer.get("care-plans", address)["doc_version"]
        headers = {"If-Match": f'"{seen}"'}
        done = writer.ask("care-plans", "POST", f"{address}/{move}", json=body, headers=headers)
        assert done.is_success, done.text


def _half_written(family: SmallFamily, mark: str) -> None:
    """A goal is begun, changed and left lying, with a task that waits for it."""
    writer, path = family.program("ps_therapist"), family.path
    writer.post("care-plans", f"{path}/goals", {"id": f"g_{mark}", "team": f"Begun {mark}"})
    changed = {"team": f"Begun anew {mark}", "audience": ["guardians", "school"]}
    headers = {"If-Match": '"1"'}
    put = writer.ask("care-plans", "PUT", f"{path}/goals/g_{mark}", json=changed, headers=headers)
    assert put.is_success, put.text
    family.add_task(f"t_{mark}", f"g_{mark}", households=["hh_one"])
    assert f"Begun anew {mark}" in writer.ask("care-plans", "GET", f"{path}/plan").text


def _messages(product: Product, family: SmallFamily, name: str) -> list[dict[str, Any]]:
    """All that left to one person, newest first, whole but for when it left and what it was numbered."""
    address = family.house.login(name)["sign_in"]
    kept = ("channel", "to", "from", "subject", "text")
    return [
        {part: message[part] for part in kept} | {"headers": _lasting(message.get("headers", {}))}
        for message in product.messages()
        if address in message["to"]
    ]


def _lasting(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in ("Date", "Message-ID")}


def test_a_private_part_of_life_is_not_there_for_a_parent(family: SmallFamily, product: Product) -> None:
    """The same shared change, with and without private life before it, is heard in the same bytes."""
    parent = Watch(family, "ps_parent")
    _settled(product, parent)
    before, left = parent.told(), _messages(product, family, "ps_parent")
    assert any("We played" in text for text in before.values()), "the transcript holds what is shared"
    assert all("cache-control: " in text for text in before.values()), "and the headers it came with"
    assert left, "and the messages that left"
    with listening(parent.browser) as quiet:
        _private_life(family, secrets.token_hex(4))
        after = parent.told()
        nothing = quiet.told
    assert _differences(before, after) == []
    assert nothing == [], nothing
    _settled(product, parent)
    assert _messages(product, family, "ps_parent") == left
    alone, told_alone = _heard(family, product, parent, lambda: None)
    beside, told_beside = _heard(family, product, parent, lambda: _private_life(family, secrets.token_hex(4)))
    assert beside == alone
    assert "id: (drawn)" in alone, "an event has an id, and it says nothing"
    assert told_beside == told_alone


def _heard(
    family: SmallFamily, product: Product, watch: Watch, before: Callable[[], None]
) -> tuple[str, list[dict[str, Any]]]:
    """What an open page is sent and which messages leave when something shared moves, and something else before."""
    left = len(_messages(product, family, "ps_parent"))
    with listening(watch.browser) as live:
        before()
        _summarise(family)
        until(lambda: live.heard("session-cl_one"), "the event of a shared change")
        product.wait_until_quiet()
    _settled(product, watch)
    messages = _messages(product, family, "ps_parent")
    return live.events, messages[: len(messages) - left]


@pytest.mark.parametrize("name", sorted(STARTS))
def test_a_half_written_goal_is_there_for_the_team_alone(
    family: SmallFamily, product: Product, name: str
) -> None:
    watch = Watch(family, name)
    before = _settled(product, watch)
    with listening(watch.browser) as live:
        _half_written(family, secrets.token_hex(4))
        after = watch.told()
    assert _differences(before, after) == []
    assert live.told == [], live.told


def _agreed(family: SmallFamily, mark: str) -> None:
    """The team writes down how often they meet and when it ends; home knows already that they have begun."""
    writer, path = family.program("ps_therapist"), f"{family.path}/episode"
    now = writer.get("care-plans", path)
    body = {"referred_on": now["referred_on"], "rhythm": f"weekly {mark}", "ends_when": f"calm {mark}"}
    headers = {"If-Match": f'"{now["doc_version"]}"'}
    put = writer.ask("care-plans", "PUT", path, json=body, headers=headers)
    assert put.is_success, put.text
    page = "/staff/clients/one"
    until(lambda: f"weekly {mark}" in family.browser("ps_therapist").open(page).text, "the team's page")


@pytest.mark.parametrize("name", sorted(STARTS))
def test_what_is_agreed_about_the_work_is_there_for_the_team_alone(
    family: SmallFamily, product: Product, name: str
) -> None:
    watch = Watch(family, name)
    before = _settled(product, watch)
    with listening(watch.browser) as live:
        _agreed(family, secrets.token_hex(4))
        product.wait_until_quiet()
        after = watch.told()
    assert _differences(before, after) == []
    assert live.told == [], live.told


def _wish(family: SmallFamily, writer: str, mark: str) -> None:
    """Somebody wishes for a goal; the team answers and begins a draft with it; its writer reads the answer."""
    path, party = f"{family.path}/proposals", "school" if writer == "ps_teacher" else "guardian"
    wish = {"id": f"pr_{mark}", "party": party, "words": f"That he waits, {mark}."}
    family.program(writer).post("care-plans", path, wish)
    said = {"outcome": "rewritten", "answer": f"We put it so, {mark}.", "became": f"He asks, {mark}."}
    answered = family.program("ps_therapist").ask(
        "care-plans",
        "POST",
        f"{path}/pr_{mark}/answer",
        json={**said, "goal_id": f"g_{mark}"},
        headers={"If-Match": '"1"'},
    )
    assert answered.is_success, answered.text
    place = "/school/pupils/one/plan" if writer == "ps_teacher" else "/home/one/plan"
    until(lambda: f"We put it so, {mark}." in family.browser(writer).open(place).text, "the answer")


@pytest.mark.parametrize(
    ("name", "writer"), [("ps_parent", "ps_teacher"), ("ps_teacher", "ps_parent"), ("ps_teen", "ps_teacher")]
)
def test_a_wish_and_its_answer_are_there_for_their_writer_and_the_team_alone(
    family: SmallFamily, product: Product, name: str, writer: str
) -> None:
    watch = Watch(family, name)
    before, left = _settled(product, watch), _messages(product, family, name)
    with listening(watch.browser) as live:
        _wish(family, writer, secrets.token_hex(4))
        product.wait_until_quiet()
        after = watch.told()
    assert _differences(before, after) == []
    assert live.told == [], live.told
    assert _messages(product, family, name) == left


def _about(family: SmallFamily, mark: str) -> None:
    """The team writes a line about the teenager and writes it anew; it waits, and the teenager alone reads that."""
    writer, path = family.program("ps_therapist"), f"{family.path}/about"
    line = {"heading": "senses", "words": f"Loud halls, {mark}."}
    writer.post("care-plans", path, {"id": f"ab_{mark}", **line})
    put = writer.ask(
        "care-plans",
        "PUT",
        f"{path}/ab_{mark}",
        json={**line, "words": f"Full halls, {mark}."},
        headers={"If-Match": '"1"'},
    )
    assert put.is_success, put.text
    until(lambda: f"Full halls, {mark}." in family.browser("ps_teen").open("/mine/about").text, "the line")


@pytest.mark.parametrize("name", ["ps_parent", "ps_teacher"])
def test_a_line_that_waits_for_a_young_persons_yes_is_there_for_them_and_the_team_alone(
    family: SmallFamily, product: Product, name: str
) -> None:
    watch = Watch(family, name)
    before, left = _settled(product, watch), _messages(product, family, name)
    with listening(watch.browser) as live:
        _about(family, secrets.token_hex(4))
        product.wait_until_quiet()
        after = watch.told()
    assert _differences(before, after) == []
    assert live.told == [], live.told
    assert _messages(product, family, name) == left


def _settled(product: Product, watch: Watch) -> dict[str, str]:
    """What is told once nothing is on its way any more: twice the same, and nothing new to hear."""
    product.wait_until_quiet()
    last = watch.told()

    def still() -> bool:
        nonlocal last
        before, last = last, watch.told()
        return before == last

    until(still, "the pages to stand still")
    until(lambda: _hears_nothing(watch), "a page that opens to have missed nothing")
    return last


def _hears_nothing(watch: Watch) -> bool:
    with listening(watch.browser) as live:
        time.sleep(0.5)
        return not live.told


def _differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The addresses whose bytes differ, with the place where they do."""
    found = []
    for address in sorted(set(before) | set(after)):
        one, two = before.get(address, "(not there)"), after.get(address, "(not there)")
        if one != two:
            at = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), 0)
            found.append(
                f"{address}: {one[max(0, at - 60) : at + 80]!r} / {two[max(0, at - 60) : at + 80]!r}"
            )
    return found
