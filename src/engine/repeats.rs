//! Tells a repeat from a contradiction: the first that was told under each name, against what is told under it later.
//! It appends nothing; what contradicts is kept beside the first.

use crate::engine::{Engine, EngineError};
use crate::import::{Occurrence, named, occurrences};
use crate::model::{Statement, Time};
use crate::proof::digest::sha256;
use crate::store::{NewRecord, Record};
use serde::Serialize;
use std::collections::HashMap;

/// Requests of traces that are looked through at the start: their names are within them.
const LOOKED_THROUGH: usize = 1_000;

/// Something told differently from before under the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The name: `run … START 2026-11-18T09:00:00Z by …`.
    pub repeats: String,
    /// The artefact that it is told of, where one is.
    pub about: Option<String>,
    /// The record that told it first, where that is not of the same moment.
    pub first_record: Option<u64>,
}

type Name = [u8; 16];

/// What was told first under a name: in which record, and the digest of it once it was asked for.
struct First {
    record: Option<u64>,
    told: Option<[u8; 16]>,
}

/// What came of comparing a record with what was told before.
#[derive(Default)]
pub(super) struct Compared {
    pub(super) conflicts: Vec<Conflict>,
    /// It says nothing that was not told under the same name, in other bytes.
    pub(super) known: bool,
    /// The names that it is the first to tell of.
    pub(super) fresh: Vec<Name>,
}

/// The first of everything that has a name.
#[derive(Default)]
pub(super) struct Repeats {
    first: HashMap<Name, First>,
}

impl Repeats {
    /// What the ledger holds of these sources: by the names of their records, and of traces by what is in the newest.
    pub(super) fn of(engine: &Engine, sources: &[&str], traces: &str) -> Result<Repeats, EngineError> {
        let mut repeats = Repeats::default();
        for source in sources {
            for (file, record) in engine.reader().first_of_source(source)? {
                if let Some((_, name)) = file.split_once('#') {
                    repeats.first.entry(name_of(source, name)).or_insert(First { record: Some(record), told: None });
                }
            }
        }
        let newest = engine.reader().newest_of_source(traces, LOOKED_THROUGH)?;
        for seq in newest.into_iter().rev() {
            let Some(Record { format, content: Some(content), .. }) = engine.reader().record(seq)? else { continue };
            for it in occurrences(&format, &content) {
                let first = First { record: Some(seq), told: Some(short(&it.told)) };
                repeats.first.entry(name_of(traces, &it.name)).or_insert(first);
            }
        }
        Ok(repeats)
    }

    /// Compares a record that is not held yet with what was told before.
    pub(super) fn compare(
        &mut self,
        engine: &Engine,
        record: &NewRecord,
        told: &[Occurrence],
    ) -> Result<Compared, EngineError> {
        let mut compared = Compared::default();
        for it in told {
            let name = name_of(&record.source, &it.name);
            let Some(first) = self.first.get_mut(&name) else {
                self.first.insert(name, First { record: None, told: Some(short(&it.told)) });
                compared.fresh.push(name);
                continue;
            };
            let before = match (first.told, first.record) {
                (None, Some(seq)) => told_in(engine, seq, &it.name)?,
                (told, _) => told,
            };
            first.told = before;
            // Of what was erased nobody can tell any more whether it was the same.
            if before.is_none_or(|before| before == short(&it.told)) {
                compared.known |= it.alone && before.is_some();
                continue;
            }
            let about = record.claims.iter().find_map(|claim| match &claim.statement {
                Statement::Artefact(artefact) if artefact.id.contains(&it.of) => Some(artefact.id.clone()),
                _ => None,
            });
            compared.conflicts.push(Conflict { repeats: it.name.clone(), about, first_record: first.record });
        }
        Ok(compared)
    }

    /// The record that a new name was first told in.
    pub(super) fn kept(&mut self, names: &[Name], record: u64) {
        for name in names {
            if let Some(first) = self.first.get_mut(name) {
                first.record = Some(record);
            }
        }
    }

    /// Takes names back that came to nothing: what was not kept is told by no record, and must be taken when it is
    /// sent again.
    pub(super) fn forget_unkept(&mut self) {
        self.first.retain(|_, first| first.record.is_some());
    }
}

/// What a record tells under a name.
fn told_in(engine: &Engine, seq: u64, name: &str) -> Result<Option<[u8; 16]>, EngineError> {
    let Some(Record { format, content: Some(content), .. }) = engine.reader().record(seq)? else { return Ok(None) };
    let found = occurrences(&format, &content).into_iter().find(|it| it.name == name);
    Ok(Some(short(&found.unwrap_or_else(|| named(name, &content)).told)))
}

/// A contradiction as a statement of our own, so that it shows wherever the artefact does.
pub(super) fn notice(conflict: &Conflict, record: &NewRecord, now: Time) -> Vec<u8> {
    let about = conflict.about.clone().unwrap_or_else(|| format!("source:{}", record.source));
    let attributes = serde_json::json!({
        "repeats": conflict.repeats,
        "first.record": conflict.first_record,
        "other.content": format!("sha256:{}", hex::encode(record.digest)),
        "other.from": record.file,
    });
    let line = serde_json::json!({
        "type": "evidence", "about": about, "kind": "verification", "scope": "conflicting-repeat", "verdict": "fail",
        "at": now, "by": "lastgood:serve", "attributes": attributes,
    });
    line.to_string().into_bytes()
}

fn name_of(source: &str, name: &str) -> Name {
    short(format!("{source}\n{name}").as_bytes())
}

fn short(bytes: &[u8]) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&sha256(bytes)[..16]);
    out
}
