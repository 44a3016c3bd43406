"""The page "about me" as staff, home and the person have it, filled by hand."""

from dataclasses import replace

from family_portal.web import models as m
from family_portal.web.about import HEADINGS, hint, labels

BOX = m.Box(
    "Nobody reads this before 9:00 tomorrow. On duty then is Dr Ngozi Abara.",
    (m.HelpLine("Ring 116 123", "tel:116123", "Samaritans"),),
)
KOFI = m.ClientHead("Kofi", "bridge", "/home/kofi", "he/him")
LISTENS = m.AboutLine(
    "ab_a", "I build or draw while I listen. Please let me.", "Kofi said yes.", "/home/kofi/about/ab_a"
)
HOOD = m.AboutLine(
    "ab_b",
    "hood up, then hands over ears",
    "Waits for Kofi’s yes.",
    "/home/kofi/about/ab_b",
    "Say how Kofi was asked, or change it",
)
HOME = m.AboutPage(
    client=KOFI,
    title="About me",
    lead="What Kofi wants others to know, in Kofi’s own words.",
    back=m.Link("Kofi", "/home/kofi"),
    groups=(
        m.AboutGroup("one_page", "In short", (LISTENS,)),
        m.AboutGroup("too_much_looks_like", "Too much looks like", (HOOD,)),
    ),
    live=m.Live("about-lines", "/home/kofi/about/fragments/lines", ("about-kofi",)),
    seen=m.Seen("You, Mateus Oliveira and Abigail Stone", "/home/kofi/who-can-see"),
    form=m.Form("/home/kofi/about"),
    hint=hint("family", "Kofi"),
    headings=HEADINGS,
    box=BOX,
    asks=True,
    labels=labels("Kofi"),
    told="It is kept and waits for its yes. Until then school does not read it.",
)
LEFT = replace(
    HOME,
    told="",
    errors=(m.FieldError("", "This line was taken off the page meanwhile. Nobody reads it there any more."),),
    left=("With his cards, at breakfast.", "He pointed at yes."),
)
CLOSED = replace(HOME, box=m.Box("There is no box for words here.", closed=True), told="")
READS = replace(HOME, form=None, box=None, asks=False, told="", groups=())
WRONG = replace(
    HOME,
    told="",
    form=m.Form("/home/kofi/about", {"words": "x"}, (m.FieldError("how", "Write how they were asked."),)),
)
YES = m.Form("/mine/about/ab_b/yes", version=1)
MINE = replace(
    HOME,
    client=m.ClientHead("Priya", "robot", "/mine"),
    back=m.Link("Back", "/mine"),
    groups=(
        m.AboutGroup("what_helps", "What helps", (replace(HOOD, yes=YES, state="Waits for your yes."),)),
    ),
    form=m.Form("/mine/about"),
    asks=False,
    told="",
    labels=labels("Priya"),
)
STAFF = replace(HOME, box=None, asks=False, told="", form=m.Form("/staff/clients/kofi/about"))
LINE = m.AboutLinePage(
    client=KOFI,
    title="One line about me",
    back=m.Link("About me", "/home/kofi/about"),
    line=HOOD,
    under="Too much looks like",
    form=m.Form("/home/kofi/about/ab_b", {"heading": "too_much_looks_like", "words": HOOD.words}, version=1),
    hint=hint("family", "Kofi"),
    headings=HEADINGS,
    labels=labels("Kofi"),
    box=BOX,
    yes=m.Form("/home/kofi/about/ab_b/yes", errors=(m.FieldError("how", "Write how."),), version=1),
    off=m.Form("/home/kofi/about/ab_b/off", version=1),
)
STAFF_LINE = replace(
    LINE, line=LISTENS, box=None, yes=None, asked=(("How Kofi was asked", "Read to him, line by line."),)
)
CARD = m.AboutCard(
    m.Live("about-card", "/staff/clients/kofi/fragments/about_card", ("about-kofi",)),
    (
        ("Yes", ("talker, thumbs, “okay okay”",)),
        ("No", ("talker, card or walking off. Please believe all three",)),
        ("Too much", ("hood up, hands over ears, then I go",)),
        ("Helps", ("tell me what comes next, headphones", "يحب الرسم!")),
    ),
    m.Link("All of it, and change it", "/staff/clients/kofi/about"),
    "Some of it waits for Kofi’s yes.",
)
