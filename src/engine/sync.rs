//! Pulls a source: what the connector finds goes through the same importers as a file would, and only what is
//! new or has changed. What changed or vanished becomes a further record, never an edit. It speaks no protocol.

use crate::config::{CredentialSetting, SourceSetting};
use crate::connector::http::{self, Http, Prompt, Secret, Sort, Trouble};
use crate::connector::server::{self, Held, Pull, Pulled};
use crate::engine::ingest::must_be_free;
use crate::engine::pipeline::Pipeline;
use crate::engine::pulls::{self, Place};
use crate::engine::sift::{Known, Sift, Sifted};
use crate::engine::{Engine, EngineError, ImportReport, Progress};
use crate::import::redact_text;
use crate::model::Time;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};

/// Objects that wait to be taken; bounds memory however fast a server is.
const WAITING: usize = 32;
/// Places that are listed.
const LISTED: usize = 200;

/// What came of pulling one source.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct SyncReport {
    /// The source.
    pub source: String,
    /// What kind of server it is.
    pub kind: String,
    /// Whether everything was seen that may be seen.
    pub complete: bool,
    /// Why it ended early.
    pub error: Option<String>,
    /// Whether it ended early because somebody stopped it.
    pub stopped: bool,
    /// What contradicts what it showed before, of a ledger: `rolled-back`, `diverged` or `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contradicts: Option<String>,
    /// Objects seen as they were.
    pub unchanged: u64,
    /// Objects that are not as they were.
    pub changed: u64,
    /// Objects that are there no more.
    pub gone: u64,
    /// Objects that another source brought already, and that this one has too.
    pub shared: u64,
    /// Requests it took.
    pub requests: u64,
    /// What it does not let us look at.
    pub refused: Vec<Place>,
    /// What could not be read.
    pub failed: Vec<Place>,
    /// The one thing that was looked at, when it was not everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub around: Option<String>,
    /// When that had been looked at before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked: Option<Time>,
    /// What went into the ledger.
    #[serde(flatten)]
    pub import: ImportReport,
}

/// Answers that are kept at once while a look lasts, so that one that is killed need not be told them again; of many,
/// a quarter more than were kept before.
const LEARNT: usize = 256;

/// Where the next look goes on, gathered while this one lasts.
pub(super) struct Cursors<'k> {
    known: &'k Known,
    before: &'k pulls::Pulled,
    /// Keeps what is known of the source.
    keep: &'k (dyn Fn(&pulls::Pulled) -> Result<(), EngineError> + Sync),
    ended: Mutex<BTreeMap<String, String>>,
    /// What was answered, and how much of that is kept already.
    learnt: Mutex<(BTreeMap<String, String>, usize)>,
}

impl<'k> Cursors<'k> {
    pub(super) fn of(
        known: &'k Known,
        before: &'k pulls::Pulled,
        keep: &'k (dyn Fn(&pulls::Pulled) -> Result<(), EngineError> + Sync),
    ) -> Cursors<'k> {
        Cursors { known, before, keep, ended: Mutex::default(), learnt: Mutex::default() }
    }

    /// What was answered, and where the look ended.
    pub(super) fn into_parts(self) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        let (learnt, _) = self.learnt.into_inner().unwrap_or_else(PoisonError::into_inner);
        (learnt, self.ended.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Held for Cursors<'_> {
    fn has(&self, part: &str) -> bool {
        self.known.has(part)
    }

    fn cursor(&self, name: &str) -> Option<String> {
        self.before.cursors.get(name).cloned()
    }

    fn end_at(&self, name: &str, cursor: String) {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), cursor);
    }

    fn learn(&self, name: &str, answer: String) {
        let mut guard = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        let (learnt, kept) = &mut *guard;
        learnt.insert(name.to_owned(), answer);
        if learnt.len() >= *kept + LEARNT.max(*kept / 4) {
            *kept = learnt.len();
            let mut known = self.before.clone();
            known.cursors.extend(learnt.clone());
            // What cannot be kept now is tried again at the end, and told then.
            (self.keep)(&known).unwrap_or_default();
        }
    }
}

/// What is told while another pulls the same source.
pub(super) const PULLED_NOW: &str =
    "it is being pulled already, here or by another process: what that brings is in the ledger when it ends";

