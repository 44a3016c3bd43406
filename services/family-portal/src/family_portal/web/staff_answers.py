"""What family, school and client answered to a goal, on the therapist's plan page, with the form to reply."""

from typing import Any

from family_portal.web.models import Answer, Form, WroteBefore
from policy.worries import worrying

SAID = {"approve": "said yes", "ask": "asks", "no": "says no"}
WORDING = {
    "plan_plain": "the plain wording",
    "plan_school": "the school wording",
    "plan_own": "their own words",
}

NOTHING = WroteBefore("")


def answers_of(goal: dict[str, Any], names: dict[str, str], where: str) -> tuple[Answer, ...]:
    """What each person said last to a goal of the plan; `where` is the goal's own address on these pages."""
    said = _by_person(goal).values()
    return tuple(_answer(last, earlier, names, where, goal["version"]) for last, *earlier in said)


def _by_person(goal: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What each person said, the last first, to whichever version: a question does not go because the goal has
    moved on."""
    found: dict[str, list[dict[str, Any]]] = {}
    for answer in sorted(goal["answers"], key=lambda answer: answer["version"]):
        found.setdefault(answer["person_id"], []).insert(0, answer)
    return found


def _answer(
    answer: dict[str, Any], earlier: list[dict[str, Any]], names: dict[str, str], where: str, version: int
) -> Answer:
    wording = WORDING.get(answer["class"], "it")
    if answer["version"] != version:
        wording += f" (version {answer['version']})"
    said = SAID[answer["answer"]]
    return Answer(
        id=f"{answer['class']}-{answer['person_id']}",
        who=names.get(answer["person_id"], "Somebody"),
        state=answer["answer"],
        text=f"{said} to {wording}" if answer["answer"] == "approve" else f"{said}, reading {wording}",
        words=answer["words"] or "",
        replied=answer["reply"] or "",
        before=_before(answer, earlier),
        reply=_reply(answer, where),
    )


def _reply(answer: dict[str, Any], where: str) -> Form | None:
    """The form to reply to a question or a no, with what its writer has read of both: the answer and its reply."""
    if answer["answer"] == "approve":
        return None
    read = {"said_at": answer["at"] or "", "instead_of": answer["reply"] or ""}
    return Form(f"{where}/answers/{answer['person_id']}/reply", read)


def _before(answer: dict[str, Any], earlier: list[dict[str, Any]]) -> tuple[WroteBefore, ...]:
    """What stays beside an answer: words of worry, newest first, also from answers to `earlier` versions; then what
    had its reply. Each of them once."""
    found = _kept(answer)
    for each in earlier:
        found += [
            said for said in (_said(each), *_kept(each), _said(each, "_before")) if worrying(said.words)
        ]
    found.append(_said(answer, "_before"))
    return tuple(said for said in dict.fromkeys(found) if said not in (_said(answer), NOTHING))


def _kept(answer: dict[str, Any]) -> list[WroteBefore]:
    return [WroteBefore(said["words"], said["reply"] or "") for said in answer.get("worries", ())]


def _said(answer: dict[str, Any], when: str = "") -> WroteBefore:
    """The words of an answer with their reply, or with `_before` those that it holds of the one before."""
    return WroteBefore(answer.get(f"words{when}") or "", answer.get(f"reply{when}") or "")
