//! What every question is asked against: the lineage, the marks, the moment. It answers none.

use crate::graph::walk::Cancelled;
use crate::graph::{Held, Lineage, LinkRef, Node};
use crate::investigate::answer::{Row, State};
use crate::investigate::exceptions::{ExceptionBook, Terms};
use crate::investigate::marks::MarkBook;
use crate::investigate::rows::{EvidenceRow, LinkRow};
use crate::investigate::taint::Taint;
use crate::investigate::whence::Origin;
use crate::model::{Policy, Statement, Time, Window};
use std::sync::atomic::{AtomicBool, Ordering};

/// How people name a claim, and the source that made it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClaimName {
    /// `record.ordinal`.
    pub text: String,
    /// The source.
    pub source: String,
}

/// What a question is asked against.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// What the claims come to.
    pub lineage: &'a Lineage,
    /// What investigators said.
    pub marks: &'a MarkBook,
    /// What they come to downstream.
    pub taint: &'a Taint,
    /// Findings that somebody accepted.
    pub exceptions: &'a ExceptionBook,
    /// What answers are judged by; why there is nothing to judge by, which stops only what judges.
    pub policy: Result<&'a Policy, &'a str>,
    /// The case in use, where the answer names it.
    pub case: Option<&'a str>,
    /// Ask what was true then.
    pub as_of: Option<Time>,
    /// The moment of asking.
    pub now: Time,
    /// Raised to stop.
    pub cancel: &'a AtomicBool,
    /// Names claims.
    pub names: &'a dyn Fn(u64) -> ClaimName,
    /// Reads what claims say, in their order, where the lineage alone does not tell (attributes).
    pub claims: &'a dyn Fn(&[u64]) -> Said,
    /// What came of checking the signature on the record behind a claim; nothing where none was checked.
    pub signed: &'a dyn Fn(u64) -> Option<Signed>,
    /// When the record behind a claim was received.
    pub seen: &'a dyn Fn(u64) -> Option<Time>,
    /// How a record arrived, as it names its file.
    pub file: &'a dyn Fn(u64) -> Option<String>,
}

/// What came of checking the signature on a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Whether it is verified, or was checked and failed; nothing where neither can be said.
    pub holds: Option<bool>,
    /// In a sentence: by which key or certificate, or at which check it failed.
    pub says: String,
    /// Each check with what came of it: `log: held`, `identity: not checked`.
    pub levels: Vec<String>,
}

/// Claims with what they say; or why they cannot be read.
pub type Said = Result<Vec<(u64, Statement)>, String>;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Whoever asked stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Claims could not be read.
    #[error("what the ledger was told could not be read: {0}; lastgood verify says what is damaged")]
    Unreadable(String),
    /// The question makes no sense, whatever the ledger holds of it: it has to be asked otherwise.
    #[error("{0}")]
    Senseless(String),
    /// The policy cannot be used, and the question is answered by it.
    #[error("{0}; put it right, or take it away to judge by the default")]
    NoPolicy(String),
    /// The ledger has nothing to answer it from: nothing is marked, nothing is known to be good.
    #[error("{0}")]
    Nothing(String),
    /// No artefact has the id.
    #[error("nothing in the ledger is called \"{id}\"; look for it with: lastgood find \"{id}\"")]
    Unknown {
        /// The id asked for.
        id: String,
    },
}

