"""The goal chart from typed points: rows, step line, lanes, versions, values, table, and what it says."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from family_portal.web.chart_marks import chart_marks, chart_rows
from family_portal.web.chart_points import GoalPoints, Happening, Level, Result, Version
from family_portal.web.charts import LEFT, RIGHT, goal_chart

TODAY = date(2026, 11, 23)
SHORT = ("0 or 1 of 10", "2 or 3 of 10", "4 to 6 of 10", "7 or 8 of 10", "9 or 10 of 10")
LONG = tuple(f"{text} moments, noted by the adult beside him" for text in SHORT)


def day(ago: int) -> date:
    return TODAY - timedelta(days=ago)


def at(ago: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, 23, hour, tzinfo=UTC) - timedelta(days=ago)


def points(**more: object) -> GoalPoints:
    return GoalPoints("g1", "Kofi asks for a break", **{"level_texts": SHORT, **more})  # type: ignore[arg-type]


def test_five_rows_from_the_most_to_the_least_with_the_aimed_for_one_as_band() -> None:
    rows = goal_chart(points(), TODAY).rows
    assert [row.label for row in rows] == list(reversed(SHORT))
    assert [row.aimed for row in rows] == [False, False, True, False, False]
    assert [row.y for row in rows] == sorted(row.y for row in rows)


def test_long_level_texts_give_way_to_short_names() -> None:
    rows = goal_chart(points(level_texts=LONG), TODAY).rows
    assert [row.label for row in rows] == ["a lot more", "more", "aimed for", "a start", "less"]


def test_the_level_changes_only_when_agreed_and_goes_on_to_today() -> None:
    chart = goal_chart(points(levels=(Level(day(6), 1), Level(day(84), -1), Level(day(42), 0))), TODAY)
    start, aimed, more = chart.rows[3].y, chart.rows[2].y, chart.rows[1].y
    assert chart.step.startswith(f"M{LEFT + 8}") and chart.step.endswith(f"H{RIGHT - 8}")
    assert [f"V{y}" in chart.step for y in (aimed, more)] == [True, True]
    assert f" {start}H" in chart.step
    assert (
        "Agreed level: a start from 31 Aug, then aimed for from 12 Oct, then more from 17 Nov." in chart.desc
    )


def test_each_setting_has_its_own_lane_filled_or_open_in_the_order_of_days() -> None:
    chart = goal_chart(
        points(
            happenings=(
                Happening(at(3), "school", False, "did not ask", "Lunch hall"),
                Happening(at(9), "home", True, "card"),
            )
        ),
        TODAY,
    )
    home, school, session = chart.lanes
    assert [lane.label for lane in chart.lanes] == ["Home", "School", "Session"]
    assert home.dots[0].happened and not school.dots[0].happened and session.dots == ()
    assert LEFT < home.dots[0].x < school.dots[0].x < RIGHT
    assert chart.table == (("20 Nov", "Lunch hall", "did not ask"), ("14 Nov", "Home", "card"))
    assert "At school: noted 1 time. It happened, all or part of it: 0. It did not: 1." in chart.desc


def test_a_new_version_is_a_dotted_line_inside_the_time_shown() -> None:
    chart = goal_chart(points(versions=(Version(day(300), 1), Version(day(36), 4))), TODAY)
    assert [mark.label for mark in chart.lines] == ["ver 4"]


def test_session_values_stand_on_a_scale_of_their_own() -> None:
    results = tuple(
        Result(at(70 - 7 * n), value, phase="baseline" if n < 2 else "practice")
        for n, value in enumerate((2.0, 4.0, 9.0, 7.5))
    )
    chart = goal_chart(points(results=results), TODAY)
    lane = chart.lanes[2]
    high, low = lane.scale
    assert (low.label, high.label) == ("0", "9")
    assert high.x < LEFT and low.x < LEFT, "beside the picture, where no line runs"
    assert lane.dots[2].y == high.y and low.y > lane.dots[0].y > lane.dots[1].y > lane.dots[3].y > high.y
    assert [mark.label for mark in chart.lines] == ["practice"]
    assert "Session values: first 2, last 7.5, lowest 2, highest 9." in chart.desc
    assert chart.table[0] == ("5 Oct", "Session", "7.5 · practice")


def test_labels_of_lines_close_by_do_not_run_into_one_another() -> None:
    results = (Result(at(8), 1, phase="baseline"), Result(at(3), 2, phase="treatment"))
    chart = goal_chart(points(versions=(Version(day(1), 1),), results=results), TODAY)
    heights = {mark.label: mark.y for mark in chart.lines}
    assert len(heights) == 2 and heights["treatment"] != heights["ver 1"]
    far = goal_chart(points(versions=(Version(day(40), 1), Version(day(3), 2))), TODAY)
    assert len({mark.y for mark in far.lines}) == 1


def test_out_of_sets_the_top_of_the_scale() -> None:
    chart = goal_chart(points(results=(Result(at(1), 3, out_of=10, unit="times", label="lunch"),)), TODAY)
    assert chart.lanes[2].scale[0].label == "10"
    assert chart.table[0][2] == "3 of 10 times · lunch"


def test_a_long_series_begins_with_its_first_point() -> None:
    chart = goal_chart(points(results=(Result(at(400), 1), Result(at(2), 2))), TODAY)
    assert chart.lanes[2].dots[0].x == LEFT + 8
    assert chart.ticks[0].label == "57 weeks ago"


def test_the_goals_own_measure_sets_the_top_where_a_result_does_not() -> None:
    seven = Result(at(1), 7)
    assert goal_chart(points(results=(seven,), most=10.0), TODAY).lanes[2].scale[0].label == "10"
    minutes = Result(at(1), 40, unit="minutes")
    assert goal_chart(points(results=(minutes,), most=10.0), TODAY).lanes[2].scale[0].label == "40"


def test_the_table_holds_levels_and_versions_too() -> None:
    chart = goal_chart(points(levels=(Level(day(42), -1),), versions=(Version(day(36), 4),)), TODAY)
    assert chart.table == (
        ("18 Oct", "The goal", "version 4"),
        ("12 Oct", "Agreed level", "a start: 2 or 3 of 10"),
    )


def test_the_table_says_where_and_by_whom_a_level_was_seen() -> None:
    chart = goal_chart(
        points(levels=(Level(day(2), 0, "lunch hall, by Miss Stone"), Level(day(9), -1))), TODAY
    )
    assert chart.table[0][2] == "aimed for: 4 to 6 of 10 · seen: lunch hall, by Miss Stone"
    assert chart.table[1][2] == "a start: 2 or 3 of 10"


def test_a_caption_follows_a_sentence_without_two_stops() -> None:
    assert goal_chart(points(), TODAY).caption.startswith("Kofi asks for a break: everything")
    stopped = GoalPoints("g1", "Shares (two groups).", SHORT)
    assert goal_chart(stopped, TODAY).caption.startswith("Shares (two groups): everything")


def test_what_is_very_old_does_not_press_the_rest_together() -> None:
    recent = tuple(Result(at(7 * n), 3) for n in range(12))
    chart = goal_chart(
        points(results=(*recent, Result(at(3650), 9)), levels=(Level(day(3000), -2), Level(day(2000), 0))),
        TODAY,
    )
    assert chart.ticks[0].label == "12 weeks ago" and len(chart.lanes[2].dots) == 12
    assert chart.step.startswith(f"M{LEFT + 8} {chart.rows[2].y}H"), (
        "the level that held when the picture begins"
    )
    assert chart.table[-1] == ("25 Nov 2016", "Session", "9")
    assert "Agreed level: aimed for from 2 Jun 2021." in chart.desc
    assert "older than a year and a half" in chart.legend and "older" in chart.desc
    plain = goal_chart(points(results=recent), TODAY)
    assert "older" not in plain.legend and plain.ticks[0].label == "12 weeks ago"


def test_nothing_noted_says_so() -> None:
    chart = goal_chart(points(), TODAY)
    assert (chart.step, chart.table, chart.desc) == ("", (), "Nothing has been noted yet.")


@settings(deadline=None)
@given(
    values=st.lists(st.floats(-1e6, 1e6), max_size=30),
    days=st.lists(st.integers(0, 2000), min_size=30, max_size=30),
    levels=st.lists(st.tuples(st.integers(0, 900), st.integers(-2, 2)), max_size=12),
)
def test_every_mark_stays_inside_the_picture(
    values: list[float], days: list[int], levels: list[tuple[int, int]]
) -> None:
    results = tuple(Result(at(ago), value) for value, ago in zip(values, days, strict=False))
    chart = goal_chart(points(results=results, levels=tuple(Level(day(a), n) for a, n in levels)), TODAY)
    for dot in chart.lanes[2].dots:
        assert LEFT <= dot.x <= RIGHT and chart.top <= dot.y <= chart.height
    assert len(chart.table) == len(results) + len(levels)


def test_each_setting_has_a_shape_of_its_own_filled_or_open() -> None:
    happenings = (
        Happening(at(3), "school", False, "did not ask"),
        Happening(at(9), "home", True, "did it"),
        Happening(at(5), "home", False, "tried, could not"),
    )
    chart = goal_chart(points(happenings=happenings, results=(Result(at(2), 1),)), TODAY)
    home, school, session = (str(chart_marks(lane)) for lane in chart.lanes)
    assert re.findall(r'<(\w+) class="([^"]*)"', home) == [("circle", "home"), ("circle", "home off")]
    assert re.findall(r'<(\w+) class="([^"]*)"', school) == [("rect", "school off")]
    assert re.findall(r'<(\w+) class="([^"]*)"', session) == [("path", "session")]
    assert f'cx="{chart.lanes[0].dots[0].x}" cy="{chart.lanes[0].dots[0].y}"' in home


DAY = (
    Happening(at(3, 18), "home", None, "not this week"),
    Happening(at(3, 12), "home", False, "tried, could not"),
    Happening(at(3, 9), "home", True, "part of it"),
    Happening(at(3, 7), "home", True, "did it"),
)
"""One day at home, newest first."""


def test_every_mark_of_one_day_is_seen_above_the_one_before() -> None:
    chart = goal_chart(points(happenings=(*DAY, Happening(at(3), "school", True, "card"))), TODAY)
    home, school, _ = chart.lanes
    assert len({dot.x for dot in home.dots}) == 1
    heights = [dot.y for dot in home.dots]
    assert all(lower - upper >= 13 for lower, upper in pairwise(heights)), "each free of the others"
    assert heights[0] == home.y and heights[-1] > chart.rows[-1].y + 30, "none runs into the rows"
    assert school.y - home.y == 34 and chart.height > school.y
    drawn = re.findall(r'<(\w+) class="([^"]*)"', str(chart_marks(home)))
    assert drawn == [
        ("circle", "home"),
        ("circle", "home"),
        ("circle", "home off"),
        ("circle", "home off"),
        ("path", "home"),
    ]
    assert "stands above one another" in chart.legend


def test_not_this_week_neither_happened_nor_failed() -> None:
    chart = goal_chart(points(happenings=DAY), TODAY)
    assert (
        "At home: noted 4 times. It happened, all or part of it: 2. It did not: 1. "
        "Not this week, nothing was tried: 1." in chart.desc
    )
    assert "With a dash: not this week, nothing was tried." in chart.legend
    assert chart.legend.startswith("Circle: home. Filled"), "of shapes that are not drawn nothing is said"
    tried = goal_chart(points(happenings=DAY[1:2]), TODAY)
    assert "not this week" not in f"{tried.desc} {tried.legend}".lower()
    assert "above one another" not in tried.legend


def test_days_beside_each_other_stay_on_one_line() -> None:
    daily = tuple(Happening(at(ago), "home", ago % 2 == 0, "") for ago in range(80))
    (home, *_) = goal_chart(points(happenings=daily), TODAY).lanes
    assert {dot.y for dot in home.dots} == {home.y}


def test_in_a_long_picture_no_day_hides_another() -> None:
    daily = tuple(Happening(at(ago), "home", ago % 2 == 0, "") for ago in range(500))
    (home, *_) = goal_chart(points(happenings=daily), TODAY).lanes
    placed = [(dot.x, dot.y) for dot in home.dots]
    for n, (x, y) in enumerate(placed):
        assert not [other for other in placed[n + 1 : n + 9] if other[1] == y and other[0] - x < 3]


def test_a_day_of_very_many_grows_no_higher_than_the_picture_bears() -> None:
    many = tuple(Happening(at(1), "school", n % 2 == 0, "card") for n in range(40))
    chart = goal_chart(points(happenings=many), TODAY)
    _, school, _ = chart.lanes
    assert len({dot.y for dot in school.dots}) == 40 and chart.height < 400
    assert min(dot.y for dot in school.dots) > chart.lanes[0].y + 30


def test_equal_results_of_one_day_stand_beside_each_other() -> None:
    for ago, inwards in ((0, -1), (84, 1)):
        results = (Result(at(ago, 9), 7), Result(at(ago, 10), 7), Result(at(ago, 11), 4))
        (*_, session) = goal_chart(points(results=results), TODAY).lanes
        first, second, other = session.dots
        assert first.y == second.y and (second.x - first.x) * inwards >= 4
        assert other.x == first.x and other.y > first.y
        assert str(chart_marks(session)).count("<path") == 3


def test_words_in_the_table_stay_words() -> None:
    chart = goal_chart(points(results=(Result(at(1), 3, label="<b>lunch</b> & more"),)), TODAY)
    rows = str(chart_rows(chart))
    assert "<b>" not in rows and "&lt;b&gt;lunch&lt;/b&gt; &amp; more" in rows
    assert rows.startswith('<tr><td class="k-when">22 Nov</td><td>Session</td>')


def test_what_happened_after_midnight_in_summer_stands_on_the_day_of_those_who_were_there() -> None:
    """Half past midnight in London, half an hour before midnight in Greenwich; the same in winter is one day."""
    today, late = date(2026, 7, 2), datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    noted = {"happenings": (Happening(late, "home", True, "did it"),), "results": (Result(late, 3, 5),)}
    chart = goal_chart(points(**noted, levels=(Level(today, 0),)), today)
    home, _, session = chart.lanes
    assert home.dots[0].x == session.dots[0].x == RIGHT - 8
    assert {row[0] for row in chart.table} == {"2 Jul"}
    winter = goal_chart(
        points(results=(Result(datetime(2026, 1, 2, 0, 30, tzinfo=UTC), 3, 5),)), date(2026, 1, 2)
    )
    assert winter.lanes[2].dots[0].x == RIGHT - 8


def test_the_first_day_that_is_drawn_is_londons() -> None:
    today = date(2026, 7, 2)
    long_ago = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    chart = goal_chart(
        points(results=(Result(long_ago, 3, 5), Result(datetime(2026, 7, 1, 12, tzinfo=UTC), 4, 5))), today
    )
    assert chart.lanes[2].dots[0].x == LEFT + 8 and chart.table[-1][0] == "1 Apr"
