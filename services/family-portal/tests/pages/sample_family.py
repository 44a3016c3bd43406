"""Pages of families with people from the demo data, filled by hand."""

from dataclasses import replace

from family_portal.web import models as m
from family_portal.web.models.family import WAYS

VIEWER = m.Viewer("family", "Samira Haddad", "parent", "Lantern Lane and Tidewell", "token")

NOOR = m.ClientHead(
    "Noor",
    "ladybird",
    "/home/noor",
    seen=m.Seen("You, Erik, Mateus and two people at school", "/home/noor/who-can-see", 3),
)
DAYS = (
    "On none of the five days",
    "On one day of five",
    "On two or three days of five",
    "On four days of five",
)
CHOICE = m.Steps((*DAYS, "On all five days"), 2, 1, start_label="Where it began, in September")
NEAR = m.Steps(
    (
        "Does not talk with Mum in the room at school",
        "Talks with Mum, door shut, nobody else in the room",
        "Keeps talking with Mum while Mrs Doyle sits across the room",
        "Keeps talking with Mum while Mrs Doyle plays at the same table",
        "Talks with Mrs Doyle while Mum waits outside",
    ),
    2,
    1,
)


def card(client: str, name: str, mark: str, **more: object) -> m.TodayCard:
    live = m.Live(f"today-{client}", f"/home/fragments/today/{client}", (f"task-{client}",))
    how = m.Link(f"How {name} is doing", f"/home/{client}")
    return replace(m.TodayCard(name, mark, live, how), **more)  # type: ignore[arg-type]


HOME = m.HomePage(
    eyebrow="Monday evening",
    greeting="Good evening, Samira",
    lead="One small thing for each of them. Or nothing; that is fine too.",
    cards=(
        card(
            "noor",
            "Noor",
            "ladybird",
            title="Two things and a five-second wait",
            why="A short, quiet gap gives her room to show what she wants.",
            minutes=3,
            when="at breakfast",
            open=m.Link("Open Noor’s", "/home/noor/tasks/wait"),
            others=(m.Link("A visitor in the next room", "/home/noor/tasks/bridge"),),
        ),
        card(
            "elias",
            "Elias",
            "drum",
            asked=m.Link("Read Elias’s new goal", "/home/elias/plan"),
            told=m.Link("What was said after Elias’s session", "/home/elias/sessions"),
        ),
    ),
    replies=m.RepliesPart(
        m.Live("replies", "/home/fragments/replies", ("plan-noor",)),
        (
            m.Reply(
                "Mateus wrote back",
                "about Noor · this morning, 9:40",
                "No sorry needed. Press pause for the week, then it rests in both children's plans.",
                m.Link("Read and answer", "/home/noor/plan"),
            ),
        ),
    ),
    appointments=m.AppointmentsPart(
        m.Live("next", "/home/fragments/next", ("session-noor", "session-elias")),
        (
            m.Appointment("Tuesday 24 November, 14:10", "Noor’s session is cancelled."),
            m.Appointment("Tuesday 1 December, 14:10", "Noor’s session"),
            m.Appointment("Friday 27 November, 15:30", "Elias’s session"),
        ),
    ),
    pause=m.PausePart(
        m.Live("pause", "/home/fragments/pause", ("task-noor", "log-noor")),
        m.Pause(
            "A heavy week?",
            "Everything can rest until Sunday, for both children, in your home. Nobody asks why.",
            "Pause everything this week",
            m.Form("/home/pause"),
        ),
    ),
    notices=m.NoticesPart(
        (
            m.NoticeLine(
                "n1",
                "You have an update.",
                "today, 9:40",
                m.Link("Read it", "/home/noor"),
                m.Form("/seen/n1", {"id": ("n1", "n0")}),
            ),
        )
    ),
)
NOTHING = replace(HOME, cards=(), replies=None, appointments=None, pause=None, notices=None, scene="day")

