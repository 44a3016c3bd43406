"""One message for each recipient of each event, written down with the batch; who did it is not told of it."""

import pytest

from chassis.errors import Unavailable
from contracts.care_plans import TaskState

from .conftest import Post
from .sample_events import activated, answered, proposed, summary, task


async def test_everyone_asked_is_owed_one_message_in_the_wording_they_read(post: Post) -> None:
    await post.hears(proposed(post.tenant, "guardians", "school", "client"))
    owed = await post.owed()
    classes = {person: row["data_class"] for person, row in owed.items()}
    assert classes == {
        "ps_parent": "plan_plain",
        "ps_other": "plan_plain",
        "ps_uncle": "plan_plain",
        "ps_teacher": "plan_school",
        "ps_child": "plan_own",
    }
    assert {row["template"] for row in owed.values()} == {"reply_wanted"}
    assert {row["state"] for row in owed.values()} == {"due"}


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
