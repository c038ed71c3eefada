//! `chain` as text for people: the links in order, what does not hold first, the verdict at the end. It
//! decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{ChainGroup, ChainRow, ChainSummary, LinkState};
use crate::investigate::whence::usual;
use crate::report::prose::labelled;
use crate::report::screen::screen;
use crate::report::table::Layout;
use crate::report::text::{self, completeness};
use std::fmt::Write as _;

/// Links of one kind that are told one by one where nothing is wrong with them; more are folded.
const MOST: usize = 6;

/// The answer as text; long lists of links that hold are folded, with their number.
pub fn chain(answer: &Answer<ChainRow, ChainSummary>, layout: Layout) -> String {
    text(answer, layout, MOST)
}

/// The same with every link.
pub fn whole(answer: &Answer<ChainRow, ChainSummary>, layout: Layout) -> String {
    text(answer, layout, usize::MAX)
}

fn text(answer: &Answer<ChainRow, ChainSummary>, layout: Layout, most: usize) -> String {
    let summary = &answer.summary;
    let usual = usual(answer.rows.iter().map(|row| &row.origin));
    let mut out = labelled("", &through(summary), layout);
    for group in &summary.groups {
        let rows: Vec<&ChainRow> = answer.rows.iter().filter(|row| row.link == group.link).collect();
        let title = format!("{} {}: {}", group.sign(), group.title, counts(group));
        let _ = write!(out, "\n{}\n", layout.strong(&screen(&title)));
        let listed = rows.iter().take_while(|row| told_alone(row)).count().max(most.min(rows.len()));
        for row in rows.iter().take(listed) {
            out.push_str(&line(row, usual.as_ref().map(|it| it.0.as_str()), layout));
        }
        let folded = group.count.saturating_sub(listed as u64);
        if folded > 0 {
            let _ = writeln!(out, "  {}", layout.faint(&format!("… and {folded} more that hold: --all lists them")));
        }
    }
    let _ = write!(out, "\n{}\n", layout.strong(&screen(&summary.verdict)));
    summary.lacking.iter().for_each(|it| out.push_str(&labelled("  - ", it, layout)));
    if !summary.against.is_empty() {
        out.push_str("on record, and against it\n");
        summary.against.iter().for_each(|it| out.push_str(&labelled("  - ", it, layout)));
    }
    out.push_str(&labelled("", &summary.signatures, layout));
    usual.iter().for_each(|it| out.push_str(&layout.faint(&labelled("", &text::usually(it), layout))));
    out.push('\n');
    out.push_str(&completeness(&answer.completeness, "links", layout));
    out
}

/// Whose chain it is, and what it goes through.
pub fn through(summary: &ChainSummary) -> String {
    let mut out = format!("chain of {}", summary.id);
    let others = |ids: &[String]| ids.iter().filter(|id| **id != summary.id).cloned().collect::<Vec<_>>();
    for (word, ids) in [("through", others(&summary.versions)), ("at", others(&summary.deployments))] {
        let more = ids.len().saturating_sub(3);
        let named = ids.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        if !named.is_empty() {
            let _ = write!(out, ", {word} {named}{more}");
        }
    }
    out
}

/// `3 missing, 1 recorded`.
pub fn counts(group: &ChainGroup) -> String {
    let mut each: Vec<String> =
        group.states.iter().map(|(state, count)| format!("{count} {}", state.words())).collect();
    match group.against {
        0 => {}
        1 => each.push("1 speaks against it".to_owned()),
        many => each.push(format!("{many} speak against it")),
    }
    each.join(", ")
}

/// Whether it is not to be folded.
fn told_alone(row: &ChainRow) -> bool {
    !row.state.holds() || row.against || row.state == LinkState::None
}

/// Who and when, where that is known.
pub fn who_and_when(row: &ChainRow) -> String {
    let mut out = Vec::new();
    out.extend(row.by.as_ref().map(|by| format!("by {by}")));
    out.extend(row.at.map(|at| at.short()));
    out.extend(row.owner.as_ref().map(|owner| format!("owner {owner}")));
    out.extend(row.until.map(|until| format!("until {}", until.short())));
    out.join(", ")
}

/// Where it came from, unless that is the source that is usual in this answer.
pub fn elsewhere(row: &ChainRow, usual: Option<&str>) -> Option<String> {
    Some(row.origin.words()).filter(|words| !words.is_empty() && row.origin.source.as_deref() != usual)
}

fn line(row: &ChainRow, usual: Option<&str>, layout: Layout) -> String {
    let beside = who_and_when(row);
    let beside = if beside.is_empty() { String::new() } else { format!("  ({beside})") };
    let claim = row.claim.as_ref().map(|claim| format!(" [{claim}]")).unwrap_or_default();
    let state = match (row.against, row.state.holds()) {
        (true, _) => "against it: ".to_owned(),
        (false, true) if row.state == LinkState::Recorded => String::new(),
        _ => format!("{}: ", row.state.words()),
    };
    let label = format!("  {} ", row.state.sign());
    let mut out = labelled(&label, &format!("{state}{}{beside}{claim}", row.says), layout);
    row.reasons.iter().for_each(|why| out.push_str(&labelled("      ", why, layout)));
    elsewhere(row, usual).iter().for_each(|it| out.push_str(&labelled("      ", it, layout)));
    out
}
