"""One API process over a real database, with real tokens and the access facts of a small family."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey

from care_plans.api import ROUTERS
from care_plans.settings import Settings
from care_plans.store.free_places import FreePlaces
from care_plans.store.rows import prepare
from chassis.access import AccessFacts
from chassis.audit import Audit
from chassis.clients import PeerClients
from chassis.follower import AccessFollower, persons_of
from chassis.freshness import raise_to
from chassis.http import bare_app
from chassis.journal import Journal
from chassis.mongo import Mongo, take_violations
from chassis.positions import Positions
from chassis.runtime import Chassis
from chassis.seal import KeyName, Keyring, class_key
from chassis.testing import Space, put_on_duty
from chassis.timers import Timers
from chassis.tokens import TokenVerifier
from contracts.access import AccessDocument
from contracts.ids import new_id
from policy.days import day_of

LONG_AGO = datetime.now(UTC) - timedelta(days=100)
ROLES: dict[str, tuple[str, dict[str, Any]]] = {
    "ps_therapist": ("kith-staff", {"role": "therapist"}),
    "ps_stranger": ("kith-staff", {"role": "therapist"}),
    "ps_supervisor": ("kith-staff", {"role": "supervisor"}),
    "ps_parent": ("kith-family", {"role": "guardian"}),
    "ps_aunt": ("kith-family", {"role": "guardian"}),
    "ps_teacher": ("kith-family", {"role": "school_staff"}),
    "ps_senco": ("kith-family", {"role": "school_staff"}),
    "ps_colleague": ("kith-family", {"role": "school_staff"}),
    "ps_teen": ("kith-family", {"role": "client"}),
}


class SubjectKeys:
    """The subject keys of a deployment, derived from one secret."""

    def __init__(self, root: str) -> None:
        self._root = root

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """Every subject's key of every class."""
        return {
            name: class_key(
                sha256(f"{self._root}|{name.tenant_id}|{name.subject_id}".encode()).digest(), name.data_class
            )
            for name in names
        }


@dataclass
class Signer:
    """Signs access tokens with a key of its own, as identity does."""

    issuer: str
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"use": "sig", "kid": "k1"}))

    async def jwks(self) -> Mapping[str, Any]:
        """The public half."""
        return {"keys": [self.key.as_dict(private=False)]}

    def token(self, person_id: str, tenants: Sequence[str]) -> str:
        """A token of one of the family's people, with the same hat in each tenant."""
        client_id, hat = ROLES[person_id]
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "care-plans",
            "sub": person_id,
            "sid": f"sid_{person_id}",
            "client_id": client_id,
            "scope": "care",
            "hats": [{"tenant_id": tenant, **hat} for tenant in tenants],
            "iat": now,
            "exp": now + 300,
            "jti": new_id(),
        }
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "k1"}, claims, self.key)


@dataclass
class Clinic:
    """A running API and two tenants with identical ids."""

    chassis: Chassis
    http: httpx.AsyncClient
    signer: Signer
    tenant: str = field(default_factory=new_id)
    twin: str = field(default_factory=new_id)
    home: str = field(default_factory=new_id)
    """Makes the people of the home those of this test alone: the cap counts people, not tenants."""

    def as_(self, person_id: str, tenant: str | None = None, client: str = "cl_a") -> "Visit":
        """One person's way in to one client."""
        token = self.signer.token(person_id, [self.tenant, self.twin])
        return Visit(self.http, token, f"/tenants/{tenant or self.tenant}/clients/{client}")

    def turned(self) -> "Clinic":
        """The same seen from the twin."""
        return Clinic(
            self.chassis, self.http, self.signer, tenant=self.twin, twin=self.tenant, home=self.home
        )

    async def knows(self, client: str = "cl_a", **changes: Any) -> None:
        """Let the access facts of a client be these, as the follower would."""
        home = {"id": "hh_a", "members": ["ps_parent", f"ps_{self.home}"], "live_task_cap": 2}
        document = facts(self.tenant, client, **{"households": [home], **changes})
        rows = self.chassis.mongo.tenant("access", document.tenant_id)
        row = {"_id": document.key, **document.model_dump(mode="json"), "persons": persons_of(document)}
        await rows.replace_one({"_id": document.key}, row, upsert=True)

    async def look_for_places(self) -> None:
        """What the worker does every few seconds, once."""
        await FreePlaces(self.chassis, self.chassis.settings).look(asyncio.Event())

    async def stream(self, tenant: str | None = None, client: str = "cl_a") -> list[dict[str, Any]]:
        """The events of a client's stream."""
        rows = self.chassis.mongo.tenant("journal", tenant or self.tenant)
        found = await rows.find({"stream": f"{tenant or self.tenant}:{client}"}, sort=[("seq", 1)])
        return [{"type": row["type"].split(".")[1], **_body(row["event"])} for row in found]


