"""Codes, refresh tokens, audiences and keys: what holds, and what every misuse leads to."""

import asyncio
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from contracts.classes import SERVICES

from .conftest import BACK, PASSWORD, PUBLIC, Door, Flow, challenge_of, part_of


def claims_of(token: str) -> dict[str, Any]:
    """A token's claims, unverified."""
    return part_of(token, 1)


def error_sent_back(location: str) -> str:
    """The error a program is told through the browser."""
    query = parse_qs(urlsplit(location).query)
    assert query["iss"] == [f"{PUBLIC}/auth"]
    return query["error"][0]


async def test_metadata_names_what_there_is(door: Door) -> None:
    for name in ("openid-configuration", "oauth-authorization-server"):
        told = (await door.http.get(f"/auth/.well-known/{name}")).json()
        assert told["issuer"] == f"{PUBLIC}/auth"
        assert told["code_challenge_methods_supported"] == ["S256"]
        assert told["authorization_response_iss_parameter_supported"] is True


async def test_an_access_token_is_short_signed_and_for_one_audience(door: Door) -> None:
    tokens = await door.come_in("kith-staff", "dana", resource="care-plans")
    claims = claims_of(tokens["access_token"])
    assert claims["aud"] == "care-plans"
    assert claims["iss"] == f"{PUBLIC}/auth"
    assert claims["exp"] - claims["iat"] == 300 == tokens["expires_in"]
    assert {"sub", "sid", "jti", "client_id", "nbf"} <= set(claims)
    assert await door.me(tokens["access_token"]) == 401


async def test_every_audience_gets_its_own_token_from_one_sign_in(door: Door) -> None:
    first = await door.come_in("kith-family", "efua", resource="family-portal")
    answers = await asyncio.gather(
        *(door.refresh("kith-family", first["refresh_token"], resource=name) for name in SERVICES)
    )
    assert [answer.status_code for answer in answers] == [200] * len(SERVICES)
    assert [claims_of(answer.json()["access_token"])["aud"] for answer in answers] == list(SERVICES)
    assert {claims_of(answer.json()["access_token"])["sid"] for answer in answers} == {
        claims_of(first["access_token"])["sid"]
    }


async def test_an_unknown_or_second_audience_is_refused_and_costs_nothing(door: Door) -> None:
    flow = Flow("kith-family")
    code = await door.code(flow, "efua")
    wrong = await door.trade(flow, code, resource="https://elsewhere.example")
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_target")
    body = "grant_type=refresh_token&refresh_token=x&client_id=kith-api&resource=identity&resource=sessions"
    form = {"content-type": "application/x-www-form-urlencoded"}
    both = await door.http.post("/auth/token", content=body, headers=form)
    assert both.json()["error"] == "invalid_target"
    assert (await door.trade(flow, code)).status_code == 200


@pytest.mark.parametrize(
    ("client_id", "who", "hours"),
    [("kith-family", "efua", 12), ("kith-staff", "dana", 12), ("kith-api", "efua", 720)],
)
async def test_a_program_is_told_how_long_a_sign_in_lasts(
    door: Door, client_id: str, who: str, hours: int
) -> None:
    assert (await door.come_in(client_id, who))["refresh_expires_in"] == hours * 3600


async def test_notes_are_for_staff_and_for_sessions_alone(door: Door) -> None:
    sent = await door.knock(Flow("kith-family", more={"scope": "care notes"}), "efua")
    assert sent.status_code == 303
    assert error_sent_back(sent.headers["location"]) == "invalid_scope"
    staff = await door.come_in("kith-staff", "dana", resource="sessions")
    assert claims_of(staff["access_token"])["scope"] == "care notes"
    plans = await door.refresh("kith-staff", staff["refresh_token"], resource="care-plans")
    assert plans.json()["scope"] == "care"
    family = await door.come_in("kith-api", "efua", resource="sessions")
    assert family["scope"] == "care"
    more = await door.come_in("kith-family", "efua")
    asked = await door.refresh("kith-family", more["refresh_token"], scope="care notes")
    assert asked.json()["error"] == "invalid_scope"


