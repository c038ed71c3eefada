//! Breadth-first walks over links, up or down: bounded, cycle-safe, cancellable, in a fixed order. A
//! walk says what is reached and how; what that means is for `investigate` to say.

use crate::graph::bits::NodeSet;
use crate::graph::held::Held;
use crate::graph::layout::{NO_IMPACT, Section};
use crate::graph::lineage::{Lineage, Node};
use crate::graph::links::LinkRef;
use crate::model::{Time, Window};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stopped by whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped before the answer was complete")]
pub struct Cancelled;

/// Which way to walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To what an artefact depends on.
    Up,
    /// To what depends on it.
    Down,
}

/// Which links a walk takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Along {
    /// Only links that carry impact.
    pub impact_only: bool,
    /// Only links that held at some moment of it.
    pub window: Window,
    /// How sure it must be that they did: [`Held::Possibly`] takes doubtful ones too.
    pub at_least: Held,
    /// What is made once keeps what it was made of: the ends of its links are not looked at.
    pub keeps: bool,
}

impl Along {
    /// Every link of any time that carries impact.
    pub fn impact() -> Along {
        Along { impact_only: true, window: Window::default(), at_least: Held::Possibly, keeps: false }
    }

    /// Every link of any time.
    pub fn everything() -> Along {
        Along { impact_only: false, ..Along::impact() }
    }

    /// What depends on what at a moment: of what changes in place only what stands then, of what is
    /// made once everything it was made of by then.
    pub fn state(at: Time) -> Along {
        Along { window: Window::at(at), keeps: true, ..Along::impact() }
    }

    /// The same, taking only what is sure.
    #[must_use]
    pub fn surely(self) -> Along {
        Along { at_least: Held::Certainly, ..self }
    }

    /// Whether a walk would take the link.
    pub fn admits(&self, link: &LinkRef<'_>) -> bool {
        (!self.impact_only || link.carries_impact)
            && Held::judge(&self.window, &link.dates(self.keeps)) >= self.at_least
    }
}

/// Where a walk stops by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Hops from the start.
    pub depth: u32,
    /// Artefacts, the starts among them.
    pub nodes: usize,
}

impl Bounds {
    /// Nowhere but at the end.
    pub const NONE: Bounds = Bounds { depth: u32::MAX, nodes: usize::MAX };
}

/// What a walk reached.
#[derive(Debug)]
pub struct Walk {
    reached: NodeSet,
    order: Vec<u32>,
    /// Beside `order`: the place there of the node from which it was first reached; starts name themselves.
    via: Vec<u32>,
    /// Where in `order` each distance starts; one more at the end.
    levels: Vec<usize>,
    /// Whether bounds ended it.
    pub cut: bool,
}

