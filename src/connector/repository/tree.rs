//! The files of DVC that a commit changed, found by their names in its tree, with the small files that they
//! name. What is alike in a parent is not looked into, and how much is looked at is bounded.

use super::line::Files;
use super::objects::Objects;
use gix_hash::ObjectId;
use gix_object::{Kind, TreeRefIter, tree::EntryKind};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Entries of trees that are looked at for one commit.
const MOST_ENTRIES: usize = 1_000_000;
/// Files of DVC that one commit may change, and the bytes of their paths.
const MOST_FOUND: usize = 20_000;
const MOST_PATHS: usize = 2 << 20;
const DEEPEST: usize = 64;
/// The longest file that is taken, and how much of one commit.
const LONGEST: u64 = 2 << 20;
const MOST_BYTES: u64 = 8 << 20;
/// Words of a pipeline's file that are tried as names of files.
const MOST_WORDS: usize = 2_000;
/// Trees known to hold nothing of DVC are remembered up to this many.
const MOST_BARREN: usize = 500_000;

/// One entry of a tree.
#[derive(Clone)]
struct Entry {
    id: ObjectId,
    is_tree: bool,
}

/// Looks into trees.
#[derive(Default)]
pub(super) struct Trees {
    barren: HashSet<ObjectId>,
}

/// One look into one commit.
struct Look<'a> {
    objects: &'a Objects,
    files: Files,
    bytes: u64,
    entries: usize,
    paths: usize,
}

impl<'a> Look<'a> {
    fn new(objects: &'a Objects) -> Look<'a> {
        Look { objects, files: Files::default(), bytes: 0, entries: 0, paths: 0 }
    }
}

impl Trees {
    /// The files of DVC in a tree that none of the parents' trees has alike.
    pub(super) fn changed(&mut self, objects: &Objects, tree: ObjectId, parents: &[ObjectId]) -> Files {
        let mut look = Look::new(objects);
        let mut found = BTreeMap::new();
        if let Err(why) = self.walk(&mut look, tree, parents, "", 0, &mut found) {
            look.files.left_out.insert("/".to_owned(), why);
        }
        look.take_all(&found);
        look.files.changed.extend(found.keys().cloned());
        let pipelines = found.keys().filter(|path| is_pipeline(name_of(path))).map(|path| folder_of(path).to_owned());
        let folders: BTreeSet<String> = pipelines.collect();
        for folder in folders {
            look.pipeline(tree, &folder);
        }
        look.files
    }

    /// What says of the artefacts that a tag names which files they are.
    pub(super) fn described(&mut self, objects: &Objects, tree: ObjectId, folder: &str) -> Files {
        let mut look = Look::new(objects);
        look.pipeline(tree, folder);
        look.by_name(tree, folder, "artifacts.yaml");
        look.pointers(tree, folder);
        look.files
    }

