//! Experiments and runs: what a run was given, measured, used and made, who ran it, of which code. A run that
//! was deleted is told of as deleted.

use super::names::{Store, code, linked_prompts, person, tag};
use super::{pairs, time};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip, keep, scalar};
use crate::import::telling::evidence;
use crate::model::{Artefact, Attributes, Digest, Kind, Relation, Statement, Time};
use serde_json::Value;

/// An experiment: runs that were made for one question.
pub(super) fn experiment(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let id = required(node, "experiment_id")?;
    let tags = pairs(node, "tags")?;
    let mut experiment = Artefact::new(store.experiment(&id), Kind::Other("experiment".into()));
    experiment.name = node.optional_text("name")?.map(str::to_owned);
    experiment.at = time(node, "creation_time", telling);
    experiment.owner = tag(&tags, "owner").map(str::to_owned);
    keep(&mut experiment.attributes, "artifact_location", node.optional_text("artifact_location")?);
    state(node, &mut experiment.attributes)?;
    keep_tags(&tags, &mut experiment.attributes);
    if let Some(at) = experiment.at {
        telling.observe(at);
    }
    telling.artefact(experiment);
    Ok(())
}

/// A text or a number that must be there.
pub(super) fn required(node: &Node<'_>, key: &str) -> Result<String, Fault> {
    let found = node.required(key)?;
    let text = scalar(found.value).unwrap_or_default();
    if text.trim().is_empty() { Err(format!("{}: is empty", found.path)) } else { Ok(text) }
}

/// A text or a number that may be there.
pub(super) fn optional(node: &Node<'_>, key: &str) -> Option<String> {
    node.value.get(key).and_then(scalar).filter(|text| !text.trim().is_empty())
}

/// What was deleted is evidence, and stays.
pub(super) fn state(node: &Node<'_>, attributes: &mut Attributes) -> Result<(), Fault> {
    if node.optional_text("lifecycle_stage")? == Some("deleted") {
        attributes.insert("state".to_owned(), "deleted".into());
        let at = node.value.get("deleted_time").and_then(Value::as_i64);
        let at = at.map(|at| Time::from_micros(at.saturating_mul(1000)).to_string());
        keep(attributes, "deleted", at.as_deref());
    }
    Ok(())
}

/// Tags that MLflow itself sets are told of as what they mean.
pub(super) fn keep_tags(tags: &[(String, String)], attributes: &mut Attributes) {
    for (key, value) in tags.iter().filter(|(key, _)| !key.starts_with("mlflow.")) {
        keep(attributes, &format!("tag.{key}"), Some(value));
    }
    keep(attributes, "note", tag(tags, "mlflow.note.content"));
}

/// The words of an enumeration that stores of files write as numbers.
fn status(node: &Node<'_>) -> Option<String> {
    let written = optional(node, "status")?;
    let words = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];
    let word = written.parse::<usize>().ok().and_then(|number| words.get(number.checked_sub(1)?));
    Some(word.map_or(written, |word| (*word).to_owned()))
}

/// A run.
pub(super) fn run(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let info = node.required("info")?;
    let written = optional(&info, "run_id").or_else(|| optional(&info, "run_uuid"));
    let written = written.ok_or_else(|| crate::import::node::missing(&info.path, "run_id"))?;
    let empty = Value::Object(serde_json::Map::new());
    let data = node.child("data")?.unwrap_or_else(|| Node::new(&empty, format!("{}/data", node.path)));
    let tags = pairs(&data, "tags")?;
    let at = time(&info, "start_time", telling);
    let id = store.run(&written);
    let mut run = Artefact::new(id.clone(), Kind::Run);
    run.name = optional(&info, "run_name").or_else(|| tag(&tags, "mlflow.runName").map(str::to_owned));
    run.at = at;
    run.identifiers.push(format!("runs:/{written}"));
    keep(&mut run.attributes, "status", status(&info).as_deref());
    let end = time(&info, "end_time", telling);
    keep(&mut run.attributes, "ended", end.map(|end| end.to_string()).as_deref());
    run.identifiers.extend(optional(&info, "artifact_uri"));
    keep(&mut run.attributes, "git.dirty", tag(&tags, "mlflow.source.git.dirty"));
    state(&info, &mut run.attributes)?;
    for (key, value) in pairs(&data, "params")? {
        run.attributes.insert(format!("param.{key}"), clip(&value).into());
    }
    let measured = Measured::read(&data)?;
    measured.describe(&mut run.attributes);
    keep_tags(&tags, &mut run.attributes);
    if let Some(at) = at {
        telling.observe(at);
    }
    telling.artefact(run);
    around(&id, &info, &tags, at, store, telling);
    used(&id, node, at, store, telling)?;
    // What was made is told under the run, which may have ended without saying when.
    measured.tell(&id, end.or(at), telling);
    Ok(())
}

