"""I saw something: three taps at school, kept by the third, and taken back within a minute."""

import asyncio
from dataclasses import replace

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Invalid, Problem
from contracts.classes import DataClass
from family_portal.observations import MY_PART, SAW
from family_portal.portal import Portal
from family_portal.store.written import Shown
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.afterwards import sent_anew, take_back
from family_portal.web.boxes import box_of
from family_portal.web.forms import Typed, remembering, sent_before, typed
from family_portal.web.frame import render
from family_portal.web.goals import worked_on
from family_portal.web.heads import base_of, head
from family_portal.web.models import Choice, Form, ObservePage, Seen
from family_portal.web.school_cards import goals_of, pupil_page
from family_portal.web.seen import seen_by
from family_portal.web.visitor import Visitor
from family_portal.web.worry import CHANGE, whom_at_school, worry_first
from family_portal.write_back import ObservationWords, Stands

KIND = "observations"


async def observe_page(portal: Portal, reach: Reach, form: Form) -> ObservePage:
    """The three taps around a form."""
    goals = [goal for goal in await goals_of(portal, reach) if worked_on(goal)]
    parts = {goal.record_id: next(iter(goal.body.get("strategies", ())), "") for goal in goals}
    return ObservePage(
        pupil=await head(portal, reach, "school"),
        form=form,
        goals=tuple(_seen_of(goal, parts[goal.record_id] if len(goals) > 1 else "") for goal in goals),
        part_hint=_part_hint(list(parts.values())),
        box=await box_of(portal, reach),
        seen=await _observation_seen(portal, reach, goals[0].record_id) if goals else None,
    )


async def _observation_seen(portal: Portal, reach: Reach, goal_id: str) -> Seen:
    """Who reads what this reader notes of a goal; whichever goal it is, it is theirs, the pupil's and the team's."""
    own = Shown(DataClass.OBSERVATION, (f"person:{reach.caller.person_id}", "client"))
    return await seen_by(portal, reach, "school", own, goal_id=goal_id)


def _seen_of(goal: Entry, part: str) -> Choice:
    """A goal to tap; with the adults' part in it where there are several, for each has its own."""
    return Choice(goal.record_id, goal.body["statement"], hint=f"Your part: {part}" if part else "")


def _part_hint(parts: list[str]) -> str:
    if len(parts) == 1 and parts[0]:
        return f"{parts[0]} Your tap saves it."
    return "It stands with what you tapped first. Your tap saves it." if any(parts) else "Your tap saves it."


async def post_observation(request: Request, portal: Portal, visitor: Visitor, reach: Reach) -> Response:
    """Keep what was seen, or show the page again with what is missing."""
    form, action = await typed(request, visitor), f"{base_of('school', reach)}/observe"
    observation_id = form.made_id(visitor.person_id, reach.client_id)
    if form.choice == CHANGE:
        page = await observe_page(portal, reach, form.as_it_is(action))
        return render(request, "school/observe.html", page=page)
    try:
        _check_taps(form)
        if worry := await worry_first(portal, visitor, reach, "school", form, action):
            return render(request, "told/worry.html", page=worry)
        said = ObservationWords(
            goal_id=form.text("goal_id") or "",
            saw=form.text("saw") or "",
            my_part=form.text("my_part") or "",
            observation_id=observation_id,
            words=form.text("words"),
        )
        written = await portal.write_back.observe(reach.caller, reach.client_id, said, form.command(visitor))
    except Problem as problem:
        again = form.again(action, problem)
        if sent_before(problem):
            again = await sent_anew(portal, reach, KIND, observation_id, form, action)
        page = await observe_page(portal, reach, again)
        return render(request, "school/observe.html", page=page, status=problem.status)
    where = f"{base_of('school', reach)}?said=noted&id={written.answer['id']}"
    return remembering(RedirectResponse(where, 303), written.position)


def _check_taps(form: Typed) -> None:
    """Raises Invalid with every tap that is missing."""
    taps = {
        "goal_id": (form.text("goal_id") is not None, "Choose what it was about."),
        "saw": (form.text("saw") in SAW, "Choose what you saw."),
        "my_part": (form.text("my_part") in MY_PART, "Choose whether you got to your part."),
    }
    missing = [(name, fix) for name, (there, fix) in taps.items() if not there]
    if missing:
        errors = [{"field": name, "detail": "This tap is missing.", "fix": fix} for name, fix in missing]
        raise Invalid("This tap is missing.", *missing[0], errors=errors)


async def undo_observation(
    request: Request, portal: Portal, visitor: Visitor, reach: Reach, observation_id: str
) -> Response:
    """Take an observation back, or say on the pupil's page that it stands."""
    back = f"{base_of('school', reach)}?said=undone"
    done = await take_back(request, portal, visitor, reach, KIND, observation_id, back)
    if isinstance(done, Response):
        return done
    page, worried = await asyncio.gather(pupil_page(portal, reach), whom_at_school(portal, visitor, reach))
    page = replace(page, ask=(*page.ask, worried), undo=done)
    return render(request, "school/pupil.html", page=page, status=Stands.status)
