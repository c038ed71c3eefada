//! Entries of transparency logs in a bundle: when the log took them in, and whether they speak of what
//! the bundle holds. Whether the log vouches for them is not looked at.

use super::envelope::decode;
use super::material::number;
use super::statement::Carrier;
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep};
use crate::model::Time;
use crate::proof::log_body::{Compared, Content, compare};
use serde_json::Value;

/// What an entry was made of.
pub(super) struct Entry {
    place: String,
    body: Option<Vec<u8>>,
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
            Some(body) => Some(decode(body).ok_or_else(|| {
                format!("{}/canonicalizedBody: the entry is not base64; the bundle is refused", entry.path)
            })?),
            None => None,
        };
        found.push(Entry { place: entry.place().to_owned(), body });
    }
    Ok(found)
}

/// Compares the entries with what was signed, and by which signatures.
pub(super) fn compared(
    entries: &[Entry],
    content: &Content,
    signatures: &[Vec<u8>],
    carrier: &mut Carrier,
    telling: &mut Teller<'_>,
) {
    // What was received is no longer what was signed and logged; that says nothing of who altered what.
    if matches!(content, Content::Envelope { payload, .. } if crate::import::secrets_removed(payload) > 0) {
        return;
    }
    let signatures: Vec<&[u8]> = signatures.iter().map(Vec::as_slice).collect();
    for entry in entries {
        let Some(body) = &entry.body else { continue };
        let Compared::Differs(what) = compare(body, None, content, &signatures, None) else { continue };
        carrier.attributes.insert("signature.log.matches".to_owned(), Value::Bool(false));
        telling.doubt(format!(
            "{}/canonicalizedBody: the log entry is for other content: its {what} is not the bundle's; one of them was altered",
            entry.place
        ));
    }
}
