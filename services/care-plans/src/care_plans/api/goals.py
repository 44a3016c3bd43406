"""Goals over HTTP: drafts, readings, answers, ratings, rests."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Path
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field, StringConstraints

from care_plans.answers import LABEL, WORDING, Asked, Says, answer_to
from care_plans.api.desk import Desk, DeskDep, SeenDep, WrittenDep
from care_plans.api.episodes import under_way
from care_plans.api.tasks import tasks_follow
from care_plans.goals import LIVE_STATES, Goal
from care_plans.tasks import PLACED
from care_plans.unmet import WrongState
from care_plans.wordings import GoalWords, section
from chassis.cursors import After, Limit
from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from chassis.http import CommandDep, SeenVersion, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from chassis.versions import Seen
from contracts.access import AccessDocument
from contracts.care_plans import GoalRated, GoalState
from contracts.classes import DataClass
from contracts.ids import ID_PATTERN, Id, new_id
from policy.cedar import Action
from policy.filters import filter as allowed
from policy.filters import shows

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}", tags=["goals"])

GoalId = Annotated[str, Path(pattern=ID_PATTERN)]
PersonId = Annotated[str, Path(pattern=ID_PATTERN)]
Said = Annotated[str, StringConstraints(strip_whitespace=True)]
"""What somebody says; blanks alone say nothing."""
ReadDep = Annotated[Seen, Depends(SeenVersion(needed=False))]
"""The version that the answerer has read, where they say it: nobody says yes to words they have not read."""
SHARED = sorted(state.value for state in LIVE_STATES)


class GoalDraft(GoalWords):
    """A goal as it is being written; anything may still be missing."""

    id: Id | None = None

    def written(self) -> GoalWords:
        """The words alone."""
        return GoalWords.model_validate(self.model_dump(exclude={"id"}))


class AnswerGiven(Strict):
    """What a party says to the goal as it stands now."""

    party: Asked
    answer: Says
    words: Said | None = Field(None, max_length=2000)


class Reply(Strict):
    """The therapist's reply."""

    words: Said = Field(min_length=1, max_length=2000)
    said_at: AwareDatetime | None = None
    """The `at` of the answer that is replied to; 409 where the person has said something else since."""
    instead_of: Said | None = Field(None, max_length=2000)
    """The reply that this one takes the place of; 409 where another one is there."""


class Rating(Strict):
    """The level agreed for a day."""

    id: Id | None = None
    level: int = Field(ge=-2, le=2)
    on: date
    source: str | None = Field(None, max_length=500)


