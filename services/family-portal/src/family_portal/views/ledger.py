"""Every read of a client's data is written down, once a request, before its answer leaves."""

from collections.abc import Iterable
from contextvars import ContextVar

from chassis.audit import Audit
from contracts.classes import DataClass
from policy.caller import Caller
from policy.grants import Grants

Reads = dict[tuple[Caller, str], tuple[Audit, Grants, set[str]]]
_READS: ContextVar[Reads | None] = ContextVar("reads", default=None)


async def saw(
    audit: Audit, caller: Caller, grants: Grants, classes: Iterable[DataClass], *, counted: bool = False
) -> None:
    """Note a read for this request's entry; outside a request it is written down at once.

    `counted`: how often something was there was read, and no record of it.
    """
    named = {f"{data_class.value}:counted" if counted else data_class.value for data_class in classes}
    held = _READS.get()
    if held is None:
        await _write(audit, caller, grants, named)
    elif named:
        held.setdefault((caller, grants.client_id), (audit, grants, set()))[2].update(named)


async def _write(audit: Audit, caller: Caller, grants: Grants, classes: set[str]) -> None:
    await audit.read(
        caller,
        grants.client_id,
        sorted(classes),
        policy_hash=grants.policy_hash,
        consent_ids=grants.consent_ids,
    )


class Ledger:
    """The reads of one request; leave it open while the request runs, settle it before the answer leaves."""

    def __init__(self) -> None:
        self._reads: Reads = {}

    def __enter__(self) -> "Ledger":
        self._token = _READS.set(self._reads)
        return self

    def __exit__(self, *_: object) -> None:
        _READS.reset(self._token)

    async def settle(self) -> None:
        """Write down what was read since the last time. Raises Unavailable, and then nothing may be answered."""
        unwritten = list(self._reads.items())
        self._reads.clear()  # an answer that says that this failed rests on no read
        for (caller, _), (audit, grants, classes) in unwritten:
            await _write(audit, caller, grants, classes)
