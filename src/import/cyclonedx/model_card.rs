//! What a model's card says: parameters, datasets, figures, use cases, risks. Pictures in it stay in
//! the record. Whether a figure is good is not judged here.

use super::bom::{Bom, End};
use crate::import::bom::{Party, clip, evidence, how, hugging_face, list, scalar, text, texts};
use crate::model::{Artefact, Attributes, Kind, Relation, Statement};
use serde_json::Value;

/// Adds what a card says of the model itself.
pub(super) fn describe(bom: &mut Bom<'_>, component: &Value, path: &str, artefact: &mut Artefact) {
    let Some(card) = component.get("modelCard").filter(|it| it.is_object()) else { return };
    if artefact.kind != Kind::ModelVersion {
        bom.sink.doubt(format!("{path}/modelCard: expected on a machine-learning-model only; it is read nevertheless"));
    }
    let attributes = &mut artefact.attributes;
    if let Some(parameters) = card.get("modelParameters") {
        let keys = [
            ("task", "param.task"),
            ("architectureFamily", "param.architecture-family"),
            ("modelArchitecture", "param.architecture"),
        ];
        Bom::keep(parameters, &keys, attributes);
        if let Some(approach) = parameters.get("approach").and_then(|it| text(it, "type")) {
            attributes.insert("param.approach".to_owned(), Value::from(approach));
        }
        for (key, name) in [("inputs", "param.inputs"), ("outputs", "param.outputs")] {
            let formats: Vec<&str> = list(parameters, key).iter().filter_map(|it| text(it, "format")).collect();
            if !formats.is_empty() {
                attributes.insert(name.to_owned(), Value::from(formats));
            }
        }
    }
    for metric in metrics(card) {
        let (name, value) = figure(metric);
        attributes.insert(format!("metric.{name}"), value);
    }
    if let Some(considerations) = card.get("considerations").and_then(Value::as_object) {
        for (key, said) in considerations {
            // Pictures and long annexes stay in the record.
            let kept = match said {
                Value::String(text) => Value::from(clip(text)),
                other if other.to_string().len() <= 4096 => other.clone(),
                other => Value::from(clip(&other.to_string())),
            };
            attributes.insert(format!("consideration.{key}"), kept);
        }
    }
    bom.properties(card, &format!("{path}/modelCard"), attributes);
}

fn metrics(card: &Value) -> &[Value] {
    card.get("quantitativeAnalysis").map_or(&[], |it| list(it, "performanceMetrics"))
}

/// A figure's name and value; numbers are written as text there.
fn figure(metric: &Value) -> (String, Value) {
    let mut name = text(metric, "type").unwrap_or("unnamed").to_owned();
    if let Some(slice) = text(metric, "slice") {
        name = format!("{name}[{slice}]");
    }
    let value = scalar(metric, "value").unwrap_or_default();
    let number = value.parse::<f64>().ok().filter(|number| number.is_finite());
    (name, number.map_or_else(|| Value::from(clip(&value)), Value::from))
}

/// Tells what a card says of other things.
pub(super) fn read(bom: &mut Bom<'_>, component: &Value, path: &str, id: &str) {
    let Some(card) = component.get("modelCard").filter(|it| it.is_object()) else { return };
    let path = format!("{path}/modelCard");
    if let Some(parameters) = card.get("modelParameters") {
        for (index, set) in list(parameters, "datasets").iter().enumerate() {
            dataset(bom, set, &format!("{path}/modelParameters/datasets/{index}"), id);
        }
    }
    evaluations(bom, card, id);
    let cases = card.get("considerations").map(|it| texts(it, "useCases")).unwrap_or_default();
    for case in cases.into_iter().map(str::trim).filter(|case| !case.is_empty()) {
        let mut artefact = Artefact::new(format!("use-case:{}", clip(case)), Kind::UseCase);
        artefact.name = Some(clip(case));
        let use_case = artefact.id.clone();
        bom.sink.artefact(artefact);
        let since = bom.time;
        bom.sink.link_since(&use_case, Relation::Used, id, how("how", "intended use"), since);
    }
}

