//! Takes in what another ledger holds, so that two come to the same: each stretch of its records is verified with the
//! key that was pinned and the checkpoint that was seen last, and only then read, as if it had been received here. What
//! is held already is not taken in again. It hands nothing out.

use crate::config::SourceSetting;
use crate::connector::http::{Prompt, Sort, Trouble};
use crate::connector::server::{self, Held, Pull, Pulled};
use crate::engine::ingest::NotRead;
use crate::engine::pipeline;
use crate::engine::sync::{Begun, reach};
use crate::engine::{Engine, EngineError, Progress, SyncReport, keyring, pulls};
use crate::import::frame::Frame;
use crate::import::{self, Framing, redact_text};
use crate::investigate::said::{CASE_SOURCE, LEDGER_SOURCE, is_investigator};
use crate::model::Time;
use crate::proof::bundle::{self, Checker, Line, REDACTION, Record, Trust};
use crate::proof::checkpoint::Checkpoint;
use crate::proof::digest::sha256;
use crate::proof::kept::Kept;
use crate::proof::keys::VerifierKey;
use crate::proof::verdict::Verdict;
use crate::store::{Packer, Redaction, heads};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;

/// Stretches that wait to be taken.
const WAITING: usize = 1;

/// Where the last look ended.
struct Taken {
    taken: u64,
    seen: u64,
}

impl Held for Taken {
    fn has(&self, _: &str) -> bool {
        false
    }

    fn cursor(&self, name: &str) -> Option<String> {
        match name {
            server::TAKEN => Some(self.taken.to_string()),
            server::SEEN => Some(self.seen.to_string()),
            _ => None,
        }
    }

    fn end_at(&self, _: &str, _: String) {}

    fn learn(&self, _: &str, _: String) {}
}

/// A stretch that was verified.
struct Stretch {
    records: Vec<Record>,
    note: String,
    to: u64,
}

/// Why a stretch is not taken in.
struct Broken {
    verdict: Verdict,
    why: String,
    /// The checkpoint that it came with, which its ledger signed.
    note: String,
}

impl Broken {
    /// The word for what it contradicts; nothing where it was merely not what was asked for.
    fn contradicts(&self) -> Option<&'static str> {
        matches!(self.verdict, Verdict::RolledBack | Verdict::Diverged | Verdict::Failed).then(|| self.verdict.as_str())
    }
}

/// Verifies a stretch that goes on after the first `after` records; else says in words what does not hold.
fn verified(bytes: &[u8], key: &VerifierKey, kept: Option<&Kept>, after: u64) -> Result<Stretch, Broken> {
    let trust = Trust { key: Some(key.clone()), origin: None, anchors: kept.cloned().into_iter().collect() };
    let mut checker = Checker::new(&trust);
    let (mut records, mut note, mut to) = (Vec::new(), String::new(), None);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match checker.line(line) {
            Some(Line::Head(head)) => to = head.name.as_deref().and_then(bundle::span).filter(|it| it.0 == after),
            Some(Line::Checkpoint(it)) => note = it.checkpoint,
            Some(Line::Record(record)) => records.push(*record),
            Some(_) => {}
            None => break,
        }
    }
    let outcome = checker.finish();
    let verdict = outcome.verdict;
    let told = || outcome.first_bad.as_ref().map_or_else(|| outcome.notes.join("; "), |(_, _, what)| what.clone());
    let why = match verdict {
        Verdict::Anchored => None,
        Verdict::Unanchored if kept.is_none() => None,
        Verdict::RolledBack => Some(format!(
            "it was rolled back: it has fewer records than were seen before. Ask its owner why ({})",
            outcome.notes.join("; ")
        )),
        Verdict::Diverged => Some(
            "its history is another than the one that was seen before: it was forked or altered. Keep what is here, \
             and ask its owner"
                .to_owned(),
        ),
        _ => Some(format!("what it handed out does not hold: {}", told())),
    };
    if let Some(why) = why {
        return Err(Broken { verdict, why, note });
    }
    let Some((_, to)) = to else {
        let why = "it handed out other records than were asked for".to_owned();
        return Err(Broken { verdict, why, note });
    };
    records.retain(|it| it.record > after && it.record <= to);
    Ok(Stretch { records, note, to })
}

