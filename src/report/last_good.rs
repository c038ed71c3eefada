//! `last-good` as text for people. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{LastGoodRow, LastGoodSummary, Reason};
use crate::report::prose::labelled;
use crate::report::screen::screen;
use crate::report::table::Layout;
use crate::report::text::completeness;

/// The answer as text: every candidate in full down to the one that is good, the older ones in a line each.
pub fn last_good(answer: &Answer<LastGoodRow, LastGoodSummary>, layout: Layout) -> String {
    let summary = &answer.summary;
    let found = summary.last_good.as_ref().and_then(|id| answer.rows.iter().position(|row| row.row.id == *id));
    let policy = screen(&summary.policy);
    let title = match found.and_then(|at| answer.rows.get(at)) {
        Some(row) if row.how == "marked" => format!("last good: {}, marked so by hand", screen(&row.row.id)),
        Some(row) => format!("last good: {}, by the rule of policy {policy}", screen(&row.row.id)),
        None if only_current(answer) => ONLY_CURRENT.to_owned(),
        None => format!("none is known to be good, by the rule of policy {policy} or by a mark"),
    };
    let mut out = format!("{}\n", layout.strong(&title));
    for (at, row) in answer.rows.iter().enumerate() {
        let short = found.is_some_and(|found| at > found) && !row.current;
        out.push_str(&candidate(row, short, layout));
    }
    out.push('\n');
    out.push_str(&completeness(&answer.completeness, "candidates", layout));
    out
}

/// What is said where nothing but what is in use is good.
pub(super) const ONLY_CURRENT: &str = "only what runs now is good; nothing to go back to";

/// Whether what is in use is good and nothing else is.
pub(super) fn only_current(answer: &Answer<LastGoodRow, LastGoodSummary>) -> bool {
    answer.summary.last_good.is_none() && answer.rows.iter().any(|row| row.current && row.verdict == "good")
}

fn candidate(row: &LastGoodRow, short: bool, layout: Layout) -> String {
    let mut notes: Vec<String> = Vec::new();
    if row.current {
        notes.push("in use now".to_owned());
    }
    if let Some(stay) = row.deployed.first() {
        let since = stay.since.map_or_else(
            || "nobody says since when".to_owned(),
            |it| format!("since {}", it.short_after(stay.since_after)),
        );
        let until = stay.until.map_or_else(String::new, |it| format!(" until {}", it.short_after(stay.until_after)));
        let more =
            if row.deployed.len() > 1 { format!(", {} more stays", row.deployed.len() - 1) } else { String::new() };
        notes.push(format!("at {} {since}{until}{more}", stay.deployment));
    }
    let id =
        format!("{}{}", row.row.id, if notes.is_empty() { String::new() } else { format!("  ({})", notes.join("; ")) });
    let label = if row.verdict == "good" { "good  " } else { "no    " };
    if short {
        // of a good one the two things that say most: a mark, or who approved it and how long it ran
        let why = match row.verdict.as_str() {
            "good" => row.why.iter().take(2).map(String::as_str).collect::<Vec<_>>().join("; "),
            _ => row.reasons.first().map(|it| it.says.clone()).unwrap_or_default(),
        };
        return labelled(label, &format!("{}: {why}", row.row.id), layout);
    }
    let mut out = format!("\n{}", labelled(label, &id, layout));
    row.reasons.iter().for_each(|it| out.push_str(&reason("      ", it, layout)));
    out
}

/// A reason as a line: `+` speaks for it, `-` against; its claim at the end.
pub(super) fn reason(indent: &str, it: &Reason, layout: Layout) -> String {
    let sign = if it.holds { '+' } else { '-' };
    let claim = it.claim.as_ref().map_or_else(String::new, |claim| format!(" [{claim}]"));
    labelled(&format!("{indent}{sign} "), &format!("{}{claim}", it.says), layout)
}
