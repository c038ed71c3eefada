//! What a verdict's word comes to, and the best approval of an artefact as of a moment. It applies no
//! policy: how much is enough is for whoever asks to say.

use crate::graph::{EvidenceRef, Node};
use crate::investigate::asking::{Asking, standing};
use crate::model::Time;
use std::collections::HashMap;

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

/// An incident at an artefact: all that was said of it, from the first word to the one that it is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Incident<'a> {
    /// The word that opened it.
    pub(super) first: EvidenceRef<'a>,
    /// The newest word on it.
    pub(super) last: EvidenceRef<'a>,
    /// Whether nobody said that it is over, nor did its newest word expire.
    pub(super) open: bool,
}

/// The incidents that were known by a moment, by artefact, kind and scope, the first opened first; of the
/// evidence given only what is of these kinds counts. A word on other contents opens and closes none, and one
/// that comes after the last expired, or after it was said to be over, opens another.
pub(super) fn incidents<'a>(
    words: impl Iterator<Item = EvidenceRef<'a>>,
    kinds: &[&str],
    moment: Time,
) -> Vec<Incident<'a>> {
    let mut words: Vec<EvidenceRef<'_>> =
        words.filter(|it| kinds.contains(&it.kind) && it.at <= moment && !it.void).collect();
    words.sort_by_key(|it| (it.about, it.kind, it.scope, it.at, it.claim));
    let mut found: Vec<Incident<'_>> = Vec::new();
    for word in words {
        let same = |it: &EvidenceRef<'_>| (it.about, it.kind, it.scope) == (word.about, word.kind, word.scope);
        let running = found.last_mut().filter(|it| it.open && same(&it.last));
        let running = running.filter(|it| it.last.expires.is_none_or(|expires| expires > word.at));
        match (running, resolved(word.verdict)) {
            (Some(incident), over) => (incident.last, incident.open) = (word, !over),
            (None, false) => found.push(Incident { first: word, last: word, open: true }),
            (None, true) => {}
        }
    }
    for incident in &mut found {
        incident.open &= incident.last.expires.is_none_or(|expires| expires > moment);
    }
    found
}

/// Those that are open at a moment.
pub(super) fn open_incidents<'a>(words: impl Iterator<Item = EvidenceRef<'a>>, moment: Time) -> Vec<Incident<'a>> {
    incidents(words, &["incident"], moment).into_iter().filter(|it| it.open).collect()
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
    let mut refused: HashMap<Option<&str>, Time> = HashMap::new();
    // who refused other contents said nothing of these
    for it in known().filter(|it| passed(it.verdict) == Outcome::Failed && !it.void) {
        let last = refused.entry(it.scope).or_insert(it.at);
        *last = it.at.max(*last);
    }
    let stands = |it: &EvidenceRef<'_>| refused.get(&it.scope).is_none_or(|last| *last < it.at);
    let given = known().filter(|it| passed(it.verdict) == Outcome::Passed && stands(it));
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
