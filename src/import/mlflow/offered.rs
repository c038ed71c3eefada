//! What a server keeps beside models and runs: MCP servers with the tools they offer, the endpoints they are reached
//! at, scorers, and the webhooks that are told of changes. What a scorer computes stays in the record.

use super::names::{Store, in_workspace, person};
use super::runs::{keep_tags, optional, required};
use super::{pairs, time};
use crate::import::bom;
use crate::import::node::{Fault, Node};
use crate::import::openlineage::repository;
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Digest, Kind, Relation};
use crate::proof::digest::sha256;
use serde_json::Value;

/// The name of an MCP server within the store.
fn scoped(node: &Node<'_>, name: &str, store: &Store) -> String {
    store.scoped(&format!("mcp/{}", in_workspace(node, name)))
}

fn digest_of(text: &str) -> String {
    format!("sha256:{}", hex::encode(sha256(text.as_bytes())))
}

/// Who made something, and who changed it last.
fn made(id: &str, node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    for (by, when) in [("created_by", "creation_timestamp"), ("last_updated_by", "last_updated_timestamp")] {
        let at = time(node, when, telling);
        if let Some(by) = node.optional_text(by)?.and_then(|by| person(by, store, telling)) {
            telling.link(id, Relation::ChangedBy, &by, at);
        }
    }
    Ok(())
}

/// An MCP server, with what its aliases point at and where it is reached.
pub(super) fn mcp_server(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let name = node.text("name")?;
    let scoped = scoped(node, name, store);
    let mut server = Artefact::new(format!("tool:{scoped}"), Kind::Tool);
    server.name = Some(name.to_owned());
    server.at = time(node, "creation_timestamp", telling);
    server.attributes.insert("type".to_owned(), "mcp-server".into());
    for key in ["display_name", "description", "status", "latest_version"] {
        keep(&mut server.attributes, key, node.optional_text(key)?);
    }
    keep_tags(&pairs(node, "tags")?, &mut server.attributes);
    if let Some(at) = server.at {
        telling.observe(at);
    }
    let server = telling.artefact(server);
    made(&server, node, store, telling)?;
    for alias in node.list("aliases")? {
        let (word, version) = (alias.text("alias")?, required(&alias, "version")?);
        let mut pointer = Artefact::new(format!("deployment:{scoped}/alias/{word}"), Kind::Deployment);
        pointer.name = Some(format!("{name}@{word}"));
        pointer.attributes.insert("pointer".to_owned(), "alias".into());
        let pointer = telling.artefact(pointer);
        // Moving an alias changes no time that MLflow keeps.
        telling.link(&pointer, Relation::Deploys, &format!("tool:{scoped}@{version}"), None);
    }
    for endpoint in node.list("access_endpoints")? {
        let told = mcp_endpoint(&endpoint, store, telling);
        telling.attempt(told);
    }
    Ok(())
}

/// Where an MCP server is reached, and which version answers there.
fn mcp_endpoint(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let id = required(node, "id")?;
    let name = node.text("server_name")?;
    let scoped = scoped(node, name, store);
    let mut endpoint = Artefact::new(format!("endpoint:{}", store.scoped(&format!("mcp/{id}"))), Kind::Endpoint);
    let url = node.optional_text("url")?;
    endpoint.name = url.map(str::to_owned);
    endpoint.identifiers.extend(url.map(str::to_owned));
    endpoint.at = time(node, "creation_timestamp", telling);
    keep(&mut endpoint.attributes, "transport", node.optional_text("transport_type")?);
    let since = time(node, "last_updated_timestamp", telling).or(endpoint.at);
    let endpoint = telling.artefact(endpoint);
    match (optional(node, "server_version"), optional(node, "server_alias")) {
        (Some(version), _) => telling.link(&endpoint, Relation::Serves, &format!("tool:{scoped}@{version}"), since),
        (None, Some(alias)) => {
            telling.link(&endpoint, Relation::Serves, &format!("deployment:{scoped}/alias/{alias}"), since);
        }
        (None, None) => telling.link(&endpoint, Relation::Serves, &format!("tool:{scoped}"), since),
    }
    made(&endpoint, node, store, telling)
}

