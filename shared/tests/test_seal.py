"""A box opens for its own subject, class and record, while its key lives; nothing else opens it."""

import asyncio
from collections.abc import Mapping, Sequence
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Unavailable
from chassis.seal import BrokenSeal, KeyGone, KeyName, Keyring, class_key
from contracts.care_plans import GoalRated, RatingBody
from contracts.classes import DataClass
from contracts.event import Event

MEASURE, TASK = DataClass.MEASURE, DataClass.TASK


class Source:
    """One key for all subjects but the erased; counts the batches asked for."""

    def __init__(self) -> None:
        self.batches: list[list[KeyName]] = []
        self.erased: set[str] = set()
        self.away = False
        self.asked = asyncio.Event()

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """Class keys of those not erased."""
        self.batches.append(list(names))
        self.asked.set()
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable()
        return {n: class_key(b"1" * 32, n.data_class) for n in names if n.subject_id not in self.erased}


def test_each_class_has_its_own_key() -> None:
    keys = {class_key(b"1" * 32, data_class) for data_class in DataClass}
    assert len(keys) == len(DataClass)
    assert all(len(key) == 32 for key in keys)
    assert class_key(b"2" * 32, TASK) not in keys


@given(words=st.dictionaries(st.text(max_size=8), st.text(max_size=40) | st.integers(), max_size=4))
async def test_what_is_sealed_opens_again(words: dict[str, str | int]) -> None:
    keys = Keyring(Source())
    box = await keys.seal("t", "c", TASK, "r", words)
    assert await keys.open("t", "c", TASK, "r", box) == words


async def test_a_box_opens_at_its_own_place_only() -> None:
    keys = Keyring(Source())
    box = await keys.seal("t", "c", TASK, "r", {"a": 1})
    assert await keys.seal("t", "c", TASK, "r", {"a": 1}) != box
    moved = [("u", "c", TASK, "r"), ("t", "d", TASK, "r"), ("t", "c", MEASURE, "r"), ("t", "c", TASK, "s")]
    for place in moved:
        with pytest.raises(BrokenSeal):
            await keys.open(*place, box)
    for broken in ("", "AAAA", box[:-2], box[:20] + ("A" if box[20] != "A" else "B") + box[21:]):
        with pytest.raises(BrokenSeal):
            await keys.open("t", "c", TASK, "r", broken)


async def test_keys_asked_for_together_are_fetched_in_one_batch_and_kept() -> None:
    source = Source()
    keys = Keyring(source)
    await asyncio.gather(*(keys.seal("t", f"c{n % 5}", TASK, "r", {}) for n in range(50)))
    assert [len(batch) for batch in source.batches] == [5]
    await keys.fetch([KeyName("t", "c1", TASK), KeyName("t", "c1", MEASURE)])
    assert source.batches[1:] == [[KeyName("t", "c1", MEASURE)]]


async def test_keys_leave_memory_when_their_time_is_up_or_their_subject_is_erased() -> None:
    source = Source()
    short = Keyring(source, lives_s=0)
    name = KeyName("t", "c", TASK)
    await short.fetch([name])
    assert not short.holds([name])
    keys = Keyring(source)
    box = await keys.seal("t", "c", TASK, "r", {"a": 1})
    source.erased.add("c")
    assert await keys.open("t", "c", TASK, "r", box) == {"a": 1}
    keys.evict("c")
    with pytest.raises(KeyGone):
        await keys.open("t", "c", TASK, "r", box)
    other = await keys.seal("t", "d", TASK, "r", {"b": 1})
    assert await keys.open_many([(name, "r", box), (KeyName("t", "d", TASK), "r", other)]) == [None, {"b": 1}]


async def test_a_key_leaves_memory_though_nobody_asks_again_and_at_once_when_its_subject_goes() -> None:
    short, keys, name = Keyring(Source(), lives_s=0.05), Keyring(Source()), KeyName("t", "c", TASK)
    expired = ref((await short.found([name]))[name])
    erased = ref((await keys.found([name]))[name])
    assert all(held() is not None for held in (expired, erased))
    keys.evict("c")
    await asyncio.sleep(0)  # who was told the key lets go of it
    assert erased() is None
    await asyncio.sleep(0.2)
    assert expired() is None


async def test_keys_are_found_together_without_those_that_are_gone() -> None:
    source = Source()
    keys = Keyring(source)
    source.erased.add("gone")
    here, gone = KeyName("t", "c", TASK), KeyName("t", "gone", TASK)
    found = await keys.found([here, gone, here])
    assert set(found) == {here}
    assert [len(batch) for batch in source.batches] == [2]
    assert found[here].open("r", found[here].seal("r", {"a": 1})) == {"a": 1}
    assert (await keys.found([here]))[here] is found[here]
    keys.evict("c")
    assert (await keys.found([here]))[here] is not found[here]


async def test_eviction_during_a_fetch_keeps_the_answer_out_of_memory() -> None:
    source = Source()
    keys = Keyring(source)
    asking = asyncio.create_task(keys.fetch([KeyName("t", "c", TASK)]))
    await source.asked.wait()
    keys.evict("c")
    await asking
    assert not keys.holds([KeyName("t", "c", TASK)])


async def test_an_eviction_in_one_tenant_leaves_the_twin() -> None:
    keys = Keyring(Source())
    mine, twin = KeyName("t", "c", TASK), KeyName("u", "c", TASK)
    await keys.fetch([mine, twin])
    keys.evict("c", "t")
    assert (keys.holds([mine]), keys.holds([twin])) == (False, True)


async def test_an_outage_of_identity_reaches_everyone_who_waits_and_is_not_remembered() -> None:
    source = Source()
    source.away = True
    keys = Keyring(source)
    found = await asyncio.gather(
        *(keys.seal("t", "c", TASK, "r", {}) for _ in range(3)), return_exceptions=True
    )
    assert [type(error) for error in found] == [Unavailable] * 3
    source.away = False
    assert await keys.seal("t", "c", TASK, "r", {})


async def test_an_events_words_are_sealed_in_it_and_open_by_class() -> None:
    keys = Keyring(Source())
    event = _rating()
    sealed = await keys.seal_event(event)
    assert "canary" not in sealed.model_dump_json()
    assert sealed.words == {}
    assert await keys.open_event(Event.read(sealed.model_dump(mode="json")), MEASURE) is None
    read = GoalRated.read(sealed.model_dump(mode="json"))
    assert await keys.open_event(read, MEASURE) == RatingBody(level=2, source="canary")
    assert await keys.open_event(read, TASK) is None


def _rating() -> GoalRated:
    at = "2026-01-01T00:00:00Z"
    words = {MEASURE: RatingBody(level=2, source="canary")}
    return GoalRated.model_validate(
        {
            "tenant_id": "t",
            "client_id": "c",
            "record_id": "r",
            "goal_id": "g",
            "happened_at": at,
            "words": words,
        }
    )
