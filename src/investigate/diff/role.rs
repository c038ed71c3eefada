//! What stands in the place of something that both sides rest on: the next snapshot of a dataset that was
//! made of the one before. It pairs nothing that only one side has with anything only the other has.

use crate::graph::{Lineage, Node, NodeSet};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::diff::closure::{Closure, Part};
use crate::investigate::diff::pair::{Group, logical_name, version};
use crate::investigate::order::Natural;
use std::collections::{HashMap, HashSet};

/// One side of the question, with what it has to itself.
struct Side<'c> {
    closure: &'c Closure,
    is_new: bool,
}

/// Something without a partner: its group, and itself.
type Left = (usize, Part);

/// Gives what has no partner in its group the one that stood in its place on the other side: of the same
/// name, hanging by the same relation from what its own neighbour is paired with, and not hanging there
/// any more. That both sides rest on that partner, by way of the newcomer, makes it no less replaced.
pub(super) fn by_role(
    asking: &Asking<'_>,
    old: &Closure,
    new: &Closure,
    groups: &mut [Group<'_>],
) -> Result<(), Unanswered> {
    for is_new in [true, false] {
        let (mine, other) = if is_new { (new, old) } else { (old, new) };
        let mine = Side { closure: mine, is_new };
        let left = without_partner(groups, is_new);
        if left.is_empty() {
            continue;
        }
        let found = matched(asking, &mine, other, groups, &left)?;
        let mut wanted = NodeSet::new(asking.lineage.len());
        for (_, _, partner) in &found {
            wanted.insert(*partner);
        }
        let partners =
            if found.is_empty() { Vec::new() } else { other.parts(asking.lineage, |it| wanted.contains(it)) };
        let partners: HashMap<Node, Part> = partners.into_iter().map(|part| (part.node, part)).collect();
        for (at, part, partner) in found {
            let (Some(group), Some(partner)) = (groups.get_mut(at), partners.get(&partner)) else { continue };
            let own = if is_new { &mut group.new } else { &mut group.old };
            own.retain(|it| it.node != part.node);
            group.by_role.push(if is_new { (*partner, part) } else { (part, *partner) });
        }
    }
    Ok(())
}

/// What the zipped sides of each group leave over on one side, the nearest first.
fn without_partner(groups: &[Group<'_>], is_new: bool) -> Vec<Left> {
    let mut left = Vec::new();
    for (at, group) in groups.iter().enumerate().filter(|(_, group)| !group.is_folded()) {
        let (own, others) = if is_new { (&group.new, &group.old) } else { (&group.old, &group.new) };
        left.extend(own.iter().skip(others.len()).filter(|part| part.distance > 0).map(|part| (at, *part)));
    }
    left.sort_unstable_by_key(|(_, part)| (part.distance, part.node));
    left
}

/// The partners by role: the group, what had none, and the partner.
fn matched(
    asking: &Asking<'_>,
    mine: &Side<'_>,
    other: &Closure,
    groups: &[Group<'_>],
    left: &[Left],
) -> Result<Vec<(usize, Part, Node)>, Unanswered> {
    let lineage = asking.lineage;
    let mut counterparts = counterparts(lineage, mine, other, groups, left);
    let mut standing = Standing { below: HashMap::new() };
    let (mut used, mut found) = (HashSet::new(), Vec::new());
    for (count, (at, part)) in left.iter().enumerate() {
        if count % 1_024 == 0 {
            asking.go_on()?;
        }
        let shared = |node: Node| mine.closure.holds(node) && other.holds(node);
        let neighbour = counterparts.get(&part.from).copied().or_else(|| shared(part.from).then_some(part.from));
        let Some(neighbour) = neighbour else { continue };
        let relations: Vec<&str> = mine.closure.hanging(lineage, part).map(|link| link.relation).collect();
        let along = mine.closure.along(false);
        let still = |node: Node| {
            let mut links = lineage.between(part.from, node).filter(|link| along.admits(link));
            links.any(|link| relations.contains(&link.relation))
        };
        let candidates = standing.of(lineage, other, neighbour, &shared, part.node);
        let fitting = candidates.iter().filter(|(_, relation)| relations.contains(relation)).map(|(node, _)| *node);
        let fitting = fitting.filter(|node| !used.contains(node) && !still(*node));
        let Some(partner) = fitting.max_by_key(|node| (Natural(version(lineage, *node)), *node)) else { continue };
        used.insert(partner);
        counterparts.insert(part.node, partner);
        found.push((*at, *part, partner));
    }
    Ok(found)
}

/// What the neighbours of what is left over are paired with.
fn counterparts(
    lineage: &Lineage,
    mine: &Side<'_>,
    other: &Closure,
    groups: &[Group<'_>],
    left: &[Left],
) -> HashMap<Node, Node> {
    let mut wanted = NodeSet::new(lineage.len());
    for (_, part) in left {
        wanted.insert(part.from);
    }
    let mut found = HashMap::new();
    if lineage.kind(mine.closure.root) == lineage.kind(other.root) {
        found.insert(mine.closure.root, other.root);
    }
    for group in groups.iter().filter(|group| !group.is_folded()) {
        // not what the other direction found, or the answer would hang on which of the two came first
        for (old, new) in group.old.iter().zip(&group.new) {
            let (own, others) = if mine.is_new { (new, old) } else { (old, new) };
            if wanted.contains(own.node) {
                found.insert(own.node, others.node);
            }
        }
    }
    found
}

/// Kind and logical name.
type Name<'a> = (&'a str, &'a str);
/// What hangs below a neighbour, by name, with the relation.
type Below<'a> = HashMap<Name<'a>, Vec<(Node, &'a str)>>;

/// What both sides rest on and hangs below a neighbour; looked up once for each neighbour.
struct Standing<'a> {
    below: HashMap<Node, Below<'a>>,
}

impl<'a> Standing<'a> {
    fn of(
        &mut self,
        lineage: &'a Lineage,
        side: &Closure,
        neighbour: Node,
        shared: &impl Fn(Node) -> bool,
        like: Node,
    ) -> &[(Node, &'a str)] {
        let name = |node| (lineage.kind(node), logical_name(lineage, node));
        let along = side.along(false);
        let below = self.below.entry(neighbour).or_insert_with(|| {
            let mut below = Below::new();
            for link in lineage.upstream(neighbour).filter(|link| along.admits(link) && shared(link.to)) {
                below.entry(name(link.to)).or_default().push((link.to, link.relation));
            }
            below
        });
        below.get(&name(like)).map_or(&[], Vec::as_slice)
    }
}
