//! Which claims were taken back. It keeps the log's word: a retraction that was itself retracted
//! takes nothing back.

use super::{Beside, Builder};
use std::collections::HashSet;

/// Claims of one record that follow each other: `(ordinal, claim)` run on together.
struct Run {
    record: u64,
    ordinal: u32,
    claim: u32,
    length: u32,
}

/// Collects what retractions name and where every claim stands in its record.
#[derive(Default)]
pub(super) struct Retractions {
    runs: Vec<Run>,
    /// The retracting claim, the record and place it names, and the record it stands in.
    named: Vec<(u32, u64, u32, u64)>,
}

impl Retractions {
    /// Notes where a claim stands.
    pub(super) fn seen(&mut self, record: u64, claim: u32) {
        let ordinal = match self.runs.last_mut() {
            Some(run) if run.record == record => {
                if claim == run.claim + run.length {
                    run.length += 1;
                    return;
                }
                run.ordinal + run.length
            }
            _ => 1,
        };
        self.runs.push(Run { record, ordinal, claim, length: 1 });
    }

    /// Notes that `claim`, of record `by`, retracts `what` (`record.ordinal`).
    pub(super) fn named(&mut self, claim: u32, by: u64, what: &str) {
        let Some((record, ordinal)) = what.split_once('.') else { return };
        if let (Ok(record), Ok(ordinal)) = (record.parse(), ordinal.parse()) {
            self.named.push((claim, record, ordinal, by));
        }
    }

    /// The claims that no longer count.
    fn dropped(&mut self) -> HashSet<u32> {
        let mut dropped = HashSet::new();
        if self.named.is_empty() {
            return dropped;
        }
        self.runs.sort_unstable_by_key(|run| (run.record, run.ordinal));
        self.named.sort_unstable();
        for &(claim, record, ordinal, _) in self.named.iter().rev() {
            if dropped.contains(&claim) {
                continue;
            }
            let after = self.runs.partition_point(|run| (run.record, run.ordinal) <= (record, ordinal));
            let Some(run) = after.checked_sub(1).map(|at| &self.runs[at]) else { continue };
            let offset = ordinal.wrapping_sub(run.ordinal);
            if run.record == record && offset < run.length {
                dropped.insert(run.claim + offset);
            }
        }
        dropped
    }
}

impl Builder {
    /// Which records take back what others say: each as (the one that takes back, the one taken back from).
    pub fn retractions(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.retractions.named.iter().map(|&(_, record, _, by)| (by, record))
    }

    /// Lets only those retractions count that `may` grants, by the same two records: who may take what back is
    /// not for the lineage to say.
    pub fn grant_retractions(&mut self, may: impl Fn(u64, u64) -> bool) {
        self.retractions.named.retain(|&(_, record, _, by)| may(by, record));
    }

    /// Forgets what was taken back.
    pub(super) fn drop_retracted(&mut self) {
        let dropped = self.retractions.dropped();
        self.retractions = Retractions::default();
        if dropped.is_empty() {
            return;
        }
        let beside = std::mem::take(&mut self.beside);
        let mut beside = beside.into_iter().peekable();
        let mut kept = Vec::with_capacity(self.links.len());
        for (at, link) in self.links.iter().enumerate() {
            let more = beside.next_if(|it| it.link == at as u32);
            if dropped.contains(&link.claim) {
                continue;
            }
            self.beside.extend(more.map(|it| Beside { link: kept.len() as u32, ..it }));
            kept.push(*link);
        }
        self.links = kept;
        self.described.retain(|it| !dropped.contains(&it.claim));
        self.idents.retain(|it| !dropped.contains(&it.claim));
        self.attested.retain(|it| !dropped.contains(&it.claim));
        self.absent.retain(|it| !dropped.contains(&it.claim));
        self.same.retain(|it| !dropped.contains(&it.claim));
    }
}
