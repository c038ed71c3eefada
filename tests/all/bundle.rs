//! `export --to bundle` and `verify` on what it wrote, as two people meet them: one who has the ledger, and one who has
//! nothing but the file, a key and perhaps a checkpoint.

use crate::support::bundles::can_ask_python;
use crate::support::{Said, Workspace, said, skipped};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

const STORY: &str = r#"{"type":"artefact","id":"deployment:scorer/prod","kind":"deployment","owner":"team:serving"}
{"type":"artefact","id":"model-version:scorer@41","kind":"model-version","digests":["sha256:aa"]}
{"type":"link","from":"deployment:scorer/prod","to":"model-version:scorer@41","relation":"deploys","since":"2026-11-18T09:00:00Z"}
{"type":"link","from":"model-version:scorer@41","to":"dataset:labels@17","relation":"trained-on","since":"2026-11-17T09:00:00Z"}
"#;
const LABELS: &str = r#"{"type":"artefact","id":"dataset:labels@17","kind":"dataset","owner":"team:data"}
"#;
const ELSEWHERE: &str = r#"{"type":"artefact","id":"dataset:elsewhere","kind":"dataset","owner":"team:other"}
"#;
const APPROVAL: &str = r#"{"type":"evidence","about":"model-version:scorer@41","kind":"approval","scope":"model-risk-review","by":"person:h.moreau","at":"2026-11-17T10:00:00Z","verdict":"approved"}
"#;

/// A ledger of four records: one of them has nothing to do with the deployment.
fn story() -> Workspace {
    let workspace = Workspace::new();
    for lines in [STORY, LABELS, ELSEWHERE, APPROVAL] {
        workspace.import(lines);
    }
    workspace
}

fn key_of(workspace: &Workspace) -> String {
    workspace.run(&["--json", "stats"]).answered().json()["key"].as_str().unwrap().to_owned()
}

