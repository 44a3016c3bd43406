"""One goal: from a draft nobody else can infer, through agreement, to levels, rests and its end."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from care_plans.answers import Answer, unanswered
from care_plans.lint import Finding, goal_findings, needs_rationale
from care_plans.unmet import GuardsUnmet, Unmet, WordsStay, WrongState, ending_guards, unmet_of
from care_plans.wordings import Assent, Ending, GoalWords, Sections, Standing, classes, parties, sections
from chassis.errors import Conflict, Invalid, NotFound
from contracts.care_plans import GoalChanged, GoalRated, GoalState, RatingBody, Use
from contracts.classes import DataClass
from contracts.event import Event
from contracts.ids import new_id
from policy.days import day_of

_OVER = frozenset({GoalState.COMPLETED, GoalState.CANCELLED})
LIVE_STATES = frozenset({GoalState.PROPOSED, GoalState.ACTIVE, GoalState.ON_HOLD})
"""States in which a goal stands on other people's pages."""
EARLIEST = timedelta(days=400)
"""How long ago a level may have been agreed: as long as practice and observations may be told afterwards."""

UNREAD = "masking.read_by"
READ_FIRST = "A supervisor reads the rationale before it counts."


@dataclass(frozen=True)
class Rewording:
    """What is written anew of a goal that others read: it waits for the second reader of its rationale.

    Until then everybody reads the words before it, and nobody outside the team knows that it is there.
    """

    words: GoalWords
    author: str


