"""Every forged, old or foreign token is refused alike; a good one opens one tenant and its scopes."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter, Depends
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from chassis.auth import CallerDep, Scope, ServiceDep, TokenDep, TokenVerifier
from chassis.ended import EndedSessions, ensure_ended_sessions
from chassis.errors import Unauthenticated, Unavailable
from chassis.http import bare_app
from chassis.mongo import Mongo
from chassis.settings import ServiceSettings
from chassis.testing import Space
from chassis.tokens import REFETCH_EVERY_S

ISSUER = "http://localhost:8080/auth"
HAT = {"tenant_id": "t1", "role": "therapist"}

router = APIRouter()


@router.get("/tenants/{tenant_id}/who")
async def who(caller: CallerDep) -> dict[str, Any]:
    """Who is asking."""
    return {"person": caller.person_id, "roles": [hat.role.value for hat in caller.hats], "area": caller.area}


@router.get("/tenants/{tenant_id}/notes", dependencies=[Depends(Scope("notes"))])
async def notes(caller: CallerDep) -> dict[str, str]:
    """Needs one more scope."""
    return {"person": caller.person_id}


@router.get("/internal/thing")
async def internal(service: ServiceDep) -> dict[str, str]:
    """For services."""
    return {"service": service.name}


@router.get("/me")
async def me(token: TokenDep) -> dict[str, str]:
    """Any person."""
    return {"subject": token.subject}


def new_key(kid: str) -> ECKey:
    """A fresh signing key."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"}, private=True)


KEY, STRANGER = new_key("k1"), new_key("k1")


def claims(**changed: Any) -> dict[str, Any]:
    """Good claims with changes; a change of None leaves a claim out."""
    now = int(time.time())
    good = {
        "iss": ISSUER,
        "aud": "care-plans",
        "sub": "ps_dana",
        "sid": "s1",
        "client_id": "kith-staff",
        "scope": "care",
        "hats": [HAT],
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": "j1",
        **changed,
    }
    return {name: value for name, value in good.items() if value is not None}


def signed(payload: dict[str, Any], key: ECKey = KEY, **header: Any) -> str:
    """A token of this key."""
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "k1", **header}, payload, key)


