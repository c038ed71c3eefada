//! Sigstore bundles 0.1 to 0.3: what is signed, and which material to check it with comes along. The
//! checks that need no key are made here; none of them makes a signature good.

use super::envelope;
use super::statement::{self, Carrier};
use super::{logged, signed};
use crate::import::bom::evidence;
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, clip, keep, scalar};
use crate::model::{Artefact, Attributes, Digest, Kind, Relation, Statement};
use crate::proof::digest::HashName;
use crate::proof::log_body::Content;
use crate::proof::timestamp::Token;
use serde_json::Value;

/// Versions this reads, by their two spellings.
const VERSIONS: [(&str, &str); 7] = [
    ("application/vnd.dev.sigstore.bundle+json;version=0.1", "0.1"),
    ("application/vnd.dev.sigstore.bundle+json;version=0.2", "0.2"),
    ("application/vnd.dev.sigstore.bundle+json;version=0.3", "0.3"),
    ("application/vnd.dev.sigstore.bundle.v0.1+json", "0.1"),
    ("application/vnd.dev.sigstore.bundle.v0.2+json", "0.2"),
    ("application/vnd.dev.sigstore.bundle.v0.3+json", "0.3"),
    ("application/vnd.dev.sigstore.bundle.v0.3.1+json", "0.3"),
];

/// Reads a bundle; a container around it may say of which type the predicate is.
pub(super) fn bundle(node: &Node<'_>, predicate_type: Option<&str>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let version = version(node)?;
    let container = if predicate_type.is_some() { "npm attestation, sigstore bundle" } else { "sigstore bundle" };
    let mut carrier = Carrier::signed(&format!("{container} {version}"));
    carrier.predicate_type = predicate_type.map(str::to_owned);
    let material = node.required("verificationMaterial")?;
    keys(&material, &mut carrier)?;
    let entries = logged::entries(&material, &mut carrier, telling)?;
    timestamps(&material, &mut carrier, telling)?;
    match (node.child("dsseEnvelope")?, node.child("messageSignature")?) {
        (Some(envelope), None) => {
            let payload = envelope::payload(&envelope)?;
            let mut signatures = Vec::new();
            for signature in envelope.list("signatures")? {
                signatures.extend(signature.optional_text("sig")?.and_then(signed::signature));
            }
            let content = Content::Envelope {
                payload_type: envelope.text("payloadType")?.to_owned(),
                payload: payload.bytes.clone(),
            };
            logged::compared(&entries, &content, &signatures, &mut carrier, telling);
            envelope::read_payload(&envelope, &payload, &mut carrier, telling)
        }
        (None, Some(message)) => {
            let (hash, digest) = message_digest(&message)?;
            let Some(signature) = signed::signature(message.text("signature")?) else {
                return Err(format!(
                    "{}/signature: the signature is not base64: it can never be checked; the bundle is refused",
                    message.path
                ));
            };
            let written = format!("{}:{}", hash.as_str(), hex::encode(&digest));
            logged::compared(&entries, &Content::Digest { hash, digest }, &[signature], &mut carrier, telling);
            signed_file(&written, &carrier, telling);
            Ok(())
        }
        (Some(_), Some(_)) => Err(format!("{}: both \"dsseEnvelope\" and \"messageSignature\"", node.place())),
        (None, None) => Err(format!(
            "{}: found neither \"dsseEnvelope\" nor \"messageSignature\", expected one; the bundle is refused",
            node.place()
        )),
    }
}