@dataclass
class Goal:
    """A goal as we keep it. `doc_version` counts saves; `version` is the number that readers share."""

    tenant_id: str
    client_id: str
    id: str
    author: str
    words: GoalWords
    state: GoalState = GoalState.DRAFT
    standing: Standing = field(default_factory=Standing)
    doc_version: int = 0
    version: int = 0
    version_at: datetime | None = None
    first_at: datetime | None = None
    """When it was first put to those who read it; it keeps its place among the goals by it."""
    parties: tuple[str, ...] = ()
    read_by: str | None = None
    """Who has read the rationale of `words` as the second person."""
    rewording: Rewording | None = None
    created_at: datetime | None = None
    again_as: str | None = None
    """The goal that began from it when it needed help again, whether it still stands or not."""
    events: list[Event] = field(default_factory=list)

    @property
    def private(self) -> bool:
        """True for a goal that only the client and the team know of."""
        return self.words.private

    @property
    def home_class(self) -> DataClass:
        """The class under which the goal itself is sealed at rest."""
        return DataClass.PLAN_PRIVATE if self.private else DataClass.PLAN_TEAM

    @property
    def kept_as(self) -> DataClass:
        """The class under which all of it is sealed at rest, with what waits."""
        waiting = self.rewording is not None and self.rewording.words.private
        return DataClass.PLAN_PRIVATE if waiting else self.home_class

    @property
    def written(self) -> Rewording:
        """What the team wrote last, and who of it."""
        return self.rewording or Rewording(self.words, self.author)

    @property
    def classes(self) -> tuple[DataClass, ...]:
        """The data classes in which the goal may be read."""
        return classes(self.words)

    @property
    def stays(self) -> bool:
        """Whether it stands among the earlier goals of those who read it: one that was worked on and has ended.

        A proposal that was taken back left every page.
        """
        return self.state in _OVER and self.standing.ending is not None

    @property
    def gone(self) -> bool:
        """Whether it has left every page, the team's too: a proposal that was taken back."""
        return self.state in (GoalState.CANCELLED, GoalState.REJECTED) and not self.stays

    @property
    def place(self) -> tuple[bool, datetime, str]:
        """Where it stands among a client's goals, the same on every page and whatever happens to it: in the
        order in which they were put to their readers, and drafts as they were begun."""
        since = self.first_at or self.created_at
        return (self.first_at is None, since or datetime.min.replace(tzinfo=UTC), self.id)

    def revise(self, words: GoalWords, *, by: str, now: datetime, client_reads: bool) -> None:
        """Change what is written; the version moves if anyone outside the team can see the change.

        Where others read the goal, words that need a second reader wait for one. Of one that has ended nothing
        changes but who reads it. Raises WordsStay for anything else, WrongState for a proposal that was taken back,
        GuardsUnmet if a goal on others' pages would not be whole.
        """
        if self.stays:
            self._share(words, by, now=now, client_reads=client_reads)
            return
        if self.state is not GoalState.DRAFT and self.state not in LIVE_STATES:
            raise WrongState(self.state, "draft, proposed, active or on hold")
        read_by = self.read_by if words.linted() == self.words.linted() else None
        if self.state is GoalState.DRAFT:
            self.words, self.author, self.read_by = words, by, read_by
            return
        coming = replace(self, words=words, author=by, read_by=read_by, rewording=None, events=[])
        unmet = proposal_guards(coming)
        if unmet and all(item.field == UNREAD for item in unmet):
            self.rewording = Rewording(words, by)
            return
        self._must_pass(unmet)
        self._take_effect(words, by, read_by, now=now, client_reads=client_reads)

    def _share(self, words: GoalWords, by: str, *, now: datetime, client_reads: bool) -> None:
        """Let an ended goal be read by others than before; to be private it needs nothing, to be shared all it did."""
        readers = {"private": words.private, "audience": words.audience}
        if words == self.words or words != self.words.model_copy(update=readers):
            raise WordsStay(self.state)
        before, self.words = self.words, words
        self._must_pass([] if words.private else proposal_guards(self))
        self._tell_anew(before, by, now=now, client_reads=client_reads)

    def _take_effect(
        self, words: GoalWords, by: str, read_by: str | None, *, now: datetime, client_reads: bool
    ) -> None:
        """Put new words in place of those that others read."""
        before = self.words
        self.words, self.author, self.read_by, self.rewording = words, by, read_by, None
        self._must_pass(proposal_guards(self))
        self._tell_anew(before, by, now=now, client_reads=client_reads)

    def _tell_anew(self, before: GoalWords, by: str, *, now: datetime, client_reads: bool) -> None:
        """Tell those who read it now, and those who do so no more that it is gone."""
        words, reached, was = self.words, self.parties, sections(before, self.standing)
        if set(was) - set(self.classes):
            self._tell(by, now, ended=True)
        moved = words.visible() != before.visible()
        if moved:
            self._move(now)
        if words.private != before.private:
            self.first_at = now
        self.parties = parties(words, client_reads=client_reads)
        quiet = not moved and self.parties == reached
        self._tell(by, now, unchanged_from=was if quiet else None)

    def told_since(self, version: int) -> bool:
        """Whether its readers are told of what they have not seen after this version; one that rests tells nobody."""
        told = self.state in (GoalState.PROPOSED, GoalState.ACTIVE) or self.stays
        return self.version != version and told

    def read_rationale(self, reader: str, *, now: datetime, client_reads: bool) -> None:
        """A second person has read the rationale: words that waited for that are what others read from now on.

        Raises Invalid for the author, or without a rationale; GuardsUnmet where something else is open.
        """
        if self.written.words.masking.rationale is None:
            raise Invalid(
                "There is no rationale to read.", "masking.rationale", "Fill in the five lines first."
            )
        if reader == self.written.author:
            raise Invalid(
                "A rationale counts only when somebody else has read it.",
                "read_by",
                "Ask your supervisor to read it.",
            )
        if self.rewording is None:
            self.read_by = reader
            return
        words, by = self.rewording.words, self.rewording.author
        self._take_effect(words, by, reader, now=now, client_reads=client_reads)

    def propose(self, *, by: str, now: datetime, client_reads: bool) -> None:
        """Put the goal to its parties. The first time it gets version 1. Raises WrongState or GuardsUnmet."""
        if self.state not in (GoalState.DRAFT, GoalState.PROPOSED):
            raise WrongState(self.state, "a draft or proposed")
        self._must_pass(proposal_guards(self))
        if self.state is GoalState.DRAFT:
            self._move(now)
            self.first_at = now
        self.state = GoalState.PROPOSED
        self.parties = parties(self.words, client_reads=client_reads)
        self._tell(by, now)

    def activate(
        self,
        *,
        by: str,
        now: datetime,
        answers: Sequence[Answer],
        approvers: frozenset[str],
        client_reads: bool,
    ) -> None:
        """Make an agreed goal the work of today. Raises WrongState or GuardsUnmet with every open guard."""
        if self.state is not GoalState.PROPOSED:
            raise WrongState(self.state, "proposed")
        self._must_pass(activation_guards(self, answers, approvers))
        self.state = GoalState.ACTIVE
        self.parties = parties(self.words, client_reads=client_reads)
        self._tell(by, now)

    def rate(
        self, *, rating_id: str, level: int, on: date, source: str | None, by: str, now: datetime
    ) -> None:
        """Record the level agreed for a day. The newest one becomes the goal's level; the version stays."""
        if self.state not in (GoalState.ACTIVE, GoalState.ON_HOLD):
            raise WrongState(self.state, "active or on hold")
        today = day_of(now)
        if on > today:
            raise Invalid("That day has not come yet.", "on", "Give today or an earlier day.")
        if on < today - EARLIEST:
            raise Invalid(
                f"That is more than {EARLIEST.days} days ago.",
                "on",
                f"Give a day within the last {EARLIEST.days} days.",
            )
        self.events.append(self._rating(rating_id, level, on, source, by, now))
        if self.standing.since is None or on >= self.standing.since:
            self.standing = Standing(level=level, since=on)
            self._tell(by, now)

    def pause(self, *, by: str, now: datetime) -> None:
        """Let the goal rest; nobody is told why. Raises WrongState unless it is active."""
        if self.state is not GoalState.ACTIVE:
            raise WrongState(self.state, "active")
        self.state = GoalState.ON_HOLD
        self._tell(by, now)

    def resume(self, *, by: str, now: datetime) -> None:
        """Take a resting goal up again. Raises WrongState unless it rests."""
        if self.state is not GoalState.ON_HOLD:
            raise WrongState(self.state, "on hold")
        self.state = GoalState.ACTIVE
        self._tell(by, now)

    def cancel(self, *, by: str, now: datetime) -> None:
        """Take back a proposal: it leaves every page. Raises WrongState for anything but a proposed goal."""
        if self.state is not GoalState.PROPOSED:
            raise WrongState(self.state, "proposed")
        self.state, self.rewording = GoalState.CANCELLED, None
        self._tell(by, now, ended=True)

    def end(self, ending: Ending, *, by: str, now: datetime) -> None:
        """End it, as the person and the team decided; its readers keep it among earlier goals.

        Raises WrongState unless it is active or rests, GuardsUnmet where the person was not asked or said no.
        """
        if self.state not in (GoalState.ACTIVE, GoalState.ON_HOLD):
            raise WrongState(self.state, "active or on hold")
        self._must_pass(ending_guards(self.id, ending))
        self.state, self.rewording = GoalState(ending.decision), None
        self.standing = self.standing.model_copy(update={"ending": ending})
        self._tell(by, now)

    def comes_back(self, standing: Collection[str]) -> bool:
        """Whether it can be said to need help again: of the client's goals that are `standing` none came of it."""
        ending = self.standing.ending
        over = self.state is GoalState.COMPLETED and ending is not None
        return over and not (ending and ending.use is Use.NEEDS_HELP_AGAIN and self.again_as in standing)

    def again(self, goal_id: str, *, by: str, now: datetime, standing: Collection[str] = ()) -> "Goal":
        """What was learnt needs help again: the draft of a new goal that starts from where this one stands.

        The ended goal says so to its readers, once. The person is asked anew before anything begins. Raises
        WrongState for anything but a completed goal, Conflict where what came of it is among the `standing`.
        """
        ending = self.standing.ending
        if self.state is not GoalState.COMPLETED or ending is None:
            raise WrongState(self.state, "completed")
        if not self.comes_back(standing):
            raise Conflict("It was taken up again already.", "state", "Look among the drafts and the goals.")
        self.again_as = goal_id
        if ending.use is not Use.NEEDS_HELP_AGAIN:
            told = ending.model_copy(update={"use": Use.NEEDS_HELP_AGAIN})
            self.standing = self.standing.model_copy(update={"ending": told})
            self._tell(by, now)
        level = self.standing.level
        here = self.words.baseline_level if level is None else level
        words = self.words.model_copy(update={"assent": Assent(), "baseline_level": here})
        return Goal(self.tenant_id, self.client_id, goal_id, by, words, created_at=now)

    def _must_pass(self, unmet: list[Unmet]) -> None:
        if unmet:
            raise GuardsUnmet(unmet)

    def _move(self, now: datetime) -> None:
        self.version += 1
        self.version_at = now

    def _tell(
        self, by: str, now: datetime, *, ended: bool = False, unchanged_from: Sections | None = None
    ) -> None:
        """Append the whole goal as an event; an ended one carries no words, a quiet one only what moved."""
        if self.version_at is None:
            raise NotFound
        words = {} if ended else sections(self.words, self.standing)
        known = unchanged_from or {}
        same = tuple(c for c in words if c is not self.home_class and known.get(c) == words[c])
        self.events.append(
            GoalChanged(
                tenant_id=self.tenant_id,
                client_id=self.client_id,
                by=by,
                at=now,
                record_id=self.id,
                parties=self.parties,
                ended=ended,
                state=self.state,
                version=self.version,
                version_at=self.version_at,
                first_at=self.first_at,
                same=same,
                words={c: section for c, section in words.items() if c not in same},
            )
        )

    def _rating(
        self, rating_id: str, level: int, on: date, source: str | None, by: str, now: datetime
    ) -> GoalRated:
        data_class = DataClass.PLAN_PRIVATE if self.private else DataClass.MEASURE
        return GoalRated(
            event_id=new_id(),
            tenant_id=self.tenant_id,
            client_id=self.client_id,
            by=by,
            at=now,
            record_id=rating_id,
            goal_id=self.id,
            happened_at=datetime(on.year, on.month, on.day, 12, tzinfo=now.tzinfo),
            parties=tuple(p for p in self.parties if p == "client"),
            words={data_class: RatingBody(level=level, source=source)},
        )


