//! The ledger as opened: its name, how far it goes, its records and sources. It appends nothing.

use crate::model::Time;
use crate::proof::fingerprint::Pepper;
use crate::proof::merkle::{Frontier, Hash};
use crate::store::connection::{self, Access};
use crate::store::error::{At, StoreError};
use crate::store::record::{self, Record, signed, unsigned};
use crate::store::schema;
use rusqlite::{Connection, OptionalExtension};
use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One SQLite file, opened. Several processes may read while one writes.
pub struct Ledger {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    pub(crate) origin: String,
    pub(crate) pepper: String,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ledger({} at {})", self.origin, self.path.display())
    }
}

/// How far a ledger goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many records it holds.
    pub records: u64,
    /// The root of the log over them.
    pub root: Hash,
    /// The highest number given to a claim.
    pub claims: u64,
}

/// A source and what came from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Its name.
    pub name: String,
    /// How many records came from it.
    pub records: u64,
    /// When the first was received.
    pub first_received: Time,
    /// When the last was received.
    pub last_received: Time,
    /// The latest moment they state for themselves.
    pub newest: Option<Time>,
    /// How many claims were read from them.
    pub claims: u64,
    /// The formats they were read as.
    pub formats: Vec<String>,
}

/// The head row as stored.
pub(crate) struct StoredHead {
    pub(crate) records: u64,
    pub(crate) claims: u64,
    pub(crate) frontier: Frontier,
}

pub(crate) fn load_head(connection: &Connection, path: &Path) -> Result<StoredHead, StoreError> {
    let mut statement = connection.prepare_cached("SELECT records, claims, frontier FROM head").at(path)?;
    let (records, claims, edge) = statement
        .query_row([], |row| Ok((unsigned(row, 0)?, unsigned(row, 1)?, row.get::<_, Vec<u8>>(2)?)))
        .optional()
        .at(path)?
        .ok_or_else(|| StoreError::damaged(path, "its head row is gone"))?;
    let (hashes, rest) = edge.as_chunks::<32>();
    let frontier = Frontier::from_parts(records, hashes.to_vec()).filter(|_| rest.is_empty());
    let frontier = frontier.ok_or_else(|| StoreError::damaged(path, "its head row is not the edge of a tree"))?;
    Ok(StoredHead { records, claims, frontier })
}

/// What is signed of a ledger's pepper. Its second line is no number, so it never reads as a checkpoint.
pub(crate) fn pepper_statement(origin: &str, pepper: &str) -> String {
    format!("lastgood pepper\n{origin}\n{pepper}\n")
}

impl Ledger {
    /// Opens an existing ledger.
    ///
    /// # Errors
    /// When it is not a ledger, is damaged, is of a newer layout, or lies in an unfit place; to write,
    /// also when its tables and triggers are not the shipped ones.
    pub fn open(path: impl AsRef<Path>, access: Access) -> Result<Ledger, StoreError> {
        let path = path.as_ref();
        let connection = connection::open(path, access)?;
        if access == Access::Write
            && let Some(what) = schema::difference(&connection, path)?
        {
            return Err(StoreError::damaged(path, what));
        }
        let sql = "SELECT origin, pepper FROM ledger";
        let named = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional().at(path)?;
        let (origin, pepper) = named.ok_or_else(|| StoreError::damaged(path, "it has lost its name"))?;
        Ok(Ledger { connection, path: path.to_owned(), origin, pepper })
    }

    /// The id of the pepper that its salts and fingerprints are made with.
    pub fn pepper(&self) -> &str {
        &self.pepper
    }

