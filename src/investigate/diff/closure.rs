//! All that one side rests on at its moment, and what of it the other side lacks. It pairs nothing.

use crate::graph::walk::{Along, Bounds, Cancelled, Walk, Way, walk};
use crate::graph::{Lineage, LinkRef, Node, NodeSet};
use crate::investigate::asking::Asking;
use crate::model::{Kind, Relation, Time};
use std::collections::HashMap;

/// One artefact of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// The artefact.
    pub(super) node: Node,
    /// Links from the root.
    pub(super) distance: u32,
    /// What it was first reached from; the root from itself.
    pub(super) from: Node,
    /// Whether a model version lies on the way to it.
    pub(super) below: bool,
    /// Whether it is sure that the root rests on it.
    pub(super) certain: bool,
}

/// A side: its root, and all that the root rested on at the moment.
pub(super) struct Closure {
    pub(super) root: Node,
    pub(super) at: Time,
    certain: Walk,
    possible: Walk,
}

impl Closure {
    /// Walks up from the root.
    pub(super) fn of(asking: &Asking<'_>, root: Node, at: Time) -> Result<Closure, Cancelled> {
        let along = Along::state(at);
        let up = |along| walk(asking.lineage, &[root], Way::Up, along, Bounds::NONE, asking.cancel);
        Ok(Closure { root, at, certain: up(&along.surely())?, possible: up(&along)? })
    }

    /// How many artefacts the root may rest on, itself not counted.
    pub(super) fn len(&self) -> usize {
        self.possible.len().saturating_sub(1)
    }

    /// Whether the root may rest on it; it does not rest on itself.
    pub(super) fn holds(&self, node: Node) -> bool {
        node != self.root && self.possible.contains(node)
    }

    /// Whether it is sure that the root rests on it.
    pub(super) fn surely_holds(&self, node: Node) -> bool {
        node != self.root && self.certain.contains(node)
    }

    /// Everything the root may rest on.
    pub(super) fn set(&self) -> &NodeSet {
        self.possible.set()
    }

    /// The root as a part of its own side.
    pub(super) fn root_part(&self) -> Part {
        Part { node: self.root, distance: 0, from: self.root, below: false, certain: true }
    }

    /// The parts for which it holds, the root not among them: what is certain at the distance at which it
    /// certainly is.
    pub(super) fn parts(&self, lineage: &Lineage, wanted: impl Fn(Node) -> bool) -> Vec<Part> {
        let mut parts = Vec::new();
        self.collect(lineage, true, &wanted, &mut parts);
        if self.certain.len() < self.possible.len() {
            self.collect(lineage, false, &wanted, &mut parts);
        }
        parts
    }

    fn collect(&self, lineage: &Lineage, certain: bool, wanted: &impl Fn(Node) -> bool, parts: &mut Vec<Part>) {
        let walk = if certain { &self.certain } else { &self.possible };
        let versions = version_codes(lineage);
        let mut below = NodeSet::new(lineage.len());
        for (node, distance, from) in walk.steps() {
            let is_below = below.contains(from) || (versions[usize::from(lineage.kind_code(from))] && from != node);
            if is_below {
                below.insert(node);
            }
            if distance > 0 && (certain || !self.certain.contains(node)) && wanted(node) {
                parts.push(Part { node, distance, from, below: is_below, certain });
            }
        }
    }

    /// The links by which a part hangs on what it was first reached from.
    pub(super) fn hanging<'a>(&self, lineage: &'a Lineage, part: &Part) -> impl Iterator<Item = LinkRef<'a>> + use<'a> {
        let along = self.along(part.certain);
        lineage.between(part.from, part.node).filter(move |link| along.admits(link))
    }

    /// The links a walk to what is certain, or may be, takes.
    pub(super) fn along(&self, certain: bool) -> Along {
        let along = Along::state(self.at);
        if certain { along.surely() } else { along }
    }

    /// Whether somebody is only named as the author of something: then it is a detail of that.
    pub(super) fn only_author(&self, asking: &Asking<'_>, part: &Part) -> Result<bool, Cancelled> {
        let lineage = asking.lineage;
        if Kind::parse(lineage.kind(part.node)) != Kind::Identity
            || !self.hanging(lineage, part).all(|link| names_author(&link))
        {
            return Ok(false);
        }
        let along = self.along(false);
        for (count, link) in lineage.downstream(part.node).enumerate() {
            if count % 4_096 == 0 {
                asking.go_on()?;
            }
            if !names_author(&link) && self.possible.contains(link.from) && along.admits(&link) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Who is named as the author of something, by id.
    pub(super) fn authors<'a>(&self, lineage: &'a Lineage, node: Node) -> Vec<&'a str> {
        let along = self.along(false);
        let links = lineage.upstream(node).filter(|link| names_author(link) && along.admits(link));
        let mut authors: Vec<&str> = links.map(|link| lineage.id(link.to)).collect();
        authors.dedup();
        authors
    }

    /// The ways from the root to these parts.
    pub(super) fn paths(&self, parts: &[Part]) -> HashMap<Node, Vec<Node>> {
        let nodes = |certain: bool| -> Vec<Node> {
            parts.iter().filter(|part| part.certain == certain).map(|part| part.node).collect()
        };
        let (sure, doubtful) = (nodes(true), nodes(false));
        let mut paths = self.certain.paths(&sure);
        if !doubtful.is_empty() {
            paths.extend(self.possible.paths(&doubtful));
        }
        paths
    }
}

/// Kinds, by code, that are model versions.
fn version_codes(lineage: &Lineage) -> [bool; 256] {
    let mut table = [false; 256];
    for code in 0..u8::MAX {
        table[usize::from(code)] = lineage.kind_of_code(code) == Kind::ModelVersion.as_str();
    }
    table
}

fn names_author(link: &LinkRef<'_>) -> bool {
    matches!(Relation::parse(link.relation), Relation::ChangedBy | Relation::ActedFor)
}
