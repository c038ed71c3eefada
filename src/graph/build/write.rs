//! Concluded sections to the bytes of an index. It concludes nothing but which evidence is void.

use super::{
    BuildError, Builder, IndexHead,
    describe::Nodes,
    fold::{Folded, sort_by_text},
    links::Links,
};
use crate::graph::layout::{
    Entry, EvidenceEntry, Header, IS_VOID, MAGIC, NAMES_DIGEST, ORDER, PREAMBLE, Section, VERSION,
};
use crate::model::Kind;
use bytemuck::{Pod, bytes_of, cast_slice};
use std::collections::HashMap;

/// Lays out everything and writes it.
pub(super) fn index(mut builder: Builder, folded: &Folded, head: &IndexHead) -> Result<Vec<u8>, BuildError> {
    // kinds that ids of merely mentioned artefacts tell
    let words = Kind::known().map(|kind| kind.as_str().to_owned()).chain(["unknown".to_owned()]);
    let by_prefix: HashMap<String, u32> = words.map(|word| (word.clone(), builder.texts.intern(&word))).collect();
    let alias_texts: Vec<u32> = folded
        .aliases
        .iter()
        .map(|alias| {
            let id = builder.ids.get(alias.1).to_owned();
            builder.texts.intern(&id)
        })
        .collect();
    builder.ids.close();
    builder.texts.close();
    if builder.texts.overflowed() {
        return Err(BuildError::TooLarge("text"));
    }
    let links = builder.lay_links(folded);
    let mut sorted: Vec<u32> = (0..builder.texts.len() as u32).collect();
    sort_by_text(&mut sorted, |number| builder.texts.get(number));
    let mut text = vec![0_u32; sorted.len()];
    for (place, number) in sorted.iter().enumerate() {
        text[*number as usize] = place as u32;
    }
    let nodes = builder.lay_nodes(folded, &text, &by_prefix);
    let mut file = File::new(head);
    file.names(&builder, folded);
    file.links(&links, &text);
    file.nodes(&nodes);
    file.attached(&builder, folded, &nodes, &text);
    file.aliases(folded, &alias_texts, &text);
    file.texts(&builder, &sorted);
    Ok(file.close())
}

struct File<'a> {
    head: &'a IndexHead,
    bytes: Vec<u8>,
    entries: [Entry; Section::COUNT],
}

