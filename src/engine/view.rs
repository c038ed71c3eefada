//! The ledger as it is asked about: one lineage, the marks on it, a moment. Each method asks one
//! question; both faces come through here.

use crate::engine::{Engine, EngineError, RecordOf, index};
use crate::graph::resolve::{self, resolve};
use crate::graph::walk::Cancelled;
use crate::graph::{Lineage, Node};
use crate::investigate::answer::{Answer, LedgerHead, Row};
use crate::investigate::asking::{Asking, ClaimName, Unanswered};
use crate::investigate::marks::MarkBook;
use crate::investigate::question;
use crate::investigate::rows::{
    Attention, Found, ImpactRow, ImpactSummary, LinkRow, MarkRow, Overview, PathFound, Shown, TreeRow,
};
use crate::investigate::{find, impact, marks, overview, path, show, tree};
use crate::model::{Time, Window};
use crate::store::{Head, Ledger};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError};

/// Which state of the world, and which state of knowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scope {
    /// What was true then; now when absent.
    pub as_of: Option<Time>,
    /// What the ledger knew then; all of it when absent.
    pub known_at: Option<Time>,
}

/// A lineage and what it was made of.
#[derive(Clone)]
pub(super) struct Snapshot {
    head: Head,
    pub(super) lineage: Arc<Lineage>,
    marks: Arc<MarkBook>,
}

/// What an ARTEFACT argument names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// This one.
    One(String),
    /// Several fit; nothing is guessed.
    Several {
        /// The first of them.
        ids: Vec<String>,
        /// How many there are.
        total: usize,
    },
    /// None; these are near.
    None {
        /// Near misses.
        near: Vec<String>,
    },
}

/// A ledger opened for questions.
pub struct View<'a> {
    pub(super) engine: &'a Engine,
    pub(super) snapshot: Snapshot,
    scope: Scope,
    head: LedgerHead,
}

impl Engine {
    /// The lineage as `scope` wants it: the one held in memory where nothing was added since.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn view(&self, scope: &Scope) -> Result<View<'_>, EngineError> {
        let head = self.reader().head()?;
        let snapshot = match scope.known_at {
            Some(at) => self.snapshot_known_at(&head, at)?,
            None => self.snapshot(&head)?,
        };
        let shown = LedgerHead { records: head.records, root: hex::encode(head.root) };
        Ok(View { engine: self, snapshot, scope: *scope, head: shown })
    }

    fn snapshot(&self, head: &Head) -> Result<Snapshot, EngineError> {
        let held = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(held) = held.filter(|held| held.head == *head) {
            return Ok(held);
        }
        let ledger = self.reader();
        let lineage = Arc::new(index::current(self.path(), &ledger)?);
        let marks = Arc::new(mark_book(&lineage, &ledger, u64::MAX)?);
        drop(ledger);
        let fresh = Snapshot { head: head.clone(), lineage, marks };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
        Ok(fresh)
    }

    fn snapshot_known_at(&self, head: &Head, at: Time) -> Result<Snapshot, EngineError> {
        let ledger = self.reader();
        let records = ledger.records_until(at)?;
        let lineage = Arc::new(index::of_first(&ledger, records)?);
        let marks = Arc::new(mark_book(&lineage, &ledger, records)?);
        Ok(Snapshot { head: head.clone(), lineage, marks })
    }
}

/// The marks that the first `records` records make and take back.
fn mark_book(lineage: &Lineage, ledger: &Ledger, records: u64) -> Result<MarkBook, EngineError> {
    let mut said = ledger.marks()?;
    said.retain(|(_, record, _)| *record <= records);
    Ok(MarkBook::new(lineage, &said, &|claim| name_in(ledger, claim)))
}

/// A claim's id for people, and who said it.
fn name_in(ledger: &Ledger, claim: u64) -> ClaimName {
    match ledger.claim_origin(claim) {
        Ok(Some((record, ordinal, source))) => ClaimName { text: format!("{record}.{ordinal}"), source },
        // Rows are drawn all the same: that a claim is gone (redacted meanwhile) is told by its record.
        Ok(None) | Err(_) => ClaimName { text: String::new(), source: String::new() },
    }
}

static NEVER: AtomicBool = AtomicBool::new(false);

impl From<Cancelled> for EngineError {
    fn from(_: Cancelled) -> EngineError {
        EngineError::Cancelled
    }
}

impl From<Unanswered> for EngineError {
    fn from(error: Unanswered) -> EngineError {
        match error {
            Unanswered::Cancelled(_) => EngineError::Cancelled,
            Unanswered::Unknown { .. } => EngineError::Unanswered(error.to_string()),
        }
    }
}

impl<'a> View<'a> {
    /// What the answers are computed on.
    pub fn head(&self) -> &LedgerHead {
        &self.head
    }

    /// The lineage itself, for reading.
    pub fn lineage(&self) -> &Arc<Lineage> {
        &self.snapshot.lineage
    }

