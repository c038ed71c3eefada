//! The rows of each question and what its answer says beside them. Plain data that both faces draw.

mod case;
mod chain;
mod controls;
mod credential;
mod diff;
mod dossier;
mod drift;
mod extract;
mod gaps;
mod last_good;
mod plan;
mod signature;
mod suspects;
mod timeline;

pub use case::{Again, CaseRow, CaseSummary};
pub use chain::{ChainGroup, ChainRow, ChainSummary, LinkState};
pub use controls::{ControlEvidence, ControlExample, ControlRow, ControlsSummary};
pub use credential::{Contact, CredentialUse, SharedWith, UseRow};
pub use diff::{AspectCount, Baseline, Change, DiffRow, DiffSide, DiffSummary, FieldChange};
pub use dossier::{About, Custody, CustodyRow, Dossier, Part, Subject};
pub use drift::{DriftRow, DriftSummary};
pub use extract::Extract;
pub use gaps::{Accepted, Asked, GapRow, GapsSummary, GateSummary, JudgedBy};
pub use last_good::{LastGoodRow, LastGoodSummary, Reason, Stay};
pub use plan::{Action, BadThing, Check, Command, Hold, PlanRow, PlanSummary, Rejected, Remaining, RotateStep};
pub use signature::{FileRow, FilesRow, SignatureRow};
pub use suspects::{CauseGroup, Causes, NextTest, Observed, SuspectRow, SuspectsSummary};
pub use timeline::{TimelineRow, TimelineSummary, Undated};

use crate::investigate::answer::{Row, State};
use crate::investigate::question::Direction;
use crate::investigate::said::{TakenBack, Trust};
use crate::investigate::whence::Origin;
use crate::model::{ArtefactId, Attributes, MarkKind, Time, Window};
use serde::Serialize;

/// One artefact that fits a search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// The artefact.
    #[serde(flatten)]
    pub row: Row,
    /// How well it fits; larger is better.
    pub score: i64,
    /// The identifier or folded id that fitted, when it was not the id itself.
    pub matched: Option<String>,
}

/// Everything known of one artefact: the summary of `show`. Its rows are [`Row`]s (one: itself).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// Content digests, as stated.
    pub digests: Vec<String>,
    /// Other identifiers, as stated.
    pub identifiers: Vec<String>,
    /// Ids folded into this one, and why.
    pub aliases: Vec<Alias>,
    /// What may be the same under another name. Nothing is folded by it: `same` says that two are one.
    pub candidates: Vec<Candidate>,
    /// Attributes of all descriptions, the later received winning; contradictions are in `conflicts`.
    pub attributes: Attributes,
    /// Fields that two records state differently.
    pub conflicts: Vec<Conflict>,
    /// Links to what it depends on.
    pub upstream: Vec<LinkRow>,
    /// Links from what depends on it.
    pub downstream: Vec<LinkRow>,
    /// Of a name what points at its versions, and did: where its aliases, stages and tags led, the latest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pointers: Vec<LinkRow>,
    /// How many links there are each way (the lists above may be cut; completeness says so).
    pub upstream_count: u64,
    /// Likewise downstream.
    pub downstream_count: u64,
    /// Evidence about it, newest first.
    pub evidence: Vec<EvidenceRow>,
    /// What sources say cannot be told.
    pub absences: Vec<AbsenceRow>,
    /// Marks on it that were not taken back.
    pub marks: Vec<MarkRow>,
    /// What is marked upstream and reaches it: the nearest of each mark. Derived; nobody's statement.
    pub derived: Vec<DerivedRow>,
    /// Claims that describe it: `record.ordinal`.
    pub claims: Vec<String>,
    /// When the newest of them was received: how old what is known of it is, wherever it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<Time>,
    /// What came of the signatures on what is said of it, checked now.
    pub signatures: Vec<SignatureRow>,
    /// A folder compared with its signed files, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<FilesRow>,
}

/// Something marked bad that reaches an artefact as things stand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DerivedRow {
    /// The mark it derives from.
    pub mark: MarkKind,
    /// The artefact that is marked.
    pub from: ArtefactId,
    /// False where it hangs on undated links.
    pub certain: bool,
    /// Ids from what is marked (first) to this artefact (last), a shortest way.
    pub path: Vec<ArtefactId>,
    /// The claim of the mark.
    pub claim: String,
}

