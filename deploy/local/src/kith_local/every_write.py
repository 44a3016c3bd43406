"""Every request that changes something, one of each, whole and right: for tests that break them."""

from dataclasses import dataclass, field
from typing import Any

from kith_local.demo.waiting import eventually
from kith_local.founding import PASSWORD, goal, in_days, on_duty, task
from kith_local.program import Refused
from kith_local.small_family import SmallFamily

Body = dict[str, Any]
MARK = "{mark}"
"""Stands for what keeps the persons of one organisation apart from those of others."""
TENANT = "/tenants/{tenant_id}"
CLIENT = f"{TENANT}/clients/{{client_id}}"


def own(name: str) -> str:
    """The id of the house's person of that name."""
    return f"{name}_{MARK}"


@dataclass(frozen=True)
class Write:
    """One request that changes something, as its service describes it, and who of the house may send it."""

    service: str
    method: str
    route: str
    """The address as `/openapi.json` names it."""
    who: str
    """Empty for a request that needs no sign-in."""
    body: Body | None = None
    """None where it takes no fields."""
    other: Body = field(default_factory=dict)
    """What another request of this kind would say differently, and be right too."""
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How a test calls it."""
        return f"{self.method} {self.route.removeprefix(CLIENT).removeprefix(TENANT) or self.route}"

    def path(self, family: SmallFamily) -> str:
        """Its address in a house."""
        house = {"tenant_id": family.house.id, "client_id": family.client}
        known = {**_IDS, **family.made, **house, **self.ids}
        address: str = marked(self.route.format(**known), family)
        return address

    def sent(self, family: SmallFamily) -> Body:
        """Its whole body in a house."""
        filled: Body = marked(self.body or {}, family)
        return filled

    def changed(self, family: SmallFamily) -> Body:
        """The body of another request of its kind."""
        filled: Body = marked({**(self.body or {}), **self.other}, family)
        return filled


def marked(value: Any, family: SmallFamily) -> Any:
    """A value with the mark of a house wherever it says so."""
    if isinstance(value, str):
        return value.replace(MARK, family.house.mark)
    if isinstance(value, dict):
        return {marked(name, family): marked(part, family) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [marked(part, family) for part in value]
    return value


_IDS = {
    "goal_id": "g_one",
    "task_id": "t_one",
    "session_id": "s_one",
    "note_id": "n_progress",
    "proposal_id": "pr_one",
    "line_id": "ab_one",
    "consent_id": "cn_one",
    "relationship_id": "rl_ps_aunt",
    "assignment_id": "as_ps_second_cl_one",
    "person_id": own("ps_parent"),
    "language": "ar",
}
"""What a request is about unless it says otherwise."""


def _two(bodies: tuple[Body, ...]) -> tuple[Body | None, Body]:
    """The whole body, or none, and what another one says differently."""
    return (bodies[0] if bodies else None), (bodies[1] if len(bodies) > 1 else {})


def _organisation() -> list[Write]:
    tenant = {
        "id": "tn_x_{mark}",
        "name": "X",
        "type": "clinic",
        "timezone": "UTC",
        "jurisdiction_pack": "england",
    }
    first = {
        "id": own("ps_first"),
        "name": "F",
        "email": "first_{mark}@home.example",
        "password": PASSWORD.format("x"),
    }
    hours = {"days": ["mon"], "from": "09:00", "to": "12:00"}
    settings = {
        "name": "House", "languages": ["en", "ar"], "timezone": "UTC", "neutral_sender": "House",
        "terminology": {"client": "child"}, "features": {"calm": True}, "teams": [{"id": "tm_x", "name": "T"}],
        "sites": [{"id": "st_x", "name": "S"}], "crisis_lines": [{"id": "cl_x", "label": "L"}],
        "duty": on_duty(own("ps_admin")), "office_hours": hours,
    }  # fmt: skip
    return [
        Write("identity", "POST", "/organisations", "", {"tenant": tenant, "administrator": first},
              {"tenant": {**tenant, "name": "Y"}}),
        Write("identity", "PUT", TENANT, "ps_admin", settings, {"name": "Home"}),
    ]  # fmt: skip


def _people() -> list[Write]:
    def write(who: str, method: str, route: str, *bodies: Any, **ids: str) -> Write:
        return Write("identity", method, route, who, *_two(bodies), ids)

    school = {"role": "school_staff", "school_id": "sch_one"}
    named, admin = {"names": {"everyone": "X"}}, "ps_admin"
    home = {"id": "hh_x", "label": "Home", "members": [own("ps_aunt")], "live_task_cap": 3}
    someone = {"id": own("ps_x"), "name": "X", "hats": [school], "channels": ["email"], "languages": ["en"]}
    return [
        write(admin, "POST", f"{TENANT}/people", someone, {"name": "Y"}),
        write("ps_parent", "PUT", f"{TENANT}/people/{{person_id}}",
              {"name": "P", "languages": ["en"], "channels": ["email"], "sender_name": "S"}, {"name": "Q"}),
        write("ps_parent", "PUT", f"{TENANT}/people/{{person_id}}/contact",
              {"email": "a@b.example", "phone": "07700 900123"}, {"email": "b@b.example"}),
        write(admin, "POST", f"{TENANT}/people/{{person_id}}/end", person_id=own("ps_leaver")),
        write(admin, "POST", f"{TENANT}/schools", {"id": "sch_x", "name": "S", "phase": "primary"}, {"name": "T"}),
        write(admin, "POST", f"{TENANT}/households", home, {"label": "House"}),
        write(admin, "POST", f"{TENANT}/clients", {"id": "cl_x", **named, "age": 9}, {"age": 10}),
        write(admin, "PUT", CLIENT, {**named, "school_id": "sch_one"}, {"names": {"everyone": "Y"}}),
    ]  # fmt: skip


def _ties() -> list[Write]:
    def write(who: str, route: str, *bodies: Any, **ids: str) -> Write:
        return Write("identity", "POST", route, who, *_two(bodies), ids)

    tie = {
        "id": "rl_x",
        "person_id": own("ps_uncle"),
        "kind": "uncle",
        "authority": "limited",
        "evidence": "a",
    }
    work = {"id": "as_x", "person_id": own("ps_third"), "purpose": "lead", "lead": True}
    pair = {"supervisee_id": own("ps_second"), "supervisor_id": own("ps_super")}
    span = {"begins": in_days(0), "ends": in_days(9)}
    scope = {"recipients": [own("ps_teacher")], "classes": ["observation"], "purpose": "Try"}
    assent = {"assent": {"state": "agreed", "how": "asked", "words": "yes"}}
    calendar = {"handover_at": "16:00", "days": [{"household_id": "hh_one", "days": ["mon"], "every_weeks": 2,
                "week_of": in_days(0)[:10], "otherwise": "hh_one"}]}  # fmt: skip
    consents, one = f"{CLIENT}/consents", f"{CLIENT}/consents/{{consent_id}}"
    parent = "ps_parent"
    return [
        write("ps_admin", f"{CLIENT}/relationships", tie, {"kind": "friend"}),
        write("ps_admin", f"{CLIENT}/relationships/{{relationship_id}}/end"),
        write("ps_admin", f"{CLIENT}/assignments", work, {"lead": False}),
        write("ps_admin", f"{CLIENT}/assignments/{{assignment_id}}/end"),
        write("ps_admin", f"{TENANT}/supervisions", {**pair, **span}, {"ends": in_days(8)}),
        Write("identity", "PUT", f"{CLIENT}/care-days", "ps_therapist", calendar, {"handover_at": "17:00"}),
        write(
            parent, consents, {"id": "cn_x", **scope, **assent, "expires": in_days(9)}, {"purpose": "Else"}
        ),
        write(parent, f"{one}/withdraw"),
        write(parent, f"{one}/grant", {"expires": in_days(90)}, {"expires": in_days(91)}),
        write(parent, f"{one}/refuse", consent_id="cn_asked"),
        write("ps_teacher", f"{one}/accept", consent_id="cn_named"),
    ]


def _in_plan(who: str, method: str, route: str, *bodies: Any, **ids: str) -> Write:
    return Write("care-plans", method, f"{CLIENT}{route}", who, *_two(bodies), ids)


def _goals() -> list[Write]:
    write, me, one = _in_plan, "ps_therapist", "/goals/{goal_id}"
    rating = {"level": 1, "on": in_days(0)[:10], "source": "a tally"}
    return [
        write(me, "POST", "/goals", {"id": "g_x", **goal("a")}, {"team": "Else"}),
        write(me, "PUT", one, {"team": "Begun"}, {"team": "Else"}, goal_id="g_draft"),
        write("ps_super", "POST", f"{one}/rationale/read", goal_id="g_masked"),
        write(me, "POST", f"{one}/discard", {"tasks": [{"id": "t_none", "doc_version": 1}]}, {"tasks": []},
              goal_id="g_spare"),
        write("ps_parent", "POST", f"{one}/answers", {"party": "guardian", "answer": "ask", "words": "When?"},
              {"words": "Where?"}, goal_id="g_put"),
        write(me, "POST", f"{one}/answers/{{person_id}}/reply", {"words": "Soon"}, {"words": "Here"}, goal_id="g_put"),
        write(me, "POST", f"{one}/strategies/notes/{{note_id}}/answer", {"words": "Soon", "strategy": "Nod."},
              {"words": "Here"}, goal_id="g_school", note_id="sn_one"),
        write("ps_teacher", "POST", f"{one}/strategies/notes",
              {"id": "sn_x", "strategy": "Wait.", "works": False, "words": "Loud"}, {"works": True},
              goal_id="g_school"),
        write(me, "POST", f"{one}/ratings", rating, {"level": 0}),
        write(me, "POST", "/plan/propose", {"goals": ["g_whole"]}, {"goals": ["g_spare"]}),
        write(me, "POST", "/plan/activate", {"goals": ["g_ready"]}, {"goals": ["g_put"]}),
        write(me, "POST", "/lint", goal("a")),
    ]  # fmt: skip


def _ways_in() -> list[Write]:
    write, me = _in_plan, "ps_therapist"
    return [
        write(me, "PUT", "/episode", {"referred_on": in_days(-9)[:10], "told": "by a call"}, {"told": "by a letter"}),
        write(me, "POST", "/episode/moves", {"move": "step_down"}, {"move": "end"}),
        write(me, "POST", "/episode", {"referred_on": in_days(-9)[:10], "told": "by a call"}, {"told": "in a letter"},
              client_id="cl_new"),
        write("ps_teacher", "POST", "/proposals", {"id": "pr_x", "party": "school", "words": "That he waits"},
              {"words": "That he asks"}),
        write(me, "POST", "/proposals/{proposal_id}/answer",
              {"outcome": "rewritten", "answer": "We put it so", "became": "He asks", "goal_id": "g_wished",
               "about": {"id": "ab_wished", "heading": "one_page", "words": "I ask"}},
              {"answer": "Else"}),
    ]  # fmt: skip


def _about() -> list[Write]:
    write, me, one = _in_plan, "ps_teen", "/about/{line_id}"
    words = {"heading": "senses", "words": "Loud halls are hard"}
    return [
        write(me, "POST", "/about", {"id": "ab_x", **words}, {"words": "Bright halls are hard"}),
        write(me, "PUT", one, words, {"words": "Full halls are hard"}),
        write(me, "POST", f"{one}/approve", {"asked": None}, {"asked": {"how": "cards", "came_back": "yes"}},
              line_id="ab_waits"),
        write(me, "POST", f"{one}/take-off"),
    ]  # fmt: skip


def _practice() -> list[Write]:
    write, me, practice = _in_plan, "ps_therapist", "/tasks/{task_id}"
    home = {"households": ["hh_one"]}
    spoken = {"done": True, "title": "A", "why": "B", "steps": ["C", "D"], "when": "E"}
    return [
        write(me, "POST", "/tasks", {"id": "t_x", **task("g_one", "a", **home)}, {"why": "Else"}),
        write(me, "PUT", practice, task("g_one", "b", **home), {"why": "Else"}),
        write(me, "PUT", f"{practice}/translations/{{language}}", spoken, {"why": "C"}),
        write("ps_super", "POST", f"{practice}/translations/{{language}}/check"),
        write(me, "POST", f"{practice}/logs/{{log_id}}/answer", {"words": "Well", "steps": ["One."], "easier": "Sit."},
              {"words": "Fine"}, log_id="lg_one"),
        write(me, "POST", f"{practice}/pause"),
        write(me, "POST", f"{practice}/resume"),
        write(me, "POST", f"{practice}/end", task_id="t_spare"),
        write("ps_parent", "POST", "/rests", {"household_id": "hh_one"}, {"household_id": "hh_two"}),
        write("ps_parent", "POST", "/rests/end", {"household_id": "hh_one"}, {"household_id": "hh_two"}),
    ]  # fmt: skip


def _endings() -> list[Write]:
    write, me, one = _in_plan, "ps_therapist", "/goals/{goal_id}"
    asked = {"state": "agreed", "how": "cards", "way": "talker", "came_back": "done"}
    ends = {"decision": "completed", "use": "in_use", "achievement": "achieved", "asked": asked}
    return [
        write(me, "POST", f"{one}/pause"),
        write(me, "POST", f"{one}/resume"),
        write(me, "POST", f"{one}/end", ends, {"achievement": "sustaining"}, goal_id="g_ready"),
        write(me, "POST", f"{one}/again", {"id": "g_y"}, {"id": "g_z"}, goal_id="g_ready"),
    ]  # fmt: skip


def _sessions() -> list[Write]:
    def write(method: str, route: str, *bodies: Any, **ids: str) -> Write:
        return Write("sessions", method, f"{CLIENT}{route}", "ps_therapist", *_two(bodies), ids)

    one, note = "/sessions/{session_id}", "/notes/{note_id}"
    trial = {"goal_id": "g_one", "value": 1, "label": "a"}
    came = {"state": "held", "attendance": {"status": "attended", "minutes": 4}, "summary": {"text": "a"}}
    return [
        write("POST", "/sessions", {"id": "s_x", "scheduled_for": in_days(1)}, {"scheduled_for": in_days(2)}),
        write("POST", f"{one}/record", {**came, "trials": [trial]}, {"trials": []}),
        write("POST", f"{one}/trials", {"trials": [trial]}, {"trials": [{**trial, "value": 2}]}),
        write("PUT", f"{one}/summary", {"text": "We played", "try_at_home": "Play"}, {"text": "We sang"}),
        write("POST", f"{one}/notes", {"note_class": "progress", "text": "Fine"}, {"text": "Well"}),
        write("PUT", note, {"text": "Fine"}, {"text": "Finer"}),
        write("POST", f"{note}/sign"),
        write("POST", f"{note}/amendments", {"text": "And well"}, {"text": "And fine"}),
        write("POST", f"{one}/sign", session_id="s_two"),
    ]


def _told() -> list[Write]:
    log = {"id": "lg_x", "result": "did", "words": "Nice"}
    saw = {"id": "ob_x", "goal_id": "g_one", "saw": "card", "my_part": "partly"}
    log_id, reason = {"log_id": "lg_x"}, {"got_in_the_way": "too_tired"}
    seen, channels = f"{TENANT}/notices/seen", f"{TENANT}/people/{{person_id}}/preferences"
    return [
        Write("family-portal", "POST", f"{CLIENT}/tasks/{{task_id}}/logs", "ps_parent", log, {"result": "part"}),
        Write("family-portal", "POST", f"{CLIENT}/logs/{{log_id}}/reason", "ps_parent", reason,
              {"got_in_the_way": "no_time"}, log_id),
        Write("family-portal", "POST", f"{CLIENT}/logs/{{log_id}}/undo", "ps_parent", ids=log_id),
        Write("family-portal", "POST", f"{CLIENT}/observations", "ps_teacher", {**saw, "words": "Nice"},
              {"saw": "nodded"}),
        Write("family-portal", "POST", f"{CLIENT}/observations/{{observation_id}}/undo", "ps_teacher",
              ids={"observation_id": "ob_x"}),
        Write("notifications", "POST", seen, "ps_parent", {"ids": ["ev_x"]}, {"ids": ["ev_y"]}),
        Write("notifications", "POST", f"{TENANT}/duty-items/{{item_id}}/acknowledge", "ps_admin"),
        Write("notifications", "POST", f"{TENANT}/duty-items/{{item_id}}/done", "ps_admin"),
        Write("notifications", "PUT", channels, "ps_parent", {"channels": ["email"]}, {"channels": ["page"]}),
    ]  # fmt: skip


WRITES = [
    *_organisation(),
    *_people(),
    *_ties(),
    *_goals(),
    *_ways_in(),
    *_about(),
    *_practice(),
    *_endings(),
    *_sessions(),
    *_told(),
]
"""In an order in which all of them can happen to one house."""


def enlarge(family: SmallFamily) -> SmallFamily:
    """Give a small family the people and things that the other requests are about."""
    house = family.house
    for name in ("ps_leaver", "ps_aunt", "ps_uncle"):
        house.person(name)
    for name in ("ps_second", "ps_third"):
        house.person(name, {"role": "therapist"})
    house.person("ps_super", {"role": "supervisor"})
    pair = {"supervisee_id": house.own("ps_therapist"), "supervisor_id": house.own("ps_super")}
    house.post("supervisions", {**pair, "begins": in_days(-1), "ends": in_days(9)})
    house.tie(family.client, "ps_aunt", "limited")
    house.assign(family.client, "ps_second")
    teacher = [house.own("ps_teacher")]
    house.consent(family.program("ps_therapist"), family.client, "cn_asked", teacher)
    house.consent(family.program("ps_parent"), family.client, "cn_named", teacher, needs_acceptance=True)
    house.client("cl_new", age=9, names={"everyone": f"N {family.words}-new"})
    house.assign("cl_new", "ps_therapist")
    _add_goals(family)
    family.add_task("t_spare", "g_one", households=["hh_one"])
    family.add_session("s_two", "g_one", family.words)
    family.arrived("tr_s_two")
    _call_duty(family)
    return family


def _call_duty(family: SmallFamily) -> None:
    """Something is written that should not wait: the item that this makes has an id of Kith's own choice."""
    worry = {"result": "did", "words": f"{family.words} and I want to die"}
    family.program("ps_parent").post("family-portal", f"{family.path}/tasks/t_one/logs", worry)
    reader, address = family.program("ps_admin"), f"/tenants/{family.house.id}/duty-items"

    def waits() -> str:
        items = reader.get("notifications", address)["items"]
        if not items:
            raise Refused("no duty item yet", 404)
        return str(items[0]["id"])

    family.made["item_id"] = eventually(waits)


def _add_goals(family: SmallFamily) -> None:
    writer, address = family.program("ps_therapist"), f"{family.path}/goals"
    lines = ("who_asked", "client_words", "need_behind", "others_first", "way_out")
    masked = {"flagged": True, "rationale": dict.fromkeys(lines, "Theirs.")}
    drafts: dict[str, Body] = {"g_spare": {}, "g_whole": {}, "g_masked": {"masking": masked}}
    for goal_id, changes in drafts.items():
        writer.post("care-plans", address, {"id": goal_id, **goal(goal_id, **changes)})
    family.add_goal("g_put")
    family.add_goal("g_ready")
    family.add_goal("g_school", strategies=["Say yes.", "Wait."])
    yes, parent = {"party": "guardian", "answer": "approve"}, family.program("ps_parent")
    eventually(lambda: parent.post("care-plans", f"{address}/g_ready/answers", yes))
    family.agree("g_school", "ps_parent", "guardian")
    note = {"id": "sn_one", "strategy": "Say yes.", "works": False}
    noted = f"{address}/g_school/strategies/notes"
    eventually(lambda: family.program("ps_teacher").post("care-plans", noted, note))
