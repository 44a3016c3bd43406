"""Who may see what, as a service knows it: followed from identity, fresh or refused, waited for."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from chassis.access import AccessFacts, AccessFollower
from chassis.clients import PeerClients
from chassis.duty import DutyBook
from chassis.errors import Invalid, NotFound, Unavailable
from chassis.freshness import raise_to
from chassis.journal import Stream
from chassis.rows import HEARTBEAT_TYPE
from contracts.access import (
    AccessDocument,
    Authority,
    ConsentFact,
    ConsentState,
    PersonRecord,
    RelationshipFact,
    Role,
)
from contracts.classes import DataClass
from contracts.duty import DutyFact
from contracts.ids import new_id
from policy.caller import Area, Caller, Hat

PARTITIONS = 4


def document(tenant: str, rev: int = 1, **more: Any) -> AccessDocument:
    """A client with one guardian, and what a test adds."""
    begins = datetime.now(UTC) - timedelta(days=1)
    tie = RelationshipFact(
        id="rel_1", person_id="ps_parent", kind="mother", authority=Authority.FULL, begins=begins
    )
    return AccessDocument(
        tenant_id=tenant,
        client_id="c1",
        rev=rev,
        **{"relationships": (tie,), "client_person_id": "ps_me"} | more,
    )


def caller(
    tenant: str, person: str = "ps_parent", role: Role = Role.GUARDIAN, area: Area = "family"
) -> Caller:
    """Somebody signed in."""
    return Caller(tenant, person, (Hat(role),), area, "sid_1", frozenset({"care"}))


class Identity:
    """Publishes to identity's topics as its relay does."""

    def __init__(self, producer: AIOKafkaProducer, prefix: str) -> None:
        self._producer = producer
        self._topic = f"{prefix}identity-state"

    async def tell_of(self, record: PersonRecord) -> None:
        """A person, a client or an organisation."""
        headers = [
            ("ce_type", b"identity.person_record.v1"),
            ("ce_tenantid", (record.tenant_id or "-").encode()),
        ]
        value, key = record.model_dump_json(exclude_none=True).encode(), record.key.encode()
        topic = self._topic.replace("identity-state", "identity-people")
        await self._producer.send_and_wait(topic, value, key, headers=headers)

    async def tell(self, doc: AccessDocument, **changes: Any) -> None:
        """One access document; `changes` spoil it on the way."""
        body = doc.model_dump(mode="json") | changes
        headers = [("ce_type", b"identity.access_document.v1"), ("ce_tenantid", doc.tenant_id.encode())]
        value = json.dumps(body).encode()
        await self._producer.send_and_wait(self._topic, value, doc.key.encode(), headers=headers)

    async def beat(self, at: datetime, partitions: int = PARTITIONS) -> None:
        """A heartbeat on the first so many partitions."""
        value = json.dumps({"beat": 1, "beat_at": at.isoformat()}).encode()
        headers = [("ce_type", HEARTBEAT_TYPE.encode()), ("ce_tenantid", b"-")]
        for number in range(partitions):
            await self._producer.send_and_wait(
                self._topic, value, b"heartbeat", partition=number, headers=headers
            )


@pytest.fixture(scope="module")
async def identity(module_space: Any) -> AsyncIterator[Identity]:
    """identity's voice."""
    access = module_space.parts.kafka("identity").client_settings()
    async with AIOKafkaProducer(acks="all", enable_idempotence=True, **access) as producer:
        yield Identity(producer, module_space.topic_prefix)


@pytest.fixture
def facts(core: Any) -> AccessFacts:
    """What an API process asks, its caches empty."""
    return AccessFacts(core.mongo, PeerClients(core.settings), core.settings)


