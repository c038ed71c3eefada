//! Walks a repository from its references down, each object once, and hands the lines out as they are read.
//! What cannot be read becomes a line that says so, and the walk goes on.

use super::line::{FaultLine, Files, ObjectLine, Origin, RefsLine};
use super::objects::{Objects, id_of};
use super::refs::State;
use super::tree::Trees;
use gix_hash::ObjectId;
use gix_object::{CommitRefIter, Kind};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, Read};

/// How many tags may point at each other.
const DEEPEST_TAG: usize = 16;
/// The longest commit or tag that is taken.
const LONGEST: usize = 4 << 20;

/// Annotated tags, with the commit each comes to.
type Tags = BTreeMap<ObjectId, (Vec<u8>, Option<ObjectId>)>;

/// What comes next.
enum Step {
    References,
    Commits,
    Done,
}

/// A repository as a stream of lines.
pub(super) struct History {
    state: State,
    objects: Objects,
    trees: Trees,
    origin: Origin,
    step: Step,
    ahead: Vec<ObjectId>,
    seen: HashSet<ObjectId>,
    line: Vec<u8>,
    given: usize,
}

impl History {
    pub(super) fn new(state: State, objects: Objects) -> History {
        let origin = Origin::of(&state);
        History {
            state,
            objects,
            trees: Trees::default(),
            origin,
            step: Step::References,
            ahead: Vec::new(),
            seen: HashSet::new(),
            line: Vec::new(),
            given: 0,
        }
    }

    fn put(&mut self, line: &impl Serialize) {
        // Plain texts cannot fail to be written to memory.
        if serde_json::to_writer(&mut self.line, line).is_ok() {
            self.line.push(b'\n');
        }
    }

    fn fault(&mut self, what: &str, why: &str) {
        let origin = self.origin.clone();
        self.put(&FaultLine::new(&origin, what, why));
    }

    /// References first: what they come to, and each annotated tag on the way.
    fn references(&mut self) {
        let (mut refs, mut annotated) = (BTreeMap::new(), BTreeMap::new());
        let (mut tags, mut faults) = (BTreeMap::new(), std::mem::take(&mut self.state.faults));
        let mut starts = BTreeSet::new();
        for (name, id) in &self.state.refs {
            match self.open(*id, &mut tags) {
                Ok(None) => {}
                Ok(Some(commit)) => {
                    starts.insert(commit);
                    let list = if commit == *id { &mut refs } else { &mut annotated };
                    list.insert(name.clone(), commit.to_string());
                }
                Err(why) => faults.push((name.clone(), why)),
            }
        }
        let origin = self.origin.clone();
        let head = self.state.head.clone();
        self.put(&RefsLine::new(&origin, head.as_deref(), &refs, &annotated));
        for (what, why) in faults {
            self.fault(&what, &why);
        }
        let before = numbered_before(&tags);
        for (id, (object, commit)) in &tags {
            let files = commit.map(|commit| self.described(object, commit)).unwrap_or_default();
            let before = before.get(id).map(|it| String::from_utf8_lossy(it).into_owned());
            self.put(&ObjectLine::new("tag", &origin, id.to_string(), object, &files).before(before));
        }
        self.ahead.extend(starts.into_iter().rev());
    }

    /// The commit that an object comes to, by way of tags; nothing when it is a tag of something else.
    fn open(&self, id: ObjectId, tags: &mut Tags) -> Result<Option<ObjectId>, String> {
        let mut passed = Vec::new();
        let mut at = id;
        let mut buffer = Vec::new();
        let end = loop {
            let (kind, data) = self.objects.any(&at, &mut buffer)?;
            match kind {
                Kind::Commit => break Some(at),
                Kind::Tag if passed.len() < DEEPEST_TAG && data.len() <= LONGEST => {
                    let target =
                        data.split(|byte| *byte == b'\n').next().and_then(|line| line.strip_prefix(b"object "));
                    let target = target.and_then(id_of).filter(|it| it.kind() == self.objects.hash);
                    passed.push((at, data.to_vec()));
                    at = target.ok_or_else(|| format!("{at} is a tag of nothing"))?;
                }
                Kind::Tag => return Err(format!("{at} is a tag that is too long, or of too many tags")),
                Kind::Tree | Kind::Blob => break None,
            }
        };
        tags.extend(passed.into_iter().map(|(id, object)| (id, (object, end))));
        Ok(end)
    }

