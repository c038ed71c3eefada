//! What investigators said, once each however often it was received, and what of it was taken back. It
//! looks at no lineage and checks no signature: how a statement is proven comes with it.

use crate::investigate::asking::ClaimName;
use crate::investigate::fates::Fates;
use crate::investigate::wording::count;
use crate::model::{Statement, Time};
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;

/// The source that marks made here go under; it may take back any mark.
pub const INVESTIGATOR: &str = "investigator";

/// What the sources of imported cases begin with. They are investigators' too: nothing else may be
/// imported under such a name.
pub const CASE_SOURCE: &str = "investigator:";

/// What the sources of another ledger's records begin with, but for what its investigators said.
pub const LEDGER_SOURCE: &str = "ledger:";

/// What the sources of what clients push to the receiver begin with.
pub const SERVE_SOURCE: &str = "serve:";

/// The source of what the receiver notes itself.
pub const SERVE: &str = "serve";

/// Why nothing that is read from a file or a server may go under a name, where that is so: such names tell how
/// something came in, and only what came in so bears them.
pub fn reserved(source: &str) -> Option<&'static str> {
    let name = source.trim().to_ascii_lowercase();
    match name.as_str() {
        it if is_investigator(it) => Some("for what investigators say here"),
        it if it == SERVE || it.starts_with(SERVE_SOURCE) => {
            Some("for what is pushed to lastgood serve, whose records tell how it was proven who sent them")
        }
        it if it.starts_with(LEDGER_SOURCE) => {
            Some("for what is pulled from another ledger, whose log is verified first")
        }
        _ => None,
    }
}

/// Whether a source's records came from another ledger, where the names of claims mean other claims.
pub fn is_from_another(source: &str) -> bool {
    source.starts_with(CASE_SOURCE) || source.starts_with(LEDGER_SOURCE)
}

/// Whether a source is an investigator, who may take back any statement.
pub fn is_investigator(source: &str) -> bool {
    source == INVESTIGATOR || source.starts_with(CASE_SOURCE)
}

/// How far a statement is trusted; what is trusted more is greater. What is trusted less neither overrules
/// nor takes back what is trusted more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// It came in a file like any other record: whoever wrote the file may have written anything.
    File,
    /// It was said here, or came in with a case.
    Investigator,
    /// A key that somebody vouches for signed it, wherever it came from.
    Signed,
}

/// How it is known who said something; the stronger is greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proof {
    /// It carries a signature that does not verify: it does not hold.
    Refused {
        /// Why.
        why: String,
    },
    /// Nobody vouches for it.
    Claimed {
        /// The key that its signature names, where nobody vouches for that; it is then not checked.
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

    /// The same in words, with who is said to have said it where a key of somebody else signed it.
    pub fn says(&self, by: &str) -> String {
        let name = by.strip_prefix("person:").unwrap_or(by);
        match self {
            Proof::Signed { principal, .. } if !principal.split(',').any(|it| it == by || it == name) => {
                format!("{self}, who says it for {by}")
            }
            _ => self.to_string(),
        }
    }

    /// Without a signature.
    pub const CLAIMED: Proof = Proof::Claimed { key: None };
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Proof::Refused { why } => write!(f, "signature does not verify: {why}"),
            Proof::Claimed { key: None } => f.write_str("claimed"),
            Proof::Claimed { key: Some(key) } => write!(f, "claimed (names the key {key}, which nobody vouches for)"),
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
    /// When its record was received, where that is known.
    pub received: Option<Time>,
}

/// The moment a statement counts from; of several received at one moment, which came first.
pub type When = (Time, u64);

impl Saying {
    /// How far it is trusted.
    pub fn trust(&self) -> Trust {
        match &self.proof {
            Proof::Signed { .. } => Trust::Signed,
            _ if is_investigator(&self.name.source) => Trust::Investigator,
            _ => Trust::File,
        }
    }

