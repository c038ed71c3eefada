//! One document: how its parts are called, in which order they are read, and what the document says
//! of itself. It knows no section's fields.

use super::{component, crossing, declarations, formulation, service, vulnerability};
use crate::import::bom::{Document, Sink, clip, how, list, print, scalar, text};
use crate::import::{Framing, Reading};
use crate::model::{Attributes, Kind, Relation, Time};
use crate::proof::digest::sha256;
use base64::Engine as _;
use serde_json::Value;
use std::collections::HashMap;

/// What a bom-ref stands for.
pub(super) struct Known {
    pub(super) id: String,
    pub(super) kind: Kind,
    /// Of the content, to tell one thing said twice from two things under one name.
    pub(super) print: u64,
}

/// A link whose end may be described further on.
struct Pending {
    place: (u32, u32),
    from: End,
    relation: Relation,
    to: End,
    attributes: Attributes,
    since: Option<Time>,
}

/// An end of a link.
pub(super) enum End {
    Id(String),
    /// A bom-ref or BOM-Link, and where it is written.
    Ref(String, String),
}

/// A document that is being read.
pub(super) struct Bom<'o> {
    pub(super) sink: Sink<'o>,
    /// What goes before the `#` of the ids of its parts.
    scope: String,
    /// Whether that is a BOM-Link, by which other documents may speak of its parts.
    linked: bool,
    /// Whether it is a part of a larger document, so that what it refers to may stand in another record.
    partial: bool,
    /// The beginning of the record's digest, where parts are named after it.
    short: String,
    pub(super) time: Option<Time>,
    pub(super) by: Option<String>,
    pub(super) root: Option<String>,
    refs: HashMap<String, Known>,
    pending: Vec<Pending>,
}

const NEWEST_MINOR: u32 = 7;

/// Reads a document.
pub(super) fn read(document: &Document<'_>, content: &[u8], out: &mut Reading) {
    let mut sink = Sink::new(out, document.at());
    if let Err(why) = check_version(document.text("specVersion").as_deref(), &mut sink) {
        return sink.refuse(why);
    }
    let (scope, linked) = scope(document, content, &mut sink);
    let framing = sink.out.framing;
    let partial = matches!(framing, Framing::Slice | Framing::Rest);
    let mut bom = Bom {
        sink,
        scope,
        linked,
        partial,
        short: if partial { beginning(content, 4) } else { String::new() },
        time: None,
        by: None,
        root: None,
        refs: HashMap::new(),
        pending: Vec::new(),
    };
    let metadata = document.one("metadata").and_then(|element| bom.sink.take(element));
    if let Some(metadata) = &metadata {
        bom.metadata(metadata);
    }
    // What stands before each slice is told once, of what is in no slice.
    if framing == Framing::Slice {
        bom.pending.clear();
        bom.sink.forget();
    }
    document.each("components", |element| {
        let Some(piece) = bom.sink.take(element) else { return };
        component::read(&mut bom, &piece.value, &piece.path, None);
    });
    document.each("services", |element| {
        let Some(piece) = bom.sink.take(element) else { return };
        service::read(&mut bom, &piece.value, &piece.path, None);
    });
    document.each("formulation", |element| {
        let Some(piece) = bom.sink.take(element) else { return };
        formulation::read(&mut bom, &piece);
    });
    if framing != Framing::Slice {
        bom.stated_once(document);
    }
    bom.flush();
    crossing::read(&mut bom, document);
    document.each("vulnerabilities", |element| {
        let Some(piece) = bom.sink.take(element) else { return };
        vulnerability::read(&mut bom, &piece);
    });
    if framing != Framing::Slice {
        let place = document.at();
        bom.sink.stand_at(place);
        bom.signed_off(document, metadata.as_ref());
    }
    if let Some(time) = bom.time {
        bom.sink.out.observe(time);
    }
}

fn check_version(version: Option<&str>, sink: &mut Sink<'_>) -> Result<(), String> {
    let Some(version) = version else {
        sink.doubt("/: \"specVersion\" is a required property; read as CycloneDX 1.7");
        return Ok(());
    };
    let minor = version.split_once('.').filter(|(major, _)| *major == "1").map(|(_, minor)| minor.parse::<u32>());
    match minor {
        Some(Ok(minor)) if minor <= NEWEST_MINOR => Ok(()),
        Some(_) => {
            sink.doubt(format!("/specVersion: found \"{version}\", expected 1.2 to 1.7; read as 1.7"));
            Ok(())
        }
        None => Err(format!("/specVersion: found \"{version}\", expected 1.2 to 1.7; nothing of the document is read")),
    }
}

