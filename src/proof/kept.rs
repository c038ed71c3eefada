//! Checkpoints kept outside a log, and how a sound log stands to them. It opens no file.

use crate::proof::checkpoint::{Checkpoint, VerifierKey};
use crate::proof::merkle::Hash;
use crate::proof::verdict::Verdict;

/// A checkpoint from outside the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The note as signed.
    pub note: String,
    /// Where it was kept, for people.
    pub whence: String,
}

/// What the kept checkpoints say of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The verdict on a log in which everything holds together.
    pub verdict: Verdict,
    /// Up to which record somebody else's checkpoint vouches; 0 for none.
    pub anchored_to: u64,
    /// The record from which on the history may be another, or the first one that is cut off.
    pub first_bad: Option<(u64, &'static str)>,
    /// What to tell of each.
    pub notes: Vec<String>,
}

/// How a log stands to one kept checkpoint.
enum One {
    Continues(u64),
    Behind(u64),
    Other(u64),
    Useless(String),
}

fn one(kept: &Kept, key: &VerifierKey, records: u64, root_at: impl Fn(u64) -> Option<Hash>) -> One {
    match Checkpoint::open(&kept.note, key) {
        Err(_) if kept.note.contains('\r') => {
            One::Useless("its line endings were changed (CRLF); keep it byte for byte as it was printed".to_owned())
        }
        Err(_) if kept.note.contains(['\0', char::REPLACEMENT_CHARACTER]) => {
            One::Useless("it is not text, and a checkpoint is".to_owned())
        }
        Err(why) => One::Useless(why.to_string()),
        Ok(kept) if kept.size > records => One::Behind(kept.size),
        Ok(kept) => match root_at(kept.size) {
            Some(root) if root == kept.root => One::Continues(kept.size),
            Some(_) => One::Other(kept.size),
            None => One::Useless(format!(
                "nothing here shows how the log continued from its {} records; ask for a bundle made with \
                --continues-from that checkpoint",
                kept.size
            )),
        },
    }
}

/// Holds a log of `records` records to what was kept of it: by the same user (`own`), and elsewhere (`others`).
/// `root_at` gives the root that the log had at a size, where that can be told.
pub fn stand<'k>(
    own: impl Iterator<Item = &'k Kept>,
    others: impl Iterator<Item = &'k Kept>,
    key: &VerifierKey,
    records: u64,
    root_at: impl Fn(u64) -> Option<Hash>,
) -> Standing {
    let mut standing = Standing { verdict: Verdict::Unanchored, anchored_to: 0, first_bad: None, notes: Vec::new() };
    let (mut behind, mut other, mut useless): (bool, Option<u64>, bool) = (false, None, false);
    let mut agreed = Vec::new();
    for (kept, elsewhere) in own.map(|kept| (kept, false)).chain(others.map(|kept| (kept, true))) {
        let whence = &kept.whence;
        match one(kept, key, records, &root_at) {
            One::Continues(size) => {
                agreed.push(size);
                if elsewhere {
                    standing.anchored_to = standing.anchored_to.max(size);
                }
            }
            One::Behind(size) => {
                behind = true;
                standing.notes.push(format!("{whence} keeps a checkpoint of {size} records; {records} are here"));
            }
            One::Other(size) => {
                other = Some(other.map_or(size, |least| least.min(size)));
                standing.notes.push(format!("{whence} keeps another history of the first {size} records"));
            }
            One::Useless(why) => {
                useless = true;
                standing.notes.push(format!("{whence} is of no use: {why}"));
            }
        }
    }
    standing.verdict = match (other, behind) {
        (Some(size), _) => {
            let first = agreed.iter().filter(|good| **good < size).max().map_or(1, |good| good + 1);
            standing.first_bad = Some((first, "from here on, the history may differ from the one that was kept"));
            Verdict::Diverged
        }
        (None, true) => {
            let what = "it is missing: it was there when the kept checkpoint was signed";
            standing.first_bad = Some((records.saturating_add(1), what));
            Verdict::RolledBack
        }
        (None, false) if useless => Verdict::Inconclusive,
        (None, false) if standing.anchored_to > 0 => Verdict::Anchored,
        (None, false) => Verdict::Unanchored,
    };
    if standing.verdict == Verdict::Anchored && standing.anchored_to < records {
        let first = standing.anchored_to + 1;
        let note = format!("records {first} to {records} are newer than the newest checkpoint kept elsewhere");
        standing.notes.push(note);
    }
    standing
}
