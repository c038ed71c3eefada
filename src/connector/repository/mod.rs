//! Git repositories, as one stream of JSON lines: their references, annotated tags and commits, with the
//! files of DVC that a commit changed. Nothing is checked out, no configuration is obeyed, no program is
//! run, and nothing outside the repository's own directory is read.

mod gate;
mod history;
mod line;
mod objects;
mod refs;
mod tree;

use super::open::{passed_over, refused};
use super::{Item, Refused};
use std::fs;
use std::path::{Path, PathBuf};

/// What a directory is to git.
pub(super) enum Repository {
    /// It holds a work tree whose repository is in its `.git`.
    Beside(PathBuf),
    /// It is a repository itself.
    Bare,
    /// Its `.git` says that the repository is somewhere else.
    Elsewhere(PathBuf),
}

/// What a directory with these entries is to git; nothing for most.
pub(super) fn found(path: &Path, entries: &[PathBuf]) -> Option<Repository> {
    let dot_git = path.join(".git");
    if entries.contains(&dot_git) {
        return Some(match fs::symlink_metadata(&dot_git) {
            Ok(it) if it.is_dir() && is_git_dir(&dot_git) => Repository::Beside(dot_git),
            Ok(it) if it.is_dir() => return None,
            _ => Repository::Elsewhere(dot_git),
        });
    }
    ["HEAD", "objects", "refs"]
        .iter()
        .all(|name| entries.contains(&path.join(name)))
        .then(|| is_git_dir(path).then_some(Repository::Bare))
        .flatten()
}

fn is_git_dir(path: &Path) -> bool {
    let is_dir = |name: &str| fs::symlink_metadata(path.join(name)).is_ok_and(|it| it.is_dir());
    fs::symlink_metadata(path.join("HEAD")).is_ok_and(|it| it.is_file()) && is_dir("objects") && is_dir("refs")
}

/// A repository that is somewhere else, told as refused to a person who named it.
pub(super) fn elsewhere(dot_git: &Path, named: bool) -> Refused {
    let why = "says that its repository is somewhere else, which is not followed: name that repository to read it";
    if named { refused(dot_git, why) } else { passed_over(dot_git, why) }
}

/// Opens the repository in that directory.
pub(super) fn open(git_dir: &Path) -> Result<Item, Refused> {
    let shown = match git_dir.file_name() {
        Some(name) if name == ".git" => git_dir.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(git_dir),
        _ => git_dir,
    };
    let fail = |why: String| refused(shown, why);
    gate::check(git_dir).map_err(fail)?;
    let state = refs::State::read(git_dir, shown).map_err(fail)?;
    let objects = objects::Objects::open(git_dir, state.hash).map_err(fail)?;
    let reader = Box::new(history::History::new(state, objects));
    Ok(Item::new(shown.display().to_string(), reader, None))
}
