//! `verify` and what it guards, as a person at the command line meets them: forged caches, foreign
//! keys, lost peppers, damaged headers. The log itself is tampered with in `ledger_tamper`.

use crate::support::{Said, Workspace};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

const STORY: &str = r#"{"type":"artefact","id":"deployment:scorer/prod","kind":"deployment","owner":"team:serving"}
{"type":"link","from":"deployment:scorer/prod","to":"model-version:scorer@41","relation":"deploys","since":"2026-11-18T09:00:00Z"}
"#;

fn story() -> Workspace {
    let workspace = Workspace::new();
    workspace.import(STORY);
    workspace
}

fn index_of(workspace: &Workspace) -> PathBuf {
    workspace.path().join("test.lastgood.index")
}

/// Changes an id within an index as somebody would who knows its layout, checksums and all.
fn forge(index: &Path) {
    const HEADER: usize = 80;
    let mut bytes = std::fs::read(index).unwrap();
    let at = bytes.windows(12).position(|it| it == b":scorer/prod").unwrap();
    bytes[at + 8..at + 12].copy_from_slice(b"pruf");
    let number = |bytes: &[u8], at: usize| u64::from_ne_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
    let end = HEADER + 24 * number(&bytes, 16);
    for entry in (HEADER..end).step_by(24) {
        let (start, length) = (number(&bytes, entry), number(&bytes, entry + 8));
        let sum = u64::from(crc32fast::hash(&bytes[start..start + length]));
        bytes[entry + 16..entry + 24].copy_from_slice(&sum.to_ne_bytes());
    }
    let sum = u64::from(crc32fast::hash(&bytes[..end]));
    bytes[end..end + 8].copy_from_slice(&sum.to_ne_bytes());
    std::fs::write(index, bytes).unwrap();
}

fn verified(said: &Said) -> (String, String) {
    let json: Value = said.json();
    (json["verdict"].as_str().unwrap().to_owned(), json["notes"].to_string())
}

#[test]
fn a_forged_index_answers_nothing_and_verify_tells_of_it() {
    let workspace = story();
    let index = index_of(&workspace);
    let right = workspace.run(&["--json", "find", "scorer/prod"]).answered().out;
    forge(&index);
    assert_eq!(workspace.run(&["--json", "find", "scorer/prod"]).answered().out, right);
    let quiet = verified(&workspace.run(&["--json", "verify"]).answered());
    assert!(!quiet.1.contains("cached index") && index.exists(), "{quiet:?}");
    forge(&index);
    let told = verified(&workspace.run(&["--json", "verify"]).answered());
    assert_eq!(told.0, "unanchored");
    assert!(told.1.contains("the cached index beside it was not made from these claims; it was deleted"), "{told:?}");
    assert!(!index.exists());
}

#[test]
fn an_index_that_another_installation_sealed_is_not_taken_up() {
    let workspace = story();
    let right = workspace.run(&["--json", "find", "scorer/prod"]).answered().out;
    let index = index_of(&workspace);
    let sealed = std::fs::read(&index).unwrap();
    let key = find_file(workspace.path(), "index.key");
    std::fs::write(&key, "00".repeat(32)).unwrap();
    assert_eq!(workspace.run(&["--json", "find", "scorer/prod"]).answered().out, right);
    assert_ne!(std::fs::read(&index).unwrap(), sealed);
}

