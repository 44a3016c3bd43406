"""The access matrix against the running services: who reads which class where, and whose writes are taken."""

import secrets
import time
from collections import Counter
from typing import Any

import httpx
import pytest

from contracts.classes import DataClass
from kith_local.founding import in_days, task
from kith_local.matrix_stage import WHEN, Stage, client_of, situations, why_not
from kith_local.program import Person, Refused
from policy.testing import Situation

pytestmark = pytest.mark.stack

ITEMS = ("task_log", "observation", "measure", "session_summary", "attendance", "plan_private")
READS = {
    "portal": ("family-portal", ("/view", "/about", *(f"/items?class={each}&limit=200" for each in ITEMS))),
    "care-plans": ("care-plans", ("/goals", "/tasks", "/plan", "/progress?limit=200", "/about")),
    "sessions": ("sessions", ("/sessions", "/sessions/s_shared", "/notes")),
    "identity": ("identity", ("/consents",)),
}
CANARIES = {
    "plan_team": "-team", "plan_plain": "-plain", "plan_school": "-school", "plan_own": "-own",
    "plan_private": "private", "task": "-task", "task_log": "-log", "observation": "-observation",
    "measure": "-trial", "session_summary": "-summary", "attendance": '"status":"attended"',
    "note_progress": "-progress", "consent": "-purpose", "about_me": "-about",
}  # fmt: skip
"""How the words of a class end; attendance has none, so it shows by its own field, and by the sessions' time."""
SEEN_AT = {
    "plan_team": ("portal", "care-plans"), "plan_plain": ("portal", "care-plans"),
    "plan_school": ("portal", "care-plans"), "plan_own": ("portal", "care-plans"),
    "plan_private": ("portal", "care-plans"), "task": ("portal", "care-plans"), "task_log": ("portal",),
    "observation": ("portal",), "measure": ("portal", "sessions"), "attendance": ("portal", "sessions"),
    "session_summary": ("portal", "sessions"), "note_progress": ("sessions",), "consent": ("identity",),
    "about_me": ("portal", "care-plans"),
}  # fmt: skip
NO_ITEM_YET = {("school_staff", "measure"), ("network_member", "plan_private")}
"""Doors without an item behind them: school measures nothing of its own yet, no private goal names the network."""
NOT_HERE = (403, 404)


def _read(person: Person, path: str) -> tuple[dict[str, str], dict[str, int]]:
    """Everything a person is answered about a client, by place, and the status of each place's first address."""
    texts, statuses = {}, {}
    for place, (service, addresses) in READS.items():
        answers = [person.ask(service, "GET", f"{path}{address}") for address in addresses]
        texts[place] = "\n".join(answer.text for answer in answers if answer.is_success)
        statuses[place] = answers[0].status_code
        assert all(answer.status_code in (200, 403, 404) for answer in answers), answers
    return texts, statuses


def _holds(texts: dict[str, str], place: str, data_class: str, words: str) -> bool:
    ending = CANARIES[data_class]
    text = texts[place].replace(" ", "")
    return ending in text if data_class == "attendance" else f"{words}{ending}" in text


def _written(person: Person, path: str, words: str) -> dict[tuple[str, str], httpx.Response]:
    """Each write tried once, by class and action; what cannot be tried has no entry."""
    tried: dict[tuple[str, str], httpx.Response] = {}
    _try_plan(person, path, tried)
    _try_practice(person, path, words, tried)
    _try_session(person, path, words, tried)
    _try_about(person, path, tried)
    spare = {"id": f"cn_{secrets.token_hex(4)}", "recipients": [_spare(path)], "classes": ["observation"]}
    given = person.ask(
        "identity", "POST", f"{path}/consents", json={**spare, "purpose": "Try", "expires": in_days(9)}
    )
    tried["consent", "sign" if given.is_success and given.json()["state"] == "granted" else "propose"] = given
    return tried


def _spare(path: str) -> str:
    return f"ps_spare_{path.split('/')[2]}"


