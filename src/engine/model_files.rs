//! A folder on this machine compared with the files of a model as they were signed. It only reads, and
//! follows no symlink out of the folder.

use crate::engine::EngineError;
use crate::import::attestation::model_signing::{SignedFile, SignedFiles};
use crate::investigate::rows::{FileRow, FilesRow};
use crate::proof::digest::{FileHash, sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Deeper than any model lies.
const DEEPEST: usize = 64;
/// The most files of a folder.
const MOST: usize = 1_000_000;
/// What the signing tool leaves out of its own accord.
const OF_GIT: [&str; 4] = [".git", ".gitattributes", ".github", ".gitignore"];
/// A signature is never longer.
const LONGEST_SIGNATURE: u64 = 64 << 20;

/// What is compared.
pub(super) struct Comparison<'c> {
    /// The folder, or the file where the model is one.
    pub(super) folder: &'c Path,
    /// What was signed.
    pub(super) signed: &'c SignedFiles,
    /// More paths to leave out.
    pub(super) ignore: &'c [PathBuf],
    /// The signature itself, which may lie in the folder.
    pub(super) signature: &'c [u8],
}

/// Files of the folder, by their paths in it.
#[derive(Default)]
struct Folder {
    files: BTreeMap<String, PathBuf>,
    refused: Vec<FileRow>,
    left_out: Vec<String>,
}

/// What a file was signed as: one digest, or those of its parts in order.
type Expected<'s> = Vec<&'s SignedFile>;

impl Comparison<'_> {
    /// Compares.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(super) fn run(&self, claim: &str, signature: &str) -> Result<FilesRow, EngineError> {
        let folder = self.look()?;
        let mut expected: BTreeMap<&str, Expected<'_>> = BTreeMap::new();
        for file in &self.signed.files {
            expected.entry(&file.path).or_default().push(file);
        }
        let mut differing = folder.refused;
        let (mut same, mut removed, mut added) = (0, Vec::new(), BTreeSet::new());
        for (path, parts) in &expected {
            let Some(file) = folder.files.get(*path) else {
                removed.push(*path);
                continue;
            };
            match holds(file, parts) {
                Ok(true) => same += 1,
                Ok(false) => differing.push(row(path, "changed", None)),
                Err(why) => differing.push(row(path, "refused", Some(why))),
            }
        }
        for (path, file) in &folder.files {
            let empty = self.signed.parts && fs::metadata(file).is_ok_and(|it| it.len() == 0);
            if !expected.contains_key(path.as_str()) && !empty {
                added.insert(path.clone());
            }
        }
        // What is gone under one name may be there under another.
        for path in removed {
            let parts = expected.get(path).map_or(&[][..], Vec::as_slice);
            let other = |it: &&String| folder.files.get(*it).is_some_and(|file| holds(file, parts) == Ok(true));
            match added.iter().find(other).cloned() {
                Some(now) => {
                    added.remove(&now);
                    differing.push(row(&now, "renamed", Some(path.to_owned())));
                }
                None => differing.push(row(path, "removed", None)),
            }
        }
        differing.extend(added.iter().map(|path| row(path, "added", None)));
        differing.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(FilesRow {
            folder: self.folder.display().to_string(),
            claim: claim.to_owned(),
            signature: signature.to_owned(),
            equal: differing.is_empty(),
            same,
            differing,
            left_out: folder.left_out,
        })
    }

    fn look(&self) -> Result<Folder, EngineError> {
        let io = |error| EngineError::io(self.folder, error);
        let root = fs::canonicalize(self.folder).map_err(io)?;
        let mut found = Folder::default();
        if fs::metadata(&root).map_err(io)?.is_file() {
            found.files.insert(".".to_owned(), root);
            return Ok(found);
        }
        let mut ahead = vec![(root.clone(), String::new(), 0_usize)];
        while let Some((folder, below, depth)) = ahead.pop() {
            for entry in fs::read_dir(&folder).map_err(|error| EngineError::io(&folder, error))? {
                let entry = entry.map_err(|error| EngineError::io(&folder, error))?;
                let name = entry.file_name();
                let shown = String::from_utf8_lossy(name.as_bytes());
                let path = if below.is_empty() { shown.into_owned() } else { format!("{below}/{shown}") };
                if self.is_ignored(&path) {
                    found.left_out.push(path);
                    continue;
                }
                let kind = entry.file_type().map_err(|error| EngineError::io(&entry.path(), error))?;
                if kind.is_symlink() {
                    self.symlink(&root, &entry.path(), path, &mut found);
                } else if kind.is_dir() && depth < DEEPEST {
                    ahead.push((entry.path(), path, depth + 1));
                } else if kind.is_dir() {
                    found.refused.push(row(&path, "refused", Some(format!("more than {DEEPEST} folders deep"))));
                } else if !kind.is_file() {
                    found.refused.push(row(&path, "refused", Some("neither a file nor a folder".to_owned())));
                } else if self.is_signature(&entry.path()) {
                    found.left_out.push(format!("{path} (the signature itself)"));
                } else {
                    found.files.insert(path, entry.path());
                }
                if found.files.len() > MOST {
                    return Err(EngineError::Senseless(format!("{}: more than {MOST} files", self.folder.display())));
                }
            }
        }
        found.left_out.sort();
        Ok(found)
    }

    fn symlink(&self, root: &Path, link: &Path, path: String, found: &mut Folder) {
        let refuse = |why: &str| row(&path, "refused", Some(why.to_owned()));
        match fs::canonicalize(link) {
            _ if !self.signed.symlinks => found.refused.push(refuse("a symlink, and the signature allows none")),
            Err(_) => found.refused.push(refuse("a symlink that leads nowhere")),
            Ok(target) if !target.starts_with(root) => {
                found.refused.push(refuse("a symlink out of the folder, which is not followed"));
            }
            Ok(target) if target.is_dir() => {
                found.refused.push(refuse("a symlink to a folder, which is not followed"));
            }
            Ok(target) => {
                found.files.insert(path, target);
            }
        }
    }

    /// Whether a path is left out, or lies below one that is.
    fn is_ignored(&self, path: &str) -> bool {
        let below = |ignored: &str| {
            let ignored = ignored.trim_start_matches("./").trim_end_matches('/');
            path.strip_prefix(ignored).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let more = self.ignore.iter().map(|it| it.to_string_lossy().into_owned());
        let all = self.signed.ignored.iter().cloned().chain(more).chain(OF_GIT.map(str::to_owned));
        all.into_iter().any(|ignored| !ignored.is_empty() && ignored != "." && below(&ignored))
    }

    fn is_signature(&self, file: &Path) -> bool {
        let as_long = fs::metadata(file).is_ok_and(|it| it.len() <= LONGEST_SIGNATURE && !self.signature.is_empty());
        let unsigned = !self.signed.files.iter().any(|it| file.ends_with(&it.path));
        as_long
            && unsigned
            && fs::read(file)
                .is_ok_and(|bytes| sha256(bytes.trim_ascii_end()) == sha256(self.signature.trim_ascii_end()))
    }
}

