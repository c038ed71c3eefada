//! The command line as a person types it: exit codes, `--json`, errors. It draws no console.

use crate::support::Workspace;
use serde_json::json;

const STORY: &str = r#"{"type":"artefact","id":"dataset:labels@2026-11-17","kind":"dataset","name":"labels","version":"2026-11-17","at":"2026-11-17T02:00:00Z","owner":"team:data"}
{"type":"artefact","id":"model-version:scorer@41","kind":"model-version","at":"2026-11-17T20:00:00Z","owner":"team:risk"}
{"type":"artefact","id":"deployment:scorer/prod","kind":"deployment","environment":"prod","owner":"team:serving"}
{"type":"link","from":"model-version:scorer@41","to":"dataset:labels@2026-11-17","relation":"trained-on","since":"2026-11-17T20:00:00Z"}
{"type":"link","from":"deployment:scorer/prod","to":"model-version:scorer@41","relation":"deploys","since":"2026-11-18T09:00:00Z"}
{"type":"link","from":"model-version:scorer@41","to":"model-version:base@3","relation":"fine-tuned-from"}
"#;

fn story() -> Workspace {
    let workspace = Workspace::new();
    workspace.import(STORY);
    workspace
}

#[test]
fn an_import_says_what_it_did_and_doing_it_again_adds_nothing() {
    let workspace = Workspace::new();
    let file = workspace.file("story.lineage.jsonl", STORY);
    let file = file.to_str().unwrap();
    let first = workspace.run(&["--json", "import", file]).answered().json();
    assert_eq!(first["schema"], "lastgood/import/1");
    assert_eq!((&first["artefacts"], &first["links"], &first["already_known"]), (&json!(3), &json!(3), &json!(0)));
    assert_eq!(first["format"], "lineage");
    let again = workspace.run(&["--json", "import", file]).answered().json();
    assert_eq!((&again["records"], &again["already_known"]), (&json!(0), &json!(1)));
    assert_eq!(first["ledger"]["root"], again["ledger"]["root"]);
}

#[test]
fn every_question_answers_in_the_one_envelope() {
    let workspace = story();
    for (command, schema) in [
        (vec!["find", "scorer"], "lastgood/find/1"),
        (vec!["show", "scorer@41"], "lastgood/show/1"),
        (vec!["tree", "deployment:scorer/prod"], "lastgood/tree/1"),
        (vec!["path", "deployment:scorer/prod", "dataset:labels@2026-11-17"], "lastgood/path/1"),
        (vec!["impact", "dataset:labels@2026-11-17"], "lastgood/impact/1"),
        (vec!["source", "list"], "lastgood/source-list/1"),
    ] {
        let said = workspace.run(&[&["--json"], &command[..]].concat()).answered();
        let answer = said.json();
        assert_eq!(answer["schema"], schema);
        assert_eq!(answer["ledger"]["records"], 1, "{schema}");
        assert!(answer["completeness"]["at_least"].is_u64(), "{schema}");
        assert!(answer["rows"].as_array().is_some_and(|rows| !rows.is_empty()), "{schema}");
        let words = workspace.run(&command).answered();
        assert!(!words.out.is_empty() && words.out.is_ascii() == words.out.is_ascii());
    }
}

#[test]
fn an_impact_names_what_is_hit_by_which_way() {
    let answer = story().run(&["--json", "impact", "labels@2026-11-17"]).answered().json();
    let rows = answer["rows"].as_array().unwrap();
    assert_eq!(rows[0]["id"], "deployment:scorer/prod");
    assert_eq!(rows[0]["distance"], 2);
    assert_eq!(
        rows[0]["path"],
        json!(["dataset:labels@2026-11-17", "model-version:scorer@41", "deployment:scorer/prod"])
    );
    assert_eq!(rows.len(), 2);
}

#[test]
fn nothing_found_is_a_no_and_an_ambiguity_is_listed_not_guessed() {
    let workspace = story();
    let nothing = workspace.run(&["show", "no-such-thing"]);
    assert_eq!(nothing.exit, Some(1), "{nothing:?}");
    assert!(nothing.err.contains("no-such-thing"), "{nothing:?}");
    let several = workspace.run(&["show", "score"]);
    assert_eq!(several.exit, Some(2), "{several:?}");
    assert!(several.err.contains("deployment:scorer/prod") && several.err.contains("model-version:scorer@41"));
    assert_eq!(workspace.run(&["find", "zzzzzz"]).exit, Some(1));
}

#[test]
fn a_ledger_that_is_not_there_is_said_with_what_to_do() {
    let said = Workspace::new().run(&["find", "x"]);
    assert_eq!(said.exit, Some(1));
    assert!(said.err.contains("lastgood demo"), "{said:?}");
}