impl Engine {
    /// Takes in what is new in another ledger. That the other fails, or does not hold, is told in the report.
    ///
    /// # Errors
    /// When ours cannot be read or written.
    pub(super) fn converge(
        &self,
        begun: &Begun,
        setting: &SourceSetting,
        prompt: Prompt<'_>,
        cancel: &Arc<AtomicBool>,
        progress: &dyn Progress,
        report: &mut SyncReport,
    ) -> Result<(), EngineError> {
        let Begun { name, source, origin, before, .. } = begun;
        let mut taken = before.cursors.get(server::TAKEN).and_then(|it| it.parse().ok()).unwrap_or(0);
        let key = pinned(setting).and_then(|key| match key.name() == origin {
            true => Err(trouble("it is this ledger itself: name another")),
            false => Ok(key),
        });
        let ended = match key.and_then(|key| Ok((key, reach(name, setting, prompt, Arc::clone(cancel))?))) {
            Err(trouble) => Err(trouble),
            Ok((key, http)) => {
                let seen_in = self.home.heads().join("others").join(origin.replace('/', "-"));
                let peer = Peer { name, source, key, seen_in, trusted: setting.trust_investigators };
                let ended = match self.other_of_that_name(&peer)? {
                    Some(other) => Err(trouble(&other)),
                    None => self.take_all(&peer, &http, &mut taken, cancel, progress, report)?,
                };
                report.requests = http.asked();
                ended
            }
        };
        report.unchanged = report.import.already_known;
        report.end(ended.as_ref().err());
        let cursors = BTreeMap::from([(server::TAKEN.to_owned(), taken.to_string())]);
        pulls::keep(&self.home, origin, name, &begun.ended(report, cursors))
    }

    /// Says so where the records that lie here under its name are another ledger's.
    fn other_of_that_name(&self, peer: &Peer<'_>) -> Result<Option<String>, EngineError> {
        let (within, said) = (format!("{LEDGER_SOURCE}{}/", peer.source), format!("{CASE_SOURCE}{}", peer.source));
        let reader = self.reader();
        for source in reader.source_names()?.iter().filter(|it| it.starts_with(&within) || **it == said) {
            let file = reader.file_of_source(source)?.unwrap_or_default();
            if let Some((other, _)) = file.split_once(" record ").filter(|(other, _)| *other != peer.key.name()) {
                return Ok(Some(format!(
                    "what lies here under the name {} came from the ledger {other}, and this one is {}: give it a name of its \
                     own (lastgood source remove {0}, then lastgood source add another-name URL)",
                    peer.name,
                    peer.key.name()
                )));
            }
        }
        Ok(None)
    }

    /// Takes stretch after stretch, until there is no more or one does not hold.
    fn take_all(
        &self,
        peer: &Peer<'_>,
        http: &crate::connector::http::Http,
        taken: &mut u64,
        cancel: &AtomicBool,
        progress: &dyn Progress,
        report: &mut SyncReport,
    ) -> Result<Result<(), Trouble>, EngineError> {
        let Some(kind) = server::kind(server::LEDGER) else { return Ok(Ok(())) };
        keyring::make_folder(&peer.seen_in)?;
        let mut kept = heads::load(&peer.kept())?.filter(|it| size_of(&it.note) > 0);
        let seen = kept.as_ref().map_or(0, |it| size_of(&it.note));
        let held = &Taken { taken: *taken, seen };
        let (out, found) = sync_channel(WAITING);
        std::thread::scope(|scope| {
            let asking = scope.spawn(move || kind.pull(&Pull { http, held, out }));
            let mut failed = None;
            for pulled in found {
                let Pulled::Document { bytes, .. } = pulled else { continue };
                let stretch = match verified(&bytes, &peer.key, kept.as_ref(), *taken) {
                    Ok(stretch) => stretch,
                    Err(broken) => {
                        report.contradicts = broken.contradicts().map(str::to_owned);
                        self.tell_contradiction(peer, kept.as_ref(), &broken)?;
                        failed = Some(trouble(&format!("{}; nothing of this was taken in", broken.why)));
                        break;
                    }
                };
                progress.part(&format!("records {} to {}", *taken + 1, stretch.to));
                self.take_stretch(peer, stretch.records, progress, report)?;
                heads::keep(&peer.kept(), &stretch.note)?;
                *taken = stretch.to;
                let kept_now = Kept { note: stretch.note, whence: format!("the last look at {}", peer.name) };
                kept = Some(kept_now).filter(|it| size_of(&it.note) > 0);
                if cancel.load(Ordering::Relaxed) {
                    break;
                }
            }
            let asked = asking.join().map_err(|_| EngineError::Stopped("the asking of a server"))?;
            Ok(failed.map_or(asked, Err))
        })
    }

    /// Keeps in our own log that another ledger contradicts what it showed before, with both of the checkpoints that it
    /// signed: that is the proof. Told again, it is known already.
    fn tell_contradiction(&self, peer: &Peer<'_>, kept: Option<&Kept>, broken: &Broken) -> Result<(), EngineError> {
        // What is merely broken may have been broken on the way, and proves nothing.
        let (Verdict::RolledBack | Verdict::Diverged) = broken.verdict else { return Ok(()) };
        let verdict = broken.verdict.as_str();
        let id = format!("log:{}", peer.key.name());
        let file = peer.contradiction(broken);
        if self.reader().first_of_file(&file)?.is_some() {
            return Ok(());
        }
        let before = kept.map(|it| it.note.clone());
        let attributes = json!({"verdict": verdict, "checkpoint.before": before, "checkpoint.now": broken.note});
        let lines = [
            json!({"type": "artefact", "id": id, "kind": "log", "name": format!("the ledger {}", peer.name)}),
            json!({
                "type": "evidence", "about": id, "kind": "verification", "scope": "ledger-consistency", "verdict": "fail",
                "at": self.clock().now(), "by": "lastgood:sync", "attributes": attributes,
            }),
        ];
        let bytes = format!("{}\n{}\n", lines[0], lines[1]).into_bytes();
        self.ingest_bytes(Some(peer.source), vec![(file, bytes)]).map(drop)
    }

