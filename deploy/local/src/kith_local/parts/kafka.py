"""A real Apache Kafka broker: one KRaft node with SASL and access rules, on the loopback interface only."""

import os
import shutil
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path

from kith_local.home import ROOT, SERVICES, Home, cache
from kith_local.parts.process import Program

VERSION = "4.3.0"
_POM = ROOT / "deploy/local/kafka/pom.xml"
_LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
_MEMORY = ["-Xmx512m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]


class Kafka:
    """The broker of one home, or the cluster that KAFKA_BOOTSTRAP names."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.outside = os.environ.get("KAFKA_BOOTSTRAP")
        folder = home.folder("kafka")
        self.program = Program("kafka", folder, str(folder / "server.properties"))

    @property
    def bootstrap(self) -> str:
        """The address clients begin with."""
        return self.outside or f"127.0.0.1:{self._home.port('kafka')}"

    def account(self, user: str) -> tuple[str | None, str | None]:
        """The name and password of a user; an outside cluster has one account for all, or none."""
        if self.outside:
            return os.environ.get("KAFKA_USERNAME"), os.environ.get("KAFKA_PASSWORD")
        return user, self._home.secret(f"kafka-{user}")

    def start(self, *, attached: bool) -> None:
        """Start the broker unless it runs, without waiting until it answers."""
        if self.outside or self.program.pid:
            return
        jars = install()
        properties = self._write_properties()
        if not (self.program.folder / "data" / "meta.properties").exists():
            self._format(jars, properties)
        java = [_java(), *_MEMORY, *self._class_data(), f"-Dlog4j2.configurationFile={self._write_logging()}"]
        command = [*java, "-cp", f"{jars}/*", "kafka.Kafka", str(properties)]
        self.program.start(command, attached=attached)

    def wait(self, seconds: float = 60.0) -> None:
        """Wait until the broker listens. Raises RuntimeError with the end of its log when it does not."""
        host, port = self.bootstrap.split(",")[0].rsplit(":", 1)
        end = time.monotonic() + seconds
        while not _listens(host, int(port)):
            if not self.outside and self.program.pid is None:
                raise RuntimeError(f"Kafka ended:\n{self.program.last_words()}")
            if time.monotonic() > end:
                raise RuntimeError(f"Kafka did not answer within {seconds:.0f} s")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the broker in order; the first end leaves the class-data archive for faster starts."""
        self.program.stop(within=30)
        draft, archive = self._class_data_files()
        if draft.exists():
            draft.replace(archive)

    def _class_data_files(self) -> tuple[Path, Path]:
        archive = cache() / f"kafka-{VERSION}" / f"classes-{_java_version()}.jsa"
        return self.program.folder / "classes.jsa", archive

    def _class_data(self) -> list[str]:
        draft, archive = self._class_data_files()
        if archive.exists():
            return [f"-XX:SharedArchiveFile={archive}"]
        return [f"-XX:ArchiveClassesAtExit={draft}"]

    def _write_logging(self) -> Path:
        file = self.program.folder / "log4j2.properties"
        file.write_text(_LOGGING)
        return file

    def _write_properties(self) -> Path:
        login = f'{_LOGIN} required username="admin" password="{self._home.secret("kafka-admin")}"'
        users = "".join(f' user_{u}="{self._home.secret(f"kafka-{u}")}"' for u in ("admin", *SERVICES))
        lines = _PROPERTIES.format(
            data=self.program.folder / "data",
            port=self._home.port("kafka"),
            controller=self._home.port("kafka-controller"),
            jaas=f"{login}{users};",
        )
        file = self.program.folder / "server.properties"
        file.touch(mode=0o600)
        file.write_text(lines)
        return file

    def _format(self, jars: Path, properties: Path) -> None:
        cluster = urlsafe_b64encode(b"kith" + uuid.uuid4().bytes[4:]).decode().rstrip("=")
        storage = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
        command = [_java(), "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={self._write_logging()}"]
        done = subprocess.run(
            [*command, "-cp", f"{jars}/*", *storage], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"Kafka's storage could not be prepared:\n{done.stdout}{done.stderr}")


def install() -> Path:
    """The folder of the broker's jars, fetched by Maven when missing. Raises RuntimeError when it fails."""
    jars = cache() / f"kafka-{VERSION}" / "jars"
    if jars.exists():
        return jars
    if not (maven := shutil.which("mvn")):
        raise RuntimeError("Maven is missing: install it, or name a running Kafka in KAFKA_BOOTSTRAP.")
    draft = jars.with_name(f"jars.{os.getpid()}")
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={draft}"]
    done = subprocess.run(
        [maven, "-q", "-B", "-f", str(_POM), *goal], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"Maven could not fetch Kafka:\n{done.stdout[-2000:]}")
    with suppress(OSError):
        draft.rename(jars)
    shutil.rmtree(draft, ignore_errors=True)
    return jars


def _java() -> str:
    if java := shutil.which("java"):
        return java
    raise RuntimeError("Java 17 or newer is missing: install it, or name a running Kafka in KAFKA_BOOTSTRAP.")


def _java_version() -> str:
    return Path(_java()).resolve().parent.parent.name


def _listens(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((host, port), timeout=0.3):
        return True
    return False


_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=SASL_PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
inter.broker.listener.name=SASL_PLAINTEXT
controller.listener.names=CONTROLLER
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.mechanism.controller.protocol=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config={jaas}
listener.name.controller.plain.sasl.jaas.config={jaas}
listener.name.controller.sasl.enabled.mechanisms=PLAIN
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin
allow.everyone.if.no.acl.found=false
auto.create.topics.enable=false
log.dirs={data}
num.partitions=4
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
log.segment.bytes=67108864
log.index.size.max.bytes=1048576
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.threads=1
log.segment.delete.delay.ms=1000
message.max.bytes=2097152
num.network.threads=2
num.io.threads=4
background.threads=2
"""

_LOGGING = """\
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c{1}: %m%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
"""
