//! The shapes every answer shares: rows that say how sure they are. It computes no answer.

use crate::investigate::taint::Derived;
use crate::model::{ArtefactId, MarkKind, Time};
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

/// How sure a list is: at least this many, at most that many, and why the two differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct Completeness {
    /// Rows that certainly belong.
    pub at_least: u64,
    /// Rows that may belong, of what the ledger tells.
    pub at_most: u64,
    /// Whether something is not counted, so that there may be more than any number.
    pub open: bool,
    /// Why the two differ, or what was cut or could not be seen. Empty when nothing is in doubt.
    pub because: Vec<String>,
}

impl Completeness {
    /// A list in which nothing is in doubt.
    pub fn exact(rows: usize) -> Completeness {
        Completeness::between(rows as u64, rows as u64, Vec::new())
    }

    /// A list in which some rows are in doubt.
    pub fn between(at_least: u64, at_most: u64, because: Vec<String>) -> Completeness {
        Completeness { at_least, at_most, open: false, because }
    }

    /// Says that something is not counted, and why.
    pub fn leave_open(&mut self, because: impl IntoIterator<Item = String>) {
        let before = self.because.len();
        self.because.extend(because);
        self.open |= self.because.len() > before;
    }
}

impl Serialize for Completeness {
    /// There is no most of what is not counted.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Completeness", 3)?;
        out.serialize_field("at_least", &self.at_least)?;
        out.serialize_field("at_most", &(!self.open).then_some(self.at_most))?;
        out.serialize_field("because", &self.because)?;
        out.end()
    }
}

/// A server of which the ledger does not hold everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InPart {
    /// The source.
    pub source: String,
    /// Why, in a sentence, and what to do.
    pub says: String,
    /// Whether it failed when it was last asked.
    pub failing: bool,
}

/// A question's rows, what they rest on, and how sure they are.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use]
pub struct Answer<R, S = ()> {
    /// One per thing found, in a fixed order.
    pub rows: Vec<R>,
    /// How sure the list is.
    pub completeness: Completeness,
    /// What the answer says beside its rows.
    #[serde(flatten)]
    pub summary: S,
}

/// Whether anybody described an artefact, or it is only mentioned by a link: a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Some record describes it.
    Described,
    /// Only links or evidence mention it.
    MentionedOnly,
}

/// The marks that hold on an artefact, strongest first, for row decoration.
pub type Marks = Vec<MarkKind>;

/// One artefact in a list: what every row of every question starts with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its id.
    pub id: ArtefactId,
    /// Its kind, as written.
    pub kind: String,
    /// Name without version.
    pub name: String,
    /// Version, where it has one.
    pub version: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// `prod`, `staging`, …
    pub environment: Option<String>,
    /// Risk class.
    pub risk: Option<String>,
    /// When it came to be, as stated.
    pub at: Option<Time>,
    /// Described, or only mentioned.
    pub state: State,
    /// Marks that hold on it.
    pub marks: Marks,
    /// What it is exposed to by its lineage, as marks upstream have it.
    pub derived: Option<Derived>,
}

/// What an answer was computed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerHead {
    /// How many records the log holds.
    pub records: u64,
    /// The Merkle root over them, in hex.
    pub root: String,
    /// Up to which record a checkpoint vouches that somebody else keeps, as far as the settings name one; 0 for none.
    pub anchored_to: u64,
    /// How many records were erased by redaction: what they said is in no answer.
    #[serde(skip_serializing_if = "is_none")]
    pub erased: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over what it skips by reference")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl LedgerHead {
    /// How far somebody else vouches for it, and what was erased from it.
    pub fn standing(&self) -> String {
        let anchored = anchoring(self.anchored_to);
        match self.erased {
            0 => anchored,
            1 => format!("{anchored}; 1 record was erased: verify names it"),
            many => format!("{anchored}; {many} records were erased: verify names them"),
        }
    }
}

/// The word for how far somebody else vouches for a log.
pub fn anchoring(anchored_to: u64) -> String {
    match anchored_to {
        0 => "unanchored".to_owned(),
        record => format!("anchored up to record {record}"),
    }
}
