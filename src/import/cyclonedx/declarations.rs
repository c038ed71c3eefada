//! Declarations of conformance: who assessed what against which requirement, on which evidence, and
//! who affirmed it; and the standards that hold the requirements. It judges no conformance.

use super::bom::Bom;
use super::{component, service};
use crate::import::bom::{Party, Piece, clip, evidence, how, list, scalar, text, texts};
use crate::model::{Artefact, Attributes, Kind, Relation, Statement, Time};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads standards and their requirements, as policies.
pub(super) fn read_definitions(bom: &mut Bom<'_>, piece: &Piece) {
    for (index, standard) in list(&piece.value, "standards").iter().enumerate() {
        let path = format!("{}/standards/{index}", piece.path);
        let Some(whole) = policy(bom, standard, &path) else { continue };
        for key in ["requirements", "levels"] {
            for (index, part) in list(standard, key).iter().enumerate() {
                if let Some(id) = policy(bom, part, &format!("{path}/{key}/{index}")) {
                    bom.part_of(Some(&whole), &id);
                }
            }
        }
    }
    for (index, patent) in list(&piece.value, "patents").iter().enumerate() {
        if !patent.is_object() {
            bom.sink.doubt(format!("{}/patents/{index}: expected an object; it is left out", piece.path));
        }
    }
}

fn policy(bom: &mut Bom<'_>, value: &Value, path: &str) -> Option<String> {
    let (id, new) = bom.name(value, path, &Kind::Policy, None)?;
    if new {
        let mut artefact = Artefact::new(id.clone(), Kind::Policy);
        let name = text(value, "name").or_else(|| text(value, "title")).or_else(|| text(value, "identifier"));
        artefact.name = name.map(str::to_owned);
        artefact.version = scalar(value, "version");
        let keys = [
            ("identifier", "identifier"),
            ("text", "text"),
            ("description", "description"),
            ("owner", "standard-owner"),
            ("parent", "parent"),
        ];
        Bom::keep(value, &keys, &mut artefact.attributes);
        bom.signature(value, path, &mut artefact.attributes);
        bom.sink.artefact(artefact);
    }
    Some(id)
}

/// A claim that attestations point to.
struct Claim<'v> {
    target: Option<(String, String)>,
    value: &'v Value,
}

/// An item of evidence that claims point to.
struct Item {
    created: Option<Time>,
    expires: Option<Time>,
}

struct Declared<'v> {
    claims: BTreeMap<&'v str, Claim<'v>>,
    items: BTreeMap<&'v str, Item>,
    /// The newest moment that an item states: nothing that rests on it can be older.
    newest: Option<Time>,
}

/// Reads declarations.
pub(super) fn read(bom: &mut Bom<'_>, piece: &Piece) {
    let (value, path) = (&piece.value, piece.path.as_str());
    targets(bom, value, path);
    assessors(bom, value, path);
    let mut declared = Declared { claims: BTreeMap::new(), items: BTreeMap::new(), newest: None };
    for (index, item) in list(value, "evidence").iter().enumerate() {
        let path = format!("{path}/evidence/{index}");
        let created = bom.moment(item, "created", &path);
        let expires = bom.moment(item, "expires", &path);
        declared.newest = declared.newest.max(created);
        if let Some(name) = text(item, "bom-ref") {
            declared.items.insert(name, Item { created, expires });
        }
    }
    for (index, claim) in list(value, "claims").iter().enumerate() {
        let path = format!("{path}/claims/{index}");
        let target = text(claim, "target").map(|target| (target.to_owned(), format!("{path}/target")));
        if let Some(name) = text(claim, "bom-ref") {
            declared.claims.insert(name, Claim { target, value: claim });
        }
    }
    for (index, claim) in list(value, "claims").iter().enumerate() {
        tell_claim(bom, claim, &format!("{path}/claims/{index}"), value, &declared);
    }
    for (index, attestation) in list(value, "attestations").iter().enumerate() {
        attest(bom, attestation, &format!("{path}/attestations/{index}"), &declared);
    }
    affirm(bom, value, path, &declared);
    bom.signature(value, path, &mut Attributes::new());
}

fn targets(bom: &mut Bom<'_>, value: &Value, path: &str) {
    let Some(targets) = value.get("targets") else { return };
    for (index, target) in list(targets, "organizations").iter().enumerate() {
        let path = format!("{path}/targets/organizations/{index}");
        organisation(bom, target, target, &path, "organisation");
    }
    for (index, target) in list(targets, "components").iter().enumerate() {
        component::read(bom, target, &format!("{path}/targets/components/{index}"), None);
    }
    for (index, target) in list(targets, "services").iter().enumerate() {
        service::read(bom, target, &format!("{path}/targets/services/{index}"), None);
    }
}

