//! A catalogue of controls as plain data: each with its framework, its text in our words, and which evidence
//! answers it. It judges nothing.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The controls of one framework.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// The word it goes by on the command line.
    pub key: String,
    /// Its name.
    pub framework: String,
    /// Its version: an id without it is not data, for the same ids meant other things before.
    pub version: String,
    /// What may be left out before an id: `Art. `.
    pub prefix: String,
    /// Where ids of older versions, and ids that are often cited wrongly, went.
    #[serde(default)]
    pub legacy: BTreeMap<String, Vec<String>>,
    /// The controls, as published.
    #[serde(rename = "control")]
    pub controls: Vec<Control>,
}

/// One control.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// As published.
    pub id: String,
    /// As published, or the name of its category.
    pub title: String,
    /// What it asks, and what here answers it.
    pub text: String,
    /// What answers it.
    pub evidence: Vec<Selector>,
}

/// A sort of thing that answers a control.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum Selector {
    /// Evidence of a kind.
    Evidence(String),
    /// Described artefacts of a kind.
    Kind(String),
    /// Links of a relation.
    Relation(String),
    /// A field on what is deployed, serves or acts: owner, risk, digest.
    Field(String),
    /// Gaps that sources tell of themselves.
    Absence,
    /// Marks that hold.
    Mark,
    /// A question that answers it: there is nothing to count.
    Question(String),
    /// Steps on record from before so many days.
    Since(u32),
}

impl TryFrom<String> for Selector {
    type Error = String;

    fn try_from(text: String) -> Result<Selector, String> {
        let (sort, word) = text.split_once(':').unwrap_or((&text, ""));
        let word = word.to_owned();
        Ok(match sort {
            "evidence" => Selector::Evidence(word),
            "kind" => Selector::Kind(word),
            "relation" => Selector::Relation(word),
            "field" if ["owner", "risk", "digest"].contains(&word.as_str()) => Selector::Field(word),
            "absence" => Selector::Absence,
            "mark" => Selector::Mark,
            "since" => Selector::Since(word.parse().map_err(|_| format!("\"{text}\" names no number of days"))?),
            "question" => Selector::Question(word),
            _ => return Err(format!("\"{text}\" is nothing that could answer a control")),
        })
    }
}
