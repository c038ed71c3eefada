//! The rows of `controls`. Plain data that both faces draw.

use crate::model::{ArtefactId, Time};
use serde::Serialize;

/// One control, what is held that answers it, and what lacks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlRow {
    /// Its framework.
    pub framework: String,
    /// The framework's version: without it an id means nothing.
    pub framework_version: String,
    /// As published.
    pub id: String,
    /// As published, or its category.
    pub title: String,
    /// What it asks, and what here answers it, in our words.
    pub text: String,
    /// The id that was asked for, where it has moved here.
    pub moved_from: Option<String>,
    /// `held`, `in part`, `lacking`, `asked` where only a question answers it.
    pub state: String,
    /// What answers it.
    pub evidence: Vec<ControlEvidence>,
    /// What of that nothing is held of, in a few words each.
    pub lacking: Vec<String>,
}

/// One sort of thing that answers a control.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlEvidence {
    /// `evidence:approval`, `kind:dataset`, `relation:changed-by`, `field:owner`, `absence`, `mark`, `question:plan`.
    pub what: String,
    /// The same in words.
    pub says: String,
    /// How many are held; absent where there is nothing to count.
    pub held: Option<u64>,
    /// Of a field: how many things lack it.
    pub without: u64,
    /// The newest.
    pub newest: Option<Time>,
    /// The newest few.
    pub examples: Vec<ControlExample>,
}

/// One thing that answers a control.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlExample {
    /// The artefact.
    pub id: ArtefactId,
    /// When.
    pub at: Option<Time>,
    /// The claim behind it.
    pub claim: Option<String>,
}

/// What an answer on controls says beside its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ControlsSummary {
    /// The artefact asked about, with all it rests on; the whole ledger when absent.
    pub of: Option<ArtefactId>,
    /// How many of the controls listed lack something.
    pub lacking: u64,
}
