//! `sync`: the named servers, several at once, with what came of each as it ends, or what they know around one artefact.
//! It asks none itself.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::{import, open, source};
use crate::cli::failure::{Exit, Failure};
use crate::config::Sources;
use crate::engine::{Engine, Look, Progress, Pulling, Resolved, Scope, Several, SyncReport, on_stop};
use crate::model::Time;
use crate::report::screen::screen;
use indicatif::{MultiProgress, ProgressBar};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

struct Line(ProgressBar, String);

impl Progress for Line {
    fn part(&self, name: &str) {
        self.0.inc(1);
        self.0.set_message(format!("{} {} {}", self.1, self.0.position(), screen(name)));
    }
}

/// Being told to stop: once, to end in order and say what is kept; twice, to end at once.
struct Stopping {
    cancel: Arc<AtomicBool>,
    told: Receiver<u8>,
}

impl Stopping {
    fn listen() -> Stopping {
        let (tell, told) = channel();
        let cancel = Arc::new(AtomicBool::new(false));
        let stops = Arc::clone(&cancel);
        on_stop(move |code| {
            if stops.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(code));
            }
            // Whoever does not wait for it hears it by the flag.
            tell.send(code).unwrap_or_default();
        });
        Stopping { cancel, told }
    }

    /// Waits so long; the code of the signal that came meanwhile.
    fn within(&self, time: Duration) -> Option<u8> {
        match self.told.recv_timeout(time) {
            Ok(code) => Some(code),
            Err(RecvTimeoutError::Timeout) => None,
            // Nobody listens for signals here: they end the process.
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(time);
                None
            }
        }
    }
}

/// `sync`
pub(crate) fn run(session: &Session, it: &args::Sync) -> Result<Exit, Failure> {
    let sources = source::named(session)?;
    let mut names = it.names.clone();
    for name in &names {
        source::one(&sources, name)?;
    }
    if names.is_empty() {
        names = sources.iter().filter(|(_, setting)| !setting.paused).map(|(name, _)| name.clone()).collect();
    }
    if names.is_empty() {
        let paused: Vec<&str> = sources.keys().map(String::as_str).collect();
        return Err(match paused.first() {
            None => Failure::new(Exit::No, "there is no server to pull from").hint("lastgood source add NAME URL"),
            Some(first) => Failure::new(Exit::No, format!("every server is paused: {}", paused.join(", "))).hint(
                format!("lastgood source resume {first}; or name one, which pulls it once: lastgood sync {first}"),
            ),
        });
    }
    let engine = open::or_create(session)?;
    let stopping = Stopping::listen();
    if let Some(around) = &it.around {
        return look(session, &engine, around, &it.names, &stopping);
    }
    loop {
        let reports = pull(session, &engine, &names, &sources, (&stopping, it.watch))?;
        if session.out.json {
            source::rows(session, &engine, &reports)?;
        }
        let pause = if it.watch { Duration::from_secs(it.every.max(1)) } else { Duration::ZERO };
        match stopping.within(pause) {
            Some(code) => return Ok(Exit::Signal(code)),
            None if it.watch => {}
            None => return Ok(worst(&reports)),
        }
    }
}

/// What the servers know around one artefact; one that the ledger does not know yet goes by the server's own name.
fn look(
    session: &Session,
    engine: &Engine,
    text: &str,
    servers: &[String],
    stopping: &Stopping,
) -> Result<Exit, Failure> {
    let view = engine.view(&Scope::default())?;
    let around = match view.resolve(text) {
        Resolved::None { .. } => text.to_owned(),
        _ => open::artefact(&view, text)?,
    };
    drop(view);
    let look = Look { around, servers: servers.to_vec(), unasked: false };
    let reports = engine.look(&look, &source::prompt, &stopping.cancel, &(), &mut |_| {})?;
    if reports.is_empty() {
        let text = format!("no server that is asked knows things by such a name: {}", look.around);
        return Err(
            Failure::new(Exit::No, text).hint("lastgood source list shows which there are, and which are paused")
        );
    }
    match session.out.json {
        true => source::rows(session, engine, &reports)?,
        false => reports.iter().for_each(|report| tell(session, report)),
    }
    if let Some(code) = stopping.within(Duration::ZERO) {
        return Ok(Exit::Signal(code));
    }
    match worst(&reports) {
        Exit::Answered if reports.iter().all(SyncReport::knows_nothing) => Ok(Exit::No),
        exit => Ok(exit),
    }
}

