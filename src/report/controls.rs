//! `controls` as text for people: of each control what is held and what is lacking. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{ControlEvidence, ControlRow, ControlsSummary};
use crate::investigate::wording::thousands;
use crate::report::prose::labelled;
use crate::report::screen::screen;
use crate::report::table::Layout;
use crate::report::text::completeness;
use std::fmt::Write as _;

/// The answer as text; one control alone with the records behind it.
pub fn controls(answer: &Answer<ControlRow, ControlsSummary>, layout: Layout) -> String {
    let of = answer
        .summary
        .of
        .as_ref()
        .map_or_else(|| "the whole ledger".to_owned(), |of| format!("{of} and all it rests on"));
    let mut out = labelled("", &format!("evidence held in {of}; what it is worth is for an auditor to say"), layout);
    let mut before = String::new();
    for row in &answer.rows {
        let framework = format!("{} {}", row.framework, row.framework_version);
        if framework != before {
            let _ = writeln!(out, "\n{}", layout.strong(&screen(&framework)));
            before = framework;
        }
        out.push_str(&control(row, answer.rows.len() == 1, layout));
    }
    out.push('\n');
    out.push_str(&completeness(&answer.completeness, "controls", layout));
    out
}

/// The sign of a state, which says the same without colour.
pub fn sign(state: &str) -> &'static str {
    match state {
        "held" => "+",
        "in part" => "~",
        "asked" => "?",
        _ => "!",
    }
}

/// `approval on record: 12, newest 2026-11-17 18:55`.
pub fn held(it: &ControlEvidence) -> String {
    let Some(held) = it.held else { return it.says.clone() };
    let newest = it.newest.map(|at| format!(", newest {}", at.short())).unwrap_or_default();
    let without = if it.without > 0 { format!(", {} without", thousands(it.without)) } else { String::new() };
    format!("{}: {}{without}{newest}", it.says, thousands(held))
}

fn control(row: &ControlRow, alone: bool, layout: Layout) -> String {
    let moved = row.moved_from.as_ref().map(|old| format!(" (was {old})")).unwrap_or_default();
    let head = format!("{}{moved} {}: {}", row.id, row.title, row.text);
    let mut out = labelled(&format!("{} ", sign(&row.state)), &head, layout);
    if alone {
        for it in &row.evidence {
            out.push_str(&labelled("    ", &held(it), layout));
            for example in &it.examples {
                let at = example.at.map(|at| format!(", {}", at.short())).unwrap_or_default();
                let claim = example.claim.as_ref().map(|claim| format!(" [{claim}]")).unwrap_or_default();
                out.push_str(&labelled("        ", &format!("{}{at}{claim}", example.id), layout));
            }
        }
    } else {
        let all: Vec<String> = row.evidence.iter().map(held).collect();
        out.push_str(&labelled("    held     ", &all.join("; "), layout));
    }
    if !row.lacking.is_empty() {
        out.push_str(&labelled("    lacking  ", &row.lacking.join("; "), layout));
    }
    out
}
