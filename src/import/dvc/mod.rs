//! DVC: pipelines and their locks, files that stand for data, parameters and metrics, as git keeps them at a
//! commit or as they lie there alone. A path is no identity; the path with its hash is.

mod data;
mod metrics;
mod pipeline;
mod pointer;
mod registered;

use super::node::{Fault, Node};
use super::sniff::valid_text;
use super::teller::Teller;
use super::unit::utf8;
use super::{Format, Framing, Head, Importer, Reading, yaml};
use crate::model::Time;
use crate::proof::digest::sha256;
use pipeline::Pipeline;
pub(super) use registered::registered;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Reads `dvc.lock`, `dvc.yaml` and `*.dvc`.
pub struct Dvc;

static FORMAT: Format = Format {
    name: "dvc",
    version: 1,
    media_type: "application/vnd.dvc+yaml",
    about: "DVC: dvc.lock, dvc.yaml, *.dvc (with history, parameters and metrics: import the git repository)",
    extensions: &["lock", "yaml", "dvc"],
};

impl Importer for Dvc {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        Sort::of(valid_text(head.bytes)).map(|_| Framing::Whole)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        if content.trim_ascii().is_empty() {
            return;
        }
        Teller::unit(out, 0, content, |telling| {
            let text = utf8(content)?;
            let sort = Sort::of(text).ok_or("neither a lock, a pipeline nor a file that stands for data")?;
            let value = yaml::value(text)?;
            let hash = hex::encode(sha256(content));
            let project = Project { repository: None, commit: None, at: None, alone: Some(&hash) };
            match sort {
                Sort::Lock => Pipeline::new(&project, "", None, Some(&value))?.tell(&BTreeMap::new(), telling),
                Sort::Stages => Pipeline::new(&project, "", Some(&value), None)?.tell(&BTreeMap::new(), telling),
                Sort::Pointer => pointer::tell(&Node::new(&value, ""), &project, "", telling),
            }
        });
    }
}

/// What a text of YAML is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Lock,
    Stages,
    Pointer,
}

impl Sort {
    /// Told by the keys that stand at the left and what follows them.
    fn of(text: &str) -> Option<Sort> {
        let mut keys = BTreeSet::new();
        let mut inner = BTreeSet::new();
        for line in text.lines().take(5_000) {
            let word = line.trim_start();
            if word.starts_with('#') || word.is_empty() {
                continue;
            }
            let key = |word: &str| word.split_once(':').map(|(key, _)| key.trim_matches(['"', '\'']).to_owned());
            match line.len() - word.len() {
                0 if word.starts_with("- ") => inner.extend(key(word.trim_start_matches("- "))),
                0 if word.starts_with(['{', '[', '<']) => return None,
                0 => keys.extend(key(word)),
                _ => inner.extend(key(word.trim_start_matches("- "))),
            }
        }
        let has = |set: &BTreeSet<String>, words: &[&str]| words.iter().any(|word| set.contains(*word));
        let hashed = has(&inner, &["md5", "etag", "checksum"]);
        let runs = has(&inner, &["cmd"]);
        let stages = has(&keys, &["stages"]);
        match () {
            () if has(&keys, &["apiVersion", "kind", "spdxVersion", "swagger", "openapi", "version"]) => None,
            () if stages && has(&keys, &["schema"]) && (hashed || runs) => Some(Sort::Lock),
            () if stages && (runs || has(&inner, &["foreach"])) => Some(Sort::Stages),
            () if has(&keys, &["outs"]) && (hashed || has(&inner, &["path"])) => Some(Sort::Pointer),
            () if has(&keys, &["artifacts"]) && has(&inner, &["path"]) && has(&inner, &["type"]) => Some(Sort::Stages),
            () if runs && hashed && has(&inner, &["deps", "outs"]) && has(&inner, &["path"]) => Some(Sort::Lock),
            () => None,
        }
    }
}

/// Where files are from.
#[derive(Clone, Copy)]
pub(super) struct Project<'p> {
    pub(super) repository: Option<&'p str>,
    pub(super) commit: Option<&'p str>,
    pub(super) at: Option<Time>,
    /// The hash of a file that lies alone.
    pub(super) alone: Option<&'p str>,
}

