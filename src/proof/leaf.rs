//! What a leaf of the log says of its record, byte for byte. It does not hold the content, only
//! the salted commitment to it.
//!
//! The data of a leaf is a list of fields, each `tag (1 byte) ‖ length (4 bytes, big-endian) ‖
//! value`, in the order below. Numbers are 8 bytes, big-endian; times are microseconds since 1970
//! as two's complement; a record without an observed time has no such field.

use crate::proof::digest::sha256_of;
use crate::proof::merkle::{Hash, leaf_hash};

/// The form of leaves described above.
const VERSION: u8 = 1;

/// What the log commits to of one record; times are microseconds since 1970.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the fields are those of a record")]
pub struct Leaf<'a> {
    pub seq: u64,
    pub source: &'a str,
    pub format: &'a str,
    pub importer_version: u32,
    pub framing: &'a str,
    pub media_type: &'a str,
    pub file: &'a str,
    pub offset: u64,
    pub line: u64,
    pub received_at: i64,
    pub observed_at: Option<i64>,
    pub commitment: Hash,
}

/// What the log commits to in place of content with this digest.
pub fn commitment(salt: &[u8], digest: &[u8; 32]) -> Hash {
    sha256_of(&[salt, digest])
}

/// The data that is hashed for a record.
fn data(record: &Leaf<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let mut field = |tag: u8, value: &[u8]| {
        // A text of 4 GiB cannot be in a row: SQLite's own limit is 1 GB.
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        out.push(tag);
        out.extend(length.to_be_bytes());
        out.extend(value);
    };
    field(0, &[VERSION]);
    field(1, &record.seq.to_be_bytes());
    field(2, record.source.as_bytes());
    field(3, record.format.as_bytes());
    field(4, &u64::from(record.importer_version).to_be_bytes());
    field(5, record.framing.as_bytes());
    field(6, record.media_type.as_bytes());
    field(7, record.file.as_bytes());
    field(8, &record.offset.to_be_bytes());
    field(9, &record.line.to_be_bytes());
    field(10, &record.received_at.to_be_bytes());
    if let Some(time) = record.observed_at {
        field(11, &time.to_be_bytes());
    }
    field(12, &record.commitment);
    out
}

impl Leaf<'_> {
    /// The leaf's hash.
    pub fn hash(&self) -> Hash {
        leaf_hash(&data(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Leaf<'static> = Leaf {
        seq: 1,
        source: "s",
        format: "native",
        importer_version: 1,
        framing: "lines",
        media_type: "application/jsonl",
        file: "f",
        offset: 0,
        line: 1,
        received_at: 0,
        observed_at: None,
        commitment: [7; 32],
    };

    #[test]
    fn the_form_of_a_leaf_is_fixed() {
        let expected = "00000000 01 01\
            01 00000008 0000000000000001 02 00000001 73 03 00000006 6e6174697665\
            04 00000008 0000000000000001 05 00000005 6c696e6573\
            06 00000011 6170706c69636174696f6e2f6a736f6e6c 07 00000001 66\
            08 00000008 0000000000000000 09 00000008 0000000000000001 0a 00000008 0000000000000000\
            0c 00000020";
        let expected = expected.replace(' ', "") + &"07".repeat(32);
        assert_eq!(hex::encode(data(&PLAIN)), expected);
    }

    #[test]
    fn every_field_changes_the_leaf() {
        let changes: [fn(&mut Leaf<'static>); 13] = [
            |r| r.seq = 2,
            |r| r.source = "t",
            |r| r.format = "other",
            |r| r.importer_version = 2,
            |r| r.framing = "whole",
            |r| r.media_type = "text/plain",
            |r| r.file = "g",
            |r| r.offset = 1,
            |r| r.line = 2,
            |r| r.received_at = 1_000_000,
            |r| r.observed_at = Some(0),
            |r| r.commitment[31] ^= 1,
            |r| (r.source, r.format) = ("sn", "ative"),
        ];
        for (at, change) in changes.iter().enumerate() {
            let mut changed = PLAIN;
            change(&mut changed);
            assert_ne!(changed.hash(), PLAIN.hash(), "change {at}");
        }
    }
}
