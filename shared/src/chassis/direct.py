"""The end of a transaction in one trip (chassis.trips): its last writes and its commit, in a row on one thread."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from pymongo.errors import ExecutionTimeout, PyMongoError

from chassis.handles import Outcome, outcome, plainly
from chassis.tenancy import Doc, Filter, scoped_document, scoped_filter
from chassis.watching import CROSSING

_COMMIT_ATTEMPTS = 8


class Direct:
    """Blocking operations inside one transaction, each bound to a tenant; never used on the event loop."""

    def __init__(self, database: Any, session: Any, pause: Callable[[int], float]) -> None:
        self._database = database
        self._session = session
        self._pause = pause

    def find(self, name: str, tenant_id: str, filter: Filter, fields: Sequence[str]) -> list[Doc]:
        """All matching documents, these fields only."""
        where = scoped_filter(filter, tenant_id)
        return list(self._database[name].find(where, list(fields), session=self._session))

    def last(self, name: str, field: str, tenant_id: str, filter: Filter) -> int:
        """The largest number in this field of the matching documents, 0 without any."""
        where = scoped_filter(filter, tenant_id)
        row = self._database[name].find_one(where, [field], sort=[(field, -1)], session=self._session)
        return int(row[field]) if row else 0

    def insert(self, name: str, documents: Sequence[tuple[str, Filter]]) -> None:
        """Insert all, each bound to its own tenant. Raises Duplicate."""
        rows = [scoped_document(document, tenant_id) for tenant_id, document in documents]
        if len(rows) == 1:
            self._database[name].insert_one(rows[0], session=self._session)
        elif rows:
            with plainly():
                self._database[name].insert_many(rows, session=self._session)

    def bulk(self, name: str, operations: Sequence[Any], why: str) -> Outcome:
        """Many of the driver's own operations (`handles.native`) in one call, whatever tenants they are bound to.

        `why` travels with the command. Raises Duplicate.
        """
        if not operations:
            return Outcome()
        with plainly():
            return outcome(
                self._database[name].bulk_write(operations, comment=CROSSING + why, session=self._session)
            )

    def commit(self) -> None:
        """Commit, repeating it while its outcome is unknown: the server keeps it to one effect."""
        for attempt in range(_COMMIT_ATTEMPTS):
            try:
                self._session.commit_transaction()
                return
            except PyMongoError as error:
                unknown = error.has_error_label("UnknownTransactionCommitResult")
                if not unknown or isinstance(error, ExecutionTimeout) or attempt == _COMMIT_ATTEMPTS - 1:
                    raise
                time.sleep(self._pause(attempt))
