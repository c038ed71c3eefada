//! Looks a repository's directory over before anything in it is opened: what would lead elsewhere, never
//! end or be no file keeps all of it from being read. It reads no object.

use rustix::fs::{Mode, OFlags};
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// The most files that hold objects.
const MOST_FILES: usize = 4_000_000;
/// How deep references and objects may be nested.
pub(super) const DEEPEST: usize = 32;

/// Whether a repository may be read at all.
///
/// # Errors
/// Why not, and what to do instead.
pub(super) fn check(git_dir: &Path) -> Result<(), String> {
    let there = |name: &str| fs::symlink_metadata(git_dir.join(name)).is_ok();
    for name in ["objects/info/alternates", "objects/info/http-alternates"] {
        if there(name) {
            return Err(format!(
                "borrows objects from another repository ({name}), which is not followed: make a whole copy \
                 (git clone --mirror --dissociate) and import that"
            ));
        }
    }
    if there("commondir") {
        return Err("is the work tree's part of another repository: name that repository to read it".to_owned());
    }
    if there("reftable") {
        return Err("keeps its references in a reftable, which is not read: make a copy with files \
             (git clone --mirror --ref-format=files) and import that"
            .to_owned());
    }
    let mut left = MOST_FILES;
    only_files(git_dir, "objects", 0, &mut left)
}

/// Refuses symlinks, pipes, devices and sockets below a directory.
fn only_files(git_dir: &Path, below: &str, depth: usize, left: &mut usize) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(format!("{below} is nested more than {DEEPEST} directories deep"));
    }
    let list = fs::read_dir(git_dir.join(below)).map_err(|error| format!("{below} cannot be listed: {error}"))?;
    for entry in list {
        let entry = entry.map_err(|error| format!("{below} cannot be listed: {error}"))?;
        *left = left.checked_sub(1).ok_or_else(|| format!("has more than {MOST_FILES} files of objects"))?;
        let name = format!("{below}/{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(|error| format!("{name}: {error}"))?;
        if kind.is_dir() {
            only_files(git_dir, &name, depth + 1, left)?;
        } else if !kind.is_file() {
            return Err(format!(
                "{name} is a symlink or no file, which is not followed: make a copy (git clone --mirror) and import that"
            ));
        }
    }
    Ok(())
}

/// A small file of a repository, or nothing when there is none. It follows no symlink and waits for nothing.
///
/// # Errors
/// When it is no file, is longer than that, or cannot be read.
pub(super) fn small(path: &Path, most: u64) -> Result<Option<Vec<u8>>, String> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NOFOLLOW;
    let name = || path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let handle = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(handle) => File::from(handle),
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(rustix::io::Errno::LOOP) => return Err(format!("{} is a symlink, which is not followed", name())),
        Err(error) => return Err(format!("{} cannot be opened: {error}", name())),
    };
    let failed = |error: std::io::Error| format!("{} cannot be read: {error}", name());
    if !handle.metadata().map_err(failed)?.is_file() {
        return Err(format!("{} is no file", name()));
    }
    let mut bytes = Vec::new();
    handle.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(format!("{} has more than {most} bytes", name()));
    }
    Ok(Some(bytes))
}
