"""The work with one client as a whole: referred, waiting, taken up, under way, ended, begun again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from care_plans.episodes import Episode, EpisodeWords, Move, WrongMove
from chassis.errors import Invalid
from contracts.care_plans import EpisodeChanged, EpisodeState
from contracts.classes import DataClass
from policy.days import day_of

from .steps import active, draft, propose

Clinic = Any
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
WORDS = EpisodeWords(referred_on=date(2026, 8, 3), referred_by="the SENCO")
REFERRAL = {"referred_on": "2026-08-03", "referred_by": "the SENCO", "told": "a call to Efua on Monday"}


def referred(**words: Any) -> Episode:
    episode = Episode("tn_a", "cl_a", WORDS.model_copy(update=words))
    episode.refer(by="ps_therapist", now=NOW)
    return episode


def moved(episode: Episode, *moves: Move) -> list[EpisodeChanged]:
    for move in moves:
        episode.move(move, by="ps_therapist", now=NOW)
    return [event for event in episode.events if isinstance(event, EpisodeChanged)]


def test_somebody_referred_waits_once_they_were_told_so() -> None:
    episode = referred()
    assert episode.state is EpisodeState.REFERRED
    episode.write(WORDS.model_copy(update={"told": "a call"}), by="ps_therapist", now=NOW)
    assert episode.state is EpisodeState.WAITING
    assert referred(told="a call").state is EpisodeState.WAITING


def test_home_reads_nothing_before_the_team_has_begun_and_then_no_more_than_that() -> None:
    *before, begun = moved(referred(told="a call"), "accept")
    assert all(list(event.words) == [DataClass.PLAN_TEAM] for event in before)
    assert (begun.state, begun.begins, begun.parties) == (
        EpisodeState.ASSESSING,
        True,
        ("guardians", "client"),
    )
    assert begun.words[DataClass.PLAN_PLAIN].model_dump() == {"begun_on": date(2026, 9, 1)}


def test_what_the_team_writes_later_is_nothing_that_home_hears_of() -> None:
    episode = referred(told="a call")
    moved(episode, "accept")
    episode.write(WORDS.model_copy(update={"rhythm": "weekly"}), by="ps_therapist", now=NOW)
    last = moved(episode)[-1]
    assert (last.same, list(last.words), last.begins) == (
        (DataClass.PLAN_PLAIN,),
        [DataClass.PLAN_TEAM],
        False,
    )


def test_the_first_active_goal_puts_the_work_under_way_and_an_ended_one_stays_ended() -> None:
    episode = referred(told="a call")
    moved(episode, "accept")
    episode.goal_active(by="ps_therapist", now=NOW)
    assert episode.state is EpisodeState.ACTIVE
    told = moved(episode, "step_down", "end")
    assert [event.state for event in told[-2:]] == [EpisodeState.STEPPING_DOWN, EpisodeState.ENDED]
    assert list(told[-1].words) == [DataClass.PLAN_TEAM], "what has ended leaves the pages at home"
    episode.goal_active(by="ps_therapist", now=NOW)
    assert episode.state is EpisodeState.ENDED
    again = moved(episode, "reopen")[-1]
    assert (again.state, again.begins) == (EpisodeState.ASSESSING, True)


def test_a_goal_unread_at_home_begins_nothing_that_home_could_notice() -> None:
    episode = referred(told="a call")
    before = list(episode.events)
    episode.goal_active(by="ps_therapist", now=NOW, unread=True)
    assert (episode.state, episode.begun_at, episode.events) == (EpisodeState.WAITING, None, before)
    moved(episode, "accept")
    episode.goal_active(by="ps_therapist", now=NOW, unread=True)
    last = moved(episode)[-1]
    assert (last.state, last.same) == (EpisodeState.ACTIVE, (DataClass.PLAN_PLAIN,)), (
        "home had read that it began"
    )


@pytest.mark.parametrize("move", ["step_down", "reopen"])
def test_what_has_not_begun_neither_steps_down_nor_begins_again(move: Move) -> None:
    with pytest.raises(WrongMove):
        referred().move(move, by="ps_therapist", now=NOW)


def test_nobody_is_referred_on_a_day_to_come() -> None:
    with pytest.raises(Invalid) as refused:
        referred(referred_on=date(2026, 9, 9))
    assert refused.value.field == "referred_on"


async def test_a_referral_is_accepted_and_the_first_goal_makes_it_active(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    assert (await therapist.get("/episode")).status_code == 404
    made = await therapist.post("/episode", REFERRAL)
    assert (made.status_code, made.json()["state"]) == (201, "waiting")
    assert (await therapist.post("/episode", REFERRAL)).status_code == 409
    unseen = await therapist.post("/episode/moves", {"move": "accept"})
    assert unseen.status_code == 428
    done = await therapist.post("/episode/moves", {"move": "accept"}, seen=1)
    assert (done.status_code, done.json()["state"]) == (200, "assessing")
    stale = await therapist.put("/episode", {**REFERRAL, "rhythm": "weekly"}, version=1)
    assert (stale.status_code, stale.json()["field"]) == (409, "If-Match")
    written = await therapist.put("/episode", {**REFERRAL, "rhythm": "weekly"}, version=2)
    assert written.status_code == 200
    await active(clinic)
    told = (await therapist.get("/episode")).json()
    assert (told["state"], told["rhythm"], told["told"]) == ("active", "weekly", REFERRAL["told"])
    states = [event["state"] for event in await clinic.stream() if event["type"] == "episode_changed"]
    assert states == ["waiting", "assessing", "assessing", "active"]
    assert "Efua" not in str(await clinic.stream()) and "SENCO" not in str(await clinic.stream())


async def test_a_goal_is_activated_where_nobody_recorded_a_referral(clinic: Clinic) -> None:
    await active(clinic)
    assert (await clinic.as_("ps_therapist").get("/episode")).status_code == 404


async def test_work_that_begins_again_over_active_goals_is_active_and_can_step_down(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    await active(clinic)
    await therapist.post("/episode", REFERRAL)
    states, seen = [], 1
    for move in ("accept", "step_down", "end", "reopen"):
        done = (await therapist.post("/episode/moves", {"move": move}, seen=seen)).json()
        states.append(done.get("state"))
        seen = done["doc_version"]
    assert states == ["active", "stepping_down", "ended", "active"]
    told = [event for event in await clinic.stream() if event["type"] == "episode_changed"]
    assert [event["begins"] for event in told].count(True) == 2, "home hears once each time that it begins"


async def test_a_goal_that_goes_on_puts_the_work_under_way(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    await active(clinic)
    await therapist.post("/goals/g_a/pause")
    await therapist.post("/episode", REFERRAL)
    accepted = await therapist.post("/episode/moves", {"move": "accept"}, seen=1)
    assert accepted.json()["state"] == "assessing"
    await therapist.post("/goals/g_a/resume")
    assert (await therapist.get("/episode")).json()["state"] == "active"


async def test_a_goal_that_is_not_put_to_home_begins_nothing_home_could_notice(clinic: Clinic) -> None:
    """Sixteen, deciding alone: home, which reads no word of the goal, would read that the team has begun."""
    today, therapist = day_of(datetime.now(UTC)), clinic.as_("ps_therapist")
    await clinic.knows(consents_from=today, rev=2)
    await therapist.post("/episode", REFERRAL)
    await draft(clinic, audience=["school"], plain=None)
    await propose(clinic, "g_a")
    yes = {"party": "client", "answer": "approve"}
    said = await clinic.as_("ps_teen").post("/goals/g_a/answers", yes)
    assert said.status_code == 200, said.text
    begun = await therapist.post("/plan/activate", {"goals": ["g_a"]})
    assert begun.status_code == 200, begun.text
    assert (await therapist.get("/episode")).json()["state"] == "waiting"
    grown = {"consents_from": today - timedelta(days=700), "majority_from": today}
    await clinic.knows(**grown, rev=3)
    await therapist.post("/goals/g_a/pause")
    await therapist.post("/goals/g_a/resume")
    assert (await therapist.get("/episode")).json()["state"] == "active", "nobody at home reads a grown-up's"


async def test_whoever_reads_at_home_by_a_tick_alone_is_home_too(clinic: Clinic) -> None:
    """An aunt of limited authority, and nobody who decides: by the young person's tick she reads the plain plan."""
    today, therapist = day_of(datetime.now(UTC)), clinic.as_("ps_therapist")
    tie = {"id": "r2", "person_id": "ps_aunt", "authority": "limited", "kind": "aunt"}
    aunt = {**tie, "begins": datetime.now(UTC) - timedelta(days=90), "ticked": ["plan_plain"]}
    await clinic.knows(consents_from=today, relationships=[aunt], rev=2)
    await therapist.post("/episode", REFERRAL)
    await draft(clinic, audience=["school"], plain=None)
    await propose(clinic, "g_a")
    yes = {"party": "client", "answer": "approve"}
    assert (await clinic.as_("ps_teen").post("/goals/g_a/answers", yes)).status_code == 200
    begun = await therapist.post("/plan/activate", {"goals": ["g_a"]})
    assert begun.status_code == 200, begun.text
    assert (await therapist.get("/episode")).json()["state"] == "waiting"
    await clinic.knows(consents_from=today, relationships=[{**aunt, "ticked": []}], rev=3)
    await therapist.post("/goals/g_a/pause")
    await therapist.post("/goals/g_a/resume")
    assert (await therapist.get("/episode")).json()["state"] == "active", "nobody at home reads any of it"


