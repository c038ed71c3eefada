//! Quarantine: units that could not be read, where they stood and why. It tries none again.

use crate::model::Time;
use crate::store::error::{At, StoreError};
use crate::store::ledger::Ledger;
use crate::store::record::{signed, unsigned};
use rusqlite::{Transaction, TransactionBehavior, params};

/// One unit that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The source's name.
    pub source: String,
    /// The file.
    pub file: String,
    /// Byte offset of the unit in the file.
    pub offset: u64,
    /// Line in the file, from 1.
    pub line: u64,
    /// Why it could not be read.
    pub reason: String,
    /// Its first bytes, made visible with [`Quarantined::excerpt_of`].
    pub excerpt: String,
    /// SHA-256 of all of it.
    pub sha256: [u8; 32],
    /// When it was put here.
    pub at: Time,
}

const EXCERPT: usize = 256;

impl Quarantined {
    /// The first 256 bytes of a unit, with everything but printable ASCII escaped.
    pub fn excerpt_of(unit: &[u8]) -> String {
        unit.get(..EXCERPT).unwrap_or(unit).escape_ascii().to_string()
    }
}

impl Ledger {
    /// Notes units that could not be read; those already noted are passed over. Gives how many are
    /// new.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn quarantine(&mut self, units: &[Quarantined]) -> Result<u64, StoreError> {
        let path = &self.path;
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate).at(path)?;
        let sql = "INSERT OR IGNORE INTO quarantine (source, file, \"offset\", line, reason, excerpt, sha256, at) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let mut added = 0;
        {
            let mut statement = transaction.prepare_cached(sql).at(path)?;
            for unit in units {
                let values = params![
                    unit.source,
                    unit.file,
                    signed(unit.offset),
                    signed(unit.line),
                    unit.reason,
                    unit.excerpt,
                    unit.sha256,
                    unit.at.micros(),
                ];
                added += statement.execute(values).at(path)? as u64;
            }
        }
        transaction.commit().at(path)?;
        Ok(added)
    }

    /// Everything in quarantine, in the order it came.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn quarantined(&self) -> Result<Vec<Quarantined>, StoreError> {
        let sql = "SELECT source, file, \"offset\", line, reason, excerpt, sha256, at FROM quarantine ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        let rows = statement.query_map([], |row| {
            Ok(Quarantined {
                source: row.get(0)?,
                file: row.get(1)?,
                offset: unsigned(row, 2)?,
                line: unsigned(row, 3)?,
                reason: row.get(4)?,
                excerpt: row.get(5)?,
                sha256: row.get(6)?,
                at: Time::from_micros(row.get(7)?),
            })
        });
        rows.and_then(Iterator::collect).at(&self.path)
    }
}
