"""A field filled in from its kept shape is the field the macro itself would have made."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup

from family_portal.web.fields import fields

OURS = fields()
THEIRS = Environment(
    loader=PackageLoader("nhsuk_frontend_jinja"),
    undefined=ChainableUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
WORDS = st.text("ab <>&\"'’ضé", min_size=1, max_size=12).map(lambda text: f"x{text}x")

UNHURRIED = settings(deadline=None, max_examples=30)


def plain(component: str, name: str, params: dict[str, Any]) -> str:
    """What the macro makes by itself."""
    macro = getattr(THEIRS.get_template(f"nhsuk/components/{component}/macro.jinja").module, name)
    return str(macro(params))


@UNHURRIED
@given(text=WORDS, href=WORDS)
def test_a_button(text: str, href: str) -> None:
    params = {"text": text, "href": href, "classes": "nhsuk-button--secondary k-wide"}
    assert OURS["button"](params) == plain("button", "button", params)


@UNHURRIED
@given(value=WORDS, label=WORDS, wrong=st.one_of(st.none(), WORDS))
def test_a_text_area_with_what_was_typed_and_what_is_wrong(value: str, label: str, wrong: str | None) -> None:
    params = {
        "name": "words",
        "id": "words",
        "rows": 3,
        "value": value,
        "label": {"text": label},
        "hint": None,
        "errorMessage": {"text": wrong} if wrong else None,
    }
    assert OURS["textarea"](params) == plain("textarea", "textarea", params)


@UNHURRIED
@given(texts=st.lists(WORDS, min_size=1, max_size=4), chosen=st.integers(0, 3))
def test_radios_with_one_chosen(texts: list[str], chosen: int) -> None:
    items = [{"value": str(n), "text": text, "checked": n == chosen} for n, text in enumerate(texts)]
    params = {"name": "level", "idPrefix": "level", "items": items, "fieldset": {"legend": {"text": "Which"}}}
    assert OURS["radios"](params) == plain("radios", "radios", params)


def test_html_is_put_in_as_it_is_and_words_are_not() -> None:
    html = OURS["details"]({"summary": {"text": "<b>"}, "html": Markup("<ol><li>One</li></ol>")})
    assert "<ol><li>One</li></ol>" in html and "&lt;b&gt;" in html and "<b>" not in html


def test_two_people_never_meet_in_a_kept_shape() -> None:
    first = OURS["tag"]({"text": "Kofi"})
    second = OURS["tag"]({"text": "Noor"})
    assert "Kofi" in first and "Noor" in second and "Kofi" not in second
    assert "Kofi" not in repr(vars(OURS["tag"]))
