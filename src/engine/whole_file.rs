//! A file written whole or not at all. It decides neither where nor what.

use std::ffi::OsString;
use std::io::{Error, ErrorKind, Result, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Writes a file whole or not at all; one that is there is replaced only when that was asked for.
///
/// # Errors
/// When it is there already and is to be left, is no plain file, or cannot be written.
pub fn write_whole(to: &Path, bytes: &[u8], replace: bool) -> Result<()> {
    let mut aside = to.as_os_str().to_owned();
    aside.push(format!(".new-{}", std::process::id()));
    let aside = PathBuf::from(aside);
    // neither a device nor what a link points at is meant by the name of a file to write
    if replace && std::fs::symlink_metadata(to).is_ok_and(|it| !it.is_file()) {
        return Err(Error::new(ErrorKind::InvalidInput, "is no plain file, and is left as it is"));
    }
    // it holds what a ledger holds, so only its owner reads it
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&aside)
        .map_err(|error| Error::other(format!("{}: {error}", aside.display())))?;
    let mut write = || {
        file.write_all(bytes)?;
        file.sync_all()?;
        // a link refuses a name that is taken, a rename does not
        if replace { std::fs::rename(&aside, to) } else { std::fs::hard_link(&aside, to) }
    };
    let written = write();
    // renamed, it is gone already
    std::fs::remove_file(&aside).unwrap_or_default();
    written
}

/// The same in a folder, under the first of `name.html`, `name-2.html`, … that is free. Gives where.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn write_beside(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    for number in 1..=MOST_TRIED {
        let mut name = OsString::from(stem);
        if number > 1 {
            name.push(format!("-{number}"));
        }
        name.push(format!(".{extension}"));
        let to = folder.join(name);
        if std::fs::symlink_metadata(&to).is_ok() {
            continue;
        }
        match write_whole(&to, bytes, false) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            written => return written.map(|()| to),
        }
    }
    Err(Error::new(ErrorKind::AlreadyExists, format!("{MOST_TRIED} files are called {name} already")))
}

/// Names that are tried before it is given up.
const MOST_TRIED: u32 = 1000;