#[test]
fn a_pasted_secret_under_another_pepper_is_not_answered_with_no() {
    let workspace = story();
    let ask = || workspace.run_with(&["impact", "--secret", "-"], b"hunter2-hunter2");
    assert_eq!(ask().exit, Some(1));
    let pepper = find_file(workspace.path(), "pepper");
    let kept = std::fs::read(&pepper).unwrap();
    std::fs::remove_file(&pepper).unwrap();
    let lost = ask();
    assert!(lost.exit == Some(2) && lost.err.contains("cannot tell") && lost.err.contains("pepper id"), "{lost:?}");
    assert!(!pepper.exists(), "a question made a pepper");
    let file = workspace.file("more.lineage.jsonl", STORY.replace("scorer", "other"));
    assert_eq!(workspace.run(&["import", file.to_str().unwrap()]).exit, Some(2));
    assert!(!pepper.exists());
    let put = |bytes: &[u8]| {
        std::fs::write(&pepper, bytes).unwrap();
        std::fs::set_permissions(&pepper, std::fs::Permissions::from_mode(0o600)).unwrap();
    };
    put("07".repeat(32).as_bytes());
    let foreign = ask();
    assert!(foreign.exit == Some(2) && foreign.err.contains("holds "), "{foreign:?}");
    let before = workspace.run(&["--json", "verify"]).answered().json()["root"].clone();
    assert_eq!(workspace.run(&["import", file.to_str().unwrap()]).exit, Some(2));
    assert_eq!(workspace.run(&["--json", "verify"]).answered().json()["root"], before);
    put(&kept);
    assert_eq!(ask().exit, Some(1));
    workspace.run(&["import", file.to_str().unwrap()]).answered();
}

#[test]
fn a_key_of_another_ledger_proves_nothing_either_way() {
    let (workspace, other) = (story(), story());
    let key_of = |it: &Workspace| it.run(&["--json", "stats"]).answered().json()["key"].as_str().unwrap().to_owned();
    assert_eq!(verified(&workspace.run(&["--json", "verify", "--key", &key_of(&workspace)])).0, "unanchored");
    let foreign = workspace.run(&["--json", "verify", "--key", &key_of(&other)]);
    let told = verified(&foreign);
    assert_eq!((told.0.as_str(), foreign.exit), ("inconclusive", Some(4)));
    assert!(told.1.contains("this key is not for this ledger"), "{told:?}");
    let seed_of = |it: &Workspace| find_ending(it.path(), ".seed");
    std::fs::copy(seed_of(&other), seed_of(&workspace)).unwrap();
    let swapped = verified(&workspace.run(&["--json", "verify"]));
    assert!(swapped.0 == "inconclusive" && swapped.1.contains("this key is not for this ledger"), "{swapped:?}");
}

#[test]
fn a_key_that_others_can_read_verifies_all_the_same_with_a_note() {
    let workspace = story();
    let seed = find_ending(workspace.path(), ".seed");
    std::fs::set_permissions(seed, std::fs::Permissions::from_mode(0o644)).unwrap();
    let told = verified(&workspace.run(&["--json", "verify"]).answered());
    assert!(told.0 == "unanchored" && told.1.contains("chmod 600"), "{told:?}");
}

#[test]
fn our_own_kept_checkpoint_anchors_nothing_and_its_loss_is_told() {
    let workspace = story();
    let head = std::fs::read_dir(find_file(workspace.path(), "heads")).unwrap().next().unwrap().unwrap().path();
    let elsewhere = workspace.path().join("copy");
    std::os::unix::fs::symlink(&head, &elsewhere).unwrap();
    for ours in [&head, &elsewhere] {
        let told = verified(&workspace.run(&["--json", "verify", "--anchor", ours.to_str().unwrap()]).answered());
        assert!(told.0 == "unanchored" && told.1.contains("anchors nothing"), "{told:?}");
    }
    std::fs::remove_file(&head).unwrap();
    let json = workspace.run(&["--json", "verify"]).answered().json();
    assert_eq!(json["verdict"], "unanchored");
    assert!(json["notes"][0].as_str().unwrap().contains("the end may have been cut off"), "{json}");
    let warned =
        workspace.run_with(&["import", "-", "--source", "test"], STORY.replace("41", "42").as_bytes()).answered();
    assert!(warned.err.contains("the end may have been cut off"), "{warned:?}");
    assert!(head.exists());
}

