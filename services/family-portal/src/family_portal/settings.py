"""Settings of the family-portal processes, read from FAMILY_PORTAL_* variables."""

from typing import ClassVar

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the web tier needs beyond the common settings: its two OAuth clients."""

    model_config = SettingsConfigDict(env_prefix="FAMILY_PORTAL_")

    name: ClassVar[str] = "family-portal"
    reads_itself: ClassVar[bool] = True
    always_open: ClassVar[tuple[str, ...]] = ("/healthz", "/help-now", "/assets/")
    family_client_secret: SecretStr
    staff_client_secret: SecretStr
    live_stream_s: float = 900.0
    """How long one live stream stays open before the page connects again."""
    upstream_s: float = 2.0
    """How long a page waits for a staff-only fragment of another service."""
