"""The human-written matrix against the policies, row by row; and each policy is needed by some row."""

import csv
from functools import cache
from pathlib import Path

import cedarpy
import pytest

from contracts.classes import DataClass
from policy import cedar
from policy.cedar import ACTIONS, FEATURED, Policies
from policy.grants import grants
from policy.testing import NOW, Situation, caller_of, document_of

MATRIX = Path(__file__).parents[2] / "tests" / "security" / "matrix.csv"
Expected = dict[DataClass, frozenset[str]]


@cache
def rows() -> list[dict[str, str]]:
    with MATRIX.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def situations() -> dict[Situation, Expected]:
    found: dict[Situation, Expected] = {}
    for row in rows():
        if row["role"] == "anyone":
            continue
        key = Situation(row["role"], row["relation"], row["age_band"], row["consent_state"], row["signed_in"])
        expected = found.setdefault(key, {})
        assert DataClass(row["class"]) not in expected, f"two rows decide {key} {row['class']}"
        expected[DataClass(row["class"])] = frozenset(row["expected_actions"].split())
    return found


def decided(situation: Situation, policies: Policies | None = None) -> Expected:
    held = grants(caller_of(situation), document_of(situation), NOW, policies)
    return {data_class: frozenset(held.classes.get(data_class, ())) for data_class in DataClass}


def complete(expected: Expected) -> Expected:
    return {data_class: expected.get(data_class, frozenset()) for data_class in DataClass}


def named(situation: Situation) -> str:
    return "-".join((situation.role, situation.relation, situation.age_band, situation.consent_state))


def test_the_matrix_speaks_of_every_class_and_of_nothing_else() -> None:
    later = {DataClass(row["class"]) for row in rows() if row["feature"] == "later"}
    assert later == set(DataClass) - FEATURED
    assert {row["role"] for row in rows() if row["feature"] == "later"} == {"anyone"}
    for situation, expected in situations().items():
        assert set(expected) == FEATURED, f"{situation} leaves classes out"
    assert all(set(row["expected_actions"].split()) <= set(ACTIONS) for row in rows())
    assert all(row["basis"] for row in rows())


@pytest.mark.parametrize("situation", situations(), ids=named)
def test_grants_are_what_the_matrix_says(situation: Situation) -> None:
    assert decided(situation) == complete(situations()[situation])


@cache
def reasons_by_policy() -> dict[str, list[Situation]]:
    """Which situations each permit takes part in, so that its deletion is tried where it must show."""
    found: dict[str, list[Situation]] = {}
    for situation in situations():
        held = grants(caller_of(situation), document_of(situation), NOW)
        for policy_id in {p for ids in held.reasons.values() for p in ids}:
            found.setdefault(policy_id, []).append(situation)
    return found


@pytest.mark.parametrize("policy_id", cedar.shipped().ids())
def test_deleting_any_one_policy_turns_a_row_red(policy_id: str) -> None:
    mutant = cedar.shipped().without(policy_id)
    assert len(mutant.ids()) == len(cedar.shipped().ids()) - 1
    tried = reasons_by_policy().get(policy_id) or list(situations())
    assert any(decided(s, mutant) != complete(situations()[s]) for s in tried)


def test_every_policy_is_valid_against_the_schema_named_once_and_explained() -> None:
    policies = cedar.shipped()
    result = cedarpy.validate_policies(policies.text, cedar.schema())
    assert result.validation_passed, [str(error) for error in result.errors]
    assert len(set(policies.ids())) == len(policies.ids()) == policies.text.count("@says(")
    statements = [line for line in policies.text.splitlines() if line.startswith(("permit", "forbid"))]
    assert len(statements) == len(policies.ids())


def test_a_policy_that_names_an_unknown_attribute_is_refused_by_the_schema() -> None:
    wrong = '@id("x")\n@says("x")\npermit (principal, action, resource) when { resource.mood == "low" };'
    assert not cedarpy.validate_policies(wrong, cedar.schema()).validation_passed
