//! The one thread that appends: what waits together shares one transaction, and is answered when that is durable. It
//! reads no request.

use super::{Ready, Source, Waiting, only, read};
use crate::engine::pipeline::Arrival;
use crate::engine::reception::NotTaken;
use crate::engine::repeats::{self, Repeats};
use crate::engine::{Engine, EngineError};
use crate::model::Time;
use crate::store::{Keys, Ledger, NewRecord, Quarantined, StoreError};
use std::collections::HashSet;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

/// Requests that share a transaction.
const TOGETHER: usize = 128;
/// Records that share a transaction, unless one request brings more.
const RECORDS: usize = 1024;
/// How long another process may hold the ledger.
const PATIENCE: Duration = Duration::from_millis(2500);
/// How long after a failure that passes it is said that it fails. Whatever keeps requests away meanwhile lets some
/// through then, and those tell.
const PASSES: Duration = Duration::from_secs(10);
/// Under which source we say what is ours to say.
const OURS: &str = "serve";

/// The one that writes.
pub(super) struct Writer {
    engine: Arc<Engine>,
    ledger: Ledger,
    keys: Keys,
    repeats: Repeats,
    health: Health,
    /// Held as long as it writes.
    _only: File,
}

/// How the last try to write went.
#[derive(Clone)]
pub(super) struct Health {
    engine: Arc<Engine>,
    /// When it failed, and whether waiting may help.
    failed: Arc<Mutex<Option<(Duration, bool)>>>,
}

impl Health {
    fn went(&self, refused: Option<&NotTaken>) {
        let failed = refused.map(|it| (self.engine.clock().elapsed(), !matches!(it, NotTaken::Broken(_))));
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failed;
    }

    pub(super) fn is_failing(&self) -> bool {
        let failed = *self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.is_some_and(|(at, passes)| !passes || self.engine.clock().elapsed() < at + PASSES)
    }
}

impl Writer {
    pub(super) fn open(engine: Arc<Engine>) -> Result<Writer, EngineError> {
        let only = only::receiver(engine.path())?;
        let (ledger, keys) = engine.writer()?;
        ledger.wait_for_writer(PATIENCE)?;
        let repeats = Repeats::of(&engine, &Source::ALL.map(Source::root), Source::OpenTelemetry.root())?;
        let health = Health { engine: Arc::clone(&engine), failed: Arc::default() };
        Ok(Writer { engine, ledger, keys, repeats, health, _only: only })
    }

    pub(super) fn health(&self) -> Health {
        self.health.clone()
    }

    pub(super) fn run(mut self, mut waiting: mpsc::Receiver<Waiting>) {
        while let Some(first) = waiting.blocking_recv() {
            let mut records = first.records.len();
            let mut batch = vec![first];
            while batch.len() < TOGETHER && records < RECORDS {
                let Ok(next) = waiting.try_recv() else { break };
                records += next.records.len();
                batch.push(next);
            }
            let written = catch_unwind(AssertUnwindSafe(|| self.write(&mut batch)));
            let refused = match written {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(refusal(&error)),
                Err(_) => Some(NotTaken::Broken("writing broke something in lastgood: please report it".to_owned())),
            };
            self.health.went(refused.as_ref());
            if refused.is_some() {
                self.repeats.forget_unkept();
                // It would be tried as long again for those behind, and their clients do not wait that long.
                batch.extend(std::iter::from_fn(|| waiting.try_recv().ok()));
            }
            for waiting in batch {
                // Who has gone away will send it again, and it will be known already.
                drop(waiting.reply.send(refused.clone().map_or(Ok(waiting.accepted), Err)));
            }
        }
        self.ledger.fold_in();
    }

