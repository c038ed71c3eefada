//! The README's parts that are made from the program itself, between markers, and what it points at.
//! It judges no prose; `UPDATE=1 cargo test readme` writes the parts anew.

use crate::support::Workspace;
use lastgood::cli::{command_table, option_table};
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
