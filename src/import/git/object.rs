//! A commit or tag as git stores it: its headers, its people, its message, and the signature with what it is
//! over. It checks no signature.

use crate::import::node::{Fault, Node};
use crate::model::Time;
use crate::proof::digest::{sha1, sha256};
use std::borrow::Cow;

/// The bytes of an object, and what they say.
pub(super) struct Object {
    bytes: Vec<u8>,
    headers: Vec<(String, String)>,
    /// The text below the headers, without the signature of a tag.
    pub(super) message: String,
}

/// Somebody, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) at: Option<Time>,
}

const SCHEMES: [(&str, &str); 4] = [
    ("-----BEGIN SSH SIGNATURE-----", "ssh"),
    ("-----BEGIN PGP SIGNATURE-----", "openpgp"),
    ("-----BEGIN PGP MESSAGE-----", "openpgp"),
    ("-----BEGIN SIGNED MESSAGE-----", "x509"),
];
/// The year 10000: beyond it no date is meant.
const LATEST: i64 = 253_402_300_800;

impl Object {
    /// The object that a document holds.
    pub(super) fn of(node: &Node<'_>) -> Result<Object, Fault> {
        let text = node.text("object")?;
        let bytes = match node.optional_text("bytes")? {
            None => text.as_bytes().to_vec(),
            Some("latin-1") => text
                .chars()
                .map(|c| u8::try_from(u32::from(c)))
                .collect::<Result<_, _>>()
                .map_err(|_| "/object: holds characters that stand for no byte".to_owned())?,
            Some(other) => return Err(format!("/bytes: \"{other}\": expected \"latin-1\"")),
        };
        let latin = ["iso-8859-1", "iso-8859-15", "latin1", "latin-1", "windows-1252", "cp1252"];
        let object = Object::from(bytes);
        let encoding = object.header("encoding").map(str::to_ascii_lowercase);
        match encoding.filter(|name| latin.contains(&name.as_str())) {
            Some(_) if !text.is_ascii() => Ok(Object::parse(object.bytes, text)),
            _ => Ok(object),
        }
    }

    pub(super) fn from(bytes: Vec<u8>) -> Object {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Object::parse(bytes, &text)
    }

    fn parse(bytes: Vec<u8>, text: &str) -> Object {
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end_matches('\n'), ""));
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in head.lines() {
            match (line.strip_prefix(' '), headers.last_mut()) {
                (Some(more), Some((_, value))) => {
                    value.push('\n');
                    value.push_str(more);
                }
                _ => {
                    let (key, value) = line.split_once(' ').unwrap_or((line, ""));
                    headers.push((key.to_owned(), value.to_owned()));
                }
            }
        }
        let message = match armor(body) {
            Some(at) if headers.first().is_some_and(|(key, _)| key == "object") => body.get(..at).unwrap_or_default(),
            _ => body,
        };
        let message = message.trim().to_owned();
        Object { bytes, headers, message }
    }

    pub(super) fn header(&self, key: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    pub(super) fn all<'o>(&'o self, key: &'o str) -> impl Iterator<Item = &'o str> {
        self.headers.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    pub(super) fn person(&self, key: &str) -> Option<Person> {
        let line = self.header(key)?;
        let (who, when) = line.rsplit_once('>')?;
        let (name, email) = who.rsplit_once('<')?;
        let seconds = when.split_whitespace().next().and_then(|text| text.parse::<i64>().ok());
        let at = seconds.filter(|it| (0..LATEST).contains(it)).map(Time::from_seconds);
        Some(Person { name: name.trim().to_owned(), email: email.trim().to_owned(), at })
    }

    /// The first line of the message.
    pub(super) fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }

    /// Whether the bytes are those that the id was made of.
    pub(super) fn is(&self, kind: &str, id: &str) -> bool {
        let named = [kind.as_bytes(), b" ", self.bytes.len().to_string().as_bytes(), b"\0", &self.bytes].concat();
        if id.len() == 64 { hex::encode(sha256(&named)) == id } else { hex::encode(sha1(&named)) == id }
    }

    /// The signature with its scheme, as it stands in the object.
    pub(super) fn signature(&self) -> Option<(&'static str, Cow<'_, str>)> {
        let armored = match self.header("gpgsig").or(self.header("gpgsig-sha256")) {
            Some(header) if self.header("tree").is_some() => Cow::Borrowed(header),
            _ if self.header("object").is_some() => {
                let at = armor_in(&self.bytes)?;
                String::from_utf8_lossy(self.bytes.get(at..)?)
            }
            _ => return None,
        };
        let scheme = SCHEMES.iter().find(|(begins, _)| armored.starts_with(begins)).map_or("unknown", |(_, name)| name);
        Some((scheme, armored))
    }

    /// What a signature is over: a commit without its signatures, a tag up to its own.
    pub(super) fn signed(&self) -> Vec<u8> {
        if self.header("object").is_some() {
            let end = armor_in(&self.bytes).unwrap_or(self.bytes.len());
            return self.bytes.get(..end).unwrap_or_default().to_vec();
        }
        let end = memchr::memmem::find(&self.bytes, b"\n\n").map_or(self.bytes.len(), |at| at + 1);
        let (head, body) = self.bytes.split_at(end);
        let mut out = Vec::with_capacity(self.bytes.len());
        let mut skipping = false;
        for line in head.split_inclusive(|byte| *byte == b'\n') {
            skipping = line.starts_with(b"gpgsig ")
                || line.starts_with(b"gpgsig-sha256 ")
                || skipping && line.starts_with(b" ");
            if !skipping {
                out.extend_from_slice(line);
            }
        }
        out.extend_from_slice(body);
        out
    }
}

/// Where the last signature of a text begins.
fn armor(text: &str) -> Option<usize> {
    armor_in(text.as_bytes())
}

fn armor_in(bytes: &[u8]) -> Option<usize> {
    let begins = |(mark, _): &(&str, &str)| {
        memchr::memmem::rfind_iter(bytes, mark.as_bytes())
            .find(|at| *at == 0 || at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'\n'))
    };
    SCHEMES.iter().filter_map(begins).max()
}
