//! A pipeline: what `dvc.yaml` defines and `dvc.lock` says of the last time that it ran. A stage is a job, a locked
//! stage is a run; where the two differ, that is said and neither is changed.

use super::data::{Entry, kind_of, within};
use super::{Project, metrics};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip, keep, scalar};
use crate::import::telling::evidence;
use crate::model::{Artefact, Attributes, Kind, Relation, Statement};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Versions of the lock that are read.
const SCHEMA: &str = "2.0";

/// The two files of a folder.
pub(super) struct Pipeline<'v> {
    project: Project<'v>,
    place: String,
    folder: String,
    stages: BTreeMap<String, &'v Value>,
    locked: BTreeMap<String, &'v Value>,
    has_lock: bool,
    /// Whether the lock is news here.
    ran: bool,
    artifacts: Vec<(String, &'v Value)>,
    metrics: BTreeSet<String>,
}

impl<'v> Pipeline<'v> {
    pub(super) fn new(
        project: &Project<'v>,
        folder: &str,
        stages: Option<&'v Value>,
        lock: Option<&'v Value>,
    ) -> Result<Pipeline<'v>, Fault> {
        let object = |value: Option<&'v Value>, what: &str| match value {
            None | Some(Value::Null) => Ok(BTreeMap::new()),
            Some(Value::Object(it)) => Ok(it.iter().map(|(key, value)| (key.clone(), value)).collect()),
            Some(other) => Err(format!("{what}: expected a mapping, found {}", crate::import::node::word(other))),
        };
        let schema = lock.and_then(|lock| lock.get("schema"));
        let locked = match (lock, schema) {
            (Some(_), Some(schema)) if scalar(schema).as_deref() != Some(SCHEMA) => {
                return Err(format!("/schema: {schema}: expected '{SCHEMA}', or none in the oldest locks"));
            }
            (Some(lock), Some(_)) => object(lock.get("stages"), "/stages")?,
            (lock, None) => object(lock, "/")?,
            (None, Some(_)) => BTreeMap::new(),
        };
        let artifacts = object(stages.and_then(|it| it.get("artifacts")), "/artifacts")?.into_iter().collect();
        let mut named = BTreeSet::new();
        named.extend(paths(stages.and_then(|it| it.get("metrics")), folder));
        let stages = object(stages.and_then(|it| it.get("stages")), "/stages")?;
        for stage in stages.values() {
            let stage = stage.get("do").unwrap_or(stage);
            named.extend(paths(stage.get("metrics"), &wdir(stage, folder)));
        }
        let has_lock = lock.is_some();
        let (folder, place) = (folder.to_owned(), project.place());
        Ok(Pipeline {
            project: *project,
            place,
            folder,
            stages,
            locked,
            has_lock,
            ran: has_lock,
            artifacts,
            metrics: named,
        })
    }

    /// Whether the lock is news at this commit.
    pub(super) fn ran(self, ran: bool) -> Pipeline<'v> {
        Pipeline { ran: ran && self.has_lock, ..self }
    }

    /// A stage as DVC addresses it.
    fn address(&self, stage: &str) -> String {
        if self.folder.is_empty() { stage.to_owned() } else { format!("{}/dvc.yaml:{stage}", self.folder) }
    }

    fn job(&self, stage: &str, telling: &mut Teller<'_>) -> String {
        let of = self.project.repository.unwrap_or(&self.place);
        let mut job = Artefact::new(format!("dvcjob:{of}#{}", self.address(stage)), Kind::Job);
        job.name = Some(self.address(stage));
        if let Some(stage) = self.stages.get(stage) {
            let inner = stage.get("do").unwrap_or(stage);
            keep(&mut job.attributes, "command", command(inner).as_deref());
            keep(&mut job.attributes, "description", inner.get("desc").and_then(Value::as_str));
            for key in ["deps", "outs"] {
                let list: Vec<Value> = paths(inner.get(key), &wdir(inner, &self.folder)).map(Value::from).collect();
                if !list.is_empty() {
                    job.attributes.insert(key.to_owned(), Value::Array(list));
                }
            }
        }
        telling.artefact(job)
    }

    /// Says all of it.
    pub(super) fn tell(&self, files: &BTreeMap<String, &str>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        let mut bytes = BTreeMap::new();
        if self.ran {
            for (name, stage) in &self.locked {
                let node = Node::new(stage, format!("/stages/{name}"));
                let told = self.run(name, &node, files, &mut bytes, telling);
                telling.attempt(told);
            }
        }
        for name in self.stages.keys() {
            let has_run = self.locked.keys().any(|locked| locked == name || base(locked) == name);
            let job = self.job(name, telling);
            if self.has_lock && !has_run {
                telling.doubt(format!("/stages/{name}: it is defined and not locked: it has not run"));
                telling.absent(&job, Relation::Other("run".into()), "not-run");
            }
        }
        self.artifacts(&bytes, telling)
    }

    /// One locked stage, which is one run of it.
    fn run(
        &self,
        name: &str,
        stage: &Node<'_>,
        files: &BTreeMap<String, &str>,
        bytes: &mut BTreeMap<String, String>,
        telling: &mut Teller<'_>,
    ) -> Result<(), Fault> {
        let defined = self.stages.get(name).or_else(|| self.stages.get(base(name)));
        let folder = defined.map_or_else(|| self.folder.clone(), |it| wdir(it.get("do").unwrap_or(it), &self.folder));
        let mut run = Artefact::new(format!("dvc:{}#{}", self.place, self.address(name)), Kind::Run);
        run.name = Some(self.address(name));
        run.at = self.project.at;
        let said = command(stage.value);
        keep(&mut run.attributes, "command", said.as_deref());
        self.parameters(stage, &mut run.attributes)?;
        let wanted = defined.filter(|it| !is_many(it)).and_then(|it| command(it));
        if let (Some(wanted), Some(said)) = (wanted.filter(|it| !it.contains("${")), &said)
            && wanted != *said
        {
            telling.doubt(format!("{}/cmd: the lock is stale: dvc.yaml says \"{}\"", stage.path, clip(&wanted)));
            run.attributes.insert("stale".to_owned(), Value::from("dvc.yaml has another command since"));
        }
        let run = telling.artefact(run);
        let is_known = defined.is_some() || self.stages.is_empty();
        if is_known {
            let job = self.job(if self.stages.contains_key(name) { name } else { base(name) }, telling);
            telling.link(&run, Relation::InstanceOf, &job, None);
        } else {
            telling.doubt(format!("{}: it is locked and defined no more", stage.path));
        }
        let mut ran = Ran { run, stage, folder, models: BTreeSet::new(), made: BTreeMap::new() };
        self.dependencies(&mut ran, telling)?;
        self.outputs(&mut ran, defined.copied(), telling)?;
        self.measured(&ran, files, telling);
        bytes.extend(ran.made);
        Ok(())
    }

    /// What a run used.
    fn dependencies(&self, ran: &mut Ran<'_, '_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        let mut code = Vec::new();
        for dep in ran.stage.list("deps")? {
            let entry = Entry::of(&dep, &ran.folder)?;
            if entry.is_code() {
                match self.project.commit_id() {
                    Some(_) => code.push(Value::from(entry.path)),
                    None => {
                        let id = entry.tell(Some(&Kind::Code), &self.project, telling);
                        telling.link(&ran.run, Relation::BuiltFrom, &id, self.project.at);
                    }
                }
                continue;
            }
            let kind = self.kind(&entry.path);
            let id = entry.tell(Some(&kind), &self.project, telling);
            telling.link_with(&ran.run, Relation::Used, &id, self.project.at, path(&entry.path));
            ran.models.extend((kind == Kind::ModelVersion).then_some(id));
        }
        if let Some(commit) = self.project.commit_id() {
            let mut how = Attributes::new();
            if !code.is_empty() {
                how.insert("paths".to_owned(), Value::Array(code));
            }
            telling.link_with(&ran.run, Relation::BuiltFrom, &commit, self.project.at, how);
        }
        Ok(())
    }

    /// What a run made, and what it should have made.
    fn outputs(&self, ran: &mut Ran<'_, '_>, defined: Option<&Value>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        for out in ran.stage.list("outs")? {
            let entry = Entry::of(&out, &ran.folder)?;
            let kind = self.kind(&entry.path);
            let id = entry.tell(Some(&kind), &self.project, telling);
            telling.link_with(&id, Relation::ProducedBy, &ran.run, self.project.at, path(&entry.path));
            ran.models.extend((kind == Kind::ModelVersion).then(|| id.clone()));
            ran.made.insert(entry.path, id);
        }
        let Some(defined) = defined.filter(|it| !is_many(it)) else { return Ok(()) };
        let wanted = ["outs", "metrics", "plots"].into_iter().flat_map(|key| paths(defined.get(key), &ran.folder));
        for wanted in wanted.filter(|it| !ran.made.contains_key(it) && !it.contains("${")) {
            telling.doubt(format!(
                "{}/outs: dvc.yaml says it makes {}, and the lock has none: it is not recorded",
                ran.stage.path,
                clip(&wanted)
            ));
            telling.absent(&ran.run, Relation::Other("output".into()), "not-recorded");
        }
        Ok(())
    }

    /// What was measured: of the run, and of the models it made or looked at.
    fn measured(&self, ran: &Ran<'_, '_>, files: &BTreeMap<String, &str>, telling: &mut Teller<'_>) {
        let below = |path: &str| {
            ran.made.contains_key(path) || ran.made.keys().any(|folder| path.starts_with(&format!("{folder}/")))
        };
        for (path, text) in files.iter().filter(|(path, _)| self.metrics.contains(*path) && below(path)) {
            let read = metrics::of_file(path, text).map_err(|fault| format!("{path}: {fault}"));
            let Some((attributes, at)) = telling.attempt(read).zip(self.project.at) else { continue };
            for about in std::iter::once(&ran.run).chain(&ran.models) {
                let mut said = evidence(about, "evaluation", at);
                said.scope = Some(path.clone());
                said.attributes.clone_from(&attributes);
                telling.say(Statement::Evidence(said));
            }
        }
    }

    /// Parameters as the run took them; those of other files than the usual one are named with it.
    fn parameters(&self, stage: &Node<'_>, attributes: &mut Attributes) -> Result<(), Fault> {
        for (file, values) in stage.entries("params")? {
            let name = if file == "params.yaml" { "param".to_owned() } else { format!("param.{file}") };
            metrics::flatten(values.value, &name, 0, &|it| !it.is_null(), attributes);
        }
        Ok(())
    }

    fn kind(&self, path: &str) -> Kind {
        let declared = self
            .artifacts
            .iter()
            .find(|(_, it)| it.get("path").and_then(Value::as_str).is_some_and(|it| within(&self.folder, it) == path));
        match declared.and_then(|(_, it)| it.get("type")).and_then(Value::as_str) {
            Some("model") => Kind::ModelVersion,
            Some("dataset") => Kind::Dataset,
            _ => kind_of(path),
        }
    }

    /// Names that the repository gives to what is at its paths.
    fn artifacts(&self, bytes: &BTreeMap<String, String>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        for (name, artifact) in &self.artifacts {
            let artifact = Node::new(artifact, format!("/artifacts/{name}"));
            let full = match (self.project.repository, self.folder.as_str()) {
                (Some(repository), "") => format!("{repository}/{name}"),
                (Some(repository), folder) => format!("{repository}/{folder}:{name}"),
                (None, _) => name.clone(),
            };
            let kind = match artifact.optional_text("type")? {
                Some("dataset") => Kind::Other("dataset-name".into()),
                _ => Kind::Model,
            };
            let mut named = Artefact::new(format!("{kind}:{full}"), kind);
            named.name = Some(full);
            keep(&mut named.attributes, "description", artifact.optional_text("desc")?);
            keep(&mut named.attributes, "path", artifact.optional_text("path")?);
            let labels: Vec<Value> =
                artifact.list("labels")?.iter().filter_map(|it| scalar(it.value)).map(Value::from).collect();
            if !labels.is_empty() {
                named.attributes.insert("labels".to_owned(), Value::Array(labels));
            }
            let named = telling.artefact(named);
            let path = artifact.optional_text("path")?.map(|it| within(&self.folder, it));
            if let Some(bytes) = path.and_then(|path| bytes.get(&path)) {
                telling.link(bytes, Relation::VersionOf, &named, None);
            }
        }
        Ok(())
    }
}

