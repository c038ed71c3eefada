//! An investigator's statements: written as native lines, recorded in the same log as everything
//! else, taken back by another statement. It deletes nothing.

use crate::engine::{Engine, EngineError, Scope};
use crate::import::native;
use crate::investigate::question::Marks;
use crate::investigate::rows::MarkRow;
use crate::model::{Mark, MarkKind, Retract, Statement, Window};

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

impl Engine {
    /// Makes a mark. The result is it as the ledger now has it.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn mark(&self, request: MarkRequest) -> Result<MarkRow, EngineError> {
        let MarkRequest { about, mark, reason, by, window, case } = request;
        let at = self.clock().now();
        let (since, until) = (window.since, window.until);
        let statement = Statement::Mark(Mark { about: about.clone(), mark, by, at, since, until, reason, case });
        self.state(&[statement])?;
        let view = self.view(&Scope::default())?;
        let rows = view.marks(&Marks { mark: Some(mark), ..Marks::default() })?.rows;
        let made = rows.into_iter().rfind(|row| row.about == about && row.at == at);
        made.ok_or_else(|| EngineError::NoSuch { what: format!("mark on {about}, though it was just made") })
    }

    /// Takes marks back; the result says how many.
    ///
    /// # Errors
    /// When the ledger cannot be read or written.
    pub fn unmark(&self, request: &UnmarkRequest) -> Result<usize, EngineError> {
        let rows = self.view(&Scope::default())?.marks(&Marks { mark: request.mark, ..Marks::default() })?.rows;
        let at = self.clock().now();
        let retractions: Vec<Statement> = rows
            .into_iter()
            .filter(|row| row.about == request.of || row.claim == request.of)
            .map(|row| {
                Statement::Retract(Retract {
                    what: row.claim,
                    by: request.by.clone(),
                    at,
                    reason: request.reason.clone(),
                })
            })
            .collect();
        if !retractions.is_empty() {
            self.state(&retractions)?;
        }
        Ok(retractions.len())
    }

    /// Appends statements through the native importer, as if they had come in a file.
    fn state(&self, statements: &[Statement]) -> Result<(), EngineError> {
        let lines: String = statements.iter().map(|statement| native::write(statement) + "\n").collect();
        let report = self.ingest_bytes(Some(SOURCE), vec![("marks".to_owned(), lines.into_bytes())])?;
        match report.quarantined.first() {
            Some(bad) => Err(EngineError::NoSuch { what: format!("way to record that: {}", bad.why) }),
            None => Ok(()),
        }
    }
}
