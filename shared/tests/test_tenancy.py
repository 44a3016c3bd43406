"""What a tenant's handle refuses, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.tenancy import (
    TenancyRefused,
    named_tenant,
    scoped_document,
    scoped_filter,
    scoped_pipeline,
    scoped_update,
)

JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("missing", ["", None, 7, "a:b"])
def test_there_is_no_tenant_by_default(missing: object) -> None:
    with pytest.raises(TenancyRefused):
        named_tenant(missing)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "filter",
    [
        {"tenant_id": "b"},
        {"tenant_id": {"$in": ["a", "b"]}},
        {"$or": [{"tenant_id": "b"}, {"x": 1}]},
        {"tenant_id.x": 1},
        {"$where": "true"},
        {"x": {"$not": {"$where": "true"}}},
        {"$expr": {"$function": {"body": "", "args": [], "lang": "js"}}},
    ],
)
def test_a_filter_stays_in_its_tenant(filter: dict[str, object]) -> None:
    with pytest.raises(TenancyRefused):
        scoped_filter(filter, "a")


@pytest.mark.parametrize(
    "update",
    [
        {"x": 1},
        {"$set": {"tenant_id": "b"}},
        {"$unset": {"tenant_id": ""}},
        {"$rename": {"tenant_id": "x"}},
        {"$rename": {"x": "tenant_id"}},
        {"$setOnInsert": {"tenant_id": "b"}},
        [{"$set": {"tenant_id": "$x"}}],
        [{"$unset": "tenant_id"}],
        [{"$replaceWith": "$x"}],
    ],
)
def test_an_update_cannot_move_a_row(update: dict[str, object] | list[dict[str, object]]) -> None:
    with pytest.raises(TenancyRefused):
        scoped_update(update, "a")


@pytest.mark.parametrize(
    "stage",
    [
        {"$lookup": {"from": "x", "localField": "a", "foreignField": "b", "as": "c"}},
        {"$lookup": {"from": "x", "pipeline": [{"$match": {"tenant_id": "b"}}], "as": "c"}},
        {"$unionWith": "x"},
        {"$unionWith": {"coll": "x", "pipeline": [{"$match": {}}]}},
        {"$facet": {"a": [{"$unionWith": "x"}]}},
        {"$graphLookup": {"from": "x"}},
        {"$out": "x"},
        {"$merge": "x"},
        {"$match": {"tenant_id": "b"}},
        {"$group": {"_id": None, "x": {"$accumulator": {}}}},
    ],
)
def test_a_pipeline_stays_in_its_tenant(stage: dict[str, object]) -> None:
    with pytest.raises(TenancyRefused):
        scoped_pipeline([stage], "a")


def test_a_join_that_matches_the_tenant_first_is_let_through() -> None:
    join = {"$lookup": {"from": "x", "pipeline": [{"$match": {"tenant_id": "a"}}], "as": "c"}}
    assert scoped_pipeline([join], "a") == [{"$match": {"tenant_id": "a"}}, join]


def test_a_row_is_keyed_by_its_tenant() -> None:
    assert scoped_document({"_id": "a:1"}, "a") == {"_id": "a:1", "tenant_id": "a"}
    with pytest.raises(TenancyRefused):
        scoped_document({"_id": "b:1"}, "a")


@given(path=st.lists(st.sampled_from(["$or", "$and", "x", "y.z"]), max_size=4), value=JSON)
def test_no_depth_hides_another_tenant(path: list[str], value: object) -> None:
    hidden: object = {"tenant_id": {"$ne": value}}
    for step in path:
        hidden = {step: [hidden]} if step.startswith("$") else {step: hidden}
    with pytest.raises(TenancyRefused):
        scoped_filter(hidden, "a")  # type: ignore[arg-type]


@given(st.dictionaries(st.sampled_from(["x", "y", "z"]), JSON, max_size=3))
def test_every_filter_that_is_let_through_names_the_tenant(filter: dict[str, object]) -> None:
    assert scoped_filter(filter, "a")["tenant_id"] == "a"
