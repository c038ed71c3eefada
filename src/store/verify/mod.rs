//! Verifying a ledger from its bytes: what the verdicts are and how one is reached. It repairs
//! nothing, and trusts no key that lies in the file.

mod anchor;
mod claims;
mod log;
mod whole;

use crate::proof::checkpoint::VerifierKey;
use crate::proof::digest::sha256;
use crate::proof::kept::Kept;
use crate::proof::merkle::Hash;
use crate::proof::verdict::Verdict;
use crate::store::connection::Access;
use crate::store::error::{At, StoreError};
use crate::store::ledger::Ledger;
use crate::store::{Progress, Read, schema};
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;
use std::path::Path;

/// What a verifier brings along. Nothing of it comes from the ledger.
#[derive(Debug, Clone, Default)]
pub struct Anchors {
    /// The key that must have signed the checkpoints.
    pub key: Option<VerifierKey>,
    /// The newest checkpoint, kept by the user who also keeps the ledger.
    pub own: Option<Kept>,
    /// Checkpoints kept by somebody or something else.
    pub others: Vec<Kept>,
}

/// The first thing that does not match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bad {
    /// The record, where it is one, or the first of those that may be.
    pub record: Option<u64>,
    /// The claim's number, where it is one.
    pub claim: Option<u64>,
    /// What is wrong.
    pub what: String,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are the words themselves")]
pub struct Checked {
    pub records: u64,
    pub claims: u64,
    pub checkpoints: u64,
    pub redactions: u64,
}

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Verified {
    /// The verdict.
    pub verdict: Verdict,
    /// How many records hold together, from the first.
    pub records: u64,
    /// The root over them, computed from their bytes.
    pub root: Hash,
    /// The first thing that does not match.
    pub first_bad: Option<Bad>,
    /// Up to which record somebody else's checkpoint vouches; 0 for none.
    pub anchored_to: u64,
    /// What else the reader should know.
    pub notes: Vec<String>,
    /// How much was looked at.
    pub checked: Checked,
}

impl Verified {
    fn nothing() -> Verified {
        Verified {
            verdict: Verdict::Inconclusive,
            records: 0,
            root: sha256(b""),
            first_bad: None,
            anchored_to: 0,
            notes: Vec::new(),
            checked: Checked::default(),
        }
    }

    fn stopped(mut self, stop: Stop) -> Verified {
        match stop {
            Stop::Bad(bad) => {
                self.verdict = Verdict::Failed;
                self.first_bad = Some(bad);
            }
            Stop::Unchecked(why) => {
                self.verdict = Verdict::Inconclusive;
                self.notes.push(why);
            }
        }
        self
    }
}

/// Why verifying ended early.
enum Stop {
    Bad(Bad),
    Unchecked(String),
}

impl Stop {
    fn bad(record: Option<u64>, what: impl Into<String>) -> Stop {
        Stop::Bad(Bad { record, claim: None, what: what.into() })
    }

    /// An error met while looking at `record`: of the file, or only of the moment.
    fn error(record: Option<u64>, error: &StoreError) -> Stop {
        // "Not a database" is what SQLite says of a page, too, in a file that was one when opened.
        if error.is_damage() || matches!(error, StoreError::Foreign { .. }) {
            return Stop::bad(record, error.plainly());
        }
        Stop::Unchecked(error.to_string())
    }
}

/// Ends verifying with what went wrong at a record.
trait OrStop<T> {
    fn or_stop(self, record: Option<u64>) -> Result<T, Stop>;
}

impl<T> OrStop<T> for Result<T, StoreError> {
    fn or_stop(self, record: Option<u64>) -> Result<T, Stop> {
        self.map_err(|error| Stop::error(record, &error))
    }
}

/// Opens and verifies a file. What is damaged past opening is a verdict, too.
///
/// # Errors
/// When there is no file at `path`, or it cannot be reached.
pub fn verify_file(
    path: impl AsRef<Path>,
    anchors: &Anchors,
    read: Read<'_>,
    progress: Progress<'_>,
) -> Result<Verified, StoreError> {
    let path = path.as_ref();
    match Ledger::open(path, Access::Read) {
        Ok(ledger) => ledger.verify(anchors, read, progress),
        Err(error @ StoreError::Newer { .. }) => Ok(Verified::nothing().stopped(newer(path, &error))),
        Err(error @ StoreError::Foreign { .. }) if path.is_file() => {
            Ok(Verified::nothing().stopped(Stop::error(None, &error)))
        }
        Err(error) if error.is_damage() => Ok(Verified::nothing().stopped(Stop::error(None, &error))),
        Err(error) => Err(error),
    }
}

/// A file that says it is of a newer layout. With the tables of ours, that is not so.
fn newer(path: &Path, error: &StoreError) -> Stop {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).at(path);
    match opened.and_then(|connection| schema::difference(&connection, path)) {
        Ok(None) => Stop::bad(None, "it says it is of a newer layout, and its tables are those of this one"),
        Ok(Some(_)) | Err(_) => Stop::Unchecked(error.to_string()),
    }
}

impl Ledger {
    /// Checks everything in the file against everything else, from the bytes up: contents, leaves,
    /// the log, every checkpoint's signature, redactions, claims read again with `read`, and the
    /// tables themselves; then the whole against what `anchors` brings from outside.
    ///
    /// # Errors
    /// When not even a snapshot of the file can be taken. What is wrong in it is a verdict.
    pub fn verify(&self, anchors: &Anchors, read: Read<'_>, progress: Progress<'_>) -> Result<Verified, StoreError> {
        // One snapshot, so that somebody else's writing does not look like tampering.
        let snapshot = self.connection.unchecked_transaction().at(&self.path)?;
        let mut verified = Verified::nothing();
        let mut anchors = anchors.clone();
        let walked = whole::check_tables(self)
            .and_then(|()| log::lay_aside_foreign_key(self, &mut anchors, &mut verified))
            .and_then(|()| log::walk(self, &anchors, read, progress, &mut verified))
            .and_then(|roots| whole::check_rest(self, &verified).map(|()| roots))
            .and_then(|roots| whole::check_pepper(self, &anchors).map(|()| roots));
        drop(snapshot);
        Ok(match walked {
            Ok(roots) => anchor::conclude(verified, &anchors, &roots),
            Err(stop) => verified.stopped(stop),
        })
    }
}
