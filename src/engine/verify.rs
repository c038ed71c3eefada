//! Proof that a ledger was not altered, as far as it can be proved: gathers keys and checkpoints
//! from outside the file and hands them to the store. It trusts nothing the file says of itself.

use crate::config::Home;
use crate::engine::{Engine, EngineError, bundle_check, index, keyring, record};
use crate::investigate::answer::LedgerHead;
use crate::proof::keys::VerifierKey;
use crate::store::{Access, Anchors, Bad, Kept, Ledger, Verdict, heads, is_database, verify_file};
use serde::Serialize;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What is said when the key lies on this machine, and no checkpoint of its ledger does.
pub(super) const LOST_HEAD: &str =
    "no checkpoint is kept on this machine although its key is here: the end may have been cut off";

/// What to compare with.
#[derive(Debug, Clone, Default)]
pub struct VerifyRequest {
    /// Checkpoints that somebody or something else kept.
    pub anchors: Vec<PathBuf>,
    /// Those that the settings name for the ledger in use; they say nothing of a bundle.
    pub settled: Vec<PathBuf>,
    /// The verifier key, as text or as a file that holds it; otherwise this installation's own.
    pub key: Option<String>,
    /// The name that the log must have.
    pub origin: Option<String>,
}

/// What was proved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proof {
    /// anchored, unanchored, rolled-back, diverged, failed or inconclusive.
    pub verdict: String,
    /// The same in a sentence.
    pub means: String,
    /// Records in the log.
    pub records: u64,
    /// The root recomputed from the bytes, in hex.
    pub root: String,
    /// The first thing that is wrong.
    pub first_bad: Option<BadThing>,
    /// Up to which record a checkpoint kept elsewhere vouches; 0 for none.
    pub anchored_to: u64,
    /// What else was found.
    pub notes: Vec<String>,
    /// What was erased: each record, by whom, when and why.
    pub erased: Vec<String>,
    /// What was looked at, where that is no ledger but a part of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<BundleFacts>,
    /// What the answer is about.
    #[serde(skip)]
    pub head: LedgerHead,
}

/// What a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct BundleFacts {
    /// The log it is of.
    pub origin: String,
    /// ledger, artefact or case.
    pub about: String,
    /// Which.
    pub name: Option<String>,
    /// How many of the log's records are here.
    pub records: u64,
    /// How many claims, each compared with what its record says.
    pub claims: u64,
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadThing {
    /// The record.
    pub record: Option<u64>,
    /// The claim.
    pub claim: Option<u64>,
    /// What is wrong with it.
    pub what: String,
}

impl std::fmt::Display for BadThing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.record, self.claim) {
            (Some(record), Some(claim)) => write!(f, "record {record}, claim {claim}: {}", self.what),
            (Some(record), None) => write!(f, "record {record}: {}", self.what),
            (None, Some(claim)) => write!(f, "claim {claim}: {}", self.what),
            (None, None) => f.write_str(&self.what),
        }
    }
}

impl From<Bad> for BadThing {
    fn from(bad: Bad) -> BadThing {
        BadThing { record: bad.record, claim: bad.claim, what: bad.what }
    }
}