impl<'a> File<'a> {
    fn new(head: &'a IndexHead) -> File<'a> {
        let empty = Entry { offset: 0, length: 0, crc: 0 };
        let mut file = File { head, bytes: vec![0; PREAMBLE], entries: [empty; Section::COUNT] };
        file.put(Section::Origin, head.origin.as_bytes());
        file
    }

    fn put<T: Pod>(&mut self, section: Section, items: &[T]) {
        let bytes: &[u8] = cast_slice(items);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let offset = self.bytes.len() as u64;
        self.entries[section as usize] =
            Entry { offset, length: bytes.len() as u64, crc: u64::from(crc32fast::hash(bytes)) };
        self.bytes.extend_from_slice(bytes);
    }

    fn names(&mut self, builder: &Builder, folded: &Folded) {
        let mut starts = vec![0_u32];
        let mut names = Vec::with_capacity(folded.id.iter().map(|raw| builder.ids.get(*raw).len()).sum());
        for raw in &folded.id {
            names.extend_from_slice(builder.ids.get(*raw).as_bytes());
            starts.push(names.len() as u32);
        }
        self.put(Section::Ids, &names);
        self.put(Section::IdAt, &starts);
    }

    fn links(&mut self, links: &Links, text: &[u32]) {
        self.put(Section::Forward, &links.forward);
        self.put(Section::Reverse, &links.reverse);
        self.put(Section::Target, &links.target);
        self.put(Section::Relation, &links.relation);
        self.put(Section::Since, &links.since);
        self.put(Section::LinkClaim, &links.claim);
        self.put(Section::Source, &links.source);
        self.put(Section::Slot, &links.slot);
        self.put(Section::ExactSince, &links.exact_since);
        self.put(Section::Until, &links.until);
        self.put(Section::SinceAfter, &links.since_after);
        self.put(Section::UntilAfter, &links.until_after);
        self.put(Section::Doubtful, &links.doubtful);
        self.put(Section::MoreLinkClaims, &links.more_claims);
        let codes: Vec<u32> = links.codes.iter().map(|raw| text[*raw as usize]).collect();
        let odd: Vec<[u32; 2]> = links.odd_relations.iter().map(|[link, raw]| [*link, text[*raw as usize]]).collect();
        self.put(Section::Relations, &codes);
        self.put(Section::OddRelations, &odd);
    }

    fn nodes(&mut self, nodes: &Nodes) {
        self.put(Section::NodeClaim, &nodes.claim);
        self.put(Section::NodeKind, &nodes.kind);
        self.put(Section::NodeAt, &nodes.at);
        self.put(Section::NodeFacts, &nodes.facts);
        self.put(Section::NodeMask, &nodes.mask);
        self.put(Section::Facts, &nodes.fact_rows);
        self.put(Section::Kinds, &nodes.kinds);
        self.put(Section::OddKinds, &nodes.odd_kinds);
        self.put(Section::ExactAt, &nodes.exact_at);
        self.put(Section::MoreNodeClaims, &nodes.more_claims);
        self.put(Section::Stated, &nodes.stated);
        self.put(Section::Idents, &nodes.idents);
        self.put(Section::IdentByNode, &nodes.ident_by_node);
        self.put(Section::IdentByHex, &nodes.ident_by_hex);
    }

    fn attached(&mut self, builder: &Builder, folded: &Folded, nodes: &Nodes, text: &[u32]) {
        let node = |raw: u32| folded.node[raw as usize];
        let of = |raw: u32| text[raw as usize];
        let mut raw_of = vec![0_u32; text.len()];
        for (number, place) in text.iter().enumerate() {
            raw_of[*place as usize] = number as u32;
        }
        let digests = |node: u32| -> Vec<&str> {
            let first = nodes.ident_by_node.partition_point(|it| nodes.idents[*it as usize][1] < node);
            let own = nodes.ident_by_node[first..].iter().map(|it| &nodes.idents[*it as usize]);
            own.take_while(|it| it[1] == node).map(|it| builder.texts.get(raw_of[it[0] as usize])).collect()
        };
        let mut evidence: Vec<EvidenceEntry> = builder
            .attested
            .iter()
            .map(|it| {
                let covers = &builder.covers[it.covers.0 as usize..it.covers.1 as usize];
                let covers: Vec<&str> = covers.iter().map(|raw| builder.texts.get(*raw)).collect();
                let named = if covers.is_empty() { 0 } else { NAMES_DIGEST };
                let void = !covers.is_empty() && is_void(&covers, &digests(node(it.id)));
                EvidenceEntry {
                    at: it.at,
                    expires: it.expires,
                    node: node(it.id),
                    claim: it.claim,
                    kind: of(it.kind),
                    verdict: of(it.verdict),
                    by: of(it.by),
                    scope: of(it.scope),
                    flags: if void { IS_VOID } else { 0 } | named,
                    zero: 0,
                }
            })
            .collect();
        evidence.sort_unstable_by_key(|it| (it.node, it.at, it.claim));
        self.put(Section::Evidence, &evidence);
        let mut absent: Vec<[u32; 5]> =
            builder.absent.iter().map(|it| [node(it.id), it.claim, of(it.relation), of(it.why), of(it.by)]).collect();
        absent.sort_unstable();
        self.put(Section::Absences, &absent);
    }

    fn aliases(&mut self, folded: &Folded, texts: &[u32], text: &[u32]) {
        let mut aliases: Vec<[u32; 4]> = folded
            .aliases
            .iter()
            .zip(texts)
            .map(|((node, _, why, claim), id)| [*node, text[*id as usize], text[*why as usize], *claim])
            .collect();
        aliases.sort_unstable();
        let mut order: Vec<u32> = (0..aliases.len() as u32).collect();
        order.sort_unstable_by_key(|at| aliases[*at as usize][1]);
        self.put(Section::Aliases, &aliases);
        self.put(Section::AliasOrder, &order);
    }

    fn texts(&mut self, builder: &Builder, sorted: &[u32]) {
        let mut starts = vec![0_u32];
        let mut bytes = Vec::new();
        for number in sorted {
            bytes.extend_from_slice(builder.texts.get(*number).as_bytes());
            starts.push(bytes.len() as u32);
        }
        self.put(Section::Texts, &bytes);
        self.put(Section::TextAt, &starts);
    }

    fn close(mut self) -> Vec<u8> {
        let header = Header {
            magic: MAGIC,
            version: VERSION,
            order: ORDER,
            sections: Section::COUNT as u64,
            length: self.bytes.len() as u64,
            records: self.head.records,
            claims: self.head.claims,
            root: self.head.root,
        };
        let mut preamble = Vec::with_capacity(PREAMBLE);
        preamble.extend_from_slice(bytes_of(&header));
        preamble.extend_from_slice(cast_slice(&self.entries));
        let crc = u64::from(crc32fast::hash(&preamble));
        preamble.extend_from_slice(&crc.to_ne_bytes());
        self.bytes[..PREAMBLE].copy_from_slice(&preamble);
        self.bytes
    }
}

/// Whether evidence that covers these digests speaks of other content than the artefact's. It does
/// when none is equal, unless the two name no algorithm in common: then nothing can be told.
fn is_void(covers: &[&str], digests: &[&str]) -> bool {
    let algorithm = |text: &&str| text.split_once(':').map(|(algorithm, _)| algorithm.to_owned());
    let comparable = covers.iter().any(|a| digests.iter().any(|b| algorithm(a) == algorithm(b)));
    comparable && !covers.iter().any(|it| digests.contains(it))
}
