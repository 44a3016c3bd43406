"""The goal chart: typed points of three settings become rows, lanes, a step line, and the table beside it.

Five labelled rows carry the agreed level as a step line (it changes only when agreed); the aimed-for row is a
band. Below them one lane for each setting: home ●, school ■, session ◆, filled when it happened, open when it
did not. Session results with a value stand on a scale of their own inside the session lane, its two ends written
left of it, where nothing is drawn. No trend, no comparison. What is too old to share an axis with today stands in
the table alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

Setting = Literal["home", "school", "session"]
SETTINGS: tuple[tuple[Setting, str], ...] = (("home", "Home"), ("school", "School"), ("session", "Session"))
LEVEL_NAMES = ("less", "a start", "aimed for", "more", "a lot more")
"""What the five levels are called where their own words do not fit, lowest first."""

WIDTH, LEFT, RIGHT, TOP = 640, 118, 628, 14
ROW, LANE, VALUES = 30, 34, 118
MARGIN = 8
LONGEST_LABEL = 17
LABEL = 90
LONGEST = timedelta(weeks=78)
"""How far back the picture reaches; one day long ago, or one wrong date, would press all else together."""
WITH_YEAR = timedelta(days=330)
"""From this age on a day is written with its year."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level agreed for a day, −2 to 2."""

    on: date
    level: int


@dataclass(frozen=True, slots=True)
class Happening:
    """Something noted in one setting: whether it happened, where, and what the table says of it."""

    at: datetime
    setting: Setting
    filled: bool
    said: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A session result with a value; a change of `phase` draws a dotted line."""

    at: datetime
    value: float
    out_of: float | None = None
    unit: str = ""
    label: str = ""
    phase: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A day on which the goal became a new version."""

    on: date
    number: int


@dataclass(frozen=True, slots=True)
class GoalPoints:
    """Everything known of one goal, in any order."""

    goal_id: str
    title: str
    level_texts: Sequence[str]
    """Five, lowest first."""
    levels: Sequence[Level] = ()
    happenings: Sequence[Happening] = ()
    results: Sequence[Result] = ()
    versions: Sequence[Version] = ()
    most: float | None = None
    """What the goal's own measure ends at; results that say it themselves do not need it."""
    newest: int | None = None
    """How many of the newest were read where there are more; None when nothing was left out."""


@dataclass(frozen=True, slots=True)
class Row:
    """One of the five rows, top first."""

    y: float
    label: str
    aimed: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """One mark in a lane."""

    x: float
    y: float
    filled: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A label on a place: a version's or phase's dotted line, a tick of time, a value of the scale."""

    x: float
    y: float
    label: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Lane:
    """One setting's marks; `scale` holds the two ends of its values, if it has any."""

    kind: Setting
    label: str
    y: float
    dots: tuple[Dot, ...]
    scale: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class GoalChart:
    """Everything the goalchart macro draws, already placed, and the rows of the table beside it."""

    id: str
    title: str
    desc: str
    width: int
    height: float
    left: int
    right: int
    top: int
    bottom: float
    band: int
    rows: tuple[Row, ...]
    step: str
    lanes: tuple[Lane, ...]
    lines: tuple[Mark, ...]
    ticks: tuple[Mark, ...]
    legend: str
    caption: str
    head: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]


OLDER = "What is older than a year and a half stands in the table alone."


