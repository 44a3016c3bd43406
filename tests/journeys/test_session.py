"""A session is written down: family reads the summary, nobody but staff the note, and one chart holds all settings."""

import re
import secrets

import pytest

from kith_local.acting import Cast, until
from kith_local.program import Refused

pytestmark = pytest.mark.stack

CLIENT = "/tenants/tn_lantern/clients/cl_kofi"
GOAL = "g_kofi_break"
MARK = secrets.token_hex(3)
SUMMARY = f"We built a bridge in two halves ({MARK})."
AT_HOME = f"Let him show you where it holds ({MARK})."
NOTE = f"Asked for three breaks unprompted; sensory load lower than in March ({MARK})."
OWN_NOTE = f"My own hunch about lunch, for nobody else ({MARK})."
CLASSES = ("session_summary", "measure", "attendance", "task_log", "observation", "plan_plain", "plan_school")


@pytest.fixture(scope="module")
def session(cast: Cast) -> str:
    """A session that was held, with results, a summary, the therapist's own note and a signed clinical one."""
    mateus = cast.browser("ps_mateus")
    mateus.open("/staff/clients/kofi/sessions/new")
    mateus.fill("/sessions/new", {"now": "yes"})
    assert "After the session" in mateus.text, mateus.text
    held: dict[str, str | list[str]] = {
        "attendance": "attended",
        "minutes": "55",
        f"trial-{GOAL}-0-value": "7",
        f"trial-{GOAL}-0-out_of": "10",
        f"trial-{GOAL}-0-label": f"building group {MARK}",
        "summary": SUMMARY,
        "try_at_home": AT_HOME,
        "note_class": "psychotherapy",
        "note": OWN_NOTE,
        "do": "save",
    }
    mateus.fill("/after", held)
    assert "Saved." in mateus.text, mateus.text
    waiting = cast.program("ps_efua", "care").get("sessions", f"{CLIENT}/sessions?limit=200")
    assert MARK not in str(waiting), "what is saved and not signed is the team's alone"
    mateus.fill("/after", {"note_class": "progress", "note": NOTE, "do": "sign"})
    assert mateus.at == "/staff/clients/kofi", mateus.text
    return "held"


def _everything(cast: Cast, person: str, addresses: tuple[str, ...]) -> str:
    """Every page and every item of every class that the person can reach, as one text."""
    browser, program, found = cast.browser(person), cast.program(person, "care"), []
    found += [browser.open(address).text for address in addresses]
    for data_class in CLASSES:
        try:
            items = program.get("family-portal", f"{CLIENT}/items?class={data_class}&limit=200")
            found.append(str(items))
        except Refused as refused:
            assert refused.status == 404
    for path in ("/sessions?limit=200", "/notes?limit=200"):
        try:
            found.append(str(program.get("sessions", f"{CLIENT}{path}")))
        except Refused as refused:
            assert refused.status in (403, 404)
    return "\n".join(found)


def test_the_family_reads_the_summary_and_never_the_note(cast: Cast, session: str) -> None:
    efua = cast.browser("ps_efua")
    until(lambda: SUMMARY in (efua.open("/home/kofi/sessions") and efua.text), "the summary")
    assert AT_HOME in efua.text
    link = 'href="/home/kofi/sessions">Read it'
    until(lambda: link in efua.open("/messages-for-you").text, "the notice that leads to it")
    seen = _everything(cast, "ps_efua", ("/home", "/home/kofi", "/home/kofi/plan", "/home/kofi/sessions"))
    assert SUMMARY in seen
    assert NOTE not in seen and OWN_NOTE not in seen


def test_the_teacher_reads_neither(cast: Cast, session: str) -> None:
    efua = cast.browser("ps_efua")
    until(lambda: SUMMARY in (efua.open("/home/kofi/sessions") and efua.text), "the summary")
    seen = _everything(cast, "ps_abigail", ("/school", "/school/pupils/kofi", "/school/pupils/kofi/plan"))
    assert MARK not in seen


def test_the_supervisor_reads_the_signed_note_but_not_the_therapists_own(cast: Cast, session: str) -> None:
    notes = cast.program("ps_ngozi").get("sessions", f"{CLIENT}/notes?limit=200")
    texts = [row["text"] for row in notes["items"]]
    assert NOTE in texts and OWN_NOTE not in texts
    summaries = until(
        lambda: [
            row["text"]
            for row in cast.program("ps_ngozi").get(
                "family-portal", f"{CLIENT}/items?class=session_summary&limit=200"
            )["items"]
        ],
        "the summary",
    )
    assert SUMMARY in summaries
    mateus = cast.program("ps_mateus").get("sessions", f"{CLIENT}/notes?limit=200")
    assert {NOTE, OWN_NOTE} <= {row["text"] for row in mateus["items"]}


def test_the_note_is_signed_and_stands_on_the_staff_page_alone(cast: Cast, session: str) -> None:
    mateus = cast.browser("ps_mateus")
    mateus.open("/staff/clients/kofi")
    shown = re.search(rf'(?s)<li id="note-(?:(?!</li>).)*{re.escape(MARK)}.*?</li>', mateus.page.text)
    assert shown and "Signed" in mateus.page.text.split(NOTE)[0].rsplit("<li", 1)[1]


def test_a_staff_sign_in_without_notes_does_not_reach_them(cast: Cast, session: str) -> None:
    with pytest.raises(Refused) as refused:
        cast.program("ps_sunhee", "care").get("sessions", f"{CLIENT}/notes?limit=200")
    assert refused.value.status in (403, 404)


def test_session_home_and_school_stand_on_one_chart_with_a_table_beside(cast: Cast, session: str) -> None:
    mateus = cast.browser("ps_mateus")

    def panel() -> str:
        mateus.open("/staff/clients/kofi")
        found = re.search(rf'(?s)id="goal-{GOAL}".*?</article>', mateus.page.text)
        return found[0] if found and MARK in found[0] else ""

    shown = until(panel, "the session's result on the chart")
    chart, table = shown.split("</svg>")[0], shown.split("<table")[1]
    for kind, shape in (("home", "circle"), ("school", "rect"), ("session", "path")):
        assert re.search(rf'<{shape} class="{kind}', chart), kind
    said = [re.sub(r"<[^>]+>|\s+", " ", row) for row in table.split("</tr>")]
    assert any("Session" in row and "7 of 10" in row for row in said)
    assert any("Home" in row for row in said) and any("School" in row for row in said)
    assert 'role="img"' in chart and "<title" in chart and "<desc" in chart
