//! What would close a finding, in a sentence. It judges nothing.

use crate::graph::Node;
use crate::investigate::asking::Asking;
use crate::investigate::gaps::judge::Lack;
use crate::model::{Asks, EvidenceRule, LineageCheck, Requirement, shell_word};

/// What would close it.
pub(in crate::investigate) fn closes(asking: &Asking<'_>, it: &Requirement, node: Node, lack: Lack) -> String {
    if lack == Lack::NotPermitted {
        return "let us look: give the source's reader the right to see it, and import it again".to_owned();
    }
    if let Some(close) = &it.close {
        return close.clone();
    }
    let id = asking.lineage.id(node);
    match &it.asks {
        Asks::Field(field) => format!("state its {} where it is kept, and import that", field.as_str()),
        Asks::Links(relations) => format!("import what says what it is {}", relations.join(" or ")),
        Asks::Evidence(rule) => evidence(asking, rule, node),
        Asks::Check(LineageCheck::Disclosed) => {
            "whoever supplies it says what it came from, or somebody accepts the gap".to_owned()
        }
        Asks::Check(LineageCheck::Described) => "import a description of it: lastgood import PATH".to_owned(),
        Asks::Check(LineageCheck::Clean) => format!("go back to a safe version: lastgood plan {}", shell_word(id)),
        Asks::Check(LineageCheck::ToldOnce) => {
            "look at both records, ask the source which holds, and accept it with an exception once that is known"
                .to_owned()
        }
        Asks::Check(LineageCheck::DeployedDigest) => {
            "deploy what was approved, or have what is served described and approved".to_owned()
        }
        Asks::That(_) => "change it so that the condition holds, or accept it with an exception".to_owned(),
    }
}

/// The evidence that is wanted.
fn evidence(asking: &Asking<'_>, rule: &EvidenceRule, node: Node) -> String {
    let mut text = match rule.count {
        1 => format!("{} {} that passes", article(&rule.kind), rule.kind),
        many => format!("{}s that pass by {many} different people", rule.kind),
    };
    if !rule.scopes.is_empty() {
        text += &format!(", of scope {}", rule.scopes.join(" or "));
    }
    if !rule.by.is_empty() {
        text += &format!(", by {}", rule.by.join(" or "));
    }
    if rule.not_author {
        text += ", not by who made it";
    }
    if let Some(days) = rule.max_age_days {
        text += &format!(", at most {days} days old");
    }
    let digest = asking.lineage.digests(node).next().filter(|_| rule.kind == "approval" || rule.names_digest);
    if let Some(digest) = digest {
        let short: String = digest.chars().take(19).collect();
        text += &format!(", covering {short}…");
    }
    text
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