#[test]
fn an_anchor_that_is_none_says_what_is_wrong_with_it() {
    let workspace = story();
    let note = workspace.run(&["checkpoint"]).answered().out;
    let verify = |anchor: &Path| workspace.run(&["--json", "verify", "--anchor", anchor.to_str().unwrap()]);
    let missing = verify(&workspace.path().join("nowhere"));
    assert!(missing.exit == Some(2) && missing.err.contains("nowhere"), "{missing:?}");
    for (bytes, why) in [
        (note.replace('\n', "\r\n").into_bytes(), "line endings were changed"),
        (vec![0, 255, 254, 10], "it is not text"),
    ] {
        let told = verified(&verify(&workspace.file("anchor", bytes)));
        assert!(told.0 == "inconclusive" && told.1.contains(why), "{told:?}");
    }
}

#[test]
fn a_damaged_header_is_a_verdict_and_not_a_wrong_usage() {
    let workspace = story();
    let whole = std::fs::read(workspace.ledger()).unwrap();
    let damaged = |at: usize, bytes: &[u8]| {
        let mut damaged = whole.clone();
        damaged[at..at + bytes.len()].copy_from_slice(bytes);
        damaged
    };
    let cases =
        [damaged(0, b"X"), damaged(60, &[0, 0, 0, 0]), damaged(60, &[0, 0, 0, 9]), damaged(68, b"none"), Vec::new()];
    for (case, bytes) in cases.into_iter().enumerate() {
        let file = workspace.file("damaged", bytes);
        let said = workspace.run(&["--json", "verify", file.to_str().unwrap()]);
        assert_eq!((verified(&said).0.as_str(), said.exit), ("failed", Some(4)), "case {case}: {said:?}");
        assert!(!said.out.contains("run `lastgood verify`"), "{said:?}");
    }
}

#[test]
fn what_is_in_quarantine_is_said_to_lie_outside_the_log() {
    let workspace = story();
    assert!(!verified(&workspace.run(&["--json", "verify"])).1.contains("quarantined"));
    let said = workspace.run_with(&["import", "-", "--source", "test"], format!("{STORY}{{\n").as_bytes());
    assert_eq!(said.exit, Some(3), "{said:?}");
    let told = verified(&workspace.run(&["--json", "verify"]).answered());
    assert!(told.1.contains("1 quarantined units are not covered by the log"), "{told:?}");
}

