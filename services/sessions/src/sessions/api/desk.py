"""One request about one client: who asks, what they may do, and the stores at hand."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.responses import JSONResponse

from chassis.auth import CallerDep
from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from chassis.journal import Command, Tx
from chassis.runtime import Chassis
from chassis.seal import KeyName
from contracts.classes import DataClass
from contracts.ids import ID_PATTERN
from policy.caller import Caller
from policy.grants import Grants
from sessions.settings import Settings
from sessions.store.goals import GOALS, GoalStore
from sessions.store.notes import NoteStore
from sessions.store.sessions import SESSIONS, SessionStore
from sessions.store.trials import TRIALS, TrialStore
from sessions.trials import KnownGoal, Trial, unknown_goals

_SEALED_AS = (
    DataClass.ATTENDANCE,
    DataClass.SESSION_SUMMARY,
    DataClass.MEASURE,
    DataClass.PLAN_PRIVATE,
)
_LOOK_S = 0.02


class Stores:
    """Every store of one tenant, inside a transaction or outside."""

    def __init__(self, chassis: Chassis, tenant_id: str, tx: Tx | None = None) -> None:
        rows = tx.tenant if tx else lambda name: chassis.mongo.tenant(name, tenant_id)
        self.sessions = SessionStore(rows(SESSIONS), chassis.keys)
        self.trials = TrialStore(rows(TRIALS), chassis.keys)
        self.goals = GoalStore(rows(GOALS), chassis.keys)
        self.notes = {
            data_class: NoteStore(rows(data_class.value), chassis.keys, data_class)
            for data_class in (DataClass.NOTE_PROGRESS, DataClass.NOTE_PSYCHOTHERAPY)
        }


@dataclass(frozen=True)
class Desk:
    """A caller before one client's sessions."""

    chassis: Chassis
    caller: Caller
    client_id: str
    grants: Grants

    @property
    def tenant_id(self) -> str:
        """The tenant the request names."""
        return self.caller.tenant_id

    @property
    def person_id(self) -> str:
        """Who asks."""
        return self.caller.person_id

    def stores(self, tx: Tx | None = None) -> Stores:
        """The stores, in a transaction or outside."""
        return Stores(self.chassis, self.tenant_id, tx)

    def must_write(self, data_class: DataClass) -> None:
        """Let only those pass who may write the class. Raises NotFound, Forbidden to the team's readers."""
        if self.grants.may(data_class, "write"):
            return
        if "team" in self.grants.labels and self.grants.may(data_class):
            raise Forbidden("You read this record; an assigned therapist changes it.")
        raise NotFound

    async def write(
        self,
        work: Callable[[Tx], Awaitable[None]],
        command: Command,
        *,
        classes: Sequence[DataClass] = _SEALED_AS,
        status: int = 200,
    ) -> JSONResponse:
        """Run a command and answer its ids, versions and states with its position."""
        await self.chassis.keys.fetch(KeyName(self.tenant_id, self.client_id, c) for c in classes)
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

    async def goals_of(self, trials: Sequence[Trial]) -> dict[str, KnownGoal]:
        """The goals of these results; waits a moment for news of a goal that was activated just now."""
        settings = self.chassis.settings
        deadline = time.monotonic() + (settings.goal_wait_s if isinstance(settings, Settings) else 0)
        wanted = {trial.goal_id for trial in trials}
        while True:
            known = await self.stores().goals.known(self.client_id, wanted)
            if not unknown_goals(trials, known) or time.monotonic() > deadline:
                return known
            await asyncio.sleep(_LOOK_S)


async def _desk(
    request: Request, client_id: Annotated[str, Path(pattern=ID_PATTERN)], caller: CallerDep
) -> Desk:
    chassis: Chassis = request.app.state.chassis
    return Desk(chassis, caller, client_id, await chassis.access.grants(caller, client_id))


DeskDep = Annotated[Desk, Depends(_desk)]


def conflict(error: Exception) -> Conflict:
    """A domain refusal that depends on the stored state, as a 409."""
    return Conflict(str(error), getattr(error, "field", None), getattr(error, "fix", None))


def invalid(error: Exception) -> Invalid:
    """A domain refusal that depends on the request alone, as a 422."""
    return Invalid(str(error), getattr(error, "field", None), getattr(error, "fix", None))
