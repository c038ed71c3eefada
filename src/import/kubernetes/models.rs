//! Where served models come from: storage addresses, Hugging Face names, arguments of well-known
//! servers. An address is where bytes lie, and only a revision or a digest says which.

use super::images::Image;
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip};
use crate::model::{Artefact, Kind, Relation};
use serde_json::Value;

/// Describes the model at an address and gives its id; nothing for a template never filled in.
pub(in crate::import) fn tell(uri: &str, place: &str, telling: &mut Teller<'_>) -> Option<String> {
    let uri = uri.trim();
    if uri.is_empty() || uri.contains(['{', '}', '$', '<', '>']) {
        telling.doubt(format!("{place}: \"{}\" is a template: which model it is, is not said", clip(uri)));
        return None;
    }
    if let Some(name) = uri.strip_prefix("hf://") {
        return hugging_face(name, place, telling);
    }
    if let Some((_, image)) = uri.split_once("://").filter(|(scheme, _)| scheme.starts_with("oci"))
        && let Some(image) = Image::parse(image)
    {
        return Some(in_image(uri, &image, telling));
    }
    let mut model = Artefact::new(format!("model-version:{uri}"), Kind::ModelVersion);
    model.name = Some(uri.trim_end_matches('/').rsplit('/').next().unwrap_or(uri).to_owned());
    model.identifiers.push(uri.to_owned());
    model.attributes.insert("storage".to_owned(), Value::from(uri));
    model.attributes.insert("pinned".to_owned(), Value::Bool(false));
    let id = telling.artefact(model);
    // Which bytes lie there is not said, and so neither is who made them.
    telling.absent(&id, Relation::ProducedBy, "not-recorded");
    Some(id)
}

/// A model in an image: the image's digest is the image's, and the model's bytes are in it.
fn in_image(uri: &str, image: &Image, telling: &mut Teller<'_>) -> String {
    let id = format!("model-version:oci/{}", image.id().trim_start_matches("image:"));
    let mut model = Artefact::new(id, Kind::ModelVersion);
    model.name = Some(image.repository.rsplit('/').next().unwrap_or_default().to_owned());
    model.version = image.digest.clone().or_else(|| image.tag.clone());
    model.identifiers.push(uri.to_owned());
    model.attributes.insert("storage".to_owned(), Value::from(uri));
    let model = telling.artefact(model);
    let image = image.tell(telling);
    telling.link(&model, Relation::BuiltFrom, &image, None);
    model
}

/// `ns/name` with a revision behind a colon or an `@`.
fn hugging_face(name: &str, place: &str, telling: &mut Teller<'_>) -> Option<String> {
    let name = name.trim_matches('/');
    let (repository, revision) = match name.split_once([':', '@']) {
        Some((repository, revision)) => (repository, Some(revision).filter(|revision| !revision.is_empty())),
        None => (name, None),
    };
    if repository.is_empty() {
        telling.doubt(format!("{place}: \"hf://{name}\" names no model"));
        return None;
    }
    Some(crate::import::hugging::tell_model(repository, revision, place, telling))
}

/// Arguments by which model servers are told what to serve.
const ARGUMENTS: [&str; 9] = [
    "--model",
    "--model_id",
    "--model-id",
    "--model-path",
    "--model_path",
    "--model-name-or-path",
    "--storage_uri",
    "--storageUri",
    "--hf-repo",
];

/// Environment variables that say the same.
const VARIABLES: [&str; 5] = ["STORAGE_URI", "MODEL_ID", "HF_MODEL_ID", "MODEL_NAME_OR_PATH", "VLLM_MODEL"];

/// Servers of models, by a part of their image's name. Others may mean anything by `--model`.
const SERVERS: [&str; 12] = [
    "vllm",
    "text-generation-inference",
    "tgi",
    "tritonserver",
    "sglang",
    "ollama",
    "llama.cpp",
    "llama-cpp",
    "huggingfaceserver",
    "lmdeploy",
    "torchserve",
    "mlserver",
];

/// A model named in a container's arguments or environment, and where.
pub(super) fn in_container<'v>(container: &Node<'v>) -> Result<Vec<(String, String)>, Fault> {
    let mut found = Vec::new();
    for env in container.list("env")? {
        let (Some(name), Some(value)) = (env.optional_text("name")?, env.child("value")?) else { continue };
        let value = value.value.as_str().unwrap_or_default();
        if VARIABLES.contains(&name) && !value.is_empty() && !is_local(value) {
            found.push((value.to_owned(), format!("{}/value", env.path)));
        }
    }
    let image = container.optional_text("image")?.unwrap_or_default().to_ascii_lowercase();
    let words = words(container)?;
    let serves = |word: &str| SERVERS.iter().any(|server| word.contains(server));
    if !serves(&image) && !words.iter().any(|(word, _)| serves(word)) {
        return Ok(found);
    }
    let mut words = words.into_iter().peekable();
    while let Some((word, place)) = words.next() {
        let value = match word.split_once('=') {
            Some((key, value)) if ARGUMENTS.contains(&key) => Some((value.to_owned(), place)),
            None if ARGUMENTS.contains(&word.as_str()) => words.next(),
            // `vllm serve MODEL` takes the model without a name before it.
            None if word == "serve" => words.next_if(|(next, _)| !next.starts_with('-')),
            _ => None,
        };
        found.extend(value.filter(|(value, _)| !value.is_empty() && !is_local(value)));
    }
    Ok(found)
}

/// A path inside the container names nothing outside it.
fn is_local(value: &str) -> bool {
    value.starts_with(['/', '.'])
}

/// Command and arguments as words; a script for a shell is taken apart at its blanks.
fn words(container: &Node<'_>) -> Result<Vec<(String, String)>, Fault> {
    let mut words = Vec::new();
    for key in ["command", "args"] {
        for word in container.list(key)? {
            let text = crate::import::teller::scalar(word.value).unwrap_or_default();
            let parts = text.split_whitespace().filter(|part| *part != "\\");
            words.extend(parts.map(|part| (part.trim_matches(['"', '\'']).to_owned(), word.path.clone())));
        }
    }
    Ok(words)
}

/// Describes what an argument names: an address, or a name on Hugging Face.
pub(super) fn tell_named(value: &str, place: &str, telling: &mut Teller<'_>) -> Option<String> {
    if value.contains("://") {
        return tell(value, place, telling);
    }
    let mut parts = value.split('/');
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    match (parts.next(), parts.next(), parts.next()) {
        (Some(space), Some(name), None) if plain(space) && plain(name) => {
            Some(crate::import::hugging::tell_model(value, None, place, telling))
        }
        _ => {
            telling.doubt(format!("{place}: \"{}\" names a model that nobody can find by that name", clip(value)));
            None
        }
    }
}