    /// Whether this is that pepper: by its id, and by the salt of the first content there is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn is_peppered_with(&self, pepper: &Pepper) -> Result<bool, StoreError> {
        if self.pepper != pepper.id() {
            return Ok(false);
        }
        let sql = "SELECT seq, digest, salt FROM content ORDER BY seq LIMIT 1";
        let first = self
            .connection
            .query_row(sql, [], |row| Ok((unsigned(row, 0)?, row.get::<_, [u8; 32]>(1)?, row.get::<_, [u8; 16]>(2)?)));
        let first = first.optional().at(&self.path)?;
        Ok(first.is_none_or(|(seq, digest, salt)| pepper.salt(seq, &digest) == salt))
    }

    /// The log's name: `lastgood/<16 hex>`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How long to wait while another process writes; five seconds unless set.
    ///
    /// # Errors
    /// Never in practice.
    pub fn wait_for_writer(&self, patience: Duration) -> Result<(), StoreError> {
        self.connection.busy_timeout(patience).at(&self.path)
    }

    /// How far it goes, as its newest batch left it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn head(&self) -> Result<Head, StoreError> {
        let head = load_head(&self.connection, &self.path)?;
        Ok(Head { records: head.records, root: head.frontier.root(), claims: head.claims })
    }

    /// The newest checkpoint, as the note that was signed.
    ///
    /// # Errors
    /// When the file cannot be read or has none.
    pub fn checkpoint_note(&self) -> Result<String, StoreError> {
        let sql = "SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1";
        let note = self.connection.query_row(sql, [], |row| row.get(0)).optional().at(&self.path)?;
        note.ok_or_else(|| StoreError::damaged(&self.path, "it has no checkpoint"))
    }

    /// Whether content with this digest is held.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn knows(&self, digest: &[u8; 32]) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT 1 FROM content WHERE digest = ?").at(&self.path)?;
        statement.exists([digest]).at(&self.path)
    }

    /// One record with its content.
    ///
    /// # Errors
    /// When the file cannot be read or the record is damaged.
    pub fn record(&self, seq: u64) -> Result<Option<Record>, StoreError> {
        record::one(&self.connection, &self.path, seq)?.map(|stored| stored.unpacked(&self.path)).transpose()
    }

    /// Every record from number `from` on, in order, until `f` breaks off.
    ///
    /// # Errors
    /// When the file cannot be read or a record is damaged.
    pub fn records(&self, from: u64, f: &mut dyn FnMut(Record) -> ControlFlow<()>) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(&record::from_on()).at(&self.path)?;
        let mut rows = statement.query([signed(from)]).at(&self.path)?;
        while let Some(row) = rows.next().at(&self.path)? {
            if f(record::stored(row).at(&self.path)?.unpacked(&self.path)?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The leaf of every record, in order: what inclusion and consistency proofs are made from.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn leaves(&self) -> Result<Vec<Hash>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT leaf FROM record ORDER BY seq").at(&self.path)?;
        let rows = statement.query_map([], |row| row.get(0));
        rows.and_then(Iterator::collect).at(&self.path)
    }

    /// The names of all sources that records ever came from.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn source_names(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT name FROM source").at(&self.path)?;
        let rows = statement.query_map([], |row| row.get(0));
        rows.and_then(Iterator::collect).at(&self.path)
    }

    /// Every source, by name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sources(&self) -> Result<Vec<SourceRow>, StoreError> {
        let sql = "SELECT s.name, count(*), min(r.received_at), max(r.received_at), max(r.observed_at), \
            coalesce(sum(x.claims), 0), group_concat(DISTINCT r.format) FROM record r \
            JOIN source s ON s.id = r.source LEFT JOIN reading x ON x.record = r.seq GROUP BY s.id ORDER BY s.name";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        let rows = statement.query_map([], |row| {
            Ok(SourceRow {
                name: row.get(0)?,
                records: unsigned(row, 1)?,
                first_received: Time::from_micros(row.get(2)?),
                last_received: Time::from_micros(row.get(3)?),
                newest: row.get::<_, Option<i64>>(4)?.map(Time::from_micros),
                claims: unsigned(row, 5)?,
                formats: row.get::<_, String>(6)?.split(',').map(str::to_owned).collect(),
            })
        });
        rows.and_then(Iterator::collect).at(&self.path)
    }
}
