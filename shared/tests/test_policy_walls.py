"""A court's restriction holds in every area and whatever else the person is."""

from datetime import timedelta

import pytest

from contracts.access import Authority, RelationshipFact, Role
from policy.caller import Area, Caller, Hat
from policy.grants import Grants, grants
from policy.testing import ME, NOW, Situation, caller_of, document_of

DAY = timedelta(days=1)
STAFF = [Situation("supervisor", "of_assigned", "child", "none", "staff+notes"),
         Situation("therapist", "assigned", "child", "none", "staff+notes"),
         Situation("org_admin", "no_tie", "child", "none", "staff"),
         Situation("auditor", "no_tie", "child", "none", "staff")]  # fmt: skip


def held(
    situation: Situation, authority: Authority, begins: timedelta = -DAY, area: Area | None = None
) -> Grants:
    """What a member of staff who has this tie to the client may do."""
    tie = RelationshipFact(id="rl_one", person_id=ME, kind="parent", authority=authority, begins=NOW + begins)
    caller = caller_of(situation)
    if area:
        hats = (*caller.hats, Hat(Role.GUARDIAN))
        caller = Caller(caller.tenant_id, ME, hats, area, caller.sid, caller.scopes)
    return grants(caller, document_of(situation).model_copy(update={"relationships": (tie,)}), NOW)


@pytest.mark.parametrize("situation", STAFF)
def test_a_restricted_parent_on_the_staff_reads_nothing_in_any_area(situation: Situation) -> None:
    for area in (None, "staff", "api", "family"):
        assert held(situation, Authority.COURT_RESTRICTED, area=area).nothing


@pytest.mark.parametrize("situation", STAFF)
def test_any_other_tie_gives_and_takes_nothing_in_the_staff_area(situation: Situation) -> None:
    without = held(situation, Authority.NONE)
    assert not without.nothing
    for authority in (Authority.FULL, Authority.LIMITED):
        found = held(situation, authority)
        assert (found.classes, found.roles, found.labels) == (without.classes, without.roles, without.labels)
    assert held(situation, Authority.COURT_RESTRICTED, begins=DAY).classes == without.classes