@dataclass
class Visit:
    """One person's requests about one client."""

    http: httpx.AsyncClient
    token: str
    base: str

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """Read."""
        return await self.http.get(self.base + path, params=params, headers=self._headers())

    async def post(
        self, path: str, body: Any = None, *, key: str | None = None, seen: int | None = None
    ) -> httpx.Response:
        """Change, as somebody who has seen this version, or who does not say which."""
        match = {} if seen is None else {"If-Match": f'"{seen}"'}
        headers = {**self._headers(), **match, "Idempotency-Key": key or new_id()}
        return await self.http.post(self.base + path, json={} if body is None else body, headers=headers)

    async def put(self, path: str, body: Any, version: int | None) -> httpx.Response:
        """Write anew what was at this version."""
        match = {} if version is None else {"If-Match": f'"{version}"'}
        headers = {**self._headers(), **match, "Idempotency-Key": new_id()}
        return await self.http.put(self.base + path, json=body, headers=headers)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def facts(tenant: str, client: str = "cl_a", **changes: Any) -> AccessDocument:
    """A fourteen-year-old with a parent at home, an aunt of limited authority, a teacher and a therapist."""
    today = day_of(datetime.now(UTC))
    tie = {"kind": "mother", "begins": LONG_AGO}
    whole: dict[str, Any] = {
        "tenant_id": tenant,
        "client_id": client,
        "rev": 1,
        "client_person_id": "ps_teen",
        "privacy_from": today - timedelta(days=300),
        "consents_from": today + timedelta(days=700),
        "majority_from": today + timedelta(days=1400),
        "relationships": [
            {"id": "r1", "person_id": "ps_parent", "authority": "full", "household_id": "hh_a", **tie},
            {"id": "r2", "person_id": "ps_aunt", "authority": "limited", "ticked": ["plan_plain"], **tie},
        ],
        "assignments": [
            {"id": "a1", "person_id": "ps_therapist", "purpose": "lead", "lead": True, "begins": LONG_AGO}
        ],
        "supervisions": [{"person_id": "ps_supervisor", "supervisee_id": "ps_therapist", "begins": LONG_AGO}],
        "consents": [
            {
                "id": "c1",
                "state": "granted",
                "recipients": ["ps_teacher"],
                "classes": ["plan_school", "observation"],
                "begins": LONG_AGO,
            }
        ],
    }
    return AccessDocument.model_validate({**whole, **changes})


@asynccontextmanager
async def running(space: Space) -> AsyncIterator[Clinic]:
    """The API process in a space, asked in this process."""
    settings = space.settings(Settings)
    mongo, keys = Mongo(settings), Keyring(SubjectKeys(space.position_key))
    positions, peers = Positions(mongo, settings), PeerClients(settings)
    signer = Signer(f"{settings.public_url}/auth")
    journal = Journal(mongo, keys, positions, settings)
    audit, timers = Audit(mongo), Timers(mongo, journal)
    for part in (journal, audit, timers, AccessFollower(mongo, journal, settings)):
        await part.prepare()
    tokens = TokenVerifier(issuer=signer.issuer, audience=settings.name, fetch=signer.jwks)
    access = AccessFacts(mongo, peers, settings)
    chassis = Chassis(settings, mongo, keys, positions, journal, audit, timers, peers, tokens, access)
    app: FastAPI = bare_app(settings.name, ROUTERS)
    app.state.chassis = chassis
    await prepare(mongo)
    await raise_to(mongo, datetime.now(UTC) + timedelta(hours=1))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://care-plans") as client:
        yield Clinic(chassis, client, signer)
    await peers.aclose()
    mongo.close()


@pytest.fixture(scope="module")
async def process(module_space: Space) -> AsyncIterator[Clinic]:
    """One API process for a module's tests."""
    async with running(module_space) as clinic:
        yield clinic


@pytest.fixture
async def clinic(process: Clinic) -> Clinic:
    """The process with two fresh tenants whose client, people and homes have the same ids; somebody is on duty."""
    fresh = Clinic(process.chassis, process.http, process.signer)
    for tenant in (fresh.tenant, fresh.twin):
        await put_on_duty(process.chassis.mongo, tenant)
    await fresh.knows()
    await fresh.turned().knows()
    return fresh


@pytest.fixture
async def beside(clinic: Clinic, module_space: Space) -> AsyncIterator[Clinic]:
    """The same tenants at another process, whose writers no lock of the first one holds back."""
    async with running(module_space) as other:
        yield replace(other, tenant=clinic.tenant, twin=clinic.twin, home=clinic.home)


@pytest.fixture(autouse=True)
def _every_command_names_its_tenant() -> Iterator[None]:
    take_violations()
    yield
    assert take_violations() == []


def _body(event: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(event) if isinstance(event, str) else dict(event)
    return body
