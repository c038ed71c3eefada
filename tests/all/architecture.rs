//! Keeps the layers, the ownership of crates and the shape of files as the design has them.
//!
//! It reads the source as text and compiles nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const CEILING: usize = 400;

/// module, what it may use of the others.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("proof", &["model"]),
    ("config", &["model"]),
    ("connector", &["model", "config"]),
    ("import", &["model", "proof"]),
    ("store", &["model", "proof"]),
    ("graph", &["model"]),
    ("investigate", &["model", "graph"]),
    ("demo", &["model"]),
    ("engine", &["model", "proof", "config", "connector", "import", "store", "graph", "investigate", "demo"]),
    ("report", &["model", "investigate"]),
    ("serve", &["model", "proof", "engine"]),
    ("cli", &["model", "config", "engine", "report", "investigate", "serve", "tui"]),
    ("tui", &["model", "config", "engine", "report", "investigate", "graph"]),
];

/// crate, the only modules that may name it. A module of a layer is named with its path: of the connectors,
/// only the one for databases of other programs speaks to SQLite.
const OWNED: &[(&str, &[&str])] = &[
    ("cel", &["model"]),
    ("sha2", &["proof"]),
    ("aws_lc_rs", &["proof"]),
    ("directories", &["config"]),
    ("rusqlite", &["store", "connector/database"]),
    ("memmap2", &["graph"]),
    ("reqwest", &["connector"]),
    ("gix_hash", &["connector"]),
    ("gix_object", &["connector"]),
    ("gix_odb", &["connector"]),
    ("fuzzy_matcher", &["investigate"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("comfy_table", &["report"]),
    ("ratatui", &["tui"]),
    ("crossterm", &["tui"]),
    ("tui_tree_widget", &["tui"]),
    ("axum", &["serve"]),
    ("hyper", &["serve"]),
    ("hyper_util", &["serve"]),
    ("tokio", &["tui", "engine", "connector", "serve", "main"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(below: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![below.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn layer(path: &Path) -> String {
    let relative = path.strip_prefix(root().join("src")).unwrap();
    let first = relative.iter().next().unwrap().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The code without its test module and without comments.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    body.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line }).collect::<Vec<_>>().join("\n")
}

/// Names behind `crate::`, with `use crate::{a, b::c}` taken apart.
fn uses(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with('$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut word = String::new();
            let mut at_start = true;
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => at_start = true,
                    c if c.is_alphanumeric() || c == '_' => {
                        if at_start && depth == 1 {
                            word.push(c);
                        }
                        continue;
                    }
                    _ => {}
                }
                if !word.is_empty() {
                    found.insert(std::mem::take(&mut word));
                    at_start = c == ',';
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

#[test]
fn layers_use_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("src")) {
        let layer = layer(&path);
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == layer) else {
            assert!(["lib", "main"].contains(&layer.as_str()), "{} is in no layer of the table", path.display());
            continue;
        };
        for used in uses(&code(&std::fs::read_to_string(&path).unwrap())) {
            if used != layer && MAY_USE.iter().any(|(name, _)| *name == used) && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses crate::{used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_uses_takes_lists_apart() {
    let code = "use crate::{model::{Kind, Time}, store, graph::walk};\nlet x = crate::proof::digest();";
    assert_eq!(uses(code).into_iter().collect::<Vec<_>>(), ["graph", "model", "proof", "store"]);
}

#[test]
fn each_crate_is_named_only_where_it_is_owned() {
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("src")) {
        let module = path.strip_prefix(root().join("src")).unwrap().with_extension("");
        let code = code(&std::fs::read_to_string(&path).unwrap());
        for (name, owners) in OWNED {
            let named = code.contains(&format!("{name}::")) || code.contains(&format!("use {name};"));
            if named && !owners.iter().any(|owner| module.starts_with(owner)) {
                wrong.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for_and_stays_readable() {
    let mut wrong = Vec::new();
    let files = rust_files(&root().join("src")).into_iter().chain(rust_files(&root().join("tests")));
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        if !text.starts_with("//!") {
            wrong.push(format!("{} does not open with //!", path.display()));
        }
        let lines = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(&text).lines().count();
        if path.starts_with(root().join("src")) && lines > CEILING {
            wrong.push(format!("{} has {lines} lines: more than {CEILING} is usually two ideas", path.display()));
        }
        for banned in ["utils", "common", "helpers", "manager", "types"] {
            if path.file_stem().is_some_and(|stem| stem == banned) || path.iter().any(|part| part == banned) {
                wrong.push(format!("{} is named {banned}, which names nothing", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn unsafe_code_lives_only_where_the_index_is_mapped() {
    for path in rust_files(&root().join("src")) {
        let code = code(&std::fs::read_to_string(&path).unwrap());
        assert!(!code.contains("unsafe {") || path.ends_with("graph/map.rs"), "{} holds unsafe code", path.display());
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let listed = std::fs::read_to_string(root().join("tests/all/main.rs")).unwrap();
    for entry in std::fs::read_dir(root().join("tests/all")).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let is_module = path.is_dir() || path.extension().is_some_and(|e| e == "rs");
        assert!(
            stem == "main" || !is_module || listed.contains(&format!("mod {stem};")),
            "tests/all/main.rs does not list {stem}"
        );
    }
}

#[test]
fn the_top_level_holds_only_what_was_agreed() {
    let agreed = ["Cargo.toml", "Cargo.lock", "LICENSE", "README.md", "src", "assets", "tests", "target"];
    for entry in std::fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(name.starts_with('.') || agreed.contains(&name.as_str()), "{name} lies at the top level");
    }
}
