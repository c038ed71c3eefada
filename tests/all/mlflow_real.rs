//! Stores that MLflow itself made, of its second and its third generation, and what lastgood makes of them. CI
//! names the interpreters that have MLflow; elsewhere this skips, and says so.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::support::{Workspace, skipped};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// The workspace with an imported store, and the ids in it; nothing where there is no MLflow.
fn seeded(variable: &str, store: &str) -> Option<(Workspace, Value)> {
    let Some(python) = std::env::var_os(variable) else {
        skipped(&format!("a store made by MLflow ({store})"), &format!("{variable} names no interpreter that has it"));
        return None;
    };
    let work = Workspace::new();
    let place = work.path().join(store);
    let uri =
        if store.ends_with(".db") { format!("sqlite:///{}", place.display()) } else { place.display().to_string() };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mlflow/seed.py");
    let made = Command::new(python)
        .arg(script)
        .arg(&uri)
        .env("MLFLOW_ALLOW_FILE_STORE", "true")
        .current_dir(work.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&made.stdout).into_owned();
    let ids: Value = serde_json::from_str(told.lines().last().unwrap_or_default())
        .unwrap_or_else(|error| panic!("{error}: {told}{}", String::from_utf8_lossy(&made.stderr)));
    let said = work.run(&["import", "--json", &place.display().to_string()]).answered().json();
    assert_eq!((said["format"].as_str(), said["quarantined_count"].as_u64()), (Some("mlflow"), Some(0)), "{said}");
    // Another time it is all known.
    let again = work.run(&["import", "--json", &place.display().to_string()]).answered().json();
    assert_eq!(again["records"], 0, "{again}");
    assert_eq!(again["already_known"], said["records"], "{again}");
    Some((work, ids))
}

/// `relation id` of everything an artefact depends on.
fn upstream(work: &Workspace, id: &str) -> Vec<String> {
    let tree = work.run(&["tree", "--up", "--depth", "1", "--json", id]).answered().json();
    let rows = tree["rows"].as_array().unwrap().iter().filter(|row| row["depth"] == 1);
    let mut found: Vec<String> =
        rows.map(|row| format!("{} {}", row["relation"].as_str().unwrap(), row["id"].as_str().unwrap())).collect();
    found.sort();
    found
}

fn id_of(work: &Workspace, query: &str) -> String {
    let found = work.run(&["find", "--json", query]).answered().json();
    found["rows"][0]["id"].as_str().unwrap().to_owned()
}

fn show(work: &Workspace, id: &str) -> String {
    work.run(&["show", id]).answered().out
}

fn holds(all: &[String], wanted: &[String]) {
    for one in wanted {
        assert!(all.contains(one), "{one} is not among {all:#?}");
    }
}

/// What both generations have: runs, their data and code, versions and what points at them.
fn tracked_and_registered(work: &Workspace, ids: &Value) -> String {
    let of = |key: &str| ids[key].as_str().unwrap();
    let version = id_of(work, "models:/fraud-scorer/2");
    let scope = version.split('/').nth(1).unwrap().to_owned();
    let run = format!("run:mlflow/{}", of("run"));
    holds(
        &upstream(work, &run),
        &[
            format!("child-of run:mlflow/{}", of("parent")),
            "built-from code:git:0123456789abcdef0123456789abcdef01234567".to_owned(),
            format!("used dataset:mlflow/{scope}/loans@{}", of("digest")),
            format!("instance-of job:mlflow/{scope}/train.py"),
            format!("runs-as identity:mlflow/{scope}/user/ada"),
        ],
    );
    let shown = show(work, &run);
    for wanted in ["param.max_depth", "metric.loss", "0.2", "FINISHED"] {
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
    assert!(show(work, &format!("run:mlflow/{}", of("gone"))).contains("deleted"));
    holds(
        &upstream(work, &version),
        &[format!("produced-by {run}"), format!("version-of model:mlflow/{scope}/fraud-scorer")],
    );
    let shown = show(work, &version);
    assert!(shown.contains("approved") && shown.contains("user/d.weiss"), "{shown}");
    let alias = format!("deployment:mlflow/{scope}/fraud-scorer/alias/champion");
    holds(&upstream(work, &alias), &[format!("deploys {version}")]);
    assert!(show(work, &format!("model:mlflow/{scope}/fraud-scorer")).contains("high"));
    scope
}

fn of_the_third(work: &Workspace, ids: &Value) {
    let scope = tracked_and_registered(work, ids);
    let of = |key: &str| ids[key].as_str().unwrap();
    let version = id_of(work, "models:/fraud-scorer/2");
    let base = format!("model-version:mlflow/{}", of("base"));
    let digest = of("digest");
    holds(
        &upstream(work, &version),
        &[format!("fine-tuned-from {base}"), format!("trained-on dataset:mlflow/{scope}/loans@{digest}")],
    );
    // A logged model that was registered once is that version.
    assert!(show(work, &version).contains(&format!("model-version:mlflow/{}", of("model"))));
    let prompt = show(work, &format!("prompt:mlflow/{scope}/triage@1"));
    assert!(prompt.contains("Classify: {{ticket}}"), "{prompt}");
    let trace = of("trace").trim_start_matches("tr-");
    let steps = work.run(&["find", "--json", &format!("kind:step {trace}")]).answered().out;
    for wanted in ["\"desk\"", "\"lookup\"", "/result"] {
        assert!(steps.contains(wanted), "{wanted}: {steps}");
    }
    let asked = work.run(&["impact", "--json", &format!("identity:mlflow/{scope}/user/u-7")]).answered().out;
    assert!(asked.contains(&format!("step:otel/{trace}/")), "{asked}");
    let agent = id_of(work, "kind:agent desk");
    assert!(upstream(work, &agent).iter().any(|it| it.ends_with("/lookup")), "{agent}");
    let steps: Value = serde_json::from_str(&steps).unwrap();
    let desk = |row: &&Value| row["name"] == "desk" && row["id"].as_str().unwrap().matches('/').count() == 2;
    let root = steps["rows"].as_array().unwrap().iter().find(desk).unwrap()["id"].as_str().unwrap();
    let shown = show(work, root);
    let said = |scope: &str| shown.lines().find(|line| line.contains(scope) && line.contains("user/p.novak")).unwrap();
    assert!(said("correct").contains("fail") && said("queue").contains("info"), "{shown}");
}

#[test]
fn a_database_of_the_third_generation_is_what_mlflow_put_into_it() {
    if let Some((work, ids)) = seeded("LASTGOOD_MLFLOW_3", "mlflow.db") {
        of_the_third(&work, &ids);
    }
}

#[test]
fn a_folder_of_the_third_generation_is_what_mlflow_put_into_it() {
    if let Some((work, ids)) = seeded("LASTGOOD_MLFLOW_3", "mlruns") {
        of_the_third(&work, &ids);
    }
}

#[test]
fn a_database_of_the_second_generation_is_what_mlflow_put_into_it() {
    if let Some((work, ids)) = seeded("LASTGOOD_MLFLOW_2", "mlflow.db") {
        tracked_and_registered(&work, &ids);
    }
}

#[test]
fn a_folder_of_the_second_generation_is_what_mlflow_put_into_it() {
    if let Some((work, ids)) = seeded("LASTGOOD_MLFLOW_2", "mlruns") {
        tracked_and_registered(&work, &ids);
    }
}