impl Engine {
    /// Verifies the ledger, or the bundle, at `path`. One too damaged to open is an answer, not an error.
    ///
    /// # Errors
    /// When an anchor or a key that was named cannot be read, or there is no ledger.
    pub fn verify(home: &Home, path: &Path, request: &VerifyRequest) -> Result<Proof, EngineError> {
        if !path.exists() {
            return Err(EngineError::NoLedger { path: path.to_owned() });
        }
        if bundle_check::is_bundle(path) {
            return bundle_check::verify(home, path, request);
        }
        let mut anchors = Anchors::default();
        let mut notes = Vec::new();
        // The name it goes by only picks which key and which kept checkpoint of ours to hold it to.
        let ledger = Ledger::open(path, Access::Read).ok();
        if let Some(origin) = ledger.as_ref().map(Ledger::origin) {
            let (key, fault) = keyring::verifier(home, origin);
            anchors.own = heads::load(&keyring::kept_head(home, origin))?;
            if anchors.own.is_none() && key.is_some() {
                notes.push(LOST_HEAD.to_owned());
            }
            notes.extend(fault);
            anchors.key = key;
        }
        anchors.others = kept_elsewhere(home, request.settled.iter().chain(&request.anchors), &mut notes)?;
        if let Some(key) = &request.key {
            anchors.key = Some(verifier_key(key)?);
        }
        let mut verified = verify_file(path, &anchors, &mut record::claims_of, &mut |_, _| ControlFlow::Continue(()))?;
        notes.extend(std::mem::take(&mut verified.notes));
        if verified.verdict != Verdict::Failed
            && let Some(ledger) = &ledger
        {
            let aside = ledger.quarantined()?.len();
            if aside > 0 {
                notes.push(format!("{aside} quarantined units are not covered by the log"));
            }
            notes.extend(index::hold_to_claims(path, ledger)?);
        }
        let other = request.origin.as_ref().zip(ledger.as_ref().map(Ledger::origin));
        if let Some((origin, found)) = other.filter(|(origin, found)| origin != found) {
            let what = format!("this is the log {found}, not {origin}");
            verified.verdict = Verdict::Failed;
            verified.first_bad.get_or_insert(Bad { record: None, claim: None, what });
        }
        let root = hex::encode(verified.root);
        let erased = ledger.as_ref().map_or(Ok(Vec::new()), Ledger::redactions)?;
        let erased: Vec<String> =
            erased.iter().map(|it| told(it.record, &it.by, &it.at.to_string(), &it.why)).collect();
        let known = verified.verdict != Verdict::Failed || is_database(path);
        Ok(Proof {
            verdict: verified.verdict.as_str().to_owned(),
            means: if known { means(verified.verdict) } else { UNKNOWN }.to_owned(),
            records: verified.records,
            root: root.clone(),
            first_bad: verified.first_bad.map(BadThing::from),
            anchored_to: verified.anchored_to,
            notes,
            bundle: None,
            head: LedgerHead {
                records: verified.records,
                root,
                anchored_to: verified.anchored_to,
                erased: erased.len() as u64,
            },
            erased,
        })
    }
}

/// What a failed verdict means of a file that begins as neither.
const UNKNOWN: &str = "this is neither a ledger nor a bundle, or its very beginning was altered";

/// One erasure in a line.
pub(super) fn told(record: u64, by: &str, at: &str, why: &str) -> String {
    format!("record {record}, by {by} at {at}: {why}")
}

/// The checkpoints that were named, but for those that we keep ourselves.
pub(super) fn kept_elsewhere<'p>(
    home: &Home,
    anchors: impl Iterator<Item = &'p PathBuf>,
    notes: &mut Vec<String>,
) -> Result<Vec<Kept>, EngineError> {
    let mut others = Vec::new();
    for anchor in anchors {
        let missing = || std::io::Error::new(ErrorKind::NotFound, "there is no checkpoint here to hold it to");
        let kept = heads::load(anchor)?.ok_or_else(|| EngineError::io(anchor, missing()))?;
        if is_ours(home, anchor) {
            notes.push(format!(
                "{} lies where this installation keeps its own checkpoints: nobody else vouches by it, so it anchors nothing",
                anchor.display()
            ));
        } else {
            others.push(kept);
        }
    }
    Ok(others)
}

/// Whether an anchor is, or is the same file as, a checkpoint that we keep ourselves.
pub(super) fn is_ours(home: &Home, anchor: &Path) -> bool {
    let Ok(found) = anchor.canonicalize() else { return false };
    let inside = home.heads().canonicalize().is_ok_and(|heads| found.starts_with(heads));
    let same = |ours: &std::fs::DirEntry| {
        let both = ours.metadata().ok().zip(found.metadata().ok());
        both.is_some_and(|(a, b)| (a.dev(), a.ino()) == (b.dev(), b.ino()))
    };
    inside || std::fs::read_dir(home.heads()).is_ok_and(|heads| heads.flatten().any(|ours| same(&ours)))
}

/// A verifier key as typed, or from the file that was named.
pub(super) fn verifier_key(text: &str) -> Result<VerifierKey, EngineError> {
    let named = Path::new(text);
    let read = if named.is_file() {
        std::fs::read_to_string(named).map_err(|error| EngineError::io(named, error))?
    } else {
        text.to_owned()
    };
    read.trim().parse().map_err(|error: crate::proof::keys::KeyError| EngineError::Key {
        origin: "the ledger".to_owned(),
        why: error.to_string(),
    })
}

/// What a verdict says, and what it does not.
pub(super) fn means(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Anchored => "nothing up to the checkpoint kept elsewhere was altered, and what came after it fits",
        Verdict::Unanchored => {
            "everything fits together, but no checkpoint kept by somebody else says so: whoever holds this machine's key could have rewritten it"
        }
        Verdict::RolledBack => {
            "this is an older state than one we have seen: the end was cut off, or an old copy was put back"
        }
        Verdict::Diverged => "this is another history than the one we have seen",
        Verdict::Failed => "the ledger was altered or is damaged",
        Verdict::Inconclusive => "it could not be checked",
    }
}
