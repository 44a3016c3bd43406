"""Wishes for goals at rest: whose they are and how they stand is clear, what was said is sealed."""

from collections.abc import Mapping
from typing import Any

from care_plans.proposals import Proposal
from care_plans.store.rows import insert_new
from chassis.errors import NotFound
from chassis.journal import Tx
from chassis.mongo import Doc, TenantCollection
from chassis.seal import KeyName, Keyring
from contracts.care_plans import MOST_OPEN_WISHES, ProposalState
from contracts.classes import DataClass

PROPOSALS = "proposals"


class ProposalStore:
    """The wishes of one tenant."""

    def __init__(self, rows: TenantCollection, keys: Keyring) -> None:
        self._rows = rows
        self._keys = keys

    async def get(self, client_id: str, proposal_id: str) -> Proposal:
        """The wish. Raises NotFound."""
        row = await self._rows.find_one({"_id": self._rows.key(client_id, proposal_id)})
        found = await self._open([row]) if row else []
        if not found:
            raise NotFound
        return found[0]

    async def count_open(self, client_id: str, person_id: str) -> int:
        """How many wishes of this person wait for an answer, counting no further than there is room for. Of a
        client's stream one command is kept at a time, so two at once cannot both find the last place."""
        mine = {"client_id": client_id, "person_id": person_id, "state": ProposalState.OPEN.value}
        return await self._rows.count(mine, limit=MOST_OPEN_WISHES)

    async def page(
        self, client_id: str, where: Mapping[str, Any], *, limit: int, after: str | None
    ) -> tuple[list[Proposal], str | None]:
        """One page of a client's wishes, oldest first, and the next cursor."""
        rows, cursor = await self._rows.page(
            {"client_id": client_id, **where}, sort=[("at", 1)], limit=limit, after=after
        )
        return await self._open(rows), cursor

    async def save(self, tx: Tx, proposal: Proposal) -> None:
        """Store it one version higher and tell its events. Raises Conflict for a taken id."""
        key = self._rows.key(proposal.client_id, proposal.id)
        proposal.doc_version += 1
        row = await self._row(key, proposal)
        if proposal.doc_version == 1:
            await insert_new(self._rows, row)
        else:
            await self._rows.replace_one({"_id": key, "doc_version": proposal.doc_version - 1}, row)
        for event in proposal.events:
            tx.record(event)
        action = "goal_wished" if proposal.state is ProposalState.OPEN else "wish_answered"
        tx.audit(action, proposal.client_id, proposal.data_class, proposal.id)
        proposal.events.clear()

    async def _row(self, key: str, proposal: Proposal) -> Doc:
        tenant_id, client_id = proposal.tenant_id, proposal.client_id
        team = {"client_said": proposal.client_said, "became": proposal.became}
        return {
            "_id": key,
            "client_id": client_id,
            "proposal_id": proposal.id,
            "person_id": proposal.person_id,
            "class": proposal.data_class.value,
            "parties": list(proposal.parties),
            "goal_id": None,
            "state": proposal.state.value,
            "draft_id": proposal.goal_id,
            "line_id": proposal.line_id,
            "at": proposal.at,
            "answered_by": proposal.answered_by,
            "answered_at": proposal.answered_at,
            "doc_version": proposal.doc_version,
            "box": await self._keys.seal(tenant_id, client_id, proposal.data_class, key, proposal.body()),
            "team": await self._keys.seal(tenant_id, client_id, DataClass.PLAN_TEAM, _team(key), team),
        }

    async def _open(self, rows: list[Doc]) -> list[Proposal]:
        boxes = [
            (KeyName(row["tenant_id"], row["client_id"], DataClass(row["class"])), row["_id"], row["box"])
            for row in rows
        ]
        boxes += [
            (KeyName(row["tenant_id"], row["client_id"], DataClass.PLAN_TEAM), _team(row["_id"]), row["team"])
            for row in rows
        ]
        opened = await self._keys.open_many(boxes)
        both = zip(rows, opened[: len(rows)], opened[len(rows) :], strict=True)
        return [_proposal(row, body, team or {}) for row, body, team in both if body is not None]


def _team(key: str) -> str:
    """What the team's box is bound to; it is not the writer's box."""
    return f"{key}|team"


def _proposal(row: Doc, body: Mapping[str, Any], team: Mapping[str, Any]) -> Proposal:
    return Proposal(
        tenant_id=row["tenant_id"],
        client_id=row["client_id"],
        id=row["proposal_id"],
        person_id=row["person_id"],
        data_class=DataClass(row["class"]),
        words=body["words"],
        at=row["at"],
        state=ProposalState(row["state"]),
        answer=body["answer"],
        client_said=team.get("client_said"),
        became=team.get("became"),
        goal_id=row["draft_id"],
        line_id=row.get("line_id"),
        answered_by=row["answered_by"],
        answered_at=row["answered_at"],
        doc_version=row["doc_version"],
    )
