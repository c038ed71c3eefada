//! Spans and logs out of every shape they are kept in: OTLP documents, exports of the kits, single
//! spans, attributes alone. Their attributes are kept as they are and mean nothing here.

use super::events::{events, log_body, status};
use super::ids;
use super::value::{Flat, attributes, object, text_digest};
use serde_json::{Map, Value};
use std::rc::Rc;

/// A span, or a log that tells of one.
#[derive(Debug, Clone, Default)]
pub(super) struct Span {
    /// Offset of the unit it stands in.
    pub(super) at: u32,
    pub(super) path: String,
    pub(super) trace: String,
    pub(super) id: String,
    pub(super) parent: Option<String>,
    pub(super) name: String,
    pub(super) start: Option<i128>,
    pub(super) end: Option<i128>,
    pub(super) flat: Flat,
    /// One for all spans of it.
    pub(super) resource: Rc<Flat>,
    /// What went wrong, when its status says that something did.
    pub(super) failed: Option<String>,
    /// Evaluations told of it by events.
    pub(super) evaluations: Vec<(Flat, Option<i128>)>,
    /// A log and no span: what it says belongs to a span that another record describes.
    pub(super) log: bool,
    pub(super) doubts: Vec<String>,
}

/// What a unit holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) spans: Vec<Span>,
    pub(super) faults: Vec<String>,
    pub(super) doubts: Vec<String>,
}

struct Reader<'t> {
    text: &'t str,
    at: u32,
    found: Found,
}

/// Reads one unit.
pub(super) fn read(value: &Value, text: &str, at: u32) -> Found {
    let mut reader = Reader { text, at, found: Found::default() };
    if let Err(fault) = reader.any(value, "", 0) {
        reader.found.faults.push(fault);
    }
    reader.found
}

const NOTHING: &str = "no span and no log: expected resourceSpans, resourceLogs, spans, spanContext or context";

/// The first of some names that a map has, unless it is null there.
pub(super) fn either<'v>(map: &'v Map<String, Value>, names: &[&str]) -> Option<&'v Value> {
    names.iter().find_map(|name| map.get(*name)).filter(|value| !value.is_null())
}

/// What the lists of some names hold, each with where it stands.
pub(super) fn list<'v>(map: &'v Map<String, Value>, names: &[&str]) -> Vec<(&'v Value, String)> {
    names
        .iter()
        .filter_map(|name| map.get(*name).and_then(Value::as_array).map(|list| (name, list)))
        .flat_map(|(name, list)| list.iter().enumerate().map(move |(index, item)| (item, format!("/{name}/{index}"))))
        .collect()
}

