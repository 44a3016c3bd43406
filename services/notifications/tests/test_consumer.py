"""One message for each recipient of each event, written down with the batch; who did it is not told of it."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.errors import Unavailable
from contracts.care_plans import PracticeRested, TaskState
from policy.days import LONDON, today

from .conftest import LONG_AGO, Post
from .sample_events import (
    about_line,
    activated,
    answered,
    begun,
    goals_ended,
    log_answered,
    noted,
    proposed,
    summary,
    task,
    wished,
)


async def test_everyone_asked_is_owed_one_message_in_the_wording_they_read(post: Post) -> None:
    await post.hears(proposed(post.tenant, "guardians", "school", "client"))
    owed = await post.owed()
    classes = {person: row["classes"] for person, row in owed.items()}
    assert classes == {
        "ps_parent": ["plan_plain"],
        "ps_other": ["plan_plain"],
        "ps_uncle": ["plan_plain"],
        "ps_teacher": ["plan_school"],
        "ps_child": ["plan_own"],
    }
    assert {row["template"] for row in owed.values()} == {"reply_wanted"}
    assert {row["state"] for row in owed.values()} == {"due"}


async def test_all_who_read_a_goal_hear_that_something_is_new_when_it_ends(post: Post) -> None:
    await post.hears(goals_ended(post.tenant, "guardians", "school"))
    owed = await post.owed()
    assert set(owed) == {"ps_parent", "ps_other", "ps_uncle", "ps_teacher"}
    assert {row["template"] for row in owed.values()} == {"update"}


@pytest.mark.parametrize(("years", "hears"), [(8, False), (14, True), (18, True)])
async def test_whoever_reads_the_plan_in_plain_words_hears_that_the_team_has_begun(
    post: Post, years: int, hears: bool
) -> None:
    ages = {"privacy_from": 12, "consents_from": 16, "majority_from": 18}
    born = today() - timedelta(days=365 * years + 30)
    await post.knows(**{name: born + timedelta(days=365 * age) for name, age in ages.items()})
    await post.hears(begun(post.tenant))
    await post.sender().send_due()
    owed = await post.owed()
    assert owed["ps_child"]["state"] == ("sent" if hears else "dropped"), "the person themselves"
    assert owed["ps_parent"]["state"] == ("sent" if years < 18 else "dropped")
    assert owed["ps_uncle"]["state"] == "dropped", "nothing is ticked for him"
    assert {row["template"] for row in owed.values()} == {"update"} and "ps_teacher" not in owed


@pytest.mark.parametrize("told", [("guardians", "client"), ("client",)], ids=["shared", "their own"])
async def test_an_adult_hears_that_the_work_on_a_goal_of_theirs_begins(
    post: Post, told: tuple[str, ...]
) -> None:
    grown = dict.fromkeys(("privacy_from", "consents_from", "majority_from"), today() - timedelta(days=30))
    await post.knows(**grown)
    await post.hears(activated(post.tenant, *told))
    await post.sender().send_due()
    assert {person for person, row in (await post.owed()).items() if row["state"] == "sent"} == {"ps_child"}


async def test_whoever_can_say_the_persons_yes_hears_once_that_a_page_waits_for_it(post: Post) -> None:
    await post.hears(about_line(post.tenant, "client", asks=False))
    await post.hears(about_line(post.tenant, "guardians", "school", "client", asks=False, state="approved"))
    assert await post.owed() == {}
    await post.hears(about_line(post.tenant, "client"))
    owed = await post.owed()
    assert {person: row["template"] for person, row in owed.items()} == {"ps_child": "update"}


async def test_nobody_at_home_or_at_school_hears_that_a_private_goal_ended(post: Post) -> None:
    await post.hears(goals_ended(post.tenant, "client"))
    assert set(await post.owed()) == {"ps_child"}


async def test_who_is_two_parties_is_owed_one_message_in_both_wordings(post: Post) -> None:
    await post.knows(consents=[_consent("c1", "ps_parent", "plan_school"), _friend()])
    await post.hears(activated(post.tenant, "guardians", "school", "network"))
    classes = {person: row["classes"] for person, row in (await post.owed()).items()}
    assert classes["ps_parent"] == ["plan_plain", "plan_school"]
    assert classes["ps_other"] == ["plan_plain"]


async def test_a_teacher_is_told_of_a_goal_that_is_shared_with_school_and_network(post: Post) -> None:
    await post.knows(consents=[_consent("c1", "ps_teacher", "plan_school"), _friend()])
    await post.hears(activated(post.tenant, "school", "network"))
    await post.sender().send_due()
    owed = await post.owed()
    assert {person: row["state"] for person, row in owed.items()} == {
        "ps_teacher": "sent",
        "ps_friend": "sent",
    }
    assert owed["ps_teacher"]["classes"] == ["plan_school"]
    assert owed["ps_friend"]["classes"] == ["plan_plain"]


@pytest.mark.parametrize("state", ["granted", "withdrawn"])
async def test_a_guardian_whom_a_consent_names_is_told_as_a_guardian(post: Post, state: str) -> None:
    await post.knows(consents=[{**_consent("c1", "ps_parent", "plan_school"), "state": state}])
    await post.hears(activated(post.tenant, "guardians", "school"))
    await post.sender().send_due()
    assert (await post.owed())["ps_parent"]["state"] == "sent"


async def test_nobody_is_owed_anything_by_a_consent_that_has_ended(post: Post) -> None:
    await post.knows(consents=[{**_consent("c1", "ps_teacher", "plan_school"), "state": "withdrawn"}])
    await post.hears(activated(post.tenant, "school"))
    assert await post.owed() == {}


async def test_the_same_event_again_owes_nothing_more(post: Post) -> None:
    event = activated(post.tenant, "guardians")
    await post.hears(event, event)
    await post.hears(event)
    assert set(await post.owed()) == {"ps_parent", "ps_other", "ps_uncle"}


async def test_a_live_task_is_told_in_its_home_alone(post: Post) -> None:
    await post.hears(task(post.tenant, "household:hh_b"))
    assert set(await post.owed()) == {"ps_other"}


@pytest.mark.parametrize("change", [{"state": TaskState.QUEUED}, {"state": TaskState.LIVE, "ended": True}])
async def test_a_task_that_waits_or_has_ended_is_told_nobody(post: Post, change: dict[str, object]) -> None:
    await post.hears(task(post.tenant, "household:hh_a", **change))
    assert await post.owed() == {}


async def test_the_lead_hears_of_an_answer_and_the_person_who_gave_it_of_the_reply(post: Post) -> None:
    await post.hears(answered(post.tenant, by="ps_parent"))
    assert set(await post.owed()) == {"ps_therapist"}
    await post.hears(answered(post.tenant, by="ps_therapist"))
    assert set(await post.owed()) == {"ps_therapist", "ps_parent"}


async def test_the_lead_hears_of_what_does_not_work_at_school_and_who_noted_it_of_an_answer_in_words(
    post: Post,
) -> None:
    await post.hears(noted(post.tenant, by="ps_teacher", waits=False))
    assert await post.owed() == {}, "what works asks nothing of anybody"
    await post.hears(noted(post.tenant, by="ps_teacher"))
    assert set(await post.owed()) == {"ps_therapist"}
    await post.hears(noted(post.tenant, by="ps_therapist", changed=True))
    assert set(await post.owed()) == {"ps_therapist"}, "the goal's new version tells of the change"
    await post.hears(noted(post.tenant, by="ps_therapist"))
    assert set(await post.owed()) == {"ps_therapist", "ps_teacher"}


async def test_the_lead_hears_of_a_wish_and_whoever_wished_of_the_answer_and_nobody_else(post: Post) -> None:
    await post.hears(wished(post.tenant, by="ps_parent"))
    assert set(await post.owed()) == {"ps_therapist"}
    await post.hears(wished(post.tenant, by="ps_therapist"))
    owed = await post.owed()
    assert set(owed) == {"ps_therapist", "ps_parent"}
    assert {row["template"] for row in owed.values()} == {"update"}


async def test_the_home_that_logged_hears_of_the_answer_unless_its_card_tells_it(post: Post) -> None:
    await post.hears(log_answered(post.tenant, told=True))
    assert await post.owed() == {}
    await post.hears(log_answered(post.tenant))
    assert set(await post.owed()) == {"ps_other"}


async def test_a_summary_is_told_to_the_family(post: Post) -> None:
    await post.hears(summary(post.tenant))
    assert {"ps_parent", "ps_other"} <= set(await post.owed())


async def test_an_event_waits_until_the_facts_it_was_written_under_are_here(post: Post) -> None:
    with pytest.raises(Unavailable):
        await post.hears(activated(post.tenant, "guardians"), access_rev=2)
    assert await post.owed() == {}
    await post.knows(rev=2)
    await post.hears(activated(post.tenant, "guardians"), access_rev=2)
    assert "ps_parent" in await post.owed()


async def test_of_a_closed_record_nobody_is_told(post: Post) -> None:
    await post.knows(closed=True)
    await post.hears(activated(post.tenant, "guardians"), access_rev=7)
    assert await post.owed() == {}


def _consent(key: str, recipient: str, data_class: str) -> dict[str, Any]:
    whole = {"id": key, "state": "granted", "recipients": [recipient], "classes": [data_class]}
    return {**whole, "begins": LONG_AGO}


def _friend() -> dict[str, Any]:
    """The consent of a member of the network, who has accepted it."""
    return {**_consent("c2", "ps_friend", "plan_plain"), "accepted_by": ["ps_friend"]}


SUNDAY = today() + timedelta(days=6 - today().weekday())


def _rest(post: Post, **changes: Any) -> PracticeRested:
    """The first home lets all practice rest until Sunday."""
    usual: dict[str, Any] = {"record_id": "rest_a", "parties": ("household:hh_a",), "household_id": "hh_a"}
    return PracticeRested(
        tenant_id=post.tenant, client_id="cl_a", by="ps_parent", **(usual | {"until": SUNDAY} | changes)
    )


async def test_nobody_is_told_that_a_home_rests(post: Post) -> None:
    await post.hears(_rest(post), _rest(post, ended=True))
    assert await post.owed() == {}


async def test_a_home_that_rests_hears_of_practice_on_monday_morning_and_the_other_at_once(
    post: Post,
) -> None:
    await post.hears(_rest(post))
    await post.hears(task(post.tenant, "household:hh_a", "household:hh_b"))
    await post.sender().send_due()
    owed = await post.owed()
    assert (owed["ps_parent"]["state"], owed["ps_other"]["state"]) == ("due", "sent")
    monday = owed["ps_parent"]["due_at"].astimezone(LONDON)
    assert (monday.date(), monday.hour) == (SUNDAY + timedelta(days=1), 9)


async def test_going_on_lets_what_was_held_back_leave(post: Post) -> None:
    await post.hears(_rest(post), task(post.tenant, "household:hh_a"), _rest(post, ended=True))
    await post.sender().send_due()
    assert (await post.owed())["ps_parent"]["state"] == "sent"


async def test_an_answer_to_a_log_waits_as_well_for_the_home_that_rests(post: Post) -> None:
    await post.hears(_rest_of(post, "household:hh_b"), log_answered(post.tenant))
    await post.sender().send_due()
    waits = (await post.owed())["ps_other"]
    assert (waits["state"], waits["due_at"].astimezone(LONDON).date()) == ("due", SUNDAY + timedelta(days=1))
    await post.hears(_rest_of(post, "household:hh_b", ended=True))
    await post.sender().send_due()
    assert (await post.owed())["ps_other"]["state"] == "sent"


@pytest.mark.parametrize("change", [{"ended": True}, {"until": SUNDAY - timedelta(days=7)}])
async def test_a_rest_that_is_over_holds_nothing_back(post: Post, change: dict[str, Any]) -> None:
    await post.hears(_rest(post), _rest(post, **change), task(post.tenant, "household:hh_a"))
    await post.sender().send_due()
    assert (await post.owed())["ps_parent"]["state"] == "sent"


def _rest_of(post: Post, party: str, **changes: Any) -> PracticeRested:
    """A home by its label, or the client, lets all practice rest until Sunday."""
    home = party.removeprefix("household:") if party != "client" else None
    own: dict[str, Any] = {"record_id": f"rest_{home or 'own'}", "parties": (party,), "household_id": home}
    return _rest(post, **(own | changes))


@pytest.mark.parametrize(("party", "person"), [("household:hh_b", "ps_other"), ("client", "ps_child")])
async def test_one_that_goes_on_lets_its_own_messages_leave_and_nobody_elses(
    post: Post, party: str, person: str
) -> None:
    both = ("household:hh_a", party)
    await post.hears(*(_rest_of(post, each) for each in both), task(post.tenant, *both))
    await post.sender().send_due()
    owed = await post.owed()
    assert (owed["ps_parent"]["state"], owed[person]["state"]) == ("due", "due")
    await post.hears(_rest_of(post, party, ended=True))
    await post.sender().send_due()
    owed = await post.owed()
    assert (owed["ps_parent"]["state"], owed[person]["state"]) == ("due", "sent")
    assert owed["ps_parent"]["due_at"].astimezone(LONDON).date() == SUNDAY + timedelta(days=1)
    await post.hears(_rest_of(post, "household:hh_a", ended=True))
    await post.sender().send_due()
    assert (await post.owed())["ps_parent"]["state"] == "sent"


async def test_whom_a_practice_is_for_rests_with_the_home_they_do_it_in(post: Post) -> None:
    await post.hears(_rest_of(post, "household:hh_a"))
    await post.hears(task(post.tenant, "household:hh_a", "person:ps_parent", "person:ps_other"))
    await post.sender().send_due()
    owed = await post.owed()
    assert (owed["ps_parent"]["state"], owed["ps_other"]["state"]) == ("due", "sent"), (
        "the other lives elsewhere"
    )


async def test_who_belongs_to_two_homes_that_rest_hears_of_it_once_neither_does(post: Post) -> None:
    homes = [{"id": home, "members": ["ps_parent"], "live_task_cap": 2} for home in ("hh_a", "hh_b")]
    await post.knows(households=homes)
    both = ("household:hh_a", "household:hh_b")
    await post.hears(*(_rest_of(post, each) for each in both), task(post.tenant, *both))
    for party, state in zip(both, ("due", "sent"), strict=True):
        await post.hears(_rest_of(post, party, ended=True))
        await post.sender().send_due()
        assert (await post.owed())["ps_parent"]["state"] == state


@pytest.mark.parametrize(
    ("rests", "waits", "hears"),
    [("client", "ps_child", "ps_parent"), ("household:hh_a", "ps_parent", "ps_child")],
)
async def test_a_client_rests_by_their_own_rest_and_not_by_that_of_the_home_they_live_in(
    post: Post, rests: str, waits: str, hears: str
) -> None:
    await post.hears(_rest_of(post, rests), task(post.tenant, "household:hh_a", "client"))
    await post.sender().send_due()
    owed = await post.owed()
    assert (owed[waits]["state"], owed[hears]["state"]) == ("due", "sent")
