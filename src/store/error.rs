//! What can go wrong with a ledger, in words that name the file and the next thing to try.
//! It handles nothing.

use crate::proof::checkpoint::NoteError;
use crate::store::place;
use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};

/// Why the ledger could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the message names")]
pub enum StoreError {
    #[error("{}: another process is writing to this ledger; wait for it to finish, then try again", .path.display())]
    Busy { path: PathBuf },
    #[error("{}: no space left to write; free some space (or raise the quota), then run the same command again: nothing is half done", .path.display())]
    NoSpace { path: PathBuf },
    #[error("{}: cannot be written here ({why}); copy the ledger to a place you can write to, or give --ledger another path", .path.display())]
    ReadOnly { path: PathBuf, why: String },
    #[error("{}: cannot be read here ({why}); ask its owner, or whoever runs this machine, to let you read it", .path.display())]
    Unreadable { path: PathBuf, why: String },
    #[error("{}: there is no ledger here; import something to make one, or give --ledger another path", .path.display())]
    Missing { path: PathBuf },
    #[error("{}: already exists and is left as it is; give another path", .path.display())]
    Exists { path: PathBuf },
    #[error("{}: is not a ledger ({why}); give the path of a ledger", .path.display())]
    Foreign { path: PathBuf, why: String },
    #[error("{}: was written by a newer lastgood (layout {found}, this one knows {known}); update lastgood", .path.display())]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("{}: lies on a network file system ({kind}), where locks cannot be trusted; keep the ledger on a local disk", .path.display())]
    NetworkFileSystem { path: PathBuf, kind: &'static str },
    #[error(
        "this lastgood is built with SQLite {found}, which can corrupt files; it needs 3.51.3 or later: build it with the bundled one"
    )]
    OldSqlite { found: &'static str },
    #[error("{}: SQLite does not keep {setting} (it says {found}); this build cannot be used for a ledger", .path.display())]
    Setting { path: PathBuf, setting: &'static str, found: String },
    #[error("{}: is damaged: {what}; keep the file as it is and run `lastgood verify` on it", .path.display())]
    Damaged { path: PathBuf, what: String },
    #[error("{}: is older than the checkpoint kept for it ({records} records here, {kept} then): somebody put an old copy back, or the end was cut off; find the newer copy, or run `lastgood verify` to see what is missing", .path.display())]
    RolledBack { path: PathBuf, records: u64, kept: u64 },
    #[error("{}: is not a continuation of the checkpoint kept for it at {size} records: its history was changed; keep both and run `lastgood verify`", .path.display())]
    Diverged { path: PathBuf, size: u64 },
    #[error("{}: cannot be held to the checkpoint kept in {kept}, which is {why}; restore that file from a backup, or remove it if you are sure of the ledger", .path.display())]
    Kept { path: PathBuf, kept: String, why: NoteError },
    #[error("{}: is the log \"{origin}\" and these keys are for \"{key}\"; use the keys kept for this ledger", .path.display())]
    OtherKey { path: PathBuf, origin: String, key: String },
    #[error("{}: keys its salts and fingerprints with the pepper {pepper}, and this one is {ours}; restore the pepper it was made with: nothing is added under another", .path.display())]
    OtherPepper { path: PathBuf, pepper: String, ours: String },
    #[error("{}: the record at {file}:{line} reads back from the database differently from what was written; nothing was added: check this machine's memory and disk", .path.display())]
    ReadBack { path: PathBuf, file: String, line: u64 },
    #[error("{}: has no record {seq}", .path.display())]
    NoRecord { path: PathBuf, seq: u64 },
    #[error("{}: record {seq} cannot be redacted: {why}", .path.display())]
    NotRedactable { path: PathBuf, seq: u64, why: &'static str },
    #[error("{}: a record may not call its format \"{format}\"; that is the ledger's own", .path.display())]
    ReservedFormat { path: PathBuf, format: String },
    #[error("{}: {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}: SQLite says: {source}", .path.display())]
    Sqlite { path: PathBuf, source: rusqlite::Error },
}

impl StoreError {
    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> StoreError {
        StoreError::Damaged { path: path.to_owned(), what: what.into() }
    }

    /// What is wrong, for somebody who is being told which file and who is already verifying it.
    pub(crate) fn plainly(&self) -> String {
        match self {
            StoreError::Damaged { what, .. } => what.clone(),
            StoreError::Foreign { why, .. } => {
                format!("it is not a ledger, or its first page was overwritten: {why}")
            }
            other => other.to_string(),
        }
    }

    /// Whether the bytes of the file are what is wrong, and not the place or the moment.
    pub fn is_damage(&self) -> bool {
        match self {
            StoreError::Damaged { .. } | StoreError::RolledBack { .. } | StoreError::Diverged { .. } => true,
            StoreError::Sqlite { source, .. } => !matches!(
                source.sqlite_error_code(),
                Some(
                    ErrorCode::OutOfMemory
                        | ErrorCode::OperationInterrupted
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::CannotOpen
                        | ErrorCode::PermissionDenied
                        | ErrorCode::FileLockingProtocolFailed
                )
            ),
            _ => false,
        }
    }
}

/// Puts the path, and what is known of it, to what went wrong.
pub(crate) trait At<T> {
    fn at(self, path: &Path) -> Result<T, StoreError>;
}

impl<T> At<T> for rusqlite::Result<T> {
    fn at(self, path: &Path) -> Result<T, StoreError> {
        self.map_err(|source| of_sqlite(path, source))
    }
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, StoreError> {
        self.map_err(|source| of_io(path, source))
    }
}

fn of_io(path: &Path, source: io::Error) -> StoreError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => StoreError::Missing { path },
        io::ErrorKind::AlreadyExists => StoreError::Exists { path },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            StoreError::NoSpace { path }
        }
        io::ErrorKind::PermissionDenied if place::is_unreadable(&path) => {
            StoreError::Unreadable { path, why: source.to_string() }
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            StoreError::ReadOnly { path, why: source.to_string() }
        }
        _ => StoreError::Io { path, source },
    }
}

fn of_sqlite(path: &Path, source: rusqlite::Error) -> StoreError {
    let owned = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path: owned },
        Some(ErrorCode::DiskFull) => StoreError::NoSpace { path: owned },
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { path: owned, why: source.to_string() },
        Some(ErrorCode::NotADatabase) => StoreError::Foreign { path: owned, why: "not an SQLite database".to_owned() },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path: owned, what: source.to_string() },
        // SQLite does not pass on why the system refused, so the place is asked.
        Some(ErrorCode::SystemIoFailure) if place::is_full(path) => StoreError::NoSpace { path: owned },
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => match place::why_not_writable(path) {
            _ if place::is_unreadable(path) => {
                StoreError::Unreadable { path: owned, why: "permission denied".to_owned() }
            }
            _ if !path.exists() => StoreError::Missing { path: owned },
            Some(why) => StoreError::ReadOnly { path: owned, why },
            None => StoreError::Sqlite { path: owned, source },
        },
        _ => StoreError::Sqlite { path: owned, source },
    }
}
