//! A message of OTLP written out as OTLP/JSON, which says the same: ids in hexadecimal, long numbers as
//! text. What this version has no name for is written under `unknownFields`, and counted. It judges nothing.

use super::schema::{Field, Message, Sort};
use super::wire::{Fields, Raw};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// How deep messages may lie within each other; the JSON of it is read 128 levels deep.
const DEPTH: usize = 60;
/// The most fields of one message.
const FIELDS: usize = 1 << 22;
/// The most that an unknown field is looked into.
const UNKNOWN_DEPTH: usize = 6;

/// Writes messages, up to a size.
pub(super) struct Writer {
    pub(super) out: Vec<u8>,
    most: usize,
    unknown: u64,
    not_utf8: u64,
}

/// The JSON of a message, on one line, of `most` bytes at most.
pub(super) fn json(message: &Message, bytes: &[u8], most: usize) -> Result<Vec<u8>, String> {
    let mut writer = Writer { out: Vec::with_capacity(bytes.len().min(most)), most, unknown: 0, not_utf8: 0 };
    writer.message(message, bytes, 0)?;
    if writer.unknown > 0 || writer.not_utf8 > 0 {
        // Told within the document, so that reading the record again tells it again.
        writer.out.pop();
        let (unknown, not_utf8) = (writer.unknown, writer.not_utf8);
        writer.text(&format!(",\"translated\":{{\"unknownFields\":{unknown},\"notUtf8\":{not_utf8}}}}}"));
    }
    Ok(writer.out)
}

impl Writer {
    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn quoted(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        if matches!(text, Cow::Owned(_)) {
            self.not_utf8 += 1;
        }
        // Writing a text into memory cannot fail.
        self.out.extend(serde_json::to_vec(&text).unwrap_or_default());
    }

    fn message(&mut self, message: &Message, bytes: &[u8], depth: usize) -> Result<(), String> {
        if depth > DEPTH {
            return Err(format!("messages lie more than {DEPTH} deep within each other"));
        }
        if self.out.len() > self.most {
            return Err(format!("it is more than {} bytes when written out", self.most));
        }
        let mut fields = Vec::new();
        let mut reader = Fields::of(bytes, true);
        while let Some(field) = reader.next()? {
            fields.push(field);
            if fields.len() > FIELDS {
                return Err(format!("a message of more than {FIELDS} fields"));
            }
        }
        if message.one_of && fields.len() > 1 {
            fields.drain(..fields.len() - 1);
        }
        fields.sort_by_key(|(number, _)| *number);
        self.out.push(b'{');
        let mut first = true;
        let mut unknown = Vec::new();
        for group in fields.chunk_by(|one, other| one.0 == other.0) {
            let Some((number, _)) = group.first() else { continue };
            match message.fields.iter().find(|field| field.number == *number) {
                Some(field) if group.iter().all(|(_, raw)| fits(field.sort, raw)) => {
                    self.member(&mut first, field.name);
                    self.known(field, group, depth)?;
                }
                _ => unknown.extend_from_slice(group),
            }
        }
        if !unknown.is_empty() {
            self.member(&mut first, "unknownFields");
            self.unknown += unknown.len() as u64;
            self.unknown(&unknown, 0);
        }
        self.out.push(b'}');
        Ok(())
    }

    fn member(&mut self, first: &mut bool, name: &str) {
        let comma = if std::mem::replace(first, false) { "" } else { "," };
        self.text(&format!("{comma}\"{name}\":"));
    }

