//! OpenLineage events (1-0-0 to 2-0-2) as files, streams and Marquez hold them. What an event says
//! of runs, jobs and datasets is in the files beside; this one recognises them and takes them apart.
//! It derives no dataset from another by multiplying a run's inputs with its outputs: impact walks
//! through the run.

mod checks;
mod columns;
mod dataset;
mod event;
mod graph;
pub(super) mod ids;
mod jobs;
mod runs;

pub(super) use ids::{commit, repository};

use super::json::strict_value;
use super::node::Node;
use super::sniff::{Keys, json_shape};
use super::unit::{Units, utf8, value_end};
use super::{Format, Framing, Head, Importer, Reading};

/// Reads OpenLineage events.
pub struct OpenLineage;

static FORMAT: Format = Format {
    name: "openlineage",
    version: 1,
    media_type: "application/vnd.openlineage.event+json",
    about: "OpenLineage run, job and dataset events: one, an array, one per line; Marquez {\"events\":[…]} and {\"graph\":[…]}",
    extensions: &["json", "jsonl", "ndjson"],
};

const TEMPLATE: &str = "OpenLineage test template, not telemetry";

impl Importer for OpenLineage {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        if shape.objects.first().is_some_and(is_graph) {
            return Some(shape.framing);
        }
        let first = shape.objects.iter().find(|keys| is_event(keys))?;
        (!is_template(first)).then_some(shape.framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        for (at, unit) in Units::of(content, out.framing) {
            if unit.strip_prefix(b"{").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\"graph\"")) {
                read_graph(at, unit, out);
                continue;
            }
            for (at, event) in events(at, unit) {
                if let Err(reason) = utf8(event).and_then(|text| event::read(text, at, out)) {
                    out.reject(at, event, reason);
                }
            }
        }
    }
}

/// An answer with a graph: its nodes one by one, since one that is wrong costs no other.
fn read_graph(at: u32, unit: &[u8], out: &mut Reading) {
    let value = utf8(unit).and_then(strict_value);
    let events = value.and_then(|value| graph::events(&Node::new(&value, "")));
    match events {
        Ok(events) => {
            for event in events {
                if let Err(reason) = event.and_then(|event| event::read(&event.to_string(), at, out)) {
                    out.reject(at, unit, reason);
                }
            }
            out.warn(at, graph::NOW_ONLY);
        }
        Err(reason) => out.reject(at, unit, reason),
    }
}

/// The events in a unit: itself, or those that `{"events":[…]}` or an array on one line holds.
fn events(at: u32, unit: &[u8]) -> Vec<(u32, &[u8])> {
    let Some(mut position) = array_in(unit) else { return vec![(at, unit)] };
    let mut events = Vec::new();
    while let Some(byte) = unit.get(position) {
        match byte {
            b']' => return events,
            _ if byte.is_ascii_whitespace() || *byte == b',' => position += 1,
            _ => match value_end(unit, position) {
                Some(end) if end > position => {
                    events.push((at + super::offset(position), unit.get(position..end).unwrap_or_default()));
                    position = end;
                }
                _ => break,
            },
        }
    }
    // The array is cut off: the parser says where.
    vec![(at, unit)]
}

fn array_in(unit: &[u8]) -> Option<usize> {
    let mut rest = unit;
    if let Some(inner) = rest.strip_prefix(b"{") {
        rest = inner.trim_ascii_start().strip_prefix(b"\"events\"")?.trim_ascii_start().strip_prefix(b":")?;
        rest = rest.trim_ascii_start();
    }
    let inner = rest.strip_prefix(b"[")?;
    Some(unit.len() - inner.len())
}

fn is_graph(keys: &Keys<'_>) -> bool {
    let edges = ["\"inEdges\"", "\"outEdges\""];
    keys.get("graph").is_some_and(|value| value.starts_with('[') && edges.iter().any(|edge| value.contains(edge)))
}

fn is_event(keys: &Keys<'_>) -> bool {
    let object = |key: &str| keys.get(key).is_some_and(|value| value.starts_with('{'));
    keys.contains_key("eventTime") && (object("run") || object("job") || object("dataset"))
}

fn is_template(keys: &Keys<'_>) -> bool {
    let placeholder = |value: &&str| value.contains("${json-unit.");
    let named = |value: &str| value.contains("\"{{");
    keys.values().any(placeholder)
        || ["eventTime", "eventType"].iter().any(|key| keys.get(*key).is_some_and(|value| named(value)))
        || ["run", "job"].iter().any(|key| {
            keys.get(*key).is_some_and(|value| {
                ["\"runId\"", "\"namespace\"", "\"name\""].iter().any(|field| templated(value, field))
            })
        })
}

/// Whether the first value under that key is a `{{ … }}`.
fn templated(object: &str, key: &str) -> bool {
    object
        .split_once(key)
        .and_then(|(_, rest)| rest.trim_start().strip_prefix(':'))
        .is_some_and(|rest| rest.trim_start().starts_with("\"{{"))
}

/// Why an object that resembles an event is refused, for the message that names it.
pub(super) fn refuses(keys: &Keys<'_>, head: &[u8]) -> Option<String> {
    if is_event(keys) && is_template(keys) {
        return Some(TEMPLATE.to_owned());
    }
    let parts = ["eventType", "run", "job", "inputs", "outputs"];
    let pattern = keys.contains_key("eventType") && keys.contains_key("job") && !keys.contains_key("eventTime")
        || keys.len() > 1 && keys.keys().all(|key| parts.contains(&key.as_str()));
    if pattern || keys.contains_key("eventType") && memchr::memmem::find(head, b"${json-unit.").is_some() {
        return Some(format!("{TEMPLATE}: an expected-event pattern without \"eventTime\""));
    }
    let facet = |value: &&str| value.contains("\"_schemaURL\"") && value.contains("\"_producer\"");
    (!keys.is_empty() && keys.values().all(facet)).then(|| "OpenLineage facets without their event".to_owned())
}
