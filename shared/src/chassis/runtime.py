"""The opened parts of one process: everything a route, a consumer or a timer may reach for."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property

import httpx

from chassis import telemetry
from chassis.access import AccessFacts
from chassis.audit import Audit
from chassis.audit_chain import AuditChain
from chassis.class_keys import IdentityKeys
from chassis.clients import PeerClients
from chassis.duty import DutyBook
from chassis.ended import EndedSessions, ensure_ended_sessions
from chassis.journal import Journal
from chassis.mongo import Mongo
from chassis.positions import Positions
from chassis.seal import Keyring, KeySource
from chassis.settings import ServiceSettings
from chassis.timers import Timers
from chassis.tokens import TokenVerifier

MakeKeySource = Callable[[Mongo], KeySource]
"""How identity, which holds the subject keys, gets class keys from its own store."""


@dataclass(frozen=True)
class Chassis:
    """One process's parts, opened and ready."""

    settings: ServiceSettings
    mongo: Mongo
    keys: Keyring
    positions: Positions
    journal: Journal
    audit: Audit
    timers: Timers
    peers: PeerClients
    tokens: TokenVerifier
    access: AccessFacts

    @cached_property
    def duty(self) -> DutyBook:
        """When somebody reads what is written; for services that follow the organisations."""
        return DutyBook(self.mongo)

    def peer(self, service: str) -> httpx.AsyncClient:
        """The HTTP client of another service."""
        return self.peers.get(service)


@asynccontextmanager
async def open_chassis(
    settings: ServiceSettings, *, key_source: MakeKeySource | None = None
) -> AsyncIterator[Chassis]:
    """Open the parts of one process and close them in reverse; collections and indexes exist afterwards.

    `key_source`: given by identity alone. Raises Unavailable or the driver's error when there is no database.
    """
    telemetry.set_up(settings.name, settings.trace_file)
    mongo, peers = Mongo(settings), PeerClients(settings)
    try:
        source = key_source(mongo) if key_source else IdentityKeys(peers)
        yield await _opened(settings, mongo, peers, Keyring(source))
    finally:
        await peers.aclose()
        mongo.close()


async def _opened(settings: ServiceSettings, mongo: Mongo, peers: PeerClients, keys: Keyring) -> Chassis:
    positions = Positions(mongo, settings)
    journal = Journal(mongo, keys, positions, settings)
    audit, timers = Audit(mongo), Timers(mongo, journal)
    for part in (journal, audit, AuditChain(mongo), timers):
        await part.prepare()
    await ensure_ended_sessions(mongo)
    tokens = TokenVerifier(
        issuer=f"{settings.public_url}/auth",
        audience=settings.name,
        fetch=peers.jwks,
        ended=EndedSessions(mongo),
    )
    access = AccessFacts(mongo, peers, settings)
    return Chassis(settings, mongo, keys, positions, journal, audit, timers, peers, tokens, access)
