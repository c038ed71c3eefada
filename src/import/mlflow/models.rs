//! Logged models, registered models and their versions, and the names that point at versions. What a version
//! was registered from is told; that two versions of one model are equal is not concluded.

use super::names::{Store, code, in_workspace, linked_prompts, person, tag};
use super::runs::{Measured, keep_tags, optional, required, state};
use super::{pairs, prompts, time};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip, keep, scalar};
use crate::import::telling::evidence;
use crate::model::{Artefact, Attributes, Kind, Relation, Statement, Time};
use serde_json::Value;

/// A model that a run made.
pub(super) fn logged(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let info = node.required("info")?;
    let written = required(&info, "model_id")?;
    let id = store.logged(&written);
    let tags = pairs(&info, "tags")?;
    let at = time(&info, "creation_timestamp_ms", telling).or_else(|| time(&info, "creation_timestamp", telling));
    let registered = registrations(&info, &tags);
    let only = match registered.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    let mut model = Artefact::new(id.clone(), Kind::ModelVersion);
    model.identifiers.push(format!("models:/{written}"));
    model.identifiers.extend(optional(&info, "artifact_uri"));
    if only.is_some() {
        // The version that it is says by which name and since when.
        keep(&mut model.attributes, "logged", at.map(|at| at.to_string()).as_deref());
    } else {
        model.name = info.optional_text("name")?.map(str::to_owned);
        model.version = Some(written);
        model.at = at;
    }
    keep(&mut model.attributes, "status", status(&info).as_deref());
    keep(&mut model.attributes, "type", info.optional_text("model_type")?);
    state(&info, &mut model.attributes)?;
    let empty = Value::Object(serde_json::Map::new());
    let data = node.child("data")?.unwrap_or_else(|| Node::new(&empty, format!("{}/data", node.path)));
    for (key, value) in pairs(&data, "params")? {
        model.attributes.insert(format!("param.{key}"), clip(&value).into());
    }
    let measured = Measured::read(&data)?;
    measured.describe(&mut model.attributes);
    keep_tags(&tags, &mut model.attributes);
    if let Some(at) = at {
        telling.observe(at);
    }
    telling.artefact(model);
    match optional(&info, "source_run_id") {
        Some(run) => telling.link(&id, Relation::ProducedBy, &store.run(&run), at),
        None => telling.absent(&id, Relation::ProducedBy, "not-recorded"),
    }
    if let Some(code) = code(&tags, telling) {
        telling.link(&id, Relation::BuiltFrom, &code, at);
    }
    measured.tell(&id, at, telling);
    for (name, digest) in measured.datasets() {
        telling.link(&id, Relation::EvaluatedOn, &store.dataset(name, digest), at);
    }
    linked_prompts(&id, &tags, at, store, telling);
    if let Some((name, version)) = only {
        let version = version_id(&store.scoped(name), version);
        telling.same(&version, &id, "the only version that was registered from this logged model");
    }
    Ok(())
}

fn status(info: &Node<'_>) -> Option<String> {
    let written = optional(info, "status")?;
    let word = match written.as_str() {
        "1" => "PENDING",
        "2" => "READY",
        "3" => "FAILED",
        other => other.strip_prefix("LOGGED_MODEL_").unwrap_or(other),
    };
    Some(word.to_owned())
}

/// The versions that were registered from a logged model. A version may be there twice, as number and as text.
fn registrations(info: &Node<'_>, tags: &[(String, String)]) -> Vec<(String, String)> {
    let tagged = tag(tags, "mlflow.modelVersions").and_then(|text| crate::import::json::strict_value(text).ok());
    let lists = [info.value.get("registrations").cloned(), tagged];
    let mut found: Vec<(String, String)> = Vec::new();
    for item in lists.into_iter().flatten().filter_map(|list| list.as_array().cloned()).flatten() {
        let part = |key: &str| item.get(key).and_then(scalar);
        if let Some(one) = part("name").zip(part("version")).filter(|one| !found.contains(one)) {
            found.push(one);
        }
    }
    found
}

pub(super) fn version_id(scoped: &str, version: &str) -> String {
    format!("model-version:{scoped}@{version}")
}

/// Whether a registered model, or a version of it, is a prompt.
fn is_prompt(tags: &[(String, String)]) -> bool {
    tag(tags, "mlflow.prompt.is_prompt").is_some_and(|word| word.eq_ignore_ascii_case("true"))
        || tag(tags, "mlflow.prompt.text").is_some()
}

