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

/// A file, or a part of one, as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedFile {
    /// Its path in the model; `.` where the model is one file.
    pub path: String,
    /// The first and the last byte of the part, where it is one.
    pub part: Option<(u64, u64)>,
    /// The hash.
    pub hash: String,
    /// The digest.
    pub digest: Vec<u8>,
}

/// The files of a model as they were signed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignedFiles {
    /// The files, or their parts.
    pub files: Vec<SignedFile>,
    /// Whether symlinks were followed.
    pub symlinks: bool,
    /// Whether files were signed in parts, which leaves empty ones out.
    pub parts: bool,
    /// Paths that were left out, with all below them.
    pub ignored: Vec<String>,
}

/// Reads the files from the bytes of a payload; nothing where it is no signature of a model.
///
/// # Errors
/// When it is one, and cannot be read.
pub fn signed_files(payload: &[u8]) -> Result<Option<SignedFiles>, Fault> {
    let text = std::str::from_utf8(payload).map_err(|_| "the payload is not UTF-8".to_owned())?;
    let value = crate::import::json::strict_value(text)?;
    let node = Node::new(&value, "");
    let sort = node.text("predicateType")?;
    let hex_of = |node: &Node<'_>, key: &str| -> Result<Vec<u8>, Fault> {
        hex::decode(node.text(key)?.trim()).map_err(|_| format!("{}/{key}: expected hex digits", node.path))
    };
    let mut found = SignedFiles::default();
    if sort.starts_with("https://model_signing/Digests/") {
        for subject in node.list("subject")? {
            found.files.push(SignedFile {
                path: subject.text("name")?.to_owned(),
                part: None,
                hash: "sha256".to_owned(),
                digest: hex_of(&subject.required("digest")?, "sha256")?,
            });
        }
        return Ok(Some(found));
    }
    if !sort.starts_with(super::descriptor::MODEL_SIGNING) {
        return Ok(None);
    }
    let predicate = node.required("predicate")?;
    let serialization = predicate.required("serialization")?;
    found.parts = match serialization.text("method")? {
        "files" => false,
        "shards" => true,
        other => {
            return Err(format!("{}/method: found \"{}\", expected files or shards", serialization.path, clip(other)));
        }
    };
    found.symlinks = serialization.value.get("allow_symlinks").and_then(Value::as_bool).unwrap_or_default();
    for path in serialization.list("ignore_paths")? {
        found.ignored.push(path.as_text()?.to_owned());
    }
    for resource in predicate.list("resources")? {
        let name = resource.text("name")?;
        let (path, part) = if found.parts { part(name, &resource)? } else { (name, None) };
        let algorithm = resource.optional_text("algorithm")?.unwrap_or("sha256");
        found.files.push(SignedFile {
            path: path.to_owned(),
            part,
            hash: algorithm.split("-sharded").next().unwrap_or(algorithm).to_owned(),
            digest: hex_of(&resource, "digest")?,
        });
    }
    Ok(Some(found))
}

/// A path, and the first and the last byte of a part of it.
type Part<'n> = (&'n str, Option<(u64, u64)>);

/// `path:start:end`.
fn part<'n>(name: &'n str, resource: &Node<'_>) -> Result<Part<'n>, Fault> {
    let mut words = name.rsplitn(3, ':');
    let (end, start, path) = (words.next(), words.next(), words.next());
    let number = |word: Option<&str>| word.and_then(|word| word.parse::<u64>().ok());
    match (path, number(start), number(end)) {
        (Some(path), Some(start), Some(end)) if start < end => Ok((path, Some((start, end)))),
        _ => Err(format!("{}/name: found \"{}\", expected path:start:end", resource.path, clip(name))),
    }
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
