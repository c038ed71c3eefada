//! Small ledgers to test with: a made-up format with one claim per line. It tests nothing itself.

use lastgood::model::{
    Artefact, Claim, Evidence, Kind, Link, Mark, MarkKind, Note, Relation, Retract, Statement, Time,
};
use lastgood::proof::checkpoint::SigningKey;
use lastgood::proof::digest::sha256;
use lastgood::proof::fingerprint::Pepper;
use lastgood::store::{Access, Anchors, Kept, Keys, Ledger, NewRecord, Packer, Record, StoreError, Verified};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) const ORIGIN: &str = "lastgood/0123456789abcdef";

pub(crate) fn now() -> Time {
    Time::from_seconds(1_795_000_000)
}

pub(crate) fn keys() -> Keys {
    keys_of(1)
}

/// Keys for the same origin from another seed.
pub(crate) fn keys_of(seed: u8) -> Keys {
    Keys { signing: SigningKey::from_seed(ORIGIN, &[seed; 32]).unwrap(), pepper: Pepper::new([seed; 32]) }
}

/// `a ID KIND [key=value]`, `l FROM RELATION TO [SECONDS]`, `e ABOUT KIND SECONDS VERDICT`,
/// `m ABOUT REASON…`, `r CLAIM`, `n TEXT…`: one claim a line.
pub(crate) fn read(record: &Record) -> Vec<Claim> {
    claims_of(record.content.as_deref().unwrap_or_default())
}

pub(crate) fn claims_of(content: &[u8]) -> Vec<Claim> {
    let text = std::str::from_utf8(content).unwrap_or_default();
    let mut at = 0;
    let mut claims = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(statement) = statement(line.trim_end()) {
            claims.push(Claim { at, statement });
        }
        at += line.len() as u32;
    }
    claims
}

fn statement(line: &str) -> Option<Statement> {
    let words: Vec<&str> = line.split(' ').collect();
    let by = "person:me".to_owned();
    let statement = match words.as_slice() {
        ["a", id, kind, rest @ ..] => {
            let mut artefact = Artefact::new(*id, Kind::parse(kind));
            for pair in rest {
                let (key, value) = pair.split_once('=')?;
                artefact.attributes.insert(key.to_owned(), value.into());
            }
            Statement::Artefact(artefact)
        }
        ["l", from, relation, to, rest @ ..] => {
            let mut link = Link::new(*from, Relation::parse(relation), *to);
            link.since = rest.first().and_then(|text| text.parse().ok()).map(Time::from_seconds);
            Statement::Link(link)
        }
        ["e", about, kind, seconds, verdict] => Statement::Evidence(Evidence {
            about: (*about).to_owned(),
            kind: (*kind).to_owned(),
            scope: None,
            by: Some(by),
            at: Time::from_seconds(seconds.parse().ok()?),
            verdict: Some((*verdict).to_owned()),
            expires: None,
            covers: Vec::new(),
            refs: Vec::new(),
            attributes: Default::default(),
        }),
        ["m", about, reason @ ..] => Statement::Mark(Mark {
            about: (*about).to_owned(),
            mark: MarkKind::Compromised,
            by,
            at: now(),
            since: None,
            until: None,
            reason: reason.join(" "),
            case: None,
            signature: None,
        }),
        ["r", what] => {
            let (what, reason) = ((*what).to_owned(), "mistaken".to_owned());
            Statement::Retract(Retract { what, of: None, by, at: now(), reason, signature: None })
        }
        ["n", text @ ..] => Statement::Note(Note {
            about: None,
            what: None,
            text: text.join(" "),
            by,
            at: now(),
            case: None,
            attributes: Default::default(),
            signature: None,
        }),
        _ => return None,
    };
    Some(statement)
}

pub(crate) fn record_of(number: u64, content: &str) -> NewRecord {
    let content = content.as_bytes().to_vec();
    NewRecord {
        source: if number.is_multiple_of(3) { "file:b.txt" } else { "file:a.txt" }.to_owned(),
        format: "test".to_owned(),
        importer_version: 1,
        framing: "lines".to_owned(),
        media_type: "text/plain".to_owned(),
        file: format!("in/{number}.txt"),
        offset: number * 100,
        line: number * 7,
        observed_at: number.is_multiple_of(2).then(|| Time::from_seconds(1_700_000_000 + number as i64)),
        digest: sha256(&content),
        packed: Packer::new().unwrap().pack(&content).unwrap(),
        claims: claims_of(&content),
        content,
    }
}

/// Record number `number` of the small ledger.
pub(crate) fn numbered(number: u64) -> NewRecord {
    let mut text = format!(
        "a run:train@{number} run owner=team:{number}\nl run:train@{number} used dataset:d{number} {number}\n\
         e run:train@{number} evaluation {number} pass\n"
    );
    if number.is_multiple_of(4) {
        text += &format!("m dataset:d{number} leaked in {number}\nn looking at {number}\nr 1.2\n");
    }
    record_of(number, &text)
}

/// A ledger file in a directory of its own, and what is kept beside it.
pub(crate) struct Small {
    pub(crate) directory: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) notes: Vec<String>,
}

impl Small {
    /// Records 1 to `records`, in batches of `batch`.
    pub(crate) fn new(records: u64, batch: usize) -> Small {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("small.lastgood");
        let mut ledger = Ledger::create(&path, &keys()).unwrap();
        let all: Vec<NewRecord> = (1..=records).map(numbered).collect();
        let mut notes = vec![ledger.checkpoint_note().unwrap()];
        for chunk in all.chunks(batch) {
            notes.push(ledger.append(chunk, &keys(), now()).unwrap().checkpoint_note);
        }
        Small { directory, path, notes }
    }

    pub(crate) fn open(&self, access: Access) -> Ledger {
        Ledger::open(&self.path, access).unwrap()
    }

    /// A connection of somebody who writes into the file without us.
    pub(crate) fn raw(&self) -> rusqlite::Connection {
        raw(&self.path)
    }

    pub(crate) fn verify(&self, anchors: &Anchors) -> Verified {
        verify(&self.path, anchors).unwrap()
    }
}

pub(crate) fn raw(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;")
        .unwrap();
    connection
}

/// Does what somebody would who wants no trigger in the way, and puts the triggers back after.
pub(crate) fn forge(connection: &rusqlite::Connection, edit: impl FnOnce(&rusqlite::Connection)) {
    let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    let triggers: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    drop(statement);
    for (name, _) in &triggers {
        connection.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    edit(connection);
    for (_, sql) in &triggers {
        connection.execute_batch(sql).unwrap();
    }
}

pub(crate) fn verify(path: &Path, anchors: &Anchors) -> Result<Verified, StoreError> {
    lastgood::store::verify_file(path, anchors, &mut read, &mut |_, _| ControlFlow::Continue(()))
}

pub(crate) fn with_key() -> Anchors {
    Anchors { key: Some(keys().signing.verifier()), ..Anchors::default() }
}

pub(crate) fn kept(note: &str, whence: &str) -> Kept {
    Kept { note: note.to_owned(), whence: whence.to_owned() }
}

/// Every row of every table that says something, as plain SELECTs give it.
pub(crate) fn dump(connection: &rusqlite::Connection) -> rusqlite::Result<Vec<String>> {
    let mut out = Vec::new();
    for table in ["ledger", "source", "record", "content", "redaction", "checkpoint", "reading", "claim", "head"] {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY 1"))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut line = table.to_owned();
            for column in 0..columns {
                line += &format!("|{:?}", row.get::<_, rusqlite::types::Value>(column)?);
            }
            out.push(line);
        }
    }
    Ok(out)
}
