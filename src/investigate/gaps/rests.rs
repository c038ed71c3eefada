//! What is wrong with what artefacts rest on, asked once for all of them: downwards from whatever is wrong.
//! It words nothing.

use crate::graph::walk::{Along, Bounds, Walk, Way, walk};
use crate::graph::{Lineage, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::gaps::judge::Lack;
use crate::investigate::repeats::Repeats;
use crate::model::{Kind, LineageCheck, MarkKind, Requirement};
use std::collections::BTreeMap;

/// Everything that rests on something wrong.
pub(in crate::investigate) struct Rests {
    /// What each sort of cause reaches: possibly, and certainly.
    open: Vec<(Lack, Walk, Walk)>,
    /// What causes with an exception reach.
    waived: Option<Walk>,
}

impl Rests {
    /// What a check asks about; nothing for one that is about no lineage.
    pub(in crate::investigate) fn of(
        asking: &Asking<'_>,
        it: &Requirement,
        check: LineageCheck,
        repeats: &Repeats,
    ) -> Result<Option<Rests>, Unanswered> {
        let Some(mut causes) = causes(asking, check, repeats) else { return Ok(None) };
        let accepted = asking.exceptions.holding(&it.id, asking.terms());
        let along = Along::state(asking.moment());
        let down = |starts: &[Node], along: &Along| {
            walk(asking.lineage, starts, Way::Down, along, Bounds::NONE, asking.cancel)
        };
        let mut with_exception = Vec::new();
        for nodes in causes.values_mut() {
            nodes.retain(|node| {
                let waived = accepted.binary_search(node).is_ok();
                if waived {
                    with_exception.push(*node);
                }
                !waived
            });
        }
        let waived = if with_exception.is_empty() { None } else { Some(down(&with_exception, &along)?) };
        let mut open = Vec::new();
        for (lack, nodes) in causes.into_iter().filter(|(_, nodes)| !nodes.is_empty()) {
            open.push((lack, down(&nodes, &along)?, down(&nodes, &along.surely())?));
        }
        Ok(Some(Rests { open, waived }))
    }

    /// The gravest that an artefact rests on: what it is, and whether it surely does.
    pub(in crate::investigate) fn on(&self, node: Node) -> Option<(Lack, bool)> {
        let (lack, _, surely) = self.open.iter().find(|(_, walk, _)| walk.contains(node))?;
        Some((*lack, surely.contains(node)))
    }

    /// A way from a cause without an exception to an artefact.
    pub(in crate::investigate) fn way(&self, node: Node) -> Option<Vec<Node>> {
        let (_, walk, surely) = self.open.iter().find(|(_, walk, _)| walk.contains(node))?;
        let walk = if surely.contains(node) { surely } else { walk };
        walk.paths(&[node]).remove(&node)
    }

    /// A way from a cause with an exception to an artefact.
    pub(in crate::investigate) fn waived(&self, node: Node) -> Option<Vec<Node>> {
        self.waived.as_ref().filter(|walk| walk.contains(node))?.paths(&[node]).remove(&node)
    }

    /// Whether it rests on a cause with an exception.
    pub(in crate::investigate) fn is_waived(&self, node: Node) -> bool {
        self.waived.as_ref().is_some_and(|walk| walk.contains(node))
    }
}

/// What is wrong, by how it is wrong.
fn causes(asking: &Asking<'_>, check: LineageCheck, repeats: &Repeats) -> Option<BTreeMap<Lack, Vec<Node>>> {
    let lineage = asking.lineage;
    let mut causes: BTreeMap<Lack, Vec<Node>> = BTreeMap::new();
    match check {
        LineageCheck::Disclosed => {
            for it in lineage.all_absences().filter(|it| it.why != "none") {
                let lack = if it.why == "not-permitted" { Lack::NotPermitted } else { Lack::Missing };
                causes.entry(lack).or_default().push(it.about);
            }
        }
        LineageCheck::Described => {
            causes.insert(Lack::Missing, lineage.nodes().filter(|node| is_undescribed(lineage, *node)).collect());
        }
        LineageCheck::Clean => {
            let marked = [MarkKind::Compromised, MarkKind::Suspect];
            let bad = marked.into_iter().flat_map(|mark| asking.marks.marked(mark, asking.as_of));
            causes.insert(Lack::Failed, bad.collect());
        }
        LineageCheck::ToldOnce => {
            causes.insert(Lack::Void, repeats.all().iter().map(|it| it.about).collect());
        }
        LineageCheck::DeployedDigest => return None,
    }
    for nodes in causes.values_mut() {
        nodes.sort_unstable();
        nodes.dedup();
    }
    Some(causes)
}

fn is_undescribed(lineage: &Lineage, node: Node) -> bool {
    !lineage.described(node) && Kind::parse(lineage.kind(node)).is_ingredient()
}
