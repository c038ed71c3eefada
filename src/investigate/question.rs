//! The questions, as plain values: what both faces ask and what a case saves. It answers none.

use crate::model::{ArtefactId, MarkKind, Window};
use serde::Serialize;

/// Which way to read links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Towards what an artefact depends on.
    Up,
    /// Towards what depends on it.
    Down,
}

/// Fuzzy search over names, ids and identifiers; words `kind:`, `owner:`, `env:`, `mark:` filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Find {
    /// What was typed.
    pub query: String,
    /// Most rows to return; the completeness says how many there are.
    pub limit: usize,
}

/// Everything known of one artefact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Show {
    /// The artefact.
    pub id: ArtefactId,
}

/// The artefact's tree, upstream or downstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// The root.
    pub id: ArtefactId,
    /// Which way.
    pub direction: Direction,
    /// Levels below the root.
    pub depth: u32,
    /// Only these relations; all when empty.
    pub relations: Vec<String>,
    /// Only these kinds below the root; all when empty.
    pub kinds: Vec<String>,
    /// Only links that held at some moment of it.
    pub window: Window,
    /// Most rows to return.
    pub limit: usize,
}

/// Why `from` depends on `to` (or the other way round), hop by hop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Path {
    /// One end.
    pub from: ArtefactId,
    /// The other.
    pub to: ArtefactId,
    /// Only links that held at some moment of it.
    pub window: Window,
}

/// Everything downstream of these artefacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Impact {
    /// What is bad.
    pub of: Vec<ArtefactId>,
    /// The exposure window; open means links of any time count.
    pub window: Window,
    /// Only these kinds in the rows (the walk still passes through all).
    pub kinds: Vec<String>,
    /// Most rows to return; the completeness says how many there are.
    pub limit: usize,
}

/// The marks that were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Marks {
    /// Only this mark.
    pub mark: Option<MarkKind>,
    /// Also those that were retracted.
    pub retracted: bool,
    /// Only of this case.
    pub case: Option<String>,
}
