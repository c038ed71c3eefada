//! Marquez's answer to `/api/v1/lineage`: jobs and datasets as they are now, brought to the events that would
//! say the same. It has no history: of a job it knows the newest run, and of links those that hold.

use crate::import::node::{Fault, Node};
use crate::import::teller::scalar;
use serde_json::{Map, Value, json};

/// What every such answer leaves out.
pub(super) const NOW_ONLY: &str = "/graph: an answer of Marquez to /api/v1/lineage tells what holds now: earlier runs, versions and links are not \
     in it; export /api/v1/events/lineage for all of it";

/// The events of a graph's nodes, each with its place; a node that cannot be read gives what is wrong with it.
pub(super) fn events(graph: &Node<'_>) -> Result<Vec<Result<Value, Fault>>, Fault> {
    let mut found = Vec::new();
    for node in graph.list("graph")? {
        match one(&node) {
            Ok(events) => found.extend(events.into_iter().map(Ok)),
            Err(fault) => found.push(Err(format!("{fault}; the node is left out"))),
        }
    }
    Ok(found)
}

fn one(node: &Node<'_>) -> Result<Vec<Value>, Fault> {
    let kind = node.text("type")?;
    let Some(data) = node.child("data")? else {
        return Err(format!("{}/data: found none, expected what the {} is", node.path, kind.to_lowercase()));
    };
    let name = data.child("id")?.filter(|id| id.value.is_object()).unwrap_or_else(|| data.clone());
    let name = json!({"namespace": name.text("namespace")?, "name": name.text("name")?});
    let at = ["updatedAt", "lastModifiedAt", "createdAt"].iter().find_map(|key| data.value.get(*key)?.as_str());
    let at = at.ok_or_else(|| format!("{}: none of updatedAt and createdAt is written", data.path))?;
    match kind {
        "DATASET" => Ok(Vec::from([event(at, "dataset", with_facets(&name, dataset(&data)))])),
        "JOB" => job(node, &data, &name, at),
        other => Err(format!("{}/type: found \"{other}\", expected DATASET or JOB", node.path)),
    }
}

fn event(at: &str, word: &str, what: Value) -> Value {
    json!({"eventTime": at, "producer": "marquez", word: what})
}

fn with_facets(name: &Value, facets: Map<String, Value>) -> Value {
    let mut whole = name.clone();
    if let Value::Object(whole) = &mut whole {
        whole.insert("facets".to_owned(), Value::Object(facets));
    }
    whole
}

/// What Marquez took out of facets, as those facets.
fn described(data: &Node<'_>) -> Map<String, Value> {
    let mut facets = data.value.get("facets").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut add = |name: &str, facet: Option<Value>| {
        if let Some(facet) = facet {
            facets.entry(name).or_insert(facet);
        }
    };
    let text = |key: &str| data.value.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    add("documentation", text("description").map(|text| json!({"description": text})));
    let tags = data.value.get("tags").and_then(Value::as_array).filter(|tags| !tags.is_empty());
    let tag = |tag: &Value| json!({"key": scalar(tag.get("name").unwrap_or(tag)), "value": true});
    add("tags", tags.map(|tags| json!({"tags": tags.iter().map(tag).collect::<Vec<_>>()})));
    facets
}

fn dataset(data: &Node<'_>) -> Map<String, Value> {
    let mut facets = described(data);
    let text = |key: &str| data.value.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let mut add = |name: &str, facet: Option<Value>| {
        if let Some(facet) = facet {
            facets.entry(name).or_insert(facet);
        }
    };
    let fields = data.value.get("fields").and_then(Value::as_array).filter(|fields| !fields.is_empty());
    add("schema", fields.map(|fields| json!({"fields": fields})));
    add("dataSource", text("sourceName").map(|name| json!({"name": name})));
    let deleted = data.value.get("deleted").and_then(Value::as_bool) == Some(true);
    let state = text("lastLifecycleState").or(deleted.then_some("DROP"));
    // Of a renaming the earlier name is not in the answer.
    add("lifecycleStateChange", state.filter(|it| *it != "RENAME").map(|it| json!({"lifecycleStateChange": it})));
    facets
}

