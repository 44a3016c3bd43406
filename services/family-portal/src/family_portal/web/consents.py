"""Consents in plain words: who was let see what, and saying no."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Conflict, NotFound, Problem, Unavailable
from chassis.routes import Routes
from contracts.classes import DataClass
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.forms import typed
from family_portal.web.frame import render
from family_portal.web.heads import base_of, day, find_reach, head, own_reach, seat
from family_portal.web.models import (
    ConsentCard,
    ConsentsPage,
    Empty,
    Form,
    Link,
    Quote,
    WithdrawPage,
)
from family_portal.web.models.pieces import Area
from family_portal.web.visitor import FamilyVisitor, Visitor
from family_portal.web.words import agreeing, joined, to_you

router = Routes(include_in_schema=False)

WHAT = {
    "plan_school": "goals in school wording, with what helps in class this week",
    "plan_plain": "goals in plain words",
    "plan_private": "goals that are private",
    "observation": "their own observations",
    "about_me": "the page “about me”",
    "safety_plan_my_part": "their part of the plan for hard days",
    "attendance": "when appointments are",
    "network_meeting": "minutes of meetings they were at",
    "own_commitment": "what they promised themselves",
    "measure": "results over time",
    "session_summary": "what is shared after sessions",
    "task": "practice that was given to them",
    "task_log": "what they note about it themselves",
}
STATES = {
    "granted": "In force", "presented": "You are asked", "disputed": "On hold", "withdrawn": "Ended",
    "expired": "Ended", "refused": "You said no", "superseded": "Replaced by a newer one", "draft": "Being written",
}  # fmt: skip

NOT_MINE = {"presented": "Being asked", "refused": "Not agreed"}
"""The same, where others are asked."""
PLACES = {"granted": "active", "presented": "presented", "disputed": "on_hold"}
"""Where a consent stands on the page, by its state; all others have ended."""
SOON = timedelta(days=30)


async def consent_reach(
    request: Request, portal: Portal, visitor: Visitor, area: Area, child: str, *, however_old: bool = False
) -> Reach:
    """The reach of a guardian into a child, or of somebody into what is theirs. Raises NotFound.

    `however_old`: as for `find_reach`.
    """
    if area == "mine":
        reach = await own_reach(request, portal, visitor)
    else:
        reach = await find_reach(request, portal, visitor, child, however_old=however_old)
    if not ({"guardians", "client"} & reach.grants.labels):
        raise NotFound()
    await seat(request, portal, visitor, area)
    return reach


def consents_path(reach: Reach) -> str:
    """Where identity keeps the consents of a client."""
    return f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/consents"


async def _cards(portal: Portal, visitor: Visitor, reach: Reach, area: Area) -> list[ConsentCard]:
    """Every consent that the reader may know of. Raises Unavailable: what is not known is not what is not there."""
    found = await visitor.upstream.items("identity", consents_path(reach))
    own = {"recipients": [visitor.person_id]}  # who is named in a consent reads no other name in it
    rows = [row if row.get("recipients") else {**row, **own} for row in found]
    names = await portal.names.persons([person for row in rows for person in row["recipients"]])
    called = {person: named.name for person, named in names.items()}
    base, me = base_of(area, reach), reach.caller.person_id
    signs = reach.grants.may(DataClass.CONSENT, "sign")
    return [_card(row, called, base, me, signs=signs) for row in rows]


def _card(
    row: dict[str, Any], names: dict[str, str], base: str, reader: str, *, signs: bool = True
) -> ConsentCard:
    settled = reader in row["recipients"] or not signs
    called = ["you" if person == reader else names[person] for person in row["recipients"]]
    who = joined(called)
    where = f"{base}/consents/{row['id']}"
    what = dict.fromkeys(WHAT.get(each, each.replace("_", " ")) for each in row["classes"])
    if row.get("some_goals"):
        what[SOME_GOALS] = None
    state = row["state"]
    assent = row.get("assent") or {}
    said = assent.get("words") or assent.get("how")
    return ConsentCard(
        id=row["id"],
        who=who,
        state="ends_soon" if _ends_soon(row) else PLACES.get(state, "ended"),
        state_text=ENDING
        if state == "withdrawn" and not row["effective"]
        else (STATES if signs else STATES | NOT_MINE).get(state, state),
        no_longer=agreeing(called, "no longer sees", "no longer see"),
        what=tuple(to_you(each) if called == ["you"] else each for each in what),
        purpose=row.get("purpose") or "",
        until=until_of(row),
        assent=Quote(said, "what was said when asked") if said else None,
        withdraw=Link(f"Close this for {who}", f"{where}/end")
        if state == "granted" and not settled
        else None,
        grant=Form(f"{where}/grant", version=row["version"])
        if state in ("presented", "withdrawn", "refused") and not settled
        else None,
        grant_button="Say yes" if state == "presented" else f"Let {who} see it again",
        decline=Form(f"{where}/refuse", version=row["version"])
        if state == "presented" and not settled
        else None,
        receipt=Link(f"Receipt for {who}", f"{where}/receipt")
        if state == "withdrawn" and not settled
        else None,
    )


def until_of(row: dict[str, Any]) -> str:
    """Until when it holds or held; nothing of one that was taken back or refused before that day."""
    stands = row.get("expires") and row["state"] not in ("withdrawn", "refused")
    return f"until {day(datetime.fromisoformat(row['expires']))}" if stands else ""


SOME_GOALS = "of some goals only"
ENDING = "Ending, not everywhere yet"


def _ends_soon(row: dict[str, Any]) -> bool:
    """In force, and over within a month."""
    if row["state"] != "granted" or not row.get("expires"):
        return False
    return datetime.fromisoformat(row["expires"]) < datetime.now(UTC) + SOON


async def _consents(portal: Portal, visitor: Visitor, reach: Reach, area: Area) -> ConsentsPage:
    cards, known = [], True
    try:
        cards = await _cards(portal, visitor, reach, area)
    except (Unavailable, NotFound):
        known = False
    by = {
        state: tuple(card for card in cards if card.state == state)
        for state in ("presented", "ends_soon", "active", "on_hold", "ended")
    }
    child, decides = await head(portal, reach, area), reach.grants.may(DataClass.CONSENT, "sign")
    return ConsentsPage(
        child=child,
        lead=_lead(reach, child.name, own=area == "mine"),
        empty=SHARED_NOTHING if decides else NAMES_NOTHING,
        decides=decides,
        asked=by["presented"],
        ends_soon=by["ends_soon"],
        in_force=by["active"],
        on_hold=by["on_hold"],
        ended=by["ended"],
        available=known,
    )


SHARED_NOTHING = Empty("Nothing is shared outside the clinic.", "You are asked before anything is.", "people")
NAMES_NOTHING = Empty("Nothing here names you.", "", "people")


def _lead(reach: Reach, name: str, *, own: bool) -> str:
    """Whose decision it is, true to what this reader may do."""
    if reach.grants.may(DataClass.CONSENT, "sign"):
        return "You decide. A change takes effect within seconds, everywhere."
    if own:
        return "What was agreed for you. The grown-ups who decide for you can change it; tell them if you want that."
    return f"{name} decides. What {name} opened to you stands here."


async def one_card(
    portal: Portal, visitor: Visitor, reach: Reach, area: Area, consent_id: str
) -> ConsentCard:
    """One consent that the reader may know of. Raises NotFound, Unavailable."""
    for card in await _cards(portal, visitor, reach, area):
        if card.id == consent_id:
            return card
    raise NotFound()


MINE = "/mine/consents"


@router.get(MINE)
async def my_consents(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """What I agreed to."""
    reach = await consent_reach(request, portal, visitor, "mine", "")
    return render(request, "family/consents.html", page=await _consents(portal, visitor, reach, "mine"))


@router.get(MINE + "/{consent_id}/end")
async def ask_me_once(
    consent_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Asked once what will happen."""
    reach = await consent_reach(request, portal, visitor, "mine", "")
    return await _ask_once(request, portal, visitor, reach, "mine", consent_id)


