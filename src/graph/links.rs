//! Links read from the index, both ways. It judges no window: that is `held.rs`.

use crate::graph::held::{Dates, Held};
use crate::graph::layout::{EXACT, FAR_SLOT, NO_IMPACT, ODD, Section, UNDATED};
use crate::graph::lineage::{Lineage, Node};
use crate::graph::walk::{Along, Way};
use crate::model::{Time, Window};
use std::ops::Range;

/// One link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkRef<'a> {
    /// The dependent.
    pub from: Node,
    /// The dependency.
    pub to: Node,
    /// How.
    pub relation: &'a str,
    /// Whether what is wrong with `to` is wrong with `from`.
    pub carries_impact: bool,
    /// First moment it held; where nobody saw it begin, the first at which it was seen.
    pub since: Option<Time>,
    /// Where nobody saw it begin: the last moment at which it was seen not to be there.
    pub since_after: Option<Time>,
    /// Last moment it held; where nobody saw it end, the first at which it was seen to be gone. A step is a
    /// moment: its links end when they begin.
    pub until: Option<Time>,
    /// Where nobody saw it end: the last moment at which it was seen.
    pub until_after: Option<Time>,
    /// Whether some source states it without dates, or with another end.
    pub doubtful: bool,
    /// The first claim that states it.
    pub claim: u64,
    /// How many claims state it.
    pub sources: u32,
    /// Whether the dependent is made once, so that what it was made of stays true after `until`.
    pub made_once: bool,
    pub(super) number: u32,
}

impl LinkRef<'_> {
    /// How sure it is that the link held at some moment of the window.
    pub fn held(&self, window: &Window) -> Held {
        Held::judge(window, &self.dates(false))
    }

    /// The first moment at which it may have held.
    pub fn earliest(&self) -> Option<Time> {
        self.since_after.or(self.since)
    }

    /// When it held. With `keeps`, what is made once has no end.
    pub fn dates(&self, keeps: bool) -> Dates {
        let LinkRef { since, since_after, doubtful, .. } = *self;
        let (until, until_after) = if keeps && self.made_once { (None, None) } else { (self.until, self.until_after) };
        Dates { since, since_after, until, until_after, doubtful }
    }
}

impl Lineage {
    /// Links to what it depends on, in order of the dependency's id.
    pub fn upstream(&self, node: Node) -> impl ExactSizeIterator<Item = LinkRef<'_>> + '_ {
        self.forward_range(node).map(move |link| self.link(node, link))
    }

    /// Links from what depends on it, in order of the dependent's id. To read some of many, `skip`
    /// and `take`: skipping costs nothing.
    pub fn downstream(&self, node: Node) -> impl ExactSizeIterator<Item = LinkRef<'_>> + '_ {
        self.reverse_range(node).map(move |place| self.link(self.source(place), self.link_at(place, node)))
    }

    /// How many links lead to what it depends on.
    pub fn upstream_count(&self, node: Node) -> usize {
        self.forward_range(node).len()
    }

    /// How many links lead from what depends on it.
    pub fn downstream_count(&self, node: Node) -> usize {
        self.reverse_range(node).len()
    }

    /// The links from `from` to `to`.
    pub fn between(&self, from: Node, to: Node) -> impl Iterator<Item = LinkRef<'_>> + '_ {
        let range = self.forward_range(from);
        let targets = self.list::<u32>(Section::Target).get(range.clone()).unwrap_or_default();
        let first = range.start + targets.partition_point(|target| target & !NO_IMPACT < to.0);
        (first..range.end).map(move |link| self.link(from, link)).take_while(move |link| link.to == to)
    }

