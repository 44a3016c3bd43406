"""How logs, observations and answers read to the team, in a few words."""

from datetime import timedelta

from contracts.care_plans import ProposalChanged
from family_portal.views.opened import Entry

RECENT = timedelta(days=14)
"""What staff pages call recent."""
ICON = {"did": "did", "part": "part", "couldnt": "tried", "not_this_week": "notnow"}
_RESULT = {
    "did": "did it",
    "part": "part of it",
    "couldnt": "tried, couldn’t",
    "not_this_week": "not this week",
}
PART = {
    "got_to_it": "got to their own part",
    "partly": "partly got to their own part",
    "did_not": "did not get to their own part",
}
"""What adults at school say of what they had agreed to do."""
_WAY = {
    "too_tired": "too tired", "no_time": "no time", "other_home": "the other home’s days",
    "wrong_moment": "wrong moment", "felt_forced": "felt forced", "did_not_want_to": "did not want to",
    "someone_was_ill": "someone was ill", "not_sure_how": "not sure how", "something_else": "something else",
}  # fmt: skip
"""What got in the way, as the team reads it."""
_FELT = ("hard going", "a bit hard", "okay", "good", "really good")
_ANSWER = {"approve": "said yes to a goal", "ask": "asks about a goal", "no": "says no to a goal"}


def how(entry: Entry) -> str:
    """What somebody noted or answered: did it, really good; pointed; asks about a goal; says what works at school."""
    body = entry.body
    if "strategy" in body:
        return f"says that “{body['strategy']}” {'works' if body['works'] else 'does not work'} at school"
    if entry.type == ProposalChanged.TYPE:
        return "would wish for this goal"
    if "answer" in body:
        return _ANSWER[body["answer"]]
    if "result" in body:
        felt, way = body.get("felt"), _WAY.get(body.get("got_in_the_way") or "", "")
        said = (_RESULT[body["result"]], _FELT[felt] if felt is not None else "")
        return ", ".join(filter(None, said)) + (f" ({way})" if way else "")
    part = PART.get(body.get("my_part", ""), "")
    return ", ".join(said for said in (str(body.get("saw", "")).replace("_", " "), part) if said)
