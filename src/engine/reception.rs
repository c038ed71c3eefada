//! Takes in what clients push: each delivery goes through the same importers as a file, and one thread appends what
//! waits together, so that many share one transaction and none is answered before it is durable. It speaks no HTTP.

use crate::connector::Item;
use crate::engine::ingest::NotRead;
use crate::engine::pipeline::{Arrival, Made, Pipeline};
use crate::engine::repeats::{self, Conflict, Repeats};
use crate::engine::{Engine, EngineError};
use crate::import::{Occurrence, importer, named, occurrences};
use crate::model::Time;
use crate::proof::fingerprint::Pepper;
use crate::store::{Keys, Ledger, NewRecord, Quarantined, StoreError};
use std::collections::HashSet;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Requests that wait to be written.
const WAITING: usize = 256;
/// Requests that share a transaction.
const TOGETHER: usize = 128;
/// Records that share a transaction, unless one request brings more.
const RECORDS: usize = 1024;
/// How long a request waits for its turn, and how long another process may hold the ledger: less together than the
/// five seconds after which clients give up.
const TURN: Duration = Duration::from_millis(1500);
const PATIENCE: Duration = Duration::from_millis(2500);

/// What pushes: the source that its records go under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are named after who pushes")]
pub enum Source {
    OpenLineage,
    OpenTelemetry,
    GitHub,
    MLflow,
    Lines,
}

impl Source {
    const ALL: [Source; 5] =
        [Source::OpenLineage, Source::OpenTelemetry, Source::GitHub, Source::MLflow, Source::Lines];

    /// The name as records carry it.
    pub fn name(self) -> &'static str {
        match self {
            Source::OpenLineage => "serve:openlineage",
            Source::OpenTelemetry => "serve:otel",
            Source::GitHub => "serve:github",
            Source::MLflow => "serve:mlflow",
            Source::Lines => "serve:lineage",
        }
    }

    /// The format that what it pushes must be of.
    fn format(self) -> &'static str {
        match self {
            Source::OpenLineage => "openlineage",
            Source::OpenTelemetry => "otel",
            Source::GitHub => "github",
            Source::MLflow => "mlflow",
            Source::Lines => "lineage",
        }
    }
}

/// Under which source we say what is ours to say.
const OURS: &str = "serve";

/// One thing as a client sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The source its records go under.
    pub source: Source,
    /// Where it came from and how that was proven, as records tell it.
    pub from: String,
    /// What its sender calls it, where it has a name.
    pub part: Option<String>,
    /// The bytes, not compressed.
    pub body: Vec<u8>,
}

/// What came of one request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted {
    /// Records added to the log.
    pub records: u64,
    /// Records whose content the ledger held already.
    pub already_known: u64,
    /// What contradicts something told before under the same name; both are kept.
    pub conflicts: Vec<Conflict>,
    /// What could not be read.
    pub not_read: Vec<NotRead>,
}

impl Accepted {
    /// Whether there was something, and all of it could not be read.
    pub fn is_unreadable(&self) -> bool {
        self.records + self.already_known == 0 && !self.not_read.is_empty()
    }
}

/// Why a request was not taken in; nothing of it is kept, and it may be sent again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Too many wait.
    #[error("too many requests wait to be written: send it again")]
    Full,
    /// The ledger cannot be written now.
    #[error("{0}")]
    Now(String),
    /// The ledger cannot be written, and waiting will not help.
    #[error("{0}")]
    Broken(String),
}

/// A record, and what it tells of by name.
struct Ready {
    record: NewRecord,
    tells: Vec<Occurrence>,
}

/// A request made ready, and who waits for what comes of it.
struct Waiting {
    records: Vec<Ready>,
    bad: Vec<Quarantined>,
    accepted: Accepted,
    reply: oneshot::Sender<Result<Accepted, NotTaken>>,
}

/// Where deliveries are handed in.
pub struct Reception {
    pepper: Pepper,
    queue: mpsc::Sender<Waiting>,
}

