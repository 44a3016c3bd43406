"""A sender's name tells nothing of what messages are about, in whatever form somebody writes it."""

from pathlib import Path

import pytest
import yaml

from contracts.neutral import FORBIDDEN, forbidden_in

LINT = Path(__file__).parents[2] / "deploy/local/src/kith_local/demo/content/lint.yaml"
LISTED = yaml.safe_load(LINT.read_text(encoding="utf-8"))["notification"]["forbidden_words"]


@pytest.mark.parametrize("word", [*LISTED, *FORBIDDEN])
def test_every_word_that_people_listed_is_found_alone_in_the_plural_and_in_a_name(word: str) -> None:
    for written in (
        word,
        f"{word.removesuffix('s')}s",
        f"Moor Lane {word.upper()}",
        f"the_{word}_line",
        f"{word}-line",
    ):
        assert forbidden_in(written), written


@pytest.mark.parametrize(
    "name",
    [
        "Lantern Lane Clinic",
        "Ｃｌｉｎｉｃ Lane",
        "Cli\u00adnic",
        "Moor Polyclinic",
        "Psychotherapy Row",
        "MoorTherapy",
        "The Clinic’s line",
        "Social-Skills House",
        "Counselors of Moor Lane",
    ],
)
def test_other_ways_to_write_it_are_found_too(name: str) -> None:
    assert forbidden_in(name)


@pytest.mark.parametrize(
    "name", ["Lantern Lane", "Tidewell", "Kith", "L Lane", "Planet House", "Townsend", "Fundamental Road"]
)
def test_a_name_that_tells_nothing_passes(name: str) -> None:
    assert forbidden_in(name) is None
