//! Which version to test next, so that either outcome tells most (bisection over lineage). It runs no test.

use crate::graph::lanes::{self, Lane};
use crate::graph::spread::Order;
use crate::graph::walk::{Along, Bounds, Way, walk};
use crate::graph::{Lineage, Node, NodeSet};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::last_good::versions::Names;
use crate::investigate::rows::NextTest;
use crate::investigate::site::{put_to_use, puts_to_use};
use crate::investigate::suspects::observed::{Both, Observation};
use crate::model::{Kind, Time};
use std::cmp::Reverse;
use std::collections::HashSet;

/// The version whose test splits the best suspects most evenly: of the names that were observed, else of
/// any name that rests on some of them. Nothing when the best is one, or no version splits them. What runs only
/// where it was observed is none: how that went is known.
pub(super) fn next(asking: &Asking<'_>, observed: &Both, best: &[Node]) -> Result<Option<NextTest>, Unanswered> {
    if best.len() < 2 {
        return Ok(None);
    }
    let mut known: HashSet<Node> = HashSet::new();
    let mut versions = |side: &[Observation]| -> Vec<Node> {
        let mut found = Vec::new();
        for it in side {
            let (sites, versions) = versions_in(asking, it);
            known.extend([it.start, it.shown].into_iter().chain(sites));
            found.extend(versions);
        }
        found
    };
    let (bad, good) = (versions(&observed.bad), versions(&observed.good));
    let seen: Vec<Node> = bad.iter().chain(&good).copied().filter(|it| !runs_elsewhere(asking, *it, &known)).collect();
    known.extend(seen);
    let dates = |nodes: &[Node]| nodes.iter().filter_map(|node| asking.lineage.at(*node)).collect::<Vec<_>>();
    let between = (dates(&good).into_iter().max(), dates(&bad).into_iter().min());
    let names = Names::new(asking);
    let mut own: Vec<Node> = Vec::new();
    for node in bad.iter().chain(&good) {
        if !own.contains(node) {
            own.extend(names.siblings(*node));
        }
    }
    // a test tells something only where a version rests on one of the best: everything else is not walked
    let along = Along::state(asking.moment());
    let below = walk(asking.lineage, best, Way::Down, &along, Bounds::NONE, asking.cancel)?;
    own.retain(|node| below.contains(*node));
    let found = split(asking, best, nearest(asking, own, &known, between), below.set())?;
    if found.is_some() {
        return Ok(found);
    }
    let version = |node: &Node| Kind::parse(asking.lineage.kind(*node)) == Kind::ModelVersion;
    let others = below.reached().map(|(node, _)| node).filter(version).collect();
    split(asking, best, nearest(asking, others, &known, between), below.set())
}

/// Whether something that was not observed puts a version to use now.
fn runs_elsewhere(asking: &Asking<'_>, version: Node, known: &HashSet<Node>) -> bool {
    let now = Along::state(asking.moment());
    let mut uses = asking.lineage.downstream(version).filter(|link| puts_to_use(link.relation) && now.admits(link));
    uses.any(|link| !known.contains(&link.from))
}

/// What was observed as versions, itself or what it deploys in the state that counts; and the sites on the
/// way to these.
fn versions_in(asking: &Asking<'_>, it: &Observation) -> (Vec<Node>, Vec<Node>) {
    let lineage = asking.lineage;
    let mut found = vec![it.shown];
    let mut on_the_way = Vec::new();
    if Kind::parse(lineage.kind(it.shown)).changes_in_place() {
        found.clear();
        // an endpoint serves a deployment, which deploys a version
        let mut sites = vec![it.start];
        for _ in 0..3 {
            let below: Vec<Node> =
                sites.iter().flat_map(|site| put_to_use(asking, *site)).map(|(node, _)| node).collect();
            let (more, versions) =
                below.into_iter().partition(|node| Kind::parse(lineage.kind(*node)).changes_in_place());
            found.extend::<Vec<Node>>(versions);
            sites = more;
            on_the_way.extend(&sites);
        }
    }
    let stands = Along::state(it.at);
    let standing = |node: &Node| lineage.between(it.start, *node).any(|link| stands.admits(&link));
    let current: Vec<Node> = found.iter().copied().filter(standing).collect();
    (on_the_way, if current.is_empty() { found } else { current })
}

/// Those nearest in time to what lies between good and bad, newest first among equals; what was observed
/// already is none of them.
fn nearest(
    asking: &Asking<'_>,
    mut nodes: Vec<Node>,
    known: &HashSet<Node>,
    (after, before): (Option<Time>, Option<Time>),
) -> Vec<Node> {
    nodes.sort_unstable();
    nodes.dedup();
    nodes.retain(|node| !known.contains(node));
    let far = |at: Time| {
        let early = after.map_or(0, |after| after.micros().saturating_sub(at.micros()));
        let late = before.map_or(0, |before| at.micros().saturating_sub(before.micros()));
        early.max(late).max(0)
    };
    nodes.sort_by_cached_key(|node| {
        let at = asking.lineage.at(*node);
        (at.is_none(), at.map(far), Reverse(at), *node)
    });
    nodes.truncate(lanes::MOST);
    nodes
}

fn split(
    asking: &Asking<'_>,
    best: &[Node],
    candidates: Vec<Node>,
    within: &NodeSet,
) -> Result<Option<NextTest>, Unanswered> {
    if candidates.is_empty() {
        return Ok(None);
    }
    let at = asking.moment();
    let lanes: Vec<Lane> = candidates.iter().map(|start| Lane { starts: vec![*start], at, surely: false }).collect();
    let order = Order::above(asking.lineage, candidates.iter().copied(), Some(within), asking.cancel)?;
    let reached = order.spread(asking.lineage, &lanes, asking.cancel)?;
    let mut counts = [0_u64; lanes::MOST];
    for node in best {
        let mut mask = reached.mask(*node);
        while mask != 0 {
            counts[mask.trailing_zeros() as usize] += 1;
            mask &= mask - 1;
        }
    }
    let of = best.len() as u64;
    let splits = candidates.iter().zip(counts).filter(|(_, with)| (1..of).contains(with));
    let chosen =
        splits.min_by_key(|(node, with)| (with.abs_diff(of - with), Reverse(asking.lineage.at(**node)), **node));
    Ok(chosen.map(|(node, with)| test(asking.lineage, *node, with, of)))
}

fn test(lineage: &Lineage, node: Node, with: u64, of: u64) -> NextTest {
    let one = |many: u64, of_these: &str| if many == 1 { "that one".to_owned() } else { format!("{of_these} {many}") };
    let says = format!(
        "rests on {with} of the {of} best suspects: if it is bad, {} is the cause; if it is good, {}",
        one(with, "one of these"),
        if of - with == 1 { "the other one".to_owned() } else { format!("one of the other {}", of - with) },
    );
    NextTest { id: lineage.id(node).to_owned(), with, of, says }
}
