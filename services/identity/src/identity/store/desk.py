"""Everything identity keeps about one tenant, opened together: for reads, or inside one transaction."""

from functools import cached_property

from chassis.errors import NotFound
from chassis.handles import TenantCollection
from chassis.journal import Tx
from chassis.mongo import Mongo
from chassis.seal import Keyring
from contracts.access import AccessDocument
from identity.access_documents import AccessState
from identity.care_clients import CareClient
from identity.store.assignments import AssignmentStore, SupervisionStore
from identity.store.care_clients import CareClientStore
from identity.store.care_days import CareCalendarStore
from identity.store.consents import ConsentStore
from identity.store.households import HouseholdStore
from identity.store.memberships import MembershipStore
from identity.store.people import WHY, PeopleStore
from identity.store.relationships import RelationshipStore
from identity.store.rows import Rows
from identity.store.schools import SchoolStore
from identity.store.tenants import TenantStore


class Desk:
    """The stores of one tenant, and the global people beside them."""

    def __init__(self, rows: Rows, people: PeopleStore, keys: Keyring, tenant_id: str) -> None:
        self.tenant_id = tenant_id
        self.people = people
        self._rows = rows
        self._keys = keys
        self.tenants = TenantStore(rows, keys, tenant_id)
        self.schools = SchoolStore(rows, keys, tenant_id)
        self.memberships = MembershipStore(rows, keys, tenant_id)
        self.households = HouseholdStore(rows, keys, tenant_id)
        self.clients = CareClientStore(rows, keys, tenant_id)
        self.care_calendars = CareCalendarStore(rows, keys, tenant_id)
        self.relationships = RelationshipStore(rows, keys, tenant_id)
        self.assignments = AssignmentStore(rows, keys, tenant_id)
        self.supervisions = SupervisionStore(rows, keys, tenant_id)
        self.consents = ConsentStore(rows, keys, tenant_id)

    @classmethod
    def reading(cls, mongo: Mongo, keys: Keyring, tenant_id: str) -> "Desk":
        """The stores outside a transaction."""
        people = PeopleStore.reading(mongo, keys)
        return cls(lambda name: mongo.tenant(name, tenant_id), people, keys, tenant_id)

    @classmethod
    def writing(cls, tx: Tx, keys: Keyring) -> "Desk":
        """The stores inside a transaction, which alone may add and save."""
        people = PeopleStore(lambda name: tx.crossing_tenants(name, why=WHY), keys)
        return cls(tx.tenant, people, keys, tx.tenant_id)

    @cached_property
    def documents(self) -> TenantCollection:
        """The access documents as last published."""
        return self._rows("access_documents")

    async def state(self, client: CareClient) -> AccessState:
        """Everything the access document of a client is computed from."""
        ties = await self.relationships.of_client(client.id)
        work = await self.assignments.of_client(client.id)
        homes = {tie.household_id for tie in ties if tie.household_id}
        return AccessState(
            tenant_id=self.tenant_id,
            client=client,
            relationships=tuple(ties),
            care_days=await self.care_calendars.of_client(client.id),
            households=tuple(await self.households.around(homes, client.person_id)),
            assignments=tuple(work),
            supervisions=tuple(await self.supervisions.over({item.person_id for item in work})),
            consents=tuple(await self.consents.of_client(client.id)),
        )

    async def document(self, client_id: str) -> AccessDocument:
        """The access document of a client as last published. Raises NotFound."""
        row = await self.documents.find_one({"_id": self.documents.key(client_id)})
        if row is None:
            raise NotFound()
        return AccessDocument.model_validate(row["body"])


async def prepare(mongo: Mongo) -> None:
    """Create identity's collections and indexes; done at each start."""
    for name in ("tenants", "schools", "memberships", "households", "clients", "access_documents"):
        await mongo.ensure(name, [])
    await mongo.ensure("care_calendars", [])
    await mongo.ensure("households", [[("tenant_id", 1), ("members", 1)]])
    await mongo.ensure(
        "relationships",
        [[("tenant_id", 1), (field, 1)] for field in ("client_id", "person_id", "household_id")],
    )
    await mongo.ensure(
        "assignments", [[("tenant_id", 1), (field, 1)] for field in ("client_id", "person_id")]
    )
    await mongo.ensure(
        "supervisions", [[("tenant_id", 1), (field, 1)] for field in ("supervisee_id", "supervisor_id")]
    )
    await mongo.ensure(
        "consents", [[("tenant_id", 1), (field, 1)] for field in ("client_id", "withdrawal.id")]
    )
    for name in ("people", "handles", "subject_keys"):
        await mongo.ensure(name, [], across=True)