    /// Appends a batch, and counts for each request what was new.
    fn write(&mut self, batch: &mut [Waiting]) -> Result<(), EngineError> {
        let now = self.engine.clock().now();
        let bad = batch.iter_mut().flat_map(|waiting| waiting.bad.drain(..));
        let bad: Vec<Quarantined> = bad.map(|unit| Quarantined { at: now, ..unit }).collect();
        if !bad.is_empty() {
            self.ledger.quarantine(&bad)?;
        }
        let mut sifted = Sifted::default();
        self.sift(batch, now, &mut sifted)?;
        let seqs = self.append(&sifted, now)?;
        for (of, seq) in sifted.of.iter().zip(&seqs) {
            let Some(waiting) = of.and_then(|of| batch.get_mut(of)) else { continue };
            match seq {
                Some(seq) => {
                    waiting.accepted.records += 1;
                    let first = waiting.accepted.numbers.map_or(*seq, |(first, _)| first);
                    waiting.accepted.numbers = Some((first, *seq));
                }
                None => waiting.accepted.already_known += 1,
            }
        }
        for (place, names) in &sifted.fresh {
            if let Some(Some(seq)) = seqs.get(*place) {
                self.repeats.kept(names, *seq);
            }
        }
        Ok(())
    }

    /// Takes out what says nothing new, and says of what contradicts that it does.
    fn sift(&mut self, batch: &mut [Waiting], now: Time, sifted: &mut Sifted) -> Result<(), EngineError> {
        let mut digests = HashSet::new();
        for (of, waiting) in batch.iter_mut().enumerate() {
            for Ready { record, tells } in std::mem::take(&mut waiting.records) {
                if !digests.insert(record.digest) || self.ledger.knows(&record.digest)? {
                    waiting.accepted.already_known += 1;
                    continue;
                }
                let compared = self.repeats.compare(&self.engine, &record, &tells)?;
                if compared.known {
                    waiting.accepted.already_known += 1;
                    continue;
                }
                sifted.fresh.push((sifted.records.len(), compared.fresh));
                let notices = compared.conflicts.iter().map(|conflict| repeats::notice(conflict, &record, now));
                let notices: Vec<Vec<u8>> = notices.collect();
                sifted.records.push(record);
                sifted.of.push(Some(of));
                for notice in notices {
                    let pepper = &self.keys.pepper;
                    for arrival in read(OURS.to_owned(), Source::Lines.format(), OURS.to_owned(), None, notice, pepper)
                    {
                        if let Arrival::Made(made) = arrival {
                            sifted.records.push(made.record);
                            sifted.of.push(None);
                        }
                    }
                }
                waiting.accepted.conflicts.extend(compared.conflicts);
            }
        }
        Ok(())
    }

    /// Appends, and gives for each record its number where it is new.
    fn append(&mut self, sifted: &Sifted, now: Time) -> Result<Vec<Option<u64>>, EngineError> {
        if sifted.records.is_empty() {
            return Ok(Vec::new());
        }
        let appended = self.ledger.append(&sifted.records, &self.keys, now)?;
        self.engine.keep_head(&appended.checkpoint_note)?;
        let mut seq = appended.head.records - appended.added() as u64;
        let number = |fresh: &bool| {
            seq += u64::from(*fresh);
            fresh.then_some(seq)
        };
        Ok(appended.fresh.iter().map(number).collect())
    }
}

/// What of a batch is to be appended.
#[derive(Default)]
struct Sifted {
    records: Vec<NewRecord>,
    /// For each the request that it is of; none for what we say ourselves.
    of: Vec<Option<usize>>,
    /// The names that a record, by its place, is the first to tell of.
    fresh: Vec<(usize, Vec<[u8; 16]>)>,
}

/// Why, in words for whoever sent it; what no waiting mends is for whoever runs this.
fn refusal(error: &EngineError) -> NotTaken {
    let now = |why: &str| NotTaken::Now(why.to_owned());
    match error {
        EngineError::Store(StoreError::Busy { .. }) => now("another process is writing to the ledger: send it again"),
        EngineError::Store(StoreError::NoSpace { .. }) => {
            now("no space is left where the ledger is, and nothing of this is kept: send it again when there is")
        }
        _ => NotTaken::Broken(error.to_string()),
    }
}