impl Reader<'_> {
    fn any(&mut self, value: &Value, path: &str, depth: usize) -> Result<(), String> {
        if depth > 3 {
            return Err(format!("{path}: wrapped too deep"));
        }
        if let Some(items) = value.as_array() {
            for (index, item) in items.iter().enumerate() {
                let read = self.any(item, &format!("{path}/{index}"), depth + 1);
                self.hear(read);
            }
            return Ok(());
        }
        let map = object(value, if path.is_empty() { "/" } else { path })?;
        self.translated(map);
        let batches = list(map, &["resourceSpans", "resource_spans", "batches", "resourceLogs", "resource_logs"]);
        let logs = either(map, &["resourceLogs", "resource_logs"]).is_some();
        let metrics = either(map, &["resourceMetrics", "resource_metrics"]).is_some();
        if metrics {
            self.found.doubts.push(format!(
                "{path}/resourceMetrics: measurements tell of no action; they are kept in the record only"
            ));
        }
        if !batches.is_empty()
            || logs
            || metrics
            || either(map, &["resourceSpans", "resource_spans", "batches"]).is_some()
        {
            for (batch, below) in batches {
                self.batch(batch, &format!("{path}{below}"));
            }
            return Ok(());
        }
        if let Some(trace) = either(map, &["trace", "data"]).filter(|it| it.is_object() || it.is_array()) {
            return self.any(trace, &format!("{path}/trace"), depth + 1);
        }
        if either(map, &["scopeSpans", "scopeLogs", "instrumentationLibrarySpans", "scope_spans", "scope_logs"])
            .is_some()
        {
            self.batch(value, path);
            return Ok(());
        }
        let spans = list(map, &["spans"]);
        if !spans.is_empty() || map.contains_key("spans") {
            for (span, below) in spans {
                let read = self.kit_span(span, &format!("{path}{below}"));
                self.hear(read);
            }
            return Ok(());
        }
        if either(map, &["spanContext", "context", "traceId", "trace_id"]).is_some() {
            return self.kit_span(value, path);
        }
        if map.keys().any(|key| is_attribute(key)) {
            self.fragment(value);
            return Ok(());
        }
        Err(format!("{}: {NOTHING}", if path.is_empty() { "/" } else { path }))
    }

    /// What writing it out of protobuf could not say.
    fn translated(&mut self, map: &Map<String, Value>) {
        let Some(translated) = map.get("translated").and_then(Value::as_object) else { return };
        let count = |key: &str| translated.get(key).and_then(Value::as_u64).filter(|count| *count > 0);
        if let Some(count) = count("unknownFields") {
            self.found.doubts.push(format!("/: {count} fields of the protobuf have no name in this version; they are kept in the record under unknownFields, bytes that are no text by their length only"));
        }
        if let Some(count) = count("notUtf8") {
            self.found.doubts.push(format!(
                "/: {count} texts of the protobuf are not UTF-8; what was no character is kept as U+FFFD"
            ));
        }
    }

    fn hear(&mut self, read: Result<(), String>) {
        if let Err(fault) = read {
            self.found.faults.push(fault);
        }
    }

    /// One resource with its scopes.
    fn batch(&mut self, batch: &Value, path: &str) {
        let Ok(map) = object(batch, path).map_err(|fault| self.found.faults.push(fault)) else { return };
        let resource = Rc::new(attributes(either(map, &["resource"]).and_then(|resource| resource.get("attributes"))));
        let scopes = list(
            map,
            &[
                "scopeSpans",
                "scope_spans",
                "instrumentationLibrarySpans",
                "scopeLogs",
                "scope_logs",
                "instrumentationLibraryLogs",
            ],
        );
        for (scope, below) in scopes {
            let path = format!("{path}{below}");
            let Ok(scope) = object(scope, &path).map_err(|fault| self.found.faults.push(fault)) else { continue };
            for (span, below) in list(scope, &["spans"]) {
                let read = self.span(span, &format!("{path}{below}"), &resource, false);
                self.hear(read);
            }
            for (log, below) in list(scope, &["logRecords", "log_records", "logs"]) {
                let read = self.span(log, &format!("{path}{below}"), &resource, true);
                self.hear(read);
            }
        }
    }

    /// A span of a kit's own export, whose resource is its own.
    fn kit_span(&mut self, value: &Value, path: &str) -> Result<(), String> {
        let map = object(value, path)?;
        let resource = Rc::new(attributes(either(map, &["resource"]).map(|it| it.get("attributes").unwrap_or(it))));
        if map.contains_key("spanContext")
            && !["parentSpanId", "parentSpanContext", "parentId"].iter().any(|key| map.contains_key(*key))
        {
            self.found.doubts.push(format!(
                "{path}/spanContext: no parent is written: whether it stands below another span is not known"
            ));
        }
        self.span(value, path, &resource, false)
    }

    fn id(
        &self,
        value: Option<&Value>,
        digits: usize,
        (path, key): (&str, &str),
        doubts: &mut Vec<String>,
    ) -> Result<String, String> {
        let value = value.ok_or_else(|| format!("{path}/{key}: is required"))?;
        let quoted = |digits: &str| self.text.contains(&format!("\"{digits}\""));
        let read =
            ids::id(value, digits, quoted).map_err(|why| format!("{path}/{key}: {why}; this span is refused"))?;
        doubts.extend(read.doubt.map(|doubt| format!("{path}/{key}: {doubt}")));
        Ok(read.hex)
    }

    fn span(&mut self, value: &Value, path: &str, resource: &Rc<Flat>, log: bool) -> Result<(), String> {
        let map = object(value, path)?;
        let context = either(map, &["context", "spanContext"]).and_then(Value::as_object).unwrap_or(map);
        let mut span = Span {
            at: self.at,
            path: path.to_owned(),
            resource: resource.clone(),
            log,
            flat: attributes(either(map, &["attributes"])),
            ..Span::default()
        };
        let trace = either(context, &["traceId", "trace_id"]);
        let own = either(context, &["spanId", "span_id"]);
        if log {
            log_body(map, &mut span.flat);
            if !span.flat.keys().any(|key| is_attribute(key)) {
                self.found.doubts.push(format!("{path}: a log that tells of no agent; it is kept in the record only"));
                return Ok(());
            }
        }
        let unset = |it: Option<&Value>| it.is_none_or(|it| it.as_str().is_some_and(str::is_empty));
        if log && (unset(trace) || unset(own)) {
            let digest = text_digest(&value.to_string());
            span.trace = digest.get(7..39).unwrap_or_default().to_owned();
            span.id = digest.get(39..55).unwrap_or_default().to_owned();
            span.doubts.push(format!("{path}: a log without a span: it stands alone, under an id from its content"));
        } else {
            let mut doubts = Vec::new();
            span.trace = self.id(trace, 32, (path, "traceId"), &mut doubts)?;
            span.id = self.id(own, 16, (path, "spanId"), &mut doubts)?;
            span.parent = self.parent(map, path, &mut doubts);
            span.doubts = doubts;
        }
        span.name =
            either(map, &["name", "eventName", "event_name"]).and_then(Value::as_str).unwrap_or_default().to_owned();
        span.start = self.when(
            map,
            &[
                "startTimeUnixNano",
                "start_time_unix_nano",
                "startTime",
                "start_time",
                "timeUnixNano",
                "time_unix_nano",
                "timestamp",
                "observedTimeUnixNano",
                "observed_time_unix_nano",
            ],
            path,
            &mut span.doubts,
        );
        span.end =
            self.when(map, &["endTimeUnixNano", "end_time_unix_nano", "endTime", "end_time"], path, &mut span.doubts);
        if let (Some(start), Some(end)) = (span.start, span.end)
            && end < start
        {
            span.doubts.push(format!("{path}: ends before it starts; its end is not used"));
            span.end = None;
        }
        status(map, &mut span);
        events(map, &mut span);
        self.found.spans.push(span);
        Ok(())
    }

    fn parent(&self, map: &Map<String, Value>, path: &str, doubts: &mut Vec<String>) -> Option<String> {
        let written = either(map, &["parentSpanId", "parent_span_id", "parent_id", "parentId"]);
        let written = written.or_else(|| {
            either(map, &["parent", "parentSpanContext"]).and_then(|parent| match parent {
                Value::Object(parent) => either(parent, &["span_id", "spanId"]),
                other => Some(other),
            })
        })?;
        let none = |text: &str| text.bytes().all(|byte| byte == b'0') || text == "null";
        if written.as_str().is_some_and(none) || written.as_u64() == Some(0) {
            return None;
        }
        match self.id(Some(written), 16, (path, "parentSpanId"), doubts) {
            Ok(id) => Some(id),
            Err(fault) => {
                doubts.push(fault.replace("this span is refused", "its parent is not known"));
                None
            }
        }
    }

    fn when(&self, map: &Map<String, Value>, names: &[&str], path: &str, doubts: &mut Vec<String>) -> Option<i128> {
        names.iter().find_map(|name| match ids::nanos(map.get(*name)?) {
            Ok(time) => time,
            Err(why) => {
                doubts.push(format!("{path}/{name}: {why}; it is not used"));
                None
            }
        })
    }

    /// Attributes whose span is not here.
    fn fragment(&mut self, value: &Value) {
        let digest = text_digest(&value.to_string());
        let doubt = "/: attributes without their span: no trace, no parent and no time; they stand alone, under an id from their content";
        self.found.spans.push(Span {
            at: self.at,
            trace: digest.get(7..39).unwrap_or_default().to_owned(),
            id: digest.get(39..55).unwrap_or_default().to_owned(),
            flat: attributes(Some(value)),
            doubts: Vec::from([doubt.to_owned()]),
            ..Span::default()
        });
    }
}

/// Whether an attribute is one of those that tell of agents and models.
pub(super) fn is_attribute(key: &str) -> bool {
    key.starts_with("gen_ai.")
        || key == "openinference.span.kind"
        || key == "traceloop.span.kind"
        || key == "ai.operationId"
        || key == "mlflow.spanType"
}