#[test]
fn redacting_while_somebody_reads_says_that_bytes_remain_and_finishes_later() {
    let workspace = story();
    let reader = rusqlite::Connection::open(workspace.ledger()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM record").unwrap();
    let redact = || workspace.run(&["--json", "redact", "1", "--reason", "a name"]);
    let first = redact();
    assert!(first.exit == Some(3) && first.err.contains("once the last reader has closed the ledger"), "{first:?}");
    assert_eq!(first.json()["erased"], false);
    drop(reader);
    assert_eq!(redact().answered().json()["erased"], true);
}

#[test]
fn two_first_imports_at_once_share_one_ledger() {
    let workspace = Workspace::new();
    std::thread::scope(|scope| {
        for number in 0..4 {
            let workspace = &workspace;
            scope.spawn(move || workspace.import(&STORY.replace("41", &number.to_string())));
        }
    });
    let json = workspace.run(&["--json", "verify"]).answered().json();
    assert_eq!((&json["verdict"], &json["records"]), (&"unanchored".into(), &4.into()));
}

#[test]
fn a_ledger_without_its_triggers_is_not_written_to() {
    let workspace = story();
    rusqlite::Connection::open(workspace.ledger()).unwrap().execute_batch("DROP TRIGGER record_no_update").unwrap();
    let refused = workspace.run_with(&["import", "-", "--source", "test"], STORY.replace("41", "42").as_bytes());
    assert!(refused.exit == Some(4) && refused.err.contains("record_no_update"), "{refused:?}");
}

#[test]
fn the_recipe_of_the_format_checks_a_ledger_without_us() {
    let python = |arguments: &[&std::ffi::OsStr]| std::process::Command::new("python3").args(arguments).output();
    if python(&["--version".as_ref()]).is_err() {
        crate::support::skipped("the recipe of FORMAT.md", "there is no python3");
        return;
    }
    let workspace = story();
    for number in 0..6 {
        workspace.import(&STORY.replace("41", &format!("4{number}")));
    }
    let said = workspace.run(&["--json", "redact", "2", "--reason", "a name"]);
    said.answered();
    let format = include_str!("../../assets/ledger/FORMAT.md");
    let recipe = format.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let script = workspace.file("check.py", recipe);
    let stats = workspace.run(&["--json", "stats"]).answered().json();
    let (key, ledger) = (stats["key"].as_str().unwrap(), workspace.ledger());
    let check = |key: &str| python(&[script.as_os_str(), ledger.as_os_str(), key.as_ref()]).unwrap();
    let checked = crate::support::said(check(key));
    assert!(checked.out.contains(stats["root"].as_str().unwrap()), "{checked:?}");
    let other = story().run(&["--json", "stats"]).answered().json();
    assert!(!check(other["key"].as_str().unwrap()).status.success());
    let forger = rusqlite::Connection::open(&ledger).unwrap();
    forger.execute_batch("DROP TRIGGER record_no_update; UPDATE record SET line = line + 1 WHERE seq = 3").unwrap();
    assert!(!check(key).status.success());
}

/// The file of that name somewhere below a folder.
fn find_file(folder: &Path, name: &str) -> PathBuf {
    find(folder, &|it| it == name)
}

fn find_ending(folder: &Path, ending: &str) -> PathBuf {
    find(folder, &|it| it.ends_with(ending))
}

fn find(folder: &Path, fits: &dyn Fn(&str) -> bool) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.file_name().and_then(|it| it.to_str()).is_some_and(fits) {
                return path;
            } else if path.is_dir() {
                folders.push(path);
            }
        }
    }
    panic!("it is not there");
}

#[test]
fn the_newest_checkpoint_is_kept_where_it_is_asked_for_and_never_over_another_history() {
    let (workspace, other) = (story(), story());
    let file = workspace.path().join("kept.checkpoint");
    let keep = |it: &Workspace, place: &str| it.run(&["checkpoint", "--to", place]);
    keep(&workspace, file.to_str().unwrap()).answered();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), workspace.run(&["checkpoint"]).answered().out);
    keep(&workspace, file.to_str().unwrap()).answered();
    let foreign = keep(&other, file.to_str().unwrap());
    assert!(foreign.exit == Some(2) && foreign.err.contains("keeps a checkpoint of the log"), "{foreign:?}");
    let precious = workspace.file("letter", "dear all");
    let refused = keep(&workspace, precious.to_str().unwrap());
    assert!(refused.exit == Some(2) && refused.err.contains("is no checkpoint"), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "dear all");
    let anchored = ["--json", "verify", "--anchor", file.to_str().unwrap()];
    assert_eq!(verified(&workspace.run(&anchored).answered()).0, "anchored");
}

#[test]
fn a_checkpoint_can_be_a_tag_in_a_repository_of_this_machine() {
    let git = |folder: &Path, arguments: &[&str]| {
        std::process::Command::new("git").arg("-C").arg(folder).args(arguments).output()
    };
    let workspace = story();
    let repository = workspace.path().join("audit.git");
    std::fs::create_dir(&repository).unwrap();
    if git(&repository, &["init", "--quiet", "--bare", "."]).is_err() {
        crate::support::skipped("checkpoints as tags", "there is no git");
        return;
    }
    let place = format!("git:{}", repository.display());
    workspace.run(&["checkpoint", "--to", &place]).answered();
    workspace.run(&["checkpoint", "--to", &place]).answered();
    let note = workspace.run(&["checkpoint"]).answered().out;
    let tag = format!("refs/tags/{}/1", note.lines().next().unwrap());
    let kept = git(&repository, &["cat-file", "blob", &tag]).unwrap();
    assert_eq!(String::from_utf8(kept.stdout).unwrap(), note);
    // a tag that says something else is not moved
    let blob = git(&repository, &["rev-parse", &tag]).unwrap().stdout;
    let other =
        std::process::Command::new("git").arg("-C").arg(&repository).args(["hash-object", "-w", "/dev/null"]).output();
    let other = String::from_utf8(other.unwrap().stdout).unwrap();
    assert!(git(&repository, &["update-ref", &tag, other.trim()]).unwrap().status.success() && !blob.is_empty());
    let refused = workspace.run(&["checkpoint", "--to", &place]);
    assert!(refused.exit == Some(2) && refused.err.contains("keeps another history"), "{refused:?}");
    let nowhere = workspace.run(&["checkpoint", "--to", "git:/nowhere"]);
    assert_eq!(nowhere.exit, Some(2), "{nowhere:?}");
}

