//! What a part of a ledger takes along so that it can be checked without the rest: salts, tellings of redactions, the
//! sizes that were signed. It writes nothing and chooses nothing.

use crate::store::error::{At, StoreError};
use crate::store::ledger::Ledger;
use crate::store::record::{self, Record, signed, unsigned};
use crate::store::redact::{self, Redaction};
use rusqlite::Transaction;
use std::collections::BTreeMap;

/// The ledger as it was at one moment, whoever writes meanwhile.
#[derive(Debug)]
#[must_use]
pub struct Moment<'l>(#[expect(dead_code, reason = "held, not used")] Transaction<'l>);

impl Ledger {
    /// Holds what this connection reads to this moment, until the result is dropped.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn hold(&self) -> Result<Moment<'_>, StoreError> {
        let moment = self.connection.unchecked_transaction().at(&self.path)?;
        // the moment is that of the first reading
        self.head()?;
        Ok(Moment(moment))
    }

    /// One record with its content and the salt of its commitment; neither where it was redacted.
    ///
    /// # Errors
    /// When the file cannot be read or the record is damaged.
    pub fn salted(&self, seq: u64) -> Result<Option<(Record, Option<Vec<u8>>)>, StoreError> {
        let Some(stored) = record::one(&self.connection, &self.path, seq)? else { return Ok(None) };
        let salt = stored.packed.as_ref().map(|packed| packed.salt.clone());
        Ok(Some((stored.unpacked(&self.path)?, salt)))
    }

    /// Every redaction with the record that tells of it, by the record that was redacted.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn tellings(&self) -> Result<BTreeMap<u64, (u64, Redaction)>, StoreError> {
        let mut told_in =
            self.connection.prepare_cached("SELECT told_in FROM redaction WHERE record = ?").at(&self.path)?;
        let all = redact::all(&self.connection, &self.path)?.into_iter();
        all.map(|(seq, redaction)| {
            let told = told_in.query_row([signed(seq)], |row| unsigned(row, 0)).at(&self.path)?;
            Ok((seq, (told, redaction)))
        })
        .collect()
    }

    /// The sizes at which the log was signed, the least first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn signed_sizes(&self) -> Result<Vec<u64>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT size FROM checkpoint ORDER BY size").at(&self.path)?;
        let sizes = statement.query_map([], |row| unsigned(row, 0));
        sizes.and_then(Iterator::collect).at(&self.path)
    }

    /// How many claims there are.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn count_claims(&self) -> Result<u64, StoreError> {
        self.connection.query_row("SELECT count(*) FROM claim", [], |row| unsigned(row, 0)).at(&self.path)
    }
}
