//! What an event says of its run: state, parent, parameters, environment, code, errors. One claim
//! per event, so that the order in which events arrive decides nothing.

use super::checks::{clip, tags};
use super::event::{Bearer, Telling};
use super::ids::{self, Name};
use super::jobs;
use crate::import::node::{Fault, Node};
use crate::model::{Absence, Artefact, Attributes, Evidence, Kind, Link, Relation, Statement};
use serde_json::Value;

/// Tells of a run. `job` gives what the job's facets say of this one run of it.
pub(super) fn tell(
    run: &Bearer,
    id: &str,
    job_name: &Name,
    state: Option<&str>,
    job: &Bearer,
    telling: &mut Telling<'_>,
) {
    let mut artefact = Artefact::new(id, Kind::Run);
    artefact.name = Some(job_name.name.clone());
    artefact.at = Some(telling.time);
    if let Some(producer) = &telling.producer {
        artefact.attributes.insert("producer".to_owned(), Value::from(producer.as_str()));
    }
    if let Some(state) = state.filter(|state| !state.is_empty()) {
        artefact.attributes.insert(format!("state.{state}"), Value::from(telling.time.to_string()));
    }
    let mut after: Vec<Statement> = Vec::new();
    let mut parents: Vec<Parent> = Vec::new();
    run.each_facet(telling, &mut |telling, name, facet| match name {
        "parent" => {
            parents.push(parent(facet)?);
            Ok(())
        }
        "errorMessage" => {
            after.push(error(telling, id, facet)?);
            Ok(())
        }
        "test" => {
            after.extend(tests(telling, id, facet)?);
            Ok(())
        }
        "jobDependencies" => {
            after.extend(dependencies(telling, id, facet)?);
            Ok(())
        }
        "extractionError" => {
            after.extend(extraction_error(telling, id, facet)?);
            Ok(())
        }
        _ => describe(name, facet, &mut artefact.attributes),
    });
    job.each_facet(telling, &mut |_, name, facet| match name {
        // A job's text may change from run to run, so the run keeps what it ran.
        "sql" | "sourceCode" | "sourceCodeLocation" => jobs::describe_code(name, facet, &mut artefact.attributes),
        _ => Ok(()),
    });
    telling.say(Statement::Artefact(artefact));
    for statement in after {
        telling.say(statement);
    }
    for parent in parents {
        tell_parent(id, parent, telling);
    }
    jobs::tell_codes(job, id, telling);
}

fn describe(name: &str, facet: &Node<'_>, attributes: &mut Attributes) -> Result<(), Fault> {
    match name {
        "environmentVariables" => {
            for variable in facet.list("environmentVariables")? {
                let value = variable.optional_text("value")?.unwrap_or_default();
                attributes.insert(format!("env.{}", variable.text("name")?), Value::from(clip(value)));
            }
        }
        "nominalTime" => {
            for (key, name) in [("nominalStartTime", "nominal.start"), ("nominalEndTime", "nominal.end")] {
                if let Some(time) = facet.optional_text(key)? {
                    attributes.insert(name.to_owned(), Value::from(time));
                }
            }
        }
        "processing_engine" => {
            for (key, name) in [
                ("name", "engine.name"),
                ("version", "engine.version"),
                ("openlineageAdapterVersion", "engine.adapter"),
            ] {
                if let Some(text) = facet.optional_text(key)? {
                    attributes.insert(name.to_owned(), Value::from(text));
                }
            }
        }
        "externalQuery" => {
            for (key, name) in [("externalQueryId", "query.id"), ("source", "query.source")] {
                if let Some(text) = facet.optional_text(key)? {
                    attributes.insert(name.to_owned(), Value::from(text));
                }
            }
        }
        "executionParameters" => {
            for parameter in facet.list("parameters")? {
                let key = match parameter.optional_text("key")? {
                    Some(key) => key,
                    None => parameter.text("name")?,
                };
                let value = parameter.child("value")?.map_or(Value::Null, |node| node.value.clone());
                attributes.insert(format!("param.{key}"), value);
            }
        }
        "tags" => tags(facet, attributes)?,
        other => super::checks::foreign(other, facet, attributes),
    }
    Ok(())
}

struct Parent {
    run: Option<String>,
    job: Option<Name>,
    root: Option<String>,
}

fn parent(facet: &Node<'_>) -> Result<Parent, Fault> {
    let run_of = |node: &Node<'_>| -> Result<Option<String>, Fault> {
        node.child("run")?.map(|run| run.text("runId").map(|text| ids::run(text).0)).transpose()
    };
    let root = facet.child("root")?;
    let root_run = root.as_ref().map(run_of).transpose()?.flatten();
    let run = run_of(facet)?;
    if run.is_none() && root_run.is_none() {
        return Err(crate::import::node::missing(&facet.path, "run"));
    }
    let job = facet.child("job")?.map(|job| Name::of(&job)).transpose()?;
    Ok(Parent { run, job, root: root_run })
}

