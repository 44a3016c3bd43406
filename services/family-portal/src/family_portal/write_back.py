"""What families and schools write back: who may, about what, to whom it then shows, and what is taken back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.errors import Conflict, Invalid, NotFound
from chassis.journal import Command, Written
from chassis.runtime import Chassis
from contracts.care_plans import GoalState
from contracts.classes import DataClass
from contracts.ids import new_id
from family_portal.logs import TaskLog, check_log, check_reason, check_words, checked_moment
from family_portal.observations import Observation, check_observation
from family_portal.store.afterthoughts import FIELDS, TELL, AfterthoughtStore, Check, Kept
from family_portal.store.written import Shown, WrittenStore
from family_portal.views.opened import Entry
from family_portal.views.reader import Left, Reach, Reader
from policy.caller import Caller
from policy.filters import shows

UNDO = timedelta(minutes=1)
"""So long what was written can be taken back by its author alone."""
TASK_CLASSES = (DataClass.TASK, DataClass.PLAN_PRIVATE)


@dataclass(frozen=True)
class LogWords:
    """What was said about a practice; all but the answer itself may be left out."""

    result: str
    log_id: str | None = None
    felt: int | None = None
    got_in_the_way: str | None = None
    words: str | None = None
    happened_at: datetime | None = None


@dataclass(frozen=True)
class ObservationWords:
    """What was seen of a goal."""

    goal_id: str
    saw: str
    my_part: str
    observation_id: str | None = None
    words: str | None = None
    happened_at: datetime | None = None


class TakenBack(Conflict):
    """A command is sent again whose words were taken back: its first answer would say that they are kept."""

    title = "It was taken back"


class WriteBack:
    """Accepts logs and observations from those who may write them."""

    def __init__(self, chassis: Chassis, reader: Reader) -> None:
        self._reader = reader
        self._duty = chassis.duty
        self._store = WrittenStore(chassis)
        self._afterwards = AfterthoughtStore(chassis)

    async def log_task(
        self, caller: Caller, client_id: str, task_id: str, said: LogWords, command: Command
    ) -> Written:
        """Keep a log of a task the caller can see, or could until it ended.

        Raises NotFound, Invalid, TakenBack.
        """
        check_log(said.result, said.felt, said.got_in_the_way, said.words)
        reach = await self._reader.reach(caller, client_id)
        task = await self._task(reach, task_id, late=True)
        shown, household_id = self._shown(reach, task)
        await self._duty.check(caller.tenant_id, said.words)
        log = TaskLog(
            log_id=said.log_id or new_id(),
            task_id=task_id,
            goal_id=str(task.goal_id),
            result=said.result,
            happened_at=checked_moment(said.happened_at, datetime.now(UTC)),
            felt=said.felt,
            got_in_the_way=said.got_in_the_way,
            words=said.words,
        )
        written = await self._store.add_log(caller, client_id, log, shown, household_id, command)
        return await self._standing(caller, client_id, "task_logs", written)

    async def observe(
        self, caller: Caller, client_id: str, said: ObservationWords, command: Command
    ) -> Written:
        """Keep an observation of a goal the caller reads in school wording. Raises NotFound, Invalid, TakenBack."""
        check_observation(said.saw, said.my_part)
        check_words(said.words)
        reach = await self._reader.reach(caller, client_id)
        shown = Shown(DataClass.OBSERVATION, (f"person:{caller.person_id}", "client"), reach.grants.rev)
        if not reach.grants.may(DataClass.OBSERVATION, "write"):
            raise NotFound()
        goals = await self._reader.parts(reach, (DataClass.PLAN_SCHOOL,), shown=False)
        states = {g.record_id: g.meta["state"] for g in goals if _may_write(reach, shown, g.record_id)}
        if states.get(said.goal_id) == GoalState.ON_HOLD:
            raise Invalid(
                "This part is resting.", field="goal_id", fix="Choose a goal that is worked on now."
            )
        if states.get(said.goal_id) != GoalState.ACTIVE:
            raise Invalid(
                "This is none of the pupil's goals now.", field="goal_id", fix="Choose one of them."
            )
        await self._duty.check(caller.tenant_id, said.words)
        observation = Observation(
            observation_id=said.observation_id or new_id(),
            goal_id=said.goal_id,
            saw=said.saw,
            my_part=said.my_part,
            happened_at=checked_moment(said.happened_at, datetime.now(UTC)),
            words=said.words,
        )
        written = await self._store.add_observation(caller, client_id, observation, shown, command)
        return await self._standing(caller, client_id, "observations", written)

    async def _standing(self, caller: Caller, client_id: str, collection: str, written: Written) -> Written:
        """What was written, now or before. Raises TakenBack where its author has taken it back since."""
        record_id = str(written.answer["id"])
        if written.replayed and await self._afterwards.is_gone(caller, client_id, collection, record_id):
            raise TakenBack(
                "This was taken back, and nothing of it is kept.",
                "id",
                "To say it after all, send it with a fresh id and a fresh Idempotency-Key.",
            )
        return written

    async def log_shows(self, reach: Reach, task_id: str) -> tuple[Shown, str | None]:
        """To whom a log of this task would show, and its goal. Raises NotFound to who may not write one."""
        task = await self._task(reach, task_id)
        return self._shown(reach, task)[0], task.goal_id

    async def _task(self, reach: Reach, task_id: str, *, late: bool = False) -> Entry | Left:
        """The task, or with `late` what stays of one that has ended: what was written of it is still taken.

        Raises NotFound for what was never the caller's, Invalid for one that has ended or is not theirs any more.
        """
        found = await self._reader.parts(reach, TASK_CLASSES, shown=False)
        task = next((e for e in found if e.record_id == task_id and "task_changed" in e.type), None)
        if task is not None:
            return task
        left = await self._reader.left(reach, TASK_CLASSES, task_id)
        if left is None:
            raise NotFound()
        if late and left.over:
            return left
        raise Invalid(
            "This practice has ended.", field="task_id", fix="Open today's page for what is live now."
        )

    @staticmethod
    def _shown(reach: Reach, task: Entry | Left) -> tuple[Shown, str | None]:
        """To whom a log of this task shows, and of which home it is. Raises NotFound to who may not write one."""
        labels, rev, home = reach.grants.labels, reach.grants.rev, None
        if task.data_class is DataClass.PLAN_PRIVATE:
            shown = Shown(DataClass.PLAN_PRIVATE, ("client",), rev)
            allowed = "client" in labels and _may_write(reach, shown, task.goal_id)
        else:
            homes = [p for p in task.parties if p.startswith("household:") and p in labels]
            own = "client" if "client" in labels else f"person:{reach.caller.person_id}"
            home = homes[0].removeprefix("household:") if homes else None
            shown = Shown(DataClass.TASK_LOG, (homes[0] if homes else own,), rev)
            allowed = _may_write(reach, shown, task.goal_id)
        if not allowed:
            raise NotFound()
        return shown, home


def _may_write(reach: Reach, shown: Shown, goal_id: str | None) -> bool:
    return shows(reach.grants, shown.data_class, shown.parties, goal_id, "write")


class Stands(Conflict):
    """The minute for taking it back is over."""

    title = "It stands now"


class Afterthoughts:
    """Accepts afterthoughts from those who wrote something and may still write it."""

    def __init__(self, chassis: Chassis, reader: Reader) -> None:
        self._reader = reader
        self._store = AfterthoughtStore(chassis)

    async def add_reason(
        self, caller: Caller, client_id: str, log_id: str, reason: str, command: Command
    ) -> Written:
        """Keep what got in the way of a practice, in the caller's own log. Raises NotFound, Invalid, TakenBack."""
        check_reason(reason)
        may = await self._may_write(caller, client_id)
        written = await self._store.add_reason(caller, client_id, log_id, may, reason, command)
        if written.replayed and await self._again(caller, client_id, "task_logs", log_id, may):
            raise TakenBack(
                "The log was taken back, and nothing of it is kept.",
                "log_id",
                "To say it after all, log the practice once more.",
            )
        return written

    async def take_back(
        self, caller: Caller, client_id: str, collection: str, record_id: str, command: Command
    ) -> Written:
        """Take back what the caller wrote within the last minute: nobody reads it any more.

        Raises NotFound, Stands once the minute is over, Called for words of worry.
        """
        may = await self._may_write(caller, client_id)

        def check(kept: Kept) -> None:
            may(kept)
            if datetime.now(UTC) - kept.written_at > UNDO:
                raise Stands(
                    "It was written more than a minute ago.",
                    FIELDS[collection],
                    TELL,
                )

        written = await self._store.take_back(caller, client_id, collection, record_id, check, command)
        if written.replayed:
            await self._again(caller, client_id, collection, record_id, may)
        return written

    async def until(self, caller: Caller, client_id: str, collection: str, record_id: str) -> datetime | None:
        """Until when the caller can take back what they wrote; None for what is not theirs."""
        written_at = await self._store.written_at(caller, client_id, collection, record_id)
        return written_at + UNDO if written_at else None

    async def is_gone(self, caller: Caller, client_id: str, collection: str, record_id: str) -> bool:
        """Whether the caller wrote this and has taken it back: whoever sends it again wants to say it after all."""
        return await self._store.is_gone(caller, client_id, collection, record_id)

    async def _again(
        self, caller: Caller, client_id: str, collection: str, record_id: str, may: Check
    ) -> bool:
        """Whether what a repeated command is about was taken back. Raises NotFound to who may write it no more."""
        kept = await self._store.kept(caller, client_id, collection, record_id)
        if kept is None:
            raise NotFound()
        may(kept)
        return bool(kept.row.get("gone"))

    async def _may_write(self, caller: Caller, client_id: str) -> Check:
        """Lets pass what the caller might still write today. Raises NotFound, then or now."""
        reach = await self._reader.reach(caller, client_id)

        def check(kept: Kept) -> None:
            if not shows(reach.grants, kept.data_class, kept.parties, kept.row["goal_id"], "write"):
                raise NotFound()

        return check
