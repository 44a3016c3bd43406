"""What each process of a local stack is told: addresses, accounts and secrets, as environment variables."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from kith_local.home import SERVICES, Home, database

if TYPE_CHECKING:  # what it imports takes longer than most commands do
    from kith_local.parts.stack import Stack

Environment = dict[str, str]


def web_port() -> int:
    """The port people open (KITH_PORT). Raises RuntimeError when it is not a port."""
    text = os.environ.get("KITH_PORT") or "8080"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise RuntimeError(f"KITH_PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def web_url() -> str:
    """Where people sign in."""
    return f"http://localhost:{web_port()}"


def running_url(folder: Path) -> str:
    """Where people sign in to this home's stack as it runs; while it does not, where it would be started."""
    running = folder / "supervisor.json"
    return str(json.loads(running.read_text())["web"]) if running.exists() else web_url()


def mail_url(home: Home) -> str:
    """Where the messages that left are read."""
    return f"http://localhost:{home.port('mail-page')}"


def service_port(home: Home, service: str) -> int:
    """The port of a service's API; the portal's is the one people open."""
    return web_port() if service == "family-portal" else home.port(service)


def service_url(home: Home, service: str) -> str:
    """The base URL of a service's API."""
    return f"http://127.0.0.1:{service_port(home, service)}"


def service_environment(stack: "Stack", service: str, process: str) -> Environment:
    """The variables of one process of a service, under the service's prefix."""
    home = stack.home
    user, password = stack.kafka.account(service)
    values = {
        "mongo_uri": stack.mongo_uri(service),
        "mongo_db": database(service),
        "kafka_bootstrap": stack.kafka.bootstrap,
        "port": str(service_port(home, service)),
        "identity_url": service_url(home, "identity"),
        "client_secret": home.secret(f"client-{service}"),
        "position_key": home.secret("position-key"),
        "peers": json.dumps({other: service_url(home, other) for other in SERVICES}),
        "public_url": web_url(),
        "trace_file": str(home.folder("traces") / f"{process}.jsonl"),
    }
    if user and password:
        values |= {"kafka_username": user, "kafka_password": password}
    if own := _OWN.get(service):
        values |= own(home)
    prefix = service.upper().replace("-", "_")
    return {f"{prefix}_{name.upper()}": value for name, value in values.items()}


def _identity(home: Home) -> Environment:
    clients = {service: home.secret(f"client-{service}") for service in SERVICES}
    return _portal(home) | {
        "client_secrets": json.dumps(clients),
        "root_key_file": str(home.secret_path("root-key")),
        "open_sign_up": "true",
    }


def _portal(home: Home) -> Environment:
    return {f"{area}_client_secret": home.secret(f"client-kith-{area}") for area in ("family", "staff")}


def _notifications(home: Home) -> Environment:
    sms = f"http://127.0.0.1:{home.port('mail-page')}/sms"
    return {"smtp_port": str(home.port("smtp")), "sms_url": sms}


_OWN = {"identity": _identity, "family-portal": _portal, "notifications": _notifications}
