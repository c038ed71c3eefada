//! What the console asks of servers: pulling one now, pausing it, and the lines of its sources pane. It decides
//! nothing that `sync` and `source` do not.

use crate::cli::command::desk::Desk;
use crate::engine::{EngineError, Look, Place, Progress, SourceLine};
use crate::tui::ask::{LiveView, Refused, Sooner, SourceView, Told};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Problems of a source that are listed; all are counted.
const PROBLEMS: usize = 200;
/// So many parts are told one by one; then every so many.
const EACH: u64 = 64;

/// Tells the console how far a sync is.
struct Heard<'e> {
    early: Mutex<Sooner<'e>>,
    kept: AtomicU64,
    parts: AtomicU64,
}

impl Progress for Heard<'_> {
    fn kept(&self, records: u64) {
        self.kept.store(records, Ordering::Relaxed);
    }

    fn part(&self, name: &str) {
        let parts = self.parts.fetch_add(1, Ordering::Relaxed);
        if parts < EACH || parts.is_multiple_of(EACH) {
            let records = self.kept.load(Ordering::Relaxed);
            let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
            early(Told::Syncing { records, part: name.to_owned() });
        }
    }
}

impl Desk {
    /// Pulls a server.
    pub(super) fn sync(&self, name: &str, cancel: &Arc<AtomicBool>, early: Sooner<'_>) -> Result<Told, EngineError> {
        let setting = self.engine.source(name)?;
        let heard = Heard { early: Mutex::new(early), kept: AtomicU64::new(0), parts: AtomicU64::new(0) };
        // A question for a password would be drawn over the console.
        let report = self.engine.sync(name, &setting, &|_| None, cancel, &heard)?;
        Ok(Told::Synced { says: report.says(self.engine.clock().now()), whole: !report.is_partial() })
    }

    /// Looks at one artefact at the servers that may know it.
    pub(super) fn look(
        &self,
        around: String,
        unasked: bool,
        cancel: &Arc<AtomicBool>,
        early: Sooner<'_>,
    ) -> Result<Told, EngineError> {
        let look = Look { around, servers: Vec::new(), unasked };
        let mut asking = |server: &str| early(Told::Looking { server: server.to_owned() });
        let reports = self.engine.look(&look, &|_| None, cancel, &(), &mut asking)?;
        let now = self.engine.clock().now();
        let says: Vec<String> = reports.iter().map(|it| it.says(now)).collect();
        let says = match (says.is_empty(), unasked) {
            (false, _) => Some(says.join("; ")),
            (true, true) => None,
            (true, false) => Some(format!("no server that is asked knows things by such a name: {}", look.around)),
        };
        let went = reports.iter().all(|it| it.error.is_none());
        Ok(Told::Looked { says, went, grew: reports.iter().any(|it| it.import.records > 0) })
    }

    /// Leaves a server out of `sync`, or takes it in again, and tells how things are then.
    pub(super) fn pause(&self, name: &str, paused: bool) -> Result<Told, EngineError> {
        self.engine.pause_source(name, paused)?;
        self.sources()
    }

    /// Where records come from.
    pub(super) fn sources(&self) -> Result<Told, EngineError> {
        let view = self.engine.view(&self.scope)?;
        Ok(Told::Sources(view.sources()?.rows.into_iter().map(source).collect()))
    }
}

fn source(line: SourceLine) -> SourceView {
    let places = |places: Vec<Place>| places.into_iter().map(|it| Refused { at: it.place, why: it.why }).collect();
    let count = line.quarantined.len() as u64;
    let newest_first = line.quarantined.into_iter().rev().take(PROBLEMS);
    SourceView {
        name: line.name,
        format: line.formats.join(", "),
        records: line.records,
        claims: line.claims,
        last_received: line.last_received,
        newest: line.newest,
        state: line.state,
        quarantined: newest_first
            .map(|it| it.what)
            .map(|it| Refused { at: format!("{} {}", it.file, it.place).trim_end().to_owned(), why: it.why })
            .collect(),
        quarantined_count: count,
        live: line.live.map(|live| LiveView {
            url: live.url,
            kind: live.kind,
            paused: live.paused,
            last_try: live.last_try,
            last_success: live.last_success,
            requests: live.requests,
            error: live.error,
            refused: places(live.refused),
            failed: places(live.failed),
        }),
    }
}
