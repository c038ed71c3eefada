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
        Some("toml") => of_toml(text)?,
        _ => return Err("metrics are read from JSON, YAML and TOML".to_owned()),
    };
    let mut found = Attributes::new();
    flatten(&value, "metric", 0, &|value| value.is_number(), &mut found);
    Ok(found)
}

/// A file of TOML as a value; its moments are texts.
pub(super) fn of_toml(text: &str) -> Result<Value, String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    Ok(plain(toml::Value::Table(table)))
}

fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(truth) => Value::from(truth),
        toml::Value::Datetime(moment) => Value::from(moment.to_string()),
        toml::Value::Array(list) => Value::Array(list.into_iter().map(plain).collect()),
        toml::Value::Table(table) => Value::Object(table.into_iter().map(|(key, value)| (key, plain(value))).collect()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_have_one_name_however_the_file_is_written() {
        let wanted = json!({"metric.auc": 0.91, "metric.train.loss": 0.25, "metric.train.rows": 3});
        for (path, text) in [
            ("m.json", "{\"auc\": 0.91, \"train\": {\"loss\": 0.25, \"rows\": 3, \"by\": \"x\"}}"),
            ("m.yaml", "auc: 0.91\ntrain:\n  loss: 0.25\n  rows: 3\n"),
            ("m.toml", "auc = 0.91\nat = 2026-11-18T09:00:00Z\n[train]\nloss = 0.25\nrows = 3\nby = 'x'\n"),
        ] {
            assert_eq!(json!(of_file(path, text).unwrap()), wanted, "{path}");
        }
        assert!(of_file("m.toml", "auc = ").is_err() && of_file("m.txt", "1").is_err());
    }
}
