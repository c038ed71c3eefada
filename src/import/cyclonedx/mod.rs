//! CycloneDX bills of materials 1.2 to 1.7, as JSON and as XML. What a section says is in the files
//! beside; this one recognises a document and hands it over. It checks no schema: what is odd is
//! read as far as it goes, and said.

mod about;
mod bom;
mod component;
mod crossing;
mod declarations;
mod formulation;
mod licences;
mod model_card;
mod service;
mod vulnerability;
mod xml;
mod xml_shape;

use super::bom::Document;
use super::sniff::{Keys, json_shape};
use super::unit::{Units, utf8, value_end};
use super::{Format, Framing, Head, Importer, Reading, offset};

/// Reads CycloneDX documents.
pub struct CycloneDx;

static FORMAT: Format = Format {
    name: "cyclonedx",
    version: 1,
    media_type: "application/vnd.cyclonedx",
    about: "CycloneDX BOM, ML-BOM, SaaSBOM, VEX and attestations, 1.2 to 1.7 (JSON, XML)",
    extensions: &["cdx.json", "bom.json", "bom.xml"],
};

impl Importer for CycloneDx {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        if let Some(shape) = json_shape(head) {
            shape.objects.iter().any(is_bom).then_some(())?;
            // The parts of a document without a serial number are named after its digest, so that it has to be
            // read at once.
            let named = shape.objects.first().is_some_and(|keys| keys.contains_key("serialNumber"));
            return Some(match shape.large(head) {
                Framing::Slice if !named => Framing::Whole,
                Framing::Lines if shape.objects.len() < 2 => Framing::Whole,
                framing => framing,
            });
        }
        xml::recognises(head.bytes).then_some(Framing::Whole)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        let trimmed = content.trim_ascii_start();
        if trimmed.starts_with(b"<") {
            return xml::read(content, out);
        }
        match out.framing {
            framing if framing.is_one() => read_one_after_another(content, out),
            framing => Units::of(content, framing).for_each(|(at, unit)| read_json(at, unit, out)),
        }
    }
}

/// The documents of a record that was not cut; there is more than one when several long ones stand
/// each on its line.
fn read_one_after_another(content: &[u8], out: &mut Reading) {
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
        Ok(document) => match document.text("bomFormat").as_deref() {
            Some("CycloneDX") => bom::read(&document, unit, out),
            other => out.reject(at, unit, not_ours(other)),
        },
        Err(error) => out.reject(at, unit, format!("{error}; nothing of the document is read")),
    }
}

fn not_ours(found: Option<&str>) -> String {
    match found {
        Some(found) => {
            format!("/bomFormat: found \"{found}\", expected \"CycloneDX\"; nothing of the document is read")
        }
        None => "/: \"bomFormat\" is a required property; nothing of the document is read".to_owned(),
    }
}

fn is_bom(keys: &Keys<'_>) -> bool {
    keys.get("bomFormat").is_some_and(|value| value.trim() == "\"CycloneDX\"") && refuses(keys).is_none()
}

/// Why an object that resembles a document is refused, for the message that names it.
pub(super) fn refuses(keys: &Keys<'_>) -> Option<String> {
    let format = keys.get("bomFormat")?.trim();
    if format != "\"CycloneDX\"" {
        return Some(format!("CycloneDX BOM: \"bomFormat\" is {format}, expected \"CycloneDX\""));
    }
    let version = keys.get("specVersion")?.trim().trim_matches('"');
    let known = version.split('.').next() == Some("1");
    (!known).then(|| format!("CycloneDX BOM of version {version}: expected 1.2 to 1.7"))
}
