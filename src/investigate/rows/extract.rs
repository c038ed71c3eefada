//! A piece of the lineage to hand on: artefacts as `show` tells them, and the links between them. Plain data.

use crate::investigate::answer::{Answer, Completeness, LedgerHead, Row};
use crate::investigate::rows::{LinkRow, Shown};
use crate::model::{ArtefactId, Time};
use std::collections::HashSet;

/// A piece of the lineage.
#[derive(Debug, Clone, PartialEq)]
pub struct Extract {
    /// What it is about; everything when empty.
    pub of: Vec<ArtefactId>,
    /// When it was taken.
    pub at: Time,
    /// The ledger it was taken from.
    pub ledger: LedgerHead,
    /// Its artefacts, the nearest first.
    pub things: Vec<Answer<Row, Shown>>,
    /// How many artefacts it holds and would hold, and why the two differ.
    pub completeness: Completeness,
}

impl Extract {
    /// Each artefact with what is stated of it.
    pub fn artefacts(&self) -> impl Iterator<Item = (&Row, &Shown)> {
        self.things.iter().filter_map(|thing| Some((thing.rows.first()?, &thing.summary)))
    }

    /// The links between its artefacts.
    pub fn links(&self) -> impl Iterator<Item = &LinkRow> {
        let held: HashSet<&str> = self.artefacts().map(|(row, _)| row.id.as_str()).collect();
        self.artefacts().flat_map(|(_, shown)| &shown.upstream).filter(move |link| held.contains(link.to.as_str()))
    }
}
