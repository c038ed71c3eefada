//! Appending: one batch, one transaction, one signed checkpoint. It reads no format; what claims a
//! record makes is handed in.

use crate::model::{Claim, Time};
use crate::proof::checkpoint::{Checkpoint, SigningKey};
use crate::proof::digest::sha256;
use crate::proof::fingerprint::Pepper;
use crate::proof::merkle::Frontier;
use crate::store::claim_row;
use crate::store::content::ENCODING;
use crate::store::error::{At, StoreError};
use crate::store::ledger::{Head, Ledger, StoredHead, load_head};
use crate::store::record::{self, NewRecord, Record, commitment, signed};
use crate::store::redact;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::collections::HashMap;
use std::path::Path;

/// The keys of one ledger. They are kept outside it.
pub struct Keys {
    /// Signs checkpoints; its name is the ledger's origin.
    pub signing: SigningKey,
    /// Keys the salts and fingerprints.
    pub pepper: Pepper,
}

/// What a batch did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Appended {
    /// For each record of the batch whether it is new; the others were held already, or redacted once.
    pub fresh: Vec<bool>,
    /// How far the ledger goes now.
    pub head: Head,
    /// The newest checkpoint, to be kept outside the file.
    pub checkpoint_note: String,
}

impl Appended {
    /// How many records are new.
    pub fn added(&self) -> usize {
        self.fresh.iter().filter(|fresh| **fresh).count()
    }

    /// How many were held already, or were redacted once.
    pub fn already_known(&self) -> usize {
        self.fresh.len() - self.added()
    }
}

impl Ledger {
    /// Appends what is not yet known of `batch`, all of it or, on any error, nothing.
    ///
    /// Every record's bytes are read back from the database and hashed again before the new
    /// checkpoint is signed, so that what is vouched for is what is stored.
    ///
    /// # Errors
    /// When the keys are another ledger's, somebody else is writing, there is no room, or what is
    /// stored does not read back.
    pub fn append(&mut self, batch: &[NewRecord], keys: &Keys, now: Time) -> Result<Appended, StoreError> {
        for record in batch {
            redact::refuse_reserved(&record.format, &self.path)?;
        }
        let transaction = self.begin(keys)?;
        let mut writer = Writer::resume(&self.connection, &self.path, keys, now)?;
        let mut fresh = Vec::with_capacity(batch.len());
        for record in batch {
            let known = writer.is_known(&record.digest)?;
            if !known {
                writer.add(record)?;
            }
            fresh.push(!known);
        }
        let (head, checkpoint_note) = writer.seal()?;
        transaction.commit().at(&self.path)?;
        Ok(Appended { fresh, head, checkpoint_note })
    }

    /// Starts a writing transaction, for the right keys only.
    pub(crate) fn begin(&self, keys: &Keys) -> Result<Transaction<'_>, StoreError> {
        if keys.signing.name() != self.origin {
            let (origin, key) = (self.origin.clone(), keys.signing.name().to_owned());
            return Err(StoreError::OtherKey { path: self.path.clone(), origin, key });
        }
        if !self.is_peppered_with(&keys.pepper)? {
            let (pepper, ours) = (self.pepper.clone(), keys.pepper.id());
            return Err(StoreError::OtherPepper { path: self.path.clone(), pepper, ours });
        }
        Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate).at(&self.path)
    }
}

/// Adds records within a transaction that somebody else commits.
pub(crate) struct Writer<'a> {
    connection: &'a Connection,
    path: &'a Path,
    keys: &'a Keys,
    now: Time,
    frontier: Frontier,
    claims: u64,
    sources: HashMap<String, i64>,
    note: String,
    grown: bool,
    any_erased: bool,
}

