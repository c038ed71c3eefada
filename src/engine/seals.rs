//! Whether signatures that evidence tells of hold, asked anew each time: whose keys count may have changed since
//! they were recorded. What a source said stays as it is.

use crate::engine::{Engine, EngineError, RecordOf};
use crate::import::git;
use crate::investigate::asking::Signed;
use crate::investigate::rows::EvidenceRow;
use crate::proof::signers::{Signers, Standing};
use crate::proof::sshsig;
use crate::store::Record;

/// The most signatures that are checked for one answer.
const MOST: usize = 100;

/// The format whose records may be signed objects of git.
pub(super) const GIT: &str = "git";

impl Engine {
    /// What came of the signature on an object of git; nothing where it has none.
    pub(super) fn signed_object(&self, record: &Record) -> Option<Signed> {
        let sealed = git::sealed(record.content.as_deref()?)?;
        let (says, standing) = verdict(&sealed, self.vouchers.signers().0);
        let (holds, level) = match standing {
            "verified" => (Some(true), "held"),
            "void" => (Some(false), "failed"),
            _ => (None, "not checked"),
        };
        Some(Signed { holds, says: format!("git signature: {says}"), levels: vec![format!("signature: {level}")] })
    }

    /// Fills in what the check of each signature says, as the evidence's verdict and standing. Gives what could
    /// not be told.
    pub(super) fn check_seals(&self, evidence: &mut [EvidenceRow]) -> Result<Vec<String>, EngineError> {
        let (signers, remarks) = self.vouchers.signers();
        let mut checked = 0;
        let mut left = 0_usize;
        for row in evidence.iter_mut().filter(|row| row.kind == "signature" && row.verdict.is_none()) {
            let Some(of) = RecordOf::parse(&row.claim) else { continue };
            let record = self.reader().record(of.record)?.filter(|it| it.format == GIT);
            let Some(sealed) = record.and_then(|it| it.content).and_then(|content| git::sealed(&content)) else {
                continue;
            };
            if checked == MOST {
                left += 1;
                continue;
            }
            checked += 1;
            let (verdict, standing) = verdict(&sealed, signers);
            row.verdict = Some(verdict);
            standing.clone_into(&mut row.standing);
        }
        let mut told = if checked > 0 { remarks.to_vec() } else { Vec::new() };
        if left > 0 {
            told.push(format!("of its signatures {MOST} were checked, and {left} were not"));
        }
        Ok(told)
    }
}

/// What the check of a signature says, and how the evidence stands by it.
fn verdict(sealed: &git::Sealed, signers: &Signers) -> (String, &'static str) {
    if !sealed.whole {
        let why = "not checked: the record does not hold every byte that was signed (a secret in it was replaced)";
        return (why.to_owned(), "recorded");
    }
    let key = match sshsig::verify(&sealed.payload, &sealed.armored, sshsig::GIT) {
        Ok(key) => key,
        Err(error @ sshsig::SignatureError::Unsupported(_)) => return (format!("not checked: {error}"), "recorded"),
        Err(error) => return (format!("bad: {error}"), "void"),
    };
    let print = key.fingerprint();
    match sealed.at.map(|at| signers.standing(&key, at, sshsig::GIT)) {
        Some(Standing::Of(principal)) => (format!("good: by {principal} ({print})"), "verified"),
        Some(Standing::Not(why)) => (format!("unknown key: {print} signed it, and {why}"), "recorded"),
        Some(Standing::Unknown) | None => {
            (format!("unknown key: {print} signed it, which no allowed signer has"), "recorded")
        }
    }
}
