//! A case as a file: what was said in it as native lines, written for a colleague and taken in from one. What
//! is known already is not recorded again. It carries no record of what the statements are about.

use crate::connector::Item;
use crate::engine::ingest::NotRead;
use crate::engine::pipeline::Pipeline;
use crate::engine::{Engine, EngineError, ImportReport};
use crate::import::native::{self, Native};
use crate::investigate::case::{CaseBook, check_name};
use crate::investigate::said::{CASE_SOURCE, Saying, Trust, is_investigator};
use crate::model::Statement;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::io::Cursor;

/// What taking in a case did.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CaseImport {
    /// The cases the file speaks of.
    pub cases: Vec<String>,
    /// Statements that are new here.
    pub added: u64,
    /// Statements that were known already.
    pub known: u64,
    /// Lines that could not be taken in, each with why.
    pub not_read: Vec<NotRead>,
}

/// A case as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseExport {
    /// What is in it.
    pub lines: String,
    /// How many statements those are.
    pub statements: u64,
    /// How many others name the case and were left out.
    pub left_out: u64,
}

impl Engine {
    /// Everything that investigators said in a case, one native line each, oldest first: its marks, notes and
    /// saved answers, and what took any of them back. What plain files say in its name stays out: taken in
    /// with a case it would be an investigator's.
    ///
    /// # Errors
    /// When there is no such case, or the ledger cannot be read.
    pub fn export_case(&self, name: &str) -> Result<CaseExport, EngineError> {
        let sayings = self.sayings(None)?;
        let book = CaseBook::of(&sayings);
        let (said, left_out) = book.of_investigators(name);
        let mut export = CaseExport { lines: String::new(), statements: said.len() as u64, left_out };
        for said in said {
            // of several claims of one statement the one that proves most
            let claims = std::iter::once(&said.first).chain(&said.also).filter(|it| it.trust() > Trust::File);
            let best = claims.max_by_key(|it| &it.proof).unwrap_or(&said.first);
            let mut statement = best.statement.clone();
            if let Statement::Retract(it) = &mut statement
                && it.of.is_none()
            {
                // made before statements had digests; a claim's name means nothing in another ledger
                it.of = book.target_digest(it).map(str::to_owned);
            }
            export.lines += &native::write(&statement);
            export.lines.push('\n');
        }
        if export.statements == 0 {
            let what = match left_out {
                0 => format!("case \"{name}\"; lastgood case list lists them"),
                _ => format!("case \"{name}\" that an investigator spoke in: only plain files name it"),
            };
            return Err(EngineError::NoSuch { what });
        }
        Ok(export)
    }

    /// Takes in what a colleague exported. Only marks, notes and retractions come in this way, as an
    /// investigator's: they may take back marks made here.
    ///
    /// # Errors
    /// When the ledger cannot be written. A line that cannot be taken in is reported instead.
    pub fn import_case(&self, file: &str, content: &[u8]) -> Result<CaseImport, EngineError> {
        let mut report = CaseImport::default();
        let sayings = self.sayings(None)?;
        let mut held: HashMap<&str, Vec<&Saying>> = HashMap::new();
        for it in sayings.iter().filter(|it| is_investigator(&it.name.source)) {
            held.entry(&it.digest).or_default().push(it);
        }
        let (mut cases, mut fresh) = (BTreeSet::new(), BTreeSet::new());
        let mut kept: Vec<u8> = Vec::new();
        for (number, line) in content.split(|byte| *byte == b'\n').enumerate() {
            // what is left out leaves an empty line, so that lines keep their numbers
            if number > 0 {
                kept.push(b'\n');
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            match read(line) {
                Ok(statement) => {
                    cases.extend(case_of(&statement).map(str::to_owned));
                    let (digest, signed) = (native::digest(&statement), self.vouchers.proof(&statement));
                    let known = held.get(digest.as_str()).is_some_and(|held| held.iter().any(|it| it.proof >= signed));
                    if known || !fresh.insert((digest, signed)) {
                        report.known += 1;
                    } else {
                        report.added += 1;
                        kept.extend(line);
                    }
                }
                Err(why) => {
                    let place = format!("line {}", number + 1);
                    report.not_read.push(NotRead { file: file.to_owned(), place, why });
                }
            }
        }
        report.cases = cases.into_iter().collect();
        if report.added > 0 {
            let recorded = self.take_in(file, kept)?;
            report.not_read.extend(recorded.quarantined);
        }
        Ok(report)
    }

    fn take_in(&self, file: &str, lines: Vec<u8>) -> Result<ImportReport, EngineError> {
        let size = Some(lines.len() as u64);
        let item = Item { name: file.to_owned(), reader: Box::new(Cursor::new(lines)), size };
        let (name, _) = crate::import::redact_text(file, &self.pepper()?);
        let source = Some(format!("{CASE_SOURCE}{name}"));
        let pipeline = Pipeline { importer: Some(&Native), source, progress: &() };
        self.append_all(&pipeline, std::iter::once(Ok(item)))
    }
}

fn case_of(statement: &Statement) -> Option<&str> {
    match statement {
        Statement::Mark(it) => it.case.as_deref(),
        Statement::Note(it) => it.case.as_deref(),
        _ => None,
    }
}

/// The statement of a line, if it is one that comes with a case.
fn read(line: &[u8]) -> Result<Statement, String> {
    let text = std::str::from_utf8(line).map_err(|error| format!("column {}: not UTF-8", error.valid_up_to() + 1))?;
    let statement = native::read_line(text.trim())?;
    match &statement {
        Statement::Mark(_) | Statement::Note(_) => {}
        Statement::Retract(it) if it.of.is_some() => {}
        Statement::Retract(_) => {
            return Err("a retraction without \"of\" names a claim of another ledger, which means nothing here".into());
        }
        other => {
            let word = other.word();
            return Err(format!(
                "\"{word}\" does not come with a case, only mark, note and retract do: lastgood import reads the others"
            ));
        }
    }
    case_of(&statement).map_or(Ok(()), check_name)?;
    Ok(statement)
}
