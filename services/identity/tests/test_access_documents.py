"""Access documents: what stands in them, what falls out when it ends, and when they change next."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Conflict
from contracts.access import Authority, ConsentState
from contracts.classes import SERVICES, DataClass
from identity.access_documents import AccessState, access_document, next_change_at
from identity.assignments import Assignment, Supervision
from identity.care_clients import CareClient, ClientWords
from identity.consents import MOST_PRIVATE, MOST_STANDING, Consent, ConsentWords, Scope, check_room
from identity.households import Household
from identity.jurisdictions import PACKS, birth_of, thresholds
from identity.receipts import Withdrawal
from identity.relationships import Relationship

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def state(**changes: object) -> AccessState:
    client = CareClient(
        id="cl_1",
        privacy_from=date(2027, 3, 1),
        consents_from=date(2030, 3, 1),
        majority_from=date(2032, 3, 1),
        words=ClientWords(names={"everyone": "N"}),
    )
    parts: dict[str, object] = {
        "tenant_id": "tn_1",
        "client": client,
        "relationships": (
            tie("ps_mum", Authority.FULL, "hh_1"),
            tie("ps_dad", Authority.COURT_RESTRICTED, "hh_2"),
        ),
        "households": (home("hh_1", "ps_mum"), home("hh_2", "ps_dad")),
        "assignments": (work("ps_staff"), work("ps_gone", ends=NOW)),
        "supervisions": (oversight("ps_staff"), oversight("ps_gone")),
    }
    return AccessState(**{**parts, **changes})  # type: ignore[arg-type]


def tie(person: str, authority: Authority, household: str, ends: datetime | None = None) -> Relationship:
    return Relationship(
        id=f"rl_{person}",
        client_id="cl_1",
        person_id=person,
        kind="parent",
        authority=authority,
        household_id=household,
        begins=NOW - DAY,
        ends=ends,
    )


def home(name: str, *members: str) -> Household:
    return Household(id=name, members=members, live_task_cap=3)


def work(person: str, ends: datetime | None = None) -> Assignment:
    return Assignment(
        id=f"as_{person}", client_id="cl_1", person_id=person, purpose="lead", begins=NOW - DAY, ends=ends
    )


def oversight(person: str) -> Supervision:
    return Supervision(
        id=f"su_{person}",
        supervisee_id=person,
        supervisor_id="ps_boss",
        begins=NOW - DAY,
        ends=NOW + 40 * DAY,
    )


def consent(**changes: object) -> Consent:
    scope = Scope(
        recipients=("ps_t",), classes=(DataClass.PLAN_SCHOOL,), begins=NOW - DAY, expires=NOW + 9 * DAY
    )
    base = Consent(
        id="cn_1",
        client_id="cl_1",
        state=ConsentState.GRANTED,
        scope=scope,
        words=ConsentWords(purpose="school"),
    )
    return base.model_copy(update=changes)


def test_ended_assignments_and_their_supervision_fall_out():
    document = access_document(state(), 4, NOW)
    assert [item.person_id for item in document.assignments] == ["ps_staff"]
    assert [item.supervisee_id for item in document.supervisions] == ["ps_staff"]
    assert document.rev == 4


def test_a_restricted_parent_stays_on_record_and_their_home_does_not_count():
    document = access_document(state(), 1, NOW)
    assert {item.person_id for item in document.relationships} == {"ps_mum", "ps_dad"}
    assert [item.id for item in document.households] == ["hh_1"]


def test_an_adult_clients_own_home_counts():
    client = state().client.model_copy(update={"person_id": "ps_own"})
    document = access_document(state(client=client, households=(home("hh_own", "ps_own"),)), 1, NOW)
    assert [item.id for item in document.households] == ["hh_own"]


def test_next_change_is_the_earliest_coming_moment():
    assert next_change_at(state(), NOW) == NOW + 40 * DAY
    assert next_change_at(state(consents=(consent(),)), NOW) == NOW + 9 * DAY
    assert next_change_at(state(supervisions=()), NOW) == datetime(2027, 3, 1, tzinfo=UTC)


def test_an_age_changes_what_holds_at_midnight_in_london():
    client = state().client.model_copy(update={"privacy_from": date(2027, 7, 1)})
    only = state(client=client, relationships=(), supervisions=())
    turns = datetime(2027, 6, 30, 23, tzinfo=UTC)
    assert next_change_at(only, turns - DAY) == turns
    assert client.keeps_private(turns) and not client.keeps_private(turns - timedelta(seconds=1))


def test_a_withdrawal_is_awaited_until_all_have_answered():
    withdrawn = consent(state=ConsentState.WITHDRAWN, withdrawal=Withdrawal(id="wd_1", at=NOW))
    document = access_document(state(consents=(withdrawn,)), 2, NOW)
    assert document.receipts_for == ("wd_1",)
    assert document.consents[0].state == ConsentState.WITHDRAWN


@pytest.mark.parametrize(
    "change",
    [
        {"state": ConsentState.EXPIRED},
        {"state": ConsentState.REFUSED},
        {"state": ConsentState.SUPERSEDED},
        {
            "state": ConsentState.WITHDRAWN,
            "withdrawal": Withdrawal(id="wd_1", at=NOW, receipts=dict.fromkeys(SERVICES, NOW)),
        },
    ],
)
def test_a_consent_that_is_over_leaves_the_document(change):
    document = access_document(state(consents=(consent(**change),)), 2, NOW)
    assert (document.consents, document.receipts_for) == ((), ())


def test_the_fullest_document_fits_a_message():
    people = tuple(f"{number:0>63}" for number in range(20))
    every = tuple(DataClass)
    shared = tuple(data_class for data_class in every if data_class is not DataClass.PLAN_PRIVATE)
    whole: list[Consent] = []
    for classes, most in ((shared, MOST_STANDING), (every, MOST_PRIVATE)):
        scope = consent().scope.model_copy(
            update={"recipients": people, "classes": classes, "only_goals": None}
        )
        full = [consent(id=f"{len(whole) + n:0>63}", scope=scope, accepted_by=people) for n in range(most)]
        check_room([*whole, *full[1:]], full[0])
        with pytest.raises(Conflict):
            check_room([*whole, *full], consent(id="cn_more", scope=scope))
        wider = scope.model_copy(update={"only_goals": people * 3})
        with pytest.raises(Conflict):
            check_room([*whole, *full[1:]], consent(scope=wider))
        whole += full
    document = access_document(state(consents=tuple(whole)), 2, NOW)
    assert len(document.model_dump_json()) < 840_000


def test_what_a_young_person_opens_in_private_takes_no_room_that_others_could_count():
    scope = consent().scope.model_copy(update={"classes": (DataClass.PLAN_PRIVATE,)})
    private = [consent(id=f"cn_{number}", scope=scope) for number in range(MOST_PRIVATE)]
    shared = [consent(id=f"cn_s{number}") for number in range(MOST_STANDING - 1)]
    check_room([*private, *shared], consent(id="cn_more"))


def test_a_presented_consent_says_nothing():
    presented = consent(state=ConsentState.PRESENTED)
    assert access_document(state(consents=(presented,)), 1, NOW).consents == ()


def test_the_document_holds_no_word():
    client = state().client.model_copy(update={"words": ClientWords(names={"everyone": "Canary"})})
    tied = tie("ps_mum", Authority.FULL, "hh_1").model_copy(update={"evidence": "Canary"})
    spoken = consent(words=ConsentWords(purpose="Canary"))
    body = access_document(state(client=client, relationships=(tied,), consents=(spoken,)), 1, NOW)
    assert "Canary" not in body.model_dump_json()


def test_england_counts_thirteen_sixteen_eighteen():
    dates = thresholds(PACKS["england"], 2013, 4)
    assert (dates.privacy_from, dates.consents_from, dates.majority_from) == (
        date(2026, 4, 1),
        date(2029, 4, 1),
        date(2031, 4, 1),
    )


@given(st.integers(0, 110), st.integers(1, 12), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_the_birth_month_found_from_an_age_gives_that_age(age, month, today):
    year, found = birth_of(age, month, today)
    assert found == month
    assert (today.year - year) - (0 if month <= today.month else 1) == age