impl SyncReport {
    /// Notes how it ended: by itself, by a trouble, or because somebody stopped it.
    pub(super) fn end(&mut self, trouble: Option<&Trouble>) {
        self.stopped = trouble.is_some_and(|it| it.sort == Sort::Cancelled);
        self.error = trouble.filter(|_| !self.stopped).map(ToString::to_string);
        self.complete = trouble.is_none() && self.failed.is_empty();
    }
}

/// Makes ready to ask a server.
///
/// # Errors
/// When the credential cannot be had, or the setting cannot be used.
pub(super) fn reach(
    name: &str,
    setting: &SourceSetting,
    prompt: Prompt<'_>,
    cancel: Arc<AtomicBool>,
) -> Result<Http, Trouble> {
    let secret = setting.credential.as_ref().map(|it| Secret::fetch(name, it, prompt)).transpose()?;
    Http::new(setting, secret, cancel)
}

/// The text of a credential, fetched from where it is kept: one of file, environment and command.
///
/// # Errors
/// When it is not there, or others can read it.
pub fn credential(of: &str, setting: &CredentialSetting) -> Result<String, String> {
    http::credential(of, setting, &|_| None).map_err(|trouble| trouble.to_string())
}

impl Engine {
    /// Pulls what is new from a source.
    ///
    /// # Errors
    /// When the ledger cannot be written. That a server fails is told in the report.
    pub fn sync(
        &self,
        name: &str,
        setting: &SourceSetting,
        prompt: Prompt<'_>,
        cancel: &Arc<AtomicBool>,
        progress: &dyn Progress,
    ) -> Result<SyncReport, EngineError> {
        let mut report = SyncReport { source: name.to_owned(), kind: setting.kind.clone(), ..SyncReport::default() };
        let origin = self.reader().origin().to_owned();
        let Some(_turn) = pulls::turn(&self.home, &origin, name)? else {
            report.error = Some(PULLED_NOW.to_owned());
            return Ok(report);
        };
        let begun = self.begin(name)?;
        if setting.kind == server::LEDGER {
            self.converge(&begun, setting, prompt, cancel, progress, &mut report)?;
            return Ok(report);
        }
        let Begun { before, source, .. } = &begun;
        let keep = |pulled: &pulls::Pulled| pulls::keep(&self.home, &begun.origin, name, pulled);
        let mut learnt = BTreeMap::new();
        let ended = match (server::kind(&setting.kind), reach(name, setting, prompt, Arc::clone(cancel))) {
            (None, _) => Err(Trouble::new(
                Sort::Other,
                "",
                format!("\"{}\" is no kind of server that is known: add it again", setting.kind),
            )),
            (_, Err(trouble)) => Err(trouble),
            (Some(kind), Ok(http)) => {
                let known = Known::of(self, source, &http.address().to_string())?;
                let cursors = Cursors::of(&known, before, &keep);
                let sift = Sift::new(self, &known, before.succeeded);
                let whole = |pull: &Pull<'_>| kind.pull(pull);
                let through = Through { look: &whole, http: &http, cursors: &cursors, source, cancel, progress };
                let ended = through.run(self, sift, &mut report)?;
                report.requests = http.asked();
                let (answers, fresh) = cursors.into_parts();
                learnt = answers;
                ended.map(|()| [before.cursors.clone(), fresh].into_iter().flatten().collect())
            }
        };
        report.end(ended.as_ref().err());
        let cursors = ended.ok().filter(|_| report.failed.is_empty()).unwrap_or_else(|| before.cursors.clone());
        keep(&begun.ended(&report, cursors.into_iter().chain(learnt).collect()))?;
        Ok(report)
    }

    /// What is known of a source before it is looked at.
    pub(super) fn begin(&self, name: &str) -> Result<Begun, EngineError> {
        let origin = self.reader().origin().to_owned();
        let before = pulls::load(&self.home, &origin, name);
        Ok(Begun { name: name.to_owned(), source: self.source_named(name)?, at: self.clock().now(), origin, before })
    }

    /// Forgets how far a source was pulled.
    pub fn forget_pulls(&self, name: &str) {
        let origin = self.reader().origin().to_owned();
        pulls::forget(&self.home, &origin, name);
    }

    /// A source's name as records carry it.
    pub(super) fn source_named(&self, name: &str) -> Result<String, EngineError> {
        let source = redact_text(name, &self.pepper()?).0;
        must_be_free(&source)?;
        Ok(source)
    }
}

