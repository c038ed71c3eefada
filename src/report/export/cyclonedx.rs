//! Lineage as a CycloneDX 1.6 bill of materials: models with their cards, data, packages, images, services, and what
//! depends on what. What the format has no component for is left out, and what hung together through it still does.

use crate::investigate::answer::Row;
use crate::investigate::rows::{Extract, Shown};
use crate::report::export::{Exported, LeftOut};
use crate::report::json;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The component type of a kind; nothing where CycloneDX has none.
fn component_type(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "model" | "model-version" => "machine-learning-model",
        "dataset" | "feature-set" | "prompt" | "policy" => "data",
        "package" => "library",
        "image" => "container",
        "environment" => "platform",
        "code" | "tool" | "agent" => "application",
        _ => return None,
    })
}

fn is_service(kind: &str) -> bool {
    matches!(kind, "deployment" | "endpoint")
}

/// A bill of materials.
pub fn cyclonedx(extract: &Extract) -> Exported {
    let mut left_out = LeftOut::default();
    let (mut components, mut services) = (Vec::new(), Vec::new());
    let mut main = None;
    let mut held: BTreeSet<&str> = BTreeSet::new();
    let data = trained_on(extract);
    for (row, shown) in extract.artefacts() {
        if let Some(sort) = component_type(&row.kind) {
            held.insert(&row.id);
            let component = component(row, shown, sort, data.get(row.id.as_str()));
            match main.is_none() && extract.of.first() == Some(&row.id) {
                true => main = Some(component),
                false => components.push(component),
            }
        } else if is_service(&row.kind) {
            held.insert(&row.id);
            services.push(service(row, shown));
        } else {
            left_out.one(&row.kind);
        }
    }
    let mut document = Map::new();
    document.insert("$schema".to_owned(), "http://cyclonedx.org/schema/bom-1.6.schema.json".into());
    document.insert("bomFormat".to_owned(), "CycloneDX".into());
    document.insert("specVersion".to_owned(), "1.6".into());
    document.insert("version".to_owned(), 1.into());
    let tool = json!({"type": "application", "name": "lastgood", "version": env!("CARGO_PKG_VERSION")});
    let ledger = &extract.ledger;
    let mut metadata = json!({
        "timestamp": extract.at.to_string(),
        "tools": {"components": [tool]},
        "properties": [
            {"name": "lastgood:ledger:records", "value": ledger.records.to_string()},
            {"name": "lastgood:ledger:root", "value": ledger.root},
        ],
    });
    if let (Some(main), Value::Object(metadata)) = (main, &mut metadata) {
        metadata.insert("component".to_owned(), main);
    }
    document.insert("metadata".to_owned(), metadata);
    document.insert("components".to_owned(), components.into());
    if !services.is_empty() {
        document.insert("services".to_owned(), services.into());
    }
    document.insert("dependencies".to_owned(), dependencies(extract, &held));
    let mut left = left_out.says("artefacts that CycloneDX has no component for");
    left.push("dates of links, and marks, are not carried".to_owned());
    Exported { text: json::ascii(&Value::Object(document)) + "\n", left_out: left }
}

/// The datasets that each model was trained on.
fn trained_on(extract: &Extract) -> HashMap<&str, Vec<&str>> {
    let mut data: HashMap<&str, Vec<&str>> = HashMap::new();
    let kinds: HashMap<&str, &str> = extract.artefacts().map(|(row, _)| (row.id.as_str(), row.kind.as_str())).collect();
    for link in extract.links().filter(|link| link.relation == "trained-on") {
        if kinds.get(link.to.as_str()).is_some_and(|kind| component_type(kind) == Some("data")) {
            data.entry(&link.from).or_default().push(&link.to);
        }
    }
    data
}

fn component(row: &Row, shown: &Shown, sort: &'static str, data: Option<&Vec<&str>>) -> Value {
    let name = if row.name.is_empty() { &row.id } else { &row.name };
    let mut it = Map::new();
    it.insert("type".to_owned(), sort.into());
    it.insert("bom-ref".to_owned(), row.id.as_str().into());
    it.insert("name".to_owned(), name.as_str().into());
    it.extend(row.version.as_ref().map(|version| ("version".to_owned(), version.as_str().into())));
    let hashes: Vec<Value> = shown.digests.iter().filter_map(|digest| hash(digest)).collect();
    if !hashes.is_empty() {
        it.insert("hashes".to_owned(), hashes.into());
    }
    let purl = shown.identifiers.iter().find(|it| it.starts_with("pkg:"));
    it.extend(purl.map(|purl| ("purl".to_owned(), purl.as_str().into())));
    match sort {
        "machine-learning-model" => {
            it.extend(card(shown, data).map(|card| ("modelCard".to_owned(), card)));
        }
        "data" => {
            let mut data = json!({"type": if row.kind == "dataset" { "dataset" } else { "other" }, "name": name});
            if let (Some(owner), Value::Object(data)) = (&row.owner, &mut data) {
                data.insert("governance".to_owned(), json!({"owners": [{"organization": {"name": owner}}]}));
            }
            it.insert("data".to_owned(), json!([data]));
        }
        _ => {}
    }
    it.insert("properties".to_owned(), properties(row, shown));
    Value::Object(it)
}

