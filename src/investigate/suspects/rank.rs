//! Counts of bad and good for every artefact, and which of them come first. It draws no path.

use crate::graph::lanes::{self, Lane, Lanes, climb};
use crate::graph::spread::{Order, Spread};
use crate::graph::walk::Cancelled;
use crate::graph::{Lineage, Node, NodeSet};
use crate::investigate::asking::Asking;
use crate::investigate::suspects::observed::Observation;
use crate::model::Time;
use std::collections::HashMap;

/// Bad ones take two lanes each: what may be upstream, and what surely is.
const BAD_AT_ONCE: usize = lanes::MOST / 2;

/// What every artefact is upstream of.
pub(super) struct Spectrum {
    bad: Vec<Spread>,
    good: Vec<Spread>,
    /// The moments the bad are judged by, and how far each thing is from those of one moment.
    moments: Vec<Time>,
    near: Vec<Lanes>,
    bad_total: u64,
    good_total: u64,
    /// What was observed, and so is no suspect.
    observed: NodeSet,
}

/// Pairs of counts from the best score to the worst; equal scores share a class.
#[derive(Debug)]
pub(super) struct Ranking {
    /// The class of each pair of counts, by bad and then by good.
    classes: Vec<u32>,
    goods: usize,
    wanted: Vec<bool>,
    kinds: Vec<String>,
    /// Artefacts per class and distance, those of kinds that were asked for.
    cells: Vec<(u32, u32, u64)>,
    /// How many there are.
    pub total: u64,
    /// How many are as surely as they may be.
    pub certain: u64,
    /// How many nobody described.
    pub mentioned: u64,
}

/// One artefact upstream of something bad.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub node: Node,
    pub class: u32,
    pub counts: (u64, u64),
    pub distance: u32,
    pub certain: bool,
    /// The moment by which the nearest of the bad is judged.
    pub at: Time,
}

/// How well something separates: 1 when all of the bad and none of the good rest on it.
pub(super) fn ochiai(bad: u64, good: u64, bad_total: u64) -> f64 {
    let product = bad_total * (bad + good);
    if product == 0 { 0.0 } else { bad as f64 / (product as f64).sqrt() }
}

/// What scores are ordered by, exactly: bad² / (bad + good) as a fraction, the larger first.
pub(super) fn better(a: &(u64, u64), b: &(u64, u64)) -> std::cmp::Ordering {
    let cross = |one: &(u64, u64), other: &(u64, u64)| one.0 * one.0 * (other.0 + other.1);
    cross(b, a).cmp(&cross(a, b))
}

impl Spectrum {
    pub(super) fn of(asking: &Asking<'_>, bad: &[Observation], good: &[Observation]) -> Result<Spectrum, Cancelled> {
        let lane = |it: &Observation, surely| Lane { starts: vec![it.start], at: it.at, surely };
        let both = |some: &[Observation]| -> Vec<Lane> {
            some.iter().map(|it| lane(it, false)).chain(some.iter().map(|it| lane(it, true))).collect()
        };
        let bad_lanes: Vec<Vec<Lane>> = bad.chunks(BAD_AT_ONCE).map(both).collect();
        let good_lanes: Vec<Vec<Lane>> =
            good.chunks(lanes::MOST).map(|some| some.iter().map(|it| lane(it, false)).collect()).collect();
        let mut moments: Vec<Time> = bad.iter().map(|it| it.at).collect();
        moments.sort_unstable();
        moments.dedup();
        let starts = |at: &Time| bad.iter().filter(|it| it.at == *at).map(|it| it.start).collect();
        let one: Vec<Lane> = moments.iter().map(|at| Lane { starts: starts(at), at: *at, surely: false }).collect();
        let (lineage, cancel) = (asking.lineage, asking.cancel);
        // how far things are needs no order, and an order no distances: each on a core of its own
        let (order, near) = std::thread::scope(|scope| {
            let near = scope.spawn(|| one.chunks(lanes::MOST).map(|lanes| climb(lineage, lanes, cancel)).collect());
            let all = bad.iter().chain(good).map(|it| it.start);
            (Order::above(lineage, all, None, cancel), near.join().unwrap_or(Err(Cancelled)))
        });
        let (order, near): (Order, Vec<Lanes>) = (order?, near?);
        let spread = |all: &[Vec<Lane>]| -> Result<Vec<Spread>, Cancelled> {
            all.iter().map(|lanes| order.spread(lineage, lanes, cancel)).collect()
        };
        // likewise the two sides know nothing of each other
        let (bad_reached, good_reached) = std::thread::scope(|scope| {
            let other = scope.spawn(|| spread(&good_lanes));
            (spread(&bad_lanes), other.join().unwrap_or(Err(Cancelled)))
        });
        let mut observed = NodeSet::new(lineage.len());
        for it in bad.iter().chain(good) {
            observed.insert(it.start);
            observed.insert(it.shown);
        }
        let (bad_total, good_total) = (bad.len() as u64, good.len() as u64);
        Ok(Spectrum { bad: bad_reached?, good: good_reached?, moments, near, bad_total, good_total, observed })
    }

