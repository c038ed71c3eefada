//! Witness collections and policies, and in-toto links: the step that was run, what it found and what it left
//! behind. Values of environment variables stay in the record.

use super::descriptor;
use super::statement::{Carrier, Statement, Told};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip, keep, scalar};
use crate::model::{Artefact, Attributes, Digest, Kind, Relation, Time};
use crate::proof::digest::sha256;
use serde_json::Value;

/// What the attestors of one collection saw.
#[derive(Default)]
struct Seen {
    used: Vec<String>,
    made: Vec<String>,
    code: Option<String>,
    started: Option<Time>,
    ended: Option<Time>,
    attributes: Attributes,
    run: Option<String>,
}

/// Reads a collection.
pub(super) fn read(statement: &Statement<'_>, node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Told, Fault> {
    let name = node.text("name")?;
    let mut seen = Seen::default();
    let mut sorts = Vec::new();
    for attestation in node.list("attestations")? {
        let sort = attestation.text("type")?;
        sorts.push(Value::from(clip(sort)));
        for (key, latest) in [("starttime", false), ("endtime", true)] {
            let time = telling.time(&attestation, key);
            let Some(time) = telling.attempt(time).flatten() else { continue };
            if latest {
                seen.ended = Some(seen.ended.map_or(time, |known| known.max(time)));
            } else {
                seen.started = Some(seen.started.map_or(time, |known| known.min(time)));
            }
        }
        let Some(body) = attestation.child("attestation")? else { continue };
        let read = attestor(sort, &body, &mut seen, telling);
        telling.attempt(read);
    }
    let mut told = tell(statement, name, seen, telling);
    told.attributes.insert("attestors".to_owned(), Value::Array(sorts));
    Ok(told)
}

/// A policy of Witness: which steps there must be, and by which keys each may be attested. What it is called is settled
/// by its content, for it has no name.
pub(super) fn policy(
    node: &Node<'_>,
    content: &[u8],
    carrier: &Carrier,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let digest = hex::encode(sha256(content));
    let mut policy = Artefact::new(format!("policy:witness/{}", &digest[..12]), Kind::Policy);
    policy.digests.push(Digest::parse(&format!("sha256:{digest}")));
    policy.attributes.clone_from(&carrier.attributes);
    keep(&mut policy.attributes, "expires", node.optional_text("expires")?);
    for (name, step) in node.entries("steps")? {
        let mut may = Vec::new();
        for functionary in step.list("functionaries")? {
            let key = functionary.optional_text("publickeyid")?.filter(|key| !key.is_empty());
            may.extend(key.or(functionary.optional_text("type")?).map(|it| Value::from(clip(it))));
        }
        let mut wanted = Vec::new();
        for attestation in step.list("attestations")? {
            wanted.push(Value::from(clip(attestation.text("type")?)));
        }
        let step = clip(name);
        policy.attributes.insert(format!("step.{step}.functionaries"), Value::Array(may));
        policy.attributes.insert(format!("step.{step}.attestations"), Value::Array(wanted));
    }
    telling.artefact(policy);
    Ok(())
}

/// One attestor's word. Those with nothing for lineage are named only.
fn attestor(sort: &str, body: &Node<'_>, seen: &mut Seen, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let mut parts = sort.rsplit('/');
    let _version = parts.next();
    match parts.next().unwrap_or_default() {
        "git" => git(body, seen, telling)?,
        "material" => {
            for (name, digests) in body.value.as_object().into_iter().flatten() {
                let node = Node::new(digests, format!("{}/{}", body.path, crate::import::node::escaped(name)));
                seen.used.push(descriptor::file(name, &node, telling).id);
            }
        }
        "product" => {
            for (name, product) in body.value.as_object().into_iter().flatten() {
                let place = format!("{}/{}", body.path, crate::import::node::escaped(name));
                if let Some(digests) = product.get("digest") {
                    let node = Node::new(digests, format!("{place}/digest"));
                    seen.made.push(descriptor::file(name, &node, telling).id);
                }
            }
        }
        "command-run" => {
            let command = body.value.get("cmd").and_then(Value::as_array);
            let words: Vec<String> = command.into_iter().flatten().filter_map(scalar).collect();
            keep(&mut seen.attributes, "command", Some(&words.join(" ")));
            if let Some(code) = body.value.get("exitcode").filter(|code| code.is_number()) {
                seen.attributes.insert("exit-code".to_owned(), code.clone());
            }
        }
        "environment" => {
            for key in ["os", "hostname", "username"] {
                keep(&mut seen.attributes, key, body.optional_text(key)?);
            }
        }
        "github" | "gitlab" => {
            for key in ["pipelineurl", "ciserverurl", "joburl", "projecturl", "pipelinename", "jobname"] {
                keep(&mut seen.attributes, &format!("ci.{key}"), body.optional_text(key)?);
            }
            if let Some((_, rest)) = body.optional_text("pipelineurl")?.and_then(|url| url.split_once("://")) {
                seen.run = Some(format!("run:{rest}"));
            }
        }
        _ => {}
    }
    Ok(())
}