def proposal_guards(goal: Goal, findings: Sequence[Finding] | None = None) -> list[Unmet]:
    """What keeps a goal from others: blocking rules, and a rationale that nobody else has read.

    `findings`: what the rules say about its words, where that is known already.
    """
    if goal.rewording is not None:
        return [Unmet(goal.id, UNREAD, "New words wait for their second reader.", READ_FIRST)]
    found = goal_findings(goal.words) if findings is None else findings
    blocking = [finding for finding in found if finding.level == "block"]
    return [unmet_of(goal.id, finding) for finding in blocking] + _rationale_guards(goal)


def activation_guards(goal: Goal, answers: Sequence[Answer], approvers: frozenset[str]) -> list[Unmet]:
    """What keeps a proposed goal from becoming active: its rules, a no from the client, and open answers."""
    found = proposal_guards(goal)
    if goal.words.assent.state == "refused":
        found.append(
            Unmet(
                goal.id,
                "assent",
                "The person said no to this goal.",
                "Ask what would suit them, and write that.",
            )
        )
    return found + unanswered(goal.id, goal.version, answers, approvers)


def _rationale_guards(goal: Goal) -> list[Unmet]:
    if not needs_rationale(goal.words):
        return []
    first = next((f for f in goal_findings(goal.words) if f.level == "rationale"), None)
    rule = first.rule if first else goal.words.masking.rule
    said = first.tell if first else "This goal is marked as one that may ask somebody to mask."
    if goal.words.masking.rationale is None:
        return [Unmet(goal.id, "masking.rationale", said, "Fill in all five lines of the rationale.", rule)]
    if goal.read_by is None or goal.read_by == goal.author:
        return [Unmet(goal.id, UNREAD, said, READ_FIRST, rule)]
    return []
