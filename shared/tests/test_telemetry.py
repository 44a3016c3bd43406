"""One trace through several processes: what a span file holds, and how a trace is carried on."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from gzip import decompress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

_FIRST = """
import sys
from pathlib import Path
from chassis import telemetry
from chassis.rows import traceparent
telemetry.set_up("care-plans", Path(sys.argv[1]))
with telemetry.span("write"):
    print(traceparent())
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
"""


_COUNTS = """
from chassis import telemetry
telemetry.set_up("care-plans")
telemetry.EVENTS_APPLIED.add(40)
telemetry.EVENTS_APPLIED.add(2)
telemetry.BATCH_SIZE.record(7)
telemetry.PARKED.add(1, {"producer": "sessions", "reason": "KeyError"})
"""


def _run(program: str, *arguments: str, **variables: str) -> str:
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    command, env = [sys.executable, "-c", program, *arguments], quiet | variables
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def _collector() -> Iterator[tuple[str, dict[str, list[bytes]]]]:
    """A place that takes what OTLP brings: its address, and what came by path."""
    came: dict[str, list[bytes]] = {}

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            zipped = self.headers.get("content-encoding") == "gzip"
            came.setdefault(self.path, []).append(decompress(body) if zipped else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Takes)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _numbers(bodies: list[bytes]) -> dict[str, float]:
    """What each metric stands at, by its name."""
    found: dict[str, float] = {}
    for told in (ExportMetricsServiceRequest.FromString(body) for body in bodies):
        for scope in (scope for resource in told.resource_metrics for scope in resource.scope_metrics):
            for metric in scope.metrics:
                for point in metric.sum.data_points:
                    found[metric.name] = point.as_int
                for spread in metric.histogram.data_points:
                    found[metric.name] = spread.sum
    return found


def test_counters_arrive_where_the_standard_variable_says() -> None:
    with _collector() as (url, came):
        _run(_COUNTS, OTEL_EXPORTER_OTLP_ENDPOINT=url)
    assert _numbers(came["/v1/metrics"]) == {
        "kith.events.applied": 42,
        "kith.consumer.batch": 7,
        "kith.streams.parked": 1,
    }
    told = ExportMetricsServiceRequest.FromString(came["/v1/metrics"][-1])
    names = {a.key: a.value.string_value for a in told.resource_metrics[0].resource.attributes}
    assert names["service.name"] == "care-plans"


def test_counters_can_be_read_in_the_log_of_their_process() -> None:
    said = [json.loads(line) for line in _run(_COUNTS, OTEL_METRICS_EXPORTER="console").splitlines()]
    metrics = said[-1]["resource_metrics"][0]["scope_metrics"][0]["metrics"]
    assert {m["name"]: m["data"]["data_points"][0].get("value") for m in metrics}["kith.events.applied"] == 42


def test_where_nobody_asked_for_them_nothing_is_counted_and_nothing_loaded() -> None:
    program = (
        _COUNTS
        + """
import sys
from opentelemetry import metrics
print(type(metrics.get_meter_provider()).__name__, "opentelemetry.sdk.metrics.export" in sys.modules)
"""
    )
    assert _run(program) == "_ProxyMeterProvider False"
    assert _run(_COUNTS, OTEL_METRICS_EXPORTER="none", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9") == ""


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
from chassis.rows import traceparent
with telemetry.span("x") as span:
    print(span.is_recording(), traceparent())
"""
    assert _run(program) == "False None"
