//! A folder in which MLflow keeps its store as files: what lies in the many small files of one run, model
//! or trace becomes one document. The texts are handed on as they are written; YAML is read by the importer.

use super::item;
use super::query::{History, put};
use crate::connector::{Item, Limits};
use rustix::fs::{Mode, OFlags};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest of the small files.
const LONGEST: u64 = 1 << 20;
/// The longest file with the spans of one trace.
const LONGEST_TRACE: u64 = 64 << 20;
/// How deep the names of parameters and tags nest.
const DEPTH: usize = 16;
/// Problems that one document lists.
const FAULTS: usize = 20;

/// What a folder of a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::connector) enum Folder {
    Experiment,
    Run,
    LoggedModel,
    RegisteredModel,
    ModelVersion,
    Trace,
}

/// What that folder is of, told from the keys of its description; nothing for every other folder.
pub(in crate::connector) fn folder(path: &Path) -> Option<Folder> {
    if path.join("trace_info.yaml").is_file() {
        return Some(Folder::Trace);
    }
    let meta = text(&path.join("meta.yaml"), LONGEST).ok()??;
    let has = |key: &str| line(&meta, key).is_some();
    if has("lifecycle_stage") && (has("artifact_uri") || has("run_id") || has("run_uuid")) {
        return Some(Folder::Run);
    }
    match () {
        () if has("current_stage") && has("version") => Some(Folder::ModelVersion),
        () if has("model_id") && has("artifact_location") => Some(Folder::LoggedModel),
        () if has("lifecycle_stage") && has("experiment_id") => Some(Folder::Experiment),
        () if has("creation_timestamp") && has("last_updated_timestamp") && has("name") => {
            Some(Folder::RegisteredModel)
        }
        () => None,
    }
}

/// The value of a key at the start of a line. Good enough for what MLflow writes there: ids and numbers.
fn line<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    Some(value.trim().trim_matches(['\'', '"']))
}

impl Folder {
    /// Whether what lies in an entry of it is told of by its own document.
    pub(in crate::connector) fn holds(self, name: &str) -> bool {
        match self {
            Folder::Experiment => matches!(name, "meta.yaml" | "tags" | "datasets"),
            Folder::Run | Folder::LoggedModel => {
                matches!(name, "meta.yaml" | "tags" | "params" | "metrics" | "inputs" | "outputs")
            }
            Folder::RegisteredModel | Folder::ModelVersion => matches!(name, "meta.yaml" | "tags" | "aliases"),
            Folder::Trace => true,
        }
    }

    /// Whether anything at all may lie in an entry of it.
    pub(in crate::connector) fn is_loose(name: &str) -> bool {
        name == "artifacts"
    }

    /// The folder of the store it belongs to.
    fn root(self, path: &Path) -> Option<PathBuf> {
        let up = match self {
            Folder::Experiment => 1,
            Folder::Run | Folder::RegisteredModel => 2,
            Folder::LoggedModel | Folder::ModelVersion | Folder::Trace => 3,
        };
        let root = path.ancestors().nth(up)?;
        Some(if root.ends_with(".trash") { root.parent()? } else { root }.to_owned())
    }

    /// Its document.
    pub(in crate::connector) fn document(self, path: &Path, stores: &mut Stores, limits: &Limits) -> Item {
        let root = self.root(path);
        let part = root.as_deref().and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
        let mut gathered = Gathered { path, limits, told: Map::new(), faults: Vec::new() };
        gathered.told.insert("path".to_owned(), part.display().to_string().into());
        gathered.file("meta.yaml");
        gathered.texts("tags");
        match self {
            Folder::Experiment | Folder::ModelVersion => {}
            Folder::Run => {
                gathered.texts("params");
                gathered.metrics();
                gathered.inner("inputs", "meta.yaml");
                gathered.inner("outputs", "meta.yaml");
                gathered.datasets();
            }
            Folder::LoggedModel => {
                gathered.texts("params");
                gathered.metrics();
            }
            Folder::RegisteredModel => gathered.texts("aliases"),
            Folder::Trace => {
                gathered.file("trace_info.yaml");
                gathered.texts("request_metadata");
                gathered.texts("assessments");
                gathered.spans();
            }
        }
        let word = match self {
            Folder::Experiment => "experiment",
            Folder::Run => "run",
            Folder::LoggedModel => "model",
            Folder::RegisteredModel => "registered_model",
            Folder::ModelVersion => "model_version",
            Folder::Trace => "trace",
        };
        let Gathered { mut told, faults, .. } = gathered;
        if !faults.is_empty() {
            told.insert("faults".to_owned(), faults.into());
        }
        let mut document = Map::new();
        let store = root.as_deref().map(|root| stores.of(root, limits)).unwrap_or_default();
        if !store.is_null() {
            document.insert("store".to_owned(), store);
        }
        document.insert("folder".to_owned(), json!({ word: told }));
        let name = root.as_deref().unwrap_or(path).display().to_string();
        item(&name, part.display().to_string(), &Value::Object(document))
    }
}