fn row(path: &str, change: &'static str, detail: Option<String>) -> FileRow {
    FileRow { path: path.to_owned(), change, detail }
}

/// Whether a file is the signed one; an error says why that cannot be told.
fn holds(path: &Path, parts: &[&SignedFile]) -> Result<bool, String> {
    let told = |error: io::Error| format!("cannot be read: {error}");
    let mut file = File::open(path).map_err(told)?;
    let mut parts = parts.to_vec();
    parts.sort_by_key(|it| it.part);
    let mut expected = 0;
    for part in parts {
        let mut hash = FileHash::begin(&part.hash).ok_or_else(|| format!("hash {} is not made here", part.hash))?;
        let length = match part.part {
            Some((start, end)) if start == expected && end > start => end - start,
            Some(_) => return Err("its signed parts do not follow one another".to_owned()),
            None => u64::MAX,
        };
        let got = take(&mut file, length, &mut hash).map_err(told)?;
        expected += got;
        if part.part.is_some_and(|(start, end)| end - start != got) || hash.finish() != part.digest {
            return Ok(false);
        }
    }
    // Nothing may follow what was signed.
    let mut rest = [0; 1];
    Ok(file.read(&mut rest).map_err(told)? == 0)
}

/// Hashes as many bytes as there are, up to `length`.
fn take(file: &mut File, length: u64, hash: &mut FileHash) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 20];
    let mut taken = 0;
    while taken < length {
        let room = usize::try_from(length - taken).unwrap_or(usize::MAX).min(buffer.len());
        let got = file.read(buffer.get_mut(..room).unwrap_or_default())?;
        if got == 0 {
            break;
        }
        hash.update(buffer.get(..got).unwrap_or_default());
        taken += got as u64;
    }
    Ok(taken)
}
