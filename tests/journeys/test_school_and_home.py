"""What school and home tap, and what comes of it: another idea for school, a reason, a tap taken back."""

import re

import pytest

from kith_local.acting import until
from kith_local.browsing import Browser
from kith_local.small_family import SmallFamily, settle
from kith_local.testing import Product

pytestmark = pytest.mark.stack

PUPIL, PLAN = "/school/pupils/one", "/staff/clients/one/plan"


@pytest.fixture(scope="module")
def family(product: Product) -> SmallFamily:
    """An organisation of its own."""
    return settle(product.url, product.home)


def _reads(browser: Browser, address: str, text: str) -> str:
    """A page once it says something."""

    def there() -> str:
        browser.open(address)
        return browser.text if text in browser.text else ""

    return until(there, f"{text} at {address}")


def test_what_does_not_work_at_school_is_answered_with_another_idea(family: SmallFamily) -> None:
    teacher, therapist = family.browser("ps_teacher"), family.browser("ps_therapist")
    _reads(teacher, PUPIL, "Does it work here?")
    teacher.open(f"{PUPIL}/strategies")
    page = teacher.page.text
    name = re.search(r'name="strategy"[^>]*value="([^"]+)"', page)
    assert name and f"{family.words}-strategy" in page
    before = re.search(r"Version (\d+)", teacher.open(PUPIL).text)
    teacher.open(f"{PUPIL}/strategies")
    said = {"strategy": name[1], "works": "no", "words": f"Not known, {family.words}-noted."}
    teacher.fill("/strategies", said)
    _reads(teacher, PUPIL, "You noted what does not work here:")
    _reads(therapist, "/staff/today", f"Not known, {family.words}-noted.")
    parent = family.browser("ps_parent")
    assert f"{family.words}-noted" not in parent.open("/home/one").text
    _reads(therapist, PLAN, "What school does instead")
    another = f"Outside first, {family.words}-another."
    therapist.fill("/strategies/", {"words": "Thank you.", "strategy": another})
    week = _reads(teacher, PUPIL, "Because of what you noted")
    assert f"Now: “{another}” Thank you." in week and week.count(another) == 2, (
        "it is one of this week's things too"
    )
    after = re.search(r"Version (\d+)", teacher.text)
    assert before and after and int(after[1]) == int(before[1]) + 1
    assert (
        f"{family.words}-noted" not in therapist.open("/staff/fragments/to-answer").text.split("heard-h")[0]
    )


def test_a_reason_is_one_tap_and_a_tap_that_slipped_is_taken_back_everywhere(family: SmallFamily) -> None:
    parent, therapist = family.browser("ps_parent"), family.browser("ps_therapist")
    parent.open("/home/one/tasks/t_one/log")
    parent.fill("/log", {"result": "couldnt"})
    assert "Nothing else is needed." in parent.text
    parent.fill("/way", {"got_in_the_way": "too_tired"})
    assert "Thank you" in parent.text and "Nothing else is needed." in parent.text
    _reads(therapist, "/staff/today", "tried, couldn’t (too tired)")
    teacher = family.browser("ps_teacher")
    teacher.open(f"{PUPIL}/observe")
    teacher.fill("/observe", {"goal_id": "g_one", "saw": "walked", "my_part": "partly"})
    assert "You can take it back until" in teacher.text
    points = f"{family.path}/progress?limit=200"
    program = family.program("ps_therapist")
    until(lambda: '"walked"' in program.ask("care-plans", "GET", points).text, "the point of progress")
    teacher.fill("/undo", {})
    assert "It is taken back. Nobody reads it any more." in teacher.text
    until(lambda: '"walked"' not in program.ask("care-plans", "GET", points).text, "the point to go")
    items = program.ask("family-portal", "GET", f"{family.path}/items?class=observation&limit=200").text
    assert '"walked"' not in items