/// A look that was begun.
pub(super) struct Begun {
    /// The source's name in the settings.
    pub(super) name: String,
    /// Its name as records carry it.
    pub(super) source: String,
    /// When.
    pub(super) at: Time,
    /// The ledger.
    pub(super) origin: String,
    /// What came of the looks before.
    pub(super) before: pulls::Pulled,
}

impl Begun {
    /// What is known of the source after a look at all of it.
    pub(super) fn ended(&self, report: &SyncReport, cursors: BTreeMap<String, String>) -> pulls::Pulled {
        pulls::Pulled {
            tried: Some(self.at),
            succeeded: if report.complete { Some(self.at) } else { self.before.succeeded },
            error: report.error.clone(),
            stopped: report.stopped,
            contradicts: report.contradicts.clone(),
            refused: report.refused.clone(),
            failed: report.failed.clone(),
            requests: report.requests,
            failing: (report.error.is_some() || !report.failed.is_empty())
                .then(|| self.before.failing.unwrap_or(self.at)),
            cursors,
            around: self.before.around.clone(),
        }
    }
}

/// Looks at a server, and hands out what it finds.
type Looking<'l> = dyn Fn(&Pull<'_>) -> Result<(), Trouble> + Sync + 'l;

/// The parts of one pull.
pub(super) struct Through<'t> {
    pub(super) look: &'t Looking<'t>,
    pub(super) http: &'t Http,
    pub(super) cursors: &'t Cursors<'t>,
    pub(super) source: &'t str,
    pub(super) cancel: &'t AtomicBool,
    pub(super) progress: &'t dyn Progress,
}

impl Through<'_> {
    /// One thread asks the server, and hands what it finds to the importers.
    pub(super) fn run(
        &self,
        engine: &Engine,
        mut sift: Sift<'_>,
        report: &mut SyncReport,
    ) -> Result<Result<(), Trouble>, EngineError> {
        let (out, found) = sync_channel::<Pulled>(WAITING);
        let (refused, failed) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
        let note = |list: &Mutex<Vec<Place>>, place: String, why: String| {
            let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
            if list.len() < LISTED {
                list.push(Place { place, why });
            }
        };
        let address = self.http.address().to_string();
        let server_name = self.http.address().authority();
        let Through { look, http, cursors, source, .. } = *self;
        std::thread::scope(|scope| {
            let asking = scope.spawn(move || look(&Pull { http, held: cursors, out }));
            let counts = Mutex::new(report);
            let sifting = found.into_iter().flat_map(|pulled| {
                let sifted = match pulled {
                    Pulled::NotPermitted { place, why } => {
                        note(&refused, place.clone(), why);
                        sift.absent(&server_name, source, &place)
                    }
                    Pulled::Failed { place, why } => {
                        note(&failed, place, why);
                        Ok(Sifted::default())
                    }
                    Pulled::Document { part, format, bytes } => sift.document(part, format, bytes),
                    Pulled::Unchanged { part } => {
                        sift.unchanged(&part);
                        Ok(Sifted::default())
                    }
                    Pulled::Gone { part } => sift.gone(&part),
                    Pulled::Through => {
                        let failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        let failed: Vec<String> = failed.iter().map(|it: &Place| it.place.clone()).collect();
                        sift.through(source, &failed)
                    }
                    Pulled::Whole { prefix } => sift.whole(&prefix),
                    Pulled::Listed { prefix } => sift.listed(&prefix),
                };
                let items = match sifted {
                    Ok(sifted) => {
                        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
                        counts.unchanged += sifted.unchanged;
                        counts.changed += sifted.changed;
                        counts.gone += sifted.gone;
                        counts.shared += sifted.shared;
                        sifted.documents
                    }
                    Err(error) => {
                        note(&failed, "the ledger".to_owned(), error.to_string());
                        Vec::new()
                    }
                };
                let address = address.clone();
                items.into_iter().map(move |it| Ok(it.item(&address)))
            });
            let pipeline = Pipeline { importer: None, source: Some(source.to_owned()), progress: self.progress };
            let kept = engine.append_all(&pipeline, sifting);
            if kept.is_err() {
                self.cancel.store(true, Ordering::Relaxed);
            }
            let ended = asking.join().map_err(|_| EngineError::Stopped("the asking of a server"))?;
            let report = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
            report.import = kept?;
            report.refused = refused.into_inner().unwrap_or_else(PoisonError::into_inner);
            report.failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
            Ok(ended)
        })
    }
}
