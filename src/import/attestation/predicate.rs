//! Which reader a predicate's type asks for. A type that nobody knows is kept as it is, and it is said
//! that there is such an attestation.

use super::descriptor::MODEL_SIGNING;
use super::statement::{Carrier, Statement, Told};
use super::{chainloop, material, model_signing, parts, provenance, verdict, witness};
use crate::import::node::{Fault, Node};
use crate::import::teller::Teller;
use serde_json::Value;

/// Reads what the predicate says of the subjects.
pub(super) fn read(statement: &mut Statement<'_>, carrier: &Carrier, telling: &mut Teller<'_>) -> Result<Told, Fault> {
    let Some(predicate) = statement.predicate.clone() else {
        telling.doubt(format!("{}/predicate: none: the statement says nothing of its subjects", statement.node.path));
        return Ok(Told::default());
    };
    let sort = statement.predicate_type;
    let told = if sort.starts_with("https://slsa.dev/provenance/") {
        provenance::read(statement, &predicate, telling)?
    } else if sort.starts_with("https://slsa.dev/verification_summary/") {
        Some(verdict::summary(statement, &predicate, carrier, telling)?)
    } else if let Some(rest) = sort.strip_prefix("https://in-toto.io/attestation/") {
        in_toto(rest, statement, &predicate, carrier, telling)?
    } else if sort.starts_with("https://crev.dev/in-toto-scheme/") {
        Some(verdict::review(statement, &predicate, carrier, telling)?)
    } else if sort.starts_with("cosign.sigstore.dev/attestation/vuln/")
        || sort.starts_with("https://cosign.sigstore.dev/attestation/vuln/")
    {
        Some(verdict::scan(statement, &predicate, carrier, telling)?)
    } else if sort.starts_with("https://github.com/npm/attestation/tree/main/specs/publish/") {
        Some(verdict::published(statement, &predicate, telling)?)
    } else if sort.contains("/attestation-collection/") {
        Some(witness::read(statement, &predicate, telling)?)
    } else if sort.starts_with("chainloop.dev/attestation/") {
        Some(chainloop::read(statement, &predicate, carrier, telling)?)
    } else if sort.starts_with(MODEL_SIGNING) {
        Some(model_signing::read(statement, &predicate, telling)?)
    } else if sort.starts_with("https://model_signing/Digests/") {
        Some(model_signing::legacy(statement, telling))
    } else if sort.starts_with("https://spdx.dev/Document")
        || sort.starts_with("https://cyclonedx.org/")
        || sort.starts_with("https://spdx.github.io/spdx-spec")
    {
        Some(parts::read(statement, &predicate, telling))
    } else {
        None
    };
    if let [subject] = statement.subjects.as_slice()
        && sort.starts_with(MODEL_SIGNING)
    {
        material::source(&subject.id.clone(), carrier, telling);
    }
    Ok(told.unwrap_or_else(|| opaque(&predicate)))
}

fn in_toto(
    rest: &str,
    statement: &mut Statement<'_>,
    predicate: &Node<'_>,
    carrier: &Carrier,
    telling: &mut Teller<'_>,
) -> Result<Option<Told>, Fault> {
    let name = rest.split("/v").next().unwrap_or(rest);
    Ok(Some(match name {
        "vulns" | "vuln" => verdict::scan(statement, predicate, carrier, telling)?,
        "test-result" => verdict::test(statement, predicate, carrier, telling)?,
        "svr" => verdict::simple(statement, predicate, carrier, telling)?,
        "certify" => verdict::review(statement, predicate, carrier, telling)?,
        "release" => verdict::published(statement, predicate, telling)?,
        "scai/attribute-report" | "scai" => verdict::attributes(statement, predicate, telling)?,
        "reference" => verdict::references(statement, predicate, telling)?,
        "link" => witness::link(statement, predicate, telling)?,
        "runtime-trace" => verdict::trace(statement, predicate, telling)?,
        _ => return Ok(None),
    }))
}

/// A predicate of a type nobody here knows.
fn opaque(predicate: &Node<'_>) -> Told {
    let mut told = Told::default();
    told.attributes.insert("predicate".to_owned(), Value::from("not read: its type is not known here"));
    let keys: Vec<Value> =
        predicate.value.as_object().into_iter().flatten().take(16).map(|(key, _)| Value::from(key.as_str())).collect();
    told.attributes.insert("predicate-keys".to_owned(), Value::Array(keys));
    told
}