impl Reception {
    /// Opens the ledger for writing and starts the thread that writes. It ends when the reception is dropped and
    /// what waits is written.
    ///
    /// # Errors
    /// When the ledger cannot be written by us at all.
    pub fn open(engine: &Arc<Engine>) -> Result<(Reception, JoinHandle<()>), EngineError> {
        let writer = Writer::open(Arc::clone(engine))?;
        let (queue, waiting) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run(waiting));
        let thread = thread.map_err(|error| EngineError::io(engine.path(), error))?;
        Ok((Reception { pepper: engine.pepper()?, queue }, thread))
    }

    /// Takes in the deliveries of one request: all are durable when it answers, or none.
    ///
    /// # Errors
    /// When they could not be written in time.
    pub async fn take(self: &Arc<Reception>, deliveries: Vec<Delivery>) -> Result<Accepted, NotTaken> {
        let this = Arc::clone(self);
        let made = tokio::task::spawn_blocking(move || this.make(deliveries)).await;
        let (records, bad, accepted) = made.map_err(|error| NotTaken::Broken(error.to_string()))??;
        if records.is_empty() && bad.is_empty() {
            return Ok(accepted);
        }
        let (reply, answer) = oneshot::channel();
        let turn = tokio::time::timeout(TURN, self.queue.reserve()).await;
        let place = turn.map_err(|_| NotTaken::Full)?.map_err(|_| stopped())?;
        place.send(Waiting { records, bad, accepted, reply });
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Redacts, reads, hashes and packs, as an import does.
    #[expect(clippy::type_complexity, reason = "taken apart where it is called")]
    fn make(&self, deliveries: Vec<Delivery>) -> Result<(Vec<Ready>, Vec<Quarantined>, Accepted), NotTaken> {
        let (mut records, mut bad, mut accepted) = (Vec::new(), Vec::new(), Accepted::default());
        for delivery in deliveries {
            let Delivery { source, from, part, body } = delivery;
            for arrival in read(source.name(), source.format(), from, part.clone(), body, &self.pepper) {
                match arrival {
                    Arrival::File(_) | Arrival::PassedOver(_) => {}
                    Arrival::Failed(error) => return Err(NotTaken::Now(error.to_string())),
                    Arrival::NotRead(what, unit) => {
                        accepted.not_read.push(what);
                        bad.push(unit);
                    }
                    Arrival::Made(made) => {
                        let Made { mut record, not_read, .. } = *made;
                        // Of what nothing can be read, no record is made: it would only fill the log.
                        let readable = not_read.is_empty() || !record.claims.is_empty();
                        for (what, unit) in not_read {
                            accepted.not_read.push(what);
                            bad.push(unit);
                        }
                        if readable {
                            let tells = match &part {
                                Some(part) => vec![named(part, &record.content)],
                                None => occurrences(&record.format, &record.content),
                            };
                            if let (None, [only]) = (&part, tells.as_slice())
                                && only.alone
                            {
                                record.file = format!("{}#{}", record.file, only.name);
                            }
                            records.push(Ready { record, tells });
                        }
                    }
                }
            }
        }
        Ok((records, bad, accepted))
    }
}

/// Reads one delivery, as an import reads a file.
fn read(
    source: &str,
    format: &str,
    from: String,
    part: Option<String>,
    body: Vec<u8>,
    pepper: &Pepper,
) -> Vec<Arrival> {
    let pipeline = Pipeline { importer: importer(format), source: Some(source.to_owned()), progress: &() };
    let item = Item::new(from, Box::new(Cursor::new(body)), None);
    pipeline.read_one(Item { part, ..item }, pepper)
}

fn stopped() -> NotTaken {
    NotTaken::Now("the receiver is being stopped: send it again".to_owned())
}

/// The one that writes.
struct Writer {
    engine: Arc<Engine>,
    ledger: Ledger,
    keys: Keys,
    repeats: Repeats,
}

impl Writer {
    fn open(engine: Arc<Engine>) -> Result<Writer, EngineError> {
        let (ledger, keys) = engine.writer()?;
        ledger.wait_for_writer(PATIENCE)?;
        let repeats = Repeats::of(&engine, &Source::ALL.map(Source::name), Source::OpenTelemetry.name())?;
        Ok(Writer { engine, ledger, keys, repeats })
    }

    fn run(mut self, mut waiting: mpsc::Receiver<Waiting>) {
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
        let outcome = self.sift(batch, now, &mut sifted).and_then(|()| self.append(&sifted, now));
        let seqs = match outcome {
            Ok(seqs) => seqs,
            Err(error) => {
                sifted.fresh.iter().for_each(|(_, names)| self.repeats.forget(names));
                return Err(error);
            }
        };
        for (of, seq) in sifted.of.iter().zip(&seqs) {
            let Some(waiting) = of.and_then(|of| batch.get_mut(of)) else { continue };
            match seq {
                Some(_) => waiting.accepted.records += 1,
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
                    for arrival in read(OURS, Source::Lines.format(), OURS.to_owned(), None, notice, pepper) {
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

fn refusal(error: &EngineError) -> NotTaken {
    match error {
        EngineError::Store(StoreError::Busy { .. } | StoreError::NoSpace { .. }) => NotTaken::Now(error.to_string()),
        _ => NotTaken::Broken(error.to_string()),
    }
}
