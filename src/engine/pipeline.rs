//! One reader, a few workers, and the caller's own thread taking what they made in the order of the
//! input. It keeps nothing and knows no format.

use crate::connector::{Item, Refused};
use crate::engine::EngineError;
use crate::engine::ingest::{NotRead, Progress};
use crate::engine::record;
use crate::import::frame::{Budget, Cut, Frame, Skipped, Stream};
use crate::import::{Importer, framing, importer, redact, redact_text, sniff};
use crate::model::Time;
use crate::proof::digest::sha256;
use crate::proof::fingerprint::Pepper;
use crate::store::{NewRecord, Packer, Quarantined};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// What may wait between two stages; bounds memory whatever the input.
const WAITING: usize = 16;

thread_local! {
    /// Making one takes longer than packing most things.
    static PACKER: RefCell<std::io::Result<Packer>> = RefCell::new(Packer::new());
}

/// How to read a run of items.
pub(super) struct Pipeline<'a> {
    /// Read everything as this, instead of looking.
    pub importer: Option<&'static dyn Importer>,
    /// The name all records go under; otherwise each file's own.
    pub source: Option<String>,
    /// Who hears how far it is.
    pub progress: &'a dyn Progress,
}

/// What reaches the caller.
pub(super) enum Arrival {
    /// A file was recognised as this format.
    File(&'static str),
    /// A record and what of it could not be read.
    Made(Box<Made>),
    /// Something that nobody asked to be read.
    PassedOver(NotRead),
    /// The machine, not the input, failed.
    Failed(EngineError),
    /// Something of which no record could be made.
    NotRead(NotRead, Quarantined),
}

/// A record ready to be appended.
pub(super) struct Made {
    pub record: NewRecord,
    pub not_read: Vec<(NotRead, Quarantined)>,
    pub warnings: Vec<NotRead>,
    pub secrets: u64,
    pub read: u64,
}

/// The file a frame comes from.
struct Origin {
    name: String,
    source: String,
    importer: &'static dyn Importer,
}

/// What the reader hands to the workers; each with its place in the order.
enum Task {
    Frame(Arc<Origin>, Frame),
    Ready(Arrival),
}

type Placed<T> = (usize, T);

impl Pipeline<'_> {
    /// Reads all items, handing what comes of them to `take` in the order of the input.
    pub(super) fn run(
        &self,
        items: impl Iterator<Item = Result<Item, Refused>> + Send,
        pepper: &Pepper,
        take: &mut dyn FnMut(Arrival) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let workers = std::thread::available_parallelism().map_or(1, |n| n.get().min(4));
        std::thread::scope(|scope| {
            let (to_workers, tasks) = sync_channel::<Placed<Task>>(WAITING);
            let (to_caller, arrivals) = sync_channel::<Placed<Arrival>>(WAITING);
            let reader = scope.spawn(move || self.read_all(items, pepper, &to_workers));
            let tasks = Arc::new(Mutex::new(tasks));
            for _ in 0..workers {
                let (tasks, to_caller) = (Arc::clone(&tasks), to_caller.clone());
                scope.spawn(move || work(&tasks, &to_caller, pepper));
            }
            drop((to_caller, tasks));
            let taken = in_order(&arrivals, take);
            // Stops the workers, and through them the reader, when the caller gave up.
            drop(arrivals);
            let read = reader.join().map_err(|_| EngineError::Stopped("the reader"));
            let last = taken?;
            match read? {
                sent if sent == last => Ok(()),
                _ => Err(EngineError::Stopped("a worker")),
            }
        })
    }

