//! The front matter of a card: what a model was made from and trained on, what a dataset comes from.
//! A card says nothing of when.

use super::{names, results};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip, keep, scalar};
use crate::model::{Artefact, Attributes, Kind, Relation};
use crate::proof::digest::sha256;
use serde_json::Value;

/// Keys that only cards of datasets have.
const OF_DATASETS: [&str; 10] = [
    "task_categories",
    "task_ids",
    "size_categories",
    "annotations_creators",
    "language_creators",
    "dataset_info",
    "source_datasets",
    "multilinguality",
    "pretty_name",
    "train-eval-index",
];

/// Keys that only cards of models have.
const OF_MODELS: [&str; 6] = ["library_name", "base_model", "pipeline_tag", "model-index", "datasets", "inference"];

/// Keys that are kept as they are.
const KEPT: [&str; 15] = [
    "license",
    "license_name",
    "license_link",
    "library_name",
    "pipeline_tag",
    "language",
    "tags",
    "quantized_by",
    "pretty_name",
    "task_categories",
    "task_ids",
    "size_categories",
    "annotations_creators",
    "multilinguality",
    "paperswithcode_id",
];

/// Reads a card. Its artefact is named after its bytes, since a card does not say whose it is.
pub(super) fn read(card: &Node<'_>, body: &str, content: &[u8], telling: &mut Teller<'_>) -> Result<(), Fault> {
    template(card)?;
    let count = |keys: &[&str]| keys.iter().filter(|key| card.value.get(**key).is_some()).count();
    let dataset = count(&OF_DATASETS) > count(&OF_MODELS);
    let kind = if dataset { Kind::Dataset } else { Kind::ModelVersion };
    let mut artefact = Artefact::new(unknown(&kind, content), kind);
    artefact.name = name(card, body);
    artefact.attributes.insert("declared".to_owned(), Value::Bool(true));
    for key in KEPT {
        let words = telling.attempt(words(card, key)).unwrap_or_default();
        keep(&mut artefact.attributes, key, Some(&words.join(", ")));
    }
    for key in ["co2_eq_emissions"] {
        if let Some(said) = card.child(key)? {
            let grams = said.value.get("emissions").unwrap_or(said.value);
            keep(&mut artefact.attributes, key, scalar(grams).as_deref());
        }
    }
    let read = results::read(card);
    let read = telling.attempt(read).unwrap_or_default();
    for result in &read {
        result.describe(&mut artefact.attributes);
    }
    let id = telling.artefact(artefact);
    telling.doubt("/: which repository it is the card of is not said: it is named after its own digest");
    if dataset {
        let sources = words(card, "source_datasets");
        for source in telling.attempt(sources).unwrap_or_default() {
            sourced(&id, &source, telling);
        }
    } else {
        made_of(card, &id, telling)?;
    }
    for result in read {
        result.tell(&id, telling);
    }
    Ok(())
}

/// The id of what only its bytes name.
pub(super) fn unknown(kind: &Kind, content: &[u8]) -> String {
    let digest = sha256(content);
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{kind}:hf/unknown/{hex}")
}

/// `license: {license}` is how a template is written; YAML takes it for an object without a value.
fn template(card: &Node<'_>) -> Result<(), Fault> {
    let unfilled = |value: &Value| {
        value.as_object().is_some_and(|object| object.len() == 1 && object.values().all(Value::is_null))
    };
    for key in KEPT.iter().chain(["base_model", "datasets", "metrics", "source_datasets"].iter()) {
        let Some(value) = card.value.get(*key) else { continue };
        if unfilled(value) || value.as_array().is_some_and(|list| list.iter().any(unfilled)) {
            return Err(format!("/{key}: a template of a card, not a card: its front matter was never filled in"));
        }
    }
    Ok(())
}