fn export(workspace: &Workspace, arguments: &[&str]) -> PathBuf {
    let file = workspace.path().join("evidence.bundle");
    let output = ["export", "--to", "bundle", "--force", "--output", file.to_str().unwrap()];
    workspace.run(&[&output, arguments].concat()).answered();
    file
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn records(file: &Path) -> Vec<u64> {
    lines(file).iter().filter_map(|line| line["record"].as_u64()).collect()
}

/// What somebody says who has the file and no ledger.
fn auditor(file: &Path, arguments: &[&str]) -> Said {
    Workspace::new().run(&[&["--json", "verify", file.to_str().unwrap()], arguments].concat())
}

fn verdict(said: &Said) -> String {
    said.json()["verdict"].as_str().unwrap().to_owned()
}

const WHICH_OPENSSL: &str = "import os, shutil; print(os.path.realpath(shutil.which('openssl')))";

/// The same from the script, with python3 and openssl and nothing else around it.
fn script(file: &Path, arguments: &[&str]) -> Said {
    let bare = tempfile::tempdir().unwrap();
    // what python3 on the path is may be a script that looks for the real one
    let finds = [("python3", "import os, sys; print(os.path.realpath(sys.executable))"), ("openssl", WHICH_OPENSSL)];
    for (program, find) in finds {
        let found = Command::new("python3").args(["-c", find]).output().unwrap();
        let found = String::from_utf8(found.stdout).unwrap();
        std::os::unix::fs::symlink(found.trim(), bare.path().join(program)).unwrap();
    }
    let script = Workspace::new().run(&["verify", "--script"]).answered().out;
    let path = bare.path().join("verify_bundle.py");
    std::fs::write(&path, script).unwrap();
    let output = Command::new(bare.path().join("python3"))
        .env_clear()
        .env("PATH", bare.path())
        .current_dir(bare.path())
        .args(["-I", "-B", path.to_str().unwrap(), file.to_str().unwrap(), "--json"])
        .args(arguments)
        .output();
    said(output.unwrap())
}

/// Both verifiers, which must say the same.
fn both(file: &Path, arguments: &[&str]) -> String {
    let ours = auditor(file, arguments);
    if !can_ask_python() {
        skipped("the script of the recipe", "there is no python3 or no openssl");
        return verdict(&ours);
    }
    let theirs = script(file, arguments);
    assert_eq!((verdict(&ours), ours.exit), (verdict(&theirs), theirs.exit), "{ours:?} {theirs:?}");
    verdict(&ours)
}

#[test]
fn a_bundle_of_the_whole_ledger_verifies_elsewhere_by_key_and_kept_checkpoint() {
    let workspace = story();
    let (key, early) = (key_of(&workspace), workspace.run(&["checkpoint"]).answered().out);
    workspace.import(&ELSEWHERE.replace("elsewhere", "later"));
    let file = export(&workspace, &[]);
    assert_eq!(records(&file), [1, 2, 3, 4, 5]);
    assert_eq!(both(&file, &["--key", &key]), "unanchored");
    assert_eq!(both(&file, &["--key", &key, "--require-anchor"]), "unanchored");
    assert_eq!(auditor(&file, &["--key", &key, "--require-anchor"]).exit, Some(4));
    assert_eq!(both(&file, &[]), "inconclusive", "whom to trust does not come with the bundle");
    assert_eq!(both(&file, &["--key", &key_of(&story())]), "failed");
    assert_eq!(both(&file, &["--key", &key, "--origin", "lastgood/ffffffffffffffff"]), "failed");
    let kept = workspace.file("kept.checkpoint", early);
    let anchored = ["--key", key.as_str(), "--anchor", kept.to_str().unwrap()];
    assert_eq!(both(&file, &anchored), "anchored");
    let json = auditor(&file, &anchored).json();
    assert_eq!(
        (&json["anchored_to"], &json["records"], &json["bundle"]["about"]),
        (&4.into(), &5.into(), &"ledger".into())
    );
    // A checkpoint of later is not in it.
    workspace.import(&ELSEWHERE.replace("elsewhere", "last"));
    let later = workspace.file("later.checkpoint", workspace.run(&["checkpoint"]).answered().out);
    assert_eq!(both(&file, &["--key", &key, "--anchor", later.to_str().unwrap()]), "rolled-back");
}

#[test]
fn a_bundle_of_an_artefact_holds_what_is_behind_it_and_the_same_every_time() {
    let workspace = story();
    workspace.run(&["mark", "labels@17", "compromised", "--reason", "flipped"]).answered();
    let file = export(&workspace, &["scorer/prod"]);
    let held = records(&file);
    assert!(held.contains(&1) && held.contains(&2) && held.contains(&4) && held.contains(&5), "{held:?}");
    assert!(!held.contains(&3), "{held:?}");
    let head = lines(&file).remove(0);
    assert_eq!((&head["about"], &head["name"]), (&"artefact".into(), &"deployment:scorer/prod".into()));
    let statements: Vec<String> =
        lines(&file).iter().filter_map(|line| Some(line["statement"].as_str()?.to_owned())).collect();
    let says = |word: &str| statements.iter().any(|it| it.contains(word));
    assert!(says("trained-on") && says("\"approval\"") && says("flipped") && says("team:data"), "{statements:?}");
    assert_eq!(both(&file, &["--key", &key_of(&workspace)]), "unanchored");
    let before = std::fs::read(&file).unwrap();
    assert_eq!(std::fs::read(export(&workspace, &["scorer/prod"])).unwrap(), before);
    let piped = workspace.run(&["export", "--to", "bundle", "scorer/prod"]).answered();
    assert_eq!(piped.out.as_bytes(), before);
    assert!(piped.err.contains(&key_of(&workspace)), "{piped:?}");
    let again = workspace.run(&["export", "--to", "bundle", "--output", file.to_str().unwrap()]);
    assert!(again.exit == Some(2) && again.err.contains("is there already"), "{again:?}");
}

#[test]
fn a_bundle_of_a_case_holds_what_was_said_and_what_that_is_about() {
    let workspace = story();
    workspace.run(&["case", "new", "INC-1", "--title", "chargebacks"]).answered();
    workspace.run(&["impact", "labels@17", "--save", "reach"]).answered();
    workspace.run(&["case", "note", "confirmed on the phone"]).answered();
    workspace.run(&["mark", "labels@17", "suspect", "--reason", "a guess"]).answered();
    workspace.run(&["unmark", "labels@17", "--reason", "wrong"]).answered();
    let file = export(&workspace, &["--case", "INC-1"]);
    let text: Vec<String> =
        lines(&file).iter().filter_map(|line| Some(line["statement"].as_str()?.to_owned())).collect();
    for word in ["chargebacks", "reach", "confirmed on the phone", "a guess", "\"wrong\"", "team:data"] {
        assert!(text.iter().any(|it| it.contains(word)), "{word} is not there: {text:?}");
    }
    assert!(!text.iter().any(|it| it.contains("elsewhere")), "{text:?}");
    assert_eq!(both(&file, &["--key", &key_of(&workspace)]), "unanchored");
    let none = workspace.run(&["export", "--to", "bundle", "--case", "INC-2"]);
    assert_eq!(none.exit, Some(1), "{none:?}");
}

#[test]
fn what_was_erased_is_told_in_every_bundle_and_both_verify_it() {
    let workspace = story();
    let (key, before) = (key_of(&workspace), workspace.run(&["checkpoint"]).answered().out);
    let earlier = workspace.file("earlier.bundle", std::fs::read(export(&workspace, &["scorer/prod"])).unwrap());
    workspace.run(&["redact", "3", "--reason", "a \"name\" – twice"]).answered();
    let kept = workspace.file("kept.checkpoint", before);
    for about in [vec![], vec!["scorer/prod"]] {
        let file = export(&workspace, &about);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("dataset:elsewhere"));
        assert_eq!(both(&file, &["--key", &key, "--anchor", kept.to_str().unwrap()]), "anchored");
        let json = auditor(&file, &["--key", &key]).json();
        let told = json["erased"][0].as_str().unwrap().to_owned();
        assert!(told.starts_with("record 3, by person:tester") && told.ends_with("a \"name\" – twice"), "{told}");
        if can_ask_python() {
            assert_eq!(script(&file, &["--key", &key]).json()["redacted"][0]["record"], 3);
        }
    }
    // What was handed over before still verifies, against what is signed now as well.
    assert_eq!(both(&earlier, &["--key", &key, "--anchor", kept.to_str().unwrap()]), "anchored");
}

