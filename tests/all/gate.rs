//! The gate as a step of a pipeline: what it leaves alone, what CI systems read of it, and a candidate judged without
//! any ledger. What it asks is shown by scenarios.

use crate::support::Workspace;
use serde_json::Value;

const CANDIDATE: &str = r#"{"type":"artefact","id":"model-version:x@43","kind":"model-version","risk":"high","owner":"team:a","digests":["sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}
{"type":"link","from":"model-version:x@43","to":"dataset:d@1","relation":"trained-on"}
{"type":"evidence","about":"model-version:x@43","kind":"evaluation","scope":"holdout <&\"]]>","at":"2026-11-18T00:00:00Z","by":"team:a","verdict":"fail"}
"#;

/// Every file of the workspace with its bytes, but the index, which is a cache.
fn bytes(place: &Workspace) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let (mut open, mut found) = (vec![place.path().to_owned()], Vec::new());
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if !["index", "lastgood-shm"].iter().any(|end| path.extension().is_some_and(|it| it == *end)) {
            found.push((path.clone(), std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_candidate_beside_the_ledger_is_judged_and_not_one_byte_is_written() {
    let place = Workspace::new();
    place.import(r#"{"type":"artefact","id":"dataset:d@1","kind":"dataset"}"#);
    place.file("candidate.jsonl", CANDIDATE);
    let before = bytes(&place);
    let said = place.run(&["--json", "gate", "model-version:x@43", "--for", "prod", "--with", "candidate.jsonl"]);
    assert_eq!(said.exit, Some(1), "{said:?}");
    let answer = said.json();
    assert_eq!(answer["verdict"], "deny");
    let failed = answer["rows"].as_array().unwrap().iter().find(|row| row["requirement"] == "evaluation").unwrap();
    assert_eq!(failed["state"], "failed");
    assert_eq!(failed["claim"], "candidate.jsonl#3", "its evidence is named by its file");
    assert_eq!(bytes(&place), before);
    assert_eq!(place.run(&["show", "model-version:x@43"]).exit, Some(1), "nothing of it was imported");
}

#[test]
fn without_any_ledger_files_alone_are_judged_and_nothing_stays() {
    let place = Workspace::new();
    place.file("candidate.jsonl", CANDIDATE);
    let said = place.run(&["--json", "gate", "model-version:x@43", "--with", "candidate.jsonl"]);
    assert_eq!(said.exit, Some(1), "{said:?}");
    assert!(said.json()["policy"]["sha256"].as_str().is_some_and(|sha| sha.len() == 64));
    let left: Vec<_> = bytes(&place).into_iter().map(|(path, _)| path).collect();
    assert_eq!(left, [place.path().join("candidate.jsonl")]);
    let none = place.run(&["gate", "model-version:x@43"]);
    assert_eq!(none.exit, Some(1));
    assert!(none.err.contains("no ledger"), "{none:?}");
}

#[test]
fn sarif_and_junit_say_the_same_and_our_own_importers_read_them_back() {
    let place = Workspace::new();
    place.import(CANDIDATE);
    let gate = ["gate", "model-version:x@43", "--for", "prod"];
    let answer = place.run(&[&["--json"][..], &gate[..]].concat()).json();
    let rows = answer["rows"].as_array().unwrap().len();
    assert!(rows >= 3);
    let said = place.run(&[&gate[..], &["--sarif", "gate.sarif", "--junit", "gate.xml"][..]].concat());
    assert_eq!(said.exit, Some(1));
    let sarif: Value = serde_json::from_slice(&std::fs::read(place.path().join("gate.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), rows);
    let rules: Vec<&Value> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index], &result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
    }
    let mut ids: Vec<String> = results.iter().map(|it| it["ruleId"].to_string()).collect();
    ids.dedup();
    assert_eq!(ids.len(), rows, "each requirement once");
    let other = Workspace::new();
    for name in ["gate.sarif", "gate.xml"] {
        let text = std::fs::read(place.path().join(name)).unwrap();
        let file = other.file(name, text);
        let report = other.run(&["--json", "import", file.to_str().unwrap()]).answered().json();
        assert_eq!(report["quarantined_count"], 0, "{report}");
        assert!(report["evidence"].as_u64().unwrap() >= 1, "{report}");
    }
    let junit = std::fs::read_to_string(place.path().join("gate.xml")).unwrap();
    assert!(junit.contains(&format!("failures=\"{rows}\"")) && junit.contains("&lt;&amp;&quot;"), "{junit}");
    let piped = place.run(&[&gate[..], &["--sarif", "-"][..]].concat());
    assert_eq!((piped.exit, piped.out), (Some(1), std::fs::read_to_string(place.path().join("gate.sarif")).unwrap()));
}

#[test]
fn another_policy_judges_when_it_is_named_and_a_broken_one_is_refused_with_its_place() {
    let place = Workspace::new();
    place.import(CANDIDATE);
    let head = "name = 'lenient'\nversion = '3'\n[last-good]\napprovals = 0\napproval-scopes = []\nevaluations = 0\n\
                soak-hours = 0\ndigest = false\nclean-upstream = false\n[gate]\ndeny = []\nunasked = 'allow'\n";
    place.file("lenient.toml", head);
    let said = place.run(&["--json", "gate", "model-version:x@43", "--policy", "lenient.toml"]).answered();
    assert_eq!(said.json()["policy"]["name"], "lenient");
    place.file("broken.toml", format!("{head}[[require]]\nid = 'a'\nseverity = 'high'\nthat = 'ownr'\n"));
    let said = place.run(&["gate", "model-version:x@43", "--policy", "broken.toml"]);
    assert_eq!(said.exit, Some(2), "{said:?}");
    assert!(said.err.contains("broken.toml: line 16, column 8: ") && said.err.contains("\"ownr\""), "{said:?}");
}
