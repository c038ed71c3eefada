//! A repository that the real dvc and gto made over three commits, held against what they themselves say of it. CI
//! names the interpreter beside which they are; elsewhere this skips, and says so.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::support::{Workspace, skipped};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

/// The workspace with the repository imported, and what dvc and gto say.
fn made() -> Option<(Workspace, Value)> {
    let Some(python) = std::env::var_os("LASTGOOD_DVC_PYTHON") else {
        skipped("a repository made by dvc and gto", "LASTGOOD_DVC_PYTHON names no interpreter beside which they are");
        return None;
    };
    let work = Workspace::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/producers/dvc_gto.py");
    let place = work.path().join("made/real");
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    let made = Command::new(python).arg(script).arg(&place).output().unwrap();
    let told = String::from_utf8_lossy(&made.stdout).into_owned();
    let said: Value = serde_json::from_str(told.lines().last().unwrap_or_default())
        .unwrap_or_else(|error| panic!("{error}: {told}{}", String::from_utf8_lossy(&made.stderr)));
    // The history alone: a copy without the files that lie there.
    let bare = work.path().join("real.git");
    let cloned = Command::new("git").args(["clone", "-q", "--bare"]).args([&place, &bare]).output().unwrap();
    assert!(cloned.status.success(), "{cloned:?}");
    let address = ["remote", "set-url", "origin", "https://github.com/acme/real.git"];
    let set = Command::new("git").arg("-C").arg(&bare).args(address).output().unwrap();
    assert!(set.status.success(), "{set:?}");
    let report = work.run(&["--json", "import", bare.to_str().unwrap()]).answered().json();
    assert_eq!((report["format"].as_str(), report["quarantined_count"].as_u64()), (Some("git"), Some(0)), "{report}");
    assert_eq!(report["warnings_count"], 0, "{report}");
    Some((work, said))
}

fn show(work: &Workspace, id: &str) -> Value {
    work.run(&["--json", "show", id]).answered().json()
}

/// The run of the stage at a commit, as the ledger has it.
fn run(work: &Workspace, commit: &str) -> Value {
    let found = work.run(&["--json", "find", "kind:run", commit]).answered().json();
    let rows = found["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"].as_str().unwrap().ends_with(&format!("{commit}#train"))).unwrap();
    show(work, row["id"].as_str().unwrap())
}

/// Numbers by their dotted names.
fn flat(value: &Value, name: &str, found: &mut BTreeMap<String, f64>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, inner)| flat(inner, &format!("{name}.{key}"), found)),
        Value::Number(number) => drop(found.insert(name.to_owned(), number.as_f64().unwrap())),
        _ => {}
    }
}

fn ends(shown: &Value, list: &str, relation: &str, end: &str) -> Vec<String> {
    let rows = shown[list].as_array().unwrap().iter().filter(|row| row["relation"] == relation);
    rows.map(|row| row[end].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_dvc_and_gto_say_of_their_own_repository_is_what_was_read() {
    let Some((work, said)) = made() else { return };
    let commits: Vec<&str> = said["commits"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(commits.len(), 3);
    let exported = work.run(&["export", "--to", "lineage"]).answered().out;
    let stated: Vec<Value> = exported.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for (at, commit) in commits.iter().enumerate() {
        let run = run(&work, commit);
        // What the data is at that commit.
        let state = &said["states"][at]["outs"];
        let (data, model) = (state["data.csv"].as_str().unwrap(), state["model.bin"].as_str().unwrap());
        assert!(ends(&run, "upstream", "used", "to").contains(&format!("dvcmd5:{data}")), "{run}");
        assert!(ends(&run, "downstream", "produced-by", "from").contains(&format!("dvcmd5:{model}")), "{run}");
        assert!(ends(&run, "upstream", "built-from", "to").contains(&format!("git:{commit}")), "{run}");
        // What was measured, whichever way the file is written.
        let mut wanted = BTreeMap::new();
        for (file, metrics) in said["metrics"][commit].as_object().unwrap() {
            flat(&metrics["data"], &format!("{file}: metric"), &mut wanted);
        }
        let mut measured = BTreeMap::new();
        let about = &run["rows"][0]["id"];
        for row in stated.iter().filter(|row| row["kind"] == "evaluation" && row["about"] == *about) {
            for (key, value) in row["attributes"].as_object().unwrap() {
                measured.insert(format!("{}: {key}", row["scope"].as_str().unwrap()), value.as_f64().unwrap());
            }
        }
        assert_eq!(measured, wanted, "{commit}");
        assert_eq!(wanted.len(), 3, "{said}");
        // What it was run with, by the differences that dvc sees.
        let differences = if at == 0 { &said["params"][0] } else { &said["params"][at - 1] };
        for (file, params) in differences.as_object().unwrap() {
            for (name, values) in params.as_object().unwrap() {
                let key = if file == "params.yaml" { format!("param.{name}") } else { format!("param.{file}.{name}") };
                let wanted = if at == 0 { &values["old"] } else { &values["new"] };
                assert_eq!(run["attributes"][&key].as_f64(), wanted.as_f64(), "{commit} {key}: {run}");
            }
        }
    }

    // Each event of the registry, by its tag: who, when, at which commit, and what became of it.
    let history = said["history"].as_array().unwrap();
    assert_eq!(history.len(), 8, "{said}");
    for event in history {
        let text = |key: &str| event[key].as_str().unwrap_or_default();
        let code = show(&work, &format!("git:{}", text("commit")));
        let rows = code["evidence"].as_array().unwrap();
        let tag = rows.iter().find(|row| row["kind"] == "tag" && row["scope"] == text("ref"));
        let tag = tag.unwrap_or_else(|| panic!("{}: {code}", text("ref")));
        let at = text("timestamp").replace("+00:00", "Z");
        assert_eq!((tag["by"].as_str(), tag["at"].as_str()), (Some("mailto:ada@example.org"), Some(at.as_str())));
        let version = show(&work, &format!("model-version:github.com/acme/real/scorer@{}", text("version")));
        let (kind, verdict) = match text("event") {
            "registration" => ("registration", "registered"),
            "deregistration" => ("registration", "deregistered"),
            "assignment" => ("promotion", "assigned"),
            "unassignment" => ("promotion", "unassigned"),
            other => panic!("{other}"),
        };
        let told = version["evidence"].as_array().unwrap().iter().any(|row| {
            row["kind"] == kind && row["verdict"] == verdict && row["at"] == at.as_str() && {
                kind == "registration" || row["scope"] == text("stage")
            }
        });
        assert!(told, "{}: {version}", text("ref"));
    }
    // What stands in which stage now.
    let stages = said["show"]["scorer"]["stage"].as_object().unwrap();
    assert_eq!(stages.keys().collect::<Vec<_>>(), ["prod"]);
    let version = show(&work, "model-version:github.com/acme/real/scorer@v1.1.0");
    let id = version["rows"][0]["id"].as_str().unwrap().to_owned();
    for stage in ["prod", "dev"] {
        let site = show(&work, &format!("deployment:github.com/acme/real/scorer#{stage}"));
        let open = site["upstream"].as_array().unwrap().iter();
        let open: Vec<&Value> =
            open.filter(|row| row["relation"] == "deploys" && row["until"].is_null()).map(|row| &row["to"]).collect();
        let wanted = if stages.contains_key(stage) { vec![id.as_str()] } else { Vec::new() };
        assert_eq!(open, wanted, "{stage}: {site}");
    }
}
