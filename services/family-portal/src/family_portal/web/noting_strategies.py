"""Does it work here: school says of one thing it does that it works, or does not, and the team answers."""

from collections.abc import Iterator

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Conflict, Invalid, NotFound, Problem
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.store.written import Shown
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.boxes import box_of
from family_portal.web.forms import MOVED, Typed, remembering, sent_before, typed
from family_portal.web.frame import render
from family_portal.web.goals import worked_on
from family_portal.web.heads import base_of, head
from family_portal.web.models import Choice, Form, StrategiesPage
from family_portal.web.school_cards import goals_of, week_of
from family_portal.web.seen import seen_by
from family_portal.web.strategies import may_say
from family_portal.web.visitor import Visitor
from family_portal.web.worry import CHANGE, worry_first

WORKS = {"yes": True, "no": False}


async def strategies_page(portal: Portal, reach: Reach, form: Form) -> StrategiesPage:
    """What school does this week, to say of one of it whether it works. Raises NotFound to who may not."""
    if not may_say(reach):
        raise NotFound()
    shown = [(name, goal, text) for name, goal, text in await _offered(portal, reach)]
    goal_id = shown[0][1].record_id if shown else None
    own = Shown(DataClass.PLAN_SCHOOL, (f"person:{reach.caller.person_id}",))
    return StrategiesPage(
        pupil=await head(portal, reach, "school"),
        form=form,
        strategies=tuple(Choice(name, text) for name, _, text in shown),
        box=await box_of(portal, reach),
        seen=await seen_by(portal, reach, "school", own, goal_id=goal_id) if goal_id else None,
    )


async def _offered(portal: Portal, reach: Reach) -> list[tuple[str, Entry, str]]:
    """Each thing of this week with its goal and the name by which a form says which it is."""
    week = await week_of(portal, reach)
    found = {text: (name, goal, text) for name, goal, text in _each(await goals_of(portal, reach))}
    return [found[text] for text in week if text in found]


def _each(goals: list[Entry]) -> Iterator[tuple[str, Entry, str]]:
    """A strategy's name holds the version it was read in: in another one its place may be another's."""
    for goal in filter(worked_on, goals):
        for place, text in enumerate(goal.body.get("strategies", ())):
            yield f"{goal.record_id}:{goal.meta['version']}:{place}", goal, text


async def post_strategy(request: Request, portal: Portal, visitor: Visitor, reach: Reach) -> Response:
    """Hand what was said of a strategy to care-plans, and go back to the pupil."""
    form, base = await typed(request, visitor), base_of("school", reach)
    action = f"{base}/strategies"
    if form.choice == CHANGE:
        page = await strategies_page(portal, reach, form.as_it_is(action))
        return render(request, "school/strategies.html", page=page)
    try:
        _check_taps(form)
        goal, text = await _chosen(portal, reach, form)
        if worry := await worry_first(portal, visitor, reach, "school", form, action):
            return render(request, "told/worry.html", page=worry)
        path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/goals/{goal.record_id}"
        body = {
            "id": form.made_id(visitor.person_id, reach.client_id),
            "strategy": text,
            "works": WORKS[form.text("works") or ""],
            "words": form.text("words"),
        }
        sent = await visitor.upstream.send(
            "care-plans", f"{path}/strategies/notes", body, form.command_id, version=goal.meta["version"]
        )
    except NotFound:
        raise
    except Problem as problem:
        again = form.anew(action) if sent_before(problem) else form.again(action, problem)
        page = await strategies_page(portal, reach, again)
        return render(request, "school/strategies.html", page=page, status=problem.status)
    return remembering(RedirectResponse(f"{base}?said=noted", 303), sent.headers.get("kith-position"))


async def _chosen(portal: Portal, reach: Reach, form: Typed) -> tuple[Entry, str]:
    """The goal and the strategy that a form names. Raises Conflict where they were changed since it was shown."""
    wanted = form.text("strategy")
    found = [(goal, text) for name, goal, text in _each(await goals_of(portal, reach)) if name == wanted]
    if not found:
        raise Conflict(MOVED, "strategy")
    return found[0]


def _check_taps(form: Typed) -> None:
    """Raises Invalid with every tap that is missing."""
    taps = {
        "strategy": (form.text("strategy"), "Choose which one it is."),
        "works": (form.text("works") in WORKS, "Say whether it works here."),
    }
    missing = [(name, fix) for name, (there, fix) in taps.items() if not there]
    if missing:
        errors = [{"field": name, "detail": "This tap is missing.", "fix": fix} for name, fix in missing]
        raise Invalid("This tap is missing.", *missing[0], errors=errors)
