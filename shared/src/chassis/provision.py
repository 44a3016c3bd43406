"""What an administrator gives a deployment before it starts: database users, topics, access rules."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.protocol.admin import CreateAclsRequest_v1, DescribeAclsRequest_v1
from aiokafka.protocol.api import Request
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

_TOPIC, _GROUP = 2, 3
_PREFIXED, _LITERAL = 4, 3
_READ, _WRITE, _DESCRIBE, _ALLOW = 3, 4, 8, 3
_ANY = 1
_TOPIC_EXISTS = 36
_USER_EXISTS = 51003
_ALREADY, _NEEDS_SIGN_IN = 23, 13
_Client = MongoClient[dict[str, Any]]


@dataclass(frozen=True)
class KafkaAccess:
    """How to reach a broker: `user` None means a broker without authentication."""

    bootstrap: str
    user: str | None
    password: str | None

    def client_settings(self) -> dict[str, Any]:
        """The keyword arguments every aiokafka client takes for this account."""
        if self.user is None:
            return {"bootstrap_servers": self.bootstrap}
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }


@dataclass(frozen=True)
class Topic:
    """One topic: its name with the prefix, the only account that may write it, how it is kept."""

    name: str
    writer: str
    compacted: bool = False

    def settings(self) -> dict[str, str]:
        """The topic's own configuration at the broker."""
        if not self.compacted:
            return {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}
        return {
            "cleanup.policy": "compact",
            "min.cleanable.dirty.ratio": "0.1",
            "segment.ms": "600000",
            "delete.retention.ms": "86400000",
        }


class Provisioner:
    """An administrator's connection to one broker; use as an async context manager."""

    def __init__(self, access: KafkaAccess) -> None:
        self._access = access

    async def __aenter__(self) -> "Provisioner":
        self._admin = AIOKafkaAdminClient(**self._access.client_settings())
        await self._admin.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._admin.close()

    async def make_topics(self, topics: Iterable[Topic], *, partitions: int, replicas: int = 1) -> None:
        """Create the topics that do not exist yet. Raises RuntimeError when the broker refuses one."""
        new = [NewTopic(t.name, partitions, replicas, topic_configs=t.settings()) for t in topics]
        answer = (await self._admin.create_topics(new)).to_object()
        for failed in answer["topic_errors"]:
            if failed["error_code"] not in (0, _TOPIC_EXISTS):
                raise RuntimeError(f"topic {failed['topic']} was refused: {failed.get('error_message')}")

    async def drop_topics(self, names: list[str]) -> None:
        """Delete topics; one that is not there is no error."""
        await self._admin.delete_topics(names)

    async def topic_names(self) -> list[str]:
        """Every topic of the broker."""
        return list(await self._admin.list_topics())

    async def allow(self, topics: Iterable[Topic], users: Iterable[str], *, prefix: str = "") -> None:
        """Let each topic's writer write it, and every user read all these topics and use its own groups.

        Answers when the broker applies the rules; it learns of them a moment after the controller has them.
        """
        users, rules = list(users), []
        for topic in topics:
            rules.append((_TOPIC, topic.name, _LITERAL, f"User:{topic.writer}", "*", _WRITE, _ALLOW))
            for user in users:
                rules += [
                    (_TOPIC, topic.name, _LITERAL, f"User:{user}", "*", a, _ALLOW) for a in (_READ, _DESCRIBE)
                ]
        for user in users:
            rules.append((_GROUP, f"{prefix}{user}", _PREFIXED, f"User:{user}", "*", _READ, _ALLOW))
        await self._create(rules)

    async def _create(self, rules: list[tuple[int, str, int, str, str, int, int]]) -> None:
        answer = (await self._admin._send_to_controller(_ManyRules(rules))).to_object()
        for made in answer["creation_responses"]:
            if made["error_code"]:
                raise RuntimeError(f"an access rule was refused: {made['error_message']}")
        await self._until_in_force(rules[-1])

    async def _until_in_force(self, rule: tuple[int, str, int, str, str, int, int]) -> None:
        for _ in range(500):
            if await self._in_force(rule):
                return
            await asyncio.sleep(0.02)
        raise RuntimeError("the broker does not apply its access rules")

    async def _in_force(self, rule: tuple[int, str, int, str, str, int, int]) -> bool:
        kind, name, pattern = rule[:3]
        answer = await self._admin._send_request(_FindRules((kind, name, pattern, None, None, _ANY, _ANY)))
        return bool(answer.to_object()["resources"])


