//! Results of scans and tests: a run of a tool with what it counted, and evidence where the result is
//! dated. Which report says what is in the files beside. It judges no result: verdicts are the tool's.

pub mod junit;
pub mod openvex;
pub mod sarif;

use super::findings::full_commit;
use super::telling::{Telling, evidence};
use crate::model::{Artefact, Attributes, Kind, Relation, Time};
use crate::proof::digest::sha256;
use serde_json::Value;

/// What one run of a tool gave.
struct Outcome<'a> {
    /// `scan` or `evaluation`.
    kind: &'static str,
    /// `sarif`, `junit`.
    format: &'static str,
    /// What the run is called by its source, if it is.
    uid: Option<&'a str>,
    name: &'a str,
    by: String,
    at: Option<Time>,
    passed: bool,
    attributes: Attributes,
    /// Commits that were looked at, each with its repository.
    commits: Vec<(Option<String>, String)>,
}

impl Outcome<'_> {
    fn tell(self, unit: &str, telling: &mut Telling<'_>) {
        let id = match self.uid {
            Some(uid) => format!("run:{}/{uid}", self.format),
            None => {
                let hash = hex::encode(sha256(unit.as_bytes()));
                format!("run:{}/sha256-{}", self.format, hash.get(..32).unwrap_or(&hash))
            }
        };
        let verdict = if self.passed { "pass" } else { "fail" };
        let mut run = Artefact::new(id.clone(), Kind::Run);
        run.name = Some(self.name.to_owned());
        run.at = self.at;
        run.attributes.clone_from(&self.attributes);
        run.attributes.insert("tool".to_owned(), Value::from(self.by.as_str()));
        run.attributes.insert("verdict".to_owned(), Value::from(verdict));
        telling.artefact(run);
        let mut subjects = Vec::new();
        for (repository, commit) in &self.commits {
            let Some(commit) = full_commit(commit) else { continue };
            let code_id = match repository {
                Some(repository) => format!("code:{repository}@{commit}"),
                None => format!("code:{commit}"),
            };
            let mut code = Artefact::new(code_id.clone(), Kind::Code);
            code.name.clone_from(repository);
            code.identifiers.push(format!("git:{commit}"));
            code.version = Some(commit);
            telling.artefact(code);
            telling.link(&id, Relation::Used, &code_id, self.at);
            subjects.push(code_id);
        }
        if subjects.is_empty() {
            subjects.push(id.clone());
        }
        let Some(at) = self.at else {
            telling.doubt(format!("the report of {} states no time: it is kept as a run and is no evidence", self.by));
            return;
        };
        for subject in subjects {
            let mut said = evidence(&subject, self.kind, at);
            said.scope = Some(self.name.to_owned());
            said.by = Some(self.by.clone());
            said.verdict = Some(verdict.to_owned());
            said.attributes.clone_from(&self.attributes);
            said.attributes.insert("run".to_owned(), Value::from(id.as_str()));
            telling.evidence(said);
        }
    }
}
