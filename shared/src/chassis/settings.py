"""What every process needs to know before it starts; read from the environment, nowhere else."""

from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """The settings all services share. A service subclasses it with its `name` and its `env_prefix`."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    name: ClassVar[str] = "unnamed"
    """The service's public name, for example `care-plans`; also its topic, Kafka user and token audience."""

    reads_itself: ClassVar[bool] = False
    """Whether what this service writes reaches its own readers by the bus alone, as the portal's views do."""

    always_open: ClassVar[tuple[str, ...]] = ("/healthz",)
    """How the paths begin that are answered even when too many ask at once."""

    mongo_uri: SecretStr
    mongo_db: str
    kafka_bootstrap: str
    kafka_username: str | None = None
    """None means a broker without sign-in, which only a test may use."""
    kafka_password: SecretStr | None = None
    topic_prefix: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    identity_url: str = "http://127.0.0.1:8081"
    client_secret: SecretStr = SecretStr("")
    """This service's own client-credentials secret at identity."""
    position_key: SecretStr
    """32 bytes in hexadecimal, the same in all services; seals `Kith-Position`."""
    peers: dict[str, str] = Field(default_factory=dict)
    """Base URL of every other service by name, as JSON."""
    public_url: str = "http://localhost:8080"
    proxies: frozenset[str] = frozenset()
    """Peers whose X-Forwarded-For is believed, by address or network, as JSON: the ingress, where there is one."""
    trace_file: Path | None = None
    position_wait_s: float = Field(default=1.0, ge=0, le=5)
    freshness_limit_s: float = Field(default=5.0, gt=0, le=60)
    queries_in_flight: int = Field(default=64, ge=1, le=1024)

    def topic(self, name: str) -> str:
        """The broker's name of a topic, with the prefix of this deployment."""
        return f"{self.topic_prefix}{name}"

    def peer_url(self, service: str) -> str:
        """Base URL of a service; identity by its own setting. Raises KeyError when it is not configured."""
        return self.identity_url if service == "identity" else self.peers[service]

    def kafka_client(self) -> dict[str, Any]:
        """How every aiokafka client of this process reaches the broker and signs in there."""
        reach: dict[str, Any] = {"bootstrap_servers": self.kafka_bootstrap}
        if self.kafka_username is None or self.kafka_password is None:
            return reach
        return reach | {
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": self.kafka_username,
            "sasl_plain_password": self.kafka_password.get_secret_value(),
        }
