//! Which of many things an artefact rests on: one walk down from all of them, and one up where that hits. It
//! says nothing about them.

use crate::graph::walk::{Along, Bounds, Walk, Way, walk};
use crate::graph::{Node, NodeSet};
use crate::investigate::asking::{Asking, Unanswered};
use crate::model::Time;

/// Things of one sort, and all that rests on any of them at a moment.
pub(super) struct Origins {
    at: Time,
    starts: NodeSet,
    down: Walk,
}

impl Origins {
    /// Walks once, however many there are.
    pub(super) fn of(asking: &Asking<'_>, nodes: &[Node], at: Time) -> Result<Origins, Unanswered> {
        let mut starts = NodeSet::new(asking.lineage.len());
        for node in nodes {
            starts.insert(*node);
        }
        let down = walk(asking.lineage, nodes, Way::Down, &Along::state(at), Bounds::NONE, asking.cancel)?;
        Ok(Origins { at, starts, down })
    }

    /// Those that an artefact rests on, itself among them, nearest first.
    pub(super) fn behind(&self, asking: &Asking<'_>, node: Node) -> Result<Vec<Node>, Unanswered> {
        if !self.down.contains(node) {
            return Ok(Vec::new());
        }
        let up = walk(asking.lineage, &[node], Way::Up, &Along::state(self.at), Bounds::NONE, asking.cancel)?;
        Ok(up.reached().map(|(node, _)| node).filter(|node| self.starts.contains(*node)).collect())
    }
}
