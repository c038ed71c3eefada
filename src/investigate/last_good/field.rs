//! Who is asked about and who stands for election: sites, what is current there, candidates. It judges
//! none of them.

use crate::graph::Node;
use crate::investigate::asking::Asking;
use crate::investigate::last_good::versions::{Names, StayAt, name_of, newest_first, put_to_use, stays};
use crate::model::Kind;
use std::collections::HashSet;

/// What competes for being the last good.
pub(in crate::investigate) struct Field {
    /// The deployments whose stays count; anywhere when there are none.
    pub(in crate::investigate) sites: Option<Vec<Node>>,
    /// What is in use there now; itself when a version was asked about.
    pub(in crate::investigate) current: Vec<Node>,
    /// Newest first.
    pub(in crate::investigate) candidates: Vec<Node>,
}

impl Field {
    /// The field of a deployment, a bare name or a version.
    pub(in crate::investigate) fn of(asking: &Asking<'_>, names: &Names<'_>, of: Node) -> Field {
        let lineage = asking.lineage;
        let sites = sites(asking, of);
        if !sites.is_empty() {
            let mut current = Vec::new();
            let mut used = Vec::new();
            for (version, stands) in sites.iter().flat_map(|site| put_to_use(asking, *site)) {
                if is_site(asking, version) {
                    continue;
                }
                if stands {
                    current.push(version);
                }
                used.push(version);
            }
            return Field { candidates: all_versions(asking, names, &used), current, sites: Some(sites) };
        }
        if lineage.version(of).is_some() {
            let mut candidates = names.siblings(of);
            let own = candidates.iter().position(|node| *node == of);
            candidates.drain(..own.unwrap_or(0));
            return Field { sites: None, current: vec![of], candidates };
        }
        Field { sites: None, current: Vec::new(), candidates: names.versions_of(of) }
    }

    /// When a candidate was in use where it counts.
    pub(in crate::investigate) fn stays(&self, asking: &Asking<'_>, candidate: Node) -> Vec<StayAt> {
        stays(asking, candidate, self.sites.as_deref())
    }
}

/// Everything of the names of what was used, newest first.
fn all_versions(asking: &Asking<'_>, names: &Names<'_>, used: &[Node]) -> Vec<Node> {
    let mut known = Vec::new();
    let mut all: Vec<Node> = Vec::new();
    for version in used {
        let name = name_of(asking.lineage, *version);
        all.push(*version);
        if !known.contains(&name) {
            known.push(name);
            all.extend(names.siblings(*version));
        }
    }
    all.sort_unstable();
    all.dedup();
    newest_first(asking, &mut all);
    all
}

/// Whether it puts versions to use rather than being one.
fn is_site(asking: &Asking<'_>, node: Node) -> bool {
    let kind = Kind::parse(asking.lineage.kind(node));
    kind == Kind::Deployment || (kind.changes_in_place() && !put_to_use(asking, node).is_empty())
}

/// The deployments behind what was asked about: itself, and what an endpoint serves.
fn sites(asking: &Asking<'_>, of: Node) -> Vec<Node> {
    let mut sites = Vec::new();
    let mut seen = HashSet::new();
    let mut open = vec![of];
    while let Some(node) = open.pop() {
        if is_site(asking, node) && seen.insert(node) {
            sites.push(node);
            let used = put_to_use(asking, node);
            open.extend(used.into_iter().filter(|(_, stands)| *stands).map(|(version, _)| version));
        }
    }
    sites.sort_unstable();
    sites
}
