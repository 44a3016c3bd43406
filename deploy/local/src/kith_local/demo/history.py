"""Twelve weeks of things that happened: sessions with results, logs from home, observations from school."""

from functools import partial
from typing import Any

from kith_local.demo.content_pack import day, iso, read
from kith_local.demo.organisations import Loaded, tenant_of
from kith_local.demo.plans import lead, person_behind
from kith_local.demo.waiting import eventually

BARRIERS = {
    "too tired": "too_tired", "no time": "no_time", "felt forced": "felt_forced",
    "someone was ill": "someone_was_ill", "did not want to": "did_not_want_to",
}  # fmt: skip
SAW = {
    "pointed": "pointed", "card": "card", "whispered": "whispered", "hands over ears": "did_not",
    "took the walk": "walked", "message": "message", "written on the board": "wrote", "voice": "talked",
}  # fmt: skip
MY_PART = {"yes": "got_to_it", "no": "did_not", "did not get to it": "did_not"}


def load_history(loaded: Loaded) -> None:
    """Present what happened, where the API accepts that it happened earlier."""
    history = read("history")
    for number, log in enumerate(history["task_logs"]):
        _log(loaded, number, log)
    for number, observation in enumerate(history["observations"]):
        _observation(loaded, number, observation)
    for row in history["measured"]:
        if row["kind"] == "minutes_in_window":
            _sessions(loaded, row)
    _next_session(loaded)


def _client_of_task(task_id: str) -> str:
    return next(str(task["client"]) for task in read("tasks")["tasks"] if task["id"] == task_id)


def _client_of_goal(goal_id: str) -> str:
    plans = read("plans")["plans"]
    return next(str(plan["client"]) for plan in plans if any(goal["id"] == goal_id for goal in plan["goals"]))


def _log(loaded: Loaded, number: int, log: dict[str, Any]) -> None:
    client_id, person_id = _client_of_task(log["task"]), person_behind(log["by"])
    if person_id == "ps_giselle":
        return  # a network member's own log comes with the network pages
    body = {
        "id": f"lg_{number}",
        "result": log["result"],
        "happened_at": iso(day(loaded.begun, log["day"], "18:30")),
    }
    if "felt" in log:
        body["felt"] = log["felt"]
    if log.get("words"):
        body["words"] = log["words"]
    if "why" in log:
        body["got_in_the_way"] = BARRIERS[log["why"]]
    path = f"/tenants/{tenant_of(client_id)}/clients/{client_id}/tasks/{log['task']}/logs"
    writer = loaded.person(person_id, "care")
    eventually(lambda: writer.post("family-portal", path, body, key=f"demo-lg-{number}"))


def _observation(loaded: Loaded, number: int, row: dict[str, Any]) -> None:
    body = {
        "id": f"ob_{number}",
        "goal_id": row["goal"],
        "saw": SAW[row["saw"]],
        "my_part": MY_PART[row["my_part"]],
        "happened_at": iso(day(loaded.begun, row["day"], "11:20", school_day=True)),
    }
    if "words" in row:
        body["words"] = row["words"]
    path = f"/tenants/{tenant_of(row['client'])}/clients/{row['client']}/observations"
    observer = loaded.person(row["by"], "care")
    eventually(lambda: observer.post("family-portal", path, body, key=f"demo-ob-{number}"))


def _sessions(loaded: Loaded, row: dict[str, Any]) -> None:
    client_id = _client_of_goal(row["goal"])
    path = f"/tenants/{tenant_of(client_id)}/clients/{client_id}/sessions"
    therapist = lead(loaded, client_id)
    newest = max(value["day"] for value in row["values"])
    for number, value in enumerate(row["values"]):
        session_id = f"se_{row['goal']}_{number}"
        at = iso(day(loaded.begun, value["day"], "15:30", school_day=True))
        planned = {"id": session_id, "kind": "individual", "scheduled_for": at}
        eventually(partial(therapist.post, "sessions", path, planned, key=f"demo-{session_id}"))
        held = {
            "state": "held",
            "attendance": {"status": "attended", "minutes": 60},
            "trials": [
                {
                    "id": f"tr_{session_id}",
                    "goal_id": row["goal"],
                    "value": value["minutes"],
                    "out_of": 20,
                    "unit": "minutes",
                    "happened_at": at,
                }
            ],
        }
        therapist.post("sessions", f"{path}/{session_id}/record", held, key=f"demo-held-{session_id}")
        if value["day"] != newest:  # the last one still waits for its signature
            therapist.post("sessions", f"{path}/{session_id}/sign", {}, key=f"demo-sign-{session_id}")


def _next_session(loaded: Loaded) -> None:
    path = f"/tenants/{tenant_of('cl_noor')}/clients/cl_noor/sessions"
    body = {"id": "se_noor_next", "kind": "individual", "scheduled_for": iso(day(loaded.begun, 1, "14:10"))}
    lead(loaded, "cl_noor").post("sessions", path, body, key="demo-se-noor-next")