GOALS = (
    m.FamilyGoal(
        "g_noor_choice",
        "Noor lets a grown-up at school know what she wants.",
        CHOICE,
        "Now she does it on two or three days of a school week.",
        "She can point, use a card, nod, whisper or talk. All of these count the same.",
        m.Quote(
            "Pointed to the red paint, then to herself. At home she said: “I know it in my tummy.”",
            "Noor, when she was asked",
        ),
        "Mrs Doyle notes it at school. The steps are a map, not a mark.",
        3,
        "since 12 November",
    ),
    m.FamilyGoal(
        "g_noor_near",
        "Noor keeps on playing and talking while Mrs Doyle comes a little nearer.",
        NEAR,
        "Now: she keeps talking with you while Mrs Doyle sits across the room.",
        version=2,
        changed="since 3 November",
        resting="This part is resting. Nothing to do, nothing to explain.",
    ),
)
EARLIER = (
    m.EarlierGoal(
        "g_wave",
        "Waves back when somebody waves",
        "This goal has ended. It is in use now, and nothing needs to be practised for it.",
        "Since Friday 6 November",
        "/home/noor/plan#goal-g_wave",
    ),
)
CHILD = m.ChildPage(
    child=NOOR,
    goals=GOALS,
    live=m.Live("goals", "/home/noor/fragments/goals", ("plan_plain-noor",)),
    practice=(
        m.Link("See this week’s practice", "/home/noor/tasks/wait"),
        m.Link("A visitor in the next room", "/home/noor/tasks/bridge"),
    ),
    practice_live=m.Live("practice", "/home/noor/fragments/practice", ("task-noor",)),
    others_live=m.Live("others", "/home/noor/fragments/others", ("plan-noor",)),
    changes_live=m.Live("changes", "/home/noor/fragments/changes", ("plan-noor", "task-noor")),
    asked_live=m.Live("asked", "/home/noor/fragments/asked", ("plan-noor",)),
    earlier_live=m.Live("past", "/home/noor/fragments/earlier", ("plan_plain-noor",)),
    others=(
        m.Line("Mr Chaudhry and Mrs Doyle offer two things to point at.", icon="school"),
        m.Line("Nobody praises or remarks on a whisper; they answer it.", icon="school"),
        m.Line("Mateus comes each week, 40 minutes, at school.", icon="session"),
    ),
    changes=(
        m.Line("Both goals moved to the middle step.", "Thursday"),
        m.Line("The breakfast step became smaller, because of what you wrote.", "Three weeks ago"),
    ),
    school_weeks=(
        m.Line("Last week school saw it twice.", "Choosing without words", "school"),
        m.Line("In the week of 9 November school saw it once.", "Choosing without words", "school"),
    ),
    stop_if=("Noor eats less, sleeps badly or does not want to go in for three days.",),
    asked=m.Link("Read Noor’s new goal", "/home/noor/plan"),
    more=(
        m.Link("After sessions", "/home/noor/sessions"),
        m.Link("Who it is shared with", "/home/noor/consents"),
    ),
    earlier=EARLIER,
)
EMPTY_CHILD = replace(CHILD, goals=(), practice=(), others=(), changes=(), stop_if=(), asked=None)

TASK = m.TaskPage(
    child=NOOR,
    title="Two things and a five-second wait",
    why="Noor knows what she wants. A short, quiet gap gives her room to show it.",
    log="/home/noor/tasks/wait/log",
    steps=(
        "Hold up two things. Say what they are. “Apple. Toast.”",
        "Count to five in your head. Say nothing.",
        "Take whatever comes. A look, a point, a nod or a word. All count.",
        "Give it to her and carry on. No praise, no “good talking”.",
    ),
    minutes=3,
    when="at breakfast",
    who="any grown-up at home",
    you_need=("two breakfast things",),
    nothing="Put both on the plate. Try again tomorrow.",
    easier="Start with something she always wants.",
    stop_when="She pulls away. Breakfast is for eating.",
    question="Which way did she choose today?",
    thanks="Five quiet seconds are real work.",
    changed=("Count to three in your head.", "Start with something she always wants."),
    changed_on="Thursday 26 November",
    replied="Three seconds are plenty.",
    seen=m.Seen("You, Erik and Mateus see this card", "/home/noor/who-can-see"),
    state="This card rests until Sunday.",
    others=(m.OtherLanguage("ar", "rtl", "العربية", "Arabic", "/home/noor/tasks/wait?words=ar"),),
)
ABJAD = "أبجد هوز حطي كلمن سعفص قرشت"
"""The order of the letters, which says nothing: no card of the demo is in Arabic before a reader has checked it."""
ARABIC_TASK = replace(
    TASK,
    title="أبجد هوز حطي",
    why=f"{ABJAD}.",
    steps=(f"{ABJAD}.", "أبجد هوز 5."),
    when="5 times a week",
    when_words="أبجد هوز",
    who="حطي",
    you_need=("كلمن", "سعفص"),
    nothing=ABJAD,
    easier=ABJAD,
    stop_when=ABJAD,
    question=ABJAD,
    thanks=ABJAD,
    state="",
    lang="ar",
    dir="rtl",
    checked="In Arabic. One person wrote it, and another has checked it.",
    original=m.Link("Read it in English, as it was written", "/home/noor/tasks/wait?words=original"),
    others=(m.OtherLanguage("ta", "ltr", "தமிழ்", "Tamil", "/home/noor/tasks/wait?words=ta"),),
)
BOX = m.Box(
    "Nobody reads this before 9:00 tomorrow. On duty then is Dr Ngozi Abara.",
    (
        m.HelpLine("Ring 999", "tel:999", "Danger now: police or ambulance"),
        m.HelpLine("Ring 111, then option 2", "tel:111", "Mental health, speak to a nurse"),
        m.HelpLine("Text SHOUT to 85258", "sms:85258?body=SHOUT", "Shout, by text message"),
    ),
)
CLOSED = m.Box(
    "There is no box for words here, because Tidewell has not said yet who reads them: tell the people you know "
    "there, or ring them.",
    BOX.lines,
    closed=True,
)
LOG = m.LogPage(
    child=NOOR,
    form=m.Form("/home/noor/tasks/wait/log", {"result": "did", "felt": "3"}),
    task=m.Link("Two things and a five-second wait", "/home/noor/tasks/wait"),
    box=BOX,
    question="Which way did she choose today?",
    seen=m.Seen("You and Mateus. The other home does not see it.", "/home/noor/who-can-see"),
)
LOG_ERRORS = replace(
    LOG,
    form=m.Form(
        "/home/noor/tasks/wait/log",
        {"words": "She pointed at the jam."},
        (m.FieldError("result", "Choose one of the four; each helps the same."),),
    ),
)
WORRY = m.WorryPage(
    BOX.reads,
    BOX.lines,
    "He said his gran hits him.",
    m.Form("/home/noor/tasks/wait/log", {"result": "did", "words": "He said his gran hits him."}),
    "Worries about safety go your school’s way: tell Moira Campbell now, in person or by phone.",
)
LOG_CLOSED = replace(LOG, box=CLOSED)
THANKS = m.ThanksPage(
    "Thank you for telling us",
    "That helps us fit it better. Nothing else is needed.",
    m.Link("Back to today", "/home"),
    "ladybird",
    m.Form("/home/noor/tasks/wait/logs/lg_1/way"),
    WAYS,
    "Mateus has it now.",
    "Five quiet seconds are real work.",
    m.Undo(m.Form("/home/noor/tasks/wait/logs/lg_1/undo"), "20:14:05"),
)
SUMMARIES = m.SummariesPage(
    child=NOOR,
    summaries=(
        m.SummaryCard(
            "s1",
            "Thursday 19 November",
            "Play slot with Mateus",
            "Noor built a paper garden.\nShe went on talking when Mrs Doyle put down a cup.",
            "Leave the door a hand wide while you fold.",
        ),
    ),
    live=m.Live("summaries", "/home/noor/fragments/sessions", ("session_summary-noor",)),
    older=m.Link("Earlier ones", "?after=s1"),
)

