"""Two organisations with everyone in them: schools, people, homes, clients, ties, assignments, consents."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kith_local.demo.content_pack import day, iso, read, slug
from kith_local.program import Kith, Person

ADMINISTRATORS = {"tn_lantern": "ps_rosalind", "tn_tidewell": "ps_ewa"}
MARKS = {
    "cl_noor": "ladybird",
    "cl_kofi": "bridge",
    "cl_elias": "drum",
    "cl_priya": "robot",
    "cl_jun": "moss",
    "cl_marcus": "wheat",
}
CLASSES = {
    "shared_goals": ["plan_school"], "school_strategies": ["plan_school"], "evidence_pack": ["plan_school"],
    "observations": ["observation"], "one_page_profile": ["about_me"],
    "safety_plan_my_part": ["safety_plan_my_part"], "calendar_times": ["attendance"],
    "network_my_part": ["own_commitment"], "own_commitments": ["own_commitment"],
    "meeting_minutes": ["network_meeting"],
}  # fmt: skip
"""What the pack calls a shared class, in the names of the data classes."""
WORDS = (
    "amber", "birch", "cedar", "clover", "copper", "fern", "harbour", "heron", "indigo", "juniper", "lantern",
    "linen", "maple", "meadow", "otter", "pebble", "plum", "quill", "river", "saffron", "slate", "thistle", "willow",
)  # fmt: skip


@dataclass
class Loaded:
    """What the loader made up and must hand to the person in front of the screen: who signs in, and how."""

    kith: Kith
    seed: str
    """What passphrases are made of: a load that goes on with another asks for the same things."""
    begun: datetime
    """The first time somebody set out to load this; the pack's days are counted from it."""
    sign_ins: dict[str, str] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    signed_in: dict[str, Person] = field(default_factory=dict)

    def person(self, person_id: str, scope: str = "care notes") -> Person:
        """The person, signed in."""
        if person_id not in self.signed_in:
            who, password = self.sign_ins[person_id], self.passwords[person_id]
            self.signed_in[person_id] = self.kith.sign_in(who, password, scope)
        return self.signed_in[person_id]

    def admin(self, tenant_id: str) -> Person:
        """The tenant's first administrator, signed in."""
        return self.person(ADMINISTRATORS[tenant_id])