/// A registered model, with what its aliases point at.
pub(super) fn registered(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let name = node.text("name")?;
    let tags = pairs(node, "tags")?;
    let scoped = store.scoped(&in_workspace(node, name));
    let prompt = is_prompt(&tags);
    let kind = if prompt { Kind::Prompt } else { Kind::Model };
    let mut model = Artefact::new(format!("{kind}:{scoped}"), kind);
    model.name = Some(name.to_owned());
    model.at = time(node, "creation_timestamp", telling);
    model.owner = tag(&tags, "owner").map(str::to_owned);
    model.risk =
        ["risk", "risk.tier", "risk_tier", "risk.class"].iter().find_map(|key| tag(&tags, key)).map(str::to_owned);
    keep(&mut model.attributes, "description", node.optional_text("description")?);
    keep_tags(&tags, &mut model.attributes);
    if let Some(at) = model.at {
        telling.observe(at);
    }
    telling.artefact(model);
    for (alias, version) in aliases(node)? {
        let to = if prompt { format!("prompt:{scoped}@{version}") } else { version_id(&scoped, &version) };
        // Moving an alias changes no time that MLflow keeps.
        Pointer { scoped: &scoped, name, sort: "alias", word: &alias }.tell(&to, None, telling);
    }
    // In pages of registered models the newest versions stand within.
    for version in node.list("latest_versions")? {
        let told = self::version(&version, store, telling);
        telling.attempt(told);
    }
    Ok(())
}

/// Aliases, as a list of objects or as an object.
fn aliases(node: &Node<'_>) -> Result<Vec<(String, String)>, Fault> {
    match node.child("aliases")? {
        Some(found) if found.value.is_object() => Ok(found
            .value
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(key, to)| Some((key.clone(), scalar(to)?)))
            .collect()),
        Some(_) => {
            let list = node.list("aliases")?;
            list.iter().map(|it| Ok((it.text("alias")?.to_owned(), required(it, "version")?))).collect()
        }
        None => Ok(Vec::new()),
    }
}

/// A name that points at a version, and may point at another tomorrow.
struct Pointer<'a> {
    scoped: &'a str,
    name: &'a str,
    sort: &'a str,
    word: &'a str,
}

impl Pointer<'_> {
    fn tell(&self, to: &str, since: Option<Time>, telling: &mut Teller<'_>) {
        let pointer = telling.artefact(self.artefact());
        telling.link(&pointer, Relation::Deploys, to, since);
    }

    fn artefact(&self) -> Artefact {
        let Pointer { scoped, name, sort, word } = self;
        let mut pointer = Artefact::new(format!("deployment:{scoped}/{sort}/{word}"), Kind::Deployment);
        pointer.name = Some(format!("{name}@{word}"));
        pointer.attributes.insert("pointer".to_owned(), (*sort).into());
        if *sort == "alias" {
            pointer.attributes.insert("mlflow.alias".to_owned(), (*word).into());
            pointer.identifiers.push(format!("models:/{name}@{word}"));
        } else {
            pointer.environment = Some(word.to_lowercase());
        }
        pointer
    }
}

/// An alias that was set, or taken away: then which version it pointed at is not told.
pub(super) fn alias(
    node: &Node<'_>,
    store: &Store,
    prompt: bool,
    at: Option<Time>,
    gone: bool,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let (name, alias) = (node.text("name")?, node.text("alias")?);
    let scoped = store.scoped(&in_workspace(node, name));
    let pointer = Pointer { scoped: &scoped, name, sort: "alias", word: alias };
    if gone {
        let mut pointer = pointer.artefact();
        pointer.attributes.insert("state".to_owned(), "gone".into());
        keep(&mut pointer.attributes, "gone.seen", at.map(|at| at.to_string()).as_deref());
        telling.artefact(pointer);
        telling.doubt("/data: an alias was taken away; which version it pointed at is not told");
        return Ok(());
    }
    let version = required(node, "version")?;
    let to = if prompt { format!("prompt:{scoped}@{version}") } else { version_id(&scoped, &version) };
    pointer.tell(&to, at, telling);
    Ok(())
}

