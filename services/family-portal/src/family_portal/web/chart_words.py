"""What a goal chart says: the sentence of its picture, its legend, and the rows of the table beside it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from family_portal.web.chart_points import LEVEL_NAMES, SETTINGS, GoalPoints, Level, Result, Setting
from family_portal.web.words import counted
from policy.days import day_of, midnight

WITH_YEAR = timedelta(days=330)
"""From this age on a day is written with its year."""
SHAPES: Mapping[Setting, str] = {"home": "Circle", "school": "Square", "session": "Diamond"}


def described(points: GoalPoints, today: date) -> str:
    """What the picture shows, for who does not see it."""
    said = [
        _levels_sentence(points.levels, today),
        *_settings_sentences(points),
        _values_sentence(points.results),
    ]
    return " ".join(sentence for sentence in said if sentence) or "Nothing has been noted yet."


def _levels_sentence(levels: Sequence[Level], today: date) -> str:
    ordered = sorted(levels, key=lambda level: level.on)
    if not ordered:
        return ""
    named = [f"{LEVEL_NAMES[level.level + 2]} from {_day(level.on, today)}" for level in ordered]
    return f"Agreed level: {', then '.join(named)}."


def _settings_sentences(points: GoalPoints) -> list[str]:
    said = []
    for kind, words in (("home", "At home"), ("school", "At school"), ("session", "In sessions")):
        noted = [h for h in points.happenings if h.setting == kind]
        if noted:
            said.append(
                f"{words}: noted {counted(len(noted), 'time')}. {_came_of([h.happened for h in noted])}"
            )
    return said


def _came_of(noted: Sequence[bool | None]) -> str:
    """How often it happened and did not; "not this week" is neither, and is told apart."""
    said = f"It happened, all or part of it: {noted.count(True)}. It did not: {noted.count(False)}."
    return f"{said} Not this week, nothing was tried: {noted.count(None)}." if None in noted else said


def _values_sentence(results: Sequence[Result]) -> str:
    if not results:
        return ""
    ordered = sorted(results, key=lambda result: result.at)
    values = [result.value for result in ordered]
    first, last, low, high = (number(v) for v in (values[0], values[-1], min(values), max(values)))
    return f"Session values: first {first}, last {last}, lowest {low}, highest {high}."


def legend(points: GoalPoints, stacked: bool) -> str:
    """What the marks mean, as far as any of their kind is drawn; `stacked`: some stand above one another."""
    parts = []
    if points.happenings:
        parts.append(_shapes(points))
        parts.append("Filled: it happened, all or part of it. Open: it did not.")
    if any(h.happened is None for h in points.happenings):
        parts.append("With a dash: not this week, nothing was tried.")
    if stacked:
        parts.append("What was noted on one day stands above one another.")
    if points.levels:
        parts.append("Line: the level agreed at each check.")
    if points.results:
        parts.append("Session marks stand at their value.")
    return " ".join(parts)


def _shapes(points: GoalPoints) -> str:
    """Which shape is whose: on a phone the lanes' names stand to the left of what is seen at first."""
    drawn = {happening.setting for happening in points.happenings} | (
        {"session"} if points.results else set()
    )
    return " ".join(f"{SHAPES[kind]}: {name.lower()}." for kind, name in SETTINGS if kind in drawn)


def table(points: GoalPoints, first: date, today: date) -> tuple[tuple[str, ...], ...]:
    """When, where, what: everything known, newest first, and the versions made after the first day drawn."""
    names = dict(SETTINGS)
    rows = [(h.at, h.where or names[h.setting], h.said) for h in points.happenings]
    rows += [(r.at, "Session", _result(r)) for r in points.results]
    rows += [(midnight(level.on), "Agreed level", _level(points, level)) for level in points.levels]
    rows += [(midnight(v.on), "The goal", f"version {v.number}") for v in points.versions if v.on > first]
    rows.sort(key=lambda row: row[0], reverse=True)
    return tuple((_day(at, today), where, said) for at, where, said in rows)


def _level(points: GoalPoints, level: Level) -> str:
    texts = points.level_texts
    name = LEVEL_NAMES[level.level + 2]
    said = f"{name}: {texts[level.level + 2]}" if len(texts) == len(LEVEL_NAMES) else name
    return f"{said} · seen: {level.source}" if level.source else said


def _result(result: Result) -> str:
    value = number(result.value)
    if result.out_of is not None:
        value += f" of {number(result.out_of)}"
    return " · ".join(part for part in (f"{value} {result.unit}".strip(), result.label, result.phase) if part)


def number(value: float) -> str:
    """A value as people write it: 7, 7.5."""
    return f"{value:g}"


def _day(day: date | datetime, today: date) -> str:
    return _said(day_of(day) if isinstance(day, datetime) else day, today)


@lru_cache(4096)
def _said(on: date, today: date) -> str:
    return f"{on.day} {on:%b}" if today - on < WITH_YEAR else f"{on.day} {on:%b %Y}"
