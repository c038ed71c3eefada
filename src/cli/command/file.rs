//! Files that a command writes, and what is said when one cannot be written. It decides nothing about what is in them.

use crate::cli::failure::{Exit, Failure};
use crate::engine::write_whole;
use std::io::ErrorKind;
use std::path::Path;

/// Writes a file whole or not at all; one that is there is replaced only with `--force`.
pub(super) fn write(to: &Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    write_whole(to, bytes, force).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::new(Exit::Usage, format!("{}: is there already, and is left as it is", to.display()))
                .hint("another name, or --force to replace it")
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Failure::new(Exit::NoSpace, format!("{}: {error}", to.display()))
        }
        _ => Failure::new(Exit::Usage, format!("{}: {error}", to.display())),
    })
}