/// An id folded into another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alias {
    /// The other id.
    pub id: ArtefactId,
    /// Why they are one.
    pub why: String,
    /// The claim that says so, if one does.
    pub claim: Option<String>,
}

/// An artefact that may be another under another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The other.
    pub id: ArtefactId,
    /// What the two share, which proves nothing.
    pub why: String,
}

/// Two records state one field differently.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// The field.
    pub field: String,
    /// Each value with the claim that states it.
    pub values: Vec<(String, String)>,
}

/// One link with where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinkRow {
    /// The dependent.
    pub from: ArtefactId,
    /// The dependency.
    pub to: ArtefactId,
    /// How.
    pub relation: String,
    /// First moment it held; where nobody saw it begin, the first at which it was seen.
    pub since: Option<Time>,
    /// Where nobody saw it begin: when it was last seen not to be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_after: Option<Time>,
    /// Last moment it held; where nobody saw it end, the first at which it was seen to be gone.
    pub until: Option<Time>,
    /// Where nobody saw it end: when it was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_after: Option<Time>,
    /// The claim that states it.
    pub claim: String,
    /// The source that said it.
    pub source: String,
    /// The other end, as the asked artefact sees it.
    pub kind: String,
    /// Whether anybody described the other end.
    pub state: State,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvidenceRow {
    /// The artefact.
    pub about: ArtefactId,
    /// approval, evaluation, …
    pub kind: String,
    /// What it covers.
    pub scope: Option<String>,
    /// Who.
    pub by: Option<String>,
    /// When.
    pub at: Time,
    /// pass, fail, …
    pub verdict: Option<String>,
    /// Until when.
    pub expires: Option<Time>,
    /// `recorded`, `verified` (its signature was checked now), `stale` (expired at the asked moment), `void`
    /// (covers another digest).
    pub standing: String,
    /// The claim that states it.
    pub claim: String,
    /// Where that came from.
    #[serde(flatten)]
    pub origin: Origin,
}

/// Something a source says cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AbsenceRow {
    /// The relation that is lacking.
    pub relation: String,
    /// not-disclosed, …
    pub why: String,
    /// The claim that states it.
    pub claim: String,
}

/// One row of a tree, in the order it is drawn.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TreeRow {
    /// The artefact.
    #[serde(flatten)]
    pub row: Row,
    /// Levels below the root.
    pub depth: u32,
    /// The row it hangs below; absent at the root.
    pub parent: Option<ArtefactId>,
    /// The relation to the parent.
    pub relation: Option<String>,
    /// Dates of the link to the parent, as those of a [`LinkRow`].
    pub since: Option<Time>,
    /// Likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_after: Option<Time>,
    /// Likewise.
    pub until: Option<Time>,
    /// Likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_after: Option<Time>,
    /// Whether the link surely held when it was asked about; false where it may have.
    pub certain: bool,
    /// How many children it has in all.
    pub children: u64,
    /// `again` (already shown above, not opened twice), `cycle` (is its own ancestor), `cut` (depth or limit), or nothing.
    pub note: Option<String>,
    /// The claim behind the link to the parent.
    pub claim: Option<String>,
}

/// What a path answer says beside its hops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PathFound {
    /// Which way the path was found, read from the first end asked for.
    pub direction: Option<Direction>,
    /// How many shortest paths there are (counted up to 1,000).
    pub alternatives: u64,
    /// Whether every hop carries impact.
    pub carries_impact: bool,
}

/// One artefact that is hit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImpactRow {
    /// The artefact.
    #[serde(flatten)]
    pub row: Row,
    /// Hops from the nearest bad artefact.
    pub distance: u32,
    /// Whether it certainly counts; false where it hangs on an undated link or an open-ended doubt, or
    /// on ways that had ended before what is bad could take them.
    pub certain: bool,
    /// Since when it depends on it that way: the latest start along the path, where links state one.
    pub since: Option<Time>,
    /// Where nobody saw that start: it was after this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_after: Option<Time>,
    /// Ids from the bad artefact (first) to this one (last), along a shortest path; where it certainly
    /// counts and no shortest one is in order of dates, along one that arrives earliest.
    pub path: Vec<ArtefactId>,
    /// The claim behind the last hop.
    pub claim: Option<String>,
}

