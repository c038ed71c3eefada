//! When what rests on something came to: over all ways, not along the shortest. It knows no incident.

use crate::graph::bits::NodeSet;
use crate::graph::lineage::{Lineage, Node};
use crate::graph::links::LinkRef;
use crate::graph::walk::{Along, Cancelled, Way, walk_where};
use crate::model::Time;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

/// Since when any of some starts rests on an artefact: over a way, since its latest link began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Entry {
    /// The earliest over ways whose every link is dated; none where there is no such way.
    pub stated: Option<Time>,
    /// The earliest over any way, were an undated link there since ever and one that nobody saw begin as soon
    /// as it may; none is before any.
    pub soonest: Option<Time>,
}

impl Entry {
    /// Whether a way with an undated link may have brought it in before what is stated.
    pub fn or_earlier(&self) -> bool {
        self.stated.is_some() && self.soonest < self.stated
    }

    /// The earlier of two.
    #[must_use]
    pub fn first(self, other: Entry) -> Entry {
        let stated = self.stated.into_iter().chain(other.stated).min();
        Entry { stated, soonest: self.soonest.min(other.soonest) }
    }
}

/// The entries of these artefacts into what the starts rest on, over what stands at a moment. Ways run only
/// through what `within` holds of.
///
/// # Errors
/// When `cancel` was raised.
pub fn entries(
    lineage: &Lineage,
    starts: &[Node],
    at: Time,
    of: &[Node],
    within: impl Fn(Node) -> bool,
    cancel: &AtomicBool,
) -> Result<HashMap<Node, Entry>, Cancelled> {
    let along = Along::state(at);
    let below = walk_where(lineage, of, Way::Down, &along, |link| within(link.from), cancel)?;
    let region = below.set();
    let sure = along.surely();
    let dated = earliest(lineage, starts, region, |link| sure.admits(link).then_some(link.since), cancel)?;
    let since = |link: &LinkRef<'_>| {
        let dated = sure.admits(link).then_some(link.since_after.or(link.since));
        dated.or_else(|| along.admits(link).then_some(link.since_after))
    };
    let any = earliest(lineage, starts, region, since, cancel)?;
    let entry = |node: &Node| {
        let soonest = *any.get(&node.0)?;
        Some((*node, Entry { stated: dated.get(&node.0).copied().flatten(), soonest }))
    };
    Ok(of.iter().filter_map(entry).collect())
}

/// For each of a region that is come to from the starts the least that the latest link of any way can be; no
/// moment is before any. `since` gives when a link begins, where it is taken.
fn earliest(
    lineage: &Lineage,
    starts: &[Node],
    region: &NodeSet,
    since: impl Fn(&LinkRef<'_>) -> Option<Option<Time>>,
    cancel: &AtomicBool,
) -> Result<HashMap<u32, Option<Time>>, Cancelled> {
    let mut best: HashMap<u32, Option<Time>> = HashMap::new();
    let mut open = BinaryHeap::new();
    for start in starts.iter().filter(|start| region.contains(**start)) {
        best.insert(start.0, None);
        open.push(Reverse((None, start.0)));
    }
    let mut steps = 0_u32;
    while let Some(Reverse((came, node))) = open.pop() {
        if best.get(&node).is_some_and(|best| *best < came) {
            continue;
        }
        steps = steps.wrapping_add(1);
        if steps.is_multiple_of(4_096) && cancel.load(Ordering::Relaxed) {
            return Err(Cancelled);
        }
        for link in lineage.upstream(Node(node)).filter(|link| region.contains(link.to)) {
            // what nothing brings in sooner needs no look at the link
            if best.get(&link.to.0).is_some_and(|best| *best <= came) {
                continue;
            }
            let Some(since) = since(&link) else { continue };
            let came: Option<Time> = came.max(since);
            if best.get(&link.to.0).is_none_or(|best| came < *best) {
                best.insert(link.to.0, came);
                open.push(Reverse((came, link.to.0)));
            }
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::fixture::{Sayings, at};

    static GO: AtomicBool = AtomicBool::new(false);

    #[test]
    fn the_first_entry_counts_and_not_that_of_the_shortest_way() {
        let mut it = Sayings::default();
        it.dated("deployment:d", "contains", "package:p", "2026-11-09", "")
            .dated("deployment:d", "deploys", "model-version:m@1", "2026-11-02", "")
            .dated("model-version:m@1", "built-from", "image:i", "2026-11-01", "")
            .dated("image:i", "contains", "package:p", "2026-11-03", "")
            .link("deployment:d", "used", "tool:t")
            .dated("tool:t", "contains", "package:p", "2026-11-01", "")
            .link("tool:t", "used", "dataset:undated");
        let lineage = it.lineage();
        let node = |id: &str| lineage.node(id).unwrap();
        let of = ["package:p", "image:i", "dataset:undated"].map(node);
        let found = entries(&lineage, &[node("deployment:d")], at("2026-11-10"), &of, |_| true, &GO).unwrap();
        assert_eq!(found[&of[0]], Entry { stated: Some(at("2026-11-03")), soonest: Some(at("2026-11-01")) });
        assert!(found[&of[0]].or_earlier() && !found[&of[1]].or_earlier() && !found[&of[2]].or_earlier());
        assert_eq!(found[&of[1]], Entry { stated: Some(at("2026-11-02")), soonest: Some(at("2026-11-02")) });
        assert_eq!(found[&of[2]], Entry::default());
        let early = entries(&lineage, &[node("deployment:d")], at("2026-11-01"), &of, |_| true, &GO).unwrap();
        assert_eq!(early.get(&of[1]), None, "nothing of it stood then");
        let stopped = entries(&lineage, &of, at("2026-11-10"), &of, |_| true, &AtomicBool::new(true));
        assert!(stopped.is_err());
    }
}
