"""What an age changes, it changes at midnight in London: in summer that is an hour before the day in UTC."""

from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.access import AccessDocument
from policy.attributes import standing
from policy.facts import full_authority, tie_counts
from policy.testing import Situation, caller_of, document_of

BIRTHDAY = date(2026, 7, 1)
TURNS = datetime(2026, 6, 30, 23, tzinfo=UTC)
BEFORE = TURNS - timedelta(seconds=1)
CHILD = Situation("client", "self", "child", "none", "family")


def facts(**dates: date) -> AccessDocument:
    """A client's facts, with these ages alone turning on the birthday."""
    far = dict.fromkeys(("privacy_from", "consents_from", "majority_from"), date(2040, 1, 1))
    return document_of(CHILD).model_copy(update={**far, **dates})


@pytest.mark.parametrize(
    ("dates", "band"),
    [({"privacy_from": BIRTHDAY}, "adolescent"), ({"majority_from": BIRTHDAY}, "adult")],
)
def test_an_age_begins_with_the_day_in_london(dates: dict[str, date], band: str) -> None:
    caller, document = caller_of(CHILD), facts(**dates)
    child = standing(caller, document, BEFORE)
    assert child.attributes.age_band != band and f"client_{band}" not in child.attributes.roles
    assert child.until == TURNS, "decided for longer than it holds"
    grown = standing(caller, document, TURNS)
    assert grown.attributes.age_band == band and f"client_{band}" in grown.attributes.roles


def test_a_client_consents_alone_from_the_day_in_london() -> None:
    document = facts(consents_from=BIRTHDAY)
    assert not standing(caller_of(CHILD), document, BEFORE).attributes.consents_alone
    assert standing(caller_of(CHILD), document, TURNS).attributes.consents_alone


def test_a_tie_made_for_a_minor_ends_with_their_last_day_in_london() -> None:
    guardian = document_of(Situation("guardian", "full", "child", "none", "family")).relationships[0]
    tie = guardian.model_copy(update={"begins": TURNS - timedelta(days=9), "ends": None})
    assert full_authority([tie], BIRTHDAY, BEFORE) and not full_authority([tie], BIRTHDAY, TURNS)
    since = tie.model_copy(update={"begins": TURNS})
    assert tie_counts(since, BIRTHDAY, TURNS), "made on the birthday, for somebody of age"
