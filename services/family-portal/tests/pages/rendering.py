"""Every template with a sample model, rendered without a server or a database."""

import sample_about as about
import sample_family as family
import sample_sharing as sharing
import sample_staff as staff
import sample_staff_forms as forms
from starlette.requests import Request

from family_portal.web import models as m
from family_portal.web.frame import render
from family_portal.web.static_pages import ENGLAND

Sample = tuple[str, m.Viewer | None, str, object]

PAGES: dict[str, Sample] = {
    "door": (
        "open/sign_in.html",
        None,
        "/",
        m.SignInPage("family", "/sign-in", "You are signed out, everywhere."),
    ),
    "staff-door": ("open/sign_in.html", None, "/staff", m.SignInPage("staff", "/staff/sign-in")),
    "help": ("open/help_now.html", None, "/help-now", m.HelpPage(ENGLAND)),
    "offline": ("open/offline.html", None, "/offline", None),
    "language": ("open/language.html", None, "/language", None),
    "keeps": ("open/keeps.html", None, "/how-kith-keeps-things", None),
    "looks": ("open/looks.html", None, "/looks", m.LooksPage(m.Look(), m.Form("/looks"), "/home", True)),
    "breath": (
        "open/error.html",
        family.VIEWER,
        "/home",
        m.ErrorPage(503, "Taking a breath", "Soon.", "/home"),
    ),
    "not-sent": (
        "open/error.html",
        family.VIEWER,
        "/home/noor/tasks/wait/log",
        m.ErrorPage(
            503,
            "This may not be sent yet",
            "Kept.",
            kept=(
                m.Kept("csrf", "token"),
                m.Kept("command_id", "k1"),
                m.Kept("words", "Half a <thought>.", True),
            ),
            send_again="/home/noor/tasks/wait/log",
        ),
    ),
    "come-in": (
        "open/error.html",
        None,
        "/home/noor/tasks/wait/log",
        m.ErrorPage(
            401,
            "Come in again",
            "Kept.",
            kept=(
                m.Kept("csrf", "token"),
                m.Kept("command_id", "k1"),
                m.Kept("words", "Half a thought.", True),
            ),
            send_again="/home/noor/tasks/wait/log",
            sign_in="/sign-in?next=/signed-in",
            links=(m.Link("Come in", "/sign-in"),),
        ),
    ),
    "gone": (
        "open/error.html",
        sharing.STONE,
        "/school/pupils/kofi",
        m.ErrorPage(
            404,
            "Something here has ended",
            "Or it has never been here.",
            contact="Ring Lantern Lane.",
            links=(m.Link("To your own pages", "/school"),),
        ),
    ),
    "signed-in": ("open/signed_in.html", family.VIEWER, "/signed-in", None),
    "home": ("family/home.html", family.VIEWER, "/home", family.HOME),
    "home-empty": ("family/home.html", family.VIEWER, "/home", family.NOTHING),
    "notices": ("family/notices.html", family.VIEWER, "/messages-for-you", family.HOME.notices),
    "told": ("told/told.html", family.VIEWER, "/how-you-are-told", family.TOLD),
    "told-errors": ("told/told.html", family.VIEWER, "/how-you-are-told", family.TOLD_ERRORS),
    "told-mine": ("told/told.html", sharing.PRIYA, "/how-you-are-told", family.TOLD),
    "told-staff": ("told/told.html", staff.VIEWER, "/staff/how-you-are-told", family.TOLD),
    "child": ("family/child.html", family.VIEWER, "/home/noor", family.CHILD),
    "child-empty": ("family/child.html", family.VIEWER, "/home/noor", family.EMPTY_CHILD),
    "task": ("family/task.html", family.VIEWER, "/home/noor/tasks/wait", family.TASK),
    "log": ("family/log.html", family.VIEWER, "/home/noor/tasks/wait/log", family.LOG),
    "log-errors": ("family/log.html", family.VIEWER, "/home/noor/tasks/wait/log", family.LOG_ERRORS),
    "log-closed": ("family/log.html", family.VIEWER, "/home/noor/tasks/wait/log", family.LOG_CLOSED),
    "worry": ("told/worry.html", family.VIEWER, "/home/noor/tasks/wait/log", family.WORRY),
    "thanks": ("family/thanks.html", family.VIEWER, "/home/noor/tasks/wait/log/1", family.THANKS),
    "summaries": ("family/sessions.html", family.VIEWER, "/home/noor/sessions", family.SUMMARIES),
    "family-plan": ("plan/answer.html", family.VIEWER, "/home/noor/plan", family.ANSWERS),
    "consents": ("family/consents.html", family.VIEWER, "/home/kofi/consents", sharing.CONSENTS),
    "withdraw": ("family/consent_end.html", family.VIEWER, "/home/kofi/consents/c1", sharing.WITHDRAW),
    "receipt": ("family/consent_receipt.html", family.VIEWER, "/home/kofi/consents/c1", sharing.RECEIPT),
    "receipt-waits": ("family/consent_receipt.html", family.VIEWER, "/home/kofi", sharing.RECEIPT_WAITS),
    "who": ("family/who_can_see.html", family.VIEWER, "/home/kofi/who-can-see", sharing.WHO),
    "pupils": ("school/pupils.html", sharing.STONE, "/school", sharing.PUPILS),
    "pupils-empty": ("school/pupils.html", sharing.STONE, "/school", sharing.NO_PUPILS),
    "pupil": ("school/pupil.html", sharing.STONE, "/school/pupils/kofi", sharing.PUPIL),
    "pupil-quiet": ("school/pupil.html", sharing.STONE, "/school/pupils/kofi", sharing.QUIET_PUPIL),
    "observe": ("school/observe.html", sharing.STONE, "/school/pupils/kofi/observe", sharing.OBSERVE),
    "strategies": (
        "school/strategies.html",
        sharing.STONE,
        "/school/pupils/kofi/strategies",
        sharing.STRATEGIES,
    ),
    "family-plan-left": ("plan/answer.html", family.VIEWER, "/home/noor/plan", family.ANSWERS_LEFT),
    "school-plan": ("plan/answer.html", sharing.STONE, "/school/pupils/kofi/plan", sharing.SCHOOL_PLAN),
    "about": ("about/about.html", family.VIEWER, "/home/kofi/about", about.HOME),
    "about-left": ("about/about.html", family.VIEWER, "/home/kofi/about", about.LEFT),
    "about-closed": ("about/about.html", family.VIEWER, "/home/kofi/about", about.CLOSED),
    "about-reads": ("about/about.html", family.VIEWER, "/home/kofi/about", about.READS),
    "about-errors": ("about/about.html", family.VIEWER, "/home/kofi/about", about.WRONG),
    "about-mine": ("about/about.html", sharing.PRIYA, "/mine/about", about.MINE),
    "about-staff": ("about/about.html", staff.VIEWER, "/staff/clients/kofi/about", about.STAFF),
    "about-line": ("about/line.html", family.VIEWER, "/home/kofi/about/ab_b", about.LINE),
    "about-staff-line": ("about/line.html", staff.VIEWER, "/staff/clients/kofi/about/ab_a", about.STAFF_LINE),
    "mine": ("mine/mine.html", sharing.PRIYA, "/mine", sharing.MINE),
    "mine-goal": ("mine/goal.html", sharing.PRIYA, "/mine/goals/g_ask", sharing.MINE_GOAL),
    "mine-who": ("family/who_can_see.html", sharing.PRIYA, "/mine/who-can-see", sharing.MINE_WHO),
    "mine-plan": ("plan/answer.html", sharing.PRIYA, "/mine/plan", sharing.MINE_PLAN),
    "today": ("staff/today.html", staff.VIEWER, "/staff/today", staff.TODAY_PAGE),
    "today-quiet": ("staff/today.html", staff.VIEWER, "/staff/today", staff.QUIET_TODAY),
    "caseload": ("staff/caseload.html", staff.VIEWER, "/staff/caseload", staff.CASELOAD),
    "caseload-empty": ("staff/caseload.html", staff.VIEWER, "/staff/caseload", staff.NO_CASELOAD),
    "client": ("staff/client.html", staff.VIEWER, "/staff/clients/kofi", staff.CLIENT),
    "referrals": ("staff/referrals.html", staff.VIEWER, "/staff/referrals", forms.REFERRALS),
    "referrals-empty": ("staff/referrals.html", staff.VIEWER, "/staff/referrals", forms.NO_REFERRALS),
    "episode": ("staff/episode.html", staff.VIEWER, "/staff/clients/kofi/episode", forms.EPISODE),
    "today-away": ("staff/today.html", staff.VIEWER, "/staff/today", staff.TODAY_AWAY),
    "written": ("staff/written.html", staff.VIEWER, staff.WRITTEN, staff.ALL_NOTED),
    "written-one": ("staff/written.html", staff.VIEWER, f"{staff.WRITTEN}/l1", staff.ONE_NOTED),
    "client-away": ("staff/client.html", staff.VIEWER, "/staff/clients/kofi", staff.AWAY),
    "plan": ("staff/plan.html", staff.VIEWER, "/staff/clients/kofi/plan", forms.PLAN),
    "plan-left": ("staff/plan.html", staff.VIEWER, "/staff/clients/kofi/plan", forms.PLAN_LEFT),
    "plan-empty": ("staff/plan.html", staff.VIEWER, "/staff/clients/kofi/plan", forms.NO_PLAN),
    "edit": ("staff/goal_edit.html", staff.VIEWER, "/staff/clients/kofi/plan/edit", forms.EDIT),
    "goal-end": ("staff/goal_end.html", staff.VIEWER, "/staff/clients/kofi/plan/end", forms.END),
    "task-words": (
        "staff/task_words.html",
        staff.VIEWER,
        "/staff/clients/kofi/plan/tasks/words",
        forms.TASK_WORDS,
    ),
    "task-arabic": ("family/task.html", family.VIEWER, "/home/noor/tasks/wait", family.ARABIC_TASK),
    "log-answer": ("staff/log_answer.html", staff.VIEWER, "/staff/clients/kofi", forms.LOG_ANSWER),
    "log-answer-moved": (
        "staff/log_answer.html",
        staff.VIEWER,
        "/staff/clients/kofi",
        forms.LOG_ANSWER_MOVED,
    ),
    "log-read": ("staff/log_answer.html", staff.VIEWER, "/staff/clients/kofi", forms.LOG_READ),
    "episode-moved": ("staff/episode.html", staff.VIEWER, "/staff/clients/kofi/episode", forms.EPISODE_MOVED),
    "task-words-moved": (
        "staff/task_words.html",
        staff.VIEWER,
        "/staff/clients/kofi/plan/tasks/words",
        forms.TASK_WORDS_MOVED,
    ),
    "log-answer-apart": (
        "staff/log_answer.html",
        staff.VIEWER,
        "/staff/clients/kofi",
        forms.LOG_ANSWER_APART,
    ),
    "task-edit": ("staff/task_edit.html", staff.VIEWER, "/staff/clients/kofi/plan/tasks/edit", forms.TASK),
    "session-new": (
        "staff/session_new.html",
        staff.VIEWER,
        "/staff/clients/kofi/sessions/new",
        forms.SESSION,
    ),
    "session-ahead": ("staff/session_after.html", staff.VIEWER, "/staff/sessions/s2/after", forms.AHEAD),
    "session-signed": ("staff/session_signed.html", staff.VIEWER, "/staff/sessions/s1/after", forms.SIGNED),
    "note-draft": ("staff/note.html", staff.VIEWER, "/staff/clients/kofi/notes/n1", forms.NOTE_DRAFT),
    "note-signed": ("staff/note.html", staff.VIEWER, "/staff/clients/kofi/notes/n2", forms.NOTE_SIGNED),
    "session-after": ("staff/session_after.html", staff.VIEWER, "/staff/sessions/s1/after", forms.AFTER),
    "session-read": ("staff/session_after.html", staff.VIEWER, "/staff/sessions/s1/after", forms.AFTER_READ),
    "signed-read": ("staff/session_signed.html", staff.VIEWER, "/staff/sessions/s1/after", forms.SIGNED_READ),
    "client-read": ("staff/client.html", staff.VIEWER, "/staff/clients/kofi", staff.CLIENT_READ),
}


def request_for(path: str, viewer: m.Viewer | None, cookie: str = "") -> Request:
    """A request as the routes see it."""
    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers,
        "scheme": "http", "server": ("localhost", 8080), "state": {},
    }  # fmt: skip
    request = Request(scope)
    if viewer is not None:
        request.state.viewer = viewer
    return request


def rendered(name: str, cookie: str = "") -> str:
    """One sample page as HTML."""
    template, viewer, path, page = PAGES[name]
    return bytes(render(request_for(path, viewer, cookie), template, page=page).body).decode()
