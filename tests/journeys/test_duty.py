"""Boxes for words open with an organisation's duty rota, close without it, and say when they are read."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from kith_local.acting import Cast, until
from kith_local.browsing import Browser
from kith_local.demo.content_pack import read
from kith_local.small_family import SmallFamily, settle
from kith_local.testing import Product

pytestmark = pytest.mark.stack

WHY = "has not said yet who reads them"


@pytest.fixture(scope="module")
def family(product: Product) -> SmallFamily:
    """An organisation of its own, whose rota may go."""
    return settle(product.url, product.home)


@pytest.fixture
def nobody_on_duty(family: SmallFamily) -> Iterator[None]:
    """While a test runs nobody is on the family's rota, and every part of Kith knows it."""
    before = _set_rota(family, [])
    until(lambda: WHY in _log_page(family), "the box to close")
    yield
    _set_rota(family, before)
    until(lambda: "<textarea" in _log_page(family), "the box to open again")


def _set_rota(family: SmallFamily, rota: list[dict[str, Any]]) -> list[dict[str, Any]]:
    path, admin = f"/tenants/{family.house.id}", family.house.admin
    now = admin.get("identity", path)
    before: list[dict[str, Any]] = now["duty"]["rota"]
    body = {"name": now["name"], "timezone": now["timezone"], "duty": {**now["duty"], "rota": rota}}
    admin.put("identity", path, body, version=now["version"])
    return before


def _log_page(family: SmallFamily) -> str:
    return family.browser("ps_parent").open("/home/one/tasks/t_one/log").text


def test_the_demo_organisations_have_their_rotas_and_say_so_under_each_box(cast: Cast) -> None:
    names = {person["id"]: person["name"] for person in read("people")["persons"]}
    pages = {
        "tn_lantern": ("ps_efua", "/home/kofi/tasks/tk_kofi_card/log"),
        "tn_tidewell": ("ps_samira", "/home/elias/tasks/tk_elias_card/log"),
    }
    for tenant in read("tenants")["tenants"]:
        who, path = pages[tenant["id"]]
        told = cast.program(who).get("identity", f"/tenants/{tenant['id']}")
        assert told["duty"]["safeguarding_lead"] == tenant["duty"]["safeguarding_lead"]
        assert len(told["duty"]["rota"]) == len(tenant["duty"]["rota"])
        browser = cast.browser(who)
        browser.open(path)
        assert "Nobody reads this before" in browser.text or "What you write is read until" in browser.text
        on_duty = {names[hours["person"]] for hours in tenant["duty"]["rota"]}
        assert any(name in browser.text for name in on_duty), browser.text
        assert "Ring 0800 1111 (Childline, for anyone under 19)" in browser.text


def test_words_of_worry_come_to_whoever_is_on_duty(family: SmallFamily, product: Product) -> None:
    house, teacher = family.house, family.browser("ps_teacher")
    moira = {"role": "school_staff", "school_id": "sch_one", "school_role": "safeguarding_lead"}
    house.person("ps_moira", moira, name="Moira Canary")
    teacher.open("/school/pupils/one/observe")
    taps = {"goal_id": "g_one", "saw": "card", "my_part": "partly"}
    words = f"He said his gran hits him ({family.words})."
    teacher.fill("/observe", {**taps, "words": words})
    assert "It is not sent yet." in teacher.text and words in teacher.text
    until(lambda: "Moira Canary" in _sent_again(teacher, "change", taps), "the name of the school's lead")
    teacher.fill("/observe", {"worry": "send"})
    assert "It is not sent yet." not in teacher.text
    admin = Browser(product.url)
    admin.sign_in(house.login("ps_admin"), "staff")

    def called() -> bool:
        admin.open("/staff/today")
        return "Something was written that should not wait" in admin.text

    until(called, "the call on the first page of whoever is on duty")
    assert "hits him" not in admin.text and f"Y {family.words}" not in admin.text, "duty opens no record"
    assert "Ask T " in admin.text and "-therapist now." in admin.text
    mail = until(
        lambda: _mails(product, house.login("ps_admin")["sign_in"]), "the mail to whoever is on duty"
    )
    assert mail[0]["text"].splitlines()[0] == "You are on duty. Please look now."
    admin.fill("/done", {})
    assert "should not wait" not in admin.text


def _sent_again(teacher: Browser, choice: str, taps: dict[str, str]) -> str:
    """The page before it is sent, come to once more."""
    teacher.fill("/observe", {"worry": choice})
    assert teacher.forms("/observe")[0].fields["words"], "what was written is still there"
    teacher.fill("/observe", taps)
    return teacher.text


def _mails(product: Product, address: str) -> list[dict[str, Any]]:
    return [each for each in product.messages() if each["to"] == address]


def test_without_a_rota_words_are_refused_everywhere_and_the_rest_is_taken(
    family: SmallFamily, nobody_on_duty: None
) -> None:
    log = {"id": f"lg_{secrets.token_hex(6)}", "result": "part", "felt": 2}
    seen = {"goal_id": "g_one", "saw": "card", "my_part": "partly"}
    family.add_goal("g_new")
    asked = {"party": "guardian", "answer": "approve"}
    for name, service, path, body, done in (
        ("ps_parent", "family-portal", f"{family.path}/tasks/t_one/logs", log, 201),
        ("ps_teacher", "family-portal", f"{family.path}/observations", seen, 201),
        ("ps_parent", "care-plans", f"{family.path}/goals/g_new/answers", asked, 200),
    ):
        person = family.program(name)
        refused = person.ask(service, "POST", path, json={**body, "words": "Nobody would read this."})
        assert refused.status_code == 422, refused.text
        assert (refused.json()["field"], "rota" in refused.json()["fix"]) == ("words", True)
        taken = person.ask(service, "POST", path, json=body)
        assert taken.status_code == done, taken.text


def test_what_was_being_written_when_the_rota_went_stays_on_the_page(family: SmallFamily) -> None:
    parent = family.browser("ps_parent")
    parent.open("/home/one/tasks/t_one/log")
    form = parent.forms("/log")[0]
    before = _set_rota(family, [])
    until(lambda: WHY in _log_page(family), "the box to close")
    typed = {**form.fields, "result": "part", "words": "She pointed at the jam."}
    assert parent.send(form.action, typed).status_code == 422
    assert "She pointed at the jam." in parent.page.text and "cannot be taken" in parent.text
    _set_rota(family, before)
    until(lambda: WHY not in _log_page(family), "the box to open again")
    again = parent.forms("/log")[0].fields | {"result": "part"}
    assert again["words"] == "She pointed at the jam."
    assert parent.send(form.action, again).status_code == 200
    assert "Thank you" in parent.text
