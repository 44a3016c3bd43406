"""Notices for the next page: that there is something to read, never what about."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound, Problem
from chassis.routes import Routes
from contracts.classes import DataClass
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.answering import waiting
from family_portal.web.forms import typed
from family_portal.web.frame import render
from family_portal.web.heads import base_of, beside_others, clock, seat
from family_portal.web.models import Form, Link, NoticeLine, NoticesPart
from family_portal.web.models.pieces import Area
from family_portal.web.start import area_of
from family_portal.web.visitor import FamilyVisitor, Visitor
from policy.caller import Caller

router = Routes(include_in_schema=False)
NOTHING_ASKED = "Nothing is asked of you now."
"""What one of the people around somebody reads, who has no pages of their own yet."""


WANTS_REPLY = "reply_wanted"
SUMMARY = DataClass.SESSION_SUMMARY.value
TIMES = DataClass.ATTENDANCE.value
AT_ONCE, MOST_PAGES = 50, 10
"""How many notices are asked for at once, and how often, for one page."""


async def notices_for(portal: Portal, visitor: Visitor) -> NoticesPart:
    """What the person has not been shown yet, over all their organisations; it says so when that is not known."""
    lines: list[NoticeLine] = []
    for caller in visitor.callers:
        try:
            rows = [row async for row in _unseen(visitor, caller.tenant_id)]
        except Problem:
            return NoticesPart((), available=False)
        lines += await _lines(portal, visitor, caller, rows)
    return NoticesPart(tuple(lines))


async def _unseen(visitor: Visitor, tenant_id: str) -> AsyncIterator[dict[str, Any]]:
    """The notices of one organisation, newest first, over pages: what asks no more stands among them.

    Raises Unavailable where notifications does not answer.
    """
    after: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        path = f"/tenants/{tenant_id}/notices"
        try:
            found = await visitor.upstream.get("notifications", path, limit=AT_ONCE, **after)
        except NotFound:
            return
        for row in found["items"]:
            yield row
        if not found["next"]:
            return
        after = {"after": found["next"]}


async def _lines(
    portal: Portal, visitor: Visitor, caller: Caller, rows: Iterable[dict[str, Any]]
) -> list[NoticeLine]:
    """One line for each page there is something new on; what was answered, or is closed to them, asks no more."""
    same: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        same.setdefault((_news(row), row["client_id"]), []).append(row)
    lines = []
    for (news, client_id), told in same.items():
        reach = await portal.reader.reach_or_none(caller, client_id)
        if reach is None or not await _still(portal, reach, news):
            continue
        await beside_others(portal, visitor.callers, reach)
        newest, ids = told[0], tuple(row["id"] for row in told)
        seen = Form(f"/messages-for-you/{caller.tenant_id}/seen", {"id": ids})
        when = clock(datetime.fromisoformat(newest["at"]))
        link, about = _link(news, reach), await _about(portal, reach)
        lines.append(NoticeLine(newest["id"], newest["text"], when, link, seen, about))
    return lines


def _news(row: dict[str, Any]) -> str:
    """What tells notices apart: a reply is wanted, it is a summary, it is of times, or only that something is new."""
    classes = row.get("classes", ())
    return next((each for each in (SUMMARY, TIMES) if each in classes), str(row["kind"]))


async def _still(portal: Portal, reach: Reach, news: str) -> bool:
    """Whether what a notice tells of still holds: a reply is wanted only until it is given."""
    area = _area(reach)
    return news != WANTS_REPLY or area == "part" or bool(await waiting(portal, reach, area))


async def _about(portal: Portal, reach: Reach) -> str:
    """The name of a child or pupil; nobody is told their own, and a friend's page names nobody."""
    if _area(reach) not in ("family", "school"):
        return ""
    return (await portal.names.client(reach.caller.tenant_id, reach.client_id)).name


def _area(reach: Reach) -> Area:
    """On whose pages the person reads of this client."""
    places: dict[str, Area] = {"client": "mine", "guardians": "family", "school": "school"}
    return next((area for label, area in places.items() if label in reach.grants.labels), "part")


def _link(news: str, reach: Reach) -> Link | None:
    """To the page where it can be read or answered; its words give nothing away.

    Practice and what the team changed stand on the page about the person, the times of children on the first page;
    summaries on their own, while they are open to the reader.
    """
    if (area := _area(reach)) == "part":
        return None
    base = base_of(area, reach)
    if news == WANTS_REPLY:
        return Link("Read and answer", f"{base}/plan")
    if news == TIMES and area == "family":
        return Link("Read it", "/home#next")
    opens = news == SUMMARY and reach.grants.may(DataClass.SESSION_SUMMARY)
    return Link("Read it", f"{base}/sessions" if opens else base)


@router.get("/messages-for-you")
async def notices(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The notices of a family member, pupil's teacher or client."""
    area = area_of(visitor)
    await seat(request, portal, visitor, area)
    page = await notices_for(portal, visitor)
    if area == "part":
        page = replace(page, nothing=NOTHING_ASKED)
    return render(request, "family/notices.html", page=page)


@router.post("/messages-for-you/{tenant_id}/seen")
async def seen(tenant_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """What this line stood for has been read; the others stay."""
    form = await typed(request, visitor)
    path, ids = f"/tenants/{tenant_id}/notices/seen", {"ids": form.ticks("id")}
    await visitor.upstream.send("notifications", path, ids, form.command_id)
    return RedirectResponse("/messages-for-you", 303)
