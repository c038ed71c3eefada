//! The questions, as plain values: what both faces ask and what a case saves. It answers none.

use crate::model::{ArtefactId, MarkKind, Window};
use serde::{Deserialize, Serialize};

/// Which way to read links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Towards what an artefact depends on.
    Up,
    /// Towards what depends on it.
    Down,
}

/// Fuzzy search over names, ids and identifiers; words `kind:`, `owner:`, `env:`, `mark:` filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Find {
    /// What was typed.
    pub query: String,
    /// Most rows to return; the completeness says how many there are.
    pub limit: usize,
}

/// Everything known of one artefact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Show {
    /// The artefact.
    pub id: ArtefactId,
}

/// The artefact's tree, upstream or downstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// One end.
    pub from: ArtefactId,
    /// The other.
    pub to: ArtefactId,
    /// Only links that held at some moment of it.
    pub window: Window,
}

/// Everything downstream of these artefacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Marks {
    /// Only this mark.
    pub mark: Option<MarkKind>,
    /// Also those that were retracted.
    pub retracted: bool,
    /// Only of this case.
    pub case: Option<String>,
}

/// What differs between two states, with all they rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// The earlier side; the last known good of `new` when absent.
    pub old: Option<ArtefactId>,
    /// The later side: what fails.
    pub new: ArtefactId,
    /// List also what is the same.
    pub all: bool,
    /// Most rows to return; the completeness says how many there are.
    pub limit: usize,
}

/// The versions something could go back to, and what speaks for and against each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastGood {
    /// A deployment, a model (or another name with versions), or a version.
    pub of: ArtefactId,
}

/// What separates the bad from the good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspects {
    /// What misbehaves; by marks, else by open incidents, when empty.
    pub bad: Vec<ArtefactId>,
    /// What does not; by marks, else the last known good of each bad one, when empty.
    pub good: Vec<ArtefactId>,
    /// Only these kinds in the rows.
    pub kinds: Vec<String>,
    /// Most rows to return; the completeness says how many there are.
    pub limit: usize,
}

/// The way back to a good state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What is bad, or deployments to bring back; everything marked compromised or suspect when empty.
    pub of: Vec<ArtefactId>,
    /// When it was bad; the marks' own windows when open.
    pub window: Window,
    /// Most rows to return; the completeness says how many there are.
    pub limit: usize,
}

/// What happened to an artefact and around it, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The artefact.
    pub id: ArtefactId,
    /// How many links away the neighbourhood ends.
    pub depth: u32,
    /// Only what happened in it.
    pub window: Window,
    /// Most rows to return, the newest; the completeness says how many there are.
    pub limit: usize,
}

/// What the policy asks for and the ledger does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gaps {
    /// Of this artefact and what is at work in it; of everything when absent.
    pub of: Option<ArtefactId>,
    /// Most rows to return; the completeness says how many there are.
    pub limit: usize,
}

/// Whether an artefact may go where it is meant to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// The artefact.
    pub of: ArtefactId,
    /// Where it is meant to go; where it is in use when absent.
    pub environment: Option<String>,
}

/// The evidence an artefact rests on, link by link, and which link does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// A deployment, an endpoint, a version, an agent, or a step of an agent.
    pub id: ArtefactId,
    /// Most rows to return of each kind of link; all are counted.
    pub limit: usize,
}

/// What drifted from what was said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// An artefact with what runs it and what it runs; everything when absent.
    pub of: Option<ArtefactId>,
    /// Most rows to return; the completeness says how many there are.
    pub limit: usize,
}

/// Which evidence is held that answers controls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controls {
    /// A framework, or one control by its id, old ones too; all when absent.
    pub of: Option<String>,
    /// Only evidence on an artefact and what it rests on; the whole ledger's when absent.
    pub about: Option<ArtefactId>,
}

/// Any question that can be saved and asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each variant is documented on the struct it holds")]
pub enum Question {
    Find(Find),
    Show(Show),
    Tree(Tree),
    Path(Path),
    Impact(Impact),
    Diff(Diff),
    LastGood(LastGood),
    Suspects(Suspects),
    Plan(Plan),
    Timeline(Timeline),
    Gaps(Gaps),
    Gate(Gate),
    Chain(Chain),
    Drift(Drift),
    Controls(Controls),
    Marks(Marks),
}
