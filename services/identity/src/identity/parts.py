"""Everything the door is made of, opened together with the process."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request

from chassis.runtime import Chassis
from identity.issuing import Issuer
from identity.memberships import WornHat
from identity.oauth_clients import known_clients
from identity.oauth_server import OAuthServer
from identity.passwords import Passwords
from identity.settings import Settings
from identity.sign_in import FrontDoor
from identity.store.credentials import Credentials
from identity.store.hats import hats_of
from identity.store.sign_ins import SignIns
from identity.store.signing_keys import SigningKeys
from identity.store.tries import Limit, Tries
from identity.subject_keys import KmsRoot


@dataclass(frozen=True)
class SignInParts:
    """The opened parts of sign-in."""

    settings: Settings
    root: KmsRoot
    credentials: Credentials
    issuer: Issuer
    server: OAuthServer
    door: FrontDoor

    def close(self) -> None:
        """End what runs beside the event loop."""
        self.credentials.passwords.close()


async def sign_in_parts(request: Request) -> SignInParts:
    """The parts of the process that answers this request."""
    parts: SignInParts = request.app.state.sign_in
    return parts


def signing_keys(chassis: Chassis, settings: Settings, root: KmsRoot) -> SigningKeys:
    """The signing keys, for an API process or for the worker that changes them."""
    lives, lead = timedelta(seconds=settings.access_token_s), timedelta(seconds=settings.signing_key_lead_s)
    return SigningKeys(chassis.mongo, root, token_life=lives, lead=lead)


async def open_sign_in(chassis: Chassis, settings: Settings, root: KmsRoot) -> SignInParts:
    """Open the parts; their collections and a first signing key exist afterwards."""
    passwords = Passwords(
        workers=settings.password_workers,
        time_cost=settings.argon2_time,
        memory_kib=settings.argon2_memory_kib,
    )
    credentials = Credentials(chassis.mongo, root, passwords)
    sign_ins = SignIns(chassis.mongo, chassis.journal)
    keys = signing_keys(chassis, settings, root)
    tries = Tries(chassis.mongo, root, Limit(settings.failures_per_account, settings.accounts_per_address))
    for part in (credentials, sign_ins, keys, tries):
        await part.prepare()

    async def worn(person_id: str, now: datetime) -> list[tuple[str, WornHat]]:
        return await hats_of(chassis.mongo, chassis.keys, person_id, now)

    issuer = Issuer(settings.issuer, settings.access_token_s, keys, sign_ins, worn)
    clients = known_clients(
        settings.public_url,
        family_secret=settings.family_client_secret,
        staff_secret=settings.staff_client_secret,
        service_secrets=settings.client_secrets,
        family_stays=timedelta(hours=settings.family_sign_in_h),
        staff_stays=timedelta(hours=settings.staff_sign_in_h),
        program_stays=timedelta(days=settings.program_sign_in_days),
    )
    server = OAuthServer(clients, issuer)
    return SignInParts(settings, root, credentials, issuer, server, FrontDoor(credentials, tries, issuer))
