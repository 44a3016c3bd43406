"""Worry words: found in what is written they bring who answers now first, and a person soon; they predict nothing."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"\w+(?:'\w+)*")
_ALONE = "="


@dataclass(frozen=True)
class _Words:
    """Phrases, each with a blank at both ends, and what counts only where nothing else is written."""

    phrases: tuple[str, ...]
    alone: frozenset[str]


def worrying(*texts: str | None) -> bool:
    """Whether any of these holds a worry word."""
    return any(_holds(_plain(text)) for text in texts if text)


def _holds(text: str) -> bool:
    words = _words()
    return text in words.alone or any(phrase in text for phrase in words.phrases)


@cache
def _words() -> _Words:
    lines = files("policy").joinpath("worries.txt").read_text("utf-8").splitlines()
    told = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    alone = frozenset(_plain(line) for line in told if line.startswith(_ALONE))
    return _Words(tuple(_plain(line) for line in told if not line.startswith(_ALONE)), alone)


def _plain(text: str) -> str:
    """The words alone, in small letters, with one blank around each."""
    return f" {' '.join(_WORD.findall(text.casefold().replace('’', chr(39))))} "