fn assessors(bom: &mut Bom<'_>, value: &Value, path: &str) {
    for (index, assessor) in list(value, "assessors").iter().enumerate() {
        let named = assessor.get("organization").unwrap_or(assessor);
        organisation(bom, assessor, named, &format!("{path}/assessors/{index}"), "assessor");
    }
}

fn organisation(bom: &mut Bom<'_>, value: &Value, named: &Value, path: &str, sort: &str) {
    let Some((id, true)) = bom.name(value, path, &Kind::Identity, None) else { return };
    let mut artefact = Artefact::new(id, Kind::Identity);
    artefact.name = text(named, "name").map(str::to_owned);
    artefact.attributes.insert("type".to_owned(), Value::from(sort));
    Bom::keep(value, &[("thirdParty", "third-party")], &mut artefact.attributes);
    bom.sink.artefact(artefact);
}

/// When a statement was made, with its basis where that is not a field of its own.
fn moment(bom: &Bom<'_>, declared: &Declared<'_>, attributes: &mut Attributes) -> Option<Time> {
    let (time, basis) = match (declared.newest, bom.time) {
        (_, Some(time)) => (time, "the document's timestamp"),
        (Some(time), None) => (time, "the newest evidence it rests on"),
        (None, None) => return None,
    };
    attributes.insert("dated-by".to_owned(), Value::from(basis));
    Some(time)
}

/// A claim about its target, and the evidence for and against it.
fn tell_claim(bom: &mut Bom<'_>, claim: &Value, path: &str, all: &Value, declared: &Declared<'_>) {
    let mut attributes = Attributes::new();
    bom.signature(claim, path, &mut attributes);
    let Some(target) = text(claim, "target") else {
        return bom.sink.doubt(format!("{path}: \"target\" is not stated; the claim is kept in the record only"));
    };
    let about = bom.resolve(target, &format!("{path}/target"));
    Bom::keep(claim, &[("reasoning", "reasoning"), ("bom-ref", "claim")], &mut attributes);
    for key in ["evidence", "counterEvidence", "mitigationStrategies"] {
        let references = texts(claim, key);
        if !references.is_empty() {
            attributes.insert(key.to_owned(), Value::from(references));
        }
    }
    let Some(at) = moment(bom, declared, &mut attributes) else {
        return bom.sink.doubt(format!("{path}: no time is stated; the claim is kept in the record only"));
    };
    let mut said = evidence(&about, "claim", at);
    said.scope = text(claim, "predicate").map(str::to_owned);
    said.refs = list(claim, "externalReferences").iter().filter_map(|it| text(it, "url")).map(str::to_owned).collect();
    said.attributes = attributes;
    bom.sink.say(Statement::Evidence(said));
    for (key, role) in
        [("evidence", "evidence"), ("counterEvidence", "counter-evidence"), ("mitigationStrategies", "mitigation")]
    {
        for reference in texts(claim, key) {
            let found = list(all, "evidence").iter().find(|item| text(item, "bom-ref") == Some(reference));
            match found {
                Some(item) => tell_item(bom, item, path, &about, role),
                None => bom.sink.doubt(format!("{path}/{key}: nothing has the bom-ref \"{reference}\"")),
            }
        }
    }
}

/// An item of evidence, as a review of what the claim is about.
fn tell_item(bom: &mut Bom<'_>, item: &Value, path: &str, about: &str, role: &str) {
    let name = text(item, "bom-ref").unwrap_or("evidence");
    let mut attributes = how("role", role);
    bom.signature(item, path, &mut attributes);
    let Some(at) = bom.moment(item, "created", path) else {
        return bom.sink.doubt(format!("{path}: {name} states no time; it is kept in the record only"));
    };
    let mut said = evidence(about, "review", at);
    said.scope = Some(name.to_owned());
    said.expires = bom.moment(item, "expires", path);
    for (key, name) in [("author", "author"), ("reviewer", "reviewer")] {
        let Some(party) = item.get(key).and_then(Party::person) else { continue };
        let id = bom.sink.party(&party);
        if key == "reviewer" || said.by.is_none() {
            said.by = Some(id.clone());
        }
        attributes.insert(name.to_owned(), Value::from(id));
    }
    let keys = [("description", "description"), ("propertyName", "property")];
    Bom::keep(item, &keys, &mut attributes);
    let classes: Vec<&str> = list(item, "data").iter().filter_map(|data| text(data, "classification")).collect();
    if !classes.is_empty() {
        attributes.insert("classification".to_owned(), Value::from(classes));
    }
    said.attributes = attributes;
    bom.sink.say(Statement::Evidence(said));
}

