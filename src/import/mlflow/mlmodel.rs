//! `MLmodel`, the description that lies beside a model's files, in all its generations, and the environment
//! that lies beside it. What is in the model's files it does not say.

use super::names::Store;
use super::runs::{optional, state};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep, scalar};
use crate::import::yaml;
use crate::model::{Artefact, Attributes, Kind, Relation, Time};
use serde_json::Value;

/// Whether a text is such a description: its flavours, and what no other YAML has beside them.
pub(super) fn recognises(text: &str) -> bool {
    let at_start = |key: &str| text.lines().any(|line| line.starts_with(key));
    at_start("flavors:")
        && ["mlflow_version:", "model_uuid:", "utc_time_created:", "artifact_path:"].iter().any(|key| at_start(key))
}

/// What lies beside it.
#[derive(Debug, Default)]
pub(super) struct Beside {
    requirements: Vec<String>,
    python: Option<String>,
}

/// A description that was gathered with what lies beside it.
pub(super) fn gathered(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let described = node.required("MLmodel")?;
    let value = yaml::value(described.as_text()?).map_err(|error| format!("MLmodel: {error}"))?;
    let mut beside = Beside::default();
    for (name, why) in node.entries("faults")? {
        telling.doubt(format!("{name}: {}; it is left out", why.as_text()?));
    }
    for name in ["conda.yaml", "python_env.yaml"] {
        let Some(text) = node.optional_text(name)? else { continue };
        let read = yaml::value(text).map_err(|error| format!("{name}: {error}"));
        if let Some(read) = telling.attempt(read) {
            beside.environment(&read);
        }
    }
    if let Some(text) = node.optional_text("requirements.txt")? {
        // It says what the others say, with versions that were resolved.
        beside.requirements = text.lines().map(str::to_owned).collect();
    }
    let store = Store::of(node)?;
    let id = tell(&Node::new(&value, "/MLmodel"), &store, &beside, telling)?;
    if let Some(version) = node.child("registered_as")? {
        let name = store.scoped(version.text("name")?);
        let version = format!("model-version:{name}@{}", super::runs::required(&version, "version")?);
        let how = Attributes::from([("how".to_owned(), "registered".into())]);
        telling.link_with(&version, Relation::DerivedFrom, &id, None, how);
    }
    Ok(())
}

impl Beside {
    fn environment(&mut self, value: &Value) {
        if let Some(python) = value.get("python").and_then(scalar) {
            self.python = Some(python);
        }
        for dependency in value.get("dependencies").and_then(Value::as_array).into_iter().flatten() {
            match dependency {
                Value::String(text) if text.starts_with("python=") => {
                    self.python = Some(text.trim_start_matches("python").trim_matches('=').to_owned());
                }
                Value::Object(inner) => {
                    let listed = inner.get("pip").and_then(Value::as_array).into_iter().flatten();
                    self.requirements.extend(listed.filter_map(scalar));
                }
                _ => {}
            }
        }
    }
}

