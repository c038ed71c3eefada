//! What MLflow keeps: experiments, runs, logged and registered models, prompts, traces, the gateway's
//! endpoints, MCP servers, scorers and webhooks, in the JSON of its REST answers, whoever brought them; stores of files as they were gathered;
//! and the descriptions beside models. It opens no database and no folder.

mod files;
mod gateway;
mod mlmodel;
mod models;
mod names;
mod offered;
mod prompts;
mod runs;
mod traces;
mod webhook;

use super::json::strict_value;
use super::node::{Fault, Node};
use super::sniff::{Keys, json_shape, valid_text};
use super::teller::Teller;
use super::unit::{Units, utf8};
use super::{Format, Framing, Head, Importer, Reading};
use names::Store;
use serde_json::Value;

/// Reads what MLflow keeps.
pub struct MLflow;

static FORMAT: Format = Format {
    name: "mlflow",
    version: 1,
    media_type: "application/vnd.mlflow+json",
    about: "MLflow: SQLite database (2.x, 3.x; plain or compressed), mlruns folder, MLmodel, saved REST answers, webhooks",
    extensions: &["db", "json", "MLmodel"],
};

impl Importer for MLflow {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        if let Some(shape) = json_shape(head) {
            return shape.objects.iter().any(is_ours).then_some(shape.framing);
        }
        mlmodel::recognises(valid_text(head.bytes)).then_some(Framing::Whole)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        for (at, unit) in Units::of(content, out.framing) {
            Teller::unit(out, at, unit, |telling| {
                let text = utf8(unit)?;
                if !unit.starts_with(b"{") {
                    let value = super::yaml::value(text)?;
                    return mlmodel::tell(
                        &Node::new(&value, ""),
                        &Store::default(),
                        &mlmodel::Beside::default(),
                        telling,
                    )
                    .map(drop);
                }
                let value = strict_value(text)?;
                document(&Node::new(&value, ""), telling)
            });
        }
    }
}

/// One kind of object: the key of one, the key of a list of them, and what tells of it.
type Object = (&'static str, &'static str, fn(&Node<'_>, &Store, &mut Teller<'_>) -> Result<(), Fault>);

const OBJECTS: [Object; 15] = [
    ("experiment", "experiments", runs::experiment),
    ("run", "runs", runs::run),
    ("model", "models", models::logged),
    ("registered_model", "registered_models", models::registered),
    ("model_version", "model_versions", models::version),
    ("trace", "traces", traces::trace),
    ("evaluation_dataset", "evaluation_datasets", runs::evaluation_dataset),
    ("secret", "secrets", gateway::secret),
    ("model_definition", "model_definitions", gateway::definition),
    ("endpoint", "endpoints", gateway::endpoint),
    ("binding", "bindings", gateway::binding),
    ("mcp_server", "mcp_servers", offered::mcp_server),
    ("mcp_server_version", "mcp_server_versions", offered::mcp_server_version),
    ("scorer", "scorers", offered::scorer),
    ("webhook", "webhooks", offered::webhook),
];

/// One document: an object, a page of them, or what was gathered from files.
fn document(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    if node.child("MLmodel")?.is_some() {
        return mlmodel::gathered(node, telling);
    }
    let store = Store::of(node)?;
    if webhook::is_delivery(node.value) {
        return webhook::tell(node, &store, telling);
    }
    if let Some(folder) = node.child("folder")? {
        let value = files::document(&folder, telling)?;
        return objects(&Node::new(&value, "/folder"), &store, telling).map(drop);
    }
    if let Some(info) = node.child("info")? {
        // An object that was saved without the key of its answer.
        let tell = if info.child("model_id")?.is_some() { models::logged } else { runs::run };
        return tell(node, &store, telling);
    }
    if objects(node, &store, telling)? == 0 {
        return Err("/: nothing of MLflow is in it: expected one of run, runs, experiments, registered_models, model_versions, models, traces, secrets, model_definitions, endpoints".to_owned());
    }
    if !store.is_known() {
        telling.doubt("/: which server it comes from is not said: models and experiments are told apart by name alone");
    }
    Ok(())
}

