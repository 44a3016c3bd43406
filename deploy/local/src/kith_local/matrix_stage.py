"""A stage for the access matrix: one organisation in which every situation that requests lead into stands ready."""

import csv
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

from contracts.classes import DataClass
from kith_local.acting import until
from kith_local.demo.waiting import NOT_YET_NAMED, eventually
from kith_local.founding import Organisation, goal, in_days, task
from kith_local.home import ROOT
from kith_local.program import Person
from kith_local.testing import Product
from policy.testing import Situation

MATRIX = ROOT / "tests" / "security" / "matrix.csv"
WHEN = in_days(-1.37)
"""When the sessions of the stage were; nothing else happens at that minute."""
AGES = {"child": 8, "adolescent": 14, "adolescent_16": 16, "adult": 30}
NEVER = {c for c in DataClass if c.value.startswith("note_")} | {
    DataClass.SAFEGUARDING, DataClass.ALLIANCE, DataClass.FORMULATION, DataClass.PLAN_TEAM,
    DataClass.CONTACT, DataClass.COURT_ORDER, DataClass.CONSENT, DataClass.AUDIT,
}  # fmt: skip
"""What no consent opens; the API refuses it, so that the rest is all that a consent can hold."""
FAMILY_CLASSES = ["plan_plain", "task", "task_log", "attendance", "session_summary"]
STAFF_HATS = ("therapist", "supervisor", "org_admin", "auditor")
ALONE = ("draft", "superseded")
"""States of a consent that no request leads to."""


@cache
def situations() -> dict[Situation, dict[str, tuple[str, ...]]]:
    """The matrix: what each situation may do with each class."""
    found: dict[Situation, dict[str, tuple[str, ...]]] = {}
    with MATRIX.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["role"] != "anyone":
                names = ("role", "relation", "age_band", "consent_state", "signed_in")
                situation = Situation(*(row[name] for name in names))
                found.setdefault(situation, {})[row["class"]] = tuple(row["expected_actions"].split())
    return found


def why_not(situation: Situation) -> str | None:
    """Why the public API cannot lead into this situation; None where it can."""
    role, relation = situation.role, situation.relation
    if role == "platform_operator" or situation.signed_in.startswith("service"):
        return "no person signs in like this"
    if situation.age_band == "unknown":
        return "a client is not added without an age"
    if "erased" in relation or (relation.startswith("not_begun") and role != "supervisor"):
        return "erasure and ties of a coming day have no request yet"
    if role == "guardian" and situation.age_band == "came_of_age" and "since" not in relation:
        return "the tie would have to be older than this test"
    if situation.consent_state.split()[0] in ALONE:
        return "no request leads to this state of a consent"
    if situation.consent_state != "none" and (role in STAFF_HATS or relation.startswith("none")):
        return "the API names only people outside the team in a consent"
    return None


def client_of(situation: Situation) -> str:
    """The client of a situation; a dispute needs a client of its own."""
    if situation.consent_state.startswith("disputed"):
        return "cl_dispute"
    return f"cl_{situation.age_band}"


@dataclass
class Stage:
    """The organisation, its twin, and who stands where."""

    house: Organisation
    twin: Organisation
    words: str = field(default_factory=lambda: f"zq{secrets.token_hex(5)}")
    names: dict[tuple[str, str, str], str] = field(default_factory=dict)
    done: set[tuple[str, ...]] = field(default_factory=set)

    def first(self, *what: str) -> bool:
        """Whether this is done for the first time."""
        fresh = what not in self.done
        self.done.add(what)
        return fresh

    def name(self, situation: Situation) -> str:
        """The short name of the person in a situation: one for each role, relation and consent."""
        if situation.role == "client" and "self" in situation.relation:
            return f"ps_self_{situation.age_band}"
        key = (situation.role, situation.relation, situation.consent_state)
        return self.names.setdefault(key, f"ps_{situation.role}_{len(self.names)}")

    def person(self, situation: Situation) -> Person:
        """The person of a situation, signed in as the matrix says; nobody gets notes by the family's door."""
        area, _, scope = situation.signed_in.partition("+")
        scopes = "care notes" if scope and area != "family" else "care"
        house = self.twin if "other_organisation" in situation.relation else self.house
        return house.sign_in(self.name(situation), area, scopes)

    def giver(self, client: str) -> Person:
        """Who gives the client's consents: a guardian of a child, else the client."""
        name = f"ps_base_{client}" if client in ("cl_child", "cl_dispute") else f"ps_self_{client[3:]}"
        return self.house.sign_in(name, "api", "care")

    def therapist(self) -> Person:
        """The therapist who wrote everything."""
        return self.house.sign_in("ps_writer")


