"""Clinical notes: draft → signed → amended by appending; a signed word never changes."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from contracts.classes import DataClass


class NoteState(StrEnum):
    """A draft is its author's; signed and amended notes are part of the record."""

    DRAFT = "draft"
    SIGNED = "signed"
    AMENDED = "amended"


KINDS: dict[str, DataClass] = {
    "progress": DataClass.NOTE_PROGRESS,
    "psychotherapy": DataClass.NOTE_PSYCHOTHERAPY,
}
"""The note classes that have a feature, by the name used in requests."""


class NoteError(Exception):
    """The note's state or author does not allow it."""

    def __init__(self, detail: str, field: str, fix: str) -> None:
        super().__init__(detail)
        self.detail, self.field, self.fix = detail, field, fix


@dataclass(frozen=True, slots=True)
class Amendment:
    """Words added after signing; the signed text stays as it is."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """One note about one session."""

    note_id: str
    session_id: str
    data_class: DataClass
    author: str
    text: str
    written_at: datetime
    state: NoteState = NoteState.DRAFT
    signed_at: datetime | None = None
    amendments: tuple[Amendment, ...] = ()
    version: int = 1

    def rewritten(self, text: str, by: str) -> "Note":
        """Another draft text, by its author. Raises NoteError."""
        self._only_author(by)
        if self.state is not NoteState.DRAFT:
            raise NoteError("A signed note does not change.", "text", "Add an amendment instead.")
        return replace(self, text=text, version=self.version + 1)

    def signed(self, by: str, at: datetime) -> "Note":
        """Signed by its author; signing twice changes nothing. Raises NoteError."""
        self._only_author(by)
        if self.state is not NoteState.DRAFT:
            return self
        return replace(self, state=NoteState.SIGNED, signed_at=at, version=self.version + 1)

    def amended(self, text: str, by: str, at: datetime) -> "Note":
        """With words appended by its author. Raises NoteError for a draft."""
        self._only_author(by)
        if self.state is NoteState.DRAFT:
            raise NoteError("A draft is changed, not amended.", "text", "Change the draft's text.")
        added = (*self.amendments, Amendment(text, by, at))
        return replace(self, state=NoteState.AMENDED, amendments=added, version=self.version + 1)

    def readable_by(self, person_id: str) -> bool:
        """A draft, and every psychotherapy note, is its author's alone."""
        if self.state is NoteState.DRAFT or self.data_class is DataClass.NOTE_PSYCHOTHERAPY:
            return person_id == self.author
        return True

    def _only_author(self, by: str) -> None:
        if by != self.author:
            raise NoteError(
                "Only its author changes or signs a note.", "note_id", "Write a note of your own."
            )
