//! What a leaf of the log says of its record, byte for byte. It does not hold the content, only
//! the salted commitment to it.
//!
//! The data of a leaf is a list of fields, each `tag (1 byte) ‖ length (4 bytes, big-endian) ‖
//! value`, in the order below. Numbers are 8 bytes, big-endian; times are microseconds since 1970
//! as two's complement; a record without an observed time has no such field.

use crate::proof::merkle::{Hash, leaf_hash};
use crate::store::record::Record;

/// The form of leaves described above.
const VERSION: u8 = 1;

/// The data that is hashed for a record.
pub(crate) fn data(record: &Record) -> Vec<u8> {
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
    field(10, &record.received_at.micros().to_be_bytes());
    if let Some(time) = record.observed_at {
        field(11, &time.micros().to_be_bytes());
    }
    field(12, &record.commitment);
    out
}

/// The leaf hash of a record.
pub(crate) fn hash(record: &Record) -> Hash {
    leaf_hash(&data(record))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;

    fn record() -> Record {
        Record {
            seq: 1,
            source: "s".to_owned(),
            format: "native".to_owned(),
            importer_version: 1,
            framing: "lines".to_owned(),
            media_type: "application/jsonl".to_owned(),
            file: "f".to_owned(),
            offset: 0,
            line: 1,
            received_at: Time::from_seconds(0),
            observed_at: None,
            commitment: [7; 32],
            content: None,
        }
    }

    #[test]
    fn the_form_of_a_leaf_is_fixed() {
        let expected = "00000000 01 01\
            01 00000008 0000000000000001 02 00000001 73 03 00000006 6e6174697665\
            04 00000008 0000000000000001 05 00000005 6c696e6573\
            06 00000011 6170706c69636174696f6e2f6a736f6e6c 07 00000001 66\
            08 00000008 0000000000000000 09 00000008 0000000000000001 0a 00000008 0000000000000000\
            0c 00000020";
        let expected = expected.replace(' ', "") + &"07".repeat(32);
        assert_eq!(hex::encode(data(&record())), expected);
    }

    #[test]
    fn every_field_changes_the_leaf() {
        let plain = hash(&record());
        let changes: [fn(&mut Record); 13] = [
            |r| r.seq = 2,
            |r| r.source = "t".to_owned(),
            |r| r.format = "other".to_owned(),
            |r| r.importer_version = 2,
            |r| r.framing = "whole".to_owned(),
            |r| r.media_type = "text/plain".to_owned(),
            |r| r.file = "g".to_owned(),
            |r| r.offset = 1,
            |r| r.line = 2,
            |r| r.received_at = Time::from_seconds(1),
            |r| r.observed_at = Some(Time::from_seconds(0)),
            |r| r.commitment[31] ^= 1,
            |r| (r.source, r.format) = ("sn".to_owned(), "ative".to_owned()),
        ];
        for (at, change) in changes.iter().enumerate() {
            let mut changed = record();
            change(&mut changed);
            assert_ne!(hash(&changed), plain, "change {at}");
        }
    }
}
