//! What descriptions of one artefact come to: per node kind, facts, dates, stated names and
//! identifiers. Where two disagree, the one with the later date speaks, and of two with one date the
//! larger text; `show` lists the disagreement.

use super::{Builder, Described, fold::Folded};
use crate::graph::build::links::{codes, seconds};
use crate::graph::layout::{EXACT, IS_DIGEST, Moment, NO_TIME, ODD, hex_part, letter_mask, moment};
use crate::model::IdParts;
use std::collections::{HashMap, HashSet};

/// The sections that nodes make up. Texts are already those of the index.
#[derive(Default)]
pub(super) struct Nodes {
    pub(super) claim: Vec<u32>,
    pub(super) kind: Vec<u8>,
    pub(super) at: Vec<u32>,
    pub(super) facts: Vec<u32>,
    pub(super) mask: Vec<u32>,
    pub(super) fact_rows: Vec<[u32; 3]>,
    pub(super) kinds: Vec<u32>,
    pub(super) odd_kinds: Vec<[u32; 2]>,
    pub(super) exact_at: Vec<Moment>,
    pub(super) more_claims: Vec<[u32; 2]>,
    pub(super) stated: Vec<[u32; 3]>,
    pub(super) idents: Vec<[u32; 3]>,
    pub(super) ident_by_node: Vec<u32>,
    pub(super) ident_by_hex: Vec<u32>,
}

/// Of a node: what its descriptions come to, in interned texts.
#[derive(Default, Clone, Copy)]
struct Told {
    kind: u32,
    name: u32,
    version: u32,
    facts: [u32; 3],
}

impl Builder {
    /// Lays out what is said of nodes. `text` turns interned texts into those of the index, `unknown`
    /// is the interned kind of what nobody described and whose id does not tell.
    pub(super) fn lay_nodes(&self, folded: &Folded, text: &[u32], by_prefix: &HashMap<String, u32>) -> Nodes {
        let count = folded.id.len();
        let mut nodes = Nodes { claim: vec![0; count], at: vec![0; count], ..Nodes::default() };
        let mut told = vec![Told::default(); count];
        self.gather(folded, &mut nodes, &mut told);
        for (at, told) in told.iter_mut().enumerate() {
            if nodes.claim[at] == 0 {
                let parts = IdParts::of(self.ids.get(folded.id[at]));
                told.kind = by_prefix.get(parts.kind.unwrap_or("unknown")).copied().unwrap_or(0);
            }
        }
        let codes = codes(told.iter().map(|it| it.kind), |word| self.texts.get(word).to_owned());
        let code: HashMap<u32, u8> = codes.iter().enumerate().map(|(code, word)| (*word, code as u8)).collect();
        let mut facts: Vec<[u32; 3]> = told
            .iter()
            .map(|it| it.facts.map(|raw| text[raw as usize]))
            .chain([[0; 3]])
            .collect::<HashSet<_>>()
            .into_iter()
            .collect();
        facts.sort_unstable();
        let row: HashMap<[u32; 3], u32> = facts.iter().enumerate().map(|(at, row)| (*row, at as u32)).collect();
        for (at, told) in told.iter().enumerate() {
            let kind = code.get(&told.kind).copied().unwrap_or(ODD);
            if kind == ODD {
                nodes.odd_kinds.push([at as u32, text[told.kind as usize]]);
            }
            nodes.kind.push(kind);
            nodes.facts.push(row.get(&told.facts.map(|raw| text[raw as usize])).copied().unwrap_or(0));
            let id = self.ids.get(folded.id[at]);
            let parts = IdParts::of(id);
            let (name, version) = (self.texts.get(told.name), self.texts.get(told.version));
            let differs =
                (!name.is_empty() && name != parts.name) || (!version.is_empty() && Some(version) != parts.version);
            let mut mask = letter_mask(id);
            if differs {
                nodes.stated.push([at as u32, text[told.name as usize], text[told.version as usize]]);
                mask |= letter_mask(name) | letter_mask(version);
            }
            nodes.mask.push(mask);
        }
        nodes.kinds = codes.iter().map(|raw| text[*raw as usize]).collect();
        nodes.fact_rows = facts;
        self.lay_idents(folded, text, &mut nodes);
        nodes
    }

    fn gather(&self, folded: &Folded, nodes: &mut Nodes, told: &mut [Told]) {
        let mut order: Vec<(u32, u32, u32)> = self
            .described
            .iter()
            .enumerate()
            .map(|(at, it)| (folded.node[it.id as usize], it.claim, at as u32))
            .collect();
        order.sort_unstable();
        for group in order.chunk_by(|a, b| a.0 == b.0) {
            let node = group[0].0 as usize;
            let said: Vec<&Described> = group.iter().map(|it| &self.described[it.2 as usize]).collect();
            nodes.claim[node] = group[0].1;
            nodes.more_claims.extend(group[1..].iter().map(|it| [it.0, it.1]));
            let born = said.iter().map(|it| it.at).filter(|at| *at != NO_TIME).min().unwrap_or(NO_TIME);
            nodes.at[node] = seconds(born);
            if nodes.at[node] == EXACT {
                nodes.exact_at.push(moment(node as u32, born));
            }
            let choose_of = |said: &[&Described], field: fn(&Described) -> u32| {
                let stated = said.iter().filter(|it| field(it) != 0);
                stated.max_by_key(|it| (it.at, self.texts.get(field(it)))).map_or(0, |it| field(it))
            };
            let choose = |field| choose_of(&said, field);
            // What other names it goes by is told apart; its own name is that of the id that stands for it.
            let own: Vec<&Described> = said.iter().copied().filter(|it| it.id == folded.id[node]).collect();
            let named = if own.is_empty() { &said } else { &own };
            told[node] = Told {
                kind: choose(|it| it.kind),
                name: choose_of(named, |it| it.name),
                version: choose_of(named, |it| it.version),
                facts: [choose(|it| it.owner), choose(|it| it.environment), choose(|it| it.risk)],
            };
        }
    }

    fn lay_idents(&self, folded: &Folded, text: &[u32], nodes: &mut Nodes) {
        let mut idents: Vec<[u32; 3]> = self
            .idents
            .iter()
            .map(|it| [text[it.text as usize], folded.node[it.id as usize], if it.digest { IS_DIGEST } else { 0 }])
            .collect();
        // of equal ones the digest comes first and stays
        idents.sort_unstable_by_key(|it| (it[0], it[1], std::cmp::Reverse(it[2])));
        idents.dedup_by_key(|it| (it[0], it[1]));
        let mut raw = vec![0_u32; text.len()];
        for (number, place) in text.iter().enumerate() {
            raw[*place as usize] = number as u32;
        }
        let word = |ident: u32| self.texts.get(raw[idents[ident as usize][0] as usize]);
        let mut by_node: Vec<u32> = (0..idents.len() as u32).collect();
        by_node.sort_by_key(|ident| idents[*ident as usize][1]);
        let mut by_hex: Vec<u32> = (0..idents.len() as u32).filter(|ident| hex_part(word(*ident)).is_some()).collect();
        by_hex.sort_by(|a, b| hex_part(word(*a)).cmp(&hex_part(word(*b))));
        nodes.ident_by_node = by_node;
        nodes.ident_by_hex = by_hex;
        nodes.idents = idents;
    }
}