/// What tells the stores apart, each looked up once.
#[derive(Debug, Default)]
pub(in crate::connector) struct Stores(BTreeMap<PathBuf, Value>);

impl Stores {
    fn of(&mut self, root: &Path, limits: &Limits) -> Value {
        if let Some(known) = self.0.get(root) {
            return known.clone();
        }
        let folders = [root.to_owned(), root.join(".trash")];
        let names = folders.iter().flat_map(|it| entries(it, limits).unwrap_or_default());
        let numbered = names.filter(|path| {
            path.file_name().and_then(|name| name.to_str()).is_some_and(|it| it.bytes().all(|b| b.is_ascii_digit()))
        });
        let first = numbered.min_by_key(|path| path.file_name().map(|name| (name.len(), name.to_owned())));
        let store = first.and_then(|path| {
            let meta = text(&path.join("meta.yaml"), LONGEST).ok()??;
            let created = line(&meta, "creation_time").and_then(|it| it.parse::<i64>().ok());
            Some(json!({"first_experiment": path.file_name()?.to_str()?, "created": created}))
        });
        let store = store.unwrap_or_default();
        self.0.insert(root.to_owned(), store.clone());
        store
    }
}

/// Whether a folder is that in which a store keeps what was deleted.
pub(in crate::connector) fn is_trash(path: &Path, limits: &Limits) -> bool {
    let beside = || path.parent().and_then(|root| entries(root, limits).ok()).unwrap_or_default();
    let within = || entries(path, limits).unwrap_or_default();
    path.ends_with(".trash") && beside().into_iter().chain(within()).any(|it| folder(&it) == Some(Folder::Experiment))
}

/// A model's description with what lies beside it about its environment.
pub(in crate::connector) fn model(path: &Path) -> Result<Item, String> {
    let mut document = Map::new();
    let beside = |name: &str| text(&path.with_file_name(name), LONGEST);
    let Some(described) = text(path, LONGEST)? else { return Err("there is no such file".to_owned()) };
    document.insert("MLmodel".to_owned(), described.into());
    for name in ENVIRONMENT {
        match beside(name) {
            Ok(Some(text)) => drop(document.insert((*name).to_owned(), text.into())),
            Ok(None) => {}
            Err(why) => put(&mut document, &format!("faults/{name}"), why.into()),
        }
    }
    let bytes = Value::Object(document).to_string().into_bytes();
    let size = Some(bytes.len() as u64);
    let whole = Item::new(path.display().to_string(), Box::new(std::io::Cursor::new(bytes)), size);
    Ok(Item { read_as: Some(super::FORMAT), ..whole })
}

/// Files beside a model's description that its document holds.
pub(in crate::connector) const ENVIRONMENT: &[&str] = &["requirements.txt", "conda.yaml", "python_env.yaml"];

/// The small files of one folder.
struct Gathered<'p> {
    path: &'p Path,
    limits: &'p Limits,
    told: Map<String, Value>,
    faults: Vec<String>,
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

    fn file(&mut self, name: &str) {
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
    fn texts(&mut self, folder: &str) {
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
    fn inner(&mut self, folder: &str, file: &str) {
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
    fn datasets(&mut self) {
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
    fn metrics(&mut self) {
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
    fn spans(&mut self) {
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
fn entries(folder: &Path, limits: &Limits) -> Result<Vec<PathBuf>, String> {
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
fn text(path: &Path, longest: u64) -> Result<Option<String>, String> {
    let Some(file) = open(path).map_err(|error| error.to_string())? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(longest + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > longest {
        return Err(format!("is longer than {longest} bytes"));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