impl Walk {
    /// Everything reached, nearest first, the starts among them at distance 0.
    pub fn reached(&self) -> impl DoubleEndedIterator<Item = (Node, u32)> + '_ {
        (0..self.depths()).flat_map(move |depth| self.at_distance(depth).map(move |node| (node, depth)))
    }

    /// Everything reached, nearest first: what, at which distance, and from what it was first reached; a
    /// start from itself.
    pub fn steps(&self) -> impl Iterator<Item = (Node, u32, Node)> + '_ {
        (0..self.depths()).flat_map(move |depth| {
            let at = |level: usize| self.levels.get(level).copied().unwrap_or(self.order.len());
            let level = at(depth as usize)..at(depth as usize + 1);
            level.map(move |place| (Node(self.order[place]), depth, Node(self.order[self.via[place] as usize])))
        })
    }

    /// What was reached at a distance, in the order it was reached.
    pub fn at_distance(&self, depth: u32) -> impl DoubleEndedIterator<Item = Node> + ExactSizeIterator + '_ {
        let at = |level: usize| self.levels.get(level).copied().unwrap_or(self.order.len());
        self.order[at(depth as usize)..at(depth as usize + 1)].iter().map(|node| Node(*node))
    }

    /// One more than the largest distance.
    pub fn depths(&self) -> u32 {
        self.levels.len().saturating_sub(1) as u32
    }

    /// How many were reached, the starts among them.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing was reached, not even a start.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// What was reached, as a set.
    pub fn set(&self) -> &NodeSet {
        &self.reached
    }

    /// Whether it was reached.
    pub fn contains(&self, node: Node) -> bool {
        self.reached.contains(node)
    }

    /// A shortest path from a start to each of these that was reached. Looks once through all that
    /// was reached, so ask for many at a time.
    pub fn paths(&self, nodes: &[Node]) -> HashMap<Node, Vec<Node>> {
        let mut wanted = NodeSet::new(self.reached.capacity());
        for node in nodes {
            wanted.insert(*node);
        }
        let mut paths = HashMap::new();
        for (place, node) in self.order.iter().enumerate() {
            if wanted.contains(Node(*node)) {
                paths.insert(Node(*node), self.path_to(place));
                if paths.len() == nodes.len() {
                    break;
                }
            }
        }
        paths
    }

    /// The same walk with the place of everything reached at hand, for ways to one thing after another.
    pub fn into_ways(self) -> Ways {
        Ways { places: self.places(), walk: self }
    }

    /// The place in `order` of each node that was reached.
    fn places(&self) -> Vec<u32> {
        let mut places = vec![u32::MAX; self.reached.capacity()];
        for (place, node) in self.order.iter().enumerate() {
            places[*node as usize] = place as u32;
        }
        places
    }

    /// A shortest path of a walk down to each of these, where of equally near dependencies one is taken
    /// whose link is not `worse`, and then the one reached first.
    pub fn best_paths(
        &self,
        lineage: &Lineage,
        nodes: &[Node],
        along: &Along,
        worse: impl Fn(&LinkRef<'_>) -> bool,
    ) -> HashMap<Node, Vec<Node>> {
        let places = self.places();
        let path = |last: Node| {
            let mut path = vec![last];
            let mut at = places[last.index()] as usize;
            while self.via[at] as usize != at {
                let level = self.levels.partition_point(|first| *first <= at);
                let nearer = self.levels[level.saturating_sub(2)]..self.levels[level - 1];
                let node = Node(self.order[at]);
                let links = lineage.upstream(node).filter(|link| along.admits(link));
                let ranked = links.map(|link| (worse(&link), places[link.to.index()] as usize));
                let best = ranked.filter(|(_, place)| nearer.contains(place)).min();
                at = best.map_or(self.via[at] as usize, |(_, place)| place);
                path.push(Node(self.order[at]));
            }
            path.reverse();
            path
        };
        nodes.iter().filter(|node| self.contains(**node)).map(|node| (*node, path(*node))).collect()
    }

    fn path_to(&self, place: usize) -> Vec<Node> {
        let mut path = vec![Node(self.order[place])];
        let mut at = place;
        while self.via[at] as usize != at {
            at = self.via[at] as usize;
            path.push(Node(self.order[at]));
        }
        path.reverse();
        path
    }
}

/// A walk that tells the way to any one thing it reached at once.
#[derive(Debug)]
pub struct Ways {
    walk: Walk,
    places: Vec<u32>,
}

impl Ways {
    /// The walk.
    pub fn walk(&self) -> &Walk {
        &self.walk
    }

    /// A shortest path from a start to what was reached; empty for what was not.
    pub fn path(&self, node: Node) -> Vec<Node> {
        let place = self.places.get(node.index()).filter(|place| **place != u32::MAX);
        place.map(|place| self.walk.path_to(*place as usize)).unwrap_or_default()
    }
}

/// Walks from the starts.
///
/// # Errors
/// When `cancel` was raised.
pub fn walk(
    lineage: &Lineage,
    starts: &[Node],
    way: Way,
    along: &Along,
    bounds: Bounds,
    cancel: &AtomicBool,
) -> Result<Walk, Cancelled> {
    let lists = Lists::of(lineage, way, along);
    let held = |from: u32, link: usize| lineage.link_held(Node(from), link, along) >= along.at_least;
    match way {
        // the common case looks at nothing but one list
        _ if along.window.is_open() => lists.walk(starts, bounds, cancel, |_, _| true),
        Way::Up => lists.walk(starts, bounds, cancel, |link, node| held(node, link)),
        Way::Down => lists.walk(starts, bounds, cancel, |place, node| {
            held(lineage.source(place).0, lineage.link_at(place, Node(node)))
        }),
    }
}

