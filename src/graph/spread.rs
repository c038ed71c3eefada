//! What many walks up reach, each node looked at once for all of them: in an order in which whatever
//! depends on a thing comes before it. It knows no distance; [`crate::graph::lanes::climb`] does.

use crate::graph::bits::NodeSet;
use crate::graph::lanes::{Lane, MOST, admitted, groups};
use crate::graph::layout::{NO_IMPACT, Section};
use crate::graph::lineage::{Lineage, Node};
use crate::graph::walk::Cancelled;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, Ordering};

/// Everything upstream of some artefacts at any time, dependents before what they depend on; on a cycle
/// one of them has to come too late.
#[derive(Debug)]
pub struct Order {
    nodes: Vec<u32>,
    /// The place of each node in it.
    place: Vec<u32>,
}

/// Which walks reached what, their starts among it.
#[derive(Debug)]
pub struct Spread {
    masks: Vec<u64>,
}

impl Spread {
    /// Which walks reached an artefact: the first is the lowest bit.
    #[inline]
    pub fn mask(&self, node: Node) -> u64 {
        self.masks.get(node.index()).copied().unwrap_or(0)
    }
}

impl Order {
    /// Puts in order what carries impact to any of these, of nothing but `within` where that is given.
    ///
    /// # Errors
    /// When `cancel` was raised.
    pub fn above(
        lineage: &Lineage,
        starts: impl IntoIterator<Item = Node>,
        within: Option<&NodeSet>,
        cancel: &AtomicBool,
    ) -> Result<Order, Cancelled> {
        let forward: &[u32] = lineage.list(Section::Forward);
        let ends: &[u32] = lineage.list(Section::Target);
        let mut seen = NodeSet::new(lineage.len());
        let mut nodes: Vec<u32> = Vec::new();
        // a node, and which of its links is looked at next
        let mut open: Vec<(u32, u32)> = Vec::new();
        let mut steps = 0_u32;
        for start in starts.into_iter().filter(|start| start.index() < lineage.len()) {
            if seen.insert(start) {
                open.push((start.0, forward[start.index()]));
            }
            while let Some((node, link)) = open.last_mut() {
                steps = steps.wrapping_add(1);
                if steps.is_multiple_of(65_536) && cancel.load(Ordering::Relaxed) {
                    return Err(Cancelled);
                }
                if *link == forward[*node as usize + 1] {
                    nodes.push(*node);
                    open.pop();
                    continue;
                }
                let raw = ends[*link as usize];
                *link += 1;
                let to = Node(raw & !NO_IMPACT);
                if raw & NO_IMPACT == 0 && within.is_none_or(|set| set.contains(to)) && seen.insert(to) {
                    open.push((to.0, forward[to.index()]));
                }
            }
        }
        nodes.reverse();
        let mut place = vec![u32::MAX; lineage.len()];
        for (at, node) in nodes.iter().enumerate() {
            place[*node as usize] = at as u32;
        }
        Ok(Order { nodes, place })
    }

