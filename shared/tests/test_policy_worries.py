"""Worry words are found as people write them, in whole words, and nowhere else."""

import pytest

from policy.worries import worrying


@pytest.mark.parametrize(
    "text",
    [
        "He said his gran hits him.",
        "I don’t want to be here",
        "i DON'T   want\nto live",
        "Self-harm again",
        "she has bruises, on both arms",
        "Red",
        " red. ",
        "RED!",
        "Help me",
        "Sometimes I think: nobody would notice if I was gone",
        "I dont want to live",
        "I don´t want to live",
        "I don`t want to live",
        "I donʼt want to live",
        "i wanna die",
        "want 2 die",
        "his gran hi\u200bts him",
        "sui\u00adcide",
        "he says self\u00adharm",
        "I want\u200bto\u200bdie",
        "his gran\ufeffhits him",
        "he _hits me_",
        "ｓｕｉｃｉｄｅ",
    ],
)
def test_a_worry_is_found_however_it_is_typed(text: str) -> None:
    assert worrying(text)
    assert worrying(None, "", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The red card works.",
        "He hits the ball hard.",
        "We want to diet.",
        "Help with the card went well.",
        "She whits her stick.",
        "Too tired, we rested.",
        "It is not a usable card.",
        "2 cards, and he wanted to diet.",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert not worrying(text, None)
