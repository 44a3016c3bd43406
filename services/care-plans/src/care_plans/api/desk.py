"""One request about one client: who asks, what they may do, and the stores at hand."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from care_plans.store.about_me import ABOUT_LINES, ABOUT_PAGES, AboutStore
from care_plans.store.answers import ANSWERS, AnswerStore
from care_plans.store.episodes import EPISODES, EpisodeStore
from care_plans.store.goals import GOALS, GoalStore
from care_plans.store.places import Places
from care_plans.store.plans import PLANS, PlanStore
from care_plans.store.points import POINTS, PointStore
from care_plans.store.proposals import PROPOSALS, ProposalStore
from care_plans.store.rests import RESTS, RestStore
from care_plans.store.strategies import STRATEGY_NOTES, StrategyNoteStore
from care_plans.store.tasks import TASKS, TaskStore
from care_plans.tasks import Task
from chassis.auth import CallerDep
from chassis.errors import Forbidden, NotFound
from chassis.http import SeenVersion, Strict
from chassis.journal import Command, Tx
from chassis.runtime import Chassis
from chassis.seal import KeyName
from chassis.versions import Seen
from contracts.access import AccessDocument
from contracts.classes import DataClass
from contracts.ids import ID_PATTERN, Id
from policy.caller import Caller
from policy.grants import Grants
from policy.readers import everybody

_SEALED_AS = (
    DataClass.PLAN_TEAM,
    DataClass.PLAN_PLAIN,
    DataClass.PLAN_SCHOOL,
    DataClass.PLAN_OWN,
    DataClass.PLAN_PRIVATE,
    DataClass.TASK,
    DataClass.TASK_LOG,
    DataClass.MEASURE,
    DataClass.ABOUT_ME,
)


class Stores:
    """Every store of one tenant, inside a transaction or outside."""

    def __init__(self, chassis: Chassis, tenant_id: str, tx: Tx | None = None) -> None:
        def rows(name: str) -> Any:
            return tx.tenant(name) if tx else chassis.mongo.tenant(name, tenant_id)

        self.goals = GoalStore(rows(GOALS), chassis.keys)
        self.answers = AnswerStore(rows(ANSWERS), chassis.keys)
        self.tasks = TaskStore(rows(TASKS), chassis.keys)
        self.plans = PlanStore(rows(PLANS))
        self.rests = RestStore(rows(RESTS))
        self.points = PointStore(rows(POINTS), chassis.keys)
        self.strategy_notes = StrategyNoteStore(rows(STRATEGY_NOTES), chassis.keys)
        self.episodes = EpisodeStore(rows(EPISODES), chassis.keys)
        self.proposals = ProposalStore(rows(PROPOSALS), chassis.keys)
        self.about = AboutStore(rows(ABOUT_LINES), rows(ABOUT_PAGES), chassis.keys)


@dataclass(frozen=True)
class Desk:
    """A caller before one client's plan."""

    chassis: Chassis
    caller: Caller
    client_id: str
    grants: Grants
    document: AccessDocument
    now: datetime

    @property
    def tenant_id(self) -> str:
        """The tenant the request names."""
        return self.caller.tenant_id

    @property
    def person_id(self) -> str:
        """Who asks."""
        return self.caller.person_id

    @property
    def client_reads(self) -> bool:
        """True when the client has an account of their own."""
        return self.document.client_person_id is not None

    @property
    def is_client(self) -> bool:
        """True when the client asks about their own plan."""
        return "client" in self.grants.labels and self.document.client_person_id == self.person_id

    @cached_property
    def everyone(self) -> dict[str, tuple[Grants, ...]]:
        """What everybody whom the facts name may do with the client's record now."""
        return everybody(self.document, self.now)

    @property
    def writes(self) -> bool:
        """True for a member of the team who may change the plan."""
        return "team" in self.grants.labels and self.grants.may(DataClass.PLAN_TEAM, "write")

    def team(self, *, writing: bool) -> None:
        """Let only the team pass. Raises NotFound to others, Forbidden to a member who may only read."""
        if "team" not in self.grants.labels or not self.grants.may(DataClass.PLAN_TEAM):
            raise NotFound
        if writing and not self.writes:
            raise Forbidden("You read this plan; an assigned therapist changes it.")

    def stores(self, tx: Tx | None = None) -> Stores:
        """The stores, in a transaction or outside."""
        return Stores(self.chassis, self.tenant_id, tx)

    def places(self, tx: Tx) -> Places:
        """The homes' places, in a transaction."""
        return Places(tx, self.stores(tx).tasks, self._document_of, now=self.now)

    async def write(
        self, work: Callable[[Tx], Awaitable[None]], command: Command, *, status: int = 200
    ) -> JSONResponse:
        """Run a command and answer its ids, versions and states with its position."""
        names = [KeyName(self.tenant_id, self.client_id, data_class) for data_class in _SEALED_AS]
        await self.chassis.keys.fetch(names)
        written = await self.chassis.journal.write(
            work, tenant_id=self.tenant_id, by=self.person_id, command=command
        )
        return JSONResponse(written.answer, status, {"Kith-Position": written.position})

    async def saw(self, *classes: DataClass, detail_id: str | None = None) -> None:
        """Write down a read before its answer leaves."""
        await self.chassis.audit.read(
            self.caller,
            self.client_id,
            classes,
            detail_id=detail_id,
            policy_hash=self.grants.policy_hash,
            consent_ids=self.grants.consent_ids,
        )

    async def _document_of(self, client_id: str) -> AccessDocument | None:
        if client_id == self.client_id:
            return self.document
        return await self.chassis.access.document(self.tenant_id, client_id)


async def desk(
    request: Request,
    caller: CallerDep,
    client_id: Annotated[str, Path(pattern=ID_PATTERN)],
    kith_position: Annotated[str | None, Header()] = None,
) -> Desk:
    """The caller's desk. NotFound for a client who does not exist for them."""
    chassis: Chassis = request.app.state.chassis
    await chassis.positions.wait(kith_position, caller.tenant_id, client_id)
    grants = await chassis.access.grants(caller, client_id)
    document = await chassis.access.document(caller.tenant_id, client_id)
    if document is None:
        raise NotFound
    return Desk(chassis, caller, client_id, grants, document, _as_kept(await chassis.access.now()))


def _as_kept(moment: datetime) -> datetime:
    """The moment as the database keeps it, so that what is told at once and what is told later are the same."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


DeskDep = Annotated[Desk, Depends(desk)]

SeenDep = Annotated[Seen, Depends(SeenVersion("doc_version"))]
"""The `doc_version` of a goal or task that a change starts from; `version` is the one all its readers share."""

WrittenDep = Annotated[Seen, Depends(SeenVersion("doc_version", needed=False))]
"""The same where not everybody who may change it is told of a version, or where not every change needs one."""


class AsRead(Strict):
    """One of several things that move together, as whoever moves them has read it."""

    id: Id
    doc_version: int = Field(ge=1)


def unread(tasks: Iterable[Task], read: Iterable[AsRead]) -> list[Task]:
    """The tasks that wait for their goal and are not among those read, or not as they are now."""
    known = {(task.id, task.doc_version) for task in read}
    return [task for task in tasks if task.waits_for_goal() and (task.id, task.doc_version) not in known]
