"""notifications over a real database, with the real sink for mail and texts, and the facts of a small family."""

import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.access import AccessFacts
from chassis.audit import Audit
from chassis.batch import Batch, BatchTx
from chassis.clients import PeerClients
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
from chassis.testing import Space
from chassis.timers import Timers
from chassis.tokens import TokenVerifier
from contracts.access import AccessDocument
from contracts.classes import KEY_TABLE, DataClass
from contracts.event import Event
from contracts.identity import Contact
from contracts.ids import new_id
from notifications.app import ROUTERS
from notifications.consumer import HANDLERS
from notifications.sender import Sender
from notifications.settings import Settings
from notifications.store.deliveries import prepare
from policy.days import day_of

LONG_AGO = datetime.now(UTC) - timedelta(days=100)
HATS = {
    "ps_parent": "guardian",
    "ps_teacher": "school_staff",
    "ps_therapist": "therapist",
    "ps_on_duty": "supervisor",
    "ps_deputy": "supervisor",
}
STAFF = ("therapist", "supervisor")


class SubjectKeys:
    """The subject keys of a deployment; hands out what notifications may have, and none of who was erased."""

    def __init__(self) -> None:
        self.erased: set[str] = set()

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """Every remaining subject's key of every class of this service."""
        return {
            name: class_key(sha256(f"{name.tenant_id}|{name.subject_id}".encode()).digest(), name.data_class)
            for name in names
            if name.data_class in KEY_TABLE["notifications"] and name.subject_id not in self.erased
        }


@dataclass
class Sink:
    """The mail server and text-message gateway of this machine, in a process of its own."""

    folder: Path
    smtp_port: int
    page_port: int
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Take messages from now on."""
        code = (
            "from pathlib import Path; from kith_local.sink import run; "
            f"run(Path({str(self.folder)!r}), smtp_port={self.smtp_port}, page_port={self.page_port})"
        )
        self.process = subprocess.Popen([sys.executable, "-c", code])
        end = time.monotonic() + 60
        while not all(_listens(port) for port in (self.smtp_port, self.page_port)):
            assert time.monotonic() < end, "the sink did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        """Take none."""
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def messages(self, to: str = "") -> list[dict[str, Any]]:
        """What arrived, newest first."""
        found = httpx.get(f"http://127.0.0.1:{self.page_port}/messages.json").json()
        return [message for message in found if not to or message["to"] == to]


@dataclass
class Post:
    """One process of notifications and a tenant of its own."""

    chassis: Chassis
    http: httpx.AsyncClient
    sink: Sink
    keys: SubjectKeys
    signing: ECKey
    tenant: str = field(default_factory=new_id)

    def sender(self, **changes: Any) -> Sender:
        """The loop that sends, with other settings where a test wants them."""
        assert isinstance(self.chassis.settings, Settings)
        usual: dict[str, Any] = {"gather_s": 0.0, "smtp_port": self.sink.smtp_port}
        usual["sms_url"] = f"http://127.0.0.1:{self.sink.page_port}/sms"
        return Sender(self.chassis, self.chassis.settings.model_copy(update={**usual, **changes}))

    async def knows(self, **changes: Any) -> None:
        """Let the access facts of the client be these, as the follower would."""
        document = facts(self.tenant, **changes)
        row = {"_id": document.key, **document.model_dump(mode="json"), "persons": persons_of(document)}
        await self.rows("access").replace_one({"_id": document.key}, row, upsert=True)

    async def reaches(self, person_id: str, **contact: Any) -> None:
        """Let a person be reached like this, as identity would tell."""
        key = f"person:{person_id}"
        box = await self.chassis.keys.seal("-", person_id, DataClass.CONTACT, key, Contact(**contact))
        people = self.chassis.mongo.crossing_tenants("people", why="persons are global")
        row = {"_id": key, "tenant_id": "-", "subject_id": person_id, "rev": 1, "sections": {"contact": box}}
        await people.replace_one({"_id": key}, row, upsert=True)

    async def hears(self, *events: Event, access_rev: int = 1) -> None:
        """Handle events as the consumer would, all in one transaction."""
        handlers = Handlers(HANDLERS)

        async def work(session: Session) -> None:
            batch = Batch(self.chassis.mongo, self.chassis.keys, self.chassis.journal, session)
            for seq, event in enumerate(events, 1):
                for handler in handlers.of(event):
                    await handler(event, BatchTx(batch, _record(event, seq, access_rev)))
            await batch.end(lambda _: None)

        await self.chassis.mongo.transaction(work)

    async def owed(self) -> dict[str, dict[str, Any]]:
        """The deliveries of this tenant by person; fails when somebody is owed two."""
        found = await self.rows("deliveries").find({}, sort=[("made_at", 1)])
        by_person = {row["person_id"]: row for row in found}
        assert len(by_person) == len(found)
        return by_person

    async def states(self) -> list[str]:
        """How the deliveries of this tenant stand, sorted."""
        return sorted(row["state"] for row in await self.rows("deliveries").find({}))

    async def hurry(self) -> None:
        """Let everything that waits be due now."""
        past = datetime.now(UTC) - timedelta(minutes=2)
        change = {"$set": {"due_at": past, "claimed_at": past}}
        await self.rows("deliveries").update_many({}, change)

    async def told(self) -> list[tuple[str, str]]:
        """What this service told others: type and channel."""
        found = await self.rows("journal").find({}, sort=[("_id", 1)])
        return [(row["type"].split(".")[1], row["event"]["channel"]) for row in found]

    async def facts_from(self, moment: datetime) -> None:
        """Let the last heartbeat be of this moment."""
        rows = self.chassis.mongo.crossing_tenants("freshness", why="one heartbeat for all tenants")
        await rows.update_one({"_id": "access"}, {"$set": {"beat_at": moment}})

    def rows(self, name: str) -> Any:
        """This tenant's rows."""
        return self.chassis.mongo.tenant(name, self.tenant)

    def headers(self, person_id: str, **more: str) -> dict[str, str]:
        """Signed in as one person of this tenant."""
        now = int(time.time())
        claims = {
            "iss": f"{self.chassis.settings.public_url}/auth",
            "aud": "notifications",
            "sub": person_id,
            "sid": f"sid_{person_id}",
            "client_id": "kith-staff" if HATS[person_id] in STAFF else "kith-family",
            "scope": "care",
            "hats": [{"tenant_id": self.tenant, "role": HATS[person_id]}],
            "iat": now,
            "exp": now + 300,
            "jti": new_id(),
        }
        token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "k1"}, claims, self.signing)
        return {"Authorization": f"Bearer {token}", **more}


