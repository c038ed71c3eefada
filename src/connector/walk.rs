//! Goes through paths and directories in one fixed order, so that the same tree gives the same items.
//! What it leaves out it says: symlinks below a root, hidden entries, whatever is no file.

use super::open::{Found, open, passed_over, refused, stdin, word};
use super::repository::{self, Repository};
use super::{Item, Limits, Refused};
use rustix::fs::FileType;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// The files that paths lead to, each opened when its turn comes. `-` is standard input. Directories
/// are gone through in the byte order of their names; symlinks in them are not followed, and entries
/// whose names begin with a dot are passed over. Both are told as [`Refused`] with `passed_over`. A
/// directory with a git repository gives that first, as one item, and its `.git` never as files.
pub fn walk(paths: &[PathBuf], limits: &Limits) -> impl Iterator<Item = Result<Item, Refused>> + use<> {
    let ahead =
        paths.iter().rev().map(|path| Ahead { path: path.clone(), found: Found::Named, depth: 0, repository: false });
    let ahead = ahead.collect();
    Walk { ahead, limits: *limits }
}

struct Ahead {
    path: PathBuf,
    found: Found,
    depth: usize,
    /// A repository to be read as such, and not a directory to be gone through.
    repository: bool,
}

struct Walk {
    /// What is still to come, the next last.
    ahead: Vec<Ahead>,
    limits: Limits,
}

impl Iterator for Walk {
    type Item = Result<Item, Refused>;

    fn next(&mut self) -> Option<Result<Item, Refused>> {
        while let Some(next) = self.ahead.pop() {
            if next.found == Found::Named && next.path.as_os_str() == "-" {
                return Some(stdin(&self.limits));
            }
            match self.visit(next) {
                Ok(None) => {}
                Ok(Some(item)) => return Some(Ok(item)),
                Err(refused) => return Some(Err(refused)),
            }
        }
        None
    }
}

impl Walk {
    fn visit(&mut self, next: Ahead) -> Result<Option<Item>, Refused> {
        let Ahead { path, found, depth, repository } = next;
        if repository {
            return repository::open(&path).map(Some);
        }
        let look = if found == Found::Named { fs::metadata(&path) } else { fs::symlink_metadata(&path) };
        let kind = look.map_err(|error| refused(&path, look_failed(&error)))?.file_type();
        if found == Found::Below && hidden(&path) {
            return Err(passed_over(&path, "its name begins with a dot: name it to read it"));
        }
        if kind.is_symlink() {
            return Err(passed_over(&path, "is a symlink, which is not followed: name its target to read it"));
        }
        if kind.is_dir() {
            return self.enter(&path, found, depth).map(|()| None);
        }
        if kind.is_file() {
            return open(&path, found, &self.limits).map(Some);
        }
        let what = match () {
            () if kind.is_fifo() => word(FileType::Fifo),
            () if kind.is_socket() => word(FileType::Socket),
            () if kind.is_char_device() || kind.is_block_device() => word(FileType::CharacterDevice),
            () => word(FileType::Unknown),
        };
        Err(refused(&path, format!("is {what}")))
    }

    fn enter(&mut self, path: &Path, found: Found, depth: usize) -> Result<(), Refused> {
        if depth >= self.limits.depth {
            return Err(refused(path, format!("is nested more than {} directories deep", self.limits.depth)));
        }
        let list = fs::read_dir(path).map_err(|error| refused(path, look_failed(&error)))?;
        let mut below = Vec::new();
        for entry in list {
            below.push(entry.map_err(|error| refused(path, error.to_string()))?.path());
            if below.len() > self.limits.entries {
                return Err(refused(path, format!("has more than {} entries", self.limits.entries)));
            }
        }
        below.sort_by(|a, b| b.as_os_str().as_bytes().cmp(a.as_os_str().as_bytes()));
        let repository = repository::found(path, &below);
        let dot_git = path.join(".git");
        let below = match &repository {
            Some(Repository::Bare) => Vec::new(),
            Some(_) => below.into_iter().filter(|path| *path != dot_git).collect(),
            None => below,
        };
        let ahead = |repository, path| Ahead { path, found: Found::Below, depth: depth + 1, repository };
        self.ahead.extend(below.into_iter().map(|path| ahead(false, path)));
        match repository {
            Some(Repository::Beside(git_dir)) => self.ahead.push(ahead(true, git_dir)),
            Some(Repository::Bare) => self.ahead.push(ahead(true, path.to_owned())),
            Some(Repository::Elsewhere(dot_git)) => {
                return Err(repository::elsewhere(&dot_git, found == Found::Named));
            }
            None => {}
        }
        Ok(())
    }
}

fn hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"."))
}

fn look_failed(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "may not be read by this user".to_owned(),
        _ => error.to_string(),
    }
}
