"""What our own compiling of templates must not change: every word escaped, everything missing loud."""

import dataclasses
import inspect
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from jinja2 import Undefined, UndefinedError, nodes
from jinja2.runtime import LoopContext
from jinja2.utils import _PassArg
from markupsafe import Markup, escape

import family_portal.web.models as models
from family_portal.web import charts
from family_portal.web.compiling import escaped
from family_portal.web.frame import environment


class Word(StrEnum):
    NASTY = '<b title="x">'


class Drawn:
    def __html__(self) -> str:
        return "<i>&amp;</i>"


VALUES: list[Any] = [
    *("", "plain", "<script>alert('1') & \"2\"</script>", "é<😀>\x00", Word.NASTY),
    *(Markup("<b>&amp;</b>"), Drawn(), Undefined(name="gone")),
    *(0, -3.5, None, True, ["<"], {"a": "<"}),
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_escaped_as_markupsafe_escapes_it(value: Any) -> None:
    assert escaped(value) == str(escape(value))


def filled(source: str, **given: Any) -> str:
    return environment().from_string(source).render(**given)


def test_words_are_escaped_once_wherever_they_pass() -> None:
    macro = "{% macro said(text) %}<q>{{ text }}</q>{% endmacro %}"
    source = "{% set kept %}{{ page.text }}{% endset %}{{ said(page.text) }}{{ kept }}{{ '<' ~ said('<') }}"
    page = models.Quote("<b>")
    assert filled(macro + source, page=page) == "<q>&lt;b&gt;</q>&lt;b&gt;&lt;<q>&lt;</q>"


@pytest.mark.parametrize(
    "source",
    [
        "{{ said('<', by=page.text) }}",
        "{{ said(text='<', by=page.text) }}",
        "{{ said(*['<'], by=page.text) }}",
        "{{ said(**{'text': '<', 'by': page.text}) }}",
        "{% for each in ['<'] %}{{ said(each, page.text) }}{% endfor %}",
        "{% call(by) around(page.text) %}{{ said('<', by) }}{% endcall %}",
    ],
)
def test_a_macro_is_called_in_every_way_there_is(source: str) -> None:
    macros = (
        "{% macro said(text, by='?') %}<q>{{ text }}</q>{{ by }}{% endmacro %}"
        "{% macro around(by) %}{{ caller(by) }}{% endmacro %}"
    )
    assert filled(macros + source, page=models.Quote("<b>")) == "<q>&lt;</q>&lt;b&gt;"


def test_nothing_that_templates_call_asks_for_what_it_is_not_given() -> None:
    asking = [name for name, each in environment().globals.items() if _PassArg.from_obj(each) is not None]
    assert asking == []
    with pytest.raises(TypeError):
        filled("{% macro said(text) %}{% endmacro %}{{ said('a', 'b') }}")


@pytest.mark.parametrize(
    "source",
    ["{{ gone }}", "{{ gone('a') }}", "{{ page.gone }}", "{% if page.gone %}{% endif %}", "{{ gone.x }}"],
)
def test_what_is_missing_is_loud(source: str) -> None:
    with pytest.raises((UndefinedError, AttributeError)):
        filled(source, page=models.Quote("words"))


def _read(template: str) -> Iterator[nodes.Getattr]:
    source, _, _ = environment().loader.get_source(environment(), template)  # type: ignore[union-attr]
    yield from environment().parse(source).find_all(nodes.Getattr)


def test_every_field_that_a_template_reads_is_one_of_a_model() -> None:
    """`page.title` reads a field, never a key of a mapping: those stand in brackets."""
    kinds = [
        kind
        for module in (models, models.pieces, charts)
        for _, kind in inspect.getmembers(module, inspect.isclass)
    ]
    known = {name for kind in [*kinds, LoopContext, dict] for name in dir(kind)}
    known |= {
        field.name for kind in kinds if dataclasses.is_dataclass(kind) for field in dataclasses.fields(kind)
    }
    found = {
        (template, node.lineno, node.attr)
        for template in environment().list_templates(["html"])
        for node in _read(template)
        if node.attr not in known
    }
    assert found == set()


def test_marks_and_addresses_of_files_are_drawn_when_a_template_loads() -> None:
    source = environment().compile("{{ 'help' | icon('k-icon--s') }}{{ 'kith.css' | asset }}", raw=True)
    assert "k-icon k-icon--s" in source
    assert "/kith.css" in source
    assert "escaped(" not in source
