//! What the policy makes of a piece of evidence in a chain: stale or void under the rules that ask for such
//! evidence of such an artefact. What is required at all is for gaps to say.

use crate::graph::{EvidenceRef, Node};
use crate::investigate::asking::Asking;
use crate::investigate::gaps::subject::{Subject, is_of_kind};
use crate::investigate::piece::{State, piece};
use crate::investigate::rows::LinkState;
use crate::model::{Asks, EvidenceRule, Requirement, fits};

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
        let sites = match (self.versions.contains(&node), self.sites.contains(&node)) {
            (true, _) => self.sites.clone(),
            (false, true) => vec![node],
            (false, false) => Vec::new(),
        };
        let in_use = !sites.is_empty();
        is_of_kind(it, asking.lineage.kind(node)) && Subject::at(asking, node, sites, in_use).is_asked(asking, it)
    }
}

fn speaks_of(rule: &EvidenceRule, it: &EvidenceRef<'_>) -> bool {
    rule.kind == it.kind
        && (rule.scopes.is_empty()
            || it.scope.is_some_and(|scope| rule.scopes.iter().any(|pattern| fits(pattern, scope))))
}
