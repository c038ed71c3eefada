//! Takes in what clients push: each delivery goes through the same importers as a file, and one thread appends what
//! waits together, so that many share one transaction and none is answered before it is durable. It speaks no HTTP.

mod only;
mod writer;

use crate::connector::Item;
use crate::engine::ingest::NotRead;
use crate::engine::pipeline::{Arrival, Made, Pipeline, place};
use crate::engine::repeats::Conflict;
use crate::engine::{Engine, EngineError};
use crate::import::{Occurrence, importer, named, occurrences, redact_text};
use crate::proof::fingerprint::Pepper;
use crate::store::{NewRecord, Quarantined};
use std::io::Cursor;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use writer::{Health, Writer};

/// Requests that wait to be written.
const WAITING: usize = 256;
/// How long a request waits for its turn: with what the writer waits for, less than the five seconds after which
/// clients give up.
const TURN: Duration = Duration::from_millis(1500);

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

    /// The name as records carry it. What a client that is named says in native lines goes under a name of its own: it
    /// may take back what its own source said, and nothing else.
    pub fn name(self, client: Option<&str>) -> String {
        match (self, client) {
            (Source::Lines, Some(client)) => format!("{}/{client}", self.root()),
            _ => self.root().to_owned(),
        }
    }

    /// The name without the client. What repeats under a name of its own (an event, a span, a delivery) is found here.
    fn root(self) -> &'static str {
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

/// One thing as a client sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The source its records go under.
    pub source: Source,
    /// The client that sent it, where that has a name.
    pub client: Option<String>,
    /// Where it came from and how that was proven, as records tell it.
    pub from: String,
    /// What its sender calls it, where it has a name.
    pub part: Option<String>,
    /// Where in the body of its request it stood.
    pub within: Within,
    /// The bytes, not compressed.
    pub body: Vec<u8>,
}

/// Where in the body of a request something stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// It is all there was.
    Alone,
    /// It was a line.
    Line {
        /// Which, from 1.
        line: u64,
        /// How many bytes stood before it.
        offset: u64,
    },
    /// It was an event of several, from 1.
    Event(u64),
}

impl Within {
    /// Puts what could not be read where it stood in the body.
    fn place(self, what: &mut NotRead, unit: &mut Quarantined) {
        match self {
            Within::Alone => {}
            Within::Line { line, offset } => {
                (unit.line, unit.offset) = (line, offset + unit.offset);
                what.place = place(unit.offset, unit.line);
            }
            Within::Event(number) => {
                // Lines and bytes would be counted within the event, and where that began is not known.
                (unit.line, unit.offset) = (0, 0);
                what.place = format!("event {number}");
                unit.file = format!("{}, event {number}", unit.file);
            }
        }
    }
}

/// What came of one request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted {
    /// Records added to the log.
    pub records: u64,
    /// The numbers of the first and the last of them.
    pub numbers: Option<(u64, u64)>,
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
    health: Health,
}

impl Reception {
    /// Opens the ledger for writing and starts the thread that writes. It ends when the reception is dropped and
    /// what waits is written.
    ///
    /// # Errors
    /// When the ledger cannot be written by us at all.
    pub fn open(engine: &Arc<Engine>) -> Result<(Reception, JoinHandle<()>), EngineError> {
        let writer = Writer::open(Arc::clone(engine))?;
        let health = writer.health();
        let (queue, waiting) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run(waiting));
        let thread = thread.map_err(|error| EngineError::io(engine.path(), error))?;
        Ok((Reception { pepper: engine.pepper()?, queue, health }, thread))
    }

    /// Whether the ledger could not be written a moment ago, or not in a way that passes.
    pub fn is_failing(&self) -> bool {
        self.queue.is_closed() || self.health.is_failing()
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
    fn make(&self, deliveries: Vec<Delivery>) -> Result<(Vec<Ready>, Vec<Quarantined>, Accepted), NotTaken> {
        let (mut records, mut bad, mut accepted) = (Vec::new(), Vec::new(), Accepted::default());
        for delivery in deliveries {
            let Delivery { source, client, from, part, within, body } = delivery;
            let name = source.name(client.as_deref());
            let part = part.map(|part| redact_text(&part, &self.pepper).0);
            for arrival in read(name, source.format(), from, part.clone(), body, &self.pepper) {
                match arrival {
                    Arrival::File(_) | Arrival::PassedOver(_) => {}
                    Arrival::Failed(error) => return Err(NotTaken::Now(error.to_string())),
                    Arrival::NotRead(mut what, mut unit) => {
                        within.place(&mut what, &mut unit);
                        accepted.not_read.push(what);
                        bad.push(unit);
                    }
                    Arrival::Made(made) => {
                        let Made { mut record, not_read, .. } = *made;
                        // Of what nothing can be read, no record is made: it would only fill the log.
                        let readable = not_read.is_empty() || !record.claims.is_empty();
                        for (mut what, mut unit) in not_read {
                            within.place(&mut what, &mut unit);
                            accepted.not_read.push(what);
                            bad.push(unit);
                        }
                        if readable {
                            if let Within::Line { line, offset } = within {
                                (record.line, record.offset) = (line, offset + record.offset);
                            }
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
    source: String,
    format: &str,
    from: String,
    part: Option<String>,
    body: Vec<u8>,
    pepper: &Pepper,
) -> Vec<Arrival> {
    let pipeline = Pipeline { importer: importer(format), source: Some(source), progress: &() };
    let item = Item::new(from, Box::new(Cursor::new(body)), None);
    pipeline.read_one(Item { part, ..item }, pepper)
}

fn stopped() -> NotTaken {
    NotTaken::Now("the receiver is being stopped: send it again".to_owned())
}
