//! What the profiles of SPDX 3.0 add to an element: of AI, datasets, builds, software and security.
//! Fields it does not know by name are kept under their own.

use super::element::{field, field_text};
use crate::import::bom::{clip, evidence, list, scalar, text};
use crate::model::{Attributes, Evidence, Time};
use serde_json::Value;

/// Fields that are told elsewhere or say nothing about the thing itself.
const ELSEWHERE: [&str; 15] = [
    "ai_hyperparameter",
    "ai_metric",
    "ai_metricDecisionThreshold",
    "build_parameter",
    "build_environment",
    "software_packageVersion",
    "software_packageUrl",
    "software_contentIdentifier",
    "software_copyrightText",
    "software_attributionText",
    "build_configSourceDigest",
    "spdxId",
    "creationInfo",
    "verifiedUsing",
    "externalIdentifier",
];

/// The longest list or object that becomes an attribute.
const LONGEST: usize = 2048;

/// Adds what an element says of itself.
pub(super) fn describe(value: &Value, attributes: &mut Attributes) {
    for key in ["summary", "description", "comment", "standardName", "validUntilTime"] {
        if let Some(said) = text(value, key) {
            attributes.insert(key.to_owned(), Value::from(clip(said)));
        }
    }
    for (key, prefix) in
        [("hyperparameter", "param."), ("metric", "metric."), ("metricDecisionThreshold", "threshold.")]
    {
        for (name, said) in entries(value, "ai", key) {
            attributes.insert(format!("{prefix}{name}"), said);
        }
    }
    for (name, said) in entries(value, "build", "parameter") {
        attributes.insert(format!("param.{name}"), said);
    }
    let names: Vec<String> = entries(value, "build", "environment").into_iter().map(|(name, _)| name).collect();
    if !names.is_empty() {
        attributes.insert("environment.names".to_owned(), Value::from(names));
    }
    let Some(object) = value.as_object() else { return };
    for (key, said) in object {
        let Some((profile, name)) = key.split_once(['_', ':']) else { continue };
        if !["ai", "dataset", "build", "software", "security"].contains(&profile) || ELSEWHERE.contains(&key.as_str()) {
            continue;
        }
        let kept = match said {
            Value::String(text) => Value::from(clip(text)),
            Value::Null => continue,
            other if other.is_array() || other.is_object() => {
                if other.to_string().len() > LONGEST {
                    continue;
                }
                other.clone()
            }
            other => other.clone(),
        };
        attributes.insert(format!("{profile}.{name}"), kept);
    }
}

/// A dictionary's entries; figures are written as text there.
fn entries(value: &Value, profile: &str, key: &str) -> Vec<(String, Value)> {
    let several = field(value, profile, key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    several
        .iter()
        .filter_map(|entry| {
            let said = scalar(entry, "value").unwrap_or_default();
            let number = said.parse::<f64>().ok().filter(|number| number.is_finite() && key != "environment");
            let said = number.map_or_else(|| Value::from(clip(&said)), Value::from);
            Some((text(entry, "key")?.to_owned(), said))
        })
        .collect()
}

/// The figures of a model as evidence, where it is said when they were written down.
pub(super) fn evaluations(value: &Value, about: &str, at: Option<Time>) -> Vec<Evidence> {
    let Some(at) = at else { return Vec::new() };
    let metrics = entries(value, "ai", "metric").into_iter();
    metrics
        .map(|(name, figure)| {
            let mut said = evidence(about, "evaluation", at);
            said.attributes.insert(format!("metric.{name}"), figure);
            said.scope = Some(name);
            said
        })
        .collect()
}

/// Adds what an assessment of a vulnerability says.
pub(super) fn assessment(value: &Value, attributes: &mut Attributes) {
    for key in
        ["score", "severity", "vectorString", "justificationType", "impactStatement", "actionStatement", "statusNotes"]
    {
        if let Some(said) = field(value, "security", key) {
            attributes.insert(key.to_owned(), said.clone());
        }
    }
    if let Some(element) = field_text(value, "security", "assessedElement") {
        attributes.insert("assessed".to_owned(), Value::from(element));
    }
    let suppliers = list(value, "suppliedBy");
    if !suppliers.is_empty() {
        attributes.insert("suppliers".to_owned(), Value::from(suppliers.len()));
    }
}
