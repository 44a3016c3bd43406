"""Publishing: in the transaction that changed who may see what, the whole state goes out, one rev higher."""

from datetime import datetime

from chassis.journal import Tx
from chassis.mongo import NO_TENANT
from chassis.seal import Keyring
from contracts.access import AccessDocument, PersonRecord
from contracts.classes import DataClass
from contracts.event import Section
from identity.access_documents import access_document
from identity.care_clients import CareClient, client_sections
from identity.people import Person, person_sections
from identity.store.desk import Desk
from identity.tenants import Tenant, duty_fact, tenant_sections

ACCESS_TOPIC = "identity-state"
PEOPLE_TOPIC = "identity-people"
ACCESS_TIMER = "access-change"


async def publish_access(tx: Tx, desk: Desk, client_id: str, now: datetime) -> AccessDocument:
    """Compute a client's access document, keep it, publish it, and set the timer for its next change.

    The last step of a change: it reads the state as the transaction has left it.
    """
    before = await desk.clients.get(client_id)
    client = before.model_copy(update={"rev": before.rev + 1, "version": before.version + 1})
    document = access_document(await desk.state(client), client.rev, now)
    await desk.clients.save(client)
    body = document.model_dump(mode="json")
    key = desk.documents.key(client_id)
    row = {"_id": key, "rev": document.rev, "body": body}
    await desk.documents.replace_one({"_id": key}, row, upsert=True)
    tx.publish_state(ACCESS_TOPIC, document.key, body)
    if document.next_change_at is None:
        await tx.unschedule(ACCESS_TIMER, client_id)
    else:
        await tx.schedule(ACCESS_TIMER, client_id, document.next_change_at, {"client_id": client_id})
    return document


async def publish_person(tx: Tx, keys: Keyring, person: Person) -> None:
    """Publish a person's names and contact, each section sealed for the one service that opens it."""
    record = PersonRecord(subject_id=person.id, rev=person.rev)
    await _publish_sealed(tx, keys, record, person_sections(person.words))


async def publish_client_names(tx: Tx, keys: Keyring, client: CareClient) -> None:
    """Publish a client's names by audience, sealed; its rev is the version of the client's row."""
    record = PersonRecord(subject_id=client.id, tenant_id=tx.tenant_id, rev=client.version)
    await _publish_sealed(tx, keys, record, client_sections(client.words))


async def publish_tenant(tx: Tx, keys: Keyring, tenant: Tenant) -> None:
    """Publish what an organisation is called, its languages, who is on duty, its lines, and its neutral sender."""
    record = PersonRecord(
        subject_id=tenant.id,
        tenant_id=tx.tenant_id,
        rev=tenant.version,
        duty=duty_fact(tenant),
        languages=tenant.languages,
    )
    await _publish_sealed(tx, keys, record, tenant_sections(tenant.words))


async def _publish_sealed(
    tx: Tx, keys: Keyring, record: PersonRecord, sections: dict[DataClass, Section]
) -> None:
    tenant = record.tenant_id or NO_TENANT
    boxes = {
        data_class: await keys.seal(tenant, record.subject_id, data_class, record.key, words)
        for data_class, words in sections.items()
    }
    sealed = record.model_copy(update={"sections": boxes})
    tx.publish_state(PEOPLE_TOPIC, sealed.key, sealed.model_dump(mode="json", exclude_none=True))
