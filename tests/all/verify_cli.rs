//! `verify` and what it guards, as a person at the command line meets them: forged caches, foreign
//! keys, lost peppers, damaged headers. The log itself is tampered with in `ledger_tamper`.

use crate::support::{Said, Workspace};
use serde_json::Value;
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

/// The file of that name somewhere below a folder.
fn find_file(folder: &Path, name: &str) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|it| it == name) {
                return path;
            }
        }
    }
    panic!("no {name}");
}
