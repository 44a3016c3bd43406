"""The page "about me" at rest: how each line stands is clear, what it says and how somebody was asked is sealed."""

from collections.abc import Mapping
from typing import Any

from care_plans.about_me import Asked, Line, Page
from care_plans.store.rows import insert_new
from chassis.errors import NotFound
from chassis.journal import Tx
from chassis.mongo import Doc, TenantCollection
from chassis.seal import KeyName, Keyring
from contracts.about_me import Heading, LineState
from contracts.classes import DataClass

ABOUT_LINES = "about_lines"
ABOUT_PAGES = "about_pages"
_CLASS = DataClass.ABOUT_ME


class AboutStore:
    """The pages of one tenant."""

    def __init__(self, rows: TenantCollection, pages: TenantCollection, keys: Keyring) -> None:
        self._rows = rows
        self._pages = pages
        self._keys = keys

    async def page(self, client_id: str) -> Page:
        """How much stands on a client's page; an unwritten one is empty."""
        row = await self._pages.find_one({"_id": self._pages.key(client_id)})
        return Page(client_id, row["lines"], row["waiting"]) if row else Page(client_id)

    async def get(self, client_id: str, line_id: str) -> Line:
        """One line. Raises NotFound."""
        row = await self._rows.find_one({"_id": self._rows.key(client_id, line_id)})
        found = await self._open([row]) if row else []
        if not found:
            raise NotFound
        return found[0]

    async def list_for_client(
        self, client_id: str, where: Mapping[str, Any], *, limit: int, after: str | None
    ) -> tuple[list[Line], str | None]:
        """Some of a client's lines, the first written first, and the next cursor."""
        rows, cursor = await self._rows.page(
            {"client_id": client_id, **where}, sort=[("begun_at", 1)], limit=limit, after=after
        )
        return await self._open(rows), cursor

    async def save(self, tx: Tx, page: Page, line: Line, before: LineState | None) -> None:
        """Keep a line with the page it stands on, and tell its events; nothing where nothing was told.

        `before`: how it stood, None for a new one. Raises Conflict for a taken id.
        """
        if not line.events:
            return
        page.count(before, line.state)
        row = await self._row(line)
        if before is None:
            await insert_new(self._rows, row)
        else:
            await self._rows.replace_one({"_id": row["_id"]}, row)
        key = self._pages.key(line.client_id)
        counts = {"client_id": line.client_id, "lines": page.lines, "waiting": page.waiting}
        await self._pages.replace_one({"_id": key}, {"_id": key, **counts}, upsert=True)
        for event in line.events:
            tx.record(event)
        tx.audit("about_line_saved", line.client_id, _CLASS, line.id)
        line.events.clear()

    async def _row(self, line: Line) -> Doc:
        tenant_id, client_id, key = line.tenant_id, line.client_id, self._rows.key(line.client_id, line.id)
        asked = line.asked.model_dump() if line.asked else {}
        return {
            "_id": key,
            "client_id": client_id,
            "line_id": line.id,
            "class": _CLASS.value,
            "parties": list(line.parties),
            "goal_id": None,
            "state": line.state.value,
            "begun_at": line.begun_at,
            "written_at": line.written_at,
            "author": line.author,
            "approved_by": line.approved_by,
            "approved_at": line.approved_at,
            "called": line.called,
            "version": line.version,
            "box": await self._keys.seal(tenant_id, client_id, _CLASS, key, line.body()),
            "team": await self._keys.seal(tenant_id, client_id, DataClass.PLAN_TEAM, _team(key), asked),
        }

    async def _open(self, rows: list[Doc]) -> list[Line]:
        boxes = [
            (KeyName(row["tenant_id"], row["client_id"], _CLASS), row["_id"], row["box"]) for row in rows
        ]
        boxes += [
            (KeyName(row["tenant_id"], row["client_id"], DataClass.PLAN_TEAM), _team(row["_id"]), row["team"])
            for row in rows
        ]
        opened = await self._keys.open_many(boxes)
        both = zip(rows, opened[: len(rows)], opened[len(rows) :], strict=True)
        return [_line(row, body, asked or {}) for row, body, asked in both if body is not None]


def _team(key: str) -> str:
    """What the team's box is bound to; it is not the readers' box."""
    return f"{key}|team"


def _line(row: Doc, body: Mapping[str, Any], asked: Mapping[str, Any]) -> Line:
    return Line(
        tenant_id=row["tenant_id"],
        client_id=row["client_id"],
        id=row["line_id"],
        begun_at=row["begun_at"],
        heading=Heading(body["heading"]),
        words=body["words"],
        author=row["author"],
        written_at=row["written_at"],
        state=LineState(row["state"]),
        asked=Asked.model_validate(asked) if asked else None,
        approved_by=row["approved_by"],
        approved_at=row["approved_at"],
        called=row["called"],
        version=row["version"],
        parties=tuple(row["parties"]),
    )
