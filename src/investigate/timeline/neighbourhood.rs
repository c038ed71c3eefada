//! What lies around an artefact: everything up to some links away, whichever way they lead. It tells no
//! event.

use crate::graph::{LinkRef, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::pointer::at_versions_of;
use crate::investigate::site::put_to_use;
use crate::model::Kind;
use std::cmp::Reverse;
use std::collections::HashMap;

/// The most artefacts that are looked at.
const MOST: usize = 2_000;

/// An artefact and what lies around it, nearest first.
pub(super) struct Neighbourhood {
    order: Vec<Node>,
    distance: HashMap<Node, u32>,
    /// Those whose own links are told of: itself, what it deployed, and what points at its versions.
    pub told_of: Vec<Node>,
    /// Whether there is more.
    pub cut: bool,
}

impl Neighbourhood {
    /// Everything up to `depth` links of any relation away; of a deployment also what it deployed, of a name what
    /// points at its versions. Of more
    /// than can be looked at those whose links began last.
    pub(super) fn of(asking: &Asking<'_>, node: Node, depth: u32) -> Result<Neighbourhood, Unanswered> {
        let mut it =
            Neighbourhood { order: vec![node], distance: HashMap::from([(node, 0)]), told_of: vec![node], cut: false };
        let kind = Kind::parse(asking.lineage.kind(node));
        if kind == Kind::Model {
            for pointer in at_versions_of(asking, node)? {
                it.add(pointer, 2);
            }
        } else if kind.changes_in_place() {
            let mut deployed = put_to_use(asking, node);
            deployed.sort_by_key(|(version, _)| (Reverse(asking.lineage.at(*version)), *version));
            for (version, _) in deployed {
                it.add(version, 1);
            }
        }
        it.told_of.extend(it.order.iter().skip(1));
        for level in 0..depth {
            let nodes: Vec<Node> = it.order.iter().copied().filter(|near| it.distance(*near) == Some(level)).collect();
            if nodes.is_empty() || it.cut {
                break;
            }
            for near in nodes {
                asking.go_on()?;
                for other in others(asking, near) {
                    it.add(other, level + 1);
                }
            }
        }
        Ok(it)
    }

    fn add(&mut self, node: Node, distance: u32) {
        if self.distance.contains_key(&node) {
            return;
        }
        if self.order.len() >= MOST {
            self.cut = true;
            return;
        }
        self.distance.insert(node, distance);
        self.order.push(node);
    }

    /// How many artefacts it has, itself among them.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Each of them, nearest first.
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node> + '_ {
        self.order.iter().copied()
    }

    /// Links from the artefact itself; nothing where it does not belong.
    pub(super) fn distance(&self, node: Node) -> Option<u32> {
        self.distance.get(&node).copied()
    }
}

/// What is linked with an artefact by the asked moment, what was linked last first.
fn others(asking: &Asking<'_>, node: Node) -> Vec<Node> {
    let lineage = asking.lineage;
    let by_then = |link: &LinkRef<'_>| asking.as_of.is_none_or(|at| link.earliest().is_none_or(|since| since <= at));
    let up = lineage.upstream(node).filter(by_then).map(|link| (Reverse(link.since), link.to));
    let down = lineage.downstream(node).filter(by_then).map(|link| (Reverse(link.since), link.from));
    let mut found: Vec<_> = up.chain(down).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, other)| other).collect()
}
