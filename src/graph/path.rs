//! A shortest way from one artefact to another, and how many there are. It prefers no source.

use crate::graph::lineage::{Lineage, Node};
use crate::graph::links::LinkRef;
use crate::graph::walk::{Along, Bounds, Cancelled, Way, walk};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

/// The most alternatives that are counted.
pub const MOST_ALTERNATIVES: u64 = 1_000;

/// A shortest path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The artefacts, from the first end to the other.
    pub nodes: Vec<Node>,
    /// How many paths are as short, up to [`MOST_ALTERNATIVES`].
    pub alternatives: u64,
}

/// Finds a shortest path from `from` up to `to`: of several, the one whose artefacts come first.
///
/// # Errors
/// When `cancel` was raised.
pub fn shortest(
    lineage: &Lineage,
    from: Node,
    to: Node,
    along: &Along,
    cancel: &AtomicBool,
) -> Result<Option<Path>, Cancelled> {
    // What is downstream of `to` is everything a path can run through; walking down from there gives
    // distances to go, so that the way up never strays.
    let down = walk(lineage, &[to], Way::Down, along, Bounds::NONE, cancel)?;
    if !down.contains(from) {
        return Ok(None);
    }
    let length = (0..down.depths()).find(|depth| down.at_distance(*depth).any(|node| node == from)).unwrap_or(0);
    let mut left: HashMap<Node, (u32, u64)> = HashMap::new();
    left.insert(to, (0, 1));
    for depth in 1..=length {
        for node in down.at_distance(depth) {
            let mut ways = 0_u64;
            let mut seen = None;
            for link in lineage.upstream(node).filter(|link| along.admits(link)) {
                // parallel links are one way
                if seen == Some(link.to) {
                    continue;
                }
                seen = Some(link.to);
                match left.get(&link.to) {
                    Some((togo, count)) if *togo == depth - 1 => ways = (ways + count).min(MOST_ALTERNATIVES),
                    _ => {}
                }
            }
            left.insert(node, (depth, ways));
        }
    }
    let mut nodes = vec![from];
    for togo in (0..length).rev() {
        let Some(last) = nodes.last().copied() else { break };
        let nearer = |link: &LinkRef<'_>| along.admits(link) && left.get(&link.to).is_some_and(|it| it.0 == togo);
        let Some(next) = lineage.upstream(last).find(nearer) else { return Ok(None) };
        nodes.push(next.to);
    }
    let alternatives = left.get(&from).map_or(1, |it| it.1);
    Ok(Some(Path { nodes, alternatives }))
}
