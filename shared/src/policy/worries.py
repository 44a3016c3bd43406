"""Worry words: found in what is written they bring who answers now first, and a person soon; they predict nothing."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘‛ʼʹ´`′＇"))
_TYPED = {"wanna": "want to", "gonna": "going to", "2": "to"}
"""Short ways to type words of ours."""
_ALONE = "="


@dataclass(frozen=True)
class _Words:
    """Phrases, each with a blank at both ends, and what counts only where nothing else is written."""

    phrases: tuple[str, ...]
    alone: frozenset[str]


def worrying(*texts: str | None) -> bool:
    """Whether any of these holds a worry word: signs that nobody sees may stand inside a word, or between two."""
    return any(_holds(_plain(text)) or _holds(_plain(text, unseen=" ")) for text in texts if text)


def _holds(text: str) -> bool:
    words = _words()
    return text in words.alone or any(phrase in text for phrase in words.phrases)


@cache
def _words() -> _Words:
    lines = files("policy").joinpath("worries.txt").read_text("utf-8").splitlines()
    told = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    alone = frozenset(_plain(line) for line in told if line.startswith(_ALONE))
    return _Words(tuple(_plain(line) for line in told if not line.startswith(_ALONE)), alone)


def _plain(text: str, unseen: str = "") -> str:
    """The words alone, in small letters, with one blank around each; without apostrophes, which people leave out,
    with `unseen` for signs that nobody sees, and in usual letters."""
    signs = text.translate(_APOSTROPHES)
    seen = "".join(unseen if unicodedata.category(sign) == "Cf" else sign for sign in signs)
    words = _WORD.findall(unicodedata.normalize("NFKC", seen).casefold())
    return f" {' '.join(_TYPED.get(word, word) for word in words)} "
