//! The tables as shipped, and whether a file has exactly these. It changes no file.

use crate::store::error::{At, StoreError};
use rusqlite::Connection;
use std::path::Path;
use std::sync::OnceLock;

/// The layout this version writes.
pub(crate) const VERSION: i64 = 1;
/// What marks an SQLite file as ours: "lgod".
pub(crate) const APPLICATION_ID: i64 = 0x6c67_6f64;
/// The tables, indexes and triggers.
pub(crate) const SQL: &str = include_str!("../../assets/ledger/0001.sql");

/// One entry of `sqlite_schema`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) table: String,
    pub(crate) sql: Option<String>,
}

fn entries(connection: &Connection) -> rusqlite::Result<Vec<Entry>> {
    let mut statement =
        connection.prepare("SELECT name, type, tbl_name, sql FROM sqlite_schema ORDER BY name, type")?;
    let rows = statement.query_map([], |row| {
        Ok(Entry { name: row.get(0)?, kind: row.get(1)?, table: row.get(2)?, sql: row.get(3)? })
    })?;
    rows.collect()
}

/// Every entry a ledger must have, by name. Made by SQLite itself from the shipped text.
pub(crate) fn shipped() -> &'static [Entry] {
    static SHIPPED: OnceLock<Vec<Entry>> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        // An empty list, should this ever fail, makes every file differ from it, which is reported.
        let made = Connection::open_in_memory().and_then(|memory| {
            memory.execute_batch(SQL)?;
            entries(&memory)
        });
        made.unwrap_or_default()
    })
}

/// The shipped statements that make a table and all that hangs on it, tables first.
pub(crate) fn statements_of(table: &str) -> Vec<&'static str> {
    let mut of_table: Vec<&Entry> = shipped().iter().filter(|entry| entry.table == table).collect();
    of_table.sort_by_key(|entry| (entry.kind != "table", entry.kind != "index"));
    of_table.iter().filter_map(|entry| entry.sql.as_deref()).collect()
}

/// The first difference between the file's tables and the shipped ones.
pub(crate) fn difference(connection: &Connection, path: &Path) -> Result<Option<String>, StoreError> {
    let found = entries(connection).at(path)?;
    let expected = shipped();
    for entry in expected {
        match found.iter().find(|other| other.name == entry.name) {
            None => return Ok(Some(format!("the {} {} is missing", entry.kind, entry.name))),
            Some(other) if other != entry => {
                return Ok(Some(format!("the {} {} is not as shipped", entry.kind, entry.name)));
            }
            Some(_) => {}
        }
    }
    let foreign = found.iter().find(|entry| !expected.iter().any(|other| other.name == entry.name));
    if let Some(entry) = foreign {
        return Ok(Some(format!("the {} {} does not belong here", entry.kind, entry.name)));
    }
    Ok((found.len() != expected.len()).then(|| "a table is listed twice".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_tables_can_be_made_and_are_strict_and_guarded() {
        assert!(shipped().len() > 25);
        for table in shipped().iter().filter(|entry| entry.kind == "table") {
            assert!(table.sql.as_ref().unwrap().ends_with("STRICT"), "{}", table.name);
            let guards = shipped().iter().filter(|entry| entry.kind == "trigger" && entry.table == table.name);
            assert!(guards.count() >= 2, "{}", table.name);
        }
        assert_eq!(statements_of("claim").len(), 4);
    }
}
