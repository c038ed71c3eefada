//! OTLP in protobuf: told from other bytes by the fields it has, cut into messages, and each written out
//! as the OTLP/JSON that says the same. That text is what is kept of it and searched for secrets, since
//! taking a secret out of a message changes the lengths all around. It says nothing of what spans mean.

mod schema;
mod wire;
mod write;

use crate::import::Head;
use schema::{LOG, LOGS, Message, SPAN, Sort, TRACES};
use std::io::{self, Read};
use wire::{Fields, Raw};

/// The most bytes a message becomes when it is written out.
const LONGEST: usize = 256 << 20;

/// One message as OTLP/JSON, on one line: `TracesData`, `ExportTraceServiceRequest`, `LogsData` or
/// `ExportLogsServiceRequest`.
///
/// # Errors
/// When it is none, is broken, or would be too large.
pub fn otlp_json(message: &[u8]) -> Result<Vec<u8>, String> {
    // One that is broken further on says where.
    match signal(message, true).or_else(|| signal(message, false)) {
        Some(schema) => write::json(schema, message, LONGEST),
        None => Err("no OTLP traces and no logs: expected spans or log records in protobuf".to_owned()),
    }
}

/// How messages lie in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) enum Layout {
    /// One, from the first byte to the last.
    One,
    /// Each behind its length in four bytes, the highest first, as the collector's file exporter writes.
    Long,
    /// Each behind its length as protobuf writes numbers.
    Varint,
}

/// How the messages lie in a content that is OTLP in protobuf; nothing when it is none.
pub(in crate::import) fn layout(head: &Head<'_>) -> Option<Layout> {
    let bytes = head.bytes;
    if signal(bytes, head.complete).is_some() {
        return Some(Layout::One);
    }
    [Layout::Long, Layout::Varint].into_iter().find(|layout| {
        let Some((Some(length), taken)) = layout.length(bytes) else { return false };
        let rest = bytes.get(taken..).unwrap_or_default();
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let whole = length <= rest.len();
        (whole || !head.complete) && signal(rest.get(..length).unwrap_or(rest), whole).is_some()
    })
}

impl Layout {
    /// The length that bytes begin with and how many bytes say it; nothing when more are needed.
    fn length(self, bytes: &[u8]) -> Option<(Option<u64>, usize)> {
        match self {
            Layout::One => None,
            Layout::Long => bytes.first_chunk::<4>().map(|four| (Some(u32::from_be_bytes(*four).into()), 4)),
            Layout::Varint => wire::varint(bytes),
        }
    }

    /// Reads the next length and how many bytes it took; nothing at the end of the stream.
    ///
    /// # Errors
    /// When the stream fails, or ends or breaks off inside a length.
    pub(in crate::import) fn read_length(self, reader: &mut impl Read) -> io::Result<Option<(u64, usize)>> {
        let mut read = Vec::new();
        loop {
            if reader.by_ref().take(1).read_to_end(&mut read)? == 0 {
                let ended = io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends inside a length (truncated?)");
                return if read.is_empty() { Ok(None) } else { Err(ended) };
            }
            match self.length(&read) {
                Some((Some(length), taken)) => return Ok(Some((length, taken))),
                Some((None, _)) => return Err(io::Error::new(io::ErrorKind::InvalidData, "a length that cannot be")),
                None => {}
            }
        }
    }
}

/// Whether bytes are a message of traces or of logs, or its beginning: of which.
fn signal(bytes: &[u8], whole: bool) -> Option<&'static Message> {
    [(&TRACES, &SPAN), (&LOGS, &LOG)].into_iter().find_map(|(message, item)| {
        let mut seen = false;
        (conforms(message, item, (bytes, whole), 0, &mut seen) && seen).then_some(message)
    })
}

/// How far below the top a field without a name shows that it is another format; newer versions of this
/// one have added some further down.
const STRICT: usize = 2;
/// How far below the top spans and log records lie.
const ITEMS: usize = 3;

/// Whether all fields are what they ought to be. `seen` tells of an item that could be no other thing.
fn conforms(message: &Message, item: &Message, (bytes, whole): (&[u8], bool), depth: usize, seen: &mut bool) -> bool {
    let mut fields = Fields::of(bytes, whole);
    let is_item = std::ptr::eq(message, item);
    let (mut ids, mut times) = (0, 0);
    loop {
        let Ok(next) = fields.next() else { return false };
        let Some((number, raw)) = next else { break };
        let Some(field) = message.fields.iter().find(|field| field.number == number) else {
            if depth < STRICT {
                return false;
            }
            continue;
        };
        if !write::fits(field.sort, &raw) {
            return false;
        }
        match (field.sort, raw) {
            (Sort::Message(inner), Raw::Bytes(bytes)) if depth < ITEMS => {
                let whole = whole || !fields.was_cut();
                if !conforms(inner, item, (bytes, whole), depth + 1, seen) {
                    return false;
                }
            }
            (Sort::Id, Raw::Bytes(id)) if is_item => {
                let expected = if field.name == "traceId" { 16 } else { 8 };
                let absent = id.is_empty() || fields.was_cut();
                if id.len() != expected && !absent {
                    return false;
                }
                ids += usize::from(id.len() == expected);
            }
            (Sort::Fixed64, _) if is_item => times += 1,
            _ => {}
        }
    }
    // A log may belong to no span; a span has two ids. Both have times.
    *seen |= is_item && times > 0 && (ids >= 2 || std::ptr::eq(item, &LOG));
    true
}

#[cfg(test)]
pub(super) mod tests;
