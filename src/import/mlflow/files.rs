//! A store of files, as it was gathered: the texts of one folder brought to the shape of a REST answer, in
//! which states are words, and a run's inputs hold their datasets. It tells nothing itself.

use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, scalar};
use crate::import::yaml;
use serde_json::{Map, Value, json};

/// What a folder holds, under the key of its kind.
pub(super) fn document(folder: &Node<'_>, telling: &mut Teller<'_>) -> Result<Value, Fault> {
    let kinds: [(&str, Shape); 6] = [
        ("experiment", experiment),
        ("run", run),
        ("model", model),
        ("registered_model", registered),
        ("model_version", experiment),
        ("trace", trace),
    ];
    for (kind, shape) in kinds {
        if let Some(node) = folder.child(kind)? {
            for fault in node.list("faults")? {
                telling.doubt(fault.as_text()?);
            }
            let read = shape(&Files { node: &node }, telling)?;
            return Ok(json!({ kind: read }));
        }
    }
    Err("/folder: expected one of experiment, run, model, registered_model, model_version, trace".to_owned())
}

/// What a YAML file of a store holds.
type Yaml = Map<String, Value>;

type Shape = fn(&Files<'_>, &mut Teller<'_>) -> Result<Value, Fault>;

/// The small files of one folder.
struct Files<'n> {
    node: &'n Node<'n>,
}

impl Files<'_> {
    /// The YAML that a file holds.
    fn yaml(&self, name: &str) -> Result<Yaml, Fault> {
        let text = self.node.required(name)?;
        parsed(text.as_text()?, name)
    }

    /// What stands under a name as texts, each by its own.
    fn map(&self, name: &str) -> Value {
        self.node.value.get(name).filter(|map| map.is_object()).cloned().unwrap_or_else(|| json!({}))
    }

    fn texts(&self, name: &str) -> Result<Vec<(String, Yaml)>, Fault> {
        let read =
            |(key, text): (&str, Node<'_>)| Ok((key.to_owned(), parsed(text.as_text()?, &format!("{name}/{key}"))?));
        self.node.entries(name)?.into_iter().map(read).collect()
    }

    /// The same where one that cannot be read costs no other.
    fn readable(&self, name: &str, telling: &mut Teller<'_>) -> Vec<(String, Yaml)> {
        let mut found = Vec::new();
        for (key, text) in self.node.entries(name).unwrap_or_default() {
            let read = text.as_text().and_then(|text| parsed(text, &format!("{name}/{key}")));
            found.extend(telling.attempt(read).map(|read| (key.to_owned(), read)));
        }
        found
    }
}

fn parsed(text: &str, place: &str) -> Result<Yaml, Fault> {
    match yaml::value(text).map_err(|error| format!("{place}: {error}"))? {
        Value::Object(map) => Ok(map),
        other => Err(format!("{place}: expected a mapping, found {}", super::super::node::word(&other))),
    }
}

/// What is described by one file and its tags.
fn experiment(files: &Files<'_>, _: &mut Teller<'_>) -> Result<Value, Fault> {
    let mut meta = files.yaml("meta.yaml")?;
    meta.insert("tags".to_owned(), files.map("tags"));
    Ok(Value::Object(meta))
}

fn registered(files: &Files<'_>, telling: &mut Teller<'_>) -> Result<Value, Fault> {
    let read = experiment(files, telling)?;
    let Value::Object(mut meta) = read else { return Ok(read) };
    let mut aliases = Map::new();
    if let Some(Value::Object(described)) = meta.get("aliases") {
        aliases.extend(described.clone());
    }
    // The files count: a server that was stopped between the two wrote them first.
    if let Value::Object(written) = files.map("aliases") {
        let trimmed = written.into_iter().filter_map(|(alias, to)| Some((alias, scalar(&to)?.trim().into())));
        aliases.extend(trimmed);
    }
    meta.insert("aliases".to_owned(), Value::Object(aliases));
    Ok(Value::Object(meta))
}

