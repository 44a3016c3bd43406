"""Receipts: a withdrawal is effective once every service has said that it applied it."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from contracts.classes import SERVICES
from contracts.ids import Id


class Withdrawal(BaseModel):
    """One taking back of a consent, and which services have applied it when."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Id
    at: datetime
    receipts: dict[Id, datetime] = Field(default_factory=dict)

    @property
    def effective(self) -> bool:
        """Whether all services have answered."""
        return all(service in self.receipts for service in SERVICES)


def receipt_rows(withdrawal: Withdrawal | None) -> list[dict[str, str | None]]:
    """One row for each service with the time of its receipt, None while it is awaited."""
    if withdrawal is None:
        return []
    times = withdrawal.receipts
    return [
        {"service": service, "at": times[service].isoformat() if service in times else None}
        for service in SERVICES
    ]
