//! Looks at one thing at the servers that may know it, and at what it is directly tied to, so that a huge server
//! need not be pulled first. What arrives goes into the ledger as a sync's does. It moves no cursor of a sync.

use crate::config::{Patience, SourceSetting};
use crate::connector::http::{Address, Prompt, Sort, Trouble};
use crate::connector::server;
use crate::engine::sift::{Known, Sift};
use crate::engine::sync::{Begun, Cursors, Through, reach};
use crate::engine::{Engine, EngineError, Progress, Scope, SyncReport, pulls};
use crate::investigate::question::Show;
use crate::model::Time;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The most requests of one look.
const REQUESTS: u64 = 60;
/// The longest answer of one, in bytes.
const BYTES: u64 = 8 << 20;
/// How long one server is waited for, in seconds: somebody sits before the screen.
const SECONDS: f64 = 20.0;

/// What to look at, and where.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// The artefact, by its id or by a name that a server has for it.
    pub around: String,
    /// The servers to ask; all that may know it and are not paused, when none is named.
    pub servers: Vec<String>,
    /// Nobody asked for it: what was looked at before is not looked at again.
    pub unasked: bool,
}

/// As long, as much and as often as somebody waits for.
fn hurried(setting: &SourceSetting) -> SourceSetting {
    let kept = setting.patience;
    let patience = Patience {
        connect: kept.connect.min(5.0),
        answer: kept.answer.min(SECONDS),
        sync: kept.sync.min(SECONDS),
        pause: kept.pause.min(2.0),
        tries: kept.tries.min(2),
        bytes: kept.bytes.min(BYTES),
        ..kept
    };
    SourceSetting { patience, ..setting.clone() }
}

impl Engine {
    /// Asks the servers that may know a thing about it and about what it is directly tied to, within bounds.
    /// `asking` hears the name of each before it is asked.
    ///
    /// # Errors
    /// When the ledger cannot be read or written. That a server fails is told in its report.
    pub fn look(
        &self,
        look: &Look,
        prompt: Prompt<'_>,
        cancel: &Arc<AtomicBool>,
        progress: &dyn Progress,
        asking: &mut dyn FnMut(&str),
    ) -> Result<Vec<SyncReport>, EngineError> {
        let names = self.names_of(&look.around)?;
        let origin = self.reader().origin().to_owned();
        let mut reports = Vec::new();
        for (name, setting) in self.sources()? {
            let chosen = if look.servers.is_empty() { !setting.paused } else { look.servers.contains(&name) };
            let (Some(kind), Ok(address)) = (server::kind(&setting.kind), Address::parse(&setting.url)) else {
                continue;
            };
            if !chosen || !kind.may_know(&address, &names) {
                continue;
            }
            if look.unasked && pulls::state(&self.home, &origin, &name).around.contains_key(&look.around) {
                continue;
            }
            asking(&name);
            reports.push(self.look_at(
                &name,
                &hurried(&setting),
                kind,
                (&look.around, &names),
                prompt,
                cancel,
                progress,
            )?);
            if cancel.load(Ordering::Relaxed) {
                break;
            }
        }
        Ok(reports)
    }

    /// Every name that the ledger has for it.
    fn names_of(&self, id: &str) -> Result<Vec<String>, EngineError> {
        let mut names = vec![id.to_owned()];
        let view = self.view(&Scope::default())?;
        if view.lineage().node(id).is_some() {
            let shown = view.show(&Show { id: id.to_owned() })?;
            names.extend(shown.summary.identifiers);
            names.extend(shown.summary.aliases.into_iter().map(|alias| alias.id));
        }
        Ok(names)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one look, named once and used once")]
    fn look_at(
        &self,
        name: &str,
        setting: &SourceSetting,
        kind: &server::Kind,
        (around, names): (&str, &[String]),
        prompt: Prompt<'_>,
        cancel: &Arc<AtomicBool>,
        progress: &dyn Progress,
    ) -> Result<SyncReport, EngineError> {
        let Begun { source, at: began, origin, before, .. } = self.begin(name)?;
        let mut report = SyncReport {
            source: name.to_owned(),
            kind: setting.kind.clone(),
            around: Some(around.to_owned()),
            looked: before.around.get(around).copied().max(before.succeeded),
            ..SyncReport::default()
        };
        let mut learnt = BTreeMap::new();
        let ended = match reach(name, setting, prompt, Arc::clone(cancel)) {
            Err(trouble) => Err(trouble),
            Ok(http) => {
                let http = http.at_most(REQUESTS);
                let known = Known::of(self, &source, &http.address().to_string())?;
                let keep = |_: &pulls::Pulled| Ok(());
                let cursors = Cursors::of(&known, &before, &keep);
                let sift = Sift::new(self, &known, before.succeeded);
                let look = |pull: &server::Pull<'_>| kind.around(pull, names);
                let through =
                    Through { look: &look, http: &http, cursors: &cursors, source: &source, cancel, progress };
                let ended = through.run(self, sift, &mut report)?;
                report.requests = http.asked().min(REQUESTS);
                learnt = cursors.into_parts().0;
                ended
            }
        };
        let ended = ended.map_err(|trouble| match trouble.sort {
            Sort::Late => {
                let why = format!(
                    "no answer within {SECONDS} seconds, as long as a look waits; lastgood sync {name} waits longer"
                );
                Trouble::new(Sort::Late, trouble.place, why)
            }
            _ => trouble,
        });
        report.end(ended.as_ref().err());
        if ended.is_ok() {
            // A sync may have ended meanwhile.
            let mut now = pulls::load(&self.home, &origin, name);
            now.looked_around(around, began);
            now.cursors.extend(learnt);
            pulls::keep(&self.home, &origin, name, &now)?;
        }
        Ok(report)
    }
}

/// What came of a look, in a sentence that tells how old what stands is where nothing came.
pub(super) fn says(report: &SyncReport, now: Time) -> String {
    let source = &report.source;
    let before = match report.looked {
        Some(at) => format!("what it said before stands, last looked {} ago", at.age(now)),
        None => "it was not asked about this before".to_owned(),
    };
    let (new, changed) = (report.import.records.saturating_sub(report.changed), report.changed);
    match &report.error {
        Some(error) => format!("{source} could not be asked; {before}: {error}"),
        None if report.stopped => format!("{source}: stopped; {before}"),
        None if report.gone > 0 => format!("{source}: it is there no more"),
        None if let Some(place) = report.refused.first() => {
            format!("{source}: {new} new, {changed} changed; not permitted to look at {}", place.place)
        }
        None if let Some(place) = report.failed.first() => {
            format!("{source}: {new} new, {changed} changed; in part: {}", place.why)
        }
        None if report.knows_nothing() => format!("{source} knows nothing of it"),
        None if new + changed == 0 => format!("{source}: as it was"),
        None => format!("{source}: {new} new, {changed} changed, by {} requests", report.requests),
    }
}
