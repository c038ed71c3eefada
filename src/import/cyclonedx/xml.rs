//! CycloneDX as XML, put into the shape of its JSON: the same words, with lists unwrapped and
//! attributes beside elements. Document types and entities of one's own are refused, not expanded.

use super::bom;
use super::xml_shape::{LISTS, REPEATED, dependency, flow, is_wrapped, leaf, number, reference};
use crate::import::bom::Document;
use crate::import::unit::utf8;
use crate::import::{Reading, offset};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";

/// How deep elements may nest.
const DEEPEST: usize = 128;

/// Whether a content begins with a document in XML.
pub(super) fn recognises(head: &[u8]) -> bool {
    head.trim_ascii_start().starts_with(b"<") && root(head).is_some()
}

/// The root's start tag, when it is one of ours.
fn root(head: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(head, NAMESPACE.as_bytes())?;
    let start = memchr::memrchr(b'<', head.get(..at)?)?;
    let tag = head.get(start..at)?;
    let name = tag.get(1..)?.split(|byte| byte.is_ascii_whitespace()).next()?;
    (name == b"bom" || name.ends_with(b":bom")).then_some(tag)
}

/// An element that is being read.
struct Open {
    name: String,
    at: usize,
    value: Map<String, Value>,
    /// Children in order, for lists.
    items: Vec<Value>,
    /// Where they stand.
    places: Vec<(u32, u32)>,
    text: String,
}

/// Reads a document.
pub(super) fn read(content: &[u8], out: &mut Reading) {
    let text = match utf8(content) {
        Ok(text) => text,
        Err(reason) => return out.reject(0, content, reason),
    };
    match parse(text) {
        Ok(document) => bom::read(&document, content, out),
        Err((at, why)) => {
            let line = 1 + text.as_bytes().get(..at).map_or(0, |head| memchr::memchr_iter(b'\n', head).count());
            out.reject(0, content, format!("line {line}: {why}; nothing of the document is read"));
        }
    }
}

type Fault = (usize, String);

fn parse(text: &str) -> Result<Document<'static>, Fault> {
    let mut reader = Reader::from_str(text);
    let mut stack: Vec<Open> = Vec::new();
    let mut document = Document::read(0, offset(text.len()));
    let mut done = false;
    loop {
        let before = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| (before, error.to_string()))?;
        let after = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match event {
            Event::Start(start) => {
                if stack.len() >= DEEPEST {
                    return Err((before, format!("nested more than {DEEPEST} levels deep")));
                }
                stack.push(open(&start, before, &mut document, stack.is_empty())?);
            }
            Event::Empty(start) => {
                let element = open(&start, before, &mut document, stack.is_empty())?;
                done |= close(element, after, &mut stack, &mut document);
            }
            Event::End(_) => {
                let Some(element) = stack.pop() else { return Err((before, "an end tag without a start".to_owned())) };
                done |= close(element, after, &mut stack, &mut document);
            }
            Event::Text(piece) => {
                add_text(&mut stack, &piece);
            }
            Event::CData(piece) => {
                add_text(&mut stack, &piece);
            }
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                let plain = match reference.resolve_char_ref() {
                    Ok(Some(plain)) => plain,
                    Ok(None) => {
                        predefined(name).ok_or_else(|| (before, format!("the entity &{name}; is not expanded")))?
                    }
                    Err(error) => return Err((before, error.to_string())),
                };
                add_text(&mut stack, plain.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => return Err((before, "a document type is not accepted".to_owned())),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    match (done, stack.last()) {
        (true, None) => Ok(document),
        (_, Some(open)) => Err((open.at, format!("<{}> is never closed (truncated?)", open.name))),
        (false, None) => Err((0, "no element \"bom\" is there".to_owned())),
    }
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

fn add_text(stack: &mut [Open], piece: &str) {
    if let Some(open) = stack.last_mut() {
        open.text.push_str(piece);
    }
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or_default().to_owned()
}

fn open(start: &BytesStart<'_>, at: usize, document: &mut Document<'static>, root: bool) -> Result<Open, Fault> {
    let mut value = Map::new();
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| (at, error.to_string()))?;
        let key = attribute.key.0;
        let said = quick_xml::escape::unescape(&attribute.value).map_err(|error| (at, error.to_string()))?.into_owned();
        if root && (key == "xmlns" || key.starts_with("xmlns:")) {
            if let Some(version) = said.strip_prefix(NAMESPACE) {
                document.put("specVersion", 0, 0, Value::from(version));
            }
        } else if key != "xmlns" && !key.starts_with("xmlns:") {
            value.insert(local(key), Value::from(said));
        }
    }
    Ok(Open { name: local(start.name().0), at, value, items: Vec::new(), places: Vec::new(), text: String::new() })
}

