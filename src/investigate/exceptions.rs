//! Exceptions: findings that somebody accepted, with owner, reason and end. Which of them waives anything is
//! decided by the same rule of trust as for marks. It finds no gap.

use crate::graph::{Lineage, Node};
use crate::investigate::said::{Saying, Trust, once};
use crate::model::{EXCEPTION, Policy, Statement, Time};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// One exception, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exception {
    /// Its claim, to take it back by.
    pub claim: String,
    /// The artefact whose finding is accepted.
    pub about: String,
    /// The requirement.
    pub requirement: String,
    /// Who accepted it.
    pub by: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When it was accepted.
    pub at: Time,
    /// Until when; without an end it waives nothing.
    pub until: Option<Time>,
    /// The source that states it.
    pub source: String,
    /// `holds`, `accepts nothing now`, `expired`, `taken back`, `not vouched for`, `without end`, `not yet`, or why
    /// the policy lets it waive nothing.
    pub standing: &'static str,
    /// Who took it back, when and why.
    pub retracted: Option<String>,
    /// SHA-256 of its canonical line: its name in every ledger.
    pub digest: String,
    /// The moment it counts from: its own, or when it was received where that is earlier.
    #[serde(skip)]
    pub(super) from: Time,
    #[serde(skip)]
    pub(super) node: Option<Node>,
}

/// Everything that was accepted, those taken back among them.
#[derive(Debug, Default)]
pub struct ExceptionBook {
    entries: Vec<(Exception, Trust)>,
    of: HashMap<Node, Vec<usize>>,
}

static NONE: LazyLock<ExceptionBook> = LazyLock::new(ExceptionBook::default);

impl ExceptionBook {
    /// Of a ledger in which nothing was accepted.
    pub fn none() -> &'static ExceptionBook {
        &NONE
    }

    /// Reads exceptions and retractions.
    pub fn of(lineage: &Lineage, sayings: &[Saying]) -> ExceptionBook {
        let mut book = ExceptionBook::default();
        for said in once(sayings) {
            let Statement::Evidence(it) = &said.first.statement else { continue };
            let (Some(scope), EXCEPTION) = (&it.scope, it.kind.as_str()) else { continue };
            let text = |key: &str| it.attributes.get(key).and_then(|value| value.as_str()).map(str::to_owned);
            let node = lineage.node(&it.about);
            let entry = Exception {
                claim: said.first.name.text.clone(),
                about: it.about.clone(),
                requirement: scope.clone(),
                by: it.by.clone(),
                owner: text("owner"),
                reason: text("reason"),
                at: it.at,
                until: it.expires,
                source: said.source.to_owned(),
                standing: "",
                retracted: said.retracted.as_ref().map(ToString::to_string),
                digest: said.first.digest.clone(),
                from: said.when.0,
                node,
            };
            if let Some(node) = node {
                book.of.entry(node).or_default().push(book.entries.len());
            }
            book.entries.push((entry, said.trust));
        }
        book
    }

    /// Whether nothing was ever accepted.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All of them as they stand.
    pub fn all(&self, terms: Terms<'_>) -> Vec<Exception> {
        self.entries.iter().map(|entry| told(entry, terms)).collect()
    }

    /// Those on an artefact for a requirement, as they stand; what holds first, then the newest.
    pub(super) fn on(&self, node: Node, requirement: &str, terms: Terms<'_>) -> Vec<Exception> {
        let places = self.of.get(&node).map(Vec::as_slice).unwrap_or_default();
        let entries = places.iter().filter_map(|at| self.entries.get(*at));
        let mut found: Vec<Exception> =
            entries.filter(|(it, _)| it.requirement == requirement).map(|entry| told(entry, terms)).collect();
        found.sort_by_key(|it| (it.standing != "holds", std::cmp::Reverse(it.at)));
        found
    }

    /// The artefacts on which one for a requirement holds.
    pub(super) fn holding(&self, requirement: &str, terms: Terms<'_>) -> Vec<Node> {
        let fits = self.entries.iter().filter(|entry| entry.0.requirement == requirement);
        let mut nodes: Vec<Node> =
            fits.filter(|entry| standing(entry, terms) == "holds").filter_map(|entry| entry.0.node).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }
}

/// By what an exception is judged.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The moment asked about.
    pub moment: Time,
    /// The policy, where there is one that can be used.
    pub policy: Option<&'a Policy>,
}

fn told(entry: &(Exception, Trust), terms: Terms<'_>) -> Exception {
    Exception { standing: standing(entry, terms), ..entry.0.clone() }
}

fn standing((it, trust): &(Exception, Trust), terms: Terms<'_>) -> &'static str {
    let refused = |until| terms.policy?.refuses(it.owner.as_deref(), it.by.as_deref(), it.from, until);
    match it.until {
        _ if it.retracted.is_some() => "taken back",
        // whoever wrote a file may have written anything
        _ if *trust == Trust::File => "not vouched for",
        _ if it.from > terms.moment => "not yet",
        None => "without end",
        Some(until) if until <= terms.moment => "expired",
        Some(until) => refused(until).unwrap_or("holds"),
    }
}
