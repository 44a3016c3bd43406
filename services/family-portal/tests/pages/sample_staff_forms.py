"""The staff's plan page and forms, filled by hand."""

from dataclasses import replace

from sample_staff import KOFI, NOTES_PART

from family_portal.web import models as m
from family_portal.web.staff_ending_words import ACHIEVEMENTS, ASKED, HOWS, labels
from family_portal.web.staff_plan_changed import told

LEVELS = tuple(
    m.Choice(value, text)
    for value, text in (
        ("-2", "0 or 1 of 10"),
        ("-1", "2 or 3"),
        ("0", "4 to 6"),
        ("1", "7 or 8"),
        ("2", "9 or 10"),
    )
)
TASKS = (
    m.PlanTask("t1", "The blue card works here too", "at home · about 3 minutes", "live", "live", "/edit",
               (("Pause", m.Form("/p")),), m.Form("/e")),
    m.PlanTask("t2", "One build, two jobs", "Saturday · 15 minutes", "queued", "waits, the household is full"),
)  # fmt: skip
ANSWERS = (
    m.Answer("a1", "Efua", "ask", "asks", "Who holds the card at lunch?", reply=m.Form("/reply")),
    m.Answer("a2", "Claire Fontaine-Osei", "approve", "said yes to the school wording"),
    m.Answer("a3", "Kofi", "waiting", "has not answered yet"),
)
RATIONALE = m.Rationale(
    (
        ("Who asked for this?", "Kofi and his gran"),
        ("How does the person say stop?", "The blue card ends it"),
    ),
    "Nobody else has read these lines yet. They count once a supervisor has.",
    m.Form("/read"),
)
SAID = (
    m.StrategySaid(
        "sn_1", "Abigail Stone", "says that “Lunch early.” does not work at school", False, "The order is not known.",
        answer=m.StrategyAnswer(
            m.Form("/strategies/sn_1", {"strategy": "Lunch early."}, (m.FieldError("words", "Write a few words."),))
        ),
    ),
    m.StrategySaid(
        "sn_2", "Abigail Stone", "says that “Wait.” does not work at school", False,
        replied="Thank you.", changed_to="Wait outside.",
    ),
    m.StrategySaid("sn_3", "Claire Fontaine-Osei", "says that “Say yes.” works at school", True),
)  # fmt: skip
PLAN = m.PlanPage(
    KOFI,
    (
        m.PlanGoal("g_break", "Asks for a break when a place is too much", "Of ten noted moments …", "active",
                   "Active since 12 October", "/edit", 4, tasks=TASKS, said=SAID, end="/end", add_task="/add",
                   rate=m.RateForm(m.Form("/rate"), LEVELS), actions=(("Pause this goal", m.Form("/pause")),)),
        m.PlanGoal("g_build", "Builds with another child", "", "proposed", "Proposed, two of three have answered",
                   version=1, read="g_build:4", can_activate=True, answers=ANSWERS),
        m.PlanGoal("g_new", "Shows that he is listening, in his own way", "", "draft", "Draft", "/edit2",
                   read="g_new:2", can_propose=True, private=True, discard=m.Form("/discard"),
                   rationale=RATIONALE),
        m.PlanGoal("g_wait", "Waits for his turn at the table", "Of ten turns …", "completed",
                   "Completed since Friday 6 November, in use", version=2,
                   ended=("Achieved.", "The person agreed: with the talker; “mine now”."), again=m.Form("/again")),
    ),
    m.Live("staff-plan", "/staff/clients/kofi/fragments/plan", ("plan_team-kofi",)),
    "/staff/clients/kofi/plan/edit",
    m.Form("/staff/clients/kofi/plan/propose"),
    m.Form("/staff/clients/kofi/plan/activate"),
    4,
    wishes=(
        m.PlanWish("pr_look", "Abigail Stone, class teacher", "Tuesday", "Kofi will look at the speaker.",
                   "would wish for this", ("Looking at faces can hurt or take all of a person’s attention.",),
                   m.Form("/staff/clients/kofi/wishes/pr_look", {"asked_for_by": "Abigail Stone"}, version=1)),
    ),
    wished=(
        m.PlanWish("pr_old", "Efua Mensah", "Monday", "That he sits still.", "wished for this. No goal came of it.",
                   answer="Movement settles him.", became="He has a place to move.", client_said="Talker: no.",
                   draft=m.Link("Open the draft", "/edit3")),
    ),
)  # fmt: skip
PLAN_LEFT = replace(
    PLAN,
    errors=(m.FieldError("", "They have said something else since. Read it, then reply to that."),),
    left=("See you on Friday, after the lesson.", "سأتصل بك اليوم!"),
)
NO_PLAN = m.PlanPage(KOFI, (), PLAN.live, PLAN.new_goal, PLAN.propose, PLAN.activate)

