"""Sends one agent's traces and logs with OpenTelemetry's own SDK to a receiver on the loopback, and keeps
what arrived: FOLDER/traces.pb, traces.pb.gz (as sent with gzip), logs.pb, and traces.json, which
OpenTelemetry's protobuf classes make of the same message. It judges nothing."""

import base64
import gzip
import http.server
import json
import pathlib
import sys
import threading

from google.protobuf import json_format
from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode

folder = pathlib.Path(sys.argv[1])
received = []


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received.append((self.path, self.headers.get("Content-Encoding"), body))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
resource = Resource.create({"service.name": "refund-desk", "service.version": "3.2.0"})


def run(compression):
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{url}/v1/traces", compression=compression)))
    tracer = provider.get_tracer("desk", "1.0")
    with tracer.start_as_current_span("invoke_agent helper") as agent:
        agent.set_attributes({"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper",
                              "gen_ai.conversation.id": "conv-9"})
        with tracer.start_as_current_span("chat gpt-4o") as chat:
            chat.set_attributes({
                "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
                "gen_ai.usage.input_tokens": 41, "gen_ai.request.temperature": 0.25,
                "gen_ai.response.finish_reasons": ["tool_call"],
                "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": "Where is 4711?"}]}]),
                "gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": [
                    {"type": "tool_call", "id": "call-1", "name": "order_status", "arguments": {"order": "4711"}}]}]),
            })
        with tracer.start_as_current_span("execute_tool order_status") as tool:
            tool.set_attributes({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "order_status",
                                 "gen_ai.tool.call.id": "call-1", "gen_ai.tool.call.arguments": "{\"order\": \"4711\"}"})
            tool.add_event("exception", {"exception.type": "Timeout", "exception.message": "no answer – after 5 s"})
            tool.set_status(Status(StatusCode.ERROR, "no answer"))
        context = trace.set_span_in_context(agent)
    provider.shutdown()
    return context


run(Compression.Gzip)
context = run(Compression.NoCompression)
loggers = LoggerProvider(resource=resource)
loggers.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(f"{url}/v1/logs")))
loggers.get_logger("desk").emit(LogRecord(
    timestamp=1_770_131_990_500_000_000, context=context, severity_number=SeverityNumber.INFO,
    event_name="gen_ai.evaluation.result",
    attributes={"gen_ai.evaluation.name": "grounded", "gen_ai.evaluation.score.value": 0.25,
                "gen_ai.evaluation.score.label": "fail"}))
loggers.shutdown()
server.shutdown()

plain = next(body for path, encoding, body in received if path == "/v1/traces" and encoding is None)
(folder / "traces.pb").write_bytes(plain)
(folder / "traces.pb.gz").write_bytes(next(body for path, encoding, body in received if encoding == "gzip"))
(folder / "logs.pb").write_bytes(next(body for path, encoding, body in received if path == "/v1/logs"))
assert gzip.decompress((folder / "traces.pb.gz").read_bytes())


def hexadecimal(value):
    """OTLP/JSON writes ids in hexadecimal where protobuf's JSON has base64."""
    if isinstance(value, dict):
        ids = ("traceId", "spanId", "parentSpanId")
        return {key: base64.b64decode(inner).hex() if key in ids else hexadecimal(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [hexadecimal(inner) for inner in value]
    return value


message = json_format.MessageToDict(ExportTraceServiceRequest.FromString(plain), use_integers_for_enums=True)
(folder / "traces.json").write_text(json.dumps(hexadecimal(message)))
