//! What a deployment says it runs, by digest, against what it is said to run. It does not say what to make of
//! it.

use crate::graph::walk::Along;
use crate::graph::{LinkRef, Node};
use crate::investigate::asking::Asking;
use crate::investigate::site::puts_to_use;

/// The most links of one deployment that are looked at.
const MOST_LINKS: usize = 2_000;

/// What became of the comparison.
#[derive(Debug)]
pub(super) enum Runs<'a> {
    /// It states no digest.
    Unsaid,
    /// It states the digest of what it runs or contains now.
    Same(&'a str, LinkRef<'a>),
    /// It states a digest that none of these has, though theirs could be compared with it: what it runs, then what it
    /// contains.
    Other(&'a str, Vec<Node>),
    /// It states a digest, and nothing to compare it with does.
    Alone(&'a str),
}

/// Compares what a deployment states with what it runs and contains at the asked moment. Several digests of one
/// thing are several ways to say the same; one that fits is enough.
pub(super) fn runs<'a>(asking: &Asking<'a>, site: Node) -> Runs<'a> {
    let lineage = asking.lineage;
    let Some(stated) = lineage.digests(site).next() else { return Runs::Unsaid };
    let now = Along::state(asking.moment());
    // what it contains may be what the digest is of: an image
    let there = |link: &LinkRef<'_>| (puts_to_use(link.relation) || link.relation == "contains") && now.admits(link);
    let things = || lineage.upstream(site).take(MOST_LINKS).filter(there);
    let same = |link: &LinkRef<'_>| lineage.digests(link.to).any(|it| lineage.digests(site).any(|own| own == it));
    if let Some(link) = things().find(same) {
        return Runs::Same(stated, link);
    }
    // What a deployment states is of what it runs by now; of what it ran before, nothing is known by digest.
    if things().any(|link| link.until.is_some()) {
        return Runs::Unsaid;
    }
    let method = |digest: &str| digest.split(':').next().unwrap_or_default().to_owned();
    let comparable =
        |node: &Node| lineage.digests(*node).any(|it| lineage.digests(site).any(|own| method(own) == method(it)));
    let of = |run: bool| things().filter(move |link| puts_to_use(link.relation) == run).map(|link| link.to);
    let mut others: Vec<Node> = of(true).chain(of(false)).filter(comparable).collect();
    others.dedup();
    if others.is_empty() { Runs::Alone(stated) } else { Runs::Other(stated, others) }
}
