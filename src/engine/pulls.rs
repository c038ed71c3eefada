//! How far each source was pulled: when, what it refused, where to go on. It lies beside no ledger and can be
//! deleted: all it costs is to look at everything once more, since what is held is told from the ledger itself.

use crate::config::Home;
use crate::engine::{EngineError, keyring};
use crate::model::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

/// A place of a source that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Where: `gateway/secrets`.
    pub place: String,
    /// Why, in its words, and what to do.
    pub why: String,
}

/// What came of the last looks at a source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Pulled {
    /// When it was last looked at.
    pub tried: Option<Time>,
    /// When the last look began that saw everything it may see.
    pub succeeded: Option<Time>,
    /// Why the last look ended early.
    pub error: Option<String>,
    /// Whether the last look ended early because somebody stopped it.
    pub stopped: bool,
    /// What the last look showed to contradict the looks before, of a ledger.
    pub contradicts: Option<String>,
    /// What it does not let us look at.
    pub refused: Vec<Place>,
    /// What could not be read.
    pub failed: Vec<Place>,
    /// How many requests the last look took.
    pub requests: u64,
    /// Where the next look goes on.
    pub cursors: BTreeMap<String, String>,
    /// What was looked at by itself, and when.
    pub around: BTreeMap<String, Time>,
}

/// Things of which it is remembered that they were looked at by themselves.
const AROUND: usize = 2000;

impl Pulled {
    /// Remembers that a thing was looked at by itself; the oldest such looks are forgotten.
    pub(super) fn looked_around(&mut self, what: &str, at: Time) {
        self.around.insert(what.to_owned(), at);
        while self.around.len() > AROUND {
            let oldest = self.around.iter().min_by_key(|(_, at)| **at).map(|(what, _)| what.clone());
            oldest.and_then(|what| self.around.remove(&what));
        }
    }
}

fn file(home: &Home, origin: &str, source: &str) -> PathBuf {
    let harmless: String =
        source.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    home.pulls().join(origin.replace('/', "-")).join(format!("{harmless}.json"))
}

/// Held by whoever pulls a source, until it is dropped or its process ends.
pub(super) struct Turn {
    _file: std::fs::File,
}

/// Takes the turn of pulling a source; nothing while another has it, here or in another process.
///
/// # Errors
/// When the folder for it cannot be written.
pub(super) fn turn(home: &Home, origin: &str, source: &str) -> Result<Option<Turn>, EngineError> {
    let path = file(home, origin, source).with_extension("turn");
    if let Some(folder) = path.parent() {
        keyring::make_folder(folder)?;
    }
    let opened = std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let opened = opened.map_err(|error| EngineError::io(&path, error))?;
    match rustix::fs::flock(&opened, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(Turn { _file: opened })),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(EngineError::io(&path, error.into())),
    }
}

/// What is known of a source; nothing known where the file is lost or broken.
pub(super) fn load(home: &Home, origin: &str, source: &str) -> Pulled {
    let text = crate::config::read_text(&file(home, origin, source)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Keeps it, whole or not at all.
pub(super) fn keep(home: &Home, origin: &str, source: &str, pulled: &Pulled) -> Result<(), EngineError> {
    let text = serde_json::to_string(pulled).unwrap_or_default();
    keyring::keep_choice(&file(home, origin, source), &text)
}

/// Forgets it.
pub(super) fn forget(home: &Home, origin: &str, source: &str) {
    // Gone already is as good.
    std::fs::remove_file(file(home, origin, source)).unwrap_or_default();
}
