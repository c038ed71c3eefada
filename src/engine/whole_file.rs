//! A file written whole or not at all, and never over one that is there unless that was asked for. It decides neither
//! where nor what.

use crate::engine::EngineError;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Writes a file whole or not at all, readable by its owner only; one that is there is replaced only when that was
/// asked for.
///
/// # Errors
/// When it is there and is to be left, is no plain file, cannot be written, or `fill` fails.
pub fn write_whole<T>(
    to: &Path,
    replace: bool,
    fill: impl FnOnce(&mut dyn Write) -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    let failed = |error: io::Error| EngineError::io(to, error);
    let there = fs::symlink_metadata(to);
    if there.is_ok() && !replace {
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
        let put = if replace { fs::rename(&aside, to) } else { fs::hard_link(&aside, to) };
        put.map(|()| value).map_err(failed)
    });
    // renamed, it is gone already
    fs::remove_file(&aside).unwrap_or_default();
    written
}

fn fill_aside<T>(aside: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<T, EngineError>) -> Result<T, EngineError> {
    let failed = |error| EngineError::io(aside, error);
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(aside).map_err(failed)?;
    let mut out = BufWriter::new(file);
    let value = fill(&mut out)?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(value)
}

/// Writes bytes into a folder, under the first of `name.html`, `name-2.html`, … that is free. Gives where.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn write_beside(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, EngineError> {
    fs::create_dir_all(folder).map_err(|error| EngineError::io(folder, error))?;
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    for number in 1..=MOST_TRIED {
        let mut name = OsString::from(stem);
        if number > 1 {
            name.push(format!("-{number}"));
        }
        name.push(format!(".{extension}"));
        let to = folder.join(name);
        let fill = |out: &mut dyn Write| out.write_all(bytes).map_err(|error| EngineError::io(&to, error));
        match write_whole(&to, false, fill) {
            Err(EngineError::Io { path, source }) if path == to && source.kind() == ErrorKind::AlreadyExists => {}
            written => return written.map(|()| to),
        }
    }
    let taken = format!("{MOST_TRIED} files are called {name} already");
    Err(EngineError::io(folder, io::Error::new(ErrorKind::AlreadyExists, taken)))
}

/// Names that are tried before it is given up.
const MOST_TRIED: u32 = 1000;
