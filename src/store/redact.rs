//! Redaction: erasing a record's content so that the log still verifies, and saying so in the log.
//! It does not find what ought to be erased.

use crate::model::Time;
use crate::proof::digest::sha256;
use crate::store::append::{Keys, Writer};
use crate::store::content::Packer;
use crate::store::error::{At, StoreError};
use crate::store::ledger::{Head, Ledger};
use crate::store::record::{self, NewRecord, Record, signed, unsigned};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// The format of the records in which the ledger itself says that another was redacted.
const FORMAT: &str = crate::proof::bundle::REDACTION;
/// Who such records come from.
const SOURCE: &str = "lastgood";

/// A redaction as the log tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// The record whose content was erased.
    pub record: u64,
    /// Who did it.
    pub by: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Time,
    /// How many claims had been read from it; their numbers stay reserved.
    pub claims: u64,
    /// Keyed fingerprint of the content, by which it is not taken in again; 64 hex digits.
    pub erased: String,
}

impl Redaction {
    /// The highest claim number used when the redacted record's are reserved after `last`; `None`
    /// for a count that nobody could have read from a record.
    pub(crate) fn reserve_after(&self, last: u64) -> Option<u64> {
        const MOST: u64 = 1 << 48;
        last.checked_add(self.claims).filter(|sum| *sum < MOST)
    }
}

/// What a redaction did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Erasure {
    /// What the log now says.
    pub redaction: Redaction,
    /// The record that says it.
    pub told_in: u64,
    /// How far the ledger goes now.
    pub head: Head,
    /// The newest checkpoint, to be kept outside the file.
    pub checkpoint_note: String,
    /// Whether the write-ahead log was emptied too. When another process was reading, it is not, and
    /// holds old pages until a later redaction or until the last process closes the ledger.
    pub wal_emptied: bool,
}

/// Refuses a format that only the ledger itself may use.
pub(crate) fn refuse_reserved(format: &str, path: &Path) -> Result<(), StoreError> {
    if format == FORMAT {
        return Err(StoreError::ReservedFormat { path: path.to_owned(), format: format.to_owned() });
    }
    Ok(())
}

/// Whether a record is one in which the ledger tells of a redaction.
pub(crate) fn is_told_in(record: &Record) -> bool {
    record.format == FORMAT
}

/// What such a record tells; `None` when it is not one after all.
pub(crate) fn told(record: &Record) -> Option<Redaction> {
    serde_json::from_slice(record.content.as_deref()?).ok()
}

/// Every redaction row by the record it is about.
pub(crate) fn all(connection: &Connection, path: &Path) -> Result<BTreeMap<u64, Redaction>, StoreError> {
    let sql = "SELECT record, \"by\", why, at, claims, erased FROM redaction";
    let mut statement = connection.prepare_cached(sql).at(path)?;
    let rows = statement.query_map([], |row| {
        let redaction = Redaction {
            record: unsigned(row, 0)?,
            by: row.get(1)?,
            why: row.get(2)?,
            at: Time::from_micros(row.get(3)?),
            claims: unsigned(row, 4)?,
            erased: hex::encode(row.get::<_, Vec<u8>>(5)?),
        };
        Ok((redaction.record, redaction))
    });
    rows.and_then(Iterator::collect).at(path)
}

impl Ledger {
    /// Erases the content of record `seq`, its salt and its claims, and appends a record that says
    /// who did so, when and why. The record's row stays, so the log verifies as before.
    ///
    /// # Errors
    /// When there is no such record, it was redacted before, or the ledger cannot be written.
    pub fn redact(&mut self, seq: u64, by: &str, why: &str, now: Time, keys: &Keys) -> Result<Erasure, StoreError> {
        let path = self.path.clone();
        let refused = |why| StoreError::NotRedactable { path: path.clone(), seq, why };
        let transaction = self.begin(keys)?;
        let stored = record::one(&self.connection, &path, seq)?;
        let stored = stored.ok_or_else(|| StoreError::NoRecord { path: path.clone(), seq })?;
        if is_told_in(&stored.record) {
            return Err(refused("it is itself what says that another was redacted"));
        }
        let packed = stored.packed.ok_or_else(|| refused("it was redacted before"))?;
        let digest: [u8; 32] = packed.digest.as_slice().try_into().map_err(|_| refused("its digest is damaged"))?;
        let erased = keys.pepper.erasure(&digest);
        let sql = "SELECT first_claim, claims FROM reading WHERE record = ?";
        let (first, claims) = self
            .connection
            .query_row(sql, [signed(seq)], |row| Ok((unsigned(row, 0)?, unsigned(row, 1)?)))
            .at(&path)?;
        let (by, why) = (by.to_owned(), why.to_owned());
        let redaction = Redaction { record: seq, by, why, at: now, claims, erased: hex::encode(erased) };
        let mut writer = Writer::resume(&self.connection, &path, keys, now)?;
        let told_in = writer.add(&telling(&redaction).at(&path)?)?;
        // The row comes before the deletions: the triggers let only redacted content go.
        let values =
            params![signed(seq), signed(told_in), redaction.by, redaction.why, now.micros(), signed(claims), erased];
        let sql =
            "INSERT INTO redaction (record, told_in, \"by\", why, at, claims, erased) VALUES (?, ?, ?, ?, ?, ?, ?)";
        transaction.execute(sql, values).at(&path)?;
        transaction.execute("DELETE FROM content WHERE seq = ?", [signed(seq)]).at(&path)?;
        let range = [signed(first), signed(first.saturating_add(claims)), signed(seq)];
        transaction.execute("DELETE FROM claim WHERE id >= ? AND id < ? AND record = ?", range).at(&path)?;
        let (head, checkpoint_note) = writer.seal()?;
        transaction.commit().at(&path)?;
        let wal_emptied = self.empty_wal()?;
        Ok(Erasure { redaction, told_in, head, checkpoint_note, wal_emptied })
    }

    /// How many records were redacted.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn redacted(&self) -> Result<u64, StoreError> {
        let count = |row: &rusqlite::Row<'_>| unsigned(row, 0);
        self.connection.query_row("SELECT count(*) FROM redaction", [], count).at(&self.path)
    }

    /// Every redaction, by the record it is about.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn redactions(&self) -> Result<Vec<Redaction>, StoreError> {
        Ok(all(&self.connection, &self.path)?.into_values().collect())
    }
}

fn telling(redaction: &Redaction) -> io::Result<NewRecord> {
    let content = serde_json::to_vec(redaction)?;
    Ok(NewRecord {
        source: SOURCE.to_owned(),
        format: FORMAT.to_owned(),
        importer_version: 1,
        framing: "whole".to_owned(),
        media_type: "application/json".to_owned(),
        file: String::new(),
        offset: 0,
        line: 1,
        observed_at: Some(redaction.at),
        digest: sha256(&content),
        packed: Packer::new()?.pack(&content)?,
        content,
        claims: Vec::new(),
    })
}
