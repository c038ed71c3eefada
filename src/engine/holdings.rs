//! What the ledger holds, counted: its sources and its sums. It asks nothing of the lineage but sizes.

use crate::config::load_sources;
use crate::connector::server;
use crate::engine::pulls::{self, Place};
use crate::engine::view::View;
use crate::engine::{EngineError, NotRead, index, keyring, pipeline};
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::question;
use crate::investigate::said::{CASE_SOURCE, LEDGER_SOURCE, SERVE, SERVE_SOURCE, is_investigator};
use crate::model::{Policy, Time};
use crate::store::Quarantined;
use serde::Serialize;
use std::path::Path;

/// One source of records.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SourceLine {
    /// Its name.
    pub name: String,
    /// What it is: `file`; `pushed`, by clients; `receiver`, what it notes itself; `ledger`, another one; `investigator`;
    /// of a server that is pulled from its kind.
    pub kind: String,
    /// The source of this list that it is a part of, which counts its records too.
    pub within: Option<String>,
    /// Records from it.
    pub records: u64,
    /// The formats they were read as.
    pub formats: Vec<String>,
    /// Claims read from them.
    pub claims: u64,
    /// When the last one came.
    pub last_received: Option<Time>,
    /// The latest moment its records state for themselves.
    pub newest: Option<Time>,
    /// Units of it that could not be read.
    pub quarantined: Vec<SetAside>,
    /// `ok`, or in a few words what is wrong.
    pub state: String,
    /// The server that it is, when it is one that is pulled from.
    pub live: Option<Live>,
}

/// Something that could not be read, and when it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetAside {
    /// What, where and why.
    #[serde(flatten)]
    pub what: NotRead,
    /// When.
    pub at: Time,
}

/// A server that is pulled from, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Live {
    /// Where it is.
    pub url: String,
    /// What kind of server it is.
    pub kind: String,
    /// Whether `sync` leaves it out.
    pub paused: bool,
    /// When it was last looked at.
    pub last_try: Option<Time>,
    /// When the last look began that saw everything it may see.
    pub last_success: Option<Time>,
    /// Seconds since then.
    pub lag: Option<i64>,
    /// Requests that the last look took.
    pub requests: u64,
    /// Why the last look ended early, and what to do.
    pub error: Option<String>,
    /// Whether it ended early because somebody stopped it.
    pub stopped: bool,
    /// What the last look showed to contradict the looks before, of another ledger.
    pub contradicts: Option<String>,
    /// What it does not let us look at.
    pub refused: Vec<Place>,
    /// What could not be read.
    pub failed: Vec<Place>,
}

impl SourceLine {
    /// What it is, and in a few words what state it is in.
    fn conclude(&mut self) {
        self.kind = match (&self.live, self.name.as_str()) {
            (Some(live), _) => live.kind.as_str(),
            (None, SERVE) => "receiver",
            (None, name) if name.starts_with(SERVE_SOURCE) => "pushed",
            (None, name) if name.starts_with(LEDGER_SOURCE) => "ledger",
            (None, name) if is_investigator(name) => "investigator",
            (None, _) => "file",
        }
        .to_owned();
        let in_part = !self.quarantined.is_empty();
        self.state = match &self.live {
            Some(live) if live.paused => "paused",
            Some(live) if live.last_try.is_none() => "never pulled",
            Some(Live { contradicts: Some(_), .. }) => "contradicts itself",
            Some(Live { error: Some(_), .. }) => "failed",
            Some(live) if live.stopped => "stopped",
            Some(live) if !live.refused.is_empty() => "refused us in part",
            Some(live) if in_part || !live.failed.is_empty() => "in part",
            None if in_part => "in part",
            _ => "ok",
        }
        .to_owned();
    }
}

/// What the ledger holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are the words of the design")]
pub struct Stats {
    pub origin: String,
    #[serde(rename = "key")]
    pub verifier: Option<String>,
    pub policy: String,
    pub records: u64,
    pub claims: u64,
    pub artefacts: u64,
    pub links: u64,
    pub evidence: u64,
    pub marks: u64,
    pub sources: u64,
    pub quarantined: u64,
    pub root: String,
    pub file_bytes: u64,
    pub index_bytes: u64,
}