def build(product: Product) -> Stage:
    """Found the organisations and put everybody into place."""
    stage = Stage(Organisation(product.url, product.home), Organisation(product.url, product.home))
    for house in (stage.house, stage.twin):
        house.post("schools", {"id": "sch_one", "name": "One School", "phase": "primary"})
    house = stage.house
    house.person("ps_writer", {"role": "therapist"})
    house.person("ps_second", {"role": "org_admin"})
    for name in ("ps_teacher", "ps_spare"):
        house.person(name, {"role": "school_staff", "school_id": "sch_one"})
    live = [s for s in situations() if why_not(s) is None]
    for situation in live:
        _add(stage, situation)
    for client in ("child", "adolescent", "adolescent_16", "adult", "came_of_age", "dispute"):
        near = [s for s in live if s.role == "guardian" and "other_organisation" not in s.relation]
        members = [stage.name(s) for s in near if client_of(s) == f"cl_{client}"]
        _fill(stage, client, list(dict.fromkeys(members)))
    _elsewhere(stage, live)
    for situation in live:
        _place(stage, situation)
    return stage


def _add(stage: Stage, situation: Situation) -> None:
    name, role = stage.name(situation), situation.role
    house = stage.twin if "other_organisation" in situation.relation else stage.house
    if not stage.first("person", house.id, name):
        return
    hats: list[dict[str, Any]] = []
    if role not in ("guardian", "client"):
        hats.append({"role": role, **({"school_id": "sch_one"} if role == "school_staff" else {})})
    if "also_network" in situation.relation or ("other_organisation" in situation.relation and not hats):
        hats.append({"role": "network_member"})
    house.person(name, *hats)


def _born(band: str) -> dict[str, int]:
    if band == "came_of_age":
        month = datetime.now(UTC).replace(day=1) - timedelta(days=1)
        return {"birth_year": month.year - 18, "birth_month": month.month}
    return {"age": AGES.get(band, 8)}


def _fill(stage: Stage, band: str, guardians: list[str]) -> None:
    """One client with every class filled by canaries, agreed while only the base family stands around."""
    house, client = stage.house, f"cl_{band}"
    own, base = f"ps_self_{band}", f"ps_base_{client}"
    if stage.first("person", house.id, own):
        house.person(own)
    house.person(base)
    path = house.client(client, person_id=house.own(own), **_born(band))
    grown = (own,) if band in ("adult", "came_of_age") else ()
    home = {
        "id": f"hh_{band}",
        "members": [house.own(n) for n in (base, *grown, *guardians)],
        "live_task_cap": 20,
    }
    house.post("households", home)
    house.assign(client, "ps_writer")
    if band not in ("adult", "came_of_age"):
        house.tie(client, base, household_id=f"hh_{band}")
    _write_plan(stage, path, band)
    _hold_session(stage, path)
    _write_about(stage, path, band)
    stage.giver(client).post(
        "identity",
        f"{path}/consents",
        _scope(house, f"cn_spare_{band}", ["ps_spare"], stage.words + "-purpose"),
    )
    stage.giver(client).post(
        "identity", f"{path}/consents", _scope(house, f"cn_base_{band}", ["ps_teacher"], "Base")
    )
    teacher = house.sign_in("ps_teacher", "family", "care")
    seen = {
        "goal_id": "g_shared",
        "saw": "card",
        "my_part": "got_to_it",
        "words": f"{stage.words}-observation",
    }
    eventually(lambda: teacher.post("family-portal", f"{path}/observations", seen))


def _scope(house: Organisation, consent_id: str, recipients: list[str], purpose: str) -> dict[str, Any]:
    return {
        "id": consent_id,
        "recipients": [house.own(name) for name in recipients],
        "classes": ["plan_school", "observation"],
        "purpose": purpose,
        "expires": in_days(100),
    }


def _write_plan(stage: Stage, path: str, band: str) -> None:
    writer, words, homes = stage.therapist(), stage.words, [f"hh_{band}"]
    grown = band in ("adult", "came_of_age")
    decider = stage.house.sign_in(f"ps_self_{band}" if grown else f"ps_base_cl_{band}", "api", "care")
    drafts = {"g_shared": goal(words), "g_second": goal(f"{words}second"), "g_draft": {"team": "Begun"}}
    drafts["g_private"] = goal(f"{words}private", private=True)
    for goal_id, body in drafts.items():
        eventually(partial(writer.post, "care-plans", f"{path}/goals", {"id": goal_id, **body}))
    writer.post("care-plans", f"{path}/plan/propose", {"goals": ["g_shared", "g_second", "g_private"]})
    yes = {"party": "client" if grown else "guardian", "answer": "approve"}
    for goal_id in ("g_shared", "g_second"):
        eventually(partial(decider.post, "care-plans", f"{path}/goals/{goal_id}/answers", yes))
    live = ["g_shared", "g_second"]
    if band not in ("child", "dispute"):
        own = stage.house.sign_in(f"ps_self_{band}", "api", "care")
        answers = f"{path}/goals/g_private/answers"
        eventually(lambda: own.post("care-plans", answers, {"party": "client", "answer": "approve"}))
        live.append("g_private")
    writer.post("care-plans", f"{path}/plan/activate", {"goals": live})
    tasks = {
        "t_home": task("g_shared", f"{words}-task", households=homes),
        "t_school": task("g_shared", f"{words}-task", setting="school"),
        "t_private": task("g_private", f"{words}private-task", private=True),
    }
    for task_id, body in tasks.items():
        writer.post("care-plans", f"{path}/tasks", {"id": task_id, **body})
    log = {"result": "did", "words": f"{words}-log"}
    eventually(lambda: decider.post("family-portal", f"{path}/tasks/t_home/logs", log))


