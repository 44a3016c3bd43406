"""Subject keys: one wrapped row each, handed out as class keys by one table."""

from collections.abc import Mapping, Sequence

from chassis.errors import Conflict
from chassis.handles import GlobalCollection
from chassis.mongo import Duplicate, Mongo
from chassis.seal import KeyName, Keyring, class_key
from identity.subject_keys import KmsRoot, allowed

WHY = "keys are global: a subject may be a person, a client or a tenant"
COLLECTION = "subject_keys"


class SubjectKeys:
    """All subject keys. As a key source it serves identity itself; `for_service` serves the others."""

    def __init__(self, mongo: Mongo, root: KmsRoot) -> None:
        self._rows: GlobalCollection = mongo.crossing_tenants(COLLECTION, why=WHY)
        self.root = root

    async def ensure(self, tenant_id: str, subject_id: str) -> None:
        """Make the subject's key unless it has one. Raises Conflict when the subject was erased.

        It stands outside the transaction that makes the subject: a key without a subject opens nothing.
        """
        key = _place(tenant_id, subject_id)
        row = await self._rows.find_one({"_id": key})
        if row is None:
            try:
                await self._rows.insert_one(
                    {"_id": key, "wrapped": self.root.new_wrapped(tenant_id, subject_id)}
                )
            except Duplicate:
                row = await self._rows.find_one({"_id": key})
        if row is not None and row.get("wrapped") is None:
            raise Conflict("This id belonged to an erased record.", field="id", fix="Choose another id.")

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """identity's own class keys."""
        return await self.for_service("identity", names)

    async def for_service(self, service: str, names: Sequence[KeyName]) -> dict[KeyName, bytes]:
        """The class keys that exist and that the table allows this service; all others are left out."""
        asked = [name for name in names if allowed(service, name.data_class)]
        places = sorted({_place(name.tenant_id, name.subject_id) for name in asked})
        rows = await self._rows.find({"_id": {"$in": places}}) if places else []
        wrapped = {row["_id"]: row["wrapped"] for row in rows if row.get("wrapped")}
        subjects = {
            name: self.root.unwrap(name.tenant_id, name.subject_id, wrapped[place])
            for name in asked
            if (place := _place(name.tenant_id, name.subject_id)) in wrapped
        }
        return {name: class_key(key, name.data_class) for name, key in subjects.items()}


class WorkerKeys:
    """The keys of a worker, whose database opens only when it runs."""

    def __init__(self, root: KmsRoot) -> None:
        self._root = root
        self._keyring: Keyring | None = None

    def source(self, mongo: Mongo) -> SubjectKeys:
        """The key source of the database that has just been opened."""
        source = SubjectKeys(mongo, self._root)
        self._keyring = Keyring(source)
        return source

    def keyring(self) -> Keyring:
        """The keys, for work that the worker does. Raises RuntimeError before it runs."""
        if self._keyring is None:
            raise RuntimeError("the worker has not opened its database")
        return self._keyring


def _place(tenant_id: str, subject_id: str) -> str:
    return f"{tenant_id}:{subject_id}"
