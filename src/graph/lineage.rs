//! The index read: nodes and what is told of them. Links, evidence and the like are read in
//! `links.rs` and `attached.rs`. It never changes.

use crate::graph::build::IndexHead;
use crate::graph::check::{self, Spans, Unusable};
use crate::graph::layout::{EXACT, EvidenceEntry, Moment, ODD, Section, UNDATED, micros};
use crate::graph::map::Bytes;
use crate::model::{IdParts, Kind, Relation, Time};
use bytemuck::Pod;
use std::path::Path;

/// An artefact's number in one lineage: the rank of its id in byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub(super) u32);

impl Node {
    /// The number, to index lists that run along the nodes.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The artefact with a number of the same lineage.
    pub fn from_number(number: u32) -> Node {
        Node(number)
    }
}

/// What the claims of a ledger come to. Immutable; share it behind an `Arc`.
#[derive(Debug)]
pub struct Lineage {
    pub(super) bytes: Bytes,
    pub(super) spans: Spans,
    pub(super) nodes: usize,
    pub(super) links: usize,
    /// Whether relations of each code carry impact.
    pub(super) carries: Vec<bool>,
    /// Whether kinds of each code are made once.
    pub(super) made_once: Vec<bool>,
    /// The code of the kind whose links are moments.
    pub(super) step: Option<u8>,
    head: IndexHead,
}

impl Lineage {
    /// Reads an index from memory, as [`crate::graph::Builder::finish`] gives it.
    ///
    /// # Errors
    /// When it cannot be relied on.
    pub fn read(bytes: &[u8]) -> Result<Lineage, Unusable> {
        Lineage::check(Bytes::owned(bytes))
    }

    /// Maps an index file and checks all of it.
    ///
    /// # Errors
    /// When it cannot be read or relied on, or was built from another state of the ledger.
    pub fn open(path: &Path, wanted: &IndexHead) -> Result<Lineage, Unusable> {
        let bytes = Bytes::map(path).map_err(|error| Unusable::Unreadable(error.to_string()))?;
        let (head, ..) = check::preamble(bytes.get())?;
        if head != *wanted {
            return Err(Unusable::Stale { found: head.records, wanted: wanted.records });
        }
        Lineage::check(bytes)
    }

    /// Maps an index file for the bytes of which somebody else vouches: `vouch` is handed the whole
    /// file and says how much of it, from the start, is the index. Checksums are not looked at then.
    ///
    /// # Errors
    /// As [`Lineage::open`], and when nobody vouches.
    pub fn open_vouched(
        path: &Path,
        wanted: &IndexHead,
        vouch: &dyn Fn(&[u8]) -> Option<usize>,
    ) -> Result<Lineage, Unusable> {
        let bytes = Bytes::map(path).map_err(|error| Unusable::Unreadable(error.to_string()))?;
        let length = vouch(bytes.get()).ok_or(Unusable::Unsealed)?;
        let index = bytes.get().get(..length).ok_or(Unusable::Unsealed)?;
        let (head, spans, _) = check::preamble(index)?;
        if head != *wanted {
            return Err(Unusable::Stale { found: head.records, wanted: wanted.records });
        }
        Lineage::arrange(bytes, spans, head)
    }

    /// The state of the ledger that bytes, which nobody vouched for, say they were built from.
    pub fn stated_head(index: &[u8]) -> Option<IndexHead> {
        check::preamble(index).ok().map(|(head, ..)| head)
    }

    fn check(bytes: Bytes) -> Result<Lineage, Unusable> {
        let (head, spans, crcs) = check::preamble(bytes.get())?;
        check::checksums(bytes.get(), &spans, &crcs)?;
        Lineage::arrange(bytes, spans, head)
    }

    /// Reads an index whose checksums are not looked at, to try what the other checks are worth.
    #[cfg(test)]
    pub(super) fn read_unsummed(bytes: Bytes) -> Result<Lineage, Unusable> {
        let (head, spans, _) = check::preamble(bytes.get())?;
        Lineage::arrange(bytes, spans, head)
    }

    fn arrange(bytes: Bytes, spans: Spans, head: IndexHead) -> Result<Lineage, Unusable> {
        let mut lineage =
            Lineage { bytes, spans, nodes: 0, links: 0, carries: Vec::new(), made_once: Vec::new(), step: None, head };
        lineage.nodes = lineage.list::<u32>(Section::NodeClaim).len();
        lineage.links = lineage.list::<u32>(Section::Target).len();
        lineage.sound()?;
        let codes = lineage.list::<u32>(Section::Relations);
        let carries = |text: u32| Relation::parse(lineage.text(text)).carries_impact();
        let mut table: Vec<bool> = codes.iter().take(256).map(|text| carries(*text)).collect();
        // an odd relation carries impact: leaving it out would understate what is hit
        table.resize(256, true);
        lineage.carries = table;
        lineage.made_once = (0..=ODD).map(|code| !Kind::parse(lineage.kind_of_code(code)).changes_in_place()).collect();
        lineage.step = (0..ODD).find(|code| lineage.kind_of_code(*code) == Kind::Step.as_str());
        Ok(lineage)
    }

