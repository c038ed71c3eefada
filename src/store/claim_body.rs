//! The JSON body of a claim row: what its columns have no room for, written without building a
//! tree. It knows no column.

use crate::model::{Attributes, Digest, Time};
use serde::Deserialize;

/// Writes one JSON object, field by field; nothing at all when no field has a value.
pub(crate) struct BodyWriter<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> BodyWriter<'a> {
    /// Starts an empty body in `out`, whose room is used again.
    pub(crate) fn new(out: &'a mut Vec<u8>) -> BodyWriter<'a> {
        out.clear();
        BodyWriter { out }
    }

    fn key(&mut self, key: &str) {
        self.out.push(if self.out.is_empty() { b'{' } else { b',' });
        self.out.push(b'"');
        self.out.extend(key.as_bytes());
        self.out.extend(b"\":");
    }

    pub(crate) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        write_text(self.out, value);
    }

    pub(crate) fn option(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    /// As in the columns: microseconds since 1970.
    pub(crate) fn time(&mut self, key: &str, value: Time) {
        self.key(key);
        self.out.extend(value.micros().to_string().as_bytes());
    }

    pub(crate) fn list<'t>(&mut self, key: &str, values: impl IntoIterator<Item = &'t str>) {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return;
        }
        self.key(key);
        let mut before = b'[';
        for value in values {
            self.out.push(before);
            write_text(self.out, value);
            before = b',';
        }
        self.out.push(b']');
    }

    pub(crate) fn attributes(&mut self, attributes: &Attributes) {
        if attributes.is_empty() {
            return;
        }
        self.key("attributes");
        let mut before = b'{';
        for (name, value) in attributes {
            self.out.push(before);
            write_text(self.out, name);
            self.out.push(b':');
            match value {
                serde_json::Value::String(text) => write_text(self.out, text),
                // A tree of plain values into memory: it has no way to fail.
                other => serde_json::to_writer(&mut *self.out, other).unwrap_or_default(),
            }
            before = b',';
        }
        self.out.push(b'}');
    }

    pub(crate) fn finish(self) {
        if !self.out.is_empty() {
            self.out.push(b'}');
        }
    }
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\') {
        serde_json::to_writer(out, text).unwrap_or_default();
        return;
    }
    out.push(b'"');
    out.extend(text.as_bytes());
    out.push(b'"');
}

/// A body as read back. Every type of claim uses some of its fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Body {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) risk: Option<String>,
    pub(crate) environment: Option<String>,
    pub(crate) digests: Vec<String>,
    pub(crate) identifiers: Vec<String>,
    pub(crate) scope: Option<String>,
    pub(crate) by: Option<String>,
    pub(crate) verdict: Option<String>,
    pub(crate) covers: Vec<String>,
    pub(crate) refs: Vec<String>,
    pub(crate) why: Option<String>,
    pub(crate) at: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) case: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) signature: Option<String>,
    pub(crate) attributes: Attributes,
}

impl Body {
    pub(crate) fn parse(text: Option<&str>) -> Option<Body> {
        match text {
            None => Some(Body::default()),
            Some(text) if text.starts_with('{') => serde_json::from_str(text).ok(),
            Some(_) => None,
        }
    }
}

pub(crate) fn digests(texts: &[String]) -> Vec<Digest> {
    texts.iter().map(|text| Digest::parse(text)).collect()
}
