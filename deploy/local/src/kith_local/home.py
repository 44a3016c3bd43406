"""One data folder: its ports, its secrets, and where each part keeps its files."""

import fcntl
import json
import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path

SERVICES = ("identity", "care-plans", "sessions", "family-portal", "notifications")
ROOT = Path(__file__).parents[4]


def database(service: str, prefix: str = "") -> str:
    """The name of a service's database."""
    return f"{prefix}{service.replace('-', '_')}"


class Home:
    """The folder KITH_HOME names; everything that a stack keeps or must remember is below it."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def folder(self, name: str) -> Path:
        """A folder below this one, made when it is missing."""
        folder = self.path / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def secret(self, name: str, *, length: int = 32) -> str:
        """A random hexadecimal secret, made at its first use and readable by its owner only."""
        file = self.folder("secrets") / name
        with suppress(FileExistsError):
            write_once(file, secrets.token_hex(length))
        return file.read_text()

    def secret_path(self, name: str, *, length: int = 32) -> Path:
        """Where the secret of that name is kept, after making it when needed."""
        self.secret(name, length=length)
        return self.folder("secrets") / name

    def port(self, name: str) -> int:
        """The port this home uses for `name`: a free one at first, the same ever after."""
        file = self.path / "ports.json"
        with (self.path / "ports.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            ports: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
            if name not in ports:
                ports[name] = _free_port(set(ports.values()))
                replace(file, json.dumps(ports, indent=1))
        return ports[name]


def home_path() -> Path:
    """Where the home is that KITH_HOME names, else `.kith` in the repository; it need not be there."""
    return Path(os.environ.get("KITH_HOME") or ROOT / ".kith").absolute()


def default_home() -> Home:
    """The home at that place, made where it is missing."""
    return Home(home_path())


def cache() -> Path:
    """The folder of downloaded and derived files that all homes share (KITH_CACHE)."""
    folder = Path(os.environ.get("KITH_CACHE") or ROOT / ".kith-cache").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_once(file: Path, text: str) -> None:
    """Write a file for its owner only, whole or not at all. Raises FileExistsError when it is there."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    try:
        os.link(draft, file)
    finally:
        draft.unlink()


def replace(file: Path, text: str) -> None:
    """Replace a file's content in one step, so that no reader meets half of it."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(file)


def _free_port(taken: set[int]) -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in taken:
            return port
