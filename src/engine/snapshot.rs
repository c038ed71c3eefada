//! The lineage and the marks as of one head of the ledger: made once, kept in memory until the ledger
//! grows. It answers no question.

use crate::engine::exceptions::stated;
use crate::engine::vouch::Vouchers;
use crate::engine::{Engine, EngineError, Scope, index};
use crate::graph::Lineage;
use crate::import::native;
use crate::investigate::asking::ClaimName;
use crate::investigate::exceptions::ExceptionBook;
use crate::investigate::find::Finder;
use crate::investigate::marks::MarkBook;
use crate::investigate::said::{Saying, is_investigator};
use crate::investigate::taint::Taint;
use crate::model::{Statement, Time};
use crate::store::{Head, Ledger};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

/// A lineage and what it was made of.
#[derive(Clone)]
pub(super) struct Snapshot {
    head: Head,
    known_at: Option<Time>,
    pub(super) lineage: Arc<Lineage>,
    pub(super) marks: Arc<MarkBook>,
    pub(super) exceptions: Arc<ExceptionBook>,
    /// What the search that is being typed remembers; it ends with the lineage it was made on.
    pub(super) finder: Arc<Mutex<Finder>>,
    /// What the marks come to as of a moment, made when first asked for.
    taint: Arc<Mutex<Option<TaintAt>>>,
}

/// What marks come to; as of when, and in which minute that was asked.
type TaintAt = ((Option<Time>, i64), Arc<Taint>);

impl Snapshot {
    /// What the marks come to, walked again when a minute has passed: what stands may begin or end with
    /// time alone.
    pub(super) fn taint(&self, as_of: Option<Time>, now: Time) -> Arc<Taint> {
        let minute = as_of.unwrap_or(now).seconds() / 60;
        let mut kept = self.taint.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((of, taint)) if *of == (as_of, minute) => taint.clone(),
            _ => {
                // nobody raises this flag, so there is nothing to be stopped by
                let taint = Taint::of(&self.lineage, &self.marks, as_of, now, &AtomicBool::new(false));
                let taint = Arc::new(taint.unwrap_or_default());
                *kept = Some(((as_of, minute), taint.clone()));
                taint
            }
        }
    }
}

impl Engine {
    /// From how many claims an index must be built before anything can be answered, which takes seconds
    /// when there are millions; nothing when it is there.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn must_build(&self, scope: &Scope) -> Result<Option<u64>, EngineError> {
        let ledger = self.reader();
        let head = ledger.head()?;
        if self.held(&head, scope.known_at).is_some() {
            return Ok(None);
        }
        let records = records_of(&ledger, scope.known_at)?;
        let kept = if records >= head.records { index::kept(&self.home, self.path(), &ledger)? } else { None };
        match kept {
            Some(lineage) => self.hold(&ledger, &head, scope.known_at, Arc::new(lineage)).map(|_| None),
            None => Ok(Some(head.claims)),
        }
    }

    /// The snapshot held in memory, where it is the one wanted; otherwise a new one.
    pub(super) fn snapshot(&self, head: &Head, known_at: Option<Time>) -> Result<Snapshot, EngineError> {
        if let Some(held) = self.held(head, known_at) {
            return Ok(held);
        }
        let ledger = self.reader();
        // Of several that ask at once the first makes it; the others waited for the ledger meanwhile.
        if let Some(held) = self.held(head, known_at) {
            return Ok(held);
        }
        let records = records_of(&ledger, known_at)?;
        // Knowing all that is known now is the common case of a moment after the last record.
        let lineage = if records >= head.records {
            self.current_lineage(&ledger)?
        } else {
            Arc::new(index::of_first(&ledger, records)?)
        };
        self.hold(&ledger, head, known_at, lineage)
    }

    /// The lineage held in memory where only marks and notes came after it, otherwise the one on disk.
    fn current_lineage(&self, ledger: &Ledger) -> Result<Arc<Lineage>, EngineError> {
        let held = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        let wanted = index::wanted(ledger)?;
        // what is held of an earlier knowledge has the same head and holds less
        match held.filter(|held| held.known_at.is_none() && *held.lineage.head() == wanted) {
            Some(held) => Ok(held.lineage),
            None => Ok(Arc::new(index::current(&self.home, self.path(), ledger)?)),
        }
    }

    fn held(&self, head: &Head, known_at: Option<Time>) -> Option<Snapshot> {
        let held = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        held.filter(|held| held.head == *head && held.known_at == known_at)
    }

    fn hold(
        &self,
        ledger: &Ledger,
        head: &Head,
        known_at: Option<Time>,
        lineage: Arc<Lineage>,
    ) -> Result<Snapshot, EngineError> {
        let fresh = self.apart(ledger, head, known_at, lineage)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh.clone());
        Ok(fresh)
    }

    /// A snapshot that nobody else is given.
    pub(super) fn apart(
        &self,
        ledger: &Ledger,
        head: &Head,
        known_at: Option<Time>,
        lineage: Arc<Lineage>,
    ) -> Result<Snapshot, EngineError> {
        let records = records_of(ledger, known_at)?;
        let marks = mark_book(&lineage, ledger, records, &self.vouchers)?;
        let exceptions = exception_book(&lineage, ledger, records, &self.vouchers)?;
        Ok(Snapshot {
            head: head.clone(),
            known_at,
            lineage,
            marks: Arc::new(marks),
            exceptions: Arc::new(exceptions),
            finder: Arc::default(),
            taint: Arc::default(),
        })
    }

    /// Makes the next question look at the ledger anew.
    pub(super) fn forget_view(&self) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// How many records count at a moment.
