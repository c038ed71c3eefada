//! Whether bytes are an index that can be relied on: magic, version, bounds, checksums, and that no
//! number in it points out of it. It repairs nothing: an index is rebuilt.

use crate::graph::build::IndexHead;
use crate::graph::layout::{Entry, Header, MAGIC, NO_IMPACT, ORDER, PREAMBLE, Section, VERSION};
use std::ops::Range;

/// Why bytes are no index to rely on. The remedy is always to build it anew.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Not an index, or of another machine.
    #[error("it is no lineage index")]
    Foreign,
    /// Another version of this program wrote it.
    #[error("it has layout {found}, and this program reads {}", VERSION)]
    Version {
        /// The version it states.
        found: u32,
    },
    /// Cut short, or longer than it says.
    #[error("it has {found} bytes where its header says {said}")]
    Length {
        /// Bytes there are.
        found: u64,
        /// Bytes there should be.
        said: u64,
    },
    /// A checksum does not match.
    #[error("its {0} does not match its checksum")]
    Damaged(&'static str),
    /// A number points out of the index.
    #[error("its {0} points nowhere")]
    Inconsistent(&'static str),
    /// It belongs to another state of the ledger.
    #[error("it was built from {found} records, and the ledger has {wanted} (or another history)")]
    Stale {
        /// Records it was built from.
        found: u64,
        /// Records the ledger has.
        wanted: u64,
    },
    /// Nobody vouches for it.
    #[error("it was not made by this installation, or was changed since")]
    Unsealed,
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

/// Where each section lies.
pub(super) type Spans = [(usize, usize); Section::COUNT];

/// Reads and checks the header and table.
pub(super) fn preamble(bytes: &[u8]) -> Result<(IndexHead, Spans, [u64; Section::COUNT]), Unusable> {
    if bytes.len() < size_of::<Header>() {
        return Err(Unusable::Foreign);
    }
    let header: Header = bytemuck::pod_read_unaligned(&bytes[..size_of::<Header>()]);
    if header.magic != MAGIC || header.order != ORDER {
        return Err(Unusable::Foreign);
    }
    if header.version != VERSION {
        return Err(Unusable::Version { found: header.version });
    }
    if header.length != bytes.len() as u64 || bytes.len() < PREAMBLE {
        return Err(Unusable::Length { found: bytes.len() as u64, said: header.length });
    }
    let said = &bytes[PREAMBLE - 8..PREAMBLE];
    if said != u64::from(crc32fast::hash(&bytes[..PREAMBLE - 8])).to_ne_bytes()
        || header.sections != Section::COUNT as u64
    {
        return Err(Unusable::Damaged("header"));
    }
    let mut spans = [(0, 0); Section::COUNT];
    let mut crcs = [0; Section::COUNT];
    for (at, raw) in bytes[size_of::<Header>()..PREAMBLE - 8].chunks_exact(size_of::<Entry>()).enumerate() {
        let entry: Entry = bytemuck::pod_read_unaligned(raw);
        let end = entry.offset.checked_add(entry.length).filter(|end| *end <= header.length);
        let Some(end) = end.filter(|_| entry.offset.is_multiple_of(8)) else {
            return Err(Unusable::Inconsistent("section table"));
        };
        spans[at] = (entry.offset as usize, end as usize);
        crcs[at] = entry.crc;
    }
    let origin = bytes[spans[Section::Origin as usize].0..spans[Section::Origin as usize].1].to_vec();
    let origin = String::from_utf8(origin).map_err(|_| Unusable::Damaged("origin"))?;
    Ok((IndexHead { origin, records: header.records, root: header.root, claims: header.claims }, spans, crcs))
}

/// Checks every section against its checksum, on two threads.
pub(super) fn checksums(bytes: &[u8], spans: &Spans, crcs: &[u64; Section::COUNT]) -> Result<(), Unusable> {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let (mut left_size, mut right_size) = (0, 0);
    let mut largest: Vec<usize> = (0..Section::COUNT).collect();
    largest.sort_unstable_by_key(|at| std::cmp::Reverse(spans[*at].1 - spans[*at].0));
    for at in largest {
        let size = spans[at].1 - spans[at].0;
        let (list, total) =
            if left_size <= right_size { (&mut left, &mut left_size) } else { (&mut right, &mut right_size) };
        list.push(at);
        *total += size;
    }
    let matches = |list: &[usize]| {
        list.iter().all(|at| u64::from(crc32fast::hash(&bytes[spans[*at].0..spans[*at].1])) == crcs[*at])
    };
    let (left, right) = std::thread::scope(|scope| {
        let other = scope.spawn(|| matches(&right));
        (matches(&left), other.join().unwrap_or(false))
    });
    if left && right { Ok(()) } else { Err(Unusable::Damaged("content")) }
}

/// Checks that starts ascend from 0 to `end`.
pub(super) fn ascends(starts: &[u32], end: usize, what: &'static str) -> Result<(), Unusable> {
    let sound = starts.first() == Some(&0)
        && starts.last().is_some_and(|last| *last as usize == end)
        && starts.windows(2).fold(true, |sound, pair| sound & (pair[0] <= pair[1]));
    if sound { Ok(()) } else { Err(Unusable::Inconsistent(what)) }
}

/// Checks that numbers of nodes stay below `limit`.
pub(super) fn below(numbers: &[u32], limit: usize, what: &'static str) -> Result<(), Unusable> {
    // a maximum is vectorised where an early exit is not
    let largest = numbers.iter().fold(0, |largest, number| largest.max(*number & !NO_IMPACT));
    if numbers.is_empty() || (largest as usize) < limit { Ok(()) } else { Err(Unusable::Inconsistent(what)) }
}

/// Cuts a text out of bytes; what is no text reads as nothing.
pub(super) fn text(bytes: &[u8], range: Range<usize>) -> &str {
    bytes.get(range).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}
