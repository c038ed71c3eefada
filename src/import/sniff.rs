//! Finds the importer for a content by what it holds. It guesses nothing: what no importer
//! recognises is refused by the name of what it looks like.

use super::unit::value_end;
use super::{Framing, Head, IMPORTERS, Importer, known};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A content that no importer recognises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a supported format ({looks_like})")]
pub struct Unknown {
    /// What it looks like: `SQLite database`, `JSON object with keys a, b, c; nearest: …`.
    pub looks_like: String,
}

/// Finds the importer of a content, and how to cut it.
///
/// # Errors
/// When no importer recognises it.
pub fn sniff(head: &Head<'_>) -> Result<(&'static dyn Importer, Framing), Unknown> {
    IMPORTERS
        .iter()
        .find_map(|importer| importer.recognises(head).map(|framing| (*importer, framing)))
        .ok_or_else(|| Unknown { looks_like: known::looks_like(head) })
}

/// How a content would be cut, for one whose format a person names.
pub fn framing(head: &Head<'_>) -> Framing {
    json_shape(head).map_or(Framing::Whole, |shape| shape.framing)
}

/// A JSON object's keys with their values as written. Of a value that the head cuts off, only the
/// keys before the cut are here.
pub(super) type Keys<'a> = BTreeMap<String, &'a str>;

/// A content that begins like JSON.
#[derive(Debug)]
pub(super) struct JsonShape<'a> {
    /// How it would be cut.
    pub(super) framing: Framing,
    /// The first few units that could be read as objects; the first may be incomplete.
    pub(super) objects: Vec<Keys<'a>>,
}

impl JsonShape<'_> {
    /// How to cut it where a single object may be too large to be one record.
    pub(super) fn large(&self, head: &Head<'_>) -> Framing {
        match self.framing {
            Framing::Whole => Framing::Slice,
            Framing::Lines if self.objects.len() < 2 && !head.complete => Framing::Slice,
            framing => framing,
        }
    }
}

/// How many units are looked at before giving up: a file may begin with bad lines.
const LOOK: usize = 32;

/// The shape of a content that begins with `{` or `[`.
pub(super) fn json_shape<'a>(head: &Head<'a>) -> Option<JsonShape<'a>> {
    let text = valid_text(head.bytes);
    let bytes = text.as_bytes();
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
    match bytes.get(start)? {
        b'[' => Some(JsonShape { framing: Framing::Elements, objects: elements(text, start + 1) }),
        b'{' => Some(match events_array(text, start) {
            Some(array) => JsonShape { framing: Framing::Elements, objects: elements(text, array) },
            None => object_shape(text, start),
        }),
        _ => None,
    }
}

/// The head as text; a head that cuts a character in two, or holds bytes that are none, ends there.
pub(super) fn valid_text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(),
    }
}

/// Where the elements of `{"events":[…` begin.
fn events_array(text: &str, start: usize) -> Option<usize> {
    let mut rest = text.get(start..)?;
    for token in ["{", "\"events\"", ":", "["] {
        rest = rest.trim_start().strip_prefix(token)?;
    }
    Some(text.len() - rest.len())
}

fn elements(text: &str, mut at: usize) -> Vec<Keys<'_>> {
    let bytes = text.as_bytes();
    let mut objects = Vec::new();
    while objects.len() < LOOK {
        let Some(skip) =
            bytes.get(at..).and_then(|rest| rest.iter().position(|b| !b.is_ascii_whitespace() && *b != b','))
        else {
            break;
        };
        at += skip;
        let end = value_end(bytes, at);
        if bytes.get(at) == Some(&b'{') {
            objects.push(top_keys(text.get(at..end.unwrap_or(text.len())).unwrap_or_default()));
        }
        match end {
            Some(end) if end > at && bytes.get(at) != Some(&b']') => at = end,
            _ => break,
        }
    }
    objects
}

