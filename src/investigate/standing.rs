//! What a verdict's word comes to, and the best approval of an artefact as of a moment. It applies no
//! policy: how much is enough is for whoever asks to say.

use crate::graph::{EvidenceRef, Node};
use crate::investigate::asking::{Asking, standing};
use crate::model::Time;

/// What a verdict's word comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was fine; so is a statement without a verdict.
    Passed,
    /// It was not.
    Failed,
    /// The word says neither: `warn`, `firing`.
    Neither,
}

/// Reads the word of a verdict, as sources write it.
pub(super) fn passed(verdict: Option<&str>) -> Outcome {
    const PASSED: [&str; 7] = ["pass", "passed", "approved", "approve", "ok", "success", "allow"];
    const FAILED: [&str; 9] = ["fail", "failed", "rejected", "reject", "denied", "deny", "error", "block", "blocked"];
    let is = |words: &[&str], word: &str| words.iter().any(|it| it.eq_ignore_ascii_case(word));
    match verdict.map(str::trim) {
        None => Outcome::Passed,
        Some(word) if is(&PASSED, word) => Outcome::Passed,
        Some(word) if is(&FAILED, word) => Outcome::Failed,
        Some(_) => Outcome::Neither,
    }
}

/// Whether an incident's verdict says that it is over.
pub(super) fn resolved(verdict: Option<&str>) -> bool {
    const OVER: [&str; 8] = ["resolved", "closed", "cleared", "mitigated", "false-positive", "ok", "pass", "passed"];
    verdict.is_some_and(|word| OVER.iter().any(|it| it.eq_ignore_ascii_case(word.trim())))
}

/// Whether a piece of evidence calls for a look: a scan, an evaluation or a policy's verdict that did not
/// pass, an incident or an exposure that is not over. What covers other contents says nothing.
pub(super) fn alarming(it: &EvidenceRef<'_>) -> bool {
    const NEUTRAL: [&str; 6] = ["neutral", "info", "informational", "skipped", "not-applicable", "n/a"];
    match it.kind {
        _ if it.void => false,
        "incident" | "exposure" => !resolved(it.verdict),
        "scan" | "evaluation" | "policy-verdict" => {
            let neutral = it.verdict.is_some_and(|word| NEUTRAL.iter().any(|it| it.eq_ignore_ascii_case(word.trim())));
            !neutral && passed(it.verdict) != Outcome::Passed
        }
        _ => false,
    }
}

/// The best approval of an artefact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Approval {
    /// `recorded`, `stale` (expired by then), `void` (covers another digest), `missing`.
    pub(super) standing: &'static str,
    /// Who gave it.
    pub(super) by: Option<String>,
    /// The claim that states it.
    pub(super) claim: Option<u64>,
}

/// The best approval of an artefact as of a moment: of equals the newest.
pub(super) fn approval(asking: &Asking<'_>, node: Node, at: Time) -> Approval {
    let rank = |word: &str| ["recorded", "stale", "void"].iter().position(|it| *it == word);
    let best = approvals(asking, node, at).into_iter().min_by_key(|(word, _)| rank(word));
    match best {
        None => Approval { standing: "missing", by: None, claim: None },
        Some((standing, it)) => Approval { standing, by: it.by.map(str::to_owned), claim: Some(it.claim) },
    }
}

/// Approvals that were given by a moment, newest first, each with its standing then. One that a later
/// refusal of the same scope took back is none.
pub(super) fn approvals<'a>(asking: &Asking<'a>, node: Node, at: Time) -> Vec<(&'static str, EvidenceRef<'a>)> {
    let known = || asking.lineage.evidence(node).filter(move |it| it.kind == "approval" && it.at <= at);
    let refused = |it: &EvidenceRef<'_>| {
        known().any(|other| passed(other.verdict) == Outcome::Failed && other.scope == it.scope && other.at >= it.at)
    };
    let given = known().filter(|it| passed(it.verdict) == Outcome::Passed && !refused(it));
    let mut given: Vec<_> = given.map(|it| (standing(it.void, it.expires, at), it)).collect();
    given.sort_by_key(|(_, it)| (std::cmp::Reverse(it.at), it.claim));
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_verdicts_are_read_in_any_case_and_a_warning_is_neither() {
        for word in [None, Some("pass"), Some("Approved"), Some("ALLOW"), Some(" ok ")] {
            assert_eq!(passed(word), Outcome::Passed, "{word:?}");
        }
        for word in ["fail", "Rejected", "BLOCK"] {
            assert_eq!(passed(Some(word)), Outcome::Failed, "{word}");
        }
        for word in ["warn", "firing", ""] {
            assert_eq!(passed(Some(word)), Outcome::Neither, "{word}");
        }
        assert!(resolved(Some("Resolved")) && !resolved(Some("firing")) && !resolved(None));
    }
}
