//! The signed parts of an attestation, taken apart for checking: the very bytes that the claims are read
//! from. It refuses nothing that the importer would keep, and checks no signature itself.

use super::certificate::certificate;
use super::envelope::decode;
use super::material::{message_digest, number, version};
use super::{Attestation, Sort, containers, utf8};
use crate::import::json::strict_value;
use crate::import::node::{Fault, Node};
use crate::import::sniff::complete_keys;
use crate::import::{Framing, Importer, Reading, Units, offset, unit_in};
use crate::model::{Attributes, Statement};
use crate::proof::attested::{Attested, Signature};
use crate::proof::certificate::Certificate;
use crate::proof::digest::HashName;
use crate::proof::log_body::Content;
use crate::proof::log_entry::{Entry, Inclusion};
use serde_json::Value;

/// Something signed in a record: where it stands, and its parts, or why they cannot be told.
pub type Found = (u32, Result<Attested, Fault>);

/// No bundle has more entries.
const MOST_ENTRIES: usize = 32;
/// No envelope has more signatures, and no bundle more certificates: each costs a check.
const MOST_SIGNATURES: usize = 64;
const MOST_CERTIFICATES: usize = 9;

/// A list that is not longer than anybody needs.
fn bounded<'v>(node: &Node<'v>, key: &str, most: usize) -> Result<Vec<Node<'v>>, Fault> {
    let list = node.list(key)?;
    if list.len() > most {
        return Err(format!("{}/{key}: found {}, expected {most} at most", node.path, list.len()));
    }
    Ok(list)
}

/// Everything in a record that is signed, or says it is. A bare statement is not.
pub fn attested(content: &[u8], framing: Framing) -> Vec<Found> {
    let mut reading = Reading::of(framing);
    Attestation.read(content, &mut reading);
    places(content, framing).into_iter().filter_map(|at| one(content, framing, at, &reading)).collect()
}

/// The one that stands there.
pub fn attested_at(content: &[u8], framing: Framing, at: u32) -> Option<Result<Attested, Fault>> {
    let mut reading = Reading::of(framing);
    Attestation.read(content, &mut reading);
    one(content, framing, at, &reading).map(|(_, found)| found)
}

fn places(content: &[u8], framing: Framing) -> Vec<u32> {
    let mut found = Vec::new();
    for (at, unit) in Units::of(content, framing) {
        let keys = std::str::from_utf8(unit).ok().and_then(complete_keys).unwrap_or_default();
        let array = match Sort::of(&keys) {
            Some(Sort::Listed) => keys.get("attestations").copied(),
            Some(Sort::Gcloud) => keys
                .get("provenance_summary")
                .and_then(|text| complete_keys(text))
                .and_then(|keys| keys.get("provenance").copied()),
            _ => {
                found.push(at);
                continue;
            }
        };
        let elements = containers::elements(unit, array.unwrap_or_default());
        found.extend(elements.into_iter().map(|(position, _)| at + offset(position)));
    }
    found
}

/// What the importer found wrong with the unit at a place.
fn faults(reading: &Reading, at: u32) -> Vec<String> {
    let mut faults: Vec<String> =
        reading.rejected.iter().filter(|it| it.at == at).map(|it| it.reason.clone()).collect();
    let altered = |attributes: &Attributes| {
        [
            ("copy-differs", "the readable copy differs from the signed payload"),
            ("summary-differs", "the summary is of another image than the signed payload"),
            ("digest-differs", "the digests of the files do not come to the signed one"),
        ]
        .into_iter()
        .find(|(key, _)| attributes.contains_key(*key) || attributes.contains_key(&format!("attestation.{key}")))
    };
    let told = reading.claims.iter().filter(|claim| claim.at == at).find_map(|claim| match &claim.statement {
        Statement::Evidence(it) => altered(&it.attributes),
        Statement::Artefact(it) => altered(&it.attributes),
        _ => None,
    });
    faults.extend(told.map(|(_, why)| why.to_owned()));
    faults
}

