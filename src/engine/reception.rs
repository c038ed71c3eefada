//! Takes in what clients push: each delivery goes through the same importers as a file, and one thread appends what
//! waits together, so that many share one transaction and none is answered before it is durable. It speaks no HTTP.

use crate::connector::Item;
use crate::engine::ingest::{NotRead, named_importer};
use crate::engine::pipeline::{Arrival, Made, Pipeline};
use crate::engine::{Engine, EngineError};
use crate::proof::fingerprint::Pepper;
use crate::store::{Keys, Ledger, NewRecord, Quarantined, StoreError};
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

/// One thing as a client sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The source its records go under: `serve:openlineage`.
    pub source: &'static str,
    /// Where it came from and how that was proven, as records tell it.
    pub from: String,
    /// What its sender calls it, where it has a name.
    pub part: Option<String>,
    /// The format it must be of; looked for where none is named.
    pub format: Option<&'static str>,
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
    /// Secret values replaced before anything was kept.
    pub secrets_replaced: u64,
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

/// A request made ready, and who waits for what comes of it.
struct Waiting {
    records: Vec<NewRecord>,
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
    fn make(&self, deliveries: Vec<Delivery>) -> Result<(Vec<NewRecord>, Vec<Quarantined>, Accepted), NotTaken> {
        let (mut records, mut bad, mut accepted) = (Vec::new(), Vec::new(), Accepted::default());
        for delivery in deliveries {
            let importer = delivery.format.map(named_importer).transpose();
            let importer = importer.map_err(|error| NotTaken::Broken(error.to_string()))?;
            let pipeline = Pipeline { importer, source: Some(delivery.source.to_owned()), progress: &() };
            let item = Item::new(delivery.from, Box::new(Cursor::new(delivery.body)), None);
            for arrival in pipeline.read_one(Item { part: delivery.part, ..item }, &self.pepper) {
                match arrival {
                    Arrival::File(_) | Arrival::PassedOver(_) => {}
                    Arrival::Failed(error) => return Err(NotTaken::Now(error.to_string())),
                    Arrival::NotRead(what, unit) => {
                        accepted.not_read.push(what);
                        bad.push(unit);
                    }
                    Arrival::Made(made) => {
                        let Made { record, not_read, secrets, .. } = *made;
                        // Of what nothing can be read, no record is made: it would only fill the log.
                        let readable = not_read.is_empty() || !record.claims.is_empty();
                        for (what, unit) in not_read {
                            accepted.not_read.push(what);
                            bad.push(unit);
                        }
                        if readable {
                            accepted.secrets_replaced += secrets;
                            records.push(record);
                        }
                    }
                }
            }
        }
        Ok((records, bad, accepted))
    }
}

fn stopped() -> NotTaken {
    NotTaken::Now("the receiver is being stopped: send it again".to_owned())
}

/// The one that writes.
struct Writer {
    engine: Arc<Engine>,
    ledger: Ledger,
    keys: Keys,
}

impl Writer {
    fn open(engine: Arc<Engine>) -> Result<Writer, EngineError> {
        let (ledger, keys) = engine.writer()?;
        ledger.wait_for_writer(PATIENCE)?;
        Ok(Writer { engine, ledger, keys })
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
        let counts: Vec<usize> = batch.iter().map(|waiting| waiting.records.len()).collect();
        let records: Vec<NewRecord> = batch.iter_mut().flat_map(|waiting| waiting.records.drain(..)).collect();
        if records.is_empty() {
            return Ok(());
        }
        let appended = self.ledger.append(&records, &self.keys, now)?;
        self.engine.keep_head(&appended.checkpoint_note)?;
        let mut fresh = appended.fresh.into_iter();
        for (waiting, count) in batch.iter_mut().zip(counts) {
            for fresh in fresh.by_ref().take(count) {
                match fresh {
                    true => waiting.accepted.records += 1,
                    false => waiting.accepted.already_known += 1,
                }
            }
        }
        Ok(())
    }
}

fn refusal(error: &EngineError) -> NotTaken {
    match error {
        EngineError::Store(StoreError::Busy { .. } | StoreError::NoSpace { .. }) => NotTaken::Now(error.to_string()),
        _ => NotTaken::Broken(error.to_string()),
    }
}
