"""The page on which a task is written in another language, and checked by somebody else."""

from family_portal.web.models.model import model
from family_portal.web.models.pieces import ClientHead, Form, Link, Meanwhile


@model
class LanguageLine:
    """One of the organisation's languages, and how far this task has come in it."""

    name: str
    english: str
    lang: str
    dir: str
    state: str
    """Not begun · Draft · Waits for somebody else to read it · Checked"""
    href: str
    here: bool = False


@model
class WordsField:
    """One text of a task beside its original; `lines` where it is one a line."""

    name: str
    label: str
    original: str
    words: str
    lines: bool = False


@model
class TaskWordsPage:
    """`/staff/clients/{c}/plan/tasks/words?task=&language=` (`staff/task_words.html`).

    Inputs: title, why, you_need and steps (one a line), if_nothing_comes, easier, stop_when, look_for, thanks, who,
    when, as far as the original has them; the button `do` (draft, done).
    """

    client: ClientHead
    title: str
    back: Link
    languages: tuple[LanguageLine, ...]
    form: Form | None = None
    """None for somebody who may only check."""
    fields: tuple[WordsField, ...] = ()
    english: str = ""
    lang: str = ""
    dir: str = ""
    state: str = ""
    check: Form | None = None
    """For somebody else than the translator, where it is done."""
    meanwhile: tuple[Meanwhile, ...] = ()
    """What is there now, where somebody else wrote in it while this was being written."""
