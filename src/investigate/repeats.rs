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
const MOST: usize = 1_000;
/// The most claims of one telling that are put in doubt.
const MOST_CLAIMS: usize = 10_000;
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
    /// The claims that stand in a telling, as far as they are found by its number.
    told: HashMap<u64, usize>,
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
            let (mut tellings, mut here) = ([None, None], [None, None]);
            if first.source == SERVE {
                let second = second(asking, it.claim);
                tellings[0] = attribute("first.record").and_then(|it| it.parse().ok());
                tellings[1] = second.as_ref().and_then(Origin::number_there);
                // by way of a ledger the first has a number here that the notice does not tell
                here = [tellings[0].filter(|_| first.ledgers.is_empty()), second.and_then(|it| it.record)];
            }
            for record in here.into_iter().flatten() {
                let place = repeats.all.len();
                repeats.told.extend(claims_of(asking, record, it.claim).into_iter().map(|claim| (claim, place)));
            }
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
    pub(super) fn of_statement(&self, asking: &Asking<'_>, about: Node, claim: u64) -> Option<&Repeat> {
        if let Some(place) = self.told.get(&claim) {
            return self.all.get(*place);
        }
        let on = self.on.get(&about)?;
        let origin = asking.origin(claim);
        let mut on = on.iter().rev().filter_map(|place| self.all.get(*place));
        on.find(|it| it.tells(&origin) || it.tellings == [None, None])
    }
}

/// The later telling: the record right before its notices.
fn second(asking: &Asking<'_>, notice: u64) -> Option<Origin> {
    let earlier = (notice.saturating_sub(BEFORE)..notice).rev();
    let mut origins = earlier.map(|claim| asking.origin(claim)).take_while(|it| it.source.is_some());
    origins.find(|it| it.first().source != SERVE)
}

/// The claims of a record, which are numbered as the records are: looked for below one that came later.
fn claims_of(asking: &Asking<'_>, record: u64, below: u64) -> Vec<u64> {
    let number = |claim: u64| asking.claim(claim).split_once('.').and_then(|(record, _)| record.parse::<u64>().ok());
    // what was erased leaves holes
    let next = |claim: u64| (claim..below).take(MOST_CLAIMS).find_map(number);
    let (mut low, mut high) = (0, below);
    while low < high {
        let middle = low + (high - low) / 2;
        match next(middle) {
            Some(found) if found < record => low = middle + 1,
            _ => high = middle,
        }
    }
    let from = (low..below).take(MOST_CLAIMS).take_while(|claim| number(*claim).is_none_or(|it| it == record));
    from.collect()
}
