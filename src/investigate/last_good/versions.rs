//! The versions of one name, newest first, and their stays. It judges none of them.

use crate::graph::{Lineage, LinkRef, Node};
use crate::investigate::asking::Asking;
use crate::investigate::order::Natural;
use crate::investigate::site::puts_to_use;
use crate::model::{IdParts, Time, Window};
use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;

/// What all versions of a thing share: its kind and its name.
pub(in crate::investigate) type Name<'a> = (&'a str, &'a str);

/// The kind and name of a version.
pub(in crate::investigate) fn name_of(lineage: &Lineage, node: Node) -> Name<'_> {
    (lineage.kind(node), lineage.name(node))
}

/// A stretch of time at a deployment; an unknown start where nothing dates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::investigate) struct StayAt {
    pub(in crate::investigate) site: Node,
    pub(in crate::investigate) since: Option<Time>,
    /// Where nobody saw it begin: after this.
    pub(in crate::investigate) since_after: Option<Time>,
    pub(in crate::investigate) until: Option<Time>,
    /// Where nobody saw it end: after this.
    pub(in crate::investigate) until_after: Option<Time>,
    pub(in crate::investigate) claim: u64,
}

impl StayAt {
    pub(in crate::investigate) fn of(link: &LinkRef<'_>) -> StayAt {
        let LinkRef { from: site, since, since_after, until, until_after, claim, .. } = *link;
        StayAt { site, since, since_after, until, until_after, claim }
    }

    /// The stretch in which it surely was there.
    pub(in crate::investigate) fn window(&self) -> Window {
        Window { since: self.since, until: self.until_after.or(self.until) }
    }
}

/// When a version was in use by a moment, newest first: at these deployments, else anywhere.
pub(in crate::investigate) fn stays(asking: &Asking<'_>, version: Node, sites: Option<&[Node]>) -> Vec<StayAt> {
    let moment = asking.moment();
    let counts = |link: &LinkRef<'_>| puts_to_use(link.relation) && link.since.is_none_or(|since| since <= moment);
    let mut stays: Vec<StayAt> = match sites {
        Some(sites) => {
            let links = sites.iter().flat_map(|site| asking.lineage.between(*site, version));
            links.filter(counts).map(|link| StayAt::of(&link)).collect()
        }
        None => {
            let links = asking.lineage.downstream(version);
            links.filter(counts).map(|link| StayAt::of(&link)).collect()
        }
    };
    stays.sort_by_key(|it| (Reverse(it.since), it.site, it.claim));
    stays
}

/// Finds the versions of names. Names that ids do not tell are read once, however many are asked for.
pub(in crate::investigate) struct Names<'a> {
    asking: Asking<'a>,
    stated: HashMap<&'a str, Vec<Node>>,
}

impl<'a> Names<'a> {
    pub(in crate::investigate) fn new(asking: &Asking<'a>) -> Names<'a> {
        let mut stated: HashMap<&str, Vec<Node>> = HashMap::new();
        for (name, node) in asking.lineage.all_stated_names() {
            stated.entry(name).or_default().push(node);
        }
        Names { asking: *asking, stated }
    }

    /// What has a version of the same kind and name, newest first, the version itself among it.
    pub(in crate::investigate) fn siblings(&self, version: Node) -> Vec<Node> {
        let lineage = self.asking.lineage;
        let name = name_of(lineage, version);
        let mut found = vec![version];
        let parts = IdParts::of(lineage.id(version));
        if let Some(text) = parts.version {
            let id = lineage.id(version);
            found.extend(self.with_prefix(&id[..id.len() - text.len()]));
        }
        found.extend(self.stated.get(name.1).into_iter().flatten());
        found.extend(self.with_prefix(&format!("{}:{}@", name.0, name.1)));
        found.retain(|node| name_of(lineage, *node) == name);
        for parent in lineage.upstream(version).filter(|link| link.relation == "version-of") {
            found.extend(self.below(parent.to).filter(|node| lineage.kind(*node) == name.0));
        }
        self.newest_first(found)
    }

    /// The versions of a bare name.
    pub(in crate::investigate) fn versions_of(&self, bare: Node) -> Vec<Node> {
        let lineage = self.asking.lineage;
        let (kind, name) = name_of(lineage, bare);
        // a model's versions are a kind of their own
        let kinds: &[&str] = if kind == "model" { &["model-version", "model"] } else { &[kind] };
        let mut found: Vec<Node> = kinds.iter().flat_map(|kind| self.with_prefix(&format!("{kind}:{name}@"))).collect();
        found.extend(self.stated.get(name).into_iter().flatten());
        found.retain(|node| {
            kinds.contains(&lineage.kind(*node)) && lineage.name(*node) == name && lineage.version(*node).is_some()
        });
        found.extend(self.below(bare));
        self.newest_first(found)
    }

    fn below(&self, name: Node) -> impl Iterator<Item = Node> + '_ {
        self.asking.lineage.downstream(name).filter(|link| link.relation == "version-of").map(|link| link.from)
    }

    /// Artefacts whose ids begin so: ids are in order, so they lie side by side.
    fn with_prefix(&self, prefix: &str) -> Vec<Node> {
        let lineage = self.asking.lineage;
        let (mut low, mut high) = (0, lineage.len());
        while low < high {
            let middle = low.midpoint(high);
            let before = lineage.node_at(middle).is_some_and(|node| lineage.id(node) < prefix);
            if before { low = middle + 1 } else { high = middle }
        }
        let nodes = (low..lineage.len()).map_while(|at| lineage.node_at(at));
        nodes.take_while(|node| lineage.id(*node).starts_with(prefix)).collect()
    }

    fn newest_first(&self, mut nodes: Vec<Node>) -> Vec<Node> {
        nodes.sort_unstable();
        nodes.dedup();
        newest_first(&self.asking, &mut nodes);
        nodes
    }
}

/// Puts versions in order, newest first, and leaves out what did not exist by the asked moment. Versions
/// that count up decide where a date lacks; what neither dates nor counts comes last.
pub(in crate::investigate) fn newest_first(asking: &Asking<'_>, nodes: &mut Vec<Node>) {
    let lineage = asking.lineage;
    let moment = asking.moment();
    let date = |node: Node| {
        lineage.at(node).or_else(|| stays(asking, node, None).into_iter().filter_map(|stay| stay.since).min())
    };
    let mut dated: Vec<(Option<Time>, Node)> = nodes.iter().map(|node| (date(*node), *node)).collect();
    // described as of later than the moment asked about: it did not exist then
    dated.retain(|(at, _)| at.is_none_or(|at| at <= moment));
    let counts_up = |node: &Node| {
        let version = lineage.version(*node).unwrap_or_default();
        version.trim_start_matches('v').starts_with(|it: char| it.is_ascii_digit())
    };
    let by_version = dated.iter().any(|(at, _)| at.is_none()) && dated.iter().all(|(_, node)| counts_up(node));
    let version = |node: Node| lineage.version(node).unwrap_or_default();
    dated.sort_by(|(a_at, a), (b_at, b)| {
        let dates = if by_version { Ordering::Equal } else { b_at.cmp(a_at) };
        dates.then_with(|| Natural(version(*b)).cmp(&Natural(version(*a)))).then_with(|| b.cmp(a))
    });
    *nodes = dated.into_iter().map(|(_, node)| node).collect();
}
