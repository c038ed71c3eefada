//! The rows of `drift`. Plain data that both faces draw.

use crate::model::{ArtefactId, Time};
use serde::Serialize;

/// One thing that is not where, or not what, it was said to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DriftRow {
    /// `deployed-digest`, `moved-pointer`, `removed-pointer`, `changed-content`, `deleted`; `copies` is no drift but shows where
    /// one content lies.
    pub what: String,
    /// The artefact.
    pub about: ArtefactId,
    /// One sentence.
    pub says: String,
    /// What was approved, stated or pointed at before.
    pub old: Option<String>,
    /// What is there now.
    pub new: Option<String>,
    /// When we saw it, or when its source says that it happened.
    pub seen: Option<Time>,
    /// Every name or place, in the order in which they were seen.
    pub also: Vec<String>,
    /// Whether something drifted.
    pub drifted: bool,
    /// The claim behind it.
    pub claim: Option<String>,
}

/// What a drift answer says beside its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DriftSummary {
    /// The artefact asked about; all when absent.
    pub of: Option<ArtefactId>,
    /// How many things drifted.
    pub drifted: u64,
}
