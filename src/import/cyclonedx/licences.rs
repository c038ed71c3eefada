//! What a list of licences says, and what is wrong with it. It judges no licence.

use crate::import::bom::{Sink, list, text};
use serde_json::Value;

/// The licences under `licenses`, as ids, names or expressions; each doubt is said.
pub(super) fn read(value: &Value, path: &str, sink: &mut Sink<'_>) -> Vec<String> {
    let entries = list(value, "licenses");
    let expressions = entries.iter().filter(|entry| text(entry, "expression").is_some()).count();
    if expressions > 1 || expressions == 1 && entries.len() > 1 {
        sink.doubt(format!(
            "{path}/licenses: an expression stands beside other licences: expected one expression or a list of licences; all are kept"
        ));
    }
    let mut said = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let path = format!("{path}/licenses/{index}");
        let licence = entry.get("license").filter(|it| it.is_object());
        if let Some(expression) = text(entry, "expression") {
            if licence.is_some() {
                sink.doubt(format!("{path}: has an expression and a licence, expected one of them; both are kept"));
            }
            said.push(expression.to_owned());
        }
        let Some(licence) = licence else {
            if text(entry, "expression").is_none() {
                sink.doubt(format!("{path}: expected \"license\" or \"expression\"; no licence is taken"));
            }
            continue;
        };
        if let Some(id) = text(licence, "id").filter(|id| spdx::license_id(id).is_none()) {
            sink.doubt(format!(
                "{path}/license/id: \"{id}\" is not on the SPDX licence list: expected one of it, or \"name\"; it is kept as written"
            ));
        }
        match text(licence, "id").or_else(|| text(licence, "name")) {
            Some(name) => said.push(name.to_owned()),
            None => sink.doubt(format!("{path}/license: expected \"id\" or \"name\"; no licence is taken")),
        }
        let encoding = licence.get("text").and_then(|it| text(it, "encoding"));
        if let Some(other) = encoding.filter(|encoding| *encoding != "base64") {
            sink.doubt(format!(
                "{path}/license/text/encoding: found \"{other}\", expected base64; the text is kept in the record only"
            ));
        }
        for (index, property) in list(licence, "properties").iter().enumerate() {
            if text(property, "name").is_none() {
                sink.doubt(format!("{path}/license/properties/{index}: \"name\" is a required property"));
            }
        }
    }
    said
}
