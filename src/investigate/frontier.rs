//! Frontier order: what rests on nothing of the others first, then what rests on these. Cycles are one
//! step. It acts on nothing, and looks at nothing outside the region it is given.

use crate::graph::walk::{Along, Cancelled};
use crate::graph::{Lineage, Node, NodeSet};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where a member stands in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The longest chain of other steps that it waits for.
    pub(super) level: u32,
    /// Members of one cycle share it.
    pub(super) step: u32,
}

/// Nodes looked at between two looks at the cancel flag.
const BLOCK: usize = 1 << 12;
/// A node that was not come to yet.
const NEW: u32 = u32::MAX;

/// Puts members in order. What lies between them is looked for in `region`; members outside it stand alone.
/// Of one level the steps go by `rank`, least first, then by id.
pub(super) fn order<K: Ord>(
    lineage: &Lineage,
    members: &[Node],
    region: &NodeSet,
    along: &Along,
    rank: impl Fn(Node) -> K,
    cancel: &AtomicBool,
) -> Result<HashMap<Node, Place>, Cancelled> {
    let graph = Region::new(lineage, members, region, along, cancel)?;
    let cycles = graph.cycles(cancel)?;
    let mut member = vec![false; graph.nodes.len()];
    for node in members {
        member[graph.local(*node)] = true;
    }
    // cycles come dependencies first, so that a level is known before it is asked for
    let mut after: Vec<u32> = vec![0; cycles.count];
    let mut level: Vec<u32> = vec![0; cycles.count];
    let mut first: Vec<Option<(Reverse<K>, Reverse<Node>)>> = Vec::new();
    first.resize_with(cycles.count, || None);
    for at in &cycles.emitted {
        let own = cycles.of[*at] as usize;
        for to in graph.upstream(*at) {
            let other = cycles.of[*to as usize] as usize;
            if other != own {
                level[own] = level[own].max(after[other]);
            }
        }
        if member[*at] {
            let node = graph.nodes[*at];
            first[own] = first[own].take().max(Some((Reverse(rank(node)), Reverse(node))));
        }
        after[own] = level[own] + u32::from(first[own].is_some());
    }
    let mut steps: Vec<usize> = (0..cycles.count).filter(|at| first[*at].is_some()).collect();
    steps.sort_by(|a, b| level[*a].cmp(&level[*b]).then_with(|| first[*b].cmp(&first[*a])));
    let mut step_of = vec![0_u32; cycles.count];
    for (number, at) in steps.iter().enumerate() {
        step_of[*at] = number as u32 + 1;
    }
    let place = |node: &Node| {
        let own = cycles.of[graph.local(*node)] as usize;
        (*node, Place { level: level[own], step: step_of[own] })
    };
    Ok(members.iter().map(place).collect())
}

/// The part of a lineage that is looked at, with numbers of its own.
struct Region {
    nodes: Vec<Node>,
    starts: Vec<u32>,
    ends: Vec<u32>,
}

/// Which cycle each node belongs to; a node on none is one by itself.
struct Cycles {
    of: Vec<u32>,
    count: usize,
    /// Nodes, those of one cycle side by side, dependencies before what depends on them.
    emitted: Vec<usize>,
}

impl Region {
    fn new(
        lineage: &Lineage,
        members: &[Node],
        region: &NodeSet,
        along: &Along,
        cancel: &AtomicBool,
    ) -> Result<Region, Cancelled> {
        let mut nodes: Vec<Node> = region.iter().chain(members.iter().copied()).collect();
        nodes.sort_unstable();
        nodes.dedup();
        let mut graph = Region { nodes, starts: vec![0], ends: Vec::new() };
        for at in 0..graph.nodes.len() {
            if at % BLOCK == 0 && cancel.load(Ordering::Relaxed) {
                return Err(Cancelled);
            }
            let mut last = None;
            for link in lineage.upstream(graph.nodes[at]) {
                // parallel links are one way
                if last == Some(link.to) || !along.admits(&link) {
                    continue;
                }
                if let Ok(to) = graph.nodes.binary_search(&link.to) {
                    graph.ends.push(to as u32);
                    last = Some(link.to);
                }
            }
            graph.starts.push(graph.ends.len() as u32);
        }
        Ok(graph)
    }

    fn local(&self, node: Node) -> usize {
        self.nodes.binary_search(&node).unwrap_or(0)
    }

