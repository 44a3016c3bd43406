"""Care days: who keeps them, who reads them, what is refused, and what the access document says of them."""

from datetime import date
from typing import Any

import pytest
from httpx import Response

from chassis.errors import Invalid
from contracts.ids import new_id
from identity.care_days import CareCalendar, CareDays, check_calendar

from .conftest import House, populate

T = "tn_days"
PATH = f"/tenants/{T}/clients/cl_1/care-days"
WEEK: dict[str, Any] = {
    "handover_at": "16:00",
    "days": [
        {"household_id": "hh_1", "days": ["mon", "tue", "wed", "thu"]},
        {"household_id": "hh_2", "days": ["fri", "sat", "sun"], "every_weeks": 2, "week_of": "2026-03-02",
         "otherwise": "hh_1"},
    ],
}  # fmt: skip
HOMES = ("hh_1", "hh_2")


@pytest.fixture(scope="module")
async def admin(house: House) -> str:
    return await populate(house, T)


async def put(house: House, who: str, area: str, body: Any, version: int | None) -> Response:
    headers = {"Authorization": f"Bearer {await house.token(who, area)}", "Idempotency-Key": new_id()}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return await house.http.put(PATH, json=body, headers=headers)


async def version(house: House) -> int:
    return int((await house.get(f"{T}_therapist", "staff", PATH)).json()["version"])


async def test_an_assigned_therapist_sets_them_from_version_to_version(house: House, admin: str) -> None:
    me = f"{T}_therapist"
    assert (await house.get(me, "staff", PATH)).json() == {"version": 0, "handover_at": "00:00", "days": []}
    assert (await put(house, me, "staff", WEEK, None)).status_code == 428
    made = await put(house, me, "staff", WEEK, 0)
    assert made.status_code == 200 and made.json()["version"] == 1, made.text
    stale = await put(house, me, "staff", {"days": []}, 0)
    assert (stale.status_code, stale.json()["version"]) == (409, 1)
    told = await house.document(T, "cl_1")
    assert told["handover_at"] == "16:00"
    assert [(fact["household_id"], fact["days"][0]) for fact in told["care_days"]] == [
        ("hh_1", "mon"),
        ("hh_2", "fri"),
    ]
    assert told["care_days"][1]["otherwise"] == "hh_1" and told["rev"] == made.json()["rev"]
    kept = (await house.get(me, "staff", PATH)).json()
    assert kept["days"][1] == WEEK["days"][1]
    assert (await put(house, me, "staff", {"days": []}, 1)).json()["version"] == 2
    assert (await house.document(T, "cl_1"))["care_days"] == []


@pytest.mark.parametrize(
    ("who", "area"),
    [("mum", "family"), ("dad", "family"), ("teacher", "family"), ("unassigned", "staff"), ("lead", "staff")],
)
async def test_nobody_but_the_team_learns_that_there_are_any(
    house: House, admin: str, who: str, area: str
) -> None:
    at = await version(house)
    for answer in (
        await house.get(f"{T}_{who}", area, PATH),
        await put(house, f"{T}_{who}", area, WEEK, at),
        await put(house, f"{T}_{who}", area, WEEK, at + 7),
    ):
        assert answer.status_code == 404, answer.text
    assert await version(house) == at


async def test_an_administrator_keeps_homes_and_no_days(house: House, admin: str) -> None:
    at = await version(house)
    assert (await put(house, admin, "staff", WEEK, at)).status_code == 404
    assert (await put(house, f"{T}_therapist", "staff", WEEK, at)).status_code == 200
    read = await house.get(admin, "staff", f"/tenants/{T}/clients/cl_1")
    assert read.status_code == 200 and {home["id"] for home in read.json()["households"]} == set(HOMES)
    assert not {"care_days", "handover_at"} & set(read.json()), (
        "whose days they are is read by the team alone"
    )


async def test_a_supervisor_reads_and_does_not_write(house: House, admin: str) -> None:
    pair = {"supervisee_id": f"{T}_therapist", "supervisor_id": f"{T}_lead"}
    span = {"begins": "2026-01-01", "ends": f"{date.today().year + 1}-01-01"}
    await house.must(admin, f"/tenants/{T}/supervisions", {**pair, **span})
    assert (await house.get(f"{T}_lead", "staff", PATH)).status_code == 200
    refused = await put(house, f"{T}_lead", "staff", WEEK, await version(house))
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ([{"household_id": "hh_9", "days": ["mon"]}], "days.0.household_id"),
        ([{"household_id": "hh_1", "days": ["mon"], "otherwise": "hh_9"}], "days.0.otherwise"),
        (
            [{"household_id": h, "days": ["mon", d]} for h, d in (("hh_1", "tue"), ("hh_2", "wed"))],
            "days.1.days",
        ),
        ([{"household_id": "hh_2", "days": ["fri"], "every_weeks": 2}], "days.0.week_of"),
        ([{"household_id": "hh_1", "days": []}], "days.0.days"),
        ([{"household_id": "hh_1", "days": ["monday"]}], "days.0.days.0"),
    ],
)
async def test_what_is_wrong_is_named(
    house: House, admin: str, days: list[dict[str, Any]], field: str
) -> None:
    refused = await put(house, f"{T}_therapist", "staff", {"days": days}, await version(house))
    assert refused.status_code == 422, refused.text
    problem = refused.json()
    assert field in (problem.get("field"), *(row["field"] for row in problem.get("errors", ())))


def test_a_day_stands_in_one_home_alone() -> None:
    one, other = (CareDays(household_id=home, days=("mon", "sun")) for home in HOMES)
    check_calendar(CareCalendar(id="cl_1", days=(one,)), HOMES)
    with pytest.raises(Invalid):
        check_calendar(CareCalendar(id="cl_1", days=(one, other)), HOMES)
