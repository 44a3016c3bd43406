"""Which people of a caseload are shown: everyone, who waits to begin, or the pupils of one school."""

from collections.abc import Iterable

from family_portal.views.reader import Reach
from family_portal.web.models import CaseloadFilter
from family_portal.web.visitor import Visitor

WAITING = "waiting"
_HERE = "/staff/caseload"


def school_of(reach: Reach) -> str:
    """The client's school, as the address of the filtered page names it; empty where there is none."""
    school = reach.document.school_id
    return f"{reach.caller.tenant_id}.{school}" if school else ""


async def filters(
    visitor: Visitor, reached: Iterable[Reach], show: str, *, waits: bool
) -> tuple[CaseloadFilter, ...]:
    """The ways to see fewer people, with the one that holds now; none where they would all show the same.

    `waits`: whether somebody of the caseload waits to begin. A school whose name is not known now is left out.
    """
    schools = sorted({school for reach in reached if (school := school_of(reach))})
    named = await _named(visitor, schools) if len(schools) > 1 else {}
    choices = [("", "Everyone")]
    choices += [(WAITING, "Who waits to begin")] if waits or show == WAITING else []
    choices += sorted(named.items(), key=lambda each: each[1])
    if len(choices) == 1 and not show:
        return ()
    return tuple(
        CaseloadFilter(text, f"{_HERE}?show={value}" if value else _HERE, value == show)
        for value, text in choices
    )


async def _named(visitor: Visitor, schools: list[str]) -> dict[str, str]:
    """The names of these schools, as identity tells them to everybody of their organisation."""
    found: dict[str, str] = {}
    for tenant in dict.fromkeys(school.partition(".")[0] for school in schools):
        rows = await visitor.upstream.find_every("identity", f"/tenants/{tenant}/schools")
        found |= {f"{tenant}.{row['id']}": row["name"] for row in rows or ()}
    return {school: found[school] for school in schools if school in found}