    /// What each of the lanes reaches within the order; lanes beyond [`MOST`] are not walked.
    ///
    /// # Errors
    /// When `cancel` was raised.
    pub fn spread(&self, lineage: &Lineage, lanes: &[Lane], cancel: &AtomicBool) -> Result<Spread, Cancelled> {
        let lanes = &lanes[..lanes.len().min(MOST)];
        let groups = groups(lanes);
        let forward: &[u32] = lineage.list(Section::Forward);
        let ends: &[u32] = lineage.list(Section::Target);
        let mut masks = vec![0_u64; lineage.len()];
        for (bit, lane) in lanes.iter().enumerate() {
            for start in lane.starts.iter().filter(|start| start.index() < lineage.len()) {
                masks[start.index()] |= 1 << bit;
            }
        }
        // what was passed already and came to be reached by more: on a cycle something has to
        let mut late: BinaryHeap<Reverse<u32>> = BinaryHeap::new();
        let mut waiting = vec![false; self.nodes.len()];
        let mut at = 0;
        let mut steps = 0_u32;
        loop {
            steps = steps.wrapping_add(1);
            if steps.is_multiple_of(16_384) && cancel.load(Ordering::Relaxed) {
                return Err(Cancelled);
            }
            let place = if at < self.nodes.len() {
                at += 1;
                at - 1
            } else if let Some(Reverse(place)) = late.pop() {
                waiting[place as usize] = false;
                place as usize
            } else {
                break;
            };
            let node = self.nodes[place];
            let bits = masks[node as usize];
            if bits == 0 {
                continue;
            }
            let row = forward[node as usize] as usize..forward[node as usize + 1] as usize;
            for (link, &raw) in row.clone().zip(&ends[row]) {
                let to = (raw & !NO_IMPACT) as usize;
                let wanted = bits & !masks[to];
                if raw & NO_IMPACT != 0 || wanted == 0 || self.place[to] == u32::MAX {
                    continue;
                }
                let new = wanted & admitted(lineage, &groups, Node(node), link);
                masks[to] |= new;
                let place = self.place[to];
                if new != 0 && (place as usize) < at && !std::mem::replace(&mut waiting[place as usize], true) {
                    late.push(Reverse(place));
                }
            }
        }
        Ok(Spread { masks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::fixture::{Sayings, at};
    use crate::graph::walk::{Along, Bounds, Way, walk};
    use proptest::prelude::*;

    const KINDS: [&str; 3] = ["dataset", "model-version", "deployment"];
    const DATES: [&str; 4] = ["", "2026-11-01", "2026-11-05", "2026-11-09"];

    #[test]
    fn a_long_chain_linked_both_ways_is_walked_from_its_end_to_its_beginning() {
        let mut it = Sayings::default();
        const LONG: usize = 20_000;
        for number in 1..LONG {
            let (a, b) = (format!("dataset:n{:05}", number - 1), format!("dataset:n{number:05}"));
            it.dated(&a, "used", &b, "2026-11-01", "").dated(&b, "used", &a, "2026-11-01", "");
        }
        let lineage = it.lineage();
        let go = AtomicBool::new(false);
        let node = |number: usize| lineage.node(&format!("dataset:n{number:05}")).unwrap();
        let lane = |number| Lane { starts: vec![node(number)], at: at("2026-11-05"), surely: true };
        let order = Order::above(&lineage, [node(0)], None, &go).unwrap();
        let reached = order.spread(&lineage, &[lane(0), lane(LONG - 1), lane(LONG / 2)], &go).unwrap();
        assert!(lineage.nodes().all(|node| reached.mask(node) == 0b111));
    }

    proptest! {
        #[test]
        fn each_lane_reaches_what_a_walk_of_its_own_does(
            links in prop::collection::vec((0_u8..14, 0_u8..14, 0_usize..4, 0_usize..4, any::<bool>()), 0..60),
            chosen in prop::collection::vec((0_u8..14, 1_usize..4, any::<bool>()), 1..9),
        ) {
            let id = |number: u8| format!("{}:n{number}", KINDS[usize::from(number % 3)]);
            let mut it = Sayings::default();
            (0..14).for_each(|number| { it.artefact(&id(number), "{}"); });
            for (from, to, since, until, carries) in links {
                let relation = if carries { "used" } else { "version-of" };
                it.dated(&id(from), relation, &id(to), DATES[since], DATES[until]);
            }
            let lineage = it.lineage();
            let go = AtomicBool::new(false);
            let lane = |(start, day, surely): &(u8, usize, bool)| Lane {
                starts: vec![lineage.node(&id(*start)).unwrap()], at: at(DATES[*day]), surely: *surely,
            };
            let lanes: Vec<Lane> = chosen.iter().map(lane).collect();
            let order = Order::above(&lineage, lanes.iter().flat_map(|it| it.starts.clone()), None, &go).unwrap();
            let together = order.spread(&lineage, &lanes, &go).unwrap();
            for (bit, lane) in lanes.iter().enumerate() {
                let along = Along::state(lane.at);
                let along = if lane.surely { along.surely() } else { along };
                let alone = walk(&lineage, &lane.starts, Way::Up, &along, Bounds::NONE, &go).unwrap();
                for node in lineage.nodes() {
                    prop_assert_eq!(together.mask(node) >> bit & 1 == 1, alone.contains(node));
                }
            }
        }
    }
}
