"""One small organisation with one of everything, every word in it a canary: for tests that look for traces."""

import secrets
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from kith_local.acting import until
from kith_local.browsing import Browser
from kith_local.demo.waiting import NOT_YET_NAMED, eventually
from kith_local.founding import Organisation, goal, in_days, task
from kith_local.program import Person
from kith_local.transcripts import ITEMS

ROLES = {"ps_therapist": "staff", "ps_parent": "family", "ps_teacher": "family", "ps_teen": "family"}
"""Who signs in by which door; the administrator comes on top."""


@dataclass
class SmallFamily:
    """A teenager, a parent, a teacher and a therapist, in a house whose ids but persons' are the same anywhere."""

    house: Organisation
    words: str
    """The start of every canary: it stands in every text of this house and in no id."""
    client: str = "cl_one"
    phones: tuple[str, ...] = ()
    """Every telephone number of these people, as it was typed."""
    made: dict[str, str] = field(default_factory=dict)
    """Ids that Kith chose itself, by the name they have in addresses."""

    @property
    def path(self) -> str:
        """Where everything about the teenager lies, in every service."""
        return self.house.path(self.client)

    def program(self, name: str) -> Person:
        """A person as the user of a program."""
        return self.house.sign_in(name, "api", "care notes")

    def browser(self, name: str) -> Browser:
        """A new browser of a person, come in by their door."""
        browser = Browser(self.house.url)
        browser.sign_in(self.house.login(name), "staff" if ROLES[name] == "staff" else "family")
        return browser

    def add_goal(self, goal_id: str, **changes: Any) -> None:
        """Draft and propose a goal as the therapist."""
        writer = self.program("ps_therapist")
        body = {"id": goal_id, **goal(f"{self.words}-{goal_id}", **changes)}
        eventually(lambda: writer.post("care-plans", f"{self.path}/goals", body))
        writer.post("care-plans", f"{self.path}/plan/propose", {"goals": [goal_id]})

    def agree(self, goal_id: str, name: str, party: str) -> None:
        """Let somebody approve a goal, and the therapist make it active."""
        yes = {"party": party, "answer": "approve"}
        address = f"{self.path}/goals/{goal_id}/answers"
        eventually(lambda: self.program(name).post("care-plans", address, yes))
        self.program("ps_therapist").post("care-plans", f"{self.path}/plan/activate", {"goals": [goal_id]})

    def add_task(self, task_id: str, goal_id: str, **changes: Any) -> str:
        """Hang a task on a goal; answers its state."""
        body = {"id": task_id, **task(goal_id, f"{self.words}-{task_id}", **changes)}
        answer = self.program("ps_therapist").post("care-plans", f"{self.path}/tasks", body)
        return str(answer["state"])

    def add_session(self, session_id: str, goal_id: str, words: str) -> None:
        """Hold a session with a result and a summary."""
        writer = self.program("ps_therapist")
        begin = {"id": session_id, "scheduled_for": in_days(-1)}
        eventually(lambda: writer.post("sessions", f"{self.path}/sessions", begin))
        trial = {"id": f"tr_{session_id}", "goal_id": goal_id, "value": 4, "label": f"{words}-trial"}
        record = {
            "state": "held",
            "attendance": {"status": "attended", "minutes": 45},
            "trials": [trial],
            "summary": {"text": f"We played, {words}-summary.", "try_at_home": f"{words}-try"},
            "share_summary": True,
        }
        eventually(
            lambda: writer.post("sessions", f"{self.path}/sessions/{session_id}/record", record),
            NOT_YET_NAMED,
        )

    def log(self, name: str, task_id: str, log_id: str) -> None:
        """Let somebody log a task."""
        body = {"id": log_id, "result": "part", "felt": 2, "words": f"{self.words}-{log_id}"}
        address = f"{self.path}/tasks/{task_id}/logs"
        eventually(lambda: self.program(name).post("family-portal", address, body))
        self.arrived(log_id)

    def arrived(self, *ids: str) -> None:
        """Wait until logs, observations or results stand in the portal's lists and among a goal's points alike."""
        asks = [("care-plans", f"{self.path}/progress?limit=200")]
        asks += [("family-portal", f"{self.path}/items?class={each}&limit=200") for each in ITEMS]

        def told() -> bool:
            reader = self.program("ps_therapist")
            points, *lists = (reader.ask(service, "GET", address).text for service, address in asks)
            return all(f'"{each}"' in points and any(f'"{each}"' in page for page in lists) for each in ids)

        until(told, f"every reader of {', '.join(ids)}")


