//! DSSE envelopes: a payload with its type and signatures. What the signatures are is said; whether
//! they hold is not looked at.

use super::statement::{self, Carrier};
use super::witness;
use crate::import::json::strict_value;
use crate::import::node::{Fault, Node};
use crate::import::secrets_removed;
use crate::import::teller::{Teller, clip, keep};
pub(super) use crate::proof::encoding::base64 as decode;
use serde_json::Value;

/// The payload of an envelope, decoded.
pub(super) struct Payload {
    pub(super) bytes: Vec<u8>,
    pub(super) value: Value,
}

/// Payload types that are statements.
fn is_statement(payload_type: &str) -> bool {
    let bare = payload_type.trim().trim_end_matches(';');
    matches!(bare, "application/vnd.in-toto+json" | "application/vnd.in-toto.provenance+json")
        || bare.starts_with("application/vnd.in-toto.") && bare.ends_with("+json")
}

/// Payload types that are policies of Witness.
fn is_policy(payload_type: &str) -> bool {
    payload_type.trim().ends_with("/policy/v0.1")
}

/// Decodes what an envelope carries, which must be an in-toto statement or a policy.
pub(super) fn payload(node: &Node<'_>) -> Result<Payload, Fault> {
    let payload_type = node.text("payloadType")?;
    if !is_statement(payload_type) && !is_policy(payload_type) {
        return Err(format!(
            "{}/payloadType: found \"{}\", expected \"application/vnd.in-toto+json\"; the attestation is opaque and says nothing of lineage",
            node.path,
            clip(payload_type)
        ));
    }
    let place = format!("{}/payload", node.path);
    let bytes = decode(node.text("payload")?).ok_or_else(|| {
        format!("{place}: payload is not base64: found text that does not decode; the attestation is refused")
    })?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| format!("{place}: byte {} of the payload: not UTF-8", error.valid_up_to() + 1))?;
    let value = strict_value(text).map_err(|error| format!("{place}: the payload is not JSON: {error}"))?;
    Ok(Payload { bytes, value })
}

/// Says which signatures an envelope carries.
pub(super) fn signatures(node: &Node<'_>, carrier: &mut Carrier, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let list = node.list("signatures")?;
    let mut ids = Vec::new();
    let mut present = 0_usize;
    for signature in &list {
        let sig = signature.optional_text("sig")?.unwrap_or_default();
        if sig.trim().is_empty() {
            telling.doubt(format!("{}/sig: is empty: it signs nothing", signature.path));
        } else if decode(sig).is_none() {
            telling.doubt(format!("{}/sig: the signature is not base64: it can never be checked", signature.path));
        } else {
            present += 1;
        }
        if let Some(id) = signature.optional_text("keyid")?.filter(|id| !id.trim().is_empty()) {
            ids.push(Value::from(clip(id)));
        }
        if signature.optional_text("cert")?.is_some_and(|text| !text.trim().is_empty()) {
            carrier.carries("certificate");
            let pem = signature.optional_text("cert")?.unwrap_or_default();
            carrier.certificate(pem);
        }
    }
    carrier.attributes.insert("signature.count".to_owned(), Value::from(present));
    if present == 0 {
        telling.doubt(format!("{}/signatures: no signature: expected one at least; it binds nobody", node.path));
        carrier.unsigned();
    }
    if !ids.is_empty() {
        carrier.carries("keyid");
        carrier.attributes.insert("signature.keyids".to_owned(), Value::Array(ids));
    }
    Ok(())
}

/// An envelope on its own.
pub(super) fn alone(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let mut carrier = Carrier::signed("dsse");
    read(node, &mut carrier, telling)
}

/// An envelope in whatever carries it. The statement's pointers go on from the payload's.
pub(super) fn read(node: &Node<'_>, carrier: &mut Carrier, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let payload = payload(node)?;
    read_payload(node, &payload, carrier, telling)
}

/// The same, for one whose payload was decoded before.
pub(super) fn read_payload(
    node: &Node<'_>,
    payload: &Payload,
    carrier: &mut Carrier,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    signatures(node, carrier, telling)?;
    let removed = secrets_removed(&payload.bytes);
    if removed > 0 {
        carrier.attributes.insert("secrets-removed".to_owned(), Value::from(removed));
        telling.doubt(format!(
            "{}/payload: {removed} secrets were removed from what is signed when it was received: its signatures cannot be checked any more",
            node.path
        ));
    }
    let payload_type = node.optional_text("payloadType")?;
    keep(&mut carrier.attributes, "payload-type", payload_type);
    let statement = Node::new(&payload.value, format!("{}/payload", node.path));
    if payload_type.is_some_and(is_policy) {
        return witness::policy(&statement, &payload.bytes, carrier, telling);
    }
    statement::read(&statement, carrier, telling)
}