/// The beginning of the digest of a record.
fn beginning(content: &[u8], bytes: usize) -> String {
    hex::encode(sha256(content).get(..bytes).unwrap_or_default())
}

fn scope(document: &Document<'_>, content: &[u8], sink: &mut Sink<'_>) -> (String, bool) {
    let serial = document.text("serialNumber");
    let version = document.text("version").unwrap_or_else(|| "1".to_owned());
    if let Some(uuid) = serial.as_deref().and_then(uuid) {
        return (format!("urn:cdx:{uuid}/{version}"), true);
    }
    sink.doubt(match serial {
        Some(serial) => format!(
            "/serialNumber: found \"{serial}\", expected urn:uuid: and a UUID; its parts are named after its digest"
        ),
        None => "/: no \"serialNumber\"; its parts are named after its digest".to_owned(),
    });
    (format!("cyclonedx:{}", beginning(content, 8)), false)
}

/// The UUID of a serial number, in lower case.
fn uuid(serial: &str) -> Option<String> {
    let lower = serial.trim().to_ascii_lowercase();
    let uuid = lower.strip_prefix("urn:uuid:")?;
    let groups = uuid.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    (groups && uuid.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())).then(|| uuid.to_owned())
}

impl Bom<'_> {
    /// The sections of which a document has one each.
    fn stated_once(&mut self, document: &Document<'_>) {
        if let Some(piece) = document.one("definitions").and_then(|element| self.sink.take(element)) {
            declarations::read_definitions(self, &piece);
        }
        if let Some(piece) = document.one("declarations").and_then(|element| self.sink.take(element)) {
            declarations::read(self, &piece);
        }
    }

    /// The id of a part by its bom-ref, or by where it stands when it has none.
    pub(super) fn local(&self, name: &str) -> String {
        format!("{}#{name}", self.scope)
    }

    /// The id of a part, and whether it is new: one that was described with the same content is
    /// not. One described with another content is refused, and has no id.
    pub(super) fn name(
        &mut self,
        value: &Value,
        path: &str,
        kind: &Kind,
        strong: Option<String>,
    ) -> Option<(String, bool)> {
        let reference = self.reference(value, path);
        // Where a part stands in a slice says nothing of where it stands in the document.
        let stands = if self.partial { format!("{path}@{}", self.short) } else { path.to_owned() };
        let id = strong.clone().unwrap_or_else(|| self.local(reference.as_deref().unwrap_or(&stands)));
        let Some(reference) = reference else { return Some((id, true)) };
        let print = print(value);
        if let Some(known) = self.refs.get(&reference) {
            if known.print == print {
                let id = known.id.clone();
                self.sink.doubt(format!(
                    "{path}/bom-ref: \"{reference}\" is given twice, with one content; it is read once"
                ));
                return Some((id, false));
            }
            self.sink.refuse(format!(
                "{path}/bom-ref: \"{reference}\" is given twice, with different content; the second is not read"
            ));
            return None;
        }
        if strong.is_some() && self.linked {
            let link = self.local(&reference);
            self.sink.same(&id, &link, "CycloneDX bom-ref");
        }
        self.refs.insert(reference, Known { id: id.clone(), kind: kind.clone(), print });
        Some((id, true))
    }

    fn reference(&mut self, value: &Value, path: &str) -> Option<String> {
        let written = value.get("bom-ref")?;
        match written.as_str() {
            Some(reference) if !reference.is_empty() => Some(reference.to_owned()),
            _ => {
                self.sink.doubt(format!("{path}/bom-ref: is empty; the part is named after where it stands"));
                None
            }
        }
    }

    /// Whether the document describes a reference, its id, and its kind when known.
    pub(super) fn look_up(&self, reference: &str) -> (String, Option<Kind>, bool) {
        let local = reference.strip_prefix(&self.scope).and_then(|rest| rest.strip_prefix('#'));
        let foreign = local.is_none() && reference.starts_with("urn:cdx:");
        let name = local.unwrap_or(reference);
        match self.refs.get(name).or_else(|| self.refs.get(&decoded(name))) {
            Some(known) => (known.id.clone(), Some(known.kind.clone()), true),
            None if foreign => (reference.to_owned(), None, true),
            None => (self.local(name), None, false),
        }
    }

    /// The id a reference stands for. What nobody describes is mentioned only, and said to be so.
    pub(super) fn resolve(&mut self, reference: &str, path: &str) -> String {
        let (id, _, found) = self.look_up(reference);
        if !found && !self.partial {
            self.sink.doubt(format!("{path}: nothing has the bom-ref \"{reference}\"; kept as mentioned only"));
        }
        id
    }

    /// A link that is told when every part has its id.
    pub(super) fn later(&mut self, from: End, relation: Relation, to: End, attributes: Attributes, dated: bool) {
        let since = if dated { self.time } else { None };
        self.pending.push(Pending { place: self.sink.place(), from, relation, to, attributes, since });
    }

    fn flush(&mut self) {
        for it in std::mem::take(&mut self.pending) {
            self.sink.stand_at(it.place);
            let mut end = |end: End| match end {
                End::Id(id) => id,
                End::Ref(reference, path) => self.resolve(&reference, &path),
            };
            let (from, to) = (end(it.from), end(it.to));
            self.sink.link_since(&from, it.relation, &to, it.attributes, it.since);
        }
    }

    /// A moment as a field states it.
    pub(super) fn moment(&mut self, value: &Value, key: &str, path: &str) -> Option<Time> {
        let written = scalar(value, key)?;
        match Time::parse_stated(&written) {
            Ok((time, false)) => Some(time),
            Ok((time, true)) => {
                self.sink.doubt(format!("{path}/{key}: \"{written}\" is no date-time with a zone: taken as UTC"));
                Some(time)
            }
            Err(_) => {
                self.sink.doubt(format!(
                    "{path}/{key}: found \"{written}\", expected a date-time such as 2026-11-18T09:00:00Z; no time is taken"
                ));
                None
            }
        }
    }

    /// Named values as attributes.
    pub(super) fn properties(&mut self, value: &Value, path: &str, attributes: &mut Attributes) {
        let sink = &mut self.sink;
        crate::import::bom::properties(value, "property.", attributes, |index| {
            sink.doubt(format!("{path}/properties/{index}: \"name\" is a required property; the property is left out"));
        });
    }

    /// A signature as far as it can be told without checking it.
    pub(super) fn signature(&mut self, value: &Value, path: &str, attributes: &mut Attributes) {
        let Some(signature) = value.get("signature").filter(|it| it.is_object()) else { return };
        let signers = match (list(signature, "signers"), list(signature, "chain")) {
            ([], []) => std::slice::from_ref(signature),
            ([], chain) => chain,
            (signers, _) => signers,
        };
        for signer in signers {
            if let Some(algorithm) = text(signer, "algorithm") {
                attributes.insert("signature.algorithm".to_owned(), Value::from(algorithm));
            }
            let written = text(signer, "value").unwrap_or_default();
            let plain = written.trim_end_matches('=');
            let decodes = !plain.is_empty() && base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(plain).is_ok();
            let state = if decodes { "not checked" } else { "not decodable" };
            attributes.insert("signature".to_owned(), Value::from(state));
            if !decodes {
                let shown: String = written.chars().take(16).collect();
                self.sink.doubt(format!("{path}/signature/value: signature not decodable: found \"{shown}\", expected base64url; it vouches for nothing"));
            }
        }
    }

    /// Says in an attribute what a text field holds.
    pub(super) fn keep(value: &Value, keys: &[(&str, &str)], attributes: &mut Attributes) {
        for (key, name) in keys {
            if let Some(said) = scalar(value, key) {
                attributes.insert((*name).to_owned(), Value::from(clip(&said)));
            }
        }
    }

    /// Part of a whole.
    pub(super) fn part_of(&mut self, whole: Option<&str>, part: &str) {
        if let Some(whole) = whole {
            self.sink.link(whole, Relation::Contains, part, how("how", "assembly"));
        }
    }
}

/// A reference without its percent escapes.
fn decoded(reference: &str) -> String {
    let bytes = reference.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escape = reference.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, escape) {
            (b'%', Some(plain)) => {
                out.push(plain);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
