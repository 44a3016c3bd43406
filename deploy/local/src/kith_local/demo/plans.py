"""The plans of the content pack, gone through as people do: written, read, signed, active; then tasks."""

from typing import Any

from kith_local.demo.about_me import say_yes, wished_line
from kith_local.demo.content_pack import day, iso, read
from kith_local.demo.organisations import Loaded, tenant_of
from kith_local.demo.waiting import eventually
from kith_local.program import Refused

AUDIENCE = {"guardian": "guardians", "school": "school"}
STRATEGIES_STAND_ON = {
    "pl_noor": "g_noor_choice",
    "pl_kofi": "g_kofi_break",
    "pl_elias": "g_elias_pause",
    "pl_priya": "g_priya_speak",
}


def load_plans(loaded: Loaded) -> None:
    """Every plan of the pack, active, with its tasks and the levels agreed so far."""
    for client in read("clients")["clients"]:
        _episode(loaded, client)
    for plan in read("plans")["plans"]:
        _write(loaded, plan)
        _sign(loaded, plan)
        lead(loaded, plan["client"]).post(
            "care-plans",
            f"{_path(plan['client'])}/plan/activate",
            {"goals": _ids(plan)},
            key=f"demo-on-{plan['id']}",
        )
    for task in read("tasks")["tasks"]:
        _task(loaded, task)
    for wish in read("plans")["proposals"]:
        _wish(loaded, wish)
    for row in read("history")["gas_ratings"]:
        _ratings(loaded, row)


def lead(loaded: Loaded, client_id: str) -> Any:
    """The client's lead therapist, signed in."""
    rows = read("people")["assignments"]
    row = next(r for r in rows if r.get("client") == client_id and r["purpose"].startswith("lead"))
    return loaded.person(row["staff"])


def _episode(loaded: Loaded, client: dict[str, Any]) -> None:
    """How the work with somebody began, taken up; with its first goal it is under way."""
    told, path, author = client["episode"], f"{_path(client['id'])}/episode", lead(loaded, client["id"])
    body = {name: told[name] for name in ("rhythm", "planned_weeks", "ends_when")}
    body["referred_on"] = iso(day(loaded.begun, told["from_day"]))[:10]
    key = f"demo-ep-{client['id']}"
    eventually(lambda: author.post("care-plans", path, body, key=key))
    author.post("care-plans", f"{path}/moves", {"move": "accept"}, key=f"{key}-accept", version=1)


def _path(client_id: str) -> str:
    return f"/tenants/{tenant_of(client_id)}/clients/{client_id}"


def _ids(plan: dict[str, Any]) -> list[str]:
    return [goal["id"] for goal in plan["goals"]]


def _write(loaded: Loaded, plan: dict[str, Any]) -> None:
    path = _path(plan["client"])
    author = lead(loaded, plan["client"])
    eventually(lambda: author.get("care-plans", f"{path}/plan"))
    for goal in plan["goals"]:
        author.post("care-plans", f"{path}/goals", _goal(plan, goal), key=f"demo-{goal['id']}")
        reader = goal["masking"].get("read_by")
        if reader:
            loaded.person(reader).post(
                "care-plans", f"{path}/goals/{goal['id']}/rationale/read", {}, key=f"demo-{goal['id']}-read"
            )
    author.post("care-plans", f"{path}/plan/propose", {"goals": _ids(plan)}, key=f"demo-ask-{plan['id']}")


def _goal(plan: dict[str, Any], goal: dict[str, Any]) -> dict[str, Any]:
    audience = ["network" if each == "network_ticked" else each for each in goal["audience"]]
    levels = [goal["levels"][level] for level in (-2, -1, 0, 1, 2)]
    strategies = (
        plan.get("school_strategies", []) if STRATEGIES_STAND_ON.get(plan["id"]) == goal["id"] else []
    )
    link = goal.get("school_link", {}).get("ref")
    body = {
        "id": goal["id"],
        "team": goal["clinical"],
        "plain": goal["plain"],
        "school": goal["school"],
        "own": {"statement": " ".join(goal["easy_read"]), "client_words": goal["client_words"]},
        "levels": [level["text"] for level in levels],
        "baseline_level": goal["baseline_level"],
        "measure": _measure(goal["measure"], levels),
        "others_will": goal["others_will"],
        "asked_for_by": [name_of(each) for each in goal["asked_for_by"]],
        "assent": {
            "state": goal["assent"]["state"],
            "how": goal["assent"]["how"],
            "came_back": goal["client_words"],
        },
        "settings": goal["settings"],
        "importance": goal["importance"],
        "difficulty": goal["difficulty"],
        "audience": audience,
        "private": not audience,
        "stop_if": goal["stop_if"],
        "school_link": link,
        "strategies": [each["text"] for each in strategies],
        "masking": {
            name: goal["masking"][name]
            for name in ("flagged", "rule", "rationale")
            if name in goal["masking"]
        },
    }
    return {name: value for name, value in body.items() if value is not None}


