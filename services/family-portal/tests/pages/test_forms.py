"""What is wrong with a form is said in words for people, and leads to a field that the page has."""

from chassis.errors import Conflict
from family_portal.web import models as m
from family_portal.web.forms import MOVED, errors_of
from family_portal.web.macro_items import error_items


def test_a_version_that_moved_on_leads_to_no_field_and_is_said_in_words_for_people() -> None:
    moved = Conflict("Its doc_version is 8 now.", "If-Match", "Send the doc_version.", version=8)
    errors = errors_of(moved, {})
    assert error_items(m.Form("/", errors=errors)) == [{"text": MOVED}]
