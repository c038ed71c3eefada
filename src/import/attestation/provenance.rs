//! SLSA provenance 0.1, 0.2 and 1: the run that made the subjects, what it used, from which commit,
//! on whose behalf. Environments are not copied: of them only who asked and which run it was is told.

use super::descriptor::{self, Thing};
use super::statement::{Statement, Told};
use crate::import::node::{Fault, Node};
use crate::import::openlineage::ids;
use crate::import::teller::{Teller, clip, keep};
use crate::model::{Artefact, Attributes, Kind, Relation, Time};
use serde_json::Value;

/// What the versions of provenance say in words of their own.
#[derive(Default)]
struct Build {
    builder: Option<String>,
    build_type: Option<String>,
    invocation: Option<String>,
    started: Option<Time>,
    finished: Option<Time>,
    /// Repository and entry point of what was run.
    source: Option<Thing>,
    repository: Option<String>,
    entry_point: Option<String>,
    used: Vec<Thing>,
    byproducts: Vec<Thing>,
    actor: Option<String>,
    run_id: Option<String>,
    attributes: Attributes,
}

/// Reads provenance of any version; nothing for one that is not known.
pub(super) fn read(
    statement: &Statement<'_>,
    predicate: &Node<'_>,
    telling: &mut Teller<'_>,
) -> Result<Option<Told>, Fault> {
    let version = statement.predicate_type.rsplit('/').next().unwrap_or_default();
    let build = match version.split('?').next().unwrap_or_default() {
        "v0.1" | "v0.2" => early(predicate, telling)?,
        one if one == "v1" || one.starts_with("v1.") => first(predicate, telling)?,
        _ => return Ok(None),
    };
    Ok(Some(tell(statement, build, telling)))
}

fn resources(node: &Node<'_>, key: &str, telling: &mut Teller<'_>) -> Vec<Thing> {
    let list = telling.attempt(node.list(key)).unwrap_or_default();
    let mut found = Vec::new();
    for resource in list {
        let read = descriptor::resource(&resource, telling);
        found.extend(telling.attempt(read));
    }
    found
}

fn builder(node: &Node<'_>) -> Result<Option<String>, Fault> {
    Ok(match node.child("builder")? {
        Some(builder) => builder.optional_text("id")?.filter(|id| !id.trim().is_empty()).map(str::to_owned),
        None => None,
    })
}

/// Parameters, as the diff compares them: the ones with a short value.
fn parameters(node: Option<Node<'_>>, build: &mut Build) {
    let Some(Value::Object(given)) = node.map(|node| node.value.clone()) else { return };
    let mut pending: Vec<(String, Value, usize)> = given.into_iter().map(|(key, value)| (key, value, 0)).collect();
    while let Some((key, value, depth)) = pending.pop() {
        match value {
            Value::Object(inner) if depth < 3 => {
                pending.extend(inner.into_iter().map(|(name, value)| (format!("{key}.{name}"), value, depth + 1)));
            }
            Value::Array(list) => {
                build.attributes.insert(format!("param.{key}"), Value::from(clip(&Value::Array(list).to_string())));
            }
            Value::Null | Value::Object(_) => {}
            Value::String(text) => {
                build.attributes.insert(format!("param.{key}"), Value::from(clip(&text)));
            }
            other => {
                build.attributes.insert(format!("param.{key}"), other);
            }
        }
    }
}

/// Who asked for the run and which run it was, in an environment of GitHub's.
fn environment(node: Option<Node<'_>>, build: &mut Build) {
    let Some(Value::Object(environment)) = node.map(|node| node.value) else { return };
    let text = |key: &str| {
        [key.to_owned(), key.to_ascii_uppercase()]
            .iter()
            .find_map(|key| environment.get(key.as_str()).and_then(crate::import::teller::scalar))
            .filter(|text| !text.is_empty())
    };
    build.actor = text("github_actor").or_else(|| text("github_triggering_actor"));
    build.run_id = text("github_run_id");
    if let Some(repository) = text("github_repository").filter(|name| name.contains('/')) {
        build.repository.get_or_insert_with(|| format!("github.com/{repository}"));
    }
    for (key, name) in
        [("github_event_name", "event"), ("github_ref", "ref"), ("github_run_attempt", "attempt"), ("arch", "arch")]
    {
        keep(&mut build.attributes, name, text(key).as_deref());
    }
}