impl<'a> Asking<'a> {
    /// By what exceptions are judged.
    pub fn terms(&self) -> Terms<'a> {
        Terms { moment: self.moment(), policy: self.policy.ok() }
    }

    /// The artefact of an id.
    ///
    /// # Errors
    /// When there is none.
    pub fn node(&self, id: &str) -> Result<Node, Unanswered> {
        self.lineage.node(id).ok_or_else(|| Unanswered::Unknown { id: id.to_owned() })
    }

    /// The window to judge links by. Asked as of a moment, an open window shrinks to that moment and
    /// a stated one ends there at the latest.
    pub fn window(&self, window: &Window) -> Window {
        match self.as_of {
            None => *window,
            Some(at) if window.is_open() => Window::at(at),
            Some(at) => Window {
                since: window.since.map(|since| since.min(at)),
                until: Some(window.until.map_or(at, |until| until.min(at))),
            },
        }
    }

    /// The moment by which evidence is stale or not.
    pub fn moment(&self) -> Time {
        self.as_of.unwrap_or(self.now)
    }

    /// The policy to judge by.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn policy(&self) -> Result<&'a Policy, Unanswered> {
        self.policy.map_err(|why| Unanswered::NoPolicy(why.to_owned()))
    }

    /// Stops when whoever asked does not want the answer any more.
    ///
    /// # Errors
    /// When that is so.
    pub fn go_on(&self) -> Result<(), Cancelled> {
        if self.cancel.load(Ordering::Relaxed) { Err(Cancelled) } else { Ok(()) }
    }

    /// The row of an artefact.
    pub fn row(&self, node: Node) -> Row {
        let lineage = self.lineage;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Row {
            id: lineage.id(node).to_owned(),
            kind: lineage.kind(node).to_owned(),
            name: lineage.name(node).to_owned(),
            version: owned(lineage.version(node)),
            owner: owned(lineage.owner(node)),
            environment: owned(lineage.environment(node)),
            risk: owned(lineage.risk(node)),
            at: lineage.at(node),
            state: state(lineage, node),
            marks: self.marks.on(node, self.as_of),
            derived: self.taint.on(node),
        }
    }

    /// The row of a link, as seen from its other end.
    pub fn link_row(&self, link: &LinkRef<'a>, other: Node) -> LinkRow {
        let name = (self.names)(link.claim);
        LinkRow {
            from: self.lineage.id(link.from).to_owned(),
            to: self.lineage.id(link.to).to_owned(),
            relation: link.relation.to_owned(),
            since: link.since,
            since_after: link.since_after,
            until: link.until,
            until_after: link.until_after,
            claim: name.text,
            source: name.source,
            kind: self.lineage.kind(other).to_owned(),
            state: state(self.lineage, other),
        }
    }

    /// Evidence about an artefact as known at the asked moment, newest first.
    pub fn evidence_rows(&self, node: Node) -> Vec<EvidenceRow> {
        let known = self.lineage.evidence(node).rev().filter(|it| self.as_of.is_none_or(|at| it.at <= at));
        let owned = |text: Option<&str>| text.map(str::to_owned);
        known
            .map(|it| EvidenceRow {
                about: self.lineage.id(it.about).to_owned(),
                kind: it.kind.to_owned(),
                scope: owned(it.scope),
                by: owned(it.by),
                at: it.at,
                verdict: owned(it.verdict),
                expires: it.expires,
                standing: standing(it.void, it.expires, self.moment()).to_owned(),
                claim: self.claim(it.claim),
                origin: self.origin(it.claim),
            })
            .collect()
    }

    /// Where a claim came from.
    pub fn origin(&self, claim: u64) -> Origin {
        let name = (self.names)(claim);
        let record = name.text.split_once('.').and_then(|(record, _)| record.parse().ok());
        Origin::of(name.source, record, record.and_then(self.file), (self.seen)(claim))
    }

    /// What claims say, in their order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn statements(&self, claims: &[u64]) -> Result<Vec<(u64, Statement)>, Unanswered> {
        (self.claims)(claims).map_err(Unanswered::Unreadable)
    }

    /// How people name a claim.
    pub fn claim(&self, claim: u64) -> String {
        (self.names)(claim).text
    }

    /// Whether a link may have held at some moment of the window.
    pub fn held(&self, link: &LinkRef<'_>, window: &Window) -> bool {
        link.held(window) >= Held::Possibly
    }
}

/// Whether evidence counts: `recorded`, `stale`, `void`.
pub(super) fn standing(void: bool, expires: Option<Time>, moment: Time) -> &'static str {
    match (void, expires) {
        (true, _) => "void",
        (false, Some(expires)) if expires <= moment => "stale",
        _ => "recorded",
    }
}

/// Described, or only mentioned.
pub(super) fn state(lineage: &Lineage, node: Node) -> State {
    if lineage.described(node) { State::Described } else { State::MentionedOnly }
}