/// Says what came of one, in words.
fn tell(session: &Session, report: &SyncReport) {
    let listed = if session.out.verbose { usize::MAX } else { import::LISTED };
    session.out.remark_laid_out(&summary(report, listed, session.clock.now()));
}

/// Pulls them all. What came of one is told when it ends, and not after the slowest.
fn pull(
    session: &Session,
    engine: &Engine,
    names: &[String],
    sources: &Sources,
    (stopping, watch): (&Stopping, bool),
) -> Result<Vec<SyncReport>, Failure> {
    let bars = MultiProgress::new();
    let (mut pulling, mut drawn) = (Vec::new(), Vec::new());
    for name in names {
        let setting = source::one(sources, name)?;
        let progress: Box<dyn Progress> = match session.out.draws_progress() {
            true => {
                let bar = bars.add(ProgressBar::new_spinner());
                bar.enable_steady_tick(Duration::from_millis(120));
                bar.set_message(screen(name).into_owned());
                drawn.push((name.as_str(), bar.clone()));
                Box::new(Line(bar, screen(name).into_owned()))
            }
            false => Box::new(()),
        };
        pulling.push(Pulling { name, setting, progress });
    }
    let ask = |what: &str| bars.suspend(|| source::prompt(what));
    let how = Several { prompt: &ask, cancel: &stopping.cancel };
    let reports = engine.sync_several(&pulling, &how, &mut |report| {
        drawn.iter().filter(|(name, _)| *name == report.source).for_each(|(_, bar)| bar.finish_and_clear());
        if !session.out.json {
            bars.suspend(|| {
                if watch {
                    session.out.remark(&session.clock.now().to_string());
                }
                tell(session, report);
            });
        }
    });
    bars.clear().unwrap_or_default();
    Ok(reports?)
}

/// The gravest of what came of them.
fn worst(reports: &[SyncReport]) -> Exit {
    match () {
        () if reports.iter().any(|it| it.contradicts.is_some()) => Exit::Damaged,
        () if reports.iter().any(|it| it.error.is_some()) => Exit::Refused,
        () if reports.iter().any(SyncReport::is_partial) => Exit::Partial,
        () => Exit::Answered,
    }
}

fn summary(report: &SyncReport, listed: usize, now: Time) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", screen(&report.says(now)));
    if report.shared > 0 {
        let shared = report.shared;
        let _ = writeln!(out, "  {shared} of the new ones another source brought already; they are filed under both");
    }
    if report.import.records + report.import.quarantined_count + report.import.warnings_count > 0 {
        let _ = writeln!(out, "{}", import::summary(&report.import, listed));
    }
    for it in report.refused.iter().take(listed) {
        let _ = writeln!(out, "  not permitted to look at {}: {}", screen(&it.place), screen(&it.why));
    }
    for it in report.failed.iter().take(listed) {
        let _ = writeln!(out, "  {} could not be read: {}", screen(&it.place), screen(&it.why));
    }
    match () {
        () if report.contradicts.is_some() => {
            let _ = writeln!(
                out,
                "  what was pulled before is kept. Of a ledger that was rolled back or forked, both of its signed \
                 checkpoints are kept here as the proof: lastgood find kind:log"
            );
        }
        () if report.stopped || report.error.is_some() && report.requests > 0 => {
            let _ = writeln!(out, "  what was pulled is kept, and the next sync goes on");
        }
        () => {}
    }
    out.trim_end().to_owned()
}
