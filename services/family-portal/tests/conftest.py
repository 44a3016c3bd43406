"""The portal's parts over a real database, with real tokens and the facts of a family with two homes."""

import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.access import AccessFacts
from chassis.audit import Audit
from chassis.batch import Batch, BatchTx
from chassis.clients import PeerClients
from chassis.ended import EndedSessions, ensure_ended_sessions
from chassis.follower import AccessFollower, persons_of
from chassis.freshness import raise_to
from chassis.handlers import Handlers
from chassis.http import bare_app
from chassis.journal import Journal
from chassis.mongo import Mongo, Session
from chassis.positions import Positions
from chassis.records import Record
from chassis.runtime import Chassis
from chassis.seal import KeyName, Keyring, class_key
from chassis.testing import Space, put_on_duty
from chassis.timers import Timers
from chassis.tokens import TokenVerifier
from contracts.access import AccessDocument, Role
from contracts.classes import DataClass
from contracts.event import Event
from contracts.identity import Names
from contracts.ids import new_id
from family_portal.api import view, written
from family_portal.consumer import HANDLERS
from family_portal.portal import Portal, opened
from family_portal.settings import Settings
from family_portal.store.collections import prepare
from family_portal.views.opened import Entry
from policy.caller import Area, Caller, Hat
from policy.days import day_of

LONG_AGO = datetime.now(UTC) - timedelta(days=100)
ROLES: dict[str, tuple[Area, Role]] = {
    "ps_therapist": ("staff", Role.THERAPIST),
    "ps_stranger": ("staff", Role.THERAPIST),
    "ps_supervisor": ("staff", Role.SUPERVISOR),
    "ps_mother": ("family", Role.GUARDIAN),
    "ps_father": ("family", Role.GUARDIAN),
    "ps_teacher": ("family", Role.SCHOOL_STAFF),
    "ps_teen": ("family", Role.CLIENT),
    "ps_friend": ("family", Role.NETWORK_MEMBER),
    "ps_admin": ("staff", Role.ORG_ADMIN),
    "ps_auditor": ("staff", Role.AUDITOR),
}


class OneSecret:
    """The class keys of a deployment, derived from one secret; none of a subject that was erased."""

    def __init__(self) -> None:
        self.erased: set[str] = set()

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """Every remaining subject's key of every class."""
        return {
            name: class_key(sha256(f"{name.tenant_id}|{name.subject_id}".encode()).digest(), name.data_class)
            for name in names
            if name.subject_id not in self.erased
        }


