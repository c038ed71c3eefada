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
            let mut starts: Vec<Node> = Vec::new();
            for it in bad {
                let over = it.window.until.is_some_and(|until| until < at);
                if over && Kind::parse(lineage.kind(it.node)).is_credential() {
                    continue;
                }
                if it.window.is_open() {
                    starts.push(it.node);
                    continue;
                }
                let in_window = Along { window: it.window, ..along };
                let takes = |link: &LinkRef<'_>| along.admits(link) && in_window.admits(link);
                starts.extend(lineage.downstream(it.node).filter(takes).map(|link| link.from));
            }
            starts.sort_unstable();
            starts.dedup();
            walk(lineage, &starts, Way::Down, &along, Bounds::NONE, cancel)
        };
        Ok(Exposed { certain: reach(along.surely())?, possible: reach(along)? })
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

    /// What is marked bad, strongest first.
    pub fn bad(&self) -> impl Iterator<Item = (MarkKind, Bad)> + '_ {
        self.by.iter().flat_map(|(mark, bad, _)| bad.iter().map(|it| (*mark, *it)))
    }
}
