"""What school said of strategies, on the therapist's plan page: by goal, with the form that answers it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.forms import Typed
from family_portal.web.models import Form, StrategyAnswer, StrategySaid
from family_portal.web.staff_words import how
from family_portal.web.strategies import LATELY, all_notes, waiting_notes

Said = Mapping[str, tuple[StrategySaid, ...]]


async def said_of_strategies(portal: Portal, reach: Reach, goals: list[dict[str, Any]], base: str) -> Said:
    """What waits, however old, and what was said lately, by goal; `goals` as care-plans answers them now.

    Of a goal that school does not read now nothing can be answered: nobody there would read it.
    """
    schools = {goal["id"] for goal in goals if "school" in goal["parties"]}
    versions = {goal["id"]: goal["doc_version"] for goal in goals}
    every = {note.record_id: note for note in await waiting_notes(portal, reach)}
    every |= {note.record_id: note for note in await all_notes(portal, reach)}
    newest = sorted(every.values(), key=lambda note: note.happened_at, reverse=True)
    notes = [note for note in newest if note.goal_id in versions and _shown(note)]
    names = await portal.names.persons([_author(note) for note in notes])
    writes = reach.grants.may(DataClass.PLAN_TEAM, "write")
    found: dict[str, list[StrategySaid]] = {}
    for note in notes:
        goal_id = str(note.goal_id)
        form = Form(f"{base}/goals/{goal_id}/strategies/{note.record_id}", version=versions[goal_id])
        form_of = form if note.meta["waits"] and writes and goal_id in schools else None
        line = _said(note, names[_author(note)].name, form_of)
        rests = note.meta["waits"] and goal_id not in schools
        found.setdefault(goal_id, []).append(replace(line, apart=rests))
    return {goal_id: tuple(said) for goal_id, said in found.items()}


def _shown(note: Entry) -> bool:
    """What its author has taken back by saying something else is not shown again."""
    if note.meta["waits"]:
        return True
    settled = note.body["works"] or note.body.get("reply") or note.body.get("changed_to")
    return bool(settled) and note.at > datetime.now(UTC) - LATELY


def _author(note: Entry) -> str:
    """Whose note it is, whoever has told it last."""
    return next(party.removeprefix("person:") for party in note.parties if party.startswith("person:"))


def _said(note: Entry, who: str, form: Form | None) -> StrategySaid:
    """`form`: to answer it, with the strategy as it was noted; None where nothing waits for this reader's answer."""
    filled = replace(form, values={"strategy": note.body["strategy"]}) if form else None
    return StrategySaid(
        id=note.record_id,
        who=who,
        text=how(note),
        works=note.body["works"],
        words=note.body.get("words") or "",
        replied=note.body.get("reply") or "",
        changed_to=note.body.get("changed_to") or "",
        answer=StrategyAnswer(filled) if filled else None,
    )


def answer_body(form: Typed) -> dict[str, Any]:
    """What care-plans is sent: a few words, another strategy, or both; what was left out is left out."""
    said = {"words": form.text("words"), "strategy": form.text("strategy")}
    return {name: text for name, text in said.items() if text}
