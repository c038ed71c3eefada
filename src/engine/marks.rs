//! An investigator's statements: written as native lines, recorded in the same log as everything
//! else, taken back by another statement. It deletes nothing.

use crate::engine::{Engine, EngineError, Scope};
use crate::import::native;
use crate::investigate::question::Marks;
use crate::model::{Mark, MarkKind, Retract, Statement, Time, Window};

/// The source that marks and notes go under.
const SOURCE: &str = "investigator";

/// A mark to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkRequest {
    /// The artefact's id.
    pub about: String,
    /// What is said of it.
    pub mark: MarkKind,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: String,
    /// The window it speaks of.
    pub window: Window,
    /// The investigation it belongs to.
    pub case: Option<String>,
}

/// Marks to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmarkRequest {
    /// An artefact's id, or the claim of one mark.
    pub of: String,
    /// Only this mark.
    pub mark: Option<MarkKind>,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
}

/// What taking marks back did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmarked {
    /// The claims that were taken back.
    pub taken: Vec<String>,
    /// The first claim that says so.
    pub written: String,
}

impl Engine {
    /// Makes a mark. The result is its claim.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn mark(&self, request: MarkRequest) -> Result<String, EngineError> {
        let MarkRequest { about, mark, reason, by, window, case } = request;
        let at = self.moment()?;
        let (since, until) = (window.since, window.until);
        self.state(&[Statement::Mark(Mark { about, mark, by, at, since, until, reason, case })])
    }

    /// Takes marks back; the result names the claims that were, and the first claim that says so.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub fn unmark(&self, request: &UnmarkRequest) -> Result<Unmarked, EngineError> {
        let view = self.view(&Scope::default())?;
        let rows = view.marks(&Marks { mark: request.mark, ..Marks::default() })?.rows;
        // A mark may name an id that was folded into another since.
        let lineage = view.lineage();
        let asked = lineage.node(&request.of);
        let same = |about: &str| about == request.of || (asked.is_some() && lineage.node(about) == asked);
        let taken: Vec<String> =
            rows.into_iter().filter(|row| row.claim == request.of || same(&row.about)).map(|row| row.claim).collect();
        if taken.is_empty() {
            return Ok(Unmarked { taken, written: String::new() });
        }
        let at = self.moment()?;
        let retract = |what: &String| {
            let (by, reason) = (request.by.clone(), request.reason.clone());
            Statement::Retract(Retract { what: what.clone(), by, at, reason })
        };
        let written = self.state(&taken.iter().map(retract).collect::<Vec<_>>())?;
        Ok(Unmarked { taken, written })
    }

    /// When a statement is made. Where the clock stands still, statements follow each other by a
    /// microsecond: equal ones would be one record, which the log would hold already.
    fn moment(&self) -> Result<Time, EngineError> {
        let now = self.clock().now();
        let step = if self.clock().stands_still() { self.head()?.records } else { 0 };
        Ok(Time::from_micros(now.micros().saturating_add(i64::try_from(step).unwrap_or(i64::MAX))))
    }

    /// Appends statements through the native importer, as if they had come in a file. The result is
    /// the first one's claim.
    fn state(&self, statements: &[Statement]) -> Result<String, EngineError> {
        let lines: String = statements.iter().map(|statement| native::write(statement) + "\n").collect();
        let report = self.ingest_bytes(Some(SOURCE), vec![("marks".to_owned(), lines.into_bytes())])?;
        match report.quarantined.first() {
            Some(bad) => Err(EngineError::NoSuch { what: format!("way to record that: {}", bad.why) }),
            None => Ok(format!("{}.1", report.last_record)),
        }
    }
}