@asynccontextmanager
async def following(core: Any, **wants: bool) -> AsyncIterator[None]:
    """The worker's follower, running."""
    follower, stop = AccessFollower(core.mongo, core.journal, core.settings, **wants), asyncio.Event()
    await follower.prepare()
    running = asyncio.create_task(follower.run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(running, 10)


async def test_the_newest_document_wins_and_an_older_one_changes_nothing(
    core: Any, identity: Identity, facts: AccessFacts, tenant: str
) -> None:
    async with following(core):
        for rev in (1, 3, 2):
            await identity.tell(document(tenant, rev))
        await facts.wait_rev(tenant, "c1", 3, 10)
        await asyncio.sleep(0.5)
    found = await facts.document(tenant, "c1")
    assert found is not None and found.rev == 3
    assert [d.client_id for d in await facts.clients_of("ps_parent", [tenant])] == ["c1"]
    assert await facts.clients_of("ps_stranger", [tenant]) == []


async def test_a_follower_goes_on_where_it_stopped(
    core: Any, identity: Identity, facts: AccessFacts, tenant: str
) -> None:
    async with following(core):
        await identity.tell(document(tenant, 1))
        await facts.wait_rev(tenant, "c1", 1, 10)
    await identity.tell(document(tenant, 2))
    async with following(core):
        await facts.wait_rev(tenant, "c1", 2, 10)


async def test_a_service_that_wants_organisations_keeps_their_rota_and_nobody_s_words(
    core: Any, identity: Identity, tenant: str
) -> None:
    """As a service that follows organisations: a rota opens words, its going closes them, persons leave no row."""
    sealed = {DataClass.CONTACT: "box", DataClass.CONTACT_NAMES: "box"}
    duty = {"timezone": "UTC", "safeguarding_lead": "ps_lead"}
    hours = {"days": ["mon"], "begins": "09:00", "ends": "17:00", "person_id": "ps_lead"}
    person = f"ps_{tenant}"
    await DutyBook(core.mongo).check(tenant, None)
    with pytest.raises(Invalid) as refused:
        await DutyBook(core.mongo).check(tenant, "Words.")
    assert (refused.value.field, bool(refused.value.fix)) == ("words", True)
    rows = core.mongo.crossing_tenants("people", why="a test looks for what a follower may not keep")
    async with following(core, wants_tenants=True):
        await identity.tell_of(PersonRecord(subject_id=person, rev=1, sections=sealed))
        await identity.tell_of(PersonRecord(subject_id="c1", tenant_id=tenant, rev=1, sections=sealed))
        for rev, rota in ((1, [hours]), (2, [])):
            fact = DutyFact.model_validate({**duty, "rota": rota})
            record = PersonRecord(subject_id=tenant, tenant_id=tenant, rev=rev, sections=sealed, duty=fact)
            await identity.tell_of(record)
            async with asyncio.timeout(10):
                while (await rows.find_one({"_id": record.key}) or {"rev": 0})["rev"] < rev:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            found = await DutyBook(core.mongo).of(tenant)
            assert (found is not None) == bool(rota)
    kept = await rows.find(
        {"_id": {"$in": [f"person:{person}", f"client:{tenant}:c1", f"client:{tenant}:{tenant}"]}}
    )
    assert [(row["_id"], row["sections"]) for row in kept] == [(f"client:{tenant}:{tenant}", {})]


async def test_a_withdrawal_is_answered_once_however_often_it_is_read(
    core: Any, identity: Identity, facts: AccessFacts, tenant: str
) -> None:
    async with following(core):
        for rev in (1, 2):
            await identity.tell(document(tenant, rev, receipts_for=("wd_1",)))
        await identity.tell(document(tenant, 3, receipts_for=("wd_1", "wd_2")))
        await facts.wait_rev(tenant, "c1", 3, 10)
        await asyncio.sleep(1)
    rows = await core.journal.rows(Stream(tenant, "c1"), after=0)
    assert [row["event"]["withdrawal_ids"] for row in rows] == [["wd_1"], ["wd_2"]]
    assert {row["type"] for row in rows} == {"care_plans.access_applied.v1"}


async def test_a_client_whose_facts_cannot_be_read_is_closed_until_they_can(
    core: Any, identity: Identity, facts: AccessFacts, tenant: str
) -> None:
    async with following(core):
        await identity.beat(datetime.now(UTC) + timedelta(minutes=5))
        await identity.tell(document(tenant, 1))
        await facts.wait_rev(tenant, "c1", 1, 10)
        async with asyncio.timeout(10):
            while await facts.age_s() > 4:  # noqa: ASYNC110 - the follower sets no event
                await asyncio.sleep(0.05)
        assert (await facts.grants(caller(tenant), "c1")).may(DataClass.PLAN_PLAIN)
        await identity.tell(document(tenant, 2), relationships="none")
        await asyncio.sleep(1)
        with pytest.raises(NotFound):
            await facts.grants(caller(tenant), "c1")
        await identity.tell(document(tenant, 3))
        await facts.wait_rev(tenant, "c1", 3, 10)
        assert (await facts.grants(caller(tenant), "c1")).may(DataClass.PLAN_PLAIN)


async def test_facts_read_together_with_newer_ones_that_cannot_be_read_are_closed(
    core: Any, identity: Identity, facts: AccessFacts, tenant: str, twin: str
) -> None:
    await identity.tell(document(tenant, 5))
    await identity.tell(document(tenant, 6), relationships="none")
    await identity.tell(document(twin, 5))
    await identity.tell(document(twin, 6), rev="six")
    async with following(core):
        for one in (tenant, twin):
            await facts.wait_rev(one, "c1", 5, 10)
        await asyncio.sleep(0.5)
    for one in (tenant, twin):
        found = await facts.document(one, "c1")
        assert found is not None and (found.rev, found.closed) == (5, True)


async def test_facts_that_cannot_be_read_close_nothing_newer(
    core: Any, identity: Identity, facts: AccessFacts, tenant: str, twin: str
) -> None:
    await identity.tell(document(tenant, 6), relationships="none")
    await identity.tell(document(tenant, 7))
    await identity.tell(document(twin, 6), rev="six")
    await identity.tell(document(twin, 7))
    async with following(core):
        for one in (tenant, twin):
            await facts.wait_rev(one, "c1", 7, 10)
        await identity.tell(document(tenant, 6), relationships="none")
        await asyncio.sleep(1)
    for one in (tenant, twin):
        found = await facts.document(one, "c1")
        assert found is not None and (found.rev, found.closed) == (7, False)


async def test_a_document_that_names_two_tenants_is_not_believed(
    core: Any, identity: Identity, facts: AccessFacts, tenant: str, twin: str
) -> None:
    async with following(core):
        await identity.tell(document(tenant, 1), tenant_id=twin)
        await identity.tell(document(twin, 2))
        await facts.wait_rev(twin, "c1", 2, 10)
    assert await facts.document(tenant, "c1") is None


async def test_facts_are_as_fresh_as_the_oldest_partition(core: Any, identity: Identity) -> None:
    base = datetime.now(UTC) + timedelta(minutes=10)
    rows = core.mongo.crossing_tenants("freshness", why="a test looks at it")

    async def beat_at() -> Any:
        row = await rows.find_one({"_id": "access"})
        return row["beat_at"] if row else None

    async with following(core):
        await asyncio.sleep(1)
        await identity.beat(base, partitions=PARTITIONS - 1)
        await asyncio.sleep(1)
        assert await beat_at() != base.replace(microsecond=base.microsecond // 1000 * 1000)
        await identity.beat(base)
        async with asyncio.timeout(10):
            while await beat_at() != base.replace(microsecond=base.microsecond // 1000 * 1000):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def _store(core: Any, doc: AccessDocument, age_s: float) -> None:
    """Facts as the follower leaves them, so old."""
    rows = core.mongo.crossing_tenants("freshness", why="a test ages the facts")
    await rows.delete_many({})
    await raise_to(core.mongo, await core.mongo.now() - timedelta(seconds=age_s))
    row = {"_id": doc.key, **doc.model_dump(mode="json"), "persons": ["ps_parent"]}
    await core.mongo.tenant("access", doc.tenant_id).replace_one({"_id": doc.key}, row, upsert=True)


@pytest.mark.parametrize(
    ("person", "role", "area"),
    [("ps_parent", Role.GUARDIAN, "family"), ("ps_teacher", Role.SCHOOL_STAFF, "family")],
)
async def test_readers_with_old_facts_are_refused_when_identity_is_away(
    core: Any, facts: AccessFacts, tenant: str, person: str, role: Role, area: Area
) -> None:
    await _store(core, document(tenant), 6)
    with pytest.raises(Unavailable):
        await facts.grants(caller(tenant, person, role, area), "c1")
    with pytest.raises(Unavailable):
        await facts.grants(caller(tenant, person, role, area), new_id())


async def test_staff_and_clients_on_their_own_record_go_on(
    core: Any, facts: AccessFacts, tenant: str
) -> None:
    await _store(core, document(tenant), 600)
    staff = caller(tenant, "ps_admin", Role.ORG_ADMIN, "staff")
    await facts.ensure_fresh(staff)
    with pytest.raises((NotFound, Unavailable)) as refused:
        await facts.grants(staff, "c_nobody")
    assert refused.type is NotFound
    assert not (await facts.grants(caller(tenant, "ps_me", Role.CLIENT), "c1")).nothing


async def test_fresh_facts_answer_without_identity(core: Any, facts: AccessFacts, tenant: str) -> None:
    await _store(core, document(tenant), 1)
    assert (await facts.grants(caller(tenant), "c1")).may(DataClass.PLAN_PLAIN)
    with pytest.raises(NotFound):
        await facts.grants(caller(tenant, "ps_stranger"), "c1")
    with pytest.raises(NotFound):
        await facts.grants(caller(tenant), "c_nobody")


async def test_a_decision_ends_with_the_consent_it_rests_on(
    core: Any, facts: AccessFacts, tenant: str
) -> None:
    now = await core.mongo.now()
    consent = ConsentFact(
        id="cs_1",
        state=ConsentState.GRANTED,
        recipients=("ps_teacher",),
        classes=(DataClass.PLAN_SCHOOL,),
        begins=now - timedelta(days=1),
        expires=now + timedelta(seconds=1.5),
    )
    await _store(core, document(tenant, consents=(consent,), next_change_at=consent.expires), 0)
    teacher = caller(tenant, "ps_teacher", Role.SCHOOL_STAFF)
    assert (await facts.grants(teacher, "c1")).may(DataClass.PLAN_SCHOOL)
    await asyncio.sleep(2)
    with pytest.raises(NotFound):
        await facts.grants(teacher, "c1")


async def test_facts_that_do_not_come_in_time_are_an_error(facts: AccessFacts, tenant: str) -> None:
    with pytest.raises(Unavailable):
        await facts.wait_rev(tenant, "c1", 1, 0.2)
    await facts.wait_rev(tenant, "c1", 0, 0.2)


async def test_a_change_of_access_is_heard_at_once(core: Any, facts: AccessFacts, tenant: str) -> None:
    heard: list[tuple[str, str] | None] = []

    async def listen() -> None:
        async for change in facts.changes():
            heard.append(change)

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0.5)
    await _store(core, document(tenant), 0)
    async with asyncio.timeout(5):
        while (tenant, "c1") not in heard:  # noqa: ASYNC110 - the listener sets no event
            await asyncio.sleep(0.02)
    listening.cancel()