/// 0.1 with its recipe, and 0.2 with its invocation.
fn early(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Build, Fault> {
    let mut build = Build { builder: builder(node)?, ..Build::default() };
    build.build_type = node.optional_text("buildType")?.map(str::to_owned);
    if let Some(metadata) = node.child("metadata")? {
        for key in ["buildInvocationId", "buildInvocationID"] {
            build.invocation = build.invocation.or(metadata.optional_text(key)?.map(str::to_owned));
        }
        build.started = telling.time(&metadata, "buildStartedOn")?;
        build.finished = telling.time(&metadata, "buildFinishedOn")?;
        if let Some(complete) = metadata.child("completeness")? {
            for (key, value) in complete.value.as_object().into_iter().flatten() {
                build.attributes.insert(format!("complete.{key}"), value.clone());
            }
        }
    }
    build.used = resources(node, "materials", telling);
    if let Some(invocation) = node.child("invocation")? {
        if let Some(source) = invocation.child("configSource")?.filter(|it| it.value.get("digest").is_some()) {
            keep(&mut build.attributes, "source", source.optional_text("uri")?);
            let read = descriptor::resource(&source, telling);
            build.source = telling.attempt(read);
        }
        if let Some(source) = invocation.child("configSource")? {
            build.entry_point = source.optional_text("entryPoint")?.map(str::to_owned);
            build.repository = source.optional_text("uri")?.and_then(descriptor::repository_of);
        }
        parameters(invocation.child("parameters")?, &mut build);
        environment(invocation.child("environment")?, &mut build);
    }
    if let Some(recipe) = node.child("recipe")? {
        build.build_type = build.build_type.or(recipe.optional_text("type")?.map(str::to_owned));
        build.entry_point = recipe.optional_text("entryPoint")?.map(str::to_owned);
        let which = recipe.child("definedInMaterial")?.and_then(|it| it.value.as_u64());
        let which = which.and_then(|at| usize::try_from(at).ok()).and_then(|at| build.used.get(at));
        build.source = which.or_else(|| build.used.iter().find(|it| it.kind == Kind::Code)).cloned();
        build.repository = build.source.as_ref().and_then(|source| source.name.clone());
        environment(recipe.child("environment")?, &mut build);
    }
    Ok(build)
}

/// 1.0 and later.
fn first(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Build, Fault> {
    let definition = node.required("buildDefinition")?;
    let mut build = Build {
        build_type: definition.optional_text("buildType")?.map(str::to_owned),
        used: resources(&definition, "resolvedDependencies", telling),
        ..Build::default()
    };
    let external = definition.child("externalParameters")?.filter(|it| it.value.is_object());
    if let Some(workflow) = external.as_ref().map(|it| it.child("workflow")).transpose()?.flatten()
        && workflow.value.is_object()
    {
        build.repository = workflow.optional_text("repository")?.and_then(descriptor::repository_of);
        build.entry_point = workflow.optional_text("path")?.map(str::to_owned);
        keep(&mut build.attributes, "ref", workflow.optional_text("ref")?);
    }
    if build.repository.is_none() {
        build.repository = build.used.iter().find(|it| it.kind == Kind::Code).and_then(|it| it.name.clone());
    }
    parameters(external, &mut build);
    let internal = definition.child("internalParameters")?.filter(|it| it.value.is_object());
    if let Some(github) = internal.as_ref().map(|it| it.child("github")).transpose()?.flatten() {
        keep(&mut build.attributes, "event", github.optional_text("event_name").ok().flatten());
    }
    environment(internal, &mut build);
    if let Some(details) = node.child("runDetails")? {
        build.builder = builder(&details)?;
        build.byproducts = resources(&details, "byproducts", telling);
        if let Some(metadata) = details.child("metadata")? {
            for key in ["invocationId", "invocationID"] {
                build.invocation = build.invocation.or(metadata.optional_text(key)?.map(str::to_owned));
            }
            build.started = telling.time(&metadata, "startedOn")?;
            build.finished = telling.time(&metadata, "finishedOn")?;
        }
    }
    Ok(build)
}

/// The id of a run: GitHub's own where it is one, so that its other records speak of the same run.
fn run_id(build: &Build, subjects: &[Thing]) -> String {
    let repository = build.repository.as_deref();
    if let Some(invocation) = build.invocation.as_deref().filter(|text| !text.trim().is_empty()) {
        if let Some((_, rest)) = invocation.split_once("://").filter(|(_, rest)| rest.contains("/actions/runs/")) {
            return format!("run:{}", rest.split("/attempts/").next().unwrap_or(rest));
        }
        let number = invocation.split('-').next().unwrap_or_default();
        let numbered = build.run_id.as_deref() == Some(number);
        if let Some(repository) = repository.filter(|it| it.starts_with("github.com/") && numbered) {
            return format!("run:{repository}/actions/runs/{number}");
        }
        if let (id, true) = ids::run(invocation) {
            return id;
        }
        return format!("run:{}#{invocation}", build.builder.as_deref().unwrap_or("build"));
    }
    if let (Some(run), Some(repository)) = (&build.run_id, repository.filter(|it| it.starts_with("github.com/"))) {
        return format!("run:{repository}/actions/runs/{run}");
    }
    let made = subjects.first();
    let made = made.map_or("", |it| it.digests.first().map_or(it.id.as_str(), |digest| digest.as_str()));
    format!("run:{}#{made}", build.builder.as_deref().unwrap_or("build"))
}

fn tell(statement: &Statement<'_>, build: Build, telling: &mut Teller<'_>) -> Told {
    let since = build.finished.or(build.started);
    for at in [build.started, build.finished].into_iter().flatten() {
        telling.observe(at);
    }
    let mut run = Artefact::new(run_id(&build, &statement.subjects), Kind::Run);
    run.at = build.started.or(build.finished);
    run.name = build.entry_point.clone().or_else(|| build.build_type.clone());
    run.attributes = build.attributes.clone();
    keep(&mut run.attributes, "build-type", build.build_type.as_deref());
    keep(&mut run.attributes, "invocation", build.invocation.as_deref());
    if let Some(finished) = build.finished {
        run.attributes.insert("finished".to_owned(), Value::from(finished.to_string()));
    }
    if build.invocation.is_none() {
        run.attributes.insert("invocation-stated".to_owned(), Value::Bool(false));
    }
    let run = telling.artefact(run);
    for subject in &statement.subjects {
        telling.link(&subject.id, Relation::ProducedBy, &run, since);
    }
    let mut codes: Vec<&str> = Vec::new();
    for thing in build.source.iter().chain(&build.used) {
        let relation = if thing.kind == Kind::Code { Relation::BuiltFrom } else { Relation::Used };
        if !codes.contains(&thing.id.as_str()) {
            codes.push(&thing.id);
            telling.link(&run, relation, &thing.id, build.started.or(since));
        }
    }
    for byproduct in &build.byproducts {
        telling.link(&byproduct.id, Relation::ProducedBy, &run, since);
    }
    if codes.is_empty() {
        telling.absent(&run, Relation::Used, "not-recorded");
    }
    job(&build, &run, telling);
    let mut told = Told { at: since, ..Told::default() };
    if let Some(builder) = &build.builder {
        let id = format!("identity:{builder}");
        let mut identity = Artefact::new(id.as_str(), Kind::Identity);
        identity.name = Some(builder.clone());
        identity.attributes.insert("type".to_owned(), Value::from("builder"));
        telling.artefact(identity);
        telling.link(&run, Relation::RunsAs, &id, build.started.or(since));
        told.by = Some(id);
        keep(&mut told.attributes, "builder", Some(builder));
    }
    if let Some(actor) = &build.actor {
        let id = format!("github:user/{actor}");
        let mut identity = Artefact::new(id.as_str(), Kind::Identity);
        identity.name = Some(actor.clone());
        identity.attributes.insert("type".to_owned(), Value::from("person"));
        telling.artefact(identity);
        telling.link(&run, Relation::ActedFor, &id, build.started.or(since));
    }
    told.attributes.insert("run".to_owned(), Value::from(run));
    keep(&mut told.attributes, "build-type", build.build_type.as_deref());
    told
}

/// The definition that was run: a workflow of a repository, where it is named.
fn job(build: &Build, run: &str, telling: &mut Teller<'_>) {
    let Some(entry) = build.entry_point.as_deref().filter(|entry| !entry.trim().is_empty()) else { return };
    let entry = entry.split('@').next().unwrap_or(entry);
    let id = match &build.repository {
        // npm writes the repository in front of the path once more.
        Some(repository) => {
            let within = repository.split_once('/').map_or("", |(_, name)| name);
            let path = entry.strip_prefix(within).map_or(entry, |path| path.trim_start_matches('/'));
            format!("job:{repository}/{path}")
        }
        None => format!("job:{entry}"),
    };
    let job = telling.named(id, Kind::Job, entry);
    telling.link(run, Relation::InstanceOf, &job, build.started.or(build.finished));
}
