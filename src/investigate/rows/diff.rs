//! The rows of `diff`. Plain data that both faces draw.

use crate::model::{ArtefactId, Time};
use serde::Serialize;

/// What happened to one aspect between the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the variants are the words themselves")]
pub enum Change {
    Added,
    Removed,
    Changed,
    Same,
}

/// One difference between the two sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiffRow {
    /// data, features, code, model, base-model, param, metric, environment, prompt, tool, agent, identity,
    /// secret, policy, evaluation, approval, run; of an unknown kind its kind.
    pub aspect: String,
    /// What it is called within the aspect: a logical name, a parameter, an evaluation's scope.
    pub key: String,
    /// Added, removed, changed.
    pub change: Change,
    /// The value on the old side, as people read it: a version, a number, a verdict.
    pub old: Option<String>,
    /// Likewise on the new side.
    pub new: Option<String>,
    /// The artefact of the old side, where one stands behind the row.
    pub old_id: Option<ArtefactId>,
    /// Likewise of the new side.
    pub new_id: Option<ArtefactId>,
    /// How many artefacts of the old side are folded into this row; 1 for most.
    pub old_count: u64,
    /// Likewise of the new side.
    pub new_count: u64,
    /// New minus old, where both are numbers.
    pub delta: Option<f64>,
    /// Who approved it, where an approval of it holds.
    pub approved_by: Option<String>,
    /// `recorded`, `stale`, `refused` (taken back later), `void`, `missing`: the best approval of it there is.
    pub approval: String,
    /// Links from the thing that failed (the new side's root) to it; for what was removed, from the old side's.
    pub distance: u32,
    /// When the thing that failed came to depend on it.
    pub since: Option<Time>,
    /// Where nobody saw that: it was after this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_after: Option<Time>,
    /// Ids from the root to it.
    pub path: Vec<ArtefactId>,
    /// False where it hangs on undated links, or looks removed only because nobody says what took the place of
    /// what it hung on is made of.
    pub certain: bool,
    /// What differs within the pair beside its version: attributes, owner, author, digest.
    pub details: Vec<FieldChange>,
    /// What is known of the new artefact that did not pass: marks first, then evidence, newest first; five
    /// phrases at most, `scan label-drift: warn`, the last of which says how many more there are.
    pub alarms: Vec<String>,
    /// The claim it comes from.
    pub claim: Option<String>,
}

/// One field of a pair that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// Its name.
    pub field: String,
    /// On the old side.
    pub old: Option<String>,
    /// On the new side.
    pub new: Option<String>,
    /// New minus old, where both are numbers.
    pub delta: Option<f64>,
}

/// One side of a diff: an artefact as it stood at a moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiffSide {
    /// The artefact.
    pub id: ArtefactId,
    /// The moment.
    pub at: Time,
    /// How many artefacts it rested on then.
    pub artefacts: u64,
}

/// Why the old side is what it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Baseline {
    /// The version that is taken for good.
    pub id: ArtefactId,
    /// `named`, `marked`, `inferred`.
    pub how: String,
    /// What speaks for it, in sentences.
    pub why: Vec<String>,
}

/// What a diff says beside its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiffSummary {
    /// The old side.
    pub old: DiffSide,
    /// The new side.
    pub new: DiffSide,
    /// Which baseline, and why it is believed.
    pub baseline: Baseline,
    /// How many rows per aspect, in the order of the rows, and how many of each are the same.
    pub by_aspect: Vec<AspectCount>,
}

/// Counts of one aspect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AspectCount {
    /// The aspect.
    pub aspect: String,
    /// Rows that differ.
    pub differ: u64,
    /// Things compared that are the same.
    pub same: u64,
}
