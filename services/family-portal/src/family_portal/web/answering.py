"""A plan as one party reads and answers it: family, school and client, each in its own wording."""

from dataclasses import replace

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Conflict, NotFound, Problem
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.store.written import Shown
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.boxes import box_of
from family_portal.web.forms import remembering, typed
from family_portal.web.frame import render
from family_portal.web.goals import (
    active,
    changed,
    ended_at,
    ended_text,
    now_sentence,
    over,
    own_sentence,
    proposed,
    sort_entries,
    steps_of,
    worked_on,
)
from family_portal.web.heads import base_of, day, head
from family_portal.web.models import Empty, Form, GoalToAnswer, Link, Live, PlanToAnswerPage, Quote, Seen
from family_portal.web.models.pieces import BEING_WRITTEN, NOT_SHARED_YET, Area
from family_portal.web.seen import seen_by, seen_goals
from family_portal.web.visitor import Visitor
from family_portal.web.wishes import wishes_of
from family_portal.web.worry import CHANGE, worry_first

WORDING: dict[Area, tuple[DataClass, ...]] = {
    "family": (DataClass.PLAN_PLAIN,),
    "school": (DataClass.PLAN_SCHOOL,),
    "mine": (DataClass.PLAN_OWN, DataClass.PLAN_PRIVATE),
}
PARTY: dict[Area, str] = {"family": "guardian", "school": "school", "mine": "client"}
WORDS = "Your words"
GONE = Conflict("This goal is not put to you any more.", fix="What you wrote has not been sent.")
"""To who wrote something to a goal that has gone meanwhile, or that they never read: both are told the same."""
PLAN_SEEN = "plan-seen"
"""The address of the line of who sees the goals of a plan."""
SAID = {"approve": "You said yes.", "ask": "You asked.", "no": "You said no."}
SAID_OF = {"approve": "You said yes to", "ask": "You asked about", "no": "You said no to"}


async def answered_by(portal: Portal, reach: Reach, area: Area) -> dict[str, Entry]:
    """What this reader said to each goal, latest first kept: goal id → answer."""
    own = f"person:{reach.caller.person_id}"
    page = await portal.reader.items(
        reach, WORDING[area], limit=200, match={"type": "care_plans.plan_answered.v1", "parties": own}
    )
    found: dict[str, Entry] = {}
    for entry in page.entries:
        found.setdefault(str(entry.goal_id), entry)
    return found


async def waiting(portal: Portal, reach: Reach, area: Area) -> list[Entry]:
    """Goals that wait for this reader's answer."""
    if not _may_answer(reach, area):
        return []
    goals = [g for g in sort_entries(await portal.reader.parts(reach, WORDING[area])).goals if proposed(g)]
    if not goals:
        return []
    said = await answered_by(portal, reach, area)
    return [goal for goal in goals if not _current(said.get(goal.record_id), goal)]


def _current(answer: Entry | None, goal: Entry) -> bool:
    return answer is not None and answer.meta["version"] == goal.meta["version"]


async def plan_to_answer(
    portal: Portal, reach: Reach, area: Area, form: Form | None = None, wish: Form | None = None
) -> PlanToAnswerPage:
    """The page of goals to read and answer, and of what is wished for; `form` or `wish` is shown again as typed."""
    goals = await _goals(portal, reach, area)
    said = await answered_by(portal, reach, area)
    base = base_of(area, reach)
    goals.sort(key=lambda goal: _turn(goal, said.get(goal.record_id)))
    seen = await seen_goals(portal, reach, area, goals, PLAN_SEEN)
    named = await head(portal, reach, area)
    shown = [
        replace(
            _goal(goal, said.get(goal.record_id), base, form),
            seen=seen.each.get(goal.record_id),
            answer_seen=await _answer_seen(portal, reach, area, goal) if proposed(goal) else "",
        )
        for goal in goals
    ]
    return PlanToAnswerPage(
        client=named,
        lead=_lead(reach, area, named.name),
        goals=tuple(shown),
        live=Live("plan", f"{base}/fragments/plan", (f"plan-{reach.client_id}", f"who-{reach.client_id}")),
        back=Link("Back", base),
        box=await box_of(portal, reach),
        seen=seen.page,
        empty=no_goal_yet(reach, named.name) if area == "family" else BEING_WRITTEN,
        wishes=await wishes_of(portal, reach, area, wish),
    )


async def plan_seen(portal: Portal, reach: Reach, area: Area) -> Seen:
    """The line of who sees the goals that this reader reads."""
    goals = await _goals(portal, reach, area)
    return (await seen_goals(portal, reach, area, goals, PLAN_SEEN)).page


async def _goals(portal: Portal, reach: Reach, area: Area) -> list[Entry]:
    found = await portal.reader.parts(reach, WORDING[area])
    return [goal for goal in sort_entries(found).goals if proposed(goal) or active(goal) or over(goal)]


async def _answer_seen(portal: Portal, reach: Reach, area: Area, goal: Entry) -> str:
    """Who reads an answer to a goal: it is the answerer's own, whoever reads the goal."""
    own = Shown(goal.data_class, (f"person:{reach.caller.person_id}",))
    return (await seen_by(portal, reach, area, own, goal_id=goal.record_id)).text


