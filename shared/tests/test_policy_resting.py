"""Whose practice may be let rest, in every situation of the access matrix in which practice is logged."""

import csv
from pathlib import Path

import pytest

from policy.grants import grants
from policy.resting import rested_by
from policy.testing import HOME, NOW, Situation, caller_of, document_of

MATRIX = Path(__file__).parents[2] / "tests" / "security" / "matrix.csv"
ASKED = ("role", "relation", "age_band", "consent_state", "signed_in")


def situations() -> dict[Situation, bool]:
    """The rows about the task log, and whether it is written in them."""
    with MATRIX.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["class"] == "task_log" and row["role"] != "anyone"]
    return {Situation(*(row[each] for each in ASKED)): "write" in row["expected_actions"] for row in rows}


def named(given: object) -> str:
    """How a row stands in the name of its test."""
    return "-".join(getattr(given, each) for each in ASKED) if isinstance(given, Situation) else str(given)


@pytest.mark.parametrize(("situation", "logs"), situations().items(), ids=named)
def test_a_home_rests_by_full_authority_and_the_clients_own_by_the_client_alone(
    situation: Situation, logs: bool
) -> None:
    expected: set[str] = set()
    if logs and situation.role == "guardian" and "full" in situation.relation.split():
        expected = {f"household:{HOME}"}
    if logs and situation.role == "client":
        expected = {"client"}
    assert rested_by(grants(caller_of(situation), document_of(situation), NOW)) == expected
