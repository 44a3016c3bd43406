"""What the team reads of a week's rest: whose practice is paused, and until which day; there is no why."""

from collections.abc import Mapping
from typing import Any

from family_portal.portal import Portal
from family_portal.views.reader import Reach
from family_portal.web.heads import head
from family_portal.web.models import Line
from family_portal.web.todays import rests_of, until_words
from family_portal.web.words import joined
from policy.days import today


async def paused(portal: Portal, reach: Reach) -> dict[str, str]:
    """A sentence for each home, or the client, whose practice rests, by their label; nothing where nothing does."""
    until = (await rests_of(portal, reach)).until
    if not until:
        return {}
    homes = {f"household:{home.id}": home.members for home in reach.document.households}
    people = [person for members in homes.values() for person in members]
    names = {key: named.name for key, named in (await portal.names.persons(people)).items()}
    own = f"{(await head(portal, reach, 'staff')).name}’s own practice"
    with_whom = {
        label: f"At home with {joined(names[person] for person in members)}" if members else "At home"
        for label, members in homes.items()
    }
    return {
        label: f"{with_whom.get(label, own)}: paused until {until_words(day, today())}"
        for label, day in sorted(until.items())
    }


async def paused_lines(portal: Portal, reach: Reach) -> tuple[str, ...]:
    """The same sentences, one for each."""
    return tuple((await paused(portal, reach)).values())


async def paused_row(portal: Portal, reach: Reach) -> list[Line]:
    """The same as one line of Today, which leads to the client."""
    if not (lines := await paused_lines(portal, reach)):
        return []
    named = await head(portal, reach, "staff")
    return [Line(f"{named.name}. {line}", "", "pause", named.href) for line in lines]


def rests_of_task(task: Mapping[str, Any], sentences: Mapping[str, str]) -> tuple[str, ...]:
    """Which of these sentences a live task is about: those of its homes; of one in no home the client's own."""
    if task["state"] != "live":
        return ()
    labels = [f"household:{home}" for home in task.get("households", ())] or ["client"]
    return tuple(sentences[label] for label in labels if label in sentences)
