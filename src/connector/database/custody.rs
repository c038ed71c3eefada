//! A private copy of a database that belongs to somebody else, with its write-ahead log or its journal.
//! The original is opened for reading only, by nothing of SQLite, and whatever happens to the copy
//! happens to the copy. It understands nothing of what it copies.

use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often a file that keeps changing is copied again.
const TRIES: usize = 3;
/// What is left of a journal that names another journal, which SQLite would read and may remove.
const JOURNAL_MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
const PIECE: usize = 1 << 20;

/// A folder of our own that is gone when this is.
#[derive(Debug)]
pub(super) struct Custody {
    folder: PathBuf,
}

impl Drop for Custody {
    fn drop(&mut self) {
        // Nothing can be done about what cannot be removed; it lies in the folder for temporary files.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl Custody {
    fn new() -> io::Result<Custody> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let above = std::env::temp_dir();
        loop {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            let folder = above.join(format!("lastgood-copy-{}-{next}", std::process::id()));
            match std::fs::DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => return Ok(Custody { folder }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && next < 1 << 20 => {}
                Err(error) => return Err(named(&above, error)),
            }
        }
    }

    /// Where the copy lies.
    pub(super) fn file(&self) -> PathBuf {
        self.folder.join("copy.db")
    }

    fn beside(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("copy.db{ending}"))
    }

    /// Takes in what a stream gives, which has no log and no journal.
    pub(super) fn of_stream(mut bytes: impl Read) -> Result<Custody, String> {
        let custody = Custody::new().map_err(|error| error.to_string())?;
        let mut file = fresh(&custody.file()).map_err(|error| error.to_string())?;
        io::copy(&mut bytes, &mut file).map_err(|error| format!("it could not be unpacked whole: {error}"))?;
        Ok(custody)
    }

    /// Copies a database and what lies beside it, until it was seen not to change meanwhile.
    pub(super) fn of_file(path: &Path) -> Result<Custody, String> {
        Custody::while_it_lasts(path, &mut || {})
    }

    /// The same; `meanwhile` happens between the copying and the look whether something changed.
    fn while_it_lasts(path: &Path, meanwhile: &mut dyn FnMut()) -> Result<Custody, String> {
        // Log and journal lie beside the file itself, and not beside a link to it.
        let path = path.canonicalize().map_err(|error| error.to_string())?;
        let custody = Custody::new().map_err(|error| error.to_string())?;
        for attempt in 0..TRIES {
            if attempt > 0 {
                std::thread::sleep(Duration::from_millis(100));
            }
            if custody.copy(&path, meanwhile).map_err(|error| error.to_string())? {
                custody.refuse_other_journals()?;
                return Ok(custody);
            }
        }
        Err(format!(
            "it changed while it was copied, {TRIES} times: found a database that is being written, expected one that \
             holds still for as long as a copy takes; nothing of it was read. Stop what writes to it, or copy it with \
             `sqlite3 FILE \".backup COPY\"` and import the copy"
        ))
    }

    /// False when something changed on the way.
    fn copy(&self, path: &Path, meanwhile: &mut dyn FnMut()) -> io::Result<bool> {
        let before = look(path)?;
        for (ending, seen) in ["", "-wal", "-journal"].iter().zip(before) {
            let copy = self.beside(ending);
            drop(std::fs::remove_file(&copy));
            if seen.is_none() {
                continue;
            }
            let Some(mut original) = open(&beside(path, ending))? else { return Ok(false) };
            let mut copied = fresh(&copy)?;
            io::copy(&mut original, &mut copied)?;
        }
        meanwhile();
        if look(path)? != before {
            return Ok(false);
        }
        // A clock that ticks slowly may not show a change; the bytes do.
        for (ending, seen) in ["", "-wal", "-journal"].iter().zip(before) {
            if seen.is_some() && !alike(&beside(path, ending), &self.beside(ending))? {
                return Ok(false);
            }
        }
        Ok(look(path)? == before)
    }

    fn refuse_other_journals(&self) -> Result<(), String> {
        let Ok(journal) = std::fs::read(self.beside("-journal")) else { return Ok(()) };
        if journal.ends_with(&JOURNAL_MAGIC) {
            return Err("its journal names another journal: found a transaction over several databases, expected one \
                        of this database alone; nothing of it was read. Open it once with the program it belongs to"
                .to_owned());
        }
        Ok(())
    }
}

