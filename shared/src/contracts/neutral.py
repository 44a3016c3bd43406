"""Words that no locked screen shows: a message may hold none of them, and neither may its sender's name."""

import re
from typing import Annotated
from unicodedata import category, normalize

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

FORBIDDEN = (
    "alcohol",
    "anxiety",
    "anxious",
    "autism",
    "autistic",
    "clinic",
    "clinical",
    "clinician",
    "counselling",
    "counseling",
    "counsellor",
    "counselor",
    "crisis",
    "goal",
    "mental",
    "note",
    "plan",
    "practice task",
    "recovery",
    "safety",
    "SEND",
    "session",
    "social skill",
    "therapist",
    "therapy",
    "therapies",
    "therapeutic",
)
"""Whole words, alone or in the plural; `Planet Lane` and `Townsend` are no plan and no SEND."""
_WITHIN = {"clinic": "clinic", "therap": "therapy"}
"""What gives it away inside a longer word too: polyclinic, psychotherapy, hypnotherapist."""


def forbidden_in(text: str) -> str | None:
    """The first forbidden word that a text holds, however it is written; None where it is neutral."""
    plain = "".join(sign for sign in normalize("NFKC", text) if category(sign) != "Cf").casefold()
    spaced = " ".join(re.findall(r"[^\W\d_]+", plain))
    whole = (word for word in FORBIDDEN if re.search(rf"\b{re.escape(word.casefold())}s?\b", spaced))
    within = (word for part, word in _WITHIN.items() if part in spaced)
    return next(whole, None) or next(within, None)


def _neutral(text: str) -> str:
    if word := forbidden_in(text):
        raise PydanticCustomError("forbidden_word", "“{word}” stands in it.", {"word": word})
    return text


Neutral = AfterValidator(_neutral)
"""Refuses a text with a forbidden word in it."""
NeutralName = Annotated[str, Neutral]
