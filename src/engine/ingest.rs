//! Bytes from a connector, through an importer, into the ledger: what goes in, what came of it.
//! The pipeline between is in `pipeline`. It knows no format.

use crate::connector::{Item, Limits, Refused, walk};
use crate::engine::pipeline::{Arrival, Made, Pipeline};
use crate::engine::{Engine, EngineError, verify};
use crate::import;
use crate::investigate::said::reserved;
use crate::model::Statement;
use crate::proof::fingerprint::Pepper;
use crate::store::{Keys, Ledger, NewRecord, Quarantined};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::PoisonError;
use std::time::Duration;

/// A batch is committed when it holds this many bytes …
const BATCH_BYTES: usize = 8 << 20;
/// … or this many records.
const BATCH_RECORDS: usize = 1024;
/// … or this many claims, which a few bytes may state.
const BATCH_CLAIMS: usize = 1 << 16;
/// … or is this old: what a slow server brought is not lost when it is cut off.
const BATCH_TIME: Duration = Duration::from_secs(2);
/// Bad units that wait to be set aside together.
const BATCH_BAD: usize = 4096;
/// Problems that a report lists; all are counted.
const LISTED: usize = 10_000;

/// What to read.
#[derive(Debug, Clone, Default)]
pub struct Ingest {
    /// Files, folders, `-`.
    pub paths: Vec<PathBuf>,
    /// Read as this format instead of looking.
    pub format: Option<String>,
    /// The name the records go under; otherwise the file's own path.
    pub source: Option<String>,
    /// Store nothing unless everything can be read.
    pub strict: bool,
}

/// One thing that could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotRead {
    /// The file.
    pub file: String,
    /// Line and byte, or nothing for the whole file.
    #[serde(rename = "where")]
    pub place: String,
    /// Why.
    pub why: String,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ImportReport {
    /// Records added to the log.
    pub records: u64,
    /// Artefact descriptions read from them.
    pub artefacts: u64,
    /// Links.
    pub links: u64,
    /// Pieces of evidence.
    pub evidence: u64,
    /// Other claims: marks, absences, identities.
    pub other: u64,
    /// Records whose content the ledger held already.
    pub already_known: u64,
    /// What could not be read, or the first of it.
    pub quarantined: Vec<NotRead>,
    /// How much could not be read.
    pub quarantined_count: u64,
    /// What was read but is worth a second look, or the first of it.
    pub warnings: Vec<NotRead>,
    /// How much that is.
    pub warnings_count: u64,
    /// Secret values replaced before anything was kept.
    pub secrets_replaced: u64,
    /// The formats met.
    pub format: String,
    /// Files per format.
    pub formats: BTreeMap<String, u64>,
    /// Bytes read, decompressed.
    pub bytes: u64,
    /// How long it took.
    pub seconds: f64,
    /// The last record of the log after it.
    #[serde(skip)]
    pub last_record: u64,
}

/// Hears how far an import is.
pub trait Progress: Sync {
    /// `bytes` of `total` were read.
    fn read(&self, _bytes: u64, _total: u64) {}
    /// A file was opened.
    fn file(&self, _name: &str) {}
    /// So many records are in the ledger now that were not before, whatever comes.
    fn kept(&self, _records: u64) {}
    /// A part of a file or of a server was taken up.
    fn part(&self, _name: &str) {}
}

impl Progress for () {}

impl Engine {
    /// Reads everything `what` names into the ledger.
    ///
    /// # Errors
    /// When the ledger cannot be written. What cannot be read is quarantined and reported instead.
    pub fn ingest(&self, what: &Ingest, progress: &dyn Progress) -> Result<ImportReport, EngineError> {
        let limits = Limits::default();
        let importer = what.format.as_deref().map(named_importer).transpose()?;
        let pepper = self.pepper()?;
        let source = what.source.as_deref().map(|name| import::redact_text(name, &pepper).0);
        if let Some(name) = source.as_deref() {
            must_be_free(name)?;
        }
        let pipeline = |progress| Pipeline { importer, source: source.clone(), progress };
        if what.strict {
            let mut rehearsal = ImportReport::default();
            pipeline(&()).run(walk(&what.paths, &limits), &pepper, &mut |arrival| {
                rehearsal.hear(&arrival);
                Ok(())
            })?;
            if let Some(first) = rehearsal.quarantined.first() {
                let first = format!("{} {}: {}", first.file, first.place, first.why);
                return Err(EngineError::Strict { count: rehearsal.quarantined_count, first });
            }
        }
        self.append_all(&pipeline(progress), walk(&what.paths, &limits))
    }

