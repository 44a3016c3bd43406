"""nhsuk-frontend's macros, run once for each shape of a field and filled in from then on.

The macros are slow: run for every field, they take a page from a thousand a second to under a hundred.
A call is therefore split into its shape (which parameters there are, flags, classes, types) and words. The
macro runs on the shape with a mark in place of each word; the words are put in, escaped, at each use. What is
kept holds no word of a person.
"""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup, escape

MACROS = {
    "button": "button",
    "checkboxes": "checkboxes",
    "details": "details",
    "errorSummary": "error-summary",
    "input": "input",
    "radios": "radios",
    "select": "select",
    "skipLink": "skip-link",
    "tag": "tag",
    "textarea": "textarea",
}
"""The macros our templates use, by the name of their component."""

READ_BY_MACROS = frozenset({"autocomplete", "classes", "element", "inputmode", "type", "variant"})
"""Parameters whose words the macros look into; they belong to the shape."""

OPEN, CLOSE = "\ue000", "\ue001"
MOST_SHAPES = 4096

Shape = Any
Pieces = tuple[tuple[str, ...], tuple[int, ...]]


class Field:
    """One macro; call it with the parameters of the component."""

    def __init__(self, macro: Callable[[Mapping[str, Any]], str]) -> None:
        self._macro = macro
        self._kept: dict[Shape, Pieces] = {}

    def __call__(self, params: Mapping[str, Any]) -> Markup:
        """The component's HTML."""
        words: list[str] = []
        shape = _shape(params, "", words, {})
        pieces = self._kept.get(shape)
        if pieces is None:
            pieces = self._run(params)
            if len(self._kept) < MOST_SHAPES:
                self._kept[shape] = pieces
        texts, places = pieces
        out = [texts[0]]
        for text, place in zip(texts[1:], places, strict=True):
            out += (words[place], text)
        return Markup("".join(out))

    def _run(self, params: Mapping[str, Any]) -> Pieces:
        marked = _marked(params, "", {})
        first, *rest = str(self._macro(marked)).split(OPEN)
        split = [part.split(CLOSE, 1) for part in rest]
        return (first, *(text for _, text in split)), tuple(int(place) for place, _ in split)


def _is_word(value: Any, name: str) -> bool:
    return isinstance(value, str) and value != "" and name not in READ_BY_MACROS


def _place(value: str, name: str, places: dict[tuple[str, bool], int]) -> int:
    """The same word has the same place, so that macros that compare words still can."""
    return places.setdefault((value, name == "html"), len(places))


def _shape(value: Any, name: str, words: list[str], places: dict[tuple[str, bool], int]) -> Shape:
    if _is_word(value, name):
        place = _place(value, name, places)
        if place == len(words):
            words.append(str(value) if name == "html" else str(escape(value)))
        return (OPEN, place)
    if isinstance(value, Mapping):
        return tuple((key, _shape(item, key, words, places)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ("[", *(_shape(item, name, words, places) for item in value))
    return value


def _marked(value: Any, name: str, places: dict[tuple[str, bool], int]) -> Any:
    if _is_word(value, name):
        return f"{OPEN}{_place(value, name, places)}{CLOSE}"
    if isinstance(value, Mapping):
        return {key: _marked(item, key, places) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_marked(item, name, places) for item in value]
    return value


def fields() -> dict[str, Field]:
    """Every macro by its name. They need a tolerant environment, which is theirs alone."""
    theirs = Environment(
        loader=PackageLoader("nhsuk_frontend_jinja"),
        undefined=ChainableUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates = {name: f"nhsuk/components/{component}/macro.jinja" for name, component in MACROS.items()}
    return {name: Field(getattr(theirs.get_template(path).module, name)) for name, path in templates.items()}
