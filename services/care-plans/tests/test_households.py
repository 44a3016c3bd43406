"""What a home carries: the cap over children and tenants, waiting in turn, and nothing shared by accident."""

from hypothesis import given
from hypothesis import strategies as st

from care_plans.households import Load, admit, caps, home_key, place_of
from contracts.access import AccessDocument, HouseholdFact

HOME = HouseholdFact(id="hh_1", members=("ps_a", "ps_b"), live_task_cap=2)


def loads(*keys: str) -> dict[str, Load]:
    return {key: Load(key) for key in keys}


def test_the_key_is_made_of_people_not_of_the_tenants_own_ids() -> None:
    turned = HouseholdFact(id="hh_9", members=("ps_b", "ps_a"), live_task_cap=3)
    others = HouseholdFact(id="hh_1", members=("ps_c",), live_task_cap=2)
    assert home_key("tn_a", HOME) == home_key("tn_b", turned) != home_key("tn_a", others)


def test_homes_without_people_share_nothing_between_tenants() -> None:
    empty = HouseholdFact(id="hh_1", members=(), live_task_cap=2)
    assert home_key("tn_a", empty) != home_key("tn_b", empty)


def test_the_same_task_id_in_two_tenants_is_two_places() -> None:
    assert place_of("tn_a", "cl", "tk") != place_of("tn_b", "cl", "tk")


def test_a_task_beyond_the_cap_waits_and_is_next() -> None:
    homes = loads("h")
    assert [admit(homes, {"h": 2}, place) for place in ("a", "b", "c", "d")] == [True, True, False, False]
    homes["h"].leave("a")
    assert not admit(homes, {"h": 2}, "d"), "c waits longer"
    assert admit(homes, {"h": 2}, "c")
    assert homes["h"].live == ["b", "c"]


def test_who_waits_for_another_home_does_not_block_this_one() -> None:
    homes = loads("h", "k")
    assert admit(homes, {"k": 1}, "x")
    assert not admit(homes, {"h": 1, "k": 1}, "both")
    assert admit(homes, {"h": 1}, "only_h")
    homes["k"].leave("x")
    assert not admit(homes, {"h": 1, "k": 1}, "both")
    assert admit(homes, {"k": 1}, "only_k"), "both waits for h now"


def test_a_task_without_a_home_always_has_room() -> None:
    assert admit({}, {}, "mine")


def test_admitting_twice_changes_nothing() -> None:
    homes = loads("h")
    assert admit(homes, {"h": 1}, "a") and admit(homes, {"h": 1}, "a")
    assert homes["h"].live == ["a"]


def test_a_cap_of_none_lets_nothing_live() -> None:
    assert not admit(loads("h"), {"h": 0}, "a")


def test_caps_are_those_of_the_named_homes() -> None:
    doc = AccessDocument(tenant_id="tn_a", client_id="cl", rev=1, households=(HOME,))
    assert caps(doc, ["hh_1", "hh_unknown"]) == {home_key("tn_a", HOME): 2}


moves = st.lists(st.tuples(st.integers(0, 7), st.booleans()), max_size=60)


@given(moves, st.integers(0, 3), st.integers(0, 3))
def test_no_home_ever_carries_more_than_its_cap(
    moves: list[tuple[int, bool]], first: int, second: int
) -> None:
    homes, cap_of = loads("h", "k"), {"h": first, "k": second}
    for number, ends in moves:
        wanted = {key: cap for key, cap in cap_of.items() if number % 3 != (0 if key == "h" else 1)}
        if ends:
            for load in homes.values():
                load.leave(str(number))
        else:
            admit(homes, wanted, str(number))
        for key, load in homes.items():
            waiting = [entry.place for entry in load.waiting]
            assert len(load.live) <= cap_of[key] and not set(load.live) & set(waiting)
            assert len(set(load.live)) == len(load.live) and len(set(waiting)) == len(waiting)
