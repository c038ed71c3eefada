//! What investigators said, once each however often it was received, and what of it was taken back. It
//! looks at no lineage and checks no signature: how a statement is proven comes with it.

use crate::investigate::asking::ClaimName;
use crate::model::{Retract, Statement, Time};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// The source that marks made here go under; it may take back any mark.
pub const INVESTIGATOR: &str = "investigator";

/// What the sources of imported cases begin with. They are investigators' too: nothing else may be
/// imported under such a name.
pub const CASE_SOURCE: &str = "investigator:";

/// Whether a source is an investigator, who may take back any statement.
pub fn is_investigator(source: &str) -> bool {
    source == INVESTIGATOR || source.starts_with(CASE_SOURCE)
}

/// How it is known who said something; the stronger is greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// It carries a signature that does not verify: it does not hold.
    Refused {
        /// Why.
        why: String,
    },
    /// Nobody vouches for it.
    Claimed {
        /// The key that signed it, where one did that nobody vouches for.
        key: Option<String>,
    },
    /// Signed by a key that the allowed signers name.
    Signed {
        /// Whose it is.
        principal: String,
        /// Its fingerprint.
        key: String,
    },
}

/// How the word for a signed statement begins.
pub const SIGNED: &str = "signed by ";

impl Proof {
    /// Whether a key that somebody vouches for signed it.
    pub fn is_signed(&self) -> bool {
        matches!(self, Proof::Signed { .. })
    }

    /// Without a signature.
    pub const CLAIMED: Proof = Proof::Claimed { key: None };
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Proof::Refused { why } => write!(f, "signature does not verify: {why}"),
            Proof::Claimed { key: None } => f.write_str("claimed"),
            Proof::Claimed { key: Some(key) } => write!(f, "claimed (signed by {key}, which nobody vouches for)"),
            Proof::Signed { principal, key } => write!(f, "{SIGNED}{principal} ({key})"),
        }
    }
}

/// One claim of an investigator's statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Saying {
    /// The claim.
    pub claim: u64,
    /// How people name it, and the source that said it.
    pub name: ClaimName,
    /// A mark, a note or a retraction.
    pub statement: Statement,
    /// The statement's name in every ledger; empty where nobody computed it.
    pub digest: String,
    /// How it is known who said it.
    pub proof: Proof,
}

/// A statement with every claim that makes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Said<'a> {
    /// The first claim.
    pub first: &'a Saying,
    /// The others.
    pub also: Vec<&'a Saying>,
    /// The best proof among the claims that were not taken back.
    pub proof: &'a Proof,
    /// Who took all of them back, when and why.
    pub retracted: Option<String>,
}

/// Every statement once, in the order it was said by its own date; what of it was taken back is told.
pub fn once(sayings: &[Saying]) -> Vec<Said<'_>> {
    let fates = Fates::of(sayings);
    let mut groups: BTreeMap<(Option<Time>, &str, u64), Vec<&Saying>> = BTreeMap::new();
    for it in sayings {
        let apart = if it.digest.is_empty() { it.claim } else { 0 };
        groups.entry((it.statement.said_at(), it.digest.as_str(), apart)).or_default().push(it);
    }
    let said = groups.into_values().filter_map(|claims| {
        let (first, also) = claims.split_first()?;
        let standing: Vec<&&Saying> = claims.iter().filter(|it| !fates.taken.contains_key(&it.claim)).collect();
        let retracted = match standing.is_empty() {
            true => claims.iter().filter_map(|it| fates.taken.get(&it.claim)).min().map(|(_, _, text)| text.clone()),
            false => None,
        };
        let among = if standing.is_empty() { claims.iter().collect() } else { standing };
        let proof = among.into_iter().map(|it| &it.proof).max()?;
        Some(Said { first, also: also.to_vec(), proof, retracted })
    });
    said.collect()
}

/// Which claims were taken back.
struct Fates {
    /// The earliest word that does: when, its digest, and who said so when and why.
    taken: HashMap<u64, (Time, String, String)>,
}