def _try_plan(person: Person, path: str, tried: dict[tuple[str, str], httpx.Response]) -> None:
    def post(address: str, body: Any) -> httpx.Response:
        return person.ask("care-plans", "POST", f"{path}{address}", json=body)

    mine = f"g_{secrets.token_hex(4)}"
    drafted = post("/goals", {"id": mine, "team": "Begun", "plain": "Begun", "school": "Begun"})
    proposed = post("/plan/propose", {"goals": [mine]})
    for each in ("plan_team", "plan_plain", "plan_school"):
        tried[each, "write"], tried[each, "propose"] = drafted, proposed
    tried["plan_own", "write"] = drafted
    tried["plan_private", "write"] = post("/goals", {"team": "Begun", "private": True})
    tried["plan_own", "propose"] = proposed
    for data_class, party in (("plan_plain", "guardian"), ("plan_school", "school"), ("plan_own", "client")):
        asked = post("/goals/g_shared/answers", {"party": party, "answer": "ask", "words": "When?"})
        if asked.is_success:
            tried[data_class, "propose"] = asked
    tried["task", "write"] = post("/tasks", {**task("g_draft", "mine"), "setting": "anywhere"})


def _try_about(person: Person, path: str, tried: dict[tuple[str, str], httpx.Response]) -> None:
    """A line is written; and said yes to, with and without how somebody was asked: one of them is theirs to say."""
    body = {"heading": "senses", "words": "Loud halls are hard."}
    tried["about_me", "write"] = person.ask("care-plans", "POST", f"{path}/about", json=body)
    asked = {"asked": {"how": "cards", "came_back": "yes"}}
    for yes in (asked, {}):
        tried["about_me", "sign"] = person.ask(
            "care-plans", "POST", f"{path}/about/ab_waits/approve", json=yes, headers={"If-Match": '"9"'}
        )


def _try_practice(
    person: Person, path: str, words: str, tried: dict[tuple[str, str], httpx.Response]
) -> None:
    def post(address: str, body: Any) -> httpx.Response:
        return person.ask("family-portal", "POST", f"{path}{address}", json=body)

    view = person.ask("family-portal", "GET", f"{path}/view")
    tasks = [t for t in view.json()["tasks"] if t["class"] == "task"] if view.is_success else []
    log = {"result": "part", "words": f"{words}-log"}
    tried["task_log", "write"] = post(f"/tasks/{tasks[0]['id'] if tasks else 't_home'}/logs", log)
    if not tried["plan_private", "write"].is_success:
        tried["plan_private", "write"] = post("/tasks/t_private/logs", {"result": "part"})
    seen = {"goal_id": "g_shared", "saw": "card", "my_part": "partly", "words": f"{words}-observation"}
    tried["observation", "write"] = post("/observations", seen)


def _try_session(person: Person, path: str, words: str, tried: dict[tuple[str, str], httpx.Response]) -> None:
    def send(method: str, address: str, body: Any) -> httpx.Response:
        return person.ask("sessions", method, f"{path}{address}", json=body)

    mine = f"s_{secrets.token_hex(4)}"
    tried["attendance", "write"] = send("POST", "/sessions", {"id": mine, "scheduled_for": in_days(-2)})
    at = f"/sessions/{mine if tried['attendance', 'write'].is_success else 's_shared'}"
    held = {"state": "held", "attendance": {"status": "attended", "minutes": 30}}
    send("POST", f"{at}/record", held)
    trial = {"goal_id": "g_shared", "value": 1, "label": "mine"}
    tried["measure", "write"] = send("POST", f"{at}/trials", {"trials": [trial]})
    tried["session_summary", "write"] = send("PUT", f"{at}/summary", {"text": "We met."})
    for kind in ("psychotherapy", "progress"):
        note = f"n_{secrets.token_hex(4)}"
        body = {"id": note, "note_class": kind, "text": f"{words}-{kind} mine"}
        tried[f"note_{kind}", "write"] = send("POST", f"{at}/notes", body)
        tried[f"note_{kind}", "sign"] = send("POST", f"/notes/{note}/sign", {})


def _allowed(answer: httpx.Response) -> bool:
    assert answer.status_code < 500, answer.text
    return answer.status_code not in NOT_HERE


IN_PROCESS = {
    ("plan_private", "propose"), ("plan_plain", "sign"), ("plan_school", "sign"), ("plan_team", "sign"),
    ("plan_own", "sign"), ("consent", "write"), ("note_progress", "sign"),
}  # fmt: skip
"""Actions that share a request with another one (an answer is a proposal and a signature) or have none yet."""


