//! A service: what runs, at which addresses, and which data flow in and out of it. It follows no
//! address.

use super::bom::{Bom, End};
use super::{licences, model_card};
use crate::import::bom::{Party, how, list, scalar, text, texts, word};
use crate::model::{Artefact, Attributes, Kind, Relation};
use serde_json::Value;

const FLOWS: [&str; 4] = ["inbound", "outbound", "bi-directional", "unknown"];

/// Reads a service with those nested in it. Returns its id, unless it was refused.
pub(super) fn read(bom: &mut Bom<'_>, value: &Value, path: &str, whole: Option<&str>) -> Option<String> {
    if !value.is_object() {
        bom.sink.refuse(format!("{path}: expected an object, found {}; the service is not read", word(value)));
        return None;
    }
    let Some(name) = text(value, "name") else {
        bom.sink.refuse(format!("{path}: \"name\" is a required property; the service is not read"));
        return None;
    };
    let (id, new) = bom.name(value, path, &Kind::Deployment, None)?;
    bom.part_of(whole, &id);
    if !new {
        return Some(id);
    }
    let mut artefact = Artefact::new(id.clone(), Kind::Deployment);
    artefact.name = Some(match text(value, "group") {
        Some(group) => format!("{group}/{name}"),
        None => name.to_owned(),
    });
    artefact.version = scalar(value, "version");
    let keys = [
        ("description", "description"),
        ("authenticated", "authenticated"),
        ("x-trust-boundary", "trust-boundary"),
        ("trustZone", "trust-zone"),
    ];
    Bom::keep(value, &keys, &mut artefact.attributes);
    let licences = licences::read(value, path, &mut bom.sink);
    if !licences.is_empty() {
        artefact.attributes.insert("licences".to_owned(), Value::from(licences));
    }
    let classes: Vec<&str> = list(value, "data").iter().filter_map(|flow| text(flow, "classification")).collect();
    if !classes.is_empty() {
        artefact.attributes.insert("data.classification".to_owned(), Value::from(classes));
    }
    bom.properties(value, path, &mut artefact.attributes);
    bom.signature(value, path, &mut artefact.attributes);
    let provider = value.get("provider").and_then(Party::organisation);
    artefact.owner = provider.as_ref().map(|party| party.id.clone());
    bom.sink.artefact(artefact);
    if let Some(provider) = provider {
        bom.sink.owned(&id, &provider, "provider");
    }
    for address in texts(value, "endpoints").into_iter().map(str::trim).filter(|address| !address.is_empty()) {
        let mut endpoint = Artefact::new(format!("endpoint:{address}"), Kind::Endpoint);
        endpoint.name = Some(address.to_owned());
        let endpoint_id = endpoint.id.clone();
        bom.sink.artefact(endpoint);
        let since = bom.time;
        bom.sink.link_since(&endpoint_id, Relation::Serves, &id, Attributes::new(), since);
    }
    for (index, flow) in list(value, "data").iter().enumerate() {
        flows(bom, flow, &format!("{path}/data/{index}"), &id);
    }
    for (index, nested) in list(value, "services").iter().enumerate() {
        read(bom, nested, &format!("{path}/services/{index}"), Some(&id));
    }
    Some(id)
}

/// Data that a service takes from somewhere, or gives somewhere.
fn flows(bom: &mut Bom<'_>, flow: &Value, path: &str, id: &str) {
    let direction = text(flow, "flow").unwrap_or_default();
    if !FLOWS.contains(&direction) {
        bom.sink.doubt(format!(
            "{path}/flow: found \"{direction}\", expected one of {}; kept as written",
            FLOWS.join(", ")
        ));
    }
    let mut attributes = how("flow", direction);
    Bom::keep(flow, &[("name", "name"), ("classification", "classification")], &mut attributes);
    for (role, party) in model_card::governance(flow) {
        bom.sink.party(&party);
        attributes.insert(format!("governance.{}", role.trim_end_matches('s')), Value::from(party.id));
    }
    let end = |address: &str, key: &str| match address.strip_prefix("urn:cdx:") {
        Some(_) => End::Ref(address.to_owned(), format!("{path}/{key}")),
        None => End::Id(format!("endpoint:{address}")),
    };
    for source in texts(flow, "source") {
        bom.later(End::Id(id.to_owned()), Relation::Used, end(source, "source"), attributes.clone(), true);
    }
    for destination in texts(flow, "destination") {
        bom.later(end(destination, "destination"), Relation::Used, End::Id(id.to_owned()), attributes.clone(), true);
    }
}
