"""An organisation that a test founds through the public API, with exactly the people and clients it needs."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kith_local.program import PROGRAM, Door, Kith, Person

PASSWORD = "copper-41-{}-heron"
LEVELS = ["0 or 1 of 10", "2 or 3 of 10", "4 to 6 of 10", "7 or 8 of 10", "9 or 10 of 10"]


def doors(home: Path) -> dict[str, Door]:
    """The OAuth clients of a local product by area: the web tier's two, and that of programs."""

    def area(name: str) -> Door:
        secret = (home / "secrets" / f"client-kith-{name}").read_text()
        return Door(f"kith-{name}", secret, f"/auth/callback/{name}")

    return {"family": area("family"), "staff": area("staff"), "api": PROGRAM}


def in_days(days: float) -> str:
    """A moment from now, as the API takes it."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def goal(words: str, **changes: Any) -> dict[str, Any]:
    """A goal that is ready to be proposed; `words` stands in every wording, told apart by its class."""
    whole = {
        "team": f"Shows a card to pause, {words}-team.",
        "plain": f"Can ask for a break, {words}-plain.",
        "school": f"Shows the card in class, {words}-school.",
        "own": {"statement": f"I can stop, {words}-own."},
        "levels": LEVELS,
        "baseline_level": -1,
        "measure": {"kind": "out_of", "min": 0, "max": 10, "rater": "teacher", "from": "ten moments noted"},
        "others_will": ["Every adult answers within one minute."],
        "assent": {"state": "agreed", "how": "chose the card"},
        "audience": ["guardians", "school", "network"],
    }
    return {**whole, **changes}


def task(goal_id: str, words: str, **changes: Any) -> dict[str, Any]:
    """A task on a goal, at home unless told otherwise."""
    whole = {
        "goal_id": goal_id,
        "setting": "home",
        "planned": {"times": 3, "per": "week", "when": "a calm moment"},
        "title": f"The blue card, {words}",
        "why": "A card that works at home is easier to use in a loud hall.",
        "steps": ["Show the card.", "Say yes at once."],
    }
    return {**whole, **changes}


def on_duty(person: str) -> dict[str, Any]:
    """A rota by which somebody reads at any hour: without one no words are taken."""
    week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    hours = {"days": week, "from": "00:00", "to": "00:00", "person": person}
    return {"safeguarding_lead": person, "rota": [hours]}


class Organisation:
    """One organisation in a running product; every person's password is theirs to sign in by any door."""

    def __init__(self, url: str, home: Path, tenant_id: str = "", *, mark: str = "", name: str = "") -> None:
        """Found it with an administrator, who is on duty day and night, so that people may write words.

        `mark` keeps its persons apart from those of a twin.
        """
        self.url = url
        self.id = tenant_id or f"tn_{secrets.token_hex(6)}"
        self.mark = mark or self.id
        self._doors = doors(home)
        self._kiths: dict[str, Kith] = {}
        self._signed_in: dict[tuple[str, str, str], Person] = {}
        self.kith = self._kith("api")
        admin = self.own("ps_admin")
        body: dict[str, dict[str, Any]] = {
            "tenant": {"id": self.id, "name": name or "House", "type": "clinic", "timezone": "UTC"},
            "administrator": {"id": admin, "name": "An Administrator", **self._login(admin)},
        }
        body["tenant"] |= {"jurisdiction_pack": "england", "duty": on_duty(admin), "languages": ["en", "ar"]}
        self.kith.call("identity", "POST", "/organisations", body)
        self.admin = self.sign_in("ps_admin")

    def own(self, name: str) -> str:
        """The id of this organisation's person of that name: persons are global, so theirs differ."""
        return f"{name}_{self.mark}"

    def login(self, name: str) -> dict[str, str]:
        """What a person types at the door, as the pages' browser takes it."""
        typed = self._login(self.own(name))
        return {"sign_in": typed["email"], "password": typed["password"]}

    def person(self, who: str, /, *hats: dict[str, Any], **more: Any) -> str:
        """Add a person with hats; answers their id."""
        person_id = self.own(who)
        body = {
            "id": person_id,
            "name": f"Person {who}",
            "hats": list(hats),
            **self._login(person_id),
            **more,
        }
        self.post("people", body)
        return person_id

    def sign_in(
        self, name: str, area: str = "api", scope: str = "care notes", *, fresh: bool = False
    ) -> Person:
        """A person signed in by the door of an area, once for each unless `fresh`."""
        key, typed = (name, area, scope), self.login(name)
        if fresh:
            return self._kith(area).sign_in(typed["sign_in"], typed["password"], scope)
        if key not in self._signed_in:
            self._signed_in[key] = self._kith(area).sign_in(typed["sign_in"], typed["password"], scope)
        return self._signed_in[key]

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Write something as the administrator."""
        return self.admin.post("identity", f"/tenants/{self.id}/{path}", body)

    def client(self, client_id: str, **details: Any) -> str:
        """Add a client; answers the path below which everything about them lies."""
        self.post("clients", {"id": client_id, "names": {"everyone": f"Client {client_id}"}, **details})
        return self.path(client_id)

    def path(self, client_id: str) -> str:
        """Where everything about a client lies, in every service."""
        return f"/tenants/{self.id}/clients/{client_id}"

    def tie(self, client_id: str, name: str, authority: str = "full", **more: Any) -> str:
        """A family tie; answers its id."""
        body = {
            "id": f"rl_{name}",
            "person_id": self.own(name),
            "kind": "parent",
            "authority": authority,
            **more,
        }
        self.post(f"clients/{client_id}/relationships", body)
        return str(body["id"])

    def assign(self, client_id: str, name: str) -> str:
        """A therapist's work with a client; answers its id."""
        body = {"id": f"as_{name}_{client_id}", "person_id": self.own(name), "purpose": "lead", "lead": True}
        self.post(f"clients/{client_id}/assignments", body)
        return str(body["id"])

    def consent(
        self, giver: Person, client_id: str, consent_id: str, recipients: list[str], **more: Any
    ) -> dict[str, Any]:
        """A consent of what school usually sees, unless told otherwise; answers what identity said."""
        body = {
            "id": consent_id,
            "recipients": recipients,
            "classes": ["plan_school", "observation"],
            "purpose": "Working together",
            "expires": in_days(100),
            **more,
        }
        answer: dict[str, Any] = giver.post("identity", f"{self.path(client_id)}/consents", body)
        return answer

    def _kith(self, area: str) -> Kith:
        if area not in self._kiths:
            self._kiths[area] = Kith(self.url, self._doors[area])
        return self._kiths[area]

    @staticmethod
    def _login(person_id: str) -> dict[str, str]:
        return {"email": f"{person_id}@home.example", "password": PASSWORD.format(person_id)}
