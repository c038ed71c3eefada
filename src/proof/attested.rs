//! Something signed, taken apart, and the checks on it one by one: each holds, fails or is not made, for
//! itself. It reads nothing and knows no clock: what is trusted and what time it is, the caller says.

use super::certificate::Certificate;
use super::digest::{HashName, sha256};
use super::dsse;
use super::log_body::{Compared, Content, SignedBy, compare};
use super::log_entry::{Entry, Logged};
use super::public_key::Refused;
use super::trust::{Signer, Trust, TrustedKey};
use super::witnessed::{self, Moments};
use crate::model::{Check, CheckInputs, CheckName, CheckState, Time, Verification};

/// A signature as it was carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Its bytes, or why there are none.
    pub bytes: Result<Vec<u8>, &'static str>,
    /// Whether it was written as base64 of base64.
    pub twice: bool,
    /// What its maker calls the key; a hint, and nothing more.
    pub key: Option<String>,
    /// A certificate that stands beside it.
    pub certificate: Option<Certificate>,
}

/// Something signed, and what came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// What was signed.
    pub content: Content,
    /// The signatures.
    pub signatures: Vec<Signature>,
    /// The version of the bundle it came in, where it came in one.
    pub bundle: Option<String>,
    /// The bundle's certificates, the signer's first.
    pub certificates: Vec<Certificate>,
    /// The bundle's hint at a key.
    pub hint: Option<String>,
    /// Entries of logs.
    pub entries: Vec<Entry>,
    /// Timestamps.
    pub timestamps: Vec<Vec<u8>>,
    /// The digests of what it speaks of.
    pub subjects: Vec<(HashName, Vec<u8>)>,
    /// The builder that it names.
    pub builder: Option<String>,
    /// Whether it may be of the form that model-signing 0.2 signed.
    pub may_be_legacy: bool,
    /// What is wrong with it as it stands.
    pub faults: Vec<String>,
}

impl Attested {
    /// It alone: nothing came with it, and it speaks of nothing.
    pub fn of(content: Content, signatures: Vec<Signature>) -> Attested {
        Attested {
            content,
            signatures,
            bundle: None,
            certificates: Vec::new(),
            hint: None,
            entries: Vec::new(),
            timestamps: Vec::new(),
            subjects: Vec::new(),
            builder: None,
            may_be_legacy: false,
            faults: Vec::new(),
        }
    }
}

/// What it is checked with.
#[derive(Debug, Clone, Copy)]
pub struct Given<'g> {
    /// What the user trusts.
    pub trust: &'g Trust,
    /// The time of the check.
    pub now: Time,
    /// The digests of the artefact's bytes, where they are at hand.
    pub artefact: Option<&'g [(HashName, Vec<u8>)]>,
}

/// Whose signature holds.
enum By<'s> {
    Key(&'s TrustedKey),
    Certificate(&'s Certificate),
}

/// The signature that counts.
struct Holding<'s> {
    by: By<'s>,
    bytes: &'s [u8],
    scheme: &'static str,
    remarks: Vec<String>,
}