def facts(tenant: str, **changes: Any) -> AccessDocument:
    """A child with two homes, an uncle who may see nothing, a teacher for one goal, a therapist who leads."""
    today = day_of(datetime.now(UTC))
    tie = {"kind": "mother", "authority": "full", "begins": LONG_AGO}
    whole: dict[str, Any] = {
        "tenant_id": tenant,
        "client_id": "cl_a",
        "rev": 1,
        "client_person_id": "ps_child",
        "privacy_from": today + timedelta(days=700),
        "consents_from": today + timedelta(days=1400),
        "majority_from": today + timedelta(days=2100),
        "households": [
            {"id": "hh_a", "members": ["ps_parent", "ps_child"], "live_task_cap": 2},
            {"id": "hh_b", "members": ["ps_other"], "live_task_cap": 2},
        ],
        "relationships": [
            {"id": "r1", "person_id": "ps_parent", "household_id": "hh_a", **tie},
            {"id": "r2", "person_id": "ps_other", "household_id": "hh_b", **tie},
            {"id": "r3", "person_id": "ps_uncle", **tie, "authority": "limited"},
        ],
        "assignments": [
            {"id": "a1", "person_id": "ps_therapist", "purpose": "lead", "lead": True, "begins": LONG_AGO}
        ],
        "consents": [
            {
                "id": "c1",
                "state": "granted",
                "recipients": ["ps_teacher"],
                "classes": ["plan_school"],
                "only_goals": ["g_one"],
                "begins": LONG_AGO,
            }
        ],
    }
    return AccessDocument.model_validate({**whole, **changes})


@asynccontextmanager
async def running(space: Space, sink: Sink) -> AsyncIterator[Post]:
    """The parts of notifications in a space."""
    settings = space.settings(Settings)
    source = SubjectKeys()
    mongo, keys = Mongo(settings), Keyring(source)
    positions, peers = Positions(mongo, settings), PeerClients(settings)
    signing = ECKey.generate_key("P-256", {"use": "sig", "kid": "k1"})
    journal = Journal(mongo, keys, positions, settings)
    audit, timers = Audit(mongo), Timers(mongo, journal)
    follower = AccessFollower(mongo, journal, settings, wants_people=True)
    for part in (journal, audit, timers, follower):
        await part.prepare()

    async def jwks() -> Mapping[str, Any]:
        return {"keys": [signing.as_dict(private=False)]}

    tokens = TokenVerifier(issuer=f"{settings.public_url}/auth", audience=settings.name, fetch=jwks)
    access = AccessFacts(mongo, peers, settings)
    chassis = Chassis(settings, mongo, keys, positions, journal, audit, timers, peers, tokens, access)
    app = bare_app(settings.name, ROUTERS)
    app.state.chassis = chassis
    await prepare(mongo)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://notifications") as client:
        yield Post(chassis, client, sink, source, signing)
    await peers.aclose()
    mongo.close()


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    """The sink of a module's tests."""
    made = Sink(tmp_path_factory.mktemp("sink"), _free_port(), _free_port())
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
async def process(module_space: Space, sink: Sink) -> AsyncIterator[Post]:
    """One process for a module's tests."""
    async with running(module_space, sink) as post:
        yield post


@pytest.fixture
async def post(process: Post) -> Post:
    """The process with a fresh tenant, fresh facts and people who can be reached."""
    fresh = Post(process.chassis, process.http, process.sink, process.keys, process.signing)
    await fresh.chassis.mongo.crossing_tenants("deliveries", why="each test sends its own").delete_many({})
    await raise_to(fresh.chassis.mongo, datetime.now(UTC))
    await fresh.facts_from(datetime.now(UTC) + timedelta(hours=1))
    await fresh.knows()
    return fresh


def _record(event: Event, seq: int, access_rev: int) -> Record:
    stream = f"{event.tenant_id}:{event.client_id}"
    return Record(
        producer=type(event).producer(),
        stream=stream,
        seq=seq,
        access_rev=access_rev,
        type=type(event).TYPE,
        event=event,
        traceparent=None,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
