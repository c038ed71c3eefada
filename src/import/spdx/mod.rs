//! SPDX documents: 2.2 and 2.3 as JSON, YAML and tag-value, 3.0 as JSON-LD with its profiles for AI
//! and datasets. What elements say is in the files beside; this one recognises a document and hands
//! it over. Licences are not judged, and RDF/XML is not read.

mod element;
mod fields;
mod profiles;
mod relations;
mod tag_value;
mod three;
mod two;
mod yaml;

use super::bom::Document;
use super::sniff::{Keys, json_shape};
use super::unit::{Units, utf8, value_end};
use super::{Format, Framing, Head, Importer, Reading, offset};
use crate::proof::digest::sha256;

/// Reads SPDX documents.
pub struct Spdx;

static FORMAT: Format = Format {
    name: "spdx",
    version: 1,
    media_type: "application/spdx",
    about: "SPDX 2.2 and 2.3 (JSON, YAML, tag-value), 3.0 with AI and Dataset profiles (JSON-LD)",
    extensions: &["spdx.json", "spdx3.json", "spdx.yaml", "spdx"],
};

impl Importer for Spdx {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        if let Some(shape) = json_shape(head) {
            shape.objects.iter().any(is_document).then_some(())?;
            return Some(match shape.framing {
                Framing::Lines if shape.objects.len() < 2 => Framing::Whole,
                framing => framing,
            });
        }
        (tag_value::recognises(head.bytes) || yaml::recognises(head.bytes)).then_some(Framing::Whole)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        let json = matches!(content.trim_ascii_start().first(), Some(b'{' | b'['));
        match out.framing {
            Framing::Whole if !json => read_text(content, out),
            Framing::Whole => read_one_after_another(content, out),
            framing => Units::of(content, framing).for_each(|(at, unit)| read_json(at, unit, out)),
        }
    }
}

fn read_text(content: &[u8], out: &mut Reading) {
    let text = match utf8(content) {
        Ok(text) => text,
        Err(reason) => return out.reject(0, content, reason),
    };
    if tag_value::recognises(content) { tag_value::read(text, out) } else { yaml::read(text, out) }
}

/// The documents of a record that was not cut; there is more than one when several long ones stand
/// each on its line.
fn read_one_after_another(content: &[u8], out: &mut Reading) {
    let begins = content.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let unit = content.get(begins..).unwrap_or_default().trim_ascii_end();
    // Nearly all are one document, which need not be looked for its end.
    if let Some((text, document)) = utf8(unit).ok().and_then(|it| Some((it, Document::json(it, offset(begins)).ok()?)))
    {
        return read_document(&document, text, out);
    }
    let mut start = 0;
    while let Some(skip) =
        content.get(start..).and_then(|rest| rest.iter().position(|byte| !byte.is_ascii_whitespace()))
    {
        start += skip;
        let end = match content.get(start) {
            Some(b'{') => value_end(content, start).unwrap_or(content.len()),
            _ => content.len(),
        };
        read_json(offset(start), content.get(start..end).unwrap_or_default().trim_ascii_end(), out);
        start = end;
    }
}

fn read_json(at: u32, unit: &[u8], out: &mut Reading) {
    let text = match utf8(unit) {
        Ok(text) => text,
        Err(reason) => return out.reject(at, unit, reason),
    };
    match Document::json(text, at) {
        Ok(document) => read_document(&document, text, out),
        Err(error) => out.reject(at, unit, format!("{error}; nothing of the document is read")),
    }
}

fn read_document(document: &Document<'_>, text: &str, out: &mut Reading) {
    if document.has("@context") || document.has("@graph") {
        three::read(document, text, &sha256(text.as_bytes()), out);
    } else {
        two::read(document, text.as_bytes(), out);
    }
}

fn is_document(keys: &Keys<'_>) -> bool {
    if keys.contains_key("bomFormat") || refuses(keys).is_some() {
        return false;
    }
    let holds = |key: &str, mark: &str| keys.get(key).is_some_and(|value| value.contains(mark));
    let three = holds("@context", "spdx.org/rdf/3") || holds("@graph", "\"spdxId\"") && holds("@graph", "creationInfo");
    // Some producers put the version last, after more than is looked at here.
    let parts = ["packages", "files", "relationships"].iter().any(|key| holds(key, "\"SPDXRef-"));
    three
        || keys.contains_key("spdxVersion")
        || parts && !keys.contains_key("@context")
        || holds("SPDXID", "\"SPDXRef-DOCUMENT\"")
}

/// Why an object that resembles a document is refused, for the message that names it.
pub(super) fn refuses(keys: &Keys<'_>) -> Option<String> {
    let version = keys.get("spdxVersion")?.trim();
    (!version.starts_with("\"SPDX-2."))
        .then(|| format!("SPDX document: \"spdxVersion\" is {version}, expected one such as \"SPDX-2.3\""))
}
