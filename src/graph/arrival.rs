//! When something bad can have reached what depends on it, over links in order of their dates. It says
//! nothing of what that means; a walk, which looks at each link by itself, says what is reached at all.

use crate::graph::held::Held;
use crate::graph::layout::{NO_IMPACT, Section};
use crate::graph::lineage::{Lineage, Node};
use crate::graph::walk::{Along, Cancelled, Walk};
use crate::model::Time;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

/// The earliest moment at which each artefact can have been reached, and from where.
#[derive(Debug)]
pub struct Arrivals {
    /// A start names itself; without a moment it is bad since ever.
    at: HashMap<u32, (Option<Time>, u32)>,
}

impl Arrivals {
    /// Whether it can have been reached at all.
    pub fn contains(&self, node: Node) -> bool {
        self.at.contains_key(&node.0)
    }

    /// When it was reached at the earliest; none where no link on the way, nor the start, is dated.
    pub fn at(&self, node: Node) -> Option<Time> {
        self.at.get(&node.0).and_then(|(at, _)| *at)
    }

    /// From a start to it, by a way that arrives earliest; empty where none does.
    pub fn path(&self, node: Node) -> Vec<Node> {
        let mut path: Vec<Node> = Vec::new();
        let mut next = self.at.get(&node.0).map(|_| node.0);
        while let Some(node) = next {
            path.push(Node(node));
            next = self.at.get(&node).map(|(_, via)| *via).filter(|via| *via != node);
        }
        path.reverse();
        path
    }
}

/// Follows links down from what is bad since a moment, or since ever. A link passes on when it began, or at
/// once where it already had or is undated, and nothing that reaches its dependency after it ended. Where
/// `along` takes what is not sure, a link whose dates sources state differently passes on at any time, and one that
/// nobody saw begin or end as soon and as long as it may.
///
/// # Errors
/// When `cancel` was raised.
pub fn arrivals(
    lineage: &Lineage,
    starts: &[Node],
    from: Option<Time>,
    along: &Along,
    cancel: &AtomicBool,
) -> Result<Arrivals, Cancelled> {
    let sources: &[u32] = lineage.list(Section::Source);
    let mut at: HashMap<u32, (Option<Time>, u32)> = HashMap::new();
    let mut open = BinaryHeap::new();
    for start in starts.iter().filter(|start| start.index() < lineage.len()) {
        at.insert(start.0, (from, start.0));
        open.push(Reverse((from, start.0)));
    }
    let mut steps = 0_u32;
    while let Some(Reverse((arrived, node))) = open.pop() {
        if at.get(&node).is_some_and(|(best, _)| *best < arrived) {
            continue;
        }
        steps = steps.wrapping_add(1);
        if steps.is_multiple_of(4_096) && cancel.load(Ordering::Relaxed) {
            return Err(Cancelled);
        }
        for place in lineage.reverse_range(Node(node)) {
            let raw = sources.get(place).copied().unwrap_or(NO_IMPACT);
            if along.impact_only && raw & NO_IMPACT != 0 {
                continue;
            }
            let dependent = raw & !NO_IMPACT;
            // what nothing can reach sooner needs no look at the link
            if at.get(&dependent).is_some_and(|(best, _)| *best <= arrived) {
                continue;
            }
            let link = lineage.link_at(place, Node(node));
            let dates = lineage.link_dates(Node(dependent), link, along.keeps);
            if Held::judge(&along.window, &dates) < along.at_least {
                continue;
            }
            let possibly = along.at_least == Held::Possibly;
            let stretch = if possibly { dates.possibly() } else { dates.surely() };
            let passed = if possibly && dates.doubtful { Some(arrived) } else { passes(arrived, stretch) };
            let Some(passed) = passed else { continue };
            if at.get(&dependent).is_none_or(|(best, _)| passed < *best) {
                at.insert(dependent, (passed, node));
                open.push(Reverse((passed, dependent)));
            }
        }
    }
    Ok(Arrivals { at })
}

/// When a link that held from one moment to another passes on what reached its dependency at a moment, if it does.
pub fn passes(arrived: Option<Time>, (since, until): (Option<Time>, Option<Time>)) -> Option<Option<Time>> {
    let ended = matches!((arrived, until), (Some(arrived), Some(until)) if until < arrived);
    // no moment is before any
    (!ended).then(|| arrived.max(since))
}

impl Lineage {
    /// Whether any link may end; where none does, all ways are in order.
    pub fn has_ends(&self) -> bool {
        self.step.is_some() || !self.list::<[u32; 3]>(Section::Until).is_empty()
    }

