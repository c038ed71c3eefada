//! Lineage as text that drawing programs read: Graphviz's DOT and Mermaid's flowcharts. It lays nothing out.

use crate::investigate::rows::Extract;
use crate::report::export::{Exported, named};
use crate::report::screen::screen;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

/// Mermaid draws no more than this many links unless it is told to.
const MERMAID_LINKS: usize = 500;

/// Links between numbered artefacts: from, relation, to.
type Lines = BTreeSet<(usize, String, usize)>;

/// Numbers of the artefacts, and each link once.
fn numbered(extract: &Extract) -> (HashMap<&str, usize>, Lines) {
    let numbers: HashMap<&str, usize> = extract.artefacts().map(|(row, _)| row.id.as_str()).zip(0..).collect();
    let ends = |id: &str| numbers.get(id).copied();
    let links = extract.links().filter_map(|it| Some((ends(&it.from)?, it.relation.clone(), ends(&it.to)?))).collect();
    (numbers, links)
}

/// A Graphviz document.
pub fn dot(extract: &Extract) -> Exported {
    let (numbers, links) = numbered(extract);
    let mut text = String::from("digraph lineage {\n  rankdir=LR;\n  node [shape=box, fontname=\"monospace\"];\n");
    for (row, _) in extract.artefacts() {
        let number = numbers.get(row.id.as_str()).copied().unwrap_or_default();
        let marks: Vec<&str> = row.marks.iter().map(|mark| mark.as_str()).collect();
        let style = if marks.iter().any(|it| matches!(*it, "compromised" | "suspect")) { ", color=red" } else { "" };
        let marks = if marks.is_empty() { String::new() } else { format!(" ({})", marks.join(", ")) };
        let label = format!("{}{marks}", row.kind);
        let (label, name, id) = (quoted(&label), quoted(&named(row)), quoted(&row.id));
        let _ = writeln!(text, "  n{number} [label=\"{name}\\n{label}\", tooltip=\"{id}\"{style}];");
    }
    for (from, relation, to) in links {
        let _ = writeln!(text, "  n{from} -> n{to} [label=\"{}\"];", quoted(&relation));
    }
    text.push_str("}\n");
    Exported { text, left_out: vec!["DOT carries no dates, evidence or attributes".to_owned()] }
}

/// Text within double quotes: nothing in it ends them, begins an escape, or names a character as HTML does.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for character in screen(text).chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            other => out.push(other),
        }
    }
    out
}

/// A Mermaid flowchart.
pub fn mermaid(extract: &Extract) -> Exported {
    let (numbers, links) = numbered(extract);
    let mut text = String::from("flowchart LR\n");
    let mut bad = Vec::new();
    for (row, _) in extract.artefacts() {
        let number = numbers.get(row.id.as_str()).copied().unwrap_or_default();
        if row.marks.iter().any(|mark| matches!(mark.as_str(), "compromised" | "suspect")) {
            bad.push(format!("n{number}"));
        }
        let _ = writeln!(text, "  n{number}[\"{}<br/>{}\"]", entities(&named(row)), entities(&row.kind));
    }
    let mut left_out = vec!["Mermaid carries no dates, evidence or attributes".to_owned()];
    if links.len() > MERMAID_LINKS {
        left_out.push(format!("{} links: programs draw {MERMAID_LINKS} unless maxEdges is raised", links.len()));
    }
    for (from, relation, to) in links {
        let _ = writeln!(text, "  n{from} -->|\"{}\"| n{to}", entities(&relation));
    }
    if !bad.is_empty() {
        let _ = writeln!(text, "  classDef bad stroke:#a8202a,stroke-width:3px\n  class {} bad", bad.join(","));
    }
    Exported { text, left_out }
}

/// Text in which only letters, digits and a few signs stand for themselves; the others are named by their number,
/// which Mermaid reads back as text and never as markup.
fn entities(text: &str) -> String {
    let mut out = String::new();
    for character in screen(text).chars() {
        match character {
            c if c.is_alphanumeric() => out.push(c),
            ' ' | '-' | '_' | '.' | '/' | '@' | ':' | ',' | '…' | '␛' => out.push(character),
            other => {
                let _ = write!(out, "#{};", u32::from(other));
            }
        }
    }
    // a link begins with a scheme, wherever it stands
    out.replace("://", "#58;//")
}
