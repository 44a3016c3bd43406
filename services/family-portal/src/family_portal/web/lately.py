"""What is new for a family: what changed around a child, and what the team wrote back."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from contracts.care_plans import PlanAnswered, ProposalChanged
from contracts.classes import DataClass
from contracts.family_portal import TaskLogged
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.goals import ended_at, now_sentence, over
from family_portal.web.heads import base_of, called, clock, day
from family_portal.web.log_answers import answers_since, has_task
from family_portal.web.models import Line, Link, Live, RepliesPart, Reply
from policy.days import midnight, today

LATELY = timedelta(weeks=4)
"""So long a change stands on the child's page."""
MOST = 5
"""So many changes at most, the newest."""
_SENTENCE = re.compile(r"(?<=[.!?])\s")
STILL_NEW = timedelta(days=14)
"""So long an answer of the team stands on the first page; it stays beside the goal."""


def changes(goals: Iterable[Entry], tasks: Iterable[Entry], now: datetime) -> tuple[Line, ...]:
    """The last changes of these goals and tasks, newest first: a new step, a goal put anew or ended, practice."""
    found = [change for goal in goals for change in _of_goal(goal)]
    found += [(task.at, f"Practice, new or changed: {task.body['title']}") for task in tasks]
    lately = sorted((c for c in found if now - LATELY < c[0] <= now), key=lambda c: c[0], reverse=True)
    return tuple(Line(text, day(at)) for at, text in lately[:MOST])


def _of_goal(goal: Entry) -> Iterable[tuple[datetime, str]]:
    named = _first_sentence(goal.body["statement"])
    if over(goal):
        yield ended_at(goal), f"This goal has ended: {named}"
        return
    if goal.body.get("level") is not None and goal.body.get("level_since"):
        agreed = date.fromisoformat(str(goal.body["level_since"]))
        yield midnight(agreed), f"{named} {now_sentence(goal)}"
    moved = datetime.fromisoformat(goal.meta["version_at"])
    version = goal.meta["version"]
    yield moved, f"A new goal: {named}" if version == 1 else f"{named} Said anew, version {version}."


def _first_sentence(text: str) -> str:
    return _SENTENCE.split(text.strip(), maxsplit=1)[0]


async def not_this_week(portal: Portal, reach: Reach) -> frozenset[str]:
    """The practice that somebody who logs it here said last, since Monday, is not for this week."""
    now = today()
    monday = midnight(now - timedelta(days=now.weekday()))
    since = {"type": TaskLogged.TYPE, "happened_at": {"$gte": monday.isoformat()}}
    classes = (DataClass.TASK_LOG, DataClass.PLAN_PRIVATE)
    page = await portal.reader.items(reach, classes, limit=50, match=since)
    said: dict[str, str] = {}
    for log in page.entries:
        said.setdefault(log.meta["task_id"], log.body["result"])
    return frozenset(task_id for task_id, result in said.items() if result == "not_this_week")


async def wrote_back(portal: Portal, reached: list[Reach]) -> RepliesPart:
    """What the team lately answered to this reader about the goals of each child, newest first."""
    since = (datetime.now(UTC) - STILL_NEW).isoformat()
    found: list[tuple[datetime, Reply]] = []
    for reach in reached:
        own = {
            "type": {"$in": [PlanAnswered.TYPE, ProposalChanged.TYPE]},
            "parties": f"person:{reach.caller.person_id}",
            "at": {"$gt": since},
        }
        page = await portal.reader.items(reach, (DataClass.PLAN_PLAIN,), limit=20, match=own)
        answers = [entry for entry in page.entries if _reply_in(entry)]
        found += [(entry.at, await _reply(portal, reach, entry)) for entry in answers]
        logs = await answers_since(portal, reach, STILL_NEW, classes=(DataClass.TASK_LOG,))
        to_logs = [(entry.at, await _to_a_log(portal, reach, entry)) for entry in logs]
        found += [(at, reply) for at, reply in to_logs if reply is not None]
    found.sort(key=lambda each: each[0], reverse=True)
    moved = tuple(f"{group}-{reach.client_id}" for reach in reached for group in ("plan", "log"))
    live = Live("replies", "/home/fragments/replies", moved)
    return RepliesPart(live, tuple(reply for _, reply in found))


def _reply_in(entry: Entry) -> str:
    """What the team wrote back: to an answer about a goal, or to a wish for one."""
    return entry.body.get("answer" if entry.type == ProposalChanged.TYPE else "reply") or ""


async def _to_a_log(portal: Portal, reach: Reach, answer: Entry) -> Reply | None:
    """What was answered to a log. Of a card that is not this reader's now it says nothing: it has ended, went to
    another home or became private, and all of that looks the same; without words nothing is left of the answer."""
    has_card = await has_task(portal, reach, answer.meta["task_id"])
    if not (has_card or answer.body.get("reply")):
        return None
    child = (await portal.names.client(reach.caller.tenant_id, reach.client_id)).name
    by = called(await portal.names.person(answer.by)) if answer.by else "The team"
    card = Link(f"Open {child}’s card", f"{base_of('family', reach)}/tasks/{answer.meta['task_id']}")
    words = answer.body.get("reply") or "The card is smaller now."
    return Reply(f"{by} wrote back", f"about {child} · {clock(answer.at)}", words, card if has_card else None)


async def _reply(portal: Portal, reach: Reach, answer: Entry) -> Reply:
    child = (await portal.names.client(reach.caller.tenant_id, reach.client_id)).name
    by = called(await portal.names.person(answer.by)) if answer.by else "The team"
    plan = f"{base_of('family', reach)}/plan"
    if answer.type == ProposalChanged.TYPE:
        link = Link(f"Read it beside what you wished for {child}", f"{plan}#wishes")
    else:
        link = Link(f"Read it beside {child}’s goal", f"{plan}#goal-{answer.goal_id}")
    return Reply(f"{by} wrote back", f"about {child} · {clock(answer.at)}", _reply_in(answer), link)
