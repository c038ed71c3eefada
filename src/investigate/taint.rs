//! What marks come to: everything that is exposed now to what is marked compromised or suspect, and the
//! way by which it is. It makes no mark.

use crate::graph::walk::{Along, Bounds, Cancelled, Walk, Way, walk};
use crate::graph::{Held, Lineage, LinkRef, Node};
use crate::investigate::marks::MarkBook;
use crate::model::{Kind, MarkKind, Time, Window};
use serde::Serialize;
use std::sync::atomic::AtomicBool;

/// Something bad, and when it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bad {
    /// The artefact.
    pub node: Node,
    /// When it was bad.
    pub window: Window,
}

/// Everything exposed at a moment to what is bad, the bad itself among it.
#[derive(Debug)]
pub struct Exposed {
    at: Time,
    certain: Walk,
    possible: Walk,
}

/// How a row is exposed to what somebody marked; derived, nobody's statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Derived {
    /// The mark it derives from.
    pub mark: MarkKind,
    /// False where it hangs on undated links.
    pub certain: bool,
}

/// A way by which something marked bad reaches an artefact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The mark, and how sure it is.
    pub derived: Derived,
    /// From what is marked to the artefact, a shortest way.
    pub path: Vec<Node>,
}

/// Whether it is a credential that was bad once and is not now: it exposes nothing any more.
fn is_over(lineage: &Lineage, bad: &Bad, at: Time) -> bool {
    bad.window.until.is_some_and(|until| until < at) && Kind::parse(lineage.kind(bad.node)).is_credential()
}

/// Which links lead away from something bad: those that stand, and held while it was bad. What was made of
/// it before it went bad is not exposed, though it stays made of it.
pub(super) fn first_hop(along: Along, window: Window) -> impl Fn(&LinkRef<'_>) -> bool {
    let in_window = Along { window, keeps: false, ..along };
    move |link| along.admits(link) && in_window.admits(link)
}

/// Where walks down from what is bad begin, each with what is bad there: itself where it always was, else
/// what hung on it while it was. A credential that is bad no more exposes nothing now.
pub(super) fn starts(
    lineage: &Lineage,
    bad: &[Bad],
    at: Time,
    along: Along,
    takes: impl Fn(&LinkRef<'_>) -> bool,
) -> Vec<(Node, Node)> {
    let mut starts: Vec<(Node, Node)> = Vec::new();
    for it in bad.iter().filter(|it| !is_over(lineage, it, at)) {
        if it.window.is_open() {
            starts.push((it.node, it.node));
            continue;
        }
        let leads = first_hop(along, it.window);
        let hung = lineage.downstream(it.node).filter(|link| leads(link) && takes(link));
        starts.extend(hung.map(|link| (link.from, it.node)));
    }
    starts.sort_unstable();
    starts.dedup_by_key(|it| it.0);
    starts
}

impl Exposed {
    /// Walks down from what is bad over what stands at a moment: a deployment that has moved on is
    /// exposed no more, a version made of what is bad always is. From the bad itself only links count
    /// that held while it was bad; a credential that is bad no more exposes nothing now.
    ///
    /// # Errors
    /// When `cancel` was raised.
    pub fn at(lineage: &Lineage, bad: &[Bad], at: Time, cancel: &AtomicBool) -> Result<Exposed, Cancelled> {
        let along = Along::state(at);
        let reach = |along: Along| -> Result<Walk, Cancelled> {
            let starts: Vec<Node> = starts(lineage, bad, at, along, |_| true).into_iter().map(|it| it.0).collect();
            walk(lineage, &starts, Way::Down, &along, Bounds::NONE, cancel)
        };
        Ok(Exposed { at, certain: reach(along.surely())?, possible: reach(along)? })
    }

    /// The bad thing that a walk came from to its start.
    fn from(&self, lineage: &Lineage, bad: &[Bad], start: Node, certain: bool) -> Option<Node> {
        let along = Along::state(self.at);
        let along = if certain { along.surely() } else { along };
        let bad = bad.iter().filter(|it| {
            let takes = first_hop(along, it.window);
            !is_over(lineage, it, self.at) && lineage.upstream(start).any(|link| link.to == it.node && takes(&link))
        });
        bad.map(|it| it.node).min()
    }

    /// How sure it is that an artefact is exposed.
    pub fn held(&self, node: Node) -> Held {
        match (self.certain.contains(node), self.possible.contains(node)) {
            (true, _) => Held::Certainly,
            (_, true) => Held::Possibly,
            _ => Held::No,
        }
    }

    /// What may be exposed, nearest first.
    pub fn possible(&self) -> &Walk {
        &self.possible
    }

    /// What certainly is, nearest first.
    pub fn certain(&self) -> &Walk {
        &self.certain
    }
}

/// What the marks of a ledger come to at a moment.
#[derive(Debug, Default)]
pub struct Taint {
    /// Strongest first: what is marked so, and what that exposes.
    by: Vec<(MarkKind, Vec<Bad>, Exposed)>,
}

impl Taint {
    /// Where nothing is marked.
    pub const NONE: Taint = Taint { by: Vec::new() };

    /// Derives it from the marks that hold. Nothing is walked when nothing is marked bad.
    ///
    /// # Errors
    /// When `cancel` was raised.
    pub fn of(
        lineage: &Lineage,
        marks: &MarkBook,
        as_of: Option<Time>,
        now: Time,
        cancel: &AtomicBool,
    ) -> Result<Taint, Cancelled> {
        let mut by = Vec::new();
        for mark in [MarkKind::Compromised, MarkKind::Suspect] {
            let bad = marks.bad(mark, as_of);
            if !bad.is_empty() {
                let exposed = Exposed::at(lineage, &bad, as_of.unwrap_or(now), cancel)?;
                by.push((mark, bad, exposed));
            }
        }
        Ok(Taint { by })
    }

    /// How an artefact is exposed to what is marked; nothing where it is itself what is marked.
    pub fn on(&self, node: Node) -> Option<Derived> {
        self.by.iter().find_map(|(mark, bad, exposed)| {
            if bad.iter().any(|it| it.node == node) {
                return None;
            }
            match exposed.held(node) {
                Held::No => None,
                held => Some(Derived { mark: *mark, certain: held == Held::Certainly }),
            }
        })
    }

    /// The shortest way to an artefact from what bears each mark; none for a mark it bears itself. A sure
    /// way is preferred to a shorter one that is not.
    pub fn ways_to(&self, lineage: &Lineage, node: Node) -> Vec<Reached> {
        let mut ways = Vec::new();
        for (mark, bad, exposed) in &self.by {
            let certain = match exposed.held(node) {
                Held::No => continue,
                _ if bad.iter().any(|it| it.node == node) => continue,
                held => held == Held::Certainly,
            };
            let walk = if certain { &exposed.certain } else { &exposed.possible };
            let Some(mut path) = walk.paths(&[node]).remove(&node) else { continue };
            let first = path.first().copied().unwrap_or(node);
            if bad.iter().all(|it| it.node != first) {
                // with a window the walk begins at what depended on the bad thing in it
                let Some(from) = exposed.from(lineage, bad, first, certain) else { continue };
                path.insert(0, from);
            }
            ways.push(Reached { derived: Derived { mark: *mark, certain }, path });
        }
        ways
    }

    /// What is marked bad, strongest first.
    pub fn bad(&self) -> impl Iterator<Item = (MarkKind, Bad)> + '_ {
        self.by.iter().flat_map(|(mark, bad, _)| bad.iter().map(|it| (*mark, *it)))
    }
}
