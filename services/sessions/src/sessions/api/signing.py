"""Signing closes a session, by itself or with its progress note, and lets its summary leave."""

from chassis.journal import Tx
from contracts.classes import DataClass
from sessions import telling
from sessions.api.desk import Desk, Stores, conflict
from sessions.sessions import Session, SessionError


async def sign(tx: Tx, desk: Desk, stores: Stores, session: Session) -> Session:
    """Close the session and share its summary; one that is signed stays as it is. Raises Conflict."""
    try:
        signed = session.signed()
    except SessionError as error:
        raise conflict(error) from error
    if signed is not session:
        await stores.sessions.save(signed, seen=session.version)
        tell_summary(tx, desk, session, signed)
        tx.audit("session_signed", desk.client_id, DataClass.ATTENDANCE, session.session_id)
    return signed


def tell_summary(tx: Tx, desk: Desk, before: Session, after: Session) -> None:
    """Tell others of a summary that is shared, where it or its readers are not what they were."""
    if (after.summary, after.summary_parties) == (before.summary, before.summary_parties):
        return
    if shared := telling.summary_shared(desk.tenant_id, after):
        tx.record(shared)
        tx.audit("summary_shared", desk.client_id, DataClass.SESSION_SUMMARY, after.session_id)
