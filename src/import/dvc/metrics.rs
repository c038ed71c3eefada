//! Numbers in files of metrics and parameters, flattened to names with dots. It decides nothing about which files
//! those are.

use crate::import::json::strict_value;
use crate::import::yaml;
use crate::model::Attributes;
use serde_json::Value;

/// The most values of one file.
const MOST: usize = 500;
const DEEPEST: usize = 8;

/// The numbers of a file, under `metric.`.
pub(super) fn of_file(path: &str, text: &str) -> Result<Attributes, String> {
    let value = match path.rsplit('.').next() {
        Some("json") => strict_value(text)?,
        Some("yaml" | "yml") => yaml::value(text)?,
        _ => return Err("metrics are read from JSON and YAML".to_owned()),
    };
    let mut found = Attributes::new();
    flatten(&value, "metric", 0, &|value| value.is_number(), &mut found);
    Ok(found)
}

/// What stands in a mapping, name by name, under a word.
pub(super) fn flatten(
    value: &Value,
    name: &str,
    depth: usize,
    wanted: &dyn Fn(&Value) -> bool,
    found: &mut Attributes,
) {
    if found.len() >= MOST || depth > DEEPEST {
        return;
    }
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                flatten(value, &format!("{name}.{key}"), depth + 1, wanted, found);
            }
        }
        value if wanted(value) => drop(found.insert(name.to_owned(), value.clone())),
        _ => {}
    }
}
