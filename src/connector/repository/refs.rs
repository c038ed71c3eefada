//! What a repository says of itself outside its objects: references, packed and loose, where `HEAD` is, the
//! address it was cloned from, where its history was cut off. Of the configuration it takes three values and
//! obeys nothing.

use super::gate::{DEEPEST, small};
use super::objects::id_of;
use gix_hash::{Kind as Hash, ObjectId};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The longest file of a single reference, of the configuration, of packed references and of cut-off commits.
const REFERENCE: u64 = 4 << 10;
const CONFIGURATION: u64 = 1 << 20;
const LIST: u64 = 256 << 20;
/// The most references.
const MOST: usize = 1_000_000;
/// References that are about commits and not names of them.
const NOT_NAMES: [&str; 2] = ["refs/notes/", "refs/replace/"];

/// What was found.
pub(super) struct State {
    pub(super) hash: Hash,
    /// The address of `origin`, as written.
    pub(super) remote: Option<String>,
    /// What the folder is called, where there is no such address.
    pub(super) folder: Option<String>,
    /// The reference `HEAD` names, or the commit.
    pub(super) head: Option<String>,
    /// Where each reference points, before tags are opened.
    pub(super) refs: BTreeMap<String, ObjectId>,
    /// Commits whose parents were left out when it was cloned.
    pub(super) shallow: BTreeSet<ObjectId>,
    /// What could not be read.
    pub(super) faults: Vec<(String, String)>,
}

/// A reference as its file says.
enum Written {
    To(ObjectId),
    Name(String),
}

impl State {
    /// Reads it.
    ///
    /// # Errors
    /// When the configuration or `HEAD` cannot be read.
    pub(super) fn read(git_dir: &Path, shown: &Path) -> Result<State, String> {
        let config = small(&git_dir.join("config"), CONFIGURATION)?.unwrap_or_default();
        let config = String::from_utf8_lossy(&config);
        let hash = match setting(&config, "extensions", "objectformat").as_deref() {
            None | Some("sha1") => Hash::Sha1,
            Some("sha256") => Hash::Sha256,
            Some(other) => return Err(format!("its objects are hashed with {other}, which is not read")),
        };
        let remote = setting(&config, "remote \"origin\"", "url");
        let folder =
            std::path::absolute(shown).ok().and_then(|it| it.file_name().map(|it| it.to_string_lossy().into_owned()));
        let folder = folder.map(|name| name.strip_suffix(".git").map_or(name.clone(), str::to_owned));
        let folder = if remote.is_none() { folder } else { None };
        let mut state = State {
            hash,
            remote,
            folder,
            head: None,
            refs: BTreeMap::new(),
            shallow: BTreeSet::new(),
            faults: Vec::new(),
        };
        let mut names = BTreeMap::new();
        state.packed(git_dir);
        state.loose(git_dir, "refs", 0, &mut names);
        let head = small(&git_dir.join("HEAD"), REFERENCE)?.unwrap_or_default();
        match written(&head) {
            Some(Written::To(id)) => {
                state.head = Some(id.to_string());
                state.refs.insert("HEAD".to_owned(), id);
            }
            Some(Written::Name(name)) => state.head = Some(name),
            None => state.faults.push(("HEAD".to_owned(), "names neither a reference nor a commit".to_owned())),
        }
        state.follow(names);
        let hash = state.hash;
        state.refs.retain(|name, id| id.kind() == hash && !NOT_NAMES.iter().any(|it| name.starts_with(it)));
        match small(&git_dir.join("shallow"), LIST) {
            Ok(list) => state.shallow.extend(list.unwrap_or_default().split(|byte| *byte == b'\n').filter_map(id_of)),
            Err(why) => state.faults.push(("shallow".to_owned(), why)),
        }
        Ok(state)
    }

