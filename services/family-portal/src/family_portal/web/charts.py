"""The goal chart: typed points of three settings become rows, lanes, a step line, and the table beside it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GoalChart:
    """Everything the goalchart macro draws, already placed."""

    id: str
    title: str
    desc: str