/// Puts an element that has ended into its parent. Says whether it was the root.
fn close(mut element: Open, end: usize, stack: &mut [Open], document: &mut Document<'static>) -> bool {
    let place = (offset(element.at), offset(end.saturating_sub(element.at)));
    let depth = stack.len();
    let Some(parent) = stack.last_mut() else {
        for (key, value) in element.value {
            let value = if key == "version" { number(value) } else { value };
            document.put(&key, place.0, place.1, value);
        }
        return element.name == "bom";
    };
    let name = element.name.clone();
    if depth == 1 {
        // A section of the document: its elements keep their places.
        if is_list(&parent.name, &name, &element) {
            for (item, at) in element.items.into_iter().zip(element.places) {
                document.push(&name, at.0, at.1, item);
            }
        } else {
            let value = finish(&mut element, "bom");
            document.put(&name, place.0, place.1, value);
        }
        return false;
    }
    let value = finish(&mut element, &parent.name);
    parent.places.push(place);
    put(parent, &name, value, depth);
    false
}

fn is_list(parent: &str, name: &str, element: &Open) -> bool {
    if name == "evidence" {
        return parent == "declarations";
    }
    if name == "data" {
        return parent == "service";
    }
    if name == "tools" {
        return element.value.contains_key("tool");
    }
    LISTS.contains(&name) && !(parent == "map" && name == "requirements")
}

/// An element's value, with its own children in place.
fn finish(element: &mut Open, parent: &str) -> Value {
    let text = element.text.trim();
    if is_list(parent, &element.name, element) && (text.is_empty() || !element.items.is_empty()) {
        return Value::Array(std::mem::take(&mut element.items));
    }
    let mut value = std::mem::take(&mut element.value);
    match element.name.as_str() {
        // Elements with attributes whose text has a name of its own in JSON.
        "hash" => rename(&mut value, "content", text),
        "property" => rename(&mut value, "value", text),
        "text" | "image" | "attachment" if !value.is_empty() => rename(&mut value, "content", text),
        "classification" if value.contains_key("flow") => rename(&mut value, "name", text),
        "license" if parent == "licenses" => {
            return Value::Object(Map::from_iter([("license".to_owned(), value.into())]));
        }
        "expression" if parent == "licenses" => {
            return Value::Object(Map::from_iter([("expression".to_owned(), Value::from(text))]));
        }
        "dataflow" => flow(&mut value),
        "dependency" => dependency(&mut value),
        "signature" | "Signature" => return Value::Null,
        _ if value.is_empty() => return leaf(&element.name, text),
        _ => {}
    }
    Value::Object(value)
}

fn rename(value: &mut Map<String, Value>, key: &str, text: &str) {
    if !text.is_empty() {
        value.insert(key.to_owned(), Value::from(text));
    }
}

/// Adds a child to its parent: under its name, and in order for a parent that is a list. A name that
/// comes twice becomes a list.
fn put(parent: &mut Open, name: &str, value: Value, depth: usize) {
    if value.is_null() {
        parent.places.pop();
        return;
    }
    if is_wrapped(&parent.name) {
        // A reference in a list is its text in JSON, but for the document's own sections.
        let item = match value {
            Value::Object(mut object) if depth > 2 && object.len() == 1 && reference(&parent.name) => {
                object.remove("ref").unwrap_or(Value::Object(object))
            }
            other => other,
        };
        return parent.items.push(item);
    }
    if matches!(parent.name.as_str(), "data" | "evidence" | "tools") {
        parent.items.push(value.clone());
    } else {
        parent.places.pop();
    }
    let repeated = REPEATED.iter().any(|(of, child)| *child == name && (of.is_empty() || *of == parent.name));
    match parent.value.get_mut(name) {
        Some(Value::Array(several)) if !is_wrapped(name) => several.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
        None if repeated && !value.is_array() => {
            parent.value.insert(name.to_owned(), Value::Array(vec![value]));
        }
        None => {
            parent.value.insert(name.to_owned(), value);
        }
    }
}