/// Checks something signed.
pub fn verify(it: &Attested, given: &Given<'_>) -> Verification {
    if it.signatures.iter().all(|signature| signature.bytes.as_ref().is_ok_and(Vec::is_empty)) {
        let mut unsigned = Verification::unsigned(given.now);
        if let Some(fault) = form(it) {
            unsigned.checks.insert(0, Check::failed(CheckName::Form, fault));
        }
        return unsigned;
    }
    let mut checks = vec![match form(it) {
        Some(fault) => Check::failed(CheckName::Form, fault),
        None => Check::held(CheckName::Form, "it is read as one thing"),
    }];
    let content = content(it, given);
    checks.push(artefact(it, given));
    let (signature, holding) = signature(it, &content, given);
    checks.push(signature);
    let mut remarks = holding.as_ref().map(|it| it.remarks.clone()).unwrap_or_default();
    let moments = witness(it, &content, holding.as_ref(), given, &mut checks);
    // An entry of a log that nobody supplied is no reason to do without the logs that were.
    let mut logged = !it.entries.is_empty() && !given.trust.logs.is_empty();
    let (mut signer, mut by_key, mut key) = (None, None, None);
    match holding.as_ref().map(|it| &it.by) {
        Some(By::Key(trusted)) => {
            key = Some(trusted.key.fingerprint());
            by_key = Some(trusted.name.as_str());
            signer = Some(format!("key {}", trusted.name));
            checks.push(Check::held(CheckName::Chain, format!("the supplied key {}", trusted.name)));
            checks.push(moments.alone());
            checks.push(Check::not_checked(CheckName::Identity, "a key names nobody; the file it came in does"));
        }
        Some(By::Certificate(leaf)) => {
            key = Some(format!("sha256:{}", hex::encode(sha256(&leaf.key))));
            signer = leaf.names().into_iter().next().or_else(|| leaf.common_name());
            let others = it.certificates.get(1..).unwrap_or_default();
            let found = witnessed::certificate(leaf, others, &moments, given);
            checks.extend([found.chain, found.time, identity(it, leaf, given.trust)]);
            remarks.extend(found.remark);
            logged |= found.logged;
        }
        None => {
            let why = "no signature holds";
            checks
                .extend([CheckName::Chain, CheckName::Time, CheckName::Identity].map(|it| Check::not_checked(it, why)));
        }
    }
    let inputs = CheckInputs {
        content: Some(match &content {
            Content::Envelope { payload, .. } => format!("sha256:{}", hex::encode(sha256(payload))),
            Content::Digest { hash, digest } => format!("{}:{}", hash.as_str(), hex::encode(digest)),
        }),
        key,
        trust: (*given.trust != Trust::default()).then(|| given.trust.digest()),
        artefact: given
            .artefact
            .and_then(|it| it.first())
            .map(|(hash, it)| format!("{}:{}", hash.as_str(), hex::encode(it))),
        signed_at: moments.trusted.first().map(|(at, _)| *at),
        at: given.now,
    };
    Verification::of(checks, (signer, by_key, logged), inputs, remarks)
}

/// What is wrong with it as it stands.
fn form(it: &Attested) -> Option<String> {
    if let Some(fault) = it.faults.first() {
        return Some(fault.clone());
    }
    let one = it.bundle.is_none() || it.signatures.len() == 1;
    (!one).then(|| format!("a bundle with {} signatures: expected one", it.signatures.len()))
}

/// What the signature is over: of an artefact whose bytes are at hand their digest, and not the stated one.
fn content(it: &Attested, given: &Given<'_>) -> Content {
    match (&it.content, given.artefact) {
        (Content::Digest { hash, .. }, Some(artefact)) => match artefact.iter().find(|(known, _)| known == hash) {
            Some((hash, digest)) => Content::Digest { hash: *hash, digest: digest.clone() },
            None => it.content.clone(),
        },
        _ => it.content.clone(),
    }
}

fn artefact(it: &Attested, given: &Given<'_>) -> Check {
    let Some(artefact) = given.artefact else {
        return Check::not_checked(CheckName::Artefact, "the artefact's bytes are not at hand");
    };
    match artefact.iter().find(|digest| it.subjects.contains(digest)) {
        Some((hash, digest)) => Check::held(CheckName::Artefact, format!("{}:{}", hash.as_str(), hex::encode(digest))),
        None if it.subjects.is_empty() => Check::not_checked(CheckName::Artefact, "no digest of it is signed"),
        None => Check::failed(CheckName::Artefact, "the artefact's digest is not the signed one"),
    }
}

fn by_key(
    key: &TrustedKey,
    content: &Content,
    signature: &[u8],
    legacy: bool,
) -> Result<(&'static str, bool), Refused> {
    check(
        content,
        legacy,
        |bytes| key.key.verify(bytes, signature),
        |hash, digest| key.key.verify_digest(hash, digest, signature),
    )
}