def _write_about(stage: Stage, path: str, band: str) -> None:
    """A line that has its yes, and one that waits for it all the while."""
    writer, client = stage.therapist(), f"cl_{band}"
    for line, words in (("ab_shared", f"{stage.words}-about"), ("ab_waits", f"{stage.words}-waits")):
        body = {"id": line, "heading": "what_helps", "words": words}
        eventually(partial(writer.post, "care-plans", f"{path}/about", body))
    asked = {"asked": {"how": "cards", "came_back": "yes"}} if band in ("child", "dispute") else {}
    yes = partial(stage.giver(client).post, "care-plans", f"{path}/about/ab_shared/approve", asked, version=1)
    if band == "adolescent":
        own = stage.house.sign_in("ps_self_adolescent", "api", "care")
        yes = partial(own.post, "care-plans", f"{path}/about/ab_shared/approve", asked, version=1)
    eventually(yes)


def _hold_session(stage: Stage, path: str) -> None:
    """A session with everything in it, and a second one that ends with a signed note."""
    writer, words = stage.therapist(), stage.words
    for session in ("s_shared", "s_note"):
        body = {"id": session, "scheduled_for": WHEN}
        eventually(partial(writer.post, "sessions", f"{path}/sessions", body))
    held = {"state": "held", "attendance": {"status": "attended", "minutes": 45}}
    trials = [
        {"id": "tr_shared", "goal_id": "g_shared", "value": 4, "out_of": 10, "label": f"{words}-trial"},
        {"id": "tr_private", "goal_id": "g_private", "value": 4, "label": f"{words}private-trial"},
    ]
    summary = {"text": f"We played, {words}-summary."}
    shared = {**held, "summary": summary, "share_summary": True, "release_to_school": True}
    record = f"{path}/sessions/s_shared/record"
    eventually(lambda: writer.post("sessions", record, {**shared, "trials": trials}), NOT_YET_NAMED)
    writer.post("sessions", f"{path}/sessions/s_note/record", held)
    note = {"note_class": "progress", "text": f"Steady, {words}-progress.", "status": "signed"}
    writer.post("sessions", f"{path}/sessions/s_note/notes", note)


def _elsewhere(stage: Stage, live: list[Situation]) -> None:
    """A client nobody asks about, so that those without a tie have a hat all the same."""
    stage.house.client("cl_elsewhere", age=9)
    for situation in live:
        name = stage.name(situation)
        hatless = situation.relation.split()[0] in ("none", "ended", "no_tie")
        if situation.role == "guardian" and hatless and stage.first("elsewhere", name):
            stage.house.tie("cl_elsewhere", name)
        elif situation.role == "client" and situation.relation == "no_tie":
            stage.house.client("cl_own", age=30, person_id=stage.house.own(name))


def _place(stage: Stage, situation: Situation) -> None:
    """Ties, work, consents and their ends, as the situation's words say."""
    house, client, name = stage.house, client_of(situation), stage.name(situation)
    words = situation.relation.split()
    if "other_organisation" in words or not stage.first("place", client, name):
        return
    if situation.role == "guardian" and "no_tie" not in words:
        _tie(stage, situation, words)
    elif situation.role == "therapist" and "assigned" in words:
        assignment = house.assign(client, name)
        if "ended" in words:
            house.post(f"clients/{client}/assignments/{assignment}/end", {})
    elif situation.role == "supervisor" and "no_tie" not in words:
        _supervise(house, name, words)
    if situation.consent_state != "none":
        _consent(stage, situation)
    if "membership_ended" in words:
        house.post(f"people/{house.own(name)}/end", {})


