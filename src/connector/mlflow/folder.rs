//! A folder in which MLflow keeps its store as files: what lies in the many small files of one run, model
//! or trace becomes one document. The texts are handed on as they are written; YAML is read by the importer.

use super::gather::{Gathered, LONGEST, entries, text};
use super::item;
use super::query::put;
use crate::connector::{Item, Limits};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
pub(super) fn line<'t>(text: &'t str, key: &str) -> Option<&'t str> {
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

/// How far above a model's description the store it lies in is looked for.
const ABOVE: usize = 8;

/// A model's description with what lies beside it about its environment.
pub(in crate::connector) fn model(path: &Path, stores: &mut Stores, limits: &Limits) -> Result<Item, String> {
    let mut document = Map::new();
    let experiment = path.ancestors().skip(1).take(ABOVE).find(|it| folder(it) == Some(Folder::Experiment));
    let store = experiment.and_then(Path::parent).map(|root| stores.of(root, limits)).unwrap_or_default();
    if !store.is_null() {
        document.insert("store".to_owned(), store);
    }
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
