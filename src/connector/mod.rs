//! Fetches bytes from elsewhere: files, directories, git repositories, standard input. Read-only, and it
//! parses no format: it undoes gzip, zstd and bzip2, which say so themselves, and bounds what it hands out.

mod inflate;
mod open;
mod repository;
mod walk;

pub use walk::walk;

use std::io::Read;

/// Something to read.
pub struct Item {
    /// The path as it is shown; `-` for standard input.
    pub name: String,
    /// Its bytes, decompressed. Reading fails where a limit is passed.
    pub reader: Box<dyn Read + Send>,
    /// The size of the file as it lies on the disk, for progress.
    pub size: Option<u64>,
}

/// Something that is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {why}")]
pub struct Refused {
    /// The path as it is shown.
    pub name: String,
    /// Why, and what to do about it.
    pub why: String,
    /// Whether it is only told for completeness: a person who named a directory did not name this.
    pub passed_over: bool,
}

/// How much is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest file, as it lies on the disk.
    pub file: u64,
    /// The most bytes a compressed file may become.
    pub decompressed: u64,
    /// The most bytes that one compressed byte may become, once [`Limits::ratio_from`] are out.
    pub ratio: u64,
    /// Decompressed bytes below which the ratio says nothing.
    pub ratio_from: u64,
    /// The most entries of one directory.
    pub entries: usize,
    /// The deepest nesting of directories.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { file: 16 << 30, decompressed: 16 << 30, ratio: 200, ratio_from: 16 << 20, entries: 100_000, depth: 64 }
    }
}