fn dataset(bom: &mut Bom<'_>, set: &Value, path: &str, id: &str) {
    let reference = text(set, "ref").or_else(|| set.as_str());
    let (end, role) = match reference {
        Some(reference) => (End::Ref(reference.to_owned(), format!("{path}/ref")), reference.to_owned()),
        None => {
            let Some(data) = data(bom, set, path) else { return };
            (End::Id(data), text(set, "name").unwrap_or_default().to_owned())
        }
    };
    let relation = if is_test(&role) { Relation::EvaluatedOn } else { Relation::TrainedOn };
    bom.later(End::Id(id.to_owned()), relation, end, Attributes::new(), false);
}

/// Whether a dataset's name says that it is for testing. The format itself does not tell.
fn is_test(name: &str) -> bool {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let says = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    says(&["test", "testing", "validation", "evaluation", "eval", "benchmark"]) && !says(&["train", "training"])
}

/// Describes data: a dataset inline, or what a component of type data holds.
pub(super) fn data(bom: &mut Bom<'_>, value: &Value, path: &str) -> Option<String> {
    let kind = match text(value, "type") {
        Some("source-code") => Kind::Code,
        _ => Kind::Dataset,
    };
    let (id, new) = bom.name(value, path, &kind, None)?;
    if !new {
        return Some(id);
    }
    let mut artefact = Artefact::new(id.clone(), kind);
    artefact.name = text(value, "name").map(str::to_owned);
    let keys = [("type", "type"), ("classification", "classification"), ("description", "description")];
    Bom::keep(value, &keys, &mut artefact.attributes);
    if let Some(contents) = value.get("contents") {
        if let Some(url) = text(contents, "url") {
            artefact.identifiers.push(url.to_owned());
            artefact.identifiers.extend(hugging_face(url));
        }
        bom.properties(contents, &format!("{path}/contents"), &mut artefact.attributes);
    }
    let sensitive = texts(value, "sensitiveData");
    if !sensitive.is_empty() {
        artefact.attributes.insert("sensitive".to_owned(), Value::from(sensitive));
    }
    let parties = governance(value);
    artefact.owner = parties.iter().find(|(role, _)| *role == "owners").map(|(_, party)| party.id.clone());
    bom.sink.artefact(artefact);
    for (role, party) in parties {
        bom.sink.owned(&id, &party, role.trim_end_matches('s'));
    }
    Some(id)
}

/// Who governs data, and in which role.
pub(super) fn governance(value: &Value) -> Vec<(&'static str, Party)> {
    let Some(governance) = value.get("governance") else { return Vec::new() };
    ["owners", "stewards", "custodians"]
        .into_iter()
        .flat_map(|role| list(governance, role).iter().map(move |entry| (role, entry)))
        .filter_map(|(role, entry)| {
            let party = match entry.get("organization") {
                Some(organisation) => Party::organisation(organisation),
                None => entry.get("contact").and_then(Party::person),
            };
            party.map(|party| (role, party))
        })
        .collect()
}

/// The card's figures as evidence, where the document says when it was made.
fn evaluations(bom: &mut Bom<'_>, card: &Value, id: &str) {
    let Some(time) = bom.time else { return };
    for metric in metrics(card) {
        let (name, value) = figure(metric);
        let mut said = evidence(id, "evaluation", time);
        said.scope = Some(name.clone());
        said.by = bom.by.clone();
        said.attributes.insert(format!("metric.{name}"), value);
        if let Some(interval) = metric.get("confidenceInterval") {
            let keys = [("lowerBound", "confidence.lower"), ("upperBound", "confidence.upper")];
            Bom::keep(interval, &keys, &mut said.attributes);
        }
        bom.sink.say(Statement::Evidence(said));
    }
}
