//! What happened, under the name that its source gives it: an event of a run, a span of a trace. The same name with
//! another content is a repeat that conflicts. It judges none, and reads no more than names.

use super::json::strict_value;
use serde_json::Value;

/// Something that happened, as one record tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// What its source calls it.
    pub name: String,
    /// The part of an artefact's id by which what is said of it can be found.
    pub of: String,
    /// What is told of it, written the same however it was sent.
    pub told: Vec<u8>,
    /// Whether the record tells of nothing else.
    pub alone: bool,
}

/// The longest name that is kept as it is.
const LONGEST: usize = 200;

/// What a record of this format tells of by name.
pub fn occurrences(format: &str, content: &[u8]) -> Vec<Occurrence> {
    let value = || std::str::from_utf8(content).ok().and_then(|text| strict_value(text).ok());
    match format {
        "openlineage" => value().and_then(|event| run_event(&event)).into_iter().collect(),
        "otel" => value().map(|request| spans(&request)).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// A content that is known by a name from elsewhere, such as a delivery.
pub fn named(name: &str, content: &[u8]) -> Occurrence {
    let value = std::str::from_utf8(content).ok().and_then(|text| strict_value(text).ok());
    let told = value.map_or_else(|| content.to_vec(), |value| value.to_string().into_bytes());
    Occurrence { name: short(name.to_owned()), of: String::new(), told, alone: true }
}

/// OpenLineage gives its events no id: producer, run, type and time are what tells them apart.
fn run_event(event: &Value) -> Option<Occurrence> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let run = text("/run/runId")?;
    let name = format!("run {run} {} {}", text("/eventType").unwrap_or("-"), text("/eventTime")?);
    let name = text("/producer").map_or_else(|| name.clone(), |producer| format!("{name} by {producer}"));
    Some(Occurrence { name: short(name), of: run.to_owned(), told: event.to_string().into_bytes(), alone: true })
}

fn spans(request: &Value) -> Vec<Occurrence> {
    let scopes = list(request, "resourceSpans").flat_map(|resource| list(resource, "scopeSpans"));
    let named = scopes.flat_map(|scope| list(scope, "spans")).filter_map(|span| {
        let text = |key: &str| span.get(key).and_then(Value::as_str);
        let (trace, id) = (text("traceId")?, text("spanId")?);
        let (name, of) = (short(format!("span {trace}/{id}")), id.to_owned());
        Some(Occurrence { name, of, told: span.to_string().into_bytes(), alone: false })
    });
    named.collect()
}

fn list<'v>(of: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    of.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn short(name: String) -> String {
    if name.len() <= LONGEST {
        return name;
    }
    let digest = hex::encode(crate::proof::digest::sha256(name.as_bytes()));
    let kept: String = name.chars().take(LONGEST / 2).collect();
    format!("{kept}… sha256:{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_known_by_run_type_time_and_producer_however_it_is_written() {
        let plain =
            br#"{"eventTime":"2026-11-18T09:00:00Z","eventType":"START","producer":"p","run":{"runId":"r"},"job":{}}"#;
        let other = br#"{ "job": {}, "run": {"runId": "r"}, "producer":"p", "eventType":"START", "eventTime":"2026-11-18T09:00:00Z"}"#;
        let (plain, other) = (occurrences("openlineage", plain), occurrences("openlineage", other));
        assert_eq!(plain, other);
        assert_eq!(plain[0].name, "run r START 2026-11-18T09:00:00Z by p");
        assert!(occurrences("openlineage", b"{\"dataset\":{},\"eventTime\":\"x\"}").is_empty());
        assert!(occurrences("openlineage", b"{").is_empty());
        let long = format!("{{\"eventTime\":\"t\",\"run\":{{\"runId\":\"{}\"}}}}", "é".repeat(5000));
        assert!(occurrences("openlineage", long.as_bytes())[0].name.len() < 300);
    }

    #[test]
    fn each_span_of_a_request_is_known_by_its_ids() {
        let request = br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"t","spanId":"1","name":"a"},{"traceId":"t","spanId":"2"},{"name":"no ids"}]}]}]}"#;
        let found: Vec<String> = occurrences("otel", request).into_iter().map(|it| it.name).collect();
        assert_eq!(found, ["span t/1", "span t/2"]);
    }
}