/// A version of an MCP server, with the tools that it offers. What they say of themselves is instructions to a
/// model: a changed description shows by its digest.
pub(super) fn mcp_server_version(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let (name, number) = (node.text("name")?, required(node, "version")?);
    let scoped = scoped(node, name, store);
    let at = time(node, "creation_timestamp", telling);
    let mut version = Artefact::new(format!("tool:{scoped}@{number}"), Kind::Tool);
    version.name = Some(name.to_owned());
    version.version = Some(number.clone());
    version.at = at;
    version.attributes.insert("type".to_owned(), "mcp-server".into());
    for key in ["status", "source"] {
        keep(&mut version.attributes, key, node.optional_text(key)?);
    }
    keep_tags(&pairs(node, "tags")?, &mut version.attributes);
    let described = node.child("server_json")?;
    if let Some(described) = &described {
        let digest = digest_of(&described.value.to_string());
        version.digests.push(Digest::parse(&digest));
        version.attributes.insert("server_json_digest".to_owned(), digest.into());
        let place = described.child("repository")?.and_then(|it| it.value.get("url")?.as_str().map(repository));
        keep(&mut version.attributes, "repository", place.as_deref());
    }
    if let Some(at) = at {
        telling.observe(at);
    }
    let version = telling.artefact(version);
    let server = telling.named(format!("tool:{scoped}"), Kind::Tool, name);
    telling.link(&version, Relation::VersionOf, &server, at);
    made(&version, node, store, telling)?;
    if let Some(described) = described {
        for package in described.list("packages")? {
            let told = runs(&version, &package, telling);
            telling.attempt(told);
        }
        for remote in described.list("remotes")? {
            let Some(url) = remote.optional_text("url")? else { continue };
            let elsewhere = telling.named(format!("endpoint:{url}"), Kind::Endpoint, url);
            telling.link(&version, Relation::Used, &elsewhere, at);
        }
    }
    for tool in node.list("tools")? {
        let tool_name = tool.text("name")?;
        let mut offered = Artefact::new(format!("{version}/{tool_name}"), Kind::Tool);
        offered.name = Some(tool_name.to_owned());
        if let Some(text) = tool.optional_text("description")? {
            keep(&mut offered.attributes, "description", Some(text));
            offered.attributes.insert("description_digest".to_owned(), digest_of(text).into());
        }
        if let Some(schema) = tool.child("inputSchema")?.filter(|it| !it.value.is_null()) {
            offered.attributes.insert("input_digest".to_owned(), digest_of(&schema.value.to_string()).into());
        }
        let offered = telling.artefact(offered);
        telling.link(&version, Relation::Contains, &offered, at);
    }
    Ok(())
}

/// The package that a version is run from.
fn runs(version: &str, node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let name = node.text("identifier")?;
    let sort = node.optional_text("registryType")?.unwrap_or("generic");
    let number = optional(node, "version");
    let suffix = number.as_deref().map_or_else(String::new, |number| format!("@{number}"));
    let purl = bom::purl(&format!("pkg:{sort}/{}{suffix}", name.replace('@', "%40")));
    let id = purl.as_ref().map_or_else(|| format!("package:{name}{suffix}"), |purl| format!("package:{}", purl.text));
    let mut package = Artefact::new(id, Kind::Package);
    package.name = Some(name.to_owned());
    package.version = number;
    package.identifiers.extend(purl.filter(|purl| purl.versioned).map(|purl| purl.text));
    if let Some(digest) = node.optional_text("fileSha256")? {
        package.digests.push(Digest::parse(&format!("sha256:{digest}")));
    }
    let package = telling.artefact(package);
    telling.link(version, Relation::Contains, &package, None);
    Ok(())
}

/// A scorer: what judges what an application answered.
pub(super) fn scorer(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let experiment = required(node, "experiment_id")?;
    let name = node.text("scorer_name")?;
    let place = store.scoped(&format!("scorer/{experiment}/{name}"));
    let mut scorer = Artefact::new(format!("scorer:{place}"), Kind::Other("scorer".into()));
    scorer.name = Some(name.to_owned());
    scorer.version = optional(node, "scorer_version");
    scorer.at = time(node, "creation_time", telling);
    let text = node.child("serialized_scorer")?.filter(|it| !it.value.is_null());
    if let Some(text) = text {
        let written = text.value.as_str().map_or_else(|| text.value.to_string(), str::to_owned);
        let digest = digest_of(&written);
        scorer.digests.push(Digest::parse(&digest));
        scorer.attributes.insert("definition_digest".to_owned(), digest.into());
    }
    if let Some(at) = scorer.at {
        telling.observe(at);
    }
    let at = scorer.at;
    let scorer = telling.artefact(scorer);
    telling.link(&scorer, Relation::ChildOf, &store.experiment(&experiment), at);
    Ok(())
}

/// A webhook: who is told when models change. Its secret is in no answer.
pub(super) fn webhook(node: &Node<'_>, store: &Store, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let id = required(node, "webhook_id")?;
    let place = store.scoped(&format!("webhook/{id}"));
    let mut hook = Artefact::new(format!("webhook:{place}"), Kind::Other("webhook".into()));
    hook.name = node.optional_text("name")?.map(str::to_owned);
    hook.at = time(node, "creation_timestamp", telling);
    for key in ["url", "status", "description"] {
        keep(&mut hook.attributes, key, node.optional_text(key)?);
    }
    let word = |it: &Node<'_>, key: &str| optional(it, key).unwrap_or_default().to_lowercase();
    let events = node.list("events")?;
    let events: Vec<Value> =
        events.iter().map(|it| format!("{} {}", word(it, "entity"), word(it, "action")).into()).collect();
    if !events.is_empty() {
        hook.attributes.insert("events".to_owned(), events.into());
    }
    if let Some(at) = hook.at {
        telling.observe(at);
    }
    telling.artefact(hook);
    Ok(())
}