/// Where a run belongs, who ran it, and of what it was made.
fn around(
    id: &str,
    info: &Node<'_>,
    tags: &[(String, String)],
    at: Option<Time>,
    store: &Store,
    telling: &mut Teller<'_>,
) {
    if let Some(parent) = tag(tags, "mlflow.parentRunId") {
        telling.link(id, Relation::ChildOf, &store.run(parent), at);
    }
    if let Some(experiment) = optional(info, "experiment_id") {
        telling.link(id, Relation::InstanceOf, &store.experiment(&experiment), at);
    }
    let user = tag(tags, "mlflow.user").map(str::to_owned).or_else(|| optional(info, "user_id"));
    if let Some(user) = user.and_then(|user| person(&user, store, telling)) {
        telling.link(id, Relation::RunsAs, &user, at);
    }
    match (code(tags, telling), tag(tags, "mlflow.source.git.commit")) {
        (Some(code), _) => telling.link(id, Relation::BuiltFrom, &code, at),
        (None, Some(written)) => telling.doubt(format!(
            "{}/tags/mlflow.source.git.commit: found \"{}\", expected a whole commit hash; which code ran is not known",
            info.path,
            clip(written)
        )),
        (None, None) => telling.absent(id, Relation::BuiltFrom, "not-recorded"),
    }
    let source = tag(tags, "mlflow.source.name").map(str::to_owned).or_else(|| optional(info, "source_name"));
    let source = tag(tags, "mlflow.databricks.notebookPath").map(str::to_owned).or(source);
    if let Some(source) = source.filter(|source| !source.trim().is_empty()) {
        let mut job = Artefact::new(format!("job:{}", store.scoped(&source)), Kind::Job);
        job.name = Some(source);
        keep(&mut job.attributes, "type", tag(tags, "mlflow.source.type"));
        let job = telling.artefact(job);
        telling.link(id, Relation::InstanceOf, &job, at);
    }
    if let Some(job) = tag(tags, "mlflow.databricks.jobID") {
        let job = telling.named(format!("job:databricks/{job}"), Kind::Job, job);
        telling.link(id, Relation::InstanceOf, &job, at);
    }
    let digest = tag(tags, "mlflow.docker.image.id").filter(|id| id.starts_with("sha256:"));
    if let Some(name) = tag(tags, "mlflow.docker.image.name").or(digest) {
        let written = digest.map_or_else(|| format!("image:{name}"), |digest| format!("image:{name}@{digest}"));
        let mut image = Artefact::new(written, Kind::Image);
        image.name = Some(name.to_owned());
        image.digests.extend(digest.map(Digest::parse));
        let image = telling.artefact(image);
        telling.link(id, Relation::BuiltFrom, &image, at);
    }
    linked_prompts(id, tags, at, store, telling);
}

/// What a dataset was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Training,
    Evaluation,
    Other,
}

fn role(context: &str) -> Role {
    match context.to_ascii_lowercase().replace(['-', '_', ' '], "").as_str() {
        "train" | "training" | "finetune" | "finetuning" | "pretraining" => Role::Training,
        "eval" | "evaluation" | "evaluate" | "validation" | "valid" | "val" | "test" | "testing" | "holdout" => {
            Role::Evaluation
        }
        _ => Role::Other,
    }
}

