"""One note of one's own: changed while it is a draft, added to once it is signed, and no word of it lost."""

from sample_sessions import AFTER, HELD, NOTE, WRONG_PLACE, SampleSessions
from site_app import Person


async def test_an_own_signed_note_is_added_to(therapist: Person, sessions: SampleSessions) -> None:
    await therapist.sends(AFTER, await therapist.opens(AFTER), **HELD, do="sign")
    (note_id,) = sessions.notes
    address = f"/staff/clients/a/notes/{note_id}"
    assert f'href="{address}"' in (await therapist.opens(AFTER)).text
    page = await therapist.opens(address)
    assert NOTE in page.text and f"{NOTE}</textarea>" not in page.text
    for _ in range(2):
        assert (
            await therapist.sends(f"{address}/amend", page, text="It was three breaks.")
        ).status_code == 303
    shown = await therapist.opens(AFTER)
    assert NOTE in shown.text and shown.text.count("It was three breaks.") == 1 and "Added" in shown.text
    refused = await therapist.sends(f"{address}/amend", page, text=f"This {WRONG_PLACE}.")
    assert refused.status_code == 422 and f"This {WRONG_PLACE}.</textarea>" in refused.text, "no word is lost"


async def test_an_own_draft_is_written_anew(therapist: Person, sessions: SampleSessions) -> None:
    await therapist.sends(AFTER, await therapist.opens(AFTER), **HELD, do="save")
    (note_id,) = sessions.notes
    address = f"/staff/clients/a/notes/{note_id}"
    assert f'href="{address}"' in (await therapist.opens(AFTER)).text
    page = await therapist.opens(address)
    assert f"{NOTE}</textarea>" in page.text and "Change this note" in page.text
    empty = await therapist.sends(address, page, text=" ", version="1")
    assert empty.status_code == 422 and "Nothing is written yet." in empty.text
    for _ in range(2):
        done = await therapist.sends(address, page, text="Two dens.", version="1")
        assert done.headers["location"] == f"/staff/clients/a#note-{note_id}"
    assert (sessions.notes[note_id]["text"], sessions.notes[note_id]["version"]) == ("Two dens.", 2)
    late = await therapist.sends(address, page, text="Three dens.", version="1")
    assert late.status_code == 409 and "Three dens.</textarea>" in late.text and "Two dens.</dd>" in late.text
    assert 'name="version" value="2"' in late.text and "Somebody changed this note" in late.text
    sessions.notes[note_id]["status"] = "signed"
    late = await therapist.sends(address, late, text="Three dens.", version="2")
    assert late.status_code == 409 and f'action="{address}/amend"' in late.text
    assert "Three dens.</textarea>" in late.text and "A signed note does not change." in late.text


async def test_a_note_of_somebody_else_cannot_be_opened_to_write(
    therapist: Person, sessions: SampleSessions
) -> None:
    await therapist.sends(AFTER, await therapist.opens(AFTER), **HELD, do="sign")
    (note_id,) = sessions.notes
    sessions.notes[note_id]["author"] = "ps_other"
    address = f"/staff/clients/a/notes/{note_id}"
    page = await therapist.opens(AFTER)
    assert NOTE in page.text and f'href="{address}"' not in page.text
    assert (await therapist.opens(address)).status_code == 404
    for where in (address, f"{address}/amend"):
        assert (await therapist.sends(where, page, text="Mine.")).status_code == 404
    assert "added" not in sessions.notes[note_id] and sessions.notes[note_id]["text"] == NOTE
