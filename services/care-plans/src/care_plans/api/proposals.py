"""Wishes for goals over HTTP: home and school propose, the therapist answers, nobody else learns of it."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from fastapi.responses import JSONResponse
from pydantic import Field, StringConstraints

from care_plans.answers import LABEL, WORDING
from care_plans.api.about_me import NewLine, add_line, may
from care_plans.api.desk import Desk, DeskDep, SeenDep
from care_plans.goals import Goal
from care_plans.lint import wish_findings
from care_plans.proposals import Outcome, Proposal
from chassis.cursors import After, Limit
from chassis.errors import NotFound
from chassis.http import CommandDep, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.care_plans import ProposalState
from contracts.classes import DataClass
from contracts.ids import ID_PATTERN, Id, new_id
from policy.filters import filter as allowed
from policy.filters import shows

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}", tags=["proposals"])

ProposalId = Annotated[str, Path(pattern=ID_PATTERN)]
Said = Annotated[str, StringConstraints(strip_whitespace=True)]


class Wish(Strict):
    """A goal that somebody would wish for, in their own words."""

    id: Id | None = None
    party: Literal["guardian", "school"]
    words: Said = Field(min_length=1, max_length=2000)


class WishAnswer(Strict):
    """What becomes of a wish. `answer` is what its writer reads: the reason, and nothing of the record."""

    outcome: Outcome
    answer: Said = Field(min_length=1, max_length=2000)
    client_said: Said | None = Field(None, max_length=2000)
    """How the person took it when asked, for the team alone."""
    became: Said | None = Field(None, max_length=2000)
    """How the team puts it, where it is rewritten; for the team alone."""
    goal_id: Id | None = None
    """The id of the draft that begins with it: needed where it is taken, possible where it is rewritten."""
    asked_for_by: Said | None = Field(None, max_length=200)
    """How the draft names who asked for it."""
    about: NewLine | None = None
    """A line for the page “about me”, where a rewritten wish becomes one: it waits for the person's own yes."""


@router.get("/proposals")
async def list_proposals(
    desk: DeskDep,
    state: Annotated[ProposalState | None, Query()] = None,
    limit: Limit = 50,
    after: After = None,
) -> dict[str, Any]:
    """The wishes for goals that the caller may read, oldest first: the team all of them, with what the rules say
    about their words; everybody else those they wrote, with the answer."""
    where: dict[str, Any] = {"$and": [allowed(desk.grants)]}
    if state:
        where["state"] = state.value
    found, cursor = await desk.stores().proposals.page(desk.client_id, where, limit=limit, after=after)
    team = "team" in desk.grants.labels and desk.grants.may(DataClass.PLAN_TEAM)
    await desk.saw(*{each.data_class for each in found}, *([DataClass.PLAN_TEAM] if team and found else []))
    return {"items": [_for_team(desk, each) if team else _own(each) for each in found], "next": cursor}


@router.post("/proposals", status_code=201)
async def wish_for_goal(desk: DeskDep, command: CommandDep, body: Wish) -> JSONResponse:
    """Wish for a goal, as a guardian who decides or as school. The team answers; only the writer and the team
    read it. Words are taken where the organisation says who reads them: while nobody is on its rota, they are
    refused. While twenty of the caller's wait for an answer there is room for no more."""
    data_class, proposal_id = _may_wish(desk, LABEL[body.party]), body.id or new_id()

    async def work(tx: Tx) -> None:
        await desk.chassis.duty.check(desk.tenant_id, body.words)
        proposal = Proposal(
            tenant_id=desk.tenant_id,
            client_id=desk.client_id,
            id=proposal_id,
            person_id=desk.person_id,
            data_class=data_class,
            words=body.words,
            at=desk.now,
        )
        proposals = desk.stores(tx).proposals
        proposal.wish(await proposals.count_open(desk.client_id, desk.person_id))
        await proposals.save(tx, proposal)
        tx.answer(_states(proposal))

    return await desk.write(work, command, status=201)


@router.post("/proposals/{proposal_id}/answer")
async def answer_wish(
    desk: DeskDep, command: CommandDep, seen: SeenDep, proposal_id: ProposalId, body: WishAnswer
) -> JSONResponse:
    """Refuse a wish with a reason, rewrite it, or take it: the last two may begin a draft of a goal, which stays
    with those who write the plan; a rewritten one may become a line of the page “about me” instead. Whoever wished
    for it reads the answer."""
    desk.team(writing=True)
    if body.about:
        may(desk, "sign" if body.about.asked else "write")
    line_id = (body.about.id or new_id()) if body.about else None

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        proposal = await stores.proposals.get(desk.client_id, proposal_id)
        require_version(proposal.doc_version, seen)
        proposal.answer_with(
            body.outcome,
            body.answer,
            client_said=body.client_said or None,
            became=body.became or (body.about.words if body.about else None),
            goal_id=body.goal_id,
            line_id=line_id,
            by=desk.person_id,
            now=desk.now,
        )
        if body.goal_id:
            words = proposal.goal_words(body.asked_for_by or None)
            goal = Goal(desk.tenant_id, desk.client_id, body.goal_id, desk.person_id, words)
            goal.created_at = desk.now
            await stores.goals.save(tx, goal)
        if body.about and line_id:
            await add_line(desk, tx, line_id, body.about)
        await stores.proposals.save(tx, proposal)
        tx.answer(_states(proposal))

    return await desk.write(work, command)


def _may_wish(desk: Desk, label: str) -> DataClass:
    """The class under which this caller's wish is sealed. Raises NotFound to who may not propose as this party."""
    data_class = WORDING[label]
    own = (f"person:{desk.person_id}",)
    if label not in desk.grants.labels or not shows(desk.grants, data_class, own, action="propose"):
        raise NotFound
    return data_class


def _own(proposal: Proposal) -> dict[str, Any]:
    """A wish as its writer reads it."""
    return {
        "id": proposal.id,
        "state": proposal.state.value,
        "words": proposal.words,
        "at": proposal.at,
        "answer": proposal.answer,
        "answered_at": proposal.answered_at,
    }


def _for_team(desk: Desk, proposal: Proposal) -> dict[str, Any]:
    """A wish as the team reads it; of the draft that began with it only those know who write the plan."""
    return {
        **_own(proposal),
        "doc_version": proposal.doc_version,
        "person_id": proposal.person_id,
        "class": proposal.data_class.value,
        "lint": [asdict(finding) for finding in wish_findings(proposal.words)],
        "client_said": proposal.client_said,
        "became": proposal.became,
        "goal_id": proposal.goal_id if desk.writes else None,
        "line_id": proposal.line_id,
        "answered_by": proposal.answered_by,
    }


def _states(proposal: Proposal) -> dict[str, Any]:
    return {"id": proposal.id, "state": proposal.state.value, "doc_version": proposal.doc_version}
