"""How much a home carries: live tasks counted over children and tenants, as a number and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from contracts.access import AccessDocument, HouseholdFact


@dataclass
class Waiting:
    """A place that waits; `elsewhere` says that another home of the same task is the one that is full."""

    place: str
    elsewhere: bool = False


@dataclass
class Load:
    """One home's places. `key` and `place` are digests: no tenant, client or task can be read from them."""

    key: str
    live: list[str] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)

    def has_room(self, place: str, cap: int) -> bool:
        """True when the place is already held, or fits after all who wait longer and could take it."""
        if place in self.live:
            return True
        ahead = 0
        for entry in self.waiting:
            if entry.place == place:
                break
            ahead += not entry.elsewhere
        return len(self.live) + ahead < cap

    def leave(self, place: str) -> None:
        """Give up the place, held or waited for."""
        self.live = [held for held in self.live if held != place]
        self.waiting = [entry for entry in self.waiting if entry.place != place]

    def hold(self, place: str) -> None:
        """Hold a place from now on."""
        self.leave(place)
        self.live.append(place)

    def wait(self, place: str, *, elsewhere: bool) -> None:
        """Wait in order of arrival; who waits already keeps the turn."""
        for entry in self.waiting:
            if entry.place == place:
                entry.elsewhere = elsewhere
                return
        self.live = [held for held in self.live if held != place]
        self.waiting.append(Waiting(place, elsewhere))


def home_key(tenant_id: str, household: HouseholdFact) -> str:
    """The home's key: its people, the same in every tenant. A home without people stays in its tenant."""
    if not household.members:
        return sha256(f"{tenant_id}|{household.id}".encode()).hexdigest()
    return sha256("|".join(sorted(set(household.members))).encode()).hexdigest()


def place_of(tenant_id: str, client_id: str, task_id: str) -> str:
    """The digest by which a task holds or waits for a place."""
    return sha256(f"{tenant_id}|{client_id}|{task_id}".encode()).hexdigest()[:32]


def caps(document: AccessDocument, household_ids: Iterable[str]) -> dict[str, int]:
    """The cap of each named home by its key; homes the client has no longer are left out."""
    wanted = set(household_ids)
    found: dict[str, int] = {}
    for household in document.households:
        if household.id in wanted:
            key = home_key(document.tenant_id, household)
            found[key] = min(household.live_task_cap, found.get(key, household.live_task_cap))
    return found


def admit(loads: Mapping[str, Load], cap_of: Mapping[str, int], place: str) -> bool:
    """Take a place in every home, or wait in every home. A task without a home is admitted at once."""
    full = {key for key, cap in cap_of.items() if not loads[key].has_room(place, cap)}
    for key in cap_of:
        if full:
            loads[key].wait(place, elsewhere=key not in full)
        else:
            loads[key].hold(place)
    return not full
