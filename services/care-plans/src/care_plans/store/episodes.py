"""Episodes at rest: how far the work is stands in the clear, everything written about it is sealed."""

from care_plans.episodes import Episode, EpisodeWords
from care_plans.store.rows import insert_new
from chassis.journal import Tx
from chassis.mongo import TenantCollection
from chassis.seal import Keyring
from contracts.care_plans import EpisodeState
from contracts.classes import DataClass

EPISODES = "episodes"


class EpisodeStore:
    """The episodes of one tenant, one for each client."""

    def __init__(self, rows: TenantCollection, keys: Keyring) -> None:
        self._rows = rows
        self._keys = keys

    async def find(self, client_id: str) -> Episode | None:
        """The client's episode; None for who was never referred."""
        key = self._rows.key(client_id)
        row = await self._rows.find_one({"_id": key})
        if row is None:
            return None
        kept = await self._keys.open(row["tenant_id"], client_id, DataClass.PLAN_TEAM, key, row["box"])
        return Episode(
            tenant_id=row["tenant_id"],
            client_id=client_id,
            words=EpisodeWords.model_validate(kept),
            state=EpisodeState(row["state"]),
            since=row["since"],
            begun_at=row["begun_at"],
            doc_version=row["doc_version"],
        )

    async def save(self, tx: Tx, episode: Episode) -> None:
        """Store it one version higher and tell its events. Raises Conflict where there is one already."""
        key = self._rows.key(episode.client_id)
        episode.doc_version += 1
        words = episode.words.model_dump(mode="json")
        row = {
            "_id": key,
            "client_id": episode.client_id,
            "state": episode.state.value,
            "since": episode.since,
            "begun_at": episode.begun_at,
            "doc_version": episode.doc_version,
            "box": await self._keys.seal(
                episode.tenant_id, episode.client_id, DataClass.PLAN_TEAM, key, words
            ),
        }
        if episode.doc_version == 1:
            await insert_new(self._rows, row)
        else:
            await self._rows.replace_one({"_id": key, "doc_version": episode.doc_version - 1}, row)
        for event in episode.events:
            tx.record(event)
        tx.audit("episode_saved", episode.client_id, DataClass.PLAN_TEAM)
        episode.events.clear()