    /// Reads verified records as if they had been received here.
    fn take_stretch(
        &self,
        peer: &Peer<'_>,
        records: Vec<Record>,
        progress: &dyn Progress,
        report: &mut SyncReport,
    ) -> Result<(), EngineError> {
        for record in records.iter().filter(|it| it.content.is_none() || it.format == REDACTION) {
            self.tell_erased(peer, record, report)?;
        }
        if records.iter().all(|it| it.content.is_none()) {
            return Ok(());
        }
        let import = self.append_with(progress, |pepper, take| {
            let mut packer = Packer::new();
            for record in records {
                let (source, file) = (peer.source_of(&record.source), peer.file_of(&record));
                let (source, file) = (redact_text(&source, pepper).0, redact_text(&file, pepper).0);
                let Some(content) = record.content.filter(|_| record.format != REDACTION) else { continue };
                let arrival = match import::importer(&record.format) {
                    Some(importer) => {
                        let framing = Framing::parse(&record.framing).unwrap_or_default();
                        let frame = Frame { content: content.0, offset: record.offset, line: record.line, framing };
                        pipeline::arrived(source, file, importer, frame, &mut packer, pepper)
                    }
                    None => {
                        let why = format!("this version reads no \"{}\": a newer one may", record.format);
                        pipeline::refused(&source, &file, record.offset, record.line, why)
                    }
                };
                take(arrival)?;
            }
            Ok(())
        })?;
        report.import.add(import);
        Ok(())
    }

    /// Tells what was erased there: before it came here, or since, so that it lies here still.
    fn tell_erased(&self, peer: &Peer<'_>, record: &Record, report: &mut SyncReport) -> Result<(), EngineError> {
        let why = match record.content.as_ref().filter(|_| record.format == REDACTION) {
            None => format!("record {} was erased there by redaction: what it said is not handed over", record.record),
            Some(content) => {
                let Ok(told) = serde_json::from_slice::<Redaction>(&content.0) else { return Ok(()) };
                let Some(here) = self.reader().first_of_file(&peer.record(told.record))? else { return Ok(()) };
                format!(
                    "record {} was erased there by {} ({}), and lies here still as record {here}: lastgood redact {here} \
                     --reason … erases it here too",
                    told.record, told.by, told.why
                )
            }
        };
        report.import.warn(NotRead { file: peer.key.name().to_owned(), place: String::new(), why });
        Ok(())
    }
}

/// How many records a checkpoint is of; whose it is, the verifying tells.
fn size_of(note: &str) -> u64 {
    Checkpoint::stated(note).map_or(0, |it| it.size)
}

fn trouble(why: &str) -> Trouble {
    Trouble::new(Sort::Other, "", why)
}

/// The key that was pinned when the ledger was named.
fn pinned(setting: &SourceSetting) -> Result<VerifierKey, Trouble> {
    let told = "lastgood source remove it, and add it again with --key";
    let key = setting.key.as_deref().ok_or_else(|| trouble(&format!("no key of it is pinned: {told}")))?;
    key.parse().map_err(|why| trouble(&format!("the key that is pinned is none ({why}): {told}")))
}

/// The other ledger, as it is called here.
struct Peer<'p> {
    name: &'p str,
    source: &'p str,
    key: VerifierKey,
    seen_in: PathBuf,
    /// What its investigators said counts as if it had been said here.
    trusted: bool,
}

impl Peer<'_> {
    /// Where the newest checkpoint of it that was verified lies: by its own name, so that naming it anew forgets nothing.
    fn kept(&self) -> PathBuf {
        self.seen_in.join(format!("{}.checkpoint", self.key.name().replace('/', "-")))
    }

    /// What the source of a record is called here. Where its investigators are trusted, what they said is as in a case.
    fn source_of(&self, theirs: &str) -> String {
        match self.trusted && is_investigator(theirs) {
            true => format!("{CASE_SOURCE}{}", self.source),
            false => format!("{LEDGER_SOURCE}{}/{theirs}", self.source),
        }
    }

    /// How files of one of its records begin here.
    fn record(&self, number: u64) -> String {
        format!("{} record {number}, ", self.key.name())
    }

    /// Where a record is from: which ledger, its number there, when it was received there, and from what file.
    fn file_of(&self, record: &Record) -> String {
        let received = Time::from_micros(record.received_at);
        format!("{}received {received}: {}", self.record(record.record), record.file)
    }

    /// What the telling of a contradiction is filed under: by the checkpoint that contradicts.
    fn contradiction(&self, broken: &Broken) -> String {
        let note = hex::encode(&sha256(broken.note.as_bytes())[..6]);
        format!("{} shown as {} by checkpoint {note}", self.key.name(), broken.verdict.as_str())
    }
}
