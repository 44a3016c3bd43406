"""Commands that only add share a commit, and each is still on its own: its place, its answer, its refusal."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from pymongo.errors import ServerSelectionTimeoutError

from chassis.errors import Conflict, KeyReused, TooLarge, Unavailable
from chassis.journal import Adds, Command, Stream, Tx, Written
from contracts.care_plans import GoalRated, RatingBody
from contracts.classes import DataClass
from contracts.ids import new_id

TAKEN = Conflict("This id is taken.", "id")


def rated(tenant_id: str, client: str = "c1", source: str = "a tally") -> GoalRated:
    """An event with sealed words."""
    return GoalRated(
        tenant_id=tenant_id,
        client_id=client,
        record_id=new_id(),
        goal_id="g1",
        happened_at=datetime.now(UTC),
        words={DataClass.MEASURE: RatingBody(level=1, source=source)},
    )


def logging(log_id: str, client: str = "c1") -> Callable[[Adds], None]:
    """A command that adds a log and tells the client's stream."""

    def work(adds: Adds) -> None:
        adds.add("logs", {"_id": f"{adds.tenant_id}:{log_id}", "client_id": client}, taken=TAKEN)
        adds.decided(client, 3)
        adds.record(rated(adds.tenant_id, client))
        adds.audit("write", client, None, log_id)
        adds.answer({"id": log_id})

    return work


async def append(process: Any, tenant_id: str, log_id: str, client: str = "c1", key: str = "") -> Written:
    """Send one such command."""
    command = Command(key or new_id(), "p1", f"f-{log_id}", client)
    written = await process.journal.append(
        logging(log_id, client), tenant_id=tenant_id, by="p1", command=command
    )
    assert isinstance(written, Written)
    return written