    /// Reads one item here and now, without a thread of its own. Nothing secret is in its names.
    pub(super) fn read_one(&self, item: Item, pepper: &Pepper) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        PACKER.with_borrow_mut(|packer| {
            self.read_item(item, &mut BTreeSet::new(), &mut |_| (), &mut |task| {
                arrivals.push(arrival(task, packer, pepper));
                true
            });
        });
        arrivals
    }

    /// Opens and cuts every item. The result says how many tasks were sent.
    fn read_all(
        &self,
        items: impl Iterator<Item = Result<Item, Refused>>,
        pepper: &Pepper,
        out: &SyncSender<Placed<Task>>,
    ) -> usize {
        // A name is kept and shown like any other text.
        let harmless = |name: &str| redact_text(name, pepper).0;
        let mut place = 0;
        let mut send = |task: Task| {
            place += 1;
            out.send((place - 1, task)).is_ok()
        };
        let (mut done, mut total) = (0, 0);
        let mut stores = BTreeSet::new();
        for item in items {
            let going = match item {
                Ok(mut item) => {
                    item.name = harmless(&item.name);
                    item.part = item.part.as_deref().map(harmless);
                    self.progress.file(&item.name);
                    item.part.iter().for_each(|part| self.progress.part(part));
                    total += item.size.unwrap_or(0);
                    let before = done;
                    let size = item.size;
                    let going = self.read_item(
                        item,
                        &mut stores,
                        &mut |bytes| {
                            done += bytes;
                            self.progress.read(done, total.max(done));
                        },
                        &mut send,
                    );
                    done = size.map_or(done, |size| before + size);
                    going
                }
                Err(refused) if refused.passed_over => send(Task::Ready(Arrival::PassedOver(NotRead {
                    file: refused.name,
                    place: String::new(),
                    why: refused.why,
                }))),
                Err(refused) => send(Task::Ready(self.refusal(&harmless(&refused.name), 0, 0, refused.why))),
            };
            if !going {
                break;
            }
        }
        place
    }

    /// Recognises one item and cuts it. False when nobody listens any more.
    fn read_item(
        &self,
        item: Item,
        stores: &mut BTreeSet<String>,
        read: &mut dyn FnMut(u64),
        send: &mut dyn FnMut(Task) -> bool,
    ) -> bool {
        let Item { name, part, read_as, loose, reader, .. } = item;
        let shown = part.as_ref().map_or_else(|| name.clone(), |part| format!("{name}#{part}"));
        let stream = match Stream::open(reader) {
            Ok(stream) => stream,
            Err(error) => return send(Task::Ready(self.refusal(&shown, 0, 0, error.to_string()))),
        };
        let head = stream.head();
        let recognised = match self.importer.or_else(|| importer(read_as?)) {
            Some(importer) => Ok((importer, importer.recognises(&head).unwrap_or_else(|| framing(&head)))),
            None => sniff(&head),
        };
        let (importer, cut) = match recognised {
            Ok(found) => found,
            Err(unknown) if loose => {
                let unread = NotRead { file: shown, place: String::new(), why: unknown.to_string() };
                return send(Task::Ready(Arrival::PassedOver(unread)));
            }
            Err(unknown) => {
                return send(Task::Ready(self.refusal(&shown, 0, 0, unknown.to_string())));
            }
        };
        // Many things in one file are one file.
        let first = part.is_none() || stores.insert(name.clone());
        if first && !send(Task::Ready(Arrival::File(importer.format().name))) {
            return false;
        }
        let source = self.source.clone().unwrap_or_else(|| format!("file:{name}"));
        let origin = Arc::new(Origin { name: shown, source, importer });
        for piece in stream.frames(cut, Budget::default()) {
            let task = match piece {
                Ok(Cut::Frame(frame)) => {
                    read(frame.content.len() as u64);
                    Task::Frame(Arc::clone(&origin), frame)
                }
                Ok(Cut::Skipped(Skipped { offset, line, len, reason })) => {
                    read(len);
                    Task::Ready(self.refusal(&origin.name, offset, line, reason))
                }
                Err(stopped) => {
                    Task::Ready(self.refusal(&origin.name, stopped.offset, stopped.line, stopped.to_string()))
                }
            };
            if !send(task) {
                return false;
            }
        }
        true
    }

    fn refusal(&self, file: &str, offset: u64, line: u64, why: String) -> Arrival {
        let source = self.source.clone().unwrap_or_else(|| format!("file:{file}"));
        refused(&source, file, offset, line, why)
    }
}

/// Something of which no record can be made.
pub(super) fn refused(source: &str, file: &str, offset: u64, line: u64, why: String) -> Arrival {
    let bad = quarantined(source, file, offset, line, &why);
    Arrival::NotRead(NotRead { file: file.to_owned(), place: place(offset, line), why }, bad)
}

/// A frame that somebody else cut, read here and now.
pub(super) fn arrived(
    source: String,
    name: String,
    importer: &'static dyn Importer,
    frame: Frame,
    packer: &mut std::io::Result<Packer>,
    pepper: &Pepper,
) -> Arrival {
    arrival(Task::Frame(Arc::new(Origin { name, source, importer }), frame), packer, pepper)
}