impl<'a> Writer<'a> {
    /// Takes up where the ledger stands, and refuses to build on a head that was not signed by us.
    pub(crate) fn resume(
        connection: &'a Connection,
        path: &'a Path,
        keys: &'a Keys,
        now: Time,
    ) -> Result<Writer<'a>, StoreError> {
        let StoredHead { records, claims, frontier } = load_head(connection, path)?;
        let damaged = |what: String| StoreError::damaged(path, what);
        let sql = "SELECT note, (SELECT coalesce(max(seq), 0) FROM record), (SELECT coalesce(max(id), 0) FROM claim) \
            FROM checkpoint ORDER BY size DESC LIMIT 1";
        let last = connection
            .query_row(sql, [], |row| {
                Ok((row.get::<_, String>(0)?, record::unsigned(row, 1)?, record::unsigned(row, 2)?))
            })
            .optional()
            .at(path)?;
        let (note, last_record, last_claim) = last.ok_or_else(|| damaged("it has no checkpoint".to_owned()))?;
        let signed = Checkpoint::open(&note, &keys.signing.verifier())
            .map_err(|error| damaged(format!("its newest checkpoint is {error}")))?;
        if signed.size != records || signed.root != frontier.root() || last_record != records || last_claim > claims {
            return Err(damaged("its head does not belong to its newest checkpoint".to_owned()));
        }
        let any_erased = connection.prepare_cached("SELECT 1 FROM redaction").at(path)?.exists([]).at(path)?;
        let sources = HashMap::new();
        Ok(Writer { connection, path, keys, now, frontier, claims, sources, note, grown: false, any_erased })
    }

    fn statement(&self, sql: &str) -> Result<CachedStatement<'a>, StoreError> {
        self.connection.prepare_cached(sql).at(self.path)
    }

    /// Whether this content is held, or was held and then erased.
    pub(crate) fn is_known(&self, digest: &[u8; 32]) -> Result<bool, StoreError> {
        if self.statement("SELECT 1 FROM content WHERE digest = ?")?.exists([digest]).at(self.path)? {
            return Ok(true);
        }
        if !self.any_erased {
            return Ok(false);
        }
        let erased = self.keys.pepper.erasure(digest);
        self.statement("SELECT 1 FROM redaction WHERE erased = ?")?.exists([erased]).at(self.path)
    }

    fn source(&mut self, name: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.sources.get(name) {
            return Ok(*id);
        }
        let held = self.statement("SELECT id FROM source WHERE name = ?")?.query_row([name], |row| row.get(0));
        let id = match held.optional().at(self.path)? {
            Some(id) => id,
            None => self.statement("INSERT INTO source (name) VALUES (?)")?.insert([name]).at(self.path)?,
        };
        self.sources.insert(name.to_owned(), id);
        Ok(id)
    }

    /// Adds one record, and gives its number.
    pub(crate) fn add(&mut self, new: &NewRecord) -> Result<u64, StoreError> {
        let seq = self.frontier.size() + 1;
        let salt = self.keys.pepper.salt(seq, &new.digest);
        let source = self.source(&new.source)?;
        let leaf = described(new, seq, self.now, &salt).leaf();
        let sql = "INSERT INTO record (seq, source, format, importer_version, framing, media_type, file, \"offset\", \
            line, received_at, observed_at, commitment, leaf) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            signed(seq),
            source,
            new.format,
            new.importer_version,
            new.framing,
            new.media_type,
            new.file,
            signed(new.offset),
            signed(new.line),
            self.now.micros(),
            new.observed_at.map(Time::micros),
            commitment(&salt, &new.digest),
            leaf,
        ];
        self.statement(sql)?.execute(values).at(self.path)?;
        let sql = "INSERT INTO content (seq, digest, salt, size, encoding, bytes) VALUES (?, ?, ?, ?, ?, ?)";
        let values = params![signed(seq), new.digest, salt, signed(new.content.len() as u64), ENCODING, new.packed];
        self.statement(sql)?.execute(values).at(self.path)?;
        let values = [signed(seq), signed(self.claims + 1), signed(new.claims.len() as u64)];
        self.statement("INSERT INTO reading (record, first_claim, claims) VALUES (?, ?, ?)")?
            .execute(values)
            .at(self.path)?;
        self.claims = insert_claims(self.connection, self.path, seq, self.claims, &new.claims)?;
        let reread = self.read_back(seq, new)?;
        self.frontier.push(reread);
        self.grown = true;
        Ok(seq)
    }

    /// The leaf of the record as it now stands in the database, which must be what was handed in.
    fn read_back(&self, seq: u64, new: &NewRecord) -> Result<[u8; 32], StoreError> {
        let differs = || StoreError::ReadBack { path: self.path.to_owned(), file: new.file.clone(), line: new.line };
        let stored = record::one(self.connection, self.path, seq)?.ok_or_else(differs)?;
        let packed = stored.packed.as_ref().ok_or_else(differs)?;
        let content = packed.unpacked().map_err(|_| differs())?;
        let digest = sha256(&content);
        let record = &stored.record;
        let expected = described(new, seq, self.now, &packed.salt);
        let leaf = record.leaf();
        let same = digest == new.digest
            && packed.digest == digest
            && record.commitment == commitment(&packed.salt, &digest)
            && *record == expected
            && stored.leaf == leaf;
        if same { Ok(leaf) } else { Err(differs()) }
    }

    /// Writes the new head and signs it; for a batch that added nothing, the last stands.
    pub(crate) fn seal(self) -> Result<(Head, String), StoreError> {
        let head = Head { records: self.frontier.size(), root: self.frontier.root(), claims: self.claims };
        if !self.grown {
            return Ok((head, self.note));
        }
        let origin = self.keys.signing.name().to_owned();
        let note = Checkpoint { origin, size: head.records, root: head.root }.sign(&self.keys.signing);
        self.statement("INSERT INTO checkpoint (size, note) VALUES (?, ?)")?
            .execute(params![signed(head.records), note])
            .at(self.path)?;
        self.statement("UPDATE head SET records = ?, claims = ?, frontier = ?")?
            .execute(params![signed(head.records), signed(head.claims), self.frontier.hashes().as_flattened()])
            .at(self.path)?;
        Ok((head, note))
    }
}

