//! Reading claims: all since one, some by id, the investigators' own. It changes none.

use crate::model::{Claim, ClaimRow, Statement};
use crate::store::claim_row;
use crate::store::error::{At, StoreError};
use crate::store::ledger::Ledger;
use crate::store::record::{signed, unsigned};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};
use std::ops::ControlFlow;
use std::path::Path;

pub(crate) const COLUMNS: &str = "id, record, at, type, about, target, what, since, until, body";

fn text<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<&'a str> {
    match row.get_ref(column)? {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_err(|error| rusqlite::Error::Utf8Error(column, error)),
        other => Err(rusqlite::Error::InvalidColumnType(column, String::new(), other.data_type())),
    }
}

fn optional_text<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<Option<&'a str>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        _ => text(row, column).map(Some),
    }
}

/// The row as borrowed columns, in the order of [`COLUMNS`].
pub(crate) fn borrowed<'a>(row: &'a Row<'_>) -> rusqlite::Result<ClaimRow<'a>> {
    Ok(ClaimRow {
        id: unsigned(row, 0)?,
        record: unsigned(row, 1)?,
        at: row.get(2)?,
        kind: text(row, 3)?,
        about: text(row, 4)?,
        target: optional_text(row, 5)?,
        what: text(row, 6)?,
        since: row.get(7)?,
        until: row.get(8)?,
        body: optional_text(row, 9)?,
    })
}

fn decoded(row: &ClaimRow<'_>, path: &Path) -> Result<Claim, StoreError> {
    claim_row::decode(row)
        .ok_or_else(|| StoreError::damaged(path, format!("claim {} of record {} is none", row.id, row.record)))
}

fn statements(
    connection: &Connection,
    path: &Path,
    wanted: fn(&str) -> bool,
) -> Result<Vec<(u64, u64, Statement)>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM claim INDEXED BY claim_statement \
         WHERE type = 'mark' OR type = 'retract' OR type = 'note' ORDER BY id"
    );
    let mut statement = connection.prepare_cached(&sql).at(path)?;
    let mut rows = statement.query([]).at(path)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().at(path)? {
        // A saved answer is long, and most who ask want marks: look at the type first.
        if wanted(text(row, 3).at(path)?) {
            let row = borrowed(row).at(path)?;
            found.push((row.id, row.record, decoded(&row, path)?.statement));
        }
    }
    Ok(found)
}

impl Ledger {
    /// Every claim with a number above `after`, in order, until `f` breaks off.
    ///
    /// # Errors
    /// When the file cannot be read, or a row is none of ours.
    pub fn claims_since(
        &self,
        after: u64,
        f: &mut dyn FnMut(ClaimRow<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM claim WHERE id > ? ORDER BY id");
        let mut statement = self.connection.prepare_cached(&sql).at(&self.path)?;
        let mut rows = statement.query([signed(after)]).at(&self.path)?;
        while let Some(row) = rows.next().at(&self.path)? {
            if f(borrowed(row).at(&self.path)?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The claims with these numbers, as (number, record, claim), in the order asked. A number
    /// without a claim (a redacted one) is left out.
    ///
    /// # Errors
    /// When the file cannot be read, or a row is none of ours.
    pub fn claims(&self, ids: &[u64]) -> Result<Vec<(u64, u64, Claim)>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM claim WHERE id = ?");
        let mut statement = self.connection.prepare_cached(&sql).at(&self.path)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let mut rows = statement.query([signed(*id)]).at(&self.path)?;
            if let Some(row) = rows.next().at(&self.path)? {
                let row = borrowed(row).at(&self.path)?;
                found.push((row.id, row.record, decoded(&row, &self.path)?));
            }
        }
        Ok(found)
    }

    /// Marks and retractions as (number, record, statement), in the order they were made.
    ///
    /// # Errors
    /// When the file cannot be read, or a row is none of ours.
    pub fn marks(&self) -> Result<Vec<(u64, u64, Statement)>, StoreError> {
        statements(&self.connection, &self.path, |kind| kind != "note")
    }

    /// The same and notes, saved answers among them: all that investigators said.
    ///
    /// # Errors
    /// When the file cannot be read, or a row is none of ours.
    pub fn sayings(&self) -> Result<Vec<(u64, u64, Statement)>, StoreError> {
        statements(&self.connection, &self.path, |_| true)
    }

    /// The type of the claim that people call `record.ordinal`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn claim_type(&self, record: u64, ordinal: u64) -> Result<Option<String>, StoreError> {
        let sql = "SELECT c.type FROM reading r JOIN claim c ON c.id = r.first_claim + ?2 - 1 \
            WHERE r.record = ?1 AND ?2 BETWEEN 1 AND r.claims";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        statement.query_row([signed(record), signed(ordinal)], |row| row.get(0)).optional().at(&self.path)
    }

    /// What people call a claim: its record, and its place among that record's claims, from 1.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn claim_name(&self, id: u64) -> Result<Option<(u64, u64)>, StoreError> {
        let sql = "SELECT record, ?1 - first_claim + 1 FROM reading \
            WHERE record = (SELECT record FROM claim WHERE id = ?1)";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        statement.query_row([signed(id)], |row| Ok((unsigned(row, 0)?, unsigned(row, 1)?))).optional().at(&self.path)
    }

    /// The number of the claim that people call `record.ordinal`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn claim_named(&self, record: u64, ordinal: u64) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT c.id FROM reading r JOIN claim c ON c.id = r.first_claim + ?2 - 1 \
            WHERE r.record = ?1 AND ?2 BETWEEN 1 AND r.claims";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        statement.query_row([signed(record), signed(ordinal)], |row| unsigned(row, 0)).optional().at(&self.path)
    }
}
