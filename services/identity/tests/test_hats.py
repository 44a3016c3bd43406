"""How many hats one membership and one token hold, and what becomes of the rest."""

from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.errors import Invalid
from contracts.access import Role
from contracts.ids import new_id
from identity.access_tokens import Holder, access_claims, that_fit
from identity.memberships import MOST_HATS, Membership, WornHat
from identity.oauth_clients import OAuthClient

from .conftest import House, person, populate

API = OAuthClient("kith-api", "api", frozenset(), frozenset())
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def school(role: str, until: datetime | None = None) -> WornHat:
    return WornHat(role=Role.SCHOOL_STAFF, school_id="sc", school_role=role, valid_until=until)


def many(number: int, begin: int = 0) -> tuple[WornHat, ...]:
    return tuple(school(f"r{place:059d}") for place in range(begin, begin + number))


def nobody_yet() -> Membership:
    return Membership(person_id="ps_a", version=0)


def test_the_same_hat_given_again_is_one() -> None:
    first = nobody_yet().given((school("a"), school("a"), school("b")), NOW)
    assert (first.version, len(first.hats)) == (1, 2)
    later = school("a", NOW + timedelta(days=3))
    assert set(first.given((later,), NOW).hats) == {later, school("b")}


def test_there_is_room_for_twenty_and_the_next_is_refused_by_name() -> None:
    full = nobody_yet().given(many(MOST_HATS), NOW)
    assert full.given(many(MOST_HATS), NOW).hats == full.hats
    with pytest.raises(Invalid) as refused:
        full.given(many(1, begin=MOST_HATS), NOW)
    assert (refused.value.field, refused.value.status) == ("hats", 422) and refused.value.fix


def test_what_has_ended_and_what_follows_from_a_tie_take_no_room() -> None:
    ended = tuple(school(f"e{place}", NOW - timedelta(days=1)) for place in range(9))
    tied = Membership(person_id="ps_a", hats=ended).with_derived(Role.GUARDIAN)
    assert len(tied.given(many(MOST_HATS), NOW).hats) == MOST_HATS + 1


async def test_an_administrator_hears_what_to_do_when_there_is_no_room(house: House) -> None:
    admin = await populate(house, "tn_hats")
    hats = [{"role": "school_staff", "school_id": "sc_1", "school_role": f"r{n}"} for n in range(MOST_HATS)]
    people = "/tenants/tn_hats/people"
    refused = await house.post(admin, "staff", people, person("tn_hats", "teacher", hats))
    assert (refused.status_code, refused.json()["field"]) == (422, "hats"), "she has one already"
    await house.must(admin, people, person("tn_hats", "teacher", [*hats[1:], hats[1]]))


def test_no_organisation_crowds_out_another() -> None:
    ours = ("tn_ours", school("teacher"))
    crowd = tuple((f"tn_{place}", hat) for place in range(60) for hat in many(MOST_HATS))
    for hats in ((ours, *crowd), (*crowd, ours)):
        held = that_fit(hats)
        assert len({tenant for tenant, _ in held}) == 61
        assert held == tuple(hat for hat in hats if hat in set(held))
    assert that_fit((ours, *crowd[:40])) == (ours, *crowd[:40])


def test_of_too_many_organisations_the_last_stand_back_and_the_token_can_be_read() -> None:
    hats = that_fit(tuple((f"t{place:058d}", hat) for place in range(3000) for hat in many(1)))
    assert [tenant for tenant, _ in hats] == [f"t{place:058d}" for place in range(len(hats))]
    key = ECKey.generate_key("P-256")
    claims = access_claims(
        Holder("ps_a", new_id(), hats), API, issuer="http://a/auth", audience="sessions",
        scope="care notes", now=1, lives_s=300,
    )  # fmt: skip
    text = jwt.encode({"alg": "ES256"}, claims, key, algorithms=["ES256"])
    assert len(text) < 48_000
    assert len(jwt.decode(text, key, algorithms=["ES256"]).claims["hats"]) == len(hats) > 80
