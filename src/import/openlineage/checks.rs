//! Facets that many bearers share: data quality checks, tags, and those of names we do not know.

use super::event::Telling;
use crate::import::node::{Fault, Node};
use crate::model::{Attributes, Evidence, Statement};
use serde_json::{Map, Value};

/// The longest text that becomes an attribute; the record holds the rest.
const LONGEST_TEXT: usize = 4 * 1024;

/// A text as an attribute holds it.
pub(super) fn clip(text: &str) -> String {
    if text.len() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let mut end = LONGEST_TEXT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}… ({} bytes in all)", text.get(..end).unwrap_or_default(), text.len())
}

/// A tags facet as `tag.<key>` attributes.
pub(super) fn tags(facet: &Node<'_>, attributes: &mut Attributes) -> Result<(), Fault> {
    for tag in facet.list("tags")? {
        let key = match tag.optional_text("field")? {
            Some(field) => format!("tag.{field}.{}", tag.text("key")?),
            None => format!("tag.{}", tag.text("key")?),
        };
        let value = tag.child("value")?.map_or(Value::Bool(true), |node| node.value.clone());
        attributes.insert(key, value);
    }
    Ok(())
}

/// A facet of a name we do not know, as an attribute. Where its schema claims to be tells nothing.
pub(super) fn foreign(name: &str, facet: &Node<'_>, attributes: &mut Attributes) {
    let value = match facet.value {
        Value::Object(object) => {
            let kept: Map<String, Value> = object
                .iter()
                .filter(|(key, _)| !matches!(key.as_str(), "_producer" | "_schemaURL"))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            if kept.is_empty() {
                return;
            }
            Value::Object(kept)
        }
        other => other.clone(),
    };
    attributes.insert(format!("facet.{name}"), value);
}

fn evaluation(about: &str, scope: &str, telling: &Telling<'_>) -> Evidence {
    Evidence {
        about: about.to_owned(),
        kind: "evaluation".to_owned(),
        scope: Some(scope.to_owned()),
        by: telling.producer.clone(),
        at: telling.time,
        verdict: None,
        expires: None,
        covers: Vec::new(),
        refs: Vec::new(),
        attributes: Attributes::new(),
    }
}

/// Assertions on a dataset: one evaluation, which fails when one of them does.
pub(super) fn tell_assertions(about: &str, facet: &Node<'_>, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let mut failed = Vec::new();
    let assertions = facet.list("assertions")?;
    for assertion in &assertions {
        let name = assertion.text("assertion")?;
        let success = assertion.required("success")?;
        let Some(success) = success.value.as_bool() else {
            return Err(format!("{}: expected true or false", success.path));
        };
        if !success {
            failed.push(Value::from(match assertion.optional_text("column")? {
                Some(column) => format!("{name} on {column}"),
                None => name.to_owned(),
            }));
        }
    }
    let mut evidence = evaluation(about, "data-quality-assertions", telling);
    evidence.verdict = Some(if failed.is_empty() { "pass" } else { "fail" }.to_owned());
    evidence.attributes.insert("assertions".to_owned(), Value::from(assertions.len()));
    if !failed.is_empty() {
        evidence.attributes.insert("failed".to_owned(), Value::Array(failed));
    }
    telling.say(Statement::Evidence(evidence));
    Ok(())
}

/// Measurements of a dataset, as `metric.*` attributes of an evaluation without a verdict.
pub(super) fn tell_metrics(about: &str, facet: &Node<'_>, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let mut evidence = evaluation(about, "data-quality-metrics", telling);
    for (key, word) in [("rowCount", "rows"), ("bytes", "bytes"), ("fileCount", "files")] {
        if let Some(node) = facet.child(key)? {
            evidence.attributes.insert(format!("metric.{word}"), node.value.clone());
        }
    }
    for (column, node) in facet.entries("columnMetrics")? {
        let Some(metrics) = node.value.as_object() else {
            return Err(format!("{}: expected an object", node.path));
        };
        for (key, value) in metrics.iter().filter(|(_, value)| value.is_number()) {
            evidence.attributes.insert(format!("metric.{column}.{key}"), value.clone());
        }
    }
    telling.say(Statement::Evidence(evidence));
    Ok(())
}