@router.post(MINE + "/{consent_id}/{verb}")
async def change_mine(
    consent_id: str, verb: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Close one of mine, say yes or no to it, or open it again."""
    reach = await consent_reach(request, portal, visitor, "mine", "")
    return await _move(request, portal, visitor, reach, "mine", consent_id, verb)


@router.get("/home/{child}/consents")
async def consents(child: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """What was agreed for a child."""
    reach = await consent_reach(request, portal, visitor, "family", child)
    return render(request, "family/consents.html", page=await _consents(portal, visitor, reach, "family"))


@router.get("/home/{child}/consents/{consent_id}/end")
async def ask_once(
    child: str, consent_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Asked once what will happen."""
    reach = await consent_reach(request, portal, visitor, "family", child)
    return await _ask_once(request, portal, visitor, reach, "family", consent_id)


async def _ask_once(
    request: Request,
    portal: Portal,
    visitor: Visitor,
    reach: Reach,
    area: Area,
    consent_id: str,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    card = await one_card(portal, visitor, reach, area, consent_id)
    if card.receipt:  # closed meanwhile, in another window or by somebody else who decides
        return RedirectResponse(card.receipt.href, 303)
    base, named = base_of(area, reach), await head(portal, reach, area)
    page = WithdrawPage(
        child=named,
        title=f"Close {named.name}’s page for {card.who}",
        will_happen=(
            f"{card.no_longer} {named.name}’s page, within seconds, on every device.",
            "A page of theirs that is open says “something here has ended”, nothing more, and no message goes to them.",
            f"What they wrote here stays in {named.name}’s record for the team. They no longer read it either.",
            "What they have read before, or noted somewhere else, Kith cannot take back.",
            "You can let them see it again at any time.",
        ),
        button="Close it",
        form=form or Form(f"{base}/consents/{consent_id}/end"),
        back=Link("Leave it as it is", f"{base}/consents"),
    )
    return render(request, "family/consent_end.html", page=page, status=status)


@router.post("/home/{child}/consents/{consent_id}/{verb}")
async def change(
    child: str, consent_id: str, verb: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Close it, say yes or no, or let them see it again."""
    reach = await consent_reach(request, portal, visitor, "family", child)
    return await _move(request, portal, visitor, reach, "family", consent_id, verb)


VERBS = {"end": "withdraw", "grant": "grant", "refuse": "refuse"}
"""What the pages ask, and what identity calls it."""


async def _move(
    request: Request, portal: Portal, visitor: Visitor, reach: Reach, area: Area, consent_id: str, asked: str
) -> Response:
    """Hand a change to identity; after closing, the page shows every part of Kith saying that it has."""
    if (verb := VERBS.get(asked)) is None:
        raise NotFound()
    form = await typed(request, visitor)
    path = f"{consents_path(reach)}/{consent_id}/{verb}"
    try:
        await visitor.upstream.send("identity", path, {}, form.command_id, version=form.version)
    except NotFound:
        raise
    except Problem as problem:
        if verb == "withdraw":
            again = form.again(str(request.url.path), problem)
            return await _ask_once(request, portal, visitor, reach, area, consent_id, again, problem.status)
        if problem.field == "If-Match":
            raise Conflict(
                "This was changed while you read it.", fix="Go back and read it as it is now."
            ) from problem
        raise
    receipt = f"/{consent_id}/receipt" if verb == "withdraw" else ""
    return RedirectResponse(f"{base_of(area, reach)}/consents{receipt}", 303)
