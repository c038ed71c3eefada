//! The order in which neighbours are listed: what holds now before what has ended, the latest first.
//! It leaves nothing out.

use crate::graph::walk::{Along, Way};
use crate::graph::{Lineage, LinkRef, Node};
use crate::investigate::asking::Asking;
use crate::model::Time;
use std::cmp::Reverse;

/// The most neighbours that are put in order; a larger hub is listed by id.
pub(super) const MOST_SORTED: usize = 2_000;

/// Whether a link held only before a moment.
pub(super) fn has_ended(link: &LinkRef<'_>, moment: Time) -> bool {
    link.until.is_some_and(|until| until < moment)
}

/// Of parallel links that a walk takes the one that holds at a moment, is dated, and began first.
pub(super) fn hop_link<'a>(
    lineage: &'a Lineage,
    (from, to): (Node, Node),
    along: &Along,
    moment: Time,
) -> Option<LinkRef<'a>> {
    let links = lineage.between(from, to).filter(|link| link.carries_impact && along.admits(link));
    links.min_by_key(|link| (has_ended(link, moment), link.since.is_none(), link.since))
}

/// What links are ordered by: ended or not, then from the latest, then by relation.
pub(super) fn rank<'a>(link: &LinkRef<'a>, moment: Time) -> (bool, Reverse<Option<Time>>, &'a str) {
    (has_ended(link, moment), Reverse(link.since), link.relation)
}

/// Puts the neighbours of an artefact in order.
pub(super) fn sort(asking: &Asking<'_>, node: Node, way: Way, neighbours: &mut [Node]) {
    if neighbours.len() > MOST_SORTED {
        return;
    }
    let moment = asking.moment();
    neighbours.sort_by_cached_key(|other| {
        let links = match way {
            Way::Up => asking.lineage.between(node, *other),
            Way::Down => asking.lineage.between(*other, node),
        };
        (links.map(|link| rank(&link, moment)).min(), *other)
    });
}
