"""Which facts count: one rule for consents, ties and who decides, whoever asks."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.access import AccessDocument, Authority, ConsentFact, ConsentState
from policy.facts import full_authority, in_force, is_walled, opens_to
from policy.readers import everybody
from policy.testing import CLIENT, NOW, TENANT

DAY = timedelta(days=1)
TODAY, LATER = NOW.date(), NOW.date() + 1000 * DAY


def tie(person: str, authority: Authority = Authority.FULL, **span: Any) -> dict[str, Any]:
    id = f"rl_{person}_{authority}"
    return {"id": id, "person_id": person, "kind": "parent", "authority": authority, "begins": NOW, **span}


def facts(*ties: dict[str, Any], majority: date | None = LATER) -> AccessDocument:
    whole = {"tenant_id": TENANT, "client_id": CLIENT, "rev": 1, "relationships": ties}
    return AccessDocument.model_validate({**whole, "majority_from": majority, "privacy_from": LATER})


@pytest.mark.parametrize(
    ("ties", "majority", "deciding"),
    [
        ([tie("ps_mum"), tie("ps_dad")], LATER, ["ps_mum", "ps_dad"]),
        ([tie("ps_mum"), tie("ps_mum", household_id="hh_one")], LATER, ["ps_mum"]),
        ([tie("ps_mum")], None, ["ps_mum"]),
        ([tie("ps_aunt", Authority.LIMITED), tie("ps_mum", begins=NOW + DAY)], LATER, []),
        ([tie("ps_mum", begins=NOW - 2 * DAY, ends=NOW - DAY)], LATER, []),
        ([tie("ps_mum", begins=NOW - DAY, ends=NOW)], LATER, []),
        ([tie("ps_mum", begins=NOW - DAY)], TODAY, []),
        ([tie("ps_mum", begins=NOW - DAY), tie("ps_deputy")], TODAY, ["ps_deputy"]),
        ([tie("ps_mum"), tie("ps_mum", Authority.COURT_RESTRICTED)], LATER, []),
        ([tie("ps_mum"), tie("ps_mum", Authority.COURT_RESTRICTED, begins=NOW + DAY)], LATER, ["ps_mum"]),
    ],
)
def test_who_decides_is_who_the_policy_knows_as_a_guardian(
    ties: list[dict[str, Any]], majority: date | None, deciding: list[str]
) -> None:
    document = facts(*ties, majority=majority)
    assert full_authority(document.relationships, document.majority_from, NOW) == deciding
    guardians = [who for who, held in everybody(document, NOW).items() if "guardian" in held[0].roles]
    assert guardians == deciding


def test_a_wall_made_for_a_minor_ends_with_majority() -> None:
    walled = tie("ps_mum", Authority.COURT_RESTRICTED, begins=NOW - DAY)
    assert is_walled("ps_mum", facts(walled), NOW)
    assert not is_walled("ps_mum", facts(walled, majority=TODAY), NOW)


@pytest.mark.parametrize("state", ConsentState)
def test_a_consent_in_dispute_counts_like_a_granted_one_while_it_runs(state: ConsentState) -> None:
    counts = state in (ConsentState.GRANTED, ConsentState.DISPUTED)
    named = {"id": "cn_one", "state": state, "recipients": ["ps_teacher"], "classes": [], "begins": NOW}
    assert in_force(ConsentFact.model_validate(named), NOW) is counts
    for span in ({"begins": NOW + DAY}, {"begins": NOW - DAY, "expires": NOW}):
        assert not in_force(ConsentFact.model_validate({**named, **span}), NOW)


def test_a_consent_opens_to_whom_it_names_and_who_accepted_where_they_must() -> None:
    named = {"id": "cn_one", "state": "granted", "recipients": ["ps_ann"], "classes": [], "begins": NOW}
    asking = {**named, "needs_acceptance": True}
    assert opens_to(ConsentFact.model_validate(named), "ps_ann")
    assert not opens_to(ConsentFact.model_validate(named), "ps_bob")
    assert not opens_to(ConsentFact.model_validate(asking), "ps_ann")
    assert opens_to(ConsentFact.model_validate({**asking, "accepted_by": ["ps_ann"]}), "ps_ann")