fn object_shape(text: &str, start: usize) -> JsonShape<'_> {
    let bytes = text.as_bytes();
    let first_end = value_end(bytes, start);
    let first = text.get(start..first_end.unwrap_or(text.len())).unwrap_or_default();
    let by_line: Vec<Keys<'_>> = text
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with('{') && line.ends_with('}'))
        .take(LOOK)
        .filter_map(|line| complete_keys(line).filter(|keys| !keys.is_empty()))
        .collect();
    let one_line = !first.contains('\n');
    match first_end {
        Some(_) if !one_line => JsonShape { framing: Framing::Whole, objects: vec![top_keys(first)] },
        // A first line that is broken swallows what follows it: look at the lines one by one.
        None if !one_line && by_line.is_empty() => {
            JsonShape { framing: Framing::Whole, objects: vec![top_keys(first)] }
        }
        _ if by_line.is_empty() => JsonShape { framing: Framing::Lines, objects: vec![top_keys(first)] },
        _ => JsonShape { framing: Framing::Lines, objects: by_line },
    }
}

pub(super) fn complete_keys(text: &str) -> Option<Keys<'_>> {
    let read: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    Some(read.into_iter().map(|(key, value)| (key, value.get())).collect())
}

/// The keys of an object that may be cut off or broken further on.
fn top_keys(text: &str) -> Keys<'_> {
    if let Some(keys) = complete_keys(text) {
        return keys;
    }
    let bytes = text.as_bytes();
    let mut keys = Keys::new();
    let mut at = 1;
    let next = |at: usize| bytes.get(at..)?.iter().position(|b| !b.is_ascii_whitespace() && *b != b',').map(|n| at + n);
    while let Some(key_at) = next(at).filter(|at| bytes.get(*at) == Some(&b'"')) {
        let Some(key_end) = value_end(bytes, key_at) else { break };
        let Some(colon) = next(key_end).filter(|at| bytes.get(*at) == Some(&b':')) else { break };
        let value_at = next(colon + 1).unwrap_or(text.len());
        let end = value_end(bytes, value_at);
        if let Some(key) = text.get(key_at..key_end).and_then(|key| serde_json::from_str::<String>(key).ok()) {
            let value = text.get(value_at..end.unwrap_or(text.len())).unwrap_or_default();
            keys.insert(key, value.trim_end_matches('}'));
        }
        match end {
            Some(end) if end > at => at = end,
            _ => break,
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> JsonShape<'_> {
        json_shape(&Head { bytes: text.as_bytes(), complete: true }).unwrap()
    }

    #[test]
    fn one_pretty_object_is_whole_and_objects_on_lines_are_lines() {
        assert_eq!(shape("{\n \"a\": 1\n}\n").framing, Framing::Whole);
        assert_eq!(shape("{\"a\":1}\n{\"a\":2}\n").framing, Framing::Lines);
        assert_eq!(shape("{\"a\":1}").framing, Framing::Lines);
        assert_eq!(shape("[{\"a\":1}]").framing, Framing::Elements);
        assert_eq!(shape("{ \"events\" : [ {\"a\":1} ], \"totalCount\": 1}").framing, Framing::Elements);
    }

    #[test]
    fn a_broken_first_line_hides_nothing() {
        let shape = shape("{\"type\":\"artefact\",\"id\n{\"type\":\"link\"}\n");
        assert_eq!(shape.framing, Framing::Lines);
        assert_eq!(shape.objects[0]["type"], "\"link\"");
    }

    #[test]
    fn keys_before_the_cut_are_seen() {
        let text = "{\n\"bomFormat\": \"CycloneDX\",\n\"components\": [ {\"a\":";
        let shape = json_shape(&Head { bytes: text.as_bytes(), complete: false }).unwrap();
        assert_eq!(shape.framing, Framing::Whole);
        assert_eq!(shape.objects[0]["bomFormat"], "\"CycloneDX\"");
        assert!(shape.objects[0].contains_key("components"));
    }
}