/// What an impact answer says beside its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImpactSummary {
    /// The artefacts asked about.
    pub of: Vec<ArtefactId>,
    /// The window asked about.
    pub window: Window,
    /// How many per kind, deployments, use cases, endpoints, steps, then the rest.
    pub by_kind: Vec<Group>,
    /// How many per environment.
    pub by_environment: Vec<Group>,
    /// How many per owner: the contact list.
    pub by_owner: Vec<Group>,
    /// Whose window it is, where none was asked about: `mark 32.1`.
    pub window_from: Option<String>,
    /// How to reach the owners, as their own records say: at most the first two hundred.
    pub contacts: Vec<Contact>,
    /// How each secret and identity asked about was used.
    pub credentials: Vec<CredentialUse>,
}

/// A count under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The kind, environment or owner; `(none stated)` where there is none.
    pub name: String,
    /// How many certainly.
    pub at_least: u64,
    /// How many possibly.
    pub at_most: u64,
}

/// One mark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MarkRow {
    /// The claim's id, to retract it by.
    pub claim: String,
    /// Other claims that make the same mark: received again, it is one mark still.
    pub also: Vec<String>,
    /// SHA-256 of its canonical line: its name in every ledger.
    pub digest: String,
    /// The artefact.
    pub about: ArtefactId,
    /// The mark.
    pub mark: MarkKind,
    /// Who.
    pub by: String,
    /// How that is known: `claimed`, `signed by …`, `signature does not verify: …`.
    pub proof: String,
    /// The source that said it.
    pub source: String,
    /// How far it is trusted: a mark that is trusted less overrules none that is trusted more.
    pub trust: Trust,
    /// When, as it says itself.
    pub at: Time,
    /// When it was received here first, as the log has it.
    pub received: Option<Time>,
    /// Where the two are more than a day apart, that they are.
    pub remark: Option<String>,
    /// The window it speaks of.
    pub since: Option<Time>,
    /// Likewise.
    pub until: Option<Time>,
    /// Why.
    pub reason: String,
    /// Of which case.
    pub case: Option<String>,
    /// Its signature does not verify, so it does not hold.
    pub refused: bool,
    /// The claim of the mark that contradicts it and holds against it: the more trusted one, of equally
    /// trusted ones the later.
    pub overruled_by: Option<String>,
    /// The claims of the marks that it so overrules.
    pub overrules: Vec<String>,
    /// Who took it back, when and why, and where that was said.
    pub retracted: Option<TakenBack>,
}

/// What is in the ledger: the summary of the overview. Its rows are [`Attention`]s.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overview {
    /// Artefacts per kind, most first.
    pub kinds: Vec<Group>,
    /// Distinct artefacts.
    pub artefacts: u64,
    /// Distinct links.
    pub links: u64,
    /// Pieces of evidence.
    pub evidence: u64,
    /// Artefacts that are only mentioned.
    pub mentioned_only: u64,
    /// The latest date any artefact or link states.
    pub newest: Option<Time>,
    /// The earliest.
    pub oldest: Option<Time>,
    /// Marks that hold.
    pub marks: Vec<MarkRow>,
    /// What came to be last, newest first (deployments, model versions, incidents first shown).
    pub recent: Vec<Row>,
}

/// One thing that deserves attention.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attention {
    /// `high`, `medium`, `low`.
    pub severity: String,
    /// `compromised`, `unapproved-digest`, `conflicting-repeat`, `void-approval`, `expired-approval`, `incident`,
    /// `unapproved`, `source` (a server that fails, or is not held whole), `not-disclosed`, `mentioned-only`.
    pub what: String,
    /// One sentence.
    pub says: String,
    /// The artefact to look at; the source, where it is said of one.
    pub about: ArtefactId,
    /// The claim behind it.
    pub claim: Option<String>,
}
