"""The page "about me" filled from what a reader may see: its lines by heading, and the short form on other pages."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from chassis.errors import NotFound
from contracts.about_me import AboutMeChanged, Heading, LineState
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.store.written import Shown
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.boxes import box_of
from family_portal.web.heads import base_of, head
from family_portal.web.models import (
    AboutCard,
    AboutGroup,
    AboutLine,
    AboutLinePage,
    AboutPage,
    Choice,
    Form,
    Link,
    Live,
)
from family_portal.web.models.pieces import Area
from family_portal.web.seen import seen_by

ABOUT = DataClass.ABOUT_ME
TITLES: dict[Heading, str] = {
    Heading.ONE_PAGE: "In short",
    Heading.YES: "I say yes by",
    Heading.NO: "I say no by",
    Heading.STOP: "I say stop by",
    Heading.TALK: "I talk with",
    Heading.LISTEN: "I show that I listen by",
    Heading.TOO_MUCH: "Too much looks like",
    Heading.HELPS: "What helps",
    Heading.HARDER: "What makes it harder",
    Heading.SENSES: "My senses",
    Heading.STRENGTHS: "What I am good at",
    Heading.INTERESTS: "What I like",
}
"""The headings of the page, in the person's voice."""
CARD: dict[Heading, str] = {
    Heading.YES: "Yes",
    Heading.NO: "No",
    Heading.STOP: "Stop",
    Heading.TALK: "Talks with",
    Heading.TOO_MUCH: "Too much",
    Heading.HELPS: "Helps",
}
"""What staff read of it first."""
HEADINGS = tuple(Choice(heading.value, title) for heading, title in TITLES.items())
READ_BY = ("guardians", "school", "client")
"""The parties of a line that has its yes."""


async def lines_of(portal: Portal, reach: Reach) -> list[Entry]:
    """The lines on the page that this reader may see, by heading, each in the order in which they were begun."""
    return [line for line in await all_lines(portal, reach) if line.meta["state"] != LineState.TAKEN_OFF]


async def all_lines(portal: Portal, reach: Reach) -> list[Entry]:
    """As `lines_of`, with those that called somebody on duty and stay for the team, off the page."""
    found = await portal.reader.parts(reach, (ABOUT,))
    return sorted((entry for entry in found if entry.type == AboutMeChanged.TYPE), key=_place)


def _place(line: Entry) -> tuple[int, datetime, str]:
    heading = Heading(line.body["heading"])
    return list(Heading).index(heading), datetime.fromisoformat(line.meta["begun_at"]), line.record_id


def _waits(line: Entry) -> bool:
    return bool(line.meta["state"] == LineState.WAITS)


def decides(reach: Reach, area: Area) -> bool:
    """Whether this reader says how a child was asked."""
    return area == "family" and reach.grants.may(ABOUT, "sign")


def own_words(line: Entry) -> str:
    """A line as it stands alone: one that is short of a sentence has its heading before it."""
    heading = Heading(line.body["heading"])
    words = str(line.body["words"])
    return words if heading is Heading.ONE_PAGE else f"{TITLES[heading]}: {words}"


async def school_lines(portal: Portal, reach: Reach) -> tuple[str, ...]:
    """What a pupil says about themself at school: lines they said yes to, where a consent opens them."""
    return tuple(own_words(line) for line in await lines_of(portal, reach))


async def about_card(portal: Portal, reach: Reach) -> AboutCard | None:
    """The card of a client's page for staff; None where nothing is written and this reader writes nothing."""
    lines, base = await lines_of(portal, reach), base_of("staff", reach)
    writes = reach.grants.may(ABOUT, "write")
    if not lines and not writes:
        return None
    named = await head(portal, reach, "staff")
    text = "All of it, and change it" if writes else "All of it"
    waits = any(_waits(line) for line in lines)
    return AboutCard(
        live=Live("about-card", f"{base}/fragments/about_card", (f"about-{reach.client_id}",)),
        rows=tuple(_rows(lines)),
        link=Link(text if lines else "Write the first line", f"{base}/about"),
        waits=f"Some of it waits for {named.name}’s yes." if waits else "",
    )


def _rows(lines: Iterable[Entry]) -> Iterable[tuple[str, tuple[str, ...]]]:
    for heading, found in groupby(lines, key=lambda line: Heading(line.body["heading"])):
        if heading in CARD:
            yield CARD[heading], tuple(str(line.body["words"]) for line in found)


