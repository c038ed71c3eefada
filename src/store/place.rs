//! The place a ledger lies in: its file system, its permissions, its room. It opens no database.

use crate::store::error::{At, StoreError};
use rustix::fs::{Access, access, statfs, statvfs};
use rustix::process::{Resource, getrlimit};
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

/// File systems on which file locks or shared memory between machines cannot be relied on, by the
/// number that `statfs` gives.
const NETWORK: [(u32, &str); 10] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xfe53_4d42, "SMB2"),
    (0xff53_4d42, "CIFS"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "kAFS"),
    (0x0102_1997, "9p"),
    (0x7375_7245, "Coda"),
    (0x564c, "NCP"),
    (0x00c3_6400, "Ceph"),
];

/// The directory a file lies in.
pub(crate) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// `path` with `suffix` behind its whole name: SQLite's `-wal` lies there.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn network_name(magic: u32) -> Option<&'static str> {
    NETWORK.iter().find(|(number, _)| *number == magic).map(|(_, name)| *name)
}

/// Refuses a place where SQLite's locks do not hold.
pub(crate) fn refuse_network(path: &Path) -> Result<(), StoreError> {
    let place = if path.exists() { path } else { directory(path) };
    let found = statfs(place).map_err(std::io::Error::from).at(place)?;
    // The numbers are 32 bits wide; how wide the field is differs by machine, and so does its sign.
    match network_name(found.f_type as u32) {
        Some(kind) => Err(StoreError::NetworkFileSystem { path: path.to_owned(), kind }),
        None => Ok(()),
    }
}

/// Whether there is no room to write: the disk is full, or files may not grow further.
pub(crate) fn is_full(path: &Path) -> bool {
    const ROOM: u64 = 1 << 20;
    let disk = statvfs(directory(path)).is_ok_and(|room| room.f_bavail.saturating_mul(room.f_frsize) < ROOM);
    let limit = getrlimit(Resource::Fsize).current;
    let largest = [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")]
        .iter()
        .filter_map(|file| file.metadata().ok())
        .map(|file| file.len())
        .max();
    disk || limit.is_some_and(|limit| largest.unwrap_or(0).saturating_add(ROOM) >= limit)
}

/// Why a ledger cannot be written here; `None` when nothing speaks against it.
pub(crate) fn why_not_writable(path: &Path) -> Option<String> {
    if path.exists() && access(path, Access::WRITE_OK).is_err() {
        return Some("the file is read-only for you".to_owned());
    }
    let around = directory(path);
    access(around, Access::WRITE_OK | Access::EXEC_OK)
        .is_err()
        .then(|| format!("the directory {} is read-only for you", around.display()))
}

/// Whether the system lets us not read what lies here.
pub(crate) fn is_unreadable(path: &Path) -> bool {
    access(path, Access::READ_OK) == Err(rustix::io::Errno::ACCESS)
}

/// Makes the names in a directory last through a power cut.
pub(crate) fn sync_directory(path: &Path) -> Result<(), StoreError> {
    let around = directory(path);
    File::open(around).and_then(|opened| opened.sync_all()).at(around)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_number_and_local_ones_pass() {
        assert_eq!(network_name(0x6969), Some("NFS"));
        assert_eq!(network_name(0xef53), None);
        assert_eq!(network_name(0x0102_1994), None);
    }

    #[test]
    fn a_bare_name_lies_in_the_working_directory() {
        assert_eq!(directory(Path::new("ledger.db")), Path::new("."));
        assert_eq!(beside(Path::new("a/ledger.db"), "-wal"), Path::new("a/ledger.db-wal"));
    }
}
