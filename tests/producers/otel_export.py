"""Exports one agent's spans and one log record with OpenTelemetry's own SDK: otel_export.py URL, with the header that
OTEL_EXPORTER_OTLP_HEADERS names. Whatever an exporter reports as failed ends it with 1. It judges nothing else."""

import sys

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import LogRecordExportResult, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

url = sys.argv[1]
failed = []


class Spans(OTLPSpanExporter):
    def export(self, spans):
        result = super().export(spans)
        if result is not SpanExportResult.SUCCESS:
            failed.append("spans")
        return result


class Logs(OTLPLogExporter):
    def export(self, batch):
        result = super().export(batch)
        if result is not LogRecordExportResult.SUCCESS:
            failed.append("logs")
        return result


for compression in [Compression.Gzip, Compression.NoCompression]:
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Spans(f"{url}/v1/traces", compression=compression)))
    tracer = provider.get_tracer("desk", "1.0")
    with tracer.start_as_current_span("invoke_agent helper") as agent:
        agent.set_attributes({"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper"})
        with tracer.start_as_current_span("execute_tool order_status") as tool:
            tool.set_attributes({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "order_status",
                                 "gen_ai.tool.call.id": "call-1"})
    provider.shutdown()
loggers = LoggerProvider()
loggers.add_log_record_processor(SimpleLogRecordProcessor(Logs(f"{url}/v1/logs")))
loggers.get_logger("desk").emit(LogRecord(
    timestamp=1_770_131_990_500_000_000, severity_number=SeverityNumber.INFO, event_name="gen_ai.evaluation.result",
    attributes={"gen_ai.evaluation.name": "grounded", "gen_ai.evaluation.score.label": "fail"}))
loggers.shutdown()
sys.exit(1 if failed else 0)