    /// Whether a link of anything reached may have ended: it states an end, or belongs to a step.
    pub fn has_ends_in(&self, walk: &Walk) -> bool {
        let ends: &[[u32; 3]] = self.list(Section::Until);
        walk.reached().any(|(node, _)| {
            let links = self.forward_range(node);
            let first = ends.partition_point(|end| (end[0] as usize) < links.start);
            self.step == Some(self.kind_code(node)) || ends.get(first).is_some_and(|end| (end[0] as usize) < links.end)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::fixture::{Sayings, at};
    use crate::model::Window;
    use proptest::prelude::*;
    use std::collections::HashSet;

    static GO: AtomicBool = AtomicBool::new(false);
    const KINDS: [&str; 4] = ["dataset", "model-version", "deployment", "step"];
    const DAYS: [&str; 6] = ["", "2026-11-01", "2026-11-03", "2026-11-05T00:00:00.5Z", "2026-11-07", "2026-11-09"];

    #[test]
    fn what_ran_before_the_bad_was_deployed_is_not_reached() {
        let mut it = Sayings::default();
        it.dated("model-version:m@2", "trained-on", "dataset:bad", "2026-11-03", "")
            .dated("deployment:d", "deploys", "model-version:m@2", "2026-11-05", "2026-11-08")
            .dated("step:early", "produced-by", "deployment:d", "2026-11-04", "")
            .dated("step:late", "produced-by", "deployment:d", "2026-11-06", "")
            .link("step:undated", "produced-by", "deployment:d");
        let lineage = it.lineage();
        let node = |id: &str| lineage.node(id).unwrap();
        let bad = [node("dataset:bad")];
        let reached = arrivals(&lineage, &bad, None, &Along::impact(), &GO).unwrap();
        assert_eq!(reached.at(node("deployment:d")), Some(at("2026-11-05")));
        assert!(!reached.contains(node("step:early")));
        assert_eq!(reached.path(node("step:late")).len(), 4);
        assert!(reached.contains(node("step:undated")));
        assert!(reached.path(node("step:early")).is_empty());
        // bad from the 9th on only: the deployment had moved on
        let later = arrivals(&lineage, &bad, Some(at("2026-11-09")), &Along::impact(), &GO).unwrap();
        assert!(!later.contains(node("deployment:d")) && later.contains(node("model-version:m@2")));
        let walked = crate::graph::walk::walk;
        let walk = |node| walked(&lineage, &[node], crate::graph::walk::Way::Down, &Along::impact(), BOUNDS, &GO);
        assert!(lineage.has_ends() && lineage.has_ends_in(&walk(bad[0]).unwrap()));
        let mut open = Sayings::default();
        open.dated("dataset:b", "derived-from", "dataset:a", "2026-11-03", "");
        assert!(!open.lineage().has_ends());
    }

    const BOUNDS: crate::graph::walk::Bounds = crate::graph::walk::Bounds::NONE;

    /// Every state of being somewhere since some moment, one by one, until there are no more.
    fn naive(lineage: &Lineage, start: Node, from: Option<Time>, along: &Along) -> HashMap<Node, Option<Time>> {
        let mut states = HashSet::from([(start, from)]);
        loop {
            let mut more = states.clone();
            for (node, arrived) in &states {
                for link in lineage.upstream_of_all().filter(|link| link.to == *node && along.admits(link)) {
                    let any_time = link.doubtful && along.at_least == Held::Possibly;
                    let (mut since, mut until) = (link.since, link.until);
                    if along.at_least == Held::Possibly && link.since_after.is_some() {
                        since = link.since_after;
                    } else if along.at_least == Held::Certainly && link.until_after.is_some() {
                        until = link.until_after;
                    }
                    let until = until.filter(|_| !(along.keeps && link.made_once));
                    let in_time = arrived.is_none() || until.is_none() || *arrived <= until;
                    if any_time {
                        more.insert((link.from, *arrived));
                    } else if in_time {
                        more.insert((link.from, if since > *arrived { since } else { *arrived }));
                    }
                }
            }
            if more.len() == states.len() {
                break;
            }
            states = more;
        }
        let mut earliest: HashMap<Node, Option<Time>> = HashMap::new();
        for (node, at) in states {
            earliest.entry(node).and_modify(|best| *best = at.min(*best)).or_insert(at);
        }
        earliest
    }

    impl Lineage {
        fn upstream_of_all(&self) -> impl Iterator<Item = crate::graph::LinkRef<'_>> {
            self.nodes().flat_map(|node| self.upstream(node))
        }
    }

    type Said = (u8, u8, bool, usize, usize);

    proptest! {
        #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_naive_search_arrives_as_early(
            said in prop::collection::vec((0_u8..8, 0_u8..8, any::<bool>(), 0_usize..6, 0_usize..6), 0..24),
            from in 0_usize..6,
            window in any::<bool>(),
            keeps in any::<bool>(),
        ) {
            let said: Vec<Said> = said;
            let id = |number: u8| format!("{}:n{number}", KINDS[usize::from(number % 4)]);
            let mut it = Sayings::default();
            it.artefact(&id(0), "{}");
            for (a, b, carries, since, until) in &said {
                let relation = if *carries { "used" } else { "version-of" };
                it.dated(&id(*a), relation, &id(*b), DAYS[*since], DAYS[*until]);
            }
            let lineage = it.lineage();
            let start = lineage.node(&id(0)).unwrap();
            let from = (from > 0).then(|| at(DAYS[from]));
            let window = Window { since: from.filter(|_| window), until: None };
            for at_least in [Held::Certainly, Held::Possibly] {
                let along = Along { window, at_least, keeps, ..Along::impact() };
                let fast = arrivals(&lineage, &[start], from, &along, &GO).unwrap();
                let slow = naive(&lineage, start, from, &along);
                for node in lineage.nodes() {
                    prop_assert_eq!(fast.contains(node), slow.contains_key(&node), "{}", lineage.id(node));
                    prop_assert_eq!(fast.at(node), slow.get(&node).copied().flatten());
                    let path = fast.path(node);
                    prop_assert_eq!(path.first().copied(), slow.contains_key(&node).then_some(start));
                }
            }
        }
    }
}
