//! What a verdict's word comes to, and the best approval of an artefact as of a moment. It applies no
//! policy: how much is enough is for whoever asks to say.

use crate::graph::{EvidenceRef, Node};
use crate::investigate::asking::{Asking, standing};
use crate::model::Time;
use std::collections::BTreeMap;

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
    const FAILED: [&str; 15] = [
        "fail",
        "failed",
        "rejected",
        "reject",
        "refused",
        "denied",
        "deny",
        "error",
        "block",
        "blocked",
        "revoked",
        "revoke",
        "withdrawn",
        "rescinded",
        "dismissed",
    ];
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
    /// `recorded`, `stale` (expired by then), `refused` (taken back later), `void` (covers another digest),
    /// `missing`.
    pub(super) standing: &'static str,
    /// Who gave it.
    pub(super) by: Option<String>,
    /// The claim that states it.
    pub(super) claim: Option<u64>,
}

/// The best approval of an artefact as of a moment: of equals the newest.
pub(super) fn approval(asking: &Asking<'_>, node: Node, at: Time) -> Approval {
    let rank = |word: &str| ["recorded", "stale", "refused", "void"].iter().position(|it| *it == word);
    let best = approvals(asking, node, at).into_iter().min_by_key(|it| rank(it.standing));
    match best {
        None => Approval { standing: "missing", by: None, claim: None },
        Some(Given { standing, it, refusal }) => {
            let says = refusal.unwrap_or(it);
            Approval { standing, by: says.by.map(str::to_owned), claim: Some(says.claim) }
        }
    }
}

/// An approval that was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    /// `recorded`, `stale`, `refused` or `void`, as of the moment asked about.
    pub(super) standing: &'static str,
    /// The approval.
    pub(super) it: EvidenceRef<'a>,
    /// The later refusal of the same scope that took it back.
    pub(super) refusal: Option<EvidenceRef<'a>>,
}

/// Approvals that were given by a moment, newest first, each with its standing then.
pub(super) fn approvals<'a>(asking: &Asking<'a>, node: Node, at: Time) -> Vec<Given<'a>> {
    let refusals = refusals(asking, node, at);
    let known = asking.lineage.evidence(node).filter(|it| it.kind == "approval" && it.at <= at);
    let given = known.filter(|it| passed(it.verdict) == Outcome::Passed).map(|it| {
        let refusal = refusals.iter().copied().find(|no| no.scope == it.scope && it.at <= no.at);
        let standing = standing(it.void, it.expires, at);
        let standing = if standing != "void" && refusal.is_some() { "refused" } else { standing };
        Given { standing, it, refusal: refusal.filter(|_| standing == "refused") }
    });
    let mut given: Vec<Given<'_>> = given.collect();
    given.sort_by_key(|it| (std::cmp::Reverse(it.it.at), it.it.claim));
    given
}

/// The last refusal of each scope by a moment. Who refused other contents said nothing of these.
pub(super) fn refusals<'a>(asking: &Asking<'a>, node: Node, at: Time) -> Vec<EvidenceRef<'a>> {
    let known = asking.lineage.evidence(node).filter(|it| it.kind == "approval" && it.at <= at && !it.void);
    let mut last: BTreeMap<Option<&str>, EvidenceRef<'_>> = BTreeMap::new();
    for it in known.filter(|it| passed(it.verdict) == Outcome::Failed) {
        last.insert(it.scope, it);
    }
    last.into_values().collect()
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