fn objects(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<usize, Fault> {
    let mut keys = 0;
    for (one, many, tell) in OBJECTS {
        if let Some(object) = node.child(one)? {
            tell(&object, store, telling)?;
            keys += 1;
        }
        if node.child(many)?.is_some() {
            for object in node.list(many)? {
                // One that cannot be read costs no other.
                let told = tell(&object, store, telling);
                telling.attempt(told);
            }
            keys += 1;
        }
    }
    Ok(keys)
}

/// Whether an object is one of ours: the key alone is a common word, so that one of its members must be there.
fn is_ours(keys: &Keys<'_>) -> bool {
    const MEMBERS: [(&str, &[&str]); 18] = [
        ("experiment", &["\"artifact_location\"", "\"lifecycle_stage\""]),
        ("experiments", &["\"artifact_location\""]),
        ("run", &["\"info\""]),
        ("runs", &["\"run_id\"", "\"run_uuid\""]),
        ("model", &["\"model_id\""]),
        ("models", &["\"model_id\""]),
        ("registered_model", &["\"creation_timestamp\"", "\"last_updated_timestamp\"", "\"aliases\""]),
        ("registered_models", &["\"creation_timestamp\"", "\"last_updated_timestamp\""]),
        ("model_version", &["\"current_stage\"", "\"run_id\"", "\"creation_timestamp\""]),
        ("model_versions", &["\"current_stage\"", "\"run_id\"", "\"creation_timestamp\""]),
        ("trace", &["\"trace_info\""]),
        ("traces", &["\"trace_metadata\"", "\"trace_location\"", "\"request_metadata\"", "\"trace_info\""]),
        ("secrets", &["\"secret_id\""]),
        ("model_definitions", &["\"model_definition_id\""]),
        ("endpoints", &["\"endpoint_id\"", "\"model_mappings\""]),
        ("mcp_server_versions", &["\"server_json\""]),
        ("scorers", &["\"scorer_name\""]),
        ("webhooks", &["\"webhook_id\""]),
    ];
    let holds = |key: &str, members: &[&str]| {
        keys.get(key).is_some_and(|value| members.iter().any(|member| value.contains(member)))
    };
    let bare = || keys.contains_key("data") && holds("info", &["\"run_id\"", "\"run_uuid\"", "\"model_id\""]);
    let store = || holds("store", &["\"first_experiment\""]);
    MEMBERS.iter().any(|(key, members)| holds(key, members))
        || holds("bindings", &["\"endpoint_id\""])
        || holds("MLmodel", &["flavors:"])
        || holds("folder", &["\"meta.yaml\"", "\"trace_info.yaml\""])
        || bare()
        || webhook::is_ours(keys)
        || store() && OBJECTS.iter().any(|(one, _, _)| keys.contains_key(*one))
}

/// `key` and `value` pairs, as a list of them or as an object. A value that is no text is as it is written.
fn pairs(node: &Node<'_>, key: &str) -> Result<Vec<(String, String)>, Fault> {
    let text = |value: &Value| super::teller::scalar(value).unwrap_or_default();
    match node.child(key)? {
        None => Ok(Vec::new()),
        Some(found) if found.value.is_object() => {
            Ok(node.entries(key)?.into_iter().map(|(name, value)| (name.to_owned(), text(value.value))).collect())
        }
        Some(_) => {
            let pair = |item: Node<'_>| {
                let value = item.child("value")?.map(|value| text(value.value)).unwrap_or_default();
                Ok((item.text("key")?.to_owned(), value))
            };
            node.list(key)?.into_iter().map(pair).collect()
        }
    }
}

/// A moment in milliseconds since 1970, as a number or as the text of one, or as a date.
fn time(node: &Node<'_>, key: &str, telling: &mut Teller<'_>) -> Option<crate::model::Time> {
    let found = node.child(key).ok()??;
    let millis = match found.value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match millis {
        Some(0) => None,
        Some(millis) => Some(crate::model::Time::from_micros(millis.saturating_mul(1000))),
        None => {
            let read = telling.time(node, key);
            telling.attempt(read).flatten()
        }
    }
}
