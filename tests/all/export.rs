//! Exports through the binary: what is exported as native lineage or OpenLineage comes to the same lineage in another
//! ledger, and a bill of materials is what the official schema allows.

use crate::support::hostile::{extract, strings};
use crate::support::{Workspace, skipped};
use lastgood::report::export;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

fn demo() -> Workspace {
    let place = Workspace::new();
    for name in ["platform", "registry", "lake", "agents"] {
        let file = format!("{}/assets/demo/{name}.lineage.jsonl", env!("CARGO_MANIFEST_DIR"));
        if std::path::Path::new(&file).exists() {
            place.run(&["import", &file]).answered();
        }
    }
    place
}

/// The statements of a whole ledger.
fn lines(place: &Workspace) -> BTreeSet<String> {
    place.run(&["export", "--to", "lineage"]).answered().out.lines().map(str::to_owned).collect()
}

fn links(lines: &BTreeSet<String>) -> BTreeSet<(String, String, String)> {
    let parsed = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |it: &Value, field: &str| it[field].as_str().unwrap().to_owned();
    parsed
        .filter(|it| it["type"] == "link")
        .map(|it| (text(&it, "from"), text(&it, "relation"), text(&it, "to")))
        .collect()
}

fn counts(place: &Workspace) -> [Value; 3] {
    let stats = place.run(&["--json", "stats"]).answered().json();
    ["artefacts", "links", "evidence"].map(|field| stats[field].clone())
}

#[test]
fn native_lineage_comes_to_the_same_in_another_ledger() {
    let (a, b) = (demo(), Workspace::new());
    let said = lines(&a);
    assert!(said.len() > 100, "{}", said.len());
    b.import(&said.iter().map(|line| format!("{line}\n")).collect::<String>());
    assert_eq!(lines(&b), said);
    assert_eq!(counts(&b), counts(&a));
}

const EVENTS: &str = r#"{"eventType":"COMPLETE","eventTime":"2026-11-17T01:00:00Z","producer":"https://p.example","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent","run":{"runId":"0190d5f1-0000-7000-8000-000000000001"},"job":{"namespace":"airflow","name":"daily"},"inputs":[],"outputs":[]}
{"eventType":"COMPLETE","eventTime":"2026-11-17T02:00:00Z","producer":"https://p.example","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent","run":{"runId":"0190d5f1-0000-7000-8000-000000000002","facets":{"parent":{"_producer":"https://p.example","_schemaURL":"https://openlineage.io/spec/facets/1-1-0/ParentRunFacet.json#/$defs/ParentRunFacet","run":{"runId":"0190d5f1-0000-7000-8000-000000000001"},"job":{"namespace":"airflow","name":"daily"}}}},"job":{"namespace":"airflow","name":"daily.load"},"inputs":[{"namespace":"s3://lake","name":"raw/a"},{"namespace":"s3://lake","name":"raw/b","facets":{"version":{"_producer":"https://p.example","_schemaURL":"https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet","datasetVersion":"7"}}}],"outputs":[{"namespace":"s3://lake","name":"clean/a","facets":{"version":{"_producer":"https://p.example","_schemaURL":"https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet","datasetVersion":"2026-11-17"}}}]}
{"eventTime":"2026-11-17T03:00:00Z","producer":"https://p.example","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent","dataset":{"namespace":"s3://lake","name":"alone"}}
{"eventTime":"2026-11-17T03:00:00Z","producer":"https://p.example","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent","job":{"namespace":"airflow","name":"never-run"}}
"#;

