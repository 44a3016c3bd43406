"""What family, school and client say to a goal, version by version, and what the therapist replies."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Literal

from care_plans.unmet import Unmet
from chassis.errors import Conflict, Invalid
from contracts.access import AccessDocument
from contracts.care_plans import AnswerBody, DutyCalled, PlanAnswered, SaidBefore
from contracts.classes import DataClass
from contracts.event import Event
from policy.days import day_of
from policy.facts import full_authority
from policy.grants import Grants
from policy.readers import readers
from policy.worries import worrying

Asked = Literal["guardians", "guardian", "school", "client"]
"""As whom a person answers: their party's label; one guardian may say it in the singular."""

LABEL: dict[str, str] = {
    "guardians": "guardians",
    "guardian": "guardians",
    "school": "school",
    "client": "client",
}
"""The party label a reader must hold to answer as this party."""

WORDING: dict[str, DataClass] = {
    "guardians": DataClass.PLAN_PLAIN,
    "school": DataClass.PLAN_SCHOOL,
    "client": DataClass.PLAN_OWN,
}
"""The wording each party reads and answers."""
MOST_KEPT = 10
"""So many words of worry stay beside an answer, the newest; what was said twice counts once."""


class Says(StrEnum):
    """Three answers, each as good as the others."""

    APPROVE = "approve"
    ASK = "ask"
    NO = "no"


class NothingToReply(Conflict):
    """The answer holds no question that waits."""

    title = "There is nothing to reply to"


class RepliedMeanwhile(Conflict):
    """The answer has a reply that whoever replies now has not read."""

    title = "It has its reply already"


@dataclass
class Answer:
    """One person's latest answer to one version of a goal."""

    tenant_id: str
    client_id: str
    goal_id: str
    version: int
    person_id: str
    data_class: DataClass
    says: Says
    words: str | None
    reply: str | None = None
    words_before: str | None = None
    reply_before: str | None = None
    worries: tuple[SaidBefore, ...] = ()
    at: datetime | None = None
    events: list[Event] = field(default_factory=list)

    @property
    def record_id(self) -> str:
        """The id under which the answer travels: one for each goal, version and person."""
        return sha256(f"{self.goal_id}|{self.version}|{self.person_id}".encode()).hexdigest()[:32]

    def to_keep(self) -> tuple[SaidBefore, ...]:
        """The words of worry that stay beside whatever is said next, newest first, each with its reply."""
        said = (SaidBefore(words=self.words, reply=self.reply),) if self.words else ()
        before = (SaidBefore(words=self.words_before, reply=self.reply_before),) if self.words_before else ()
        found = (each for each in (*said, *self.worries, *before) if worrying(each.words))
        return tuple(dict.fromkeys(found))[:MOST_KEPT]

    def record(self, says: Says, words: str | None, *, now: datetime) -> None:
        """Say something (again), in place of what was said before; what had its reply is kept with it, and so are
        words of worry, whether or not anybody has replied.

        Raises Invalid for a question without words. A no needs none: nobody has to say why.
        """
        if says is Says.ASK and not words:
            raise Invalid("A question needs words.", "words", "Write what you would like to know.")
        self.worries = self.to_keep()
        if self.reply:
            self.words_before, self.reply_before = self.words, self.reply
        self.says, self.words, self.reply, self.at = says, words, None, now
        self._tell(self.person_id, now)
        if worrying(words):
            self._call(now)

    def answer_with(self, reply: str, *, by: str, now: datetime, instead_of: str | None = None) -> None:
        """The therapist's reply; it takes the place of another only where that one is named, by its words.

        Raises NothingToReply to a plain approval, RepliedMeanwhile over a reply that is not the one named.
        """
        if self.says is Says.APPROVE and not self.words:
            raise NothingToReply("They approved and asked nothing.", "reply", "Nothing is needed.")
        if self.reply and (instead_of or "").split() != self.reply.split():
            raise RepliedMeanwhile(
                "Somebody on the team has replied meanwhile.",
                "instead_of",
                "Read that reply, then send yours again if it is to take its place.",
            )
        self.reply = reply
        self._tell(by, now)

    def body(self) -> AnswerBody:
        """The words of the answer, to be sealed."""
        return AnswerBody(
            answer=self.says.value,
            words=self.words,
            reply=self.reply,
            words_before=self.words_before,
            reply_before=self.reply_before,
            worries=self.worries,
        )

    def _call(self, now: datetime) -> None:
        """Whoever is on duty is to see it soon."""
        self.events.append(
            DutyCalled(
                tenant_id=self.tenant_id,
                client_id=self.client_id,
                by=self.person_id,
                at=now,
                record_id=self.record_id,
                data_class=self.data_class,
                goal_id=self.goal_id,
                parties=(f"person:{self.person_id}",),
            )
        )

    def _tell(self, by: str, now: datetime) -> None:
        self.events.append(
            PlanAnswered(
                tenant_id=self.tenant_id,
                client_id=self.client_id,
                by=by,
                at=now,
                record_id=self.record_id,
                goal_id=self.goal_id,
                version=self.version,
                happened_at=self.at or now,
                parties=(f"person:{self.person_id}",),
                words={self.data_class: self.body()},
            )
        )