fn service(row: &Row, shown: &Shown) -> Value {
    let name = if row.name.is_empty() { &row.id } else { &row.name };
    let mut it = json!({"bom-ref": row.id, "name": name, "properties": properties(row, shown)});
    if let (Some(version), Value::Object(it)) = (&row.version, &mut it) {
        it.insert("version".to_owned(), version.as_str().into());
    }
    it
}

/// A digest whose algorithm and length the format knows.
fn hash(digest: &str) -> Option<Value> {
    let (algorithm, content) = digest.split_once(':')?;
    let (name, length) = match algorithm {
        "md5" => ("MD5", 32),
        "sha1" => ("SHA-1", 40),
        "sha256" => ("SHA-256", 64),
        "sha384" => ("SHA-384", 96),
        "sha512" => ("SHA-512", 128),
        "blake3" => ("BLAKE3", 64),
        _ => return None,
    };
    let fits = content.len() == length && content.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| json!({"alg": name, "content": content}))
}

/// What a model card holds of a model: its data, and its measures.
fn card(shown: &Shown, data: Option<&Vec<&str>>) -> Option<Value> {
    let measures: Vec<Value> = shown
        .attributes
        .iter()
        .filter_map(|(key, value)| Some(json!({"type": key.strip_prefix("metric.")?, "value": plain(value)})))
        .collect();
    let mut card = Map::new();
    if let Some(data) = data {
        let data: BTreeSet<&str> = data.iter().copied().collect();
        let data: Vec<Value> = data.into_iter().map(|id| json!({"ref": id})).collect();
        card.insert("modelParameters".to_owned(), json!({"datasets": data}));
    }
    if !measures.is_empty() {
        card.insert("quantitativeAnalysis".to_owned(), json!({"performanceMetrics": measures}));
    }
    (!card.is_empty()).then_some(Value::Object(card))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whatever has no field of its own, and the evidence, as names and values.
fn properties(row: &Row, shown: &Shown) -> Value {
    let mut all: Vec<Value> = Vec::new();
    let mut put = |name: &str, value: &str| all.push(json!({"name": format!("lastgood:{name}"), "value": value}));
    put("id", &row.id);
    put("kind", &row.kind);
    for (name, value) in [("owner", &row.owner), ("environment", &row.environment), ("risk", &row.risk)] {
        value.iter().for_each(|value| put(name, value));
    }
    row.at.iter().for_each(|at| put("at", &at.to_string()));
    shown.identifiers.iter().for_each(|it| put("identifier", it));
    shown.digests.iter().filter(|it| hash(it).is_none()).for_each(|it| put("digest", it));
    shown.attributes.iter().filter(|(key, _)| !key.starts_with("metric.")).for_each(|(key, value)| {
        put(&format!("attribute:{key}"), &plain(value));
    });
    shown.absences.iter().for_each(|it| put(&format!("absent:{}", it.relation), &it.why));
    for it in &shown.evidence {
        let said = [it.scope.as_ref(), it.verdict.as_ref(), it.by.as_ref()].into_iter().flatten();
        let said: Vec<&str> = said.map(String::as_str).collect();
        put(&format!("evidence:{}", it.kind), &format!("{} {} ({}, {})", it.at, said.join(" "), it.standing, it.claim));
    }
    Value::Array(all)
}

/// What each component depends on. A way through what is no component leads on to the next that is one.
fn dependencies(extract: &Extract, held: &BTreeSet<&str>) -> Value {
    let mut links: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for link in extract.links() {
        links.entry(&link.from).or_default().insert(&link.to);
    }
    let mut all = Vec::new();
    for id in held {
        let mut next: BTreeSet<&str> = BTreeSet::new();
        let mut seen: BTreeSet<&str> = BTreeSet::from([*id]);
        let mut open: Vec<&str> = vec![id];
        while let Some(at) = open.pop() {
            for to in links.get(at).into_iter().flatten().filter(|to| seen.insert(to)) {
                match held.contains(to) {
                    true => {
                        next.insert(to);
                    }
                    false => open.push(to),
                }
            }
        }
        all.push(json!({"ref": id, "dependsOn": next}));
    }
    Value::Array(all)
}
