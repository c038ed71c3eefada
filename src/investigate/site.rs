//! What puts versions to use, and what it puts to use. It does not say which of these is good.

use crate::graph::Node;
use crate::graph::walk::Along;
use crate::investigate::asking::Asking;
use crate::model::Kind;
use std::collections::BTreeSet;

/// Whether a relation says that a version is put to use.
pub(super) fn puts_to_use(relation: &str) -> bool {
    matches!(relation, "deploys" | "serves")
}

/// What something deploys or serves, ever by the asked moment: (version, whether it stands now).
pub(super) fn put_to_use(asking: &Asking<'_>, site: Node) -> Vec<(Node, bool)> {
    let moment = asking.moment();
    let now = Along::state(moment);
    let mut found: Vec<(Node, bool)> = Vec::new();
    for link in asking.lineage.upstream(site).filter(|link| puts_to_use(link.relation)) {
        if link.earliest().is_some_and(|since| since > moment) {
            continue;
        }
        let stands = now.admits(&link);
        match found.last_mut().filter(|(node, _)| *node == link.to) {
            Some((_, before)) => *before |= stands,
            None => found.push((link.to, stands)),
        }
    }
    found
}

/// Whether it puts something to use rather than being what is: a deployment, and an endpoint that ever served
/// a version or a deployment.
pub(super) fn is_site(asking: &Asking<'_>, node: Node) -> bool {
    let kind = Kind::parse(asking.lineage.kind(node));
    kind == Kind::Deployment || (kind.changes_in_place() && !put_to_use(asking, node).is_empty())
}

/// Whether it is a thing that a step of a plan acts on: a deployment, and any other site that runs a version
/// itself now. What only serves deployments is helped by helping these.
pub(super) fn runs_versions(asking: &Asking<'_>, node: Node) -> bool {
    let runs = |(version, stands): &(Node, bool)| {
        *stands && asking.lineage.version(*version).is_some() && !is_site(asking, *version)
    };
    asking.lineage.kind(node) == Kind::Deployment.as_str()
        || (is_site(asking, node) && put_to_use(asking, node).iter().any(runs))
}

/// The sites behind what was asked about: itself, and what it serves now, in order of ids.
pub(super) fn sites(asking: &Asking<'_>, of: Node) -> Vec<Node> {
    let mut sites = BTreeSet::new();
    let mut open = vec![of];
    while let Some(node) = open.pop() {
        if is_site(asking, node) && sites.insert(node) {
            let used = put_to_use(asking, node);
            open.extend(used.into_iter().filter(|(_, stands)| *stands).map(|(version, _)| version));
        }
    }
    sites.into_iter().collect()
}
