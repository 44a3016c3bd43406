"""The note linter against the content pack's fixtures."""

import pytest

from sessions.wrong_place import check

FIXTURES = [
    ("psychotherapy", "Met 16:00–16:50. Diagnosis unchanged.", "block", "progress note"),
    ("session_summary_family", "He told me he hates it at his dad's.", "block", "both homes"),
    (
        "progress",
        "Practised the pause plan twice with role-play; used it once unprompted.",
        "pass",
        "",
    ),
    ("school_summary", "Mum has started a new job and is finding mornings hard.", "block", "Family news"),
]


@pytest.mark.parametrize(("kind", "text", "expect", "tell"), FIXTURES)
def test_wrong_place(kind: str, text: str, expect: str, tell: str) -> None:
    found = check(kind, text)
    assert bool(found) is (expect == "block")
    assert all(tell in finding.tell for finding in found)


def test_what_also_stands_in_the_progress_note_may_stand_here() -> None:
    text = "Met 16:00–16:50. Diagnosis unchanged."
    assert not check("psychotherapy", text, ["Met 16:00-16:50 at school; diagnosis unchanged."])
    assert len(check("psychotherapy", text, ["Met 16:00-16:50 at school."])) == 1


def test_ordinary_summaries_pass() -> None:
    assert not check(
        "session_summary_family", "We built a bridge and took turns. Try it at home with bricks."
    )
    assert not check("school_summary", "Offer two things to point at, then count to five.")