#[test]
fn settings_keep_the_checkpoint_whenever_a_command_is_left_and_every_answer_says_how_far_it_is_anchored() {
    let workspace = story();
    let answer = |it: &Workspace| it.run(&["find", "scorer/prod"]).answered().out;
    assert!(answer(&workspace).trim_end().ends_with("unanchored"), "{}", answer(&workspace));
    assert_eq!(workspace.run(&["--json", "find", "scorer/prod"]).answered().json()["ledger"]["anchored_to"], 0);
    let settings = workspace.path().join("home/.config/lastgood/config.toml");
    let kept = workspace.path().join("kept.checkpoint");
    std::fs::write(&settings, format!("checkpoint-to = [{kept:?}]\nanchors = [{kept:?}]\n")).unwrap();
    workspace.run(&["find", "scorer/prod"]).answered();
    let first = std::fs::read_to_string(&kept).unwrap();
    assert!(answer(&workspace).trim_end().ends_with("anchored up to record 1"), "{}", answer(&workspace));
    workspace.import(&STORY.replace("41", "42"));
    assert_ne!(std::fs::read_to_string(&kept).unwrap(), first);
    let markdown = workspace.run(&["--markdown", "find", "scorer/prod"]).answered().out;
    assert!(markdown.trim_end().ends_with("anchored up to record 2"), "{markdown}");
    // a place that takes nothing is told, and the answer stands
    std::fs::write(&settings, "checkpoint-to = [\"/nowhere/kept\"]\n").unwrap();
    let told = workspace.run(&["find", "scorer/prod"]).answered();
    assert!(told.err.contains("not kept everywhere") && told.err.contains("/nowhere/kept"), "{told:?}");
}

#[test]
fn what_was_erased_is_in_no_file_any_more_and_who_did_it_and_why_is_shown() {
    let workspace = story();
    // random text does not pack, so its bytes would be seen in a page
    let noise: String = (0..200u32).map(|n| format!("{:08x}", n.wrapping_mul(2_654_435_761))).collect();
    workspace.import(&STORY.replace("41", &format!("41-jane-doe-{noise}")));
    let answer = workspace.run(&["find", "jane-doe"]).answered().out;
    assert!(answer.contains("jane-doe"));
    let holding = |word: &[u8]| {
        let mut folders = vec![workspace.path().to_owned()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if std::fs::read(&path).unwrap().windows(word.len()).any(|it| it == word) {
                    found.push(path);
                }
            }
        }
        found
    };
    assert!(!holding(b"jane-doe").is_empty());
    workspace.run(&["redact", "2", "--reason", "asked for by the person"]).answered();
    for word in [&b"jane-doe"[..], &noise.as_bytes()[400..440]] {
        assert_eq!(holding(word), Vec::<PathBuf>::new());
    }
    let shown = workspace.run(&["record", "2"]).answered().out;
    assert!(shown.contains("erased") && shown.contains("person:tester") && shown.contains("asked for by the person"));
    assert_eq!(verified(&workspace.run(&["--json", "verify"])).0, "unanchored");
}
