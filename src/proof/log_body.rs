//! What an entry of a signature log says, compared with what was signed, by which signature and by whose
//! key: an entry for something else proves nothing of this. Whether a log vouches for it is for
//! [`super::log_entry`].

use super::certificate::Certificate;
use super::digest::{HashName, sha256};
use super::dsse;
use super::encoding::{base64, pem_blocks};
use serde_json::Value;

/// What was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A payload with its type.
    Envelope {
        /// The type.
        payload_type: String,
        /// The payload, decoded: what is shown is this.
        payload: Vec<u8>,
    },
    /// Something of which only the digest is there.
    Digest {
        /// By which hash.
        hash: HashName,
        /// The digest.
        digest: Vec<u8>,
    },
}

impl Content {
    /// The digest of what a signature is over.
    fn signed_digest(&self, hash: HashName) -> Option<Vec<u8>> {
        match self {
            Content::Envelope { payload_type, payload } => Some(hash.of(&dsse::pae(payload_type, payload))),
            Content::Digest { hash: known, digest } => (*known == hash).then(|| digest.clone()),
        }
    }
}

/// What came of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// The entry is for this.
    Same,
    /// It is for something else: this differs.
    Differs(&'static str),
    /// It is of a sort that is not read here.
    Unknown,
}

/// A key as an entry states it: a certificate, or a key's SubjectPublicKeyInfo.
#[derive(Debug, Clone, Copy)]
pub struct SignedBy<'s> {
    /// The certificate that signed, in DER.
    pub certificate: Option<&'s [u8]>,
    /// Its key, or the supplied one.
    pub key: &'s [u8],
}

/// A text at one of some pointers.
fn text<'v>(body: &'v Value, pointers: &[&str]) -> Option<&'v str> {
    pointers.iter().find_map(|pointer| body.pointer(pointer).and_then(Value::as_str))
}

/// The bytes of a digest, written in hex or in base64.
fn digest_of(written: &str) -> Option<Vec<u8>> {
    let hexadecimal = written.len() >= 64 && written.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal { hex::decode(written).ok() } else { base64(written) }
}

/// Whether base64 is of these bytes, or of base64 of them.
fn is_of(written: &str, bytes: &[u8]) -> bool {
    let Some(once) = base64(written) else { return false };
    once == bytes || std::str::from_utf8(&once).ok().and_then(base64).is_some_and(|twice| twice == bytes)
}

