"""Consents: who may give them, their states, and what stays agreed in a dispute."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from chassis.errors import Conflict, Invalid
from contracts.access import ConsentFact, ConsentState
from contracts.classes import DataClass
from contracts.ids import ClientId, GoalId, Id, PersonId
from identity.care_clients import CareClient
from identity.receipts import Withdrawal
from identity.relationships import Relationship
from policy.facts import IN_FORCE, full_authority

NEVER_BY_CONSENT = frozenset(
    {DataClass.NOTE_PROGRESS, DataClass.NOTE_MEMBER, DataClass.NOTE_GROUP, DataClass.NOTE_PSYCHOTHERAPY,
     DataClass.NOTE_REFLECTIVE, DataClass.SAFEGUARDING, DataClass.ALLIANCE, DataClass.FORMULATION,
     DataClass.PLAN_TEAM, DataClass.CONTACT, DataClass.COURT_ORDER, DataClass.CONSENT, DataClass.AUDIT}
)  # fmt: skip
"""Classes no consent opens to anybody outside the care team."""
MOST_STANDING = 100
"""How many consents of one client stand at the same time."""
MOST_NAMED = 2000
"""How many people and goals these may name together: the access document holds all of them."""
MOST_PRIVATE = 40
"""How many of those that open what is private; counted apart, so that nobody else learns of them by counting."""
MOST_NAMED_IN_PRIVATE = 800
_ASKED_OR_GIVEN = frozenset(
    {ConsentState.DRAFT, ConsentState.PRESENTED, ConsentState.GRANTED, ConsentState.DISPUTED}
)


class Scope(BaseModel):
    """What a consent opens, to whom, from when until when."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    recipients: tuple[PersonId, ...]
    classes: tuple[DataClass, ...]
    only_goals: tuple[GoalId, ...] | None = None
    begins: datetime
    expires: datetime | None = None


class ConsentWords(BaseModel):
    """What is sealed at rest: the purpose, and how the client was asked and what came back."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    purpose: str
    assent: dict[str, str] = Field(default_factory=dict)


class Consent(BaseModel):
    """A consent in the clear: its scope, its state and each decider's answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Id
    client_id: ClientId
    version: int = 1
    state: ConsentState = ConsentState.DRAFT
    scope: Scope
    agreed: Scope | None = None
    """The scope every decider last agreed to; all that a dispute leaves standing."""
    needs_acceptance: bool = False
    accepted_by: tuple[PersonId, ...] = ()
    answers: dict[PersonId, str] = Field(default_factory=dict)
    grantor: PersonId | None = None
    withdrawal: Withdrawal | None = None
    words: ConsentWords = Field(exclude=True, repr=False)

    @property
    def stands(self) -> bool:
        """Whether it is asked for or given, or taken back with receipts still to come."""
        return self.state in _ASKED_OR_GIVEN or self._is_awaited

    @property
    def is_private(self) -> bool:
        """Whether it opens what is private to the client."""
        return DataClass.PLAN_PRIVATE in self.scope.classes

    @property
    def _is_awaited(self) -> bool:
        taken_back = self.withdrawal if self.state == ConsentState.WITHDRAWN else None
        return taken_back is not None and not taken_back.effective

    def presented(self) -> "Consent":
        """The consent, laid before those who may give it."""
        return self._to(ConsentState.PRESENTED)

    def ending(self, expires: datetime) -> "Consent":
        """The consent with another end, which nobody has said yes to yet; a standing no stays."""
        if expires == self.scope.expires:
            return self
        scope = self.scope.model_copy(update={"expires": expires})
        noes = {person: said for person, said in self.answers.items() if said != "yes"}
        return self.model_copy(update={"scope": scope, "answers": noes})

    def granted(self, by: PersonId, deciders: frozenset[PersonId], now: datetime) -> "Consent":
        """The consent after a yes of `by`; another decider's standing no makes it disputed.

        Raises Invalid when its time is over.
        """
        if self.scope.expires is not None and self.scope.expires <= now:
            raise Invalid("This consent's time is over.", field="expires", fix="Choose a later end.")
        answers = {**self.answers, by: "yes"}
        if any(answers.get(person) == "no" for person in deciders):
            return self._to(ConsentState.DISPUTED, answers=answers)
        agreed = (
            self.scope if all(answers.get(person) == "yes" for person in deciders | {by}) else self.agreed
        )
        update = {"answers": answers, "agreed": agreed, "grantor": by, "withdrawal": None}
        return self._to(ConsentState.GRANTED, **update)

    def refused(self, by: PersonId, deciders: frozenset[PersonId]) -> "Consent":
        """The consent after a no of `by`; raises Conflict when it is over."""
        if self.state not in {ConsentState.PRESENTED, ConsentState.GRANTED, ConsentState.DISPUTED}:
            raise Conflict("Nothing waits for an answer here.", field="state", fix="Load the consent again.")
        if self.grantor == by and self.state == ConsentState.GRANTED:
            raise Conflict("You gave this consent yourself.", field="state", fix="Withdraw it instead.")
        answers = {**self.answers, by: "no"}
        somebody_agrees = any(answers.get(person) == "yes" for person in deciders - {by})
        state = ConsentState.DISPUTED if somebody_agrees else ConsentState.REFUSED
        return self._to(state, answers=answers)

    def withdrawn(self, by: PersonId, withdrawal: Withdrawal) -> "Consent":
        """The consent taken back: nothing of it stays; raises Conflict when it opens nothing."""
        if self.state not in IN_FORCE:
            raise Conflict(
                "Only a consent that was given can be withdrawn.",
                field="state",
                fix="Load the consent again.",
            )
        update = {"answers": {**self.answers, by: "no"}, "agreed": None, "withdrawal": withdrawal}
        return self._to(ConsentState.WITHDRAWN, **update)

    def accepted(self, by: PersonId) -> "Consent":
        """The consent after a recipient said yes to their part; raises Conflict when it is not given."""
        if self.state not in {ConsentState.GRANTED, ConsentState.PRESENTED, ConsentState.DISPUTED}:
            raise Conflict("This consent has ended.", field="state", fix="Nothing to do.")
        if by in self.accepted_by:
            return self
        return self._to(self.state, accepted_by=(*self.accepted_by, by))

    def expired(self) -> "Consent":
        """The consent after its last day."""
        return self._to(ConsentState.EXPIRED)

    def due_to_expire(self, now: datetime) -> bool:
        """Whether its time is over though its state does not say so yet."""
        live = self.state in {ConsentState.GRANTED, ConsentState.DISPUTED, ConsentState.PRESENTED}
        return live and self.scope.expires is not None and self.scope.expires <= now

    def fact(self) -> ConsentFact | None:
        """What the access document says about it; None where nothing was given, or all of it is over."""
        given = self.state in IN_FORCE
        if not given and not self._is_awaited:
            return None
        scope = self.agreed if self.state == ConsentState.DISPUTED else self.scope
        if scope is None:
            return None
        return ConsentFact(
            id=self.id,
            state=self.state,
            needs_acceptance=self.needs_acceptance,
            accepted_by=self.accepted_by,
            **scope.model_dump(),
        )

    def _to(self, state: ConsentState, **update: object) -> "Consent":
        return self.model_copy(update={"state": state, "version": self.version + 1, **update})