/// Walks over those links along which `takes` lets pass.
///
/// # Errors
/// When `cancel` was raised.
pub fn walk_where(
    lineage: &Lineage,
    starts: &[Node],
    way: Way,
    along: &Along,
    takes: impl Fn(&LinkRef<'_>) -> bool,
    cancel: &AtomicBool,
) -> Result<Walk, Cancelled> {
    let lists = Lists::of(lineage, way, along);
    let passes = |from: Node, link: usize| {
        lineage.link_held(from, link, along) >= along.at_least && takes(&lineage.link(from, link))
    };
    match way {
        Way::Up => lists.walk(starts, Bounds::NONE, cancel, |link, node| passes(Node(node), link)),
        Way::Down => lists.walk(starts, Bounds::NONE, cancel, |place, node| {
            passes(lineage.source(place), lineage.link_at(place, Node(node)))
        }),
    }
}

/// Nodes whose rows are looked up together, so that the waits for memory overlap.
const BATCH: usize = 32;

/// Compressed rows of one way.
struct Lists<'a> {
    starts: &'a [u32],
    ends: &'a [u32],
    /// Links with this bit are not taken.
    skip: u32,
    nodes: usize,
}

impl<'a> Lists<'a> {
    fn of(lineage: &'a Lineage, way: Way, along: &Along) -> Lists<'a> {
        Lists {
            starts: lineage.list(if way == Way::Up { Section::Forward } else { Section::Reverse }),
            ends: lineage.list(if way == Way::Up { Section::Target } else { Section::Source }),
            skip: if along.impact_only { NO_IMPACT } else { 0 },
            nodes: lineage.len(),
        }
    }

    #[inline]
    fn walk(
        &self,
        starts: &[Node],
        bounds: Bounds,
        cancel: &AtomicBool,
        admits: impl Fn(usize, u32) -> bool,
    ) -> Result<Walk, Cancelled> {
        let reached = NodeSet::new(self.nodes);
        let mut walk = Walk { reached, order: Vec::new(), via: Vec::new(), levels: vec![0], cut: false };
        for start in starts {
            if start.index() < self.nodes && walk.reached.add(start.0) {
                walk.via.push(walk.order.len() as u32);
                walk.order.push(start.0);
            }
        }
        let mut from = 0;
        while from < walk.order.len() {
            let to = walk.order.len();
            walk.levels.push(to);
            if walk.levels.len() as u32 > bounds.depth.saturating_add(1) {
                walk.cut = self.more_beyond(&walk, from, admits);
                break;
            }
            for (batch, first) in (from..to).step_by(BATCH).enumerate() {
                if batch % 128 == 0 && cancel.load(Ordering::Relaxed) {
                    return Err(Cancelled);
                }
                self.batch(&mut walk, first, (first + BATCH).min(to), &admits);
                if walk.order.len() > bounds.nodes {
                    walk.cut = true;
                    walk.levels.push(walk.order.len());
                    return Ok(walk);
                }
            }
            from = to;
        }
        Ok(walk)
    }

    #[inline]
    fn batch(&self, walk: &mut Walk, first: usize, last: usize, admits: &impl Fn(usize, u32) -> bool) {
        let mut rows = [(0, 0, 0); BATCH];
        let mut touched = 0;
        for (row, &node) in rows.iter_mut().zip(&walk.order[first..last]) {
            *row = (node, self.starts[node as usize], self.starts[node as usize + 1]);
        }
        for (_, start, _) in &rows[..last - first] {
            touched |= self.ends.get(*start as usize).copied().unwrap_or(0);
        }
        std::hint::black_box(touched);
        for (at, (node, start, end)) in rows[..last - first].iter().enumerate() {
            for (offset, raw) in self.ends[*start as usize..*end as usize].iter().enumerate() {
                let next = raw & !NO_IMPACT;
                if raw & self.skip != 0 || walk.reached.contains(Node(next)) {
                    continue;
                }
                if admits(*start as usize + offset, *node) {
                    walk.reached.add(next);
                    walk.order.push(next);
                    walk.via.push((first + at) as u32);
                }
            }
        }
    }

    /// Whether a walk that stops at the last distance would have gone on.
    fn more_beyond(&self, walk: &Walk, from: usize, admits: impl Fn(usize, u32) -> bool) -> bool {
        walk.order[from..].iter().any(|&node| {
            let mut row = self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize;
            row.any(|place| {
                let raw = self.ends[place];
                raw & self.skip == 0 && !walk.reached.contains(Node(raw & !NO_IMPACT)) && admits(place, node)
            })
        })
    }
}
