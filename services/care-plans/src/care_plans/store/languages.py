"""The languages of an organisation, from identity's facts."""

from chassis.follower import PEOPLE
from chassis.mongo import Mongo

ORIGINAL = "en"
"""The language in which the team writes."""


async def other_languages(mongo: Mongo, tenant_id: str) -> list[str]:
    """Those besides the original that the organisation's words may be read in; none where it named none."""
    row = await mongo.tenant(PEOPLE, tenant_id).find_one(
        {"_id": f"client:{tenant_id}:{tenant_id}"}, projection={"languages": 1}
    )
    return [each for each in (row or {}).get("languages") or () if each != ORIGINAL]