def settle(url: str, home: Path, tenant_id: str = "") -> SmallFamily:
    """Found the organisation and let every class of record hold something."""
    words = f"zq{secrets.token_hex(5)}"
    house = Organisation(url, home, tenant_id, name=f"House {words}-house")
    family = SmallFamily(house, words, phones=(f"+44 77{secrets.randbelow(10**8):08}",))
    _people(family)
    _plan(family)
    _about(family)
    _practice(family)
    seen = family.program("ps_teacher")
    until(lambda: words in seen.ask("family-portal", "GET", f"{family.path}/view").text, "the shared goal")
    return family


def _people(family: SmallFamily) -> None:
    house, words = family.house, family.words
    house.post("schools", {"id": "sch_one", "name": f"School {words}-school", "phase": "secondary"})
    house.person("ps_therapist", {"role": "therapist"}, name=f"T {words}-therapist")
    parent = house.person("ps_parent", name=f"P {words}-parent", phone=family.phones[0])
    teen = house.person("ps_teen", name=f"C {words}-teen")
    school = {"role": "school_staff", "school_id": "sch_one"}
    teacher = house.person("ps_teacher", school, name=f"S {words}-teacher")
    home = {"id": "hh_one", "members": [parent], "live_task_cap": 1, "label": f"{words}-home"}
    house.post("households", home)
    names = {"everyone": f"Y {words}-client"}
    house.client(family.client, age=14, names=names, person_id=teen, school_id="sch_one")
    house.tie(family.client, "ps_parent", household_id="hh_one", evidence=f"{words}-evidence")
    house.assign(family.client, "ps_therapist")
    giver = family.program("ps_parent")
    asked = {"state": "agreed", "how": f"{words}-asked", "words": f"{words}-assent"}
    house.consent(giver, family.client, "cn_one", [teacher], purpose=f"{words}-purpose", assent=asked)


def _plan(family: SmallFamily) -> None:
    family.add_goal(
        "g_one",
        stop_if=f"{family.words}-stop",
        others_will=[f"Adults wait, {family.words}-will."],
        strategies=[f"Say yes, {family.words}-strategy."],
    )
    referred = {
        "referred_on": in_days(-9)[:10],
        "referred_by": f"{family.words}-referrer",
        "told": "by a call",
    }
    family.program("ps_therapist").post("care-plans", f"{family.path}/episode", referred)
    address = f"{family.path}/goals/g_one/answers"
    asks = {"party": "school", "answer": "ask", "words": f"{family.words}-question"}
    eventually(lambda: family.program("ps_teacher").post("care-plans", address, asks))
    reply = f"{address}/{family.house.own('ps_teacher')}/reply"
    family.program("ps_therapist").post("care-plans", reply, {"words": f"{family.words}-reply"})
    wish = {"id": "pr_one", "party": "school", "words": f"That he waits, {family.words}-wish."}
    family.program("ps_teacher").post("care-plans", f"{family.path}/proposals", wish)
    family.agree("g_one", "ps_parent", "guardian")
    family.add_goal("g_hidden", private=True)
    family.agree("g_hidden", "ps_teen", "client")
    draft = {"id": "g_draft", "team": f"{family.words}-draft"}
    family.program("ps_therapist").post("care-plans", f"{family.path}/goals", draft)
    family.add_task("t_one", "g_one", households=["hh_one"])
    family.add_task("t_hidden", "g_hidden", private=True)


def _about(family: SmallFamily) -> None:
    """The teenager's own line, which has their yes, and one of the team's that waits for it."""
    address = f"{family.path}/about"
    for name, line in (("ps_teen", "ab_one"), ("ps_therapist", "ab_waits")):
        body = {"id": line, "heading": "what_helps", "words": f"Wait, {family.words}-{line}."}
        eventually(partial(family.program(name).post, "care-plans", address, body))


def _practice(family: SmallFamily) -> None:
    writer, words, path = family.program("ps_therapist"), family.words, family.path
    family.add_session("s_one", "g_one", words)
    hidden = {"id": "tr_hidden", "goal_id": "g_hidden", "value": 3, "label": f"{words}-hidden-trial"}
    eventually(
        lambda: writer.post("sessions", f"{path}/sessions/s_one/trials", {"trials": [hidden]}), NOT_YET_NAMED
    )
    for kind in ("progress", "psychotherapy"):
        note = {"id": f"n_{kind}", "note_class": kind, "text": f"Steady, {words}-{kind}."}
        writer.post("sessions", f"{path}/sessions/s_one/notes", note)
    family.log("ps_parent", "t_one", "lg_one")
    family.log("ps_teen", "t_hidden", "lg_hidden")
    seen = {"id": "ob_one", "goal_id": "g_one", "saw": "card", "my_part": "partly"}
    address = f"{path}/observations"
    told = {**seen, "words": f"{words}-observation"}
    eventually(lambda: family.program("ps_teacher").post("family-portal", address, told))
    family.arrived("tr_s_one", "tr_hidden", "ob_one")