    /// Gives whether nothing of DVC is anywhere in the tree.
    fn walk(
        &mut self,
        look: &mut Look<'_>,
        tree: ObjectId,
        parents: &[ObjectId],
        below: &str,
        depth: usize,
        found: &mut BTreeMap<String, ObjectId>,
    ) -> Result<bool, String> {
        if self.barren.contains(&tree) {
            return Ok(true);
        }
        if parents.contains(&tree) {
            return Ok(false);
        }
        if depth > DEEPEST {
            return Err(format!(
                "{below} is nested more than {DEEPEST} directories deep; what is below is not searched"
            ));
        }
        let own = look.entries(tree)?;
        let mut theirs = Vec::new();
        for parent in parents {
            theirs.push(look.entries(*parent).unwrap_or_default());
        }
        let mut barren = true;
        for (name, entry) in own {
            let path = format!("{below}{name}");
            let before: Vec<ObjectId> = theirs
                .iter()
                .filter_map(|it| it.get(&name))
                .filter(|it| it.is_tree == entry.is_tree)
                .map(|it| it.id)
                .collect();
            if entry.is_tree {
                barren &= self.walk(look, entry.id, &before, &format!("{path}/"), depth + 1, found)?;
            } else if is_dvc(&path) {
                barren = false;
                if !before.contains(&entry.id) {
                    look.paths += path.len();
                    if found.len() >= MOST_FOUND || look.paths > MOST_PATHS {
                        return Err(format!("more than {MOST_FOUND} files of DVC; what is beyond is not searched"));
                    }
                    found.insert(path, entry.id);
                }
            }
        }
        if barren {
            if self.barren.len() >= MOST_BARREN {
                self.barren.clear();
            }
            self.barren.insert(tree);
        }
        Ok(barren)
    }
}

impl Look<'_> {
    fn entries(&mut self, tree: ObjectId) -> Result<BTreeMap<String, Entry>, String> {
        let mut buffer = Vec::new();
        let data = self.objects.read(&tree, Kind::Tree, &mut buffer)?;
        let mut entries = BTreeMap::new();
        for entry in TreeRefIter::from_bytes(data, self.objects.hash) {
            let entry = entry.map_err(|_| format!("{tree} is no tree that can be read"))?;
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                return Err(format!("more than {MOST_ENTRIES} entries; what is beyond is not searched"));
            }
            let kind = entry.mode.kind();
            let is_tree = kind == EntryKind::Tree;
            if is_tree || matches!(kind, EntryKind::Blob | EntryKind::BlobExecutable) {
                let name = String::from_utf8_lossy(entry.filename).into_owned();
                entries.insert(name, Entry { id: entry.oid.to_owned(), is_tree });
            }
        }
        Ok(entries)
    }

    /// The file at a path that goes down from a tree.
    fn at(&mut self, tree: ObjectId, path: &str) -> Option<ObjectId> {
        let mut tree = tree;
        let mut parts = path.split('/').filter(|part| !part.is_empty()).peekable();
        while let Some(part) = parts.next() {
            let entry = self.entries(tree).ok()?.get(part)?.clone();
            match (entry.is_tree, parts.peek()) {
                (true, Some(_)) => tree = entry.id,
                (false, None) => return Some(entry.id),
                _ => return None,
            }
        }
        None
    }

    fn take_all(&mut self, found: &BTreeMap<String, ObjectId>) {
        for (path, id) in found {
            self.take(path, *id);
        }
    }

    fn take(&mut self, path: &str, id: ObjectId) {
        if self.files.taken.contains_key(path) || self.files.left_out.contains_key(path) {
            return;
        }
        match self.text(id) {
            Ok(text) => drop(self.files.taken.insert(path.to_owned(), text)),
            Err(why) => drop(self.files.left_out.insert(path.to_owned(), why)),
        }
    }

    fn text(&mut self, id: ObjectId) -> Result<String, String> {
        let size = self.objects.size(&id)?;
        if size > LONGEST || self.bytes + size > MOST_BYTES {
            return Err(format!("has {size} bytes, more than is taken of one commit"));
        }
        self.bytes += size;
        let mut buffer = Vec::new();
        let data = self.objects.read(&id, Kind::Blob, &mut buffer)?;
        String::from_utf8(data.to_vec())
            .map_err(|error| format!("byte {}: not UTF-8", error.utf8_error().valid_up_to() + 1))
    }

    fn by_name(&mut self, tree: ObjectId, folder: &str, name: &str) -> Option<&str> {
        let path = joined(folder, name)?;
        if !self.files.taken.contains_key(&path) {
            let id = self.at(tree, &path)?;
            self.take(&path, id);
        }
        self.files.taken.get(&path).map(String::as_str)
    }

    /// The two files of a pipeline, and the parameters and metrics that git keeps for it.
    fn pipeline(&mut self, tree: ObjectId, folder: &str) {
        for word in self.words(tree, folder) {
            if is_values(&word)
                && let Some(path) = joined(folder, &word)
                && let Some(id) = self.at(tree, &path)
            {
                self.take(&path, id);
            }
        }
    }

    /// Files that stand for data beside what a pipeline or a list of artefacts names.
    fn pointers(&mut self, tree: ObjectId, folder: &str) {
        for word in self.words(tree, folder) {
            if let Some(path) = joined(folder, &format!("{}.dvc", word.trim_end_matches('/')))
                && let Some(id) = self.at(tree, &path)
            {
                self.take(&path, id);
            }
        }
    }

    fn words(&mut self, tree: ObjectId, folder: &str) -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        for name in ["dvc.yaml", "dvc.lock"] {
            if let Some(text) = self.by_name(tree, folder, name) {
                let separators = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']' | '{' | '}');
                let parts = text
                    .split(separators)
                    .map(|word| word.trim_end_matches(':'))
                    .filter(|word| word.contains(['.', '/']));
                words.extend(parts.take(MOST_WORDS).map(str::to_owned));
            }
        }
        words
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_pipeline(name: &str) -> bool {
    matches!(name, "dvc.yaml" | "dvc.lock")
}

fn is_dvc(path: &str) -> bool {
    let name = name_of(path);
    is_pipeline(name)
        || (name.len() > ".dvc".len() && name.ends_with(".dvc"))
        || path == ".dvc/config"
        || path.ends_with("/.dvc/config")
}

/// Files that may hold parameters or metrics.
fn is_values(name: &str) -> bool {
    [".json", ".yaml", ".yml", ".toml"].iter().any(|end| name.ends_with(end))
}

/// A path written in a file of that folder; nothing for one that leads out of the tree.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if path.starts_with('/') || path.len() > 4096 {
        return None;
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_within_the_tree() {
        assert_eq!(joined("a/b", "../metrics.json").as_deref(), Some("a/metrics.json"));
        assert_eq!(joined("a", "../../x"), None);
        assert_eq!(joined("", "/etc/passwd"), None);
        assert!(is_dvc("data/raw.csv.dvc") && is_dvc(".dvc/config") && is_dvc("a/dvc.lock"));
        assert!(!is_dvc(".dvc") && !is_dvc("a/dvc.yaml.txt"));
    }
}
