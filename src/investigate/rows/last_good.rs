//! The rows of `last-good`. Plain data that both faces draw.

use crate::investigate::answer::Row;
use crate::model::{ArtefactId, Time};
use serde::Serialize;

/// One thing that speaks for or against something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Whether it speaks for it.
    pub holds: bool,
    /// One sentence.
    pub says: String,
    /// The claim behind it.
    pub claim: Option<String>,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LastGoodRow {
    /// The version.
    #[serde(flatten)]
    pub row: Row,
    /// `good` or `no`.
    pub verdict: String,
    /// `marked`, or `inferred` by the policy's rule.
    pub how: String,
    /// What speaks for and against it, against first.
    pub reasons: Vec<Reason>,
    /// What speaks for it in a few words each, the most telling first: a mark, who approved it, how long it ran.
    pub why: Vec<String>,
    /// When it was deployed (at the deployment asked about, else anywhere), newest first.
    pub deployed: Vec<Stay>,
    /// Whether it is what is deployed there now.
    pub current: bool,
}

/// A stretch of time at a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stay {
    /// The deployment.
    pub deployment: ArtefactId,
    /// Since when; unknown when absent. Where nobody saw it begin, when it was first seen.
    pub since: Option<Time>,
    /// Where nobody saw it begin: when it was last seen not to be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_after: Option<Time>,
    /// Until when; now when absent. Where nobody saw it end, when it was first seen to be gone.
    pub until: Option<Time>,
    /// Where nobody saw it end: when it was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_after: Option<Time>,
}

/// What a last-good answer says beside its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LastGoodSummary {
    /// The artefact asked about.
    pub of: ArtefactId,
    /// The newest good one before the current, where there is one.
    pub last_good: Option<ArtefactId>,
    /// The policy that judged.
    pub policy: String,
    /// SHA-256 of its file, in hex.
    pub policy_sha256: String,
}
