"""How it was: four equal answers, sent once, thanked for, whoever gave them."""

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Invalid, Problem
from family_portal.portal import Portal
from family_portal.views.reader import Reach
from family_portal.web.afterwards import sent_anew, take_back, undo_of
from family_portal.web.boxes import box_of
from family_portal.web.family_cards import thank_you
from family_portal.web.forms import Typed, form_id, remembering, sent_before, typed
from family_portal.web.frame import render
from family_portal.web.heads import ID, base_of, called, head
from family_portal.web.models import Form, Link, LogPage, ThanksPage, Undo
from family_portal.web.models.family import ANYTHING, WAYS, results_of
from family_portal.web.models.pieces import Area
from family_portal.web.seen import seen_by
from family_portal.web.task_reading import task_page
from family_portal.web.visitor import Visitor, known_at
from family_portal.web.words import joined
from family_portal.web.worry import CHANGE, worry_first
from family_portal.write_back import LogWords, Stands

THANKS = {
    "did": ("Thank you", "It is written down."),
    "part": ("Thank you", "A part of it counts as much as all of it."),
    "couldnt": ("Thank you for telling us", "That helps us fit it better. Nothing else is needed."),
    "not_this_week": ("Thank you for telling us", "It rests this week. Nothing else is needed."),
}
AFTER = {
    "reason": ("Thank you", "Nothing else is needed."),
    "undone": ("It is taken back", "Nobody reads it any more. You can say it anew, or leave it."),
}
"""What is said after what was added, or taken back."""

KIND = "task_logs"
NO_FIELD = {"task_id": ""}
"""What is wrong with none of the form's fields."""


async def new_log(request: Request, portal: Portal, reach: Reach, task_id: str, area: Area) -> Response:
    """The four answers, none of them given yet."""
    form = Form(f"{base_of(area, reach)}/tasks/{task_id}/log", command_id=form_id(request))
    return render(request, "family/log.html", page=await log_page(portal, reach, task_id, form, area))


async def log_page(portal: Portal, reach: Reach, task_id: str, form: Form, area: Area) -> LogPage:
    """The page of four answers around a form."""
    page = await task_page(portal, reach, task_id, area)
    shown, goal_id = await portal.write_back.log_shows(reach, task_id)
    where = f"{base_of(area, reach)}/tasks/{task_id}"
    return LogPage(
        child=await head(portal, reach, area),
        form=form,
        task=Link(page.title, where),
        box=await box_of(portal, reach),
        question=page.question or ANYTHING,
        seen=await seen_by(portal, reach, area, shown, goal_id=goal_id),
        results=results_of(area),
    )


async def _log_again(
    portal: Portal, reach: Reach, task_id: str, form: Typed, problem: Problem, area: Area
) -> LogPage:
    """The form with what was typed and what to do about it, also after its practice has ended meanwhile."""
    action = f"{base_of(area, reach)}/tasks/{task_id}/log"
    again = form.again(action, problem, NO_FIELD)
    if sent_before(problem):
        again = await sent_anew(portal, reach, KIND, _id_of(reach, task_id, form), form, action)
    return await _log_or_its_words(portal, reach, task_id, again, area)


async def _log_or_its_words(portal: Portal, reach: Reach, task_id: str, form: Form, area: Area) -> LogPage:
    """The four answers with what was typed; without the practice where it has ended or is this reader's no more.

    Raises NotFound for what was never theirs.
    """
    try:
        await portal.write_back.log_shows(reach, task_id)
    except Invalid:
        return LogPage(await head(portal, reach, area), form, today(area), await box_of(portal, reach))
    return await log_page(portal, reach, task_id, form, area)


def today(area: Area) -> Link:
    """The way to what is live now."""
    return Link("Today", "/home" if area == "family" else "/mine")


async def post_log(
    request: Request, portal: Portal, visitor: Visitor, reach: Reach, task_id: str, area: Area
) -> Response:
    """Keep the answer, or show the form again with what is missing."""
    form, action = await typed(request, visitor), f"{base_of(area, reach)}/tasks/{task_id}/log"
    if form.choice == CHANGE:
        page = await _log_or_its_words(portal, reach, task_id, form.as_it_is(action), area)
        return render(request, "family/log.html", page=page)
    try:
        said = LogWords(
            result=_result(form.text("result")),
            log_id=_id_of(reach, task_id, form),
            felt=form.number("felt"),
            got_in_the_way=form.text("got_in_the_way"),
            words=form.text("words"),
        )
        if worry := await worry_first(portal, visitor, reach, area, form, action):
            return render(request, "told/worry.html", page=worry)
        command = form.command(visitor)
        written = await portal.write_back.log_task(reach.caller, reach.client_id, task_id, said, command)
    except Problem as problem:
        page = await _log_again(portal, reach, task_id, form, problem, area)
        return render(request, "family/log.html", page=page, status=problem.status)
    log = f"&log={written.answer['id']}"
    where = f"{base_of(area, reach)}/tasks/{task_id}/thanks?said={said.result}{log}"
    return remembering(RedirectResponse(where, 303), written.position)


def _id_of(reach: Reach, task_id: str, form: Typed) -> str:
    """The id of the log that this form makes."""
    return form.made_id(reach.caller.person_id, task_id)


def _result(value: str | None) -> str:
    if value not in THANKS:
        raise Invalid(
            "No answer was chosen.", field="result", fix="Choose one of the four; each helps the same."
        )
    return value


async def thanks_page(
    portal: Portal,
    reach: Reach,
    task_id: str,
    said: str,
    area: Area,
    log_id: str = "",
    late: Undo | None = None,
) -> ThanksPage:
    """The page after any answer; with the practice's own line, unless it was not tried: it would read as a reproach.

    After a *couldn't* the page offers what may have got in the way, one tap each. `late`: it could not be taken back.
    """
    title, lead = {**THANKS, **AFTER}.get(said, THANKS["did"])
    named = await head(portal, reach, area)
    where = f"{base_of(area, reach)}/tasks/{task_id}/logs/{log_id}"
    undo = late or (await undo_of(portal, reach, KIND, log_id, f"{where}/undo") if log_id else None)
    kept = said in THANKS
    return ThanksPage(
        title,
        lead,
        Link("Back to today", today(area).href),
        named.mark,
        form=Form(f"{where}/way") if said == "couldnt" and ID.fullmatch(log_id) else None,
        ways=WAYS,
        note=await _has_it(portal, reach) if kept else "",
        words=await thank_you(portal, reach, task_id) if kept and said != "not_this_week" else "",
        undo=undo,
    )


async def undo_log(
    request: Request, portal: Portal, visitor: Visitor, reach: Reach, task_id: str, log_id: str, area: Area
) -> Response:
    """Take a log back, or say that it stands."""
    back = f"{base_of(area, reach)}/tasks/{task_id}/thanks?said=undone"
    done = await take_back(request, portal, visitor, reach, KIND, log_id, back)
    if isinstance(done, Response):
        return done
    page = await thanks_page(portal, reach, task_id, "did", area, late=done)
    return render(request, "family/thanks.html", page=page, status=Stands.status)


async def _has_it(portal: Portal, reach: Reach) -> str:
    """Who has it now: who leads the case, as a family says it; or who gets it, while nothing is told any further."""
    leads = [fact.person_id for fact in reach.document.assignments if fact.lead]
    names = [called(named) for named in (await portal.names.persons(leads)).values()]
    if not names:
        return "It is kept."
    if await known_at(portal):
        return f"It is kept, and {joined(names)} will have it as soon as Kith is connected again."
    return f"{joined(names)} {'have' if len(names) > 1 else 'has'} it now."
