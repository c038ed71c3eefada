//! Traces: their spans as steps of one chain, in the words of the importer for traces, what they ran on, and
//! what people, models and programs said of them. A judge that failed gave no score.

use super::names::{Store, linked_prompts, person, tag};
use super::runs::optional;
use super::{pairs, time};
use crate::import::node::{Fault, Node};
use crate::import::otel::{Step, tell_spans, text_digest};
use crate::import::teller::{Teller, keep, scalar};
use crate::import::telling::evidence;
use crate::model::{Artefact, Kind, Relation, Statement, Time};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A trace, with its spans or without.
pub(super) fn trace(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let info = node.child("trace_info")?.or(node.child("info")?).unwrap_or_else(|| node.clone());
    let written = optional(&info, "trace_id").or_else(|| optional(&info, "request_id"));
    let written = written.ok_or_else(|| crate::import::node::missing(&info.path, "trace_id"))?;
    let mut metadata = pairs(&info, "trace_metadata")?;
    metadata.extend(pairs(&info, "request_metadata")?);
    let tags = pairs(&info, "tags")?;
    let at = time(&info, "request_time", telling).or_else(|| time(&info, "timestamp_ms", telling));
    if let Some(at) = at {
        telling.observe(at);
    }
    let spans = node.child("spans")?.or(node.child("data")?.and_then(|data| data.child("spans").ok().flatten()));
    let steps = match spans.filter(|spans| spans.value.as_array().is_some_and(|list| !list.is_empty())) {
        Some(spans) => tell_spans(&as_kit(spans.value, &info, &metadata, store), telling),
        None => Vec::new(),
    };
    // Without its spans, a trace is one step of which no more is known.
    let first = steps.iter().find(|step| step.parent.is_none()).or(steps.first()).map(|step| step.entry.clone());
    let root = steps.iter().find(|step| step.parent.is_none()).or(steps.first()).map(|step| step.main.clone());
    let (first, root) = match (first, root) {
        (Some(first), Some(root)) => (first, root),
        _ => {
            let alone = alone(&info, &written, at, &tags, telling)?;
            (alone.clone(), alone)
        }
    };
    let context = Context { info: &info, metadata: &metadata, tags: &tags, at, store };
    context.tell(&first, &root, telling);
    for said in info.list("assessments")? {
        let told = assessment(&said, &root, &steps, at, store, telling);
        telling.attempt(told);
    }
    Ok(())
}

/// What a trace says of itself beyond its spans.
struct Context<'a> {
    info: &'a Node<'a>,
    metadata: &'a [(String, String)],
    tags: &'a [(String, String)],
    at: Option<Time>,
    store: &'a Store,
}

impl Context<'_> {
    fn tell(&self, first: &str, root: &str, telling: &mut Teller<'_>) {
        let Context { info, metadata, tags, at, store } = *self;
        if let Some(model) = tag(metadata, "mlflow.modelId") {
            telling.link(root, Relation::Used, &store.logged(model), at);
        }
        if let Some(run) = tag(metadata, "mlflow.sourceRun") {
            telling.link(root, Relation::ProducedBy, &store.run(run), at);
        }
        if let Some(endpoint) = tag(metadata, "mlflow.gateway.endpointId") {
            telling.link(root, Relation::Used, &format!("endpoint:{}", store.scoped(endpoint)), at);
        }
        let experiment = info.value.pointer("/trace_location/mlflow_experiment/experiment_id").and_then(scalar);
        if let Some(experiment) = experiment.or_else(|| optional(info, "experiment_id")) {
            telling.link(root, Relation::InstanceOf, &store.experiment(&experiment), at);
        }
        let asked = tag(metadata, "mlflow.trace.user").or_else(|| tag(metadata, "mlflow.auth.username"));
        if let Some(user) = asked.and_then(|user| person(user, store, telling)) {
            telling.link(first, Relation::ActedFor, &user, at);
        }
        if let Some(user) = tag(metadata, "mlflow.user").and_then(|user| person(user, store, telling)) {
            telling.link(root, Relation::RunsAs, &user, at);
        }
        if let Some(code) = super::names::code(metadata, telling) {
            telling.link(root, Relation::BuiltFrom, &code, at);
        }
        linked_prompts(root, tags, at, store, telling);
    }
}

/// The hexadecimal digits that name a trace: those of its spans, where it has some.
fn digits(written: &str) -> String {
    written.strip_prefix("tr-").unwrap_or(written).to_ascii_lowercase()
}