def b64(value: Any) -> str:
    """URL-safe base64 without padding, of bytes or of JSON."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def by_hand(header: dict[str, Any], payload: dict[str, Any], secret: bytes | None = None) -> str:
    """A token no library would make: any header, signed with a shared secret or not at all."""
    text = f"{b64(header)}.{b64(payload)}"
    mac = hmac.new(secret, text.encode(), hashlib.sha256).digest() if secret else b""
    return f"{text}.{b64(mac)}"


def edited(token: str, **changed: Any) -> str:
    """The same signature under other claims."""
    head, _, mac = token.split(".")
    return f"{head}.{b64(claims(**changed))}.{mac}"


def signed_anyway(header: dict[str, Any]) -> str:
    """A good signature over a header that libraries refuse to write."""
    text = f"{b64(header)}.{b64(claims())}"
    from joserfc.jws import JWSRegistry

    return f"{text}.{b64(JWSRegistry.algorithms['ES256'].sign(text.encode(), KEY))}"


GOOD_HEAD = {"alg": "ES256", "typ": "at+jwt", "kid": "k1"}
PEM = KEY.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
JWK = json.dumps(KEY.as_dict(private=False)).encode()
NOW = int(time.time())
RSA = RSAKey.generate_key(2048, {"kid": "k1"})

FORGED: dict[str, Callable[[], str]] = {
    **{
        f"alg {spelling!r}": lambda spelling=spelling: by_hand({**GOOD_HEAD, "alg": spelling}, claims())  # type: ignore[misc]
        for spelling in ("none", "None", "NONE", "nOnE", "", None)
    },
    "HS256 with the public key, PEM": lambda: by_hand({**GOOD_HEAD, "alg": "HS256"}, claims(), PEM),
    "HS256 with the public key, JWK": lambda: by_hand({**GOOD_HEAD, "alg": "HS256"}, claims(), JWK),
    "RS256": lambda: jwt.encode({**GOOD_HEAD, "alg": "RS256"}, claims(), RSA, algorithms=["RS256"]),
    "another key under the same kid": lambda: signed(claims(), STRANGER),
    "embedded jwk": lambda: signed_anyway({**GOOD_HEAD, "jwk": KEY.as_dict(private=False)}),
    "jku": lambda: signed_anyway({**GOOD_HEAD, "jku": "https://evil.example/jwks.json"}),
    "x5u": lambda: signed_anyway({**GOOD_HEAD, "x5u": "https://evil.example/x5u"}),
    "x5c": lambda: signed_anyway({**GOOD_HEAD, "x5c": ["MIIB"]}),
    "unknown crit": lambda: signed_anyway({**GOOD_HEAD, "crit": ["exp"], "exp": 1}),
    "b64 false": lambda: signed_anyway({**GOOD_HEAD, "b64": False, "crit": ["b64"]}),
    "unknown kid": lambda: signed(claims(), kid="k9"),
    "kid as a path": lambda: signed_anyway({**GOOD_HEAD, "kid": "../../etc/passwd"}),
    "kid as an injection": lambda: signed_anyway({**GOOD_HEAD, "kid": "k1' OR '1'='1"}),
    "kid as an operator": lambda: signed_anyway({**GOOD_HEAD, "kid": {"$ne": None}}),
    "no kid": lambda: signed_anyway({"alg": "ES256", "typ": "at+jwt"}),
    "an id token": lambda: signed(claims(aud="kith-staff"), typ="JWT"),
    "typ JWT": lambda: signed(claims(), typ="JWT"),
    "wrong issuer": lambda: signed(claims(iss="https://evil.example/auth")),
    "issuer prefix": lambda: signed(claims(iss=ISSUER + "/")),
    "no issuer": lambda: signed(claims(iss=None)),
    "wrong audience": lambda: signed(claims(aud="sessions")),
    "a list of audiences": lambda: signed(claims(aud=["care-plans", "sessions"])),
    "no audience": lambda: signed(claims(aud=None)),
    "expired": lambda: signed(claims(exp=NOW - 1)),
    "not yet": lambda: signed(claims(nbf=NOW + 3600)),
    "from the future": lambda: signed(claims(iat=NOW + 3600)),
    "no exp": lambda: signed(claims(exp=None)),
    "exp as text": lambda: signed(claims(exp=str(NOW + 300))),
    "exp beyond numbers": lambda: signed_anyway_with('{"exp": 1e999}'),
    "no sid": lambda: signed(claims(sid=None)),
    "tenant edited": lambda: edited(signed(claims()), hats=[{**HAT, "tenant_id": "t2"}]),
    "subject edited": lambda: edited(signed(claims()), sub="ps_other"),
    "an unknown program": lambda: signed(claims(client_id="kith-evil")),
    "a service's subject on a person's token": lambda: signed(claims(sub="service:sessions")),
    "internal scope on a person's token": lambda: signed(claims(scope="care internal")),
    "an unknown role": lambda: signed(claims(hats=[{**HAT, "role": "owner"}])),
    "empty": lambda: "",
    "two parts": lambda: ".".join(signed(claims()).split(".")[:2]),
    "five parts": lambda: signed(claims()) + ".a.b",
    "no signature": lambda: signed(claims()).rpartition(".")[0] + ".",
    "not base64": lambda: "%%%.%%%.%%%",
    "deep header": lambda: b64(b"[" * 100_000) + ".e30.x",
    "a refresh token": lambda: "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE",
}


def signed_anyway_with(payload: str) -> str:
    """A good signature over a payload that libraries refuse to write."""
    from joserfc.jws import JWSRegistry

    text = f"{b64(GOOD_HEAD)}.{b64(payload.encode())}"
    return f"{text}.{b64(JWSRegistry.algorithms['ES256'].sign(text.encode(), KEY))}"


@dataclass
class Keys:
    """A published key set that counts how often it is fetched."""

    rows: list[dict[str, Any]]
    fetched: int = 0
    away: bool = False

    async def fetch(self) -> dict[str, Any]:
        """The keys, as identity would answer."""
        self.fetched += 1
        if self.away:
            raise httpx.ConnectError("away")
        return {"keys": self.rows}


@pytest.fixture
def keys() -> Keys:
    """The published keys."""
    return Keys([KEY.as_dict(private=False)])


@pytest.fixture
async def client(keys: Keys) -> AsyncIterator[httpx.AsyncClient]:
    """A service that verifies by those keys."""
    app = bare_app("care-plans", [router])
    verifier = TokenVerifier(issuer=ISSUER, audience="care-plans", fetch=keys.fetch)
    app.state.chassis = SimpleNamespace(tokens=verifier)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


async def get(client: httpx.AsyncClient, token: str | None, path: str = "/tenants/t1/who") -> httpx.Response:
    """Ask with a token."""
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return await client.get(path, headers=headers)


async def test_a_good_token_is_a_caller_with_the_hats_of_that_tenant(client: httpx.AsyncClient) -> None:
    hats = [HAT, {"tenant_id": "t2", "role": "guardian"}]
    answer = await get(client, signed(claims(hats=hats)))
    assert answer.json() == {"person": "ps_dana", "roles": ["therapist"], "area": "staff"}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_token_is_refused(client: httpx.AsyncClient, name: str) -> None:
    answer = await get(client, FORGED[name]())
    assert answer.status_code == 401, name
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_every_refusal_is_the_same_bytes(client: httpx.AsyncClient) -> None:
    answers = [await get(client, make()) for make in FORGED.values()] + [await get(client, None)]
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic x", "bearer  x y"])
async def test_a_header_without_a_token_is_refused(client: httpx.AsyncClient, header: str) -> None:
    assert (await client.get("/me", headers={"Authorization": header})).status_code == 401


async def test_another_tenant_is_answered_as_one_that_does_not_exist(client: httpx.AsyncClient) -> None:
    token = signed(claims())
    other, none, odd = [await get(client, token, f"/tenants/{t}/who") for t in ("t2", "t-none", "%7B$ne%7D")]
    assert other.status_code == 404
    assert other.content == none.content == odd.content
    assert sorted(other.headers.items()) == sorted(none.headers.items()) == sorted(odd.headers.items())


async def test_a_scope_that_was_not_given_is_refused(client: httpx.AsyncClient) -> None:
    assert (await get(client, signed(claims(scope="care notes")), "/tenants/t1/notes")).status_code == 200
    assert (await get(client, signed(claims()), "/tenants/t1/notes")).status_code == 403
    assert (await get(client, signed(claims(scope="notes")), "/tenants/t1/who")).status_code == 403
    family = claims(client_id="kith-family", hats=[{"tenant_id": "t1", "role": "guardian"}])
    assert (await get(client, signed(family), "/tenants/t1/notes")).status_code == 404


async def test_internal_routes_see_services_alone_and_services_nothing_else(
    client: httpx.AsyncClient,
) -> None:
    own = {"sub": "service:sessions", "client_id": "sessions", "scope": "internal", "hats": None, "sid": None}
    service = signed(claims(**own))
    assert (await get(client, service, "/internal/thing")).json() == {"service": "sessions"}
    assert (await get(client, signed(claims()), "/internal/thing")).status_code == 404
    assert (await get(client, service)).status_code == 404


async def test_keys_are_fetched_once_and_again_for_a_new_one_but_not_for_every_stranger(
    client: httpx.AsyncClient, keys: Keys
) -> None:
    answers = await asyncio.gather(*(get(client, signed(claims())) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert keys.fetched == 1
    for number in range(10):
        assert (await get(client, signed(claims(), kid=f"x{number}"))).status_code == 401
    assert keys.fetched == 1, "strangers do not make us ask identity again at once"


async def test_a_new_key_is_found_after_a_moment(keys: Keys) -> None:
    verifier = TokenVerifier(issuer=ISSUER, audience="care-plans", fetch=keys.fetch)
    await verifier.verify(signed(claims()))
    fresh = new_key("k2")
    keys.rows.append(fresh.as_dict(private=False))
    await asyncio.sleep(REFETCH_EVERY_S + 0.1)
    token = await verifier.verify(signed(claims(), fresh, kid="k2"))
    assert token.subject == "ps_dana"


async def test_without_any_key_the_answer_is_unavailable_and_with_old_ones_it_goes_on(keys: Keys) -> None:
    verifier = TokenVerifier(issuer=ISSUER, audience="care-plans", fetch=keys.fetch)
    keys.away = True
    with pytest.raises(Unavailable):
        await verifier.verify(signed(claims()))
    keys.away = False
    await verifier.verify(signed(claims()))
    keys.away = True
    await verifier.verify(signed(claims()))


async def test_a_token_that_was_verified_before_still_ends_with_its_time_and_with_its_key(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = TokenVerifier(issuer=ISSUER, audience="care-plans", fetch=keys.fetch)
    short, long = signed(claims(exp=int(time.time()) + 2)), signed(claims())
    for token in (short, long, short, long):
        await verifier.verify(token)
    await asyncio.sleep(2.1)
    with pytest.raises(Unauthenticated):
        await verifier.verify(short)
    await verifier.verify(long)
    keys.rows[:] = [new_key("k2").as_dict(private=False)]
    monkeypatch.setattr("chassis.tokens.KEYS_LIVE_S", -1)
    monkeypatch.setattr("chassis.tokens.REFETCH_EVERY_S", -1)
    with pytest.raises(Unauthenticated):
        await verifier.verify(long)


class CarePlans(ServiceSettings):
    """The settings of one service."""

    name = "care-plans"


async def test_a_token_of_an_ended_sign_in_is_dead_within_a_blink(space: Space, keys: Keys) -> None:
    mongo = Mongo(space.settings(CarePlans))
    await ensure_ended_sessions(mongo)
    ended = EndedSessions(mongo)
    verifier = TokenVerifier(issuer=ISSUER, audience="care-plans", fetch=keys.fetch, ended=ended)
    assert (await verifier.verify(signed(claims()))).sid == "s1"
    rows = mongo.crossing_tenants("ended_sessions", why="a test ends a sign-in")
    await rows.update_one({"_id": "s1"}, {"$currentDate": {"heard_at": True}}, upsert=True)
    await asyncio.sleep(0.3)
    with pytest.raises(Unauthenticated):
        await verifier.verify(signed(claims()))
    assert (await verifier.verify(signed(claims(sid="s2")))).sid == "s2"
    mongo.close()
