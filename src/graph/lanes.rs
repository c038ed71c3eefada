//! Many walks up at once, one bit a walk, distance by distance. It keeps no paths;
//! [`crate::graph::walk::walk`] gives those of a few, and [`crate::graph::spread`] tells sooner what is reached
//! where distances do not matter.

use crate::graph::held::Held;
use crate::graph::layout::{NO_IMPACT, Section};
use crate::graph::lineage::{Lineage, Node};
use crate::graph::walk::{Along, Cancelled};
use crate::model::Time;
use std::sync::atomic::{AtomicBool, Ordering};

/// The most walks that go side by side.
pub const MOST: usize = 64;

/// One of the walks: up from artefacts, over what stood at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Where it starts.
    pub starts: Vec<Node>,
    /// The moment whose state counts.
    pub at: Time,
    /// Whether it takes only links that are sure.
    pub surely: bool,
}

/// What the walks reached, their starts among it.
#[derive(Debug)]
pub struct Lanes {
    cells: Vec<Cell>,
    distance: Vec<u32>,
    first: Vec<u8>,
}

/// Side by side, since whoever looks at one looks at the other.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    /// The lanes that reached it.
    mask: u64,
    /// Those of them that go on from here at the next distance.
    coming: u64,
}

impl Lanes {
    /// Which walks reached an artefact: the first is the lowest bit.
    #[inline]
    pub fn mask(&self, node: Node) -> u64 {
        self.cells.get(node.index()).map_or(0, |cell| cell.mask)
    }

    /// Links from the nearest start, and the first lane that came by so few; of lanes that take what is
    /// not sure too.
    pub fn nearest(&self, node: Node) -> Option<(u32, usize)> {
        let distance = self.distance.get(node.index()).copied().filter(|it| *it != u32::MAX)?;
        Some((distance, usize::from(self.first.get(node.index()).copied().unwrap_or(0))))
    }
}

/// Lanes that look at one moment.
pub(super) struct Group {
    along: Along,
    possibly: u64,
    surely: u64,
}

pub(super) fn groups(lanes: &[Lane]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (bit, lane) in lanes.iter().enumerate() {
        let along = Along::state(lane.at);
        let at = groups.iter().position(|it| it.along == along).unwrap_or_else(|| {
            groups.push(Group { along, possibly: 0, surely: 0 });
            groups.len() - 1
        });
        *if lane.surely { &mut groups[at].surely } else { &mut groups[at].possibly } |= 1 << bit;
    }
    groups
}

/// Walks up from all starts over what carries impact; lanes beyond [`MOST`] are not walked.
///
/// # Errors
/// When `cancel` was raised.
pub fn climb(lineage: &Lineage, lanes: &[Lane], cancel: &AtomicBool) -> Result<Lanes, Cancelled> {
    let lanes = &lanes[..lanes.len().min(MOST)];
    let nodes = lineage.len();
    let groups = groups(lanes);
    let measured = groups.iter().fold(0, |bits, it| bits | it.possibly);
    let starts: &[u32] = lineage.list(Section::Forward);
    let ends: &[u32] = lineage.list(Section::Target);
    let mut it = Lanes { cells: vec![Cell::default(); nodes], distance: vec![u32::MAX; nodes], first: vec![0; nodes] };
    let mut reached: Vec<u32> = Vec::new();
    let starts_of = |(bit, lane)| -> Vec<(usize, bool, Node)> {
        let lane: &Lane = lane;
        lane.starts.iter().map(|start| (bit, lane.surely, *start)).collect()
    };
    for (bit, surely, start) in lanes.iter().enumerate().flat_map(starts_of).filter(|it| it.2.index() < nodes) {
        let cell = &mut it.cells[start.index()];
        if cell.mask == 0 {
            reached.push(start.0);
        }
        *cell = Cell { mask: cell.mask | 1 << bit, coming: cell.coming | 1 << bit };
        if it.distance[start.index()] == u32::MAX && !surely {
            (it.distance[start.index()], it.first[start.index()]) = (0, bit as u8);
        }
    }
    let mut level = 0;
    let mut frontier: Vec<(u32, u64)> = Vec::new();
    while !reached.is_empty() {
        level += 1;
        it.advance(&mut reached, &mut frontier);
        for (count, &(node, bits)) in frontier.iter().enumerate() {
            if count % 4_096 == 0 && cancel.load(Ordering::Relaxed) {
                return Err(Cancelled);
            }
            let row = starts[node as usize] as usize..starts[node as usize + 1] as usize;
            for (link, &raw) in row.clone().zip(&ends[row]) {
                let to = (raw & !NO_IMPACT) as usize;
                let cell = &mut it.cells[to];
                let wanted = bits & !cell.mask;
                if raw & NO_IMPACT != 0 || wanted == 0 {
                    continue;
                }
                let new = wanted & admitted(lineage, &groups, Node(node), link);
                if new == 0 {
                    continue;
                }
                if cell.coming == 0 {
                    reached.push(to as u32);
                }
                *cell = Cell { mask: cell.mask | new, coming: cell.coming | new };
                if new & measured != 0 && it.distance[to] == u32::MAX {
                    (it.distance[to], it.first[to]) = (level, (new & measured).trailing_zeros() as u8);
                }
            }
        }
    }
    Ok(it)
}