def passphrase(seed: str, person_id: str) -> str:
    """Three words and a number, another for each person of each seed."""
    number = int.from_bytes(hmac.digest(seed.encode(), person_id.encode(), "sha256"))
    number, tens = divmod(number, 90)
    return "-".join([*(WORDS[number // len(WORDS) ** at % len(WORDS)] for at in range(3)), str(tens + 10)])


def load_organisations(loaded: Loaded) -> None:
    """Everything about who is who; every request under a fixed key, so that the same load again adds nothing."""
    pack, people = read("tenants"), read("people")
    for tenant in pack["tenants"]:
        _found(loaded, tenant, pack)
        for school in pack["schools"]:
            if tenant["id"] in school["linked_tenants"]:
                _school(loaded, tenant["id"], school)
        for person in people["persons"]:
            _person(loaded, tenant["id"], person)
        for household in people["households"]:
            _household(loaded, tenant["id"], household)
        _duty(loaded, tenant, pack)
        for client in [*read("clients")["clients"], *read("clients")["outline_clients"]]:
            if client["tenant"] == tenant["id"]:
                _client(loaded, client)
    _ties(loaded)
    _consents(loaded)


def tenant_of(client_id: str) -> str:
    """The organisation of a client of the pack."""
    everyone = [*read("clients")["clients"], *read("clients")["outline_clients"]]
    return next(str(client["tenant"]) for client in everyone if client["id"] == client_id)


def _found(loaded: Loaded, tenant: dict[str, Any], pack: dict[str, Any]) -> None:
    admin_id = ADMINISTRATORS[tenant["id"]]
    admin = next(p for p in read("people")["persons"] if p["id"] == admin_id)
    loaded.sign_ins[admin_id] = admin["email"]
    loaded.passwords[admin_id] = passphrase(loaded.seed, admin_id)
    body = {
        "tenant": {
            "id": tenant["id"],
            "type": tenant["type"],
            "jurisdiction_pack": tenant["jurisdiction_pack"],
            **_settings(tenant, pack),
        },
        "administrator": {
            "id": admin_id,
            "name": admin["name"],
            "email": admin["email"],
            "password": loaded.passwords[admin_id],
        },
    }
    loaded.kith.call("identity", "POST", "/organisations", body, key=f"demo-{tenant['id']}")


def _settings(tenant: dict[str, Any], pack: dict[str, Any]) -> dict[str, Any]:
    told = ("name", "languages", "timezone", "neutral_sender", "terminology")
    lines = pack["crisis_lines"][tenant["jurisdiction_pack"]]
    return {**{name: tenant[name] for name in told}, "crisis_lines": lines}


def _duty(loaded: Loaded, tenant: dict[str, Any], pack: dict[str, Any]) -> None:
    """Name who is on duty, once there are people to name; before, nobody's words are taken."""
    admin, path = loaded.admin(tenant["id"]), f"/tenants/{tenant['id']}"
    now = admin.get("identity", path)
    if now["duty"] is None:
        body = {**_settings(tenant, pack), "duty": tenant["duty"]}
        admin.put("identity", path, body, version=now["version"], key=f"demo-duty-{tenant['id']}")


def _school(loaded: Loaded, tenant_id: str, school: dict[str, Any]) -> None:
    classes = [{"id": each["id"], "name": each["name"], "year": each["year"]} for each in school["classes"]]
    body = {"id": school["id"], "name": school["name"], "phase": school["phase"], "classes": classes}
    loaded.admin(tenant_id).post(
        "identity", f"/tenants/{tenant_id}/schools", body, key=f"demo-{school['id']}"
    )


def belongs(person: dict[str, Any]) -> set[str]:
    """The organisations that know a person: by hat, by a client they are tied to, or by being one."""
    people = read("people")
    tenants = {hat["tenant"] for hat in person.get("hats", ()) if hat["tenant"]}
    tied = [tie["client"] for tie in people["relationships"] if tie["person"] == person["id"]]
    tied += [person["is_client"]] if "is_client" in person else []
    return tenants | {tenant_of(client) for client in tied}


def _person(loaded: Loaded, tenant_id: str, person: dict[str, Any]) -> None:
    if tenant_id not in belongs(person) or person["id"] == ADMINISTRATORS[tenant_id]:
        return
    username = person.get("username")
    if not (person.get("email") or person.get("phone") or username):
        username = slug(person["name"]).replace("_", "-")
    safe = person.get("safe_contact", {})
    who = person.get("email") or username or person["phone"]
    known = person["id"] in loaded.passwords
    if not known:
        loaded.sign_ins[person["id"]] = who
        loaded.passwords[person["id"]] = passphrase(loaded.seed, person["id"])
    body = {
        "id": person["id"],
        "name": person["name"],
        "pronouns": person.get("pronouns"),
        "title": _title(person, tenant_id),
        "email": person.get("email"),
        "phone": person.get("phone"),
        "username": username,
        "password": None if known else loaded.passwords[person["id"]],
        "languages": person.get("languages", ["en"]),
        "channels": [each for each in safe.get("channels", ()) if each in ("email", "sms", "push")],
        "sender_name": safe.get("sender_name"),
        "hats": [_hat(person, hat) for hat in person.get("hats", ()) if hat["tenant"] == tenant_id],
    }
    kept = {name: value for name, value in body.items() if value is not None}
    loaded.admin(tenant_id).post(
        "identity", f"/tenants/{tenant_id}/people", kept, key=f"demo-{tenant_id}-{person['id']}"
    )


def _hat(person: dict[str, Any], hat: dict[str, Any]) -> dict[str, Any]:
    known = {"role": hat["role"]}
    for ours, theirs in {
        "school_role": "school_role",
        "class_id": "class",
        "valid_days": "valid_days",
    }.items():
        if theirs in hat:
            known[ours] = hat[theirs]
    if hat.get("supervised"):
        known["supervised"] = True
    if "school" in person:
        known["school_id"] = person["school"]
    return known


def _title(person: dict[str, Any], tenant_id: str) -> str | None:
    for hat in person.get("hats", ()):
        if hat["tenant"] == tenant_id:
            title = hat.get("title") or str(hat.get("school_role", "")).replace("_", " ")
            return title.replace("senco", "SENCO") or None
    return None


def _household(loaded: Loaded, tenant_id: str, home: dict[str, Any]) -> None:
    people = {person["id"]: person for person in read("people")["persons"]}
    if not all(tenant_id in belongs(people[member]) for member in home["members"]):
        return
    body = {name: home[name] for name in ("id", "label", "members", "live_task_cap")}
    loaded.admin(tenant_id).post(
        "identity", f"/tenants/{tenant_id}/households", body, key=f"demo-{home['id']}"
    )


def _client(loaded: Loaded, client: dict[str, Any]) -> None:
    tenant_id = client["tenant"]
    names = {slug(each["audience"]): each["name"] for each in client["names"]}
    body = {
        "id": client["id"],
        "names": names,
        "pronouns": client.get("pronouns"),
        "mark": MARKS.get(client["id"], "sun"),
        "birth_month": client.get("birth_month"),
        "age": client["age"],
        "school_id": client.get("school"),
        "class_id": client.get("class"),
        "person_id": client.get("person"),
    }
    kept = {name: value for name, value in body.items() if value is not None}
    loaded.admin(tenant_id).post(
        "identity", f"/tenants/{tenant_id}/clients", kept, key=f"demo-{client['id']}"
    )


def _ties(loaded: Loaded) -> None:
    people = read("people")
    for tie in people["relationships"]:
        tenant_id = tenant_of(tie["client"])
        ticked = [
            c
            for n in people["consents"]
            if n["recipients"] == [tie["person"]] and n["client"] == tie["client"]
            for c in _classes(n)
        ]
        body = {
            "id": tie["id"],
            "person_id": tie["person"],
            "kind": slug(tie["kind"]),
            "authority": tie["authority"],
            "evidence": tie.get("evidence", ""),
            "ticked": ticked if tie["authority"] == "limited" else [],
            "private_by_agreement": "scope_by_client_agreement" in tie,
        } | ({"household_id": tie["household"]} if "household" in tie else {})
        path = f"/tenants/{tenant_id}/clients/{tie['client']}/relationships"
        loaded.admin(tenant_id).post("identity", path, body, key=f"demo-{tie['id']}")
    for number, row in enumerate(people["assignments"]):
        _assignment(loaded, number, row)


def _assignment(loaded: Loaded, number: int, row: dict[str, Any]) -> None:
    if "client" in row:
        tenant_id = tenant_of(row["client"])
        path = f"/tenants/{tenant_id}/clients/{row['client']}/assignments"
        body: dict[str, Any] = {
            "id": f"as_{number}",
            "person_id": row["staff"],
            "purpose": slug(row["purpose"]),
        }
        body["lead"] = row["purpose"].startswith("lead")
    elif "scope" in row:
        return  # who oversees one group alone comes with the groups
    else:
        people = {person["id"]: person for person in read("people")["persons"]}
        tenant_id = people[row["supervises"]]["hats"][0]["tenant"]
        path = f"/tenants/{tenant_id}/supervisions"
        body = {"id": f"sv_{number}", "supervisee_id": row["supervises"], "supervisor_id": row["supervisor"]}
        body |= {
            "begins": iso(day(loaded.begun, row["from_day"])),
            "ends": iso(day(loaded.begun, row["to_day"])),
        }
    loaded.admin(tenant_id).post("identity", path, body, key=f"demo-as-{number}")


def _classes(consent: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(each for name in consent["classes"] for each in CLASSES[name]))


def _consents(loaded: Loaded) -> None:
    """Those still in force; one that ended before today cannot be given any more and is left out."""
    for consent in read("people")["consents"]:
        if consent["expires_day"] <= 0:
            continue
        tenant_id = tenant_of(consent["client"])
        assent = consent.get("assent")
        body = {
            "id": consent["id"],
            "recipients": consent["recipients"],
            "classes": _classes(consent),
            "purpose": consent["purpose"],
            "begins": iso(day(loaded.begun, consent["from_day"])),
            "expires": iso(day(loaded.begun, consent["expires_day"])),
        }
        if "only_goals" in consent:
            body["only_goals"] = consent["only_goals"]
        if assent:
            body["assent"] = {
                "state": assent["state"],
                "how": assent.get("how", ""),
                "words": assent.get("words", ""),
            }
        path = f"/tenants/{tenant_id}/clients/{consent['client']}/consents"
        loaded.person(consent["grantor"], "care").post("identity", path, body, key=f"demo-{consent['id']}")
        if "accepted_day" in consent and consent["accepted_day"] is not None:
            for recipient in consent["recipients"]:
                loaded.person(recipient, "care").post(
                    "identity", f"{path}/{consent['id']}/accept", {}, key=f"demo-{consent['id']}-{recipient}"
                )
        if "also" in consent:
            loaded.person(consent["also"], "care").post(
                "identity", f"{path}/{consent['id']}/grant", {}, key=f"demo-{consent['id']}-also"
            )
