"""Consents, receipts and who can see, and the pages of schools and clients, filled by hand."""

from dataclasses import replace

from sample_family import ANSWERS, BOX, CLOSED, SUMMARIES, card

from family_portal.web import models as m

KOFI = m.ClientHead("Kofi", "bridge", "/home/kofi", "he/him")
SCHOOL = "Alderbeck Primary School: Claire Fontaine-Osei and Miss Stone"
CONSENT = m.ConsentCard(
    "c1",
    SCHOOL,
    "active",
    "In force",
    ("About me", "Goals in school wording", "This week’s three things"),
    "So that school can do its part.",
    "until 3 March",
    m.Quote("Yes, Miss Stone, not dinner ladies.", "Kofi, when he was asked"),
    m.Link("Close it", "/home/kofi/consents/c1/withdraw"),
)
ASKED = m.ConsentCard(
    "c2",
    "Kofi’s uncle Kwame",
    "presented",
    "You are asked",
    ("His own promises",),
    grant=m.Form("/home/kofi/consents/c2/grant"),
    decline=m.Form("/home/kofi/consents/c2/decline"),
)
CONSENTS = m.ConsentsPage(
    KOFI,
    (ASKED,),
    (),
    (CONSENT,),
    (),
    (
        m.ConsentCard(
            "c3",
            "Brackenfield College",
            "ended",
            "Ended on 3 May",
            receipt=m.Link("What each part said", "/r"),
        ),
    ),
    "You decide. A change takes effect within seconds, everywhere.",
    m.Empty("Nothing is shared outside the clinic.", "You are asked before anything is."),
)
WITHDRAW = m.WithdrawPage(
    KOFI,
    "Close Kofi’s page for school",
    (
        "Claire Fontaine-Osei and Miss Stone no longer see Kofi’s page, within seconds.",
        "They are told that something here has ended, nothing more.",
        "What they wrote themselves stays with the school.",
        "You can open it again at any time.",
    ),
    "Close it now",
    m.Form("/home/kofi/consents/c1/withdraw"),
    m.Link("Who it is shared with", "/home/kofi/consents"),
)
RECEIPT = m.ReceiptPage(
    KOFI,
    "It is closed",
    "Miss Stone no longer sees Kofi’s page. She was told “something here has ended”, nothing more.",
    (
        m.Receipt("Sign-in and sharing", "17:42:03"),
        m.Receipt("The plan", "17:42:03"),
        m.Receipt("Sessions", "17:42:04"),
        m.Receipt("Pages", "17:42:03"),
        m.Receipt("Messages", "17:42:04"),
    ),
    True,
    m.Live("receipt", "/home/kofi/fragments/receipt/c1", ("consent-kofi",)),
    m.Link("Who it is shared with", "/home/kofi/consents"),
    "Open tabs and a message that was about to go out are closed too.",
    m.Form("/home/kofi/consents/c1/grant"),
    "Let Miss Stone see it again",
)
RECEIPT_WAITS = replace(
    RECEIPT,
    title="It is being closed",
    text="Most of Kith has closed it already.",
    effective=False,
    receipts=(*RECEIPT.receipts[:4], m.Receipt("Messages")),
    again=None,
)
WHO = m.WhoCanSeePage(
    KOFI,
    "You decide. A change takes effect within seconds, everywhere.",
    (
        m.PersonSees("Mateus", "works with Kofi and sees everything you make together.", "session"),
        m.PersonSees("Miss Stone", "sees the goals in school wording.", "school", "until 3 March"),
    ),
    m.Live("who", "/home/kofi/fragments/who", ("who-kofi",)),
    (m.Line("Mateus, the plan", "Saturday 11:20"),),
    change=m.Link("Change what is shared", "/home/kofi/consents"),
)

