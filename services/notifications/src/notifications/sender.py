"""Sends what is due: decided at send, with fresh facts or not at all."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

from chassis.errors import NotFound, Problem, Unavailable
from chassis.runtime import Chassis
from contracts.classes import DataClass
from contracts.identity import Contact
from contracts.notifications import DeliveryFailed, DeliverySent
from notifications.clients import Gateways
from notifications.deliveries import State, Template, as_caller, channel_for, message_id, now, text_of
from notifications.settings import Settings
from notifications.store.deliveries import DeliveryStore
from notifications.store.preferences import PreferenceStore

log = logging.getLogger(__name__)


class Sender:
    """One loop that turns due rows into messages, or drops them where the recipient may no longer know."""

    def __init__(self, chassis: Chassis, settings: Settings) -> None:
        self._chassis = chassis
        self._settings = settings
        self._rows = DeliveryStore(chassis.mongo)
        self._preferences = PreferenceStore(chassis.mongo)
        self._gateways = Gateways(settings)
        self._people = chassis.mongo.crossing_tenants(
            "people", why="contact details belong to persons, who are global"
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop: look four times a second for rows that have gathered long enough."""
        while not stop.is_set():
            sent = await self.send_due()
            if not sent:
                await asyncio.sleep(0.25)

    async def send_due(self) -> int:
        """Send everything due now, one message a person; answers how many rows were settled."""
        rows = await self._rows.due(now() - timedelta(seconds=self._settings.gather_s))
        groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in rows:
            groups.setdefault((row["tenant_id"], row["person_id"]), []).append(row)
        for group in groups.values():
            await self._send_group(group)
        return len(rows)

    async def _send_group(self, group: list[dict[str, Any]]) -> None:
        try:
            allowed = [row for row in group if await self._may_know(row)]
        except Unavailable:
            for row in group:
                await self._rows.postpone(row, attempts=max(1, row["attempts"]))
            return
        for row in group:
            if row not in allowed:
                await self._rows.settle(row, State.DROPPED, "none")
        if allowed:
            await self._deliver(allowed)

    async def _may_know(self, row: dict[str, Any]) -> bool:
        facts = self._chassis.access
        await facts.wait_rev(row["tenant_id"], row["client_id"], row["access_rev"], 1.0)
        document = await facts.document(row["tenant_id"], row["client_id"])
        if document is None:
            return False
        caller = as_caller(document, row["person_id"])
        await facts.ensure_fresh(caller)
        try:
            grants = await facts.grants(caller, row["client_id"])
        except NotFound:
            return False
        return bool(grants.may(DataClass(row["data_class"])))

    async def _deliver(self, rows: list[dict[str, Any]]) -> None:
        first, *others = rows
        if not await self._rows.claim(first):
            return
        contact = await self._contact(first["tenant_id"], first["person_id"])
        wanted = await self._preferences.channels(first["person_id"]) or contact.channels
        channel = channel_for(wanted, has_email=bool(contact.email), has_phone=bool(contact.phone))
        template = (
            Template.REPLY_WANTED if any(r["template"] == "reply_wanted" for r in rows) else Template.UPDATE
        )
        text = text_of(template, self._settings.public_url)
        try:
            await self._gateways.send(channel, contact, text, message_id=message_id(first["_id"]))
        except (OSError, Problem, TimeoutError) as error:
            await self._failed(first, channel, type(error).__name__)
            return
        await self._rows.settle(first, State.SENT, channel)
        for row in others:
            await self._rows.settle(row, State.MERGED, channel)
        await self._tell(first, DeliverySent, channel)

    async def _failed(self, row: dict[str, Any], channel: str, reason: str) -> None:
        attempts = row["attempts"] + 1
        log.warning("delivery %s by %s did not leave (%s), attempt %d", row["_id"], channel, reason, attempts)
        if attempts < self._settings.attempts:
            await self._rows.postpone(row, attempts=attempts)
            return
        await self._rows.settle(row, State.FAILED, channel)
        await self._tell(row, DeliveryFailed, channel)

    async def _tell(
        self, row: dict[str, Any], kind: type[DeliverySent | DeliveryFailed], channel: str
    ) -> None:
        event = kind(
            tenant_id=row["tenant_id"],
            client_id=row["client_id"],
            delivery_id=row["_id"].split(":")[1],
            channel=channel,
        )

        async def work(tx: Any) -> None:
            tx.record(event)

        await self._chassis.journal.write(work, tenant_id=row["tenant_id"], by=None)

    async def _contact(self, tenant_id: str, person_id: str) -> Contact:
        """How to reach the person, under their own sender name or else the organisation's neutral one."""
        contact = await self._opened("-", person_id, f"person:{person_id}")
        if contact.sender_name:
            return contact
        organisation = await self._opened(tenant_id, tenant_id, f"client:{tenant_id}:{tenant_id}")
        return contact.model_copy(update={"sender_name": organisation.sender_name})

    async def _opened(self, tenant_id: str, subject_id: str, key: str) -> Contact:
        row = await self._people.find_one({"_id": key})
        box = (row or {}).get("sections", {}).get(DataClass.CONTACT.value)
        if not box:
            return Contact()
        opened = await self._chassis.keys.open(tenant_id, subject_id, DataClass.CONTACT, key, box)
        return Contact.read(opened)