def _may_answer(reach: Reach, area: Area) -> bool:
    return any(reach.grants.may(data_class, "propose") for data_class in WORDING[area])


def _lead(reach: Reach, area: Area, name: str) -> str:
    if _may_answer(reach, area):
        return "Read it in peace. Each answer is a good answer."
    return f"Read it in peace. {name} says yes or no to it."


def no_goal_yet(reach: Reach, name: str) -> Empty:
    """What a guardian reads where no goal stands: true to what they may do, whatever there is that is not theirs."""
    if not reach.grants.may(DataClass.PLAN_PLAIN):
        return Empty(f"{name} decides who reads the plan.", f"What {name} shows you stands here.", "message")
    if not reach.grants.may(DataClass.PLAN_PLAIN, "propose"):
        return Empty("No goal is shown to you yet.", f"{name} decides which ones are.", "message")
    return BEING_WRITTEN if reach.grants.age_band == "child" else NOT_SHARED_YET


def _turn(goal: Entry, answer: Entry | None) -> int:
    """What waits for an answer comes first, then what has one and may still move, what is worked on, what ended."""
    return 3 if over(goal) else 2 if not proposed(goal) else 1 if _current(answer, goal) else 0


def _goal(goal: Entry, answer: Entry | None, base: str, form: Form | None) -> GoalToAnswer:
    action = f"{base}/plan/{goal.record_id}"
    open_form = None
    if proposed(goal):
        open_form = form if form and form.action == action else Form(action)
        open_form = replace(open_form, version=goal.meta["version"])
    words = goal.body.get("client_words")
    said = answer.body if answer else {}
    return GoalToAnswer(
        id=goal.record_id,
        title=own_sentence(goal),
        steps=steps_of(goal),
        state_text=_state_text(goal),
        text=now_sentence(goal),
        words=Quote(words) if words else None,
        others_will=tuple(goal.body.get("others_will", ())),
        strategies=tuple(goal.body.get("strategies", ())),
        stop_if=goal.body.get("stop_if") or "",
        version=goal.meta["version"],
        changed=changed(goal),
        form=open_form,
        said=_said(answer, goal) if answer else "",
        answered=_current(answer, goal),
        own_words=said.get("words") or "",
        reply=_reply(said.get("reply")),
        words_before=said.get("words_before") or "",
        reply_before=_reply(said.get("reply_before")),
        ended=ended_text(goal),
    )


def _said(answer: Entry, goal: Entry) -> str:
    """What this reader said, and to which version where the goal has moved on since."""
    if _current(answer, goal):
        return SAID[answer.body["answer"]]
    asked = " You are asked again." if proposed(goal) else ""
    said, version = SAID_OF[answer.body["answer"]], answer.meta["version"]
    return f"{said} version {version}. This is version {goal.meta['version']}.{asked}"


def _state_text(goal: Entry) -> str:
    if proposed(goal):
        return f"Put to you on {day(goal.at)}"
    if over(goal):
        return f"Ended on {day(ended_at(goal))}"
    return "Active" if worked_on(goal) else "Resting"


def _reply(text: str | None) -> Quote | None:
    return Quote(text, "The team wrote back") if text else None


async def post_answer(
    request: Request, portal: Portal, visitor: Visitor, reach: Reach, goal_id: str, area: Area
) -> Response:
    """Hand an answer to care-plans and show the page again."""
    form, action = await typed(request, visitor), request.url.path
    if form.choice == CHANGE:
        return await _answered_again(request, portal, reach, area, form.as_it_is(action), 200)
    if worry := await worry_first(portal, visitor, reach, area, form, action):
        return render(request, "told/worry.html", page=worry)
    path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/goals/{goal_id}/answers"
    body = {"party": PARTY[area], "answer": form.text("answer") or ""}
    if form.text("words"):
        body["words"] = str(form.text("words"))
    try:
        sent = await visitor.upstream.send("care-plans", path, body, form.command_id, version=form.version)
    except Problem as found:
        if isinstance(found, NotFound) and not (form.text("words") and _may_answer(reach, area)):
            raise
        problem = GONE if isinstance(found, NotFound) else found
        again = form.again(action, problem, labels={"words": WORDS})
        return await _answered_again(request, portal, reach, area, again, problem.status)
    back = RedirectResponse(f"{base_of(area, reach)}/plan?said={goal_id}", 303)
    return remembering(back, sent.headers.get("kith-position"))


async def _answered_again(
    request: Request, portal: Portal, reach: Reach, area: Area, form: Form, status: int
) -> Response:
    """The plan with an answer as it was typed; its words stand alone where its goal is not put to the reader now."""
    shown = await plan_to_answer(portal, reach, area, form)
    box = f"words-{form.action.rpartition('/')[2]}"
    errors = tuple(replace(e, field=box if e.field == "words" else "") for e in form.errors)
    stands = any(goal.form and goal.form.action == form.action for goal in shown.goals)
    shown = replace(shown, errors=errors, left="" if stands else form.value("words").strip())
    at = f"{base_of(area, reach)}/plan"
    return render(request, "plan/answer.html", page=shown, status=status, at=at)
