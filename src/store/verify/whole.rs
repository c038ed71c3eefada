//! The file as a whole: its tables and triggers as shipped, its pages and indexes sound, no row
//! that belongs to nothing. It reads no content.

use super::{Anchors, OrStop, Stop, Verified};
use crate::store::error::At;
use crate::store::ledger::{Ledger, pepper_statement};
use crate::store::schema;
use rusqlite::OptionalExtension;

/// The tables, indexes and triggers are exactly the shipped ones.
pub(super) fn check_tables(ledger: &Ledger) -> Result<(), Stop> {
    match schema::difference(&ledger.connection, &ledger.path).or_stop(None)? {
        Some(what) => Err(Stop::bad(None, what)),
        None => Ok(()),
    }
}

/// Rows that belong to nothing, by the question that finds them. Each must have no answer.
const LEFT_OVER: [(&str, &str); 6] = [
    ("SELECT name FROM source WHERE id NOT IN (SELECT source FROM record)", "no record comes from the source"),
    ("SELECT seq FROM content WHERE seq NOT IN (SELECT seq FROM record)", "content without a record"),
    ("SELECT record FROM reading WHERE record NOT IN (SELECT seq FROM record)", "a list of claims without a record"),
    ("SELECT record FROM redaction WHERE record NOT IN (SELECT seq FROM record)", "a redaction without a record"),
    ("SELECT one FROM ledger WHERE one <> 1", "a second name"),
    ("SELECT one FROM head WHERE one <> 1", "a second head"),
];

/// Which pepper the ledger goes by is what its key signed.
pub(super) fn check_pepper(ledger: &Ledger, anchors: &Anchors) -> Result<(), Stop> {
    let Some(key) = &anchors.key else { return Ok(()) };
    let sql = "SELECT pepper_signature FROM ledger";
    let signature = ledger.connection.query_row(sql, [], |row| row.get::<_, Vec<u8>>(0));
    let signature = signature.at(&ledger.path).or_stop(None)?;
    if !key.signed(pepper_statement(&ledger.origin, &ledger.pepper).as_bytes(), &signature) {
        return Err(Stop::bad(None, "which pepper its secrets were fingerprinted with was changed"));
    }
    Ok(())
}

/// What the walk over the records does not touch.
pub(super) fn check_rest(ledger: &Ledger, verified: &Verified) -> Result<(), Stop> {
    let (connection, path) = (&ledger.connection, &ledger.path);
    for (sql, what) in LEFT_OVER {
        let found = connection.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0)).optional();
        if let Some(left) = found.at(path).or_stop(None)? {
            return Err(Stop::bad(None, format!("{what}: {left:?}")));
        }
    }
    // Which record tells of a redaction is said twice.
    let sql = "SELECT x.record FROM redaction x LEFT JOIN record r ON r.seq = x.told_in \
        LEFT JOIN content c ON c.seq = r.seq WHERE r.format IS NOT 'lastgood-redaction' OR c.seq IS NULL";
    let found = connection.query_row(sql, [], |row| row.get::<_, i64>(0)).optional();
    if let Some(record) = found.at(path).or_stop(None)? {
        return Err(Stop::bad(u64::try_from(record).ok(), "its redaction is told nowhere"));
    }
    // Indexes answer `knows` and list marks, so they must agree with their tables.
    let said: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).at(path).or_stop(None)?;
    if said != "ok" {
        return Err(Stop::bad(None, format!("SQLite finds the file unsound: {said}")));
    }
    if verified.checked.checkpoints == 0 {
        return Err(Stop::bad(None, "it has no checkpoint"));
    }
    Ok(())
}