#[test]
fn a_claim_that_its_record_does_not_say_fails_even_when_the_key_sealed_it() {
    let workspace = story();
    let file = export(&workspace, &["scorer/prod"]);
    let text = std::fs::read_to_string(&file).unwrap();
    let key = crate::support::bundles::seed_of(workspace.path(), &key_of(&workspace));
    let told = |text: &str| {
        let mut lines: Vec<Vec<u8>> = text.split_inclusive('\n').map(|line| line.as_bytes().to_vec()).collect();
        lines.pop();
        let forged = workspace.file("forged.bundle", crate::support::bundles::sealed(&lines, &key));
        auditor(&forged, &["--key", &key_of(&workspace)]).json()
    };
    assert_eq!(told(&text)["verdict"], "unanchored");
    let forged = told(&text.replacen(r#"\"owner\":\"team:serving\""#, r#"\"owner\":\"team:nobody\""#, 1));
    assert_eq!(forged["verdict"], "failed");
    assert!(
        forged["first_bad"]["what"].as_str().unwrap().contains("claim 1.1 is not what the record says"),
        "{forged}"
    );
}

#[test]
fn every_cut_of_a_bundle_and_every_other_file_is_a_verdict_or_a_plain_error() {
    let workspace = story();
    let (file, key) = (export(&workspace, &[]), key_of(&workspace));
    let whole = std::fs::read(&file).unwrap();
    for cut in [11, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        let said = auditor(&workspace.file("cut", &whole[..cut]), &["--key", &key]);
        assert_eq!((verdict(&said).as_str(), said.exit), ("failed", Some(4)), "{cut}: {said:?}");
    }
    let bad = auditor(&file, &["--key", "nonsense"]);
    assert_eq!(bad.exit, Some(2), "{bad:?}");
}

#[test]
fn on_the_machine_that_has_the_key_a_bundle_is_held_to_it_unasked() {
    let workspace = story();
    let file = export(&workspace, &[]);
    let text = workspace.run(&["verify", file.to_str().unwrap()]).answered().out;
    assert!(text.starts_with("unanchored") && text.contains("holds    4 of the records"), "{text}");
    // Without the key there is nothing to seal with.
    for seed in std::fs::read_dir(crate::support::bundles::folder_of_keys(workspace.path())).unwrap().flatten() {
        if seed.file_name().to_string_lossy().ends_with(".seed") {
            std::fs::remove_file(seed.path()).unwrap();
        }
    }
    let refused = workspace.run(&["export", "--to", "bundle"]);
    assert!(refused.exit == Some(2) && refused.err.contains("signing key"), "{refused:?}");
}

#[test]
fn the_recipe_is_printed_and_is_one_page() {
    let workspace = Workspace::new();
    let recipe = workspace.run(&["verify", "--recipe"]).answered().out;
    assert!(recipe.contains("verify_bundle.py") && recipe.lines().count() <= 66, "{}", recipe.lines().count());
    let script = workspace.run(&["verify", "--script"]).answered().out;
    assert!(script.starts_with("#!/usr/bin/env python3") && script.lines().count() < 530);
}
