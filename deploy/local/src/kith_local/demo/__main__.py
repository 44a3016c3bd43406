"""`python -m kith_local.demo URL`: load both organisations; the sign-ins it made up go to stdout as JSON.

With `-` after the address a line on stdin says a seed and the moment of the first attempt: the same line again
goes on where the load before it was ended, with the same sign-ins.
"""

import json
import secrets
import sys
from datetime import UTC, datetime
from typing import Any

from kith_local.demo.about_me import load_about_me
from kith_local.demo.care_days import load_care_days
from kith_local.demo.content_pack import read
from kith_local.demo.history import load_history
from kith_local.demo.organisations import Loaded, belongs, load_organisations
from kith_local.demo.plans import load_plans
from kith_local.program import Kith, Refused

AREAS = {"therapist": "/staff", "supervisor": "/staff", "org_admin": "/staff", "auditor": "/staff"}


def main() -> int:
    """Load everything and say who may sign in; exit code 1 with one sentence where it could not."""
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["-"]):
        print("usage: python -m kith_local.demo URL [-]", file=sys.stderr)
        return 2
    try:
        seed, begun = _line() if sys.argv[2:] else (secrets.token_hex(), datetime.now(UTC))
        loaded = Loaded(Kith(sys.argv[1]), seed, begun)
        for words, step in (
            ("organisations and people", load_organisations),
            ("whose days they are", load_care_days),
            ("what they want others to know", load_about_me),
            ("plans and tasks", load_plans),
            ("what happened in twelve weeks", load_history),
        ):
            print(f"  loading {words}", file=sys.stderr, flush=True)
            step(loaded)
    except Refused as refused:
        print(f"The demo could not be loaded: {refused}", file=sys.stderr)
        return 1
    print(json.dumps(_people(loaded), ensure_ascii=False, indent=1))
    return 0


def _line() -> tuple[str, datetime]:
    seed, begun = sys.stdin.readline().split()
    return seed, datetime.fromisoformat(begun)


def _people(loaded: Loaded) -> list[dict[str, Any]]:
    organisations = {tenant["id"]: tenant["name"] for tenant in read("tenants")["tenants"]}
    rows = []
    for person in read("people")["persons"]:
        if person["id"] not in loaded.passwords:
            continue
        hats = [hat for hat in person.get("hats", ()) if hat["tenant"]]
        role = hats[0]["role"] if hats else "client" if "is_client" in person else "guardian"
        row = {
            "id": person["id"],
            "name": person["name"],
            "role": role,
            "organisation": ", ".join(organisations[each] for each in sorted(belongs(person))),
            "door": AREAS.get(role, "/"),
            "sign_in": loaded.sign_ins[person["id"]],
            "password": loaded.passwords[person["id"]],
        }
        rows.append(row)
    return rows


if __name__ == "__main__":
    sys.exit(main())
