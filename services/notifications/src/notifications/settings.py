"""Settings of the notifications processes, read from NOTIFICATIONS_* variables."""

from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings
from contracts.neutral import NeutralName


class Settings(ServiceSettings):
    """Where mail and text messages leave, and how patiently."""

    model_config = SettingsConfigDict(env_prefix="NOTIFICATIONS_")

    name: ClassVar[str] = "notifications"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 1025
    sms_url: str = "http://127.0.0.1:8025/sms"
    sender_address: str = "updates@kith.example"
    sender_name: NeutralName = "Kith"
    """Whom messages are from where neither the person nor the organisation has a neutral sender."""
    gather_s: float = 0.7
    """How long a message waits for others to the same person, so that one change is one message."""
    send_s: float = 5.0
    attempts: int = 6
