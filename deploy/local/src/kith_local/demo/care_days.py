"""Whose days they are: the pack's care calendar, set for each child by who leads their case."""

from typing import Any

from kith_local.demo.content_pack import read
from kith_local.demo.organisations import Loaded, tenant_of

HANDOVER = "16:00"
"""After school; the pack names the days and no time."""


def load_care_days(loaded: Loaded) -> None:
    """Set the calendar of each child who has one and whose days nobody has set since."""
    calendar = read("people")["care_calendar"]
    for child in dict.fromkeys(child for row in calendar for child in row["children"]):
        rows = [_row(row, loaded) for row in calendar if child in row["children"]]
        path, lead = f"/tenants/{tenant_of(child)}/clients/{child}/care-days", loaded.person(_lead(child))
        if lead.get("identity", path)["version"] == 0:
            body = {"handover_at": HANDOVER, "days": rows}
            lead.put("identity", path, body, version=0, key=f"demo-care-days-{child}")


def _row(row: dict[str, Any], loaded: Loaded) -> dict[str, Any]:
    """One row of the pack; every second week is counted from the week of the load."""
    told = {"household_id": row["household"], "days": row["days"]}
    if "every_weeks" not in row:
        return told
    since = loaded.begun.date().isoformat()
    return {**told, "every_weeks": row["every_weeks"], "week_of": since, "otherwise": row["otherwise"]}


def _lead(client_id: str) -> str:
    """Who leads the case of a client."""
    rows = [row for row in read("people")["assignments"] if row.get("client") == client_id]
    return next(str(row["staff"]) for row in rows if row["purpose"].startswith("lead"))