impl Lanes {
    /// What was reached last becomes what is walked from next. Of many it is read in the order it lies in,
    /// which costs least.
    fn advance(&mut self, reached: &mut Vec<u32>, frontier: &mut Vec<(u32, u64)>) {
        frontier.clear();
        if reached.len() > self.cells.len() / 16 {
            for (node, cell) in self.cells.iter_mut().enumerate().filter(|(_, cell)| cell.coming != 0) {
                frontier.push((node as u32, std::mem::take(&mut cell.coming)));
            }
        } else {
            let cells = &mut self.cells;
            frontier.extend(reached.iter().map(|node| (*node, std::mem::take(&mut cells[*node as usize].coming))));
        }
        reached.clear();
    }
}

/// The lanes that take a link.
#[inline]
pub(super) fn admitted(lineage: &Lineage, groups: &[Group], from: Node, link: usize) -> u64 {
    let dates = lineage.link_dates(from, link, true);
    groups.iter().fold(0, |bits, it| {
        bits | match Held::judge(&it.along.window, &dates) {
            Held::Certainly => it.possibly | it.surely,
            Held::Possibly => it.possibly,
            Held::No => 0,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::fixture::{Sayings, at};
    use crate::graph::walk::{Bounds, Way, walk};

    #[test]
    fn each_lane_reaches_what_a_walk_of_its_own_does() {
        let mut it = Sayings::default();
        it.dated("deployment:d", "deploys", "model-version:m@1", "2026-11-01", "2026-11-10")
            .dated("deployment:d", "deploys", "model-version:m@2", "2026-11-10", "")
            .dated("model-version:m@1", "trained-on", "dataset:a@1", "2026-10-30", "2026-10-31")
            .link("model-version:m@2", "trained-on", "dataset:a@2")
            .dated("dataset:a@2", "derived-from", "dataset:a@1", "2026-11-02", "")
            .link("dataset:a@1", "derived-from", "dataset:a@2")
            .link("model-version:m@2", "version-of", "model:m");
        let lineage = it.lineage();
        let node = |id: &str| lineage.node(id).unwrap();
        let go = AtomicBool::new(false);
        let mut lanes = Vec::new();
        for start in lineage.nodes() {
            for day in ["2026-10-01", "2026-11-05", "2026-11-19"] {
                lanes.push(Lane { starts: vec![start], at: at(day), surely: false });
                lanes.push(Lane { starts: vec![start], at: at(day), surely: true });
            }
        }
        let together = climb(&lineage, &lanes, &go).unwrap();
        for (bit, lane) in lanes.iter().enumerate() {
            let along = Along::state(lane.at);
            let along = if lane.surely { along.surely() } else { along };
            let alone = walk(&lineage, &lane.starts, Way::Up, &along, Bounds::NONE, &go).unwrap();
            for it in lineage.nodes() {
                assert_eq!(together.mask(it) >> bit & 1 == 1, alone.contains(it), "{lane:?} {}", lineage.id(it));
            }
        }
        let one =
            climb(&lineage, &[Lane { starts: vec![node("deployment:d")], at: at("2026-11-19"), surely: false }], &go);
        let one = one.unwrap();
        assert_eq!(one.nearest(node("dataset:a@1")), Some((3, 0)));
        assert_eq!(one.nearest(node("model-version:m@1")), None);
        assert!(climb(&lineage, &lanes, &AtomicBool::new(true)).is_err());
    }
}