    /// The moment it counts from: its own, but nothing is said later than it was received, so that no date
    /// in the future is the last word for ever.
    fn when(&self) -> When {
        let at = self.statement.said_at().unwrap_or(Time::from_seconds(0));
        match self.received {
            Some(received) if received <= at => (received, self.claim),
            _ => (at, 0),
        }
    }
}

/// Further apart than this, what a statement says of its date and when it was received are told as a remark.
const APART: i64 = 24 * 60 * 60;

/// What has to be said where a statement was received more than a day before or after it says that it was made:
/// nobody but its maker vouches for that date, not even a signature.
pub fn apart(at: Time, received: Option<Time>) -> Option<String> {
    let received = received?;
    let seconds = received.seconds() - at.seconds();
    let days = count(usize::try_from(seconds.unsigned_abs() / 86_400).unwrap_or(usize::MAX), "day");
    (seconds.abs() > APART).then(|| match seconds > 0 {
        true => format!("received {}, {days} after the date it states itself", received.short()),
        false => format!("received {}, {days} before the date it states itself", received.short()),
    })
}

/// Who took a statement back, when and why, and where that was said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TakenBack {
    /// When.
    pub at: Time,
    /// Who, as they say themselves.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The source that said so.
    pub source: String,
    /// The claim that says so.
    pub claim: String,
    /// The record that it stands in.
    pub record: Option<u64>,
}

impl TakenBack {
    /// The same with where that was said, which is another claim in another ledger.
    pub fn told(&self) -> String {
        let source = if self.source == INVESTIGATOR { String::new() } else { format!(" in {}", self.source) };
        format!("{self} [{}{source}]", self.claim)
    }
}

impl fmt::Display for TakenBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.by, self.at, self.reason)
    }
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
    /// How far the most trusted of them is trusted.
    pub trust: Trust,
    /// Its source.
    pub source: &'a str,
    /// The moment it counts from.
    pub when: When,
    /// When the first of them was received, where that is known.
    pub received: Option<Time>,
    /// Who took all of them back, when and why.
    pub retracted: Option<TakenBack>,
    /// A retraction that takes nothing back.
    pub void: bool,
}

/// Every statement once, in the order of the moments they count from; what of it was taken back is told.
pub fn once(sayings: &[Saying]) -> Vec<Said<'_>> {
    let fates = Fates::of(sayings);
    let mut groups: HashMap<(&str, u64), Vec<&Saying>> = HashMap::new();
    for it in sayings {
        let apart = if it.digest.is_empty() { it.claim } else { 0 };
        groups.entry((it.digest.as_str(), apart)).or_default().push(it);
    }
    let said = groups.into_values().filter_map(|claims| {
        let (first, also) = claims.split_first()?;
        let standing: Vec<&Saying> = claims.iter().copied().filter(|it| fates.word(it).is_none()).collect();
        let retracted = match standing.is_empty() {
            true => claims.iter().filter_map(|it| fates.word(it)).min().map(|word| word.taken.clone()),
            false => None,
        };
        let among = if standing.is_empty() { claims.clone() } else { standing };
        let proof = among.iter().map(|it| &it.proof).max()?;
        // of equally trusted ones the first
        let best = among.iter().rev().max_by_key(|it| (!matches!(it.proof, Proof::Refused { .. }), it.trust()))?;
        let void = matches!(first.statement, Statement::Retract(_)) && !claims.iter().any(|it| fates.took(it));
        Some(Said {
            first,
            also: also.to_vec(),
            proof,
            trust: best.trust(),
            source: &best.name.source,
            when: claims.iter().map(|it| it.when()).min()?,
            received: claims.iter().filter_map(|it| it.received).min(),
            retracted,
            void,
        })
    });
    let mut said: Vec<Said<'_>> = said.collect();
    said.sort_by_key(|it| (it.when, it.first.digest.as_str(), it.first.claim));
    said
}

#[cfg(test)]
#[path = "said_tests.rs"]
mod tests;
