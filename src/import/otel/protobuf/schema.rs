//! The messages of OTLP, as `opentelemetry-proto` 1.x numbers their fields, under the names that OTLP/JSON
//! gives them. It reads nothing.

/// How a field is written in JSON.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sort {
    Text,
    /// An id: hexadecimal in OTLP/JSON.
    Id,
    /// Other bytes: base64.
    Bytes,
    Bool,
    /// A signed number of 64 bits: a text in JSON.
    Long,
    Double,
    /// A number of at most 32 bits, or one of a list of names.
    Small,
    /// A time.
    Fixed64,
    Fixed32,
    Message(&'static Message),
}

/// One field of a message.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) number: u32,
    pub(super) name: &'static str,
    pub(super) sort: Sort,
    pub(super) repeated: bool,
}

/// A message: its fields in the order of their numbers.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) fields: &'static [Field],
    /// Of all its fields only the one that was written last counts.
    pub(super) one_of: bool,
}

const fn one(number: u32, name: &'static str, sort: Sort) -> Field {
    Field { number, name, sort, repeated: false }
}

const fn many(number: u32, name: &'static str, sort: Sort) -> Field {
    Field { number, name, sort, repeated: true }
}

const fn message(fields: &'static [Field]) -> Message {
    Message { fields, one_of: false }
}

static ANY: Message = Message {
    fields: &[
        one(1, "stringValue", Sort::Text),
        one(2, "boolValue", Sort::Bool),
        one(3, "intValue", Sort::Long),
        one(4, "doubleValue", Sort::Double),
        one(5, "arrayValue", Sort::Message(&ARRAY)),
        one(6, "kvlistValue", Sort::Message(&PAIRS)),
        one(7, "bytesValue", Sort::Bytes),
    ],
    one_of: true,
};
static ARRAY: Message = message(&[many(1, "values", Sort::Message(&ANY))]);
static PAIRS: Message = message(&[many(1, "values", Sort::Message(&PAIR))]);
static PAIR: Message = message(&[one(1, "key", Sort::Text), one(2, "value", Sort::Message(&ANY))]);

static ENTITY: Message = message(&[
    one(1, "schemaUrl", Sort::Text),
    one(2, "type", Sort::Text),
    many(3, "idKeys", Sort::Text),
    many(4, "descriptionKeys", Sort::Text),
]);
static RESOURCE: Message = message(&[
    many(1, "attributes", Sort::Message(&PAIR)),
    one(2, "droppedAttributesCount", Sort::Small),
    many(3, "entityRefs", Sort::Message(&ENTITY)),
]);
static SCOPE: Message = message(&[
    one(1, "name", Sort::Text),
    one(2, "version", Sort::Text),
    many(3, "attributes", Sort::Message(&PAIR)),
    one(4, "droppedAttributesCount", Sort::Small),
]);

static EVENT: Message = message(&[
    one(1, "timeUnixNano", Sort::Fixed64),
    one(2, "name", Sort::Text),
    many(3, "attributes", Sort::Message(&PAIR)),
    one(4, "droppedAttributesCount", Sort::Small),
]);
static LINK: Message = message(&[
    one(1, "traceId", Sort::Id),
    one(2, "spanId", Sort::Id),
    one(3, "traceState", Sort::Text),
    many(4, "attributes", Sort::Message(&PAIR)),
    one(5, "droppedAttributesCount", Sort::Small),
    one(6, "flags", Sort::Fixed32),
]);
static STATUS: Message = message(&[one(2, "message", Sort::Text), one(3, "code", Sort::Small)]);

/// A span.
pub(super) static SPAN: Message = message(&[
    one(1, "traceId", Sort::Id),
    one(2, "spanId", Sort::Id),
    one(3, "traceState", Sort::Text),
    one(4, "parentSpanId", Sort::Id),
    one(5, "name", Sort::Text),
    one(6, "kind", Sort::Small),
    one(7, "startTimeUnixNano", Sort::Fixed64),
    one(8, "endTimeUnixNano", Sort::Fixed64),
    many(9, "attributes", Sort::Message(&PAIR)),
    one(10, "droppedAttributesCount", Sort::Small),
    many(11, "events", Sort::Message(&EVENT)),
    one(12, "droppedEventsCount", Sort::Small),
    many(13, "links", Sort::Message(&LINK)),
    one(14, "droppedLinksCount", Sort::Small),
    one(15, "status", Sort::Message(&STATUS)),
    one(16, "flags", Sort::Fixed32),
]);
static SCOPE_SPANS: Message = message(&[
    one(1, "scope", Sort::Message(&SCOPE)),
    many(2, "spans", Sort::Message(&SPAN)),
    one(3, "schemaUrl", Sort::Text),
]);
static RESOURCE_SPANS: Message = message(&[
    one(1, "resource", Sort::Message(&RESOURCE)),
    many(2, "scopeSpans", Sort::Message(&SCOPE_SPANS)),
    one(3, "schemaUrl", Sort::Text),
    // Exporters of before 2022 called scopes so.
    many(1000, "instrumentationLibrarySpans", Sort::Message(&SCOPE_SPANS)),
]);
/// `TracesData`, and `ExportTraceServiceRequest`, which is the same on the wire.
pub(super) static TRACES: Message = message(&[many(1, "resourceSpans", Sort::Message(&RESOURCE_SPANS))]);

/// A log record.
pub(super) static LOG: Message = message(&[
    one(1, "timeUnixNano", Sort::Fixed64),
    one(2, "severityNumber", Sort::Small),
    one(3, "severityText", Sort::Text),
    one(5, "body", Sort::Message(&ANY)),
    many(6, "attributes", Sort::Message(&PAIR)),
    one(7, "droppedAttributesCount", Sort::Small),
    one(8, "flags", Sort::Fixed32),
    one(9, "traceId", Sort::Id),
    one(10, "spanId", Sort::Id),
    one(11, "observedTimeUnixNano", Sort::Fixed64),
    one(12, "eventName", Sort::Text),
]);
static SCOPE_LOGS: Message = message(&[
    one(1, "scope", Sort::Message(&SCOPE)),
    many(2, "logRecords", Sort::Message(&LOG)),
    one(3, "schemaUrl", Sort::Text),
]);
static RESOURCE_LOGS: Message = message(&[
    one(1, "resource", Sort::Message(&RESOURCE)),
    many(2, "scopeLogs", Sort::Message(&SCOPE_LOGS)),
    one(3, "schemaUrl", Sort::Text),
]);
/// `LogsData`, and `ExportLogsServiceRequest`, which is the same on the wire.
pub(super) static LOGS: Message = message(&[many(1, "resourceLogs", Sort::Message(&RESOURCE_LOGS))]);