/// A position for people.
pub(super) fn place(offset: u64, line: u64) -> String {
    match (offset, line) {
        (0, 0) => String::new(),
        (offset, line) => format!("line {line} (byte {offset})"),
    }
}

/// No excerpt is kept: the record beside it holds the bytes, where they can be redacted, and what gave
/// no record was never searched for secrets.
fn quarantined(source: &str, file: &str, offset: u64, line: u64, reason: &str) -> Quarantined {
    Quarantined {
        source: source.to_owned(),
        file: file.to_owned(),
        offset,
        line,
        reason: reason.to_owned(),
        excerpt: String::new(),
        sha256: sha256(reason.as_bytes()),
        at: Time::from_seconds(0),
    }
}

/// Takes tasks until there are none, and makes arrivals of them.
fn work(tasks: &Mutex<Receiver<Placed<Task>>>, out: &SyncSender<Placed<Arrival>>, pepper: &Pepper) {
    let mut packer = Packer::new();
    loop {
        let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((place, task)) = next else { return };
        if out.send((place, arrival(task, &mut packer, pepper))).is_err() {
            return;
        }
    }
}

fn arrival(task: Task, packer: &mut std::io::Result<Packer>, pepper: &Pepper) -> Arrival {
    match (task, packer) {
        (Task::Ready(arrival), _) => arrival,
        (Task::Frame(origin, frame), Ok(packer)) => made(&origin, frame, pepper, packer),
        (Task::Frame(..), Err(error)) => {
            Arrival::Failed(EngineError::Packing(std::io::Error::other(error.to_string())))
        }
    }
}

/// Makes a record of a frame. Whatever breaks on it, which is a bug, costs that frame and no other.
fn made(origin: &Origin, frame: Frame, pepper: &Pepper, packer: &mut Packer) -> Arrival {
    let (offset, line) = (frame.offset, frame.line);
    match catch_unwind(AssertUnwindSafe(|| make(origin, frame, pepper, packer))) {
        Ok(Ok(made)) => Arrival::Made(Box::new(made)),
        Ok(Err(error)) => Arrival::Failed(EngineError::Packing(error)),
        Err(_) => {
            let why = "reading it broke something in lastgood: please report it".to_owned();
            let bad = quarantined(&origin.source, &origin.name, offset, line, &why);
            Arrival::NotRead(NotRead { file: origin.name.clone(), place: place(offset, line), why }, bad)
        }
    }
}

/// Redacts, reads, hashes and packs one frame.
fn make(origin: &Origin, frame: Frame, pepper: &Pepper, packer: &mut Packer) -> std::io::Result<Made> {
    let redacted = redact(&frame.content, pepper);
    let secrets = redacted.found.len() as u64;
    let content = redacted.bytes.into_owned();
    let reading = record::read(origin.importer, &content, frame.framing);
    let at = |at: u32| (frame.offset + u64::from(at), frame.line_of(at));
    let not_read = reading.rejected.iter().map(|it| {
        let (offset, line) = at(it.at);
        let not_read = NotRead { file: origin.name.clone(), place: place(offset, line), why: it.reason.clone() };
        (not_read, quarantined(&origin.source, &origin.name, offset, line, &it.reason))
    });
    let not_read = not_read.collect();
    let warnings = reading.warnings.iter().map(|it| {
        let (offset, line) = at(it.at);
        NotRead { file: origin.name.clone(), place: place(offset, line), why: it.text.clone() }
    });
    let warnings = warnings.collect();
    let format = origin.importer.format();
    let record = NewRecord {
        source: origin.source.clone(),
        format: format.name.to_owned(),
        importer_version: format.version,
        framing: frame.framing.as_str().to_owned(),
        media_type: format.media_type.to_owned(),
        file: origin.name.clone(),
        offset: frame.offset,
        line: frame.line,
        observed_at: reading.observed_at,
        digest: sha256(&content),
        packed: packer.pack(&content)?,
        claims: reading.claims,
        content,
    };
    Ok(Made { record, not_read, warnings, secrets, read: frame.content.len() as u64 })
}

/// Hands arrivals on in their order; the result says how many there were.
fn in_order(
    arrivals: &Receiver<Placed<Arrival>>,
    take: &mut dyn FnMut(Arrival) -> Result<(), EngineError>,
) -> Result<usize, EngineError> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (place, arrival) in arrivals {
        waiting.insert(place, arrival);
        while let Some(arrival) = waiting.remove(&next) {
            take(arrival)?;
            next += 1;
        }
    }
    Ok(next)
}
