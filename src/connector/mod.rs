//! Fetches bytes from elsewhere: files, directories, git repositories, standard input, servers, and the stores
//! that other programs keep in a database or in folders of many small files. Read-only, and it concludes nothing:
//! it undoes gzip, zstd and bzip2, which say so themselves, brings what is scattered together, and bounds what
//! it hands out.

mod database;
pub mod http;
mod inflate;
mod mlflow;
mod open;
mod repository;
pub mod server;
mod walk;

pub use walk::walk;

use std::io::Read;

/// Something to read.
pub struct Item {
    /// The path as it is shown; `-` for standard input.
    pub name: String,
    /// Which of the many things in that file or folder it is.
    pub part: Option<String>,
    /// The format, where what fetched it wrote it.
    pub read_as: Option<&'static str>,
    /// It lay where anything may lie, so that not to know it is no failure.
    pub loose: bool,
    /// Its bytes, decompressed. Reading fails where a limit is passed.
    pub reader: Box<dyn Read + Send>,
    /// The size of the file as it lies on the disk, for progress.
    pub size: Option<u64>,
}

impl Item {
    /// Something of which no more than its name and its bytes is known.
    pub fn new(name: impl Into<String>, reader: Box<dyn Read + Send>, size: Option<u64>) -> Item {
        Item { name: name.into(), part: None, read_as: None, loose: false, reader, size }
    }
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
