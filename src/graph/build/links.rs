//! Statements of links to compressed sparse rows, both ways. Within a node, links are in the order
//! of the other end, then relation, then start.

use super::merge::{Concluded, Said, Span, conclude};
use super::{Beside, Builder, Linked, fold::Folded};
use crate::graph::layout::{EXACT, FAR_SLOT, Moment, NO_IMPACT, NO_TIME, ODD, UNDATED, moment};
use crate::model::Relation;
use std::collections::HashMap;

/// The sections that links make up.
#[derive(Default)]
pub(super) struct Links {
    pub(super) forward: Vec<u32>,
    pub(super) reverse: Vec<u32>,
    pub(super) target: Vec<u32>,
    pub(super) relation: Vec<u8>,
    pub(super) since: Vec<u32>,
    pub(super) claim: Vec<u32>,
    pub(super) source: Vec<u32>,
    pub(super) slot: Vec<u8>,
    pub(super) exact_since: Vec<Moment>,
    pub(super) until: Vec<Moment>,
    pub(super) since_after: Vec<Moment>,
    pub(super) until_after: Vec<Moment>,
    pub(super) doubtful: Vec<u32>,
    pub(super) more_claims: Vec<[u32; 2]>,
    pub(super) odd_relations: Vec<[u32; 2]>,
    /// Relation texts (interned) by code.
    pub(super) codes: Vec<u32>,
}

/// A time in whole seconds, if it fits there exactly.
pub(super) fn seconds(micros: i64) -> u32 {
    if micros == NO_TIME {
        return UNDATED;
    }
    match u32::try_from(micros.div_euclid(1_000_000)) {
        Ok(seconds) if micros % 1_000_000 == 0 && seconds != UNDATED && seconds != EXACT => seconds,
        _ => EXACT,
    }
}

/// Gives the words a code each, the most frequent first; what is beyond 255 is odd.
pub(super) fn codes(words: impl Iterator<Item = u32>, text: impl Fn(u32) -> String) -> Vec<u32> {
    let mut count: HashMap<u32, u64> = HashMap::new();
    for word in words {
        *count.entry(word).or_default() += 1;
    }
    let mut words: Vec<(std::cmp::Reverse<u64>, String, u32)> =
        count.into_iter().map(|(word, times)| (std::cmp::Reverse(times), text(word), word)).collect();
    words.sort_unstable();
    words.truncate(usize::from(ODD));
    words.into_iter().map(|(_, _, word)| word).collect()
}

impl Builder {
    /// Concludes links and lays them out. Frees the statements on the way.
    pub(super) fn lay_links(&mut self, folded: &Folded) -> Links {
        let codes = codes(self.links.iter().map(|it| it.relation), |word| self.texts.get(word).to_owned());
        let code: HashMap<u32, u8> = codes.iter().enumerate().map(|(code, word)| (*word, code as u8)).collect();
        let carries = |word: u32| Relation::parse(self.texts.get(word)).carries_impact();
        let carrying: Vec<bool> = codes.iter().map(|word| carries(*word)).collect();
        let mut links = Links { codes, ..Links::default() };
        self.lay_forward(folded, &code, &mut links);
        self.links = Vec::new();
        self.beside = Vec::new();
        lay_reverse(folded.id.len(), &carrying, &mut links);
        links
    }

