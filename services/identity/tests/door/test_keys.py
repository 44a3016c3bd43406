"""Signing keys change: published before they sign, and no token is refused for it."""

import asyncio

import pytest

from identity.parts import signing_keys
from identity.rotation import KeyRotation
from identity.subject_keys import KmsRoot

from .conftest import Door, part_of


async def test_keys_change_without_a_token_being_refused(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.tokens.REFETCH_EVERY_S", 0)
    before = await door.come_in("kith-family", "efua")
    old = (await door.http.get("/auth/jwks.json")).json()["keys"]
    kid = await door.parts.issuer.keys.rotate()
    published = (await door.http.get("/auth/jwks.json")).json()["keys"]
    assert {row["kid"] for row in published} == {row["kid"] for row in old} | {kid}
    assert all("d" not in row for row in published)
    still = await door.come_in("kith-family", "efua")
    assert kid_of(still["access_token"]) == old[0]["kid"], "a new key is published before it signs"
    await asyncio.sleep(door.settings.signing_key_lead_s)
    after = await door.come_in("kith-family", "efua")
    assert kid_of(after["access_token"]) == kid
    assert [await door.me(one["access_token"]) for one in (before, still, after)] == [200] * 3


async def test_keys_changed_by_several_at_once_leave_one_that_stays(door: Door) -> None:
    chassis, root = door.app.state.chassis, KmsRoot.from_file(door.settings.root_key_file)
    several = [signing_keys(chassis, door.settings, root) for _ in range(4)]
    made = await asyncio.gather(*(keys.rotate() for keys in several))
    rows = await chassis.mongo.crossing_tenants("signing_keys", why="what this test looks at").find({})
    newest = max(rows, key=lambda row: (row["signs_from"], row["_id"]))
    assert newest["_id"] in made
    assert newest["gone_at"] is None
    await several[0].rotate()
    rows = await chassis.mongo.crossing_tenants("signing_keys", why="what this test looks at").find({})
    assert sum(row["gone_at"] is None for row in rows) == 1


async def test_keys_change_when_they_have_grown_old(door: Door) -> None:
    young = KeyRotation(door.app.state.chassis, door.settings)
    assert await young.look() is False
    old = KeyRotation(door.app.state.chassis, door.settings.model_copy(update={"signing_key_days": -1}))
    assert await old.look() is False, "one process at a time looks"
    await young.lease.give_up()
    assert await old.look() is True


def kid_of(token: str) -> str:
    """The key a token names."""
    return str(part_of(token, 0)["kid"])
