//! `*.dvc`: a file that stands for data kept elsewhere, and where that was taken from: another repository at a
//! commit, an address, or a command (as old versions wrote it).

use super::Project;
use super::data::Entry;
use crate::import::node::{Fault, Node};
use crate::import::openlineage::ids;
use crate::import::teller::{Teller, clip, keep};
use crate::model::{Artefact, Attributes, Digest, Kind, Relation};
use serde_json::Value;

pub(super) fn tell(
    node: &Node<'_>,
    project: &Project<'_>,
    folder: &str,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let kind = match node.optional_text("type")? {
        Some("model") => Some(Kind::ModelVersion),
        Some("dataset") => Some(Kind::Dataset),
        _ => None,
    };
    let folder = match node.optional_text("wdir")? {
        Some(wdir) => super::data::within(folder, wdir),
        None => folder.to_owned(),
    };
    let mut outs = Vec::new();
    for out in node.list("outs")? {
        let entry = Entry::of(&out, &folder)?;
        let entry = if project.commit.is_some() { entry } else { entry.loose() };
        let kind = match out.optional_text("type")? {
            Some("model") => Some(Kind::ModelVersion),
            Some("dataset") => Some(Kind::Dataset),
            _ => kind.clone(),
        };
        let id = entry.tell(kind.as_ref(), project, telling);
        if let Some(commit) = project.commit_id() {
            let path = Attributes::from([("path".to_owned(), Value::from(entry.path.as_str()))]);
            telling.link_with(&commit, Relation::Contains, &id, project.at, path);
        }
        outs.push(id);
    }
    if outs.is_empty() {
        telling.doubt(format!("{}: it stands for nothing: no outs", node.place()));
    }
    for dep in node.list("deps")? {
        let from = source(&dep, project, &folder, telling)?;
        for out in &outs {
            let mut how = Attributes::new();
            keep(&mut how, "path", dep.optional_text("path")?);
            keep(&mut how, "command", node.optional_text("cmd")?);
            if node.child("frozen")?.is_some_and(|it| *it.value == Value::Bool(true)) {
                how.insert("frozen".to_owned(), Value::Bool(true));
            }
            telling.link_with(out, Relation::DerivedFrom, &from, project.at, how);
        }
    }
    Ok(())
}

/// What data was taken from.
fn source(dep: &Node<'_>, project: &Project<'_>, folder: &str, telling: &mut Teller<'_>) -> Result<String, Fault> {
    let Some(repo) = dep.child("repo")? else { return Ok(Entry::of(dep, folder)?.tell(None, project, telling)) };
    let url = repo.text("url")?;
    let repository = ids::repository(url);
    let Some(lock) = repo.optional_text("rev_lock")? else {
        telling.doubt(format!(
            "{}/repo: no rev_lock: which commit of {} it was taken from is not said",
            dep.path,
            clip(&repository)
        ));
        return Ok(telling.named(format!("code:{repository}"), Kind::Code, repository));
    };
    let Some(commit) = ids::commit(lock) else {
        return Err(format!(
            "{}/repo/rev_lock: \"{}\" is no commit: expected 40 or 64 hex digits",
            dep.path,
            clip(lock)
        ));
    };
    let id = format!("git:{commit}");
    let mut code = Artefact::new(&id, Kind::Code);
    code.name = Some(repository.clone());
    code.version = Some(commit);
    code.digests.push(Digest::parse(&id));
    code.identifiers.push(id);
    code.attributes.insert("repository".to_owned(), Value::from(repository));
    Ok(telling.artefact(code))
}
