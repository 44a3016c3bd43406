"""The portal's collections and their indexes; tenant first wherever rows belong to a tenant."""

from chassis.mongo import IndexModel, Mongo
from contracts.care_plans import GoalRated, PlanAnswered, ProposalChanged

_BY_CLIENT = [("tenant_id", 1), ("client_id", 1), ("class", 1)]
_NEWEST = [*_BY_CLIENT, ("happened_at", -1), ("_id", -1)]
_OF_A_GOAL = [("tenant_id", 1), ("client_id", 1), ("goal_id", 1), ("happened_at", -1), ("_id", -1)]
_LEVELS = IndexModel(_OF_A_GOAL, name="levels", partialFilterExpression={"type": GoalRated.TYPE})
"""A chart reads the levels of one goal apart: they are few among everything that was noted of it."""
_ANSWERS = IndexModel(_OF_A_GOAL, name="answers", partialFilterExpression={"type": PlanAnswered.TYPE})
"""And what people said to it, which waits for the team however much was noted since."""
_WISHES = IndexModel(_NEWEST, name="wishes", partialFilterExpression={"type": ProposalChanged.TYPE})
"""And what home and school wish for, which waits for the team as well."""

_LEFT = IndexModel([("left_at", 1)], sparse=True)
"""The few sign-ins that ended here and of which identity is still to be told."""


async def prepare(mongo: Mongo) -> None:
    """Create what is missing."""
    await mongo.ensure("views", [_BY_CLIENT])
    await mongo.ensure("items", [_NEWEST, _OF_A_GOAL, _LEVELS, _ANSWERS, _WISHES])
    await mongo.ensure("signed_notes", [[("tenant_id", 1), ("client_id", 1)]])
    for written in ("task_logs", "observations"):
        await mongo.ensure(written, [_BY_CLIENT])
    ends = IndexModel([("ends_at", 1)], expireAfterSeconds=0)
    await mongo.ensure("web_sessions", [ends, _LEFT], across=True)
    await mongo.ensure("sign_in_flows", [ends], across=True)