def _measure(measure: dict[str, Any], levels: list[dict[str, Any]]) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "kind": measure["kind"],
        "rater": name_of(measure["rater"]),
        "from": measure["from"],
    }
    kept |= {name: measure[name] for name in ("min", "max", "window", "adult_measure") if name in measure}
    if "also" in measure:
        kept["also"] = [name_of(each) for each in measure["also"]]
    if all("range" in level for level in levels):
        kept["ranges"] = [level["range"] for level in levels]
    return kept


def name_of(known: str) -> str:
    """The name behind an id of the pack."""
    for person in read("people")["persons"]:
        if person["id"] == known:
            return str(person["name"])
    clients = read("clients")
    client = next(c for c in [*clients["clients"], *clients["outline_clients"]] if c["id"] == known)
    return str(client["names"][0]["name"])


def person_behind(known: str) -> str:
    """The person who signs in as a client, or the person themself."""
    for person in read("people")["persons"]:
        if person.get("is_client") == known:
            return str(person["id"])
    return known


def _sign(loaded: Loaded, plan: dict[str, Any]) -> None:
    for signed in plan["signed"]:
        person_id = person_behind(signed["by"])
        party = _party(plan["client"], signed, person_id)
        if party is None:
            continue
        for goal in plan["goals"]:
            _answer(loaded, plan, goal, person_id, party)


def _party(client_id: str, signed: dict[str, Any], person_id: str) -> str | None:
    if signed["by"] != person_id or signed["by"] == client_id:
        return "client"
    if signed.get("wording") == "school":
        return "school"
    people = read("people")
    if any(t["client"] == client_id and t["person"] == person_id for t in people["relationships"]):
        return "guardian"
    return None


def _answer(loaded: Loaded, plan: dict[str, Any], goal: dict[str, Any], person_id: str, party: str) -> None:
    if party != "client" and AUDIENCE[party] not in goal["audience"]:
        return
    path = f"{_path(plan['client'])}/goals/{goal['id']}/answers"
    body = {"party": party, "answer": "approve"}
    signer = loaded.person(person_id, "care")
    try:
        eventually(lambda: signer.post("care-plans", path, body, key=f"demo-{goal['id']}-{person_id}"))
    except Refused as refused:
        raise Refused(f"{person_id} could not sign {goal['id']}: {refused}") from refused


def _task(loaded: Loaded, task: dict[str, Any]) -> None:
    body = {
        "id": task["id"],
        "goal_id": task["goal"],
        "setting": task["setting"].replace(" ", "_"),
        "households": task["households"],
        "assigned_to": task.get("assigned_to"),
        "private": task.get("private", False),
        "planned": {name: task["planned"][name] for name in ("times", "per", "when")},
        "takes_minutes": task["takes_minutes"],
    }
    words = (
        "title",
        "why",
        "you_need",
        "steps",
        "if_nothing_comes",
        "easier",
        "stop_when",
        "look_for",
        "thanks",
        "who",
    )
    body |= {name: task[name] for name in words}
    kept = {name: value for name, value in body.items() if value is not None}
    lead(loaded, task["client"]).post(
        "care-plans", f"{_path(task['client'])}/tasks", kept, key=f"demo-{task['id']}"
    )


def _wish(loaded: Loaded, wish: dict[str, Any]) -> None:
    """A goal that somebody wished for, with what the therapist answered them; nothing of it became a draft."""
    path, writer = f"{_path(wish['client'])}/proposals", loaded.person(wish["asked_by"], "care")
    party = _party(wish["client"], {"by": wish["asked_by"]}, wish["asked_by"]) or "school"
    body = {"id": wish["id"], "party": party, "words": wish["text"]}
    eventually(lambda: writer.post("care-plans", path, body, key=f"demo-{wish['id']}"))
    told = "; ".join(each["how"] for each in wish["told"])
    became = wish["became"].partition(" (")[0].rstrip(".")
    said = {
        "outcome": wish["outcome"],
        "answer": f"{became}. How we talk about it: {told}.",
        "client_said": wish["client_answer"],
        "became": wish["became"],
    }
    line = wished_line(wish["id"])
    said |= {"about": line} if line else {}
    author, key = loaded.person(wish["decided_by"]), f"demo-{wish['id']}-answer"
    author.post("care-plans", f"{path}/{wish['id']}/answer", said, key=key, version=1)
    if line:
        say_yes(loaded, wish["client"], line["id"])


def _ratings(loaded: Loaded, row: dict[str, Any]) -> None:
    client_id = next(p["client"] for p in read("plans")["plans"] if row["goal"] in _ids(p))
    for number, rating in enumerate(row["ratings"]):
        body = {
            "id": f"gr_{row['goal']}_{number}",
            "level": rating["level"],
            "on": day(loaded.begun, rating["day"]).date().isoformat(),
        }
        path = f"{_path(client_id)}/goals/{row['goal']}/ratings"
        lead(loaded, client_id).post("care-plans", path, body, key=f"demo-{body['id']}")