/// Datasets and models that went in, and models that came out.
fn used(id: &str, node: &Node<'_>, at: Option<Time>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let models = |of: &str, list: &str| -> Result<Vec<String>, Fault> {
        let Some(of) = node.child(of)? else { return Ok(Vec::new()) };
        of.list(list)?.iter().map(|model| Ok(store.logged(&required(model, "model_id")?))).collect()
    };
    let made = models("outputs", "model_outputs")?;
    let bases = models("inputs", "model_inputs")?;
    for model in &made {
        telling.link(model, Relation::ProducedBy, id, at);
        for base in &bases {
            let how = Attributes::from([("how".to_owned(), "finetune".into())]);
            telling.link_with(model, Relation::FineTunedFrom, base, at, how);
        }
    }
    for base in &bases {
        telling.link_with(id, Relation::Used, base, at, Attributes::from([("role".to_owned(), "model".into())]));
    }
    let inputs = node.child("inputs")?.map(|inputs| inputs.list("dataset_inputs")).transpose()?.unwrap_or_default();
    for input in &inputs {
        let tags = pairs(input, "tags")?;
        let context = tag(&tags, "mlflow.data.context");
        let Some(dataset) = input.child("dataset")? else { continue };
        let Some(dataset) = telling.attempt(dataset_of(&dataset, store)) else { continue };
        let dataset = telling.artefact(dataset);
        let mut attributes = Attributes::new();
        keep(&mut attributes, "role", context);
        telling.link_with(id, Relation::Used, &dataset, at, attributes.clone());
        let relation = match context.map(role) {
            Some(Role::Training) => Relation::TrainedOn,
            Some(Role::Evaluation) => Relation::EvaluatedOn,
            Some(Role::Other) | None => continue,
        };
        for model in &made {
            telling.link_with(model, relation.clone(), &dataset, at, attributes.clone());
        }
    }
    if inputs.is_empty() {
        telling.absent(id, Relation::Used, "not-recorded");
    }
    Ok(())
}

/// A dataset. Its digest is short and taken of a sample, so that equal ones prove nothing beyond the store.
fn dataset_of(node: &Node<'_>, store: &Store) -> Result<Artefact, Fault> {
    let (name, digest) = (node.text("name")?, required(node, "digest")?);
    let mut dataset = Artefact::new(store.dataset(name, &digest), Kind::Dataset);
    dataset.name = Some(name.to_owned());
    dataset.version = Some(digest.clone());
    dataset.attributes.insert("digest.mlflow".to_owned(), digest.into());
    dataset.attributes.insert("digest.says".to_owned(), "taken of a sample; equal ones are not proven equal".into());
    keep(&mut dataset.attributes, "source.type", node.optional_text("source_type")?);
    let source = node.optional_text("source")?.unwrap_or_default();
    let inner = crate::import::json::strict_value(source).unwrap_or_default();
    let uri = ["uri", "url", "path", "table_name", "delta_table_name"].iter().find_map(|key| inner.get(*key)?.as_str());
    keep(&mut dataset.attributes, "source", uri.or(Some(source)));
    dataset.identifiers.extend(uri.filter(|uri| uri.contains("://")).map(str::to_owned));
    keep(&mut dataset.attributes, "schema", node.optional_text("schema")?);
    keep(&mut dataset.attributes, "profile", node.optional_text("profile")?);
    Ok(dataset)
}

