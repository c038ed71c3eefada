//! Goes through paths and directories in one fixed order, so that the same tree gives the same items.
//! What it leaves out it says: symlinks below a root, hidden entries, whatever is no file. A file or a
//! folder that is the store of another program gives what is in the store.

use super::database::{Database, belongs_to_another};
use super::mlflow::{self, Documents, Folder, Stores};
use super::open::{Found, Opened, open, passed_over, refused, stdin, word};
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
    let named =
        |path: &PathBuf| Ahead { path: path.clone(), found: Found::Named, depth: 0, loose: false, repository: false };
    let ahead = paths.iter().rev().map(named).collect();
    Walk { ahead, limits: *limits, stores: Stores::default(), within: None }
}

struct Ahead {
    path: PathBuf,
    found: Found,
    depth: usize,
    /// Whether anything may lie there.
    loose: bool,
    /// A repository to be read as such, and not a directory to be gone through.
    repository: bool,
}

struct Walk {
    /// What is still to come, the next last.
    ahead: Vec<Ahead>,
    limits: Limits,
    stores: Stores,
    /// The database that is being gone through.
    within: Option<Documents>,
}

impl Iterator for Walk {
    type Item = Result<Item, Refused>;

    fn next(&mut self) -> Option<Result<Item, Refused>> {
        loop {
            if let Some(documents) = &mut self.within {
                match documents.next() {
                    Some(document) => return Some(document),
                    None => self.within = None,
                }
            }
            let next = self.ahead.pop()?;
            match self.visit(next) {
                Ok(None) => {}
                Ok(Some(item)) => return Some(Ok(item)),
                Err(refused) => return Some(Err(refused)),
            }
        }
    }
}

impl Walk {
    fn visit(&mut self, next: Ahead) -> Result<Option<Item>, Refused> {
        let Ahead { path, found, depth, loose, repository } = next;
        if repository {
            return repository::open(&path).map(Some);
        }
        if found == Found::Named && path.as_os_str() == "-" {
            let opened = stdin(&self.limits)?;
            return self.begin(opened, &path);
        }
        let look = if found == Found::Named { fs::metadata(&path) } else { fs::symlink_metadata(&path) };
        let kind = look.map_err(|error| refused(&path, look_failed(&error)))?.file_type();
        if found == Found::Below && hidden(&path) && !(kind.is_dir() && mlflow::is_trash(&path, &self.limits)) {
            return Err(passed_over(&path, "its name begins with a dot: name it to read it"));
        }
        if kind.is_symlink() {
            return Err(passed_over(&path, "is a symlink, which is not followed: name its target to read it"));
        }
        if kind.is_dir() {
            return self.enter(&path, found, depth, loose);
        }
        if kind.is_file() {
            return self.file(&path, found, loose);
        }
        let what = match () {
            () if kind.is_fifo() => word(FileType::Fifo),
            () if kind.is_socket() => word(FileType::Socket),
            () if kind.is_char_device() || kind.is_block_device() => word(FileType::CharacterDevice),
            () => word(FileType::Unknown),
        };
        Err(refused(&path, format!("is {what}")))
    }

    fn file(&mut self, path: &Path, found: Found, loose: bool) -> Result<Option<Item>, Refused> {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        if name == "MLmodel" {
            let model = mlflow::model(path, &mut self.stores, &self.limits);
            return model.map(Some).map_err(|why| refused(path, why));
        }
        if found == Found::Below {
            if mlflow::ENVIRONMENT.contains(&name.as_ref()) && path.with_file_name("MLmodel").is_file() {
                return Ok(None);
            }
            if belongs_to_another(path) {
                return Err(passed_over(path, "belongs to a SQLite database"));
            }
        }
        let opened = open(path, found, &self.limits)?;
        let item = self.begin(opened, path)?;
        Ok(item.map(|item| Item { loose, ..item }))
    }

    /// What was opened, or the first thing of many that are in it.
    fn begin(&mut self, opened: Opened, path: &Path) -> Result<Option<Item>, Refused> {
        let database = match opened {
            Opened::Item(item) => return Ok(Some(item)),
            Opened::Database => Database::of_file(path),
            Opened::Packed(item) => Database::of_stream(item.reader),
        };
        let name = path.display().to_string();
        let documents = database.and_then(|database| mlflow::documents(&name, database));
        self.within = Some(documents.map_err(|why| refused(path, why))?);
        Ok(None)
    }

    fn enter(&mut self, path: &Path, found: Found, depth: usize, loose: bool) -> Result<Option<Item>, Refused> {
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
        let folder = mlflow::folder(path);
        let below = if matches!(repository, Some(Repository::Bare)) { Vec::new() } else { below };
        let ahead = |path, loose, repository| Ahead { path, found: Found::Below, depth: depth + 1, loose, repository };
        for path in below.into_iter().filter(|path| repository.is_none() || *path != dot_git) {
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            if folder.is_some_and(|folder| folder.holds(&name)) {
                continue;
            }
            let loose = loose || folder.is_some() && Folder::is_loose(&name);
            self.ahead.push(ahead(path, loose, false));
        }
        match repository {
            Some(Repository::Beside(git_dir)) => self.ahead.push(ahead(git_dir, loose, true)),
            Some(Repository::Bare) => self.ahead.push(ahead(path.to_owned(), loose, true)),
            Some(Repository::Elsewhere(dot_git)) => {
                return Err(repository::elsewhere(&dot_git, found == Found::Named));
            }
            None => {}
        }
        Ok(folder.map(|folder| folder.document(path, &mut self.stores, &self.limits)))
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