@dataclass
class House:
    """One process of the portal and a tenant of its own, whose twin has the same ids."""

    portal: Portal
    http: httpx.AsyncClient
    keys: OneSecret
    signing: ECKey
    tenant: str = field(default_factory=new_id)
    twin: str = field(default_factory=new_id)
    told: int = 0

    @property
    def chassis(self) -> Chassis:
        """The process's parts."""
        return self.portal.chassis

    def caller(self, person_id: str, tenant: str | None = None) -> Caller:
        """A person of the family, as their token describes them."""
        area, role = ROLES[person_id]
        scopes = frozenset({"care", "notes"} if area == "staff" else {"care"})
        return Caller(tenant or self.tenant, person_id, (Hat(role),), area, f"sid_{person_id}", scopes)

    async def knows(self, tenant: str | None = None, **changes: Any) -> None:
        """Let the access facts of the client be these, as the follower would."""
        document = facts(tenant or self.tenant, **changes)
        row = {"_id": document.key, **document.model_dump(mode="json"), "persons": persons_of(document)}
        await self.rows("access", tenant).replace_one({"_id": document.key}, row, upsert=True)

    async def named(self, subject: str, names: Names, tenant: str = "-") -> None:
        """Let a person, or a tenant's client or itself, be called so, as identity tells it."""
        key = f"person:{subject}" if tenant == "-" else f"client:{tenant}:{subject}"
        box = await self.chassis.keys.seal(tenant, subject, DataClass.CONTACT_NAMES, key, names)
        people = self.chassis.mongo.crossing_tenants("people", why="persons are global")
        row = {"$set": {"rev": 1, "sections": {DataClass.CONTACT_NAMES.value: box}}}
        await people.update_one({"_id": key}, row, upsert=True)
        self.portal.names._held.clear()

    async def nameless(self) -> None:
        """Forget every name: a person's is of no tenant, so it would be called so in the next test too."""
        people = self.chassis.mongo.crossing_tenants("people", why="persons are global")
        await people.delete_many({})
        self.portal.names._held.clear()

    async def hears(self, *events: Event) -> None:
        """Handle events as the consumer would: sealed, in one transaction, in order."""
        handlers = Handlers(HANDLERS)
        sealed = [await self.chassis.keys.seal_event(event) for event in events]

        async def work(session: Session) -> None:
            batch = Batch(self.chassis.mongo, self.chassis.keys, self.chassis.journal, session)
            for seq, event in enumerate(sealed, self.told + 1):
                for handler in handlers.of(event):
                    await handler(event, BatchTx(batch, _record(event, seq)))
            await batch.end(lambda _: None)

        await self.chassis.mongo.transaction(work)
        self.told += len(sealed)

    async def sees(self, person_id: str, *classes: DataClass) -> dict[str, Entry]:
        """The parts of these classes that a person sees, by record id."""
        reach = await self.portal.reader.reach(self.caller(person_id), "cl_a")
        return {entry.record_id: entry for entry in await self.portal.reader.parts(reach, classes)}

    async def lists(self, person_id: str, data_class: DataClass, **more: Any) -> list[str]:
        """The ids of a class's items that a person sees, newest first."""
        reach = await self.portal.reader.reach(self.caller(person_id), "cl_a")
        page = await self.portal.reader.items(reach, (data_class,), **more)
        return [entry.record_id for entry in page.entries]

    def rows(self, name: str, tenant: str | None = None) -> Any:
        """A tenant's rows."""
        return self.chassis.mongo.tenant(name, tenant or self.tenant)

    async def journal(self) -> list[dict[str, Any]]:
        """The events the portal told of this tenant, in order."""
        found = await self.rows("journal").find({"kind": "event"}, sort=[("seq", 1)])
        return [json.loads(row["event"]) if isinstance(row["event"], str) else row["event"] for row in found]

    async def get(
        self, person_id: str, path: str, tenant: str | None = None, **params: Any
    ) -> httpx.Response:
        """Read as somebody."""
        where = f"/tenants/{tenant or self.tenant}/clients/cl_a{path}"
        return await self.http.get(where, params=params, headers=self._headers(person_id))

    async def post(self, person_id: str, path: str, body: Any, key: str | None = None) -> httpx.Response:
        """Write as somebody."""
        headers = {**self._headers(person_id), "Idempotency-Key": key or new_id()}
        return await self.http.post(f"/tenants/{self.tenant}/clients/cl_a{path}", json=body, headers=headers)

    def _headers(self, person_id: str, sid: str = "") -> dict[str, str]:
        now, (area, role) = int(time.time()), ROLES[person_id]
        claims = {
            "iss": f"{self.portal.settings.public_url}/auth",
            "aud": "family-portal",
            "sub": person_id,
            "sid": sid or f"sid_{person_id}",
            "client_id": f"kith-{area}",
            "scope": "care",
            "hats": [{"tenant_id": tenant, "role": role} for tenant in (self.tenant, self.twin)],
            "iat": now,
            "exp": now + 300,
            "jti": new_id(),
        }
        token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "k1"}, claims, self.signing)
        return {"Authorization": f"Bearer {token}"}


