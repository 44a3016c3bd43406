"""Words that stand in the wrong kind of text: a diagnosis hidden away, a confidence told on, family news."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """In texts of this kind none of these patterns may stand; `elsewhere`: unless it stands there too."""

    kind: str
    patterns: tuple[str, ...]
    tell: str
    elsewhere: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to tell the writer."""

    found: str
    tell: str


_TIMES = r"\b\d{1,2}[:.]\d{2}\s*(?:–|-|to|until|bis)\s*\d{1,2}[:.]\d{2}\b"
_DIAGNOSIS = r"\bdiagnos(?:is|es|ed|tic)\b|\b(?:ICD|DSM)-?\s?\d"
_FAMILY = (
    "mum|mummy|mom|mother|dad|daddy|father|parents?|step(?:mum|mom|dad|mother|father)"
    "|gran|granny|grand(?:ma|pa|dad|mother|father)"
)
_NEWS = "has|have|had|is|are|was|were|lost|started|moved|left|feels?|finds?|said"
_EVENTS = r"divorce[ds]?|separat(?:ed|ion)|custody|moved out|new job|lost (?:his|her|their) job"

RULES: tuple[Rule, ...] = (
    Rule(
        "psychotherapy",
        (_TIMES, _DIAGNOSIS),
        "Start and stop times and a diagnosis must stand in the progress note. They may not stand only here.",
        elsewhere="progress",
    ),
    Rule(
        "session_summary_family",
        (
            r"\b(?:told|tells|confided in|admitted to) (?:me|us)\b",
            r"\bin confidence\b|\bbetween us\b|\bkeep (?:this|it) (?:secret|quiet)\b",
            rf"\bat (?:his|her|their) (?:{_FAMILY})(?:['’]s)\b",
        ),
        "The family summary is read by both homes. Keep what was said in confidence out of it.",
    ),
    Rule(
        "school_summary",
        (rf"\b(?:{_FAMILY})\b[^.!?]{{0,40}}?\b(?:{_NEWS})\b", rf"\b(?:{_EVENTS})\b"),
        "A school summary holds what school needs to do. Family news needs the family's own yes.",
    ),
)


def check(kind: str, text: str, elsewhere: Iterable[str] = ()) -> list[Finding]:
    """What may not stand in a text of this kind. `elsewhere`: texts in which it may already stand.

    Kinds: progress, psychotherapy, session_summary_family, school_summary.
    """
    others = list(elsewhere)
    return [
        Finding(match.group(0), rule.tell)
        for rule in RULES
        if rule.kind == kind
        for pattern in rule.patterns
        if (match := re.search(pattern, text, re.IGNORECASE))
        and not (rule.elsewhere and any(re.search(pattern, other, re.IGNORECASE) for other in others))
    ]
