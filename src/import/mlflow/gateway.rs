//! The gateway's chain: a secret, the definitions of models that are called with it, the endpoints that hand
//! on to them, and who is bound to an endpoint. No value of a secret is read.

use super::names::{Store, in_workspace, person};
use super::runs::{keep_tags, optional, required};
use super::{pairs, time};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Attributes, Kind, Relation, Time};
use serde_json::Value;

fn changed(id: &str, node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    for (by, when) in [("created_by", "created_at"), ("last_updated_by", "last_updated_at")] {
        let at = time(node, when, telling);
        if let Some(by) = node.optional_text(by)?.and_then(|by| person(by, store, telling)) {
            telling.link(id, Relation::ChangedBy, &by, at);
        }
    }
    Ok(())
}

fn secret_id(id: &str, store: &Store) -> String {
    format!("secret:{}", store.scoped(id))
}

/// A secret, by its name.
pub(super) fn secret(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let id = required(node, "secret_id")?;
    let mut secret = Artefact::new(secret_id(&id, store), Kind::Secret);
    secret.name = node.optional_text("secret_name")?.map(|name| in_workspace(node, name));
    secret.at = time(node, "created_at", telling);
    keep(&mut secret.attributes, "provider", node.optional_text("provider")?);
    keep(&mut secret.attributes, "description", node.optional_text("description")?);
    let rotated = time(node, "last_updated_at", telling);
    keep(&mut secret.attributes, "last_rotated", rotated.map(|at| at.to_string()).as_deref());
    if let Some(at) = secret.at {
        telling.observe(at);
    }
    let secret = telling.artefact(secret);
    changed(&secret, node, store, telling)
}

fn definition_id(id: &str, store: &Store) -> String {
    format!("model-definition:{}", store.scoped(id))
}

/// Which model of which provider is called with which secret.
pub(super) fn definition(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let id = required(node, "model_definition_id")?;
    let at = time(node, "created_at", telling);
    let mut definition = Artefact::new(definition_id(&id, store), Kind::Other("model-definition".into()));
    definition.name = node.optional_text("name")?.map(|name| in_workspace(node, name));
    definition.at = at;
    let (provider, model) = (optional(node, "provider"), optional(node, "model_name"));
    keep(&mut definition.attributes, "provider", provider.as_deref());
    keep(&mut definition.attributes, "model", model.as_deref());
    if let Some(at) = at {
        telling.observe(at);
    }
    let definition = telling.artefact(definition);
    if let Some(model) = model {
        let full = provider.as_ref().map_or_else(|| model.clone(), |provider| format!("{provider}/{model}"));
        let mut called = Artefact::new(format!("model:{full}"), Kind::Model);
        called.name = Some(model);
        keep(&mut called.attributes, "provider", provider.as_deref());
        let called = telling.artefact(called);
        telling.link(&definition, Relation::Used, &called, at);
    }
    match optional(node, "secret_id") {
        Some(secret) => {
            let secret = secret_id(&secret, store);
            let since = time(node, "last_updated_at", telling).or(at);
            telling.link(&definition, Relation::AuthenticatesWith, &secret, since);
        }
        // The server forgets which secret it was when that is deleted.
        None => telling.absent(&definition, Relation::AuthenticatesWith, "not-recorded"),
    }
    changed(&definition, node, store, telling)
}

fn endpoint_id(id: &str, store: &Store) -> String {
    format!("endpoint:{}", store.scoped(id))
}

/// An endpoint with the definitions it hands on to, what guards it, and who uses it.
pub(super) fn endpoint(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let written = required(node, "endpoint_id")?;
    let at = time(node, "created_at", telling);
    let mut endpoint = Artefact::new(endpoint_id(&written, store), Kind::Endpoint);
    endpoint.name = node.optional_text("name")?.map(|name| in_workspace(node, name));
    endpoint.at = at;
    keep(&mut endpoint.attributes, "routing", node.optional_text("routing_strategy")?);
    keep_tags(&pairs(node, "tags")?, &mut endpoint.attributes);
    if let Some(at) = at {
        telling.observe(at);
    }
    let endpoint = telling.artefact(endpoint);
    for mapping in node.list("model_mappings")? {
        let definition = definition_id(&required(&mapping, "model_definition_id")?, store);
        let mut attributes = Attributes::new();
        for key in ["weight", "linkage_type", "fallback_order"] {
            if let Some(value) = mapping.child(key)? {
                attributes.insert(key.to_owned(), value.value.clone());
            }
        }
        let since = time(&mapping, "created_at", telling).or(at);
        telling.link_with(&endpoint, Relation::Used, &definition, since, attributes);
    }
    for guardrail in node.list("guardrails")? {
        let id = required(&guardrail, "guardrail_id")?;
        let mut policy = Artefact::new(format!("policy:{}", store.scoped(&format!("guardrail/{id}"))), Kind::Policy);
        policy.name = guardrail.optional_text("name")?.map(str::to_owned);
        keep(&mut policy.attributes, "stage", guardrail.optional_text("stage")?);
        keep(&mut policy.attributes, "action", guardrail.optional_text("action")?);
        if let Some(order) = guardrail.child("execution_order")? {
            policy.attributes.insert("order".to_owned(), order.value.clone());
        }
        let policy = telling.artefact(policy);
        let since = time(&guardrail, "created_at", telling);
        telling.link(&endpoint, Relation::GovernedBy, &policy, since);
    }
    for bound in node.list("bindings")? {
        bind(&endpoint, &bound, store, telling)?;
    }
    changed(&endpoint, node, store, telling)
}

/// Who is bound to an endpoint.
pub(super) fn binding(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let endpoint = endpoint_id(&required(node, "endpoint_id")?, store);
    bind(&endpoint, node, store, telling)
}

fn bind(endpoint: &str, node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let (sort, id) = (node.text("resource_type")?.to_lowercase(), required(node, "resource_id")?);
    let since: Option<Time> = time(node, "created_at", telling);
    let mut bound = Artefact::new(format!("{sort}:{}", store.scoped(&id)), Kind::parse(&sort));
    bound.name = node.optional_text("display_name")?.map(str::to_owned);
    bound.attributes.insert("resource".to_owned(), Value::from(id));
    let bound = telling.artefact(bound);
    telling.link(&bound, Relation::Used, endpoint, since);
    Ok(())
}