    /// Checks what walks rely on without asking again. Everything else is read with care.
    fn sound(&self) -> Result<(), Unusable> {
        use Section::{Forward, IdAt, Ids, NodeAt, NodeFacts, NodeKind, NodeMask, Reverse, Slot, Source, Target};
        let along = |section, size: usize, count: usize| self.raw(section).len() == size * count;
        let nodes = [(NodeKind, 1), (NodeAt, 4), (NodeFacts, 4), (NodeMask, 4)];
        let links = [(Section::Relation, 1), (Section::Since, 4), (Section::LinkClaim, 4), (Source, 4), (Slot, 1)];
        if !nodes.iter().all(|(section, size)| along(*section, *size, self.nodes))
            || !links.iter().all(|(section, size)| along(*section, *size, self.links))
            || ![IdAt, Forward, Reverse].iter().all(|section| along(*section, 4, self.nodes + 1))
        {
            return Err(Unusable::Inconsistent("section length"));
        }
        check::ascends(self.list(IdAt), self.raw(Ids).len(), "id table")?;
        check::ascends(self.list(Forward), self.links, "link table")?;
        check::ascends(self.list(Reverse), self.links, "link table")?;
        check::below(self.list(Target), self.nodes, "link")?;
        check::below(self.list(Source), self.nodes, "link")?;
        let evidence = self.list::<EvidenceEntry>(Section::Evidence).iter().map(|it| it.node);
        let absences = self.list::<[u32; 5]>(Section::Absences).iter().map(|it| it[0]);
        let aliases = self.list::<[u32; 4]>(Section::Aliases).iter().map(|it| it[0]);
        let idents = self.list::<[u32; 3]>(Section::Idents).iter().map(|it| it[1]);
        let largest = evidence.chain(absences).chain(aliases).chain(idents).max();
        check::below(&Vec::from_iter(largest), self.nodes, "statement")
    }

    /// The state of the ledger it was built from.
    pub fn head(&self) -> &IndexHead {
        &self.head
    }

    /// How many artefacts there are.
    pub fn len(&self) -> usize {
        self.nodes
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.nodes == 0
    }

    /// How many links there are.
    pub fn links(&self) -> usize {
        self.links
    }

    /// How many bytes the index has, and how many of them are ids.
    pub fn size(&self) -> (usize, usize) {
        (self.bytes.get().len(), self.raw(Section::Ids).len())
    }

