//! `timeline` as text for people. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{TimelineRow, TimelineSummary};
use crate::report::screen::screen;
use crate::report::table::{Layout, Table, wrapped};
use crate::report::text::completeness;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// Narrower than this, the artefact has no column of its own: the sentence names it.
const WIDE: u16 = 140;
/// What a word may push the sentences aside; a longer one pushes only its own.
const LONGEST_WORD: usize = 14;

/// The answer as text: oldest first, what nobody dates after it.
pub fn timeline(answer: &Answer<TimelineRow, TimelineSummary>, layout: Layout) -> String {
    let wide = layout.width.is_none_or(|width| width >= WIDE);
    let mut out = if wide { table(&answer.rows).text(layout) } else { lines(&answer.rows, layout) };
    let undated = &answer.summary.undated;
    if !undated.is_empty() {
        let _ = writeln!(out, "\n{}", layout.strong("nobody says when"));
        for it in undated {
            let claim = it.claim.as_deref().map(|claim| format!(" [{claim}]")).unwrap_or_default();
            hang(&mut out, "  ", &format!("{}{claim}", it.says), layout);
        }
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

fn table(rows: &[TimelineRow]) -> Table {
    let mut table = Table::new(&["when", "what", "about", "in words", "by", "claim"]);
    for it in rows {
        let (by, claim) = (it.by.as_deref().unwrap_or_default(), it.claim.as_deref().unwrap_or_default());
        table.row([it.at.short().as_str(), &it.what, &it.about, &it.says, by, claim]);
    }
    table
}

/// A date, a word, and the sentence beside it.
fn lines(rows: &[TimelineRow], layout: Layout) -> String {
    let mut out = String::new();
    let longest = rows.iter().map(|it| screen(&it.what).width()).max().unwrap_or(0).min(LONGEST_WORD);
    for it in rows {
        let what = screen(&it.what);
        let head = format!("{}  {what}{}  ", it.at.short(), " ".repeat(longest.saturating_sub(what.width())));
        let by = it.by.as_deref().map(|by| format!(", by {by}")).unwrap_or_default();
        hang(&mut out, &head, &format!("{}{by}", it.says), layout);
    }
    out
}

/// A text beside its head, in lines that fit.
fn hang(out: &mut String, head: &str, text: &str, layout: Layout) {
    let room = layout.width.map_or(usize::MAX, |width| usize::from(width).saturating_sub(head.width()));
    for (at, line) in wrapped(&screen(text), room).into_iter().enumerate() {
        let before = if at == 0 { head.to_owned() } else { " ".repeat(head.width()) };
        let _ = writeln!(out, "{before}{line}");
    }
}
