//! The rows of `plan`. Plain data that both faces draw.

use crate::investigate::rows::last_good::Reason;
use crate::model::{ArtefactId, MarkKind, Time, Window};
use serde::Serialize;

/// What a step does with a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It goes back to the target.
    RollBack,
    /// It is taken out of service: no version of what it runs is safe.
    Disable,
    /// It keeps what it runs: what exposes it is helped by another step.
    Keep,
    /// It keeps what it runs, and gets the new credential in place of the bad one.
    Rotate,
}

impl Action {
    /// The word of the format.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::RollBack => "roll-back",
            Action::Disable => "disable",
            Action::Keep => "keep",
            Action::Rotate => "rotate",
        }
    }
}

/// One step: a deployment and what to do with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanRow {
    /// The deployment.
    pub deployment: ArtefactId,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it runs.
    pub environment: Option<String>,
    /// Risk class.
    pub risk: Option<String>,
    /// What it deploys now that is exposed; itself when the exposure is its own.
    pub current: Option<ArtefactId>,
    /// What to go back to; nothing when none is safe.
    pub target: Option<ArtefactId>,
    /// Why the target is believed: `marked good`, `marked rollback`, or `inferred by` the policy.
    pub how: Option<String>,
    /// What to do.
    pub action: Action,
    /// Steps of one level can be done side by side; a level waits for those below it.
    pub level: u32,
    /// Rows of one step belong to a cycle and are done together.
    pub step: u32,
    /// Why: what is wrong, and what speaks for the target.
    pub reasons: Vec<Reason>,
    /// Versions that were looked at before it and are not safe.
    pub rejected: Vec<Rejected>,
    /// What was checked on the target itself.
    pub checks: Vec<Check>,
    /// What a person would run, as text; never run here.
    pub commands: Vec<Command>,
    /// Whether it is certainly exposed.
    pub certain: bool,
    /// Ids from the bad thing to the deployment.
    pub path: Vec<ArtefactId>,
    /// The claim behind the last hop.
    pub claim: Option<String>,
}

/// A version that is not safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// The version.
    pub id: ArtefactId,
    /// Why.
    pub why: String,
}

/// One check of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `exposure`, `secret`, `digest`, `evidence`, `fits`.
    pub what: String,
    /// `pass`, `fail`, `unknown`.
    pub result: String,
    /// One sentence.
    pub says: String,
    /// The claim behind it.
    pub claim: Option<String>,
}

/// Text for a person to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    /// `mlflow`, `kubectl`, `generic`.
    pub tool: String,
    /// The line; what comes from outside is quoted for a POSIX shell.
    pub text: String,
}

/// What is bad, as the plan takes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BadThing {
    /// The artefact.
    pub id: ArtefactId,
    /// The mark that says so; nothing when it was named.
    pub mark: Option<MarkKind>,
    /// When it was bad.
    pub window: Window,
}

/// One step of rotating a credential, in the order to do it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RotateStep {
    /// Steps of one level can be done side by side.
    pub level: u32,
    /// `issue`, `move`, `revoke`.
    pub action: String,
    /// The credential, or what uses it.
    pub id: ArtefactId,
    /// Who answers for it.
    pub owner: Option<String>,
    /// One sentence.
    pub says: String,
    /// The claim behind it.
    pub claim: Option<String>,
}

/// Something that stays exposed after the whole plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Remaining {
    /// The artefact.
    pub id: ArtefactId,
    /// Its kind.
    pub kind: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Why the plan does not help it.
    pub why: String,
    /// Whether it certainly stays exposed.
    pub certain: bool,
    /// Further steps of the same decision that are counted and not listed.
    pub more: u64,
}

/// Altering the system may destroy what an authority must see first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hold {
    /// Why, with the article.
    pub why: String,
    /// What to do first, as text.
    pub first: String,
    /// The deployments it is about.
    pub deployments: Vec<ArtefactId>,
}

/// What a plan says beside its steps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanSummary {
    /// What is bad.
    pub of: Vec<BadThing>,
    /// Step zero, where there is one.
    pub hold: Option<Hold>,
    /// Credentials to rotate, before anything is rolled back.
    pub rotate: Vec<RotateStep>,
    /// What stays exposed after the whole plan: at most the first hundred.
    pub remaining: Vec<Remaining>,
    /// How many stay exposed, at most.
    pub remaining_count: u64,
    /// How many certainly do.
    pub remaining_at_least: u64,
    /// How many were exposed before it, at most.
    pub exposed_count: u64,
    /// How many certainly were.
    pub exposed_at_least: u64,
    /// Whether anything was taken for bad; what stays exposed was not asked otherwise.
    pub exposure_asked: bool,
    /// How many steps there are; rows of one are done together.
    pub steps: u64,
    /// Deployments that were exposed once and are not now.
    pub past: Vec<ArtefactId>,
    /// The policy that judged targets.
    pub policy: String,
    /// SHA-256 of its file, in hex.
    pub policy_sha256: String,
    /// The moment whose state was planned on.
    pub at: Time,
}
