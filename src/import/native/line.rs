//! One line as a flat set of fields, borrowed from the text wherever it has no escapes. Which of
//! them a statement needs is for `build`.

use super::super::json;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// Every field the format knows, in the order of [`Line::texts`], then of [`Line::lists`], then
/// `attributes`.
#[rustfmt::skip]
pub const FIELDS: [&str; 34] = [
    "type", "id", "kind", "name", "version", "at", "owner", "risk", "environment", "from", "to", "relation", "since",
    "until", "about", "scope", "by", "verdict", "expires", "why", "a", "b", "mark", "reason", "case", "what", "text",
    "of", "signature",
    "digests", "identifiers", "covers", "refs", "attributes",
];

const TEXTS: usize = 29;
/// From here on, fields that other formats' leavings use for other things than text: what is none stays
/// an attribute.
const LENIENT: usize = 27;
const LISTS: usize = 4;

/// A field by its place in [`FIELDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[rustfmt::skip]
pub(super) enum Word {
    Type, Id, Kind, Name, Version, At, Owner, Risk, Environment, From, To, Relation, Since,
    Until, About, Scope, By, Verdict, Expires, Why, A, B, Mark, Reason, Case, What, Text,
    Of, Signature,
}

/// A field that holds a list, by its place among those.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Digests,
    Identifiers,
    Covers,
    Refs,
}

/// The fields of one line.
pub(super) struct Line<'a> {
    pub(super) source: &'a str,
    pub(super) texts: [Option<Cow<'a, str>>; TEXTS],
    pub(super) lists: [Option<Vec<Cow<'a, str>>>; LISTS],
    /// `attributes`, and every field the format does not know.
    pub(super) attributes: Vec<(String, Value)>,
}

impl<'a> Line<'a> {
    pub(super) fn take(&mut self, field: Word) -> Option<Cow<'a, str>> {
        self.texts.get_mut(field as usize)?.take()
    }

    pub(super) fn take_list(&mut self, field: List) -> Vec<Cow<'a, str>> {
        self.lists.get_mut(field as usize).and_then(Option::take).unwrap_or_default()
    }

    /// The column at which a field is written, for messages.
    pub(super) fn column(&self, field: &str) -> usize {
        self.source.find(&format!("\"{field}\"")).map_or(1, |at| at + 1)
    }
}

/// Reads a line's fields.
pub(super) fn read(text: &str) -> Result<Line<'_>, String> {
    let doubtful = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_str(text);
    let line = Fields { doubtful: &doubtful }.deserialize(&mut reader).and_then(|line| reader.end().map(|()| line));
    match line {
        Ok(line) if !doubtful.get() => Ok(Line { source: text, ..line }),
        Err(error) if !json::out_of_range(&error) => Err(json::explain(&error)),
        _ => with_long_numbers(text),
    }
}

/// Reads the rare line that holds a number no type can: its attributes keep it as text.
fn with_long_numbers(text: &str) -> Result<Line<'_>, String> {
    let quoted = json::quote_long_numbers(text);
    let doubtful = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_str(&quoted);
    let line = Fields { doubtful: &doubtful }.deserialize(&mut reader).map_err(|error| json::explain(&error))?;
    let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
    Ok(Line {
        source: text,
        texts: line.texts.map(|field| field.map(own)),
        lists: line.lists.map(|field| field.map(|list| list.into_iter().map(own).collect())),
        attributes: line.attributes,
    })
}

enum Field {
    Text(usize),
    List(usize),
    Attributes,
    Unknown(String),
}

struct FieldName;

impl<'de> DeserializeSeed<'de> for FieldName {
    type Value = Field;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Field, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for FieldName {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Field, E> {
        Ok(match FIELDS.iter().position(|field| *field == name) {
            Some(index) if index < TEXTS => Field::Text(index),
            Some(index) if index < TEXTS + LISTS => Field::List(index - TEXTS),
            Some(_) => Field::Attributes,
            None => Field::Unknown(name.to_owned()),
        })
    }
}

struct Fields<'c> {
    doubtful: &'c Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = Line<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Line<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = Line<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object such as {\"type\":\"artefact\",…}")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Line<'de>, M::Error> {
        let mut line =
            Line { source: "", texts: [const { None }; TEXTS], lists: [const { None }; LISTS], attributes: Vec::new() };
        let mut seen = 0_u64;
        while let Some(field) = map.next_key_seed(FieldName)? {
            let (index, name) = match &field {
                Field::Text(index) => (Some(*index), ""),
                Field::List(index) => (Some(TEXTS + index), ""),
                Field::Attributes => (Some(TEXTS + LISTS), ""),
                Field::Unknown(name) => (None, name.as_str()),
            };
            if let Some(index) = index {
                if seen & (1 << index) != 0 {
                    return Err(twice(FIELDS.get(index).unwrap_or(&"")));
                }
                seen |= 1 << index;
            } else if line.attributes.iter().any(|(key, _)| key == name) {
                return Err(twice(name));
            }
            match field {
                Field::Text(index) if index >= LENIENT => {
                    match map.next_value_seed(json::Strict { doubtful: self.doubtful })? {
                        Value::Null => {}
                        Value::String(text) => {
                            if let Some(slot) = line.texts.get_mut(index) {
                                *slot = Some(Cow::Owned(text));
                            }
                        }
                        other => line.attributes.push((FIELDS.get(index).copied().unwrap_or_default().into(), other)),
                    }
                }
                Field::Text(index) => {
                    let value = map.next_value_seed(TextValue { field: index })?;
                    if let Some(slot) = line.texts.get_mut(index) {
                        *slot = value;
                    }
                }
                Field::List(index) => {
                    let value = map.next_value_seed(ListValue { field: TEXTS + index })?;
                    if let Some(slot) = line.lists.get_mut(index) {
                        *slot = value;
                    }
                }
                Field::Attributes => map.next_value_seed(Attributes { line: &mut line, doubtful: self.doubtful })?,
                Field::Unknown(name) => {
                    let value = map.next_value_seed(json::Strict { doubtful: self.doubtful })?;
                    line.attributes.push((name, value));
                }
            }
        }
        Ok(line)
    }
}

fn twice<E: Error>(key: &str) -> E {
    E::custom(format_args!("the key \"{key}\" is given twice"))
}

/// A text, or null for none.
struct TextValue {
    field: usize,
}

impl<'de> DeserializeSeed<'de> for TextValue {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TextValue {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text for \"{}\"", FIELDS.get(self.field).unwrap_or(&""))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// A list of texts, or null for none.
struct ListValue {
    field: usize,
}

impl<'de> DeserializeSeed<'de> for ListValue {
    type Value = Option<Vec<Cow<'de, str>>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListValue {
    type Value = Option<Vec<Cow<'de, str>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of texts for \"{}\"", FIELDS.get(self.field).unwrap_or(&""))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(text) = seq.next_element_seed(TextValue { field: self.field })? {
            list.extend(text);
        }
        Ok(Some(list))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// The `attributes` object, whose entries join the fields that are not known.
struct Attributes<'l, 'de, 'c> {
    line: &'l mut Line<'de>,
    doubtful: &'c Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Attributes<'_, 'de, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Attributes<'_, 'de, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object for \"attributes\"")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if self.line.attributes.iter().any(|(known, _)| *known == key) {
                return Err(twice(&key));
            }
            let value = map.next_value_seed(json::Strict { doubtful: self.doubtful })?;
            self.line.attributes.push((key, value));
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        // Some languages write an empty map as an empty list.
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(A::Error::custom("\"attributes\" is a list; an object is expected")),
        }
    }
}