/// A retraction and the claim that makes it.
type Taker<'a> = (&'a Saying, &'a Retract);

impl Fates {
    /// A source may take back what it said itself, an investigator anything, but what is signed only by a
    /// word that is signed. A retraction that names its
    /// statement by digest means every claim of it. One by claim means this ledger's, so it counts only
    /// where it was said here or came in a plain file. One that was itself taken back, or whose signature
    /// does not verify, takes nothing back.
    fn of(sayings: &[Saying]) -> Fates {
        let retractions: Vec<Taker<'_>> = sayings
            .iter()
            .filter_map(|saying| match &saying.statement {
                Statement::Retract(retract) => Some((saying, retract)),
                _ => None,
            })
            .filter(|(saying, _)| !matches!(saying.proof, Proof::Refused { .. }))
            .collect();
        let mut by_digest: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut by_claim: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, (saying, retract)) in retractions.iter().enumerate() {
            match &retract.of {
                Some(of) => by_digest.entry(of).or_default().push(at),
                None if saying.name.source.starts_with(CASE_SOURCE) => {}
                None => by_claim.entry(&retract.what).or_default().push(at),
            }
        }
        let aimed = |target: &Saying| -> Vec<usize> {
            let by_digest = by_digest.get(target.digest.as_str()).into_iter().flatten();
            let by_claim = by_claim.get(target.name.text.as_str()).into_iter().flatten();
            by_digest
                .chain(by_claim)
                .copied()
                .filter(|at| retractions.get(*at).is_some_and(|taker| may_take(taker, target)))
                .collect()
        };
        let stands = standing(&retractions, &aimed);
        let mut taken = HashMap::new();
        for target in sayings {
            let words = aimed(target).into_iter().filter(|at| stands.get(*at) == Some(&true)).filter_map(|at| {
                let (saying, it) = retractions.get(at)?;
                Some((it.at, saying.digest.clone(), format!("{} at {}: {}", it.by, it.at, it.reason)))
            });
            if let Some(first) = words.min() {
                taken.insert(target.claim, first);
            }
        }
        Fates { taken }
    }
}

fn may_take((saying, retract): &Taker<'_>, target: &Saying) -> bool {
    let whose = is_investigator(&saying.name.source) || saying.name.source == target.name.source;
    // By claim, a retraction takes back only what was there before it, so that no two take back each other.
    let before = retract.of.is_some() || !matches!(target.statement, Statement::Retract(_));
    // What is only claimed takes nothing back that somebody signed, as it overrules nothing either.
    let proven = !target.proof.is_signed() || saying.proof.is_signed();
    whose && proven && saying.claim != target.claim && (before || saying.claim > target.claim)
}

/// Which retractions were not taken back themselves: each waits for the word on those aimed at it.
fn standing(retractions: &[Taker<'_>], aimed: &dyn Fn(&Saying) -> Vec<usize>) -> Vec<bool> {
    let mut known: Vec<Option<bool>> = vec![None; retractions.len()];
    let mut entered = vec![false; retractions.len()];
    for start in 0..retractions.len() {
        let mut open = vec![(start, None::<Vec<usize>>)];
        while let Some((at, waiting)) = open.pop() {
            let Some((saying, _)) = retractions.get(at).filter(|_| known[at].is_none()) else { continue };
            let mut waiting = match waiting {
                Some(waiting) => waiting,
                None => {
                    entered[at] = true;
                    aimed(saying)
                }
            };
            // one that waits for this one already can take nothing back from it
            waiting.retain(|it| known[*it] == Some(true) || (known[*it].is_none() && !entered[*it]));
            if waiting.iter().any(|it| known[*it] == Some(true)) {
                known[at] = Some(false);
            } else if let Some(next) = waiting.first().copied() {
                open.push((at, Some(waiting)));
                open.push((next, None));
            } else {
                known[at] = Some(true);
            }
        }
    }
    known.into_iter().map(|it| it.unwrap_or(true)).collect()
}

#[cfg(test)]
#[path = "said_tests.rs"]
mod tests;
