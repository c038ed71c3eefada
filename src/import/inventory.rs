//! Inventories of non-human identities: a CSV with a header, or JSON objects with the same names, as
//! teams export them from wherever they keep them. Columns: `name`, `id`, `arn`, `spiffe_id`, `type`,
//! `owner`, `scopes` (a list; in CSV parted by `;` or blanks), `created`, `last_rotated`,
//! `rotation_days`, `last_used`, `expires`, `environment`, `secrets` (ids of what it authenticates
//! with). Others are kept as attributes. It joins by name, ARN or SPIFFE id, and never by likeness.

use super::json::strict_value;
use super::sniff::{Keys, json_shape};
use super::telling::{self, Fault, Members, Telling, clip, each_element, evidence, place_in};
use super::{Format, Framing, Head, Importer, Reading};
use crate::model::{Artefact, Kind, Relation};
use serde_json::{Map, Value};

/// Reads inventories of identities.
pub struct Inventory;

static FORMAT: Format = Format {
    name: "identity-inventory",
    version: 1,
    media_type: "application/vnd.lastgood.identity-inventory",
    about: "identities as CSV or JSON: name, arn, spiffe_id, owner, scopes, last_rotated, last_used, expires",
    extensions: &["csv", "json", "jsonl"],
};

const NAMES: [&str; 4] = ["name", "id", "arn", "spiffe_id"];
const TELLING: [&str; 4] = ["scopes", "last_rotated", "rotation_days", "last_used"];

fn is_header<'k>(keys: impl Iterator<Item = &'k str>) -> bool {
    let keys: Vec<String> = keys.map(column).collect();
    let has = |wanted: &[&str]| keys.iter().any(|key| wanted.contains(&key.as_str()));
    has(&NAMES) && has(&["owner"]) && has(&TELLING) && !has(&["eventtime", "kind", "about"])
}

/// A column's name as this reads it: `Last Rotated` and `lastRotated` are `last_rotated`.
fn column(written: &str) -> String {
    let mut name = String::new();
    let mut lower = false;
    for c in written.trim().trim_matches('"').chars() {
        if c.is_ascii_uppercase() && lower {
            name.push('_');
        }
        lower = c.is_ascii_lowercase();
        name.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    match name.as_str() {
        "spiffe" | "spiffeid" => "spiffe_id",
        "last_use" | "last_seen" | "lastused" => "last_used",
        "rotated" | "rotated_at" | "last_rotation" => "last_rotated",
        "scope" | "permissions" => "scopes",
        "expires_at" | "expiry" => "expires",
        "created_at" => "created",
        _ => return name,
    }
    .to_owned()
}

fn is_object(keys: &Keys<'_>) -> bool {
    is_header(keys.keys().map(String::as_str))
}

impl Importer for Inventory {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        if let Some(shape) = json_shape(head) {
            let first = shape.objects.first()?;
            let listed = first.get("identities").is_some_and(|list| {
                list.starts_with('[')
                    && list.contains("\"owner\"")
                    && TELLING.iter().any(|key| list.contains(&format!("\"{key}\"")))
            });
            return (listed || shape.objects.iter().any(is_object)).then_some(shape.framing);
        }
        let line = head.bytes.split(|byte| *byte == b'\n').next()?;
        let line = std::str::from_utf8(line).ok()?;
        (line.contains(',') && is_header(line.split(','))).then_some(Framing::Whole)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        telling::each_text(content, out, &tell);
    }
}

fn tell(unit: &str, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let base = telling.at;
    if !unit.starts_with(['{', '[']) {
        return tell_table(unit, base, telling);
    }
    let members = Members::of(unit)?;
    let Some(list) = members.get("identities") else {
        let value = strict_value(unit)?;
        return tell_identity(
            value.as_object().into_iter().flatten().map(|(key, value)| (column(key), value.clone())).collect(),
            telling,
        );
    };
    for (index, part) in each_element(Some(list), "/identities")?.enumerate() {
        telling.at = base + place_in(unit, part.text);
        let read = part.value.and_then(|value| match value {
            Value::Object(object) => {
                tell_identity(object.into_iter().map(|(key, value)| (column(&key), value)).collect(), telling)
            }
            _ => Err(": expected an object".to_owned()),
        });
        if let Err(reason) = read {
            telling.refuse(part.text, format!("/identities/{index}{reason}"));
        }
    }
    telling.at = base;
    Ok(())
}

fn tell_table(text: &str, base: u32, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let mut rows = Rows { text, at: 0 };
    let (_, header) = rows.next().ok_or("the table has no header")?;
    let header: Vec<String> = header.iter().map(|name| column(name)).collect();
    for (at, row) in rows {
        telling.at = base + super::offset(at);
        let line = text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        if row.len() > header.len() {
            telling.refuse(line, format!("{} fields: expected {} as in the header", row.len(), header.len()));
            continue;
        }
        let fields = header.iter().zip(row).filter(|(_, value)| !value.is_empty());
        let fields: Map<String, Value> = fields.map(|(key, value)| (key.clone(), Value::from(value))).collect();
        if let Err(reason) = tell_identity(fields, telling) {
            telling.refuse(line, reason);
        }
    }
    telling.at = base;
    Ok(())
}

