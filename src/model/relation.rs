//! The relations between artefacts, and the one table that says which of them carry impact.
//!
//! Every relation is read from the dependent to the dependency. It says nothing about dates.

use std::fmt;

/// How one artefact (`from`, downstream) depends on another (`to`, upstream).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the words themselves; the table below words both directions")]
pub enum Relation {
    DerivedFrom,
    TrainedOn,
    FineTunedFrom,
    BuiltFrom,
    ProducedBy,
    Used,
    EvaluatedOn,
    UsesPrompt,
    UsesTool,
    RetrievesFrom,
    RunsAs,
    AuthenticatesWith,
    GovernedBy,
    Contains,
    Deploys,
    Serves,
    CausedBy,
    ChangedBy,
    ActedFor,
    ChildOf,
    VersionOf,
    InstanceOf,
    Supersedes,
    OwnedBy,
    SameAs,
    /// A relation this version does not know, as its source wrote it. It carries impact: leaving a
    /// dependency out because its word is new would understate what is hit.
    Other(Box<str>),
}

/// Relation, its word, the word read from upstream to downstream, whether it carries impact.
const TABLE: [(Relation, &str, &str, bool); 25] = [
    (Relation::DerivedFrom, "derived-from", "source of", true),
    (Relation::TrainedOn, "trained-on", "trained", true),
    (Relation::FineTunedFrom, "fine-tuned-from", "base of", true),
    (Relation::BuiltFrom, "built-from", "built into", true),
    (Relation::ProducedBy, "produced-by", "produced", true),
    (Relation::Used, "used", "used by", true),
    (Relation::EvaluatedOn, "evaluated-on", "evaluated", true),
    (Relation::UsesPrompt, "uses-prompt", "prompt of", true),
    (Relation::UsesTool, "uses-tool", "tool of", true),
    (Relation::RetrievesFrom, "retrieves-from", "retrieved by", true),
    (Relation::RunsAs, "runs-as", "runs", true),
    (Relation::AuthenticatesWith, "authenticates-with", "credential of", true),
    (Relation::GovernedBy, "governed-by", "governs", true),
    (Relation::Contains, "contains", "part of", true),
    (Relation::Deploys, "deploys", "deployed by", true),
    (Relation::Serves, "serves", "served by", true),
    (Relation::CausedBy, "caused-by", "caused", true),
    (Relation::ChangedBy, "changed-by", "changed", true),
    (Relation::ActedFor, "acted-for", "principal of", true),
    (Relation::ChildOf, "child-of", "parent of", true),
    (Relation::VersionOf, "version-of", "has version", false),
    (Relation::InstanceOf, "instance-of", "has run", false),
    (Relation::Supersedes, "supersedes", "superseded by", false),
    (Relation::OwnedBy, "owned-by", "owns", false),
    (Relation::SameAs, "same-as", "same as", false),
];

impl Relation {
    /// Every relation this version knows.
    pub fn known() -> impl Iterator<Item = Relation> {
        TABLE.iter().map(|row| row.0.clone())
    }

    /// Reads a relation; a word not in the table becomes [`Relation::Other`].
    pub fn parse(word: &str) -> Relation {
        TABLE.iter().find(|row| row.1 == word).map_or_else(|| Relation::Other(word.into()), |row| row.0.clone())
    }

    fn row(&self) -> Option<&'static (Relation, &'static str, &'static str, bool)> {
        TABLE.iter().find(|row| row.0 == *self)
    }

    /// The word used in files, screens and `--json`.
    pub fn as_str(&self) -> &str {
        match self {
            Relation::Other(word) => word,
            known => known.row().map_or("", |row| row.1),
        }
    }

    /// The words for the same link read from upstream to downstream.
    pub fn read_downstream(&self) -> &str {
        match self {
            Relation::Other(word) => word,
            known => known.row().map_or("", |row| row.2),
        }
    }

    /// Whether what is wrong upstream of this link is wrong downstream too. Impact never runs
    /// through a bare name, so `version-of` and its like say no.
    pub fn carries_impact(&self) -> bool {
        self.row().is_none_or(|row| row.3)
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_relation_reads_back_as_itself() {
        for relation in Relation::known() {
            assert_eq!(Relation::parse(relation.as_str()), relation);
        }
    }

    #[test]
    fn a_bare_name_carries_no_impact_but_an_unknown_dependency_does() {
        assert!(!Relation::VersionOf.carries_impact());
        assert!(!Relation::InstanceOf.carries_impact());
        assert!(Relation::TrainedOn.carries_impact());
        assert!(Relation::parse("distilled-from").carries_impact());
    }
}