fn alone(
    info: &Node<'_>,
    written: &str,
    at: Option<Time>,
    tags: &[(String, String)],
    telling: &mut Teller<'_>,
) -> Result<String, Fault> {
    let mut step = Artefact::new(format!("step:otel/{}", digits(written)), Kind::Step);
    step.name = tag(tags, "mlflow.traceName").map(str::to_owned);
    step.at = at;
    step.attributes.insert("step".to_owned(), "trace".into());
    step.attributes.insert("trace".to_owned(), digits(written).into());
    let state = optional(info, "state").or_else(|| optional(info, "status"));
    if state.as_deref() == Some("ERROR") {
        step.attributes.insert("outcome".to_owned(), "error".into());
    }
    for (key, word) in [("request_preview", "text"), ("response_preview", "answer")] {
        if let Some(text) = info.optional_text(key)? {
            keep(&mut step.attributes, word, Some(text));
            step.attributes.insert(format!("{word}_digest"), text_digest(text).into());
        }
    }
    let step = telling.artefact(step);
    telling.absent(&step, Relation::Other("content".into()), "not-recorded");
    Ok(step)
}

/// The spans in the shape of a kit's own export: ids in hexadecimal digits, attributes without the quotes in
/// which MLflow writes them.
fn as_kit(spans: &Value, info: &Node<'_>, metadata: &[(String, String)], store: &Store) -> Value {
    let experiment = info.value.pointer("/trace_location/mlflow_experiment/experiment_id").and_then(scalar);
    let experiment = experiment.or_else(|| optional(info, "experiment_id")).unwrap_or_default();
    let scope = store.scoped(&experiment);
    let session = tag(metadata, "mlflow.trace.session");
    let list = spans.as_array().map(Vec::as_slice).unwrap_or_default();
    let agents = agents(list);
    let list = list.iter().map(|span| {
        let Value::Object(mut span) = span.clone() else { return span.clone() };
        let agent = span_id(&span, SPAN).and_then(|id| agents.get(&id));
        for key in ["trace_id", "span_id", "parent_span_id", "traceId", "spanId", "parentSpanId"] {
            if let Some(hex) = span.get(key).and_then(Value::as_str).and_then(hex_of) {
                span.insert(key.to_owned(), hex.into());
            }
        }
        let mut attributes = plain(span.get("attributes"));
        if let Some(session) = session {
            attributes.entry("session.id").or_insert_with(|| session.into());
        }
        if let Some(agent) = agent {
            attributes.entry("agent.name").or_insert_with(|| agent.as_str().into());
        }
        span.insert("attributes".to_owned(), Value::Object(attributes));
        span.insert("resource".to_owned(), json!({"attributes": {"mlflow.scope": scope}}));
        Value::Object(span)
    });
    json!({"spans": list.collect::<Vec<_>>()})
}

const SPAN: [&str; 2] = ["span_id", "spanId"];
const PARENT: [&str; 2] = ["parent_span_id", "parentSpanId"];
/// How far above a span its agent is looked for.
const ABOVE: usize = 64;

fn span_id(span: &Map<String, Value>, keys: [&str; 2]) -> Option<String> {
    keys.iter().find_map(|key| span.get(*key)?.as_str()).map(str::to_owned)
}

/// The agent that each span works for: the nearest above it. Only an agent's own span says that it is one.
fn agents(list: &[Value]) -> BTreeMap<String, String> {
    let mut spans: BTreeMap<String, (Option<String>, Option<&str>)> = BTreeMap::new();
    for span in list.iter().filter_map(Value::as_object) {
        let Some(id) = span_id(span, SPAN) else { continue };
        let attributes = plain(span.get("attributes"));
        let is_agent = attributes.get("mlflow.spanType").and_then(Value::as_str) == Some("AGENT");
        let name = span.get("name").and_then(Value::as_str).filter(|name| is_agent && !name.trim().is_empty());
        spans.insert(id, (span_id(span, PARENT), name));
    }
    let agent = |id: &String| {
        let mut at = id.clone();
        for _ in 0..ABOVE {
            let (parent, name) = spans.get(&at)?;
            match (name, parent) {
                (Some(name), _) => return Some((id.clone(), (*name).to_owned())),
                (None, Some(parent)) => at.clone_from(parent),
                (None, None) => return None,
            }
        }
        None
    };
    spans.keys().filter_map(agent).collect()
}