async def about_page(
    portal: Portal, reach: Reach, area: Area, form: Form | None = None, told: str = ""
) -> AboutPage:
    """The page as this reader has it, with the form of a new line for who may write one.

    `form`: that form shown again with what was typed.
    """
    named, base = await head(portal, reach, area), base_of(area, reach)
    lines = await lines_of(portal, reach)
    writes = reach.grants.may(ABOUT, "write")
    return AboutPage(
        client=named,
        title="About me",
        lead=_lead(reach, area, named.name),
        back=Link("Back", base) if area == "mine" else Link(named.name, base),
        groups=tuple(_groups(reach, area, named.name, lines)),
        live=Live("about-lines", f"{base}/about/fragments/lines", (f"about-{reach.client_id}",)),
        seen=await seen_by(portal, reach, area, Shown(ABOUT, READ_BY)),
        form=(form or Form(f"{base}/about")) if writes else None,
        errors=form.errors if form else (),
        hint=hint(area, named.name),
        headings=HEADINGS,
        box=await box_of(portal, reach) if writes and area != "staff" else None,
        asks=decides(reach, area),
        labels=labels(named.name),
        told=told,
    )


def _groups(reach: Reach, area: Area, name: str, lines: Iterable[Entry]) -> Iterable[AboutGroup]:
    for heading, found in groupby(lines, key=lambda line: Heading(line.body["heading"])):
        shown = tuple(_line(reach, area, name, line) for line in found)
        yield AboutGroup(heading.value, TITLES[heading], shown)


def _line(reach: Reach, area: Area, name: str, line: Entry) -> AboutLine:
    base, own = f"{base_of(area, reach)}/about/{line.record_id}", area == "mine"
    waits, grants = _waits(line), reach.grants
    state = ("You" if own else name) + " said yes."
    if waits:
        state = "Waits for your yes." if own else f"Waits for {name}’s yes."
    yes = waits and own and grants.may(ABOUT, "sign")
    return AboutLine(
        id=line.record_id,
        words=line.body["words"],
        state=state,
        change=base if grants.may(ABOUT, "write") else "",
        change_text=f"Say how {name} was asked, or change it"
        if waits and decides(reach, area)
        else "Change it",
        yes=Form(f"{base}/yes", version=line.meta["version"]) if yes else None,
    )


def labels(name: str) -> dict[str, str]:
    """What the pages call their fields."""
    return {
        "heading": "Under which heading",
        "words": "The line",
        "how": f"How {name} was asked",
        "way": f"In which way {name} answered",
        "came_back": "What came back",
    }


def _lead(reach: Reach, area: Area, name: str) -> str:
    school = "School reads a line once it has that yes, where a consent opens the page."
    if area == "mine":
        return f"What you want others to know of you. Each line needs your yes. {school}"
    if decides(reach, area):
        return (
            f"What {name} wants others to know, in {name}’s own words. Each line needs {name}’s yes. {school}"
        )
    return f"What {name} wants others to know. Each line needs {name}’s own yes. {school}"


def hint(area: Area, name: str) -> str:
    """What becomes of words that are written here."""
    if area == "mine":
        return "In your own words. What you write yourself has your yes."
    waits = f"New words wait for {name}’s yes, and until then school does not read this line."
    return f"In {name}’s own words, as {name} would say it. {waits}"


async def line_page(
    portal: Portal,
    reach: Reach,
    area: Area,
    line_id: str,
    form: Form | None = None,
    yes: Form | None = None,
) -> AboutLinePage:
    """One line to write anew, to say yes to, or to take off. Raises NotFound to who may not write.

    `form`, `yes`: one of its forms shown again with what was typed.
    """
    line = next((each for each in await lines_of(portal, reach) if each.record_id == line_id), None)
    if line is None or not reach.grants.may(ABOUT, "write"):
        raise NotFound()
    named, base = await head(portal, reach, area), f"{base_of(area, reach)}/about"
    here, version = f"{base}/{line_id}", line.meta["version"]
    heading, box = Heading(line.body["heading"]), None if area == "staff" else await box_of(portal, reach)
    filled = {} if box and box.closed else {"heading": heading.value, "words": line.body["words"]}
    asks = _waits(line) and decides(reach, area)
    return AboutLinePage(
        client=named,
        title="One line about me",
        back=Link("About me", base),
        line=_line(reach, area, named.name, line),
        under=TITLES[heading],
        form=form or Form(here, filled, version=version),
        hint=hint(area, named.name),
        headings=HEADINGS,
        labels=labels(named.name),
        box=box,
        yes=(yes or Form(f"{here}/yes", version=version)) if asks or yes else None,
        off=Form(f"{here}/off", version=version),
        asked=await how_asked(portal, reach, line_id, named.name) if area == "staff" else (),
    )


async def how_asked(portal: Portal, reach: Reach, line_id: str, name: str) -> tuple[tuple[str, str], ...]:
    """How the person was asked before this line stood, as the team reads it: each with what it is called."""
    parts = await portal.reader.parts(reach, (DataClass.PLAN_TEAM,))
    found = [each for each in parts if each.type == AboutMeChanged.TYPE and each.record_id == line_id]
    called = labels(name)
    said = [(each, part.body.get(each)) for part in found for each in ("how", "way", "came_back")]
    return tuple((called[each], text) for each, text in said if text)