/// The record that a new one becomes.
fn described(new: &NewRecord, seq: u64, now: Time, salt: &[u8]) -> Record {
    Record {
        seq,
        source: new.source.clone(),
        format: new.format.clone(),
        importer_version: new.importer_version,
        framing: new.framing.clone(),
        media_type: new.media_type.clone(),
        file: new.file.clone(),
        offset: new.offset,
        line: new.line,
        received_at: now,
        observed_at: new.observed_at,
        commitment: commitment(salt, &new.digest),
        content: None,
    }
}

/// Inserts a record's claims with the numbers after `last`, and gives the last number used.
pub(crate) fn insert_claims(
    connection: &Connection,
    path: &Path,
    record: u64,
    last: u64,
    claims: &[Claim],
) -> Result<u64, StoreError> {
    let sql = "INSERT INTO claim (id, record, at, type, about, target, what, since, until, body) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let mut statement = connection.prepare_cached(sql).at(path)?;
    let mut body = Vec::new();
    let mut id = last;
    for claim in claims {
        id += 1;
        let row = claim_row::encode(claim, &mut body);
        // The writer makes UTF-8 of UTF-8; a row without a body says so with NULL.
        let body = std::str::from_utf8(&body).ok().filter(|body| !body.is_empty());
        let values = params![
            signed(id),
            signed(record),
            row.at,
            row.kind,
            row.about,
            row.target,
            row.what,
            row.since,
            row.until,
            body
        ];
        statement.execute(values).at(path)?;
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::checkpoint::SigningKey;
    use crate::proof::fingerprint::Pepper;
    use crate::store::content::Packer;
    use rusqlite::StatementStatus;

    #[test]
    fn reading_records_back_prepares_its_statement_once() {
        let folder = tempfile::tempdir().unwrap();
        let signing = SigningKey::from_seed("lastgood/0123456789abcdef", &[1; 32]).unwrap();
        let keys = Keys { signing, pepper: Pepper::new([1; 32]) };
        let mut ledger = Ledger::create(folder.path().join("one.lastgood"), &keys).unwrap();
        let record = |content: &[u8]| NewRecord {
            source: "file:a".to_owned(),
            format: "lines".to_owned(),
            importer_version: 1,
            framing: "whole".to_owned(),
            media_type: "text/plain".to_owned(),
            file: "a".to_owned(),
            offset: 0,
            line: 1,
            observed_at: None,
            digest: sha256(content),
            packed: Packer::new().unwrap().pack(content).unwrap(),
            claims: Vec::new(),
            content: content.to_vec(),
        };
        let batch: Vec<NewRecord> = (0..20_u8).map(|n| record(&[n])).collect();
        for (batch, second) in batch.chunks(10).zip(1..) {
            assert_eq!(ledger.append(batch, &keys, Time::from_seconds(second)).unwrap().added(), 10);
        }
        let statement = ledger.connection.prepare_cached(&record::only_one()).unwrap();
        assert_eq!(statement.get_status(StatementStatus::Run), 20);
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
