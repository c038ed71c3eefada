//! What an event says of its job: description, owners, code. A job is a definition; what one run of
//! it did is told in `runs`.

use super::checks::{clip, foreign, tags};
use super::event::{Bearer, Telling};
use super::ids::{self, Name};
use crate::import::node::{Fault, Node};
use crate::model::{Artefact, Attributes, Kind, Relation, Statement};
use serde_json::Value;

/// Whether an event tells of a run of the job, or of its design alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    Run,
    Design,
}

/// Tells of a job.
pub(super) fn tell(job: &Bearer, name: &Name, setting: Setting, telling: &mut Telling<'_>) {
    let id = name.job();
    let mut artefact = Artefact::new(id.clone(), Kind::Job);
    artefact.name = Some(name.name.clone());
    artefact.at = Some(telling.time);
    artefact.identifiers.push(name.job_identifier());
    artefact.attributes.insert("namespace".to_owned(), Value::from(name.namespace.as_str()));
    let mut owners = Owners::default();
    job.each_facet(telling, &mut |telling, facet_name, facet| match facet_name {
        "ownership" => owners.read(facet, telling),
        "jobType" => {
            for (key, name) in [("jobType", "type"), ("processingType", "processing"), ("integration", "integration")] {
                if let Some(text) = facet.optional_text(key)? {
                    artefact.attributes.insert(name.to_owned(), Value::from(text));
                }
            }
            Ok(())
        }
        "documentation" => {
            artefact.attributes.insert("description".to_owned(), Value::from(clip(facet.text("description")?)));
            Ok(())
        }
        "tags" => tags(facet, &mut artefact.attributes),
        // Code that changes from run to run is told of the run, where there is one.
        "sql" | "sourceCode" | "sourceCodeLocation" => match setting {
            Setting::Run => Ok(()),
            Setting::Design => describe_code(facet_name, facet, &mut artefact.attributes),
        },
        "lineage" => Ok(()),
        _ => {
            foreign(facet_name, facet, &mut artefact.attributes);
            Ok(())
        }
    });
    artefact.owner = owners.first();
    telling.say(Statement::Artefact(artefact));
    owners.tell(&id, telling);
    if setting == Setting::Design {
        tell_codes(job, &id, telling);
    }
}

/// The commits that a job's facets name, as what a run or job was built from.
pub(super) fn tell_codes(job: &Bearer, of: &str, telling: &mut Telling<'_>) {
    job.each_facet(telling, &mut |telling, name, facet| match name {
        "sourceCodeLocation" => tell_code(of, facet, telling),
        _ => Ok(()),
    });
}

/// The lineage facet of a job. It may speak of the event's datasets, so these are told before it.
pub(super) fn tell_lineage(job: &Bearer, name: &Name, telling: &mut Telling<'_>) {
    job.each_facet(telling, &mut |telling, facet_name, facet| match facet_name {
        "lineage" => super::columns::tell_lineage(&name.job(), &Kind::Job, facet, telling),
        _ => Ok(()),
    });
}

/// The owners that an ownership facet lists.
#[derive(Default)]
pub(super) struct Owners(Vec<(String, Option<String>)>);

impl Owners {
    pub(super) fn read(&mut self, facet: &Node<'_>, telling: &mut Telling<'_>) -> Result<(), Fault> {
        for owner in facet.list("owners")? {
            let name = owner.text("name")?;
            match ids::owner(name) {
                Some(id) => self.0.push((id, owner.optional_text("type")?.map(str::to_owned))),
                None => telling.doubt(format!("{}/name: \"{name}\" was blanked out by its source", owner.path)),
            }
        }
        Ok(())
    }

    pub(super) fn first(&self) -> Option<String> {
        self.0.first().map(|(id, _)| id.clone())
    }

    pub(super) fn tell(self, of: &str, telling: &mut Telling<'_>) {
        for (owner, role) in self.0 {
            let mut identity = Artefact::new(owner.clone(), Kind::Identity);
            identity.name = owner.split_once(':').map(|(_, name)| name.to_owned());
            telling.say(Statement::Artefact(identity));
            let mut attributes = Attributes::new();
            if let Some(role) = role {
                attributes.insert("role".to_owned(), Value::from(role));
            }
            telling.link(of, Relation::OwnedBy, &owner, attributes);
        }
    }
}

/// The code a job ran, as attributes of the run.
pub(super) fn describe_code(name: &str, facet: &Node<'_>, attributes: &mut Attributes) -> Result<(), Fault> {
    match name {
        "sql" => {
            attributes.insert("code.sql".to_owned(), Value::from(clip(facet.text("query")?)));
        }
        "sourceCode" => {
            attributes.insert("code.text".to_owned(), Value::from(clip(facet.text("sourceCode")?)));
            if let Some(language) = facet.optional_text("language")? {
                attributes.insert("code.language".to_owned(), Value::from(language));
            }
        }
        _ => {
            for key in ["type", "url", "repoUrl", "path", "version", "tag", "branch", "pullRequestNumber"] {
                if let Some(text) = facet.optional_text(key)? {
                    let key = match key {
                        "repoUrl" => "repository",
                        "pullRequestNumber" => "pull-request",
                        key => key,
                    };
                    attributes.insert(format!("code.{key}"), Value::from(text));
                }
            }
        }
    }
    Ok(())
}

/// The commit a run or job was built from, when the location names one in full. A branch, a tag or
/// a short hash is no identity, and stays an attribute.
fn tell_code(of: &str, facet: &Node<'_>, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let Some(commit) = facet.optional_text("version")?.and_then(ids::commit) else { return Ok(()) };
    let url = match facet.optional_text("repoUrl")? {
        Some(url) => Some(url),
        None => facet.optional_text("url")?,
    };
    let Some(repository) = url.map(ids::repository).filter(|repository| !repository.is_empty()) else {
        return Err(crate::import::node::missing(&facet.path, "url"));
    };
    let mut code = Artefact::new(format!("code:{repository}@{commit}"), Kind::Code);
    code.name = Some(repository);
    code.version = Some(commit.clone());
    code.identifiers.push(format!("git:{commit}"));
    let id = code.id.clone();
    telling.say(Statement::Artefact(code));
    let mut attributes = Attributes::new();
    if let Some(path) = facet.optional_text("path")? {
        attributes.insert("path".to_owned(), Value::from(path));
    }
    telling.link(of, Relation::BuiltFrom, &id, attributes);
    Ok(())
}
