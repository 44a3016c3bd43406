"""A goal that somebody at home or at school would wish for, and the team's answer: rewritten, refused or taken."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from care_plans.wordings import GoalWords
from chassis.errors import Conflict, Invalid
from contracts.care_plans import MOST_OPEN_WISHES, DutyCalled, ProposalBody, ProposalChanged, ProposalState
from contracts.classes import DataClass
from contracts.event import Event
from policy.worries import worrying

Outcome = Literal["rewritten", "refused", "taken"]
"""What may become of a wish."""


class EnoughWaits(Conflict):
    """What this person wished for so far has no answer yet."""

    title = "What you wished for waits for its answer"


class AlreadyAnswered(Conflict):
    """The wish has its answer; its writer has read it."""

    title = "This wish is answered already"


@dataclass
class Proposal:
    """One wish for a goal. Its writer reads the words and the answer; the team reads all of it; nobody else
    learns that there is one."""

    tenant_id: str
    client_id: str
    id: str
    person_id: str
    data_class: DataClass
    """The wording its writer reads: the wish is sealed as a part of it."""
    words: str
    at: datetime
    state: ProposalState = ProposalState.OPEN
    answer: str | None = None
    client_said: str | None = None
    """How the person took it, for the team alone."""
    became: str | None = None
    """What the team made of it, for the team alone."""
    goal_id: str | None = None
    """The draft it was taken into. Nobody outside those who write the plan knows of a draft."""
    line_id: str | None = None
    """The line of the page "about me" that it became; it waits for the person's own yes."""
    answered_by: str | None = None
    answered_at: datetime | None = None
    doc_version: int = 0
    events: list[Event] = field(default_factory=list)

    @property
    def parties(self) -> tuple[str, ...]:
        """Whose it is, beside the team."""
        return (f"person:{self.person_id}",)

    def wish(self, waiting: int = 0) -> None:
        """Put it to the team, beside the `waiting` ones of the same person; words of worry call whoever is on duty.

        Raises EnoughWaits where there is room for no more.
        """
        if waiting >= MOST_OPEN_WISHES:
            raise EnoughWaits(
                "The team has not answered yet what you wished for so far.",
                "words",
                "Wish for this once one of your wishes has its answer.",
            )
        self._tell(self.person_id, self.at)
        if worrying(self.words):
            self._call()

    def answer_with(
        self,
        outcome: Outcome,
        answer: str,
        *,
        client_said: str | None,
        became: str | None,
        goal_id: str | None,
        line_id: str | None = None,
        by: str,
        now: datetime,
    ) -> None:
        """Say what becomes of it, and why. Raises AlreadyAnswered, and Invalid where the parts do not fit together."""
        if self.state is not ProposalState.OPEN:
            raise AlreadyAnswered(
                "Whoever wished for it has an answer.", "state", "Talk with them, or write a goal."
            )
        _fits(outcome, became, goal_id, line_id)
        self.state = ProposalState(outcome)
        self.answer, self.client_said, self.became = answer, client_said, became
        self.goal_id, self.line_id = goal_id, line_id
        self.answered_by, self.answered_at = by, now
        self._tell(by, now)

    def goal_words(self, asked_for_by: str | None) -> GoalWords:
        """The draft that begins with it: the team's wording alone, for the rules to look at and the team to go on."""
        return GoalWords(team=self.became or self.words, asked_for_by=(asked_for_by,) if asked_for_by else ())

    def body(self) -> ProposalBody:
        """The words that its writer reads, to be sealed."""
        return ProposalBody(words=self.words, answer=self.answer)

    def _call(self) -> None:
        self.events.append(
            DutyCalled(
                tenant_id=self.tenant_id,
                client_id=self.client_id,
                by=self.person_id,
                at=self.at,
                record_id=self.id,
                data_class=self.data_class,
                parties=self.parties,
            )
        )

    def _tell(self, by: str, now: datetime) -> None:
        self.events.append(
            ProposalChanged(
                tenant_id=self.tenant_id,
                client_id=self.client_id,
                by=by,
                at=now,
                record_id=self.id,
                happened_at=self.at,
                parties=self.parties,
                state=self.state,
                words={self.data_class: self.body()},
            )
        )


def _fits(outcome: Outcome, became: str | None, goal_id: str | None, line_id: str | None) -> None:
    if outcome == "rewritten" and not became:
        raise Invalid("A rewritten wish says what it became.", "became", "Write it as you would put it.")
    if outcome == "taken" and became:
        raise Invalid(
            "It is taken in its own words.", "became", "Leave this empty, or say that it is rewritten."
        )
    if outcome == "taken" and not goal_id:
        raise Invalid("A wish is taken into a draft.", "goal_id", "Name the draft with an id of your own.")
    if outcome != "rewritten" and line_id:
        raise Invalid(
            "A line of the page “about me” is another way to put it.",
            "about",
            "Leave it out, or say that the wish is rewritten.",
        )
    if outcome == "refused" and goal_id:
        raise Invalid("What is refused becomes no draft.", "goal_id", "Leave it out, or say rewritten.")
