//! The kinds of artefact. An unknown kind is kept as written; it is never refused.

use std::fmt;

/// What sort of thing an artefact is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the words themselves; README's table of kinds explains them")]
pub enum Kind {
    Dataset,
    FeatureSet,
    Code,
    Job,
    Run,
    Model,
    ModelVersion,
    Prompt,
    Agent,
    Tool,
    Identity,
    Secret,
    Policy,
    Deployment,
    Endpoint,
    UseCase,
    Package,
    Image,
    Environment,
    Step,
    /// A kind this version does not know, as its source wrote it.
    Other(Box<str>),
}

const NAMES: [(Kind, &str); 20] = [
    (Kind::Dataset, "dataset"),
    (Kind::FeatureSet, "feature-set"),
    (Kind::Code, "code"),
    (Kind::Job, "job"),
    (Kind::Run, "run"),
    (Kind::Model, "model"),
    (Kind::ModelVersion, "model-version"),
    (Kind::Prompt, "prompt"),
    (Kind::Agent, "agent"),
    (Kind::Tool, "tool"),
    (Kind::Identity, "identity"),
    (Kind::Secret, "secret"),
    (Kind::Policy, "policy"),
    (Kind::Deployment, "deployment"),
    (Kind::Endpoint, "endpoint"),
    (Kind::UseCase, "use-case"),
    (Kind::Package, "package"),
    (Kind::Image, "image"),
    (Kind::Environment, "environment"),
    (Kind::Step, "step"),
];

impl Kind {
    /// Every kind this version knows, in the order of the design.
    pub fn known() -> impl Iterator<Item = Kind> {
        NAMES.iter().map(|(kind, _)| kind.clone())
    }

    /// Reads a kind; a word not in the table becomes [`Kind::Other`].
    pub fn parse(word: &str) -> Kind {
        NAMES.iter().find(|(_, name)| *name == word).map_or_else(|| Kind::Other(word.into()), |(kind, _)| kind.clone())
    }

    /// The word used in ids, files, screens and `--json`.
    pub fn as_str(&self) -> &str {
        match self {
            Kind::Other(word) => word,
            known => NAMES.iter().find(|(kind, _)| kind == known).map_or("", |(_, name)| name),
        }
    }

    /// Whether a content digest identifies an artefact of this kind. Two deployments that serve one
    /// digest are two deployments; two datasets with one digest are one.
    pub fn is_content(&self) -> bool {
        matches!(
            self,
            Kind::Dataset
                | Kind::FeatureSet
                | Kind::Code
                | Kind::ModelVersion
                | Kind::Prompt
                | Kind::Package
                | Kind::Image
                | Kind::Environment
        )
    }

    /// Whether it may be an ingredient that somebody left unsaid. What a model was trained on may be
    /// undisclosed; a credential or a person does not go into it.
    pub fn is_ingredient(&self) -> bool {
        !matches!(
            self,
            Kind::Secret
                | Kind::Identity
                | Kind::Policy
                | Kind::Deployment
                | Kind::Endpoint
                | Kind::UseCase
                | Kind::Step
                | Kind::Agent
                | Kind::Tool
        )
    }

    /// Whether it stays itself while what it depends on changes: a deployment points at another
    /// version tomorrow. What is made once (a version, a run, a commit) was made of what it was made of.
    /// An unknown kind is taken at its dates' word.
    pub fn changes_in_place(&self) -> bool {
        matches!(
            self,
            Kind::Deployment
                | Kind::Endpoint
                | Kind::UseCase
                | Kind::Job
                | Kind::Model
                | Kind::Identity
                | Kind::Secret
                | Kind::Tool
                | Kind::Environment
                | Kind::Agent
                | Kind::Other(_)
        )
    }

    /// Whether it is a credential: what is wrong with it ends when it is rotated, and what was made
    /// with it is not made anew.
    pub fn is_credential(&self) -> bool {
        matches!(self, Kind::Secret | Kind::Identity)
    }

    /// Whether reaching it means people or money are affected now: listed first in an impact.
    pub fn is_consequence(&self) -> bool {
        matches!(self, Kind::Deployment | Kind::UseCase | Kind::Step | Kind::Endpoint)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_as_itself() {
        for kind in Kind::known() {
            assert_eq!(Kind::parse(kind.as_str()), kind);
        }
    }

    #[test]
    fn an_unknown_kind_is_kept_as_written() {
        assert_eq!(Kind::parse("quantum-model").as_str(), "quantum-model");
    }
}
