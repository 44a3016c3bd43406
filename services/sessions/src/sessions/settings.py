"""Settings of the sessions processes, read from SESSIONS_* variables."""

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """What sessions needs beyond the common settings."""

    model_config = SettingsConfigDict(env_prefix="SESSIONS_")

    name: ClassVar[str] = "sessions"
    goal_wait_s: float = Field(default=1.0, ge=0, le=5)
    """How long a result waits for the news that its goal exists."""