/// A text or a list of texts.
pub(super) fn words(node: &Node<'_>, key: &str) -> Result<Vec<String>, Fault> {
    let Some(child) = node.child(key)? else { return Ok(Vec::new()) };
    match child.value {
        Value::Array(items) => Ok(items.iter().filter_map(scalar).filter(|text| !text.trim().is_empty()).collect()),
        // Old cards of datasets say it for each of their parts.
        Value::Object(parts) => {
            let lists = parts.values().filter_map(Value::as_array).flatten();
            let mut found: Vec<String> = lists.filter_map(scalar).collect();
            found.sort();
            found.dedup();
            Ok(found)
        }
        one => Ok(scalar(one).filter(|text| !text.trim().is_empty()).into_iter().collect()),
    }
}

fn name(card: &Node<'_>, body: &str) -> Option<String> {
    let indexed = card.value.get("model-index").and_then(|index| index.get(0)?.get("name")?.as_str());
    let pretty = card.value.get("pretty_name").and_then(Value::as_str);
    let heading = || body.lines().find_map(|line| line.strip_prefix("# "));
    let name = indexed.or(pretty).or_else(heading)?.trim();
    (!name.is_empty()).then(|| clip(name))
}

/// What a model comes from, was trained on, and is followed by.
fn made_of(card: &Node<'_>, id: &str, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let tags = telling.attempt(words(card, "tags")).unwrap_or_default();
    let bases = telling.attempt(words(card, "base_model")).unwrap_or_default();
    let stated = card.child("base_model_relation")?.and_then(|word| scalar(word.value));
    let merged = bases.len() > 1 && stated.is_none();
    let mut told: Vec<String> = Vec::new();
    for base in &bases {
        let how = stated.as_deref().or(merged.then_some("merge"));
        based_on(id, base, how, "/base_model", &mut told, telling);
    }
    for tag in tags.iter().filter_map(|tag| tag.strip_prefix("base_model:")) {
        let (how, base) = match tag.split_once(':') {
            Some((how, base)) => (Some(how), base),
            None => (None, tag),
        };
        based_on(id, base, how, "/tags", &mut told, telling);
    }
    let mut datasets = telling.attempt(words(card, "datasets")).unwrap_or_default();
    datasets.extend(tags.iter().filter_map(|tag| tag.strip_prefix("dataset:")).map(str::to_owned));
    let mut trained: Vec<String> = Vec::new();
    for dataset in &datasets {
        let dataset = names::tell_dataset(dataset, None, "/datasets", telling);
        if !trained.contains(&dataset) {
            telling.link_with(id, Relation::TrainedOn, &dataset, None, declared());
            trained.push(dataset);
        }
    }
    if trained.is_empty() {
        telling.absent(id, Relation::TrainedOn, "not-recorded");
    }
    if let Some(newer) = card.child("new_version")?.and_then(|newer| scalar(newer.value)) {
        let newer = names::tell_model(&newer, None, "/new_version", telling);
        telling.link(&newer, Relation::Supersedes, id, None);
    }
    Ok(())
}

fn declared() -> Attributes {
    Attributes::from([("confidence".to_owned(), Value::from("declared"))])
}

fn based_on(id: &str, base: &str, how: Option<&str>, place: &str, told: &mut Vec<String>, telling: &mut Teller<'_>) {
    let base = names::tell_model(base, None, place, telling);
    if !told.contains(&base) {
        let mut attributes = declared();
        keep(&mut attributes, "how", how);
        telling.link_with(id, Relation::FineTunedFrom, &base, None, attributes);
        told.push(base);
    }
}

/// `original` comes from nowhere else; `extended|other-x` and `x` come from x.
fn sourced(id: &str, source: &str, telling: &mut Teller<'_>) {
    let name = source.strip_prefix("extended|").unwrap_or(source);
    let name = name.strip_prefix("other-").unwrap_or(name);
    if matches!(name, "original" | "extended" | "other" | "") {
        return;
    }
    let dataset = names::tell_dataset(name, None, "/source_datasets", telling);
    telling.link_with(id, Relation::DerivedFrom, &dataset, None, declared());
}
