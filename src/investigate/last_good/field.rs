//! Who is asked about and who stands for election: sites, what is current there, candidates of each name. It
//! judges none of them.

use crate::graph::Node;
use crate::investigate::asking::Asking;
use crate::investigate::last_good::versions::{Name, Names, StayAt, name_of, newest_first, stays};
use crate::investigate::site::{is_site, put_to_use, sites};
use crate::model::{Kind, Time};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// The versions of one name: one of them is the last good, whatever else runs beside it.
pub(in crate::investigate) struct Line<'a> {
    /// What the versions share.
    pub(in crate::investigate) name: Name<'a>,
    /// What is in use there now; itself when a version was asked about.
    pub(in crate::investigate) current: Vec<Node>,
    /// Newest first.
    pub(in crate::investigate) candidates: Vec<Node>,
}

/// What competes for being the last good.
pub(in crate::investigate) struct Field<'a> {
    /// The deployments whose stays count; anywhere when there are none.
    pub(in crate::investigate) sites: Option<Vec<Node>>,
    /// What changed there last before the others; of those that nobody dates models and agents first.
    pub(in crate::investigate) lines: Vec<Line<'a>>,
}

impl<'a> Field<'a> {
    /// The field of a deployment, a bare name or a version.
    pub(in crate::investigate) fn of(asking: &Asking<'a>, names: &Names<'_>, of: Node) -> Field<'a> {
        let lineage = asking.lineage;
        let sites = sites(asking, of);
        if !sites.is_empty() {
            return Field { lines: lines(asking, names, &sites), sites: Some(sites) };
        }
        let (current, candidates) = if lineage.version(of).is_some() {
            let mut candidates = names.siblings(of);
            let own = candidates.iter().position(|node| *node == of);
            candidates.drain(..own.unwrap_or(0));
            (vec![of], candidates)
        } else {
            (Vec::new(), names.versions_of(of))
        };
        let lines = if candidates.is_empty() {
            Vec::new()
        } else {
            vec![Line { name: name_of(lineage, of), current, candidates }]
        };
        Field { sites: None, lines }
    }

    /// When a candidate was in use where it counts.
    pub(in crate::investigate) fn stays(&self, asking: &Asking<'_>, candidate: Node) -> Vec<StayAt> {
        stays(asking, candidate, self.sites.as_deref())
    }

    /// All candidates, name by name.
    pub(in crate::investigate) fn candidates(&self) -> impl Iterator<Item = Node> + '_ {
        self.lines.iter().flat_map(|line| line.candidates.iter().copied())
    }
}

/// Everything of the names of what was used at some sites, a line for each.
fn lines<'a>(asking: &Asking<'a>, names: &Names<'_>, sites: &[Node]) -> Vec<Line<'a>> {
    let lineage = asking.lineage;
    let used = sites.iter().flat_map(|site| put_to_use(asking, *site));
    let mut used: Vec<(Node, bool)> = used.filter(|(node, _)| !is_site(asking, *node)).collect();
    used.sort_unstable();
    let mut known: BTreeSet<Name<'_>> = BTreeSet::new();
    let mut taken: BTreeSet<Node> = BTreeSet::new();
    let mut lines: Vec<(Option<Time>, Line<'_>)> = Vec::new();
    for (version, _) in &used {
        let name = name_of(lineage, *version);
        if taken.contains(version) || !known.insert(name) {
            continue;
        }
        let mut candidates = names.siblings(*version);
        candidates.extend(used.iter().map(|(node, _)| *node).filter(|node| name_of(lineage, *node) == name));
        candidates.retain(|node| !taken.contains(node));
        candidates.sort_unstable();
        candidates.dedup();
        taken.extend(&candidates);
        newest_first(asking, &mut candidates);
        let stands = |node: &Node| used.binary_search(&(*node, true)).is_ok();
        let current = candidates.iter().copied().filter(stands).collect();
        let changed = candidates.iter().filter_map(|node| changed(asking, *node, sites)).max();
        lines.push((changed, Line { name, current, candidates }));
    }
    lines.sort_by_key(|(changed, line)| (Reverse(*changed), !is_primary(line.name), line.name));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// When a version last came or went.
fn changed(asking: &Asking<'_>, version: Node, sites: &[Node]) -> Option<Time> {
    let stays = stays(asking, version, Some(sites));
    let moments = stays.into_iter().flat_map(|stay| [stay.since, stay.until]);
    moments.flatten().filter(|at| *at <= asking.moment()).max()
}

fn is_primary((kind, _): Name<'_>) -> bool {
    matches!(Kind::parse(kind), Kind::ModelVersion | Kind::Agent)
}