    fn packed(&mut self, git_dir: &Path) {
        let list = match small(&git_dir.join("packed-refs"), LIST) {
            Ok(list) => list.unwrap_or_default(),
            Err(why) => return self.faults.push(("packed-refs".to_owned(), why)),
        };
        for line in list
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty() && !matches!(line.first(), Some(b'#' | b'^')))
        {
            let Some((id, name)) = line.iter().position(|byte| *byte == b' ').map(|at| line.split_at(at)) else {
                continue;
            };
            if let Some(id) = id_of(id)
                && self.refs.len() < MOST
            {
                self.refs.insert(String::from_utf8_lossy(name.trim_ascii()).into_owned(), id);
            }
        }
    }

    fn loose(&mut self, git_dir: &Path, below: &str, depth: usize, names: &mut BTreeMap<String, String>) {
        let list = match fs::read_dir(git_dir.join(below)) {
            Ok(list) if depth <= DEEPEST => list,
            Ok(_) => return self.faults.push((below.to_owned(), "is nested too deep".to_owned())),
            Err(error) => return self.faults.push((below.to_owned(), error.to_string())),
        };
        for entry in list.flatten() {
            let name = format!("{below}/{}", entry.file_name().to_string_lossy());
            if self.refs.len() + names.len() >= MOST {
                return self.faults.push((name, format!("is beyond the limit of {MOST} references")));
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.loose(git_dir, &name, depth + 1, names),
                Ok(kind) if kind.is_file() => {
                    match small(&entry.path(), REFERENCE).map(|it| it.and_then(|it| written(&it))) {
                        Ok(Some(Written::To(id))) => drop(self.refs.insert(name, id)),
                        Ok(Some(Written::Name(target))) => drop(names.insert(name, target)),
                        Ok(None) => {
                            // A lock, or what a crash left.
                            if !name.ends_with(".lock") {
                                self.faults.push((name, "names neither a reference nor an object".to_owned()));
                            }
                        }
                        Err(why) => self.faults.push((name, why)),
                    }
                }
                _ => self.faults.push((name, "is no file".to_owned())),
            }
        }
    }

    /// Resolves references that name others. One that comes round to itself names nothing.
    fn follow(&mut self, names: BTreeMap<String, String>) {
        for (name, first) in &names {
            let mut target = first;
            let mut hops = 0;
            while let Some(next) = names.get(target).filter(|_| hops < 5) {
                target = next;
                hops += 1;
            }
            match self.refs.get(target).copied() {
                Some(id) => drop(self.refs.insert(name.clone(), id)),
                None if hops == 5 => self.faults.push((name.clone(), "names references in a circle".to_owned())),
                // A remote's HEAD may name a branch that was not fetched.
                None => {}
            }
        }
    }
}

fn written(bytes: &[u8]) -> Option<Written> {
    let text = bytes.trim_ascii();
    match text.strip_prefix(b"ref:") {
        Some(name) => Some(Written::Name(String::from_utf8_lossy(name.trim_ascii()).into_owned())),
        None => id_of(text).map(Written::To),
    }
}

/// The last value of a key in a section of git's configuration. It includes no other file.
fn setting(config: &str, section: &str, key: &str) -> Option<String> {
    let mut within = false;
    let mut found = None;
    for line in config.lines().map(str::trim) {
        if let Some(head) = line.strip_prefix('[') {
            within = head.split(']').next().is_some_and(|it| it.trim().eq_ignore_ascii_case(section));
        } else if within
            && let Some((name, value)) = line.split_once('=')
            && name.trim().eq_ignore_ascii_case(key)
        {
            found = Some(value.trim().trim_matches('"').to_owned()).filter(|value| !value.is_empty());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_of_its_section_and_the_last_counts() {
        let config = "[core]\n\turl = no\n[remote \"origin\"]\n\tfetch = +refs\n\tURL = a\n\turl = \"b\"\n[remote \"x\"]\nurl = c\n";
        assert_eq!(setting(config, "remote \"origin\"", "url").as_deref(), Some("b"));
        assert_eq!(setting(config, "extensions", "objectformat"), None);
    }
}
