"""A task in another language: a draft, then translated, then checked by another person; only then do readers see it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self

from chassis.errors import Conflict, Invalid
from contracts.care_plans import TaskBody, TaskWords


class State(StrEnum):
    """How far a translation has come."""

    DRAFT = "draft"
    TRANSLATED = "translated"
    CHECKED = "checked"


class NotTranslated(Conflict):
    """A draft cannot be checked: its translator has not said that it is done."""

    title = "The translation is not done"


@dataclass(frozen=True)
class Translation:
    """The words in one language, who wrote them, and who else has read them."""

    words: TaskWords
    state: State
    by: str
    checked_by: str | None = None

    @classmethod
    def of(cls, words: TaskWords, original: TaskBody, *, done: bool, by: str) -> Self:
        """A translation as its translator leaves it. Raises Invalid where one that is done leaves something out."""
        if done:
            _whole(words, original)
        return cls(words, State.TRANSLATED if done else State.DRAFT, by)

    def after(self, before: "Translation | None") -> "Translation":
        """What stands now that this is left where `before` was. Words that say nothing new stay their author's, and
        done says nothing new of what was checked: whoever only saves them again could else free their author to
        be the second reader."""
        if before is None or _letters(before.words) != _letters(self.words):
            return self
        if before.state is State.CHECKED and self.state is State.TRANSLATED:
            return before
        return replace(before, state=self.state, checked_by=None)

    def checked(self, reader: str) -> "Translation":
        """The same, checked. Raises NotTranslated for a draft, Invalid for its own translator."""
        if self.state is State.DRAFT:
            raise NotTranslated("It is a draft.", "state", "Its translator says first that it is done.")
        if reader == self.by:
            raise Invalid(
                "A translation counts only when somebody else has read it.",
                "checked_by",
                "Ask somebody of the team who reads this language.",
            )
        return replace(self, state=State.CHECKED, checked_by=reader)

    def kept(self) -> dict[str, Any]:
        """What is sealed of it."""
        return {**asdict(self), "words": self.words.model_dump(mode="json")}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """From what was sealed."""
        words = TaskWords.read(kept["words"])
        return cls(words, State(kept["state"]), kept["by"], kept["checked_by"])


def without(body: TaskBody) -> dict[str, Any]:
    """The original words alone."""
    return body.model_dump(mode="json", exclude_none=True, exclude={"translations"})


def says_the_same(one: TaskBody, other: TaskBody) -> bool:
    """Whether two originals read alike; what was said to be new on one of them is not of its words."""
    news = {"changed", "changed_on", "translations"}
    return one.model_dump(exclude=news) == other.model_dump(exclude=news)


def told(body: TaskBody, translations: Mapping[str, Translation]) -> TaskBody:
    """The task as its readers get it: the original, and the translations that were checked."""
    checked = {name: each.words for name, each in sorted(translations.items()) if each.state is State.CHECKED}
    return body.model_copy(update={"translations": checked})


def fallen_back(translations: Mapping[str, Translation]) -> dict[str, Translation]:
    """All as drafts: the original says something else now."""
    return {name: replace(each, state=State.DRAFT, checked_by=None) for name, each in translations.items()}


def read_in(translations: Mapping[str, Translation]) -> list[dict[str, Any]]:
    """The checked ones, for those who read the task."""
    return [
        {"language": name, "words": each.words.model_dump(mode="json", exclude_none=True)}
        for name, each in sorted(translations.items())
        if each.state is State.CHECKED
    ]


def on_its_way(translations: Mapping[str, Translation]) -> list[dict[str, Any]]:
    """Each with how far it has come and whose it is, for the team."""
    return [
        {
            "language": name,
            "state": each.state.value,
            "by": each.by,
            "checked_by": each.checked_by,
            "words": each.words.model_dump(mode="json", exclude_none=True),
        }
        for name, each in sorted(translations.items())
    ]


def _letters(words: TaskWords) -> dict[str, str | list[str]]:
    """What is said, whatever blanks stand around it."""
    said = words.model_dump(exclude_none=True)
    return {
        name: [" ".join(line.split()) for line in each] if isinstance(each, list) else " ".join(each.split())
        for name, each in said.items()
        if each
    }


def _whole(words: TaskWords, original: TaskBody) -> None:
    """Raises Invalid with each field that the original has and the translation has not, or in other lines."""
    missing = []
    for name in TaskWords.model_fields:
        said, was = getattr(words, name), getattr(original, name)
        if isinstance(was, list) and (len(said) != len(was) or not all(line.strip() for line in said)):
            missing.append((name, f"The original has {len(was)} lines here.", "Write as many."))
        elif was and not said:
            missing.append((name, "The original says something here.", "Write it in this language."))
    if missing:
        errors = [{"field": name, "detail": detail, "fix": fix} for name, detail, fix in missing]
        name, detail, fix = missing[0]
        raise Invalid(detail, name, fix, errors=errors)
