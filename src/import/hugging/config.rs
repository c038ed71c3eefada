//! `config.json` of a model and `adapter_config.json` of an adapter: hyper-parameters, and the name of
//! what it was loaded from. It is a file of a model; which one, its place on the disk says.

use super::{card, names};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip, keep};
use crate::model::{Artefact, Attributes, Kind, Relation};
use serde_json::Value;

/// The most parameters that become attributes.
const MOST: usize = 200;

/// Reads a configuration.
pub(super) fn read(config: &Node<'_>, content: &[u8], telling: &mut Teller<'_>) -> Result<(), Fault> {
    let adapter = config.child("peft_type")?.is_some();
    let mut model = Artefact::new(card::unknown(&Kind::ModelVersion, content), Kind::ModelVersion);
    keep(&mut model.attributes, "model-type", config.optional_text("model_type")?);
    keep(&mut model.attributes, "architectures", Some(&card::words(config, "architectures")?.join(", ")));
    keep(&mut model.attributes, "transformers-version", config.optional_text("transformers_version")?);
    for (key, value) in config.value.as_object().into_iter().flatten().take(MOST) {
        let value = match value {
            Value::String(text) => Value::from(clip(text)),
            Value::Number(_) | Value::Bool(_) => value.clone(),
            Value::Null | Value::Array(_) | Value::Object(_) => continue,
        };
        let told = ["model_type", "transformers_version", "_name_or_path", "base_model_name_or_path"];
        if !told.contains(&key.as_str()) {
            model.attributes.insert(format!("param.{key}"), value);
        }
    }
    let from = match config.optional_text("base_model_name_or_path")? {
        Some(base) => Some(base),
        None => config.optional_text("_name_or_path")?,
    };
    let from = from.filter(|from| !from.trim().is_empty());
    keep(&mut model.attributes, "loaded-from", from);
    let id = telling.artefact(model);
    telling.doubt("/: which model it configures is not said: it is named after its own digest");
    let Some(from) = from.filter(|from| names::repository(from).is_some()) else { return Ok(()) };
    let revision = config.optional_text("revision")?.filter(|revision| !revision.is_empty());
    let base = names::tell_model(from, revision, "/base_model_name_or_path", telling);
    let mut attributes = Attributes::new();
    keep(&mut attributes, "confidence", Some("declared"));
    if adapter {
        keep(&mut attributes, "how", Some("adapter"));
        telling.link_with(&id, Relation::FineTunedFrom, &base, None, attributes);
    } else {
        telling.link_with(&id, Relation::DerivedFrom, &base, None, attributes);
    }
    Ok(())
}