#[test]
fn a_mark_is_kept_in_the_log_and_can_be_taken_back() {
    let workspace = story();
    let mark = ["--json", "mark", "labels@2026-11-17", "compromised", "--reason", "poisoned", "--since", "2026-11-17"];
    let marked = workspace.run(&mark).answered().json();
    assert_eq!(marked["rows"][0]["mark"], "compromised");
    assert_eq!(marked["ledger"]["records"], 2);
    let shown = workspace.run(&["--json", "show", "labels@2026-11-17"]).answered().json();
    assert_eq!(shown["rows"][0]["marks"], json!(["compromised"]));
    workspace.run(&["unmark", "labels@2026-11-17", "--reason", "false alarm"]).answered();
    let holding = workspace.run(&["--json", "marks"]).answered().json();
    assert_eq!(holding["rows"], json!([]));
    let all = workspace.run(&["--json", "marks", "--all"]).answered().json();
    assert!(all["rows"][0]["retracted"]["reason"].as_str().is_some_and(|why| why.contains("false alarm")), "{all}");
    assert_eq!(workspace.run(&["unmark", "labels@2026-11-17", "--reason", "again"]).exit, Some(1));
}

#[test]
fn the_record_behind_a_claim_is_shown_word_for_word() {
    let workspace = story();
    let line = STORY.lines().nth(3).unwrap();
    let path = workspace.run(&["--json", "path", "scorer@41", "labels@2026-11-17"]).answered().json();
    let claim = path["rows"][0]["claim"].as_str().unwrap().to_owned();
    let record = workspace.run(&["--json", "record", &claim]).answered().json();
    assert_eq!(record["unit"], line);
    assert_eq!(record["line"], 4);
    assert!(workspace.run(&["record", &claim]).answered().out.contains(line));
    assert_eq!(workspace.run(&["record", "99.1"]).exit, Some(1));
}

#[test]
fn verify_says_unanchored_until_somebody_else_keeps_a_checkpoint() {
    let workspace = story();
    let verified = workspace.run(&["--json", "verify"]).answered().json();
    assert_eq!(verified["verdict"], "unanchored");
    assert_eq!(workspace.run(&["verify", "--require-anchor"]).exit, Some(4));
    let checkpoint = workspace.run(&["checkpoint"]).answered().out;
    let kept = workspace.file("kept.txt", checkpoint);
    let anchored = workspace.run(&["--json", "verify", "--anchor", kept.to_str().unwrap()]).answered().json();
    assert_eq!(anchored["verdict"], "anchored", "{anchored}");
}

#[test]
fn a_pasted_secret_finds_its_uses_and_is_kept_nowhere() {
    let workspace = Workspace::new();
    let secret = format!("sk_live_{}", "4eC39HqLyjWDarjtT1zdp7dc");
    workspace.import(&format!(
        "{}\n{}\n",
        json!({"type":"artefact","id":"agent:refunds@5","kind":"agent","at":"2026-11-16T00:00:00Z","attributes":{"env.API_KEY":secret}}),
        json!({"type":"link","from":"step:refund-1","to":"agent:refunds@5","relation":"caused-by","since":"2026-11-17T00:00:00Z"}),
    ));
    let said = workspace.run_with(&["--json", "impact", "--secret", "-"], format!("{secret}\n").as_bytes());
    let ids: Vec<String> = said.answered().json()["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(ids.contains(&"agent:refunds@5".to_owned()) && ids.contains(&"step:refund-1".to_owned()), "{ids:?}");
    assert_eq!(workspace.run_with(&["impact", "--secret", "-"], b"another-secret").exit, Some(1));
    for entry in std::fs::read_dir(workspace.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds the secret", path.display());
        }
    }
}

#[test]
fn what_cannot_be_read_is_quarantined_with_its_place_and_the_rest_is_kept() {
    let workspace = Workspace::new();
    let file = workspace.file("mixed.jsonl", format!("{STORY}{{\"type\":\"artefact\",\"kind\":\"run\"}}\nnot json\n"));
    let said = workspace.run(&["--json", "import", file.to_str().unwrap()]);
    assert_eq!(said.exit, Some(3), "{said:?}");
    let report = said.json();
    let quarantined = report["quarantined"].as_array().unwrap();
    assert_eq!(quarantined.len(), 2, "{report}");
    assert!(quarantined[0]["where"].as_str().unwrap().contains("line 7"), "{report}");
    assert_eq!(report["artefacts"], 3);
    let strict = Workspace::new();
    let said = strict.run(&["import", "--strict", file.to_str().unwrap()]);
    assert_eq!(said.exit, Some(3), "{said:?}");
    let stats = strict.run(&["--json", "stats"]).answered().json();
    assert_eq!(stats["records"], 0);
}

