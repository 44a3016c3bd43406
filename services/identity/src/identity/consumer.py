"""Events in: each service's word that it has applied a withdrawal becomes a receipt."""

from chassis.batch import BatchTx
from chassis.handlers import unhurried
from contracts.care_plans import AccessApplied as CarePlansApplied
from contracts.family_portal import AccessApplied as FamilyPortalApplied
from contracts.identity import AccessApplied as IdentityApplied
from contracts.notifications import AccessApplied as NotificationsApplied
from contracts.sessions import AccessApplied as SessionsApplied
from identity.store.consents import receipt

Applied = CarePlansApplied | FamilyPortalApplied | IdentityApplied | NotificationsApplied | SessionsApplied


@unhurried
async def on_access_applied(event: Applied, tx: BatchTx) -> None:
    """File the service's receipt for every withdrawal it names."""
    for withdrawal_id in event.withdrawal_ids:
        tx.write("consents", receipt(withdrawal_id, type(event).producer(), event.at))


HANDLERS = [on_access_applied]
