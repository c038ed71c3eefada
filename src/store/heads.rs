//! Checkpoints kept outside the ledger: reading, writing, and holding a ledger to them. It does not
//! choose where they are kept.
//!
//! The newest one, kept by the same user, is what makes a cut-off end or a copy put back show.

use crate::proof::checkpoint::{Checkpoint, VerifierKey};
use crate::proof::kept::Kept;
use crate::proof::random;
use crate::store::connection::Access;
use crate::store::error::{At, StoreError};
use crate::store::ledger::Ledger;
use crate::store::place;
use crate::store::record::signed;
use rusqlite::OptionalExtension;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A note is a few hundred bytes; what is longer is not read to its end.
const MOST_BYTES: u64 = 64 * 1024;

/// The checkpoint kept at `path`; `None` when there is none.
///
/// # Errors
/// When something is there that cannot be read.
pub fn load(path: &Path) -> Result<Option<Kept>, StoreError> {
    let file = match OpenOptions::new().read(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.at(path)?,
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes).at(path)?;
    // What is no text is no checkpoint either, and is told so where it is opened.
    let note = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Some(Kept { note, whence: path.display().to_string() }))
}

/// Keeps `note` at `path` in place of an older one: whole or not at all, through a power cut, and
/// readable by its owner only. A checkpoint of the same log with more records is left standing, so
/// that of two processes the slower one does not put the clock back.
///
/// # Errors
/// When the place cannot be written.
pub fn keep(path: &Path, note: &str) -> Result<(), StoreError> {
    if let (Some(old), Ok(new)) = (load(path)?, Checkpoint::stated(note))
        && Checkpoint::stated(&old.note).is_ok_and(|old| old.origin == new.origin && old.size > new.size)
    {
        return Ok(());
    }
    let suffix = random::bytes::<8>().map_err(io::Error::other).at(path)?;
    let writing = place::beside(path, &format!(".new-{}", hex::encode(suffix)));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&writing)
        .and_then(|mut file| {
            file.write_all(note.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&writing, path));
    if written.is_err() {
        // Nothing to remove is what is wanted.
        fs::remove_file(&writing).unwrap_or_default();
    }
    written.at(path)?;
    place::sync_directory(path)
}

impl Ledger {
    /// Opens a ledger for writing, and refuses when it is behind or off the checkpoint kept at
    /// `kept`. Where none is kept yet, there is nothing to hold it to.
    ///
    /// # Errors
    /// As [`Ledger::open`] and [`Ledger::hold_to`].
    pub fn open_held(path: impl AsRef<Path>, kept: &Path, key: &VerifierKey) -> Result<Ledger, StoreError> {
        let ledger = Ledger::open(path, Access::Write)?;
        if let Some(kept) = load(kept)? {
            ledger.hold_to(&kept, key)?;
        }
        Ok(ledger)
    }

    /// Whether this ledger continues a kept checkpoint, by its own signed checkpoint of that size.
    /// It is the quick question asked at opening; [`Ledger::verify`] asks the bytes.
    ///
    /// # Errors
    /// When it does not, or the kept checkpoint is of no use.
    pub fn hold_to(&self, kept: &Kept, key: &VerifierKey) -> Result<(), StoreError> {
        let path = self.path.clone();
        let kept_at = Checkpoint::open(&kept.note, key).map_err(|why| StoreError::Kept {
            path: path.clone(),
            kept: kept.whence.clone(),
            why,
        })?;
        let records = self.head()?.records;
        if records < kept_at.size {
            return Err(StoreError::RolledBack { path, records, kept: kept_at.size });
        }
        let sql = "SELECT note FROM checkpoint WHERE size = ?";
        let ours: Option<String> =
            self.connection.query_row(sql, [signed(kept_at.size)], |row| row.get(0)).optional().at(&path)?;
        match ours.and_then(|note| Checkpoint::open(&note, key).ok()) {
            Some(ours) if ours == kept_at => Ok(()),
            _ => Err(StoreError::Diverged { path, size: kept_at.size }),
        }
    }
}
