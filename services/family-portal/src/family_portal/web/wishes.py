"""Something we would wish for: what one reader proposed as goals, with the team's answers, and what waits for one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from contracts.care_plans import MOST_OPEN_WISHES, ProposalChanged, ProposalState
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.store.written import Shown
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.boxes import box_of
from family_portal.web.heads import base_of, called, day
from family_portal.web.models import Box, Form, Link, Live, OwnWish, Quote, WishesPart
from family_portal.web.models.pieces import Area
from family_portal.web.seen import seen_by
from policy.filters import shows

SHOWN = 20
"""So many wishes stand on the page, the newest; it says so where there are more."""
ENOUGH = "What you wished for waits for the team’s answer. There is room for another once one of them has its answer."
"""In place of the box."""
CLASS: dict[Area, DataClass] = {"family": DataClass.PLAN_PLAIN, "school": DataClass.PLAN_SCHOOL}
LABEL: dict[Area, str] = {"family": "guardians", "school": "school"}
STATE = {
    ProposalState.OPEN: "The team has it. The answer will stand here.",
    ProposalState.REWRITTEN: "The team puts it another way.",
    ProposalState.REFUSED: "The team does not make a goal of it.",
    ProposalState.TAKEN: "The team has taken it up.",
}


def may_wish(reach: Reach, area: Area) -> bool:
    """Whether this reader may propose a goal, on these pages; a wish hangs on no goal that there is."""
    own = (f"person:{reach.caller.person_id}",)
    known = area in CLASS and LABEL[area] in reach.grants.labels
    return known and shows(reach.grants, CLASS[area], own, action="propose")


def plan_link(reach: Reach, base: str) -> Link | None:
    """A school's way to the whole plan, and to the box on it; None to who reads none of it."""
    if may_wish(reach, "school"):
        return Link("The whole plan, and what you would wish for", f"{base}/plan")
    return Link("The whole plan", f"{base}/plan") if reach.grants.may(DataClass.PLAN_SCHOOL) else None


async def wishes_of(portal: Portal, reach: Reach, area: Area, form: Form | None = None) -> WishesPart | None:
    """What this reader wished for, the newest first, and the box for more; None to who may propose nothing here.

    `form`: the box shown again with what was typed.
    """
    if not may_wish(reach, area):
        return None
    own, base = f"person:{reach.caller.person_id}", base_of(area, reach)
    match = {"type": ProposalChanged.TYPE, "parties": own}
    page = await portal.reader.items(reach, (CLASS[area],), limit=SHOWN, match=match)
    return WishesPart(
        live=Live("wishes-said", f"{base}/fragments/wishes", (f"plan-{reach.client_id}",)),
        wishes=tuple([await _wish(portal, entry) for entry in page.entries]),
        form=form or Form(f"{base}/wishes"),
        box=await _box(portal, reach, area, match),
        seen=(await seen_by(portal, reach, area, Shown(CLASS[area], (own,)))).text,
        more=page.next is not None,
    )


async def _box(portal: Portal, reach: Reach, area: Area, match: Mapping[str, Any]) -> Box:
    """The box for one more; closed while as many of this reader's as there is room for wait for an answer."""
    box = await box_of(portal, reach)
    waits = {**match, "meta.state": ProposalState.OPEN.value}
    page = await portal.reader.items(reach, (CLASS[area],), limit=MOST_OPEN_WISHES, match=waits)
    full = len(page.entries) == MOST_OPEN_WISHES
    return replace(box, reads=ENOUGH, closed=True) if full and not box.closed else box


async def _wish(portal: Portal, entry: Entry) -> OwnWish:
    answer = entry.body.get("answer") or ""
    by = called(await portal.names.person(entry.by)) if answer and entry.by else "The team"
    return OwnWish(
        id=entry.record_id,
        when=day(entry.happened_at),
        words=entry.body["words"],
        text=STATE[ProposalState(entry.meta["state"])],
        answer=Quote(answer, f"{by} wrote back") if answer else None,
    )


async def waiting_wishes(portal: Portal, reach: Reach) -> list[Entry]:
    """What home and school wished for and nobody has answered yet, the one that waits longest first; for the team."""
    match = {"type": ProposalChanged.TYPE, "meta.state": ProposalState.OPEN.value}
    return await portal.reader.oldest(reach, tuple(CLASS.values()), limit=50, match=match)
