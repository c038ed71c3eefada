//! What evaluations, approvals, scans and policy verdicts say of a pair, by scope, as each side knew them
//! at its moment. Whether that is enough is for a policy to say.

use crate::graph::{EvidenceRef, Lineage, Node};
use crate::investigate::asking::standing;
use crate::investigate::diff::alarm;
use crate::investigate::diff::said::Said;
use crate::investigate::diff::value;
use crate::investigate::rows::FieldChange;
use crate::investigate::standing::alarming;
use crate::model::{Statement, Time};
use std::collections::BTreeMap;

/// The most pieces of evidence of one artefact that are read, the newest.
const MOST: usize = 50;
/// The kinds that are compared.
const KINDS: [&str; 4] = ["evaluation", "approval", "policy-verdict", "scan"];

/// What one side says under one key.
struct Side {
    text: String,
    value: Option<String>,
    by: Option<String>,
    holds: bool,
    alarm: Option<String>,
    claim: u64,
}

/// One key under which two sides are compared.
pub(super) struct Compared<'a> {
    /// evaluation, approval, …
    pub(super) kind: &'a str,
    /// Its scope.
    pub(super) key: String,
    /// What the old side says.
    pub(super) old: Option<String>,
    /// What the new side says.
    pub(super) new: Option<String>,
    /// New minus old.
    pub(super) delta: Option<f64>,
    /// Who said so, where it does not stand in the values.
    pub(super) details: Vec<FieldChange>,
    /// What the new side says, where that did not pass.
    pub(super) alarm: Option<String>,
    /// The claim of the new side, else of the old.
    pub(super) claim: u64,
}

/// What is compared of an artefact at a moment, newest first.
fn known(lineage: &Lineage, node: Node, at: Time) -> impl Iterator<Item = EvidenceRef<'_>> {
    let all = lineage.evidence(node).rev().filter(move |it| it.at <= at && KINDS.contains(&it.kind));
    all.take(MOST)
}

/// The claims to read before an artefact is compared.
pub(super) fn claims(lineage: &Lineage, (node, at): (Node, Time)) -> impl Iterator<Item = u64> + '_ {
    known(lineage, node, at).filter(|it| it.kind != "approval").map(|it| it.claim)
}

/// Compares the evidence of a pair; also what is the same.
pub(super) fn compare<'a>(
    lineage: &'a Lineage,
    said: &Said,
    old: (Node, Time),
    new: (Node, Time),
) -> Vec<Compared<'a>> {
    let (mut old, mut new) = (newest(lineage, said, old), newest(lineage, said, new));
    let mut keys: Vec<(&str, &str, Option<String>)> = old.keys().chain(new.keys()).cloned().collect();
    keys.sort_unstable();
    keys.dedup();
    let compared = keys.iter().filter_map(|at| {
        let (kind, scope, metric) = at;
        let alone = keys.iter().filter(|other| other.0 == *kind && other.1 == *scope).count() == 1;
        let key = match (*scope, metric) {
            ("", None) => (*kind).to_owned(),
            ("", Some(metric)) => metric.clone(),
            (scope, Some(metric)) if !alone => format!("{scope}: {metric}"),
            (scope, _) => scope.to_owned(),
        };
        let (old, new) = (old.remove(at), new.remove(at));
        let both = old.as_ref().zip(new.as_ref());
        let delta = both.and_then(|(old, new)| value::delta(old.value.as_deref()?, new.value.as_deref()?));
        let by = |side: &Option<Side>| side.as_ref().and_then(|it| it.by.clone());
        let doubted = [&old, &new].into_iter().flatten().any(|it| !it.holds);
        let details = value::field("by", by(&old).as_deref(), by(&new).as_deref()).filter(|_| doubted);
        let alarm = new.as_ref().and_then(|it| it.alarm.clone());
        let claim = new.as_ref().or(old.as_ref())?.claim;
        Some(Compared {
            kind,
            key,
            old: old.map(|it| it.text),
            new: new.map(|it| it.text),
            delta,
            details: details.into_iter().collect(),
            alarm,
            claim,
        })
    });
    compared.collect()
}

type Newest<'a> = BTreeMap<(&'a str, &'a str, Option<String>), Side>;

/// The newest of each kind, scope and metric.
fn newest<'a>(lineage: &'a Lineage, said: &Said, (node, at): (Node, Time)) -> Newest<'a> {
    let mut newest = Newest::new();
    for it in known(lineage, node, at) {
        let attribute = |name: &str| match said.of(it.claim) {
            Some(Statement::Evidence(evidence)) => evidence.attributes.get(name).map(value::text),
            _ => None,
        };
        let metric = attribute("metric");
        let key = (it.kind, it.scope.unwrap_or_default(), metric.clone());
        newest.entry(key).or_insert_with(|| {
            let measured = [attribute("value"), metric, attribute("threshold")];
            side(&it, measured, at)
        });
    }
    newest
}

fn side(it: &EvidenceRef<'_>, [measured, metric, threshold]: [Option<String>; 3], at: Time) -> Side {
    let standing = standing(it.void, it.expires, at);
    let expired = || it.expires.map(|at| at.to_string().chars().take(10).collect::<String>()).unwrap_or_default();
    let doubt = match standing {
        "void" => Some("void".to_owned()),
        "stale" => Some(format!("expired {}", expired())),
        _ => None,
    };
    let verdict = it.verdict.unwrap_or(if it.kind == "approval" { "pass" } else { "" });
    let text = if it.kind == "approval" {
        doubt.clone().unwrap_or_else(|| match it.by {
            Some(by) => format!("{verdict} by {by}"),
            None => verdict.to_owned(),
        })
    } else {
        let threshold = threshold.map(|threshold| format!("threshold {threshold}"));
        let beside: Vec<String> = metric.into_iter().chain(threshold).chain(doubt.clone()).collect();
        let beside = (!beside.is_empty()).then(|| format!("({})", beside.join(", ")));
        let words = [Some(verdict.to_owned()), measured.clone(), beside];
        let words: Vec<String> = words.into_iter().flatten().filter(|word| !word.is_empty()).collect();
        if words.is_empty() { "recorded".to_owned() } else { words.join(" ") }
    };
    let alarm = alarming(it).then(|| alarm::phrase(it));
    Side { text, value: measured, by: it.by.map(str::to_owned), holds: doubt.is_none(), alarm, claim: it.claim }
}