    /// Every artefact, in byte order of ids.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = Node> + DoubleEndedIterator + use<> {
        (0..self.nodes as u32).map(Node)
    }

    /// The artefact with a number, if there is one.
    pub fn node_at(&self, number: usize) -> Option<Node> {
        (number < self.nodes).then_some(Node(number as u32))
    }

    /// The artefact of an id, or of an id that was folded into it.
    pub fn node(&self, id: &str) -> Option<Node> {
        let (mut low, mut high) = (0, self.nodes);
        while low < high {
            let middle = low.midpoint(high);
            match self.id_bytes(middle).cmp(id.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(Node(middle as u32)),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        self.alias(id)
    }

    #[inline]
    pub(super) fn id_bytes(&self, node: usize) -> &[u8] {
        let starts: &[u32] = self.list(Section::IdAt);
        match (starts.get(node), starts.get(node + 1)) {
            (Some(start), Some(end)) => self.raw(Section::Ids).get(*start as usize..*end as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Its id.
    pub fn id(&self, node: Node) -> &str {
        std::str::from_utf8(self.id_bytes(node.index())).unwrap_or_default()
    }

    /// Its name without version: as stated, else as the id tells.
    pub fn name(&self, node: Node) -> &str {
        match self.stated(node) {
            Some([_, name, _]) if *name != 0 => self.text(*name),
            _ => IdParts::of(self.id(node)).name,
        }
    }

    /// Its version: as stated, else as the id tells.
    pub fn version(&self, node: Node) -> Option<&str> {
        match self.stated(node) {
            Some([_, _, version]) if *version != 0 => Some(self.text(*version)),
            _ => IdParts::of(self.id(node)).version,
        }
    }

    /// Name and version where a source states them otherwise than the id tells.
    pub fn stated_name(&self, node: Node) -> Option<&str> {
        self.stated(node).filter(|it| it[1] != 0).map(|it| self.text(it[1]))
    }

    /// Artefacts with a name that a source states otherwise than the id tells.
    pub fn all_stated_names(&self) -> impl Iterator<Item = (&str, Node)> + '_ {
        let stated = self.list::<[u32; 3]>(Section::Stated).iter().filter(|it| it[1] != 0);
        stated.filter_map(|it| Some((self.text(it[1]), self.node_at(it[0] as usize)?)))
    }

    /// The bytes of its id.
    #[inline]
    pub fn id_as_bytes(&self, node: Node) -> &[u8] {
        self.id_bytes(node.index())
    }

    fn stated(&self, node: Node) -> Option<&[u32; 3]> {
        let list: &[[u32; 3]] = self.list(Section::Stated);
        list.binary_search_by_key(&node.0, |it| it[0]).ok().map(|at| &list[at])
    }

    /// Its kind, as written; `unknown` when nobody described it and its id does not tell.
    pub fn kind(&self, node: Node) -> &str {
        match self.kind_code(node) {
            ODD => {
                let odd: &[[u32; 2]] = self.list(Section::OddKinds);
                odd.binary_search_by_key(&node.0, |it| it[0]).map_or("", |at| self.text(odd[at][1]))
            }
            code => self.kind_of_code(code),
        }
    }

    /// A small number for its kind; equal for equal kinds except 255, which stands for many.
    pub fn kind_code(&self, node: Node) -> u8 {
        self.list::<u8>(Section::NodeKind).get(node.index()).copied().unwrap_or(ODD)
    }

    /// Kinds of all nodes by number, as [`Lineage::kind_code`] gives them.
    pub fn kind_codes(&self) -> &[u8] {
        self.list(Section::NodeKind)
    }

    /// The kind of a code below 255.
    pub fn kind_of_code(&self, code: u8) -> &str {
        self.list::<u32>(Section::Kinds).get(usize::from(code)).map_or("", |text| self.text(*text))
    }

    /// Who answers for it.
    pub fn owner(&self, node: Node) -> Option<&str> {
        self.fact(self.facts_code(node), 0)
    }

    /// `prod`, `staging`, …
    pub fn environment(&self, node: Node) -> Option<&str> {
        self.fact(self.facts_code(node), 1)
    }

    /// Risk class.
    pub fn risk(&self, node: Node) -> Option<&str> {
        self.fact(self.facts_code(node), 2)
    }

    /// A number for its (owner, environment, risk), below [`Lineage::facts_len`].
    pub fn facts_code(&self, node: Node) -> u32 {
        self.list::<u32>(Section::NodeFacts).get(node.index()).copied().unwrap_or(0)
    }

    /// How many distinct (owner, environment, risk) there are.
    pub fn facts_len(&self) -> usize {
        self.list::<[u32; 3]>(Section::Facts).len()
    }

    /// Owner, environment and risk of a code.
    pub fn facts_of_code(&self, code: u32) -> [Option<&str>; 3] {
        [self.fact(code, 0), self.fact(code, 1), self.fact(code, 2)]
    }

    fn fact(&self, code: u32, which: usize) -> Option<&str> {
        let row = self.list::<[u32; 3]>(Section::Facts).get(code as usize)?;
        (row[which] != 0).then(|| self.text(row[which]))
    }

    /// When it came to be: the earliest moment any description states.
    pub fn at(&self, node: Node) -> Option<Time> {
        match self.list::<u32>(Section::NodeAt).get(node.index()).copied().unwrap_or(UNDATED) {
            UNDATED => None,
            EXACT => self.exact(Section::ExactAt, node.0),
            seconds => Some(Time::from_seconds(i64::from(seconds))),
        }
    }

    /// Whether anybody described it; else it is only mentioned, which is a gap.
    pub fn described(&self, node: Node) -> bool {
        self.list::<u32>(Section::NodeClaim).get(node.index()).is_some_and(|claim| *claim != 0)
    }

    /// Which letters its id and stated name have.
    pub fn letters(&self) -> &[u32] {
        self.list(Section::NodeMask)
    }

    /// The bits of [`Lineage::letters`] that a text needs.
    pub fn letters_of(text: &str) -> u32 {
        crate::graph::layout::letter_mask(text)
    }

    pub(super) fn exact(&self, section: Section, key: u32) -> Option<Time> {
        let list: &[Moment] = self.list(section);
        list.binary_search_by_key(&key, |it| it[0]).ok().map(|at| Time::from_micros(micros(&list[at])))
    }

    pub(super) fn text(&self, number: u32) -> &str {
        let starts: &[u32] = self.list(Section::TextAt);
        match (starts.get(number as usize), starts.get(number as usize + 1)) {
            (Some(start), Some(end)) => check::text(self.raw(Section::Texts), *start as usize..*end as usize),
            _ => "",
        }
    }

    pub(super) fn some_text(&self, number: u32) -> Option<&str> {
        (number != 0).then(|| self.text(number))
    }

    #[inline]
    pub(super) fn raw(&self, section: Section) -> &[u8] {
        let (start, end) = self.spans[section as usize];
        &self.bytes.get()[start..end]
    }

    #[inline]
    pub(super) fn list<T: Pod>(&self, section: Section) -> &[T] {
        bytemuck::try_cast_slice(self.raw(section)).unwrap_or_default()
    }
}
