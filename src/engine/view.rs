//! The ledger as it is asked about: one lineage, the marks on it, a moment. Each method asks one
//! question; both faces come through here.

use crate::engine::candidate::Beside;
use crate::engine::snapshot::{Snapshot, name_in};
use crate::engine::{Engine, EngineError, RecordOf};
use crate::graph::resolve::{self, resolve};
use crate::graph::walk::Cancelled;
use crate::graph::{Lineage, Node};
use crate::investigate::answer::{Answer, LedgerHead};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::question;
use crate::investigate::rows::{
    Attention, Found, ImpactRow, ImpactSummary, LinkRow, MarkRow, Overview, PathFound, TreeRow,
};
use crate::investigate::taint::Taint;
use crate::investigate::{find, impact, marks, overview, path, tree};
use crate::model::{Time, Window};
use crate::store::Head;
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
    taint: Arc<Taint>,
    pub(super) scope: Scope,
    head: LedgerHead,
    beside: Option<Arc<Beside>>,
}

impl Engine {
    /// The lineage as `scope` wants it: the one held in memory where nothing was added since.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn view(&self, scope: &Scope) -> Result<View<'_>, EngineError> {
        let head = self.reader().head()?;
        let snapshot = self.snapshot(&head, scope.known_at)?;
        Ok(self.view_of(scope, snapshot, &head, None))
    }

    /// A view of a snapshot, with what lies beside the ledger.
    pub(super) fn view_of(
        &self,
        scope: &Scope,
        snapshot: Snapshot,
        head: &Head,
        beside: Option<Arc<Beside>>,
    ) -> View<'_> {
        let shown = self.standing(head);
        let taint = snapshot.taint(scope.as_of, self.clock().now());
        View { engine: self, snapshot, taint, scope: *scope, head: shown, beside }
    }
}

pub(super) static NEVER: AtomicBool = AtomicBool::new(false);

impl From<Cancelled> for EngineError {
    fn from(_: Cancelled) -> EngineError {
        EngineError::Cancelled
    }
}

impl From<Unanswered> for EngineError {
    fn from(error: Unanswered) -> EngineError {
        match error {
            Unanswered::Cancelled(_) => EngineError::Cancelled,
            Unanswered::Senseless(text) => EngineError::Senseless(text),
            no_policy @ Unanswered::NoPolicy(_) => EngineError::Senseless(no_policy.to_string()),
            _ => EngineError::Unanswered(error.to_string()),
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
    pub(super) fn ask<T>(&self, cancel: &AtomicBool, question: impl FnOnce(&Asking<'_>) -> T) -> T {
        let beside = |claim: u64| self.beside.as_ref().and_then(|beside| beside.get(claim));
        let names = |claim: u64| match beside(claim) {
            Some((name, _)) => name.clone(),
            None => name_in(&self.engine.reader(), claim),
        };
        let claims = |wanted: &[u64]| {
            let read = self.engine.reader().claims(wanted).map_err(|error| error.to_string())?;
            let kept = read.into_iter().map(|(id, _, claim)| (id, claim.statement));
            // claims of files follow all of the ledger's, so the order stays
            let more = wanted.iter().filter_map(|claim| Some((*claim, beside(*claim)?.1.clone())));
            Ok(kept.chain(more).collect())
        };
        let seen = |claim: u64| self.engine.reader().claim_received(claim).ok().flatten();
        let file = |record: u64| self.engine.reader().file_of_record(record).ok().flatten();
        let signed = |claim: u64| self.engine.signed(&names(claim).text);
        question(&Asking {
            lineage: &self.snapshot.lineage,
            marks: &self.snapshot.marks,
            taint: &self.taint,
            exceptions: &self.snapshot.exceptions,
            policy: self.engine.policy.as_ref().map_err(String::as_str),
            case: None,
            as_of: self.scope.as_of,
            now: self.engine.clock().now(),
            cancel,
            names: &names,
            claims: &claims,
            signed: &signed,
            seen: &seen,
            file: &file,
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

    /// Since when the ledger was told of what `text` names, where it is asked what it knew before that.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn known_only_since(&self, text: &str) -> Result<Option<(String, Time)>, EngineError> {
        let Some(known_at) = self.scope.known_at else { return Ok(None) };
        let now = self.engine.view(&Scope { known_at: None, ..self.scope })?;
        let Resolved::One(id) = now.resolve(text) else { return Ok(None) };
        let lineage = now.lineage();
        let Some(node) = lineage.node(&id) else { return Ok(None) };
        let links = lineage.upstream(node).chain(lineage.downstream(node)).map(|link| link.claim);
        let Some(first) = lineage.claims(node).chain(links).min() else { return Ok(None) };
        let ledger = self.engine.reader();
        let record = ledger.claim_name(first)?.map(|(record, _)| record);
        let received = record.map(|record| ledger.received_at(record)).transpose()?.flatten();
        Ok(received.filter(|received| *received > known_at).map(|received| (id, received)))
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

    /// Whether `text` is the claim of a mark, a note or an exception.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn is_said(&self, text: &str) -> Result<bool, EngineError> {
        let Some(RecordOf { record, ordinal: Some(ordinal) }) = RecordOf::parse(text) else { return Ok(false) };
        let kind = self.engine.reader().claim_type(record, ordinal)?;
        Ok(kind.is_some_and(|kind| ["mark", "note", "same-as"].contains(&kind.as_str()))
            || self.exception(text).is_some())
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

    /// Search as it is typed: `early` gets a first page when there is enough for one before all is looked
    /// at, and what fitted the last query is remembered for a longer one.
    ///
    /// # Errors
    /// When cancelled.
    pub fn find_as_typed(
        &self,
        question: &question::Find,
        cancel: &AtomicBool,
        early: &mut dyn FnMut(Answer<Found>),
    ) -> Result<Answer<Found>, EngineError> {
        // Whoever searched before was told to stop, and does within a millisecond or two.
        let mut finder = self.snapshot.finder.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.ask(cancel, |asking| finder.ask(asking, question, early))?)
    }

    /// A tree.
    ///
    /// # Errors
    /// When there is no such artefact.
    pub fn tree(&self, question: &question::Tree) -> Result<Answer<TreeRow>, EngineError> {
        Ok(self.counted(self.ask(&NEVER, |asking| tree::tree(asking, question))?))
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
        Ok(self.counted(self.ask(&NEVER, |asking| path::path(asking, question))?))
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
        Ok(self.counted(self.ask(cancel.unwrap_or(&NEVER), |asking| impact::impact(asking, question))?))
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
        let in_part = self.engine.in_part();
        Ok(self.ask(cancel.unwrap_or(&NEVER), |asking| overview::overview(asking, &in_part))?)
    }
}