/// Says whose child a run is. A parent that no event describes stays one that is only mentioned.
fn tell_parent(id: &str, parent: Parent, telling: &mut Telling<'_>) {
    let mut attributes = Attributes::new();
    let upper = match (parent.run, parent.root) {
        (Some(run), root) => {
            if let Some(root) = root.filter(|root| *root != run) {
                attributes.insert("root".to_owned(), Value::from(root));
            }
            run
        }
        (None, Some(root)) => {
            attributes.insert("root".to_owned(), Value::from(root.as_str()));
            root
        }
        (None, None) => return,
    };
    if upper == id {
        return;
    }
    let is_root = attributes.get("root").and_then(Value::as_str) == Some(upper.as_str());
    telling.link(id, Relation::ChildOf, &upper, attributes);
    if let Some(job) = parent.job.filter(|_| !is_root) {
        telling.link(&upper, Relation::InstanceOf, &job.job(), Attributes::new());
    }
}

/// Tests that the run executed, of no one dataset.
fn tests(telling: &Telling<'_>, id: &str, facet: &Node<'_>) -> Result<Vec<Statement>, Fault> {
    let mut found = Vec::new();
    for test in facet.list("tests")? {
        let status = test.text("status")?;
        let mut evidence = telemetry(telling, id, test.text("name")?);
        evidence.kind = "evaluation".to_owned();
        evidence.verdict = Some(if status == "skip" { "skipped" } else { status }.to_owned());
        for key in ["severity", "type", "description", "expected", "actual", "content"] {
            if let Some(text) = test.optional_text(key)? {
                evidence.attributes.insert(key.to_owned(), Value::from(clip(text)));
            }
        }
        found.push(Statement::Evidence(evidence));
    }
    Ok(found)
}

/// Runs that this one waited for, and runs that waited for it: what followed was caused by what came before.
fn dependencies(telling: &Telling<'_>, id: &str, facet: &Node<'_>) -> Result<Vec<Statement>, Fault> {
    let mut found = Vec::new();
    for side in ["upstream", "downstream"] {
        for other in facet.list(side)? {
            let job = Name::of(&other.required("job")?)?.job();
            let run = other.child("run")?.map(|run| run.text("runId").map(|text| ids::run(text).0)).transpose()?;
            let named = run.as_deref().unwrap_or(&job);
            let (from, to) = if side == "upstream" { (id, named) } else { (named, id) };
            let mut link = Link::new(from, Relation::CausedBy, to);
            link.since = Some(telling.time);
            for key in ["dependency_type", "sequence_trigger_rule", "status_trigger_rule"] {
                if let Some(text) = other.optional_text(key)? {
                    link.attributes.insert(key.to_owned(), Value::from(text));
                }
            }
            found.push(Statement::Link(link));
            if let Some(run) = &run {
                let mut link = Link::new(run.as_str(), Relation::InstanceOf, job.as_str());
                link.since = Some(telling.time);
                found.push(Statement::Link(link));
            }
        }
    }
    Ok(found)
}

fn telemetry(telling: &Telling<'_>, about: &str, scope: &str) -> Evidence {
    Evidence {
        about: about.to_owned(),
        kind: "telemetry".to_owned(),
        scope: Some(scope.to_owned()),
        by: telling.producer.clone(),
        at: telling.time,
        verdict: Some("fail".to_owned()),
        expires: None,
        covers: Vec::new(),
        refs: Vec::new(),
        attributes: Attributes::new(),
    }
}

fn error(telling: &Telling<'_>, id: &str, facet: &Node<'_>) -> Result<Statement, Fault> {
    let mut evidence = telemetry(telling, id, "error");
    evidence.attributes.insert("message".to_owned(), Value::from(clip(facet.text("message")?)));
    for (key, name) in [("programmingLanguage", "language"), ("stackTrace", "stack")] {
        if let Some(text) = facet.optional_text(key)? {
            evidence.attributes.insert(name.to_owned(), Value::from(clip(text)));
        }
    }
    Ok(Statement::Evidence(evidence))
}

/// The producer could not tell which data the run used: a gap, said as one.
fn extraction_error(telling: &Telling<'_>, id: &str, facet: &Node<'_>) -> Result<[Statement; 2], Fault> {
    let mut evidence = telemetry(telling, id, "lineage-extraction");
    for key in ["totalTasks", "failedTasks"] {
        if let Some(node) = facet.child(key)? {
            evidence.attributes.insert(key.to_owned(), node.value.clone());
        }
    }
    let mut messages = Vec::new();
    for error in facet.list("errors")? {
        messages.push(Value::from(clip(error.text("errorMessage")?)));
    }
    evidence.attributes.insert("errors".to_owned(), Value::Array(messages));
    let absence = Absence {
        about: id.to_owned(),
        relation: Relation::Used,
        why: "not-recorded".to_owned(),
        by: telling.producer.clone(),
    };
    Ok([Statement::Evidence(evidence), Statement::Absence(absence)])
}
