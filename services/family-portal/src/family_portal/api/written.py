"""HTTP in: task logs and observations."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Response
from pydantic import Field, StringConstraints

from chassis.auth import CallerDep
from chassis.http import CommandDep, Strict, answer_written
from chassis.routes import Routes
from contracts.ids import Id
from family_portal.portal import PortalDep
from family_portal.write_back import LogWords, ObservationWords

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}", tags=["write back"])

Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


Reason = Literal[
    "too_tired", "no_time", "other_home", "wrong_moment", "felt_forced",
    "did_not_want_to", "someone_was_ill", "not_sure_how", "something_else",
]  # fmt: skip


class LogIn(Strict):
    """One of four equal answers; everything else may be left out."""

    id: Id | None = None
    result: Literal["did", "part", "couldnt", "not_this_week"]
    felt: int | None = Field(default=None, ge=0, le=4, description="0 hard going … 4 really good")
    got_in_the_way: Reason | None = None
    words: Words | None = None
    happened_at: datetime | None = None


class ReasonIn(Strict):
    """What got in the way, said after the answer itself."""

    got_in_the_way: Reason


class ObservationIn(Strict):
    """Three taps: the goal, what I saw, did I get to my part."""

    id: Id | None = None
    goal_id: Id
    saw: Literal[
        "pointed", "card", "nodded", "whispered", "talked", "talker", "wrote", "walked",
        "message", "joined_in", "another_way", "did_not",
    ]  # fmt: skip
    my_part: Literal["got_to_it", "partly", "did_not"]
    words: Words | None = None
    happened_at: datetime | None = None


@router.post("/tasks/{task_id}/logs", status_code=201)
async def log_task(
    client_id: Id,
    task_id: Id,
    body: LogIn,
    caller: CallerDep,
    command: CommandDep,
    portal: PortalDep,
    response: Response,
) -> dict[str, object]:
    """Say how a practice went. Every answer helps the same; it can be told up to 400 days later.
    While nobody stands on the organisation's duty rota, words are refused and the rest is not. Sent again after it
    was taken back it is 409: nothing of it is kept."""
    said = LogWords(body.result, body.id, body.felt, body.got_in_the_way, body.words, body.happened_at)
    written = await portal.write_back.log_task(caller, client_id, task_id, said, command)
    return answer_written(response, written)


@router.post("/observations", status_code=201)
async def observe(
    client_id: Id,
    body: ObservationIn,
    caller: CallerDep,
    command: CommandDep,
    portal: PortalDep,
    response: Response,
) -> dict[str, object]:
    """Note what was seen of a shared goal. Only goals shared with the caller's school can be observed.
    While nobody stands on the organisation's duty rota, words are refused and the rest is not. Sent again after it
    was taken back it is 409: nothing of it is kept."""
    said = ObservationWords(body.goal_id, body.saw, body.my_part, body.id, body.words, body.happened_at)
    written = await portal.write_back.observe(caller, client_id, said, command)
    return answer_written(response, written)


@router.post("/logs/{log_id}/reason")
async def add_reason(
    client_id: Id,
    log_id: Id,
    body: ReasonIn,
    caller: CallerDep,
    command: CommandDep,
    portal: PortalDep,
    response: Response,
) -> dict[str, object]:
    """Add what got in the way to one's own log, by its author alone. Nobody has to. Sent again after the log was
    taken back it is 409: nothing of it is kept."""
    written = await portal.afterthoughts.add_reason(caller, client_id, log_id, body.got_in_the_way, command)
    return answer_written(response, written)


@router.post("/logs/{log_id}/undo")
async def undo_log(
    client_id: Id,
    log_id: Id,
    caller: CallerDep,
    command: CommandDep,
    portal: PortalDep,
    response: Response,
) -> dict[str, object]:
    """Take one's own log back within a minute of writing it: it leaves every view and every chart. After that it
    stands, and 409 says whom to tell."""
    written = await portal.afterthoughts.take_back(caller, client_id, "task_logs", log_id, command)
    return answer_written(response, written)


@router.post("/observations/{observation_id}/undo")
async def undo_observation(
    client_id: Id,
    observation_id: Id,
    caller: CallerDep,
    command: CommandDep,
    portal: PortalDep,
    response: Response,
) -> dict[str, object]:
    """Take one's own observation back within a minute of noting it: it leaves every view and every chart. After
    that it stands, and 409 says whom to tell."""
    taken = portal.afterthoughts.take_back(caller, client_id, "observations", observation_id, command)
    return answer_written(response, await taken)
