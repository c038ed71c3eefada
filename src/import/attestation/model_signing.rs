//! OpenSSF model signing: the files of a model by their digests. Whether a directory holds these files
//! is for a comparison with the directory to say.

use super::statement::{Statement, Told};
use crate::import::bom::digest;
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip, keep};
use crate::model::{Artefact, Attributes, Digest, Kind, Relation};
use crate::proof::digest as hash;
use serde_json::Value;

/// Reads the resources of a signed model. The subject's digest is that over theirs.
pub(super) fn read(statement: &Statement<'_>, node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Told, Fault> {
    let mut told = Told::default();
    let Some(model) = statement.subjects.first() else { return Ok(told) };
    let serialization = node.child("serialization")?;
    if let Some(serialization) = &serialization {
        for key in ["method", "hash_type", "shard_size", "allow_symlinks"] {
            let value = serialization.value.get(key).and_then(crate::import::teller::scalar);
            keep(&mut told.attributes, &format!("serialization.{key}"), value.as_deref());
        }
        let ignored = serialization.value.get("ignore_paths").and_then(Value::as_array);
        let ignored: Vec<Value> =
            ignored.into_iter().flatten().filter_map(Value::as_str).map(|it| Value::from(clip(it))).collect();
        if !ignored.is_empty() {
            told.attributes.insert("serialization.ignore_paths".to_owned(), Value::Array(ignored));
        }
    }
    let sharded = told.attributes.get("serialization.method").is_some_and(|method| method == "shards");
    let resources = node.list("resources")?;
    let mut over = Some(Vec::new());
    for resource in &resources {
        match one(resource, &model.id, sharded, telling) {
            Ok(bytes) => {
                over = over.map(|mut all| {
                    all.extend(bytes);
                    all
                })
            }
            Err(fault) => {
                over = None;
                telling.doubt(format!("{fault}; this file is left out"));
            }
        }
    }
    told.attributes.insert("files".to_owned(), Value::from(resources.len()));
    let Some(over) = over else { return Ok(told) };
    let made = format!("omsdigest:{}", hex::encode(hash::sha256(&over)));
    if !model.digests.iter().any(|digest| digest.as_str() == made) {
        told.attributes.insert("digest-differs".to_owned(), Value::Bool(true));
        telling.doubt(format!(
            "{}/resources: their digests come to {made}, expected the subject's; files were added, removed or altered after signing",
            node.path
        ));
    }
    Ok(told)
}

/// One file: a part of the model. Gives the bytes of its digest.
fn one(resource: &Node<'_>, model: &str, sharded: bool, telling: &mut Teller<'_>) -> Result<Vec<u8>, Fault> {
    let name = resource.text("name")?;
    let algorithm = resource.optional_text("algorithm")?.unwrap_or("sha256");
    // A shard's algorithm says its size: `sha256-sharded-1000000`.
    let plain = algorithm.split("-sharded").next().unwrap_or(algorithm);
    let written = resource.text("digest")?;
    let bytes = hex::decode(written.trim())
        .map_err(|_| format!("{}/digest: found \"{}\", expected hex digits", resource.path, clip(written)))?;
    let known = digest(plain, written).or_else(|_| digest(&plain.replace("blake2b", "blake2b-512"), written));
    // The model is one file: its digest is the file's, and no part of it.
    if name == "." && !sharded {
        let mut file = Artefact::new(model, Kind::ModelVersion);
        file.digests.extend(known.ok());
        telling.artefact(file);
        return Ok(bytes);
    }
    let mut attributes = Attributes::new();
    keep(&mut attributes, "path", Some(name));
    let kind = super::descriptor::kind_of(name);
    let within = model.trim_start_matches("model-version:");
    let mut file = Artefact::new(format!("{kind}:{within}/{name}"), kind);
    file.name = Some(name.to_owned());
    if sharded {
        // The digest of a part of a file is not that of a file.
        keep(&mut file.attributes, "shard", Some(&format!("{algorithm}:{written}")));
    } else {
        file.digests.push(known.unwrap_or_else(|_| Digest::parse(&format!("{plain}:{written}"))));
    }
    let file = telling.artefact(file);
    telling.link_with(model, Relation::Contains, &file, None, attributes);
    Ok(bytes)
}

/// What tools before 0.3 wrote: one subject for each file, and no model.
pub(super) fn legacy(statement: &Statement<'_>, telling: &mut Teller<'_>) -> Told {
    let mut told = Told::default();
    told.attributes.insert("format".to_owned(), Value::from("legacy v0.2 signature form"));
    told.attributes.insert("files".to_owned(), Value::from(statement.subjects.len()));
    telling.doubt(format!(
        "{}/predicateType: legacy v0.2 signature form: one subject for each file, and nothing for the model; the files are kept",
        statement.node.path
    ));
    told
}
