"""One API process over a real database, with real tokens and the access facts of a small family."""

import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey

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
from chassis.testing import Space
from chassis.timers import Timers
from chassis.tokens import TokenVerifier
from contracts.access import AccessDocument
from contracts.care_plans import GoalTeam
from contracts.classes import KEY_TABLE, DataClass
from contracts.ids import new_id
from policy.days import day_of
from sessions.api import notes, sessions
from sessions.settings import Settings
from sessions.store.rows import prepare

LONG_AGO = datetime.now(UTC) - timedelta(days=100)
ROLES: dict[str, tuple[str, str]] = {
    "ps_therapist": ("kith-staff", "therapist"),
    "ps_colleague": ("kith-staff", "therapist"),
    "ps_stranger": ("kith-staff", "therapist"),
    "ps_supervisor": ("kith-staff", "supervisor"),
    "ps_admin": ("kith-staff", "org_admin"),
    "ps_parent": ("kith-family", "guardian"),
    "ps_teacher": ("kith-family", "school_staff"),
    "ps_teen": ("kith-family", "client"),
}


class SubjectKeys:
    """The subject keys of a deployment, derived from one secret; hands out what sessions may have."""

    def __init__(self) -> None:
        self._root = secrets.token_hex(32)

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """Every subject's key of every class of this service."""
        return {
            name: class_key(
                sha256(f"{self._root}|{name.tenant_id}|{name.subject_id}".encode()).digest(), name.data_class
            )
            for name in names
            if name.data_class in KEY_TABLE["sessions"]
        }


@dataclass
class Signer:
    """Signs access tokens with a key of its own, as identity does."""

    issuer: str
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"use": "sig", "kid": "k1"}))

    async def jwks(self) -> Mapping[str, Any]:
        """The public half."""
        return {"keys": [self.key.as_dict(private=False)]}

    def token(self, person_id: str, tenants: Sequence[str], scope: str) -> str:
        """A token of one of the family's people, with the same hat in each tenant."""
        client_id, role = ROLES[person_id]
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "sessions",
            "sub": person_id,
            "sid": f"sid_{person_id}",
            "client_id": client_id,
            "scope": scope,
            "hats": [{"tenant_id": tenant, "role": role} for tenant in tenants],
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

    def as_(self, person_id: str, scope: str = "care notes", tenant: str | None = None) -> "Visit":
        """One person's way in to the client."""
        scope = scope if ROLES[person_id][0] == "kith-staff" else "care"
        token = self.signer.token(person_id, [self.tenant, self.twin], scope)
        return Visit(self.http, token, f"/tenants/{tenant or self.tenant}/clients/cl_a")

    async def knows(self, tenant: str, **changes: Any) -> None:
        """Let the access facts of the client be these, as the follower would."""
        document = facts(tenant, **changes)
        row = {"_id": document.key, **document.model_dump(mode="json"), "persons": persons_of(document)}
        await self.rows("access", tenant).replace_one({"_id": document.key}, row, upsert=True)

    async def has_goal(
        self,
        goal_id: str,
        *,
        private: bool = False,
        ended: bool = False,
        measure: dict[str, str] | None = None,
    ) -> None:
        """Let the service have heard of a goal, as its consumer would."""
        row = {
            "client_id": "cl_a",
            "goal_id": goal_id,
            "private": private,
            "ended": ended,
            "event_id": "ev_a",
        }
        if measure:
            words = GoalTeam(statement="x", levels=["a", "b", "c", "d", "e"], measure=measure)
            data_class = DataClass.PLAN_PRIVATE if private else DataClass.PLAN_TEAM
            row["box"] = await self.chassis.keys.seal(self.tenant, "cl_a", data_class, "ev_a", words)
        rows = self.rows("goals", self.tenant)
        await rows.replace_one({"_id": rows.key("cl_a", goal_id)}, row, upsert=True)

    def rows(self, name: str, tenant: str | None = None) -> Any:
        """A tenant's rows."""
        return self.chassis.mongo.tenant(name, tenant or self.tenant)

    async def told(self) -> list[dict[str, Any]]:
        """The events of the client's stream, by short type, their sections as words."""
        stream = f"{self.tenant}:cl_a"
        found = await self.rows("journal").find({"stream": stream}, sort=[("seq", 1)])
        return [await self._opened(row) for row in found]

    async def _opened(self, row: dict[str, Any]) -> dict[str, Any]:
        event = row["event"]
        event = json.loads(event) if isinstance(event, str) else event
        words = {
            data_class: await self.chassis.keys.open(
                self.tenant, "cl_a", DataClass(data_class), event["event_id"], box
            )
            for data_class, box in event["sections"].items()
        }
        return {**event, "type": row["type"].split(".")[1], "words": words}