async def test_a_goal_that_is_only_proposed_moves_nothing(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    await therapist.post("/episode", REFERRAL)
    await draft(clinic)
    await propose(clinic, "g_a")
    assert (await therapist.get("/episode")).json()["state"] == "waiting"


@pytest.mark.parametrize(
    ("person", "read", "written"),
    [
        ("ps_therapist", 200, 200), ("ps_supervisor", 200, 403), ("ps_parent", 404, 404),
        ("ps_aunt", 404, 404), ("ps_teacher", 404, 404), ("ps_teen", 404, 404), ("ps_stranger", 404, 404),
    ],
)  # fmt: skip
async def test_who_reads_and_who_accepts(clinic: Clinic, person: str, read: int, written: int) -> None:
    await clinic.as_("ps_therapist").post("/episode", REFERRAL)
    visit = clinic.as_(person)
    assert (await visit.get("/episode")).status_code == read
    assert (await visit.post("/episode/moves", {"move": "accept"}, seen=1)).status_code == written
    assert (await visit.put("/episode", REFERRAL, version=2)).status_code == written
    assert (await visit.post("/episode", REFERRAL)).status_code == (409 if written == 200 else written)


async def test_the_twin_knows_nothing_of_it(clinic: Clinic) -> None:
    await clinic.as_("ps_therapist").post("/episode", REFERRAL)
    assert (await clinic.turned().as_("ps_therapist").get("/episode")).status_code == 404
