"""Pages of staff with people from the demo data, filled by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sample_about import CARD

from family_portal.web import models as m
from family_portal.web.chart_points import GoalPoints, Happening, Level, Result, Version
from family_portal.web.charts import goal_chart

VIEWER = m.Viewer(
    "staff", "Mateus Oliveira", "therapist", "Lantern Lane Clinic", "token", sign_out="/staff/sign-out"
)
TODAY = date(2026, 11, 23)
WRITTEN = "/staff/clients/kofi/written"
KOFI = m.ClientHead(
    "Kofi",
    "bridge",
    "/staff/clients/kofi",
    "9, he/him · Alderbeck 5S · with Gran, Efua · building group weekly",
    m.Seen("Shared with Efua, Claire Fontaine-Osei, Miss Stone", "", 4),
)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def at(days: int) -> datetime:
    return datetime(2026, 11, 23, 12, tzinfo=UTC) - timedelta(days=days)


BREAK = GoalPoints(
    "g_break",
    "Kofi asks for a break",
    ("0 or 1 of 10", "2 or 3 of 10", "4 to 6 of 10", "7 or 8 of 10", "9 or 10 of 10"),
    (Level(ago(90), -1), Level(ago(48), 0), Level(ago(6), 1)),
    (
        Happening(at(18), "home", True, "walked"),
        Happening(at(11), "home", True, "card"),
        Happening(at(30), "school", True, "card", "Assembly"),
        Happening(at(27), "school", False, "did not ask", "Lunch hall"),
        Happening(at(16), "school", False, "did not ask", "Lunch hall"),
        Happening(at(9), "school", False, "did not ask", "Lunch hall"),
        Happening(at(20), "session", True, "card"),
        Happening(at(7), "session", True, "card"),
    ),
    versions=(Version(ago(36), 4),),
)
BUILD = GoalPoints(
    "g_build",
    "Kofi builds with a partner",
    ("0 to 1 min", "2 to 4 min", "5 to 8 min", "9 to 12 min", "13 or more"),
    (Level(ago(80), -1), Level(ago(6), 0)),
    (Happening(at(17), "home", True, "did it"), Happening(at(10), "home", False, "tried, could not")),
    tuple(
        Result(at(83 - 7 * n), float(value), 20, "minutes", phase="baseline" if n < 4 else "practice")
        for n, value in enumerate((2, 1, 3, 2, 5, 4, 6, 6, 7, 6, 6))
    ),
)


def panel(points: GoalPoints, title: str, now: str, adults: str = "") -> m.GoalPanel:
    edit = f"/staff/clients/kofi/plan/edit?goal={points.goal_id}"
    return m.GoalPanel(points.goal_id, title, now, goal_chart(points, TODAY), 4, edit, adults)


NOTES = m.NotesPart(
    (
        m.NoteLine(
            "n1", "Progress note", "Friday 20 November", "Mateus Oliveira", "draft", "not signed", "Kofi led.",
            m.Link("Change it", "/staff/clients/kofi/notes/n1"), m.Form("/staff/clients/kofi/notes/n1/sign"), True,
        ),
        m.NoteLine(
            "n2", "Progress note", "Friday 13 November", "Mateus Oliveira", "signed", "signed", "Quiet day.",
            m.Link("Add to this note", "/staff/clients/kofi/notes/n2"),
            added=(m.TrialLine("It was two breaks.", "Monday 16 November"),),
        ),
    ),
    "/staff/sessions/s1/after",
)  # fmt: skip
NOTES_PART = m.Part("notes", "Notes", "/staff/clients/kofi/fragments/notes", NOTES)
LIVE_NOTES = m.Part(
    "notes", "Notes", NOTES_PART.url,
    m.NotesPart(NOTES.notes, NOTES.write, m.Live("notes", NOTES_PART.url, ("note-kofi",))),
)  # fmt: skip
PRACTICE_LIVE = m.Live("practice", "/staff/clients/kofi/fragments/practice", ("log-kofi",))
GOALS_LIVE = m.Live(
    "goals", "/staff/clients/kofi/fragments/goal_panels", ("plan-kofi", "log-kofi"), after_ms=150
)
EPISODE_PART = m.EpisodePart(
    m.Live("episode", "/staff/clients/kofi/fragments/episode", ("plan-kofi",)),
    (m.Line("Active", "Referred on Monday 2 November.", "flag"), m.Line("Rhythm: weekly", "", "clock")),
    m.Link("Change", "/staff/clients/kofi/episode"),
)
CLIENT = m.ClientPage(
    KOFI,
    m.Link("Start session", "/staff/clients/kofi/sessions/new"),
    m.Link("Plan", "/staff/clients/kofi/plan"),
    CARD,
    m.PracticePart(
        PRACTICE_LIVE,
        (
            m.PracticeLine(
                "l1",
                "did",
                "The blue card works here too",
                "Efua, really good",
                "He showed me the card for ME.",
            ),
            m.PracticeLine("l2", "tried", "One build, two jobs", "tried, couldn’t, someone was ill"),
        ),
        WRITTEN,
        paused=("At home with Efua Mensah: paused until Sunday",),
    ),
    m.GoalsPart(
        GOALS_LIVE,
        (
            panel(
                BREAK,
                "Asks for a break when a place is too much",
                "Seven of the last ten, four weeks. Level: more than aimed for.",
                "Yes within a minute 6 of the 7 times he asked.",
            ),
            panel(BUILD, "Builds with another child, because he wants to", "Level: aimed for."),
        ),
    ),
    m.Part(
        "safety",
        "Safety and consent",
        "/staff/clients/kofi/fragments/safety",
        (
            m.Line("School: yes, until 3 March.", "Kofi: “yes, Miss Stone, not dinner ladies”", "people"),
            m.Line("Order in force.", icon="flag"),
        ),
    ),
    (
        m.Line("Efua Mensah", "gran, full authority", "people"),
        m.Line("Miss Stone", "class teacher 5S", "school"),
    ),
    LIVE_NOTES,
    sessions=m.Part(
        "last-session", "Last and next session", "/staff/clients/kofi/fragments/last_session",
        ("Last session: Friday 20 November, 14:10.", "Next session: Friday 27 November, 14:10."),
    ),
    episode=EPISODE_PART,
)  # fmt: skip
AWAY = m.ClientPage(
    KOFI, CLIENT.start, CLIENT.plan, None, m.PracticePart(PRACTICE_LIVE, (), WRITTEN), m.GoalsPart(GOALS_LIVE, ()),
    m.Part("safety", "Safety and consent", "/staff/clients/kofi/fragments/safety", None), (),
    m.Part("notes", "Notes", "/staff/clients/kofi/fragments/notes", None),
    (m.Line("Ask first what Kofi wants.", icon="ask"), m.Line("Two people at school agree.", icon="school")),
    m.Part("last-session", "Last and next session", "/staff/clients/kofi/fragments/last_session", None),
)  # fmt: skip
NEXT = ("next-session", "Next session", "/staff/fragments/next_session")
TO_SIGN = ("to-sign", "To sign", "/staff/fragments/to_sign")
TODAY_PAGE = m.TodayPage(
    "Monday 23 November",
    (m.ToAnswer("a2", "Kofi", "bridge", "Efua, about the plan", "asks", "Who holds the card?"),),
    m.Live("answers", "/staff/fragments/answers", ("task_log",)),
    m.Part(
        *NEXT,
        (
            m.NextSession(
                "Next, in 25 minutes", "Noor, 14:10, small room at Alderbeck", "ladybird",
                m.Link("Start session", "/staff/sessions/s1/after"),
            ),
        ),
    ),
    m.Part(*TO_SIGN, (m.Line("Kofi, Friday", "progress note", href="/staff/sessions/s1/after"),)),
    "On duty until 17:30 today: Dr Ngozi Abara.",
    m.Part(
        "duty", "On duty", "/staff/fragments/duty",
        m.DutyCalls(
            (
                m.DutyCall(
                    "d1", "Kofi: something was written that should not wait.", "Monday 23 November, 14:10",
                    m.Form("/staff/duty/tn_lantern/d1/done"), m.Form("/staff/duty/tn_lantern/d1/acknowledge"),
                    "Nobody has said yet that they see to it. Leilani Kahale has been called as well.",
                    m.Link("Read it", "/staff/clients/kofi"),
                ),
                m.DutyCall(
                    "d2",
                    "Something was written that should not wait, about somebody whose record you do not read. "
                    "Ask Leilani Kahale now.",
                    "Monday 23 November, 14:12", m.Form("/staff/duty/tn_lantern/d2/done"),
                    so_far="Dr Ngozi Abara is seeing to it.",
                ),
            ),
            "Others wait behind these. They come up here as these are seen to.",
        ),
        m.Live("duty", "/staff/fragments/duty", (), every_s=30),
    ),
    (m.Line("Noor, review and asking again", "six weeks since the last", "flag", "/staff/clients/noor"),),
    paused=(m.Line("Noor. At home with Samira Haddad: paused until Sunday", "", "pause", "/staff/clients/noor"),),
    heard=(
        m.ToAnswer(
            "a1", "Noor", "ladybird", "Samira, Sunday, home practice", "really good",
            "She talked on when the cup clinked.", (m.Link("Look", "/staff/clients/noor"),),
        ),
    ),
    answers_more=m.Link("And 3 more: the caseload says with whom", "/staff/caseload"),
    heard_more=(m.Link("More about Noor", "/staff/clients/noor"),),
)  # fmt: skip
QUIET_TODAY = m.TodayPage(
    "Monday 23 November", (), TODAY_PAGE.answers_live, m.Part(*NEXT, ()), m.Part(*TO_SIGN, ()),
    later="Next: Thursday 16:00.", calls=m.Part("duty", "On duty", "/staff/fragments/duty", None),
)  # fmt: skip
TODAY_AWAY = m.TodayPage(
    "Monday 23 November", (), TODAY_PAGE.answers_live, m.Part(*NEXT, None), m.Part(*TO_SIGN, None)
)
CASELOAD = m.CaseloadPage(
    (
        m.CaseloadRow(
            "Kofi", "bridge", "/staff/clients/kofi", "9 · Alderbeck 5S", "Active", "to answer", "Mateus"
        ),
    ),
    (m.CaseloadRow("Noor", "ladybird", "/staff/clients/noor", "6 · Alderbeck 1M", "Being written"),),
    m.Empty("Nobody is assigned to you yet.", "An administrator assigns people to you.", "people"),
    (
        m.CaseloadFilter("Everyone", "/staff/caseload", True),
        m.CaseloadFilter("Who waits to begin", "/staff/caseload?show=waiting", False),
        m.CaseloadFilter("Alderbeck Primary School", "/staff/caseload?show=tn_lantern.sc_alderbeck", False),
    ),
)
NO_CASELOAD = m.CaseloadPage((), (), CASELOAD.empty)

ALL_NOTED = m.WrittenPage(
    KOFI,
    "All that was noted",
    (
        m.PracticeLine(
            "l1", "did", "Efua: did it, really good", "Thursday 19 November, 18:02", "He showed me."
        ),
        m.PracticeLine(
            "o1", "school", "Miss Stone: card, partly got to their own part", "Tuesday 17 November, 9:10"
        ),
    ),
    m.Live("written", f"{WRITTEN}/fragments/lines", ("log-kofi",)),
    older=m.Link("Older ones", f"{WRITTEN}?after=l9"),
)
ONE_NOTED = m.WrittenPage(
    KOFI,
    "What was written",
    ALL_NOTED.lines[:1],
    there=m.Link("Where it stands, and is answered", "/staff/clients/kofi/tasks/t/logs/l1/answer"),
    older=m.Link("All that was noted", WRITTEN),
)
CLIENT_READ = replace(
    CLIENT,
    start=None,
    goals=replace(CLIENT.goals, panels=tuple(replace(panel, edit="") for panel in CLIENT.goals.panels)),
)
"""The same for a supervisor, who reads."""
