//! Workflows of n8n: agents, models, tools and credentials as nodes, and what is connected to what. It
//! says what a workflow would do and nothing of what it did.

use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep, scalar};
use crate::model::{Artefact, Kind, Relation};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads one workflow.
pub(super) fn read(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let name = node.optional_text("name")?.unwrap_or("workflow");
    let own = node.child("id")?.and_then(|id| scalar(id.value)).unwrap_or_else(|| name.to_owned());
    let mut job = Artefact::new(format!("job:n8n/{own}"), Kind::Job);
    job.name = Some(name.to_owned());
    let job = telling.artefact(job);
    let mut parts: BTreeMap<String, (Kind, String)> = BTreeMap::new();
    for item in node.list("nodes")? {
        let told = part(&item, &own, &job, telling);
        if let Some((name, part)) = telling.attempt(told) {
            parts.insert(name, part);
        }
    }
    for (from, outputs) in node.entries("connections")? {
        for (sort, value) in outputs.value.as_object().into_iter().flatten() {
            for target in targets(value, 0) {
                let (Some((kind, from)), Some((_, to))) = (parts.get(from), parts.get(target)) else {
                    let place = &outputs.path;
                    telling.doubt(format!("{place}: connects \"{from}\" with \"{target}\", which is no node of it"));
                    continue;
                };
                match (kind, sort.as_str()) {
                    (Kind::Model, _) => telling.link(to, Relation::Used, from, None),
                    (Kind::Dataset, _) => telling.link(to, Relation::RetrievesFrom, from, None),
                    (_, "main") => telling.link(to, Relation::CausedBy, from, None),
                    _ => telling.link(to, Relation::UsesTool, from, None),
                }
            }
        }
    }
    Ok(())
}

/// The names of the nodes that a list within lists leads to.
fn targets(value: &Value, depth: usize) -> Vec<&str> {
    if depth > 6 {
        return Vec::new();
    }
    match value {
        Value::Object(map) => match map.get("node").and_then(Value::as_str) {
            Some(node) => Vec::from([node]),
            None => map.values().flat_map(|inner| targets(inner, depth + 1)).collect(),
        },
        Value::Array(list) => list.iter().flat_map(|inner| targets(inner, depth + 1)).collect(),
        _ => Vec::new(),
    }
}

fn part(
    node: &Node<'_>,
    workflow: &str,
    job: &str,
    telling: &mut Teller<'_>,
) -> Result<(String, (Kind, String)), Fault> {
    let name = node.text("name")?;
    let sort = node.text("type")?;
    let short = sort.rsplit('.').next().unwrap_or(sort);
    let parameters = node.child("parameters")?;
    let asked = parameters.as_ref().and_then(|it| {
        let model = it.value.get("model").or_else(|| it.value.get("modelName"))?;
        scalar(model).or_else(|| scalar(model.get("value")?))
    });
    let (kind, id) = if let Some(model) = asked.filter(|_| short.starts_with("lm") || short.starts_with("embeddings")) {
        (Kind::Model, format!("model:{model}"))
    } else if short.starts_with("agent") || short.starts_with("chain") {
        (Kind::Agent, format!("agent:n8n/{workflow}/{name}"))
    } else if short.starts_with("vectorStore") {
        (Kind::Dataset, format!("dataset:n8n/{workflow}/{name}"))
    } else {
        (Kind::Tool, format!("tool:n8n/{workflow}/{name}"))
    };
    let mut artefact = Artefact::new(id, kind.clone());
    artefact.name = Some(if kind == Kind::Model { artefact.id.replacen("model:", "", 1) } else { name.to_owned() });
    keep(&mut artefact.attributes, "type", Some(sort));
    let system = parameters
        .as_ref()
        .and_then(|it| it.value.get("systemMessage").or_else(|| it.value.get("options")?.get("systemMessage")));
    let system = system.and_then(Value::as_str).map(str::to_owned);
    let id = telling.artefact(artefact);
    telling.link(job, Relation::Contains, &id, None);
    if let Some(system) = system {
        let mut prompt = Artefact::new(format!("prompt:n8n/{workflow}/{name}"), Kind::Prompt);
        keep(&mut prompt.attributes, "text", Some(&system));
        let prompt = telling.artefact(prompt);
        telling.link(&id, Relation::UsesPrompt, &prompt, None);
    }
    for (sort, credential) in node.entries("credentials")? {
        let written =
            if credential.value.is_object() { credential.optional_text("name")? } else { credential.value.as_str() };
        let own = credential.value.get("id").and_then(scalar).or_else(|| written.map(str::to_owned));
        let Some(own) = own else { continue };
        let mut secret = Artefact::new(format!("secret:n8n/{sort}/{own}"), Kind::Secret);
        secret.name = written.map(str::to_owned);
        let secret = telling.artefact(secret);
        // A model is no holder of a key: the workflow that calls it is.
        let holder = if kind == Kind::Model { job } else { &id };
        telling.link(holder, Relation::AuthenticatesWith, &secret, None);
    }
    Ok((name.to_owned(), (kind, id)))
}
