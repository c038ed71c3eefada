//! Results that a card reports of its own model. They carry no date, so they are what the model is
//! said to measure, on which data, and no evidence.

use super::names;
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep, scalar};
use crate::model::{Attributes, Relation};
use serde_json::Value;

/// One result: its data and its measures.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    dataset: String,
    revision: Option<String>,
    place: String,
    attributes: Attributes,
    metrics: Vec<(String, Value)>,
}

/// The results of a `model-index`. One that lacks its dataset costs all of them: which measure belongs
/// to which data is then not certain.
pub(super) fn read(card: &Node<'_>) -> Result<Vec<Outcome>, Fault> {
    let mut found = Vec::new();
    for model in card.list("model-index")? {
        for result in model.list("results")? {
            found.push(one(&result)?);
        }
    }
    Ok(found)
}

fn one(result: &Node<'_>) -> Result<Outcome, Fault> {
    let dataset = result.required("dataset")?;
    let mut attributes = Attributes::new();
    if let Some(task) = result.child("task")? {
        keep(&mut attributes, "task", task.optional_text("type")?);
    }
    for key in ["config", "split"] {
        keep(&mut attributes, key, dataset.child(key)?.and_then(|it| scalar(it.value)).as_deref());
    }
    if let Some(source) = result.child("source")? {
        keep(&mut attributes, "source", source.optional_text("url")?);
    }
    let mut metrics = Vec::new();
    for metric in result.list("metrics")? {
        let name = metric.text("type")?;
        let value = metric.required("value")?;
        let value = match value.value {
            Value::String(text) => text.trim().parse::<f64>().map_or_else(|_| value.value.clone(), Value::from),
            Value::Number(_) => value.value.clone(),
            other => scalar(other).map_or(Value::Null, Value::from),
        };
        metrics.push((name.to_owned(), value));
        // A token is the hub's word that it ran the evaluation; nobody has checked it here.
        if metric.child("verifyToken")?.is_some() {
            attributes.insert("verify-token".to_owned(), Value::from("present, not checked"));
        }
    }
    attributes.insert("confidence".to_owned(), Value::from("declared"));
    let name = match dataset.child("type")?.and_then(|it| scalar(it.value)) {
        Some(name) => name,
        None => dataset.text("name")?.to_owned(),
    };
    Ok(Outcome {
        dataset: name,
        revision: dataset.child("revision")?.and_then(|it| scalar(it.value)),
        place: dataset.path,
        attributes,
        metrics,
    })
}

impl Outcome {
    /// Its measures as the model's; one that another result has already is told with its data's name.
    pub(super) fn describe(&self, attributes: &mut Attributes) {
        for (name, value) in &self.metrics {
            let plain = format!("metric.{name}");
            let key = if attributes.contains_key(&plain) { format!("metric.{}.{name}", self.dataset) } else { plain };
            attributes.entry(key).or_insert_with(|| value.clone());
        }
    }

    /// What the model was measured on.
    pub(super) fn tell(mut self, id: &str, telling: &mut Teller<'_>) {
        let dataset = names::tell_dataset(&self.dataset, self.revision.as_deref(), &self.place, telling);
        self.attributes.extend(self.metrics.into_iter().map(|(name, value)| (format!("metric.{name}"), value)));
        telling.link_with(id, Relation::EvaluatedOn, &dataset, None, self.attributes);
    }
}
