"""One practice card, in the language its reader chose where a person has checked it, else as it was written."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from fastapi import Request, Response

from chassis.errors import NotFound
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.family_cards import NEW, STATES, find_task
from family_portal.web.frame import render
from family_portal.web.goals import often, planned
from family_portal.web.heads import base_of, day, head
from family_portal.web.languages import ASKED, ORIGINAL, chosen, direction, english_name, own_name, remember
from family_portal.web.log_answers import answers_since
from family_portal.web.models import Link, OtherLanguage, TaskPage
from family_portal.web.models.pieces import Area
from family_portal.web.seen import seen_entry
from family_portal.web.todays import rests_of
from policy.days import LONDON, today


async def show_task(request: Request, portal: Portal, reach: Reach, task_id: str, area: Area) -> Response:
    """The card as a page. Raises NotFound where the reader has no such task."""
    person = reach.caller.person_id
    language = chosen(request, person)
    page = await task_page(portal, reach, task_id, area, language)
    return remember(render(request, "family/task.html", page=page), request, person, language)


async def task_page(portal: Portal, reach: Reach, task_id: str, area: Area, language: str = "") -> TaskPage:
    """One practice card, in this language where it was checked. Raises NotFound where the reader has no such task."""
    task = await find_task(portal, reach, task_id)
    if task is None:
        raise NotFound()
    checked: Mapping[str, Mapping[str, Any]] = task.body.get("translations") or {}
    language = language if language in checked else ""
    words, where = checked.get(language, task.body), f"{base_of(area, reach)}/tasks/{task.record_id}"
    return TaskPage(
        child=await head(portal, reach, area),
        title=words["title"],
        why=words["why"],
        log=f"{where}/log",
        steps=tuple(words.get("steps") or ()),
        back=Link("Today", "/home" if area == "family" else "/mine"),
        minutes=task.body.get("takes_minutes"),
        when=often(task) if language else planned(task),
        when_words=(words.get("when") or "") if language else "",
        who=words.get("who") or "",
        you_need=tuple(words.get("you_need") or ()),
        nothing=words.get("if_nothing_comes") or "",
        easier=words.get("easier") or "",
        stop_when=words.get("stop_when") or "",
        question=words.get("look_for") or "",
        thanks=words.get("thanks") or "",
        changed=tuple(task.body.get("changed", ())) if (on := _changed_on(task)) and not language else (),
        changed_on=on,
        replied=await _replied(portal, reach, task_id),
        seen=await seen_entry(portal, reach, area, task),
        state=STATES.get(task.meta["state"], "") or (await rests_of(portal, reach)).of(task),
        lang=language,
        dir=direction(language) if language else "",
        checked=f"In {english_name(language)}. One person wrote it, and another has checked it."
        if language
        else "",
        original=Link("Read it in English, as it was written", f"{where}?{ASKED}={ORIGINAL}")
        if language
        else None,
        others=tuple(_other(each, where) for each in sorted(checked) if each != language),
    )


def _other(language: str, where: str) -> OtherLanguage:
    return OtherLanguage(
        language,
        direction(language),
        own_name(language),
        english_name(language),
        f"{where}?{ASKED}={language}",
    )


def _changed_on(task: Entry) -> str:
    """The day on which the card became smaller, as long as that is news."""
    told = task.body.get("changed_on")
    if told is None or (on := date.fromisoformat(str(told))) < today() - NEW:
        return ""
    return day(datetime.combine(on, time(12), LONDON))


async def _replied(portal: Portal, reach: Reach, task_id: str) -> str:
    """What the team answered last, and lately, to what this reader may read of it."""
    found = await answers_since(portal, reach, NEW, task_id=task_id)
    return next((str(answer.body["reply"]) for answer in found if answer.body.get("reply")), "")
