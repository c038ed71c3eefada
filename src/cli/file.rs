//! Files that commands write: whole or not at all, and never over one that is there unless that was asked for. It
//! decides nothing about what is in them.

use crate::cli::failure::{Exit, Failure};
use crate::engine::EngineError;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Writes a file whole or not at all, readable by its owner only; one that is there is replaced only with `force`.
///
/// # Errors
/// When it is there, or cannot be written, or `fill` fails.
pub(super) fn write_whole<T>(
    to: &Path,
    force: bool,
    fill: impl FnOnce(&mut dyn Write) -> Result<T, EngineError>,
) -> Result<T, Failure> {
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failure::new(Exit::Usage, format!("{}: is there already, and is left as it is", to.display()))
                .hint("another name, or --force to replace it")
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Failure::new(Exit::NoSpace, format!("{}: {error}", to.display()))
        }
        _ => Failure::new(Exit::Usage, format!("{}: {error}", to.display())),
    };
    let there = fs::symlink_metadata(to);
    if there.is_ok() && !force {
        return Err(failed(ErrorKind::AlreadyExists.into()));
    }
    // neither a device nor what a link points at is meant by the name of a file to write
    if there.is_ok_and(|it| !it.is_file()) {
        return Err(failed(io::Error::new(ErrorKind::InvalidInput, "is no plain file, and is left as it is")));
    }
    let mut aside = to.as_os_str().to_owned();
    aside.push(format!(".new-{}", std::process::id()));
    let aside = PathBuf::from(aside);
    let written = fill_aside(&aside, fill).and_then(|value| {
        // a link refuses a name that is taken, a rename does not
        let put = if force { fs::rename(&aside, to) } else { fs::hard_link(&aside, to) };
        put.map(|()| value).map_err(failed)
    });
    // renamed, it is gone already
    fs::remove_file(&aside).unwrap_or_default();
    written
}

fn fill_aside<T>(aside: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<T, EngineError>) -> Result<T, Failure> {
    let failed = |error| EngineError::Io { path: aside.to_owned(), source: error };
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(aside).map_err(failed)?;
    let mut out = BufWriter::new(file);
    let value = fill(&mut out)?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(value)
}