def deciders(client: CareClient, ties: Iterable[Relationship], now: datetime) -> frozenset[PersonId]:
    """Whose answers count at that moment.

    Guardians of full authority until the young person decides alone; the young person from the age of
    privacy on. Whether a caller may answer is the policy's decision; this says whose answers are weighed.
    """
    alone = client.consents_alone(now)
    persons = set() if alone else set(full_authority(ties, client.majority_from, now))
    if client.person_id and client.keeps_private(now):
        persons.add(client.person_id)
    return frozenset(persons)


def check_giver(
    scope: Scope, by: PersonId, client: CareClient, ties: Iterable[Relationship], now: datetime
) -> None:
    """Whether `by` may give this scope at all; raises Invalid.

    Nobody gives to oneself. What a young person keeps from guardians only they themselves can open to them.
    """
    if by in scope.recipients:
        raise Invalid("Nobody gives a consent to oneself.", field="recipients", fix="Leave yourself out.")
    if by == client.person_id:
        return
    family = {tie.person_id for tie in ties if not tie.over(now)}
    if client.keeps_private(now) and family & set(scope.recipients):
        raise Invalid(
            "What a young person's family sees is theirs to give.",
            field="recipients",
            fix="Ask the young person to give it themselves.",
        )
    if DataClass.PLAN_PRIVATE in scope.classes:
        raise Invalid(
            "Only the client opens what is private.", field="classes", fix="Leave plan_private out of it."
        )


def check_room(consents: Iterable[Consent], coming: Consent) -> None:
    """Whether `coming` finds room among a client's consents; raises Conflict."""
    alike = [one for one in consents if one.is_private is coming.is_private]
    standing = [one for one in alike if one.stands and one.id != coming.id]
    most, most_named = (
        (MOST_PRIVATE, MOST_NAMED_IN_PRIVATE) if coming.is_private else (MOST_STANDING, MOST_NAMED)
    )
    if len(standing) >= most:
        raise Conflict(
            f"This client has {most} consents of this kind already.",
            fix="Withdraw one that is not needed any more.",
        )
    scopes = [one.scope for one in (*standing, coming)]
    if sum(len(scope.recipients) + len(scope.only_goals or ()) for scope in scopes) > most_named:
        raise Conflict(
            f"The consents of this kind name at most {most_named} people and goals.",
            fix="Name fewer, or withdraw a consent that is not needed any more.",
        )


def check_scope(scope: Scope, now: datetime) -> None:
    """Whether a new consent's scope can be given at all; raises Invalid."""
    closed = sorted(set(scope.classes) & NEVER_BY_CONSENT)
    if closed:
        raise Invalid(
            f"No consent opens: {', '.join(closed)}.", field="classes", fix="Leave these out of the consent."
        )
    if not scope.recipients or not scope.classes:
        empty = "classes" if scope.recipients else "recipients"
        raise Invalid("A consent names who may see what.", field=empty, fix="Name at least one.")
    if scope.expires is not None and scope.expires <= max(now, scope.begins):
        raise Invalid("The consent ends before it begins.", field="expires", fix="Choose a later end.")