impl View<'_> {
    /// Where records come from, and what of it could not be read.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn sources(&self) -> Result<Answer<SourceLine>, EngineError> {
        let ledger = self.engine.reader();
        let mut not_read = ledger.quarantined()?;
        let mut rows: Vec<SourceLine> = Vec::new();
        for source in ledger.sources()? {
            let (mine, others) = not_read.into_iter().partition(|it| it.source == source.name);
            not_read = others;
            rows.push(SourceLine {
                name: source.name,
                records: source.records,
                formats: source.formats,
                claims: source.claims,
                last_received: Some(source.last_received),
                newest: source.newest,
                quarantined: problems(mine),
                ..SourceLine::default()
            });
        }
        // What could not be read at all left no record to count its source by.
        while let Some(first) = not_read.first() {
            let name = first.source.clone();
            let (mine, others) = not_read.into_iter().partition(|it| it.source == name);
            not_read = others;
            let quarantined = problems(mine);
            rows.push(SourceLine { name, quarantined, ..SourceLine::default() });
        }
        let origin = ledger.origin().to_owned();
        drop(ledger);
        self.add_live(&origin, &mut rows)?;
        let completeness = Completeness::exact(rows.iter().filter(|row| row.within.is_none()).count());
        Ok(Answer { rows, completeness, summary: () })
    }

    /// Adds what is known of servers that are pulled from.
    fn add_live(&self, origin: &str, rows: &mut Vec<SourceLine>) -> Result<(), EngineError> {
        let home = &self.engine.home;
        let now = self.engine.clock().now();
        for (name, setting) in load_sources(&home.sources())? {
            let pulled = pulls::state(home, origin, &name);
            let live = Live {
                url: setting.url,
                kind: setting.kind,
                paused: setting.paused,
                last_try: pulled.tried,
                last_success: pulled.succeeded,
                lag: pulled.succeeded.map(|at| now.seconds() - at.seconds()),
                requests: pulled.requests,
                error: pulled.error,
                stopped: pulled.stopped,
                contradicts: pulled.contradicts,
                refused: pulled.refused,
                failed: pulled.failed,
            };
            // What came from another ledger lies under the names that its own sources have there.
            let (within, said) = (format!("{LEDGER_SOURCE}{name}/"), format!("{CASE_SOURCE}{name}"));
            let (of_ledger, others): (Vec<SourceLine>, Vec<SourceLine>) = std::mem::take(rows)
                .into_iter()
                .partition(|row| live.kind == server::LEDGER && (row.name.starts_with(&within) || row.name == said));
            *rows = others;
            let brought = of_ledger.iter().fold(SourceLine::default(), |sum, row| SourceLine {
                records: sum.records + row.records,
                claims: sum.claims + row.claims,
                last_received: sum.last_received.max(row.last_received),
                newest: sum.newest.max(row.newest),
                ..sum
            });
            match rows.iter_mut().find(|row| row.name == name) {
                Some(row) => row.live = Some(live),
                None => rows.push(SourceLine { name: name.clone(), live: Some(live), ..brought }),
            }
            rows.extend(of_ledger.into_iter().map(|row| SourceLine { within: Some(name.clone()), ..row }));
        }
        rows.iter_mut().for_each(SourceLine::conclude);
        // What can be pulled, and may fail, stands before what was once imported.
        rows.sort_by_key(|row| row.live.is_none());
        Ok(())
    }

    /// What the ledger holds.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn stats(&self) -> Result<Stats, EngineError> {
        let engine = self.engine;
        let ledger = engine.reader();
        let (head, origin) = (ledger.head()?, ledger.origin().to_owned());
        let quarantined = ledger.quarantined()?.len() as u64;
        drop(ledger);
        let sources = self.sources()?.completeness.at_least;
        let lineage = &self.snapshot.lineage;
        let length = |path: &Path| std::fs::metadata(path).map_or(0, |it| it.len());
        let holding = self.marks(&question::Marks::default())?.rows.len() as u64;
        Ok(Stats {
            verifier: keyring::signing(&engine.home, &origin)?.map(|key| key.verifier().to_string()),
            policy: engine.policy.as_ref().map_or_else(|why| format!("cannot be used: {why}"), Policy::id),
            origin,
            records: head.records,
            claims: head.claims,
            artefacts: lineage.len() as u64,
            links: lineage.links() as u64,
            evidence: lineage.all_evidence().len() as u64,
            marks: holding,
            sources,
            quarantined,
            root: hex::encode(head.root),
            file_bytes: length(engine.path()),
            index_bytes: length(&index::beside(engine.path())),
        })
    }
}

fn problems(units: Vec<Quarantined>) -> Vec<SetAside> {
    let what = |it: Quarantined| {
        let at = it.at;
        let what = NotRead { place: pipeline::place(it.offset, it.line), file: it.file, why: it.reason };
        SetAside { what, at }
    };
    units.into_iter().map(what).collect()
}
