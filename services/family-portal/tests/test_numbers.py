"""Numbers as people type them: read, asked about, never guessed and never the end of a page."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from family_portal.web.forms import Typed
from family_portal.web.session_results import typed_results

HUGE = pytest.param("9" * 5000, id="huge")


def typed(**values: str) -> Typed:
    return Typed(values, "k", None)


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), (" 3 ", 3), ("-2", -2), ("−2", -2), ("٣", 3), ("", None)]
)
def test_a_whole_number(text: str, number: int | None) -> None:
    assert typed(n=text).number("n") == number
    assert typed(n=text).decimal("n") == number


@pytest.mark.parametrize(("text", "number"), [("6.5", 6.5), ("6,5", 6.5), ("0.25", 0.25)])
def test_a_number_with_decimals_is_no_whole_number(text: str, number: float) -> None:
    assert typed(n=text).decimal("n") == number
    with pytest.raises(Invalid):
        typed(n=text).number("n")


@pytest.mark.parametrize("text", ["²", "--5", "abc", "1,000", "1_000", "0x10", "1e999", "nan", "inf", HUGE])
def test_what_is_no_number_is_asked_about_by_the_name_of_its_field(text: str) -> None:
    for read in (typed(n=text).number, typed(n=text).decimal):
        with pytest.raises(Invalid) as asked:
            read("n")
        assert asked.value.field == "n" and asked.value.detail and asked.value.fix


@given(st.text())
def test_whatever_is_typed_is_a_number_nothing_or_a_question(text: str) -> None:
    for read in (typed(n=text).number, typed(n=text).decimal):
        try:
            number = read("n")
        except Invalid:
            continue
        assert number is None or math.isfinite(number)


@pytest.mark.parametrize("part", ["value", "out_of"])
@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "²", "abc", HUGE])
def test_a_result_is_a_number_that_ends(text: str, part: str) -> None:
    name = f"trial-g_one-0-{part}"
    with pytest.raises(Invalid) as asked:
        typed_results(typed(**{"trial-g_one-0-value": "3", name: text}))
    assert asked.value.field == name
