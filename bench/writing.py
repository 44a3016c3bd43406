"""A command over HTTP against the raw transaction it cannot do without: state and journal, majority and journaled."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient, WriteConcern
from pymongo.read_concern import ReadConcern

from bench.load import SECONDS, held, pinned, rate, settle
from bench.rows import Row, middle
from kith_local.program import Kith, Person
from kith_local.testing import Product

RUNS = 5
SERVICE = "family-portal-api"
WRITERS = (
    ("ps_efua", "cl_kofi", "tk_kofi_build", "tn_lantern"),
    ("ps_samira", "cl_noor", "tk_noor_wait", "tn_lantern"),
    ("ps_samira", "cl_elias", "tk_elias_card", "tn_tidewell"),
    ("ps_priya", "cl_priya", "tk_priya_question", "tn_lantern"),
    ("ps_jun", "cl_jun", "tk_jun_after", "tn_lantern"),
    ("ps_marcus", "cl_marcus", "tk_marcus_ring", "tn_lantern"),
)
INSERTED = ("things", "journal", "audit")
"""What a command inserts, beside reading the revision of the facts."""
_SCRIPT = """
local targets = {TARGETS}
local number, run = 0, "RUN"
request = function()
  number = number + 1
  local target = targets[number % #targets + 1]
  local headers = {["Authorization"] = "Bearer " .. target[2], ["Content-Type"] = "application/json",
                   ["Idempotency-Key"] = run .. "-" .. number}
  return wrk.format("POST", target[1], headers, '{"result": "did", "felt": 3}')
end
"""


def rows(product: Product) -> list[Row]:
    """Task logs from six families at once, and raw transactions, in turns.

    By the method of the aim: the service, or what sends the raw transactions, on core 0, database and load on core 1.
    The workers stand still meanwhile, for nobody relays or reads a raw transaction either; how many commands there
    are while they do stands in a row of its own.
    """
    people = {person["id"]: person for person in product.people()}
    kith, uri = Kith(product.url), product.parts()["mongo_admin_uri"]
    signed_in = {who: kith.sign_in(people[who]["sign_in"], people[who]["password"]) for who, *_ in WRITERS}
    ours, raws, alone, followed, free = [], [], [], [], []
    for _ in range(RUNS):
        with pinned(product):
            raws.append(asyncio.run(raw(uri)))
            alone.append(rows_alone(uri))
        with held(product), pinned(product, SERVICE):
            ours.append(_logs(product, signed_in))
        free.append(asyncio.run(raw(uri)))
        followed.append(_logs(product, signed_in))
        settle(product)
    return [
        _row("Command write", middle(ours), middle(raws)),
        _row("Command write, every worker following on the same cores", middle(followed), middle(free)),
        _row(
            "The rows of a command, without HTTP, policy or sealing",
            middle(alone),
            middle(raws),
            "for information",
        ),
    ]


def _row(name: str, value: float, limit: float, aim: str = "≥ 0.6×") -> Row:
    against = f"raw state and journal transaction {limit:,.0f}/s"
    met = value >= 0.6 * limit or aim == "for information"
    return Row(name, value, "commands/s", against, value / limit, aim, met)


def _logs(product: Product, signed_in: dict[str, Person]) -> float:
    """Logs per second that sixteen senders get answered, each under the next family's task."""
    targets = [
        (f"/tenants/{tenant}/clients/{client}/tasks/{task}/logs", signed_in[who].token("family-portal"))
        for who, client, task, tenant in WRITERS
    ]
    lua = ", ".join(f"{{{json.dumps(path)}, {json.dumps(token)}}}" for path, token in targets)
    script = _SCRIPT.replace("TARGETS", lua).replace("RUN", uuid4().hex)
    return rate(product.url, {}, script=script)[0]


def rows_alone(uri: str) -> float:
    """Transactions per second at 16 writers of what a command must leave behind, from bare threads."""
    client: MongoClient[dict[str, Any]] = MongoClient(uri)
    db = client.get_database("bench", write_concern=WriteConcern("majority", j=True))
    for name in (*INSERTED, "facts"):
        db[name].insert_one({"_id": uuid4().hex})
    until = time.perf_counter() + SECONDS

    def writer(number: int) -> int:
        done, mine = 0, {"_id": f"writer-{number}"}
        while time.perf_counter() < until:
            with (
                client.start_session() as session,
                session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority", j=True)),
            ):
                list(db.facts.find(mine, ["rev"], session=session))
                for name in INSERTED:
                    db[name].insert_one({"_id": uuid4().hex, "body": "x" * 200}, session=session)
            done += 1
        return done

    with ThreadPoolExecutor(16) as threads:
        total = sum(threads.map(writer, range(16)))
    client.close()
    return total / SECONDS


async def raw(uri: str) -> float:
    """Raw transactions per second at 16 writers: one update, one journal row."""
    client: Any = AsyncIOMotorClient(uri)
    db = client.get_database("bench", write_concern=WriteConcern("majority", j=True))
    for name in ("state", "journal"):
        await db[name].insert_one({"_id": uuid4().hex})
    until, done = time.perf_counter() + SECONDS, 0

    async def writer(number: int) -> None:
        nonlocal done
        while time.perf_counter() < until:
            async with (
                await client.start_session() as session,
                session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority", j=True)),
            ):
                row = {"_id": f"writer-{number}"}
                await db.state.update_one(row, {"$inc": {"version": 1}}, upsert=True, session=session)
                await db.journal.insert_one({"_id": uuid4().hex, "body": "x" * 400}, session=session)
            done += 1

    await asyncio.gather(*(writer(number) for number in range(16)))
    client.close()
    return done / SECONDS
