//! A lock between processes, on a file of its own, which ends with whoever holds it. It must never be the ledger's file:
//! closing that would drop the locks of SQLite with it.

use crate::engine::EngineError;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// A lock that was asked for, as the open file that it lies on.
pub(super) enum Lock {
    /// It is held until the file is dropped.
    Ours(File),
    /// Another holds it, here or in another process.
    Theirs(File),
}

/// Asks for the lock that lies at `path`, without waiting.
///
/// # Errors
/// When the file cannot be opened or made.
pub(super) fn ask(path: &Path) -> Result<Lock, EngineError> {
    let failed = |error| EngineError::io(path, error);
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = open.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock::Ours(file)),
        Err(TryLockError::WouldBlock) => Ok(Lock::Theirs(file)),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
