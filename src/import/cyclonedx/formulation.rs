//! How something was made: workflows and their tasks as runs, with what went in and came out. Values
//! of environment variables are not repeated.

use super::bom::{Bom, End};
use super::{component, service};
use crate::import::bom::{Piece, clip, how, list, scalar, text, texts, word};
use crate::model::{Artefact, Attributes, Kind, Relation, Time};
use serde_json::Value;

/// Reads a formula.
pub(super) fn read(bom: &mut Bom<'_>, piece: &Piece) {
    let (value, path) = (&piece.value, piece.path.as_str());
    for (index, part) in list(value, "components").iter().enumerate() {
        component::read(bom, part, &format!("{path}/components/{index}"), None);
    }
    for (index, part) in list(value, "services").iter().enumerate() {
        service::read(bom, part, &format!("{path}/services/{index}"), None);
    }
    for (index, flow) in list(value, "workflows").iter().enumerate() {
        work(bom, flow, &format!("{path}/workflows/{index}"), None);
    }
}

/// Reads a workflow, or a task of one.
fn work(bom: &mut Bom<'_>, value: &Value, path: &str, parent: Option<&str>) {
    if !value.is_object() {
        return bom.sink.refuse(format!("{path}: expected an object, found {}; it is not read", word(value)));
    }
    let Some((id, new)) = bom.name(value, path, &Kind::Run, None) else { return };
    if !new {
        return;
    }
    let start = bom.moment(value, "timeStart", path);
    let end = bom.moment(value, "timeEnd", path);
    let mut run = Artefact::new(id.clone(), Kind::Run);
    run.name = text(value, "name").or_else(|| text(value, "uid")).map(str::to_owned);
    run.at = start.or(end);
    describe(bom, value, path, &mut run.attributes);
    bom.sink.artefact(run);
    if let Some(parent) = parent {
        bom.sink.link(&id, Relation::ChildOf, parent, Attributes::new());
    }
    resources(bom, value, path, &id, start);
    if let Some(trigger) = value.get("trigger").filter(|it| it.is_object()) {
        let path = format!("{path}/trigger");
        resources(bom, trigger, &path, &id, start);
    }
    for (index, task) in list(value, "tasks").iter().enumerate() {
        work(bom, task, &format!("{path}/tasks/{index}"), Some(&id));
    }
    for (index, edge) in list(value, "taskDependencies").iter().enumerate() {
        let path = format!("{path}/taskDependencies/{index}");
        let Some(from) = text(edge, "ref") else { continue };
        for to in texts(edge, "dependsOn") {
            let [from, to] = [from, to].map(|reference| End::Ref(reference.to_owned(), path.clone()));
            bom.later(from, Relation::CausedBy, to, how("how", "depends-on"), false);
        }
    }
}

fn describe(bom: &mut Bom<'_>, value: &Value, path: &str, attributes: &mut Attributes) {
    let keys = [("uid", "uid"), ("description", "description"), ("timeStart", "start"), ("timeEnd", "end")];
    Bom::keep(value, &keys, attributes);
    let sorts = texts(value, "taskTypes");
    if !sorts.is_empty() {
        attributes.insert("tasks".to_owned(), Value::from(sorts));
    }
    let commands: Vec<String> = list(value, "steps")
        .iter()
        .flat_map(|step| list(step, "commands"))
        .filter_map(|command| scalar(command, "executed"))
        .map(|command| clip(&command))
        .collect();
    if !commands.is_empty() {
        attributes.insert("commands".to_owned(), Value::from(commands));
    }
    if let Some(trigger) = value.get("trigger") {
        Bom::keep(trigger, &[("type", "trigger.type"), ("timeActivated", "trigger.at")], attributes);
        if let Some(event) = trigger.get("event") {
            Bom::keep(event, &[("uid", "trigger.event"), ("timeReceived", "trigger.received")], attributes);
        }
    }
    let mut names: Vec<String> = Vec::new();
    for input in list(value, "inputs") {
        for variable in list(input, "environmentVars") {
            names.extend(text(variable, "name").or_else(|| variable.as_str()).map(str::to_owned));
        }
        for parameter in list(input, "parameters") {
            if let Some(name) = text(parameter, "name") {
                let said = scalar(parameter, "value").unwrap_or_default();
                attributes.insert(format!("param.{name}"), Value::from(clip(&said)));
            }
        }
    }
    if !names.is_empty() {
        names.sort();
        names.dedup();
        attributes.insert("environment.names".to_owned(), Value::from(names));
    }
    bom.properties(value, path, attributes);
}

/// What went into a run, came out of it, or was at hand.
fn resources(bom: &mut Bom<'_>, value: &Value, path: &str, id: &str, since: Option<Time>) {
    // A run's links hold from its own start, not from when the document was made.
    let about = bom.time;
    bom.time = since;
    for (index, input) in list(value, "inputs").iter().enumerate() {
        for key in ["resource", "source"] {
            if let Some(end) = input.get(key).and_then(|it| end(it, &format!("{path}/inputs/{index}/{key}"))) {
                bom.later(End::Id(id.to_owned()), Relation::Used, end, how("how", key), true);
            }
        }
    }
    for (index, output) in list(value, "outputs").iter().enumerate() {
        if let Some(end) = output.get("resource").and_then(|it| end(it, &format!("{path}/outputs/{index}/resource"))) {
            let attributes = text(output, "type").map(|sort| how("type", sort)).unwrap_or_default();
            bom.later(end, Relation::ProducedBy, End::Id(id.to_owned()), attributes, true);
        }
    }
    for (index, reference) in list(value, "resourceReferences").iter().enumerate() {
        if let Some(end) = end(reference, &format!("{path}/resourceReferences/{index}")) {
            bom.later(End::Id(id.to_owned()), Relation::Used, end, how("how", "resource"), true);
        }
    }
    bom.time = about;
}

/// A resource by reference, or at an address.
fn end(value: &Value, path: &str) -> Option<End> {
    if let Some(reference) = text(value, "ref") {
        return Some(End::Ref(reference.to_owned(), format!("{path}/ref")));
    }
    let url = value.get("externalReference").and_then(|it| text(it, "url"))?;
    if url.starts_with("urn:cdx:") {
        return Some(End::Ref(url.to_owned(), format!("{path}/externalReference/url")));
    }
    Some(End::Id(url.to_owned()))
}
