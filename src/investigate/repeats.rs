//! What was told twice under one name, differently, and which statements that puts in doubt. The receiver notes it when
//! it happens; nothing is compared here.

use crate::graph::{EvidenceRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::credential::text;
use crate::investigate::said::SERVE;
use crate::investigate::standing::{Outcome, passed};
use crate::investigate::whence::Origin;
use crate::model::Statement;
use std::collections::HashMap;

/// The most notices that are read; the newest.
const MOST: usize = 10_000;
/// How far back the telling is looked for that a notice follows: one telling may contradict several.
const BEFORE: u64 = 64;

/// Whether a piece of evidence says that something was told twice, differently.
pub(super) fn is_repeat(it: &EvidenceRef<'_>) -> bool {
    it.kind == "verification" && it.scope == Some("conflicting-repeat") && passed(it.verdict) != Outcome::Passed
}

/// One thing that was told twice.
#[derive(Debug, Clone)]
pub(super) struct Repeat {
    /// The artefact that it was told of, or the source that told it.
    pub(super) about: Node,
    /// The claim that notes it.
    pub(super) claim: u64,
    /// The name under which it was told.
    name: Option<String>,
    /// By way of which ledgers the notice came: its numbers are of records there.
    ledgers: String,
    /// The records that tell it, as the receiver numbers them; none where somebody else notes it.
    tellings: [Option<u64>; 2],
    /// The record that notes it, as it is numbered here.
    noted: Option<u64>,
}

impl Repeat {
    /// Whether a statement stands in one of the two tellings.
    fn tells(&self, origin: &Origin) -> bool {
        let there = origin.number_there();
        there.is_some() && self.tellings.contains(&there) && origin.first().ledgers == self.ledgers
    }

    /// What is the matter, and what to look at.
    pub(super) fn says(&self) -> String {
        let name = self.name.as_deref().map(|name| format!(" under the name \"{name}\"")).unwrap_or_default();
        let noted = self.noted.map(|noted| format!("lastgood record {noted} notes it")).unwrap_or_default();
        let look = match self.tellings {
            [Some(a), Some(b)] if self.ledgers.is_empty() => {
                format!("compare lastgood record {a} with lastgood record {b}, and ask its source which holds")
            }
            [Some(a), Some(b)] => {
                format!("compare records {a} and {b} of {}; {noted}", self.ledgers.trim_end_matches('/'))
            }
            [Some(a), None] if self.ledgers.is_empty() => format!("compare lastgood record {a} with what {noted}"),
            _ => noted,
        };
        format!("was told twice{name}, differently: {look}")
    }
}

/// Everything that was told twice by the moment asked about.
#[derive(Debug, Clone, Default)]
pub(super) struct Repeats {
    all: Vec<Repeat>,
    on: HashMap<Node, Vec<usize>>,
}

impl Repeats {
    /// Reads the notices.
    pub(super) fn of(asking: &Asking<'_>) -> Result<Repeats, Unanswered> {
        let moment = asking.moment();
        let mut noted: Vec<EvidenceRef<'_>> =
            asking.lineage.all_evidence().filter(|it| it.at <= moment && is_repeat(it)).collect();
        if noted.is_empty() {
            return Ok(Repeats::default());
        }
        noted.sort_by_key(|it| it.claim);
        let noted = &noted[noted.len().saturating_sub(MOST)..];
        let claims: Vec<u64> = noted.iter().map(|it| it.claim).collect();
        let said: HashMap<u64, Statement> = asking.statements(&claims)?.into_iter().collect();
        let mut repeats = Repeats::default();
        for it in noted {
            let origin = asking.origin(it.claim);
            let first = origin.first();
            let attribute = |key: &str| match said.get(&it.claim) {
                Some(Statement::Evidence(it)) => text(&it.attributes, key),
                _ => None,
            };
            // Only the receiver's own notices name records by their numbers.
            let tellings = match first.source == SERVE {
                true => [attribute("first.record").and_then(|it| it.parse().ok()), second(asking, it.claim)],
                false => [None, None],
            };
            repeats.on.entry(it.about).or_default().push(repeats.all.len());
            repeats.all.push(Repeat {
                about: it.about,
                claim: it.claim,
                name: attribute("repeats"),
                ledgers: first.ledgers.to_owned(),
                tellings,
                noted: origin.record,
            });
        }
        Ok(repeats)
    }

    /// Every one, in the order they were noted.
    pub(super) fn all(&self) -> &[Repeat] {
        &self.all
    }

    /// What was told twice of an artefact, the last.
    pub(super) fn of_artefact(&self, node: Node) -> Option<&Repeat> {
        self.on.get(&node).and_then(|on| self.all.get(*on.last()?))
    }

    /// What was told twice and puts a statement about an artefact in doubt: it stands in one of the two tellings, or
    /// something of the artefact was, and which records tell it is not said.
    pub(super) fn of_statement(&self, about: Node, origin: impl FnOnce() -> Origin) -> Option<&Repeat> {
        if self.all.is_empty() {
            return None;
        }
        let origin = origin();
        let told = self.all.iter().rev().find(|it| it.tells(&origin));
        told.or_else(|| self.of_artefact(about).filter(|it| it.tellings == [None, None]))
    }
}

/// The later telling: the record right before its notices, numbered where it was received.
fn second(asking: &Asking<'_>, notice: u64) -> Option<u64> {
    let earlier = (notice.saturating_sub(BEFORE)..notice).rev();
    let mut origins = earlier.map(|claim| asking.origin(claim)).take_while(|it| it.source.is_some());
    origins.find(|it| it.first().source != SERVE).and_then(|it| it.number_there())
}