    /// For a tag that registers or assigns an artefact, what says which files that is.
    fn described(&mut self, tag: &[u8], commit: ObjectId) -> Files {
        let Some(name) = name_of(tag).filter(|it| it.contains(['@', '#'])) else {
            return Files::default();
        };
        let artefact = name.split(['@', '#']).next().unwrap_or_default();
        let folder = artefact.rsplit_once('=').map_or("", |(folder, _)| folder);
        let mut buffer = Vec::new();
        let tree = self
            .objects
            .read(&commit, Kind::Commit, &mut buffer)
            .ok()
            .and_then(|data| CommitRefIter::from_bytes(data, self.objects.hash).tree_id().ok());
        tree.map(|tree| self.trees.described(&self.objects, tree, folder)).unwrap_or_default()
    }

    /// One commit, and its parents ahead.
    fn commit(&mut self, id: ObjectId) -> Result<(), String> {
        let mut buffer = Vec::new();
        let data = self.objects.read(&id, Kind::Commit, &mut buffer)?;
        let shallow = self.state.shallow.contains(&id);
        let tree = CommitRefIter::from_bytes(data, self.objects.hash).tree_id();
        let parents: Vec<ObjectId> = if shallow {
            Vec::new()
        } else {
            CommitRefIter::from_bytes(data, self.objects.hash).parent_ids().collect()
        };
        for parent in parents.iter().rev() {
            if !self.seen.contains(parent) {
                self.ahead.push(*parent);
            }
        }
        if data.len() > LONGEST {
            return Err(format!("a commit of {} bytes, more than {LONGEST}", data.len()));
        }
        let files = match tree {
            Ok(tree) => {
                let mut theirs = Vec::new();
                let mut buffer = Vec::new();
                for parent in parents.iter().take(64) {
                    let data = self.objects.read(parent, Kind::Commit, &mut buffer).ok();
                    theirs.extend(data.and_then(|it| CommitRefIter::from_bytes(it, self.objects.hash).tree_id().ok()));
                }
                self.trees.changed(&self.objects, tree, &theirs)
            }
            Err(_) => Files {
                left_out: BTreeMap::from([("/".to_owned(), "its tree is not named".to_owned())]),
                ..Files::default()
            },
        };
        let origin = self.origin.clone();
        self.put(&ObjectLine::new("commit", &origin, id.to_string(), data, &files).shallow(shallow));
        Ok(())
    }

    /// Makes more lines; false at the end.
    fn more(&mut self) -> bool {
        self.line.clear();
        self.given = 0;
        match self.step {
            Step::References => {
                self.references();
                self.step = Step::Commits;
            }
            Step::Commits => match self.ahead.pop() {
                None => self.step = Step::Done,
                Some(id) if !self.seen.insert(id) => {}
                Some(id) => {
                    if let Err(why) = self.commit(id) {
                        self.fault(&id.to_string(), &why);
                    }
                }
            },
            Step::Done => return false,
        }
        true
    }
}

/// The name that a tag gives itself.
fn name_of(tag: &[u8]) -> Option<&str> {
    let name = tag.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"tag "))?;
    std::str::from_utf8(name).ok()
}

/// For each tag `name#stage#N` the one with the number before, unless that takes back (`name#stage!#N`).
fn numbered_before(tags: &Tags) -> BTreeMap<ObjectId, &[u8]> {
    type Numbered<'t> = BTreeMap<u64, (ObjectId, Option<&'t [u8]>)>;
    let mut series: BTreeMap<&str, Numbered<'_>> = BTreeMap::new();
    for (id, (object, _)) in tags {
        let Some((name, number)) = name_of(object).and_then(|it| it.rsplit_once('#')) else { continue };
        let Ok(number) = number.parse() else { continue };
        let (name, takes_back) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
        let object = Some(object.as_slice()).filter(|_| !takes_back);
        series.entry(name).or_default().insert(number, (*id, object));
    }
    let mut before = BTreeMap::new();
    for numbered in series.values() {
        for ((_, (_, earlier)), (_, (id, _))) in numbered.iter().zip(numbered.iter().skip(1)) {
            before.extend(earlier.map(|earlier| (*id, earlier)));
        }
    }
    before
}

impl Read for History {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.line.len() {
            if !self.more() {
                return Ok(0);
            }
        }
        let rest = self.line.get(self.given..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..len), rest.get(..len)) {
            to.copy_from_slice(from);
        }
        self.given += len;
        Ok(len)
    }
}
