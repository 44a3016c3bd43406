"""Consents: who decides, what a second guardian's no does, and that giving again restores the same scope."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chassis.errors import Conflict, Invalid
from contracts.access import Authority, ConsentState
from contracts.classes import SERVICES, DataClass
from identity.care_clients import CareClient, ClientWords
from identity.consents import Consent, ConsentWords, Scope, check_scope, deciders
from identity.receipts import Withdrawal, receipt_rows
from identity.relationships import Relationship

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MUM, DAD, CHILD = "ps_mum", "ps_dad", "ps_child"


def client(
    privacy_from: date, consents_from: date, majority_from: date, person_id: str | None = CHILD
) -> CareClient:
    return CareClient(
        id="cl_1",
        person_id=person_id,
        privacy_from=privacy_from,
        consents_from=consents_from,
        majority_from=majority_from,
        words=ClientWords(names={"everyone": "N"}),
    )


YOUNG = client(date(2027, 1, 1), date(2030, 1, 1), date(2032, 1, 1))
FOURTEEN = client(date(2025, 1, 1), date(2028, 1, 1), date(2030, 1, 1))
SEVENTEEN = client(date(2022, 1, 1), date(2025, 1, 1), date(2027, 1, 1))
ADULT = client(date(2007, 1, 1), date(2010, 1, 1), date(2012, 1, 1))


def tie(person: str, authority: Authority = Authority.FULL, ends: datetime | None = None) -> Relationship:
    return Relationship(
        id=f"rl_{person}",
        client_id="cl_1",
        person_id=person,
        kind="parent",
        authority=authority,
        begins=NOW - timedelta(days=9),
        ends=ends,
    )


def consent(expires: datetime | None = None) -> Consent:
    scope = Scope(
        recipients=("ps_t",),
        classes=(DataClass.PLAN_SCHOOL,),
        begins=NOW,
        expires=expires or NOW + timedelta(days=30),
    )
    return Consent(id="cn_1", client_id="cl_1", scope=scope, words=ConsentWords(purpose="school"))


@pytest.mark.parametrize(
    ("who", "ties", "expected"),
    [
        (YOUNG, [tie(MUM), tie(DAD, Authority.LIMITED)], {MUM}),
        (YOUNG, [tie(MUM), tie(DAD, Authority.COURT_RESTRICTED)], {MUM}),
        (YOUNG, [tie(MUM), tie(DAD, ends=NOW)], {MUM}),
        (FOURTEEN, [tie(MUM)], {MUM, CHILD}),
        (SEVENTEEN, [tie(MUM)], {CHILD}),
        (ADULT, [tie(MUM)], {CHILD}),
        (YOUNG, [], set()),
    ],
)
def test_deciders_are_full_guardians_and_the_client_once_of_age(who, ties, expected):
    assert deciders(who, ties, NOW) == expected


def test_one_yes_is_enough_until_another_guardian_says_no():
    both = frozenset({MUM, DAD})
    given = consent().granted(MUM, both, NOW)
    assert given.state == ConsentState.GRANTED
    assert given.fact() is not None
    disputed = given.refused(DAD, both)
    assert disputed.state == ConsentState.DISPUTED
    assert disputed.fact() is None


def test_what_both_had_agreed_to_stays_in_a_dispute():
    both = frozenset({MUM, DAD})
    agreed = consent().granted(MUM, both, NOW).granted(DAD, both, NOW)
    disputed = agreed.refused(MUM, both)
    fact = disputed.fact()
    assert fact is not None
    assert (fact.state, fact.classes) == (ConsentState.DISPUTED, (DataClass.PLAN_SCHOOL,))


def test_another_end_is_agreed_by_those_alone_who_said_yes_to_it():
    both = frozenset({MUM, DAD})
    soon, late = NOW + timedelta(days=30), NOW + timedelta(days=300)
    agreed = consent().ending(soon).granted(MUM, both, NOW).granted(DAD, both, NOW)
    assert agreed.ending(soon) == agreed
    longer = agreed.ending(late).granted(MUM, both, NOW)
    assert (fact := longer.fact()) is not None and fact.expires == late
    stays = longer.refused(DAD, both).fact()
    assert stays is not None and (stays.state, stays.expires) == (ConsentState.DISPUTED, soon)
    both_again = longer.granted(DAD, both, NOW).refused(MUM, both).fact()
    assert both_again is not None and both_again.expires == late


def test_a_no_first_makes_a_later_yes_disputed():
    both = frozenset({MUM, DAD})
    refused = consent().presented().refused(MUM, both)
    assert refused.state == ConsentState.REFUSED
    assert refused.granted(DAD, both, NOW).state == ConsentState.DISPUTED


def test_withdrawing_and_giving_again_restores_the_very_same_scope():
    sole = frozenset({MUM})
    given = consent().granted(MUM, sole, NOW)
    taken_back = given.withdrawn(MUM, Withdrawal(id="wd_1", at=NOW))
    assert taken_back.state == ConsentState.WITHDRAWN
    again = taken_back.granted(MUM, sole, NOW)
    assert again.fact() == given.fact()
    assert again.withdrawal is None


def test_only_a_given_consent_can_be_withdrawn():
    with pytest.raises(Conflict):
        consent().presented().withdrawn(MUM, Withdrawal(id="wd_1", at=NOW))


def test_the_giver_withdraws_instead_of_refusing():
    given = consent().granted(MUM, frozenset({MUM}), NOW)
    with pytest.raises(Conflict):
        given.refused(MUM, frozenset({MUM}))


def test_no_consent_opens_notes_to_anybody():
    scope = consent().scope.model_copy(update={"classes": (DataClass.NOTE_PROGRESS,)})
    with pytest.raises(Invalid):
        check_scope(scope, NOW)


def test_a_withdrawal_is_effective_with_the_last_receipt():
    missing = Withdrawal(id="wd_1", at=NOW, receipts=dict.fromkeys(SERVICES[:-1], NOW))
    assert not missing.effective
    assert receipt_rows(missing)[-1] == {"service": SERVICES[-1], "at": None}
    assert Withdrawal(id="wd_1", at=NOW, receipts=dict.fromkeys(SERVICES, NOW)).effective
