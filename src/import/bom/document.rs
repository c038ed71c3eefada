//! A document as sections, each read only when somebody asks for it and its elements one by one, so
//! that a large bill of materials never stands in memory as a tree. It knows no section by name.

use crate::import::json::{self, elements, explain, strict_value};
use crate::import::node::{escaped, indexed};
use crate::import::offset;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// A value with its place: where in the record it stands, and its pointer.
#[derive(Debug, Clone)]
pub(in crate::import) struct Piece {
    pub(in crate::import) at: u32,
    pub(in crate::import) len: u32,
    pub(in crate::import) path: String,
    pub(in crate::import) value: Value,
}

/// A section of a document.
enum Part<'a> {
    /// JSON that nobody has read yet.
    Raw(&'a str, u32),
    /// A list whose elements were read by another parser.
    Items(Vec<(u32, u32, Value)>),
    One(u32, u32, Value),
}

/// A document.
pub(in crate::import) struct Document<'a> {
    parts: BTreeMap<String, Part<'a>>,
    at: u32,
    len: u32,
}

/// What became of one element of a list.
pub(in crate::import) type Element = Result<Piece, Broken>;

/// An element that could not be read.
pub(in crate::import) struct Broken {
    pub(in crate::import) at: u32,
    pub(in crate::import) len: u32,
    pub(in crate::import) why: String,
}

impl<'a> Document<'a> {
    /// A JSON object that begins at `base` of its record.
    ///
    /// # Errors
    /// Where it is no JSON, or no object, or has a key twice.
    pub(in crate::import) fn json(text: &'a str, base: u32) -> Result<Document<'a>, String> {
        let object: RawObject<'a> = serde_json::from_str(text).map_err(|error| explain(&error))?;
        let parts = object.0.into_iter().map(|(key, raw)| {
            let at = base.saturating_add(offset_in(text, raw.get()));
            (key, Part::Raw(raw.get(), at))
        });
        Ok(Document { parts: parts.collect(), at: base, len: offset(text.len()) })
    }

    /// A document that another parser has read.
    pub(in crate::import) fn read(at: u32, len: u32) -> Document<'static> {
        Document { parts: BTreeMap::new(), at, len }
    }

    /// Adds a section that is one value; lists are taken apart.
    pub(in crate::import) fn put(&mut self, key: &str, at: u32, len: u32, value: Value) {
        let part = match value {
            Value::Array(list) => Part::Items(list.into_iter().map(|value| (at, len, value)).collect()),
            value => Part::One(at, len, value),
        };
        self.parts.insert(key.to_owned(), part);
    }

    /// Adds an element to a section that is a list.
    pub(in crate::import) fn push(&mut self, key: &str, at: u32, len: u32, value: Value) {
        match self.parts.entry(key.to_owned()).or_insert_with(|| Part::Items(Vec::new())) {
            Part::Items(items) => items.push((at, len, value)),
            other => *other = Part::Items(vec![(at, len, value)]),
        }
    }

    pub(in crate::import) fn at(&self) -> (u32, u32) {
        (self.at, self.len)
    }

    pub(in crate::import) fn has(&self, key: &str) -> bool {
        self.parts.get(key).is_some_and(|part| !matches!(part, Part::Raw("null", _) | Part::One(_, _, Value::Null)))
    }

    /// A section as one value.
    pub(in crate::import) fn one(&self, key: &str) -> Option<Element> {
        let path = format!("/{}", escaped(key));
        let piece = match self.parts.get(key)? {
            Part::Raw("null", _) | Part::One(_, _, Value::Null) => return None,
            Part::Raw(raw, at) => {
                return Some(piece(json::Element { text: raw, value: strict_value(raw) }, *at, path));
            }
            Part::One(at, len, value) => Piece { at: *at, len: *len, path, value: value.clone() },
            Part::Items(items) => Piece {
                at: items.first().map_or(self.at, |item| item.0),
                len: items.first().map_or(self.len, |item| item.1),
                path,
                value: Value::Array(items.iter().map(|item| item.2.clone()).collect()),
            },
        };
        Some(Ok(piece))
    }

    /// A section that is a short text or number.
    pub(in crate::import) fn text(&self, key: &str) -> Option<String> {
        match self.one(key)?.ok()?.value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Hands over the elements of a section in order. A section that is no list is one element that
    /// could not be read.
    pub(in crate::import) fn each(&self, key: &str, mut take: impl FnMut(Element)) {
        let section = format!("/{}", escaped(key));
        let path = |index: usize| indexed(&section, index);
        match self.parts.get(key) {
            None | Some(Part::Raw("null", _) | Part::One(_, _, Value::Null)) => {}
            Some(Part::Raw(raw, at)) => match elements(raw) {
                Some(elements) => {
                    for (index, element) in elements.enumerate() {
                        let start = at.saturating_add(offset_in(raw, element.text));
                        take(piece(element, start, path(index)));
                    }
                }
                None => take(Err(not_a_list(key, *at, offset(raw.len())))),
            },
            Some(Part::Items(items)) => {
                for (index, (at, len, value)) in items.iter().enumerate() {
                    take(Ok(Piece { at: *at, len: *len, path: path(index), value: value.clone() }));
                }
            }
            Some(Part::One(at, len, _)) => take(Err(not_a_list(key, *at, *len))),
        }
    }
}

fn not_a_list(key: &str, at: u32, len: u32) -> Broken {
    Broken { at, len, why: format!("/{}: expected a list; it is kept in the record only", escaped(key)) }
}

fn piece(read: json::Element<'_>, at: u32, path: String) -> Element {
    let len = offset(read.text.len());
    match read.value {
        Ok(value) => Ok(Piece { at, len, path, value }),
        Err(error) => Err(Broken { at, len, why: format!("{path}: {error}") }),
    }
}

/// How far into `text` its part begins.
fn offset_in(text: &str, part: &str) -> u32 {
    offset((part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize))
}

/// An object's entries, unread. A key given twice is an error.
struct RawObject<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> Deserialize<'de> for RawObject<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawObject<'de>, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = RawObject<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<RawObject<'de>, M::Error> {
                let mut entries: BTreeMap<String, &'de RawValue> = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if entries.contains_key(&key) {
                        return Err(Error::custom(format_args!("the key \"{key}\" is given twice")));
                    }
                    entries.insert(key, value);
                }
                Ok(RawObject(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// An object's entries as sections, for a document that was read as a whole.
impl Document<'static> {
    pub(in crate::import) fn of(map: Map<String, Value>, at: u32, len: u32) -> Document<'static> {
        let mut document = Document::read(at, len);
        for (key, value) in map {
            document.put(&key, at, len, value);
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_stand_where_they_are_written() {
        let text = r#"{"a": [ {"b":1}, {"c":2} ], "d": 3}"#;
        let document = Document::json(text, 10).unwrap();
        let mut seen = Vec::new();
        document.each("a", |element| {
            let piece = element.ok().unwrap();
            seen.push((piece.at, piece.path));
        });
        assert_eq!(seen, [(18, "/a/0".to_owned()), (27, "/a/1".to_owned())]);
        assert_eq!(document.text("d").as_deref(), Some("3"));
        assert!(Document::json(r#"{"a":1,"a":2}"#, 0).is_err());
    }
}
