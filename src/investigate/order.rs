//! The order in which neighbours are listed: what holds now before what has ended, the latest first; and that
//! of versions, as people count. It leaves nothing out.

use crate::graph::walk::Way;
use crate::graph::{LinkRef, Node};
use crate::investigate::asking::Asking;
use crate::model::Time;
use std::cmp::{Ordering, Reverse};

/// The most neighbours that are put in order; a larger hub is listed by id.
pub(super) const MOST_SORTED: usize = 2_000;

/// Whether a link held only before a moment.
pub(super) fn has_ended(link: &LinkRef<'_>, moment: Time) -> bool {
    link.until.is_some_and(|until| until < moment)
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

/// A version, in order as people count: `9` before `10`, `1.2` before `1.10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Natural<'a>(pub(super) &'a str);

impl Ord for Natural<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        natural(self.0, other.0)
    }
}

impl PartialOrd for Natural<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares versions as people count: `9` before `10`, `1.2` before `1.10`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        if left.is_empty() || right.is_empty() {
            return left.len().cmp(&right.len()).then_with(|| a.cmp(b));
        }
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (ours, theirs) = (digits(left), digits(right));
        if ours > 0 && theirs > 0 {
            let number = |text: &str, end: usize| text[..end].trim_start_matches('0').to_owned();
            let (x, y) = (number(left, ours), number(right, theirs));
            let order = x.len().cmp(&y.len()).then_with(|| x.cmp(&y));
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (&left[ours..], &right[theirs..]);
            continue;
        }
        let (Some(x), Some(y)) = (left.chars().next(), right.chars().next()) else { continue };
        if x != y {
            return x.cmp(&y);
        }
        (left, right) = (&left[x.len_utf8()..], &right[y.len_utf8()..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn versions_count_as_people_do() {
        let mut versions = ["10", "9", "1.10.0", "1.2.0", "v2", "2026-11-17", "9-hotfix1"];
        versions.sort_by_key(|version| Natural(version));
        assert_eq!(versions, ["1.2.0", "1.10.0", "9", "9-hotfix1", "10", "2026-11-17", "v2"]);
    }

    proptest! {
        #[test]
        fn the_order_of_versions_is_one(a in "[0-2av.é-]{0,4}", b in "[0-2av.é-]{0,4}", c in "[0-2av.é-]{0,4}") {
            prop_assert_eq!(natural(&a, &b), natural(&b, &a).reverse());
            prop_assert_eq!(natural(&a, &b) == Ordering::Equal, a == b);
            if natural(&a, &b) != Ordering::Greater && natural(&b, &c) != Ordering::Greater {
                prop_assert_ne!(natural(&a, &c), Ordering::Greater);
            }
        }
    }
}
