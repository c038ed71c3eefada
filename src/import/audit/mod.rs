//! Audit logs: who did what to which thing, and whether it was allowed. Each entry becomes a step with
//! its actor; which log says what is in the files beside. It concludes no cause from order in time.

pub mod chainloop;
pub mod cloudtrail;
pub mod github;
pub mod kubernetes;
mod names;
pub mod ocsf;
pub mod vault;

use super::telling::{Telling, evidence};
use crate::model::{Artefact, Attributes, Kind, Relation, Time};
use crate::proof::digest::sha256;
use names::Named;
use serde_json::Value;

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Denied,
    Failed,
    /// The log does not say, or says so in another entry.
    Unsaid,
}

impl Outcome {
    fn word(self) -> Option<&'static str> {
        match self {
            Outcome::Done => Some("done"),
            Outcome::Denied => Some("denied"),
            Outcome::Failed => Some("failed"),
            Outcome::Unsaid => None,
        }
    }
}

/// What an action was upon.
struct Target {
    thing: Named,
    /// Whether the action changed it rather than read it.
    changed: bool,
}

/// One entry of a log.
struct Entry {
    id: String,
    name: String,
    /// The step's sort: `action`, `secret-access`.
    step: &'static str,
    at: Option<Time>,
    /// Whose log it is, which is who let it pass or denied it.
    by: String,
    actor: Option<Named>,
    /// Whom the actor acted for.
    principal: Option<Named>,
    /// The role that the actor took on by this very action.
    assumed: Option<Named>,
    /// What it showed to prove who it is.
    credential: Option<Named>,
    outcome: Outcome,
    reason: Option<String>,
    /// What a policy decided, where the log tells that apart from the outcome.
    decision: Option<(String, bool)>,
    targets: Vec<Target>,
    attributes: Attributes,
}

impl Entry {
    fn new(id: String, name: &str, by: &str) -> Entry {
        Entry {
            id,
            name: name.to_owned(),
            step: "action",
            at: None,
            by: by.to_owned(),
            actor: None,
            principal: None,
            assumed: None,
            credential: None,
            outcome: Outcome::Unsaid,
            reason: None,
            decision: None,
            targets: Vec::new(),
            attributes: Attributes::new(),
        }
    }

    fn tell(mut self, telling: &mut Telling<'_>) {
        let at = self.at;
        let access = self.targets.iter().any(|target| target.thing.kind == Kind::Secret);
        let mut step = Artefact::new(self.id.clone(), Kind::Step);
        step.name = Some(self.name.clone());
        step.at = at;
        step.attributes = std::mem::take(&mut self.attributes);
        step.attributes.insert("step".to_owned(), Value::from(if access { "secret-access" } else { self.step }));
        if let Some(word) = self.outcome.word() {
            step.attributes.insert("outcome".to_owned(), Value::from(word));
        }
        if let Some(reason) = &self.reason {
            step.attributes.insert("reason".to_owned(), Value::from(reason.as_str()));
        }
        let refused = matches!(self.outcome, Outcome::Denied | Outcome::Failed);
        if refused && !self.targets.is_empty() {
            // It did not come about: what it was meant for depends on nothing here.
            let meant: Vec<Value> = self.targets.iter().map(|target| Value::from(target.thing.id.as_str())).collect();
            step.attributes.insert("target".to_owned(), Value::from(meant));
        }
        telling.artefact(step);
        if let Some(actor) = &self.actor {
            actor.tell(telling);
            telling.link(&self.id, Relation::RunsAs, &actor.id, at);
            if let Some(principal) = self.principal.as_ref().filter(|_| !refused) {
                principal.tell(telling);
                telling.link(&actor.id, Relation::ActedFor, &principal.id, at);
            }
            if let Some(role) = self.assumed.as_ref().filter(|_| !refused) {
                role.tell(telling);
                telling.link(&role.id, Relation::ActedFor, &actor.id, at);
            }
        }
        if let Some(credential) = &self.credential {
            credential.tell(telling);
            telling.link(&self.id, Relation::AuthenticatesWith, &credential.id, at);
        }
        for target in self.targets.iter().filter(|_| !refused) {
            target.thing.tell(telling);
            match target.changed {
                true => telling.link(&target.thing.id, Relation::ChangedBy, &self.id, at),
                false => telling.link(&self.id, Relation::Used, &target.thing.id, at),
            }
        }
        self.tell_verdict(telling);
    }

    fn tell_verdict(self, telling: &mut Telling<'_>) {
        let (why, allowed) = match (self.decision, self.outcome) {
            (Some((why, allowed)), _) => (Some(why).filter(|why| !why.is_empty()), allowed),
            (None, Outcome::Denied) => (self.reason, false),
            (None, _) => return,
        };
        let Some(at) = self.at else { return };
        let mut verdict = evidence(&self.id, "policy-verdict", at);
        verdict.scope = Some(self.name);
        verdict.by = Some(self.by);
        verdict.verdict = Some(if allowed { "pass" } else { "fail" }.to_owned());
        verdict.attributes.insert("decision".to_owned(), Value::from(if allowed { "allow" } else { "deny" }));
        if let Some(why) = why {
            verdict.attributes.insert("reason".to_owned(), Value::from(why));
        }
        telling.evidence(verdict);
    }
}

/// The id of an entry: what its log calls it, else the hash of what it says.
fn step_id(uid: Option<&str>, unit: &str, telling: &mut Telling<'_>) -> String {
    match uid {
        Some(uid) => format!("step:event/{uid}"),
        None => {
            telling.doubt("the entry has no id: it is known by the hash of its text");
            let hash = hex::encode(sha256(unit.as_bytes()));
            format!("step:event/sha256-{}", hash.get(..32).unwrap_or(&hash))
        }
    }
}

/// Whether a reason means that somebody was not allowed to.
fn is_denial(reason: &str) -> bool {
    let lower = reason.to_ascii_lowercase();
    ["denied", "unauthorized", "forbidden", "not authorized", "permission", "unauthorised"]
        .iter()
        .any(|word| lower.contains(word))
}
