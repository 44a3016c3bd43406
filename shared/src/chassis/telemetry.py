"""Traces and metrics of one process: where spans go, how a trace crosses Kafka, and every metric's name."""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import INVALID_SPAN, Link, Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("chassis")
"""Made once: to ask for one costs as much as the span."""
_meter = metrics.get_meter("chassis")

EVENTS_APPLIED = _meter.create_counter(
    "kith.events.applied", description="Events whose effects are committed"
)
EVENTS_DUPLICATE = _meter.create_counter(
    "kith.events.duplicate", description="Events dropped as already applied"
)
EVENTS_SKIPPED = _meter.create_counter("kith.events.skipped", description="Events of a type unknown here")
EVENTS_HELD = _meter.create_counter(
    "kith.events.held", description="Events left to the journal of a parked stream"
)
GAPS = _meter.create_counter("kith.streams.gaps", description="Streams whose missing rows were fetched again")
PARKED = _meter.create_counter("kith.streams.parked", description="Streams parked")
OUTAGES = _meter.create_counter(
    "kith.consumer.outages", description="Batches that waited for a part to come back"
)
PUBLISHED = _meter.create_counter(
    "kith.relay.published", description="Journal rows the broker has acknowledged"
)
VIOLATIONS = _meter.create_counter(
    "kith.tenancy.violations", description="Database commands that named no tenant"
)
BATCH_SIZE = _meter.create_histogram("kith.consumer.batch", description="Events in one transaction")


class JsonLines(SpanExporter):
    """Appends each finished span as one line of JSON; ids, names, times and route templates only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write the spans; a disk that refuses is a failed export, never an error of the work itself."""
        lines = "".join(json.dumps(_line(span)) + "\n" for span in spans)
        try:
            with self._lock, self._path.open("a", encoding="utf-8") as out:
                out.write(lines)
        except OSError:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS


def _line(span: ReadableSpan) -> dict[str, Any]:
    context = span.get_span_context()
    return {
        "trace_id": f"{context.trace_id:032x}" if context else None,
        "span_id": f"{context.span_id:016x}" if context else None,
        "parent_id": f"{span.parent.span_id:016x}" if span.parent else None,
        "service": span.resource.attributes.get("service.name"),
        "name": span.name,
        "kind": span.kind.name.lower(),
        "start": _time(span.start_time),
        "end": _time(span.end_time),
        "status": span.status.status_code.name.lower(),
        "attributes": dict(span.attributes or {}),
    }


def _time(nanoseconds: int | None) -> str | None:
    return None if nanoseconds is None else datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat()


def set_up(service: str, trace_file: Path | None = None) -> None:
    """Send this process's spans to a file, and with its metrics to the OTLP endpoint of the environment; once."""
    otlp = "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ
    _set_up_metrics(service, os.environ.get("OTEL_METRICS_EXPORTER") or ("otlp" if otlp else "none"))
    if (trace_file is None and not otlp) or isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    if trace_file is not None:
        provider.add_span_processor(BatchSpanProcessor(JsonLines(trace_file), schedule_delay_millis=500))
    if otlp:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def _set_up_metrics(service: str, exporter: str) -> None:
    """Without an exporter the counters above stay what they are at first: names that count nothing."""
    if exporter not in _EXPORTERS:
        return
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    if not isinstance(metrics.get_meter_provider(), MeterProvider):
        reader = PeriodicExportingMetricReader(_EXPORTERS[exporter]())
        metrics.set_meter_provider(MeterProvider([reader], Resource.create({"service.name": service})))


def _to_collector() -> Any:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

    return OTLPMetricExporter()


def _to_log() -> Any:
    from opentelemetry.sdk.metrics.export import ConsoleMetricExporter

    return ConsoleMetricExporter(formatter=lambda told: told.to_json(indent=None) + "\n")


_EXPORTERS = {"otlp": _to_collector, "console": _to_log}
"""By what OTEL_METRICS_EXPORTER calls them: to the OTLP endpoint, and to this process's own log."""


def remote(traceparent: str | None) -> Context | None:
    """The context another process named, None when it named none."""
    return _propagator.extract({"traceparent": traceparent}) if traceparent else None


@contextmanager
def span(
    name: str,
    *,
    parent: str | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
    links: Sequence[Link] = (),
    **attributes: str | int | bool,
) -> Iterator[Span]:
    """Time a piece of work. `parent` is a traceparent from elsewhere; names hold no words and no ids."""
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        yield INVALID_SPAN
        return
    with _tracer.start_as_current_span(
        name, context=remote(parent), kind=kind, links=links, attributes=attributes, record_exception=False
    ) as running:
        yield running
