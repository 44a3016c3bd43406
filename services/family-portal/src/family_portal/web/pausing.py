"""Pause everything this week, and go on again: one button for all children, over all organisations, and no reason."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import httpx
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Forbidden, Invalid, NotFound
from chassis.routes import Routes
from contracts.classes import DataClass
from family_portal.portal import Portal, PortalDep
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.forms import typed
from family_portal.web.frame import render
from family_portal.web.goals import live, sort_entries
from family_portal.web.heads import own_reach, seat
from family_portal.web.models import Form, Live, Pause, PausePart
from family_portal.web.models.pieces import Area
from family_portal.web.todays import Rests, rests_of, until_words
from family_portal.web.visitor import FamilyVisitor, Visitor
from policy.days import today
from policy.resting import rested_by

router = Routes(include_in_schema=False)
ROOTS: dict[Area, str] = {"family": "/home", "mine": "/mine"}
TASKS = (DataClass.TASK, DataClass.PLAN_PRIVATE)
GONE = (NotFound, Forbidden, Invalid)
"""What a home that is the reader's no longer is answered with; there is nothing of theirs to rest."""


async def children_of(portal: Portal, visitor: Visitor) -> list[Reach]:
    """Every child of this person, over all organisations."""
    return [r for r in await portal.reader.clients(visitor.callers) if "guardians" in r.grants.labels]


def restable(reach: Reach) -> list[str]:
    """The homes that the reader may let rest, or the client's own practice."""
    return sorted(rested_by(reach.grants))


async def pause_part(portal: Portal, reached: Sequence[Reach], area: Area) -> PausePart:
    """The button for everybody in reach; without one where there is nothing to rest."""
    found = [(reach, await rests_of(portal, reach), await _tasks(portal, reach)) for reach in reached]
    each = [
        (reach, [bool(rests.of(task)) for task in tasks], rests)
        for reach, rests, tasks in found
        if tasks and restable(reach)
    ]
    groups = tuple(f"{group}-{reach.client_id}" for reach in reached for group in ("task", "log", "plan"))
    part = Live("pause", f"{ROOTS[area]}/fragments/pause", groups)
    if not each:
        return PausePart(part)
    asleep = all(all(rests) for _, rests, _ in each)
    return PausePart(
        part, _go_on(each[0][2], len(each), area) if asleep else offered(today(), len(each), area)
    )


async def _tasks(portal: Portal, reach: Reach) -> list[Entry]:
    return [task for task in sort_entries(await portal.reader.parts(reach, TASKS)).tasks if live(task)]


def offered(now: date, children: int, area: Area) -> Pause:
    """The button that lets what is left of this week rest, with what it does on this day."""
    whose = "Everything of yours" if area == "mine" else "Everything"
    until = until_words(now + timedelta(days=6 - now.weekday()), now)
    return Pause(
        title="A heavy week?",
        text=f"{whose} can rest until {until}{_where(children, area)}. {_seen(area)} Nobody asks why.",
        button="Pause everything this week",
        form=Form(f"{ROOTS[area]}/pause"),
    )


def _go_on(rests: Rests, children: int, area: Area) -> Pause:
    whose = "Everything of yours" if area == "mine" else "Everything"
    day = until_words(rests.day, today())
    return Pause(
        title="Your week rests",
        text=f"{whose} rests until {day}{_where(children, area)}. It goes on by itself after that.",
        button="Go on again",
        form=Form(f"{ROOTS[area]}/go-on"),
    )


def _where(children: int, area: Area) -> str:
    if area == "mine":
        return ""
    return (
        ", in your home"
        if children == 1
        else f", for {'both' if children == 2 else 'all'} children, in your home"
    )


def _seen(area: Area) -> str:
    return "Your team sees that it rests." if area == "mine" else "The team sees that it rests."


@router.post("/home/pause")
async def pause(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Let everything of this home rest until Sunday."""
    return await _send(request, portal, visitor, await children_of(portal, visitor), "family", "rests")


@router.post("/home/go-on")
async def go_on(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Take this home's practice up again."""
    return await _send(request, portal, visitor, await children_of(portal, visitor), "family", "rests/end")


@router.post("/mine/pause")
async def pause_mine(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Let everything of mine rest until Sunday."""
    return await _send(request, portal, visitor, [await own_reach(request, portal, visitor)], "mine", "rests")


@router.post("/mine/go-on")
async def go_on_mine(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Take my practice up again."""
    return await _send(
        request, portal, visitor, [await own_reach(request, portal, visitor)], "mine", "rests/end"
    )


@router.get("/home/fragments/pause")
async def pause_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The button alone."""
    await seat(request, portal, visitor, "family")
    part = await pause_part(portal, await children_of(portal, visitor), "family")
    return render(request, "fragments/pause.html", part=part)


@router.get("/mine/fragments/pause")
async def own_pause_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """My button alone."""
    reach = await own_reach(request, portal, visitor)
    await seat(request, portal, visitor, "mine")
    return render(request, "fragments/pause.html", part=await pause_part(portal, [reach], "mine"))


async def _send(
    request: Request, portal: Portal, visitor: Visitor, reached: Iterable[Reach], area: Area, verb: str
) -> Response:
    """One command for each client and home; back to the page once it shows them.

    Each has one effect however often it is sent, so where one part does not answer the same button does the rest.
    """
    form = await typed(request, visitor)
    named = [(reach, label) for reach in reached for label in restable(reach)]
    sent = await asyncio.gather(
        *(_one(visitor, reach, label, verb, form.command_id) for reach, label in named),
        return_exceptions=True,
    )
    for (reach, _), answer in zip(named, sent, strict=True):
        if isinstance(answer, httpx.Response):
            await portal.wait(answer.headers.get("kith-position"), reach.caller.tenant_id, reach.client_id)
        elif not isinstance(answer, GONE):
            raise answer
    return RedirectResponse(ROOTS[area], 303)


async def _one(visitor: Visitor, reach: Reach, label: str, verb: str, key: str) -> httpx.Response:
    path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/{verb}"
    body = {} if label == "client" else {"household_id": label.removeprefix("household:")}
    return await visitor.upstream.send("care-plans", path, body, key)