    /// How many of the bad may rest on it.
    #[inline]
    pub(super) fn bad_count(&self, node: Node) -> u64 {
        let possibly = self.bad.iter().enumerate().map(|(at, it)| it.mask(node) & self.possibly(at));
        possibly.map(|mask| u64::from(mask.count_ones())).sum()
    }

    /// The places, among the bad, of those that may rest on it.
    pub(super) fn bad_places(&self, node: Node) -> impl Iterator<Item = usize> + '_ {
        self.bad.iter().enumerate().flat_map(move |(chunk, it)| {
            let mut mask = it.mask(node) & self.possibly(chunk);
            std::iter::from_fn(move || {
                let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
                mask &= mask - 1;
                Some(chunk * BAD_AT_ONCE + bit)
            })
        })
    }

    #[inline]
    fn good_count(&self, node: Node) -> u64 {
        self.good.iter().map(|it| u64::from(it.mask(node).count_ones())).sum()
    }

    /// The lanes of a chunk of the bad that take what is not sure too.
    #[inline]
    fn possibly(&self, chunk: usize) -> u64 {
        let bad = self.chunk(chunk);
        if bad == 64 { u64::MAX } else { (1 << bad) - 1 }
    }

    /// How many of the bad a chunk has.
    #[inline]
    fn chunk(&self, chunk: usize) -> usize {
        (self.bad_total as usize - chunk * BAD_AT_ONCE).min(BAD_AT_ONCE)
    }

    /// Whether it is surely upstream of as many of the bad as it may be.
    fn certain(&self, node: Node) -> bool {
        self.bad.iter().enumerate().all(|(at, it)| {
            let possibly = it.mask(node) & self.possibly(at);
            it.mask(node) >> self.chunk(at) == possibly
        })
    }

    /// Links from the nearest of the bad, and the moment that one is judged by.
    pub(super) fn nearest(&self, node: Node) -> Option<(u32, Time)> {
        let of = |(chunk, it): (usize, &Lanes)| it.nearest(node).map(|(far, lane)| (far, chunk * lanes::MOST + lane));
        let (far, moment) = self.near.iter().enumerate().filter_map(of).min()?;
        Some((far, *self.moments.get(moment)?))
    }

    /// Whether it is a suspect, and what it separates.
    #[inline]
    pub(super) fn counts(&self, node: Node) -> Option<(u64, u64)> {
        let bad = self.bad_count(node);
        (bad > 0 && !self.observed.contains(node)).then(|| (bad, self.good_count(node)))
    }

    /// Classes of equal scores, best first, and how many of each there are at each distance.
    pub(super) fn rank(&self, lineage: &Lineage, kinds: &[String]) -> Ranking {
        let mut pairs: Vec<(u64, u64)> =
            (1..=self.bad_total).flat_map(|bad| (0..=self.good_total).map(move |good| (bad, good))).collect();
        pairs.sort_unstable_by(better);
        let goods = self.good_total as usize + 1;
        let mut classes = vec![u32::MAX; (self.bad_total as usize + 1) * goods];
        let mut class = 0;
        for (at, pair) in pairs.iter().enumerate() {
            class += u32::from(at > 0 && better(&pairs[at - 1], pair).is_ne());
            classes[pair.0 as usize * goods + pair.1 as usize] = class;
        }
        let wanted =
            (0..=u8::MAX).map(|code| kinds.is_empty() || kinds.iter().any(|it| it == lineage.kind_of_code(code)));
        let mut ranking = Ranking {
            classes,
            goods,
            wanted: wanted.collect(),
            kinds: kinds.to_vec(),
            cells: Vec::new(),
            total: 0,
            certain: 0,
            mentioned: 0,
        };
        let mut cells: Vec<Vec<u64>> = vec![Vec::new(); class as usize + 1];
        for node in lineage.nodes() {
            let Some(counts) = self.counts(node) else { continue };
            if !ranking.wants(lineage, node) {
                continue;
            }
            let distance = self.nearest(node).map_or(0, |(distance, _)| distance);
            if let Some(row) = cells.get_mut(ranking.class(counts) as usize) {
                row.resize(row.len().max(distance as usize + 1), 0);
                row[distance as usize] += 1;
            }
            ranking.total += 1;
            ranking.certain += u64::from(self.certain(node));
            ranking.mentioned += u64::from(!lineage.described(node));
        }
        ranking.cells = cells
            .into_iter()
            .zip(0..)
            .flat_map(|(row, class)| row.into_iter().zip(0..).map(move |(many, distance)| (class, distance, many)))
            .filter(|(_, _, many)| *many > 0)
            .collect();
        ranking
    }

    /// The first by class and distance; all of those that tie with the last, so that a finer order can decide.
    pub(super) fn first(&self, lineage: &Lineage, ranking: &Ranking, limit: usize) -> Vec<Found> {
        let mut room = limit as u64;
        let mut last = None;
        for (class, distance, many) in &ranking.cells {
            if room == 0 {
                break;
            }
            last = Some((*class, *distance));
            room = room.saturating_sub(*many);
        }
        let Some(last) = last else { return Vec::new() };
        let found = |node: Node| {
            let counts = self.counts(node)?;
            let class = ranking.class(counts);
            if class > last.0 || !ranking.wants(lineage, node) {
                return None;
            }
            let (distance, at) = self.nearest(node)?;
            let certain = self.certain(node);
            ((class, distance) <= last).then_some(Found { node, class, counts, distance, certain, at })
        };
        lineage.nodes().filter_map(found).collect()
    }

    /// Everything with the best score there is, of whatever kind.
    pub(super) fn best(&self, lineage: &Lineage) -> Vec<Node> {
        let mut best: Option<(u64, u64)> = None;
        let mut nodes = Vec::new();
        for node in lineage.nodes() {
            let Some(counts) = self.counts(node) else { continue };
            match best.map_or(std::cmp::Ordering::Less, |best| better(&counts, &best)) {
                std::cmp::Ordering::Less => {
                    best = Some(counts);
                    nodes = vec![node];
                }
                std::cmp::Ordering::Equal => nodes.push(node),
                std::cmp::Ordering::Greater => {}
            }
        }
        nodes
    }

    /// Of each of these, how many other suspects exactly the same bad and good rest on.
    pub(super) fn alike(&self, lineage: &Lineage, of: impl Iterator<Item = Node>) -> HashMap<Node, u64> {
        let of: Vec<Node> = of.collect();
        let mut sizes: HashMap<(u64, u64), u64> = of.iter().map(|node| (self.set(*node), 0)).collect();
        for node in lineage.nodes() {
            if self.counts(node).is_some()
                && let Some(size) = sizes.get_mut(&self.set(node))
            {
                *size += 1;
            }
        }
        let others = |node: &Node| sizes.get(&self.set(*node)).map_or(0, |size| size.saturating_sub(1));
        of.iter().map(|node| (*node, others(node))).collect()
    }

    /// Which bad and which good rest on it: exact up to 32 and 64 of them, beyond that a hash.
    #[inline]
    pub(super) fn set(&self, node: Node) -> (u64, u64) {
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        let bad = self.bad.iter().enumerate().map(|(at, it)| it.mask(node) & self.possibly(at));
        let good = self.good.iter().map(|it| it.mask(node));
        let fold = |hash: u64, mask: u64| (hash.wrapping_mul(MIX) ^ (hash >> 29)).wrapping_add(mask);
        (bad.fold(0, fold), good.fold(0, fold))
    }
}

impl Ranking {
    fn class(&self, counts: (u64, u64)) -> u32 {
        self.classes.get(counts.0 as usize * self.goods + counts.1 as usize).copied().unwrap_or(u32::MAX)
    }

    fn wants(&self, lineage: &Lineage, node: Node) -> bool {
        let code = lineage.kind_code(node);
        self.wanted[usize::from(code)] || (code == u8::MAX && self.kinds.iter().any(|kind| kind == lineage.kind(node)))
    }
}
