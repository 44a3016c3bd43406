"""A program that uses Kith as anybody's program would: it finds every API from one address and signs in by OAuth."""

import hashlib
import re
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

RENEW_BEFORE_S = 30.0
TIMEOUT = httpx.Timeout(30.0, connect=5.0)


@dataclass(frozen=True)
class Door:
    """The OAuth client a program comes in by; one without a secret is public."""

    client_id: str
    secret: str = ""
    back: str = "/auth/done"


PROGRAM = Door("kith-api")


class Refused(Exception):
    """The API said no; the message is its own words."""

    def __init__(self, words: str, status: int = 0) -> None:
        super().__init__(words)
        self.status = status


class Kith:
    """One deployment, found by the address of its web tier."""

    def __init__(self, url: str, door: Door = PROGRAM) -> None:
        self.url = url.rstrip("/")
        self._door = door
        self.http = httpx.Client(timeout=TIMEOUT)
        found = self.http.get(f"{self.url}/.well-known/kith").raise_for_status().json()
        self.services: dict[str, str] = found["services"]

    def call(
        self,
        service: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "",
        key: str = "",
        version: int | None = None,
    ) -> Any:
        """One call of an API. Raises Refused with the problem's words."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if method != "GET":
            headers["Idempotency-Key"] = key or secrets.token_hex(16)
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        base = self.services[service].rstrip("/")
        for attempt in range(5):
            answer = self.http.request(method, base + path, json=body, headers=headers)
            if answer.status_code not in (429, 503) or attempt == 4:
                break
            time.sleep(float(answer.headers.get("retry-after", 1)))
        if answer.is_success:
            return answer.json() if answer.content else {}
        raise Refused(f"{method} {path}: {answer.status_code} {_words(answer)}", answer.status_code)

    def sign_in(self, who: str, password: str, scope: str = "care") -> "Person":
        """Come in by the authorization code flow with PKCE. Raises Refused."""
        verifier = secrets.token_urlsafe(48)
        back = f"{self.url}{self._door.back}"
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": self._door.client_id,
            "redirect_uri": back,
            "scope": scope,
            "state": secrets.token_urlsafe(12),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        code = self._code(asked, who, password)
        grant = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": back,
        }
        return Person(self, self.token({**grant, "resource": "identity"}), scope)

    def _code(self, asked: dict[str, str], who: str, password: str) -> str:
        page = self.http.get(f"{self.url}/auth/authorize", params=asked)
        hidden = re.search(r'name="form" value="([^"]*)"', page.text)
        if hidden is None:
            raise Refused(f"the sign-in page did not open ({page.status_code})")
        form = {"form": unescape(hidden[1]), "who": who, "password": password}
        answer = self.http.post(f"{self.url}/auth/authorize", params=asked, data=form)
        code: list[str] | None = parse_qs(urlsplit(answer.headers.get("location", "")).query).get("code")
        if not code:
            why = "check the sign-in and the password" if answer.status_code == 422 else answer.status_code
            raise Refused(f"{who} could not sign in: {why}", answer.status_code)
        return code[0]

    def token(self, grant: dict[str, str]) -> dict[str, Any]:
        """Trade a code or a refresh token. Raises Refused."""
        door, url = self._door, f"{self.url}/auth/token"
        if door.secret:
            answer = self.http.post(url, data=grant, auth=httpx.BasicAuth(door.client_id, door.secret))
        else:
            answer = self.http.post(url, data={**grant, "client_id": door.client_id})
        if not answer.is_success:
            raise Refused(f"no token: {answer.text}")
        found: dict[str, Any] = answer.json()
        return found


class Person:
    """Somebody signed in; calls each service with their own token for it."""

    def __init__(self, kith: Kith, found: dict[str, Any], scope: str) -> None:
        self._kith = kith
        self._scope = scope
        self._refresh = str(found["refresh_token"])
        self._held = {"identity": self._kept(found)}

    def get(self, service: str, path: str) -> Any:
        """Read."""
        return self._kith.call(service, "GET", path, token=self.token(service))

    def post(self, service: str, path: str, body: Any, *, key: str = "", version: int | None = None) -> Any:
        """Write once, where asked from the version that was seen; the same key again changes nothing more."""
        token = self.token(service)
        return self._kith.call(service, "POST", path, body, token=token, key=key, version=version)

    def put(self, service: str, path: str, body: Any, *, version: int, key: str = "") -> Any:
        """Replace what stood there in the version that was seen."""
        token = self.token(service)
        return self._kith.call(service, "PUT", path, body, token=token, version=version, key=key)

    def ask(self, service: str, method: str, path: str, **more: Any) -> httpx.Response:
        """One request with its whole answer, whatever that is; `more` as httpx takes it."""
        headers = {"Authorization": f"Bearer {self.token(service)}", **more.pop("headers", {})}
        if method != "GET":
            headers.setdefault("Idempotency-Key", secrets.token_hex(16))
        base = self._kith.services[service].rstrip("/")
        return self._kith.http.request(method, base + path, headers=headers, **more)

    def token(self, service: str) -> str:
        """The person's token for a service, renewed in time."""
        held = self._held.get(service)
        if held is None or held[1] < time.monotonic():
            return self.renew(service)
        return held[0]

    def renew(self, service: str, scope: str = "") -> str:
        """A new token for a service, of the sign-in's scope unless told otherwise. Raises Refused."""
        grant = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh,
            "resource": service,
            "scope": scope or self._scope,
        }
        found = self._kith.token(grant)
        self._refresh = str(found.get("refresh_token", self._refresh))
        held = self._held[service] = self._kept(found)
        return held[0]

    @staticmethod
    def _kept(found: dict[str, Any]) -> tuple[str, float]:
        return str(found["access_token"]), time.monotonic() + float(found["expires_in"]) - RENEW_BEFORE_S


def _words(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:200]
    errors = "; ".join(f"{row.get('field')}: {row.get('detail')}" for row in body.get("errors", ()))
    return " ".join(
        str(part)
        for part in (body.get("title"), body.get("detail"), body.get("field"), body.get("fix"), errors)
        if part
    )