pub(super) fn version(node: &Node<'_>) -> Result<&'static str, Fault> {
    let media_type = node.text("mediaType")?;
    let bare: String = media_type.chars().filter(|c| !c.is_whitespace()).collect();
    VERSIONS.iter().find(|(known, _)| *known == bare).map(|(_, version)| *version).ok_or_else(|| {
        format!(
            "{}/mediaType: unknown bundle version: found \"{}\", expected 0.1, 0.2 or 0.3; the bundle is refused",
            node.path,
            clip(media_type)
        )
    })
}

/// The key or certificate that the bundle says it was signed with.
fn keys(material: &Node<'_>, carrier: &mut Carrier) -> Result<(), Fault> {
    let chain = match material.child("x509CertificateChain")? {
        Some(chain) => {
            let list = chain.list("certificates")?;
            if list.is_empty() {
                return Err(format!(
                    "{}/certificates: the certificate chain is empty: expected one certificate at least; the bundle is refused",
                    chain.path
                ));
            }
            list
        }
        None => material.child("certificate")?.into_iter().collect(),
    };
    for (index, certificate) in chain.iter().enumerate() {
        let raw = certificate.text("rawBytes")?;
        if envelope::decode(raw).is_none() {
            return Err(format!("{}/rawBytes: the certificate is not base64; the bundle is refused", certificate.path));
        }
        carrier.carries("certificate");
        if index == 0 {
            carrier.certificate(raw);
        }
    }
    let key = material.child("publicKey")?;
    if let Some(key) = &key {
        carrier.carries("key hint");
        keep(&mut carrier.attributes, "signature.key", key.optional_text("hint")?);
        keep(&mut carrier.attributes, "signature.key-details", key.optional_text("keyDetails")?);
        if key.optional_text("rawBytes")?.is_some() {
            // A key that comes with what it signs proves nothing about who holds it.
            carrier.carries("key");
        }
    }
    if chain.is_empty() && key.is_none() {
        return Err(format!(
            "{}: no verification material: found neither a certificate nor a public key; the bundle is refused",
            material.place()
        ));
    }
    Ok(())
}

/// The moments at which authorities say they saw the signature.
fn timestamps(material: &Node<'_>, carrier: &mut Carrier, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let Some(data) = material.child("timestampVerificationData")? else { return Ok(()) };
    for stamp in data.list("rfc3161Timestamps")? {
        let place = format!("{}/signedTimestamp", stamp.path);
        let Some(bytes) = envelope::decode(stamp.text("signedTimestamp")?) else {
            telling.doubt(format!("{place}: the timestamp is not base64; it is not read"));
            continue;
        };
        carrier.carries("timestamp");
        match Token::read(&bytes).map(|token| token.at) {
            Some(at) => {
                carrier.attributes.insert("signature.timestamp".to_owned(), Value::from(at.to_string()));
                carrier.at = carrier.at.or(Some(at));
            }
            None => telling.doubt(format!("{place}: it holds no time that can be read")),
        }
    }
    Ok(())
}

/// The digest of a message, which bundles write in base64.
pub(super) fn message_digest(message: &Node<'_>) -> Result<(HashName, Vec<u8>), Fault> {
    let said = message.required("messageDigest")?;
    let algorithm = said.text("algorithm")?;
    let place = format!("{}/digest", said.path);
    let digest = envelope::decode(said.text("digest")?)
        .ok_or_else(|| format!("{place}: the digest is not base64; the bundle is refused"))?;
    let hash = HashName::parse(algorithm).filter(|hash| hash.of(b"").len() == digest.len());
    let hash =
        hash.ok_or_else(|| format!("{place}: found no digest of \"{}\"; the bundle is refused", clip(algorithm)))?;
    Ok((hash, digest))
}

/// A file of which nothing but its digest is known.
fn signed_file(digest: &str, carrier: &Carrier, telling: &mut Teller<'_>) {
    let mut artefact = Artefact::new(format!("package:{digest}"), Kind::Package);
    artefact.digests.push(Digest::parse(digest));
    let thing = super::descriptor::Thing {
        id: artefact.id.clone(),
        kind: Kind::Package,
        name: None,
        digests: artefact.digests.clone(),
    };
    let id = telling.artefact(artefact);
    source(&id, carrier, telling);
    let Some(at) = carrier.moment() else {
        statement::undated(&thing, "signature", &carrier.attributes, telling);
        telling.doubt("/: no time is stated; the signature is kept with the artefact and not as dated evidence");
        return;
    };
    telling.observe(at);
    let mut said = evidence(&id, "attestation", at);
    said.scope = Some("signature".to_owned());
    said.by = carrier.signer.clone();
    said.covers = thing.digests;
    said.attributes = carrier.attributes.clone();
    telling.say(Statement::Evidence(said));
}

/// The commit that the certificate says the signing workflow ran at.
pub(super) fn source(of: &str, carrier: &Carrier, telling: &mut Teller<'_>) {
    let Some((repository, commit)) = &carrier.code else { return };
    let mut attributes = Attributes::new();
    attributes.insert("how".to_owned(), Value::from("signing-certificate"));
    let code = super::descriptor::code(Some(repository), commit, Attributes::new(), telling);
    telling.link_with(of, Relation::BuiltFrom, &code.id, carrier.at, attributes);
}

/// A number that protobuf writes as text.
pub(super) fn number(node: &Node<'_>, key: &str) -> Result<Option<i64>, Fault> {
    let Some(child) = node.child(key)? else { return Ok(None) };
    let written = scalar(child.value).unwrap_or_default();
    written
        .parse::<i64>()
        .map(Some)
        .map_err(|_| format!("{}: found \"{}\", expected a number; the bundle is refused", child.path, clip(&written)))
}