    /// Reads documents that are in memory already, all under one source or each under its own name.
    ///
    /// # Errors
    /// As [`Engine::ingest`].
    pub fn ingest_bytes(
        &self,
        source: Option<&str>,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<ImportReport, EngineError> {
        let items = files.into_iter().map(|(name, bytes)| {
            let size = Some(bytes.len() as u64);
            Ok(Item::new(name, Box::new(Cursor::new(bytes)), size))
        });
        self.append_all(&Pipeline { importer: None, source: source.map(str::to_owned), progress: &() }, items)
    }

    pub(super) fn append_all(
        &self,
        pipeline: &Pipeline<'_>,
        items: impl Iterator<Item = Result<Item, Refused>> + Send,
    ) -> Result<ImportReport, EngineError> {
        self.append_with(pipeline.progress, |pepper, take| pipeline.run(items, pepper, take))
    }

    /// Appends what `run` hands over.
    pub(super) fn append_with(
        &self,
        progress: &dyn Progress,
        run: impl FnOnce(&Pepper, &mut dyn FnMut(Arrival) -> Result<(), EngineError>) -> Result<(), EngineError>,
    ) -> Result<ImportReport, EngineError> {
        let started = self.clock().elapsed();
        let lost_head = self.has_lost_head();
        let (ledger, keys) = self.writer()?;
        let pepper: Pepper = self.pepper()?;
        let mut writer = Writer {
            engine: self,
            progress,
            ledger,
            keys,
            batch: Vec::new(),
            bad: Vec::new(),
            bytes: 0,
            claims: 0,
            begun: started,
            report: ImportReport::default(),
        };
        if lost_head {
            let file = self.path().display().to_string();
            let lost = NotRead { file, place: String::new(), why: verify::LOST_HEAD.to_owned() };
            list(&mut writer.report.warnings, &mut writer.report.warnings_count, &lost);
        }
        run(&pepper, &mut |arrival| writer.take(arrival))?;
        writer.commit()?;
        writer.ledger.fold_in();
        let mut report = writer.report;
        report.format = report.formats.keys().cloned().collect::<Vec<_>>().join(", ");
        report.seconds = (self.clock().elapsed() - started).as_secs_f64();
        self.forget_view();
        Ok(report)
    }
}

/// That nothing else goes under a source's name: some tell how something came in.
///
/// # Errors
/// When it is such a name.
pub fn must_be_free(name: &str) -> Result<(), EngineError> {
    let Some(why) = reserved(name) else { return Ok(()) };
    let case = if why.contains("investigators") { ", or import a case: lastgood case import" } else { "" };
    Err(EngineError::Case(format!("the source \"{name}\" is {why}; name another{case}")))
}

fn named_importer(name: &str) -> Result<&'static dyn import::Importer, EngineError> {
    import::importer(name).ok_or_else(|| EngineError::NoSuchFormat {
        asked: name.to_owned(),
        known: import::IMPORTERS.iter().map(|it| it.format().name).collect::<Vec<_>>().join(", "),
    })
}

/// Collects records into batches and appends them.
struct Writer<'a> {
    engine: &'a Engine,
    progress: &'a dyn Progress,
    ledger: Ledger,
    keys: Keys,
    batch: Vec<NewRecord>,
    bad: Vec<Quarantined>,
    bytes: usize,
    claims: usize,
    /// When the batch was begun.
    begun: Duration,
    report: ImportReport,
}

