//! What hangs on nodes: evidence, absences, aliases, identifiers, claims. It judges no expiry, for it
//! has no clock.

use crate::graph::layout::{EvidenceEntry, IS_DIGEST, IS_VOID, NAMES_DIGEST, NO_TIME, Section, hex_part};
use crate::graph::lineage::{Lineage, Node};
use crate::graph::links::pairs;
use crate::model::Time;

/// One piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidenceRef<'a> {
    /// The artefact.
    pub about: Node,
    /// approval, evaluation, …
    pub kind: &'a str,
    /// What it covers.
    pub scope: Option<&'a str>,
    /// pass, fail, …
    pub verdict: Option<&'a str>,
    /// Who.
    pub by: Option<&'a str>,
    /// When.
    pub at: Time,
    /// Until when it counts.
    pub expires: Option<Time>,
    /// Whether it covers other digests than the artefact's.
    pub void: bool,
    /// Whether it names a digest that it covers, so that it speaks of these contents and no others.
    pub names_digest: bool,
    /// The claim that states it.
    pub claim: u64,
}

/// Something a source says cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AbsenceRef<'a> {
    /// The artefact that lacks it.
    pub about: Node,
    /// The relation that is lacking.
    pub relation: &'a str,
    /// not-disclosed, not-recorded, not-permitted, none.
    pub why: &'a str,
    /// Who says so.
    pub by: Option<&'a str>,
    /// The claim that states it.
    pub claim: u64,
}

/// An id folded into an artefact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AliasRef<'a> {
    /// The artefact it was folded into.
    pub node: Node,
    /// The id.
    pub id: &'a str,
    /// Why they are one.
    pub why: &'a str,
    /// The claim that says so, or that states the shared identifier.
    pub claim: u64,
}

impl Lineage {
    /// Evidence about an artefact, oldest first.
    pub fn evidence(&self, node: Node) -> impl DoubleEndedIterator<Item = EvidenceRef<'_>> + '_ {
        let list: &[EvidenceEntry] = self.list(Section::Evidence);
        run(list, node, |it| it.node).iter().map(|it| self.evidence_ref(it))
    }

    /// All evidence, by artefact.
    pub fn all_evidence(&self) -> impl ExactSizeIterator<Item = EvidenceRef<'_>> + '_ {
        self.list::<EvidenceEntry>(Section::Evidence).iter().map(|it| self.evidence_ref(it))
    }

