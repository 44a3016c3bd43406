"""Settings of the identity processes, read from IDENTITY_* variables."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """What identity needs beyond the common settings: the root key, OAuth clients, the door."""

    model_config = SettingsConfigDict(env_prefix="IDENTITY_")

    name: ClassVar[str] = "identity"

    root_key_file: Path
    """The KMS root: 32 bytes, raw or in hexadecimal, readable by this service alone."""
    client_secrets: dict[str, SecretStr] = Field(default_factory=dict)
    """The client-credentials secret of every service by name, as JSON."""
    family_client_secret: SecretStr
    staff_client_secret: SecretStr
    open_sign_up: bool = False
    """Whether anybody may found an organisation; otherwise only an operator of the platform."""

    sign_ups_per_hour: int = Field(default=200, ge=1)
    """How many organisations one address may found within an hour, for each API process."""

    access_token_s: int = Field(default=300, ge=30, le=900)
    staff_sign_in_h: float = Field(default=12, gt=0, le=24)
    family_sign_in_h: float = Field(default=12, gt=0, le=2160)
    """How long a browser of a family, a client or a school stays signed in; many of them are shared."""
    program_sign_in_days: float = Field(default=30, gt=0, le=90)
    failures_per_account: int = Field(default=5, ge=1)
    """Wrong passwords for one account within a minute before the door asks for a pause."""
    accounts_per_address: int = Field(default=100, ge=1)
    """Accounts that may fail from one address within ten minutes: a school has one address for everybody."""
    password_workers: int = Field(default=2, ge=1, le=16)
    argon2_time: int = Field(default=3, ge=1)
    argon2_memory_kib: int = Field(default=65_536, ge=8)
    signing_key_days: float = Field(default=30, gt=0)
    signing_key_lead_s: float = Field(default=60, ge=0)
    """How long a new signing key is published before it signs."""

    @property
    def issuer(self) -> str:
        """The `iss` of every token."""
        return f"{self.public_url}/auth"