/// Under the encoding that counts, and under the old one where that may be.
fn check(
    content: &Content,
    legacy: bool,
    over_bytes: impl Fn(&[u8]) -> Result<&'static str, Refused>,
    over_digest: impl Fn(HashName, &[u8]) -> Result<&'static str, Refused>,
) -> Result<(&'static str, bool), Refused> {
    match content {
        Content::Digest { hash, digest } => over_digest(*hash, digest).map(|scheme| (scheme, false)),
        Content::Envelope { payload_type, payload } => match over_bytes(&dsse::pae(payload_type, payload)) {
            Ok(scheme) => Ok((scheme, false)),
            Err(_) if legacy => over_bytes(&dsse::legacy_pae(payload_type, payload)).map(|scheme| (scheme, true)),
            Err(refused) => Err(refused),
        },
    }
}

/// Looks for a signature that holds: by a supplied key first, else by the certificate that came along.
fn signature<'s>(it: &'s Attested, content: &Content, given: &Given<'s>) -> (Check, Option<Holding<'s>>) {
    let mut found: Vec<Holding<'s>> = Vec::new();
    let mut tried = None;
    let mut bad = Vec::new();
    for (index, signature) in it.signatures.iter().enumerate() {
        let bytes = match &signature.bytes {
            Ok(bytes) if bytes.is_empty() => {
                bad.push(format!("signature {index} is empty"));
                continue;
            }
            Ok(bytes) => bytes.as_slice(),
            Err(why) => {
                bad.push(format!("signature {index}: {why}"));
                tried = tried.or(Some(Refused::Wrong));
                continue;
            }
        };
        let mut holding = None;
        for key in &given.trust.keys {
            let named = [&signature.key, &it.hint].into_iter().flatten().any(|hint| key.hints.contains(hint));
            match by_key(key, content, bytes, it.may_be_legacy) {
                Ok(held) => holding = holding.or(Some((By::Key(key), held))),
                Err(refused) if named => tried = Some(refused),
                Err(_) => {}
            }
        }
        let certificate = it.certificates.first().or(signature.certificate.as_ref());
        if let (None, Some(certificate)) = (&holding, certificate) {
            let held = match certificate.public_key() {
                Some(key) => check(
                    content,
                    it.may_be_legacy,
                    |over| key.verify(over, bytes),
                    |hash, digest| key.verify_digest(hash, digest, bytes),
                ),
                None => Err(Refused::Unsupported),
            };
            match held {
                Ok(held) => holding = Some((By::Certificate(certificate), held)),
                Err(refused) => tried = Some(refused),
            }
        }
        match holding {
            Some((by, (scheme, legacy))) => {
                let old = legacy.then_some("legacy v0.2 signature form: signed over Python's text of the payload");
                let twice = signature.twice.then_some("the signature is written as base64 of base64");
                let remarks = [old, twice].into_iter().flatten().map(str::to_owned).collect();
                found.push(Holding { by, bytes, scheme, remarks });
            }
            None => bad.push(format!("signature {index} holds under no key at hand")),
        }
    }
    let best = found.iter().position(|it| matches!(it.by, By::Key(_))).unwrap_or_default();
    if best < found.len() {
        let mut best = found.swap_remove(best);
        best.remarks.extend(bad);
        return (Check::held(CheckName::Signature, best.scheme), Some(best));
    }
    (unheld(it, given, tried, &bad), None)
}

fn unheld(it: &Attested, given: &Given<'_>, tried: Option<Refused>, bad: &[String]) -> Check {
    match tried {
        Some(Refused::Wrong) => {
            let why = bad.first().filter(|why| why.contains("base64")).cloned();
            Check::failed(CheckName::Signature, why.unwrap_or_else(|| Refused::Wrong.to_string()))
        }
        Some(refused) => Check::not_checked(CheckName::Signature, refused.to_string()),
        None => {
            let hints: Vec<&str> =
                it.signatures.iter().filter_map(|it| it.key.as_deref()).chain(it.hint.as_deref()).collect();
            let named = hints
                .iter()
                .find(|hint| !hint.is_empty())
                .map(|hint| format!(" (it names {hint})"))
                .unwrap_or_default();
            let why = match given.trust.keys.len() {
                0 => format!("no key was supplied for it{named}"),
                keys => format!("none of the {keys} supplied keys made it{named}"),
            };
            Check::not_checked(CheckName::Signature, why)
        }
    }
}

