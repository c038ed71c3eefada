//! Gathers the many small files of one folder: texts by their names, and measures without their steps. What is
//! no file of its own, or too long, is left out and told.

use super::folder::line;
use super::query::History;
use crate::connector::Limits;
use rustix::fs::{Mode, OFlags};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest of the small files.
pub(super) const LONGEST: u64 = 1 << 20;
/// The longest file with the spans of one trace.
const LONGEST_TRACE: u64 = 64 << 20;
/// How deep the names of parameters and tags nest.
const DEPTH: usize = 16;
/// Problems that one document lists.
const FAULTS: usize = 20;

/// The small files of one folder.
pub(super) struct Gathered<'p> {
    pub(super) path: &'p Path,
    pub(super) limits: &'p Limits,
    pub(super) told: Map<String, Value>,
    pub(super) faults: Vec<String>,
}

impl Gathered<'_> {
    fn fault(&mut self, place: &Path, why: &str) {
        if self.faults.len() < FAULTS {
            let place = place.strip_prefix(self.path).unwrap_or(place);
            self.faults.push(format!("{}: {why}", place.display()));
        }
    }

    /// The text of a file, which may not be there.
    fn read(&mut self, path: &Path, longest: u64) -> Option<String> {
        text(path, longest).unwrap_or_else(|why| {
            self.fault(path, &format!("{why}; it is left out"));
            None
        })
    }

    pub(super) fn file(&mut self, name: &str) {
        if let Some(text) = self.read(&self.path.join(name), LONGEST) {
            self.told.insert(name.to_owned(), text.into());
        }
    }

    /// The files below a folder, by their names.
    fn below(&mut self, folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
        let listed = match entries(folder, self.limits) {
            Ok(listed) => listed,
            Err(why) => return self.fault(folder, &why),
        };
        for path in listed {
            let Ok(look) = path.symlink_metadata() else { continue };
            match () {
                () if look.is_dir() && depth < DEPTH => self.below(&path, depth + 1, found),
                () if look.is_file() => found.push(path),
                () => self.fault(&path, "is no file of its own; it is left out"),
            }
        }
    }

    fn named(&mut self, folder: &str) -> Vec<(String, PathBuf)> {
        let whole = self.path.join(folder);
        let mut found = Vec::new();
        self.below(&whole, 0, &mut found);
        let name = |path: &PathBuf| Some(path.strip_prefix(&whole).ok()?.display().to_string());
        found.into_iter().filter_map(|path| Some((name(&path)?, path))).collect()
    }

    /// Each file's text by its name.
    pub(super) fn texts(&mut self, folder: &str) {
        let mut texts = Map::new();
        for (name, path) in self.named(folder) {
            if let Some(text) = self.read(&path, LONGEST) {
                texts.insert(name, text.into());
            }
        }
        if !texts.is_empty() {
            self.told.insert(folder.to_owned(), Value::Object(texts));
        }
    }

    /// The text of one file in each folder below.
    pub(super) fn inner(&mut self, folder: &str, file: &str) {
        let mut texts = Map::new();
        let within = entries(&self.path.join(folder), self.limits).unwrap_or_default();
        for path in within {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if let Some(text) = self.read(&path.join(file), LONGEST) {
                texts.insert(name, text.into());
            }
        }
        if !texts.is_empty() {
            self.told.insert(folder.to_owned(), Value::Object(texts));
        }
    }

    /// The datasets that the inputs name, which lie beside the run.
    pub(super) fn datasets(&mut self) {
        let inputs = self.told.get("inputs").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut datasets = Map::new();
        for input in inputs.values().filter_map(Value::as_str) {
            let Some(id) = line(input, "source_id").filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            else {
                continue;
            };
            let path = self.path.with_file_name("datasets").join(id).join("meta.yaml");
            if let Some(text) = self.read(&path, LONGEST) {
                datasets.insert(id.to_owned(), text.into());
            }
        }
        if !datasets.is_empty() {
            self.told.insert("datasets".to_owned(), Value::Object(datasets));
        }
    }

    /// Measures, of which each file holds every step.
    pub(super) fn metrics(&mut self) {
        let mut histories = BTreeMap::new();
        for (name, path) in self.named("metrics") {
            let read = open(&path).map_err(|why| why.to_string());
            let file = match read {
                Ok(Some(file)) => file,
                Ok(None) => continue,
                Err(why) => {
                    self.fault(&path, &why);
                    continue;
                }
            };
            let mut lines = BufReader::new(file.take(self.limits.file));
            let mut number = 0_u64;
            let mut text = String::new();
            loop {
                text.clear();
                match lines.by_ref().take(LONGEST).read_line(&mut text) {
                    Ok(0) => break,
                    Ok(_) => number += 1,
                    Err(error) => {
                        self.fault(&path, &error.to_string());
                        break;
                    }
                }
                match measured(&name, &text) {
                    Some(found) => History::add(&mut histories, found),
                    None if text.trim().is_empty() => {}
                    None => {
                        let shown: String = text.trim().chars().take(40).collect();
                        self.fault(&path, &format!(
                            "line {number}: no measurement: found \"{shown}\", expected a time, a value and a step; the line is left out"
                        ));
                    }
                }
            }
        }
        if !histories.is_empty() {
            let told = histories.into_values().map(History::told).collect();
            self.told.insert("metrics".to_owned(), Value::Array(told));
        }
    }

    /// The spans of a trace, as the text of the file in which they lie.
    pub(super) fn spans(&mut self) {
        if let Some(text) = self.read(&self.path.join("artifacts/traces.json"), LONGEST_TRACE) {
            self.told.insert("traces.json".to_owned(), text.into());
        }
    }
}

/// `time value step`, and for a model the run and the dataset.
fn measured(name: &str, line: &str) -> Option<Map<String, Value>> {
    let mut words = line.split_whitespace();
    let time: i64 = words.next()?.parse().ok()?;
    let written = words.next()?;
    let value: f64 = written.parse().ok()?;
    // The oldest files have no step.
    let step: i64 = words.next().map_or(Some(0), |step| step.parse().ok())?;
    let mut found = Map::new();
    found.insert("key".to_owned(), name.into());
    let number = serde_json::Number::from_f64(value).map_or_else(|| written.into(), Value::Number);
    found.insert("value".to_owned(), number);
    found.insert("timestamp".to_owned(), time.into());
    found.insert("step".to_owned(), step.into());
    for (key, word) in ["run_id", "dataset_name", "dataset_digest"].iter().zip(words) {
        found.insert((*key).to_owned(), word.into());
    }
    Some(found)
}

/// What lies in a folder, in the order of names; nothing in one that is not there.
pub(super) fn entries(folder: &Path, limits: &Limits) -> Result<Vec<PathBuf>, String> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.to_string()),
    };
    let mut found = Vec::new();
    for entry in listed {
        found.push(entry.map_err(|error| error.to_string())?.path());
        if found.len() > limits.entries {
            return Err(format!("has more than {} entries", limits.entries));
        }
    }
    found.sort();
    Ok(found)
}

/// Opens a regular file, following no link and waiting for nothing.
fn open(path: &Path) -> std::io::Result<Option<File>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NOFOLLOW;
    match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(handle) => {
            let file = File::from(handle);
            Ok(file.metadata()?.is_file().then_some(file))
        }
        Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A small file's text, which may not be there.
pub(super) fn text(path: &Path, longest: u64) -> Result<Option<String>, String> {
    let Some(file) = open(path).map_err(|error| error.to_string())? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(longest + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > longest {
        return Err(format!("is longer than {longest} bytes"));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