impl Project<'_> {
    /// What ids begin with: the commit of a repository, or the hash of the file. A path alone names nothing.
    fn place(&self) -> String {
        match (self.repository, self.commit) {
            (Some(repository), Some(commit)) => format!("{repository}@{commit}"),
            (None, Some(commit)) => commit.to_owned(),
            _ => self.alone.unwrap_or_default().to_owned(),
        }
    }

    fn commit_id(&self) -> Option<String> {
        self.commit.map(|commit| format!("git:{commit}"))
    }
}

/// The files a document of git holds.
fn files<'v>(node: &Node<'v>) -> Result<BTreeMap<String, &'v str>, Fault> {
    let mut files = BTreeMap::new();
    for (path, text) in node.entries("files")? {
        files.insert(path.to_owned(), text.as_text()?);
    }
    Ok(files)
}

/// Says what a commit changed of DVC. A file that cannot be read costs itself alone.
pub(super) fn changed(node: &Node<'_>, project: &Project<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    for (path, why) in node.entries("left-out")? {
        telling.doubt(format!("{path}: {}; what it says is missing", why.as_text()?));
    }
    let files = files(node)?;
    let mut changed = Vec::new();
    for path in node.list("changed")? {
        changed.push(path.as_text()?);
    }
    let mut folders = BTreeSet::new();
    for path in &changed {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(text) = files.get(*path) else { continue };
        let read = match name {
            "dvc.yaml" | "dvc.lock" => {
                folders.insert(folder);
                Ok(())
            }
            "config" => {
                remotes(text, project, telling);
                Ok(())
            }
            _ => yaml::value(text).and_then(|value| pointer::tell(&Node::new(&value, ""), project, folder, telling)),
        };
        telling.attempt(read.map_err(|fault| format!("{path}: {fault}")));
    }
    for folder in folders {
        let at = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let mut read = |name: &str| {
            let path = at(name);
            let text = files.get(&path)?;
            telling.attempt(yaml::value(text).map_err(|fault| format!("{path}: {fault}")))
        };
        let (stages, lock) = (read("dvc.yaml"), read("dvc.lock"));
        let ran = changed.contains(&at("dvc.lock").as_str());
        let told = Pipeline::new(project, folder, stages.as_ref(), lock.as_ref())
            .and_then(|pipeline| pipeline.ran(ran).tell(&files, telling));
        telling.attempt(told.map_err(|fault| format!("{}: {fault}", at("dvc.lock"))));
    }
    Ok(())
}

/// Where the data of a repository is stored: the addresses, and nothing one gets in with.
fn remotes(config: &str, project: &Project<'_>, telling: &mut Teller<'_>) {
    let Some(commit) = project.commit_id() else { return };
    let mut code = crate::model::Artefact::new(commit, crate::model::Kind::Code);
    let mut remote = None;
    for line in config.lines().map(str::trim) {
        if let Some(head) = line.strip_prefix('[') {
            let head = head.trim_end_matches(']').trim_matches(['\'', '"']);
            remote = head.strip_prefix("remote ").map(|name| name.trim_matches(['"', '\'']).to_owned());
        } else if let Some((key, value)) = line.split_once('=') {
            let name = match (&remote, key.trim()) {
                (Some(remote), "url") => format!("dvc.remote.{remote}"),
                (None, "remote") => "dvc.remote".to_owned(),
                _ => continue,
            };
            code.attributes.insert(name, Value::from(super::teller::clip(value.trim())));
        }
    }
    if !code.attributes.is_empty() {
        telling.artefact(code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sort_is_told_by_its_keys_and_other_yaml_is_none() {
        for (text, sort) in [
            ("schema: '2.0'\nstages:\n  a:\n    cmd: x\n", Some(Sort::Lock)),
            ("a:\n  cmd: x\n  deps:\n  - path: p\n    md5: 1\n", Some(Sort::Lock)),
            ("stages:\n  a:\n    cmd: x\n", Some(Sort::Stages)),
            ("artifacts:\n  m:\n    path: p\n    type: model\n", Some(Sort::Stages)),
            ("outs:\n- md5: 1\n  path: p\n", Some(Sort::Pointer)),
            ("stages:\n  - build\nbuild:\n  script: x\n", None),
            ("apiVersion: v1\nkind: Pod\nstages:\n  a:\n    cmd: x\n", None),
            ("{\"stages\": {}}", None),
            ("a: 1\n", None),
        ] {
            assert_eq!(Sort::of(text), sort, "{text}");
        }
    }
}
