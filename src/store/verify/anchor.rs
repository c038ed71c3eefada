//! A sound ledger against what was kept outside it. It opens no file.

use super::log::Roots;
use super::{Anchors, Bad, Verdict, Verified};
use crate::proof::checkpoint::{Checkpoint, VerifierKey};
use crate::store::heads::Kept;

/// How a sound ledger stands to one kept checkpoint.
enum Standing {
    Continues(u64),
    Behind(u64),
    Other(u64),
    Useless(String),
}

fn standing(kept: &Kept, key: &VerifierKey, records: u64, roots: &Roots) -> Standing {
    match Checkpoint::open(&kept.note, key) {
        Err(_) if kept.note.contains('\r') => Standing::Useless(
            "its line endings were changed (CRLF); keep it byte for byte as it was printed".to_owned(),
        ),
        Err(_) if kept.note.contains(['\0', char::REPLACEMENT_CHARACTER]) => {
            Standing::Useless("it is not text, and a checkpoint is".to_owned())
        }
        Err(why) => Standing::Useless(why.to_string()),
        Ok(kept) if kept.size > records => Standing::Behind(kept.size),
        Ok(kept) if roots.get(&kept.size) == Some(&kept.root) => Standing::Continues(kept.size),
        Ok(kept) => Standing::Other(kept.size),
    }
}

/// The verdict on a ledger in which everything holds together.
pub(super) fn conclude(mut verified: Verified, anchors: &Anchors, roots: &Roots) -> Verified {
    let Some(key) = &anchors.key else {
        verified.verdict = Verdict::Inconclusive;
        verified.notes.push("without its key, who signed the checkpoints was not checked".to_owned());
        return verified;
    };
    let records = verified.records;
    let own = anchors.own.iter().map(|kept| (kept, false));
    let kept = own.chain(anchors.others.iter().map(|kept| (kept, true)));
    let (mut behind, mut other, mut useless): (Option<u64>, Option<u64>, bool) = (None, None, false);
    let mut agreed = Vec::new();
    for (kept, elsewhere) in kept {
        let whence = &kept.whence;
        match standing(kept, key, records, roots) {
            Standing::Continues(size) => {
                agreed.push(size);
                if elsewhere {
                    verified.anchored_to = verified.anchored_to.max(size);
                }
            }
            Standing::Behind(size) => {
                behind = behind.max(Some(size));
                verified.notes.push(format!("{whence} keeps a checkpoint of {size} records; {records} are here"));
            }
            Standing::Other(size) => {
                other = Some(other.map_or(size, |least| least.min(size)));
                verified.notes.push(format!("{whence} keeps another history of the first {size} records"));
            }
            Standing::Useless(why) => {
                useless = true;
                verified.notes.push(format!("{whence} is of no use: {why}"));
            }
        }
    }
    let bad = |record: u64, what: &str| Some(Bad { record: Some(record), claim: None, what: what.to_owned() });
    verified.verdict = match (other, behind) {
        (Some(size), _) => {
            let first = agreed.iter().filter(|good| **good < size).max().map_or(1, |good| good + 1);
            verified.first_bad = bad(first, "from here on, the history may differ from the one that was kept");
            Verdict::Diverged
        }
        (None, Some(_)) => {
            verified.first_bad = bad(records + 1, "it is missing: it was there when the kept checkpoint was signed");
            Verdict::RolledBack
        }
        (None, None) if useless => Verdict::Inconclusive,
        (None, None) if verified.anchored_to > 0 => Verdict::Anchored,
        (None, None) => Verdict::Unanchored,
    };
    if verified.verdict == Verdict::Anchored && verified.anchored_to < records {
        let first = verified.anchored_to + 1;
        verified
            .notes
            .push(format!("records {first} to {records} are newer than the newest checkpoint kept elsewhere"));
    }
    if anchors.own.is_none() && anchors.others.is_empty() {
        verified.notes.push("no checkpoint from outside was given: a cut-off end would not show".to_owned());
    }
    verified
}
