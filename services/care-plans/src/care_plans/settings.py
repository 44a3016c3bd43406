"""What a care-plans process needs to know before it starts, prefix CARE_PLANS_."""

from typing import ClassVar

from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """The shared settings and nothing else."""

    model_config = SettingsConfigDict(env_prefix="CARE_PLANS_", extra="ignore", frozen=True)

    name: ClassVar[str] = "care-plans"
