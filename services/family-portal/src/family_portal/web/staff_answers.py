"""What family, school and client answered to a goal, on the therapist's plan page, with the form to reply."""

from typing import Any

from family_portal.web.models import Answer, Form, WroteBefore

SAID = {"approve": "said yes", "ask": "asks", "no": "says no"}
WORDING = {
    "plan_plain": "the plain wording",
    "plan_school": "the school wording",
    "plan_own": "their own words",
}


def answers_of(goal: dict[str, Any], names: dict[str, str], where: str) -> tuple[Answer, ...]:
    """What each person said last to a goal of the plan; `where` is the goal's own address on these pages."""
    return tuple(_answer(answer, names, where, goal["version"]) for answer in _latest(goal))


def _latest(goal: dict[str, Any]) -> list[dict[str, Any]]:
    """What each person said last, to whichever version: a question does not go because the goal has moved on."""
    last: dict[str, dict[str, Any]] = {}
    for answer in sorted(goal["answers"], key=lambda answer: answer["version"]):
        last[answer["person_id"]] = answer
    return list(last.values())


def _answer(answer: dict[str, Any], names: dict[str, str], where: str, version: int) -> Answer:
    wording = WORDING.get(answer["class"], "it")
    if answer["version"] != version:
        wording += f" (version {answer['version']})"
    said = SAID[answer["answer"]]
    waits = answer["answer"] != "approve" and not answer["reply"]
    return Answer(
        id=f"{answer['class']}-{answer['person_id']}",
        who=names.get(answer["person_id"], "Somebody"),
        state=answer["answer"],
        text=f"{said} to {wording}" if answer["answer"] == "approve" else f"{said}, reading {wording}",
        words=answer["words"] or "",
        replied=answer["reply"] or "",
        before=_before(answer),
        reply=Form(f"{where}/answers/{answer['person_id']}/reply", {"said_at": answer["at"] or ""})
        if waits
        else None,
    )


def _before(answer: dict[str, Any]) -> tuple[WroteBefore, ...]:
    """What stays beside an answer: words of worry, newest first, and what had its reply; each of them once."""
    found = [WroteBefore(said["words"], said["reply"] or "") for said in answer.get("worries", ())]
    if answer.get("words_before") or answer.get("reply_before"):
        found.append(WroteBefore(answer.get("words_before") or "", answer.get("reply_before") or ""))
    shown = WroteBefore(answer["words"] or "", answer["reply"] or "")
    return tuple(each for each in dict.fromkeys(found) if each != shown)