#[test]
fn unknown_formats_are_named_for_what_they_look_like() {
    let workspace = Workspace::new();
    let file = workspace.file("x.json", r#"{"alpha":1,"beta":2}"#);
    let said = workspace.run(&["import", file.to_str().unwrap()]);
    assert_eq!(said.exit, Some(3), "{said:?}");
    assert!(said.err.contains("alpha") && said.err.contains("beta"), "{said:?}");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let workspace = story();
    let command = format!("'{}' find scorer | true", env!("CARGO_BIN_EXE_lastgood"));
    let output = std::process::Command::new("bash")
        .args(["-o", "pipefail", "-c", &command])
        .env("LASTGOOD_LEDGER", workspace.ledger())
        .env("HOME", workspace.path().join("home"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn as_of_asks_what_was_true_and_known_at_what_was_known() {
    let workspace = story();
    let before = workspace.run(&["--json", "impact", "labels@2026-11-17", "--as-of", "2026-11-17T21:00:00Z"]);
    let ids = before.answered().json()["rows"].clone();
    assert_eq!(ids.as_array().unwrap().len(), 1, "{ids}");
    let known = workspace.run(&["--json", "find", "scorer", "--known-at", "2026-11-01"]);
    assert_eq!(known.exit, Some(1), "{known:?}");
}

#[test]
fn the_console_without_a_terminal_says_what_to_do() {
    let said = story().run(&[]);
    assert_eq!(said.exit, Some(2));
    assert!(said.err.contains("terminal"), "{said:?}");
}

#[test]
fn help_completions_and_the_manual_are_made() {
    let workspace = Workspace::new();
    assert!(workspace.run(&["--help"]).answered().out.contains("impact"));
    assert!(workspace.run(&["import", "--help"]).answered().out.contains("openlineage"));
    assert!(workspace.run(&["completions", "bash"]).answered().out.contains("_lastgood"));
    assert!(workspace.run(&["man"]).answered().out.contains(".TH lastgood"));
    assert_eq!(workspace.run(&["no-such-command"]).exit, Some(2));
}

#[test]
fn a_link_that_was_taken_back_no_longer_counts() {
    let workspace = story();
    let before = workspace.run(&["--json", "impact", "labels@2026-11-17"]).answered().json();
    assert_eq!(before["rows"].as_array().map(Vec::len), Some(2));
    let retract = json!({"type":"retract","what":"1.4","by":"person:a","at":"2026-11-18T00:00:00Z","reason":"never trained on it"});
    workspace.import(&format!("{retract}\n"));
    let after = workspace.run(&["--json", "impact", "labels@2026-11-17"]).answered().json();
    assert_eq!(after["rows"], json!([]));
}

#[test]
fn a_file_cannot_take_back_an_investigators_mark() {
    let workspace = story();
    workspace.run(&["mark", "labels@2026-11-17", "compromised", "--reason", "poisoned"]).answered();
    let retract =
        json!({"type":"retract","what":"2.1","by":"vendor","at":"2026-11-18T00:00:00Z","reason":"all is well"});
    workspace.import(&format!("{retract}\n"));
    let marks = workspace.run(&["--json", "marks"]).answered().json();
    assert_eq!(marks["rows"][0]["mark"], "compromised", "{marks}");
}

#[test]
fn what_was_erased_is_not_answered_from_an_old_index() {
    let workspace = story();
    workspace.run(&["find", "scorer"]).answered();
    let index = workspace.path().join("test.lastgood.index");
    let old = std::fs::read(&index).unwrap();
    workspace.run(&["redact", "1", "--reason", "a name in it"]).answered();
    std::fs::write(&index, old).unwrap();
    assert_eq!(workspace.run(&["find", "scorer"]).exit, Some(1));
    assert_eq!(workspace.run(&["verify"]).exit, Some(0));
}

#[test]
fn a_secret_in_a_reason_or_a_name_is_kept_nowhere() {
    let workspace = story();
    let secret = format!("ghp_{}", "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5");
    let file = workspace.file("plain.jsonl", "{\"type\":\"artefact\",\"id\":\"dataset:y@1\",\"kind\":\"dataset\"}\n");
    let source = format!("feed {secret}");
    workspace.run(&["import", "--source", &source, file.to_str().unwrap()]).answered();
    workspace.run(&["mark", "labels@2026-11-17", "suspect", "--reason", &format!("see {secret}")]).answered();
    workspace.run(&["redact", "1", "--reason", &format!("held {secret}")]).answered();
    for name in ["test.lastgood", "test.lastgood-wal", "test.lastgood.index"] {
        let bytes = std::fs::read(workspace.path().join(name)).unwrap_or_default();
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{name} holds the secret");
    }
}