/// An id that is written in base64, as hexadecimal digits.
fn hex_of(text: &str) -> Option<String> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    (text.ends_with('=') && matches!(bytes.len(), 8 | 16)).then(|| hex::encode(bytes))
}

/// Attributes with their values as they were before they were written as JSON in a text; what went in and out
/// stays a text, since it is what was said.
fn plain(attributes: Option<&Value>) -> Map<String, Value> {
    let pairs: Vec<(String, Value)> = match attributes {
        Some(Value::Object(map)) => map.clone().into_iter().collect(),
        Some(Value::Array(list)) => {
            let pair = |item: &Value| {
                let value = item.get("value")?;
                let inner = value.as_object().and_then(|map| map.values().next()).unwrap_or(value);
                Some((item.get("key")?.as_str()?.to_owned(), inner.clone()))
            };
            list.iter().filter_map(pair).collect()
        }
        _ => Vec::new(),
    };
    let said = |key: &str| matches!(key, "mlflow.spanInputs" | "mlflow.spanOutputs");
    let decoded = |key: &str, value: Value| match &value {
        Value::String(text) if !said(key) => crate::import::json::strict_value(text).unwrap_or(value),
        _ => value,
    };
    pairs.into_iter().map(|(key, value)| (key.clone(), decoded(&key, value))).collect()
}

/// What was said of a trace or of one of its spans.
fn assessment(
    node: &Node<'_>,
    root: &str,
    steps: &[Step],
    at: Option<Time>,
    store: &Store,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let name = optional(node, "assessment_name").or_else(|| optional(node, "name"));
    let name = name.ok_or_else(|| crate::import::node::missing(&node.path, "assessment_name"))?;
    let at = time(node, "last_update_time", telling).or_else(|| time(node, "create_time", telling)).or(at);
    let at = at.ok_or_else(|| format!("{}: an assessment without a time", node.place()))?;
    let source = node.child("source")?;
    let sort = source.as_ref().and_then(|source| optional(source, "source_type")).unwrap_or_default();
    let span = optional(node, "span_id").map(|id| hex_of(&id).unwrap_or(id));
    let about = span.and_then(|id| steps.iter().find(|step| step.id == id)).map_or(root, |step| step.main.as_str());
    let human = sort.eq_ignore_ascii_case("HUMAN");
    let mut said = evidence(about, if human { "review" } else { "evaluation" }, at);
    said.scope = Some(name.clone());
    said.by = match source.and_then(|source| optional(&source, "source_id")).filter(|by| by != "default") {
        Some(by) if human => person(&by, store, telling),
        Some(by) => Some(by),
        None => None,
    };
    keep(&mut said.attributes, "source", Some(&sort));
    keep(&mut said.attributes, "rationale", node.optional_text("rationale")?);
    keep(&mut said.attributes, "overrides", optional(node, "overrides").as_deref());
    if matches!(node.value.get("valid"), Some(Value::Bool(false))) || optional(node, "valid").as_deref() == Some("0") {
        said.attributes.insert("state".to_owned(), "overridden".into());
    }
    if let Some(expected) = node.child("expectation")? {
        let value = expected.child("value")?.map(|value| value.value.clone()).unwrap_or_default();
        said.attributes.insert("expected".to_owned(), value);
        said.verdict = Some("info".to_owned());
    }
    if let Some(feedback) = node.child("feedback")? {
        let error = feedback.child("error")?.or(node.child("error")?);
        let value = feedback.child("value")?.map(|value| value.value.clone());
        match (error, value) {
            (Some(error), _) => {
                let message = optional(&error, "error_message").or_else(|| optional(&error, "error_code"));
                keep(&mut said.attributes, "error", message.or_else(|| scalar(error.value)).as_deref());
                said.verdict = Some("error".to_owned());
            }
            (None, Some(Value::Bool(right))) => said.verdict = Some(if right { "pass" } else { "fail" }.to_owned()),
            (None, Some(value @ Value::Number(_))) => drop(said.attributes.insert(format!("metric.{name}"), value)),
            (None, Some(Value::String(word))) => said.verdict = Some(word),
            (None, Some(value)) => drop(said.attributes.insert("value".to_owned(), value)),
            (None, None) => {}
        }
    }
    telling.say(Statement::Evidence(said));
    Ok(())
}
