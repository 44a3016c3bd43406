"""Every write about something that somebody may not know of answers, byte for byte, as if it had never been."""

import json
from dataclasses import replace

import httpx
import pytest

from kith_local.every_write import WRITES, Write, enlarge
from kith_local.small_family import SmallFamily, settle
from kith_local.testing import Product

pytestmark = pytest.mark.stack

PRIVATE = {
    "goal_id": "g_hidden",
    "task_id": "t_hidden",
    "log_id": "lg_hidden",
    "note_id": "n_progress",
    "line_id": "ab_waits",
}
"""What the teenager and the team alone know of."""
BEGUN = {"goal_id": "g_draft", "task_id": "t_draft"}
"""What those alone know of who write the plan."""
KNOWN = (("ps_parent", PRIVATE), ("ps_aunt", PRIVATE), ("ps_teacher", PRIVATE), ("ps_other", PRIVATE),
         ("ps_admin", PRIVATE), ("ps_parent", BEGUN), ("ps_teacher", BEGUN), ("ps_teen", BEGUN),
         ("ps_super", BEGUN))  # fmt: skip
VERSIONS: tuple[dict[str, str], ...] = ({}, {"If-Match": '"1"'}, {"If-Match": '"99"'})
NEVER = "_never"


@pytest.fixture(scope="module")
def family(product: Product) -> SmallFamily:
    """A house with practice on a draft, and a therapist who works with somebody else."""
    settled = enlarge(settle(product.url, product.home))
    settled.add_task("t_draft", "g_draft")
    settled.house.person("ps_other", {"role": "therapist"})
    return settled


def _answer(
    family: SmallFamily, write: Write, who: str, ids: dict[str, str], version: dict[str, str]
) -> tuple[int, dict[str, str], str]:
    """What somebody is answered who writes about these, with their ids in what is sent as well."""
    body = json.dumps(write.sent(family)).replace("g_one", ids["goal_id"]) if write.body is not None else ""
    headers = {"Content-Type": "application/json", **version}
    about = replace(write, ids={**write.ids, **ids}).path(family)
    answer = family.program(who).ask(write.service, write.method, about, content=body, headers=headers)
    return answer.status_code, _lasting(answer), answer.text.replace(NEVER, "")


def _lasting(answer: httpx.Response) -> dict[str, str]:
    """The headers, but for those of the moment and the length of an id that is repeated."""
    return {name: said for name, said in answer.headers.items() if name not in ("date", "content-length")}


@pytest.mark.parametrize(("who", "hidden"), KNOWN, ids=[f"{who}-{ids['goal_id']}" for who, ids in KNOWN])
def test_a_write_about_what_is_hidden_is_one_about_what_never_was(
    family: SmallFamily, who: str, hidden: dict[str, str]
) -> None:
    never = {name: f"{each}{NEVER}" for name, each in hidden.items()}
    writes = [write for write in WRITES if any(f"{{{name}}}" in write.route for name in hidden)]
    assert len(writes) >= 20
    for write in writes:
        for version in VERSIONS:
            there, nowhere = (_answer(family, write, who, ids, version) for ids in (hidden, never))
            assert there == nowhere, (write.name, version)
            assert not 200 <= there[0] < 300, (write.name, there)