/// Entries and timestamps: pushes the check of the log, and gives the moments that somebody trusted states.
fn witness(
    it: &Attested,
    content: &Content,
    holding: Option<&Holding<'_>>,
    given: &Given<'_>,
    checks: &mut Vec<Check>,
) -> Moments {
    let mut moments = Moments::default();
    let signatures: Vec<&[u8]> =
        it.signatures.iter().filter_map(|it| it.bytes.as_deref().ok()).filter(|it| !it.is_empty()).collect();
    let by = holding.map(|holding| match holding.by {
        By::Key(key) => SignedBy { certificate: None, key: key.key.der() },
        By::Certificate(leaf) => SignedBy { certificate: Some(&leaf.der), key: &leaf.key },
    });
    // A bundle after the first version must have proofs.
    let proven = it.bundle.as_deref().is_some_and(|version| version != "0.1");
    let (mut held, mut failed, mut open) = (Vec::new(), None, None);
    for entry in &it.entries {
        let said = entry.kind.as_ref().map(|(kind, version)| (kind.as_str(), version.as_str()));
        let compared = compare(&entry.body, said, content, &signatures, by);
        match (compared, entry.check(&given.trust.logs, proven)) {
            (_, Logged::Failed(why)) => failed = failed.or(Some(why)),
            (Compared::Differs(what), _) => {
                let why = format!("{}: the log entry is for other content: its {what} differs", entry.place);
                failed = failed.or(Some(why));
            }
            (Compared::Unknown, _) => {
                open = open.or(Some(format!("{}: an entry of a sort not read here", entry.place)))
            }
            (Compared::Same, Logged::NotChecked(why)) => {
                if entry.promise.is_some() {
                    moments.open.push(why.clone());
                }
                open = open.or(Some(why));
            }
            (Compared::Same, Logged::Held { by, at }) => {
                moments.trusted.extend(at.map(|at| (at, format!("{by} says"))));
                held.push(by);
            }
        }
    }
    checks.push(match (failed, open, held.is_empty()) {
        (Some(why), ..) => Check::failed(CheckName::Log, why),
        (None, Some(why), true) => Check::not_checked(CheckName::Log, why),
        (None, None, true) => Check::not_checked(CheckName::Log, "it carries no entry of a log"),
        (None, _, false) => Check::held(CheckName::Log, held.join("; ")),
    });
    // Moments of a log that failed count for nothing.
    if checks.last().is_some_and(|check| check.state == CheckState::Failed) {
        moments.trusted.clear();
    }
    if let Some(holding) = holding {
        witnessed::timestamps(&it.timestamps, holding.bytes, given.trust, &mut moments);
    }
    moments
}

fn identity(it: &Attested, leaf: &Certificate, trust: &Trust) -> Check {
    if trust.expected.is_empty() {
        return Check::not_checked(CheckName::Identity, "nobody said who is expected to have signed");
    }
    let mut names = leaf.names();
    if names.is_empty() {
        names.extend(leaf.common_name());
    }
    let noted = |new, old: u8| leaf.note(new).or_else(|| leaf.note(old));
    let repository = leaf.note(12).or_else(|| leaf.note(5).map(|it| format!("https://github.com/{it}")));
    let signer = Signer {
        names,
        issuer: leaf.vouched_by(),
        repository: repository.map(|it| it.trim_start_matches("https://").to_owned()),
        reference: noted(14, 6),
        builder: it.builder.as_deref(),
    };
    let mut why = String::new();
    for expected in &trust.expected {
        match expected.is(&signer) {
            Ok(()) => {
                let issuer = signer.issuer.map(|it| format!(", vouched for by {it}")).unwrap_or_default();
                let name = signer.names.first().cloned().unwrap_or_default();
                return Check::held(CheckName::Identity, format!("{name}{issuer}"));
            }
            Err(differs) => why = differs,
        }
    }
    Check::failed(CheckName::Identity, why)
}
