//! A case as a file: what was said in it as native lines, written for a colleague and taken in from one. What
//! is known already is not recorded again. It carries no record of what the statements are about.

use crate::connector::Item;
use crate::engine::ingest::NotRead;
use crate::engine::pipeline::Pipeline;
use crate::engine::{Engine, EngineError, ImportReport};
use crate::import::native::{self, Native};
use crate::import::redact;
use crate::investigate::case::{CaseBook, check_name};
use crate::investigate::said::{CASE_SOURCE, Proof, Saying, Trust, is_investigator};
use crate::model::{EXCEPTION, Statement};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap, HashSet};
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
    /// Everything that investigators said in a case, one native line each, oldest first: its marks, notes, saved
    /// answers and exceptions, and what took any of them back. What plain files say in its name stays out: taken in
    /// with a case it would be an investigator's.
    ///
    /// # Errors
    /// When there is no such case, or the ledger cannot be read.
    pub fn export_case(&self, name: &str) -> Result<CaseExport, EngineError> {
        let sayings = self.sayings_and_exceptions(None)?;
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

    /// Takes in what a colleague exported. Only marks, notes, retractions and exceptions come in this way, as an
    /// investigator's: they may take back marks made here.
    ///
    /// # Errors
    /// When the ledger cannot be written. A line that cannot be taken in is reported instead.
    pub fn import_case(&self, file: &str, content: &[u8]) -> Result<CaseImport, EngineError> {
        let mut report = CaseImport::default();
        let pepper = self.pepper()?;
        let (mut cases, mut fresh) = (BTreeSet::new(), HashSet::new());
        let sayings = self.sayings_and_exceptions(None)?;
        let held = Held::of(&sayings);
        let mut wanted: Vec<Wanted> = Vec::new();
        for (number, line) in content.split(|byte| *byte == b'\n').enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            // what is kept is what was redacted, so that is what has a name
            let line = redact(line, &pepper).bytes.into_owned();
            match read(&line) {
                Ok(statement) => {
                    cases.extend(statement.case().map(str::to_owned));
                    let (digest, proof) = (native::digest(&statement), self.vouchers.proof(&statement));
                    if held.has(&digest, &proof) || !fresh.insert((digest.clone(), proof.clone())) {
                        report.known += 1;
                    } else {
                        wanted.push(Wanted { number, line, digest, proof });
                    }
                }
                Err(why) => report.refuse(file, number, why),
            }
        }
        report.cases = cases.into_iter().collect();
        self.take_in_all(file, wanted, &mut report)?;
        Ok(report)
    }

    /// Records statements until all are held as investigators'. A content that a plain file brought already
    /// is recorded once only, so a line that is known from one goes in again with blanks behind it. What was
    /// erased by redaction is not taken in again.
    fn take_in_all(&self, file: &str, mut wanted: Vec<Wanted>, report: &mut CaseImport) -> Result<(), EngineError> {
        let mut blanks = 0;
        while !wanted.is_empty() {
            let by_file: HashSet<String> = self.sayings_and_exceptions(None)?.into_iter().map(|it| it.digest).collect();
            let mut lines: Vec<u8> = Vec::new();
            let mut at = 0;
            for it in &wanted {
                // what is left out leaves an empty line, so that lines keep their numbers
                lines.extend(std::iter::repeat_n(b'\n', it.number - at));
                at = it.number;
                lines.extend(&it.line);
                if by_file.contains(&it.digest) {
                    lines.extend(std::iter::repeat_n(b' ', blanks + 1));
                }
            }
            let recorded = self.take_in(file, lines)?;
            let sayings = self.sayings_and_exceptions(None)?;
            let held = Held::of(&sayings);
            let before = wanted.len();
            wanted.retain(|it| !held.has(&it.digest, &it.proof));
            report.added += (before - wanted.len()) as u64;
            report.not_read.extend(recorded.quarantined);
            let (again, erased): (Vec<_>, Vec<_>) =
                wanted.into_iter().partition(|it| blanks < MOST_BLANKS && by_file.contains(&it.digest));
            for it in erased {
                let why = "it is not recorded: its content was erased here by redaction, or is held in another form";
                report.refuse(file, it.number, why.to_owned());
            }
            wanted = again;
            blanks += 1;
        }
        Ok(())
    }

    fn take_in(&self, file: &str, lines: Vec<u8>) -> Result<ImportReport, EngineError> {
        let size = Some(lines.len() as u64);
        let item = Item::new(file, Box::new(Cursor::new(lines)), size);
        let (name, _) = crate::import::redact_text(file, &self.pepper()?);
        let source = Some(format!("{CASE_SOURCE}{name}"));
        let pipeline = Pipeline { importer: Some(&Native), source, progress: &() };
        self.append_all(&pipeline, std::iter::once(Ok(item)))
    }
}

impl CaseImport {
    fn refuse(&mut self, file: &str, number: usize, why: String) {
        let place = format!("line {}", number + 1);
        self.not_read.push(NotRead { file: file.to_owned(), place, why });
    }
}

/// How often a line that files hold already is tried with more blanks behind it.
const MOST_BLANKS: usize = 1000;

/// A statement to record.
struct Wanted {
    /// Its line, from 0.
    number: usize,
    line: Vec<u8>,
    digest: String,
    proof: Proof,
}

/// What investigators said already.
struct Held<'a>(HashMap<&'a str, &'a Proof>);

impl<'a> Held<'a> {
    fn of(sayings: &'a [Saying]) -> Held<'a> {
        let mut held = HashMap::new();
        for it in sayings.iter().filter(|it| is_investigator(&it.name.source)) {
            let best = held.entry(it.digest.as_str()).or_insert(&it.proof);
            *best = (*best).max(&it.proof);
        }
        Held(held)
    }

    /// Whether a statement is there, proven as well.
    fn has(&self, digest: &str, proof: &Proof) -> bool {
        self.0.get(digest).is_some_and(|held| *held >= proof)
    }
}

/// The statement of a line, if it is one that comes with a case.
fn read(line: &[u8]) -> Result<Statement, String> {
    let text = std::str::from_utf8(line).map_err(|error| format!("column {}: not UTF-8", error.valid_up_to() + 1))?;
    let statement = native::read_line(text.trim())?;
    match &statement {
        Statement::Mark(_) | Statement::Note(_) => {}
        Statement::Evidence(it) if it.kind == EXCEPTION => {}
        Statement::Retract(it) if it.of.is_some() => {}
        Statement::Retract(_) => {
            return Err("a retraction without \"of\" names a claim of another ledger, which means nothing here".into());
        }
        other => {
            let word = other.word();
            return Err(format!(
                "\"{word}\" does not come with a case, only mark, note, retract and an exception do: lastgood import reads the others"
            ));
        }
    }
    statement.case().map_or(Ok(()), check_name)?;
    Ok(statement)
}
