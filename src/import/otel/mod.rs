//! Traces and logs of agents and models: OpenTelemetry's own conventions old and new, OpenInference,
//! OpenLLMetry and the Vercel AI SDK, in OTLP (JSON or protobuf) and in the kits' own JSON. Every span becomes
//! steps of one chain, whichever convention wrote it. Metrics are left alone.

mod events;
mod facts;
mod ids;
mod messages;
mod names;
mod order;
mod protobuf;
mod shapes;
mod tell;
mod value;

pub use protobuf::otlp_json;
pub(in crate::import) use protobuf::{Layout, layout};
pub(super) use value::text_digest;

use super::json::strict_value;
use super::sniff::{Keys, json_shape};
use super::teller::Teller;
use super::unit::{Units, utf8, value_end};
use super::{Format, Framing, Head, Importer, Reading};
use order::Told;
use serde_json::Value;
use shapes::{Found, Span};
use std::collections::BTreeMap;

/// Reads traces and logs.
pub struct OpenTelemetry;

static FORMAT: Format = Format {
    name: "otel",
    version: 1,
    media_type: "application/vnd.opentelemetry+json",
    about: "OpenTelemetry traces and logs of agents (OTLP JSON and protobuf, SDK JSON): GenAI, OpenInference, OpenLLMetry, Vercel AI SDK",
    extensions: &["json", "jsonl", "pb"],
};

impl Importer for OpenTelemetry {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let json = json_shape(head).filter(|shape| shape.objects.iter().any(is_ours));
        json.map(|shape| shape.large(head)).or_else(|| layout(head).map(|_| Framing::Protobuf))
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        let mut found: Vec<(u32, &[u8], Found)> = Vec::new();
        for (at, unit, read) in values(content, out.framing) {
            match read {
                Ok((text, value)) => found.push((at, unit, shapes::read(&value, text, at))),
                Err(reason) => out.reject(at, unit, reason),
            }
        }
        let mut all = Vec::new();
        for (_, _, found) in &mut found {
            all.append(&mut found.spans);
        }
        let doubts = say(all, &found, out);
        for (at, text) in doubts {
            out.warn(at, text);
        }
        for (at, unit, found) in found {
            for reason in found.faults {
                out.reject(at, unit, reason);
            }
        }
    }
}

/// A unit with where it stands, and what it is or why that cannot be read.
type Unit<'a> = (u32, &'a [u8], Result<(&'a str, Value), String>);

fn parsed((at, unit): (u32, &[u8])) -> Unit<'_> {
    (at, unit, utf8(unit).and_then(|text| Ok((text, strict_value(text)?))))
}

/// The units; a whole document may be several values one after the other, as consoles print them.
fn values(content: &[u8], framing: Framing) -> Vec<Unit<'_>> {
    let units: Vec<Unit<'_>> = Units::of(content, framing).map(parsed).collect();
    match units.as_slice() {
        [(_, _, Err(_))] if framing.is_one() => one_after_another(content).into_iter().map(parsed).collect(),
        _ => units,
    }
}

fn one_after_another(content: &[u8]) -> Vec<(u32, &[u8])> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(skip) = content.get(at..).and_then(|rest| rest.iter().position(|byte| !byte.is_ascii_whitespace())) {
        at += skip;
        let end =
            value_end(content, at).filter(|end| *end > at && content.get(at) == Some(&b'{')).unwrap_or(content.len());
        found.push((super::offset(at), content.get(at..end).unwrap_or_default().trim_ascii_end()));
        at = end;
    }
    found
}

/// Says all spans of a record, each in its own unit.
fn say(spans: Vec<Span>, units: &[(u32, &[u8], Found)], out: &mut Reading) -> Vec<(u32, String)> {
    let (spans, doubts) = unique(spans);
    let all: Vec<Told> = spans.into_iter().map(|span| Told { facts: facts::facts(&span), span }).collect();
    let causes = order::causes(&all);
    let closings = order::closings(&all);
    let mut known = names::Known::new();
    let mut next = all.iter().zip(&causes).peekable();
    for (at, unit, found) in units {
        Teller::unit(out, *at, unit, |telling| {
            found.doubts.iter().for_each(|doubt| telling.doubt(doubt.clone()));
            while let Some((told, causes)) = next.next_if(|(told, _)| told.span.at == *at) {
                let closing = closings.get(&(told.span.trace.clone(), told.span.id.clone()));
                let around = tell::Around { causes, closing: closing.map(String::as_str) };
                tell::tell(told, &around, &mut known, telling);
            }
            Ok(())
        });
    }
    doubts
}

