//! The rows of `timeline`. Plain data that both faces draw.

use crate::model::{ArtefactId, Time};
use serde::Serialize;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimelineRow {
    /// When; where nobody saw it happen, when it was first seen.
    pub at: Time,
    /// Where nobody saw it happen: it was after this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Time>,
    /// `came-to-be`, `deployed`, `withdrawn`, `linked`, `unlinked`, `approval`, `evaluation`, another evidence
    /// kind, `expired`, `action` or another step, `mark`, `retracted`, `note`.
    pub what: String,
    /// The artefact it is about.
    pub about: ArtefactId,
    /// Links from the artefact asked about; 0 is itself.
    pub distance: u32,
    /// One sentence.
    pub says: String,
    /// Who.
    pub by: Option<String>,
    /// The claim behind it.
    pub claim: Option<String>,
}

/// Something that happened, nobody says when.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Undated {
    /// The artefact it is about.
    pub about: ArtefactId,
    /// One sentence.
    pub says: String,
    /// The claim behind it.
    pub claim: Option<String>,
}

/// What a timeline says beside its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimelineSummary {
    /// The artefact asked about.
    pub id: ArtefactId,
    /// How many artefacts its neighbourhood has, itself among them.
    pub neighbours: u64,
    /// What nobody dates: at most the first hundred.
    pub undated: Vec<Undated>,
}
