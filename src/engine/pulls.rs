//! How far each source was pulled: when, what it refused, where to go on. It lies beside no ledger and can be
//! deleted: all it costs is to look at everything once more, since what is held is told from the ledger itself.

use crate::config::Home;
use crate::engine::lock::{self, Lock};
use crate::engine::{EngineError, keyring};
use crate::model::Time;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

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
    /// Since when each look failed.
    pub failing: Option<Time>,
    /// Where the next look goes on; in a file of its own, since there may be one for every object.
    #[serde(skip)]
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

/// Takes the turn of pulling a source, held until what this gives is dropped; nothing while another has it.
///
/// # Errors
/// When the folder for it cannot be written.
pub(super) fn turn(home: &Home, origin: &str, source: &str) -> Result<Option<File>, EngineError> {
    let path = file(home, origin, source).with_extension("turn");
    if let Some(folder) = path.parent() {
        keyring::make_folder(folder)?;
    }
    Ok(match lock::ask(&path)? {
        Lock::Ours(file) => Some(file),
        Lock::Theirs(_) => None,
    })
}

/// The longest of these files, in bytes: cursors of some millions of objects.
const LONGEST: u64 = 512 << 20;

fn read<T: Default + DeserializeOwned>(path: &Path) -> T {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
    read.ok().and_then(|_| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Where the cursors lie, beside what else is known.
fn cursors(state: &Path) -> PathBuf {
    state.with_extension("cursors")
}

/// What came of the looks at a source, without where the next one goes on; nothing known where the file is lost or
/// broken.
pub(super) fn state(home: &Home, origin: &str, source: &str) -> Pulled {
    read(&file(home, origin, source))
}

/// All that is known of a source.
pub(super) fn load(home: &Home, origin: &str, source: &str) -> Pulled {
    let cursors = read(&cursors(&file(home, origin, source)));
    Pulled { cursors, ..state(home, origin, source) }
}

/// Keeps it, each file whole or not at all.
pub(super) fn keep(home: &Home, origin: &str, source: &str, pulled: &Pulled) -> Result<(), EngineError> {
    let state = file(home, origin, source);
    keyring::keep_choice(&cursors(&state), &serde_json::to_string(&pulled.cursors).unwrap_or_default())?;
    keyring::keep_choice(&state, &serde_json::to_string(pulled).unwrap_or_default())
}

/// Forgets it.
pub(super) fn forget(home: &Home, origin: &str, source: &str) {
    let state = file(home, origin, source);
    for path in [cursors(&state), state] {
        // Gone already is as good.
        std::fs::remove_file(path).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_cursors_as_a_large_server_needs_are_kept_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::below(folder.path());
        let cursors: BTreeMap<String, String> =
            (0..60_000).map(|n| (format!("models_used/{n:032x}"), format!("FINISHED/{n:013}/active []"))).collect();
        let known = Pulled { requests: 7, cursors: cursors.clone(), ..Pulled::default() };
        keep(&home, "lastgood/0123456789abcdef", "live", &known).unwrap();
        let read = load(&home, "lastgood/0123456789abcdef", "live");
        assert_eq!((read.requests, read.cursors.len()), (7, 60_000));
        assert!(read.cursors == cursors);
        assert_eq!(state(&home, "lastgood/0123456789abcdef", "live").requests, 7);
        forget(&home, "lastgood/0123456789abcdef", "live");
        assert_eq!(load(&home, "lastgood/0123456789abcdef", "live"), Pulled::default());
    }
}
