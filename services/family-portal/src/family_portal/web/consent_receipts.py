"""The receipt of a consent that was ended: every part of Kith says that it has closed it, and when.

Identity decides who reads it and holds all that stands on it, so it opens by facts of any age: while a part is
stopped everything else closes, and this says so.
"""

from datetime import datetime
from typing import Any

from fastapi import Request, Response

from chassis.errors import NotFound
from chassis.routes import Routes
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.consents import MINE, consent_reach, consents_path, one_card
from family_portal.web.frame import render
from family_portal.web.heads import base_of, head
from family_portal.web.models import ConsentCard, Form, Link, Live, Receipt, ReceiptPage
from family_portal.web.models.pieces import Area
from family_portal.web.visitor import FamilyVisitor, Visitor
from family_portal.web.words import joined
from policy.days import LONDON

router = Routes(include_in_schema=False)

WHOLE, ALONE = "family/consent_receipt.html", "fragments/receipt.html"
PARTS = {
    "identity": "Sign-in and sharing",
    "care-plans": "The plan",
    "sessions": "Sessions and groups",
    "family-portal": "Pages",
    "notifications": "Messages and calendar",
}


@router.get(MINE + "/{consent_id}/receipt")
async def my_receipt(
    consent_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Every part of Kith saying that it has closed it."""
    return await _show(request, portal, visitor, WHOLE, "mine", "", consent_id)


@router.get("/mine/fragments/receipt/{consent_id}")
async def my_receipt_fragment(
    consent_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """The receipts alone."""
    return await _show(request, portal, visitor, ALONE, "mine", "", consent_id)


@router.get("/home/{child}/consents/{consent_id}/receipt")
async def receipt(
    child: str, consent_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Every part of Kith saying that it has closed the page, and when."""
    return await _show(request, portal, visitor, WHOLE, "family", child, consent_id)


@router.get("/home/{child}/fragments/receipt/{consent_id}")
async def receipt_fragment(
    child: str, consent_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """The receipts alone."""
    return await _show(request, portal, visitor, ALONE, "family", child, consent_id)


async def _show(
    request: Request, portal: Portal, visitor: Visitor, template: str, area: Area, child: str, consent_id: str
) -> Response:
    reach = await consent_reach(request, portal, visitor, area, child, however_old=True)
    return render(request, template, page=await _receipt(portal, visitor, reach, area, consent_id))


async def _receipt(
    portal: Portal, visitor: Visitor, reach: Reach, area: Area, consent_id: str
) -> ReceiptPage:
    """What every part has said; of one in force that it is open. Raises NotFound where nothing was closed."""
    found = await visitor.upstream.get("identity", f"{consents_path(reach)}/{consent_id}")
    card = await one_card(portal, visitor, reach, area, consent_id)
    if found["state"] == "granted":
        return await _open_again(portal, reach, area, card)
    if found["state"] != "withdrawn":
        raise NotFound()
    base, done = base_of(area, reach), bool(found["effective"])
    waiting = [PARTS[row["service"]] for row in found["receipts"] if not row["at"]]
    text = f"{card.no_longer} it." if done else f"Not everywhere yet. Still waiting for: {joined(waiting)}."
    return ReceiptPage(
        child=await head(portal, reach, area),
        title="It is closed" if done else "It is being closed",
        text=text,
        receipts=tuple(_receipt_line(row) for row in found["receipts"]),
        effective=done,
        live=Live("receipt", f"{base}/fragments/receipt/{consent_id}", ("access",), every_s=0 if done else 1),
        back=Link("All consents", f"{base}/consents"),
        note="Open tabs and a message that was about to go out are closed too." if done else "",
        again=Form(f"{base}/consents/{consent_id}/grant"),
        again_button=card.grant_button,
    )


async def _open_again(portal: Portal, reach: Reach, area: Area, card: ConsentCard) -> ReceiptPage:
    """What stands where a receipt stood, for who goes back to it or left it open."""
    base = base_of(area, reach)
    return ReceiptPage(
        child=await head(portal, reach, area),
        title="It is open",
        text=f"In force for {card.who}. You find it among all consents.",
        receipts=(),
        effective=True,
        live=Live("receipt", f"{base}/fragments/receipt/{card.id}", ("access",)),
        back=Link("All consents", f"{base}/consents"),
    )


def _receipt_line(row: dict[str, Any]) -> Receipt:
    if not row["at"]:
        return Receipt(PARTS[row["service"]])
    moment = datetime.fromisoformat(row["at"]).astimezone(LONDON)
    return Receipt(PARTS[row["service"]], f"{moment:%H:%M:%S}", moment.isoformat())