ANSWERS = m.PlanToAnswerPage(
    client=NOOR,
    lead="Read it in peace. Each answer is a good answer, and you can come back to it.",
    goals=(
        m.GoalToAnswer(
            "g_noor_choice",
            "Noor lets a grown-up at school know what she wants.",
            CHOICE,
            "Put to you on Tuesday",
            "She can point, use a card, nod, whisper or talk.",
            m.Quote("I know it in my tummy.", "Noor, when she was asked"),
            ("They offer two things to point at.", "Everybody counts to five before they speak again."),
            (),
            "Noor eats less or sleeps badly for three days.",
            1,
            m.Form("/home/noor/plan/g_noor_choice/answer"),
        ),
        m.GoalToAnswer(
            "g_noor_near",
            "Noor keeps on playing while Mrs Doyle comes nearer.",
            NEAR,
            "Put to you on Tuesday",
            said="You asked something on Wednesday.",
            own_words="Does she have to talk?",
            reply=m.Quote("Never. She can stop the game with the box lid.", "Mateus, Thursday"),
            form=m.Form("/home/noor/plan/g_noor_near/answer"),
            version=1,
        ),
    ),
    live=m.Live("plan", "/home/noor/fragments/plan", ("plan_plain-noor",)),
    back=m.Link("Noor", "/home/noor"),
    box=BOX,
    seen=NOOR.seen,
    wishes=m.WishesPart(
        m.Live("wishes-said", "/home/noor/fragments/wishes", ("plan-noor",)),
        (
            m.OwnWish(
                "pr_kiss",
                "Tuesday",
                "Noor will hug and kiss relatives hello.",
                "The team does not make a goal of it.",
                m.Quote("Saying no keeps children safer. We can talk about it.", "Mateus wrote back"),
            ),
            m.OwnWish(
                "pr_new", "Friday", "That she shows Mum too.", "The team has it. The answer will stand here."
            ),
        ),
        m.Form("/home/noor/wishes"),
        BOX,
        "You and Mateus",
        more=True,
    ),
)
ANSWERS_LEFT = replace(
    ANSWERS,
    errors=(m.FieldError("", "This goal is not put to you any more. What you wrote has not been sent."),),
    left="Does she have to talk?",
)
TOLD = m.ToldPage(
    "By e-mail, to s…\N{WORD JOINER}@home.example.",
    "Now s…\N{WORD JOINER}@home.example. Leave it empty to keep it.",
    "Kith has none of yours.",
    m.Form("/how-you-are-told", {"told": "email", "rev": "3"}, version=0),
    kept=True,
)
TOLD_ERRORS = replace(
    TOLD,
    form=m.Form(
        "/how-you-are-told",
        {"told": "sms", "email": "samira at home", "rev": "3"},
        (
            m.FieldError(
                "email", "This is not an e-mail address. Write one address, for example name@example.org."
            ),
            m.FieldError(
                "phone", "Kith has no mobile number of yours. Write it here, or choose another way."
            ),
        ),
        version=0,
    ),
    kept=False,
)
