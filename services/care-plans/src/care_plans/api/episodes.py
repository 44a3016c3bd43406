"""The work with one client over HTTP: the referral, who takes it up, what is agreed, and its end."""

from collections.abc import Sequence
from typing import Any

from fastapi.responses import JSONResponse

from care_plans.api.desk import Desk, DeskDep, SeenDep
from care_plans.episodes import READERS, Episode, EpisodeWords, Move
from care_plans.goals import Goal
from chassis.errors import Conflict, NotFound
from chassis.http import CommandDep, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.care_plans import GoalState
from contracts.classes import DataClass
from policy.filters import shows

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}", tags=["episodes"])


class EpisodeMove(Strict):
    """What happens to the work with somebody: it is taken up, steps down, ends or begins again."""

    move: Move


@router.get("/episode")
async def get_episode(desk: DeskDep) -> dict[str, Any]:
    """How far the work with the client is, who referred them, and what is agreed. For the team."""
    desk.team(writing=False)
    episode = await desk.stores().episodes.find(desk.client_id)
    if episode is None:
        raise NotFound
    await desk.saw(DataClass.PLAN_TEAM)
    return {
        **_states(episode),
        "since": episode.since,
        "begun_at": episode.begun_at,
        **episode.words.model_dump(mode="json"),
    }


@router.post("/episode", status_code=201)
async def refer(desk: DeskDep, command: CommandDep, body: EpisodeWords) -> JSONResponse:
    """Record that somebody was referred: who referred them, when, and how they were told that they wait. An
    administrator has added the person and assigned whoever records it; a client has one episode, which may begin
    again after its end."""
    desk.team(writing=True)

    async def work(tx: Tx) -> None:
        store = desk.stores(tx).episodes
        if await store.find(desk.client_id):
            raise Conflict(
                "This person was referred already.",
                "client_id",
                "Change what is there, or reopen what has ended.",
            )
        episode = Episode(desk.tenant_id, desk.client_id, body)
        episode.refer(by=desk.person_id, now=desk.now)
        await store.save(tx, episode)
        tx.answer(_states(episode))

    return await desk.write(work, command, status=201)


@router.put("/episode")
async def write_episode(
    desk: DeskDep, command: CommandDep, seen: SeenDep, body: EpisodeWords
) -> JSONResponse:
    """Write anew who referred, how they were told, the rhythm, the planned weeks, and when it ends. For the team
    alone: home reads that the work has begun, and nothing of this."""
    desk.team(writing=True)

    async def work(tx: Tx) -> None:
        episode = await _kept(desk, tx)
        require_version(episode.doc_version, seen)
        episode.write(body, by=desk.person_id, now=desk.now)
        await desk.stores(tx).episodes.save(tx, episode)
        tx.answer(_states(episode))

    return await desk.write(work, command)


@router.post("/episode/moves")
async def move_episode(desk: DeskDep, command: CommandDep, seen: SeenDep, body: EpisodeMove) -> JSONResponse:
    """Accept a referral, step down, end the work, or begin it again. When it begins, the client and those at home
    who may read the plain plan hear that there is something new. The first goal that becomes active makes it active,
    and one that is so already does at once; one that is the person's own does so only once the referral was
    accepted."""
    desk.team(writing=True)

    async def work(tx: Tx) -> None:
        episode = await _kept(desk, tx)
        require_version(episode.doc_version, seen)
        episode.move(body.move, by=desk.person_id, now=desk.now)
        if await desk.stores(tx).goals.list_for_client(desk.client_id, {"state": GoalState.ACTIVE.value}):
            episode.goal_active(by=desk.person_id, now=desk.now)
        await desk.stores(tx).episodes.save(tx, episode)
        tx.answer(_states(episode))

    return await desk.write(work, command)


async def under_way(desk: Desk, tx: Tx, goals: Sequence[Goal]) -> None:
    """With an active goal the work with somebody is under way. What home does not read begins nothing: who is at home
    reads that the team has begun, and would know by that."""
    store = desk.stores(tx).episodes
    episode = await store.find(desk.client_id)
    if episode is not None:
        home = _reads_at_home(desk)
        unread = all(goal.private or (home and "guardians" not in goal.parties) for goal in goals)
        episode.goal_active(by=desk.person_id, now=desk.now, unread=unread)
        if episode.events:
            await store.save(tx, episode)


def _reads_at_home(desk: Desk) -> bool:
    """Whether anybody at home reads that the team has begun: who decides, and whom the person let read the plan."""
    held = [each for grants in desk.everyone.values() for each in grants if "guardians" in each.labels]
    return any(shows(each, DataClass.PLAN_PLAIN, READERS) for each in held)


async def _kept(desk: DeskDep, tx: Tx) -> Episode:
    """The client's episode. Raises NotFound."""
    episode = await desk.stores(tx).episodes.find(desk.client_id)
    if episode is None:
        raise NotFound
    return episode


def _states(episode: Episode) -> dict[str, Any]:
    return {
        "client_id": episode.client_id,
        "state": episode.state.value,
        "doc_version": episode.doc_version,
    }
