"""A delivery: one message owed to one person. Pure: who is owed one, by which channel, in which words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any
from unicodedata import category

from contracts.access import AccessDocument, Authority, Role
from contracts.classes import DataClass
from contracts.neutral import forbidden_in
from policy.caller import Caller, Hat
from policy.facts import in_force
from policy.filters import shows
from policy.grants import Grants


class State(StrEnum):
    """due → sending → sent; dropped when the recipient may no longer know; failed after every attempt."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    MERGED = "merged"
    DROPPED = "dropped"
    FAILED = "failed"


class Template(StrEnum):
    """The few texts a locked screen may show; each is the same for everybody, whatever it is about."""

    UPDATE = "update"
    REPLY_WANTED = "reply_wanted"
    DUTY = "duty"


LOCK_SCREEN: dict[Template, str] = {
    Template.UPDATE: "You have an update.",
    Template.REPLY_WANTED: "You have an update. Someone would like a reply.",
    Template.DUTY: "You are on duty. Please look now.",
}


_NOT_IN_A_HEADER = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True)
class Owed:
    """Who is owed a message, and because of what: classes of record, their parties and their goals."""

    person_id: str
    classes: tuple[DataClass, ...]
    template: Template
    parties: tuple[str, ...] = ()
    goal_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Held:
    """A message that waits for the end of a rest, and for whose."""

    parties: tuple[str, ...]
    until: datetime


FIRST = (Template.DUTY, Template.REPLY_WANTED, Template.UPDATE)
"""Which text a message of several has."""


def concerns(grants: Grants, row: dict[str, Any]) -> bool:
    """Whether the person would find anything of what a row is about: the decision their page makes, item by item.

    Somebody whose consent names one goal hears nothing of another, not even that there was something. Who
    reads it in several wordings is told when one of them is open.
    """
    classes, parties = [DataClass(name) for name in classes_of(row)], tuple(row["parties"])
    goals = row["goal_ids"] or (None,)
    return any(shows(grants, data_class, parties, goal) for data_class in classes for goal in goals)


def classes_of(row: dict[str, Any]) -> list[str]:
    """The classes of record a row is about; one written before there could be several has one."""
    return list(row.get("classes") or [row["data_class"]])


def gathered(rows: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Rows that leave as one message: those of one person, oldest first.

    Rows that were in a message before stay together in it, because it may have arrived without our knowing.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row.get("message") or f"{row['tenant_id']}:{row['person_id']}", []).append(row)
    return list(groups.values())


def text_of(template: Template, public_url: str) -> str:
    """The whole message: a fixed sentence and where to read on. No name, no place, no time, no topic."""
    return f"{LOCK_SCREEN[template]}\n{public_url}\n"


def one_line(text: str) -> str:
    """Text for a header: every control character, line break or half character is a space."""
    kept = (" " if category(char) in _NOT_IN_A_HEADER else char for char in text)
    return " ".join("".join(kept).split())


def sender_of(given: str | None, default: str) -> str:
    """The name a message comes from, fit for a header and for a locked screen whatever somebody typed."""
    name = one_line(given or "")
    return default if not name or forbidden_in(name) else name


def message_id(key: str) -> str:
    """What a message is called outside: the same for the same delivery, and nothing can be read from it."""
    return sha256(key.encode()).hexdigest()[:32]


def in_order(chosen: list[str], told: list[str]) -> list[str]:
    """The ways that hold, in the order they are tried: what was chosen, else what identity tells, else both."""
    wanted = ["sms" if way == "push" else way for way in chosen or told or ("email", "sms")]
    return list(dict.fromkeys(wanted))


def channel_for(wanted: list[str], *, has_email: bool, has_phone: bool) -> str:
    """The first wanted channel the person can be reached by; `page` where there is neither address nor phone."""
    for channel in wanted:
        if channel == "email" and has_email:
            return "email"
        if channel == "sms" and has_phone:
            return "sms"
        if channel == "page":
            return "page"
    return "page"


def retry_at(attempts: int, now: datetime) -> datetime:
    """When to try again: 2 s after the first failure, doubling, at most ten minutes."""
    return now + timedelta(seconds=min(600, 2**attempts))


def people_of(document: AccessDocument, party: str, data_class: DataClass, moment: datetime) -> set[str]:
    """The persons behind a party label of this client, whatever they may see.

    Behind `school` and `network` stand those to whom a consent in force opens the class.
    """
    kind, _, name = party.partition(":")
    if kind == "person":
        return {name}
    if kind == "household":
        return {person for home in document.households if home.id == name for person in home.members}
    if kind == "guardians":
        return {fact.person_id for fact in document.relationships}
    if kind == "client":
        return {document.client_person_id} if document.client_person_id else set()
    if kind in ("school", "network"):
        open_now = [c for c in document.consents if data_class in c.classes and in_force(c, moment)]
        return {person for consent in open_now for person in consent.recipients}
    return {fact.person_id for fact in document.assignments if fact.lead}


def as_caller(document: AccessDocument, person_id: str) -> Caller:
    """The person as policy sees them: with every hat their place in the access document gives them."""
    return Caller(
        tenant_id=document.tenant_id,
        person_id=person_id,
        hats=tuple(Hat(role=role) for role in sorted(_roles(document, person_id))),
        area="api",
        sid="",
        scopes=frozenset({"care"}),
    )


def _roles(document: AccessDocument, person_id: str) -> set[Role]:
    roles = set()
    if any(
        fact.person_id == person_id and fact.authority != Authority.NONE for fact in document.relationships
    ):
        roles.add(Role.GUARDIAN)
    if document.client_person_id == person_id:
        roles.add(Role.CLIENT)
    if any(fact.person_id == person_id for fact in document.assignments):
        roles.add(Role.THERAPIST)
    if any(person_id in consent.recipients for consent in document.consents):
        roles |= {Role.SCHOOL_STAFF, Role.NETWORK_MEMBER}  # which consents count is policy's to say
    return roles


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)