fn one(content: &[u8], framing: Framing, at: u32, reading: &Reading) -> Option<Found> {
    let unit = unit_in(content, at, framing);
    let found = utf8(unit).and_then(strict_value).map_err(|_| ());
    let faults = faults(reading, at);
    let Ok(value) = found else {
        let why = faults.into_iter().next().unwrap_or_else(|| "it is not JSON".to_owned());
        return Some((at, Err(why)));
    };
    let node = Node::new(&value, "");
    let parts = parts(&node).transpose()?;
    let parts = match (parts, faults.first()) {
        (Ok(mut parts), _) => {
            parts.faults = faults;
            Ok(parts)
        }
        // What the importer says of it is the better word.
        (Err(_), Some(fault)) => Err(fault.clone()),
        (Err(fault), None) => Err(fault),
    };
    Some((at, parts))
}

/// The type of the predicate in a payload.
pub fn predicate_type(payload: &[u8]) -> Option<String> {
    let value = strict_value(std::str::from_utf8(payload).ok()?).ok()?;
    value.get("predicateType").and_then(Value::as_str).map(crate::import::teller::clip)
}

/// Whether secrets in it were replaced before it was kept, so that no signature over it can hold.
pub fn was_altered(unit: &[u8]) -> bool {
    memchr::memmem::find(unit, b"[secret:").is_some()
}

/// The parts of what a unit is: an envelope, a bundle, or what npm and gcloud put around them.
fn parts(node: &Node<'_>) -> Result<Option<Attested>, Fault> {
    if let Some(bundle) = node.child("bundle")? {
        return bundled(&bundle).map(Some);
    }
    if let Some(envelope) = node.child("envelope")? {
        return enveloped(&envelope).map(Some);
    }
    if node.child("payload")?.is_some() {
        return enveloped(node).map(Some);
    }
    if node.child("verificationMaterial")?.is_some() || node.child("mediaType")?.is_some() {
        return bundled(node).map(Some);
    }
    Ok(None)
}

/// A signature's bytes, and whether it is written as base64 of base64, as Chainloop does.
fn written(text: &str) -> Option<(Vec<u8>, bool)> {
    let once = decode(text)?;
    let inner = std::str::from_utf8(&once).ok().filter(|text| text.len() >= 64).and_then(decode);
    Some(inner.map_or((once, false), |inner| (inner, true)))
}

/// A signature's bytes.
pub(super) fn signature(text: &str) -> Option<Vec<u8>> {
    written(text).map(|(bytes, _)| bytes)
}

/// A signature that may be empty, or no base64 at all.
fn signed(text: &str, key: Option<&str>, certificate: Option<Certificate>) -> Signature {
    let found = if text.trim().is_empty() { Some((Vec::new(), false)) } else { written(text) };
    Signature {
        twice: found.as_ref().is_some_and(|(_, twice)| *twice),
        bytes: found.map(|(bytes, _)| bytes).ok_or("the signature is not base64"),
        key: key.filter(|key| !key.trim().is_empty()).map(str::to_owned),
        certificate,
    }
}

fn enveloped(node: &Node<'_>) -> Result<Attested, Fault> {
    let payload = decode(node.text("payload")?)
        .ok_or_else(|| format!("{}/payload: payload is not base64; the attestation is refused", node.path))?;
    let payload_type = node.optional_text("payloadType")?.unwrap_or_default().to_owned();
    let mut signatures = Vec::new();
    for it in bounded(node, "signatures", MOST_SIGNATURES)? {
        let certificate = it.optional_text("cert")?.and_then(certificate);
        signatures.push(signed(it.optional_text("sig")?.unwrap_or_default(), it.optional_text("keyid")?, certificate));
    }
    let statement = std::str::from_utf8(&payload).ok().and_then(|text| strict_value(text).ok());
    let statement = statement.unwrap_or(Value::Null);
    let text = |pointer: &str| statement.pointer(pointer).and_then(Value::as_str);
    let predicate_type = text("/predicateType").unwrap_or_default();
    let builder = text("/predicate/builder/id").or_else(|| text("/predicate/runDetails/builder/id"));
    Ok(Attested {
        subjects: subjects(&statement),
        builder: builder.map(str::to_owned),
        may_be_legacy: predicate_type.starts_with("https://model_signing/"),
        ..Attested::of(Content::Envelope { payload_type, payload }, signatures)
    })
}