/// A version of a registered model.
pub(super) fn version(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let name = node.text("name")?;
    let number = required(node, "version")?;
    let tags = pairs(node, "tags")?;
    let scoped = store.scoped(&in_workspace(node, name));
    if is_prompt(&tags) {
        return prompts::version(node, name, &number, &scoped, &tags, store, telling);
    }
    let id = version_id(&scoped, &number);
    let at = time(node, "creation_timestamp", telling);
    let mut version = Artefact::new(id.clone(), Kind::ModelVersion);
    version.name = Some(name.to_owned());
    version.version = Some(number.clone());
    version.at = at;
    version.identifiers = store.version_identifiers(name, &number);
    for key in ["status", "status_message", "description", "run_link"] {
        keep(&mut version.attributes, key, node.optional_text(key)?);
    }
    let stage = node.optional_text("current_stage")?.unwrap_or("None");
    let deleted = stage == "Deleted_Internal";
    if deleted {
        version.attributes.insert("state".to_owned(), "deleted".into());
    } else if stage != "None" {
        version.attributes.insert("stage".to_owned(), stage.into());
    }
    let source =
        node.optional_text("source")?.map(str::trim).filter(|it| !it.is_empty() && !it.starts_with("REDACTED"));
    let storage = node.optional_text("storage_location")?.filter(|it| !it.is_empty() && Some(*it) != source);
    version.identifiers.extend(source.into_iter().chain(storage).map(str::to_owned));
    let approved = approved_at(&tags);
    let told = |key: &str| approved.is_some() && key.starts_with("approval.");
    let others: Vec<(String, String)> = tags.iter().filter(|(key, _)| !told(key)).cloned().collect();
    keep_tags(&others, &mut version.attributes);
    if let Some(at) = at {
        telling.observe(at);
    }
    telling.artefact(version);
    let model = telling.named(format!("model:{scoped}"), Kind::Model, name);
    telling.link(&id, Relation::VersionOf, &model, at);
    if let Some(by) = node.optional_text("user_id")?.and_then(|by| person(by, store, telling)) {
        telling.link(&id, Relation::ChangedBy, &by, at);
    }
    let run = node.optional_text("run_id")?.filter(|it| !it.is_empty() && !it.starts_with("REDACTED"));
    made_from(&id, source, run, at, store, telling);
    if !deleted && matches!(stage, "Staging" | "Production") {
        let since = time(node, "last_updated_timestamp", telling);
        Pointer { scoped: &scoped, name, sort: "stage", word: stage }.tell(&id, since, telling);
    }
    // An answer for one version names its aliases.
    for alias in node.list("aliases")?.iter().filter_map(|alias| alias.value.as_str()) {
        Pointer { scoped: &scoped, name, sort: "alias", word: alias }.tell(&id, None, telling);
    }
    linked_prompts(&id, &tags, at, store, telling);
    match approved {
        Some(at) => approval(&id, at, &tags, store, telling),
        None if tag(&tags, "approval.status").is_some() => {
            telling.doubt("tags/approval.status: an approval without a time; it is kept as an attribute only");
        }
        None => {}
    }
    Ok(())
}

/// What a version was registered from: a logged model, another version, what a run left, or bytes elsewhere.
fn made_from(
    id: &str,
    source: Option<&str>,
    run: Option<&str>,
    at: Option<Time>,
    store: &Store,
    telling: &mut Teller<'_>,
) {
    if let Some(run) = run {
        telling.link(id, Relation::ProducedBy, &store.run(run), at);
    }
    let how = |word: &str| Attributes::from([("how".to_owned(), word.into())]);
    let source = source.unwrap_or_default();
    if let Some(rest) = source.strip_prefix("models:/") {
        match rest.rsplit_once('/') {
            Some((name, number)) => {
                let other = version_id(&store.scoped(name), number);
                telling.link_with(id, Relation::DerivedFrom, &other, at, how("copied"));
            }
            None if !rest.contains('@') => {
                telling.link_with(id, Relation::DerivedFrom, &store.logged(rest), at, how("registered"));
            }
            None => telling
                .doubt(format!("source: \"{}\" is an alias: which version it was then is not known", clip(source))),
        }
        return;
    }
    if let Some((of, path)) = source.strip_prefix("runs:/").and_then(|rest| rest.split_once('/')) {
        let mut left = Artefact::new(store.in_run(of, path), Kind::ModelVersion);
        left.name = Some(path.rsplit('/').next().unwrap_or(path).to_owned());
        left.identifiers.push(source.to_owned());
        let left = telling.artefact(left);
        telling.link(&left, Relation::ProducedBy, &store.run(of), at);
        telling.link_with(id, Relation::DerivedFrom, &left, at, how("registered"));
        return;
    }
    if run.is_none() {
        telling.absent(id, Relation::ProducedBy, "not-recorded");
    }
}

/// When an approval that tags speak of was given.
fn approved_at(tags: &[(String, String)]) -> Option<Time> {
    tag(tags, "approval.status")?;
    let written = tag(tags, "approval.at").or_else(|| tag(tags, "approval.date"))?;
    Time::parse_stated(written).ok().map(|(at, _)| at)
}

/// What tags say of an approval. Whoever may tag may write them, so each says where it is from.
fn approval(id: &str, at: Time, tags: &[(String, String)], store: &Store, telling: &mut Teller<'_>) {
    let (kind, verdict) = match tag(tags, "approval.status").unwrap_or_default().to_ascii_lowercase().as_str() {
        "approved" => ("approval", Some("approved")),
        "rejected" | "denied" => ("approval", Some("rejected")),
        _ => ("approval-request", None),
    };
    let mut said = evidence(id, kind, at);
    said.scope = tag(tags, "approval.scope").map(str::to_owned);
    said.by = tag(tags, "approval.by").and_then(|by| person(by, store, telling));
    said.verdict = verdict.map(str::to_owned);
    keep(&mut said.attributes, "ticket", tag(tags, "approval.ticket"));
    said.attributes.insert("from".to_owned(), "tags of the version".into());
    telling.say(Statement::Evidence(said));
}
