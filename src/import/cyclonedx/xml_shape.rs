//! Where the XML of CycloneDX differs from its JSON: which elements wrap lists, which repeat without a
//! wrapper, and the few that are built otherwise. It reads no XML.

use serde_json::{Map, Value};

/// Lists of JSON whose elements XML wraps under these names.
pub(super) const LISTS: [&str; 66] = [
    "components",
    "services",
    "dependencies",
    "compositions",
    "vulnerabilities",
    "annotations",
    "formulation",
    "citations",
    "hashes",
    "licenses",
    "externalReferences",
    "properties",
    "authors",
    "lifecycles",
    "ancestors",
    "descendants",
    "variants",
    "commits",
    "patches",
    "resolves",
    "references",
    "datasets",
    "inputs",
    "outputs",
    "performanceMetrics",
    "users",
    "useCases",
    "technicalLimitations",
    "performanceTradeoffs",
    "ethicalConsiderations",
    "fairnessAssessments",
    "energyConsumptions",
    "endpoints",
    "workflows",
    "tasks",
    "steps",
    "commands",
    "taskTypes",
    "resourceReferences",
    "taskDependencies",
    "runtimeTopology",
    "workspaces",
    "assessors",
    "attestations",
    "claims",
    "counterClaims",
    "mitigationStrategies",
    "signatories",
    "standards",
    "requirements",
    "levels",
    "descriptions",
    "organizations",
    "ratings",
    "cwes",
    "advisories",
    "affects",
    "responses",
    "assemblies",
    "subjects",
    "pointers",
    "expressions",
    "custodians",
    "stewards",
    "owners",
    "tags",
];

/// Elements that JSON has as a list and XML repeats without a wrapper, by the parent's name.
pub(super) const REPEATED: [(&str, &str); 17] = [
    ("", "swhid"),
    ("", "omniborId"),
    ("claim", "evidence"),
    ("claim", "counterEvidence"),
    ("provider", "url"),
    ("organization", "url"),
    ("dependency", "dependsOn"),
    ("dependency", "provides"),
    ("energyConsumption", "energyProviders"),
    ("requirement", "openCre"),
    ("declarations", "evidence"),
    ("evidence", "data"),
    ("component", "data"),
    ("input", "environmentVars"),
    ("map", "claims"),
    ("attestation", "map"),
    ("citation", "pointers"),
];

/// A text, or a number where JSON has one.
pub(super) fn leaf(name: &str, text: &str) -> Value {
    match name {
        "score" | "cwe" | "energyProvided" => number(Value::from(text)),
        _ => Value::from(text),
    }
}

pub(super) fn number(value: Value) -> Value {
    let text = value.as_str().unwrap_or_default().trim();
    if let Ok(whole) = text.parse::<i64>() {
        return Value::from(whole);
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite()).map_or_else(|| value.clone(), Value::from)
}

/// `<dataflow><classification flow="…">` as JSON has it.
pub(super) fn flow(value: &mut Map<String, Value>) {
    if let Some(Value::Object(mut class)) = value.remove("classification") {
        if let Some(direction) = class.remove("flow") {
            value.insert("flow".to_owned(), direction);
        }
        if let Some(name) = class.remove("name") {
            value.insert("classification".to_owned(), name);
        }
    }
    for key in ["source", "destination"] {
        if let Some(Value::Object(end)) = value.get(key) {
            let urls = end.get("url").cloned().unwrap_or(Value::Null);
            value.insert(key.to_owned(), urls);
        }
    }
}

/// `<dependency ref><dependency ref/>…` as JSON has it: a list of references.
pub(super) fn dependency(value: &mut Map<String, Value>) {
    for (from, to) in [("dependency", "dependsOn"), ("provides", "provides")] {
        let several = match value.remove(from) {
            Some(Value::Array(several)) => several,
            Some(one) => vec![one],
            None => continue,
        };
        let references = several.into_iter().filter_map(|it| match it {
            Value::Object(object) => object.get("ref").cloned(),
            other => Some(other),
        });
        value.insert(to.to_owned(), references.collect());
    }
}

pub(super) fn is_wrapped(name: &str) -> bool {
    LISTS.contains(&name)
}

/// Lists of bare references.
pub(super) fn reference(list: &str) -> bool {
    matches!(list, "assemblies" | "dependencies" | "subjects" | "vulnerabilities")
}
