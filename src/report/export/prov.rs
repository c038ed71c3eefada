//! Lineage as W3C PROV in JSON: entities, activities, agents and what ties them. Ids are kept whole behind one prefix.

use crate::investigate::answer::Row;
use crate::investigate::rows::{Extract, LinkRow, Shown};
use crate::report::export::Exported;
use crate::report::json;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fmt::Write as _;

/// What PROV takes a kind for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Entity,
    Activity,
    Agent,
}

fn sort(row: &Row) -> Sort {
    match row.kind.as_str() {
        "run" | "step" => Sort::Activity,
        "identity" | "agent" => Sort::Agent,
        _ => Sort::Entity,
    }
}

/// `lg:` and the id, with whatever a qualified name cannot hold as bytes in hex.
fn name(id: &str) -> String {
    let mut out = String::from("lg:");
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' | b'@' | b':' => {
                out.push(char::from(byte))
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

/// A PROV document.
pub fn prov(extract: &Extract) -> Exported {
    let mut sections: HashMap<&'static str, Map<String, Value>> = HashMap::new();
    let sorts: HashMap<&str, Sort> = extract.artefacts().map(|(row, _)| (row.id.as_str(), sort(row))).collect();
    for (row, shown) in extract.artefacts() {
        let section = match sort(row) {
            Sort::Entity => "entity",
            Sort::Activity => "activity",
            Sort::Agent => "agent",
        };
        sections.entry(section).or_default().insert(name(&row.id), described(row, shown));
        for (number, it) in shown.evidence.iter().enumerate() {
            let id = format!("{}/evidence/{}", name(&row.id), number + 1);
            let mut said = Map::new();
            said.insert("prov:type".to_owned(), "lg:evidence".into());
            said.insert("lg:kind".to_owned(), it.kind.as_str().into());
            said.insert("lg:at".to_owned(), it.at.to_string().into());
            said.insert("lg:standing".to_owned(), it.standing.as_str().into());
            said.insert("lg:record".to_owned(), it.claim.as_str().into());
            for (key, value) in [("lg:scope", &it.scope), ("lg:verdict", &it.verdict), ("lg:by", &it.by)] {
                said.extend(value.as_ref().map(|value| (key.to_owned(), value.as_str().into())));
            }
            sections.entry("entity").or_default().insert(id.clone(), Value::Object(said));
            let tie = json!({"prov:influencee": id, "prov:influencer": name(&row.id), "lg:relation": "about"});
            push(&mut sections, "wasInfluencedBy", tie);
        }
    }
    for link in extract.links() {
        let (Some(from), Some(to)) = (sorts.get(link.from.as_str()), sorts.get(link.to.as_str())) else { continue };
        let (section, tie) = tie(link, *from, *to);
        push(&mut sections, section, tie);
    }
    let mut document = Map::new();
    document.insert("prefix".to_owned(), json!({"lg": "urn:lastgood:", "prov": "http://www.w3.org/ns/prov#"}));
    let mut sections: Vec<_> = sections.into_iter().collect();
    sections.sort_by_key(|(section, _)| *section);
    document.extend(sections.into_iter().map(|(section, map)| (section.to_owned(), Value::Object(map))));
    let marks = extract.artefacts().any(|(_, shown)| !shown.marks.is_empty());
    let left_out = if marks { vec!["marks, which go with their case".to_owned()] } else { Vec::new() };
    Exported { text: json::ascii(&Value::Object(document)) + "\n", left_out }
}

fn described(row: &Row, shown: &Shown) -> Value {
    let mut said = Map::new();
    said.insert("prov:type".to_owned(), format!("lg:{}", row.kind).into());
    said.insert("prov:label".to_owned(), super::named(row).into());
    said.insert("lg:id".to_owned(), row.id.as_str().into());
    for (key, value) in [
        ("lg:owner", &row.owner),
        ("lg:environment", &row.environment),
        ("lg:risk", &row.risk),
        ("lg:version", &row.version),
    ] {
        said.extend(value.as_ref().map(|value| (key.to_owned(), value.as_str().into())));
    }
    let time = if sort(row) == Sort::Activity { "prov:startTime" } else { "lg:at" };
    said.extend(row.at.map(|at| (time.to_owned(), at.to_string().into())));
    if !shown.digests.is_empty() {
        said.insert("lg:digest".to_owned(), shown.digests.clone().into());
    }
    if !shown.identifiers.is_empty() {
        said.insert("lg:identifier".to_owned(), shown.identifiers.clone().into());
    }
    for (key, value) in &shown.attributes {
        let value = if value.is_object() || value.is_array() { value.to_string().into() } else { value.clone() };
        said.insert(format!("lg:attribute/{}", name(key).trim_start_matches("lg:")), value);
    }
    Value::Object(said)
}

/// The relation of PROV that fits the two ends, with our own beside it.
fn tie(link: &LinkRow, from: Sort, to: Sort) -> (&'static str, Value) {
    let (section, dependent, dependency) = match (from, to) {
        (Sort::Entity, Sort::Activity) => ("wasGeneratedBy", "prov:entity", "prov:activity"),
        (Sort::Activity, Sort::Entity) => ("used", "prov:activity", "prov:entity"),
        (Sort::Entity, Sort::Entity) => ("wasDerivedFrom", "prov:generatedEntity", "prov:usedEntity"),
        (Sort::Activity, Sort::Activity) => ("wasInformedBy", "prov:informed", "prov:informant"),
        (Sort::Entity, Sort::Agent) => ("wasAttributedTo", "prov:entity", "prov:agent"),
        (Sort::Activity, Sort::Agent) => ("wasAssociatedWith", "prov:activity", "prov:agent"),
        (Sort::Agent, Sort::Agent) => ("actedOnBehalfOf", "prov:delegate", "prov:responsible"),
        (Sort::Agent, _) => ("wasInfluencedBy", "prov:influencee", "prov:influencer"),
    };
    let mut tie = json!({dependent: name(&link.from), dependency: name(&link.to), "lg:relation": link.relation});
    if let Value::Object(tie) = &mut tie {
        tie.extend(link.since.map(|at| ("lg:since".to_owned(), at.to_string().into())));
        tie.extend(link.until.map(|at| ("lg:until".to_owned(), at.to_string().into())));
        tie.insert("lg:record".to_owned(), link.claim.as_str().into());
    }
    (section, tie)
}

fn push(sections: &mut HashMap<&'static str, Map<String, Value>>, section: &'static str, tie: Value) {
    let section = sections.entry(section).or_default();
    section.insert(format!("_:r{}", section.len() + 1), tie);
}
