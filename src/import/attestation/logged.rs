//! Entries of transparency logs in a bundle: when the log took them in, and whether they speak of what
//! the bundle holds. Whether the log vouches for them is not looked at.

use super::envelope::decode;
use super::material::number;
use super::statement::Carrier;
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep};
use crate::model::Time;
use crate::proof::{digest as hash, dsse};
use serde_json::Value;

/// What an entry was made of.
pub(super) struct Entry {
    place: String,
    body: Option<Value>,
}

/// Reads the entries; one that no log could have written refuses the bundle.
pub(super) fn entries(
    material: &Node<'_>,
    carrier: &mut Carrier,
    telling: &mut Teller<'_>,
) -> Result<Vec<Entry>, Fault> {
    let mut found = Vec::new();
    for (at, entry) in material.list("tlogEntries")?.iter().enumerate() {
        let index = number(entry, "logIndex")?;
        if let Some(index) = index.filter(|index| *index < 0) {
            return Err(format!(
                "{}/logIndex: a negative log index: found {index}, expected 0 or more; the bundle is refused",
                entry.path
            ));
        }
        carrier.carries("log entry");
        let promised = entry.child("inclusionPromise")?.is_some();
        let proven = entry.child("inclusionProof")?.is_some();
        if !promised && !proven {
            telling.doubt(format!("{}: neither an inclusion proof nor a promise of one", entry.place()));
        }
        if at == 0 {
            if let Some(index) = index {
                carrier.attributes.insert("signature.log.index".to_owned(), Value::from(index));
            }
            if let Some(id) = entry.child("logId")? {
                keep(&mut carrier.attributes, "signature.log.id", id.optional_text("keyId")?);
            }
            if let Some(kind) = entry.child("kindVersion")? {
                keep(&mut carrier.attributes, "signature.log.kind", kind.optional_text("kind")?);
            }
        }
        // The second version of the log states no time.
        if let Some(seconds) = number(entry, "integratedTime")?.filter(|seconds| *seconds > 0 && *seconds < 1 << 40) {
            let time = Time::from_seconds(seconds);
            if at == 0 {
                carrier.attributes.insert("signature.log.at".to_owned(), Value::from(time.to_string()));
            }
            carrier.at = carrier.at.or(Some(time));
        }
        let body = match entry.optional_text("canonicalizedBody")? {
            Some(body) => {
                let decoded = decode(body).ok_or_else(|| {
                    format!("{}/canonicalizedBody: the entry is not base64; the bundle is refused", entry.path)
                })?;
                std::str::from_utf8(&decoded).ok().and_then(|text| crate::import::json::strict_value(text).ok())
            }
            None => None,
        };
        found.push(Entry { place: entry.place().to_owned(), body });
    }
    Ok(found)
}

/// A text at a pointer.
fn text<'v>(body: &'v Value, pointers: &[&str]) -> Option<&'v str> {
    pointers.iter().find_map(|pointer| body.pointer(pointer).and_then(Value::as_str))
}

/// Base64 of one content in two spellings, or of base64 of it.
fn same(a: &str, b: &str) -> bool {
    let decoded = |text: &str| {
        let once = decode(text)?;
        let twice = std::str::from_utf8(&once).ok().and_then(decode);
        Some((once, twice))
    };
    match (decoded(a), decoded(b)) {
        (Some((one, inner)), Some((other, other_inner))) => {
            one == other || inner.as_ref() == Some(&other) || other_inner.as_ref() == Some(&one)
        }
        _ => a == b,
    }
}

fn hex_of(written: &str) -> Option<String> {
    let hexadecimal = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal && written.len() >= 64 {
        Some(written.to_ascii_lowercase())
    } else {
        decode(written).map(hex::encode)
    }
}

fn verdict(entry: &Entry, wrong: Option<&str>, carrier: &mut Carrier, telling: &mut Teller<'_>) {
    let Some(wrong) = wrong else { return };
    carrier.attributes.insert("signature.log.matches".to_owned(), Value::Bool(false));
    telling.doubt(format!(
        "{}/canonicalizedBody: the log entry is for other content: its {wrong} is not the bundle's; one of them was altered",
        entry.place
    ));
}

/// Compares the entries with an envelope.
pub(super) fn compare_envelope(
    entries: &[Entry],
    envelope: &Node<'_>,
    payload: &[u8],
    carrier: &mut Carrier,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    // What was received is no longer what was signed and logged; that says nothing of who altered what.
    if crate::import::secrets_removed(payload) > 0 {
        return Ok(());
    }
    let mut signatures = Vec::new();
    for signature in envelope.list("signatures")? {
        signatures.extend(signature.optional_text("sig")?);
    }
    let payload_hash = hex::encode(hash::sha256(payload));
    let signed = dsse::pae(envelope.text("payloadType")?, payload);
    let signed = hex::encode(hash::sha256(&signed));
    for entry in entries {
        let Some(body) = &entry.body else { continue };
        let logged = text(
            body,
            &["/spec/payloadHash/value", "/spec/content/payloadHash/value", "/spec/dsseV002/payloadHash/digest"],
        )
        .and_then(hex_of);
        let list = ["/spec/signatures", "/spec/content/envelope/signatures", "/spec/dsseV002/signatures"]
            .iter()
            .find_map(|pointer| body.pointer(pointer).and_then(Value::as_array));
        let mut wrong = logged.filter(|logged| *logged != payload_hash).map(|_| "payload hash");
        for logged in list.into_iter().flatten() {
            let sig = text(logged, &["/signature", "/sig", "/content"]);
            if let Some(sig) = sig
                && !signatures.iter().any(|known| same(known, sig))
            {
                wrong = wrong.or(Some("signature"));
            }
        }
        // The second version of the log keeps the digest of what is signed, and not of the payload.
        if let Some(record) = body.pointer("/spec/hashedRekordV002") {
            let algorithm = text(record, &["/data/algorithm"]);
            let logged = text(record, &["/data/digest"]).and_then(hex_of).filter(|_| algorithm == Some("SHA2_256"));
            wrong = wrong.or(logged.filter(|logged| *logged != signed).map(|_| "digest"));
            let sig = text(record, &["/signature/content"]);
            let known = |sig: &&str| signatures.iter().any(|known| same(known, sig));
            wrong = wrong.or(sig.filter(|sig| !known(sig)).map(|_| "signature"));
        }
        verdict(entry, wrong, carrier, telling);
    }
    Ok(())
}

/// Compares the entries with a signed digest.
pub(super) fn compare_message(
    entries: &[Entry],
    digest: &str,
    signature: &str,
    carrier: &mut Carrier,
    telling: &mut Teller<'_>,
) {
    let hash = digest.rsplit(':').next().unwrap_or(digest);
    for entry in entries {
        let Some(body) = &entry.body else { continue };
        let logged = text(body, &["/spec/data/hash/value", "/spec/hashedRekordV002/data/digest"]).and_then(hex_of);
        let sig = text(body, &["/spec/signature/content", "/spec/hashedRekordV002/signature/content"]);
        let wrong = logged.filter(|logged| logged != hash).map(|_| "digest");
        let wrong = wrong.or(sig.filter(|sig| !same(sig, signature)).map(|_| "signature"));
        verdict(entry, wrong, carrier, telling);
    }
}
