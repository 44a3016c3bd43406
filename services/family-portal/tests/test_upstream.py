"""Calls to other services: the same form sent again is the same request, a corrected one is a new one."""

from types import SimpleNamespace
from typing import Any

import httpx

from family_portal.clients import Upstream
from family_portal.store.web_sessions import WebSession

SESSION = WebSession("ws", "cookie", "staff", "ps_therapist", "sid", "refresh")


class _Tokens:
    async def get(self, session: WebSession, audience: str) -> str:
        return "token"


class Other:
    """Another service, which remembers under which key it was asked."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        tokens: Any = _Tokens()
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._take), base_url="http://other")
        peers: Any = SimpleNamespace(get=lambda service: client)
        self.upstream = Upstream(peers, tokens, SESSION)

    def _take(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            begun = int(request.url.params.get("after", 0))
            end = begun + int(request.url.params["limit"])
            rows = [{"id": n} for n in range(250)][begun:end]
            return httpx.Response(200, json={"items": rows, "next": str(end) if end < 250 else None})
        self.keys.append(request.headers["idempotency-key"])
        return httpx.Response(200, json={})


async def test_the_key_of_a_call_is_made_of_the_form_and_of_what_is_asked() -> None:
    other = Other()
    send = other.upstream.send
    await send("sessions", "/record", {"state": "held", "minutes": 40}, "k1")
    await send("sessions", "/record", {"minutes": 40, "state": "held"}, "k1")
    await send("sessions", "/record", {"state": "held", "minutes": 45}, "k1")
    await send("sessions", "/notes", {"state": "held", "minutes": 40}, "k1")
    await send("sessions", "/record", {"state": "held", "minutes": 40}, "k1", method="PUT")
    await send("sessions", "/record", {"state": "held", "minutes": 40}, "k2")
    first, again, *others = other.keys
    assert first == again and len({first, *others}) == 5
    assert all(len(key) == 64 and key.isalnum() for key in other.keys)


async def test_the_version_that_was_seen_is_no_part_of_the_key() -> None:
    other = Other()
    for version in (3, 4):
        await other.upstream.send("care-plans", "/goals/g", {}, "k1", method="PUT", version=version)
    assert other.keys[0] == other.keys[1]


async def test_a_form_without_a_key_gets_none() -> None:
    other = Other()
    await other.upstream.send("sessions", "/record", {}, "")
    assert other.keys == [""]


async def test_a_list_of_another_service_is_read_to_its_end() -> None:
    found = await Other().upstream.find_every("identity", "/consents")
    assert [row["id"] for row in found or ()] == list(range(250))
