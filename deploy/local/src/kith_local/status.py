"""How a stack is doing, and the streams that stand: asked of each service with its own token."""

import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Any

import httpx

from kith_local import environment
from kith_local.home import SERVICES, Home
from kith_local.tending import must_be_tended

LATELY_S = 10.0
"""A worker says once a second how it is; one that has been silent for so long does not go on."""


class Operator:
    """Asks the services of one home what only their operator may know."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._http = httpx.Client(timeout=3)

    def ask(self, service: str, method: str, path: str) -> Any:
        """One internal call. Raises httpx.HTTPError when the service or identity does not answer."""
        headers = {"Authorization": f"Bearer {self._token(service)}"}
        if method == "POST":
            headers["Idempotency-Key"] = os.urandom(16).hex()
        url = self._url(service) + path
        response = self._http.request(method, url, headers=headers)
        response.raise_for_status()
        return response.json()

    def parked(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Every parked stream of every service that answers, and the services that do not."""
        rows, silent = [], []
        for service in SERVICES:
            try:
                answer = self.ask(service, "GET", "/internal/parked")
            except httpx.HTTPError:
                silent.append(service)
            else:
                rows += [{"service": service, **row} for row in answer["parked"]]
        return rows, silent

    def unpark(self, service: str, id: str) -> Any:
        """Let a parked stream go on. Raises RuntimeError with a sentence when it could not be asked."""
        try:
            return self.ask(service, "POST", f"/internal/parked/{id}/unpark")
        except httpx.HTTPStatusError as refused:
            known = refused.response.status_code not in (404, 422)
            raise RuntimeError(f"{service} refuses" if known else "nothing stands under that id") from None
        except httpx.HTTPError:
            raise RuntimeError(f"{service} does not answer") from None

    def worker(self, service: str) -> dict[str, Any] | None:
        """What a service's worker last said about itself; empty before that, None when nobody answers."""
        with suppress(httpx.HTTPError, ValueError, LookupError):
            workers: list[dict[str, Any]] = self.ask(service, "GET", "/internal/status")["workers"]
            return min(workers, key=lambda row: float(row["age_s"])) if workers else {}
        return None

    def answers(self, process: str) -> bool:
        """Whether a process that takes connections does what it is there for, as far as one question tells.

        An API is ready, the page of messages is served, MongoDB and Kafka listen.
        """
        if process in ("mongod", "kafka"):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._home.port(process)), 3):
                return True
            return False
        with suppress(httpx.HTTPError):
            if process == "messages":
                return self._http.get(environment.mail_url(self._home)).is_success
            return self._http.get(self._url(process.removesuffix("-api")) + "/readyz").is_success
        return False

    def _url(self, service: str) -> str:
        """Where a service of this home answers; the portal where the running stack says that people come in."""
        if service == "family-portal":
            return environment.running_url(self._home.path)
        return environment.service_url(self._home, service)

    def _token(self, service: str) -> str:
        response = self._http.post(
            self._url("identity") + "/auth/token",
            data={"grant_type": "client_credentials", "scope": "internal", "resource": service},
            auth=(service, self._home.secret(f"client-{service}")),
        )
        response.raise_for_status()
        return str(response.json()["access_token"])


def status(home: Home) -> dict[str, Any]:
    """The state of a home's stack. Raises RuntimeError when it does not run."""
    state = must_be_tended(home.path)
    operator, running = Operator(home), state["processes"]
    asked = [name for name in running if not name.endswith("-worker")]
    with ThreadPoolExecutor(len(SERVICES) + len(asked)) as asking:
        workers = asking.map(operator.worker, SERVICES)
        well = dict(zip(asked, asking.map(operator.answers, asked), strict=True))
        told = {f"{service}-worker": row for service, row in zip(SERVICES, workers, strict=True)}
    rows = [row(name, pid, told.get(name), well.get(name)) for name, pid in running.items()]
    return {"web": state["web"], "mail": state["mail"], "processes": rows, "people": people(home)}


def people(home: Home) -> list[dict[str, Any]]:
    """Who can sign in, as the demo loader left it."""
    file = home.path / "people.json"
    shown = ("name", "role", "organisation", "sign_in", "password")
    rows = json.loads(file.read_text()) if file.exists() else []
    return [{key: row.get(key) for key in shown} for row in rows]


def row(name: str, pid: int | None, told: dict[str, Any] | None, well: bool | None) -> dict[str, Any]:
    """One process: `told` of itself, where it is a worker, and whether it does `well`, where it can be asked.

    Of a worker whose API does not answer either, no more is known than that it runs.
    """
    own = told if told and told["pid"] == pid else {}  # else said by a process before this one
    if well is None:
        well = told is None or own.get("age_s", inf) <= LATELY_S
    return {
        "name": name,
        "ok": _runs(pid) and well,
        "pid": pid,
        "rss_mb": _memory(pid),
        **{part: own.get(part) for part in ("lag", "parked", "freshness_s")},
    }


def _runs(pid: int | None) -> bool:
    """Whether the process is there, and neither ended nor held."""
    with suppress(OSError):
        return (
            pid is not None
            and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZXTt"
        )
    return False


def _memory(pid: int | None) -> float | None:
    with suppress(OSError, ValueError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000, 1)
    return None
