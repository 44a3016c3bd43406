"""identity is away: whoever reads by consent or relationship is shown nothing, staff go on, typed text is kept."""

import time
from typing import Any

import httpx
import pytest

from kith_local.acting import until
from kith_local.small_family import SmallFamily
from kith_local.testing import Product

pytestmark = pytest.mark.stack

CLOSED_WITHIN_S = 20.0
"""Five seconds after the last heartbeat by the clock; a busy machine is given more."""
WORDS = "He showed the card, twice."
REASON = "We cannot be sure right now who may see what"
FORM = "/home/one/tasks/t_one/log"


@pytest.fixture(scope="module")
def away(product: Product, family: SmallFamily) -> dict[str, Any]:
    """What everybody sees while identity's two processes are down, and what happens to a form."""
    parent, teacher = family.browser("ps_parent"), family.browser("ps_teacher")
    therapist = family.browser("ps_therapist")
    program = {name: family.program(name) for name in ("ps_parent", "ps_teacher", "ps_therapist")}
    for person in program.values():
        person.get("family-portal", f"{family.path}/view")
    therapist.open("/staff/clients/one")
    parent.open(FORM)
    form = parent.forms("/log")[0]
    found: dict[str, Any] = {}
    with product.away("identity-api", "identity-worker"):
        begun = time.monotonic()
        until(lambda: parent.open("/home").status_code == 503, "the parent's page to close")
        found["closed_after_s"] = time.monotonic() - begun
        found["parent"], found["teacher"] = parent.page, teacher.open("/school/pupils/one")
        found["pupils"] = teacher.open("/school")
        found["nobody"] = teacher.open("/school/pupils/nobody")
        found["json"] = {
            name: person.ask("family-portal", "GET", f"{family.path}/view")
            for name, person in program.items()
        }
        found["staff"] = therapist.open("/staff/clients/one")
        found["help"] = httpx.get(f"{product.url}/help-now")
        typed = {**form.fields, "result": "part", "words": WORDS}
        found["posted"] = parent.send(FORM, typed)
        found["kept"] = parent.forms("/log")
        found["again"] = parent.fill("/log", {})
    return found


def test_family_and_school_pages_close_within_seconds_and_say_why(away: dict[str, Any]) -> None:
    assert away["closed_after_s"] < CLOSED_WITHIN_S
    for who in ("parent", "teacher", "pupils"):
        assert away[who].status_code == 503
        assert REASON in away[who].text
        assert away[who].headers["retry-after"]


def test_it_is_refused_before_anything_is_looked_up(family: SmallFamily, away: dict[str, Any]) -> None:
    assert away["nobody"].status_code == 503
    for name in ("ps_parent", "ps_teacher"):
        answer = away["json"][name]
        assert answer.status_code == 503
        assert family.words not in answer.text
    told = away["parent"].text + away["teacher"].text + away["pupils"].text
    assert not [name for name in ("client", "g_one", "t_one", "summary") if f"{family.words}-{name}" in told]


def test_staff_go_on(family: SmallFamily, away: dict[str, Any]) -> None:
    assert away["staff"].status_code == 200
    assert f"{family.words}-g_one" in away["staff"].text
    assert away["json"]["ps_therapist"].status_code == 200


def test_help_now_is_open(away: dict[str, Any]) -> None:
    assert away["help"].status_code == 200


def test_what_was_typed_is_kept_and_can_be_sent_again(away: dict[str, Any]) -> None:
    assert away["posted"].status_code == away["again"].status_code == 503
    assert WORDS in away["posted"].text
    [form] = away["kept"]
    assert form.fields["words"] == WORDS
    assert form.fields["result"] == "part"


def test_afterwards_it_is_sent_from_the_same_page_once(
    product: Product, family: SmallFamily, away: dict[str, Any]
) -> None:
    browser = family.browser("ps_parent")
    until(lambda: browser.open("/home").status_code == 200, "the parent's page to open again")
    browser.open(FORM)
    fields = {**away["kept"][0].fields, "csrf": browser.forms("/log")[0].fields["csrf"]}
    for _ in range(2):
        assert browser.send(FORM, fields).status_code == 200
    program = family.program("ps_therapist")

    def logs() -> list[str]:
        found = program.get("family-portal", f"{family.path}/items?class=task_log&limit=200")["items"]
        return [row["words"] for row in found if row.get("words") == WORDS]

    until(logs, "the log")
    product.wait_until_well()
    assert logs() == [WORDS]
    teacher = family.browser("ps_teacher")
    assert f"{family.words}-g_one" in teacher.open("/school/pupils/one").text