    /// What it depends on, or what depends on it: every artefact once, in order of ids.
    pub fn neighbours(&self, node: Node, way: Way) -> impl Iterator<Item = Node> + '_ {
        let (range, ends): (_, &[u32]) = match way {
            Way::Up => (self.forward_range(node), self.list(Section::Target)),
            Way::Down => (self.reverse_range(node), self.list(Section::Source)),
        };
        let ends = ends.get(range).unwrap_or_default();
        let same = |a: &u32, b: &u32| (a ^ b) & !NO_IMPACT == 0;
        ends.chunk_by(same).filter_map(|same| same.first()).map(|end| Node(end & !NO_IMPACT))
    }

    /// How many artefacts [`Lineage::neighbours`] lists.
    pub fn neighbour_count(&self, node: Node, way: Way) -> usize {
        let (range, ends): (_, &[u32]) = match way {
            Way::Up => (self.forward_range(node), self.list(Section::Target)),
            Way::Down => (self.reverse_range(node), self.list(Section::Source)),
        };
        let ends = ends.get(range).unwrap_or_default();
        usize::from(!ends.is_empty()) + ends.windows(2).filter(|pair| (pair[0] ^ pair[1]) & !NO_IMPACT != 0).count()
    }

    /// Every claim that states a link, the first first.
    pub fn link_claims(&self, link: &LinkRef<'_>) -> impl Iterator<Item = u64> + '_ {
        let number = link.number;
        let more = pairs(self.list(Section::MoreLinkClaims), number);
        std::iter::once(link.claim).chain(more.iter().map(|it| u64::from(it[1])))
    }

    /// Whether any link began or ended between two looks, so that nobody knows when.
    pub fn has_unseen(&self) -> bool {
        !(self.raw(Section::SinceAfter).is_empty() && self.raw(Section::UntilAfter).is_empty())
    }

    /// The earliest and latest start any link states.
    pub fn link_times(&self) -> Option<(Time, Time)> {
        let whole = self.list::<u32>(Section::Since).iter().filter(|at| **at != UNDATED && **at != EXACT);
        let (low, high) = whole.fold((u32::MAX, 0), |(low, high), at| (low.min(*at), high.max(*at)));
        let whole = (high != 0).then(|| [low, high].map(|at| Time::from_seconds(i64::from(at))));
        let exact = self.list::<[u32; 3]>(Section::ExactSince).iter();
        let exact = exact.map(|it| Time::from_micros(crate::graph::layout::micros(it)));
        exact.chain(whole.into_iter().flatten()).fold(None, |range, at| match range {
            None => Some((at, at)),
            Some((low, high)) => Some((at.min(low), at.max(high))),
        })
    }

    pub(super) fn forward_range(&self, node: Node) -> Range<usize> {
        range(self.list(Section::Forward), node)
    }

    pub(super) fn reverse_range(&self, node: Node) -> Range<usize> {
        range(self.list(Section::Reverse), node)
    }

    pub(super) fn source(&self, place: usize) -> Node {
        Node(self.list::<u32>(Section::Source).get(place).copied().unwrap_or(0) & !NO_IMPACT)
    }

    /// The link at a place of the reverse list of `to`.
    pub(super) fn link_at(&self, place: usize, to: Node) -> usize {
        let sources: &[u32] = self.list(Section::Source);
        let source = self.source(place);
        let links = self.forward_range(source);
        let slot = self.list::<u8>(Section::Slot).get(place).copied().unwrap_or(0);
        if slot < FAR_SLOT {
            return (links.start + usize::from(slot)).min(self.links.saturating_sub(1));
        }
        // the same pair may be linked several times: these lie side by side in both lists
        let reverse = self.reverse_range(to);
        let earlier = sources.get(reverse.start..place).unwrap_or_default();
        let nth = earlier.iter().rev().take_while(|it| **it & !NO_IMPACT == source.0).count();
        let targets = self.list::<u32>(Section::Target).get(links.clone()).unwrap_or_default();
        (links.start + targets.partition_point(|it| it & !NO_IMPACT < to.0) + nth).min(self.links.saturating_sub(1))
    }

    pub(super) fn since(&self, link: usize) -> Option<Time> {
        match self.list::<u32>(Section::Since).get(link).copied().unwrap_or(UNDATED) {
            UNDATED => None,
            EXACT => self.exact(Section::ExactSince, link as u32),
            seconds => Some(Time::from_seconds(i64::from(seconds))),
        }
    }

    /// How sure it is that a link of `from` held in the window of a walk.
    pub(super) fn link_held(&self, from: Node, link: usize, along: &Along) -> Held {
        Held::judge(&along.window, &self.link_dates(from, link, along.keeps))
    }

    /// What a link of `from` is judged by. With `keeps`, what is made once has no end.
    #[inline]
    pub(super) fn link_dates(&self, from: Node, link: usize, keeps: bool) -> Dates {
        let since = self.since(link);
        let (until, until_after) = if keeps && self.is_made_once(from) {
            (None, None)
        } else {
            (self.until(from, link, since), self.exact(Section::UntilAfter, link as u32))
        };
        let since_after = self.exact(Section::SinceAfter, link as u32);
        Dates { since, since_after, until, until_after, doubtful: self.doubtful(link) }
    }

    fn is_made_once(&self, node: Node) -> bool {
        self.made_once[usize::from(self.kind_code(node))]
    }

    fn until(&self, from: Node, link: usize, since: Option<Time>) -> Option<Time> {
        let stated = self.exact(Section::Until, link as u32);
        let is_moment = || self.step == Some(self.kind_code(from));
        stated.or_else(|| since.filter(|_| is_moment()))
    }

    fn doubtful(&self, link: usize) -> bool {
        self.list::<u32>(Section::Doubtful).binary_search(&(link as u32)).is_ok()
    }

    pub(super) fn target(&self, link: usize) -> Node {
        Node(self.list::<u32>(Section::Target).get(link).copied().unwrap_or(0) & !NO_IMPACT)
    }

    pub(super) fn relation_code(&self, link: usize) -> u8 {
        self.list::<u8>(Section::Relation).get(link).copied().unwrap_or(ODD)
    }

    pub(super) fn relation(&self, link: usize) -> &str {
        match self.relation_code(link) {
            ODD => {
                let odd: &[[u32; 2]] = self.list(Section::OddRelations);
                odd.binary_search_by_key(&(link as u32), |it| it[0]).map_or("", |at| self.text(odd[at][1]))
            }
            code => self.list::<u32>(Section::Relations).get(usize::from(code)).map_or("", |text| self.text(*text)),
        }
    }

    pub(super) fn carries_impact(&self, link: usize) -> bool {
        self.carries[usize::from(self.relation_code(link))]
    }

    pub(super) fn link(&self, from: Node, link: usize) -> LinkRef<'_> {
        let number = link as u32;
        let Dates { since, since_after, until, until_after, doubtful } = self.link_dates(from, link, false);
        LinkRef {
            from,
            to: self.target(link),
            relation: self.relation(link),
            carries_impact: self.carries_impact(link),
            since,
            since_after,
            until,
            until_after,
            doubtful,
            claim: u64::from(self.list::<u32>(Section::LinkClaim).get(link).copied().unwrap_or(0)),
            sources: 1 + pairs(self.list(Section::MoreLinkClaims), number).len() as u32,
            made_once: self.is_made_once(from),
            number,
        }
    }
}

/// The pairs of one key in a list sorted by key.
pub(super) fn pairs(list: &[[u32; 2]], key: u32) -> &[[u32; 2]] {
    let first = list.partition_point(|it| it[0] < key);
    let rest = &list[first..];
    &rest[..rest.partition_point(|it| it[0] == key)]
}

fn range(starts: &[u32], node: Node) -> Range<usize> {
    match (starts.get(node.index()), starts.get(node.index() + 1)) {
        (Some(start), Some(end)) => *start as usize..(*end).max(*start) as usize,
        _ => 0..0,
    }
}