/// A dataset that the server keeps for evaluations.
pub(super) fn evaluation_dataset(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let id = required(node, "dataset_id")?;
    let mut dataset = Artefact::new(format!("dataset:{}", store.scoped(&id)), Kind::Dataset);
    dataset.name = node.optional_text("name")?.map(str::to_owned);
    dataset.at = time(node, "created_time", telling);
    keep(&mut dataset.attributes, "digest.mlflow", node.optional_text("digest")?);
    // An answer holds them as the text of an object.
    let tags = match node.value.get("tags").and_then(Value::as_str) {
        Some(text) => {
            let tags = serde_json::json!({"tags": crate::import::json::strict_value(text).unwrap_or_default()});
            pairs(&Node::new(&tags, node.path.clone()), "tags")?
        }
        None => pairs(node, "tags")?,
    };
    dataset.owner = tag(&tags, "owner").map(str::to_owned);
    keep_tags(&tags, &mut dataset.attributes);
    let at = dataset.at;
    let dataset = telling.artefact(dataset);
    if let Some(by) = node.optional_text("created_by")?.and_then(|by| person(by, store, telling)) {
        telling.link(&dataset, Relation::ChangedBy, &by, at);
    }
    Ok(())
}

/// Measures by what they were measured on.
#[derive(Debug, Default)]
pub(super) struct Measured(Vec<Measure>);

#[derive(Debug)]
struct Measure {
    key: String,
    value: Value,
    at: Option<Time>,
    steps: Vec<(&'static str, Value)>,
    on: Option<(String, String)>,
}

impl Measured {
    /// The measures of a run or of a model. What the machine measured of itself is no result.
    pub(super) fn read(data: &Node<'_>) -> Result<Measured, Fault> {
        let mut all = Vec::new();
        for node in data.list("metrics")? {
            let key = node.text("key")?;
            if key.starts_with("system/") {
                continue;
            }
            let value = node.child("value")?.map_or(Value::Null, |value| value.value.clone());
            let at = node.value.get("timestamp").and_then(Value::as_i64).filter(|at| *at > 0);
            let steps = ["count", "min", "max"].into_iter();
            let steps = steps.filter_map(|word| Some((word, node.value.get(word)?.clone()))).collect();
            let on = optional(&node, "dataset_name").zip(optional(&node, "dataset_digest"));
            let at = at.map(|at| Time::from_micros(at.saturating_mul(1000)));
            all.push(Measure { key: key.to_owned(), value, at, steps, on });
        }
        Ok(Measured(all))
    }

    pub(super) fn describe(&self, attributes: &mut Attributes) {
        for it in &self.0 {
            let plain = format!("metric.{}", it.key);
            // The same measure on another dataset is told with that dataset's name.
            let key = match &it.on {
                Some((name, _)) if attributes.contains_key(&plain) => format!("metric.{name}.{}", it.key),
                _ => plain,
            };
            attributes.entry(key).or_insert_with(|| it.value.clone());
        }
    }

    /// One evaluation for each dataset that something was measured on, and one for the rest.
    pub(super) fn tell(&self, about: &str, at: Option<Time>, telling: &mut Teller<'_>) {
        let mut sets: Vec<&Option<(String, String)>> = self.0.iter().map(|it| &it.on).collect();
        sets.sort();
        sets.dedup();
        for on in sets {
            let of = || self.0.iter().filter(|it| it.on == *on);
            let Some(at) = of().filter_map(|it| it.at).max().or(at) else { continue };
            let scope = on.as_ref().map_or_else(|| "metrics".to_owned(), |(name, digest)| format!("{name}@{digest}"));
            let mut said = evidence(about, "evaluation", at);
            said.scope = Some(scope);
            for it in of() {
                said.attributes.insert(format!("metric.{}", it.key), it.value.clone());
                for (word, value) in &it.steps {
                    said.attributes.insert(format!("steps.{}.{word}", it.key), value.clone());
                }
            }
            telling.say(Statement::Evidence(said));
        }
    }

    /// The datasets that something was measured on.
    pub(super) fn datasets(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut sets: Vec<(&str, &str)> = self
            .0
            .iter()
            .filter_map(|it| it.on.as_ref())
            .map(|(name, digest)| (name.as_str(), digest.as_str()))
            .collect();
        sets.sort_unstable();
        sets.dedup();
        sets.into_iter()
    }
}
