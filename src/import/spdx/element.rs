//! What an element of SPDX 3.0 is and is called, whichever way its keys are prefixed. It relates
//! nothing.

use crate::import::bom::{Party, hugging_face, list, purl, text};
use crate::model::Kind;
use serde_json::Value;

/// A field, whichever way its profile's prefix is written.
pub(super) fn field<'v>(value: &'v Value, profile: &str, key: &str) -> Option<&'v Value> {
    let object = value.as_object()?;
    let sign = |name: &'v str| name.strip_suffix(key)?.strip_prefix(profile);
    let mut prefixed = object.iter().filter(|(name, _)| matches!(sign(name), Some("_" | ":")));
    // An underscore, as the context has it, goes before a colon, and is sorted behind it.
    prefixed.next_back().map(|(_, found)| found).or_else(|| object.get(key)).filter(|found| !found.is_null())
}

pub(super) fn field_text<'v>(value: &'v Value, profile: &str, key: &str) -> Option<&'v str> {
    field(value, profile, key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The type of an element without the prefix of its profile.
pub(super) fn sort(value: &Value) -> Option<&str> {
    let written = value.get("type").or_else(|| value.get("@type"))?;
    let written = match written {
        Value::Array(several) => several.first()?.as_str()?,
        one => one.as_str()?,
    };
    written.rsplit(['/', '_', ':', '#']).next()
}

pub(super) fn written_id(value: &Value) -> Option<&str> {
    text(value, "spdxId").or_else(|| text(value, "@id"))
}

/// What an element of that type is; nothing for those that are no artefact.
pub(super) fn kind(value: &Value) -> Option<Kind> {
    Some(match sort(value)? {
        "AIPackage" => Kind::ModelVersion,
        "DatasetPackage" => Kind::Dataset,
        "Package" | "File" | "Snippet" => match field_text(value, "software", "primaryPurpose") {
            Some("model") => Kind::ModelVersion,
            Some("data") => Kind::Dataset,
            Some("source") => Kind::Code,
            Some("container") => Kind::Image,
            _ => Kind::Package,
        },
        "Build" => Kind::Run,
        "Person" | "Organization" | "Agent" => Kind::Identity,
        "SoftwareAgent" => Kind::Agent,
        "Tool" => Kind::Tool,
        _ => return None,
    })
}

/// An element by its id, or the id of one that is written inline.
pub(super) fn reference(value: &Value) -> Option<String> {
    match value {
        Value::String(id) => Some(id.clone()),
        inline => written_id(inline).map(str::to_owned),
    }
}

/// The words for nothing, and what they say.
pub(super) fn absence(written: &str) -> Option<&'static str> {
    match written.rsplit(['/', ':', '#', '_']).next()? {
        "NoneElement" | "NONE" => Some("none"),
        "NoAssertionElement" | "NOASSERTION" => Some("not-recorded"),
        _ => None,
    }
}

pub(super) fn identifiers(value: &Value, out: &mut Vec<String>) {
    let mut packages: Vec<&str> = field_text(value, "software", "packageUrl").into_iter().collect();
    for entry in list(value, "externalIdentifier") {
        let (Some(sort), Some(name)) = (text(entry, "externalIdentifierType"), text(entry, "identifier")) else {
            continue;
        };
        match sort {
            "packageUrl" | "packageURL" | "purl" => packages.push(name),
            "gitoid" | "swhid" | "cpe23" | "cpe22" | "cve" | "swid" => out.push(name.to_owned()),
            "email" => out.extend(Party::new("person", None, Some(name)).map(|party| party.id)),
            _ => {}
        }
    }
    for entry in list(value, "software_contentIdentifier") {
        out.extend(field_text(entry, "software", "contentIdentifierValue").map(str::to_owned));
    }
    for package in packages.into_iter().filter_map(purl) {
        out.extend(hugging_face(&package.text));
        out.push(package.text);
    }
    out.extend(field_text(value, "software", "downloadLocation").and_then(hugging_face));
    out.sort();
    out.dedup();
}
