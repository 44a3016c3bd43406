"""One trace id runs through the services that a single click touches, over HTTP and over Kafka."""

import json
import secrets
from pathlib import Path

import pytest

from kith_local.acting import Cast, until
from kith_local.testing import Product

pytestmark = pytest.mark.stack


def _services_by_trace(folder: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for file in folder.glob("*.jsonl"):
        service = file.stem.removesuffix("-api").removesuffix("-worker")
        for line in file.read_text(errors="replace").splitlines():
            try:
                span = json.loads(line)
            except ValueError:
                continue  # the last line of a file that is being written
            found.setdefault(str(span["trace_id"]), set()).add(service)
    return found


def test_one_trace_runs_from_the_page_over_the_plan_to_the_message(cast: Cast, product: Product) -> None:
    known = set(_services_by_trace(product.home / "traces"))
    mateus = cast.browser("ps_mateus")
    mateus.open("/staff/clients/kofi/plan/tasks/edit?goal=g_kofi_break")
    title = f"Cards on the shelf ({secrets.token_hex(3)})"
    task: dict[str, str | list[str]] = {
        "setting": "home", "households": ["hh_efua"], "title": title, "why": "So that they lie at hand.",
        "steps": "Look.\nChoose.\nPut it back.", "times": "1", "per": "week",
    }  # fmt: skip
    mateus.fill("/plan/tasks/edit", task)
    assert title in mateus.text, mateus.text

    def spread() -> list[set[str]]:
        traces = _services_by_trace(product.home / "traces")
        wanted = {"family-portal", "care-plans", "notifications"}
        return [services for trace, services in traces.items() if trace not in known and wanted <= services]

    until(spread, "one trace in three services")
    program = cast.program("ps_mateus")
    tasks = program.get("care-plans", "/tenants/tn_lantern/clients/cl_kofi/tasks?limit=200")["items"]
    made = next(t for t in tasks if t["text"]["title"] == title)
    where = f"/tenants/tn_lantern/clients/cl_kofi/tasks/{made['id']}/end"
    program.post("care-plans", where, {}, version=made["doc_version"])


def test_no_span_holds_an_id_of_a_person_or_a_word(product: Product) -> None:
    for file in (product.home / "traces").glob("*.jsonl"):
        text = file.read_text(errors="replace")
        for told in ("Kofi", "Efua", "cl_kofi", "ps_efua", "quiet corner"):
            assert told not in text, (file.name, told)