fn job(node: &Node<'_>, data: &Node<'_>, name: &Value, at: &str) -> Result<Vec<Value>, Fault> {
    let mut facets = described(data);
    if let Some(location) = data.optional_text("location")?.filter(|it| !it.trim().is_empty()) {
        facets.entry("sourceCodeLocation").or_insert_with(|| json!({"type": "git", "url": location}));
    }
    let job = with_facets(name, facets);
    let inputs = ends(node, data, "inputs", "inEdges", "origin")?;
    let outputs = ends(node, data, "outputs", "outEdges", "destination")?;
    let with_data = |mut event: Value| {
        if let Value::Object(event) = &mut event {
            event.insert("inputs".to_owned(), Value::Array(inputs.clone()));
            event.insert("outputs".to_owned(), Value::Array(outputs.clone()));
        }
        event
    };
    let mut found = Vec::from([with_data(event(at, "job", job.clone()))]);
    if let Some(run) = data.child("latestRun")? {
        let id = run.text("id")?;
        let ended =
            ["endedAt", "updatedAt", "startedAt", "createdAt"].iter().find_map(|key| run.value.get(*key)?.as_str());
        let state = match run.optional_text("state")?.unwrap_or_default() {
            "COMPLETED" => "COMPLETE",
            "FAILED" => "FAIL",
            "ABORTED" => "ABORT",
            "RUNNING" => "RUNNING",
            _ => "OTHER",
        };
        let facets = run.value.get("facets").cloned().unwrap_or_else(|| json!({}));
        let told = json!({
            "eventTime": ended.unwrap_or(at), "producer": "marquez", "eventType": state,
            "run": {"runId": id, "facets": facets}, "job": job,
        });
        found.push(with_data(told));
    }
    Ok(found)
}

/// The datasets at one side of a job, from its own lists and from the edges.
fn ends(node: &Node<'_>, data: &Node<'_>, list: &str, edges: &str, end: &str) -> Result<Vec<Value>, Fault> {
    let mut found = Vec::new();
    let mut add = |name: Value| {
        if !found.contains(&name) {
            found.push(name);
        }
    };
    for item in data.list(list)? {
        add(json!({"namespace": item.text("namespace")?, "name": item.text("name")?}));
    }
    for edge in node.list(edges)? {
        let id = edge.text(end)?;
        // Another job is no dataset; which data lies between them is told by their own edges.
        let Some(rest) = id.strip_prefix("dataset:") else { continue };
        let (namespace, name) = split(rest).ok_or_else(|| format!("{}/{end}: \"{id}\" names no dataset", edge.path))?;
        add(json!({"namespace": namespace, "name": name}));
    }
    Ok(found)
}

/// A namespace holds colons of its own: before `//`, and before a port.
fn split(id: &str) -> Option<(&str, &str)> {
    let mut places = id.match_indices(':').map(|(at, _)| at);
    let ours = |at: &usize| {
        let rest = id.get(at + 1..).unwrap_or_default();
        !rest.starts_with("//") && !rest.starts_with(|c: char| c.is_ascii_digit())
    };
    let at = places.find(ours)?;
    let (namespace, name) = (id.get(..at)?, id.get(at + 1..)?);
    (!namespace.is_empty() && !name.is_empty()).then_some((namespace, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_keeps_its_colons() {
        assert_eq!(split("s3://lake:loans"), Some(("s3://lake", "loans")));
        assert_eq!(split("postgres://db:5432:shop.public.orders"), Some(("postgres://db:5432", "shop.public.orders")));
        assert_eq!(split("food_delivery:public.orders"), Some(("food_delivery", "public.orders")));
        assert_eq!(split("nothing"), None);
    }
}
