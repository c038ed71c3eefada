//! Tells what is new from what is held already, by the last record of every object of a source. An object that
//! changed or vanished goes on with what it was, so that its importer can tell what ended. It asks no server.

use crate::connector::Item;
use crate::engine::{Engine, EngineError};
use crate::import::{change, redact, redact_text};
use crate::model::Time;
use crate::proof::digest::sha256;
use crate::proof::fingerprint::Pepper;
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
        Item { part: Some(self.part), read_as: self.format, loose: self.format.is_none(), ..item }
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
    seen: HashSet<String>,
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
        self.seen.insert(part);
    }

    /// An object as it is now.
    pub(super) fn document(
        &mut self,
        part: String,
        format: Option<&'static str>,
        bytes: Vec<u8>,
    ) -> Result<Sifted, EngineError> {
        let name = self.harmless(&part);
        if !self.seen.insert(name.clone()) {
            // Named twice in one look: pages shift while a server is written to. The first counts.
            return Ok(Sifted::default());
        }
        let fresh = |bytes: Vec<u8>, format| Sifted::fresh(Fresh { part: part.clone(), format, bytes });
        let Some(last) = self.known.parts.get(&name) else {
            let shared = format.map_or(Ok(None), |format| self.shared(format, &bytes))?;
            return Ok(match shared {
                Some(wrapped) => Sifted { shared: 1, ..fresh(wrapped, Some("change")) },
                None => fresh(bytes, format),
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
        let Some((was_as, was)) = self.was(last)? else { return Ok(fresh(bytes, format)) };
        if was.as_ref().is_some_and(|was| sha256(was) == digest) {
            return Ok(Sifted { unchanged: 1, ..Sifted::default() });
        }
        let Some(wrapped) = self.wrap(format.unwrap_or(&was_as), Some(&bytes), was.as_deref(), last)? else {
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
            let Some((format, Some(was))) = self.was(last)? else { continue };
            if let Some(bytes) = self.wrap(&format, None, Some(&was), last)? {
                sifted.gone += 1;
                sifted.documents.push(Fresh { part: part.clone(), format: Some("change"), bytes });
            }
        }
        Ok(sifted)
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
        parts.filter(|(part, _)| part.starts_with(prefix) && !self.seen.contains(*part)).collect()
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

    /// An object that another source brought already: kept once more, as seen here too.
    fn shared(&self, format: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        let Some(pepper) = &self.pepper else { return Ok(None) };
        let digest = sha256(&redact(bytes, pepper).bytes);
        if !self.engine.reader().holds(&digest)? {
            return Ok(None);
        }
        Ok(change::write(format, self.engine.clock().now(), None, Some(bytes), None))
    }

    /// What we were not let look at, as statements of our own.
    pub(super) fn absent(&mut self, server: &str, source: &str, place: &str) -> Result<Sifted, EngineError> {
        let id = format!("server:{server}/{place}");
        let lines = [
            serde_json::json!({"type": "artefact", "id": id, "kind": "server", "name": format!("{place} of {server}")}),
            serde_json::json!({"type": "absence", "about": id, "relation": "contains", "why": "not-permitted", "by": format!("source:{source}")}),
        ];
        let bytes = format!("{}\n{}\n", lines[0], lines[1]).into_bytes();
        self.document(format!("not-permitted/{place}"), Some("lineage"), bytes)
    }

    /// The format of what the last record holds, and the object in it; none when that told that it is gone.
    #[expect(clippy::type_complexity, reason = "read once, at both of its uses")]
    fn was(&self, last: &Last) -> Result<Option<(String, Option<Vec<u8>>)>, EngineError> {
        let Some(record) = self.engine.reader().record(last.record)? else { return Ok(None) };
        let Some(content) = record.content else { return Ok(None) };
        if record.format != "change" {
            return Ok(Some((record.format, Some(content))));
        }
        Ok(change::now(&content).map(|(format, is)| (format, is.map(<[u8]>::to_vec))))
    }

    /// A record of what changed; nothing where the object cannot stand in one.
    fn wrap(
        &self,
        format: &str,
        is: Option<&[u8]>,
        was: Option<&[u8]>,
        last: &Last,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        let after = match self.looked {
            Some(looked) => Some(looked),
            None => self.engine.reader().received_at(last.record)?,
        };
        Ok(change::write(format, self.engine.clock().now(), after, is, was))
    }
}
