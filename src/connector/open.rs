//! Opens one file without ever waiting for it: pipes, devices and sockets are refused, also when
//! they take a file's place between a look and an opening. It follows no symlink below a root.

use super::database::MAGIC;
use super::{Item, Limits, Refused, inflate};
use rustix::fs::{FileType, Mode, OFlags};
use std::fs::File;
use std::io::{Cursor, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Whether a path was named by a person, or found below one that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Named,
    Below,
}

pub(super) fn refused(path: &Path, why: impl Into<String>) -> Refused {
    Refused { name: path.display().to_string(), why: why.into(), passed_over: false }
}

pub(super) fn passed_over(path: &Path, why: impl Into<String>) -> Refused {
    Refused { passed_over: true, ..refused(path, why) }
}

/// What an opened file turned out to be.
pub(super) enum Opened {
    Item(Item),
    /// A database, which is read from a copy of the file and what lies beside it.
    Database,
    /// A database that came compressed or through a pipe, so that there is nothing beside it.
    Packed(Item),
}

/// Opens a regular file.
pub(super) fn open(path: &Path, found: Found, limits: &Limits) -> Result<Opened, Refused> {
    let mut flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    if found == Found::Below {
        flags |= OFlags::NOFOLLOW;
    }
    let handle = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| refused(path, reason(error)))?;
    let stat = rustix::fs::fstat(&handle).map_err(|error| refused(path, error.to_string()))?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => {}
        other => return Err(refused(path, format!("is {}", word(other)))),
    }
    let size = u64::try_from(stat.st_size).unwrap_or(0);
    if size > limits.file {
        return Err(refused(path, format!("has {size} bytes, more than the limit of {}", limits.file)));
    }
    let file = File::from(handle);
    if let Some(ours) = own(&file) {
        // Closed before this process ends, it would take the locks of our own connections to that ledger with it.
        std::mem::forget(file);
        let refusal = if found == Found::Below { passed_over(path, ours) } else { refused(path, ours) };
        return Err(refusal);
    }
    if begins(&file, MAGIC) {
        return Ok(Opened::Database);
    }
    let reader = inflate::inflate(Box::new(file), limits).map_err(|error| refused(path, error.to_string()))?;
    Ok(unpacked(path, reader, Some(size)))
}

fn begins(file: &File, magic: &[u8]) -> bool {
    let mut head = vec![0_u8; magic.len()];
    file.read_exact_at(&mut head, 0).is_ok() && head == magic
}

/// Looks whether what comes out is a database. A stream that fails at once says so when it is read.
fn unpacked(path: &Path, mut reader: Box<dyn Read + Send>, size: Option<u64>) -> Opened {
    let mut head = Vec::new();
    let failed = reader.by_ref().take(MAGIC.len() as u64).read_to_end(&mut head).err();
    let is_database = head == MAGIC;
    let whole: Box<dyn Read + Send> = match failed {
        None => Box::new(Cursor::new(head).chain(reader)),
        Some(error) => Box::new(Cursor::new(head).chain(Failing(Some(error)))),
    };
    let item = Item::new(path.display().to_string(), whole, size);
    if is_database { Opened::Packed(item) } else { Opened::Item(item) }
}

/// Fails as the stream it stands for did.
struct Failing(Option<std::io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Standard input, compressed or not.
pub(super) fn stdin(limits: &Limits) -> Result<Opened, Refused> {
    let reader: Box<dyn Read + Send> = Box::new(std::io::stdin());
    let reader = inflate::inflate(reader, limits).map_err(|error| refused(Path::new("-"), error.to_string()))?;
    Ok(unpacked(Path::new("-"), reader, None))
}

fn reason(error: rustix::io::Errno) -> String {
    match error {
        rustix::io::Errno::LOOP => "is a symlink (or a loop of them): name its target to read it".to_owned(),
        rustix::io::Errno::NOENT => "there is no such file".to_owned(),
        rustix::io::Errno::ACCESS => "may not be read by this user".to_owned(),
        rustix::io::Errno::NXIO => "is a socket or a device without a driver, and not a file".to_owned(),
        other => other.to_string(),
    }
}

pub(super) fn word(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "a file",
        FileType::Directory => "a directory",
        FileType::Symlink => "a symlink",
        FileType::Fifo => "a pipe, and not a file: pipe it into `-`",
        FileType::Socket => "a socket, and not a file",
        FileType::CharacterDevice | FileType::BlockDevice => "a device, and not a file",
        FileType::Unknown => "nothing known, and not a file",
    }
}

/// The application id that our ledgers carry in the header of their SQLite file.
const LEDGER: u32 = 0x6c67_6f64;

/// Whether a file is one of our own: importing a ledger into itself would never end.
fn own(file: &File) -> Option<&'static str> {
    let mut head = [0_u8; 72];
    let got = file.read_at(&mut head, 0).ok()?;
    let head = head.get(..got)?;
    let is_sqlite = head.starts_with(b"SQLite format 3\0");
    if is_sqlite && head.get(68..72) == Some(&LEDGER.to_be_bytes()) {
        return Some("is a lastgood ledger: open it with --ledger");
    }
    let beside =
        [&b"\x37\x7f\x06\x82"[..], b"\x37\x7f\x06\x83", b"\x18\xe2\x2d\x00", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"];
    if beside.iter().any(|magic| head.starts_with(magic)) {
        return Some("belongs to a SQLite database");
    }
    // An index is binary; a checkpoint begins with the ledger's name.
    let index = head.starts_with(b"lastgood") && head.contains(&0);
    (index || head.starts_with(b"lastgood/")).then_some("is one of lastgood's own files")
}
