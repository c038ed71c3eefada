//! Tells what is new from what is held already, by the last record of every object of a source. An object that
//! changed or vanished goes on with what it was, so that its importer can tell what ended. It asks no server.

use crate::connector::Item;
use crate::engine::{Engine, EngineError};
use crate::import::change::{self, Sides};
use crate::import::{redact, redact_text};
use crate::model::Time;
use crate::proof::digest::sha256;
use crate::proof::fingerprint::Pepper;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::io::Cursor;

/// The last record of an object.
struct Last {
    record: u64,
    digest: Option<[u8; 32]>,
}

/// What is held of a source.
pub(super) struct Known {
    /// What stands before the name of a part where files are named.
    before: String,
    parts: HashMap<String, Last>,
}

impl Known {
    pub(super) fn of(engine: &Engine, source: &str, address: &str) -> Result<Known, EngineError> {
        let before = format!("{}#", redact_text(address, &engine.pepper()?).0);
        let held = engine.reader().last_of_source(source)?;
        let mine = |(file, record, digest): (String, u64, _)| {
            Some((file.strip_prefix(&before)?.to_owned(), Last { record, digest }))
        };
        let parts = held.into_iter().filter_map(mine).collect();
        Ok(Known { before, parts })
    }

    /// Whether an object of that name is held.
    pub(super) fn has(&self, part: &str) -> bool {
        self.parts.contains_key(part)
    }
}

/// Something to be read.
pub(super) struct Fresh {
    part: String,
    format: Option<&'static str>,
    bytes: Vec<u8>,
}

impl Fresh {
    pub(super) fn item(self, address: &str) -> Item {
        let size = Some(self.bytes.len() as u64);
        let item = Item::new(address, Box::new(Cursor::new(self.bytes)), size);
        Item { part: Some(self.part), read_as: self.format, ..item }
    }
}

/// What came of one thing that was found.
#[derive(Default)]
pub(super) struct Sifted {
    pub(super) documents: Vec<Fresh>,
    pub(super) unchanged: u64,
    pub(super) changed: u64,
    pub(super) gone: u64,
    pub(super) shared: u64,
}

impl Sifted {
    fn fresh(fresh: Fresh) -> Sifted {
        Sifted { documents: vec![fresh], ..Sifted::default() }
    }
}

/// Sifts one look at a source.
pub(super) struct Sift<'e> {
    engine: &'e Engine,
    known: &'e Known,
    pepper: Option<Pepper>,
    /// When everything was last seen.
    looked: Option<Time>,
    /// The names of what was seen, shortened: a server may hold a great many.
    seen: HashSet<[u8; 16]>,
}

/// Before the name of a place that we were not let look at.
const REFUSED: &str = "not-permitted/";

fn short(name: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&sha256(name.as_bytes())[..16]);
    short
}

