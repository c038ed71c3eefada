//! Parts of a value, taken with a shrug when they are not what they should be. What that means for
//! the artefact is for the reader to say.

use crate::model::Attributes;
use serde_json::Value;
use std::hash::{Hash as _, Hasher};

/// The longest text that becomes an attribute; the record holds the rest.
const LONGEST_TEXT: usize = 4 * 1024;

/// A text under a key that says something.
pub(in crate::import) fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// A text, number or truth under a key, as text.
pub(in crate::import) fn scalar(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// The elements of a list under a key.
pub(in crate::import) fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The texts of a list under a key; a lone text counts as a list of one.
pub(in crate::import) fn texts<'v>(value: &'v Value, key: &str) -> Vec<&'v str> {
    match value.get(key) {
        Some(Value::String(one)) => vec![one.as_str()],
        _ => list(value, key).iter().filter_map(Value::as_str).collect(),
    }
}

/// What sort of value it is, for messages.
pub(in crate::import) fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A text as an attribute holds it.
pub(in crate::import) fn clip(text: &str) -> String {
    if text.len() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let mut end = LONGEST_TEXT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}… ({} bytes in all)", text.get(..end).unwrap_or_default(), text.len())
}

/// Named values of a list as attributes; a name given several times has a list of values. Says of
/// each entry without a name that it has none.
pub(in crate::import) fn properties(
    value: &Value,
    prefix: &str,
    attributes: &mut Attributes,
    mut nameless: impl FnMut(usize),
) {
    for (index, property) in list(value, "properties").iter().enumerate() {
        let Some(name) = text(property, "name") else {
            nameless(index);
            continue;
        };
        let said = Value::from(clip(&scalar(property, "value").unwrap_or_default()));
        match attributes.get_mut(&format!("{prefix}{name}")) {
            None => {
                attributes.insert(format!("{prefix}{name}"), said);
            }
            Some(Value::Array(several)) => several.push(said),
            Some(first) => *first = Value::Array(vec![first.take(), said]),
        }
    }
}

/// A hash of a value, to tell one thing said twice from two things under one name. Whoever makes two that are told
/// by one hash has the second go unread, as it would be anyway.
pub(in crate::import) fn print(value: &Value) -> u64 {
    let mut print = Print(0);
    value.hash(&mut print);
    print.finish()
}

/// Eight bytes a step: every element of a bill of materials is hashed.
struct Print(u64);

impl Hasher for Print {
    fn write(&mut self, bytes: &[u8]) {
        for word in bytes.chunks(8) {
            let mut eight = [0; 8];
            for (to, from) in eight.iter_mut().zip(word) {
                *to = *from;
            }
            self.write_u64(u64::from_le_bytes(eight));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(26) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
