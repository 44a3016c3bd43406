"""What a goal chart has by the hundred: its marks and the rows of its table, written without a template."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from markupsafe import Markup, escape

from family_portal.web.chart_points import Setting
from family_portal.web.charts import Dot, GoalChart, Lane

_R = 6.0
_DASH = 3.0
_EDGE, _TIP = 2 * _R - 1, _R + 1.5


def chart_marks(lane: Lane) -> Markup:
    """The marks of a lane, later ones over earlier ones; of those that cover each other wholly, the last."""
    drawn = reversed(dict.fromkeys(reversed(lane.dots)))
    return Markup("".join(_mark(dot, lane.kind) for dot in drawn))


def chart_rows(chart: GoalChart) -> Markup:
    """The rows of a chart's table, as it has them."""
    return Markup("".join(_row(*cells) for cells in chart.table))


def _row(when: str, *cells: str) -> str:
    told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr><td class="k-when">{escape(when)}</td>{told}</tr>\n'


def _mark(dot: Dot, kind: Setting) -> str:
    """Filled where it happened, else open; with a dash in it where nothing was tried."""
    mark = _SHAPES[kind](dot, kind if dot.happened else f"{kind} off")
    dash = f'<path class="{kind}" d="M{dot.x - _DASH:.1f} {dot.y}h{2 * _DASH:g}"/>\n'
    return mark + dash if dot.happened is None else mark


def _circle(dot: Dot, cls: str) -> str:
    return f'<circle class="{cls}" cx="{dot.x}" cy="{dot.y}" r="{_R:g}"/>\n'


def _square(dot: Dot, cls: str) -> str:
    x, y = dot.x - _R + 0.5, dot.y - _R + 0.5
    return f'<rect class="{cls}" x="{x:.1f}" y="{y:.1f}" width="{_EDGE:g}" height="{_EDGE:g}"/>\n'


def _diamond(dot: Dot, cls: str) -> str:
    side = f"l{_TIP:g} {_TIP:g}l-{_TIP:g} {_TIP:g}l-{_TIP:g} -{_TIP:g}Z"
    return f'<path class="{cls}" d="M{dot.x} {dot.y - _TIP:.1f}{side}"/>\n'


_SHAPES: Mapping[Setting, Callable[[Dot, str], str]] = MappingProxyType(
    {"home": _circle, "school": _square, "session": _diamond}
)
"""Each setting has a shape of its own, so that nobody has to tell colours apart."""