    /// A field as often as it was written: of one that may be there once the last counts, and messages are
    /// taken together, as protobuf has it.
    fn known(&mut self, field: &Field, group: &[(u32, Raw<'_>)], depth: usize) -> Result<(), String> {
        if field.repeated {
            self.out.push(b'[');
            for (index, (_, raw)) in group.iter().enumerate() {
                if index > 0 {
                    self.out.push(b',');
                }
                self.value(field.sort, *raw, depth)?;
            }
            self.out.push(b']');
            return Ok(());
        }
        match (field.sort, group) {
            (Sort::Message(inner), [_, _, ..]) => {
                let parts = group.iter().filter_map(|(_, raw)| match raw {
                    Raw::Bytes(bytes) => Some(*bytes),
                    _ => None,
                });
                let whole = parts.collect::<Vec<_>>().concat();
                self.message(inner, &whole, depth + 1)
            }
            (_, [.., (_, last)]) => self.value(field.sort, *last, depth),
            (_, []) => Ok(()),
        }
    }

    fn value(&mut self, sort: Sort, raw: Raw<'_>, depth: usize) -> Result<(), String> {
        match (sort, raw) {
            (Sort::Message(inner), Raw::Bytes(bytes)) => return self.message(inner, bytes, depth + 1),
            (Sort::Text, Raw::Bytes(bytes)) => self.quoted(bytes),
            (Sort::Id, Raw::Bytes(bytes)) => self.text(&format!("\"{}\"", hex::encode(bytes))),
            (_, Raw::Bytes(bytes)) => self.text(&format!("\"{}\"", STANDARD.encode(bytes))),
            (Sort::Bool, Raw::Varint(number)) => self.text(if number == 0 { "false" } else { "true" }),
            (Sort::Long, Raw::Varint(number)) => self.text(&format!("\"{}\"", number.cast_signed())),
            // One of 32 bits that is negative is written with 64.
            (_, Raw::Varint(number)) => self.text(&number.cast_signed().to_string()),
            (Sort::Double, Raw::Fixed64(bits)) => self.double(f64::from_bits(bits)),
            (_, Raw::Fixed64(number)) => self.text(&format!("\"{number}\"")),
            (_, Raw::Fixed32(number)) => self.text(&number.to_string()),
        }
        Ok(())
    }

    fn double(&mut self, number: f64) {
        match number {
            _ if number.is_finite() => self.text(&number.to_string()),
            _ if number.is_nan() => self.text("\"NaN\""),
            _ => self.text(if number > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" }),
        }
    }

    /// Fields without a name: numbers, texts and what messages hold are written out, so that secrets in
    /// them are seen; of other bytes only how many there are.
    fn unknown(&mut self, fields: &[(u32, Raw<'_>)], depth: usize) {
        self.out.push(b'[');
        for (index, (number, raw)) in fields.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            self.text(&format!("{comma}{{\"field\":{number},"));
            match raw {
                Raw::Varint(value) | Raw::Fixed64(value) => self.text(&format!("\"number\":\"{value}\"")),
                Raw::Fixed32(value) => self.text(&format!("\"number\":\"{value}\"")),
                Raw::Bytes(bytes) if is_plain(bytes) => {
                    self.text("\"text\":");
                    self.quoted(bytes);
                }
                Raw::Bytes(bytes) => match inner(bytes).filter(|_| depth < UNKNOWN_DEPTH) {
                    Some(fields) => {
                        self.text("\"fields\":");
                        self.unknown(&fields, depth + 1);
                    }
                    None => self.text(&format!("\"bytes\":{}", bytes.len())),
                },
            }
            self.out.push(b'}');
        }
        self.out.push(b']');
    }
}

/// Whether a value on the wire can be one of that sort.
pub(super) fn fits(sort: Sort, raw: &Raw<'_>) -> bool {
    match raw {
        Raw::Varint(_) => matches!(sort, Sort::Bool | Sort::Long | Sort::Small),
        Raw::Fixed64(_) => matches!(sort, Sort::Fixed64 | Sort::Double),
        Raw::Fixed32(_) => matches!(sort, Sort::Fixed32),
        Raw::Bytes(_) => matches!(sort, Sort::Text | Sort::Id | Sort::Bytes | Sort::Message(_)),
    }
}

fn is_plain(bytes: &[u8]) -> bool {
    let control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\r' | b'\t');
    std::str::from_utf8(bytes).is_ok() && !bytes.iter().any(control)
}

fn inner(bytes: &[u8]) -> Option<Vec<(u32, Raw<'_>)>> {
    let mut fields = Vec::new();
    let mut reader = Fields::of(bytes, true);
    while let Some(field) = reader.next().ok()? {
        fields.push(field);
        if fields.len() > FIELDS {
            return None;
        }
    }
    Some(fields)
}
