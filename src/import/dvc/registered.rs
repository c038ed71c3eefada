//! What the files at a tagged commit say of the artefact that the tag names: its type, its path, the bytes at that
//! path. It says nothing of the tag.

use super::data::{Entry, within};
use super::{Project, files};
use crate::import::node::{Fault, Node};
use crate::import::teller::Teller;
use crate::import::yaml;
use crate::model::{Kind, Time};
use serde_json::Value;

/// An artefact as `dvc.yaml` or `artifacts.yaml` describes it.
pub(in crate::import) struct Registered {
    pub(in crate::import) kind: Kind,
    entry: Option<Entry>,
}

impl Registered {
    /// Describes the bytes that are at its path, where a lock or a pointer says them.
    pub(in crate::import) fn data(&self, commit: &str, at: Time, telling: &mut Teller<'_>) -> Option<String> {
        let commit = commit.strip_prefix("git:").unwrap_or(commit);
        let project = Project { repository: None, commit: Some(commit), at: Some(at), alone: None };
        self.entry.as_ref().map(|entry| entry.tell(Some(&self.kind), &project, telling))
    }
}

/// What the documents' files say of an artefact of that name in a folder.
pub(in crate::import) fn registered(
    node: &Node<'_>,
    folder: &str,
    name: &str,
    telling: &mut Teller<'_>,
) -> Result<Option<Registered>, Fault> {
    let files = files(node)?;
    let at = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let mut read = |path: &str| {
        let text = files.get(path)?;
        telling.attempt(yaml::value(text).map_err(|fault| format!("{path}: {fault}")))
    };
    let mut found = None;
    for (file, pointer) in [("dvc.yaml", format!("/artifacts/{name}")), ("artifacts.yaml", format!("/{name}"))] {
        if found.is_none() {
            found = read(&at(file)).and_then(|value| value.pointer(&pointer).cloned());
        }
    }
    let Some(found) = found else { return Ok(None) };
    let kind = match found.get("type").and_then(Value::as_str) {
        Some("dataset") => Kind::Dataset,
        _ => Kind::ModelVersion,
    };
    let Some(path) = found.get("path").and_then(Value::as_str).map(|path| within(folder, path)) else {
        return Ok(Some(Registered { kind, entry: None }));
    };
    let outs =
        |value: &Value| -> Vec<Value> { value.get("outs").and_then(Value::as_array).cloned().unwrap_or_default() };
    let mut candidates = Vec::new();
    if let Some(lock) = read(&at("dvc.lock")) {
        let stages = lock.get("stages").unwrap_or(&lock).as_object().cloned().unwrap_or_default();
        candidates.extend(stages.values().flat_map(outs).map(|out| (folder.to_owned(), out)));
    }
    let pointer = format!("{path}.dvc");
    if let Some(value) = read(&pointer) {
        let below = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        candidates.extend(outs(&value).into_iter().map(|out| (below.to_owned(), out)));
    }
    let entry = candidates
        .iter()
        .find_map(|(folder, out)| Entry::of(&Node::new(out, ""), folder).ok().filter(|it| it.path == path));
    Ok(Some(Registered { kind, entry }))
}
