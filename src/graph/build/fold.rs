//! Which ids speak of one artefact, why, and what number each artefact gets. It folds only by what
//! sources say and by strong identifiers; a bare name never folds.

use super::Builder;
use crate::model::{Digest, Kind};
use std::collections::HashMap;

/// The outcome: numbers of nodes in byte order of their ids.
pub(super) struct Folded {
    /// Node by interned id; `u32::MAX` where nothing that counts speaks of the id.
    pub(super) node: Vec<u32>,
    /// Interned id by node.
    pub(super) id: Vec<u32>,
    /// (node, interned id, why text, claim).
    pub(super) aliases: Vec<(u32, u32, u32, u32)>,
}

struct Edge {
    a: u32,
    b: u32,
    /// What sources say goes before what identifiers tell.
    said: bool,
    why: u32,
    claim: u32,
}

/// Whether an identifier of an artefact of this kind, once shared, makes two artefacts one.
fn identifies(kind: &Kind, text: &str, digest: bool) -> bool {
    let forty_hex = |hex: &str| hex.len() == 40 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    if digest {
        return kind.is_content() && Digest::parse(text).is_strong();
    }
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    match scheme {
        "ol" => !rest.is_empty(),
        "fingerprint" => *kind == Kind::Secret && rest.len() >= 32,
        "git" => *kind == Kind::Code && Digest::parse(text).is_strong(),
        "hf" => kind.is_content() && rest.rsplit_once('@').is_some_and(|(_, revision)| forty_hex(revision)),
        "pkg" => {
            kind.is_content()
                && rest.rsplit_once('@').is_some_and(|(name, version)| name.contains('/') && !version.is_empty())
        }
        "models" => {
            *kind == Kind::ModelVersion
                && rest
                    .rsplit_once('@')
                    .is_some_and(|(name, server)| name.matches('/').count() >= 2 && !server.is_empty())
        }
        // The account is in it: it means the same to everybody who writes it.
        "arn" => rest.splitn(5, ':').count() == 5 && !rest.contains('*'),
        "spiffe" => *kind == Kind::Identity && rest.trim_start_matches("//").contains('/'),
        "sha256" | "sha384" | "sha512" | "blake3" => kind.is_content() && Digest::parse(text).is_strong(),
        _ => false,
    }
}

impl Builder {
    /// Folds identities and numbers the nodes.
    pub(super) fn fold(&mut self) -> Folded {
        let count = self.ids.len();
        let mut described = vec![false; count];
        let mut used = vec![false; count];
        for it in &self.described {
            described[it.id as usize] = true;
            used[it.id as usize] = true;
        }
        for link in &self.links {
            used[link.from as usize] = true;
            used[link.to as usize] = true;
        }
        let others = self.attested.iter().map(|it| it.id).chain(self.absent.iter().map(|it| it.id));
        for id in others.chain(self.same.iter().flat_map(|it| [it.a, it.b])) {
            used[id as usize] = true;
        }

        let edges = self.edges();
        let representative = self.representatives(&edges, &described);
        let mut id: Vec<u32> =
            (0..count as u32).filter(|raw| used[*raw as usize] && !representative.contains_key(raw)).collect();
        sort_by_text(&mut id, |raw| self.ids.get(raw));
        let mut node = vec![u32::MAX; count];
        for (rank, raw) in id.iter().enumerate() {
            node[*raw as usize] = rank as u32;
        }
        for (raw, kept) in &representative {
            node[*raw as usize] = node[*kept as usize];
        }
        let aliases = self.reasons(&edges, &representative, &node);
        Folded { node, id, aliases }
    }

