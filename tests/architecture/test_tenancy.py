"""Whoever crosses tenants is on this list, with the number of places where it does so."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = [
    (root, file)
    for pattern in ("services/*/src", "shared/src")
    for root in ROOT.glob(pattern)
    for file in sorted(root.rglob("*.py"))
]

CROSSINGS = {
    # A worker, its clockwork and its place on the bus serve every tenant.
    "chassis/audit.py": 1,
    "chassis/audit_chain.py": 1,
    "chassis/batch.py": 2,
    "chassis/ended.py": 1,
    "chassis/follower.py": 1,
    "chassis/commands.py": 1,
    "chassis/freshness.py": 2,
    "chassis/guards.py": 1,
    "chassis/internal.py": 1,
    "chassis/lease.py": 1,
    "chassis/parking.py": 1,
    "chassis/relay.py": 2,
    "chassis/sign_outs.py": 1,
    "chassis/timers.py": 1,
    "chassis/worker.py": 1,
    # A household's cap counts people, who are global.
    "care_plans/store/free_places.py": 2,
    "care_plans/store/loads.py": 1,
    # Persons, credentials, OAuth rows and keys are global by design.
    "identity/store/credentials.py": 2,
    "identity/store/desk.py": 1,
    "identity/store/people.py": 1,
    "identity/store/sign_ins.py": 3,
    "identity/store/signing_keys.py": 1,
    "identity/store/subject_keys.py": 1,
    "identity/store/tries.py": 1,
    # A browser's sign-in and a person's names belong to the person.
    "family_portal/store/web_sessions.py": 2,
    "family_portal/views/names.py": 1,
    # A rebuild writes the second set of views of every tenant.
    "family_portal/views/rebuild.py": 1,
    # Contact details and preferences belong to persons; the one sender looks for what is due anywhere.
    "notifications/store/contacts.py": 1,
    "notifications/store/deliveries.py": 1,
    "notifications/store/preferences.py": 2,
}


def _calls(file: Path, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            called = node.func
            if name in (getattr(called, "attr", None), getattr(called, "id", None)):
                yield node


def test_every_crossing_of_tenants_is_listed() -> None:
    found: Counter[str] = Counter()
    for root, file in SOURCES:
        found[file.relative_to(root).as_posix()] += len(list(_calls(file, "crossing_tenants")))
    assert {name: count for name, count in found.items() if count} == CROSSINGS


def test_every_crossing_says_why() -> None:
    for _, file in SOURCES:
        for call in _calls(file, "crossing_tenants"):
            assert "why" in {word.arg for word in call.keywords}, f"{file}:{call.lineno}"


def test_only_the_chassis_makes_a_handle() -> None:
    makers = ("TenantCollection", "GlobalCollection")
    services = [file for root, file in SOURCES if root.parent.parent.name == "services"]
    assert not [str(file) for file in services for maker in makers if list(_calls(file, maker))]
