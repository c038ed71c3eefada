//! Attributes of spans and logs, whatever they were written as: typed values of OTLP, plain objects of
//! the kits, nested ones of exports. All become flat maps. It knows no convention's names.

use crate::import::node::word;
use crate::proof::digest::sha256;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Attributes by their dotted names.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Flat {
    map: Map<String, Value>,
    /// A bit for each sort of name in it: most names that are asked for are not there.
    sorts: u64,
}

/// One of 64 sorts of names, by their length and two of their bytes.
fn sort_of(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let byte = |at: usize| bytes.get(at).map_or(0, |byte| usize::from(*byte));
    let mixed =
        bytes.len().wrapping_mul(31) ^ byte(bytes.len() / 2).wrapping_mul(7) ^ byte(bytes.len().wrapping_sub(1));
    1 << (mixed % 64)
}

impl Flat {
    pub(super) fn new() -> Flat {
        Flat::default()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        if self.sorts & sort_of(name) == 0 { None } else { self.map.get(name) }
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.map.get_mut(name)
    }

    pub(super) fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn insert(&mut self, name: String, value: Value) -> Option<Value> {
        self.sorts |= sort_of(&name);
        self.map.insert(name, value)
    }

    /// Inserts what is not there yet.
    pub(super) fn add(&mut self, name: String, value: Value) {
        self.sorts |= sort_of(&name);
        self.map.entry(name).or_insert(value);
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.map.keys()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.map.iter()
    }

    /// The object of the same names.
    pub(super) fn into_object(self) -> Map<String, Value> {
        self.map
    }
}

impl FromIterator<(String, Value)> for Flat {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(pairs: I) -> Flat {
        let mut flat = Flat::new();
        pairs.into_iter().for_each(|(name, value)| drop(flat.insert(name, value)));
        flat
    }
}

/// A list of typed key-values, or an object, as one flat map.
pub(super) fn attributes(value: Option<&Value>) -> Flat {
    let mut flat = Flat::new();
    match value {
        Some(Value::Array(pairs)) => {
            for pair in pairs {
                if let Some(key) = pair.get("key").and_then(Value::as_str) {
                    insert(&mut flat, key, typed(pair.get("value").unwrap_or(&Value::Null)));
                }
            }
        }
        Some(Value::Object(map)) => {
            for (key, value) in map {
                insert(&mut flat, key, value.clone());
            }
        }
        _ => {}
    }
    flat
}

/// Nested objects become dotted names, since exports nest what the conventions write flat. The first
/// value of a name counts.
fn insert(flat: &mut Flat, key: &str, value: Value) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (inner, value) in map {
                insert(flat, &format!("{key}.{inner}"), value);
            }
        }
        Value::Array(list) if !list.is_empty() && list.iter().all(numbered) => {
            for (index, value) in list.into_iter().enumerate() {
                insert(flat, &format!("{key}.{index}"), value);
            }
        }
        Value::Null => {}
        value => flat.add(key.to_owned(), value),
    }
}

/// Lists that an export nests in place of numbered names: each holds one thing by its name.
fn numbered(item: &Value) -> bool {
    let wraps = |key: &str| ["message", "document", "tool_call", "message_content", "tool", "embedding"].contains(&key);
    item.as_object().is_some_and(|map| map.len() == 1 && map.keys().all(|key| wraps(key)))
}

/// A value of OTLP (`{"stringValue": …}`) as a plain one; what is plain stays as it is.
pub(super) fn typed(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().filter(|map| map.len() == 1).and_then(|map| map.iter().next()) else {
        return value.clone();
    };
    match kind.as_str() {
        "stringValue" | "string_value" | "boolValue" | "bool_value" | "doubleValue" | "double_value" | "bytesValue"
        | "bytes_value" => inner.clone(),
        "intValue" | "int_value" => match inner.as_str().map(str::parse::<i64>) {
            Some(Ok(number)) => number.into(),
            _ => inner.clone(),
        },
        "arrayValue" | "array_value" => {
            let values = inner.get("values").and_then(Value::as_array);
            Value::Array(values.map(|list| list.iter().map(typed).collect()).unwrap_or_default())
        }
        "kvlistValue" | "kvlist_value" => {
            let pairs = inner.get("values").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let entry = |pair: &Value| {
                Some((pair.get("key")?.as_str()?.to_owned(), typed(pair.get("value").unwrap_or(&Value::Null))))
            };
            Value::Object(pairs.iter().filter_map(entry).collect())
        }
        _ => value.clone(),
    }
}

/// The same, where it is one already, without a copy.
pub(super) fn untyped(value: Cow<'_, Value>) -> Cow<'_, Value> {
    let is_typed =
        |map: &Map<String, Value>| map.len() == 1 && map.keys().all(|key| key.to_ascii_lowercase().ends_with("value"));
    if value.as_object().is_some_and(is_typed) { Cow::Owned(typed(&value)) } else { value }
}

/// The first of those names that has a text which is not blank.
pub(super) fn first<'f>(flat: &'f Flat, names: &[&str]) -> Option<&'f str> {
    names.iter().find_map(|name| flat.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty()))
}

/// The first of those names that has a value.
pub(super) fn any<'f>(flat: &'f Flat, names: &[&str]) -> Option<&'f Value> {
    names.iter().find_map(|name| flat.get(name).filter(|value| !blank(value)))
}

fn blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// The value that a text holds when it is JSON; else the text.
pub(super) fn unwrapped(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::String(text) if text.trim_start().starts_with(['{', '[', '"']) => {
            crate::import::json::strict_value(text.trim()).map_or(Cow::Borrowed(value), Cow::Owned)
        }
        other => Cow::Borrowed(other),
    }
}

/// One way to write a value: a text as itself, all else as JSON with sorted keys.
pub(super) fn canonical(value: &Value) -> String {
    match &*unwrapped(value) {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The digest by which texts are compared: line feeds alone, no space at the end.
pub(in crate::import) fn text_digest(text: &str) -> String {
    let plain = match text.contains('\r') {
        true => {
            let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
            Cow::Owned(lines.join("\n"))
        }
        false => Cow::Borrowed(text),
    };
    format!("sha256:{}", hex::encode(sha256(plain.trim_end().as_bytes())))
}

/// The entries of `prefix.N.…`, in the order of N, each with the rest of the names. Numbers that are
/// absurd are no numbers.
pub(super) fn indexed(flat: &Flat, prefix: &str) -> Vec<Flat> {
    let mut found: std::collections::BTreeMap<u32, Flat> = std::collections::BTreeMap::new();
    let dotted = format!("{prefix}.");
    for (key, value) in flat.iter() {
        let Some(rest) = key.strip_prefix(&dotted) else { continue };
        let (index, rest) = rest.split_once('.').unwrap_or((rest, ""));
        if let Ok(index) = index.parse::<u32>() {
            found.entry(index).or_default().insert(rest.to_owned(), value.clone());
        }
    }
    found.into_values().collect()
}

/// The object, or what it is instead.
pub(super) fn object<'v>(value: &'v Value, path: &str) -> Result<&'v Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("{path}: expected an object, found {}", word(value)))
}