    /// Everything that says of two ids that they are one.
    fn edges(&mut self) -> Vec<Edge> {
        let mut edges: Vec<Edge> = self
            .same
            .iter()
            .filter(|same| same.a != same.b)
            .map(|same| Edge { a: same.a, b: same.b, said: true, why: same.why, claim: same.claim })
            .collect();
        let mut shared: Vec<(u32, u32, u32, u32, bool)> =
            self.idents.iter().map(|it| (it.text, it.kind, it.id, it.claim, it.digest)).collect();
        shared.sort_unstable();
        for group in shared.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let [first, rest @ ..] = group else { continue };
            if rest.iter().all(|it| it.2 == first.2) {
                continue;
            }
            let kind = Kind::parse(self.texts.get(first.1));
            if !identifies(&kind, self.texts.get(first.0), group.iter().any(|it| it.4)) {
                continue;
            }
            let mut members: Vec<(u32, u32)> = group.iter().map(|it| (it.2, it.3)).collect();
            members.sort_unstable_by(|a, b| self.ids.get(a.0).cmp(self.ids.get(b.0)).then(a.1.cmp(&b.1)));
            members.dedup_by_key(|it| it.0);
            let why = format!("both have {}", self.texts.get(first.0));
            let why = self.texts.intern(&why);
            let hub = members[0].0;
            edges.extend(members[1..].iter().map(|it| Edge { a: hub, b: it.0, said: false, why, claim: it.1 }));
        }
        edges
    }

    /// For every folded id, the id that stands for it: described before mentioned, then the shortest,
    /// then first in byte order.
    fn representatives(&self, edges: &[Edge], described: &[bool]) -> HashMap<u32, u32> {
        let mut parent: HashMap<u32, u32> = HashMap::new();
        for edge in edges {
            let (a, b) = (root(&mut parent, edge.a), root(&mut parent, edge.b));
            if a != b {
                parent.insert(a, b);
            }
        }
        let members: std::collections::BTreeSet<u32> = edges.iter().flat_map(|edge| [edge.a, edge.b]).collect();
        let mut best: HashMap<u32, u32> = HashMap::new();
        for &member in &members {
            let class = root(&mut parent, member);
            let kept = best.entry(class).or_insert(member);
            let order = |raw: u32| (!described[raw as usize], self.ids.get(raw).len(), self.ids.get(raw));
            if order(member) < order(*kept) {
                *kept = member;
            }
        }
        members
            .into_iter()
            .filter_map(|member| {
                let kept = best[&root(&mut parent, member)];
                (kept != member).then_some((member, kept))
            })
            .collect()
    }

    fn reasons(&self, edges: &[Edge], folded: &HashMap<u32, u32>, node: &[u32]) -> Vec<(u32, u32, u32, u32)> {
        let mut reason: HashMap<u32, &Edge> = HashMap::new();
        for edge in edges {
            for member in [edge.a, edge.b] {
                let Some(shown) = folded.get(&member) else { continue };
                // What ties it to the id that is shown goes before what ties it to another alias.
                let order = |edge: &Edge| {
                    let aside = edge.a != *shown && edge.b != *shown;
                    (aside, !edge.said, self.texts.get(edge.why).to_owned(), edge.claim)
                };
                let kept = reason.entry(member).or_insert(edge);
                if order(edge) < order(kept) {
                    *kept = edge;
                }
            }
        }
        reason.into_iter().map(|(member, edge)| (node[member as usize], member, edge.why, edge.claim)).collect()
    }
}

fn root(parent: &mut HashMap<u32, u32>, member: u32) -> u32 {
    let mut at = member;
    while let Some(&up) = parent.get(&at) {
        at = up;
    }
    let mut walk = member;
    while let Some(&up) = parent.get(&walk) {
        if up != at {
            parent.insert(walk, at);
        }
        walk = up;
    }
    at
}

/// Sorts numbers by the texts they stand for, on two threads when there are many.
pub(super) fn sort_by_text<'a>(numbers: &mut [u32], text: impl Fn(u32) -> &'a str + Sync) {
    if numbers.len() < 50_000 {
        numbers.sort_unstable_by(|a, b| text(*a).cmp(text(*b)));
        return;
    }
    let middle = numbers.len() / 2;
    let (left, right) = numbers.split_at_mut(middle);
    std::thread::scope(|scope| {
        let text = &text;
        scope.spawn(move || left.sort_unstable_by(|a, b| text(*a).cmp(text(*b))));
        right.sort_unstable_by(|a, b| text(*a).cmp(text(*b)));
    });
    // two sorted runs: the stable sort only merges them
    numbers.sort_by(|a, b| text(*a).cmp(text(*b)));
}
