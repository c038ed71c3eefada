//! Attestations: in-toto statements (SLSA provenance, verification summaries, test results, scans and
//! whatever else), bare, in DSSE envelopes, in Sigstore bundles, in the answers of npm and gcloud, and
//! OpenSSF model signatures. The importer checks no signature: what it reads is called
//! recorded; [`signed`] takes the signed parts out again for who checks them.

mod certificate;
mod chainloop;
mod containers;
mod descriptor;
mod envelope;
mod logged;
mod material;
pub mod model_signing;
mod parts;
mod predicate;
mod provenance;
pub mod signed;
mod statement;
mod verdict;
mod witness;

use super::json::strict_value;
use super::node::Node;
use super::sniff::{Keys, json_shape};
use super::teller::Teller;
use super::unit::{Units, utf8};
use super::{Format, Framing, Head, Importer, Reading};

/// Reads attestations.
pub struct Attestation;

static FORMAT: Format = Format {
    name: "attestation",
    version: 1,
    media_type: "application/vnd.in-toto+json",
    about: "in-toto statements (SLSA, VSA, test, scan, Witness, Chainloop, …), DSSE, Sigstore bundles 0.1–0.3, npm, gcloud, OpenSSF model signatures",
    extensions: &["json", "jsonl", "intoto.jsonl", "sigstore", "sigstore.json", "sig", "slsa", "att"],
};

impl Importer for Attestation {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        shape.objects.iter().any(|keys| Sort::of(keys).is_some()).then_some(shape.framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        for (at, unit) in Units::of(content, out.framing) {
            read_unit(at, unit, out);
        }
    }
}

/// What an object is, as its keys tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Statement,
    Envelope,
    Bundle,
    /// `{"attestations":[…]}`, as npm and GitHub answer.
    Listed,
    /// `gcloud artifacts docker images describe --show-provenance`.
    Gcloud,
}

impl Sort {
    fn of(keys: &Keys<'_>) -> Option<Sort> {
        let has = |key: &str| keys.contains_key(key);
        let holds = |key: &str, text: &str| keys.get(key).is_some_and(|value| value.contains(text));
        if has("payloadType") && has("payload") {
            return Some(Sort::Envelope);
        }
        // A trusted root has a media type of the same family, and is no attestation.
        let content = has("messageSignature") || has("dsseEnvelope");
        if content && has("verificationMaterial") || holds("mediaType", "vnd.dev.sigstore.bundle") {
            return Some(Sort::Bundle);
        }
        if holds("_type", "in-toto.io/Statement") || holds("type", "in-toto.io/Statement") && has("subject") {
            return Some(Sort::Statement);
        }
        if has("_type") && has("predicateType") {
            return Some(Sort::Statement);
        }
        if holds("attestations", "\"bundle\"") && keys.get("attestations").is_some_and(|list| list.starts_with('[')) {
            return Some(Sort::Listed);
        }
        (has("image_summary") && has("provenance_summary")).then_some(Sort::Gcloud)
    }
}

/// One line, element or document.
fn read_unit(at: u32, unit: &[u8], out: &mut Reading) {
    // Containers are taken apart where they stand; what is none is read once.
    let holds = |word: &str| memchr::memmem::find(unit, word.as_bytes()).is_some();
    if holds("\"attestations\"") || holds("\"image_summary\"") {
        let keys = std::str::from_utf8(unit).ok().and_then(super::sniff::complete_keys).unwrap_or_default();
        match Sort::of(&keys) {
            Some(Sort::Listed) => return containers::listed(at, unit, &keys, out),
            Some(Sort::Gcloud) => return containers::gcloud(at, unit, &keys, out),
            _ => {}
        }
    }
    Teller::unit(out, at, unit, |telling| {
        let value = strict_value(utf8(unit)?)?;
        let node = Node::new(&value, "");
        let members = value.as_object().into_iter().flatten();
        let keys = members.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default())).collect();
        match Sort::of(&keys) {
            Some(Sort::Bundle) => material::bundle(&node, None, telling),
            Some(Sort::Envelope) => envelope::alone(&node, telling),
            Some(_) => statement::bare(&node, telling),
            None => {
                Err("/: no attestation: expected an in-toto statement, a DSSE envelope or a Sigstore bundle".to_owned())
            }
        }
    });
}
