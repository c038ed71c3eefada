//! An investigator's statements: written as native lines, recorded in the same log as everything
//! else, taken back by another statement. It deletes nothing.

use crate::engine::{Engine, EngineError, Scope};
use crate::import::native;
use crate::investigate::marks::INVESTIGATOR;
use crate::investigate::question::Marks;
use crate::model::{Mark, MarkKind, Retract, Statement, Time, Window};

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
        let (since, until) = (window.since, window.until);
        let said = Mark { about, mark, by, at: self.clock().now(), since, until, reason, case, signature: None };
        self.state(|at| vec![Statement::Mark(Mark { at, ..said.clone() })])
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
        let retract = |what: &String, at: Time| {
            let (by, reason) = (request.by.clone(), request.reason.clone());
            Statement::Retract(Retract { what: what.clone(), of: None, by, at, reason, signature: None })
        };
        let written = self.state(|at| taken.iter().map(|what| retract(what, at)).collect())?;
        Ok(Unmarked { taken, written })
    }

    /// Appends statements through the native importer, as if they had come in a file. The result is
    /// the first one's claim.
    ///
    /// Said twice at one moment (the demo's clock stands still) a statement would be one record, which
    /// the log would hold already; so the later is said a microsecond later.
    fn state(&self, make: impl Fn(Time) -> Vec<Statement>) -> Result<String, EngineError> {
        let mut at = self.clock().now();
        loop {
            let lines: String = make(at).iter().map(|statement| native::write(statement) + "\n").collect();
            let report = self.ingest_bytes(Some(INVESTIGATOR), vec![("marks".to_owned(), lines.into_bytes())])?;
            match report.quarantined.first() {
                Some(bad) => return Err(EngineError::NoSuch { what: format!("way to record that: {}", bad.why) }),
                None if report.records > 0 => return Ok(format!("{}.1", report.last_record)),
                None => at = Time::from_micros(at.micros().saturating_add(1)),
            }
        }
    }
}