async def _rows(core: Any, tenant_id: str, client: str = "c1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await core.journal.rows(Stream(tenant_id, client), after=0, limit=5_000)
    return found


async def _counts(core: Any, tenant_id: str) -> list[int]:
    names = ("logs", "journal", "audit")
    return [await core.mongo.tenant(name, tenant_id).count() for name in names]


@pytest.fixture
def commits(core: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each transaction that is tried."""
    seen: list[int] = []
    attempt = core.mongo.attempt

    async def counted(work: Any) -> Any:
        seen.append(1)
        return await attempt(work)

    monkeypatch.setattr(core.mongo, "attempt", counted)
    return seen


async def test_many_at_once_take_few_commits_and_each_has_its_own_place(
    core: Any, tenant: str, twin: str, commits: list[int]
) -> None:
    sent = [
        (t, client, f"l{number}") for number in range(10) for t in (tenant, twin) for client in ("c1", "c2")
    ]
    written = await asyncio.gather(*(append(core, t, f"{log}-{client}", client) for t, client, log in sent))
    assert len(commits) < 10
    places: dict[str, list[int]] = {}
    for (t, client, log), one in zip(sent, written, strict=True):
        place = core.positions.open(one.position)
        assert (one.answer, list(place.streams)) == ({"id": f"{log}-{client}"}, [f"{t}:{client}"])
        assert place.access == {f"{t}:{client}": 3}
        places.setdefault(f"{t}:{client}", []).extend(place.streams.values())
    assert all(sorted(seqs) == list(range(1, 11)) for seqs in places.values()) and len(places) == 4
    for t in (tenant, twin):
        assert await _counts(core, t) == [20, 20, 20]
        assert [row["seq"] for row in await _rows(core, t)] == list(range(1, 11))


async def test_a_row_is_where_its_answer_says(core: Any, tenant: str) -> None:
    """Among those that share a commit, too: a reader who sends the place back waits for their own log."""
    written = await asyncio.gather(*(append(core, tenant, f"l{number}") for number in range(12)))
    rows = {row["seq"]: row["event"]["event_id"] for row in await _rows(core, tenant)}
    places = [core.positions.open(one.position).streams[f"{tenant}:c1"] for one in written]
    assert sorted(places) == sorted(rows) == list(range(1, 13))


async def test_one_that_was_sent_before_gets_its_first_answer_and_the_others_are_kept(
    core: Any, tenant: str
) -> None:
    first = await append(core, tenant, "l0", key="k0")
    again, *others = await asyncio.gather(
        append(core, tenant, "l0", key="k0"), *(append(core, tenant, f"l{n}") for n in range(1, 8))
    )
    assert again.replayed and again.answer == first.answer
    assert core.positions.open(again.position) == core.positions.open(first.position)
    assert not any(one.replayed for one in others)
    assert await _counts(core, tenant) == [8, 8, 8]
    assert [row["seq"] for row in await _rows(core, tenant)] == list(range(1, 9))


async def test_the_same_command_twice_in_one_commit_has_one_effect(core: Any, tenant: str) -> None:
    written = await asyncio.gather(*(append(core, tenant, "l1", key="k1") for _ in range(6)))
    assert sum(not one.replayed for one in written) == 1
    assert await _counts(core, tenant) == [1, 1, 1]


async def test_a_taken_id_refuses_the_one_that_wants_it_only(core: Any, tenant: str) -> None:
    await append(core, tenant, "l0")
    taken, other, *_ = await asyncio.gather(
        append(core, tenant, "l0"),
        append(core, tenant, "l0", key="k1"),
        *(append(core, tenant, f"l{n}") for n in range(1, 6)),
        return_exceptions=True,
    )
    assert isinstance(taken, Conflict) and isinstance(other, Conflict) and taken.field == "id"
    assert await _counts(core, tenant) == [6, 6, 6]
    assert [row["seq"] for row in await _rows(core, tenant)] == list(range(1, 7))


async def test_a_key_used_for_another_request_is_a_conflict(core: Any, tenant: str) -> None:
    await append(core, tenant, "l0", key="k0")
    with pytest.raises(KeyReused) as caught:
        await append(core, tenant, "l1", key="k0")
    assert caught.value.field == "Idempotency-Key"
    assert await _counts(core, tenant) == [1, 1, 1]


async def test_a_stream_stays_gapless_beside_other_commands_and_another_process(
    core: Any, other_core: Any, tenant: str
) -> None:
    async def another(tx: Tx) -> None:
        tx.record(rated(tx.tenant_id))

    async def many(process: Any, name: str) -> None:
        await asyncio.gather(
            *(append(process, tenant, f"{name}{n}") for n in range(25)),
            *(process.journal.write(another, tenant_id=tenant, by="p1", client_id="c1") for _ in range(15)),
        )

    await asyncio.gather(many(core, "a"), many(other_core, "b"))
    assert [row["seq"] for row in await _rows(core, tenant)] == list(range(1, 81))
    assert (await _counts(core, tenant))[0] == 50


async def test_processes_that_take_turns_on_one_stream_leave_no_gap(
    core: Any, other_core: Any, tenant: str
) -> None:
    """What each remembers of the stream's end is old whenever it is its turn."""
    written = [
        await append(process, tenant, f"l{number}") for number, process in enumerate((core, other_core) * 4)
    ]
    places = [core.positions.open(one.position).streams[f"{tenant}:c1"] for one in written]
    assert places == [row["seq"] for row in await _rows(core, tenant)] == list(range(1, 9))


async def test_each_keeps_the_trace_it_came_in(core: Any, tenant: str) -> None:
    async def traced(number: int) -> None:
        context = SpanContext(number, number, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
        with trace.use_span(NonRecordingSpan(context)):
            await append(core, tenant, f"l{number}")

    await asyncio.gather(*(traced(number) for number in range(1, 9)))
    traces = {row["traceparent"].split("-")[1] for row in await _rows(core, tenant)}
    assert traces == {f"{number:032x}" for number in range(1, 9)}


async def test_text_the_broker_would_refuse_stops_nobody_else(core: Any, tenant: str) -> None:
    def huge(adds: Adds) -> None:
        adds.record(rated(tenant, source="x" * 1_000_000))

    refused, kept = await asyncio.gather(
        core.journal.append(huge, tenant_id=tenant, by="p1", command=Command(new_id(), "p1", "f")),
        append(core, tenant, "l1"),
        return_exceptions=True,
    )
    assert isinstance(refused, TooLarge) and kept.answer == {"id": "l1"}
    assert await _counts(core, tenant) == [1, 1, 1]


async def test_a_database_that_is_away_is_said_at_once(
    core: Any, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:

    tries: list[int] = []

    async def away(_: Any) -> Any:
        tries.append(1)
        raise ServerSelectionTimeoutError("away")

    monkeypatch.setattr(core.mongo, "attempt", away)
    with pytest.raises(Unavailable):
        await append(core, tenant, "l1")
    assert len(tries) == 1, "nobody waits for it twice"
