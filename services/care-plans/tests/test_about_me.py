"""The page "about me": whose words, whose yes, who reads what, and what closes when words change."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from care_plans.about_me import (
    MOST_LINES,
    Asked,
    CalledSomebody,
    Line,
    Page,
    PageFull,
    SaidYes,
    TakenOff,
    Writer,
)
from chassis.errors import Invalid
from chassis.mongo import Mongo
from contracts.about_me import AboutMeChanged, Heading, LineState
from contracts.care_plans import DutyCalled
from contracts.classes import DataClass
from policy.days import day_of

Clinic = Any
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
LONG_AGO = datetime.now(UTC) - timedelta(days=100)
TEAM, TEEN, GRAN = Writer("ps_t", team=True), Writer("ps_c", own=True), Writer("ps_g", home_decides=True)
LISTENS = "I build or draw while I listen. Please let me."
ASKED = {"how": "Read to him, line by line.", "way": "talker", "came_back": "okay okay"}
LINE = {"id": "ab_a", "heading": "one_page", "words": LISTENS}
PAGE = ["plan_school", "observation", "about_me"]


def written(writer: Writer = TEAM, words: str = LISTENS, asked: Asked | None = None, **how: Any) -> Line:
    line = Line("tn_a", "cl_a", "ab_a", NOW)
    line.write(Heading.ONE_PAGE, words, asked, writer=writer, now=NOW, **how)
    return line


def told(line: Line) -> list[AboutMeChanged]:
    return [event for event in line.events if isinstance(event, AboutMeChanged)]


def test_what_the_team_writes_waits_and_school_is_no_party_to_it() -> None:
    line = written(asks=True)
    [event] = told(line)
    assert (line.state, event.parties, event.asks) == (LineState.WAITS, ("client",), True)
    assert event.words[DataClass.ABOUT_ME].model_dump() == {"heading": "one_page", "words": LISTENS}
    assert written(GRAN).parties == ("guardians", "client"), "who decides for a child reads what waits"


def test_ones_own_words_have_ones_yes_and_nobody_is_asked_how() -> None:
    line = written(TEEN)
    assert (line.state, line.parties) == (LineState.APPROVED, ("guardians", "school", "client"))
    with pytest.raises(Invalid) as refused:
        written(TEEN, asked=Asked(**ASKED))
    assert refused.value.field == "asked"


def test_for_a_child_a_yes_says_how_they_were_asked_and_the_team_alone_reads_that() -> None:
    line = written()
    with pytest.raises(Invalid) as refused:
        line.approve(None, writer=GRAN, now=NOW)
    assert refused.value.field == "asked" and "Nobody has asked the person yet." in str(refused.value)
    line.approve(Asked(**ASKED), writer=GRAN, now=NOW)
    last = told(line)[-1]
    assert (last.state, last.parties) == (LineState.APPROVED, ("guardians", "school", "client"))
    assert (last.by, last.author) == ("ps_g", "ps_t"), "who says yes to words has not written them"
    assert last.words[DataClass.PLAN_TEAM].model_dump() == ASKED
    assert "okay" not in str(last.words[DataClass.ABOUT_ME])
    with pytest.raises(SaidYes):
        line.approve(Asked(**ASKED), writer=GRAN, now=NOW)


def test_other_words_take_the_yes_back_and_the_same_words_change_nothing() -> None:
    line = written(TEEN)
    line.write(Heading.ONE_PAGE, LISTENS, None, writer=TEAM, now=NOW)
    assert (line.version, line.state) == (1, LineState.APPROVED)
    line.write(Heading.ONE_PAGE, "I doodle.", None, writer=TEAM, now=NOW)
    last = told(line)[-1]
    assert (line.version, last.state, last.parties) == (2, LineState.WAITS, ("client",))
    assert DataClass.PLAN_TEAM not in last.words


def test_the_same_words_do_not_write_over_how_somebody_else_asked() -> None:
    """And whoever sent it hears that it was not taken: the answer said that all was well, and called nobody."""
    line = written()
    line.write(Heading.ONE_PAGE, LISTENS, Asked(**ASKED), writer=GRAN, now=NOW)
    assert (line.state, line.approved_by, line.version) == (LineState.APPROVED, "ps_g", 2)
    line.write(Heading.ONE_PAGE, LISTENS, Asked(**ASKED), writer=GRAN, now=NOW)
    other = Writer("ps_other_home", home_decides=True)
    with pytest.raises(SaidYes):
        line.write(
            Heading.ONE_PAGE, LISTENS, Asked(how="x", came_back="I want to die"), writer=other, now=NOW
        )
    assert (line.asked, line.approved_by, line.version) == (Asked(**ASKED), "ps_g", 2)


def test_what_was_taken_off_leaves_every_view_and_is_written_anew_only_as_another_line() -> None:
    line = written(TEEN)
    line.take_off(writer=TEEN, now=NOW)
    last = told(line)[-1]
    assert (last.ended, last.words, "school" in last.parties, line.parties) == (True, {}, True, ())
    for again in (
        lambda: line.take_off(writer=TEEN, now=NOW),
        lambda: line.approve(None, writer=TEEN, now=NOW),
        lambda: line.write(Heading.ONE_PAGE, "x", None, writer=TEEN, now=NOW),
    ):
        with pytest.raises(TakenOff):
            again()


def test_words_of_worry_call_whoever_is_on_duty_and_stay_for_them() -> None:
    line = written(TEEN, "I want to die")
    [call] = [event for event in line.events if isinstance(event, DutyCalled)]
    assert (call.record_id, call.data_class) == ("ab_a", DataClass.ABOUT_ME)
    for writer in (TEEN, TEAM):
        with pytest.raises(CalledSomebody):
            line.write(Heading.ONE_PAGE, "All fine.", None, writer=writer, now=NOW)
    quiet = written(TEAM, "he says he wants to die")
    assert not any(isinstance(event, DutyCalled) for event in quiet.events), "the team calls nobody"


@pytest.mark.parametrize("writer", [TEEN, TEAM])
def test_words_of_worry_are_taken_off_every_page_and_the_team_goes_on_reading_them(writer: Writer) -> None:
    """Whoever of the team takes them off need not be who was called because of them."""
    line = written(TEEN, "When it is loud I hurt myself")
    assert "school" in line.parties
    line.take_off(writer=writer, now=NOW)
    last = told(line)[-1]
    assert (last.state, last.ended, last.parties) == (LineState.TAKEN_OFF, False, ())
    assert last.words[DataClass.ABOUT_ME].model_dump()["words"] == "When it is loud I hurt myself"


def test_a_page_holds_so_many_lines_and_knows_how_many_wait() -> None:
    page = Page("cl_a", lines=MOST_LINES - 1)
    page.make_room()
    page.count(None, LineState.WAITS)
    assert (page.lines, page.waiting) == (MOST_LINES, 1)
    with pytest.raises(PageFull):
        page.make_room()
    page.count(LineState.WAITS, LineState.APPROVED)
    page.count(LineState.APPROVED, LineState.TAKEN_OFF)
    assert (page.lines, page.waiting) == (MOST_LINES - 1, 0)


async def _opens(clinic: Clinic, **changes: Any) -> None:
    """A consent that carries the page names the teacher."""
    consent = {"id": "c1", "state": "granted", "recipients": ["ps_teacher"], "classes": PAGE}
    await clinic.knows(rev=2, consents=[{**consent, "begins": LONG_AGO}], **changes)


def _child() -> dict[str, Any]:
    """The same person, some years younger, who does not sign in."""
    today = day_of(datetime.now(UTC))
    days = {"privacy_from": 1000, "consents_from": 2000, "majority_from": 3000}
    return {"client_person_id": None, **{name: today + timedelta(days=n) for name, n in days.items()}}


async def _reads(clinic: Clinic, person: str) -> list[str]:
    answer = await clinic.as_(person).get("/about")
    assert answer.status_code == 200, answer.text
    return [item["words"] for item in answer.json()["items"]]


async def test_school_reads_a_line_from_its_yes_on_and_until_its_words_change(clinic: Clinic) -> None:
    await _opens(clinic)
    therapist, teen = clinic.as_("ps_therapist"), clinic.as_("ps_teen")
    made = await therapist.post("/about", LINE)
    assert (made.status_code, made.json()) == (201, {"id": "ab_a", "state": "waits", "version": 1})
    assert await _reads(clinic, "ps_teacher") == [] == await _reads(clinic, "ps_parent")
    assert (await teen.post("/about/ab_a/approve", {}, seen=1)).json()["state"] == "approved"
    for person in ("ps_teacher", "ps_parent", "ps_supervisor", "ps_teen"):
        assert await _reads(clinic, person) == [LISTENS]
    changed = {"heading": "one_page", "words": "I doodle."}
    assert (await therapist.put("/about/ab_a", changed, 2)).json()["state"] == "waits"
    assert await _reads(clinic, "ps_teacher") == []
    assert await _reads(clinic, "ps_teen") == ["I doodle."]
    own = {"heading": "one_page", "words": "I draw."}
    assert (await teen.put("/about/ab_a", own, 3)).json()["state"] == "approved"
    assert await _reads(clinic, "ps_teacher") == ["I draw."]
    assert (await teen.post("/about/ab_a/take-off", seen=4)).json()["state"] == "taken_off"
    assert await _reads(clinic, "ps_teacher") == [] == await _reads(clinic, "ps_teen")
    off = (await therapist.get("/about", state="taken_off")).json()["items"]
    assert [item["words"] for item in off] == ["I draw."]
    assert (await teen.get("/about", state="taken_off")).json()["items"] == []


async def test_ones_own_words_leave_school_at_once_also_where_they_called_somebody(clinic: Clinic) -> None:
    await _opens(clinic)
    teen, therapist = clinic.as_("ps_teen"), clinic.as_("ps_therapist")
    await teen.post("/about", {**LINE, "words": "When it is loud I hurt myself."})
    assert await _reads(clinic, "ps_teacher") == ["When it is loud I hurt myself."]
    over = {"heading": "one_page", "words": "All fine."}
    assert (await teen.put("/about/ab_a", over, 1)).json()["title"] == "Somebody on duty has been told"
    assert (await teen.post("/about/ab_a/take-off", seen=1)).json()["state"] == "taken_off"
    for person in ("ps_teacher", "ps_parent", "ps_teen", "ps_therapist"):
        assert await _reads(clinic, person) == []
    (kept,) = (await therapist.get("/about", state="taken_off")).json()["items"]
    assert kept["words"] == "When it is loud I hurt myself."
    assert (await therapist.post("/about/ab_a/take-off", seen=2)).status_code == 409


async def test_a_consent_without_the_page_or_for_one_goal_or_taken_back_opens_nothing(clinic: Clinic) -> None:
    await clinic.as_("ps_teen").post("/about", LINE)
    assert (await clinic.as_("ps_teacher").get("/about")).status_code == 404
    await _opens(clinic)
    assert await _reads(clinic, "ps_teacher") == [LISTENS]
    narrow = {"id": "c1", "state": "granted", "recipients": ["ps_teacher"], "begins": LONG_AGO}
    await clinic.knows(rev=3, consents=[{**narrow, "classes": PAGE, "only_goals": ["g_a"]}])
    assert await _reads(clinic, "ps_teacher") == []
    await clinic.knows(rev=4, consents=[{**narrow, "classes": PAGE, "state": "withdrawn"}])
    assert (await clinic.as_("ps_teacher").get("/about")).status_code == 404
    assert (await clinic.turned().as_("ps_therapist").get("/about")).json()["items"] == []


async def test_for_a_child_home_says_how_they_were_asked_and_the_team_reads_it(clinic: Clinic) -> None:
    await _opens(clinic, **_child())
    parent, therapist = clinic.as_("ps_parent"), clinic.as_("ps_therapist")
    await therapist.post("/about", LINE)
    assert await _reads(clinic, "ps_parent") == [LISTENS] and await _reads(clinic, "ps_teacher") == []
    unasked = await parent.post("/about/ab_a/approve", {}, seen=1)
    assert (unasked.status_code, unasked.json()["field"]) == (422, "asked")
    assert (await parent.post("/about/ab_a/approve", {"asked": ASKED}, seen=1)).status_code == 200
    assert await _reads(clinic, "ps_teacher") == [LISTENS]
    (seen,) = (await therapist.get("/about")).json()["items"]
    assert (seen["asked"], seen["approved_by"]) == (ASKED, "ps_parent")
    for person in ("ps_teacher", "ps_parent"):
        (item,) = (await clinic.as_(person).get("/about")).json()["items"]
        assert set(item) == {"id", "heading", "words", "state", "version", "written_at"}
    own = {"heading": "what_helps", "words": "Headphones.", "asked": ASKED}
    assert (await parent.post("/about", own)).json()["state"] == "approved"


@pytest.mark.parametrize(
    ("person", "child", "statuses"),
    [
        ("ps_therapist", True, (201, 403)), ("ps_supervisor", True, (403, 403)), ("ps_parent", True, (201, 200)),
        ("ps_parent", False, (403, 403)), ("ps_aunt", True, (404, 404)), ("ps_teacher", True, (403, 403)),
        ("ps_teen", False, (201, 200)), ("ps_stranger", True, (404, 404)),
    ],
)  # fmt: skip
async def test_who_writes_and_who_says_yes(
    clinic: Clinic, person: str, child: bool, statuses: tuple[int, int]
) -> None:
    await _opens(clinic, **(_child() if child else {}))
    await clinic.as_("ps_therapist").post("/about", LINE)
    visit = clinic.as_(person)
    body = {"asked": ASKED} if person == "ps_parent" else {}
    made = await visit.post("/about", {"heading": "senses", "words": "Loud halls are hard."})
    yes = await visit.post("/about/ab_a/approve", body, seen=1)
    assert (made.status_code, yes.status_code) == statuses, (made.text, yes.text)


async def test_limits_and_versions_are_told_with_field_and_fix_and_no_word_stands_in_the_clear(
    clinic: Clinic,
) -> None:
    teen = clinic.as_("ps_teen")
    long = await teen.post("/about", {**LINE, "words": "x" * 301})
    assert (long.status_code, long.json()["field"]) == (422, "words")
    assert "300 characters" in long.json()["fix"]
    two = await teen.post("/about", {**LINE, "words": "one\ntwo"})
    assert (two.status_code, two.json()["field"]) == (422, "words")
    for number in range(MOST_LINES):
        assert (await teen.post("/about", {**LINE, "id": f"ab_{number}"})).status_code == 201
    full = await teen.post("/about", LINE)
    assert (full.status_code, full.json()["title"]) == (409, "The page is full")
    assert (await teen.post("/about/ab_1/take-off")).status_code == 428
    assert (await teen.post("/about/ab_1/take-off", seen=7)).status_code == 409
    assert (await teen.post("/about/ab_1/take-off", seen=1)).status_code == 200
    assert (await teen.post("/about", LINE)).status_code == 201
    page = (await teen.get("/about", limit=30)).json()
    rest = (await teen.get("/about", limit=30, after=page["next"])).json()
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (30, 10, None)
    mongo: Mongo = clinic.chassis.mongo
    kept = await mongo.tenant("about_lines", clinic.tenant).find({})
    assert "listen" not in str(kept) and "listen" not in str(await clinic.stream())


async def test_without_a_rota_no_words_are_taken_from_home_or_the_person(clinic: Clinic) -> None:
    nobody = type(clinic)(clinic.chassis, clinic.http, clinic.signer)
    await nobody.knows()
    refused = await nobody.as_("ps_teen").post("/about", LINE)
    assert (refused.status_code, refused.json()["field"]) == (422, "words")
    assert (await nobody.as_("ps_therapist").post("/about", LINE)).status_code == 201


async def test_the_page_asks_once_and_not_for_each_line(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    for number in range(3):
        await therapist.post("/about", {**LINE, "id": f"ab_{number}"})
    asks = [event["asks"] for event in await clinic.stream() if event["type"] == "about_me_changed"]
    assert asks == [True, False, False]


async def test_a_wish_becomes_a_line_in_the_same_answer_and_school_reads_the_reason_alone(
    clinic: Clinic,
) -> None:
    await _opens(clinic)
    teacher, therapist = clinic.as_("ps_teacher"), clinic.as_("ps_therapist")
    await teacher.post("/proposals", {"id": "pr_a", "party": "school", "words": "Looks at the speaker."})
    said = {"outcome": "refused", "answer": "Looking can hurt.", "about": LINE}
    wrong = await therapist.post("/proposals/pr_a/answer", said, seen=1)
    assert (wrong.status_code, wrong.json()["field"]) == (422, "about")
    assert await _reads(clinic, "ps_therapist") == []
    done = await therapist.post("/proposals/pr_a/answer", {**said, "outcome": "rewritten"}, seen=1)
    assert done.status_code == 200, done.text
    (mine,) = (await teacher.get("/proposals")).json()["items"]
    assert mine["answer"] == "Looking can hurt." and LISTENS not in str(mine) and "line_id" not in mine
    assert await _reads(clinic, "ps_teacher") == [], "the line waits for the person's own yes"
    (team,) = (await therapist.get("/proposals")).json()["items"]
    assert (team["line_id"], team["became"]) == ("ab_a", LISTENS)
    await clinic.as_("ps_teen").post("/about/ab_a/approve", {}, seen=1)
    assert await _reads(clinic, "ps_teacher") == [LISTENS]