impl<'e> Sift<'e> {
    pub(super) fn new(engine: &'e Engine, known: &'e Known, looked: Option<Time>) -> Sift<'e> {
        Sift { engine, known, pepper: engine.pepper().ok(), looked, seen: HashSet::new() }
    }

    fn harmless(&self, text: &str) -> String {
        self.pepper.as_ref().map_or_else(|| text.to_owned(), |pepper| redact_text(text, pepper).0)
    }

    /// An object that is there as it was.
    pub(super) fn unchanged(&mut self, part: &str) {
        let part = self.harmless(part);
        self.seen.insert(short(&part));
    }

    /// An object as it is now.
    pub(super) fn document(
        &mut self,
        part: String,
        format: Option<&'static str>,
        bytes: Vec<u8>,
    ) -> Result<Sifted, EngineError> {
        let name = self.harmless(&part);
        if !self.seen.insert(short(&name)) {
            // Named twice in one look: pages shift while a server is written to. The first counts.
            return Ok(Sifted::default());
        }
        let fresh = |bytes: Vec<u8>, format| Sifted::fresh(Fresh { part: part.clone(), format, bytes });
        let Some(last) = self.known.parts.get(&name) else {
            let held = format.map_or(Ok(None), |_| self.held_as(&bytes))?;
            return Ok(match (held, format) {
                // Another process, or a look at this alone, brought it since this look began.
                (Some(file), _) if file == self.shown(&name) => Sifted { unchanged: 1, ..Sifted::default() },
                (Some(_), Some(format)) => {
                    let sides = Sides { is: Some(&bytes), ..Sides::default() };
                    match change::write(format, self.engine.clock().now(), None, sides) {
                        Some(wrapped) => Sifted { shared: 1, ..fresh(wrapped, Some("change")) },
                        None => fresh(bytes, Some(format)),
                    }
                }
                (_, format) => fresh(bytes, format),
            });
        };
        if format.is_none() {
            // A file may hold many records: each is known by itself.
            let mut sifted = fresh(bytes, format);
            if self.told_gone(last)? == Some(true) {
                let back = change::listing(&self.shown(&name), self.engine.clock().now(), self.looked, true);
                sifted.documents.push(Fresh { part, format: Some("change"), bytes: back });
            }
            return Ok(sifted);
        }
        let Some(pepper) = &self.pepper else { return Ok(fresh(bytes, format)) };
        let kept = redact(&bytes, pepper).bytes.into_owned();
        let digest = sha256(&kept);
        if last.digest == Some(digest) {
            return Ok(Sifted { unchanged: 1, ..Sifted::default() });
        }
        let Some(stood) = self.was(last)? else { return Ok(fresh(bytes, format)) };
        if stood.was.as_ref().is_some_and(|was| sha256(was) == digest) {
            return Ok(Sifted { unchanged: 1, ..Sifted::default() });
        }
        let sides = Sides { is: Some(&bytes), was: stood.was.as_deref(), earlier: stood.earlier.as_deref() };
        let Some(wrapped) = self.wrap(format.unwrap_or(&stood.format), sides, last)? else {
            return Ok(fresh(bytes, format));
        };
        Ok(Sifted { changed: 1, ..fresh(wrapped, Some("change")) })
    }

    /// What was held and was not seen is gone.
    pub(super) fn whole(&mut self, prefix: &str) -> Result<Sifted, EngineError> {
        let mut sifted = Sifted::default();
        let mut missing = self.missing(prefix);
        missing.sort_by_key(|(part, _)| *part);
        for (part, last) in missing {
            self.tell_gone(part, last, &mut sifted)?;
        }
        Ok(sifted)
    }

    /// An object that was held and is asked for by its name in vain is gone.
    pub(super) fn gone(&mut self, part: &str) -> Result<Sifted, EngineError> {
        let mut sifted = Sifted::default();
        let name = self.harmless(part);
        self.seen.insert(short(&name));
        if let Some((part, last)) = self.known.parts.get_key_value(&name) {
            self.tell_gone(part, last, &mut sifted)?;
        }
        Ok(sifted)
    }

    fn tell_gone(&self, part: &str, last: &Last, sifted: &mut Sifted) -> Result<(), EngineError> {
        let Some(Stood { format, was: Some(was), .. }) = self.was(last)? else { return Ok(()) };
        if let Some(bytes) = self.wrap(&format, Sides { was: Some(&was), ..Sides::default() }, last)? {
            sifted.gone += 1;
            sifted.documents.push(Fresh { part: part.to_owned(), format: Some("change"), bytes });
        }
        Ok(())
    }

    /// Files that were held and are listed no more. What was in them may well be true still.
    pub(super) fn listed(&mut self, prefix: &str) -> Result<Sifted, EngineError> {
        let mut sifted = Sifted::default();
        let mut missing = self.missing(prefix);
        missing.sort_by_key(|(part, _)| *part);
        for (part, last) in missing {
            if self.told_gone(last)? == Some(true) {
                continue;
            }
            let bytes = change::listing(&self.shown(part), self.engine.clock().now(), self.looked, false);
            sifted.gone += 1;
            sifted.documents.push(Fresh { part: part.clone(), format: Some("change"), bytes });
        }
        Ok(sifted)
    }

    /// A part as files are named elsewhere.
    fn shown(&self, part: &str) -> String {
        format!("{}{part}", self.known.before)
    }

    fn missing(&self, prefix: &str) -> Vec<(&'e String, &'e Last)> {
        let parts = self.known.parts.iter();
        parts.filter(|(part, _)| part.starts_with(prefix) && !self.seen.contains(&short(part))).collect()
    }

    /// Whether the last record of a file says that it is gone, or back; nothing where it says something else.
    fn told_gone(&self, last: &Last) -> Result<Option<bool>, EngineError> {
        let reader = self.engine.reader();
        if reader.format_of(last.record)?.is_none_or(|format| format != "change") {
            return Ok(None);
        }
        let content = reader.record(last.record)?.and_then(|it| it.content);
        Ok(content.as_deref().and_then(change::listed).map(|there| !there))
    }

    /// The file of the record that holds these bytes, whoever brought it.
    fn held_as(&self, bytes: &[u8]) -> Result<Option<String>, EngineError> {
        let Some(pepper) = &self.pepper else { return Ok(None) };
        Ok(self.engine.reader().file_of(&sha256(&redact(bytes, pepper).bytes))?)
    }

    /// What we were not let look at, as statements of our own; once, until we are let.
    pub(super) fn absent(&mut self, server: &str, source: &str, place: &str) -> Result<Sifted, EngineError> {
        let part = format!("{REFUSED}{place}");
        let name = self.harmless(&part);
        self.seen.insert(short(&name));
        if let Some(last) = self.known.parts.get(&name)
            && self.is_refused(last)?
        {
            return Ok(Sifted { unchanged: 1, ..Sifted::default() });
        }
        let id = format!("server:{server}/{place}");
        let lines = [
            json!({"type": "artefact", "id": id, "kind": "server", "name": format!("{place} of {server}"), "attributes": {"refused": self.engine.clock().now()}}),
            json!({"type": "absence", "about": id, "relation": "contains", "why": "not-permitted", "by": format!("source:{source}")}),
        ];
        let bytes = format!("{}\n{}\n", lines[0], lines[1]).into_bytes();
        Ok(Sifted::fresh(Fresh { part, format: Some("lineage"), bytes }))
    }

    /// After everything was looked at: what was refused before and is not any more is taken back.
    pub(super) fn through(&mut self, source: &str, failed: &[String]) -> Result<Sifted, EngineError> {
        let mut sifted = Sifted::default();
        let mut over = self.missing(REFUSED);
        over.sort_by_key(|(part, _)| *part);
        for (part, last) in over {
            if failed.iter().any(|place| part.strip_prefix(REFUSED) == Some(place)) || !self.is_refused(last)? {
                continue;
            }
            let line = json!({
                "type": "retract", "what": format!("{}.2", last.record), "by": format!("source:{source}"),
                "at": self.engine.clock().now(), "reason": "it may be looked at again",
            });
            let bytes = format!("{line}\n").into_bytes();
            sifted.documents.push(Fresh { part: part.clone(), format: Some("lineage"), bytes });
        }
        Ok(sifted)
    }

    /// Whether the last record of a place says that we were not let look at it.
    fn is_refused(&self, last: &Last) -> Result<bool, EngineError> {
        let content = self.engine.reader().record(last.record)?.and_then(|it| it.content).unwrap_or_default();
        Ok(String::from_utf8_lossy(&content).contains("\"not-permitted\""))
    }

    /// What the last record of an object says of it.
    fn was(&self, last: &Last) -> Result<Option<Stood>, EngineError> {
        let Some(record) = self.engine.reader().record(last.record)? else { return Ok(None) };
        let Some(content) = record.content else { return Ok(None) };
        if record.format != "change" {
            return Ok(Some(Stood { format: record.format, was: Some(content), earlier: None }));
        }
        let earlier = change::before(&content).map(<[u8]>::to_vec);
        Ok(change::now(&content).map(|(format, is)| Stood { format, was: is.map(<[u8]>::to_vec), earlier }))
    }

    /// A record of what changed; nothing where the object cannot stand in one.
    fn wrap(&self, format: &str, sides: Sides<'_>, last: &Last) -> Result<Option<Vec<u8>>, EngineError> {
        let after = match self.looked {
            Some(looked) => Some(looked),
            None => self.engine.reader().received_at(last.record)?,
        };
        Ok(change::write(format, self.engine.clock().now(), after, sides))
    }
}

/// An object by its last record.
struct Stood {
    format: String,
    /// As it was; nothing when that record told that it is gone.
    was: Option<Vec<u8>>,
    /// As it was before it was gone.
    earlier: Option<Vec<u8>>,
}