@router.get("/goals")
async def list_goals(desk: DeskDep, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    """The goals the caller may see, in the wordings that are theirs, with those that have ended. Drafts only for
    those who write."""
    states = [*SHARED, GoalState.DRAFT.value] if desk.writes else SHARED
    there = {"$or": [{"state": {"$in": states}}, {"stays": True}]}
    where = {"$and": [there, allowed(desk.grants)]}
    goals, cursor = await desk.stores().goals.page(
        desk.client_id, where, drafts=desk.writes, limit=limit, after=after
    )
    items = [shown(desk, goal) for goal in goals]
    await desk.saw(*sorted({DataClass(c) for item in items for c in item["wordings"]}))
    return {"items": items, "next": cursor}


@router.get("/goals/{goal_id}")
async def get_goal(desk: DeskDep, goal_id: GoalId) -> dict[str, Any]:
    """One goal, in the caller's wordings."""
    goal = await seen_goal(desk, goal_id)
    item = shown(desk, goal)
    await desk.saw(*map(DataClass, item["wordings"]), detail_id=goal.id)
    return item


@router.post("/goals", status_code=201)
async def draft_goal(desk: DeskDep, command: CommandDep, body: GoalDraft) -> JSONResponse:
    """Begin a draft. It touches no stream; nobody outside those who write this plan can infer it."""
    desk.team(writing=True)
    possible(body.written(), desk.document)

    async def work(tx: Tx) -> None:
        goal = Goal(desk.tenant_id, desk.client_id, body.id or new_id(), desk.person_id, body.written())
        goal.created_at = desk.now
        await desk.stores(tx).goals.save(tx, goal)
        tx.answer(states_of(goal))

    return await desk.write(work, command, status=201)


@router.put("/goals/{goal_id}")
async def revise_goal(
    desk: DeskDep, command: CommandDep, seen: SeenDep, goal_id: GoalId, body: GoalDraft
) -> JSONResponse:
    """Write the goal anew. Once proposed it stays whole, its version moves if others see the change, and the
    answers given so far belong to the version before. The readers of a proposed goal are asked again, those
    of an active one are told: the new version is on their pages at once. Where the words need a rationale that
    a supervisor has to read first, they wait for that, and everybody goes on reading those before. Of a goal that
    has ended nothing changes but who reads it: it can be made private, or shared again."""
    desk.team(writing=True)
    possible(body.written(), desk.document)

    async def work(tx: Tx) -> None:
        goal = await desk.stores(tx).goals.get(desk.client_id, goal_id)
        require_version(goal.doc_version, seen)
        before = goal.version
        goal.revise(body.written(), by=desk.person_id, now=desk.now, client_reads=desk.client_reads)
        await keep_goal(desk, tx, goal, before)
        tx.answer({**states_of(goal), "waits_for_reader": goal.rewording is not None})

    return await desk.write(work, command)


@router.post("/goals/{goal_id}/rationale/read")
async def read_rationale(
    desk: DeskDep, command: CommandDep, goal_id: GoalId, seen: WrittenDep
) -> JSONResponse:
    """A supervisor who is not the author has read the masking rationale. New words that waited for it are what
    everybody reads from now on."""
    desk.team(writing=False)
    if not desk.grants.may(DataClass.PLAN_TEAM, "sign"):
        raise Forbidden("A rationale counts only when a supervisor has read it.", fix="Ask your supervisor.")

    async def work(tx: Tx) -> None:
        goal = await desk.stores(tx).goals.get(desk.client_id, goal_id)
        if not for_team(desk, goal):
            raise NotFound
        require_version(goal.doc_version, seen)
        before = goal.version
        goal.read_rationale(desk.person_id, now=desk.now, client_reads=desk.client_reads)
        await keep_goal(desk, tx, goal, before)
        tx.answer(states_of(goal))

    return await desk.write(work, command)


@router.post("/goals/{goal_id}/answers")
async def answer_goal(
    desk: DeskDep, command: CommandDep, goal_id: GoalId, body: AnswerGiven, seen: ReadDep
) -> JSONResponse:
    """Approve, ask about or say no to the goal as it stands. Only this person and the team see the answer,
    and the person may say something else until the goal moves on. A question needs words; a no needs none.
    Words are taken where the organisation says who reads them: while nobody is on its rota, they are refused."""
    await seen_goal(desk, goal_id)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        goal = await stores.goals.get(desk.client_id, goal_id)
        data_class = may_answer(desk, goal, body.party)
        await desk.chassis.duty.check(desk.tenant_id, body.words)
        require_version(goal.version, seen)
        before = await stores.answers.latest(desk.client_id, goal_id, desk.person_id)
        asked = (desk.tenant_id, desk.client_id, goal_id, goal.version, desk.person_id, data_class)
        answer = answer_to(before, *asked)
        answer.record(body.answer, body.words or None, now=desk.now)
        await stores.answers.save(tx, answer)
        tx.answer({"goal_id": goal_id, "version": goal.version, "state": goal.state.value})

    return await desk.write(work, command)


@router.post("/goals/{goal_id}/answers/{person_id}/reply")
async def reply_to_answer(
    desk: DeskDep, command: CommandDep, goal_id: GoalId, person_id: PersonId, body: Reply
) -> JSONResponse:
    """Reply to a question or a no, also where the goal has moved on since; the person reads it beside what
    they said. A colleague's reply is written over only by who has read it, and names it in `instead_of`."""
    desk.team(writing=True)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        answer = await stores.answers.latest(desk.client_id, goal_id, person_id)
        if answer is None:
            raise NotFound
        if body.said_at not in (None, answer.at):
            raise Conflict("They have said something else since.", "said_at", "Read it, then reply to that.")
        answer.answer_with(body.words, by=desk.person_id, now=desk.now, instead_of=body.instead_of)
        await stores.answers.save(tx, answer)
        tx.answer({"goal_id": goal_id, "person_id": person_id, "version": answer.version})

    return await desk.write(work, command)


@router.post("/goals/{goal_id}/ratings", status_code=201)
async def rate_goal(desk: DeskDep, command: CommandDep, goal_id: GoalId, body: Rating) -> JSONResponse:
    """Record the level agreed for a day: today, or up to 400 days ago. The goal's version does not move."""
    desk.team(writing=True)
    rating_id = body.id or new_id()

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        goal = await stores.goals.get(desk.client_id, goal_id)
        goal.rate(
            rating_id=rating_id,
            level=body.level,
            on=body.on,
            source=body.source,
            by=desk.person_id,
            now=desk.now,
        )
        for event in goal.events:
            if isinstance(event, GoalRated):
                await stores.points.add(event)
        await stores.goals.save(tx, goal)
        tx.answer({**states_of(goal), "rating_id": rating_id})

    return await desk.write(work, command, status=201)


@router.post("/goals/{goal_id}/pause")
async def pause_goal(desk: DeskDep, command: CommandDep, goal_id: GoalId) -> JSONResponse:
    """Let the goal rest, by the team or by the client. Its tasks rest at once; nobody is told why."""
    await _own(desk, goal_id)

    async def work(tx: Tx) -> None:
        stores, places = desk.stores(tx), desk.places(tx)
        goal = await stores.goals.get(desk.client_id, goal_id)
        goal.pause(by=desk.person_id, now=desk.now)
        await stores.goals.save(tx, goal)
        tasks = await stores.tasks.list_for_goal(desk.client_id, goal_id)
        resting = [task for task in tasks if task.stage in PLACED]
        for task in resting:
            task.rest(by=desk.person_id, now=desk.now, with_goal=True)
        await places.leave(*resting, by=desk.person_id)
        tx.answer(states_of(goal))

    return await desk.write(work, command)


@router.post("/goals/{goal_id}/resume")
async def resume_goal(desk: DeskDep, command: CommandDep, goal_id: GoalId) -> JSONResponse:
    """Take the goal up again, with the tasks that rested with it as far as their homes have room."""
    await _own(desk, goal_id)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        goal = await stores.goals.get(desk.client_id, goal_id)
        goal.resume(by=desk.person_id, now=desk.now)
        await stores.goals.save(tx, goal)
        await tasks_begin(desk, tx, goal)
        await under_way(desk, tx, [goal])
        tx.answer(states_of(goal))

    return await desk.write(work, command)


async def keep_goal(desk: Desk, tx: Tx, goal: Goal, before: int) -> None:
    """Store what was written anew, and tell those who read the goal of a version that they have not seen."""
    stores = desk.stores(tx)
    if goal.told_since(before):
        plan = await stores.plans.get(desk.client_id)
        if goal.stays:
            plan.ended([goal], by=desk.person_id, now=desk.now)
        else:
            tell = plan.proposed if goal.state is GoalState.PROPOSED else plan.activated
            tell([goal], by=goal.author, now=desk.now)
        await stores.plans.save(tx, plan)
    await stores.goals.save(tx, goal)
    await tasks_follow(desk, tx, goal)


async def standing_goals(desk: Desk, tx: Tx) -> frozenset[str]:
    """The client's goals that were neither thrown away nor taken back, by id."""
    found = await desk.stores(tx).goals.list_for_client(desk.client_id)
    return frozenset(goal.id for goal in found if not goal.gone)


async def tasks_begin(desk: Desk, tx: Tx, goal: Goal) -> None:
    """Let the tasks that waited for their goal live, or wait for a place."""
    places = desk.places(tx)
    for task in await desk.stores(tx).tasks.list_for_goal(desk.client_id, goal.id):
        if task.waits_for_goal():
            await places.take(task, by=desk.person_id)


def shown(desk: Desk, goal: Goal) -> dict[str, Any]:
    """The goal as this caller reads it: only the wordings that are theirs."""
    classes = [c for c in goal.classes if shows(desk.grants, c, goal.parties, goal.id)]
    wordings = {c.value: section(c, goal.words, goal.standing).model_dump(mode="json") for c in classes}
    item = {
        "id": goal.id,
        "state": goal.state.value,
        "version": goal.version,
        "version_at": goal.version_at,
        "wordings": wordings,
    }
    return {**item, "doc_version": goal.doc_version} if desk.writes else item


async def seen_goal(desk: Desk, goal_id: str) -> Goal:
    """The goal, if the caller may see it at all. Raises NotFound."""
    goal = await desk.stores().goals.get(desk.client_id, goal_id)
    there = goal.state in LIVE_STATES or goal.stays or (desk.writes and goal.state is GoalState.DRAFT)
    seen = any(shows(desk.grants, c, goal.parties, goal.id) for c in goal.classes)
    if not there or not seen:
        raise NotFound
    return goal


def for_team(desk: Desk, goal: Goal) -> bool:
    """Drafts are for those who write the plan, and a proposal that was taken back is for nobody; a second reader sees
    a draft whose rationale is put to them."""
    if goal.gone:
        return False
    if goal.state is not GoalState.DRAFT or desk.writes:
        return True
    return desk.grants.may(DataClass.PLAN_TEAM, "sign") and goal.words.masking.rationale is not None


async def _own(desk: Desk, goal_id: str) -> None:
    """Let the client of a goal they see pass, and the team that writes it. Raises NotFound, Forbidden."""
    await seen_goal(desk, goal_id)
    if not desk.is_client:
        desk.team(writing=True)


def may_answer(desk: Desk, goal: Goal, party: Asked) -> DataClass:
    """The wording this caller answers as this party. Raises NotFound, or WrongState once it is too late."""
    grants, label = desk.grants, LABEL[party]
    data_class = DataClass.PLAN_PRIVATE if goal.private else WORDING[label]
    asked = label in goal.parties and label in grants.labels
    actions: tuple[Action, ...] = ("write",) if goal.private else ("propose", "sign")
    allowed_to = any(shows(grants, data_class, goal.parties, goal.id, action) for action in actions)
    if not asked or not allowed_to:
        raise NotFound
    if goal.state not in LIVE_STATES:
        raise WrongState(goal.state, "proposed, active or on hold")
    return data_class


def possible(words: GoalWords, document: AccessDocument) -> None:
    """A goal says something, and a private one needs a client who can read it. Raises Invalid."""
    if words.empty():
        raise Invalid(
            "Nothing is written yet.", "own", "Begin with what the person said, or the team’s wording."
        )
    if words.private and document.client_person_id is None:
        raise Invalid(
            "Nobody could read a private goal: this person has no sign-in of their own.",
            "private",
            "Invite them first, or share the goal.",
        )


def states_of(goal: Goal) -> dict[str, Any]:
    return {
        "id": goal.id,
        "state": goal.state.value,
        "version": goal.version,
        "doc_version": goal.doc_version,
    }
