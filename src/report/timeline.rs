//! `timeline` as text for people. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{TimelineRow, TimelineSummary};
use crate::report::screen::screen;
use crate::report::table::{Layout, Table};
use crate::report::text::completeness;
use std::fmt::Write as _;

/// Narrower than this, the artefact has no column of its own: the sentence names it.
const WIDE: u16 = 140;

/// The answer as text: oldest first, what nobody dates after it.
pub fn timeline(answer: &Answer<TimelineRow, TimelineSummary>, layout: Layout) -> String {
    let wide = layout.width.is_none_or(|width| width >= WIDE);
    let mut table = if wide {
        Table::new(&["when", "what", "about", "in words", "by", "claim"])
    } else {
        Table::new(&["when", "what", "in words", "by"])
    };
    for it in &answer.rows {
        let (when, by) = (it.at.short(), it.by.as_deref().unwrap_or_default());
        if wide {
            table.row([&when, &it.what, &it.about, &it.says, by, it.claim.as_deref().unwrap_or_default()]);
        } else {
            table.row([when.as_str(), &it.what, &it.says, by]);
        }
    }
    let mut out = table.text(layout);
    let undated = &answer.summary.undated;
    if !undated.is_empty() {
        let _ = writeln!(out, "\n{}", layout.strong("nobody says when"));
        let mut table = Table::new(&["in words", "claim"]);
        undated.iter().for_each(|it| table.row([it.says.as_str(), it.claim.as_deref().unwrap_or_default()]));
        out.push_str(&table.text(layout));
    }
    out.push('\n');
    let noun = "events";
    out.push_str(&completeness(&answer.completeness, noun, layout));
    let neighbours = answer.summary.neighbours.saturating_sub(1);
    let around = match neighbours {
        0 => "and nothing around it".to_owned(),
        1 => "and 1 artefact around it".to_owned(),
        more => format!("and {more} artefacts around it"),
    };
    let _ = writeln!(out, "{}", layout.faint(&format!("{} {around}", screen(&answer.summary.id))));
    out
}