LOG_ANSWER = m.LogAnswerPage(
    KOFI,
    m.Form(
        "/answer", {"steps": "Show it.\nSay yes."}, (m.FieldError("words", "Write a few words."),), version=4
    ),
    "The blue card works here too",
    "Efua Mensah, Thursday 26 November: tried, couldn’t (too tired)",
    "He was too tired after school.",
    "You and Efua Mensah",
)
LOG_ANSWER_MOVED = replace(
    LOG_ANSWER,
    form=m.Form("/answer", {"steps": "Show it."}, (m.FieldError("meanwhile", told("the card")),), version=5),
    meanwhile=(m.Meanwhile("steps", "What to do", "Show it.\nWait."),),
)
LOG_READ = replace(LOG_ANSWER, form=m.Form("/answer", version=4), writes=False)
LOG_ANSWER_APART = replace(LOG_ANSWER, form=m.Form("/answer", version=4), apart=True)
EDIT = m.GoalEditorPage(
    KOFI,
    m.Form(
        "/staff/clients/kofi/plan/edit",
        {
            "own_client_words": "Talker: “loud. out. then okay.”",
            "team": "Of ten noted moments of too much noise or crowd, Kofi asks for a break by any means in 4 to 6.",
            "school": "Kofi will look at the speaker when the class is talking.",
            "level_4": "Every time", "level_3": "8 of 10", "level_2": "4 to 6 of 10", "level_1": "2 or 3 of 10",
            "level_0": "0 or 1 of 10", "baseline": "-1", "assent_state": "agreed", "measure_kind": "out_of_n",
            "others_will": "Every lunchtime adult knows the blue card and answers within one minute.",
            "settings": ("home", "school"), "audience": ("guardians", "school"),
        },
        (m.FieldError("plain", "Write the plain wording before you propose it."),),
        version=5,
    ),
    "Draft. Nobody outside the team sees it until you propose it. Saved 14:02.",
    "Draft of version 5",
    (
        m.LintMark("assent", "ok", "Asked", "He chose the card colour and the corner himself."),
        m.LintMark("school", "ask", "“look at the speaker” needs a reason first",
                   "Looking at faces can hurt or take all of a person’s attention."),
        m.LintMark("levels", "ask", "A result of 7 fits no level", "“4 to 6” ends at 6 and “8 of 10” begins at 8."),
        m.LintMark("level_4", "tip", "Would anybody do this every time?"),
        m.LintMark("others_will", "ok", "Good to go"),
    ),
    "Two things to settle before it can be proposed.",
    m.Quote("Talker: “loud. out. then okay.”", "Kofi, asked with the talker board and photos"),
    can_discard=True,
    may_be_private=True,
    needs_rationale=True,
    rationale_text="Nobody else has read these lines yet. They count once a supervisor has.",
)  # fmt: skip
END = m.EndGoalPage(
    KOFI,
    m.Form(
        "/staff/clients/kofi/plan/end?goal=g_break",
        {"how": "in_use"},
        (m.FieldError("asked_state", "Nobody has asked Kofi yet. Ask him in his own way."),),
        version=5,
    ),
    "Asks for a break when a place is too much",
    m.Link("Plan", "/staff/clients/kofi/plan#goal-g_break"),
    (
        m.Line("At the level aimed for, or above, since Monday 2 November.", "As you agreed it.", "tick"),
        m.Line("In two places: the home “Efua” and school.", "", "tick"),
        m.Line("With one person.", "The usual rule asks for two people.", "clock"),
    ),
    hows=HOWS,
    achievements=ACHIEVEMENTS,
    asked=ASKED,
    labels=labels("Kofi"),
    tasks="2 practices end with it, and the free places go to what waits.",
)
LANGUAGES = (
    m.LanguageLine("العربية", "Arabic", "ar", "rtl", "Waits for somebody else to read it.", "/ar", True),
    m.LanguageLine("தமிழ்", "Tamil", "ta", "ltr", "Not begun.", "/ta"),
)
WORDS_FIELDS = (
    m.WordsField("title", "What it is called", "The blue card works here too", "أبجد هوز حطي"),
    m.WordsField("steps", "What to do", "Show the card.\nSay yes at once.", "أبجد هوز\nحطي كلمن", True),
)
TASK_WORDS = m.TaskWordsPage(
    KOFI,
    "The blue card works here too",
    m.Link("Plan", "/staff/clients/kofi/plan#task-t1"),
    LANGUAGES,
    m.Form(
        "/staff/clients/kofi/plan/tasks/words?task=t1&language=ar",
        {"title": "أبجد هوز حطي"},
        (m.FieldError("steps", "The original has 2 lines here. Write as many."),),
        version=5,
    ),
    WORDS_FIELDS,
    "Arabic",
    "ar",
    "rtl",
    "Waits for somebody else to read it.",
    m.Form("/check", version=5),
)
TASK = m.TaskEditorPage(
    KOFI,
    m.Form(
        "/staff/clients/kofi/plan/tasks/edit",
        {"setting": "home", "households": ("hh_efua",), "title": "Blue"},
    ),
    (m.Choice("g_break", "Asks for a break"), m.Choice("g_build", "Builds with another child")),
    (m.Choice("hh_efua", "Efua’s home", hint="three live tasks already; a fourth waits"),),
    meanwhile=(m.Meanwhile("title", "What it is called", "The blue card works here too"),),
)
SESSION = m.SessionNewPage(
    KOFI,
    m.Form(
        "/staff/clients/kofi/sessions/new", {"day": "2026-11-23", "time": "14:10", "modality": "in_person"}
    ),
    m.Part(
        "planned",
        "Already planned",
        "/staff/clients/kofi/fragments/planned",
        (m.Line("Friday 27 November, 15:30", "building group", "calendar"),),
    ),
)
AFTER_VALUES = {
    "attendance": "attended", "minutes": "40", "note_class": "progress", "trial-g_break-0-id": "tr_1",
    "trial-g_break-0-value": "4", "trial-g_break-0-out_of": "5", "trial-g_break-1-out_of": "10",
}  # fmt: skip
AFTER = m.AfterPage(
    KOFI,
    "Monday 23 November, 14:10",
    m.Form("/staff/sessions/s1/after", AFTER_VALUES),
    (
        m.TrialGoal("g_break", "Asks for a break", "How many out of how many, noted by Mateus", True, 2,
                    True, (m.TrialLine("4 of 5", "card"),)),
        m.TrialGoal("g_build", "Builds with another child", "Minutes in a window", rows=1),
    ),
    "Saved 14:55.",
    "Alderbeck Primary School",
    NOTES_PART,
)  # fmt: skip
AHEAD = m.AfterPage(
    KOFI, "Friday 27 November, 15:30", m.Form("/staff/sessions/s2/after"), (), begun=False,
    attendances=m.ATTENDANCES[-1:],
)  # fmt: skip
NOTE_DRAFT = m.NotePage(
    KOFI,
    "Change this note",
    "Clinical note",
    "Friday 20 November, 14:10",
    m.Form("/staff/clients/kofi/notes/n1", {"text": "Kofi led. Two breaks, both asked for."}, version=1),
    "Note",
)
NOTE_SIGNED = m.NotePage(
    KOFI,
    "Add to this note",
    "Clinical note",
    "Friday 13 November, 14:10",
    m.Form(
        "/staff/clients/kofi/notes/n2/amend",
        {"text": "It was two breaks."},
        (m.FieldError("text", "This does not belong into a note."),),
    ),
    "What to add",
    "Quiet day.",
    (m.TrialLine("He asked for one break.", "Saturday 14 November"),),
    (m.Meanwhile("text", "Note", "Quiet day, one break."),),
)
SIGNED = m.SignedPage(
    KOFI,
    "Monday 23 November, 14:10",
    "was there, 40 minutes",
    AFTER.trials,
    m.Form("/staff/sessions/s1/summary", {"summary": "We built a bridge.", "note_class": "progress"}),
    m.Form("/staff/sessions/s1/note", {"note_class": "progress"}),
    "Saved.",
    "Alderbeck Primary School",
    NOTES_PART,
)
REFERRALS = m.ReferralsPage(
    (
        m.Referral(
            KOFI,
            "Referred on Monday 2 November by the SENCO.",
            "How they were told: a call to Efua",
            m.Link("Change what is written", "/staff/clients/kofi/episode"),
            m.Form("/staff/clients/kofi/episode/moves", version=1),
        ),
    ),
    ("Ask first what they want.", "Look at who may see what."),
)
NO_REFERRALS = m.ReferralsPage((), ())
EPISODE = m.EpisodePage(
    KOFI,
    m.Form(
        "/staff/clients/kofi/episode",
        {"referred_on": "2026-11-02", "rhythm": "weekly"},
        (m.FieldError("planned_weeks", "Write a whole number in digits, for example 3."),),
        version=2,
    ),
    "Active",
    (
        ("Step down", "You meet less often.", m.Form("/moves", {"move": "step_down"}, version=2)),
        ("End it", "It can begin again.", m.Form("/moves", {"move": "end"}, version=2)),
    ),
)
EPISODE_MOVED = replace(
    EPISODE,
    form=replace(EPISODE.form, errors=(m.FieldError("meanwhile", told("this")),)),
    meanwhile=(m.Meanwhile("rhythm", EPISODE.LABELS["rhythm"], "every Tuesday"),),
)
TASK_WORDS_MOVED = replace(
    TASK_WORDS,
    form=m.Form("/words", {"title": "بطاقة"}, (m.FieldError("meanwhile", told("this practice")),), version=5),
    meanwhile=(m.Meanwhile("title", "Title", "البطاقة الزرقاء"),),
)
AFTER_READ = replace(AFTER, writes=False)
SIGNED_READ = replace(SIGNED, writes=False)
"""The same for a supervisor, who reads."""