fn data(files: &Files<'_>) -> Value {
    let metrics = files.node.value.get("metrics").cloned().unwrap_or_else(|| json!([]));
    json!({"params": files.map("params"), "metrics": metrics})
}

fn model(files: &Files<'_>, _: &mut Teller<'_>) -> Result<Value, Fault> {
    let mut info = files.yaml("meta.yaml")?;
    if let Some(location) = info.remove("artifact_location") {
        info.insert("artifact_uri".to_owned(), location);
    }
    info.insert("tags".to_owned(), files.map("tags"));
    Ok(json!({"info": info, "data": data(files)}))
}

fn run(files: &Files<'_>, telling: &mut Teller<'_>) -> Result<Value, Fault> {
    let info = files.yaml("meta.yaml")?;
    if !["run_id", "run_uuid"].iter().any(|key| info.get(*key).is_some_and(|id| !id.is_null())) {
        return Err("meta.yaml: no run_id: found a folder of a run without one, expected 32 hexadecimal digits; the folder is left out".to_owned());
    }
    let mut data = data(files);
    if let Value::Object(data) = &mut data {
        data.insert("tags".to_owned(), files.map("tags"));
    }
    let datasets: Map<String, Value> =
        files.readable("datasets", telling).into_iter().map(|(id, read)| (id, Value::Object(read))).collect();
    let (mut dataset_inputs, mut model_inputs, mut model_outputs) = (Vec::new(), Vec::new(), Vec::new());
    for (name, input) in files.readable("inputs", telling) {
        let text = |key: &str| input.get(key).and_then(Value::as_str);
        match (text("source_type"), text("source_id")) {
            (Some("DATASET"), Some(id)) => match datasets.get(id) {
                Some(dataset) => {
                    let tags = input.get("tags").filter(|tags| tags.is_object()).cloned();
                    dataset_inputs.push(json!({"tags": tags.unwrap_or_else(|| json!({})), "dataset": dataset}));
                }
                None => telling.doubt(format!(
                    "inputs/{name}/meta.yaml: dataset {id} is not in the store; which data it was is not known"
                )),
            },
            (_, Some(id)) if id.starts_with("m-") => model_inputs.push(json!({"model_id": id})),
            _ => telling.doubt(format!(
                "inputs/{name}/meta.yaml: neither a dataset nor a model; it is kept in the record only"
            )),
        }
    }
    // The source of an output is written as the model too, so that the run is known by the folder alone.
    for (_, output) in files.readable("outputs", telling) {
        if let Some(id) = ["destination_id", "source_id"].iter().find_map(|key| output.get(*key)?.as_str()) {
            model_outputs.push(json!({"model_id": id, "step": output.get("step")}));
        }
    }
    Ok(json!({
        "info": info,
        "data": data,
        "inputs": {"dataset_inputs": dataset_inputs, "model_inputs": model_inputs},
        "outputs": {"model_outputs": model_outputs},
    }))
}

fn trace(files: &Files<'_>, telling: &mut Teller<'_>) -> Result<Value, Fault> {
    let mut info = files.yaml("trace_info.yaml")?;
    info.insert("tags".to_owned(), files.map("tags"));
    info.insert("trace_metadata".to_owned(), files.map("request_metadata"));
    let assessments = files.texts("assessments")?.into_iter().map(|(_, read)| Value::Object(read)).collect();
    info.insert("assessments".to_owned(), Value::Array(assessments));
    let mut spans = Value::Null;
    if let Some(text) = files.node.child("traces.json")? {
        let read = text.as_text().and_then(|text| {
            super::super::json::strict_value(text).map_err(|error| format!("artifacts/traces.json: {error}"))
        });
        spans = telling.attempt(read).and_then(|read| read.get("spans").cloned()).unwrap_or_default();
    }
    Ok(json!({"trace_info": info, "spans": spans}))
}
