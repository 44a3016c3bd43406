"""One trace through several processes: what a span file holds, and how a trace is carried on."""

import json
import subprocess
import sys
from pathlib import Path

_FIRST = """
import sys
from pathlib import Path
from chassis import telemetry
telemetry.set_up("care-plans", Path(sys.argv[1]))
with telemetry.span("write"):
    print(telemetry.traceparent())
telemetry.flush()
"""
_SECOND = """
import sys
from pathlib import Path
from opentelemetry.trace import SpanKind
from chassis import telemetry
telemetry.set_up("family-portal", Path(sys.argv[1]))
with telemetry.span("consume", parent=sys.argv[2], kind=SpanKind.CONSUMER, seq=3):
    with telemetry.span("store"):
        pass
telemetry.flush()
"""


def _run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_a_trace_goes_on_in_another_process(tmp_path: Path) -> None:
    file = tmp_path / "traces" / "spans.jsonl"
    carried = _run(_FIRST, str(file))
    _run(_SECOND, str(file), carried)
    spans = {span["name"]: span for span in map(json.loads, file.read_text().splitlines())}
    assert {span["trace_id"] for span in spans.values()} == {carried.split("-")[1]}
    assert spans["consume"]["parent_id"] == spans["write"]["span_id"]
    assert spans["store"]["parent_id"] == spans["consume"]["span_id"]
    assert (spans["write"]["service"], spans["consume"]["service"]) == ("care-plans", "family-portal")
    assert spans["consume"]["attributes"] == {"seq": 3}


def test_without_a_place_for_spans_nothing_is_traced() -> None:
    program = """
from chassis import telemetry
with telemetry.span("x") as span:
    print(span.is_recording(), telemetry.traceparent())
"""
    assert _run(program) == "False None"
