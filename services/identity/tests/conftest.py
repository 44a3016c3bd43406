"""identity's API over real parts, in process, with tokens it signed itself."""

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from chassis.runtime import Chassis
from chassis.testing import Space
from contracts.ids import new_id
from identity.access_tokens import Holder, access_claims
from identity.app import create_app
from identity.parts import SignInParts
from identity.settings import Settings

CLIENT_OF = {"family": "kith-family", "staff": "kith-staff", "api": "kith-api"}


@dataclass
class House:
    """One running identity API, and tokens for anybody in it."""

    app: FastAPI
    http: AsyncClient

    @property
    def chassis(self) -> Chassis:
        """The opened parts."""
        return self.app.state.chassis

    async def token(self, person_id: str, area: str) -> str:
        """A token as the door would hand it out to that person now."""
        parts: SignInParts = self.app.state.sign_in
        client = parts.server.clients[CLIENT_OF[area]]
        holder = await parts.issuer.holder(client, person_id, new_id())
        return await self._signed(parts, client, holder, "care")

    async def service_token(self, name: str) -> str:
        """A service's own token."""
        parts: SignInParts = self.app.state.sign_in
        return await self._signed(parts, parts.server.clients[name], Holder(f"service:{name}"), "internal")

    async def _signed(self, parts: SignInParts, client: Any, holder: Holder, scope: str) -> str:
        claims = access_claims(
            holder,
            client,
            issuer=parts.issuer.issuer,
            audience="identity",
            scope=scope,
            now=int(time.time()),
            lives_s=300,
        )
        return await parts.issuer.keys.sign(claims, typ="at+jwt")

    async def post(
        self,
        who: str,
        area: str,
        path: str,
        body: Any = None,
        key: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """A change by somebody."""
        headers = {"Idempotency-Key": key or new_id(), **(headers or {})}
        if who:
            headers["Authorization"] = f"Bearer {await self.token(who, area)}"
        return await self.http.post(path, json=body, headers=headers)

    async def get(self, who: str, area: str, path: str) -> Response:
        """A read by somebody."""
        headers = {"Authorization": f"Bearer {await self.token(who, area)}"}
        return await self.http.get(path, headers=headers)

    async def must(self, who: str, path: str, body: Any, area: str = "staff") -> dict[str, Any]:
        """A change that has to succeed."""
        answer = await self.post(who, area, path, body)
        assert answer.status_code < 300, answer.text
        return dict(answer.json())

    async def document(self, tenant_id: str, client_id: str) -> dict[str, Any]:
        """The access document as it stands in the journal, newest last."""
        rows = await self.chassis.mongo.tenant("journal", tenant_id).find(
            {"topic": "identity-state", "key": f"{tenant_id}:{client_id}"}, sort=[("seq", 1)]
        )
        return dict(rows[-1]["event"])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root key's file."""
    path: Path = tmp_path_factory.mktemp("keys") / "root"
    path.write_bytes(bytes(range(32)))
    return path


@pytest.fixture(scope="module")
async def house(module_space: Space, root: Path) -> AsyncIterator[House]:
    """The API of one identity with an empty database."""
    settings = module_space.settings(
        Settings,
        root_key_file=root,
        open_sign_up=True,
        family_client_secret="family",
        staff_client_secret="staff",
        argon2_time=1,
        argon2_memory_kib=1024,
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app, client=("192.0.2.7", 1))
        async with AsyncClient(transport=transport, base_url="http://identity") as http:
            yield House(app, http)


async def found(house: House, tenant: str) -> str:
    """An organisation with one administrator; returns the administrator's id."""
    admin = f"ps_admin_{tenant}"
    body = {
        "tenant": {
            "id": tenant,
            "name": f"Canary {tenant}",
            "type": "clinic",
            "jurisdiction_pack": "england",
            "neutral_sender": "Canary Lane",
        },
        "administrator": {
            "id": admin,
            "name": "Canary Rosalind",
            "email": f"{tenant}@canary.example",
            "password": "four plain words here",
        },
    }
    answer = await house.post("", "", "/organisations", body)
    assert answer.status_code == 201, answer.text
    return admin


async def populate(house: House, tenant: str) -> str:
    """The same small world in any tenant: a child, two guardians in two homes, a therapist, a teacher."""
    admin = await found(house, tenant)
    base = f"/tenants/{tenant}"
    classes = [{"id": "cs_1", "name": "5S"}]
    school = {"id": "sc_1", "name": "Canary School", "phase": "primary", "classes": classes}
    await house.must(admin, f"{base}/schools", school)
    for name, hats in PEOPLE.items():
        await house.must(admin, f"{base}/people", person(tenant, name, hats))
    for home, who in (("hh_1", "mum"), ("hh_2", "dad")):
        body = {"id": home, "label": "Canary home", "members": [f"{tenant}_{who}"], "live_task_cap": 3}
        await house.must(admin, f"{base}/households", body)
    child = {
        "id": "cl_1",
        "names": {"everyone": "Canary Kofi"},
        "age": 9,
        "birth_month": 9,
        "school_id": "sc_1",
    }
    await house.must(admin, f"{base}/clients", child)
    for who, home in (("mum", "hh_1"), ("dad", "hh_2")):
        await house.must(admin, f"{base}/clients/cl_1/relationships", tie(tenant, who, home))
    work = {"id": "as_1", "person_id": f"{tenant}_therapist", "purpose": "lead_therapist", "lead": True}
    await house.must(admin, f"{base}/clients/cl_1/assignments", work)
    return admin


PEOPLE: dict[str, list[dict[str, Any]]] = {
    "mum": [],
    "dad": [],
    "therapist": [{"role": "therapist"}],
    "unassigned": [{"role": "therapist"}],
    "lead": [{"role": "supervisor"}],
    "teacher": [
        {"role": "school_staff", "school_id": "sc_1", "school_role": "class_teacher", "class_id": "cs_1"}
    ],
}


def person(tenant: str, name: str, hats: list[dict[str, Any]]) -> dict[str, Any]:
    """A person of the small world."""
    email = f"{name}.{tenant}@canary.example"
    return {"id": f"{tenant}_{name}", "name": f"Canary {name}", "email": email, "hats": hats}


def tie(tenant: str, who: str, home: str, authority: str = "full") -> dict[str, Any]:
    """A tie to the child."""
    return {
        "id": f"rl_{who}",
        "person_id": f"{tenant}_{who}",
        "kind": "parent",
        "authority": authority,
        "household_id": home,
        "evidence": "Canary certificate",
    }


def consent(tenant: str, consent_id: str = "cn_1") -> dict[str, Any]:
    """A consent for the teacher."""
    year = datetime.now(UTC).year + 1
    return {
        "id": consent_id,
        "recipients": [f"{tenant}_teacher"],
        "classes": ["plan_school", "observation"],
        "purpose": "Canary purpose",
        "expires": f"{year}-06-30",
        "assent": {"state": "agreed", "how": "Canary talker"},
    }
