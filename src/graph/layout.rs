//! The layout of an index: header, sections and their element types. It checks nothing.
//!
//! ```text
//! header │ section table │ header CRC │ section 0 │ section 1 │ …      every section 8-aligned
//! ```
//!
//! Everything is in the byte order of the machine; an index is a cache and is rebuilt elsewhere.

use bytemuck::{Pod, Zeroable};

pub(super) const MAGIC: [u8; 8] = *b"lastgood";
/// Raised with every change of layout or of the rules by which the builder concludes.
pub(super) const VERSION: u32 = 6;
/// Reads differently on a machine of the other byte order.
pub(super) const ORDER: u32 = 0x0102_0304;

/// No value, where a time is kept in whole seconds: `0` (the epoch itself goes to the exact table).
pub(super) const UNDATED: u32 = 0;
/// The time is in the table of exact times.
pub(super) const EXACT: u32 = u32::MAX;
/// The kind or relation is in the table of odd ones.
pub(super) const ODD: u8 = u8::MAX;
/// In a link's end: the link carries no impact. It stands there so that a walk reads one list only.
pub(super) const NO_IMPACT: u32 = 1 << 31;
/// In a slot byte: the place in the source's list does not fit, and must be searched.
pub(super) const FAR_SLOT: u8 = u8::MAX;
/// No moment, where times are kept in microseconds.
pub(super) const NO_TIME: i64 = i64::MIN;
/// Identifier flag: it was stated as a content digest.
pub(super) const IS_DIGEST: u32 = 1;
/// Evidence flag: it covers other digests than the artefact's.
pub(super) const IS_VOID: u32 = 1;
/// Evidence flag: it names a digest that it covers.
pub(super) const NAMES_DIGEST: u32 = 2;

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub(super) struct Header {
    pub(super) magic: [u8; 8],
    pub(super) version: u32,
    pub(super) order: u32,
    pub(super) sections: u64,
    pub(super) length: u64,
    pub(super) records: u64,
    pub(super) claims: u64,
    pub(super) root: [u8; 32],
}

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub(super) struct Entry {
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) crc: u64,
}

/// Bytes before the first section: header, table, CRC of both.
pub(super) const PREAMBLE: usize = size_of::<Header>() + Section::COUNT * size_of::<Entry>() + 8;

#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable, Debug, PartialEq, Eq)]
pub(super) struct EvidenceEntry {
    pub(super) at: i64,
    pub(super) expires: i64,
    pub(super) node: u32,
    pub(super) claim: u32,
    pub(super) kind: u32,
    pub(super) verdict: u32,
    pub(super) by: u32,
    pub(super) scope: u32,
    pub(super) flags: u32,
    pub(super) zero: u32,
}

/// A moment under a key (node or link): `[key, low half, high half]` of microseconds.
pub(super) type Moment = [u32; 3];

pub(super) fn moment(key: u32, micros: i64) -> Moment {
    [key, micros as u32, (micros as u64 >> 32) as u32]
}

pub(super) fn micros(moment: &Moment) -> i64 {
    (u64::from(moment[2]) << 32 | u64::from(moment[1])) as i64
}

/// The sections, in the order they lie in the file. Element type behind each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Section {
    /// bytes: the ledger's origin.
    Origin,
    /// bytes: ids of all nodes, one after the other, in byte order.
    Ids,
    /// u32 × (nodes + 1): where each id starts.
    IdAt,
    /// u32 × (nodes + 1): where each node's links to dependencies start.
    Forward,
    /// u32 × (nodes + 1): where each node's links from dependents start.
    Reverse,
    /// u32 × nodes: first claim that describes it, 0 when only mentioned.
    NodeClaim,
    /// u8 × nodes: kind.
    NodeKind,
    /// u32 × nodes: when it came to be.
    NodeAt,
    /// u32 × nodes: which row of Facts.
    NodeFacts,
    /// u32 × nodes: which letters its id and stated name have.
    NodeMask,
    /// u32 × links: the dependency, and whether impact is carried.
    Target,
    /// u8 × links: relation.
    Relation,
    /// u32 × links: first moment it held.
    Since,
    /// u32 × links: first claim that states it.
    LinkClaim,
    /// u32 × links, in reverse order: the dependent, likewise.
    Source,
    /// u8 × links, in reverse order: place in the dependent's list.
    Slot,
    /// [owner, environment, risk] texts.
    Facts,
    /// u32: texts of kinds by code.
    Kinds,
    /// u32: texts of relations by code.
    Relations,
    /// [node, text].
    OddKinds,
    /// [link, text].
    OddRelations,
    /// Moment by node.
    ExactAt,
    /// Moment by link.
    ExactSince,
    /// Moment by link: last moment it held.
    Until,
    /// Moment by link that nobody saw begin: when it was last seen not to be there.
    SinceAfter,
    /// Moment by link that nobody saw end: when it was last seen.
    UntilAfter,
    /// u32: links that some source states without dates, or with another end.
    Doubtful,
    /// [link, claim]: further claims that state a link.
    MoreLinkClaims,
    /// [node, claim]: further claims that describe a node.
    MoreNodeClaims,
    /// [node, name text, version text] where these differ from what the id says.
    Stated,
    /// EvidenceEntry, by (node, at, claim).
    Evidence,
    /// [node, claim, relation, why, by], by (node, claim).
    Absences,
    /// [node, id text, why text, claim], by (node, id).
    Aliases,
    /// u32: aliases in order of id text.
    AliasOrder,
    /// [text, node, flags], by (text, node).
    Idents,
    /// u32: identifiers in order of node.
    IdentByNode,
    /// u32: identifiers that end in hex digits, in order of those.
    IdentByHex,
    /// bytes: texts, sorted.
    Texts,
    /// u32 × (texts + 1): where each text starts. Text 0 is empty and means none.
    TextAt,
}

impl Section {
    pub(super) const COUNT: usize = Section::TextAt as usize + 1;
}

/// The hex digits an identifier ends in, when it is a word, a colon and at least seven of them.
pub(super) fn hex_part(text: &str) -> Option<&str> {
    let (_, hex) = text.rsplit_once([':', '@'])?;
    (hex.len() >= 7 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))).then_some(hex)
}

/// Which letters a text has, folded to lower case: a bit per letter, one per pair of digits, one for
/// everything outside ASCII. A text can only hold a pattern whose bits it has.
pub(super) fn letter_mask(text: &str) -> u32 {
    if text.is_ascii() {
        return text.bytes().fold(0, |mask, byte| mask | byte_bit(byte));
    }
    text.chars()
        .flat_map(char::to_lowercase)
        .fold(0, |mask, letter| mask | u8::try_from(letter).ok().filter(u8::is_ascii).map_or(1 << 31, byte_bit))
}

fn byte_bit(byte: u8) -> u32 {
    match byte {
        b'a'..=b'z' => 1 << (byte - b'a'),
        b'A'..=b'Z' => 1 << (byte - b'A'),
        b'0'..=b'9' => 1 << (26 + (byte - b'0') / 2),
        _ => 0,
    }
}