STONE = m.Viewer("school", "Abigail Stone", "class teacher 5S", "Alderbeck Primary School", "token")
PUPILS = m.SchoolPage(
    (
        m.PupilGroup(
            "5S",
            (
                m.PupilRow(
                    "Kofi",
                    "bridge",
                    "/school/pupils/kofi",
                    "Blue card: say yes within a minute.",
                    "shared by Lantern Lane until 3 March",
                    m.Link("Read Kofi’s new goal", "/school/pupils/kofi/plan"),
                ),
            ),
        ),
    ),
    m.Live("pupils", "/school/fragments/pupils", ("plan_school",)),
)
NO_PUPILS = replace(PUPILS, groups=())
PUPIL_HEAD = m.ClientHead(
    "Kofi", "bridge", "/school/pupils/kofi", "5S · he/him · shared by Lantern Lane until 3 March"
)
PUPIL = m.PupilPage(
    PUPIL_HEAD,
    ("I know a lot about bridges and bus routes.", "Noise hurts. Say yes at once when I show the blue card."),
    "Kofi said yes to each of these lines.",
    m.Live("about", "/school/pupils/kofi/fragments/about", ("about-kofi",)),
    (
        "Blue card: say yes within a minute.",
        "Lunch: in five minutes early.",
        "Before assembly: headphones on.",
    ),
    m.Live("week", "/school/pupils/kofi/fragments/week", ("plan_school-kofi",)),
    (
        m.SchoolGoal(
            "g_break",
            "Asking for a break when a place is too much",
            "7 or 8 of 10 times.",
            "Kofi uses the blue card, his talker or walks to the quiet corner.",
            "EHCP C4 managing busy places",
            4,
        ),
    ),
    m.Live("goals", "/school/pupils/kofi/fragments/goals", ("plan_school-kofi",)),
    "/school/pupils/kofi/observe",
    (
        m.Line("Mateus Oliveira, Lantern Lane", "answers within two working days", "message"),
        m.Line("Worried about safety?", "Your school’s way: Moira Campbell, 01632 960304", "shield"),
    ),
    say="/school/pupils/kofi/strategies",
    undo=m.Undo(m.Form("/school/pupils/kofi/observations/ob_1/undo"), "14:03:20"),
    told="It is written down.",
    because=(
        (
            "Because of what you noted",
            "we changed “Lunch early.” Now: “Outside first, and in last.” Thank you.",
        ),
        ("You noted what does not work here:", "“Blue card: say yes.” The team answers here."),
    ),
    asked=m.Link("Read Kofi’s new goal", "/school/pupils/kofi/plan"),
    noted=(m.Line("Card, I got to my part", "Tuesday", "card"),),
    noted_live=m.Live("noted", "/school/pupils/kofi/fragments/noted", ("log-kofi",)),
    sessions=replace(
        SUMMARIES,
        child=PUPIL_HEAD,
        live=m.Live("summaries", "/school/pupils/kofi/fragments/latest", ("session-kofi",)),
        older=m.Link("Older ones", "/school/pupils/kofi/sessions?after=s1"),
    ),
    seen=m.Seen("You and Claire Fontaine-Osei", "", 4),
)
assert PUPIL.sessions
QUIET_PUPIL = replace(
    PUPIL,
    about=(),
    about_by="",
    sessions=replace(PUPIL.sessions, summaries=(), older=None),
    noted=(),
    asked=None,
    told="",
    undo=m.Undo(
        m.Form("/undo", errors=(m.FieldError("", "This stands now: the minute is over. Tell Mateus."),))
    ),
)
STRATEGIES = m.StrategiesPage(
    PUPIL.pupil,
    m.Form("/school/pupils/kofi/strategies", errors=(m.FieldError("strategy", "Choose which one it is."),)),
    (
        m.Choice("g_a:1:0", "Blue card: say yes within a minute."),
        m.Choice("g_a:1:1", "Lunch: five minutes early."),
    ),
    BOX,
    m.Seen("You and Mateus Oliveira"),
)
OBSERVE = m.ObservePage(
    PUPIL_HEAD,
    m.Form("/school/pupils/kofi/observe", {"goal_id": "g_break", "saw": "card"}),
    (m.Choice("g_break", "Asking for a break"), m.Choice("g_build", "Building with a partner")),
    "Say yes within a minute. Your tap saves it.",
    BOX,
    seen=m.Seen("You and Mateus Oliveira"),
)
SCHOOL_PLAN = replace(
    ANSWERS,
    client=PUPIL_HEAD,
    back=m.Link("Kofi", "/school/pupils/kofi"),
    goals=(replace(ANSWERS.goals[0], strategies=("Count to five.", "Say yes within a minute.")),),
)

PRIYA = m.Viewer("mine", "Priya", "this is yours", "Lantern Lane", "token")
MINE = m.MinePage(
    "robot",
    m.Quote("“I have things to say. I want them out of my head and in the room.”"),
    (
        m.MineGoal(
            "g_ask",
            "I ask something or say what I think,",
            "two or three times a week.",
            "/mine/goals/g_ask",
            m.Link("Say yes or no to it", "/mine/goals/g_ask"),
            version=2,
        ),
    ),
    m.Live("mine-goals", "/mine/fragments/goals", ("plan_own",)),
    card(
        "priya",
        "Today, if you like",
        "robot",
        title="One small question, one guess",
        why="Let us see.",
        minutes=5,
    ),
    (m.Line("Leilani", "Thursday, 16:30", "message"), m.Line("Mr Demir", "sends you one question", "school")),
    (m.Link("Who sees what", "/mine/who-can-see"),),
    m.PausePart(
        m.Live("pause", "/mine/fragments/pause", ("task-priya", "log-priya")),
        m.Pause(
            "Too much right now?",
            "Everything can rest. No reason needed.",
            "Pause everything",
            m.Form("/mine/pause"),
        ),
    ),
)
ME = m.ClientHead("Priya", "robot", "/mine")
MINE_GOAL = m.MineGoalPage(
    ME,
    "g_ask",
    "I ask something or say what I think.",
    m.Steps(("Not yet", "Once a week", "Two or three times", "Most days", "Whenever I want"), 2, 1),
    m.Live("goal", "/mine/goals/g_ask/fragment", ("plan_own",)),
    m.Seen("You and Leilani", "/mine/who-can-see", 2),
    BOX,
    m.Quote("Out of my head and in the room.", "You, in September"),
    ("Mr Demir sends the question the evening before.",),
    m.Form("/mine/goals/g_ask/answer"),
    practice=(m.Link("One small question, one guess", "/mine/tasks/guess"),),
)
MINE_WHO = replace(WHO, child=ME, mine=True)
MINE_PLAN = replace(ANSWERS, client=ME, box=CLOSED, back=m.Link("Mine", "/mine"))
