//! What npm, GitHub and gcloud put around attestations. Each attestation in it is kept or refused on
//! its own. A readable copy beside a signed payload is compared with it and never read instead.

use super::envelope;
use super::material;
use super::statement::Carrier;
use super::utf8;
use crate::import::json::strict_value;
use crate::import::node::{Fault, Node};
use crate::import::sniff::{Keys, complete_keys};
use crate::import::teller::{Teller, clip, keep};
use crate::import::unit::value_end;
use crate::import::{Reading, offset};
use serde_json::Value;

/// The elements of an array that is written within a unit, with their places in the unit.
pub(super) fn elements<'u>(unit: &'u [u8], array: &str) -> Vec<(usize, &'u [u8])> {
    let mut found = Vec::new();
    let Some(start) = (array.as_ptr() as usize).checked_sub(unit.as_ptr() as usize) else { return found };
    let mut position = start + 1;
    while let Some(byte) = unit.get(position) {
        match byte {
            b']' => break,
            _ if byte.is_ascii_whitespace() || *byte == b',' => position += 1,
            _ => {
                let Some(end) = value_end(unit, position).filter(|end| *end > position) else { break };
                found.push((position, unit.get(position..end).unwrap_or_default()));
                position = end;
            }
        }
    }
    found
}

/// Reads each element of an array as a unit of its own.
fn each(
    at: u32,
    unit: &[u8],
    (array, path): (&str, &str),
    out: &mut Reading,
    mut read: impl FnMut(&Node<'_>, &mut Teller<'_>) -> Result<(), Fault>,
) {
    let list = elements(unit, array);
    if list.is_empty() {
        out.warn(at, format!("{path}: it lists nothing"));
    }
    for (index, (position, element)) in list.into_iter().enumerate() {
        Teller::unit(out, at + offset(position), element, |telling| {
            let place = format!("{path}/{index}");
            let value = strict_value(utf8(element)?).map_err(|error| format!("{place}: {error}"))?;
            read(&Node::new(&value, place), telling)
        });
    }
}

/// `{"attestations":[{"predicateType":…,"bundle":…}]}`.
pub(super) fn listed(at: u32, unit: &[u8], keys: &Keys<'_>, out: &mut Reading) {
    let array = keys.get("attestations").copied().unwrap_or_default();
    each(at, unit, (array, "/attestations"), out, |node, telling| {
        let bundle = node.required("bundle")?;
        let stated = node.optional_text("predicateType")?;
        material::bundle(&bundle, stated, telling)
    });
}

/// What gcloud answers of an image: its summary, and the provenance.
pub(super) fn gcloud(at: u32, unit: &[u8], keys: &Keys<'_>, out: &mut Reading) {
    let summary = keys.get("image_summary").and_then(|text| strict_value(text).ok()).unwrap_or(Value::Null);
    let provenance = keys.get("provenance_summary").and_then(|text| complete_keys(text)).unwrap_or_default();
    let Some(array) = provenance.get("provenance").filter(|array| array.starts_with('[')) else {
        return out.reject(at, unit, "/provenance_summary/provenance: expected a list; the document is refused");
    };
    each(at, unit, (array, "/provenance_summary/provenance"), out, |node, telling| occurrence(node, &summary, telling));
}

fn occurrence(node: &Node<'_>, summary: &Value, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let kind = node.text("kind")?;
    if kind != "BUILD" {
        return Err(format!(
            "{}/kind: found \"{}\", expected \"BUILD\"; the provenance is refused",
            node.path,
            clip(kind)
        ));
    }
    let envelope = node.required("envelope")?;
    let payload = envelope::payload(&envelope)?;
    let mut carrier = Carrier::signed("gcloud, dsse");
    keep(&mut carrier.attributes, "occurrence", node.optional_text("name")?);
    let created = telling.time(node, "createTime")?;
    carrier.at = created;
    let mut differs = Vec::new();
    let subjects: Vec<&str> = digests(&payload.value);
    let known = |digest: &str| subjects.iter().any(|hex| digest.trim_start_matches("sha256:") == *hex);
    if let Some(stated) = summary.get("digest").and_then(Value::as_str).filter(|stated| !known(stated)) {
        differs.push(format!("/image_summary/digest: found \"{}\"", clip(stated)));
    }
    let stated = summary.get("fully_qualified_digest").and_then(Value::as_str).unwrap_or_default();
    if let Some((_, digest)) = stated.split_once('@').filter(|(_, digest)| !known(digest)) {
        differs.push(format!("/image_summary/fully_qualified_digest: found \"{}\"", clip(digest)));
    }
    if let Some((_, digest)) = node.optional_text("resourceUri")?.and_then(|uri| uri.split_once('@'))
        && !known(digest)
    {
        differs.push(format!("{}/resourceUri: found \"{}\"", node.path, clip(digest)));
    }
    if !differs.is_empty() {
        carrier.attributes.insert("summary-differs".to_owned(), Value::Bool(true));
    }
    for place in differs {
        telling.doubt(format!(
            "{place}, expected the digest of a signed subject; the summary and what was signed are of different images"
        ));
    }
    copies(node, &payload.value, &mut carrier, telling)?;
    envelope::read_payload(&envelope, &payload, &mut carrier, telling)
}

/// The sha256 of each subject.
fn digests(statement: &Value) -> Vec<&str> {
    let subjects = statement.get("subject").and_then(Value::as_array);
    subjects.into_iter().flatten().filter_map(|it| it.pointer("/digest/sha256").and_then(Value::as_str)).collect()
}

/// The readable copy, where it says otherwise than what was signed.
fn copies(node: &Node<'_>, signed: &Value, carrier: &mut Carrier, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let Some(build) = node.child("build")? else { return Ok(()) };
    for key in ["intotoStatement", "inTotoSlsaProvenanceV1"] {
        let Some(copy) = build.child(key)? else { continue };
        // A copy may leave out what is empty; what it does say must be what was signed.
        let same = |key: &str, value: &Value| {
            let other = signed.get(key).or_else(|| signed.get("predicate").filter(|_| key == "slsaProvenance"));
            other.is_some_and(|other| agrees(value, other, 0))
        };
        for (field, value) in copy.value.as_object().into_iter().flatten() {
            if same(field, value) {
                continue;
            }
            carrier.attributes.insert("copy-differs".to_owned(), Value::Bool(true));
            telling.doubt(format!(
                "{}/{field}: the readable copy differs from the signed payload: expected what was signed; it was altered, and the payload is read",
                copy.path
            ));
        }
    }
    Ok(())
}

/// Whether a copy says the same, leaving out nothing but empty parts.
fn agrees(copy: &Value, signed: &Value, depth: usize) -> bool {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
    };
    match (copy, signed) {
        _ if depth > 128 => false,
        (Value::Object(copy), Value::Object(signed)) => {
            copy.iter().all(|(key, value)| match signed.get(key) {
                Some(other) => agrees(value, other, depth + 1),
                None => empty(value),
            }) && signed.iter().all(|(key, value)| copy.contains_key(key) || empty(value))
        }
        (Value::Array(copy), Value::Array(signed)) => {
            copy.len() == signed.len() && copy.iter().zip(signed).all(|(one, other)| agrees(one, other, depth + 1))
        }
        _ => copy == signed,
    }
}
