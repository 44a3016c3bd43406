"""The goal chart: typed points of three settings become rows, lanes, a step line, and the table beside it.

Five labelled rows carry the agreed level as a step line (it changes only when agreed); the aimed-for row is a
band. Below them one lane for each setting: home ●, school ■, session ◆, filled when it happened, open when it
did not, with a dash when nothing was tried. What was noted on one day stands above one another. Session results
with a value stand on a scale of their own inside the session lane, its two ends written left of it, where nothing
is drawn. No trend, no comparison. What is too old to share an axis with today stands in the table alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from family_portal.web.chart_points import (
    LEVEL_NAMES,
    SETTINGS,
    GoalPoints,
    Happening,
    Level,
    Result,
    Setting,
)
from family_portal.web.chart_words import described, legend, number, table
from policy.days import day_of

WIDTH, LEFT, RIGHT, TOP = 640, 118, 628, 14
ROW, LANE, VALUES = 30, 34, 118
ABOVE, HIGHEST = 15, 75
"""How far above one another the marks of one day stand, and how far the topmost may: more stand closer."""
APART = 3
"""Marks nearer than this count as of one day: in a long picture the next day's would hide them all but wholly."""
BESIDE = 5
"""How far beside one another equal results of one day stand."""
MARGIN = 8
LONGEST_LABEL = 17
LABEL = 90
LETTER, LINE = 8, 12
"""About as much room as a letter takes, and a line of them."""
LONGEST = timedelta(weeks=78)
"""How far back the picture reaches; one day long ago, or one wrong date, would press all else together."""


@dataclass(frozen=True, slots=True)
class Row:
    """One of the five rows, top first."""

    y: float
    label: str
    aimed: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """One mark in a lane: filled where it happened, open where not, with a dash where nothing was tried."""

    x: float
    y: float
    happened: bool | None


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
        on = day_of(day) if isinstance(day, datetime) else day
        share = min(max((on - self.first).days / self.days, 0), 1)
        return round(LEFT + MARGIN + share * (RIGHT - LEFT - 2 * MARGIN), 1)


def goal_chart(points: GoalPoints, today: date, weeks: int = 12) -> GoalChart:
    """The chart of one goal up to today, over at least so many weeks."""
    drawn = _since(points, today - LONGEST)
    time = _Time(_first_day(drawn, today - LONGEST, today - timedelta(weeks=weeks)), today)
    rows = _rows(points.level_texts)
    lanes, bottom = _lanes(drawn, time, rows[-1].y + 44)
    older = OLDER if drawn != points else ""
    stacked = any(dot.y < lane.y for lane in lanes if not lane.scale for dot in lane.dots)
    left_out = f"Only the newest {points.newest} are shown." if points.newest else ""
    return GoalChart(
        id=points.goal_id,
        title=points.title,
        desc=" ".join(said for said in (described(drawn, today), older, left_out) if said),
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
        legend=" ".join(said for said in (legend(drawn, stacked), older, left_out) if said),
        caption=f"{points.title.rstrip(' .')}: everything the chart shows, newest first",
        head=("When", "Where", "What"),
        table=table(points, time.first, today),
    )


def _since(points: GoalPoints, earliest: date) -> GoalPoints:
    """What is drawn: nothing older than this, but for the level that held then."""
    ordered = sorted(points.levels, key=lambda level: level.on)
    before = [level for level in ordered if level.on < earliest]
    happenings = [h for h in points.happenings if day_of(h.at) >= earliest]
    results = [r for r in points.results if day_of(r.at) >= earliest]
    if not before and (len(happenings), len(results)) == (len(points.happenings), len(points.results)):
        return points
    levels = [*before[-1:], *(level for level in ordered if level.on >= earliest)]
    return replace(points, levels=levels, happenings=happenings, results=results)


def _first_day(points: GoalPoints, earliest: date, otherwise: date) -> date:
    noted = [day_of(h.at) for h in points.happenings] + [day_of(r.at) for r in points.results]
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
            lane = _lane(Lane(kind, label, y, ()), happened, time)
            y = lane.y + LANE
        lanes.append(lane)
    return tuple(lanes), y - LANE + 14


def _lane(empty: Lane, happened: Sequence[Happening], time: _Time) -> Lane:
    """A lane as high as its fullest day needs; `empty` stands where it would without any mark."""
    ordered = sorted(happened, key=lambda happening: happening.at)
    xs = [time.x(happening.at) for happening in ordered]
    places = list(_places(xs))
    most = max(places, default=0)
    above = min(ABOVE, HIGHEST / most) if most else 0
    y = round(empty.y + most * above, 1)
    marks = zip(xs, places, ordered, strict=True)
    dots = (Dot(x, round(y - place * above, 1), happening.happened) for x, place, happening in marks)
    return replace(empty, y=y, dots=tuple(dots))


def _places(xs: Sequence[float]) -> Iterator[int]:
    """For each mark, from the left on, the lowest place in which none stands on the same day."""
    last: list[float] = []
    for x in xs:
        place = next((n for n, before in enumerate(last) if x - before >= APART), len(last))
        last[place : place + 1] = [x]
        yield place


def _value_lane(points: GoalPoints, time: _Time, y: float) -> Lane:
    low, high = _ends(points.results, points.most)
    bottom = y + VALUES - LANE
    dots: list[Dot] = []
    equal: Counter[Dot] = Counter()
    for result in sorted(points.results, key=lambda result: result.at):
        share = (result.value - low) / (high - low)
        dot = Dot(time.x(result.at), round(bottom - share * (bottom - y), 1), True)
        dots.append(_beside(dot, equal[dot]))
        equal[dot] += 1
    scale = (Mark(LEFT - 12, y, number(high), "end"), Mark(LEFT - 12, bottom, number(low), "end"))
    return Lane("session", "Session", round((y + bottom) / 2, 1), tuple(dots), scale)


def _beside(dot: Dot, before: int) -> Dot:
    """Beside as many equal ones as stand there already, towards the middle of the picture."""
    middle = (LEFT + RIGHT) / 2
    inwards = before * BESIDE
    x = max(dot.x - inwards, middle) if dot.x > middle else min(dot.x + inwards, middle)
    return replace(dot, x=round(x, 1))


def _ends(results: Sequence[Result], most: float | None) -> tuple[float, float]:
    """The ends of the scale: from nought where values are not negative, to the most there could be or was."""
    values = [result.value for result in results]
    low = min(0.0, *values)
    ends = [result.out_of if result.out_of is not None or result.unit else most for result in results]
    high = max([*values, *(end for end in ends if end is not None)])
    return low, high if high > low else low + 1


def _lines(points: GoalPoints, time: _Time) -> tuple[Mark, ...]:
    versions = [_line(time.x(v.on), f"ver {v.number}") for v in points.versions if v.on > time.first]
    return _apart([*versions, *_phases(points.results, time)])


def _apart(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Labels that would run into one another stand on two lines of text."""
    placed, ends = [], [0.0, 0.0]
    for left, mark in sorted(((_left(mark), mark) for mark in marks), key=lambda each: each[0]):
        line = 0 if left > ends[0] else 1
        ends[line] = max(ends[line], left + LETTER * len(mark.label))
        placed.append(replace(mark, y=mark.y + LINE * line))
    return tuple(placed)


def _left(mark: Mark) -> float:
    return mark.x - LETTER * len(mark.label) if mark.anchor == "end" else mark.x


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
