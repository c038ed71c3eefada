//! In what state a piece of evidence is at a moment under a rule of the policy, and why. It decides nothing
//! about how much evidence is enough, and reads no signature.

use crate::graph::{EvidenceRef, Lineage, Node};
use crate::investigate::asking::Asking;
use crate::investigate::standing::{Outcome, passed};
use crate::model::{EvidenceRule, Kind, OnChange, Policy, Relation, Time, Window};
use std::collections::BTreeSet;

/// In what state a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It counts.
    Recorded,
    /// It counted once: it expired, is older than the policy allows, or what it is about was changed since.
    Stale,
    /// It never counted: it covers other contents, or came from somebody who may not give it.
    Void,
    /// It says no, or does not say yes.
    Failed,
}

/// A state and its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) state: State,
    /// A few words that go on after "the approval of X by Y": `expired on 2026-11-12`. Empty where it counts.
    pub(super) why: String,
    /// The moment it came to be in this state, where that is known.
    pub(super) since: Option<Time>,
}

impl Piece {
    pub(super) fn new(state: State, why: impl Into<String>, since: Option<Time>) -> Piece {
        Piece { state, why: why.into(), since }
    }
}

/// Judges one piece of evidence as of the asked moment. Without a rule only what it says itself counts: its
/// digest, its expiry, its verdict.
pub(super) fn piece(asking: &Asking<'_>, policy: &Policy, rule: Option<&EvidenceRule>, it: &EvidenceRef<'_>) -> Piece {
    let moment = asking.moment();
    let lineage = asking.lineage;
    if it.void {
        return Piece::new(State::Void, "covers another digest", Some(it.at));
    }
    if let Some(rule) = rule {
        if rule.names_digest && !it.names_digest {
            return Piece::new(State::Void, "names no digest that it covers", Some(it.at));
        }
        if !rule.by.is_empty() && !it.by.is_some_and(|by| policy.may_give(&rule.by, by)) {
            let who = it.by.unwrap_or("nobody named");
            return Piece::new(State::Void, format!("was given by {who}, who may not give it"), Some(it.at));
        }
        if rule.not_author && it.by.is_some_and(|by| is_author(lineage, it.about, by)) {
            return Piece::new(State::Void, "was given by who made it", Some(it.at));
        }
    }
    match passed(it.verdict) {
        Outcome::Passed => {}
        Outcome::Failed => {
            let word = it.verdict.unwrap_or("fail").trim();
            return Piece::new(State::Failed, format!("says {word}"), Some(it.at));
        }
        Outcome::Neither => {
            let word = it.verdict.unwrap_or_default().trim();
            return Piece::new(State::Failed, format!("says {word}, which is not a pass"), Some(it.at));
        }
    }
    if let Some(expired) = it.expires.filter(|expires| *expires <= moment) {
        return Piece::new(State::Stale, format!("expired on {}", expired.short()), Some(expired));
    }
    if let Some(rule) = rule
        && !it.names_digest
        && rule.on_change != OnChange::Keep
        && let Some((what, at)) = changed_since(asking, it.about, it.at)
    {
        let state = if rule.on_change == OnChange::Void { State::Void } else { State::Stale };
        let what = lineage.id(what);
        let why = format!("was given before what it is about was changed ({what}, {})", at.short());
        return Piece::new(state, why, Some(at));
    }
    if let Some(days) = rule.and_then(|rule| rule.max_age_days) {
        let limit = Time::from_seconds(it.at.seconds().saturating_add(i64::from(days) * 86_400));
        if limit <= moment {
            return Piece::new(
                State::Stale,
                format!("is older than the {days} days that the policy allows"),
                Some(limit),
            );
        }
    }
    Piece::new(State::Recorded, "", Some(it.at))
}

/// The relations by which something came to be what it is.
fn makes(relation: &Relation) -> bool {
    matches!(relation, Relation::BuiltFrom | Relation::ProducedBy | Relation::UsesPrompt | Relation::Used)
}

/// Who made an artefact, as far as links tell: who changed it, and who changed what it was built from or
/// produced by, two links far at most.
fn authors(lineage: &Lineage, node: Node) -> BTreeSet<Node> {
    let (mut found, mut open, mut seen) = (BTreeSet::new(), vec![(node, 0)], BTreeSet::new());
    while let Some((at, depth)) = open.pop() {
        if !seen.insert(at) || seen.len() > 64 {
            continue;
        }
        for link in lineage.upstream(at) {
            match Relation::parse(link.relation) {
                Relation::ChangedBy => {
                    found.insert(link.to);
                }
                relation if depth < 2 && makes(&relation) && lineage.kind(link.to) != Kind::Dataset.as_str() => {
                    open.push((link.to, depth + 1));
                }
                _ => {}
            }
        }
    }
    found
}

/// Whether somebody is among those who made an artefact.
pub(super) fn is_author(lineage: &Lineage, node: Node, by: &str) -> bool {
    let known = lineage.node(by);
    authors(lineage, node).into_iter().any(|it| Some(it) == known || lineage.id(it).eq_ignore_ascii_case(by))
}

/// Relations whose change is a material one: what is at work is another thing then.
fn is_material(relation: &Relation) -> bool {
    matches!(
        relation,
        Relation::Deploys
            | Relation::Serves
            | Relation::UsesPrompt
            | Relation::UsesTool
            | Relation::RetrievesFrom
            | Relation::TrainedOn
            | Relation::FineTunedFrom
            | Relation::DerivedFrom
            | Relation::BuiltFrom
            | Relation::Contains
    )
}

/// What of an artefact was changed last after a moment, of what stands now, and when.
fn changed_since(asking: &Asking<'_>, node: Node, given: Time) -> Option<(Node, Time)> {
    let moment = asking.moment();
    let now = Window::at(moment);
    let links = asking.lineage.upstream(node).filter(|link| is_material(&Relation::parse(link.relation)));
    let later = links.filter(|link| link.since.is_some_and(|since| since > given && since <= moment));
    let last = later.filter(|link| link.made_once || asking.held(link, &now)).max_by_key(|link| (link.since, link.to));
    last.and_then(|link| Some((link.to, link.since?)))
}
