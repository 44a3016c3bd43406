"""The plan page after something could not be done: what to do about it on top, what was typed where it was."""

from collections.abc import Mapping
from dataclasses import replace

from chassis.errors import Conflict, NotFound, Problem
from family_portal.web.forms import Typed, errors_of
from family_portal.web.models import (
    Answer,
    FieldError,
    Form,
    PlanGoal,
    PlanPage,
    PlanWish,
    RateForm,
    StrategyAnswer,
    StrategySaid,
)
from family_portal.web.staff_plan_changed import moved

READ = {"said_at": "words", "instead_of": "words"}
"""What a reply to an answer has read, and where it is told that something else stands there now."""
FIELDS = {"about": "about_words", "about.words": "about_words", "about.heading": "about_heading", **READ}
"""Where the page asks for what care-plans names: in a wish of a line about the person, in a reply of what was read."""
WORDS = ("words", "strategy", "answer", "became", "about_words", "client_said", "source")
"""The boxes for words of the forms of this page."""


def shown_again(page: PlanPage, action: str, form: Typed, problem: Problem) -> PlanPage:
    """The plan page with what is wrong, and with what was typed into its form of this action."""
    places = _places(page, action)
    labels = {name: label for name, (_, label) in places.items()}
    again = form.again(action, problem, FIELDS, labels)
    left = () if places else _words_of(form)
    chosen = {"goals": tuple(form.ticks("goals"))}
    return replace(
        page,
        errors=_summary(problem, places, labels),
        left=left,
        propose=_chosen(page.propose, again, chosen),
        activate=_chosen(page.activate, again, chosen),
        goals=tuple(_goal(goal, again, seen=moved(problem) or problem.field in READ) for goal in page.goals),
        wishes=tuple(_wish(wish, again) for wish in page.wishes),
    )


def _chosen(form: Form, again: Form, ticks: Mapping[str, tuple[str, ...]]) -> Form:
    """The form of goals that move together as they were ticked, with the practice that stands on the page now."""
    return replace(again, values={**form.values, **ticks}) if form.action == again.action else form


def still_told(problem: Problem, form: Typed) -> Problem:
    """What the plan says to who wrote something to what has gone meanwhile. Raises NotFound to who only pressed."""
    if not isinstance(problem, NotFound):
        return problem
    if not _words_of(form):
        raise problem
    return Conflict("What you answered is not here any more.", fix="What you wrote has not been sent.")


def _words_of(form: Typed) -> tuple[str, ...]:
    """What somebody wrote in a form of the page, whichever it is."""
    return tuple(text for name in WORDS if (text := form.text(name)))


def _places(page: PlanPage, action: str) -> Mapping[str, tuple[str, str]]:
    """The inputs of the form of this action: the id under which each stands on the page, and its label."""
    if action in (page.propose.action, page.activate.action):
        return {"goals": (f"{action.rpartition('/')[2]}-goals", "")}
    for wish in page.wishes:
        if wish.form and wish.form.action == action:
            return {name: (f"{name}-{wish.id}", label) for name, label in wish.LABELS.items()}
    for goal in page.goals:
        if goal.rate and goal.rate.form.action == action:
            return {name: (f"{name}-{goal.id}", label) for name, label in RateForm.LABELS.items()}
        if goal.discard and goal.discard.action == action:
            return dict.fromkeys(("", "tasks"), (f"goal-{goal.id}", ""))
        for task in goal.tasks:
            if f"/tasks/{task.id}/" in action:
                return dict.fromkeys(("", "state"), (f"task-{task.id}", ""))
        for said in goal.said:
            if said.answer and said.answer.form.action == action:
                return {name: (f"{name}-{said.id}", text) for name, text in StrategyAnswer.LABELS.items()}
        for answer in goal.answers:
            if answer.reply and answer.reply.action == action:
                return {"words": (f"reply-{answer.id}", f"Your answer to {answer.who}")}
    return {}


def _summary(
    problem: Problem, places: Mapping[str, tuple[str, str]], labels: Mapping[str, str]
) -> tuple[FieldError, ...]:
    """What to do, each leading to its field, or to the goal that it is about."""
    goals = [f"goal-{row['goal_id']}" if "goal_id" in row else "" for row in problem.extra.get("errors", ())]
    errors = errors_of(problem, FIELDS, labels)
    return tuple(
        replace(error, field=places[error.field][0] if error.field in places else about)
        for error, about in zip(errors, goals or [""], strict=True)
    )


def _goal(goal: PlanGoal, again: Form, *, seen: bool) -> PlanGoal:
    rate = goal.rate
    if rate and rate.form.action == again.action:
        rate = replace(rate, form=again)
    answers = tuple(_answer(answer, again, seen=seen) for answer in goal.answers)
    strategies = tuple(_said(said, again, seen=seen) for said in goal.said)
    return replace(goal, rate=rate, answers=answers, said=strategies)


def _said(said: StrategySaid, again: Form, *, seen: bool) -> StrategySaid:
    """`seen`: the goal had moved on, and who sends this again has seen it as it stands now."""
    if said.answer is None or said.answer.form.action != again.action:
        return said
    version = said.answer.form.version if seen else again.version
    return replace(said, answer=StrategyAnswer(replace(again, version=version)))


def _answer(answer: Answer, again: Form, *, seen: bool) -> Answer:
    """`seen`: something else stands there now, and who sends this again has read it."""
    if answer.reply is None or answer.reply.action != again.action:
        return answer
    read = answer.reply.values if seen else {}
    return replace(answer, reply=replace(again, values={**again.values, **read}))


def _wish(wish: PlanWish, again: Form) -> PlanWish:
    """What was typed stays; where somebody else has answered meanwhile, the form is gone with the wish."""
    mine = wish.form is not None and wish.form.action == again.action
    return replace(wish, form=again) if mine else wish
