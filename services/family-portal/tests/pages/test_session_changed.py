"""Two people, or two windows, at one session: nobody's newer words are overwritten unseen."""

import re
from dataclasses import replace

import httpx
from sample_sessions import WRONG_PLACE, SampleSessions
from sample_staff_forms import SIGNED
from site_app import Person

from family_portal.web.models import Form, TrialGoal
from family_portal.web.session_changed import without_a_place

AFTER = "/staff/sessions/se_one/after?client=a"
SUMMARY = AFTER.replace("/after", "/summary")
HELD = {"attendance": "attended", "minutes": "40", "summary": "We built a den.", "try_at_home": ""}
RESULT = {"trial-g_one-0-value": "4", "trial-g_one-0-label": "card"}


def seen(page: httpx.Response) -> dict[str, str]:
    """The version that a page's form starts from."""
    return {"version": page.text.split('name="version" value="')[1].split('"')[0]}


def there(page: httpx.Response) -> str:
    """What a page shows as being there now."""
    return page.text[page.text.index('id="meanwhile"') : page.text.index("</dl>")]


async def test_an_older_page_shows_the_newer_words_and_can_then_be_saved(
    therapist: Person, sessions: SampleSessions
) -> None:
    old, other = await therapist.opens(AFTER), await therapist.opens(AFTER)
    newer = HELD | {"minutes": "45", "summary": "We built two dens."}
    assert (await therapist.sends(AFTER, other, **newer, **seen(other), do="save")).status_code == 303
    late = await therapist.sends(AFTER, old, **HELD, **seen(old), do="sign")
    assert late.status_code == 409 and "Somebody changed this session" in late.text
    assert "We built a den." in late.text and "We built two dens." in there(late) and "45" in there(late)
    assert "Who came" not in there(late), "only what differs"
    kept = sessions.sessions["se_one"]
    assert kept["state"] == "documented" and kept["summary"]["text"] == "We built two dens."
    done = await therapist.sends(AFTER, late, **HELD, **seen(late), do="sign")
    assert done.status_code == 303 and kept["summary"]["text"] == "We built a den."


async def test_a_result_that_was_taken_back_is_not_kept_again_unseen(
    therapist: Person, sessions: SampleSessions
) -> None:
    await therapist.sends(AFTER, await therapist.opens(AFTER), **HELD, **RESULT, do="save")
    ids = {"trial-g_one-0-id": sessions.sessions["se_one"]["trials"][0]["id"]}
    old, other = await therapist.opens(AFTER), await therapist.opens(AFTER)
    changed = ids | {"trial-g_one-0-value": "", "trial-g_one-1-value": "2"}
    await therapist.sends(AFTER, other, **HELD, **changed, **seen(other), do="save")
    late = await therapist.sends(AFTER, old, **HELD, **RESULT, **ids, **seen(old), do="save")
    assert late.status_code == 409
    assert "result 1" in there(late) and "Nothing" in there(late) and "one more that stays" in there(late)
    assert [trial["value"] for trial in sessions.sessions["se_one"]["trials"]] == [2]


async def test_a_form_whose_note_alone_failed_has_seen_what_it_saved(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(AFTER)
    said = HELD | {"note_class": "progress", "do": "sign"}
    refused = await therapist.sends(AFTER, page, **said, note=WRONG_PLACE, **seen(page))
    assert refused.status_code == 422 and seen(refused) == {"version": "2"}
    corrected = said | {"minutes": "45", "note": "He led."}
    assert (await therapist.sends(AFTER, refused, **corrected, **seen(refused))).status_code == 303


async def test_an_older_page_of_a_signed_session_does_not_overwrite_what_the_family_reads(
    therapist: Person, sessions: SampleSessions
) -> None:
    await therapist.sends(AFTER, await therapist.opens(AFTER), **HELD, do="sign")
    old, other = await therapist.opens(AFTER), await therapist.opens(AFTER)
    await therapist.sends(SUMMARY, other, summary="We built two dens.", **seen(other))
    late = await therapist.sends(SUMMARY, old, summary="We built none.", **seen(old))
    assert late.status_code == 409 and "We built none." in late.text and "We built two dens." in there(late)
    done = await therapist.sends(SUMMARY, late, summary="We built none.", **seen(late))
    assert done.status_code == 303
    assert sessions.sessions["se_one"]["summary"]["text"] == "We built none."


async def test_a_note_that_is_refused_leaves_the_summary_as_it_is_read(therapist: Person) -> None:
    await therapist.sends(AFTER, await therapist.opens(AFTER), **HELD, do="sign")
    note = AFTER.replace("/after", "/note")
    refused = await therapist.sends(note, await therapist.opens(AFTER), note=WRONG_PLACE, do="save")
    assert refused.status_code == 422 and "We built a den." in refused.text
    assert seen(refused) == {"version": "3"}


async def test_what_was_counted_while_a_colleague_signed_is_given_back(
    therapist: Person, sessions: SampleSessions
) -> None:
    """A signed session has no boxes for who came and for results: what stood in them went with the page."""
    old, other = await therapist.opens(AFTER), await therapist.opens(AFTER)
    await therapist.sends(AFTER, other, **HELD, do="sign", **seen(other))
    typed = {"attendance": "part", "minutes": "25", "trial-g_one-1-value": "2", "trial-g_one-1-out_of": "3"}
    late = await therapist.sends(AFTER, old, **HELD | typed, **RESULT, **seen(old), do="sign")
    assert late.status_code == 409
    left = late.text.split('id="left-h"')[1].split("</section>")[0]
    assert "Minutes: 25" in left and "Who came: " in left
    assert re.findall(r"(\d of \d|4, card)", left) == ["4, card", "2 of 3"]
    alike = HELD | {"minutes": "040", "trial-g_one-0-value": "6,50"}
    kept = sessions.sessions["se_one"]["trials"]
    kept.append({"id": "tr_six", "goal_id": "g_one", "value": 6.5, "label": None})
    same = await therapist.sends(
        AFTER, old, **alike, **{"trial-g_one-0-id": "tr_six"}, **seen(old), do="sign"
    )
    assert 'id="left-h"' not in same.text, "six and a half was given back as not kept, and counted twice"
    emptied = alike | {"trial-g_one-0-value": "", "trial-g_one-0-id": "tr_six"}
    out = await therapist.sends(AFTER, old, **emptied, **seen(old), do="sign")
    assert "taken out: 6.5" in out.text.split('id="left-h"')[1]
    kept.clear()
    kept = await therapist.opens(AFTER)
    assert 'id="left-h"' not in kept.text


def test_a_goals_sentence_is_said_on_without_its_full_stop() -> None:
    goal = TrialGoal("g_one", "Asks for a break. Adults say yes.", "out of 10", rows=1)
    form = Form("", {"trial-g_one-0-value": "2", "trial-g_one-0-out_of": "10"})
    page = replace(SIGNED, results=(goal,))
    found = {"attendance": {}, "summary": {}, "trials": []}
    assert without_a_place(page, form, found) == ("Asks for a break. Adults say yes: 2 of 10",)
