"""Planning a session and the page after it: nothing typed is lost, and nothing is kept twice."""

import re
from typing import Any

import httpx
import pytest
from rendering import rendered
from sample_sessions import AFTER, HELD, NOTE, WRONG_PLACE, SampleSessions
from site_app import Person, acting, command_of

from contracts.care_plans import GoalTeam
from contracts.classes import DataClass
from family_portal.web import staff_after

from ..conftest import LONG_AGO
from ..sample_events import LEVELS, goal

NEW = "/staff/clients/a/sessions/new"


def checked(page: httpx.Response) -> str:
    """The answer to who came that is chosen on a page."""
    radios = page.text.split('name="attendance"')[1:]
    return next((r.split('value="')[1].split('"')[0] for r in radios if " checked" in r.split(">")[0]), "")


async def test_a_form_that_signs_without_attendance_sends_nothing_and_names_the_field(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(AFTER)
    said = {name: text for name, text in HELD.items() if name != "attendance"}
    refused = await therapist.sends(AFTER, page, **said, do="sign")
    assert refused.status_code == 422 and 'href="#attendance"' in refused.text
    assert NOTE in refused.text and sessions.asked == []
    done = await therapist.sends(AFTER, refused, **HELD, do="sign")
    assert done.status_code == 303 and done.headers["location"] == "/staff/clients/a"
    assert [note["status"] for note in sessions.notes.values()] == ["signed"]


async def test_a_note_that_is_refused_can_be_corrected_with_everything_else(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(AFTER)
    refused = await therapist.sends(AFTER, page, **HELD | {"note": WRONG_PLACE}, do="sign")
    assert refused.status_code == 422 and staff_after.ONLY_THE_NOTE in refused.text
    assert command_of(refused) == command_of(page)
    assert "6 of 10" not in refused.text, "it stands in the form, and is not listed again"
    done = await therapist.sends(AFTER, refused, **HELD | {"attendance": "part", "note": NOTE}, do="sign")
    assert done.status_code == 303, done.text
    kept = sessions.sessions["se_one"]
    assert kept["attendance"] == {"status": "part", "minutes": 40}
    assert [trial["value"] for trial in kept["trials"]] == [6]
    assert [note["text"] for note in sessions.notes.values()] == [NOTE]


async def test_only_the_note_is_sent_anew_where_only_the_note_was_corrected(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(AFTER)
    refused = await therapist.sends(AFTER, page, **HELD | {"note": WRONG_PLACE}, do="sign")
    assert (await therapist.sends(AFTER, refused, **HELD, do="sign")).status_code == 303
    assert sessions.sessions["se_one"]["recorded"] == 1


async def test_the_same_form_twice_has_one_effect(therapist: Person, sessions: SampleSessions) -> None:
    page = await therapist.opens(AFTER)
    for _ in range(2):
        assert (await therapist.sends(AFTER, page, **HELD, do="save")).status_code == 303
    assert sessions.sessions["se_one"]["recorded"] == 1
    assert len(sessions.notes) == 1 and len(sessions.sessions["se_one"]["trials"]) == 1


async def test_a_draft_that_is_sent_again_to_be_signed_is_signed(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(AFTER)
    await therapist.sends(AFTER, page, **HELD, do="save")
    assert (await therapist.sends(AFTER, page, **HELD, do="sign")).status_code == 303
    assert [(note["text"], note["status"]) for note in sessions.notes.values()] == [(NOTE, "signed")]


async def test_a_form_whose_answer_was_lost_can_be_corrected(
    therapist: Person, sessions: SampleSessions
) -> None:
    sessions.away = {"record"}
    page = await therapist.opens(AFTER)
    lost = await therapist.sends(AFTER, page, **HELD, do="save")
    assert lost.status_code == 503 and NOTE in lost.text
    sessions.away = set()
    done = await therapist.sends(AFTER, lost, **HELD | {"summary": "We built two dens."}, do="save")
    assert done.status_code == 303, done.text
    kept = sessions.sessions["se_one"]
    assert kept["summary"] == {"text": "We built two dens."} and len(kept["trials"]) == 1


@pytest.mark.parametrize("came", ["attended", "part", "no_show", "cancelled"])
async def test_who_came_stands_on_the_page_as_it_was_answered(
    therapist: Person, sessions: SampleSessions, came: str
) -> None:
    page = await therapist.opens(AFTER)
    assert checked(page) == ""
    assert (await therapist.sends(AFTER, page, attendance=came, do="save")).status_code == 303
    outcome = came if came in ("no_show", "cancelled") else "held"
    assert sessions.sessions["se_one"]["outcome"] == outcome
    assert checked(await therapist.opens(AFTER)) == came


async def test_results_of_a_session_that_was_missed_are_asked_about_and_kept_in_the_form(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(AFTER)
    refused = await therapist.sends(AFTER, page, **HELD | {"attendance": "no_show"}, do="save")
    assert refused.status_code == 422 and 'href="#trial-g_one-0-value"' in refused.text
    assert sessions.asked == [] and NOTE in refused.text


async def test_an_erased_summary_is_taken_back_before_it_is_signed(
    therapist: Person, sessions: SampleSessions
) -> None:
    await therapist.sends(AFTER, await therapist.opens(AFTER), **HELD, do="save")
    erased = {"attendance": "attended", "summary": "", "try_at_home": "", "do": "sign"}
    assert (await therapist.sends(AFTER, await therapist.opens(AFTER), **erased)).status_code == 303
    kept = sessions.sessions["se_one"]
    assert kept["summary"] is None and not kept["summary_shared"]


async def test_a_summary_of_a_session_that_was_missed_after_all_is_asked_about(
    therapist: Person, sessions: SampleSessions
) -> None:
    told = {"attendance": "attended", "summary": "We built a den.", "do": "save"}
    await therapist.sends(AFTER, await therapist.opens(AFTER), **told)
    missed = told | {"attendance": "no_show", "do": "sign"}
    refused = await therapist.sends(AFTER, await therapist.opens(AFTER), **missed)
    assert refused.status_code == 422 and 'href="#summary"' in refused.text
    assert sessions.sessions["se_one"]["state"] == "documented"
    assert (await therapist.sends(AFTER, refused, **missed | {"summary": ""})).status_code == 303
    assert sessions.sessions["se_one"]["summary"] is None


async def test_what_to_try_at_home_is_not_dropped_without_a_summary(
    therapist: Person, sessions: SampleSessions
) -> None:
    said = {"attendance": "attended", "try_at_home": "Build one too.", "do": "save"}
    refused = await therapist.sends(AFTER, await therapist.opens(AFTER), **said)
    assert (
        refused.status_code == 422 and 'href="#summary"' in refused.text and "Build one too." in refused.text
    )


async def test_a_note_that_was_kept_as_a_draft_is_signed_with_its_session(
    therapist: Person, sessions: SampleSessions
) -> None:
    said = {**RESULTS, "note_class": "progress", "note": "Two breaks."}
    await therapist.sends(AFTER, await therapist.opens(AFTER), **said, do="save")
    assert [note["status"] for note in sessions.notes.values()] == ["draft"]
    await therapist.sends(AFTER, await therapist.opens(AFTER), **RESULTS, do="sign")
    assert [note["status"] for note in sessions.notes.values()] == ["signed"]
    assert sessions.sessions["se_one"]["state"] == "signed"


RESULTS = {"attendance": "attended", "trial-g_one-0-value": "4", "trial-g_one-0-label": "card"}


def typed_in(page: httpx.Response, name: str) -> str:
    """What stands in an input of a page."""
    tag = next(part for part in page.text.split("<input")[1:] if f'name="{name}"' in part).split(">")[0]
    return tag.split('value="')[1].split('"')[0] if 'value="' in tag else ""


async def test_a_session_is_signed_without_a_note(therapist: Person, sessions: SampleSessions) -> None:
    page = await therapist.opens(AFTER)
    done = await therapist.sends(AFTER, page, **RESULTS, do="sign")
    assert done.status_code == 303 and done.headers["location"] == "/staff/clients/a"
    assert sessions.sessions["se_one"]["state"] == "signed"


async def test_a_note_of_ones_own_alone_signs_the_session_too(
    therapist: Person, sessions: SampleSessions
) -> None:
    said = {**RESULTS, "note_class": "psychotherapy", "note": "A hunch.", "do": "sign"}
    assert (await therapist.sends(AFTER, await therapist.opens(AFTER), **said)).status_code == 303
    assert sessions.sessions["se_one"]["state"] == "signed"


async def test_a_cancelled_session_says_that_there_is_nothing_to_sign(
    therapist: Person, sessions: SampleSessions
) -> None:
    done = await therapist.sends(AFTER, await therapist.opens(AFTER), attendance="cancelled", do="sign")
    assert done.status_code == 303 and sessions.sessions["se_one"]["state"] == "cancelled"
    assert "nothing to sign" in (await therapist.opens(done.headers["location"])).text


async def test_the_page_says_when_the_family_reads_the_summary(therapist: Person) -> None:
    page = await therapist.opens(AFTER)
    assert "once you sign, not before" in page.text and "lets the family read" in page.text
    saved = await therapist.sends(AFTER, page, **HELD, do="save")
    assert "Only the team reads it until you sign." in (await therapist.opens(saved.headers["location"])).text


async def test_kept_results_stand_in_the_form_to_be_corrected_or_taken_back(
    therapist: Person, sessions: SampleSessions
) -> None:
    more = {"trial-g_one-1-value": "2", "trial-g_one-1-label": "voice"}
    await therapist.sends(AFTER, await therapist.opens(AFTER), **RESULTS, **more, do="save")
    page = await therapist.opens(AFTER)
    assert [typed_in(page, f"trial-g_one-{n}-value") for n in (0, 1, 2)] == ["4", "2", ""]
    ids = {f"trial-g_one-{n}-id": typed_in(page, f"trial-g_one-{n}-id") for n in (0, 1)}
    lines = {"trial-g_one-0-value": "3", "trial-g_one-1-value": ""}
    done = await therapist.sends(AFTER, page, attendance="attended", **ids, **lines, do="save")
    assert done.status_code == 303
    (left,) = sessions.sessions["se_one"]["trials"]
    assert (left["value"], left["label"]) == (3, "card")


async def test_saving_what_is_kept_again_keeps_it_once(therapist: Person, sessions: SampleSessions) -> None:
    for _ in range(3):
        page = await therapist.opens(AFTER)
        kept = sessions.sessions["se_one"]["trials"]
        ids = {"trial-g_one-0-id": kept[0]["id"]} if kept else {}
        await therapist.sends(AFTER, page, **RESULTS, **ids, do="save")
    assert [trial["value"] for trial in sessions.sessions["se_one"]["trials"]] == [4]


async def test_a_result_that_cannot_be_is_marked_where_it_stands(
    therapist: Person, sessions: SampleSessions
) -> None:
    said = {"attendance": "attended", "trial-g_one-0-value": "", "trial-g_one-2-value": "9"}
    refused = await therapist.sends(AFTER, await therapist.opens(AFTER), **said, do="save")
    assert refused.status_code == 422 and 'href="#trial-g_one-2-value"' in refused.text
    assert 'id="trial-g_one-2-value-error"' in refused.text and "from 0 to 5" in refused.text


async def test_a_place_without_a_number_is_asked_about(therapist: Person, sessions: SampleSessions) -> None:
    said = {**RESULTS, "trial-g_one-0-value": ""}
    refused = await therapist.sends(AFTER, await therapist.opens(AFTER), **said, do="save")
    assert refused.status_code == 422 and 'href="#trial-g_one-0-value"' in refused.text
    assert not sessions.sessions["se_one"]["trials"]


async def test_a_signed_session_is_shown_as_signed_with_what_may_still_be_done(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(AFTER)
    await therapist.sends(AFTER, page, **HELD, do="sign")
    signed = await therapist.opens(AFTER)
    assert "Signed." in signed.text and "6 of 10" in signed.text
    assert 'name="attendance"' not in signed.text and "trial-g_one" not in signed.text
    late = await therapist.sends(AFTER, None, **HELD | {"summary": "Late."}, do="save")
    assert late.status_code == 409 and "A signed session is closed." in late.text
    assert 'name="attendance"' not in late.text and "Late." in late.text
    summary, note = AFTER.replace("/after", "/summary"), AFTER.replace("/after", "/note")
    done = await therapist.sends(summary, signed, summary="We built two dens.")
    assert done.status_code == 303, done.text
    assert sessions.sessions["se_one"]["summary"] == {"text": "We built two dens."}
    empty = await therapist.sends(summary, signed, summary=" ")
    assert empty.status_code == 422 and 'href="#summary"' in empty.text
    assert f'data-at="{AFTER}"' in empty.text and "data-came-back" in empty.text, "it is read again there"
    more = await therapist.sends(note, signed, note="And one more.", note_class="progress", do="sign")
    assert more.status_code == 303 and len(sessions.notes) == 2


async def test_a_supervisor_reads_a_session_without_a_button_that_would_be_refused(
    house: Any, therapist: Person, sessions: SampleSessions
) -> None:
    tie = {"id": "s1", "person_id": "ps_supervisor", "supervisee_id": "ps_therapist", "begins": LONG_AGO}
    await house.knows(rev=2, supervisions=[tie])
    page = await therapist.opens(AFTER)
    await therapist.sends(AFTER, page, **HELD, do="save")
    async with acting(house, "ps_supervisor", staff_after.router, handle=sessions.handle) as supervisor:
        for signs in (False, True):
            if signs:
                await therapist.sends(AFTER, await therapist.opens(AFTER), **HELD, do="sign")
            read = (await supervisor.opens(AFTER)).text.split("<main")[1].split("</main>")[0]
            assert HELD["summary"] in read and "Save and sign" not in read
            assert "Save what the family reads" not in read and "Sign the note" not in read
            assert signs or ("<fieldset" in read and " disabled" in read.split("Who came")[0])


def test_a_client_without_own_lines_has_no_empty_box_for_them() -> None:
    assert "About me" in rendered("client") and "About me" not in rendered("client-away")
    assert "Ask first how" not in rendered("client-away")


async def test_who_reads_no_notes_signs_a_session_all_the_same(house: Any, sessions: SampleSessions) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        no_notes = request.method == "GET" and request.url.path.endswith("/notes")
        return httpx.Response(404) if no_notes else sessions.handle(request)

    async with acting(house, "ps_therapist", staff_after.router, handle=handle) as person:
        page = await person.opens(AFTER)
        assert (await person.sends(AFTER, page, **RESULTS, do="sign")).status_code == 303
    assert sessions.sessions["se_one"]["state"] == "signed"


async def test_ten_kept_results_of_each_of_six_goals_are_corrected_with_one_form(
    house: Any, sessions: SampleSessions, therapist: Person
) -> None:
    goals = [f"g_{n}" for n in range(6)]
    team = GoalTeam(statement="Points.", levels=LEVELS, measure={"kind": "out_of", "min": "0", "max": "10"})
    await house.hears(*(goal(house.tenant, each, words={DataClass.PLAN_TEAM: team}) for each in goals))
    sessions.sessions["se_one"]["trials"] = [
        {
            "id": f"tr_{each}_{n}",
            "goal_id": each,
            "value": 3,
            "out_of": 5,
            "happened_at": f"2026-03-02T12:{n:02}",
        }
        for each in goals
        for n in range(10)
    ]
    page = await therapist.opens(AFTER)
    fields = dict.fromkeys(re.findall(r'name="(trial-[^"]+)"', page.text), "")
    said = {**fields, **dict(re.findall(r'name="(trial-[^"]+)" [^>]*value="([^"]*)"', page.text))}
    assert len(said) >= 6 * 49
    filled = {name: said[name] or "4" if name.endswith("-value") else said[name] for name in said}
    done = await therapist.sends(
        AFTER, page, **HELD | filled, do="save", **{f"more-{n}": "" for n in range(20)}
    )
    assert done.status_code == 303, done.text
    assert len(sessions.sessions["se_one"]["trials"]) == 6 * 13 + 3, "and three of the goal without any"