def _expected_writes(expected: dict[str, tuple[str, ...]]) -> dict[tuple[str, str], bool]:
    return {
        (data_class, action): action in actions
        for data_class, actions in expected.items()
        for action in ("write", "propose", "sign")
    }


def test_every_situation_reads_and_writes_what_the_matrix_says(stage: Stage, situation: Situation) -> None:
    expected = situations()[situation]
    house = stage.house
    try:
        path, person = house.path(client_of(situation)), stage.person(situation)
    except Refused as refused:
        assert refused.status == 403 and not any(expected.values()), "the door itself stays shut"
        return
    words = f"{stage.words}"
    wrong = _wrong_writes(_written(person, path, words), expected)
    texts, statuses = _settled(person, path, expected, words)
    wrong += _wrong_reads(texts, expected, words)
    wrong = [each for each in wrong if not _has_no_item(situation, each)]
    assert not wrong, f"{situation}: {wrong}"
    if not any("read" in actions for actions in expected.values()):
        assert statuses["portal"] == statuses["care-plans"] == statuses["sessions"] == 404
    if "one_goal" in situation.consent_state:
        assert not any(f"{words}second" in text for text in texts.values())


def _has_no_item(situation: Situation, wrong: str) -> bool:
    if "one_goal" in situation.consent_state and wrong.startswith("does not read about_me "):
        return True  # a line about somebody hangs on no goal: a consent for one goal opens none of them
    return any(
        situation.role == role and wrong.startswith(f"does not read {data_class} ")
        for role, data_class in NO_ITEM_YET
    )


def _settled(
    person: Person, path: str, expected: dict[str, tuple[str, ...]], words: str
) -> tuple[dict[str, str], dict[str, int]]:
    """What is read once everything written has arrived, or what is read in the end."""
    end = time.monotonic() + 20
    while True:
        found = _read(person, path)
        if not _wrong_reads(found[0], expected, words) or time.monotonic() > end:
            return found
        time.sleep(0.3)


def _wrong_writes(
    tried: dict[tuple[str, str], httpx.Response], expected: dict[str, tuple[str, ...]]
) -> list[str]:
    wrong = []
    for (data_class, action), right in _expected_writes(expected).items():
        answer = tried.get((data_class, action))
        if answer is None or (data_class, action) in IN_PROCESS:
            continue
        if _allowed(answer) is not right:
            wrong.append(f"{action} {data_class}: {answer.status_code} {answer.text[:120]}")
    return wrong


def _wrong_reads(texts: dict[str, str], expected: dict[str, tuple[str, ...]], words: str) -> list[str]:
    comes = "read" in expected["attendance"]
    wrong = [] if comes else [f"reads when at {place}" for place, text in texts.items() if WHEN[:16] in text]
    for data_class, actions in expected.items():
        if data_class not in CANARIES:
            continue
        for place in READS:
            held = _holds(texts, place, data_class, words)
            if held and "read" not in actions:
                wrong.append(f"reads {data_class} at {place}")
            if not held and "read" in actions and place in SEEN_AT[data_class]:
                wrong.append(f"does not read {data_class} at {place}")
    return wrong


def test_classes_without_a_feature_answer_nobody(stage: Stage) -> None:
    writer, path = stage.therapist(), stage.house.path("cl_child")
    for data_class in DataClass:
        if data_class.value not in situations()[next(iter(situations()))]:
            answer = writer.ask("family-portal", "GET", f"{path}/items?class={data_class.value}")
            assert answer.json() == {"items": [], "next": None}, data_class


def test_how_much_of_the_matrix_is_decided_live(capsys: pytest.CaptureFixture[str]) -> None:
    counted: Counter[str] = Counter()
    for situation, expected in situations().items():
        reason = why_not(situation)
        for data_class in expected:
            live = (
                reason is None and data_class in CANARIES and (situation.role, data_class) not in NO_ITEM_YET
            )
            counted[
                "live" if live else f"decided in-process only: {reason or 'no address shows the class'}"
            ] += 1
    with capsys.disabled():
        print("\n" + "\n".join(f"{count:5} rows {what}" for what, count in counted.most_common()))
    assert counted["live"] > sum(counted.values()) / 2