fn tell_identity(fields: Map<String, Value>, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let fields = Value::Object(fields);
    let said = |key: &str| telling::text(&fields, &format!("/{key}"));
    let (name, arn, spiffe) = (said("name"), said("arn"), said("spiffe_id"));
    let canonical = said("id").or(name).or(arn).or(spiffe);
    let canonical = canonical.ok_or("/: one of \"name\", \"id\", \"arn\" and \"spiffe_id\" is required")?;
    let id = if canonical.starts_with("identity:") { canonical.to_owned() } else { format!("identity:{canonical}") };
    let mut identity = Artefact::new(id.clone(), Kind::Identity);
    identity.name = name.map(str::to_owned);
    identity.owner = said("owner").map(str::to_owned);
    identity.environment = said("environment").map(str::to_owned);
    identity.identifiers.extend([arn, spiffe].into_iter().flatten().map(str::to_owned));
    // Names that are one thing's alone wherever they stand.
    let own = ["arn:", "spiffe://", "k8s:", "vault:entity/", "github:", "mailto:"];
    if own.iter().any(|start| canonical.starts_with(start)) && !identity.identifiers.iter().any(|it| it == canonical) {
        identity.identifiers.push(canonical.to_owned());
    }
    identity.at = telling.time(&fields, "/created");
    let rotated = telling.time(&fields, "/last_rotated");
    let used = telling.time(&fields, "/last_used");
    let expires = telling.time(&fields, "/expires");
    let read = ["name", "id", "arn", "spiffe_id", "owner", "environment", "created", "scopes", "secrets"];
    for (key, value) in fields.as_object().into_iter().flatten().filter(|(key, _)| !read.contains(&key.as_str())) {
        let value = value.as_str().map_or_else(|| value.clone(), |text| Value::from(clip(text)));
        identity.attributes.insert(key.clone(), value);
    }
    let scopes = list(fields.get("scopes"));
    if !scopes.is_empty() {
        identity.attributes.insert("scopes".to_owned(), Value::from(scopes));
    }
    telling.artefact(identity);
    if let Some(at) = rotated {
        let mut rotation = evidence(&id, "verification", at);
        rotation.scope = Some("rotation".to_owned());
        rotation.verdict = Some("pass".to_owned());
        rotation.expires = expires.or_else(|| {
            let days = fields.get("rotation_days")?;
            let days = days.as_i64().or_else(|| days.as_str()?.trim().parse().ok())?;
            Some(at.plus_days(days))
        });
        telling.evidence(rotation);
    }
    if let Some(at) = used {
        let mut use_of = evidence(&id, "telemetry", at);
        use_of.scope = Some("last-used".to_owned());
        telling.evidence(use_of);
    }
    for secret in list(fields.get("secrets")) {
        let secret = if secret.starts_with("secret:") { secret } else { format!("secret:{secret}") };
        telling.link(&id, Relation::AuthenticatesWith, &secret, None);
    }
    Ok(())
}

/// The words of a list, or of a text that parts them.
fn list(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => {
            text.split(|c: char| c == ';' || c.is_whitespace()).filter(|it| !it.is_empty()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// The rows of a CSV with where each begins; fields may be quoted and hold commas, quotes and line feeds.
struct Rows<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Rows<'_> {
    type Item = (usize, Vec<String>);

    fn next(&mut self) -> Option<(usize, Vec<String>)> {
        let rest = self.text.get(self.at..)?;
        self.at += rest.len() - rest.trim_start().len();
        let start = self.at;
        let mut chars = self.text.get(start..)?.char_indices().peekable();
        chars.peek()?;
        let (mut row, mut field, mut quoted) = (Vec::new(), String::new(), false);
        let mut end = self.text.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' if quoted && chars.peek().is_some_and(|(_, next)| *next == '"') => {
                    chars.next();
                    field.push('"');
                }
                '"' if quoted => quoted = false,
                '"' if field.trim().is_empty() => {
                    field.clear();
                    quoted = true;
                }
                ',' if !quoted => row.push(std::mem::take(&mut field).trim().to_owned()),
                '\n' if !quoted => {
                    end = start + at + 1;
                    break;
                }
                c => field.push(c),
            }
        }
        row.push(field.trim().to_owned());
        self.at = end;
        Some((start, row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_fields_hold_anything() {
        let rows: Vec<_> = Rows { text: "a,b\n\"x, \"\"y\"\"\nz\",2\n\n3,\n", at: 0 }.collect();
        let wanted = [(0, vec!["a", "b"]), (4, vec!["x, \"y\"\nz", "2"]), (20, vec!["3", ""])];
        assert_eq!(rows.len(), 3);
        for ((at, row), (start, fields)) in rows.iter().zip(wanted) {
            assert_eq!((*at, row.iter().map(String::as_str).collect::<Vec<_>>()), (start, fields));
        }
    }

    #[test]
    fn columns_have_one_name() {
        for written in ["last_rotated", "Last Rotated", "lastRotated", "rotated_at"] {
            assert_eq!(column(written), "last_rotated");
        }
    }
}
