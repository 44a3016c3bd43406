"""Change streams are read an answer at a time: nothing is missed, and each change knows its place."""

from typing import Any

from chassis.tails import Tail


async def _read(tail: Tail, count: int) -> tuple[list[Any], int]:
    """So many changes, and in how many answers they came."""
    found: list[Any] = []
    answers = 0
    while len(found) < count:
        batch = await tail.batch()
        answers += bool(batch)
        found += batch
    return found, answers


async def test_what_is_committed_together_comes_in_few_answers_and_in_order(core: Any, tenant: str) -> None:
    rows = core.mongo.crossing_tenants("tailed", why="the test")
    pipeline = [{"$match": {"operationType": "insert"}}]
    async with rows.watch(pipeline, wait_ms=200) as tail:
        assert await tail.batch() == []

        async def work(session: Any) -> None:
            own = core.mongo.tenant("tailed", tenant, session=session)
            for number in range(20):
                await own.insert_one({"_id": f"{tenant}:{number}", "n": number})

        await core.mongo.transaction(work)
        found, answers = await _read(tail, 20)
        assert [change.told["fullDocument"]["n"] for change in found] == list(range(20))
        assert answers <= 2
        assert tail.token == found[-1].token
    async with rows.watch(pipeline, after=found[7].token, wait_ms=200) as later:
        again, _ = await _read(later, 12)
    assert [change.told["fullDocument"]["n"] for change in again] == list(range(8, 20))