@dataclass
class Visit:
    """One person's requests about the client."""

    http: httpx.AsyncClient
    token: str
    base: str

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """Read."""
        return await self.http.get(self.base + path, params=params, headers=self._headers())

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        """Change."""
        headers = {**self._headers(), "Idempotency-Key": key or new_id()}
        return await self.http.post(self.base + path, json={} if body is None else body, headers=headers)

    async def put(
        self, path: str, body: Any, version: int | None = None, *, key: str | None = None
    ) -> httpx.Response:
        """Write anew what was at this version."""
        match = {} if version is None else {"If-Match": f'"{version}"'}
        headers = {**self._headers(), **match, "Idempotency-Key": key or new_id()}
        return await self.http.put(self.base + path, json=body, headers=headers)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def facts(tenant: str, **changes: Any) -> AccessDocument:
    """A fourteen-year-old with a parent, a teacher, two therapists and a supervisor."""
    today = day_of(datetime.now(UTC))
    staff = {"purpose": "lead", "lead": True, "begins": LONG_AGO}
    whole: dict[str, Any] = {
        "tenant_id": tenant,
        "client_id": "cl_a",
        "rev": 1,
        "client_person_id": "ps_teen",
        "privacy_from": today - timedelta(days=300),
        "consents_from": today + timedelta(days=700),
        "majority_from": today + timedelta(days=1400),
        "relationships": [
            {
                "id": "r1", "person_id": "ps_parent", "kind": "mother", "authority": "full",
                "household_id": "hh_a", "begins": LONG_AGO,
            }
        ],
        "assignments": [
            {"id": "a1", "person_id": "ps_therapist", **staff},
            {"id": "a2", "person_id": "ps_colleague", **staff},
        ],
        "supervisions": [{"person_id": "ps_supervisor", "supervisee_id": "ps_therapist", "begins": LONG_AGO}],
        "consents": [
            {
                "id": "c1",
                "state": "granted",
                "recipients": ["ps_teacher"],
                "classes": ["plan_school", "session_summary"],
                "begins": LONG_AGO,
            }
        ],
    }  # fmt: skip
    return AccessDocument.model_validate({**whole, **changes})


@asynccontextmanager
async def running(space: Space) -> AsyncIterator[Clinic]:
    """The API process in a space, asked in this process."""
    settings = space.settings(Settings, goal_wait_s=0.05)
    mongo, keys = Mongo(settings), Keyring(SubjectKeys())
    positions, peers = Positions(mongo, settings), PeerClients(settings)
    signer = Signer(f"{settings.public_url}/auth")
    journal = Journal(mongo, keys, positions, settings)
    audit, timers = Audit(mongo), Timers(mongo, journal)
    for part in (journal, audit, timers, AccessFollower(mongo, journal, settings)):
        await part.prepare()
    tokens = TokenVerifier(issuer=signer.issuer, audience=settings.name, fetch=signer.jwks)
    access = AccessFacts(mongo, peers, settings)
    chassis = Chassis(settings, mongo, keys, positions, journal, audit, timers, peers, tokens, access)
    app: FastAPI = bare_app(settings.name, [sessions.router, notes.router])
    app.state.chassis = chassis
    await prepare(mongo)
    await raise_to(mongo, datetime.now(UTC) + timedelta(hours=1))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sessions") as client:
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
    """The process with two fresh tenants whose client and people have the same ids."""
    fresh = Clinic(process.chassis, process.http, process.signer)
    await fresh.knows(fresh.tenant)
    await fresh.knows(fresh.twin)
    await fresh.has_goal("g_shared")
    await fresh.has_goal("g_private", private=True)
    return fresh


@pytest.fixture(autouse=True)
def _every_command_names_its_tenant() -> Iterator[None]:
    take_violations()
    yield
    assert take_violations() == []
