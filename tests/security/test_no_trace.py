"""What is private leaves no trace: pages, programs, live events and messages are the same bytes with and without it."""

import secrets
import time

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
    """A private goal is written, agreed and changed, practised, measured and logged; the teenager sees it all."""
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


def _mails(product: Product, family: SmallFamily, name: str) -> int:
    address = family.house.login(name)["sign_in"]
    return sum(address in message["to"] for message in product.messages())


def test_a_private_part_of_life_is_not_there_for_a_parent(family: SmallFamily, product: Product) -> None:
    """The same shared change, with and without private life before it, is heard in the same bytes."""
    parent = Watch(family, "ps_parent")
    _settled(product, parent)
    before, mails = parent.told(), _mails(product, family, "ps_parent")
    assert any("We played" in text for text in before.values()), "the transcript holds what is shared"
    with listening(parent.browser) as quiet:
        _private_life(family, secrets.token_hex(4))
        after = parent.told()
        nothing = quiet.events
    assert _differences(before, after) == []
    assert nothing == "200", nothing
    assert _mails(product, family, "ps_parent") == mails
    _settled(product, parent)
    with listening(parent.browser) as alone:
        _summarise(family)
        until(lambda: alone.heard("session-cl_one"), "the event of a shared change")
    _settled(product, parent)
    with listening(parent.browser) as beside:
        _private_life(family, secrets.token_hex(4))
        _summarise(family)
        until(lambda: beside.heard("session-cl_one"), "the event of a shared change")
    assert beside.events == alone.events


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
    assert live.events == "200", live.events


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
        return live.events == "200"


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