def facts(tenant: str, **changes: Any) -> AccessDocument:
    """A fourteen-year-old between two homes, a teacher for one goal, a therapist who leads."""
    today = day_of(datetime.now(UTC))
    tie = {"kind": "parent", "authority": "full", "begins": LONG_AGO}
    consent = {"state": "granted", "recipients": ["ps_teacher"], "begins": LONG_AGO}
    whole: dict[str, Any] = {
        "tenant_id": tenant,
        "client_id": "cl_a",
        "rev": 1,
        "client_person_id": "ps_teen",
        "privacy_from": today - timedelta(days=300),
        "consents_from": today + timedelta(days=700),
        "majority_from": today + timedelta(days=1400),
        "households": [
            {"id": "hh_a", "members": ["ps_mother", "ps_teen"], "live_task_cap": 2},
            {"id": "hh_b", "members": ["ps_father", "ps_teen"], "live_task_cap": 2},
        ],
        "relationships": [
            {"id": "r1", "person_id": "ps_mother", "household_id": "hh_a", **tie},
            {"id": "r2", "person_id": "ps_father", "household_id": "hh_b", **tie},
        ],
        "assignments": [
            {"id": "a1", "person_id": "ps_therapist", "purpose": "lead", "lead": True, "begins": LONG_AGO}
        ],
        "consents": [
            {"id": "c1", "classes": ["plan_school", "observation"], "only_goals": ["g_one"], **consent},
            {"id": "c2", "classes": ["task", "task_log"], **consent},
        ],
    }
    return AccessDocument.model_validate({**whole, **changes})


@asynccontextmanager
async def running(space: Space) -> AsyncIterator[House]:
    """The portal's parts in a space."""
    settings, source = space.settings(Settings), OneSecret()
    mongo, keys = Mongo(settings), Keyring(source)
    positions, peers = Positions(mongo, settings), PeerClients(settings)
    signing = ECKey.generate_key("P-256", {"use": "sig", "kid": "k1"})
    journal = Journal(mongo, keys, positions, settings)
    audit, timers = Audit(mongo), Timers(mongo, journal)
    for part in (journal, audit, timers, AccessFollower(mongo, journal, settings, wants_people=True)):
        await part.prepare()
    await ensure_ended_sessions(mongo)

    async def jwks() -> Mapping[str, Any]:
        return {"keys": [signing.as_dict(private=False)]}

    issuer, ended = f"{settings.public_url}/auth", EndedSessions(mongo)
    tokens = TokenVerifier(issuer=issuer, audience=settings.name, fetch=jwks, ended=ended)
    access = AccessFacts(mongo, peers, settings)
    chassis = Chassis(settings, mongo, keys, positions, journal, audit, timers, peers, tokens, access)
    await prepare(mongo)
    await raise_to(mongo, datetime.now(UTC) + timedelta(hours=1))
    app = bare_app(settings.name, [view.router, written.router])
    app.state.chassis, app.state.portal = chassis, opened(settings, chassis)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://portal") as client:
        yield House(app.state.portal, client, source, signing)
    await peers.aclose()
    mongo.close()


@pytest.fixture(scope="module")
async def process(module_space: Space) -> AsyncIterator[House]:
    """One process for a module's tests."""
    async with running(module_space) as house:
        yield house


@pytest.fixture
async def house(process: House) -> AsyncIterator[House]:
    """The process with two fresh tenants whose client and people have the same ids; somebody is on duty."""
    fresh = House(process.portal, process.http, process.keys, process.signing)
    for tenant in (fresh.tenant, fresh.twin):
        await put_on_duty(process.chassis.mongo, tenant)
    await fresh.knows()
    await fresh.knows(fresh.twin)
    yield fresh
    await fresh.nameless()


def _record(event: Event, seq: int) -> Record:
    return Record(
        producer=type(event).producer(),
        stream=f"{event.tenant_id}:{event.client_id}",
        seq=seq,
        type=type(event).TYPE,
        event=event,
        access_rev=1,
        traceparent=None,
    )
