//! The words for what verifying can come to. It reaches none.

use serde::Serialize;

/// What can be said of a ledger, or of a part of one that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Whole, and a continuation of a checkpoint that somebody or something else kept.
    Anchored,
    /// Whole as far as it goes; nothing from elsewhere says that it goes far enough.
    Unanchored,
    /// Whole, but shorter than a checkpoint kept for it.
    RolledBack,
    /// Whole, but another history than a checkpoint kept for it.
    Diverged,
    /// Its bytes, claims, signatures or tables do not match.
    Failed,
    /// It could not be checked.
    Inconclusive,
}

impl Verdict {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Anchored => "anchored",
            Verdict::Unanchored => "unanchored",
            Verdict::RolledBack => "rolled-back",
            Verdict::Diverged => "diverged",
            Verdict::Failed => "failed",
            Verdict::Inconclusive => "inconclusive",
        }
    }
}
