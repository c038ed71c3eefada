//! Proof that a ledger was not altered, as far as it can be proved: gathers keys and checkpoints
//! from outside the file and hands them to the store. It trusts nothing the file says of itself.

use crate::config::Home;
use crate::engine::{Engine, EngineError, index, keyring, record};
use crate::investigate::answer::LedgerHead;
use crate::proof::keys::VerifierKey;
use crate::store::{Access, Anchors, Bad, Ledger, Verdict, heads, verify_file};
use serde::Serialize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// What to compare with.
#[derive(Debug, Clone, Default)]
pub struct VerifyRequest {
    /// Checkpoints that somebody or something else kept.
    pub anchors: Vec<PathBuf>,
    /// The verifier key, as text or as a file that holds it; otherwise this installation's own.
    pub key: Option<String>,
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
    /// What the answer is about.
    #[serde(skip)]
    pub head: LedgerHead,
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
    /// Verifies the ledger at `path`. A ledger too damaged to open is an answer, not an error.
    ///
    /// # Errors
    /// When an anchor or a key that was named cannot be read, or there is no ledger.
    pub fn verify(home: &Home, path: &Path, request: &VerifyRequest) -> Result<Proof, EngineError> {
        if !path.exists() {
            return Err(EngineError::NoLedger { path: path.to_owned() });
        }
        let mut anchors = Anchors::default();
        for anchor in &request.anchors {
            let kept = heads::load(anchor)?;
            let kept = kept.ok_or_else(|| EngineError::NoSuch { what: format!("anchor {}", anchor.display()) })?;
            anchors.others.push(kept);
        }
        // The name it goes by only picks which key and which kept checkpoint of ours to hold it to.
        let origin = Ledger::open(path, Access::Read).ok().map(|ledger| ledger.origin().to_owned());
        if let Some(origin) = &origin {
            anchors.own = heads::load(&keyring::kept_head(home, origin))?;
            anchors.key = keyring::signing(home, origin)?.map(|key| key.verifier());
        }
        if let Some(key) = &request.key {
            anchors.key = Some(verifier_key(key)?);
        }
        let verified = verify_file(path, &anchors, &mut record::claims_of, &mut |_, _| ControlFlow::Continue(()))?;
        let mut notes = verified.notes;
        if verified.verdict != Verdict::Failed
            && let Ok(ledger) = Ledger::open(path, Access::Read)
        {
            notes.extend(index::hold_to_claims(path, &ledger)?);
        }
        let root = hex::encode(verified.root);
        Ok(Proof {
            verdict: verified.verdict.as_str().to_owned(),
            means: means(verified.verdict).to_owned(),
            records: verified.records,
            root: root.clone(),
            first_bad: verified.first_bad.map(BadThing::from),
            anchored_to: verified.anchored_to,
            notes,
            head: LedgerHead { records: verified.records, root },
        })
    }
}

/// A verifier key as typed, or from the file that was named.
fn verifier_key(text: &str) -> Result<VerifierKey, EngineError> {
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
fn means(verdict: Verdict) -> &'static str {
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
