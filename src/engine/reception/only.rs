//! One receiver to a ledger: what contradicts is told by what one process remembers, so a second one would let it by. It
//! never opens the ledger's file.

use crate::engine::EngineError;
use crate::engine::lock::{self, Lock};
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Write as _};
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
    match lock::ask(&path)? {
        Lock::Ours(mut file) => {
            let written = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
            written.map_err(|error| EngineError::io(&path, error))?;
            Ok(file)
        }
        Lock::Theirs(file) => {
            let mut by = String::new();
            // Whoever holds it may be about to write who it is.
            drop(file.take(NUMBER).read_to_string(&mut by));
            Err(EngineError::Received { path: ledger.to_owned(), by: by.trim().parse().ok() })
        }
    }
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
