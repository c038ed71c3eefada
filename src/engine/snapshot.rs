//! The lineage and the marks as of one head of the ledger: made once, kept in memory until the ledger
//! grows. It answers no question.

use crate::engine::{Engine, EngineError, index};
use crate::graph::Lineage;
use crate::investigate::asking::ClaimName;
use crate::investigate::find::Finder;
use crate::investigate::marks::MarkBook;
use crate::model::Time;
use crate::store::{Head, Ledger};
use std::sync::{Arc, Mutex, PoisonError};

/// A lineage and what it was made of.
#[derive(Clone)]
pub(super) struct Snapshot {
    head: Head,
    known_at: Option<Time>,
    pub(super) lineage: Arc<Lineage>,
    pub(super) marks: Arc<MarkBook>,
    /// What the search that is being typed remembers; it ends with the lineage it was made on.
    pub(super) finder: Arc<Mutex<Finder>>,
}

impl Engine {
    /// Has `hear` told when an index must be built before a question can be answered, and from how
    /// many claims: of many it takes seconds.
    pub fn when_building(&mut self, hear: impl Fn(u64) + Send + Sync + 'static) {
        self.building = Box::new(hear);
    }

    /// The snapshot held in memory, where it is the one wanted; otherwise a new one.
    pub(super) fn snapshot(&self, head: &Head, known_at: Option<Time>) -> Result<Snapshot, EngineError> {
        let held = || {
            let held = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
            held.filter(|held| held.head == *head && held.known_at == known_at)
        };
        if let Some(held) = held() {
            return Ok(held);
        }
        let ledger = self.reader();
        // Of several that ask at once the first makes it; the others waited for the ledger meanwhile.
        if let Some(held) = held() {
            return Ok(held);
        }
        let records = known_at.map_or(Ok(u64::MAX), |at| ledger.records_until(at))?;
        let lineage = match known_at {
            None => index::current(&self.home, self.path(), &ledger, &self.building)?,
            Some(_) => index::of_first(&ledger, records, &self.building)?,
        };
        let marks = mark_book(&lineage, &ledger, records)?;
        let fresh = Snapshot {
            head: head.clone(),
            known_at,
            lineage: Arc::new(lineage),
            marks: Arc::new(marks),
            finder: Arc::default(),
        };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
        Ok(fresh)
    }

    /// Makes the next question look at the ledger anew.
    pub(super) fn forget_view(&self) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The marks that the first `records` records make and take back.
fn mark_book(lineage: &Lineage, ledger: &Ledger, records: u64) -> Result<MarkBook, EngineError> {
    let mut said = ledger.marks()?;
    said.retain(|(_, record, _)| *record <= records);
    Ok(MarkBook::new(lineage, &said, &|claim| name_in(ledger, claim)))
}

/// A claim's id for people, and who said it.
pub(super) fn name_in(ledger: &Ledger, claim: u64) -> ClaimName {
    match ledger.claim_origin(claim) {
        Ok(Some((record, ordinal, source))) => ClaimName { text: format!("{record}.{ordinal}"), source },
        // Rows are drawn all the same: that a claim is gone (redacted meanwhile) is told by its record.
        Ok(None) | Err(_) => ClaimName { text: String::new(), source: String::new() },
    }
}
