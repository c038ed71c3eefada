//! Rebuilding: what was concluded from records is dropped and concluded again. The records, the log
//! and its checkpoints are not touched.

use crate::store::append::insert_claims;
use crate::store::error::{At, StoreError};
use crate::store::ledger::Ledger;
use crate::store::record::{self, signed};
use crate::store::{Read, redact, schema};
use rusqlite::{Transaction, TransactionBehavior};

/// What a rebuild found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// Records read again.
    pub records: u64,
    /// The highest number given to a claim.
    pub claims: u64,
}

impl Ledger {
    /// Reads the claims of every record again, with the same numbers as long as the same claims are
    /// read. The numbers of redacted records stay reserved.
    ///
    /// # Errors
    /// When the ledger cannot be written or a record cannot be unpacked; then nothing has changed.
    pub fn rebuild(&mut self, read: Read<'_>) -> Result<Rebuilt, StoreError> {
        let path = &self.path;
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate).at(path)?;
        let redacted = redact::all(&transaction, path)?;
        // The triggers of these two tables refuse every edit, so the tables go as a whole and come
        // back as shipped, triggers and all. Nobody else sees them gone.
        for table in ["claim", "reading"] {
            transaction.execute_batch(&format!("DROP TABLE {table}")).at(path)?;
            for statement in schema::statements_of(table) {
                transaction.execute_batch(statement).at(path)?;
            }
        }
        let mut rebuilt = Rebuilt { records: 0, claims: 0 };
        {
            let mut statement = transaction.prepare(&record::from_on()).at(path)?;
            let mut rows = statement.query([1]).at(path)?;
            let sql = "INSERT INTO reading (record, first_claim, claims) VALUES (?, ?, ?)";
            let mut reading = transaction.prepare(sql).at(path)?;
            while let Some(row) = rows.next().at(path)? {
                let record = record::stored(row).at(path)?.unpacked(path)?;
                let first = rebuilt.claims + 1;
                rebuilt.claims = match redacted.get(&record.seq) {
                    Some(redaction) => redaction
                        .reserve_after(rebuilt.claims)
                        .ok_or_else(|| StoreError::damaged(path, format!("its redaction of record {}", record.seq)))?,
                    None if redact::is_told_in(&record) => rebuilt.claims,
                    None => insert_claims(&transaction, path, record.seq, rebuilt.claims, &read(&record))?,
                };
                let count = rebuilt.claims + 1 - first;
                reading.execute([signed(record.seq), signed(first), signed(count)]).at(path)?;
                rebuilt.records += 1;
            }
        }
        transaction.execute("UPDATE head SET claims = ?", [signed(rebuilt.claims)]).at(path)?;
        transaction.commit().at(path)?;
        Ok(rebuilt)
    }
}