class _Time:
    """Places days between the left and the right end; the last day stands at the right."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self.days = max((last - first).days, 1)

    def x(self, day: date | datetime) -> float:
        on = day.date() if isinstance(day, datetime) else day
        share = min(max((on - self.first).days / self.days, 0), 1)
        return round(LEFT + MARGIN + share * (RIGHT - LEFT - 2 * MARGIN), 1)


def goal_chart(points: GoalPoints, today: date, weeks: int = 12) -> GoalChart:
    """The chart of one goal up to today, over at least so many weeks."""
    drawn = _since(points, today - LONGEST)
    time = _Time(_first_day(drawn, today - LONGEST, today - timedelta(weeks=weeks)), today)
    rows = _rows(points.level_texts)
    lanes, bottom = _lanes(drawn, time, rows[-1].y + 44)
    older = OLDER if drawn != points else ""
    left_out = f"Only the newest {points.newest} are shown." if points.newest else ""
    return GoalChart(
        id=points.goal_id,
        title=points.title,
        desc=" ".join(said for said in (_describe(drawn, today), older, left_out) if said),
        width=WIDTH,
        height=bottom + 22,
        left=LEFT,
        right=RIGHT,
        top=TOP,
        bottom=bottom,
        band=ROW,
        rows=rows,
        step=_step(drawn.levels, rows, time),
        lanes=lanes,
        lines=_lines(drawn, time),
        ticks=_ticks(time, bottom + 20),
        legend=" ".join(said for said in (_legend(drawn), older, left_out) if said),
        caption=f"{points.title.rstrip(' .')}: everything the chart shows, newest first",
        head=("When", "Where", "What"),
        table=_table(points, time, today),
    )


def _since(points: GoalPoints, earliest: date) -> GoalPoints:
    """What is drawn: nothing older than this, but for the level that held then."""
    ordered = sorted(points.levels, key=lambda level: level.on)
    before = [level for level in ordered if level.on < earliest]
    happenings = [h for h in points.happenings if h.at.date() >= earliest]
    results = [r for r in points.results if r.at.date() >= earliest]
    if not before and (len(happenings), len(results)) == (len(points.happenings), len(points.results)):
        return points
    levels = [*before[-1:], *(level for level in ordered if level.on >= earliest)]
    return replace(points, levels=levels, happenings=happenings, results=results)


def _first_day(points: GoalPoints, earliest: date, otherwise: date) -> date:
    noted = [h.at.date() for h in points.happenings] + [r.at.date() for r in points.results]
    agreed = [level.on for level in points.levels if level.on >= earliest]
    return min([*noted, *agreed, otherwise])


def _rows(texts: Sequence[str]) -> tuple[Row, ...]:
    fits = len(texts) == len(LEVEL_NAMES) and all(len(text) <= LONGEST_LABEL for text in texts)
    labels = texts if fits else LEVEL_NAMES
    top_first = list(reversed(range(len(LEVEL_NAMES))))
    return tuple(Row(TOP + 18 + n * ROW, labels[i], i == 2) for n, i in enumerate(top_first))


def _step(levels: Sequence[Level], rows: Sequence[Row], time: _Time) -> str:
    ordered = sorted(levels, key=lambda level: level.on)
    if not ordered:
        return ""
    path = ""
    for level in ordered:
        x, y = time.x(level.on), rows[2 - level.level].y
        path += f"H{x}V{y}" if path else f"M{x} {y}"
    return f"{path}H{RIGHT - MARGIN}"


def _lanes(points: GoalPoints, time: _Time, y: float) -> tuple[tuple[Lane, ...], float]:
    lanes = []
    for kind, label in SETTINGS:
        happened = [h for h in points.happenings if h.setting == kind]
        if kind == "session" and points.results:
            lane = _value_lane(points, time, y)
            y += VALUES
        else:
            lane = Lane(kind, label, y, tuple(Dot(time.x(h.at), y, h.filled) for h in happened))
            y += LANE
        lanes.append(lane)
    return tuple(lanes), y - LANE + 14


def _value_lane(points: GoalPoints, time: _Time, y: float) -> Lane:
    low, high = _ends(points.results, points.most)
    bottom = y + VALUES - LANE
    dots = []
    for result in sorted(points.results, key=lambda result: result.at):
        share = (result.value - low) / (high - low)
        dots.append(Dot(time.x(result.at), round(bottom - share * (bottom - y), 1), True))
    scale = (Mark(LEFT - 12, y, _number(high), "end"), Mark(LEFT - 12, bottom, _number(low), "end"))
    return Lane("session", "Session", round((y + bottom) / 2, 1), tuple(dots), scale)


def _ends(results: Sequence[Result], most: float | None) -> tuple[float, float]:
    """The ends of the scale: from nought where values are not negative, to the most there could be or was."""
    values = [result.value for result in results]
    low = min(0.0, *values)
    ends = [result.out_of if result.out_of is not None or result.unit else most for result in results]
    high = max([*values, *(end for end in ends if end is not None)])
    return low, high if high > low else low + 1


def _lines(points: GoalPoints, time: _Time) -> tuple[Mark, ...]:
    versions = [_line(time.x(v.on), f"ver {v.number}") for v in points.versions if v.on > time.first]
    return (*versions, *_phases(points.results, time))


def _line(x: float, label: str) -> Mark:
    """A labelled line; near the right end the label stands before it, so that it is not cut off."""
    return Mark(x, TOP, label, "end" if x > RIGHT - LABEL else "start")


def _phases(results: Iterable[Result], time: _Time) -> list[Mark]:
    marks, before = [], ""
    for result in sorted(results, key=lambda result: result.at):
        if result.phase and result.phase != before:
            if before:
                marks.append(_line(time.x(result.at), result.phase))
            before = result.phase
    return marks


def _ticks(time: _Time, y: float) -> tuple[Mark, ...]:
    middle = time.first + (time.last - time.first) / 2
    return (
        Mark(time.x(time.first), y, f"{_ago(time.days)} ago"),
        Mark(time.x(middle), y, _ago(time.days // 2), "middle"),
        Mark(RIGHT, y, "now", "end"),
    )


def _ago(days: int) -> str:
    if days < 14:
        return f"{days} days"
    return f"{days // 7} weeks" if days <= 400 else f"{round(days / 30.4)} months"


def _describe(points: GoalPoints, today: date) -> str:
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
            filled = sum(h.filled for h in noted)
            said.append(f"{words}: noted {len(noted)} times, of these it happened {filled}.")
    return said


def _values_sentence(results: Sequence[Result]) -> str:
    if not results:
        return ""
    ordered = sorted(results, key=lambda result: result.at)
    values = [result.value for result in ordered]
    first, last, low, high = (_number(v) for v in (values[0], values[-1], min(values), max(values)))
    return f"Session values: first {first}, last {last}, lowest {low}, highest {high}."


def _legend(points: GoalPoints) -> str:
    parts = ["Line: the level agreed at each check."] if points.levels else []
    if points.happenings:
        parts.insert(0, "Filled: it happened. Open: it did not.")
    if points.results:
        parts.append("Session marks stand at their value.")
    return " ".join(parts)


def _table(points: GoalPoints, shown: _Time, today: date) -> tuple[tuple[str, ...], ...]:
    names = dict(SETTINGS)
    rows = [(h.at, h.where or names[h.setting], h.said) for h in points.happenings]
    rows += [(r.at, "Session", _result(r)) for r in points.results]
    rows += [(_morning(level.on), "Agreed level", _level(points, level)) for level in points.levels]
    rows += [
        (_morning(v.on), "The goal", f"version {v.number}") for v in points.versions if v.on > shown.first
    ]
    rows.sort(key=lambda row: row[0], reverse=True)
    return tuple((_day(at, today), where, said) for at, where, said in rows)


def _morning(on: date) -> datetime:
    return datetime.combine(on, time.min, UTC)


def _level(points: GoalPoints, level: Level) -> str:
    texts = points.level_texts
    name = LEVEL_NAMES[level.level + 2]
    return f"{name}: {texts[level.level + 2]}" if len(texts) == len(LEVEL_NAMES) else name


def _result(result: Result) -> str:
    value = _number(result.value)
    if result.out_of is not None:
        value += f" of {_number(result.out_of)}"
    return " · ".join(part for part in (f"{value} {result.unit}".strip(), result.label, result.phase) if part)


def _number(value: float) -> str:
    return f"{value:g}"


def _day(day: date | datetime, today: date) -> str:
    return _said(day.date() if isinstance(day, datetime) else day, today)


@lru_cache(4096)
def _said(on: date, today: date) -> str:
    return f"{on.day} {on:%b}" if today - on < WITH_YEAR else f"{on.day} {on:%b %Y}"