    fn upstream(&self, at: usize) -> &[u32] {
        &self.ends[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Tarjan's strongly connected components, without recursion: a lineage may be deep.
    fn cycles(&self, cancel: &AtomicBool) -> Result<Cycles, Cancelled> {
        let size = self.nodes.len();
        let (mut seen, mut low) = (vec![NEW; size], vec![NEW; size]);
        let mut cycles = Cycles { of: vec![NEW; size], count: 0, emitted: Vec::with_capacity(size) };
        let mut stack: Vec<usize> = Vec::new();
        let mut open: Vec<(usize, u32)> = Vec::new();
        let mut clock = 0;
        for root in 0..size {
            if root % BLOCK == 0 && cancel.load(Ordering::Relaxed) {
                return Err(Cancelled);
            }
            if seen[root] != NEW {
                continue;
            }
            open.push((root, self.starts[root]));
            while let Some((at, next)) = open.last().copied() {
                if seen[at] == NEW {
                    (seen[at], low[at]) = (clock, clock);
                    clock += 1;
                    stack.push(at);
                }
                if next < self.starts[at + 1] {
                    if let Some(last) = open.last_mut() {
                        last.1 += 1;
                    }
                    let to = self.ends[next as usize] as usize;
                    if seen[to] == NEW {
                        open.push((to, self.starts[to]));
                    } else if cycles.of[to] == NEW {
                        low[at] = low[at].min(seen[to]);
                    }
                    continue;
                }
                open.pop();
                if let Some((parent, _)) = open.last() {
                    low[*parent] = low[*parent].min(low[at]);
                }
                if low[at] == seen[at] {
                    while let Some(member) = stack.pop() {
                        cycles.of[member] = cycles.count as u32;
                        cycles.emitted.push(member);
                        if member == at {
                            break;
                        }
                    }
                    cycles.count += 1;
                }
            }
        }
        Ok(cycles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::fixture::Sayings;
    use crate::graph::walk::{Bounds, Way, walk};
    use crate::model::Time;
    use proptest::prelude::*;

    static GO: AtomicBool = AtomicBool::new(false);

    fn id(number: u8) -> String {
        format!("{}:n{number:02}", if number.is_multiple_of(3) { "deployment" } else { "tool" })
    }

    /// The order, and for every pair of members whether one rests on the other.
    fn case(links: &[(u8, u8)]) -> (Vec<Node>, HashMap<Node, Place>, impl Fn(Node, Node) -> bool) {
        let mut it = Sayings::default();
        for (from, to) in links {
            it.link(&id(from % 24), "used", &id(to % 24));
        }
        let lineage = it.lineage();
        let along = Along::state(Time::from_seconds(1_795_000_000));
        let members: Vec<Node> = lineage
            .nodes()
            .filter(|node| lineage.kind(*node) == "deployment" || lineage.id(*node).starts_with("deployment"))
            .collect();
        let mut region = NodeSet::new(lineage.len());
        for node in lineage.nodes() {
            region.insert(node);
        }
        let places = order(&lineage, &members, &region, &along, |_| 0, &GO).unwrap();
        let rests = move |from: Node, on: Node| {
            from != on && walk(&lineage, &[from], Way::Up, &along, Bounds::NONE, &GO).unwrap().contains(on)
        };
        (members, places, rests)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_comes_before_what_it_rests_on_and_cycles_are_one_step(
            links in prop::collection::vec((any::<u8>(), any::<u8>()), 0..50)
        ) {
            let (members, places, rests) = case(&links);
            for a in &members {
                // naively: a level is one more than the largest of what it rests on without resting on it too
                let before = members.iter().filter(|b| rests(*a, **b) && !rests(**b, *a));
                let level = before.map(|b| places[b].level + 1).max().unwrap_or(0);
                prop_assert_eq!(places[a].level, level);
                for b in &members {
                    let cycle = a == b || (rests(*a, *b) && rests(*b, *a));
                    prop_assert_eq!(places[a].step == places[b].step, cycle);
                    if rests(*a, *b) && !cycle {
                        prop_assert!(places[b].step < places[a].step && places[b].level < places[a].level);
                    }
                    if places[a].level < places[b].level {
                        prop_assert!(places[a].step < places[b].step);
                    }
                }
            }
        }
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_needs_no_deep_stack() {
        let mut it = Sayings::default();
        for at in 0..100_000 {
            it.link(&format!("tool:{:06}", at + 1), "used", &format!("tool:{at:06}"));
        }
        let lineage = it.lineage();
        let mut region = NodeSet::new(lineage.len());
        for node in lineage.nodes() {
            region.insert(node);
        }
        let ends: Vec<Node> = ["tool:000000", "tool:100000"].iter().map(|id| lineage.node(id).unwrap()).collect();
        let places = order(&lineage, &ends, &region, &Along::impact(), |_| 0, &GO).unwrap();
        assert_eq!([places[&ends[0]].level, places[&ends[1]].level], [0, 1]);
    }
}
