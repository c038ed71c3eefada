//! Records: what is handed in, and what is read back. It gives their content no meaning.

use crate::model::{Claim, Time};
use crate::proof::leaf::Leaf;
pub(crate) use crate::proof::leaf::commitment;
use crate::proof::merkle::Hash;
use crate::store::content;
use crate::store::error::{At, StoreError};
use rusqlite::{Connection, OptionalExtension, Row};
use std::io;
use std::path::Path;

/// A unit to append, with everything that can be worked out beforehand.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRecord {
    /// The source's name.
    pub source: String,
    /// The importer's format.
    pub format: String,
    /// The importer's version.
    pub importer_version: u32,
    /// How records were cut from the file: `whole`, `lines`, `elements`.
    pub framing: String,
    /// Media type of the content.
    pub media_type: String,
    /// The file it came in, as shown to people.
    pub file: String,
    /// Byte offset in the file.
    pub offset: u64,
    /// Line in the file, from 1.
    pub line: u64,
    /// When the source says it was so.
    pub observed_at: Option<Time>,
    /// The bytes, secrets already replaced.
    pub content: Vec<u8>,
    /// SHA-256 of `content`.
    pub digest: [u8; 32],
    /// `content` as [`crate::store::Packer`] packs it.
    pub packed: Vec<u8>,
    /// What it says.
    pub claims: Vec<Claim>,
}

/// A record as the ledger holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its number, from 1.
    pub seq: u64,
    /// The source's name.
    pub source: String,
    /// The importer's format.
    pub format: String,
    /// The importer's version when it was received.
    pub importer_version: u32,
    /// How records were cut from the file.
    pub framing: String,
    /// Media type of the content.
    pub media_type: String,
    /// The file it came in.
    pub file: String,
    /// Byte offset in the file.
    pub offset: u64,
    /// Line in the file, from 1.
    pub line: u64,
    /// When it was appended.
    pub received_at: Time,
    /// When the source says it was so.
    pub observed_at: Option<Time>,
    /// What the log commits to in place of the content: `SHA-256(salt ‖ SHA-256(content))`.
    pub commitment: Hash,
    /// The bytes; `None` when they were redacted.
    pub content: Option<Vec<u8>>,
}

impl Record {
    /// The record's leaf in the log.
    pub fn leaf(&self) -> Hash {
        let leaf = Leaf {
            seq: self.seq,
            source: &self.source,
            format: &self.format,
            importer_version: self.importer_version,
            framing: &self.framing,
            media_type: &self.media_type,
            file: &self.file,
            offset: self.offset,
            line: self.line,
            received_at: self.received_at.micros(),
            observed_at: self.observed_at.map(Time::micros),
            commitment: self.commitment,
        };
        leaf.hash()
    }
}

/// A record with what else its rows hold, unchecked.
pub(crate) struct StoredRecord {
    pub(crate) record: Record,
    pub(crate) leaf: Vec<u8>,
    pub(crate) packed: Option<Packed>,
}

/// A content row.
pub(crate) struct Packed {
    pub(crate) digest: Vec<u8>,
    pub(crate) salt: Vec<u8>,
    pub(crate) size: u64,
    pub(crate) encoding: String,
    pub(crate) bytes: Vec<u8>,
}

impl Packed {
    /// The content, unpacked. No hash is checked here.
    pub(crate) fn unpacked(&self) -> io::Result<Vec<u8>> {
        if self.encoding != content::ENCODING {
            let unknown = format!("its content is packed as \"{}\"", self.encoding.escape_default());
            return Err(io::Error::new(io::ErrorKind::InvalidData, unknown));
        }
        content::unpack(&self.bytes, self.size)
    }
}

const SELECT: &str = "SELECT r.seq, s.name, r.format, r.importer_version, r.framing, r.media_type, r.file, \
    r.\"offset\", r.line, r.received_at, r.observed_at, r.commitment, r.leaf, c.digest, c.salt, c.size, c.encoding, c.bytes \
    FROM record r LEFT JOIN source s ON s.id = r.source LEFT JOIN content c ON c.seq = r.seq ";

pub(crate) fn one(connection: &Connection, path: &Path, seq: u64) -> Result<Option<StoredRecord>, StoreError> {
    let Ok(seq) = i64::try_from(seq) else { return Ok(None) };
    let mut statement = connection.prepare_cached(&only_one()).at(path)?;
    statement.query_row([seq], stored).optional().at(path)
}

/// The statement that gives the record of a number.
pub(crate) fn only_one() -> String {
    format!("{SELECT} WHERE r.seq = ?")
}

/// The statement that gives every record from `?1` on, in order.
pub(crate) fn from_on() -> String {
    format!("{SELECT} WHERE r.seq >= ?1 ORDER BY r.seq")
}

/// A non-negative number as stored.
pub(crate) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// A number as SQLite holds it. Ours count records, claims and bytes, and stay far below 2⁶³.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn stored(row: &Row<'_>) -> rusqlite::Result<StoredRecord> {
    let digest: Option<Vec<u8>> = row.get(13)?;
    let packed = match digest {
        None => None,
        Some(digest) => Some(Packed {
            digest,
            salt: row.get(14)?,
            size: unsigned(row, 15)?,
            encoding: row.get(16)?,
            bytes: row.get(17)?,
        }),
    };
    let record = Record {
        seq: unsigned(row, 0)?,
        source: row.get(1)?,
        format: row.get(2)?,
        importer_version: row.get(3)?,
        framing: row.get(4)?,
        media_type: row.get(5)?,
        file: row.get(6)?,
        offset: unsigned(row, 7)?,
        line: unsigned(row, 8)?,
        received_at: Time::from_micros(row.get(9)?),
        observed_at: row.get::<_, Option<i64>>(10)?.map(Time::from_micros),
        commitment: row.get(11)?,
        content: None,
    };
    Ok(StoredRecord { record, leaf: row.get(12)?, packed })
}

impl StoredRecord {
    /// The record with its content unpacked. No hash is checked here.
    pub(crate) fn unpacked(self, path: &Path) -> Result<Record, StoreError> {
        let mut record = self.record;
        if let Some(packed) = self.packed {
            let content = packed.unpacked();
            record.content =
                Some(content.map_err(|error| StoreError::damaged(path, format!("record {}: {error}", record.seq)))?);
        }
        Ok(record)
    }
}