class _ManyRules(Request[CreateAclsRequest_v1]):
    """All rules in one request; the library's own form holds one, and a round trip each is slow."""

    API_KEY = CreateAclsRequest_v1.API_KEY

    def __init__(self, rules: list[tuple[int, str, int, str, str, int, int]]) -> None:
        self._rules = rules

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return request_struct_class(self._rules)


class _FindRules(Request[DescribeAclsRequest_v1]):
    """Asks the broker's authorizer; the library's form picks a version whose encoding it lacks."""

    API_KEY = DescribeAclsRequest_v1.API_KEY

    def __init__(self, query: tuple[int, str, int, None, None, int, int]) -> None:
        self._query = query

    def build(self, request_struct_class: type[DescribeAclsRequest_v1]) -> DescribeAclsRequest_v1:
        return request_struct_class(*self._query)


@dataclass(frozen=True)
class DatabaseUser:
    """A database and the one account that may use it."""

    name: str
    password: str
    database: str


class DatabaseProvisioner:
    """An administrator's connection to one MongoDB deployment; use as a context manager."""

    def __init__(self, admin_uri: str) -> None:
        self._client = _Client(admin_uri, serverSelectionTimeoutMS=10_000)

    def __enter__(self) -> "DatabaseProvisioner":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def make_user(self, user: DatabaseUser) -> None:
        """Create the account, or set its password when it exists; it may use its own database only."""
        rights: Mapping[str, Any] = {
            "pwd": user.password,
            "roles": [{"role": "readWrite", "db": user.database}],
        }
        database = self._client[user.database]
        try:
            database.command("createUser", user.name, mechanisms=["SCRAM-SHA-256"], **rights)
        except OperationFailure as refused:
            if refused.code != _USER_EXISTS:
                raise
            database.command("updateUser", user.name, **rights)

    def drop(self, databases: Iterable[str]) -> None:
        """Drop databases together with the accounts that live in them."""
        for name in databases:
            self._client[name].command("dropAllUsersFromDatabase")
            self._client.drop_database(name)


def takes_writes(uri: str, *, direct: bool) -> bool:
    """Whether the deployment has a primary. Raises PermissionError when it refuses the account."""
    try:
        with _Client(uri, serverSelectionTimeoutMS=300, directConnection=direct) as client:
            return bool(client.admin.command("hello").get("isWritablePrimary"))
    except OperationFailure as refused:
        raise PermissionError(str(refused)) from refused
    except PyMongoError:
        return False


def found_replica_set(port: int, name: str, password: str) -> None:
    """Make a fresh local mongod a replica set of one with an administrator; one begun before is finished."""
    with _Client(f"mongodb://127.0.0.1:{port}/", directConnection=True) as client:
        try:
            config = {"_id": name, "members": [{"_id": 0, "host": f"127.0.0.1:{port}"}]}
            client.admin.command("replSetInitiate", config | {"settings": {"electionTimeoutMillis": 1000}})
        except OperationFailure as refused:
            if refused.code not in (_ALREADY, _NEEDS_SIGN_IN):
                raise
        while not client.admin.command("hello").get("isWritablePrimary"):
            time.sleep(0.05)
        rights: dict[str, Any] = {"roles": ["root"], "mechanisms": ["SCRAM-SHA-256"]}
        client.admin.command("createUser", "admin", pwd=password, **rights)
