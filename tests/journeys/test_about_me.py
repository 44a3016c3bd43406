"""J2, step 4: a wish of school becomes a line about a child; school reads the reason, and the line after its yes."""

from functools import partial

import pytest

from kith_local.acting import bare, until
from kith_local.browsing import Browser
from kith_local.demo.waiting import eventually
from kith_local.founding import Organisation, goal
from kith_local.testing import Product

pytestmark = pytest.mark.stack

PUPIL, PLAN, ABOUT = "/school/pupils/nine", "/staff/clients/nine/plan", "/home/nine/about"
WISH, REASON = "That he looks at the speaker.", "Looking can take all of his attention."
LISTENS = "I build or draw while I listen. Please let me."
PAGE = ["plan_school", "observation", "about_me"]


@pytest.fixture(scope="module")
def house(product: Product) -> Organisation:
    """An organisation with a child of nine who does not sign in, a parent, a teacher and a therapist."""
    house = Organisation(product.url, product.home)
    house.post("schools", {"id": "sch_one", "name": "One School", "phase": "primary"})
    house.person("ps_therapist", {"role": "therapist"})
    house.person("ps_parent")
    teacher = house.person("ps_teacher", {"role": "school_staff", "school_id": "sch_one"})
    house.client("cl_nine", age=9, names={"everyone": "Nine"}, school_id="sch_one")
    house.tie("cl_nine", "ps_parent")
    house.assign("cl_nine", "ps_therapist")
    house.consent(house.sign_in("ps_parent"), "cl_nine", "cn_one", [teacher], classes=PAGE)
    writer, path = house.sign_in("ps_therapist"), f"{house.path('cl_nine')}/goals"
    eventually(partial(writer.post, "care-plans", path, {"id": "g_one", **goal("shared")}))
    writer.post("care-plans", f"{house.path('cl_nine')}/plan/propose", {"goals": ["g_one"]})
    return house


def _browser(house: Organisation, name: str) -> Browser:
    browser = Browser(house.url)
    browser.sign_in(house.login(name), "staff" if name == "ps_therapist" else "family")
    return browser


def _reads(browser: Browser, address: str, text: str) -> str:
    """A page once it says something."""

    def there() -> str:
        browser.open(address)
        return browser.text if text in browser.text else ""

    return until(there, f"{text} at {address}")


def test_a_wish_becomes_a_line_that_school_reads_from_its_yes_on_until_the_consent_ends(
    house: Organisation,
) -> None:
    teacher, therapist, parent = (_browser(house, n) for n in ("ps_teacher", "ps_therapist", "ps_parent"))
    _reads(teacher, PUPIL, "Nine")
    empty = bare(teacher.page.text)
    teacher.open(f"{PUPIL}/plan")
    teacher.fill("/wishes", {"words": WISH})
    _reads(therapist, PLAN, "Looking at faces can hurt")
    answer = {"outcome": "rewritten", "answer": REASON, "about_words": LISTENS, "about_heading": "one_page"}
    therapist.fill("/wishes/", answer)
    told = _reads(teacher, f"{PUPIL}/plan", REASON)
    assert LISTENS not in told
    assert bare(teacher.open(PUPIL).text) == empty, "what waits for a yes leaves no trace at school"
    _reads(parent, ABOUT, "Waits for Nine’s yes.")
    change = next(a for a in parent.page.text.split('href="') if a.startswith(f"{ABOUT}/")).split('"')[0]
    parent.open(change)
    parent.fill("/yes", {"how": "", "came_back": ""})
    assert "nobody has asked the person yet." in parent.text
    parent.open(change)
    parent.fill("/yes", {"how": "With two cards", "way": "a look", "came_back": "took the smiley"})
    assert "Nine said yes." in _reads(parent, ABOUT, LISTENS)
    page = _reads(teacher, PUPIL, LISTENS)
    assert "About me" in page and "took the smiley" not in page and WISH not in page
    assert "took the smiley" in _reads(
        therapist, change.replace("/home/", "/staff/clients/"), "took the smiley"
    )
    _closes(house, teacher)


def _closes(house: Organisation, teacher: Browser) -> None:
    """The consent ends, and with it all of the page; a line of other words waits anew."""
    path = house.path("cl_nine")
    consents, giver = f"{path}/consents/cn_one", house.sign_in("ps_parent")
    giver.post("identity", f"{consents}/withdraw", {})
    until(lambda: teacher.open(PUPIL).status_code == 404, "the page to close")
    program = house.sign_in("ps_teacher", "family", "care")
    for service in ("care-plans", "family-portal"):
        assert program.ask(service, "GET", f"{path}/about").status_code == 404
    giver.post("identity", f"{consents}/grant", {})
    _reads(teacher, PUPIL, LISTENS)
    writer = house.sign_in("ps_therapist")
    (line,) = writer.get("care-plans", f"{path}/about")["items"]
    changed = {"heading": "one_page", "words": "I doodle while I listen."}
    version = {"If-Match": f'"{line["version"]}"'}
    done = writer.ask("care-plans", "PUT", f"{path}/about/{line['id']}", json=changed, headers=version)
    assert done.json()["state"] == "waits"
    until(lambda: "About me" not in teacher.open(PUPIL).text, "the line to leave school's page")