@pytest.mark.parametrize(
    "more",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"code_challenge": None},
    ],
)
async def test_a_request_without_a_proper_challenge_goes_back(
    door: Door, more: dict[str, str | None]
) -> None:
    sent = await door.http.get(f"/auth/authorize?{Flow('kith-staff', more=more).query()}")
    assert sent.status_code == 303
    assert error_sent_back(sent.headers["location"]) == "invalid_request"


@pytest.mark.parametrize("verifier", ["", "x" * 43, "short"])
async def test_a_code_without_its_verifier_is_worth_nothing(door: Door, verifier: str) -> None:
    flow = Flow("kith-family")
    code = await door.code(flow, "efua")
    answer = await door.trade(flow, code, code_verifier=verifier)
    assert answer.status_code == 400
    assert "access_token" not in answer.json()


async def test_the_challenge_itself_is_no_verifier(door: Door) -> None:
    flow = Flow("kith-api")
    code = await door.code(flow, "efua")
    answer = await door.trade(flow, code, code_verifier=challenge_of(flow.verifier))
    assert answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "uri",
    [
        f"{PUBLIC}/auth/callback/family/",
        f"{PUBLIC}/auth/callback/family?x=1",
        f"{PUBLIC}/auth/callback/familyx",
        f"{PUBLIC}/auth/callback",
        f"{PUBLIC}/auth/callback/staff",
        f"{PUBLIC}.evil.example/auth/callback/family",
        f"{PUBLIC}@evil.example/auth/callback/family",
        "http://127.0.0.1:1/callback",
        "javascript:alert(1)",
        'http://x/"\\',
        "http://[",
        "",
    ],
)
async def test_a_way_back_that_is_not_registered_letter_by_letter_shows_a_page_and_leads_nowhere(
    door: Door, uri: str
) -> None:
    sent = await door.http.get(f"/auth/authorize?{Flow('kith-family', more={'redirect_uri': uri}).query()}")
    assert sent.status_code == 400
    assert "location" not in sent.headers
    assert "evil" not in sent.text


@pytest.mark.parametrize(
    ("uri", "status"),
    [
        ("http://127.0.0.1:1/callback", 200),
        ("http://127.0.0.1:65000/callback", 200),
        ("http://[::1]:4000/", 200),
        (f"{PUBLIC}/auth/done", 200),
        ("http://127.0.0.1.evil.example:1/callback", 400),
        ("http://user@127.0.0.1:1/callback", 400),
        ("http://127.0.0.1:1@evil.example/callback", 400),
        ("http://127.0.0.1:1/callback#x", 400),
        ("http://127.0.0.1:99999/callback", 400),
        ("https://127.0.0.1:1/callback", 400),
        ("http://localhost.evil.example/callback", 400),
    ],
)
async def test_programs_listen_on_their_own_machine_on_any_port(door: Door, uri: str, status: int) -> None:
    sent = await door.http.get(f"/auth/authorize?{Flow('kith-api', more={'redirect_uri': uri}).query()}")
    assert sent.status_code == status


async def test_a_program_that_cannot_listen_has_its_code_shown(door: Door) -> None:
    flow = Flow("kith-api", more={"redirect_uri": f"{PUBLIC}/auth/done"})
    sent = await door.knock(flow, "efua")
    shown = await door.http.get(sent.headers["location"].removeprefix(PUBLIC))
    found = re.search(r'value="([\w-]{43})"', shown.text)
    assert found
    answer = await door.trade(flow, found[1], redirect_uri=f"{PUBLIC}/auth/done")
    assert answer.status_code == 200
    assert (await door.http.get("/auth/done?error=access_denied")).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "",
        "client_id=nobody",
        "response_type=token&client_id=kith-family&redirect_uri=x",
        "response_type=%22&client_id=%5C",
        "client_id=kith-family&client_id=kith-staff",
        "client_id=care-plans&response_type=code&redirect_uri=x",
    ],
)
async def test_a_broken_request_ends_on_a_page(door: Door, query: str) -> None:
    for answer in (
        await door.http.get(f"/auth/authorize?{query}"),
        await door.http.post(f"/auth/authorize?{query}", data={"who": "efua"}),
    ):
        assert answer.status_code == 400
        assert "location" not in answer.headers


