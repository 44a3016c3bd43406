"""Care days over HTTP: kept by an assigned therapist on the guardians' word, read by the team and nobody else."""

from datetime import date
from typing import Annotated

from pydantic import Field

from chassis.auth import CallerDep
from chassis.errors import Forbidden, NotFound
from chassis.http import IfMatch, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.classes import DataClass
from contracts.duty import Clock, Day
from contracts.ids import ClientId, Id
from identity.api.desks import Answer, ChassisDep, DeskDep, WritingDep
from identity.care_days import CareCalendar, CareDays, check_calendar
from identity.clock import now
from identity.store.desk import Desk
from identity.store.publishing import publish_access
from policy.caller import Caller
from policy.grants import grants

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}/care-days", tags=["care days"])


class CareDaysIn(Strict):
    """Days of the week in one home. With `every_weeks` above one they hold in the week of `week_of` and each so
    many weeks after it; in the other weeks `otherwise` has them, or else every home."""

    household_id: Id
    days: Annotated[list[Day], Field(min_length=1, max_length=7)]
    every_weeks: Annotated[int, Field(ge=1, le=4)] = 1
    week_of: date | None = None
    otherwise: Id | None = None


class CalendarIn(Strict):
    """The whole calendar. A day belongs to its home from `handover_at` of that day, in London, until the next
    day's; without days the client is in every home every day."""

    handover_at: Clock = "00:00"
    days: Annotated[list[CareDaysIn], Field(max_length=14)]


@router.get("")
async def read_care_days(
    client_id: ClientId, caller: CallerDep, desk: DeskDep, chassis: ChassisDep
) -> Answer:
    """The care days of a client, for the team: to a home they would tell the days of another."""
    await _check_team(desk, caller, client_id, writing=False)
    calendar = await desk.care_calendars.of_client(client_id)
    await chassis.audit.read(caller, client_id, [DataClass.CONTACT])
    return calendar.model_dump(mode="json", exclude={"id"})


@router.put("")
async def set_care_days(client_id: ClientId, body: CalendarIn, writing: WritingDep, seen: IfMatch) -> Answer:
    """Set the care days anew, as the guardians have said; the first time from version 0. Homes' first pages
    follow within seconds: what is for today stands in the home that has the client today."""
    await _check_team(writing.desk, writing.caller, client_id, writing=True)

    async def work(tx: Tx, desk: Desk) -> Answer:
        before = await desk.care_calendars.of_client(client_id)
        require_version(before.version, seen)
        calendar = CareCalendar(
            id=client_id,
            version=before.version + 1,
            handover_at=body.handover_at,
            days=tuple(_kept(each) for each in body.days),
        )
        homes = (await desk.document(client_id)).households
        check_calendar(calendar, {home.id for home in homes})
        await desk.care_calendars.keep(calendar)
        document = await publish_access(tx, desk, client_id, now())
        tx.audit("care_days_set", client_id, DataClass.CONTACT, client_id)
        return {"version": calendar.version, "rev": document.rev}

    return await writing.write(work)


def _kept(given: CareDaysIn) -> CareDays:
    days = tuple(dict.fromkeys(given.days))
    return CareDays.model_validate({**given.model_dump(), "days": days})


async def _check_team(desk: Desk, caller: Caller, client_id: str, *, writing: bool) -> None:
    """Let only the team pass. Raises NotFound to others, Forbidden to a member of it who may only read."""
    granted = grants(caller, await desk.document(client_id), now())
    if "team" not in granted.labels or not granted.may(DataClass.CONTACT):
        raise NotFound()
    if writing and not granted.may(DataClass.CONTACT, "write"):
        raise Forbidden("You read these days; an assigned therapist keeps them, on the guardians' word.")