fn git(body: &Node<'_>, seen: &mut Seen, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let hash = body.text("commithash")?;
    let commit = crate::import::openlineage::commit(hash).ok_or_else(|| {
        format!("{}/commithash: \"{}\" is no commit: expected 40 or 64 hex digits", body.path, clip(hash))
    })?;
    let mut attributes = Attributes::new();
    for key in ["author", "authoremail", "committername", "committeremail", "commitdate", "treehash"] {
        keep(&mut attributes, key, body.optional_text(key)?);
    }
    let remotes = body.value.get("remotes").and_then(Value::as_array);
    let remote = remotes.into_iter().flatten().filter_map(Value::as_str).next();
    let repository = remote.and_then(descriptor::repository_of);
    seen.code = Some(descriptor::code(repository.as_deref(), &commit, attributes, telling).id);
    let status = body.value.get("status").and_then(Value::as_object);
    let changed: Vec<Value> = status
        .into_iter()
        .flatten()
        .filter(|(_, state)| {
            ["staging", "worktree"].iter().any(|key| {
                state.get(key).and_then(Value::as_str).is_some_and(|word| !matches!(word, "unmodified" | "untracked"))
            })
        })
        .map(|(name, _)| Value::from(clip(name)))
        .collect();
    if !changed.is_empty() {
        telling.doubt(format!(
            "{}/status: built from a modified tree: {} files differ from {commit}; the commit alone does not make it again",
            body.path,
            changed.len()
        ));
        seen.attributes.insert("modified".to_owned(), Value::Array(changed));
    }
    Ok(())
}

fn tell(statement: &Statement<'_>, name: &str, seen: Seen, telling: &mut Teller<'_>) -> Told {
    let Seen { used, mut made, code, started, ended, attributes, run } = seen;
    for subject in &statement.subjects {
        if subject.kind != Kind::Code && !made.contains(&subject.id) {
            made.push(subject.id.clone());
        }
    }
    // Which execution of the step it was is said by its begin, or by what it made.
    let id = run.unwrap_or_else(|| match (started, made.first()) {
        (Some(started), _) => format!("run:{name}@{started}"),
        (None, Some(made)) => format!("run:{name}#{made}"),
        (None, None) => format!("run:{name}"),
    });
    let mut artefact = Artefact::new(id, Kind::Run);
    artefact.name = Some(name.to_owned());
    artefact.at = started.or(ended);
    artefact.attributes = attributes;
    if let Some(ended) = ended {
        artefact.attributes.insert("finished".to_owned(), Value::from(ended.to_string()));
        telling.observe(ended);
    }
    if let Some(started) = started {
        telling.observe(started);
    }
    let run = telling.artefact(artefact);
    let job = telling.named(format!("job:{name}"), Kind::Job, name);
    telling.link(&run, Relation::InstanceOf, &job, started);
    if let Some(code) = code {
        telling.link(&run, Relation::BuiltFrom, &code, started);
    }
    for material in used.iter().filter(|id| !made.contains(id)) {
        telling.link(&run, Relation::Used, material, started);
    }
    for product in &made {
        telling.link(product, Relation::ProducedBy, &run, ended);
    }
    let mut told = Told { at: ended.or(started), ..Told::default() };
    told.attributes.insert("run".to_owned(), Value::from(run));
    keep(&mut told.attributes, "step", Some(name));
    told
}

/// An in-toto link: a named step with its command, materials and by-products.
pub(super) fn link(statement: &Statement<'_>, node: &Node<'_>, telling: &mut Teller<'_>) -> Result<Told, Fault> {
    let name = node.text("name")?;
    let mut seen = Seen::default();
    let command = node.value.get("command");
    let words: Vec<String> = match command {
        Some(Value::Array(words)) => words.iter().filter_map(scalar).collect(),
        Some(other) => scalar(other).into_iter().collect(),
        None => Vec::new(),
    };
    keep(&mut seen.attributes, "command", Some(&words.join(" ")));
    for material in node.list("materials")? {
        let read = descriptor::resource(&material, telling);
        seen.used.extend(telling.attempt(read).map(|thing| thing.id));
    }
    if let Some(code) = node.child("byproducts")?.and_then(|it| it.value.get("return-value").cloned()) {
        seen.attributes.insert("exit-code".to_owned(), code);
    }
    Ok(tell(statement, name, seen, telling))
}
