//! Handing the newest checkpoint to places outside the ledger: a file, or a tag in a git repository of this machine. What
//! a place is worth, whoever keeps it decides; nothing is sent anywhere.

use crate::config::{Home, Settings};
use crate::engine::{Engine, EngineError, keyring};
use crate::proof::checkpoint::Checkpoint;
use crate::store::{Ledger, heads};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where a checkpoint can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeper {
    /// A file of its own, replaced when the log has grown.
    File(PathBuf),
    /// A git repository: a tag for each size, each on the note itself.
    Git(PathBuf),
    /// The standard output.
    Output,
}

impl Keeper {
    /// Reads `FILE`, `git:REPOSITORY` or `-`.
    pub fn parse(text: &str) -> Keeper {
        match text.strip_prefix("git:") {
            Some(repository) => Keeper::Git(repository.into()),
            None if text == "-" => Keeper::Output,
            None => Keeper::File(text.into()),
        }
    }
}

/// Why a place does not take a checkpoint.
fn refused(place: &Path, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> EngineError {
    EngineError::io(place, std::io::Error::other(why))
}

impl Engine {
    /// The newest signed checkpoint, as text for somebody else to keep.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn checkpoint(&self) -> Result<String, EngineError> {
        Ok(self.reader().checkpoint_note()?)
    }

    /// Puts the newest checkpoint where it is to be kept, unless it is there. What keeps another history or another
    /// log is left as it is. For the standard output there is nothing to do here.
    ///
    /// # Errors
    /// When the ledger cannot be read, or the place does not take it.
    pub fn keep_checkpoint(&self, keeper: &Keeper) -> Result<(), EngineError> {
        let note = self.checkpoint()?;
        match keeper {
            Keeper::File(path) => in_file(path, &note),
            Keeper::Git(repository) => in_git(repository, &note),
            Keeper::Output => Ok(()),
        }
    }

    /// Up to which record a checkpoint vouches that the settings say somebody else keeps; 0 for none. It is held to
    /// what was signed here: whether that is what is stored, `verify` tells.
    pub fn anchored_to(&self) -> u64 {
        let ledger = self.reader();
        match Settings::load(&self.home.settings()) {
            Ok(settings) if !settings.anchors.is_empty() => anchored_to(&self.home, &ledger, &settings.anchors),
            _ => 0,
        }
    }
}

fn anchored_to(home: &Home, ledger: &Ledger, anchors: &[PathBuf]) -> u64 {
    let (Some(key), _) = keyring::verifier(home, ledger.origin()) else { return 0 };
    let fits = |path: &PathBuf| {
        let kept = heads::load(path).ok()??;
        let kept = Checkpoint::open(&kept.note, &key).ok()?;
        (ledger.root_at(kept.size).ok()? == Some(kept.root)).then_some(kept.size)
    };
    anchors.iter().filter(|path| !super::verify::is_ours(home, path)).filter_map(fits).max().unwrap_or(0)
}

/// Puts a note into a file. One that is there is replaced only by a later one of the same log.
fn in_file(path: &Path, note: &str) -> Result<(), EngineError> {
    let new = Checkpoint::stated(note).map_err(|why| refused(path, why.to_string()))?;
    if let Some(kept) = heads::load(path)? {
        if kept.note == note {
            return Ok(());
        }
        let old = Checkpoint::stated(&kept.note)
            .map_err(|_| refused(path, "is no checkpoint, and is left as it is; give another file"))?;
        if old.origin != new.origin {
            return Err(refused(path, format!("keeps a checkpoint of the log {}; give another file", old.origin)));
        }
        if old.size > new.size || (old.size == new.size && old.root != new.root) {
            let why = format!("keeps another or a later state, of {} records: run lastgood verify --anchor", old.size);
            return Err(refused(path, format!("{why} {}", path.display())));
        }
    }
    Ok(heads::keep(path, note)?)
}

/// Puts a note into a repository as a tag on a blob: that needs no name to commit under, and changes no branch. It is
/// written by git itself, which alone knows how this repository keeps its objects and references.
fn in_git(repository: &Path, note: &str) -> Result<(), EngineError> {
    let new = Checkpoint::stated(note).map_err(|why| refused(repository, why.to_string()))?;
    let tag = format!("refs/tags/{}/{}", new.origin, new.size);
    if let Ok(kept) = git(repository, &["cat-file", "blob", &tag], None) {
        if kept == note {
            return Ok(());
        }
        let why = format!("the tag {} keeps another history: run lastgood verify with it as an anchor", &tag[10..]);
        return Err(refused(repository, why));
    }
    let blob = git(repository, &["hash-object", "-w", "--stdin"], Some(note))?;
    // the empty old value says that there must be no such tag yet
    git(repository, &["update-ref", "-m", "lastgood checkpoint", &tag, blob.trim(), ""], None)?;
    Ok(())
}

fn git(repository: &Path, arguments: &[&str], input: Option<&str>) -> Result<String, EngineError> {
    let failed = |why: String| refused(repository, why);
    let mut command = Command::new("git");
    // neither another repository that a variable names, nor a program that this one names
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"] {
        command.env_remove(name);
    }
    command.args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-C"]).arg(repository);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => failed("git is not installed".to_owned()),
        _ => failed(format!("git cannot be run: {error}")),
    })?;
    if let Some(mut stdin) = child.stdin.take() {
        // what it makes of too little it says itself
        stdin.write_all(input.unwrap_or_default().as_bytes()).unwrap_or_default();
    }
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed(said.lines().next().unwrap_or("git gave no reason").to_owned()));
    }
    String::from_utf8(output.stdout).map_err(|_| failed("git printed no text".to_owned()))
}