    fn lay_forward(&self, folded: &Folded, code: &HashMap<u32, u8>, out: &mut Links) {
        let nodes = folded.id.len();
        let node = |raw: u32| folded.node[raw as usize];
        let counts = |link: &Linked| {
            let (from, to) = (node(link.from), node(link.to));
            // folding two ends into one makes no artefact depend on itself
            from != to || link.from == link.to
        };
        let mut starts = vec![0_u32; nodes + 1];
        for link in self.links.iter().filter(|link| counts(link)) {
            starts[node(link.from) as usize + 1] += 1;
        }
        for at in 0..nodes {
            starts[at + 1] += starts[at];
        }
        let total = starts[nodes] as usize;
        let mut order = vec![0_u32; total];
        let mut next = starts.clone();
        for (at, link) in self.links.iter().enumerate().filter(|(_, link)| counts(link)) {
            let place = &mut next[node(link.from) as usize];
            order[*place as usize] = at as u32;
            *place += 1;
        }
        drop(next);
        for list in [&mut out.target, &mut out.since, &mut out.claim] {
            list.reserve_exact(total);
        }
        out.relation.reserve_exact(total);
        out.forward.reserve_exact(nodes + 1);
        out.forward.push(0);
        // (target, relation, statement), reused for every node
        let mut said: Vec<(u32, u8, u32, Said)> = Vec::new();
        let mut group: Vec<Said> = Vec::new();
        for at in 0..nodes {
            said.clear();
            said.extend(order[starts[at] as usize..starts[at + 1] as usize].iter().map(|&raw| {
                let link = &self.links[raw as usize];
                let code = code.get(&link.relation).copied().unwrap_or(ODD);
                let odd = if code == ODD { link.relation } else { 0 };
                (node(link.to), code, odd, self.said(raw, link))
            }));
            let word = |odd: u32| self.texts.get(odd);
            said.sort_unstable_by(|a, b| {
                (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| word(a.2).cmp(word(b.2))).then_with(|| a.3.cmp(&b.3))
            });
            for same in said.chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2)) {
                let (target, code, odd, first) = same[0];
                if same.len() == 1 {
                    out.push(target, code, odd, first.span, first.claim);
                    continue;
                }
                group.clear();
                group.extend(same.iter().map(|it| it.3));
                for link in conclude(&mut group) {
                    out.push_concluded(target, code, odd, &link);
                }
            }
            out.forward.push(out.target.len() as u32);
        }
    }

    fn said(&self, raw: u32, link: &Linked) -> Said {
        let found = self.beside.binary_search_by_key(&raw, |it| it.link).ok().map(|at| self.beside[at]);
        let beside = found.unwrap_or(Beside::nothing(raw));
        let Beside { since_after, until, until_after, closes, still, .. } = beside;
        let span = Span { since: link.since, until, since_after, until_after };
        Said { span, claim: link.claim, closes, still }
    }
}

impl Links {
    fn push(&mut self, target: u32, code: u8, odd: u32, span: Span, claim: u32) {
        let Span { since, until, since_after, until_after } = span;
        let link = self.target.len() as u32;
        self.target.push(target);
        self.relation.push(code);
        self.since.push(seconds(since));
        self.claim.push(claim);
        if seconds(since) == EXACT {
            self.exact_since.push(moment(link, since));
        }
        let rare =
            [(&mut self.until, until), (&mut self.since_after, since_after), (&mut self.until_after, until_after)];
        for (list, at) in rare.into_iter().filter(|(_, at)| *at != NO_TIME) {
            list.push(moment(link, at));
        }
        if code == ODD {
            self.odd_relations.push([link, odd]);
        }
    }

    fn push_concluded(&mut self, target: u32, code: u8, odd: u32, it: &Concluded) {
        let link = self.target.len() as u32;
        let [first, more @ ..] = it.claims.as_slice() else { return };
        self.push(target, code, odd, it.span, *first);
        self.more_claims.extend(more.iter().map(|claim| [link, *claim]));
        if it.doubtful {
            self.doubtful.push(link);
        }
    }
}

fn lay_reverse(nodes: usize, carrying: &[bool], out: &mut Links) {
    let mut starts = vec![0_u32; nodes + 1];
    for target in &out.target {
        starts[*target as usize + 1] += 1;
    }
    for at in 0..nodes {
        starts[at + 1] += starts[at];
    }
    let mut next = starts.clone();
    out.source = vec![0; out.target.len()];
    out.slot = vec![0; out.target.len()];
    for from in 0..nodes {
        let first = out.forward[from] as usize;
        for link in first..out.forward[from + 1] as usize {
            let place = &mut next[out.target[link] as usize];
            // an odd relation carries impact: leaving it out would understate what is hit
            let carries = carrying.get(usize::from(out.relation[link])).copied().unwrap_or(true);
            let mark = if carries { 0 } else { NO_IMPACT };
            out.source[*place as usize] = from as u32 | mark;
            out.slot[*place as usize] = (link - first).min(usize::from(FAR_SLOT)) as u8;
            *place += 1;
            out.target[link] |= mark;
        }
    }
    out.reverse = starts;
}
