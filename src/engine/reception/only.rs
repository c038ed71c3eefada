//! One receiver to a ledger: what contradicts is told by what one process remembers, so a second one would let it by. The
//! lock lies on a file of its own and ends with its process. It never opens the ledger's file: closing that would drop
//! the locks of SQLite with it.

use crate::engine::EngineError;
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// As many bytes as the number of a process may take.
const NUMBER: u64 = 20;

/// Where the lock of a ledger's receiver lies, by whatever name the ledger is called. It begins with a dot, so that an
/// import of the folder passes it over.
fn beside(ledger: &Path) -> PathBuf {
    let ledger = ledger.canonicalize().unwrap_or_else(|_| ledger.to_owned());
    let mut name = OsString::from(".");
    name.push(ledger.file_name().unwrap_or_default());
    name.push(".serve");
    ledger.with_file_name(name)
}

/// Is the one receiver of a ledger as long as what this gives is held.
pub(super) fn receiver(ledger: &Path) -> Result<File, EngineError> {
    let path = beside(ledger);
    let failed = |error| EngineError::io(&path, error);
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    let mut file = open.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut by = String::new();
            // Whoever holds it may be about to write who it is.
            drop(file.take(NUMBER).read_to_string(&mut by));
            return Err(EngineError::Received { path: ledger.to_owned(), by: by.trim().parse().ok() });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(failed)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_is_refused_by_whatever_name_and_let_in_when_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, other) = (folder.path().join("a.lastgood"), folder.path().join("b"));
        std::fs::write(&ledger, "untouched").unwrap();
        std::os::unix::fs::symlink(&ledger, &other).unwrap();
        let first = receiver(&ledger).unwrap();
        let refused = receiver(&other).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        drop(first);
        drop(receiver(&other).unwrap());
        assert_eq!(std::fs::read_to_string(&ledger).unwrap(), "untouched");
    }
}