async def test_a_code_works_once_and_its_second_use_ends_what_came_of_the_first(door: Door) -> None:
    flow = Flow("kith-family")
    code = await door.code(flow, "efua")
    first = (await door.trade(flow, code)).json()
    assert await door.me(first["access_token"]) == 200
    assert (await door.trade(flow, code)).json()["error"] == "invalid_grant"
    await asyncio.sleep(0.3)
    assert await door.me(first["access_token"]) == 401
    assert (await door.refresh("kith-family", first["refresh_token"])).json()["error"] == "invalid_grant"


async def test_of_many_trades_at_once_at_most_one_succeeds(door: Door) -> None:
    flow = Flow("kith-api")
    code = await door.code(flow, "efua")
    answers = await asyncio.gather(*(door.trade(flow, code) for _ in range(20)))
    assert sum(answer.status_code == 200 for answer in answers) <= 1
    assert {answer.status_code for answer in answers} <= {200, 400}


async def test_a_code_is_for_its_own_program_alone(door: Door) -> None:
    flow = Flow("kith-family")
    code = await door.code(flow, "both")
    thief = Flow("kith-staff", verifier=flow.verifier)
    assert (await door.trade(thief, code)).json()["error"] == "invalid_grant"
    assert (await door.trade(flow, code, redirect_uri=BACK["kith-staff"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("auth", [None, ("kith-family", "wrong"), ("nobody", "x"), ("kith-staff", "wrong")])
async def test_a_confidential_program_proves_itself(door: Door, auth: tuple[str, str] | None) -> None:
    flow = Flow("kith-family")
    code = await door.code(flow, "efua")
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": flow.verifier}
    form |= {"redirect_uri": BACK["kith-family"], "client_id": "kith-family"}
    answer = await door.http.post("/auth/token", data=form, **({"auth": auth} if auth else {}))
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == "invalid_client"


async def test_a_programs_refresh_token_changes_and_its_second_use_ends_the_sign_in(door: Door) -> None:
    first = await door.come_in("kith-api", "dana")
    second = (await door.refresh("kith-api", first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    third = (await door.refresh("kith-api", second["refresh_token"])).json()
    assert await door.me(third["access_token"]) == 200
    assert (await door.refresh("kith-api", first["refresh_token"])).json()["error"] == "invalid_grant"
    await asyncio.sleep(0.3)
    assert await door.me(third["access_token"]) == 401
    assert (await door.refresh("kith-api", third["refresh_token"])).json()["error"] == "invalid_grant"


async def test_of_fifty_refreshes_at_once_at_most_one_succeeds_and_the_family_ends(door: Door) -> None:
    first = await door.come_in("kith-api", "dana")
    answers = await asyncio.gather(*(door.refresh("kith-api", first["refresh_token"]) for _ in range(50)))
    won = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(won) <= 1
    assert {answer.status_code for answer in answers} <= {200, 400}
    for tokens in won:
        assert (await door.refresh("kith-api", tokens["refresh_token"])).status_code == 400
    await asyncio.sleep(0.3)
    assert await door.me(first["access_token"]) == 401


async def test_a_refresh_token_is_for_its_own_program_and_is_no_access_token(door: Door) -> None:
    tokens = await door.come_in("kith-family", "both")
    assert (await door.refresh("kith-staff", tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await door.refresh("kith-api", tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert await door.me(tokens["refresh_token"]) == 401
    assert await door.me(tokens["id_token"]) == 401
    assert (await door.refresh("kith-family", tokens["access_token"])).json()["error"] == "invalid_grant"
    assert (await door.refresh("kith-family", tokens["refresh_token"])).status_code == 200


async def test_signing_out_ends_the_sign_in_everywhere(door: Door) -> None:
    tokens = await door.come_in("kith-family", "efua")
    other = await door.come_in("kith-family", "efua")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await door.http.post("/auth/sign-out", headers=bearer)).status_code == 204
    await asyncio.sleep(0.3)
    assert await door.me(tokens["access_token"]) == 401
    assert (await door.refresh("kith-family", tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert await door.me(other["access_token"]) == 200
    sid = claims_of(tokens["access_token"])["sid"]
    told = door.app.state.chassis.mongo.crossing_tenants("journal", why="a test reads what was told")
    rows = await told.find({"type": "identity.session_ended.v1", "event.sid": sid})
    assert [row["stream"] for row in rows] == ["t_lantern:-"]


async def test_who_leaves_the_organisation_is_signed_out_everywhere(door: Door) -> None:
    admin = (await door.come_in("kith-staff", "amal@lantern.example"))["access_token"]
    headers = {"Authorization": f"Bearer {admin}", "Idempotency-Key": "leaver"}
    leaver = {"id": "ps_leaver", "name": "Leaver", "username": "leaver", "password": PASSWORD}
    people = "/tenants/t_lantern/people"
    body = {**leaver, "hats": [{"role": "therapist"}]}
    assert (await door.http.post(people, json=body, headers=headers)).status_code == 201
    tokens = await door.come_in("kith-staff", "leaver")
    headers["Idempotency-Key"] = "leaves"
    assert (await door.http.post(f"{people}/ps_leaver/end", headers=headers)).status_code == 200
    await asyncio.sleep(0.3)
    assert await door.me(tokens["access_token"]) == 401
    assert (await door.refresh("kith-staff", tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await door.knock(Flow("kith-staff"), "leaver")).status_code == 403


async def test_revoking_a_refresh_token_ends_its_sign_in_once(door: Door) -> None:
    tokens = await door.come_in("kith-api", "efua")
    stranger = await door.come_in("kith-family", "efua")

    async def revoke(token: str) -> int:
        form = {"token": token, "client_id": "kith-api"}
        return (await door.http.post("/auth/revoke", data=form)).status_code

    assert [await revoke(tokens["refresh_token"]) for _ in range(2)] == [200, 200]
    assert await revoke("unknown") == 200
    assert await revoke(stranger["refresh_token"]) == 200
    assert (await door.http.post("/auth/revoke", data={"token": "x"})).status_code in (400, 401)
    await asyncio.sleep(0.3)
    assert await door.me(tokens["access_token"]) == 401
    assert await door.me(stranger["access_token"]) == 200


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_gets_a_token_of_its_own_without_any_hat(door: Door, name: str) -> None:
    answer = await door.token(name, grant_type="client_credentials", scope="internal", resource="sessions")
    claims = claims_of(answer.json()["access_token"])
    assert (claims["sub"], claims["aud"], claims["scope"]) == (f"service:{name}", "sessions", "internal")
    assert "hats" not in claims
    assert "refresh_token" not in answer.json()


async def test_nobody_gets_internal_tokens_by_asking(door: Door) -> None:
    for client_id in ("kith-family", "kith-api"):
        answer = await door.token(client_id, grant_type="client_credentials", scope="internal")
        assert answer.status_code in (400, 401)
        sent = await door.http.get(f"/auth/authorize?{Flow(client_id, more={'scope': 'internal'}).query()}")
        assert error_sent_back(sent.headers["location"]) == "invalid_scope"
    care = await door.token("sessions", grant_type="client_credentials", scope="care")
    assert care.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"grant_type=password&username=efua&password=x",
        b"grant_type=%22%5C",
        b"grant_type=authorization_code&grant_type=refresh_token",
        b"grant_type=authorization_code&code=\xff\xfe",
        b"grant_type=refresh_token&refresh_token[$ne]=1&client_id=kith-api",
        b'{"grant_type": {"$ne": null}}',
    ],
)
async def test_a_broken_token_request_is_an_oauth_error(door: Door, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await door.http.post("/auth/token", content=body, headers=headers)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"]
    broken = await door.http.post(
        "/auth/token", content=body, headers={**headers, "authorization": "Basic /w=="}
    )
    assert broken.status_code in (400, 401)


async def test_an_id_token_is_for_the_program_and_keeps_its_nonce(door: Door) -> None:
    tokens = await door.come_in("kith-family", "efua")
    keys = KeySet.import_key_set((await door.http.get("/auth/jwks.json")).json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["ES256"]).claims
    assert (claims["aud"], claims["nonce"], claims["sub"]) == ("kith-family", "n-1", "ps_efua")
