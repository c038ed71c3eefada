//! Databases of other programs: a private copy is opened under limits, and its tables are read by the
//! names of their columns. The only place outside the ledger that speaks to SQLite. It knows no schema.

mod custody;

use custody::Custody;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Statement};
use serde_json::{Number, Value};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The first bytes of every SQLite file.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// The longest value, in bytes.
const LONGEST: i32 = 64 << 20;
/// The longest statement, which also bounds what a schema may hold.
const LONGEST_SQL: i32 = 1 << 20;
/// Steps between two looks at how far a query is.
const STEPS: u64 = 10_000;
/// Steps that the reading of a table, with those that belong to it, may take …
const FREE: u64 = 100_000_000;
/// … and those for each byte of the file, which a plain table never needs.
const PER_BYTE: u64 = 16;
/// Tables that a message lists.
const LISTED: usize = 8;

/// A database, read from a copy that nobody else can open: it has no name any more.
pub(super) struct Database {
    connection: Connection,
    tables: BTreeMap<String, Vec<String>>,
    /// Steps since reading last began.
    steps: Arc<AtomicU64>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("tables", &self.tables.keys()).finish_non_exhaustive()
    }
}

/// What else belongs to a database of that name.
pub(super) fn belongs_to_another(path: &Path) -> bool {
    let Some(name) = path.to_str() else { return false };
    let whole = ["-wal", "-shm", "-journal"].iter().find_map(|ending| name.strip_suffix(ending));
    whole.is_some_and(|whole| Path::new(whole).is_file())
}

impl Database {
    /// Copies a database and opens the copy.
    ///
    /// # Errors
    /// When it cannot be copied whole, or the copy is no database that can be read.
    pub(super) fn of_file(path: &Path) -> Result<Database, String> {
        Database::open(Custody::of_file(path)?)
    }

    /// The same with what a stream gives, of which only the file itself is known.
    ///
    /// # Errors
    /// As [`Database::of_file`].
    pub(super) fn of_stream(bytes: impl Read) -> Result<Database, String> {
        Database::open(Custody::of_stream(bytes)?)
    }

    fn open(custody: Custody) -> Result<Database, String> {
        let file = custody.file();
        recover(&file).map_err(|error| damaged(&error))?;
        let size = file.metadata().map_err(|error| error.to_string())?.len();
        let (connection, steps) = restrained(&file, size).map_err(|error| damaged(&error))?;
        let tables = tables(&connection).map_err(|error| damaged(&error))?;
        // What is open stays readable, and a process that is killed leaves nothing behind.
        drop(custody);
        Ok(Database { connection, tables, steps })
    }

    /// Whether there is a plain table of that name. Views and virtual tables are none.
    pub(super) fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// Whether a table has a column of that name whose values lie in it.
    pub(super) fn has_column(&self, table: &str, column: &str) -> bool {
        self.tables.get(table).is_some_and(|columns| columns.iter().any(|known| known == column))
    }

    /// The tables there are, in words.
    pub(super) fn described(&self) -> String {
        if self.tables.is_empty() {
            return "no tables".to_owned();
        }
        let mut names: Vec<&str> = self.tables.keys().take(LISTED).map(String::as_str).collect();
        if self.tables.len() > LISTED {
            names.push("…");
        }
        format!("tables {}", names.join(", "))
    }

    /// A statement that reads.
    ///
    /// # Errors
    /// When it does not fit the tables.
    pub(super) fn prepare(&self, sql: &str) -> Result<Query<'_>, String> {
        let statement = self.connection.prepare(sql).map_err(|error| plain(&error))?;
        Ok(Query { width: statement.column_count(), statement, steps: &self.steps })
    }
}

/// A statement, and the rows it gives.
pub(super) struct Query<'d> {
    statement: Statement<'d>,
    width: usize,
    steps: &'d AtomicU64,
}

impl Query<'_> {
    /// Begins to read.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub(super) fn rows(&mut self) -> Result<Rows<'_>, String> {
        self.steps.store(0, Ordering::Relaxed);
        let rows = self.statement.query([]).map_err(|error| plain(&error))?;
        Ok(Rows { rows, width: self.width })
    }
}

/// Rows, one at a time.
pub(super) struct Rows<'q> {
    rows: rusqlite::Rows<'q>,
    width: usize,
}

impl Rows<'_> {
    /// The next row, as plain values; none at the end. A blob is no value.
    ///
    /// # Errors
    /// When the table cannot be read on.
    pub(super) fn next(&mut self) -> Result<Option<Vec<Value>>, String> {
        let Some(row) = self.rows.next().map_err(|error| plain(&error))? else { return Ok(None) };
        let values = (0..self.width).map(|at| row.get_ref(at).map(json).map_err(|error| plain(&error)));
        values.collect::<Result<_, _>>().map(Some)
    }
}

fn json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => Number::from_f64(number).map_or_else(|| number.to_string().into(), Value::Number),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
    }
}

/// Lets SQLite finish what a writer left: it rolls back from a journal and works in a write-ahead log, in
/// the copy. Afterwards the copy is one file.
fn recover(file: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    limit(&connection)?;
    watch(&mut connection, file.metadata().map_or(0, |it| it.len()))?;
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)
}

fn restrained(file: &Path, size: u64) -> rusqlite::Result<(Connection, Arc<AtomicU64>)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    limit(&connection)?;
    let steps = watch(&mut connection, size)?;
    connection.pragma_update(None, "query_only", "ON")?;
    connection.pragma_update(None, "temp_store", "FILE")?;
    Ok((connection, steps))
}

/// What a hostile schema could use is off before it is read.
fn limit(connection: &Connection) -> rusqlite::Result<()> {
    let limits = [
        (Limit::SQLITE_LIMIT_LENGTH, LONGEST),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, LONGEST_SQL),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 4),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ];
    for (which, most) in limits {
        connection.set_limit(which, most)?;
    }
    let switches = [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
    ];
    for (which, on) in switches {
        connection.set_db_config(which, on)?;
    }
    connection.query_row("PRAGMA mmap_size = 0", [], |_| Ok(()))?;
    connection.pragma_update(None, "cell_size_check", "ON")
}

/// Stops a query that takes more steps than a table of that size can need: pages of a damaged file may
/// lead in circles.
fn watch(connection: &mut Connection, size: u64) -> rusqlite::Result<Arc<AtomicU64>> {
    let most = FREE.saturating_add(size.saturating_mul(PER_BYTE));
    let steps = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&steps);
    let every = i32::try_from(STEPS).unwrap_or(i32::MAX);
    connection.progress_handler(every, Some(move || counted.fetch_add(STEPS, Ordering::Relaxed) > most))?;
    Ok(steps)
}

/// The plain tables and their stored columns. Generated columns are computed by what the file says.
fn tables(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Vec<String>>> {
    let mut listed =
        connection.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")?;
    let names: Vec<String> = listed.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut tables = BTreeMap::new();
    for name in names.into_iter().filter(|name| !name.starts_with("sqlite_")) {
        let mut columns = connection.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0")?;
        let columns = columns.query_map([&name], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        tables.insert(name, columns);
    }
    Ok(tables)
}

fn plain(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::OperationInterrupted) => {
            "reading it took far longer than its size allows (pages that lead in circles?)".to_owned()
        }
        _ => error.to_string(),
    }
}

fn damaged(error: &rusqlite::Error) -> String {
    format!("SQLite cannot read it: {}; nothing of it was read", plain(error))
}
