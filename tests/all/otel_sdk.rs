//! What OpenTelemetry's own SDK sends: read from protobuf, plain and compressed, as from JSON. The SDK is in a
//! virtual environment that `.ci/run` makes; without one this says so and is skipped.

use crate::import_otel_dialects::said;
use crate::import_streams::import;
use crate::support::{Workspace, skipped};
use std::process::Command;

#[test]
fn the_sdk_of_opentelemetry_says_the_same_in_protobuf_and_in_json() {
    let Some(python) = std::env::var_os("LASTGOOD_OTEL_PYTHON") else {
        return skipped("traces of the OpenTelemetry SDK", "LASTGOOD_OTEL_PYTHON names no Python that has it");
    };
    let folder = tempfile::tempdir().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/producers/otel_sdk.py");
    let ran = Command::new(&python).arg(script).arg(folder.path()).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let read = |name: &str| import(std::fs::File::open(folder.path().join(name)).unwrap()).unwrap();
    let (protobuf, json) = (read("traces.pb"), read("traces.json"));
    assert_eq!(protobuf.framing.as_str(), "protobuf");
    assert_eq!(said(&protobuf, "traces.pb"), said(&json, "traces.json"));
    let written: serde_json::Value = serde_json::from_slice(&protobuf.records[0].0.content).unwrap();
    let wanted: serde_json::Value = serde_json::from_slice(&json.records[0].0.content).unwrap();
    assert_eq!(written, wanted, "nothing is lost in writing it out");
    assert!(said(&read("logs.pb"), "logs.pb").iter().any(|claim| claim.contains("grounded")));

    let workspace = Workspace::new();
    let report = workspace.run(&["--json", "import", folder.path().to_str().unwrap()]).answered().json();
    assert_eq!(report["formats"], serde_json::json!({ "otel": 4 }), "{report}");
    let failed = workspace.run(&["--json", "find", "order_status"]).answered().json();
    assert!(failed["rows"].to_string().contains("execute_tool order_status"), "{failed}");
}
