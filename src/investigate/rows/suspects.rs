//! The rows of `suspects`. Plain data that both faces draw.

use crate::investigate::answer::Row;
use crate::model::{ArtefactId, Time};
use serde::Serialize;

/// One artefact upstream of what misbehaves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SuspectRow {
    /// The artefact.
    #[serde(flatten)]
    pub row: Row,
    /// How well it separates bad from good (Ochiai): 1 is perfectly, 0 not at all.
    pub score: f64,
    /// How many of the bad depend on it.
    pub bad: u64,
    /// How many of the good do.
    pub good: u64,
    /// Links from the nearest bad one.
    pub distance: u32,
    /// When the first of the bad came to depend on it, over any way whose links are all dated.
    pub since: Option<Time>,
    /// Whether a way with an undated link may have brought it in before that.
    pub or_earlier: bool,
    /// Ids from the nearest bad one to it.
    pub path: Vec<ArtefactId>,
    /// False where it hangs on undated links.
    pub certain: bool,
    /// How many others the same bad and good depend on: no test of these can tell them apart.
    pub alike: u64,
    /// The claim behind the last hop.
    pub claim: Option<String>,
}

/// One bad or good thing, and why it is taken for that.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Observed {
    /// The artefact.
    pub id: ArtefactId,
    /// The moment whose state counts.
    pub at: Time,
    /// `named`, `marked`, `incident` or `last-good`.
    pub how: String,
    /// In a sentence.
    pub why: String,
}

/// The version that, tested next, tells most.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NextTest {
    /// The version.
    pub id: ArtefactId,
    /// How many of the best suspects it rests on.
    pub with: u64,
    /// How many of them there are.
    pub of: u64,
    /// What either outcome would mean, in a sentence.
    pub says: String,
}

/// What explains the bad where no one thing does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Causes {
    /// Why there may be several, in a sentence.
    pub says: String,
    /// The few suspects that explain the bad, the one that explains most first.
    pub groups: Vec<CauseGroup>,
    /// The bad that none of these explains.
    pub unexplained: Vec<ArtefactId>,
}

/// Some of the bad, and the best suspect behind them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CauseGroup {
    /// The suspect.
    #[serde(flatten)]
    pub row: Row,
    /// Those of the bad that depend on it and on none of the groups before.
    pub bad: Vec<ArtefactId>,
    /// How many of the good depend on it too.
    pub good: u64,
    /// How many others the same bad and good depend on.
    pub alike: u64,
}

/// What a suspects answer says beside its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SuspectsSummary {
    /// What misbehaves.
    pub bad: Vec<Observed>,
    /// What does not.
    pub good: Vec<Observed>,
    /// What to test next, where a test can tell more.
    pub next: Option<NextTest>,
    /// What explains the bad where nothing lies under all of them and none of the good.
    pub causes: Option<Causes>,
}
