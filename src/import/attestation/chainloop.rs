//! Chainloop's attestations: a run of a workflow, its materials, and the policies that were evaluated
//! on them. Values of its environment stay in the record.

use super::descriptor;
use super::statement::{Carrier, Statement, Told};
use crate::import::bom::evidence;
use crate::import::node::{Fault, Node};
use crate::import::openlineage::ids;
use crate::import::teller::{Teller, clip, keep};
use crate::model::{Artefact, Attributes, Digest, Kind, Relation, Statement as Said};
use serde_json::Value;
use std::collections::BTreeMap;

/// A material by the name the workflow gives it.
struct Material {
    id: String,
    digests: Vec<Digest>,
}

/// A value under the name of either writer.
fn either<'v>(node: &Node<'v>, keys: [&str; 2]) -> Result<Option<Node<'v>>, Fault> {
    for key in keys {
        if let Some(child) = node.child(key)? {
            return Ok(Some(child));
        }
    }
    Ok(None)
}

/// Reads one.
pub(super) fn read(
    statement: &Statement<'_>,
    node: &Node<'_>,
    carrier: &Carrier,
    telling: &mut Teller<'_>,
) -> Result<Told, Fault> {
    let metadata = node.required("metadata")?;
    let started = telling.time(&metadata, "initializedAt")?;
    let ended = telling.time(&metadata, "finishedAt")?;
    for at in [started, ended].into_iter().flatten() {
        telling.observe(at);
    }
    let name = metadata.text("name")?;
    let project = metadata.optional_text("project")?.filter(|it| !it.is_empty()).unwrap_or("chainloop");
    let number = metadata.text("workflowRunID")?;
    let mut run = Artefact::new(ids::run(number).0, Kind::Run);
    run.name = Some(name.to_owned());
    run.at = started.or(ended);
    run.owner = metadata.optional_text("team")?.filter(|team| !team.is_empty()).map(|team| format!("team:{team}"));
    for key in ["organization", "project", "contractName", "contractVersion", "workflowID"] {
        keep(&mut run.attributes, key, metadata.optional_text(key)?);
    }
    for key in ["runnerType", "runnerURL", "buildType"] {
        keep(&mut run.attributes, key, node.optional_text(key)?);
    }
    if let Some(ended) = ended {
        run.attributes.insert("finished".to_owned(), Value::from(ended.to_string()));
    }
    let run = telling.artefact(run);
    let job = telling.named(format!("job:chainloop/{project}/{name}"), Kind::Job, name);
    telling.link(&run, Relation::InstanceOf, &job, started);
    let mut told = Told { at: ended.or(started), ..Told::default() };
    told.refs.extend(node.optional_text("runnerURL")?.filter(|it| !it.is_empty()).map(str::to_owned));
    if let Some(builder) = node.child("builder")?
        && let Some(id) = builder.optional_text("id")?.filter(|id| !id.is_empty())
    {
        let identity = telling.named(format!("identity:{id}"), Kind::Identity, id);
        telling.link(&run, Relation::RunsAs, &identity, started);
        told.by = Some(identity);
    }
    for subject in &statement.subjects {
        let relation = if subject.kind == Kind::Code { Relation::BuiltFrom } else { Relation::Used };
        // The first subject is the workflow itself, by a digest of its name.
        if subject.name.as_deref().is_some_and(|name| name.starts_with("chainloop.")) {
            telling.link(&subject.id, Relation::ProducedBy, &run, ended);
        } else {
            telling.link(&run, relation, &subject.id, started);
        }
    }
    let materials = materials(node, &run, telling)?;
    told.attributes.insert("run".to_owned(), Value::from(run.as_str()));
    policies(node, (&run, &materials), (carrier, &told), telling)?;
    if let Some(reference) = either(node, ["policyEvaluationsRef", "policy_evaluations_ref"])? {
        telling.absent(&run, Relation::GovernedBy, "not-recorded");
        telling.doubt(format!(
            "{}: the evaluations of policies are stored elsewhere, and are not in this attestation",
            reference.place()
        ));
        told.attributes.insert("policy-evaluations".to_owned(), Value::from("stored elsewhere"));
    }
    blocking(node, &mut told)?;
    Ok(told)
}

