//! What a webhook of MLflow tells: a version was made, an alias or a tag was set or taken away, with when, and without
//! who did it and what was there before. It checks no signature.

use super::models;
use super::names::{Store, in_workspace};
use super::prompts;
use super::runs::keep_tags;
use super::time;
use crate::import::node::{Fault, Node};
use crate::import::sniff::Keys;
use crate::import::teller::Teller;
use crate::model::{Artefact, Kind};
use serde_json::Value;

/// Whether an object is one.
pub(super) fn is_ours(keys: &Keys<'_>) -> bool {
    let told = |key: &str| keys.get(key).is_some_and(|value| value.starts_with('"'));
    let entity = keys.get("entity").is_some_and(|value| ENTITIES.iter().any(|entity| value.contains(entity)));
    entity && told("action") && told("timestamp") && keys.get("data").is_some_and(|value| value.starts_with('{'))
}

const ENTITIES: [&str; 3] = ["\"registered_model", "\"model_version", "\"prompt"];

/// The document that a delivery is, told apart from answers by its keys.
pub(super) fn is_delivery(value: &Value) -> bool {
    ["entity", "action", "timestamp", "data"].iter().all(|key| value.get(key).is_some())
}

/// One delivery.
pub(super) fn tell(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let (entity, action, data) = (node.text("entity")?, node.text("action")?, node.required("data")?);
    let at = time(node, "timestamp", telling);
    if let Some(at) = at {
        telling.observe(at);
    }
    // As answers of its API write it, so that what reads those reads it too.
    let mut object = data.value.clone();
    if let Some(fields) = object.as_object_mut() {
        if let Some(workspace) = node.value.get("workspace") {
            fields.entry("workspace").or_insert_with(|| workspace.clone());
        }
        if let (Some(at), "created") = (at, action) {
            fields.entry("creation_timestamp").or_insert_with(|| at.to_string().into());
        }
        if matches!(entity, "prompt" | "prompt_version") {
            let template = fields.remove("template");
            if let Some(tags) = fields.entry("tags").or_insert_with(|| serde_json::json!({})).as_object_mut() {
                tags.insert("mlflow.prompt.is_prompt".to_owned(), "true".into());
                tags.extend(template.map(|template| ("mlflow.prompt.text".to_owned(), template)));
            }
        }
    }
    let data = Node::new(&object, "/data");
    match (entity, action) {
        ("registered_model" | "prompt", "created") => models::registered(&data, store, telling)?,
        ("model_version" | "prompt_version", "created") => models::version(&data, store, telling)?,
        ("model_version_alias" | "prompt_alias", "created" | "deleted") => {
            models::alias(&data, store, entity == "prompt_alias", at, action == "deleted", telling)?;
        }
        ("model_version_tag" | "prompt_tag" | "prompt_version_tag", "set") => tagged(&data, entity, store, telling)?,
        _ => telling.doubt(format!("/: {entity} {action} tells of no artefact; it is kept in the record only")),
    }
    Ok(())
}

/// A tag that was set, which says something of the artefact from then on.
fn tagged(data: &Node<'_>, entity: &str, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let name = in_workspace(data, data.text("name")?);
    let version = data.value.get("version").and_then(crate::import::teller::scalar);
    let (id, kind) = match (entity, version) {
        ("model_version_tag", Some(version)) => {
            (models::version_id(&store.scoped(&name), &version), Kind::ModelVersion)
        }
        ("model_version_tag", None) => return Err("/data/version: is missing".to_owned()),
        (_, version) => (prompts::id(&name, version.as_deref(), store), Kind::Prompt),
    };
    let mut artefact = Artefact::new(id, kind);
    let value = data.value.get("value").and_then(crate::import::teller::scalar).unwrap_or_default();
    keep_tags(&[(data.text("key")?.to_owned(), value)], &mut artefact.attributes);
    telling.artefact(artefact);
    Ok(())
}