/// The steps by which a span is known to whoever speaks of it.
pub(super) struct Step {
    /// The span's id, in hexadecimal digits.
    pub(super) id: String,
    pub(super) parent: Option<String>,
    pub(super) entry: String,
    pub(super) main: String,
}

/// Tells of spans that another format carries, in the unit that is being told of.
pub(super) fn tell_spans(value: &Value, telling: &mut Teller<'_>) -> Vec<Step> {
    let found = shapes::read(value, &value.to_string(), 0);
    let (spans, doubts) = unique(found.spans);
    let doubts = doubts.into_iter().map(|(_, doubt)| doubt);
    found.doubts.into_iter().chain(doubts).for_each(|doubt| telling.doubt(doubt));
    found.faults.into_iter().for_each(|fault| telling.doubt(format!("{fault}; it is kept in the record only")));
    let all: Vec<Told> = spans.into_iter().map(|span| Told { facts: facts::facts(&span), span }).collect();
    let (causes, closings) = (order::causes(&all), order::closings(&all));
    let mut known = names::Known::new();
    for (told, causes) in all.iter().zip(&causes) {
        let closing = closings.get(&(told.span.trace.clone(), told.span.id.clone()));
        let around = tell::Around { causes, closing: closing.map(String::as_str) };
        tell::tell(told, &around, &mut known, telling);
    }
    let step = |told: &Told| {
        let order::Ends { entry, main, .. } = told.ends();
        Step { id: told.span.id.clone(), parent: told.span.parent.clone(), entry, main }
    };
    all.iter().map(step).collect()
}

/// One span once: what is sent again says the same, and a log adds to the span it was sent in.
fn unique(spans: Vec<Span>) -> (Vec<Span>, Vec<(u32, String)>) {
    let mut kept: Vec<Span> = Vec::new();
    let mut doubts = Vec::new();
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for span in spans {
        if span.log && facts::sort(&span) == facts::Sort::Evaluator {
            kept.push(span);
            continue;
        }
        let key = (span.trace.clone(), span.id.clone());
        let Some(first) = places.get(&key).and_then(|place| kept.get_mut(*place)) else {
            places.insert(key, kept.len());
            kept.push(span);
            continue;
        };
        if first.log || span.log {
            merge(first, span);
        } else if first.flat != span.flat || first.parent != span.parent || first.start != span.start {
            doubts.push((
                span.at,
                format!("{}: span {} is here twice with different content; the first counts", span.path, span.id),
            ));
        }
    }
    (kept, doubts)
}

fn merge(first: &mut Span, mut second: Span) {
    if first.log && !second.log {
        // The claims stand where the first was.
        second.at = first.at;
        std::mem::swap(first, &mut second);
    }
    for (key, value) in second.flat.into_object() {
        match (first.flat.get_mut(&key), value) {
            (Some(Value::Array(list)), Value::Array(more)) if key.ends_with(".messages") && second.log => {
                list.extend(more)
            }
            (Some(_), _) => {}
            (None, value) => drop(first.flat.insert(key, value)),
        }
    }
    first.end = first.end.or(second.end).max(second.start.filter(|_| first.log));
    first.doubts.extend(second.doubts);
}

fn is_ours(keys: &Keys<'_>) -> bool {
    let has = |key: &str| keys.contains_key(key);
    let holds =
        |key: &str, parts: &[&str]| keys.get(key).is_some_and(|value| parts.iter().any(|part| value.contains(part)));
    let otlp = [
        "resourceSpans",
        "resource_spans",
        "resourceLogs",
        "resource_logs",
        "resourceMetrics",
        "scopeSpans",
        "scopeLogs",
        "instrumentationLibrarySpans",
    ];
    otlp.iter().any(|key| has(key))
        || holds("batches", &["\"scopeSpans\"", "\"instrumentationLibrarySpans\""])
        || holds("spans", &["\"trace_id\"", "\"traceId\"", "\"spanContext\""])
        || holds("trace", &["\"resourceSpans\""])
        || has("spanContext")
        || has("name") && holds("context", &["\"trace_id\"", "\"traceId\""])
        || has("name") && (has("spanId") && has("traceId") || has("span_id") && has("trace_id"))
        || keys.keys().any(|key| shapes::is_attribute(key))
}
