//! OpenVEX documents: what an author says of a vulnerability in a product. It looks no vulnerability up.

use crate::import::sniff::json_shape;
use crate::import::telling::{self, Fault, Members, Telling, each_element, evidence, place_in, text};
use crate::import::{Format, Framing, Head, Importer, Reading};
use crate::model::{Artefact, Digest, Kind, Relation, Time};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashSet;

/// Reads OpenVEX.
pub struct OpenVex;

static FORMAT: Format = Format {
    name: "openvex",
    version: 1,
    media_type: "application/vnd.openvex+json",
    about: "OpenVEX: what is said of vulnerabilities in products, with status and justification",
    extensions: &["vex.json", "json"],
};

impl Importer for OpenVex {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        let keys = shape.objects.first()?;
        let statements = keys.get("statements");
        let named = keys.get("@context").is_some_and(|context| context.contains("openvex"));
        let shaped = keys.contains_key("author")
            && statements.is_some_and(|it| it.contains("\"vulnerability\"") && it.contains("\"status\""));
        (statements.is_some() && (named || shaped)).then_some(match shape.framing {
            Framing::Lines => Framing::Lines,
            _ => Framing::Whole,
        })
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        telling::each_text(content, out, &tell);
    }
}

fn tell(document: &str, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let members = Members::of(document)?;
    let own = members.without(&["statements"])?;
    if text(&own, "/@context").is_none() {
        telling.doubt("/@context: is empty: expected https://openvex.dev/ns; read as OpenVEX by its other keys");
    }
    let at = telling.time(&own, "/last_updated").or_else(|| telling.time(&own, "/timestamp"));
    let author = text(&own, "/author").map(str::to_owned);
    let document_id = text(&own, "/@id").map(str::to_owned);
    let (base, mut told) = (telling.at, HashSet::new());
    let list = members.get("statements").ok_or("/: \"statements\" is a required property")?;
    for (index, part) in each_element(Some(list), "/statements")?.enumerate() {
        telling.at = base + place_in(document, part.text);
        let whole = (at, author.as_deref(), document_id.as_deref());
        let read = part.value.and_then(|it| tell_statement(&it, whole, &mut told, telling));
        if let Err(reason) = read {
            telling.refuse(part.text, format!("/statements/{index}{reason}"));
        }
    }
    telling.at = base;
    Ok(())
}

fn tell_statement(
    value: &Value,
    (document_at, author, document_id): (Option<Time>, Option<&str>, Option<&str>),
    told: &mut HashSet<String>,
    telling: &mut Telling<'_>,
) -> Result<(), Fault> {
    let named = value.get("vulnerability").ok_or("/: \"vulnerability\" is a required property")?;
    let vulnerability = named.as_str().or_else(|| text(named, "/name")).or_else(|| text(named, "/@id"));
    let vulnerability = vulnerability.ok_or("/vulnerability: \"name\" is a required property")?;
    let status = telling::required(value, "/status")?;
    let verdict = match status {
        "affected" => Some("fail"),
        "not_affected" | "fixed" => Some("pass"),
        "under_investigation" => None,
        other => {
            telling.doubt(format!(
                "/status: \"{other}\": expected affected, not_affected, fixed or under_investigation; kept as written"
            ));
            None
        }
    };
    let at = telling.time(value, "/last_updated").or_else(|| telling.time(value, "/timestamp")).or(document_at);
    let at = at.ok_or("/timestamp: neither the statement nor the document states a time: it cannot be evidence")?;
    let products = value.get("products").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if products.is_empty() {
        return Err("/products: is empty: the statement is about nothing".to_owned());
    }
    for product in products {
        let Some(id) = tell_product(product, told, telling) else {
            telling.doubt("/products: one without an id is left out");
            continue;
        };
        let mut said = evidence(&id, "scan", at);
        said.scope = Some(vulnerability.to_owned());
        said.by = author.map(str::to_owned);
        said.verdict = verdict.map(str::to_owned);
        said.refs.extend(text(named, "/@id").into_iter().chain(document_id).map(str::to_owned));
        said.attributes.insert("status".to_owned(), Value::from(status));
        telling::copy(
            value,
            &[
                ("/justification", "justification"),
                ("/impact_statement", "impact"),
                ("/action_statement", "action"),
                ("/status_notes", "notes"),
            ],
            &mut said.attributes,
        );
        let mut parts = Vec::new();
        for inner in product.get("subcomponents").and_then(Value::as_array).into_iter().flatten() {
            if let Some(inner) = tell_product(inner, told, telling) {
                telling.link(&id, Relation::Contains, &inner, None);
                parts.push(Value::from(inner));
            }
        }
        if !parts.is_empty() {
            said.attributes.insert("subcomponents".to_owned(), Value::from(parts));
        }
        telling.evidence(said);
    }
    Ok(())
}

/// Tells of a product or a part of one, by its purl or whatever it is called; once, however many statements name it.
fn tell_product(product: &Value, told: &mut HashSet<String>, telling: &mut Telling<'_>) -> Option<String> {
    let name = product.as_str().or_else(|| text(product, "/identifiers/purl")).or_else(|| text(product, "/@id"))?;
    let is_image = name.starts_with("pkg:oci/") || name.starts_with("pkg:docker/");
    let kind = if is_image { Kind::Image } else { Kind::Package };
    let id = format!("{kind}:{name}");
    let hashes = product.get("hashes").and_then(Value::as_object);
    if told.contains(&id) && hashes.is_none() {
        return Some(id);
    }
    told.insert(id.clone());
    let mut artefact = Artefact::new(id.clone(), kind);
    artefact.identifiers.push(name.to_owned());
    if let Some(hashes) = hashes {
        for (algorithm, digest) in hashes.iter().filter_map(|(key, value)| Some((key, value.as_str()?))) {
            artefact
                .digests
                .push(Digest::parse(&format!("{}:{digest}", algorithm.replace('-', "").to_ascii_lowercase())));
        }
    }
    // An image's purl has its digest for a version.
    if let Some((_, version)) = name.split_once('@').filter(|_| is_image) {
        let version = version.split(['?', '#']).next().unwrap_or_default();
        let version = match version.contains('%') {
            true => version.replace("%3A", ":").replace("%3a", ":").into(),
            false => Cow::Borrowed(version),
        };
        if version.starts_with("sha256:") {
            artefact.digests.push(Digest::parse(&version));
        }
    }
    telling.artefact(artefact);
    Some(id)
}