/// Whether what a policy found stood in anybody's way.
fn blocking(node: &Node<'_>, told: &mut Told) -> Result<(), Fault> {
    let truth = |key: &str| node.value.get(key).and_then(Value::as_bool);
    let strategy = node.optional_text("policyCheckBlockingStrategy")?;
    keep(&mut told.attributes, "blocking-strategy", strategy);
    let Some(violated) = truth("policyHasViolations") else { return Ok(()) };
    told.attributes.insert("policy-violations".to_owned(), Value::Bool(violated));
    let blocked = truth("policyAttBlocked").unwrap_or(false);
    if violated && !blocked {
        told.attributes.insert("policy-outcome".to_owned(), Value::from("violated but not blocked"));
    }
    Ok(())
}

fn materials(node: &Node<'_>, run: &str, telling: &mut Teller<'_>) -> Result<BTreeMap<String, Material>, Fault> {
    let mut found = BTreeMap::new();
    for material in node.list("materials")? {
        let annotations = material.child("annotations")?;
        let noted = |key: &str| {
            annotations.as_ref().and_then(|it| it.value.get(key)).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let name = noted("chainloop.material.name");
        // A text that was handed in has no digest, and is nobody's artefact.
        if material.child("digest")?.is_none() {
            continue;
        }
        let read = descriptor::resource(&material, telling);
        let Some(thing) = telling.attempt(read) else { continue };
        let mut attributes = Attributes::new();
        keep(&mut attributes, "material", Some(&name));
        keep(&mut attributes, "type", Some(&noted("chainloop.material.type")));
        telling.link_with(run, Relation::Used, &thing.id, None, attributes);
        found.insert(name, Material { id: thing.id, digests: thing.digests });
    }
    Ok(found)
}

/// What each policy found of the run or of a material.
fn policies(
    node: &Node<'_>,
    (run, materials): (&str, &BTreeMap<String, Material>),
    (carrier, told): (&Carrier, &Told),
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let Some(all) = either(node, ["policyEvaluations", "policy_evaluations"])? else { return Ok(()) };
    let Some(at) = told.at.or(carrier.moment()) else { return Ok(()) };
    for (material, list) in all.value.as_object().into_iter().flatten() {
        let material_known = materials.get(material);
        let about = material_known.map_or(run, |it| it.id.as_str());
        for (index, value) in list.as_array().into_iter().flatten().enumerate() {
            let place = format!("{}/{}/{index}", all.path, crate::import::node::escaped(material));
            let evaluation = Node::new(value, place);
            let name = evaluation.text("name")?;
            let violations = evaluation.list("violations")?;
            let skipped = value.get("skipped").and_then(Value::as_bool).unwrap_or(false);
            let mut said = evidence(about, "policy-verdict", at);
            said.scope = Some(name.to_owned());
            said.by = told.by.clone();
            said.verdict = Some(
                if skipped {
                    "skipped"
                } else if violations.is_empty() {
                    "pass"
                } else {
                    "fail"
                }
                .to_owned(),
            );
            said.covers = material_known.map_or_else(Vec::new, |it| it.digests.clone());
            for (key, value) in &carrier.attributes {
                if key.starts_with("signature") {
                    said.attributes.insert(key.clone(), value.clone());
                }
            }
            let mut messages = Vec::new();
            for violation in &violations {
                messages.extend(violation.optional_text("message")?.map(|it| Value::from(clip(it))));
            }
            if !messages.is_empty() {
                said.attributes.insert("violations".to_owned(), Value::Array(messages));
            }
            if let Some(reference) = either(&evaluation, ["policyReference", "policy_reference"])? {
                let policy = policy(&reference, name, telling)?;
                telling.link(about, Relation::GovernedBy, &policy, None);
                said.attributes.insert("policy".to_owned(), Value::from(policy));
            }
            telling.say(Said::Evidence(said));
        }
    }
    Ok(())
}

fn policy(reference: &Node<'_>, name: &str, telling: &mut Teller<'_>) -> Result<String, Fault> {
    let hash = match reference.child("digest")? {
        Some(set) => set.optional_text("sha256")?.map(|hex| Digest::parse(&format!("sha256:{hex}"))),
        None => None,
    };
    let id = match &hash {
        Some(hash) => format!("policy:{name}@{hash}"),
        None => format!("policy:{name}"),
    };
    let mut artefact = Artefact::new(id, Kind::Policy);
    artefact.name = Some(name.to_owned());
    artefact.digests.extend(hash);
    keep(&mut artefact.attributes, "uri", reference.optional_text("uri")?);
    Ok(telling.artefact(artefact))
}