/// One run while it is told.
struct Ran<'s, 'v> {
    run: String,
    stage: &'s Node<'v>,
    folder: String,
    /// Models that it used or made.
    models: BTreeSet<String>,
    /// What is at which path after it.
    made: BTreeMap<String, String>,
}

/// Whether a definition stands for several stages, whose words differ.
fn is_many(stage: &Value) -> bool {
    stage.get("do").is_some() || stage.get("matrix").is_some()
}

/// `train` of `train@0`, as stages that were multiplied are named.
fn base(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}

fn path(path: &str) -> Attributes {
    Attributes::from([("path".to_owned(), Value::from(path))])
}

fn wdir(stage: &Value, folder: &str) -> String {
    stage.get("wdir").and_then(Value::as_str).map_or_else(|| folder.to_owned(), |wdir| within(folder, wdir))
}

fn command(stage: &Value) -> Option<String> {
    match stage.get("cmd")? {
        Value::Array(lines) => Some(lines.iter().filter_map(scalar).collect::<Vec<_>>().join("\n")),
        one => scalar(one),
    }
}

/// The paths of a list whose entries are paths, or paths with options.
fn paths<'v>(list: Option<&'v Value>, folder: &str) -> impl Iterator<Item = String> + use<'v> {
    let folder = folder.to_owned();
    let entries = list.and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(move |entry| match entry {
        Value::Object(options) => options.keys().next().map(|path| within(&folder, path)),
        other => scalar(other).map(|path| within(&folder, &path)),
    })
}
