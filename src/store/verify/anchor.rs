//! A sound ledger against what was kept outside it. It opens no file.

use super::log::Roots;
use super::{Anchors, Bad, Verified};
use crate::proof::kept;
use crate::proof::verdict::Verdict;

/// The verdict on a ledger in which everything holds together.
pub(super) fn conclude(mut verified: Verified, anchors: &Anchors, roots: &Roots) -> Verified {
    let Some(key) = &anchors.key else {
        verified.verdict = Verdict::Inconclusive;
        verified.notes.push("without its key, who signed the checkpoints was not checked".to_owned());
        return verified;
    };
    let root_at = |size| roots.get(&size).copied();
    let standing = kept::stand(anchors.own.iter(), anchors.others.iter(), key, verified.records, root_at);
    verified.verdict = standing.verdict;
    verified.anchored_to = standing.anchored_to;
    verified.notes.extend(standing.notes);
    let bad = |(record, what): (u64, &str)| Bad { record: Some(record), claim: None, what: what.to_owned() };
    verified.first_bad = standing.first_bad.map(bad);
    if anchors.own.is_none() && anchors.others.is_empty() {
        verified.notes.push("no checkpoint from outside was given: a cut-off end would not show".to_owned());
    }
    verified
}