/// What an assessor attests: one statement per requirement and claim.
fn attest(bom: &mut Bom<'_>, attestation: &Value, path: &str, declared: &Declared<'_>) {
    let mut shared = Attributes::new();
    Bom::keep(attestation, &[("summary", "summary")], &mut shared);
    bom.signature(attestation, path, &mut shared);
    let by = text(attestation, "assessor").map(|assessor| bom.resolve(assessor, &format!("{path}/assessor")));
    for (index, entry) in list(attestation, "map").iter().enumerate() {
        let path = format!("{path}/map/{index}");
        let requirement = text(entry, "requirement");
        let policy = requirement.map(|requirement| bom.resolve(requirement, &format!("{path}/requirement")));
        let mut attributes = shared.clone();
        for (key, name) in [("conformance", "metric.conformance"), ("confidence", "metric.confidence")] {
            let Some(said) = entry.get(key) else { continue };
            if let Some(score) = said.get("score").filter(|score| score.is_number()) {
                attributes.insert(name.to_owned(), score.clone());
            }
            if let Some(why) = text(said, "rationale") {
                attributes.insert(format!("{key}.rationale"), Value::from(clip(why)));
            }
        }
        let counter = texts(entry, "counterClaims");
        if !counter.is_empty() {
            attributes.insert("counter-claims".to_owned(), Value::from(counter));
        }
        for claim in texts(entry, "claims") {
            let Some(known) = declared.claims.get(claim) else {
                bom.sink.doubt(format!("{path}/claims: nothing has the bom-ref \"{claim}\""));
                continue;
            };
            let Some((target, place)) = &known.target else { continue };
            let about = bom.resolve(target, place);
            if let Some(policy) = &policy {
                bom.sink.link(&about, Relation::GovernedBy, policy, Attributes::new());
            }
            let mut attributes = attributes.clone();
            attributes.insert("claim".to_owned(), Value::from(claim));
            let items: Vec<&Item> =
                texts(known.value, "evidence").into_iter().filter_map(|name| declared.items.get(name)).collect();
            let newest = items.iter().filter_map(|item| item.created).max();
            let resting = Declared { claims: BTreeMap::new(), items: BTreeMap::new(), newest };
            let Some(at) = moment(bom, &resting, &mut attributes) else {
                bom.sink.doubt(format!("{path}: no time is stated; the attestation is kept in the record only"));
                continue;
            };
            let mut said = evidence(&about, "attestation", at);
            said.scope = requirement.map(str::to_owned);
            said.by = by.clone();
            said.expires = items.iter().filter_map(|item| item.expires).min();
            said.attributes = attributes;
            bom.sink.say(Statement::Evidence(said));
        }
    }
}

/// Who affirmed the declarations: an approval by each signatory of each target, or of the root.
fn affirm(bom: &mut Bom<'_>, value: &Value, path: &str, declared: &Declared<'_>) {
    let Some(affirmation) = value.get("affirmation").filter(|it| it.is_object()) else { return };
    let path = format!("{path}/affirmation");
    let mut about: Vec<String> = Vec::new();
    for claim in declared.claims.values() {
        if let Some((target, place)) = &claim.target {
            about.push(bom.resolve(target, place));
        }
    }
    about.sort();
    about.dedup();
    if about.is_empty() {
        about.extend(bom.root.clone());
    }
    bom.signature(affirmation, &path, &mut Attributes::new());
    for (index, signatory) in list(affirmation, "signatories").iter().enumerate() {
        let path = format!("{path}/signatories/{index}");
        let mut attributes = Attributes::new();
        Bom::keep(signatory, &[("role", "role")], &mut attributes);
        Bom::keep(affirmation, &[("statement", "statement")], &mut attributes);
        bom.signature(signatory, &path, &mut attributes);
        let party = Party::person(signatory).or_else(|| signatory.get("organization").and_then(Party::organisation));
        let by = party.map(|party| bom.sink.party(&party));
        let Some(at) = moment(bom, declared, &mut attributes) else {
            bom.sink.doubt(format!("{path}: no time is stated; the affirmation is kept in the record only"));
            continue;
        };
        for about in &about {
            let mut said = evidence(about, "approval", at);
            said.scope = Some("affirmation".to_owned());
            said.by = by.clone();
            said.refs = signatory
                .get("externalReference")
                .and_then(|it| text(it, "url"))
                .map(str::to_owned)
                .into_iter()
                .collect();
            said.attributes = attributes.clone();
            bom.sink.say(Statement::Evidence(said));
        }
    }
}
