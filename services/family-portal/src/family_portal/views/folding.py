"""A change of the views as one database operation; repeated in order it always gives the same documents."""

from chassis.handles import Change, Operation
from family_portal.views.parts import WORDS, ViewChange


def operation(change: ViewChange) -> Operation:
    """What to send to the database for one change."""
    if change.collection == "items":
        return _item(change)
    if change.part is None:
        return Change({"_id": change.key}, {"$set": {**change.owner, "seq": change.seq}}, upsert=True)
    return _part(change, f"parts.{change.part}")


def _part(change: ViewChange, place: str) -> Operation:
    if change.entry is None:
        there = {"_id": change.key, f"{place}.box": {"$exists": True}}
        left = {f"{place}.{name}": "" for name in WORDS}
        stays = {"seq": change.seq, f"{place}.gone": True, f"{place}.over": change.over}
        return Change(there, {"$set": stays, "$unset": left})
    was = {"was": {"$ifNull": [f"${place}.parties", []]}}
    entry = {"$mergeObjects": [{"$literal": change.entry}, was]}
    return Change(
        {"_id": change.key}, [{"$set": {**change.owner, "seq": change.seq, place: entry}}], upsert=True
    )


def _item(change: ViewChange) -> Operation:
    if change.entry is None:
        there = {"_id": change.key, "box": {"$exists": True}}
        return Change(there, {"$set": {"seq": change.seq, "gone": True}, "$unset": dict.fromkeys(WORDS, "")})
    stored = {**change.owner, "seq": change.seq, **change.entry}
    return Change({"_id": change.key}, {"$set": stored, "$unset": {"gone": ""}}, upsert=True)
