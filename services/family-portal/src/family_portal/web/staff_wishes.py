"""What home and school wish for, on the therapist's plan: with what the rules say, and the form to answer it."""

from datetime import datetime
from typing import Any

from chassis.errors import Invalid
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.reader import Reach
from family_portal.web.forms import Typed
from family_portal.web.heads import base_of, day
from family_portal.web.models import Form, Link, PlanWish
from family_portal.web.models.staff_plan import OUTCOMES

SHOWN = 20
"""So many wishes with their answer stand on the plan, the newest."""
TEXT = {
    "open": "would wish for this",
    "rewritten": "wished for this. It was put another way.",
    "refused": "wished for this. No goal came of it.",
    "taken": "wished for this. It was taken up.",
}


async def plan_wishes(
    portal: Portal, reach: Reach, rows: list[dict[str, Any]]
) -> tuple[tuple[PlanWish, ...], tuple[PlanWish, ...]]:
    """What waits for an answer, the oldest first; and what has one, the newest first.

    `rows`: the wishes as care-plans tells them to the team, the oldest first.
    """
    people = (await portal.names.persons([row["person_id"] for row in rows])).items()
    names = {
        person: f"{named.name}, {named.title}" if named.title else named.name for person, named in people
    }
    plain = {person: named.name for person, named in people}
    found = [_wish(row, names, plain, reach) for row in rows]
    wait = tuple(wish for wish, row in zip(found, rows, strict=True) if row["state"] == "open")
    done = [wish for wish, row in zip(found, rows, strict=True) if row["state"] != "open"]
    return wait, tuple(reversed(done[-SHOWN:]))


def _wish(row: dict[str, Any], names: dict[str, str], plain: dict[str, str], reach: Reach) -> PlanWish:
    base = base_of("staff", reach)
    writes, waits = reach.grants.may(DataClass.PLAN_TEAM, "write"), row["state"] == "open"
    asked = {"asked_for_by": plain.get(row["person_id"], "")}
    form = Form(f"{base}/wishes/{row['id']}", asked, version=row["doc_version"]) if writes and waits else None
    begun = f"{base}/plan/edit?goal={row['goal_id']}" if writes and row["goal_id"] else ""
    draft = Link("Open the draft", begun) if begun else None
    line = Link("The line about them", f"{base}/about#line-{row['line_id']}") if row.get("line_id") else None
    return PlanWish(
        id=row["id"],
        who=names.get(row["person_id"], "Somebody"),
        when=day(datetime.fromisoformat(row["at"])),
        words=row["words"],
        text=TEXT[row["state"]],
        marks=tuple(finding["tell"] for finding in row["lint"]) if row["state"] == "open" else (),
        form=form,
        answer=row["answer"] or "",
        became=row["became"] or "",
        client_said=row["client_said"] or "",
        draft=draft,
        line=line,
    )


def answer_body(form: Typed) -> dict[str, Any]:
    """What the form says to care-plans; a draft has an id of the form's own. Raises Invalid without an outcome."""
    outcome = form.text("outcome")
    if outcome not in {choice.value for choice in OUTCOMES}:
        raise Invalid("Nothing was chosen.", field="outcome", fix="Choose one of the three.")
    body: dict[str, Any] = {"outcome": outcome, "answer": form.text("answer") or ""}
    body |= {name: text for name in ("client_said", "became") if (text := form.text(name))}
    if words := form.text("about_words"):
        line = {"heading": form.text("about_heading") or "one_page", "words": " ".join(words.split())}
        body["about"] = {"id": form.made_id("about"), **line}
    if outcome == "taken" or (outcome == "rewritten" and form.ticks("draft")):
        body["goal_id"] = form.made_id("draft")
        body |= {"asked_for_by": who} if (who := form.text("asked_for_by")) else {}
    return body