def _tie(stage: Stage, situation: Situation, words: list[str]) -> None:
    client, name = client_of(situation), stage.name(situation)
    authority = next(w for w in words if w in ("full", "limited", "court_restricted", "none"))
    open_to = [c.value for c in DataClass if c not in NEVER | {DataClass.PLAN_PRIVATE}]
    choices = {"ticked_all": open_to, "ticked_plan": ["plan_plain"], "ticked_attendance": ["attendance"]}
    more = {
        "household_id": f"hh_{situation.age_band}",
        "ticked": next((choices[w] for w in words if w in choices), []),
        "private_by_agreement": "private_by_agreement" in words,
    }
    tie = stage.house.tie(client, name, authority, **more, id=f"rl_{client}_{name}")
    if "ended" in words:
        stage.house.post(f"clients/{client}/relationships/{tie}/end", {})


def _supervise(house: Organisation, name: str, words: list[str]) -> None:
    supervisee = house.own("ps_writer")
    if "of_unassigned" in words:
        supervisee = house.person(f"{name}_idle", {"role": "therapist"})
    begins, ends = (-100, -1) if "ended" in words else (1, 100) if "not_begun" in words else (-100, 100)
    body = {"supervisee_id": supervisee, "supervisor_id": house.own(name)}
    house.post("supervisions", {**body, "begins": in_days(begins), "ends": in_days(ends)})


def _consent(stage: Stage, situation: Situation) -> None:
    house, client, name = stage.house, client_of(situation), stage.name(situation)
    state, *words = situation.consent_state.split()
    path, giver = f"{house.path(client)}/consents", stage.giver(client)
    if client == "cl_adolescent" or situation.role in ("guardian", "network_member"):
        own = stage.house.sign_in(f"ps_self_{situation.age_band}", "api", "care")
        giver = own if situation.age_band != "child" else giver
    body = _scope(house, f"cn_{client}_{name}", ["ps_spare" if "names_another" in words else name], "Try")
    classes = [c.value for c in DataClass if c not in NEVER]
    if situation.age_band == "child":
        classes.remove("plan_private")
    choices = {"every_class": classes, "family_classes": FAMILY_CLASSES, "plain_plan": ["plan_plain"]}
    choices["about_page"] = [*body["classes"], "about_me"]
    body["classes"] = next((choices[w] for w in words if w in choices), body["classes"])
    if "one_goal" in words:
        body["only_goals"] = ["g_shared"]
    if {"accepted", "unanswered"} & set(words):
        body["needs_acceptance"] = True
    _STATES.get(state, _granted)(stage, path, giver, body)
    walled = "court_restricted" in situation.relation  # for them the consent does not exist
    if "accepted" in words and "names_another" not in words and not walled:
        house.sign_in(name, "api", "care").post("identity", f"{path}/{body['id']}/accept", {})
    if state == "withdrawn":
        giver.post("identity", f"{path}/{body['id']}/withdraw", {})
    if situation.role == "network_member":
        theirs = {"setting": "outside", "assigned_to": house.own(name), "id": f"t_{name}"}
        body = task("g_shared", f"{stage.words}-task", **theirs)
        stage.therapist().post("care-plans", f"{house.path(client)}/tasks", body)


def _granted(stage: Stage, path: str, giver: Person, body: dict[str, Any]) -> None:
    giver.post("identity", path, body)


def _presented(stage: Stage, path: str, giver: Person, body: dict[str, Any]) -> None:
    stage.therapist().post("identity", path, body)


def _refused(stage: Stage, path: str, giver: Person, body: dict[str, Any]) -> None:
    _presented(stage, path, giver, body)
    giver.post("identity", f"{path}/{body['id']}/refuse", {})


def _expired(stage: Stage, path: str, giver: Person, body: dict[str, Any]) -> None:
    giver.post("identity", path, {**body, "expires": in_days(2 / 86_400)})
    address = f"{path}/{body['id']}"
    until(lambda: giver.get("identity", address)["state"] == "expired", "the consent's time being over")


def _not_begun(stage: Stage, path: str, giver: Person, body: dict[str, Any]) -> None:
    giver.post("identity", path, {**body, "begins": in_days(100), "expires": in_days(200)})


def _disputed(stage: Stage, path: str, giver: Person, body: dict[str, Any]) -> None:
    """Both said yes, then one no: what both had agreed to stays."""
    stage.house.person("ps_other_parent")
    stage.house.tie("cl_dispute", "ps_other_parent")
    other = stage.house.sign_in("ps_other_parent", "api", "care")
    giver.post("identity", path, body)
    other.post("identity", f"{path}/{body['id']}/grant", {})
    giver.post("identity", f"{path}/{body['id']}/refuse", {})


Lead = Callable[[Stage, str, Person, dict[str, Any]], None]
_STATES: dict[str, Lead] = {
    "presented": _presented,
    "refused": _refused,
    "expired": _expired,
    "lapsed": _expired,
    "not_begun": _not_begun,
    "disputed": _disputed,
}