/// What is beside a database under that ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn named(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn fresh(path: &Path) -> io::Result<File> {
    let made = File::options().write(true).create_new(true).mode(0o600).open(path);
    made.map_err(|error| named(path, error))
}

/// Opens a regular file without waiting and without following a link.
fn open(path: &Path) -> io::Result<Option<File>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NOFOLLOW;
    match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(handle) => {
            let file = File::from(handle);
            if !file.metadata()?.is_file() {
                return Err(named(path, io::Error::other("is no regular file")));
            }
            Ok(Some(file))
        }
        Err(rustix::io::Errno::NOENT) => Ok(None),
        Err(error) => Err(named(path, error.into())),
    }
}

/// Which file it is, how long, and when it last changed.
type Seen = (u64, u64, u64, i64, i64, i64, i64);

fn look(path: &Path) -> io::Result<[Option<Seen>; 3]> {
    let seen = |ending: &str| match std::fs::symlink_metadata(beside(path, ending)) {
        Ok(it) => Ok(Some((it.dev(), it.ino(), it.size(), it.mtime(), it.mtime_nsec(), it.ctime(), it.ctime_nsec()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(named(path, error)),
    };
    Ok([seen("")?, seen("-wal")?, seen("-journal")?])
}

fn alike(original: &Path, copy: &Path) -> io::Result<bool> {
    let (Some(original), Some(copy)) = (open(original)?, open(copy)?) else { return Ok(false) };
    let (mut a, mut b) = (Vec::new(), Vec::new());
    loop {
        a.clear();
        b.clear();
        let got = (&original).take(PIECE as u64).read_to_end(&mut a)?;
        (&copy).take(PIECE as u64).read_to_end(&mut b)?;
        if a != b {
            return Ok(false);
        }
        if got == 0 {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn append(path: &Path) {
        File::options().append(true).open(path).unwrap().write_all(b"x").unwrap();
    }

    #[test]
    fn what_changes_while_it_is_copied_is_copied_again_and_in_the_end_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.db");
        for changing in ["", "-wal", "-journal"] {
            let changing = beside(&file, changing);
            std::fs::write(&file, b"one").unwrap();
            std::fs::write(&changing, b"two").unwrap();
            let why = Custody::while_it_lasts(&file, &mut || append(&changing)).unwrap_err();
            assert!(why.starts_with("it changed while it was copied, 3 times: found "), "{why}");
            let mut times = 0;
            let custody = Custody::while_it_lasts(&file, &mut || {
                times += 1;
                if times == 1 {
                    append(&changing);
                }
            });
            let copy = custody.unwrap();
            assert_eq!((times, std::fs::read(copy.file()).unwrap()), (2, std::fs::read(&file).unwrap()));
            std::fs::remove_file(&changing).unwrap();
        }
    }

    #[test]
    fn a_change_that_leaves_no_trace_in_the_times_is_seen_in_the_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        std::fs::write(&a, vec![1; PIECE + 7]).unwrap();
        std::fs::write(&b, vec![1; PIECE + 7]).unwrap();
        assert!(alike(&a, &b).unwrap());
        let mut other = vec![1; PIECE + 7];
        other[PIECE + 3] = 2;
        std::fs::write(&b, other).unwrap();
        assert!(!alike(&a, &b).unwrap());
    }

    #[test]
    fn a_copy_is_private_and_gone_afterwards() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.db");
        std::fs::write(&file, b"one").unwrap();
        let custody = Custody::of_file(&file).unwrap();
        let folder = custody.folder.clone();
        assert_eq!(folder.metadata().unwrap().mode() & 0o777, 0o700);
        assert_eq!(custody.file().metadata().unwrap().mode() & 0o777, 0o600);
        drop(custody);
        assert!(!folder.exists());
    }
}
