//! Opening the file: which settings hold on every connection, and that they really do. It reads no
//! table.

use crate::store::error::{At, StoreError};
use crate::store::{place, schema};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

/// What a ledger is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing in the file changes.
    Read,
    /// Records may be appended.
    Write,
}

/// The first SQLite without the write-ahead log reset race.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Settings, and what SQLite must say when asked for them.
const SETTINGS: [(&str, &str, i64); 6] = [
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("recursive_triggers", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("secure_delete", "ON", 1),
];

/// Kibibytes of pages kept in memory (negative: SQLite's way of saying kibibytes), so that a batch
/// is not spilled and read again while it is being written.
const CACHE_KIB: i64 = -65_536;

const PATIENCE: Duration = Duration::from_millis(5000);

/// Opens an existing ledger, and refuses what is not one.
pub(crate) fn open(path: &Path, access: Access) -> Result<Connection, StoreError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(StoreError::OldSqlite { found: rusqlite::version() });
    }
    let file = path.metadata().at(path)?;
    if !file.is_file() {
        return Err(StoreError::Foreign { path: path.to_owned(), why: "not a regular file".to_owned() });
    }
    place::refuse_network(path)?;
    match access {
        Access::Write => open_to_write(path),
        Access::Read => open_to_read(path),
    }
}

fn open_to_write(path: &Path) -> Result<Connection, StoreError> {
    if let Some(why) = place::why_not_writable(path) {
        return Err(StoreError::ReadOnly { path: path.to_owned(), why });
    }
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .at(path)?;
    settle(&connection, path)?;
    keeps_a_log(&connection, path)?;
    if connection.is_readonly("main").at(path)? {
        return Err(StoreError::ReadOnly { path: path.to_owned(), why: "it opens for reading only".to_owned() });
    }
    Ok(connection)
}

fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let ordinary = Connection::open_with_flags(path, flags).at(path).and_then(|connection| {
        settle(&connection, path)?;
        keeps_a_log(&connection, path)?;
        Ok(connection)
    });
    match ordinary {
        Err(StoreError::ReadOnly { .. }) => open_unchanging(path, flags),
        other => other,
    }
}

/// Where not even SQLite's shared memory can be made beside the file, nobody can be writing to it
/// either, so it is read as it lies. With a write-ahead log left behind that would lose its end.
fn open_unchanging(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let wal = place::beside(path, "-wal");
    if wal.metadata().is_ok_and(|left| left.len() > 0) {
        let why = format!("its newest records lie in {}, which must be worked in first", wal.display());
        return Err(StoreError::ReadOnly { path: path.to_owned(), why });
    }
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => uri.push(char::from(*byte)),
            // Writing to a string cannot fail.
            _ => write!(uri, "%{byte:02X}").unwrap_or_default(),
        }
    }
    uri.push_str("?immutable=1");
    let connection = Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI).at(path)?;
    settle(&connection, path)?;
    Ok(connection)
}

/// Puts the settings in force and asks each back; then whether this is a ledger at all.
pub(crate) fn settle(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    connection.busy_timeout(PATIENCE).at(path)?;
    connection.set_prepared_statement_cache_capacity(64);
    let wrong =
        |setting: &'static str, found: String| Err(StoreError::Setting { path: path.to_owned(), setting, found });
    if !connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).at(path)? {
        return wrong("DEFENSIVE", "off".to_owned());
    }
    // Otherwise a statement whose plan could hang on a value is prepared anew for every value.
    if !connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).at(path)? {
        return wrong("ENABLE_QPSG", "off".to_owned());
    }
    // These two answer with a row, and the second with none where it is compiled out.
    connection.pragma_update(None, "cache_size", CACHE_KIB).at(path)?;
    connection.query_row("PRAGMA mmap_size = 0", [], |_| Ok(())).optional().at(path)?;
    connection.query_row("PRAGMA secure_delete = ON", [], |_| Ok(())).optional().at(path)?;
    for (name, value, expected) in SETTINGS {
        if name != "secure_delete" {
            connection.pragma_update(None, name, value).at(path)?;
        }
        let found: i64 = connection.pragma_query_value(None, name, |row| row.get(0)).at(path)?;
        if found != expected {
            return wrong(name, found.to_string());
        }
    }
    let mapped: Option<i64> = connection.query_row("PRAGMA mmap_size", [], |row| row.get(0)).optional().at(path)?;
    if mapped.unwrap_or(0) != 0 {
        return wrong("mmap_size=0", mapped.unwrap_or(0).to_string());
    }
    is_a_ledger(connection, path)
}

/// Where a ledger is read as it lies, SQLite says something else.
fn keeps_a_log(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).at(path)?;
    match mode.as_str() {
        "wal" => Ok(()),
        _ => Err(StoreError::damaged(path, "it is not set to keep a write-ahead log")),
    }
}

fn is_a_ledger(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).at(path);
    let foreign = |why: &str| Err(StoreError::Foreign { path: path.to_owned(), why: why.to_owned() });
    if number("application_id")? != schema::APPLICATION_ID {
        return foreign("its application id is another");
    }
    let found = number("user_version")?;
    if found > schema::VERSION {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: schema::VERSION });
    }
    if found < 1 {
        return foreign("it has no layout version");
    }
    Ok(())
}

/// Whether SQLite takes what lies at `path` for a database. Asked of SQLite, as everything about a ledger is: a process
/// that closes any other descriptor of the file loses the locks of all its connections to it, and another process then
/// takes itself for the last one and deletes the write-ahead log.
pub fn is_database(path: &Path) -> bool {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let asked = Connection::open_with_flags(path, flags)
        .and_then(|connection| connection.pragma_query_value(None, "application_id", |row| row.get::<_, i64>(0)));
    !matches!(asked, Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase))
}
