"""Which practice is for now, and for here: what does not rest, was not said to wait, and is not the other home's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from contracts.care_plans import PracticeRested
from contracts.classes import DataClass
from family_portal.care_days import home_at
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.lately import not_this_week
from policy.days import today

NOT_THIS_WEEK = "You said not this week. It comes back on Monday."


def until_words(last: date, now: date) -> str:
    """The last day of a rest as people say it; on that day itself its name might be that of next week's."""
    return "the end of today" if last == now else f"{last:%A}"


@dataclass(frozen=True)
class Rests:
    """Whose practice rests now, and until which day; to a home only its own, to the team everybody's."""

    mine: frozenset[str] = frozenset()
    """The reader's own labels of the kind that can rest: their homes, or what is the client's own."""
    until: Mapping[str, date] = field(default_factory=dict)

    def of(self, task: Entry) -> str:
        """What the reader's page says of a task that rests for them; nothing of any other."""
        mine = self.mine & set(task.parties) or self.mine
        return self.sentence if mine and mine <= set(self.until) else ""

    @property
    def sentence(self) -> str:
        """Until when it rests. Never why."""
        return f"Resting until {until_words(self.day, today())}. Nothing to do, nothing to explain."

    @property
    def day(self) -> date:
        """The last day of what rests of the reader's own; nobody else's rest is in it."""
        return min((day for label, day in self.until.items() if label in self.mine), default=today())


def homes_of(reach: Reach) -> frozenset[str]:
    """The reader's labels whose practice can rest; to a client what is theirs, not the home they live in."""
    if "client" in reach.grants.labels:
        return frozenset({"client"})
    return frozenset(label for label in reach.grants.labels if label.startswith("household:"))


async def rests_of(portal: Portal, reach: Reach) -> Rests:
    """What rests on this day, as far as the reader may know of it. What is over is over by its date."""
    parts = await portal.reader.parts(reach, (DataClass.TASK_LOG,))
    until = {
        party: date.fromisoformat(entry.meta["until"])
        for entry in parts
        if entry.type == PracticeRested.TYPE
        for party in entry.parties
    }
    return Rests(homes_of(reach), {party: day for party, day in until.items() if day >= today()})


@dataclass(frozen=True)
class Todays:
    """What is for now: the one thing, what else there is, and what the page says where nothing is."""

    first: Entry | None = None
    others: tuple[Entry, ...] = ()
    resting: str = ""


def here(reach: Reach, tasks: Iterable[Entry]) -> list[Entry]:
    """The tasks that are the reader's on this day: those of a home are that home's while it has the child."""
    home = home_at(reach.document, datetime.now(UTC))
    mine = {label for label in reach.grants.labels if label.startswith("household:")}
    if home is None or not mine or "client" in reach.grants.labels:
        return list(tasks)
    return [task for task in tasks if f"household:{home}" in mine or mine.isdisjoint(task.parties)]


async def todays(portal: Portal, reach: Reach, tasks: Iterable[Entry]) -> Todays:
    """Today's one thing of these live tasks, as if there were no others than those of who has the child today."""
    live = here(reach, tasks)
    if not live:
        return Todays()
    rests = await rests_of(portal, reach)
    awake = [task for task in live if not rests.of(task)]
    if not awake:
        return Todays(resting=rests.sentence)
    waits = await not_this_week(portal, reach)
    first = next((task for task in awake if task.record_id not in waits), None)
    others = tuple(task for task in awake if task is not first)
    return Todays(first, others, "" if first else NOT_THIS_WEEK)
