"""What is wrong with a form is said in words for people, and leads to a field that the page has."""

from chassis.errors import Conflict
from chassis.problems import validation_problem
from family_portal.web import models as m
from family_portal.web.forms import MOVED, errors_of
from family_portal.web.macro_items import error_items


def test_a_version_that_moved_on_leads_to_no_field_and_is_said_in_words_for_people() -> None:
    moved = Conflict("Its doc_version is 8 now.", "If-Match", "Send the doc_version.", version=8)
    errors = errors_of(moved, {})
    assert error_items(m.Form("/", errors=errors)) == [{"text": MOVED}]


def test_a_wrong_value_is_not_called_by_its_program_s_name_beside_its_field() -> None:
    wrong = {"type": "string_too_long", "loc": ("body", "words"), "ctx": {"max_length": 2000}}
    problem = validation_problem([wrong])
    assert problem.detail == "`words` is too long."
    assert [e.text for e in errors_of(problem, {})] == ["This is too long. Write at most 2000 characters."]
    assert [e.text for e in errors_of(problem, {}, {"words": "Your words"})] == [
        "Your words: this is too long. Write at most 2000 characters."
    ]