/// The hash, the signatures and the keys that an entry states.
struct Stated<'v> {
    /// Of what was signed, with encoding; by which hash.
    digest: Option<(HashName, &'v str)>,
    /// SHA-256 of the payload alone.
    payload: Option<&'v str>,
    signatures: Vec<(&'v str, Option<Key>)>,
}

/// A key in an entry, decoded.
enum Key {
    Certificate(Vec<u8>),
    Public(Vec<u8>),
    Unreadable,
}

/// PEM in base64, as the first version writes keys.
fn pem_key(written: &str) -> Key {
    let decoded = base64(written).unwrap_or_default();
    let text = String::from_utf8_lossy(&decoded);
    if let Some(der) = pem_blocks(&text, "CERTIFICATE").into_iter().next() {
        return Key::Certificate(der);
    }
    pem_blocks(&text, "PUBLIC KEY").into_iter().next().map_or(Key::Unreadable, Key::Public)
}

/// DER in base64, as the second does.
fn der_key(verifier: &Value) -> Option<Key> {
    let raw = |pointer: &str| text(verifier, &[pointer]).and_then(base64);
    raw("/x509Certificate/rawBytes").map(Key::Certificate).or_else(|| raw("/publicKey/rawBytes").map(Key::Public))
}

fn list<'v>(body: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    body.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn stated<'v>(body: &'v Value, kind: &str, version: &str) -> Option<Stated<'v>> {
    let at = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let hash = |pointer: &str| at(pointer).and_then(HashName::parse);
    match (kind, version) {
        ("hashedrekord", "0.0.1") => Some(Stated {
            digest: Some((hash("/spec/data/hash/algorithm")?, at("/spec/data/hash/value")?)),
            payload: None,
            signatures: vec![(at("/spec/signature/content")?, at("/spec/signature/publicKey/content").map(pem_key))],
        }),
        ("hashedrekord", "0.0.2") => {
            let record = body.pointer("/spec/hashedRekordV002")?;
            let key = record.pointer("/signature/verifier").and_then(der_key);
            Some(Stated {
                digest: Some((HashName::parse(text(record, &["/data/algorithm"])?)?, text(record, &["/data/digest"])?)),
                payload: None,
                signatures: vec![(text(record, &["/signature/content"])?, key)],
            })
        }
        ("dsse", "0.0.1") => Some(Stated {
            digest: None,
            payload: Some(at("/spec/payloadHash/value")?),
            signatures: list(body, "/spec/signatures")
                .map(|it| Some((text(it, &["/signature"])?, text(it, &["/verifier"]).map(pem_key))))
                .collect::<Option<_>>()?,
        }),
        ("dsse", "0.0.2") => Some(Stated {
            digest: None,
            payload: Some(at("/spec/dsseV002/payloadHash/digest")?),
            signatures: list(body, "/spec/dsseV002/signatures")
                .map(|it| Some((text(it, &["/content"])?, it.get("verifier").and_then(der_key))))
                .collect::<Option<_>>()?,
        }),
        ("intoto", "0.0.1" | "0.0.2") => {
            let payload = at("/spec/content/payloadHash/value")?;
            let key = at("/spec/publicKey");
            let mut signatures: Vec<_> = list(body, "/spec/content/envelope/signatures")
                .map(|it| Some((text(it, &["/sig"])?, text(it, &["/publicKey"]).or(key).map(pem_key))))
                .collect::<Option<_>>()?;
            // The first version states the key alone.
            if signatures.is_empty() {
                signatures.extend(key.map(|key| ("", Some(pem_key(key)))));
            }
            Some(Stated { digest: None, payload: Some(payload), signatures })
        }
        _ => None,
    }
}

/// Compares an entry's body with what was signed and by which signatures, and with whose key where that is known.
pub fn compare(
    body: &[u8],
    said: Option<(&str, &str)>,
    content: &Content,
    signatures: &[&[u8]],
    by: Option<SignedBy<'_>>,
) -> Compared {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return Compared::Unknown };
    let kind = text(&body, &["/kind"]).unwrap_or_default();
    let version = text(&body, &["/apiVersion"]).unwrap_or_default();
    if said.is_some_and(|said| said != (kind, version)) {
        return Compared::Differs("kind");
    }
    let Some(stated) = stated(&body, kind, version) else { return Compared::Unknown };
    if let Some((hash, written)) = stated.digest {
        let Some(digest) = content.signed_digest(hash) else { return Compared::Differs("digest") };
        if digest_of(written).as_ref() != Some(&digest) {
            return Compared::Differs("digest");
        }
    }
    if let Some(written) = stated.payload {
        let Content::Envelope { payload, .. } = content else { return Compared::Differs("kind") };
        if digest_of(written).as_deref() != Some(&sha256(payload)[..]) {
            return Compared::Differs("payload hash");
        }
    }
    let known = |written: &str| written.is_empty() || signatures.iter().any(|it| is_of(written, it));
    let logged = |bytes: &[u8]| stated.signatures.iter().any(|(it, _)| it.is_empty() || is_of(it, bytes));
    if !stated.signatures.iter().all(|(it, _)| known(it)) || !signatures.iter().all(|it| logged(it)) {
        return Compared::Differs("signature");
    }
    let Some(by) = by else { return Compared::Same };
    let same_key = |key: &Option<Key>| match key {
        Some(Key::Certificate(der)) => match by.certificate {
            Some(certificate) => certificate == der.as_slice(),
            None => Certificate::from_der(der).is_some_and(|it| it.key == by.key),
        },
        Some(Key::Public(der)) => der.as_slice() == by.key,
        Some(Key::Unreadable) | None => false,
    };
    if stated.signatures.iter().any(|(_, key)| same_key(key)) { Compared::Same } else { Compared::Differs("key") }
}
