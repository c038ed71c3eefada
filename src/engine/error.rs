//! What can go wrong when layers are composed, each with what to do next. It decides no exit code.

use crate::config::{PathsError, SettingsError};
use crate::graph::{BuildError, Unusable};
use crate::store::StoreError;
use std::path::{Path, PathBuf};

/// Why the engine could not do it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The ledger refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No home directory.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The settings file.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The lineage is too large for one index.
    #[error(transparent)]
    Index(#[from] BuildError),
    /// An index just built cannot be read; a bug.
    #[error("the index that was just built cannot be used ({0}); the ledger itself is untouched")]
    Lineage(#[from] Unusable),
    /// A record could not be compressed.
    #[error("a record could not be compressed: {0}")]
    Packing(std::io::Error),
    /// A question about something that is not there.
    #[error("{0}")]
    Unanswered(String),
    /// A question that makes no sense.
    #[error("{0}")]
    Senseless(String),
    /// A file beside the ledger.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A key file others can read.
    #[error("{}: others can read this key (mode {mode:03o}); run: chmod 600 {}", path.display(), path.display())]
    LooseKey {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A key that is not one.
    #[error("the key of {origin} cannot be used: {why}")]
    Key {
        /// The ledger.
        origin: String,
        /// What is wrong.
        why: String,
    },
    /// This installation holds no key for the ledger, so it cannot append.
    #[error("the signing key of {origin} is not on this machine: it can be read and verified here, not added to. Copy {} from where it was made", file.display())]
    NoKey {
        /// The ledger.
        origin: String,
        /// Where the key should lie.
        file: PathBuf,
    },
    /// The pepper is not the one that the ledger's secrets were fingerprinted with.
    #[error("cannot tell: secrets were fingerprinted under another key (pepper id {id}), and {} {why}; restore it from a backup: nothing is looked up or added under another", file.display())]
    Pepper {
        /// The id of the ledger's pepper.
        id: String,
        /// Where the pepper should lie.
        file: PathBuf,
        /// What is there instead.
        why: String,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes, so no key can be made")]
    NoRandomness,
    /// Nothing there.
    #[error("there is no ledger at {} yet: import something, or try the demo: lastgood demo", path.display())]
    NoLedger {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The format that `--as` names does not exist.
    #[error("\"{asked}\" is not a format; there are: {known}")]
    NoSuchFormat {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: String,
    },
    /// `--strict`, and something could not be read: nothing was stored.
    #[error("nothing was stored: {count} could not be read, the first: {first}")]
    Strict {
        /// How many.
        count: u64,
        /// The first.
        first: String,
    },
    /// A claim, record or mark that is not there.
    #[error("there is no {what}")]
    NoSuch {
        /// What was asked for.
        what: String,
    },
    /// A statement could not be signed; nothing was recorded.
    #[error("nothing was recorded: it could not be signed with {}: {why}; load the key into an agent (ssh-add), or take signing-key out of the settings", key.display())]
    Signing {
        /// The key.
        key: PathBuf,
        /// What ssh-keygen says.
        why: String,
    },
    /// What a case does not allow; nothing was recorded.
    #[error("{0}")]
    Case(String),
    /// Another receiver writes to the ledger.
    #[error("{}: another `lastgood serve`{} receives into this ledger already, and of two neither would see what contradicts the other: send to that one, or stop it first", path.display(), by.map_or_else(String::new, |by| format!(" (process {by})")))]
    Received {
        /// The ledger.
        path: PathBuf,
        /// The process that does.
        by: Option<u32>,
    },
    /// The question was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// A part of the program stopped; a bug.
    #[error("{0} stopped unexpectedly; the ledger is as it was after its last batch")]
    Stopped(&'static str),
}

impl EngineError {
    /// An error of the file system at `path`.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> EngineError {
        EngineError::Io { path: path.to_owned(), source }
    }
}