/// The digests of a statement's subjects, as far as they are of a hash that is made here.
fn subjects(statement: &Value) -> Vec<(HashName, Vec<u8>)> {
    let list = statement.get("subject").and_then(Value::as_array);
    let sets = list.into_iter().flatten().filter_map(|it| it.get("digest").and_then(Value::as_object));
    let digests = sets.flatten().filter_map(|(name, hex)| {
        let hash = HashName::parse(name)?;
        Some((hash, hex::decode(hex.as_str()?.trim()).ok()?))
    });
    digests.collect()
}

fn bundled(node: &Node<'_>) -> Result<Attested, Fault> {
    let material = node.required("verificationMaterial")?;
    let mut it = match (node.child("dsseEnvelope")?, node.child("messageSignature")?) {
        (Some(envelope), None) => enveloped(&envelope)?,
        (None, Some(message)) => messaged(&message)?,
        _ => return Err(format!("{}: expected one of \"dsseEnvelope\" and \"messageSignature\"", node.place())),
    };
    it.bundle = Some(version(node).unwrap_or("unknown").to_owned());
    let chain = match material.child("x509CertificateChain")? {
        Some(chain) => bounded(&chain, "certificates", MOST_CERTIFICATES)?,
        None => material.child("certificate")?.into_iter().collect(),
    };
    for entry in chain {
        let der = decode(entry.text("rawBytes")?);
        let read = der.as_deref().and_then(Certificate::read);
        it.certificates.push(read.ok_or_else(|| format!("{}: the certificate cannot be read", entry.place()))?);
    }
    it.hint = match material.child("publicKey")? {
        Some(key) => key.optional_text("hint")?.map(str::to_owned),
        None => None,
    };
    for entry in bounded(&material, "tlogEntries", MOST_ENTRIES)? {
        it.entries.push(logged(&entry)?);
    }
    if let Some(data) = material.child("timestampVerificationData")? {
        for stamp in data.list("rfc3161Timestamps")? {
            it.timestamps.push(decode(stamp.text("signedTimestamp")?).unwrap_or_default());
        }
    }
    Ok(it)
}

fn messaged(message: &Node<'_>) -> Result<Attested, Fault> {
    let (hash, digest) = message_digest(message)?;
    Ok(Attested {
        subjects: vec![(hash, digest.clone())],
        ..Attested::of(Content::Digest { hash, digest }, vec![signed(message.text("signature")?, None, None)])
    })
}

/// An entry of a log, as it stands in a bundle.
fn logged(node: &Node<'_>) -> Result<Entry, Fault> {
    let bytes = |node: &Node<'_>, key: &str| -> Result<Vec<u8>, Fault> {
        let text = node.optional_text(key)?.unwrap_or_default();
        decode(text).ok_or_else(|| format!("{}/{key}: it is not base64", node.path))
    };
    let mut entry = Entry { place: node.place().to_owned(), ..Entry::default() };
    if let Some(id) = node.child("logId")? {
        entry.log = bytes(&id, "keyId")?;
    }
    if let Some(kind) = node.child("kindVersion")? {
        let text = |key| -> Result<String, Fault> { Ok(kind.optional_text(key)?.unwrap_or_default().to_owned()) };
        entry.kind = Some((text("kind")?, text("version")?));
    }
    entry.index = number(node, "logIndex")?.unwrap_or_default();
    entry.seconds = number(node, "integratedTime")?;
    entry.body = bytes(node, "canonicalizedBody")?;
    if let Some(promise) = node.child("inclusionPromise")? {
        entry.promise = Some(bytes(&promise, "signedEntryTimestamp")?);
    }
    if let Some(proof) = node.child("inclusionProof")? {
        let mut hashes = Vec::new();
        for hash in proof.list("hashes")? {
            let hash = decode(hash.as_text()?);
            hashes.push(hash.ok_or_else(|| format!("{}/hashes: one is not base64", proof.path))?);
        }
        let checkpoint = match proof.child("checkpoint")? {
            Some(it) => it.optional_text("envelope")?.map(str::to_owned),
            None => None,
        };
        entry.proof = Some(Inclusion {
            index: number(&proof, "logIndex")?.unwrap_or_default(),
            size: number(&proof, "treeSize")?.unwrap_or_default(),
            root: bytes(&proof, "rootHash")?,
            hashes,
            checkpoint,
        });
    }
    Ok(entry)
}