impl Writer<'_> {
    fn take(&mut self, arrival: Arrival) -> Result<(), EngineError> {
        self.report.hear(&arrival);
        match arrival {
            Arrival::File(_) | Arrival::PassedOver(_) => Ok(()),
            Arrival::NotRead(_, bad) => self.quarantine(bad),
            Arrival::Failed(error) => Err(error),
            Arrival::Made(made) => {
                let Made { record, not_read, .. } = *made;
                self.bytes += record.content.len();
                self.claims += record.claims.len();
                self.batch.push(record);
                for (_, bad) in not_read {
                    self.quarantine(bad)?;
                }
                let full = self.bytes >= BATCH_BYTES
                    || self.batch.len() >= BATCH_RECORDS
                    || self.claims >= BATCH_CLAIMS
                    || self.engine.clock().elapsed().saturating_sub(self.begun) >= BATCH_TIME;
                if full { self.commit() } else { Ok(()) }
            }
        }
    }

    fn quarantine(&mut self, bad: Quarantined) -> Result<(), EngineError> {
        self.bad.push(Quarantined { at: self.engine.clock().now(), ..bad });
        if self.bad.len() >= BATCH_BAD { self.set_aside() } else { Ok(()) }
    }

    fn set_aside(&mut self) -> Result<(), EngineError> {
        if !self.bad.is_empty() {
            self.ledger.quarantine(&self.bad)?;
            self.bad.clear();
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), EngineError> {
        self.set_aside()?;
        if self.batch.is_empty() {
            return Ok(());
        }
        let _turn = self.engine.appending.lock().unwrap_or_else(PoisonError::into_inner);
        let appended = self.ledger.append(&self.batch, &self.keys, self.engine.clock().now())?;
        self.engine.keep_head(&appended.checkpoint_note)?;
        self.report.last_record = appended.head.records;
        for (record, added) in self.batch.iter().zip(&appended.fresh) {
            if *added {
                self.report.count(record);
            } else {
                self.report.already_known += 1;
            }
        }
        self.progress.kept(self.report.records);
        self.batch.clear();
        (self.bytes, self.claims) = (0, 0);
        self.begun = self.engine.clock().elapsed();
        Ok(())
    }
}

/// Counts a problem, and lists it while the list is short enough to be read.
fn list(problems: &mut Vec<NotRead>, count: &mut u64, problem: &NotRead) {
    *count += 1;
    if problems.len() < LISTED {
        problems.push(problem.clone());
    }
}

impl ImportReport {
    /// Notes what was met on the way.
    pub(super) fn warn(&mut self, what: NotRead) {
        list(&mut self.warnings, &mut self.warnings_count, &what);
    }

    /// Adds what came of more of the same.
    pub(super) fn add(&mut self, more: ImportReport) {
        self.records += more.records;
        self.artefacts += more.artefacts;
        self.links += more.links;
        self.evidence += more.evidence;
        self.other += more.other;
        self.already_known += more.already_known;
        self.quarantined.extend(more.quarantined);
        self.quarantined_count += more.quarantined_count;
        self.warnings.extend(more.warnings);
        self.warnings_count += more.warnings_count;
        self.secrets_replaced += more.secrets_replaced;
        self.bytes += more.bytes;
        self.seconds += more.seconds;
        self.last_record = self.last_record.max(more.last_record);
    }

    /// Notes what did not make it into a record, and what was met on the way.
    fn hear(&mut self, arrival: &Arrival) {
        match arrival {
            Arrival::File(format) => *self.formats.entry((*format).to_owned()).or_default() += 1,
            Arrival::Failed(_) => {}
            Arrival::PassedOver(it) => list(&mut self.warnings, &mut self.warnings_count, it),
            Arrival::NotRead(not_read, _) => list(&mut self.quarantined, &mut self.quarantined_count, not_read),
            Arrival::Made(made) => {
                self.bytes += made.read;
                self.secrets_replaced += made.secrets;
                for (not_read, _) in &made.not_read {
                    list(&mut self.quarantined, &mut self.quarantined_count, not_read);
                }
                for warning in &made.warnings {
                    list(&mut self.warnings, &mut self.warnings_count, warning);
                }
            }
        }
    }

    fn count(&mut self, record: &NewRecord) {
        self.records += 1;
        for claim in &record.claims {
            match claim.statement {
                Statement::Artefact(_) => self.artefacts += 1,
                Statement::Link(_) => self.links += 1,
                Statement::Evidence(_) => self.evidence += 1,
                Statement::Absence(_)
                | Statement::SameAs(_)
                | Statement::Mark(_)
                | Statement::Retract(_)
                | Statement::Note(_) => self.other += 1,
            }
        }
    }
}
