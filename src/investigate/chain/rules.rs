//! What the policy makes of a piece of evidence in a chain: stale or void under the rules that ask for such
//! evidence of such an artefact. What is required at all is for gaps to say.

use crate::graph::{EvidenceRef, Node};
use crate::investigate::asking::Asking;
use crate::investigate::piece::{State, piece};
use crate::investigate::rows::LinkState;
use crate::model::{Asks, EvidenceRule, Facts, Requirement, fits};

/// Where the versions of a chain are in use: what is asked of them depends on it.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) versions: Vec<Node>,
    pub(super) sites: Vec<Node>,
}

impl Rules {
    /// The worst that a rule makes of it, with each rule's reason; recorded where none objects.
    pub(super) fn judge(&self, asking: &Asking<'_>, it: &EvidenceRef<'_>) -> (LinkState, Vec<String>) {
        let mut judged = (LinkState::Recorded, Vec::new());
        // A chain is not asked for without one.
        let Ok(policy) = asking.policy else { return judged };
        for requirement in &policy.requirements {
            let Asks::Evidence(rule) = &requirement.asks else { continue };
            if !speaks_of(rule, it) || !self.is_asked(asking, requirement, it.about) {
                continue;
            }
            let found = piece(asking, policy, Some(rule), it);
            let state = match found.state {
                State::Stale => LinkState::Stale,
                State::Void => LinkState::Void,
                State::Recorded | State::Failed => continue,
            };
            judged.0 = judged.0.max(state);
            judged.1.push(format!("it {} (policy {}, {})", found.why, policy.id(), requirement.id));
        }
        judged
    }

    /// Whether a requirement is one of this artefact, as it is in use here.
    fn is_asked(&self, asking: &Asking<'_>, it: &Requirement, node: Node) -> bool {
        let lineage = asking.lineage;
        let places: &[Node] = if self.versions.contains(&node) { &self.sites } else { &[] };
        let in_use = self.sites.contains(&node) || !places.is_empty();
        let own: Vec<Node> = places.iter().copied().chain([node]).collect();
        let environments: Vec<&str> = own.iter().filter_map(|node| lineage.environment(*node)).collect();
        let risks: Vec<&str> = match lineage.risk(node) {
            Some(risk) => vec![risk],
            None => places.iter().filter_map(|node| lineage.risk(*node)).collect(),
        };
        let of = &it.of;
        let among = |wanted: &[String], own: &[&str]| {
            wanted.is_empty() || wanted.iter().any(|pattern| own.iter().any(|text| fits(pattern, text)))
        };
        let facts = || Facts {
            id: lineage.id(node),
            kind: lineage.kind(node),
            name: lineage.name(node),
            version: lineage.version(node).unwrap_or_default(),
            owner: lineage.owner(node).unwrap_or_default(),
            risks: &risks,
            environments: &environments,
            described: lineage.described(node),
            in_use,
            age_days: lineage.at(node).map_or(-1, |at| (asking.moment().seconds() - at.seconds()).div_euclid(86_400)),
            attributes: &[],
        };
        among(&of.kinds, &[lineage.kind(node)])
            && among(&of.risks, &risks)
            && among(&of.environments, &environments)
            && (!of.in_use || in_use)
            && of.when.as_ref().is_none_or(|when| when.reads_attributes() || when.holds(&facts()).unwrap_or(true))
    }
}

fn speaks_of(rule: &EvidenceRule, it: &EvidenceRef<'_>) -> bool {
    rule.kind == it.kind
        && (rule.scopes.is_empty()
            || it.scope.is_some_and(|scope| rule.scopes.iter().any(|pattern| fits(pattern, scope))))
}
