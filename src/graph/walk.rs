//! Breadth-first walks over links, up or down: bounded, cycle-safe, cancellable, in a fixed order. A
//! walk says what is reached and how; what that means is for `investigate` to say.

use crate::graph::bits::NodeSet;
use crate::graph::held::Held;
use crate::graph::layout::{NO_IMPACT, Section};
use crate::graph::lineage::{Lineage, Node};
use crate::graph::links::LinkRef;
use crate::model::Window;
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
}

impl Along {
    /// Every link of any time that carries impact.
    pub fn impact() -> Along {
        Along { impact_only: true, window: Window::default(), at_least: Held::Possibly }
    }

    /// Every link of any time.
    pub fn everything() -> Along {
        Along { impact_only: false, ..Along::impact() }
    }

    /// Whether a walk would take the link.
    pub fn admits(&self, link: &LinkRef<'_>) -> bool {
        (!self.impact_only || link.carries_impact) && link.held(&self.window) >= self.at_least
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

const NOBODY: u32 = u32::MAX;

/// What a walk reached.
#[derive(Debug)]
pub struct Walk {
    reached: NodeSet,
    order: Vec<u32>,
    /// Where in `order` each distance starts; one more at the end.
    levels: Vec<usize>,
    /// By node: whence it was first reached.
    parent: Vec<u32>,
    /// Whether bounds ended it.
    pub cut: bool,
}

impl Walk {
    /// Everything reached, nearest first, the starts among them at distance 0.
    pub fn reached(&self) -> impl DoubleEndedIterator<Item = (Node, u32)> + '_ {
        (0..self.depths()).flat_map(move |depth| self.at_distance(depth).map(move |node| (node, depth)))
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

    /// From where it was first reached; starts and what was not reached have none.
    pub fn parent(&self, node: Node) -> Option<Node> {
        self.parent.get(node.index()).copied().filter(|parent| *parent != NOBODY).map(Node)
    }

    /// A shortest path, from a start to the node.
    pub fn path(&self, node: Node) -> Vec<Node> {
        let mut path = vec![node];
        while let Some(parent) = path.last().and_then(|node| self.parent(*node)) {
            path.push(parent);
        }
        path.reverse();
        path
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
    let open = along.window.is_open();
    match (way, open) {
        // The common case looks at nothing but the list of ends and one byte per link.
        (Way::Down, true) => {
            let slots: &[u8] = lineage.list(Section::Slot);
            let skip = if along.impact_only { NO_IMPACT } else { 0 };
            let lists = Lists::reverse(lineage);
            lists.walk(lineage, starts, bounds, cancel, |place, _| slots[place] & skip == 0)
        }
        (Way::Down, false) => {
            let slots: &[u8] = lineage.list(Section::Slot);
            let skip = if along.impact_only { NO_IMPACT } else { 0 };
            Lists::reverse(lineage).walk(lineage, starts, bounds, cancel, |place, node| {
                slots[place] & skip == 0
                    && lineage.link_held(lineage.link_at(place, Node(node)), &along.window) >= along.at_least
            })
        }
        (Way::Up, _) => {
            let codes: &[u8] = lineage.list(Section::Relation);
            Lists::forward(lineage).walk(lineage, starts, bounds, cancel, |link, _| {
                (!along.impact_only || lineage.carries[usize::from(codes[link])])
                    && (open || lineage.link_held(link, &along.window) >= along.at_least)
            })
        }
    }
}

/// Compressed rows of one way.
struct Lists<'a> {
    starts: &'a [u32],
    ends: &'a [u32],
}

impl<'a> Lists<'a> {
    fn forward(lineage: &'a Lineage) -> Lists<'a> {
        Lists { starts: lineage.list(Section::Forward), ends: lineage.list(Section::Target) }
    }

    fn reverse(lineage: &'a Lineage) -> Lists<'a> {
        Lists { starts: lineage.list(Section::Reverse), ends: lineage.list(Section::Source) }
    }

    #[inline]
    fn walk(
        &self,
        lineage: &Lineage,
        starts: &[Node],
        bounds: Bounds,
        cancel: &AtomicBool,
        admits: impl Fn(usize, u32) -> bool,
    ) -> Result<Walk, Cancelled> {
        let mut walk = Walk {
            reached: NodeSet::new(lineage.len()),
            order: Vec::new(),
            levels: vec![0],
            parent: vec![NOBODY; lineage.len()],
            cut: false,
        };
        for start in starts {
            if start.index() < lineage.len() && walk.reached.add(start.0) {
                walk.order.push(start.0);
            }
        }
        let mut from = 0;
        while from < walk.order.len() {
            let to = walk.order.len();
            walk.levels.push(to);
            if walk.levels.len() as u32 > bounds.depth.saturating_add(1) {
                walk.cut = walk.order[from..].iter().any(|node| {
                    let new = |place: &usize| !walk.reached.contains(Node(self.ends[*place]));
                    self.row(*node).any(|place| new(&place) && admits(place, *node))
                });
                break;
            }
            for at in from..to {
                if at % 4096 == 0 && cancel.load(Ordering::Relaxed) {
                    return Err(Cancelled);
                }
                let node = walk.order[at];
                for place in self.row(node) {
                    let next = self.ends[place];
                    if !admits(place, node) || !walk.reached.add(next) {
                        continue;
                    }
                    walk.parent[next as usize] = node;
                    walk.order.push(next);
                }
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
    fn row(&self, node: u32) -> std::ops::Range<usize> {
        self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize
    }
}
