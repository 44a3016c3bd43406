"""One or many, said as people say it."""

from family_portal.web.words import agreeing, counted, joined


def test_names_are_joined_as_in_a_sentence() -> None:
    assert [joined(names) for names in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == [
        "", "A", "A and B", "A, B and C",
    ]  # fmt: skip


def test_a_number_agrees_with_its_word() -> None:
    assert [counted(n, "minute") for n in (0, 1, 2)] == ["0 minutes", "1 minute", "2 minutes"]
    assert [counted(n, "person", "people") for n in (1, 2)] == ["1 person", "2 people"]


def test_a_verb_agrees_with_who_does_it() -> None:
    assert agreeing(["Dana"], "sees", "see") == "Dana sees"
    assert agreeing(["Dana", "Yusuf"], "sees", "see") == "Dana and Yusuf see"
    assert agreeing(["you"], "sees", "see") == "you see" and agreeing(["You"], "sees", "see") == "You see"
