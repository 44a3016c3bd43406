"""What notifications tells others: that somebody was told, or could not be reached. Never what about."""

from typing import ClassVar

from contracts.event import Event
from contracts.ids import Id


class DeliverySent(Event):
    """Sent when a message left for a person; ids only."""

    TYPE: ClassVar[str] = "notifications.delivery_sent.v1"
    delivery_id: Id
    channel: Id


class DeliveryFailed(Event):
    """Sent when a message could not be delivered after every attempt."""

    TYPE: ClassVar[str] = "notifications.delivery_failed.v1"
    delivery_id: Id
    channel: Id


class AccessApplied(Event):
    """Sent when notifications has applied an access document whose receipts are collected."""

    TYPE: ClassVar[str] = "notifications.access_applied.v1"
    withdrawal_ids: tuple[Id, ...]
    rev: int
