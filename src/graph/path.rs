//! A shortest way from one artefact to another, and how many there are. It prefers no source.

use crate::graph::lineage::{Lineage, Node};
use crate::graph::walk::{Along, Bounds, Cancelled, Way, walk};
use std::collections::BTreeMap;
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
    let mut togo = vec![u32::MAX; lineage.len()];
    for (node, distance) in down.reached() {
        togo[node.index()] = distance;
    }
    let length = togo[from.index()];
    // Level by level up from `from`, only through what is one hop nearer each time.
    let (mut level, mut nodes, mut alternatives) = (BTreeMap::from([(from, 1_u64)]), vec![from], 1);
    for left in (0..length).rev() {
        let mut nearer = BTreeMap::new();
        for (&node, &ways) in &level {
            let mut seen = None;
            for link in lineage.upstream(node).filter(|link| along.admits(link)) {
                // parallel links are one way
                if togo[link.to.index()] == left && seen != Some(link.to) {
                    seen = Some(link.to);
                    let all: &mut u64 = nearer.entry(link.to).or_default();
                    *all = (*all + ways).min(MOST_ALTERNATIVES);
                }
            }
        }
        let last = nodes.last().copied().unwrap_or(from);
        let next = lineage.upstream(last).find(|link| along.admits(link) && togo[link.to.index()] == left);
        let Some(next) = next else { return Ok(None) };
        nodes.push(next.to);
        alternatives = nearer.values().copied().sum();
        level = nearer;
    }
    Ok(Some(Path { nodes, alternatives }))
}
