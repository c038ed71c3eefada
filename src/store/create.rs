//! Making a new ledger file, whole or not at all. It never touches one that exists.

use crate::proof::checkpoint::Checkpoint;
use crate::proof::merkle::Frontier;
use crate::proof::random;
use crate::store::append::Keys;
use crate::store::connection::{self, Access};
use crate::store::error::{At, StoreError};
use crate::store::ledger::{self, Ledger};
use crate::store::{place, schema};
use rusqlite::{Connection, OpenFlags, params};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

impl Ledger {
    /// Makes an empty ledger at `path`, readable by its owner only, with its first checkpoint (of
    /// no records) signed. Its origin is the name of the signing key.
    ///
    /// # Errors
    /// When something is already there, or the place does not do.
    pub fn create(path: impl AsRef<Path>, keys: &Keys) -> Result<Ledger, StoreError> {
        let path = path.as_ref();
        if path.symlink_metadata().is_ok() {
            return Err(StoreError::Exists { path: path.to_owned() });
        }
        place::refuse_network(path)?;
        // Made under another name and then renamed, so that no half-made ledger is ever found.
        let suffix = random::bytes::<8>().map_err(io::Error::other).at(path)?;
        let making = place::beside(path, &format!(".new-{}", hex::encode(suffix)));
        let made = fill(&making, keys).and_then(|()| put(&making, path));
        if made.is_err() {
            for left in [making.clone(), place::beside(&making, "-wal"), place::beside(&making, "-shm")] {
                // What cannot be removed was never there, or hides nothing.
                fs::remove_file(left).unwrap_or_default();
            }
        }
        made?;
        Ledger::open(path, Access::Write)
    }
}

fn fill(path: &Path, keys: &Keys) -> Result<(), StoreError> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).at(path)?;
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .at(path)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).at(path)?;
    connection.execute_batch(&format!("BEGIN IMMEDIATE;\n{}\nCOMMIT;", schema::SQL)).at(path)?;
    connection::settle(&connection, path)?;
    let origin = keys.signing.name();
    let note = Checkpoint { origin: origin.to_owned(), size: 0, root: Frontier::new().root() }.sign(&keys.signing);
    let pepper = keys.pepper.id();
    let vouched = keys.signing.signature(ledger::pepper_statement(origin, &pepper).as_bytes());
    let sql = "INSERT INTO ledger (one, origin, pepper, pepper_signature) VALUES (1, ?, ?, ?)";
    connection.execute(sql, params![origin, pepper, vouched]).at(path)?;
    connection.execute("INSERT INTO head (one, records, claims, frontier) VALUES (1, 0, 0, x'')", []).at(path)?;
    connection.execute("INSERT INTO checkpoint (size, note) VALUES (0, ?)", params![note]).at(path)?;
    // Closing folds the write-ahead log in, so that one file is all there is to rename.
    connection.close().map_err(|(_, error)| error).at(path)
}

fn put(making: &Path, path: &Path) -> Result<(), StoreError> {
    match renameat_with(CWD, making, CWD, path, RenameFlags::NOREPLACE).map_err(io::Error::from) {
        // Some file systems cannot refuse to replace; a hard link does refuse.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput || error.kind() == io::ErrorKind::Unsupported => {
            fs::hard_link(making, path).and_then(|()| fs::remove_file(making)).at(path)?;
        }
        other => other.at(path)?,
    }
    place::sync_directory(path)
}