def answer_to(
    before: Answer | None,
    tenant_id: str,
    client_id: str,
    goal_id: str,
    version: int,
    person_id: str,
    data_class: DataClass,
) -> Answer:
    """This person's answer to a version, to be recorded: the one there is, or a new one.

    `before`: what they said last. What they wrote about an earlier version, and the reply, is kept with the new one;
    words of worry from all of them are, as long as the answer stays under the same data class.
    """
    if before is not None and before.version == version:
        return before
    anew = Answer(tenant_id, client_id, goal_id, version, person_id, data_class, Says.APPROVE, None)
    if before is not None and before.data_class is data_class:
        anew.words_before = before.words or before.words_before
        anew.reply_before = before.reply if before.words else before.reply_before
        anew.worries = before.to_keep()
    return anew


def still_heard(
    answers: Iterable[Answer],
    deciding: Collection[str],
    everyone: Mapping[str, Iterable[Grants]],
    parties: Collection[str],
) -> list[Answer]:
    """The answers to a goal of those who decide now or still read the wording they answered.

    What somebody said who has lost access since stands in the record, and neither holds the goal up nor agrees.
    """
    return [
        answer
        for answer in answers
        if answer.person_id in deciding
        or answer.person_id in readers(everyone, answer.data_class, parties, answer.goal_id)
    ]


def approvers(document: AccessDocument, *, private: bool, now: datetime) -> frozenset[str]:
    """Whose approval decides: guardians of full authority, and the client once it is theirs to decide.

    A private goal is agreed with the client alone, from the day on which their private part is theirs.
    """
    client = document.client_person_id
    from_day = (document.privacy_from if private else document.consents_from) or document.majority_from
    own = {client} if client and from_day is not None and from_day <= day_of(now) else set()
    if client and not document.relationships:
        own = {client}
    if private:
        return frozenset(own)
    return frozenset({*own, *full_authority(document.relationships, document.majority_from, now)})


def may_decide_and_read(
    document: AccessDocument, *, audience: Collection[str], now: datetime
) -> frozenset[str]:
    """Those whose approval decides on a shared goal and who would read it: guardians where it is put to them."""
    decide = approvers(document, private=False, now=now)
    if "guardians" in audience:
        return decide
    return decide & {document.client_person_id or ""}


def unanswered(
    goal_id: str, version: int, answers: Iterable[Answer], approvers: frozenset[str]
) -> list[Unmet]:
    """What the answers to this version leave open: a no, a question without a reply, nobody's yes who may decide."""
    found, current = [], [answer for answer in answers if answer.version == version]
    if any(answer.says is Says.NO for answer in current):
        fix = "Change the goal, or talk and let them answer anew."
        found.append(Unmet(goal_id, "answers", "Somebody said no.", fix))
    if any(answer.says is Says.ASK and not answer.reply for answer in current):
        found.append(Unmet(goal_id, "answers", "A question has no answer yet.", "Answer it."))
    if not any(answer.says is Says.APPROVE and answer.person_id in approvers for answer in current):
        fix = "A parent or carer with full authority approves, or the person where it is theirs to decide."
        found.append(Unmet(goal_id, "answers", "Nobody who may decide has approved this version.", fix))
    return found
