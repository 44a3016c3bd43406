"""How hard a text is to read: sentences, words, and the Flesch–Kincaid grade."""

import re


def sentences(text: str) -> list[str]:
    """The sentences of a text, without the empty ones."""
    return [part for part in re.split(r"[.!?:;]+\s|\n|[.!?]$", text) if part.strip()]


def words_in(text: str) -> list[str]:
    """The words of a text."""
    return re.findall(r"[^\W\d_][^\W\d_'’-]*", text)


def grade(text: str) -> float:
    """The Flesch–Kincaid grade: years of English-language school needed; below zero for the very plain."""
    words = words_in(text)
    if not words:
        return 0.0
    per_sentence = len(words) / max(1, len(sentences(text)))
    return 0.39 * per_sentence + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59


def _syllables(word: str) -> int:
    letters = re.sub(r"[^a-z]", "", word.lower())
    silent = re.sub(r"e$", "", letters) if len(letters) > 3 and not letters.endswith("le") else letters
    return max(1, len(re.findall(r"[aeiouy]+", silent)))