pub(super) fn records_of(ledger: &Ledger, known_at: Option<Time>) -> Result<u64, EngineError> {
    Ok(known_at.map_or(Ok(u64::MAX), |at| ledger.records_until(at))?)
}

/// The marks that the first `records` records make and take back.
fn mark_book(lineage: &Lineage, ledger: &Ledger, records: u64, vouchers: &Vouchers) -> Result<MarkBook, EngineError> {
    let sayings = sayings(ledger, ledger.marks()?, records, vouchers)?;
    let mut remarks = vouchers.remarks(&sayings);
    remarks.extend(erased(ledger)?);
    Ok(MarkBook::of(lineage, &sayings, remarks))
}

/// The exceptions that the first `records` records state and take back.
fn exception_book(
    lineage: &Lineage,
    ledger: &Ledger,
    records: u64,
    vouchers: &Vouchers,
) -> Result<ExceptionBook, EngineError> {
    let mut said = stated(lineage, ledger)?;
    if said.is_empty() {
        return Ok(ExceptionBook::default());
    }
    said.extend(ledger.marks()?.into_iter().filter(|(_, _, it)| matches!(it, Statement::Retract(_))));
    said.sort_by_key(|(claim, ..)| *claim);
    Ok(ExceptionBook::of(lineage, &sayings(ledger, said, records, vouchers)?))
}

/// What to say of investigators' statements that were erased: what they took back or overruled holds again.
pub(super) fn erased(ledger: &Ledger) -> Result<Option<String>, EngineError> {
    let mut many = 0;
    for told in ledger.redactions()? {
        let source = ledger.record(told.record)?.map(|it| it.source);
        if source.is_some_and(|source| is_investigator(&source)) {
            many += told.claims;
        }
    }
    Ok(match many {
        0 => None,
        1 => Some("1 statement of investigators was erased by redaction".to_owned()),
        _ => Some(format!("{many} statements of investigators were erased by redaction")),
    })
}

/// What investigators said in the first `records` records, each with its name, digest and proof.
pub(super) fn sayings(
    ledger: &Ledger,
    mut said: Vec<(u64, u64, Statement)>,
    records: u64,
    vouchers: &Vouchers,
) -> Result<Vec<Saying>, EngineError> {
    said.retain(|(_, record, _)| *record <= records);
    let mut sayings = Vec::with_capacity(said.len());
    // claims of one record follow each other
    let mut last: (u64, Option<Time>) = (0, None);
    for (claim, record, statement) in said {
        if last.0 != record {
            last = (record, ledger.received_at(record)?);
        }
        let received = last.1;
        // A name that cannot be read must not look like one that nobody took back.
        let origin = ledger.claim_origin(claim)?;
        let name = origin.map(|(record, ordinal, source)| ClaimName { text: format!("{record}.{ordinal}"), source });
        let (digest, proof) = (native::digest(&statement), vouchers.proof(&statement));
        let name = name.unwrap_or_default();
        sayings.push(Saying { claim, name, statement, digest, proof, received });
    }
    Ok(sayings)
}

/// A claim's id for people, and who said it.
pub(super) fn name_in(ledger: &Ledger, claim: u64) -> ClaimName {
    match ledger.claim_origin(claim) {
        Ok(Some((record, ordinal, source))) => ClaimName { text: format!("{record}.{ordinal}"), source },
        // Rows are drawn all the same: that a claim is gone (redacted meanwhile) is told by its record.
        Ok(None) | Err(_) => ClaimName { text: String::new(), source: String::new() },
    }
}