    /// Asks something of the lineage; `cancel` stops it where the question can be stopped.
    fn ask<T>(&self, cancel: &AtomicBool, question: impl FnOnce(&Asking<'_>) -> T) -> T {
        let names = |claim: u64| name_in(&self.engine.reader(), claim);
        question(&Asking {
            lineage: &self.snapshot.lineage,
            marks: &self.snapshot.marks,
            as_of: self.scope.as_of,
            now: self.engine.clock().now(),
            cancel,
            names: &names,
        })
    }

    /// Turns an ARTEFACT argument into one id.
    pub fn resolve(&self, text: &str) -> Resolved {
        let lineage = &self.snapshot.lineage;
        let ids = |nodes: &[Node]| nodes.iter().map(|node| lineage.id(*node).to_owned()).collect();
        match resolve(lineage, text) {
            resolve::Resolved::One(node) => Resolved::One(lineage.id(node).to_owned()),
            resolve::Resolved::Several(first, total) => Resolved::Several { ids: ids(&first), total },
            resolve::Resolved::None(near) => Resolved::None { near: ids(&near) },
        }
    }

    /// The ids of the secrets whose value was pasted.
    ///
    /// # Errors
    /// When the pepper cannot be read.
    pub fn holders_of_secret(&self, pasted: &[u8]) -> Result<Vec<String>, EngineError> {
        let lineage = &self.snapshot.lineage;
        let mut found: Vec<String> = Vec::new();
        for print in self.engine.pepper()?.candidates(pasted) {
            let identifier = format!("fingerprint:{print}");
            found.extend(lineage.nodes_with_identifier(&identifier).map(|node| lineage.id(node).to_owned()));
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Whether `text` is the claim of a mark.
    pub fn is_mark(&self, text: &str) -> bool {
        self.snapshot.marks.entries().iter().any(|entry| entry.name == text)
    }

    /// The claim that describes an artefact, the first one where there are several.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn describing_claim(&self, id: &str) -> Result<Option<RecordOf>, EngineError> {
        let lineage = &self.snapshot.lineage;
        let first = lineage.node(id).and_then(|node| lineage.claims(node).next());
        let Some(claim) = first else { return Ok(None) };
        let name = self.engine.reader().claim_name(claim)?;
        Ok(name.map(|(record, ordinal)| RecordOf { record, ordinal: Some(ordinal) }))
    }

    /// Search.
    ///
    /// # Errors
    /// When cancelled.
    pub fn find(&self, question: &question::Find, cancel: Option<&AtomicBool>) -> Result<Answer<Found>, EngineError> {
        Ok(self.ask(cancel.unwrap_or(&NEVER), |asking| find::find(asking, question))?)
    }

    /// Everything known of one artefact.
    ///
    /// # Errors
    /// When there is none of that id, or the ledger cannot be read.
    pub fn show(&self, question: &question::Show) -> Result<Answer<Row, Shown>, EngineError> {
        let needed = show::claims_needed(&self.snapshot.lineage, &question.id);
        let ledger = self.engine.reader();
        let claims = ledger.claims(&needed)?;
        let said = claims.into_iter().map(|(id, _, claim)| {
            let name = name_in(&ledger, id);
            (id, name.text, name.source, claim)
        });
        let said: Vec<_> = said.collect();
        drop(ledger);
        self.ask(&NEVER, |asking| show::show(asking, question, &said))
            .ok_or_else(|| EngineError::NoSuch { what: format!("artefact {}", question.id) })
    }

    /// A tree.
    ///
    /// # Errors
    /// When there is no such artefact.
    pub fn tree(&self, question: &question::Tree) -> Result<Answer<TreeRow>, EngineError> {
        Ok(self.ask(&NEVER, |asking| tree::tree(asking, question))?)
    }

    /// One page of what hangs directly below an artefact, and how many there are in all.
    ///
    /// # Errors
    /// When there is no such artefact.
    pub fn children(
        &self,
        id: &str,
        direction: question::Direction,
        window: &Window,
        page: std::ops::Range<usize>,
    ) -> Result<(Vec<TreeRow>, usize), EngineError> {
        self.ask(&NEVER, |asking| {
            let node = asking.node(id)?;
            Ok(tree::children(asking, node, direction, window, page))
        })
    }

    /// Why one artefact depends on another.
    ///
    /// # Errors
    /// When one of them is not there.
    pub fn path(&self, question: &question::Path) -> Result<Answer<LinkRow, PathFound>, EngineError> {
        Ok(self.ask(&NEVER, |asking| path::path(asking, question))?)
    }

    /// Everything downstream.
    ///
    /// # Errors
    /// When one of the artefacts is not there, or it was cancelled.
    pub fn impact(
        &self,
        question: &question::Impact,
        cancel: Option<&AtomicBool>,
    ) -> Result<Answer<ImpactRow, ImpactSummary>, EngineError> {
        Ok(self.ask(cancel.unwrap_or(&NEVER), |asking| impact::impact(asking, question))?)
    }

    /// The marks that were made.
    ///
    /// # Errors
    /// None today; the signature leaves room for reading more.
    pub fn marks(&self, question: &question::Marks) -> Result<Answer<MarkRow>, EngineError> {
        Ok(self.ask(&NEVER, |asking| marks::marks(asking, question)))
    }

    /// What is in here, and what deserves attention.
    ///
    /// # Errors
    /// When cancelled.
    pub fn overview(&self, cancel: Option<&AtomicBool>) -> Result<Answer<Attention, Overview>, EngineError> {
        Ok(self.ask(cancel.unwrap_or(&NEVER), overview::overview)?)
    }
}
