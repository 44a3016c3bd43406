"""Who else sees what a page shows or takes: in names, by the policy, as far as this reader may know of them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.store.written import Shown
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.heads import base_of
from family_portal.web.models import Live, Seen
from family_portal.web.models.pieces import Area
from family_portal.web.words import joined

_CHOSEN = frozenset({"guardians", "school", "network"})
"""Parties that somebody can join by a consent."""
EACH = "Each goal says who sees it"


@dataclass(frozen=True)
class SeenGoals:
    """Who sees the goals of a page: all of them in one line, or each goal in its own where they differ."""

    page: Seen
    each: dict[str, Seen]


def reading(
    reach: Reach, classes: Iterable[DataClass], parties: Collection[str], goal_id: str | None = None
) -> list[str]:
    """The persons who read an item of these parties in any of these classes, whom this reader may know of."""
    found = {person for each in classes for person in reach.everyone.readers(each, parties, goal_id)}
    return [person for person in reach.everyone if person in found]


async def seen_by(
    portal: Portal, reach: Reach, area: Area, *shown: Shown, goal_id: str | None = None
) -> Seen:
    """Who sees something of this class and these parties; several are the wordings of one thing."""
    parties = shown[0].parties
    people = reading(reach, [each.data_class for each in shown], parties, goal_id)
    text = await _sentence(portal, reach, area, people, parties)
    link = f"{base_of(area, reach)}/who-can-see" if area in ("family", "mine") else ""
    return Seen(text, link)


async def seen_entry(portal: Portal, reach: Reach, area: Area, entry: Entry) -> Seen:
    """Who sees a stored task or item."""
    shown = Shown(entry.data_class, entry.parties)
    return await seen_by(portal, reach, area, shown, goal_id=entry.goal_id)


async def seen_goals(
    portal: Portal, reach: Reach, area: Area, goals: Sequence[Entry], part: str = "seen"
) -> SeenGoals:
    """Who sees the goals of a page, each in whichever wording is theirs; `part` is the line's own address."""
    found: dict[object, Seen] = {}
    each: dict[str, Seen] = {}
    for goal in goals:
        alike_in = (goal.data_class, goal.parties, goal.record_id if reach.everyone.goals_differ else None)
        if alike_in not in found:
            found[alike_in] = await seen_by(
                portal, reach, area, *_wordings(reach, goal), goal_id=goal.record_id
            )
        each[goal.record_id] = found[alike_in]
    alike = set(each.values()) or {await seen_shared(portal, reach, area)}
    one = alike.pop()
    page = one if not alike else replace(one, text=EACH)
    return SeenGoals(replace(page, live=_live(reach, area, part)), each if alike else {})


async def seen_shared(portal: Portal, reach: Reach, area: Area) -> Seen:
    """Who sees a goal that is put to everybody."""
    shown = [Shown(each, ("client", "guardians", "school")) for each in _shared(reach)]
    return await seen_by(portal, reach, area, *shown)


def _live(reach: Reach, area: Area, part: str) -> Live:
    """The page's line as a part that asks for itself when goals or readers moved."""
    url = f"{base_of(area, reach)}/fragments/{part}"
    return Live("seen", url, (f"who-{reach.client_id}", f"plan-{reach.client_id}"))


def _wordings(reach: Reach, goal: Entry) -> list[Shown]:
    if goal.data_class is DataClass.PLAN_PRIVATE:
        return [Shown(goal.data_class, goal.parties)]
    return [Shown(data_class, goal.parties) for data_class in _shared(reach)]


def _shared(reach: Reach) -> tuple[DataClass, ...]:
    """The wordings of a shared goal whose readers this reader is told of: at school those of its own."""
    if reach.grants.labels & {"guardians", "client", "team"}:
        return (DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN)
    return (DataClass.PLAN_SCHOOL,)


async def _sentence(
    portal: Portal, reach: Reach, area: Area, people: list[str], parties: Collection[str]
) -> str:
    me = reach.caller.person_id
    others = [person for person in people if person != me]
    names = await portal.names.persons(others)
    said = [*(["You"] if me in people else []), *(names[person].name for person in others)]
    if area == "family" and not reach.grants.may(DataClass.CONSENT) and _CHOSEN & set(parties):
        named = await portal.names.client(reach.caller.tenant_id, reach.client_id)
        said.append(f"whoever {named.name} has chosen")
    return ". ".join([joined(said), *_besides(reach, area, set(people), parties)])


def _besides(reach: Reach, area: Area, people: set[str], parties: Collection[str]) -> list[str]:
    """Who does not see it and might be thought to."""
    own = reach.grants.labels
    elsewhere = {
        p for p, labels in reach.everyone.labels.items() if _homes(labels) and not _homes(labels) & own
    }
    if area == "family":
        apart = elsewhere and not elsewhere & people and _knows_all(reach, parties)
        return ["The other home does not see it."] if apart else []
    if area != "mine":
        return []
    outside = {p for p, labels in reach.everyone.labels.items() if not labels & {"client", "team"}}
    return [] if outside & people else ["Nobody at home or at school sees it."]


def _knows_all(reach: Reach, parties: Collection[str]) -> bool:
    """Whether the reader knows of everybody at home who may read an item of these parties.

    What was opened to another parent is not told to somebody who may not read consents.
    """
    if reach.grants.may(DataClass.CONSENT):
        return True
    return not _CHOSEN & set(parties) and _homes(parties) <= reach.grants.labels


def _homes(labels: Collection[str]) -> set[str]:
    return {label for label in labels if label.startswith("household:")}
