//! The README's parts that are made from the program itself, between markers, and what it points at.
//! It judges no prose; `UPDATE=1 cargo test readme` writes the parts anew.

use crate::scenario::words;
use crate::support::Workspace;
use lastgood::cli::{command_table, option_table};
use lastgood::engine::DEMO_LEAKED;
use lastgood::import::IMPORTERS;
use lastgood::tui::action::key_table;
use lastgood::tui::keymap::Keymap;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

fn formats() -> String {
    let mut out = String::from("| format | what it is | usual names |\n|---|---|---|\n");
    for format in IMPORTERS.iter().map(|importer| importer.format()) {
        let names: Vec<String> = format.extensions.iter().map(|name| format!("`*.{name}`")).collect();
        out.push_str(&format!("| `{}` | {} | {} |\n", format.name, format.about, names.join(" ")));
    }
    out
}

/// What stands between the markers of a part, and where.
fn part(text: &str, name: &str) -> std::ops::Range<usize> {
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
    let from = text.find(&begin).unwrap_or_else(|| panic!("README.md lacks {begin}")) + begin.len();
    let to = text.find(&end).unwrap_or_else(|| panic!("README.md lacks {end}"));
    from..to
}

#[test]
fn the_generated_parts_of_the_readme_are_up_to_date() {
    let mut text = readme();
    for (name, wanted) in
        [("keys", key_table()), ("commands", command_table()), ("options", option_table()), ("formats", formats())]
    {
        let range = part(&text, name);
        text.replace_range(range, &wanted);
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(root().join("README.md"), &text).unwrap();
    }
    assert!(text == readme(), "a generated part of README.md is out of date: UPDATE=1 cargo test readme writes it");
}

/// What stands in the fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    text.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_examples_of_the_readme_are_taken_as_they_are() {
    let text = readme();
    let native = blocks(&text, "json").concat();
    assert!(native.lines().count() >= 5, "{native}");
    Workspace::new().import(&native);
    let keymaps = blocks(&text, "toml");
    assert!(!keymaps.is_empty());
    for keymap in keymaps {
        Keymap::parse(&keymap).unwrap_or_else(|error| panic!("{error}:\n{keymap}"));
    }
}

/// Questions of the README, each with what it says the demo answers.
fn told(text: &str) -> Vec<(String, Vec<String>)> {
    let mut told: Vec<(String, Vec<String>)> = Vec::new();
    for block in blocks(text, "console") {
        let mut asked = false;
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                let asks = [
                    "impact",
                    "path",
                    "tree",
                    "diff",
                    "last-good",
                    "suspects",
                    "plan",
                    "mark",
                    "case new",
                    "case note",
                ];
                asked = asks.iter().any(|it| command.contains(&format!("lastgood {it} ")) || command.ends_with(it));
                asked &= !command.contains("--sign");
                if asked {
                    told.push((command.to_owned(), Vec::new()));
                }
            } else if asked && line != "…" {
                told.last_mut().unwrap().1.push(line.trim_end().to_owned());
            }
        }
    }
    told
}

#[test]
fn the_demo_answers_what_the_readme_says_it_answers() {
    let workspace = Workspace::new();
    workspace.run(&["demo", "--no-console"]).answered();
    let told = told(&readme());
    assert!(told.len() >= 5, "{told:?}");
    for (command, wanted) in told {
        let (before, question) = command.split_once("lastgood ").unwrap();
        let stdin = if before.is_empty() { "" } else { DEMO_LEAKED };
        let words = words(question);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let said = workspace.run_with(&words, stdin.as_bytes());
        assert!(said.exit == Some(0), "{command}: {said:?}");
        for line in wanted {
            // Columns are as wide as the longest row, which may be one left out here.
            let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                said.out.lines().any(|it| squeeze(it) == squeeze(&line)),
                "{command}: no line {line:?} in\n{}",
                said.out
            );
        }
    }
}

#[test]
fn what_the_readme_points_at_is_there() {
    let text = readme();
    let mut missing = Vec::new();
    for (at, _) in text.match_indices("](") {
        let target: String = text[at + 2..].chars().take_while(|c| *c != ')').collect();
        if !target.contains("://") && !target.starts_with('#') && !root().join(&target).exists() {
            missing.push(target);
        }
    }
    assert!(missing.is_empty(), "README.md points at nothing: {missing:?}");
    for picture in std::fs::read_dir(root().join("assets/pictures")).unwrap() {
        let path = picture.unwrap().path();
        let name = Path::new("assets/pictures").join(path.file_name().unwrap());
        assert!(text.contains(name.to_str().unwrap()), "README.md does not show {}", name.display());
    }
}

#[test]
fn the_readme_is_a_document_with_the_changelog_last() {
    let text = readme();
    let last = text.lines().rfind(|line| line.starts_with("## ")).unwrap();
    assert_eq!(last, "## Changelog");
    assert!(!text.contains("TODO") && text.ends_with('\n'));
    assert_eq!(text.matches("```").count() % 2, 0, "a fence is not closed");
}
