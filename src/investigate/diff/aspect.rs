//! Under which heading a difference goes, and in which order headings come. It compares nothing.

use crate::graph::Lineage;
use crate::investigate::diff::closure::Part;
use crate::model::Kind;

/// A heading, with its place among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Aspect<'a> {
    place: u8,
    /// The word for it.
    pub(super) word: &'a str,
}

/// What a responder looks at first comes first. A heading that is not listed comes after these; runs
/// come last, for each training has its own.
const ORDER: [&str; 16] = [
    "model",
    "data",
    "features",
    "code",
    "base-model",
    "param",
    "metric",
    "prompt",
    "tool",
    "agent",
    "environment",
    "identity",
    "secret",
    "policy",
    "evaluation",
    "approval",
];

impl<'a> Aspect<'a> {
    /// The heading of a word.
    pub(super) fn of(word: &'a str) -> Aspect<'a> {
        let place = ORDER.iter().position(|it| *it == word).unwrap_or(ORDER.len()) as u8;
        Aspect { place: place + u8::from(word == RUN), word }
    }

    /// The heading of an artefact. `below` says that it lies below another model version: then a model
    /// version is a base.
    pub(super) fn of_kind(kind: &'a str, below: bool) -> Aspect<'a> {
        Aspect::of(match Kind::parse(kind) {
            Kind::Dataset => "data",
            Kind::FeatureSet => "features",
            Kind::ModelVersion if below => "base-model",
            Kind::ModelVersion => "model",
            Kind::Package | Kind::Image | Kind::Environment => "environment",
            Kind::Run | Kind::Job => RUN,
            _ => kind,
        })
    }
}

const RUN: &str = "run";

/// The headings of all kinds of a lineage.
pub(super) struct Aspects<'a> {
    lineage: &'a Lineage,
    /// By kind code; below a model version, or not.
    table: Vec<[Aspect<'a>; 2]>,
}

impl<'a> Aspects<'a> {
    /// Looks at every kind once.
    pub(super) fn new(lineage: &'a Lineage) -> Aspects<'a> {
        let of = |code| [false, true].map(|below| Aspect::of_kind(lineage.kind_of_code(code), below));
        Aspects { lineage, table: (0..u8::MAX).map(of).collect() }
    }

    /// The heading of an artefact.
    pub(super) fn of(&self, part: &Part) -> Aspect<'a> {
        let code = usize::from(self.lineage.kind_code(part.node));
        match self.table.get(code) {
            Some(aspects) => aspects[usize::from(part.below)],
            // the last code stands for many kinds
            None => Aspect::of_kind(self.lineage.kind(part.node), part.below),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deployed_model_comes_first_and_runs_last() {
        let words = ["job", "approval", "endpoint", "dataset", "model-version"];
        let mut aspects: Vec<Aspect<'_>> = words.iter().map(|word| Aspect::of_kind(word, false)).collect();
        aspects.sort_unstable();
        let order: Vec<&str> = aspects.iter().map(|it| it.word).collect();
        assert_eq!(order, ["model", "data", "approval", "endpoint", "run"]);
        assert_eq!(Aspect::of_kind("model-version", true).word, "base-model");
        assert_eq!(Aspect::of_kind("quantum-thing", false).word, "quantum-thing");
    }
}