#[test]
fn openlineage_comes_to_the_same_lineage_in_another_ledger() {
    let (a, b) = (Workspace::new(), Workspace::new());
    let file = a.file("events.ndjson", EVENTS);
    a.run(&["import", file.to_str().unwrap()]).answered();
    let exported = a.run(&["export", "--to", "openlineage"]).answered();
    let file = b.file("events.ndjson", &exported.out);
    b.run(&["import", file.to_str().unwrap()]).answered();
    let ids = |place: &Workspace| -> BTreeSet<String> {
        let parsed = lines(place).into_iter().map(|line| serde_json::from_str::<Value>(&line).unwrap());
        parsed.filter(|it| it["type"] == "artefact").map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(links(&lines(&b)), links(&lines(&a)));
    assert_eq!(ids(&b), ids(&a));
    assert!(links(&lines(&a)).len() >= 6);
    assert!(!exported.err.contains("links that OpenLineage has no place for"), "{}", exported.err);
}

#[test]
fn what_openlineage_cannot_carry_is_said_and_nothing_is_made_up() {
    let (a, b) = (demo(), Workspace::new());
    let exported = a.run(&["export", "--to", "openlineage"]).answered();
    assert!(exported.err.contains("no place for") && exported.err.contains("trained-on"), "{}", exported.err);
    let file = b.file("events.ndjson", &exported.out);
    b.run(&["import", file.to_str().unwrap()]).answered();
    let had = links(&lines(&a));
    // a dataset that had no namespace gets one; what it hangs on is the same
    let bare = |(from, relation, to): &(String, String, String)| {
        let bare = |id: &str| id.replacen(":lastgood/", ":", 1);
        (bare(from), relation.clone(), bare(to))
    };
    let made_up: Vec<_> = links(&lines(&b)).iter().map(bare).filter(|link| !had.contains(link)).collect();
    assert!(
        made_up.iter().all(|(_, relation, _)| matches!(relation.as_str(), "version-of" | "owned-by")),
        "{made_up:?}"
    );
}

#[test]
fn an_export_of_one_artefact_holds_what_it_rests_on_and_says_what_was_cut() {
    let place = demo();
    let whole = place.run(&["export", "model-version:fraud-scorer@42", "--to", "dot"]).answered();
    assert!(whole.out.contains("vendor-labels") && !whole.out.contains("deployment"), "{}", whole.out);
    let down = place.run(&["export", "model-version:fraud-scorer@42", "--to", "dot", "--down"]).answered();
    assert!(down.out.contains("deployment"));
    let cut = place.run(&["export", "model-version:fraud-scorer@42", "--to", "dot", "--limit", "3"]);
    assert_eq!(cut.exit, Some(3), "{cut:?}");
    assert!(cut.err.contains("beyond --limit 3"), "{cut:?}");
    assert_eq!(cut.out.matches("tooltip=").count(), 3);
    let refused = place.run(&["export", "--to", "dot", "--output", "no/such/x.dot"]);
    assert_eq!(refused.exit, Some(2), "{refused:?}");
}

#[test]
fn a_bill_of_materials_is_what_the_official_schema_allows() {
    let place = demo();
    place.run(&["mark", "dataset:vendor-labels@2026-11-17", "compromised", "--reason", "x"]).answered();
    let model = ["export", "model-version:fraud-scorer@42", "--to", "cyclonedx", "--output", "model.json"];
    place.run(&model).answered();
    place.run(&["export", "--to", "cyclonedx", "--output", "whole.json"]).answered();
    let hostile: Vec<String> = strings(3_000, "http://127.0.0.1:9/x").into_iter().step_by(7).collect();
    place.file("hostile.json", export::cyclonedx(&extract(&hostile)).text);
    let bom: Value = serde_json::from_slice(&std::fs::read(place.path().join("model.json")).unwrap()).unwrap();
    assert_eq!(bom["metadata"]["component"]["type"], "machine-learning-model");
    let data = &bom["metadata"]["component"]["modelCard"]["modelParameters"]["datasets"];
    assert!(data.to_string().contains("dataset:vendor-labels@2026-11-17"), "{data}");
    let Some(python) = std::env::var_os("LASTGOOD_CYCLONEDX_PYTHON") else {
        return skipped(
            "CycloneDX against its schema",
            "LASTGOOD_CYCLONEDX_PYTHON names no Python with cyclonedx-python-lib[validation]",
        );
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/producers/cyclonedx_valid.py");
    let wrong = place
        .file("wrong.json", r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[{"type":"x"}]}"#);
    let valid = |file: &std::path::Path| Command::new(&python).arg(script).arg(file).output().unwrap();
    assert!(!valid(&wrong).status.success(), "the validator tells wrong from right");
    for name in ["model.json", "whole.json", "hostile.json"] {
        let said = valid(&place.path().join(name));
        assert!(said.status.success(), "{name}: {}", String::from_utf8_lossy(&said.stdout));
    }
}