/// A description; the id of what it describes.
pub(super) fn tell(node: &Node<'_>, store: &Store, beside: &Beside, telling: &mut Teller<'_>) -> Result<String, Fault> {
    let flavours = node.required("flavors")?;
    let run = optional(node, "run_id");
    let path = optional(node, "artifact_path");
    let uuid = optional(node, "model_uuid");
    // Since 3 a model has an id of its own; before, it is what a run left under a path.
    let id = match (optional(node, "model_id"), &run, &path, &uuid) {
        (Some(id), ..) => store.logged(&id),
        (None, Some(run), Some(path), _) if !path.starts_with('/') && !path.contains("://") => store.in_run(run, path),
        (None, _, _, Some(uuid)) => format!("model-version:mlflow/{uuid}"),
        _ => {
            return Err("/: neither model_id, nor run_id with artifact_path, nor model_uuid: which model it describes is not said".to_owned());
        }
    };
    let at = optional(node, "utc_time_created").and_then(|text| Time::parse_stated(&text).ok()).map(|(at, _)| at);
    let mut model = Artefact::new(id.clone(), Kind::ModelVersion);
    if let Some(id) = optional(node, "model_id") {
        // What logged it, or the registry, says by which name and since when it is known.
        model.identifiers.push(format!("models:/{id}"));
        keep(&mut model.attributes, "saved", at.map(|at| at.to_string()).as_deref());
    } else {
        model.name = path.as_deref().and_then(name);
        model.at = at;
    }
    if let (Some(run), Some(path)) = (&run, path.as_ref().filter(|path| !path.starts_with('/'))) {
        model.identifiers.push(format!("runs:/{run}/{path}"));
    }
    let names = flavours.value.as_object().map(|it| it.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    keep(&mut model.attributes, "flavors", Some(&names.join(", ")));
    for key in ["mlflow_version", "model_size_bytes", "model_uuid"] {
        keep(&mut model.attributes, key, optional(node, key).as_deref());
    }
    if let Some(signature) = node.child("signature")? {
        for key in ["inputs", "outputs", "params"] {
            keep(&mut model.attributes, &format!("signature.{key}"), optional(&signature, key).as_deref());
        }
    }
    let python = flavours.value.get("python_function").and_then(|it| it.get("python_version")).and_then(scalar);
    keep(&mut model.attributes, "python", python.as_deref().or(beside.python.as_deref()));
    for (name, flavour) in flavours.value.as_object().into_iter().flatten() {
        let of = |key: &str| flavour.get(key).and_then(scalar);
        keep(&mut model.attributes, &format!("{name}.version"), of(&format!("{name}_version")).as_deref());
        keep(&mut model.attributes, &format!("{name}.serialization"), of("serialization_format").as_deref());
    }
    state(node, &mut model.attributes)?;
    if let Some(at) = at {
        telling.observe(at);
    }
    telling.artefact(model);
    if let Some(run) = &run {
        telling.link(&id, Relation::ProducedBy, &store.run(run), at);
    }
    packages(&id, beside, at, telling);
    uses(&id, node, at, store, telling)?;
    Ok(id)
}

/// The last part of a path; where the store's own folders end it, the model's id says nothing as a name.
fn name(path: &str) -> Option<String> {
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    (last != "artifacts" && !last.is_empty()).then(|| last.to_owned())
}

/// Packages that the model is loaded with, of which only a pin says which.
fn packages(id: &str, beside: &Beside, at: Option<Time>, telling: &mut Teller<'_>) {
    for line in &beside.requirements {
        let line = line.split(" #").next().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with(['#', '-']) || line.contains("://") {
            continue;
        }
        let end = line.find(['=', '<', '>', '!', '~', '[', ' ']).unwrap_or(line.len());
        let (name, rest) = line.split_at(end);
        let version = rest.split_once("==").map(|(_, version)| version.trim_matches(['=', ' ']));
        let version = version.filter(|version| !version.is_empty() && !version.contains([',', '*', '<', '>']));
        let suffix = version.map_or_else(String::new, |version| format!("@{version}"));
        let Some(purl) = crate::import::bom::purl(&format!("pkg:pypi/{name}{suffix}")) else { continue };
        let mut package = Artefact::new(format!("package:{}", purl.text), Kind::Package);
        package.name = Some(name.to_owned());
        package.version = version.map(str::to_owned);
        package.identifiers.extend(purl.versioned.then(|| purl.text.clone()));
        if version.is_none() {
            keep(&mut package.attributes, "asked", Some(line));
        }
        let package = telling.artefact(package);
        telling.link(id, Relation::Contains, &package, at);
    }
}

/// Prompts, and what of the platform the model calls.
fn uses(id: &str, node: &Node<'_>, at: Option<Time>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    for prompt in node.list("prompts")? {
        let written = prompt.as_text()?;
        let rest = written.trim_start_matches("prompts:/").trim_start_matches('/');
        let (name, version) = match rest.split_once(['/', '@']) {
            Some((name, version)) => (name, Some(version)),
            None => (rest, None),
        };
        telling.link(id, Relation::UsesPrompt, &super::prompts::id(name, version, store), at);
    }
    let Some(resources) = node.child("resources")?.filter(|it| it.value.is_object()) else { return Ok(()) };
    for platform in
        resources.value.as_object().into_iter().flatten().filter_map(|(name, of)| of.as_object().map(|of| (name, of)))
    {
        for (sort, items) in platform.1 {
            for item in items.as_array().into_iter().flatten() {
                let Some(name) = item.get("name").and_then(Value::as_str) else { continue };
                let (kind, relation) = match sort.as_str() {
                    "function" | "genie_space" => (Kind::Tool, Relation::UsesTool),
                    "vector_search_index" => (Kind::Dataset, Relation::RetrievesFrom),
                    "table" | "lakebase" => (Kind::Dataset, Relation::Used),
                    "serving_endpoint" => (Kind::Endpoint, Relation::Used),
                    other => (Kind::Other(other.into()), Relation::Used),
                };
                let resource = telling.named(format!("{kind}:{}/{name}", platform.0), kind.clone(), name);
                telling.link(id, relation, &resource, at);
            }
        }
    }
    Ok(())
}
