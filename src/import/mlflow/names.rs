//! What things of MLflow are called. Run ids and ids of logged models are random and the same wherever the
//! store is copied to; experiments and registered models are known by the store that they are of.

use super::super::node::{Fault, Node};
use super::super::openlineage::{commit, repository};
use super::super::teller::{Teller, keep, scalar};
use crate::model::{Artefact, Digest, Kind, Relation, Time};
use crate::proof::digest::sha256;
use serde_json::Value;

/// The store that a document is of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Store {
    scope: Option<String>,
}

impl Store {
    /// A store is known by its first experiment and the millisecond in which that was made: a copied database,
    /// and the server that it was copied from, say the same.
    pub(super) fn of(node: &Node<'_>) -> Result<Store, Fault> {
        let Some(store) = node.child("store")? else { return Ok(Store::default()) };
        let part = |key: &str| store.value.get(key).and_then(scalar).unwrap_or_default();
        let digest = sha256(format!("mlflow\n{}\n{}", part("first_experiment"), part("created")).as_bytes());
        let hex: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Ok(Store { scope: Some(hex) })
    }

    pub(super) fn is_known(&self) -> bool {
        self.scope.is_some()
    }

    /// A name that is unique within the store alone.
    pub(super) fn scoped(&self, name: &str) -> String {
        self.scope.as_ref().map_or_else(|| format!("mlflow/{name}"), |scope| format!("mlflow/{scope}/{name}"))
    }

    pub(super) fn run(&self, id: &str) -> String {
        let id = id.trim().to_ascii_lowercase();
        if is_hex(&id, 32) { format!("run:mlflow/{id}") } else { format!("run:{}", self.scoped(&id)) }
    }

    pub(super) fn logged(&self, id: &str) -> String {
        let id = id.trim();
        let random = id.strip_prefix("m-").is_some_and(|hex| is_hex(hex, 32)) || is_hex(id, 32);
        if random { format!("model-version:mlflow/{id}") } else { format!("model-version:{}", self.scoped(id)) }
    }

    /// What a run left under a path, when it is no model of its own.
    pub(super) fn in_run(&self, run: &str, path: &str) -> String {
        let run = self.run(run);
        format!("model-version:{}/{}", run.trim_start_matches("run:"), path.trim_matches('/'))
    }

    pub(super) fn experiment(&self, id: &str) -> String {
        format!("experiment:{}", self.scoped(id))
    }

    pub(super) fn dataset(&self, name: &str, digest: &str) -> String {
        format!("dataset:{}@{digest}", self.scoped(name))
    }

    /// The names that a registered model's version is known by in the store and beyond.
    pub(super) fn version_identifiers(&self, name: &str, version: &str) -> Vec<String> {
        let plain = format!("models:/{name}/{version}");
        let mut names = Vec::from([plain.clone()]);
        names.extend(self.scope.as_ref().map(|scope| format!("{plain}@{scope}")));
        names
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The name of a registered model within the store: workspaces hold models of the same name.
pub(super) fn in_workspace(node: &Node<'_>, name: &str) -> String {
    match node.value.get("workspace").and_then(Value::as_str) {
        None | Some("default" | "") => name.to_owned(),
        Some(workspace) => format!("{workspace}/{name}"),
    }
}

/// Who did it, as the client's operating system or the server calls them.
pub(super) fn person(name: &str, store: &Store, telling: &mut Teller<'_>) -> Option<String> {
    let name = name.trim();
    if name.is_empty() || name == "unknown" {
        return None;
    }
    let id = match name.split_once('@') {
        Some((_, host)) if host.contains('.') && !name.contains(' ') => format!("mailto:{}", name.to_lowercase()),
        _ => format!("identity:{}", store.scoped(&format!("user/{name}"))),
    };
    Some(telling.named(id, Kind::Identity, name))
}

/// The commit that tags name, when it is a whole one.
pub(super) fn code(tags: &[(String, String)], telling: &mut Teller<'_>) -> Option<String> {
    let sha = commit(tag(tags, "mlflow.source.git.commit")?)?;
    let mut code = Artefact::new(format!("code:git:{sha}"), Kind::Code);
    let repository = tag(tags, "mlflow.source.git.repoURL").map(repository);
    code.name.clone_from(&repository);
    code.version = Some(sha.clone());
    code.digests.push(Digest::parse(&format!("git:{sha}")));
    code.identifiers.push(format!("git:{sha}"));
    keep(&mut code.attributes, "repository", repository.as_deref());
    keep(&mut code.attributes, "branch", tag(tags, "mlflow.source.git.branch"));
    Some(telling.artefact(code))
}

/// A tag that is not blank.
pub(super) fn tag<'t>(tags: &'t [(String, String)], key: &str) -> Option<&'t str> {
    tags.iter().find(|(name, _)| name == key).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

/// Prompts that a tag links, as JSON within its text.
pub(super) fn linked_prompts(
    from: &str,
    tags: &[(String, String)],
    at: Option<Time>,
    store: &Store,
    telling: &mut Teller<'_>,
) {
    let Some(text) = tag(tags, "mlflow.linkedPrompts") else { return };
    let read = super::super::json::strict_value(text).ok();
    let Some(Value::Array(linked)) = read else {
        return telling.doubt("mlflow.linkedPrompts: expected a JSON list of prompts; it is kept in the record only");
    };
    for prompt in &linked {
        let part = |key: &str| prompt.get(key).and_then(scalar);
        if let Some(name) = part("name") {
            let id = super::prompts::id(&name, part("version").as_deref(), store);
            telling.link(from, Relation::UsesPrompt, &id, at);
        }
    }
}