    fn evidence_ref(&self, it: &EvidenceEntry) -> EvidenceRef<'_> {
        EvidenceRef {
            about: Node(it.node),
            kind: self.text(it.kind),
            scope: self.some_text(it.scope),
            verdict: self.some_text(it.verdict),
            by: self.some_text(it.by),
            at: Time::from_micros(it.at),
            expires: (it.expires != NO_TIME).then(|| Time::from_micros(it.expires)),
            void: it.flags & IS_VOID != 0,
            names_digest: it.flags & NAMES_DIGEST != 0,
            claim: u64::from(it.claim),
        }
    }

    /// What sources say cannot be told of an artefact.
    pub fn absences(&self, node: Node) -> impl Iterator<Item = AbsenceRef<'_>> + '_ {
        run(self.list(Section::Absences), node, |it: &[u32; 5]| it[0]).iter().map(|it| self.absence_ref(it))
    }

    /// All that cannot be told, by artefact.
    pub fn all_absences(&self) -> impl ExactSizeIterator<Item = AbsenceRef<'_>> + '_ {
        self.list::<[u32; 5]>(Section::Absences).iter().map(|it| self.absence_ref(it))
    }

    fn absence_ref(&self, it: &[u32; 5]) -> AbsenceRef<'_> {
        AbsenceRef {
            about: Node(it[0]),
            relation: self.text(it[2]),
            why: self.text(it[3]),
            by: self.some_text(it[4]),
            claim: u64::from(it[1]),
        }
    }

    /// Ids folded into an artefact.
    pub fn aliases(&self, node: Node) -> impl Iterator<Item = AliasRef<'_>> + '_ {
        run(self.list(Section::Aliases), node, |it: &[u32; 4]| it[0]).iter().map(|it| self.alias_ref(it))
    }

    /// All folded ids.
    pub fn all_aliases(&self) -> impl ExactSizeIterator<Item = AliasRef<'_>> + '_ {
        self.list::<[u32; 4]>(Section::Aliases).iter().map(|it| self.alias_ref(it))
    }

    fn alias_ref(&self, it: &[u32; 4]) -> AliasRef<'_> {
        AliasRef { node: Node(it[0]), id: self.text(it[1]), why: self.text(it[2]), claim: u64::from(it[3]) }
    }

    /// The artefact a folded id was folded into.
    pub(super) fn alias(&self, id: &str) -> Option<Node> {
        let aliases: &[[u32; 4]] = self.list(Section::Aliases);
        let order: &[u32] = self.list(Section::AliasOrder);
        let text = |at: &u32| aliases.get(*at as usize).map_or("", |it| self.text(it[1]));
        let at = order.binary_search_by(|at| text(at).cmp(id)).ok()?;
        self.valid(aliases.get(*order.get(at)? as usize)?[0])
    }

    /// Claims that describe an artefact, in their order.
    pub fn claims(&self, node: Node) -> impl Iterator<Item = u64> + '_ {
        let first = self.list::<u32>(Section::NodeClaim).get(node.index()).copied().filter(|claim| *claim != 0);
        let more = pairs(self.list(Section::MoreNodeClaims), node.0);
        first.into_iter().chain(more.iter().map(|it| it[1])).map(u64::from)
    }

    /// Content digests of an artefact.
    pub fn digests(&self, node: Node) -> impl Iterator<Item = &str> + '_ {
        self.own_idents(node).filter(|it| it[2] & IS_DIGEST != 0).map(|it| self.text(it[0]))
    }

    /// Other identifiers of an artefact: URIs, commits, purls, fingerprints.
    pub fn identifiers(&self, node: Node) -> impl Iterator<Item = &str> + '_ {
        self.own_idents(node).filter(|it| it[2] & IS_DIGEST == 0).map(|it| self.text(it[0]))
    }

    fn own_idents(&self, node: Node) -> impl Iterator<Item = &[u32; 3]> + '_ {
        let idents: &[[u32; 3]] = self.list(Section::Idents);
        let order: &[u32] = self.list(Section::IdentByNode);
        let of = move |at: &u32| idents.get(*at as usize);
        let first = order.partition_point(|at| of(at).is_some_and(|it| it[1] < node.0));
        order[first..].iter().filter_map(of).take_while(move |it| it[1] == node.0)
    }

    /// Every digest and identifier with its artefact, in order of the text.
    pub fn all_identifiers(&self) -> impl ExactSizeIterator<Item = (&str, Node)> + '_ {
        self.list::<[u32; 3]>(Section::Idents).iter().map(|it| (self.text(it[0]), Node(it[1])))
    }

    /// Every identifier but digests, with its artefact, in order of the text.
    pub fn all_names(&self) -> impl Iterator<Item = (&str, Node)> + '_ {
        let idents = self.list::<[u32; 3]>(Section::Idents).iter().filter(|it| it[2] & IS_DIGEST == 0);
        idents.map(|it| (self.text(it[0]), Node(it[1])))
    }

    /// The artefacts that have a digest or identifier.
    pub fn nodes_with_identifier(&self, text: &str) -> impl Iterator<Item = Node> + '_ {
        let idents: &[[u32; 3]] = self.list(Section::Idents);
        let first = idents.partition_point(|it| self.text(it[0]) < text);
        let number = idents.get(first).map(|it| it[0]).filter(|number| self.text(*number) == text);
        idents[first..].iter().take_while(move |it| Some(it[0]) == number).filter_map(|it| self.valid(it[1]))
    }

    /// The artefacts with a digest, commit or fingerprint whose hex digits begin so, with the whole text.
    pub fn nodes_with_hex(&self, prefix: &str) -> impl Iterator<Item = (&str, Node)> + '_ {
        let idents: &[[u32; 3]] = self.list(Section::Idents);
        let order: &[u32] = self.list(Section::IdentByHex);
        let text = move |at: &u32| idents.get(*at as usize).map_or("", |it| self.text(it[0]));
        let hex = move |at: &u32| hex_part(text(at)).unwrap_or_default();
        let first = order.partition_point(|at| hex(at) < prefix);
        let length = order[first..].partition_point(|at| hex(at).starts_with(prefix));
        order[first..first + length].iter().filter_map(move |at| {
            let it = idents.get(*at as usize)?;
            Some((self.text(it[0]), self.valid(it[1])?))
        })
    }

    fn valid(&self, number: u32) -> Option<Node> {
        self.node_at(number as usize)
    }
}

/// The entries of one node in a list sorted by node.
fn run<T>(list: &[T], node: Node, of: impl Fn(&T) -> u32) -> &[T] {
    let first = list.partition_point(|it| of(it) < node.0);
    let rest = &list[first..];
    // runs are short, and what lies far ahead is not in the cache
    let mut reach = 1;
    while rest.get(reach).is_some_and(|it| of(it) == node.0) {
        reach *= 2;
    }
    let near = rest.get(..reach).unwrap_or(rest);
    &near[..near.partition_point(|it| of(it) == node.0)]
}
