//! Cases and their saved answers as text for people. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{Again, CaseRow, CaseSummary};
use crate::report::screen::screen;
use crate::report::table::{Layout, Table};
use crate::report::text::{completeness, received, who};
use std::fmt::Write as _;

/// Every case in one row.
pub fn list(answer: &Answer<CaseSummary>, layout: Layout) -> String {
    let mut table = Table::new(&["case", "state", "title", "marks", "notes", "answers", "opened", "by", "last"]);
    for it in &answer.rows {
        let used = if it.used { format!("{}, in use", it.state) } else { it.state.clone() };
        table.row([
            it.name.as_str(),
            &used,
            it.title.as_deref().unwrap_or_default(),
            &it.marks.to_string(),
            &it.notes.to_string(),
            &it.answers.to_string(),
            &it.opened.map(|at| at.short()).unwrap_or_default(),
            it.by.as_deref().unwrap_or_default(),
            &it.last.map(|at| at.short()).unwrap_or_default(),
        ]);
    }
    table.text(layout) + &completeness(&answer.completeness, "cases", layout)
}

/// One case, oldest first.
pub fn case(answer: &Answer<CaseRow, CaseSummary>, layout: Layout) -> String {
    let it = &answer.summary;
    let mut out = layout.strong(&screen(&it.name));
    if let Some(title) = &it.title {
        let _ = write!(out, "  {}", screen(title));
    }
    out.push('\n');
    let mut facts = vec![if it.used { format!("{}, in use", it.state) } else { it.state.clone() }];
    if let (Some(at), Some(by)) = (it.opened, &it.by) {
        facts.push(format!("opened {} by {}", at.short(), screen(by)));
    }
    facts.extend(it.counts());
    if let Some(head) = &it.head {
        let root = head.root.get(..12).unwrap_or(&head.root);
        facts.push(format!("at {} records, root {root}…", head.records));
    }
    let _ = writeln!(out, "{}\n", layout.faint(&facts.join(" · ")));
    let mut table = Table::new(&["at", "received", "what", "artefact", "says", "by", "proof", "claim", "taken back"]);
    for row in &answer.rows {
        table.row([
            row.at.short().as_str(),
            &received(row.received, row.remark.as_deref()),
            &row.what,
            row.about.as_deref().unwrap_or_default(),
            &row.says,
            &who(&row.by, &row.source),
            &row.proof,
            &row.claim,
            row.retracted.as_deref().unwrap_or_default(),
        ]);
    }
    out + &table.text(layout) + &completeness(&answer.completeness, "statements", layout)
}

/// Saved answers asked again.
pub fn again(answer: &Answer<Again>, layout: Layout) -> String {
    let mut out = String::new();
    for it in &answer.rows {
        let _ = writeln!(out, "{}  {}", layout.strong(&screen(&it.title)), screen(&it.says));
        let asked = format!(
            "  {} · asked {} at {} records, root {}… [{}]",
            screen(&it.question),
            it.at.short(),
            it.records,
            screen(it.root.get(..12).unwrap_or(&it.root)),
            screen(&it.claim)
        );
        let _ = writeln!(out, "{}", layout.faint(&asked));
        for (sign, keys, count) in [('+', &it.more, it.more_count), ('-', &it.gone, it.gone_count)] {
            for key in keys {
                let _ = writeln!(out, "  {sign} {}", screen(key));
            }
            if let Some(rest) = count.checked_sub(keys.len() as u64).filter(|rest| *rest > 0) {
                let _ = writeln!(out, "  {sign} … and {rest} more");
            }
        }
        for because in &it.because {
            let _ = writeln!(out, "{}", layout.faint(&format!("  · {}", screen(because))));
        }
    }
    out + &completeness(&answer.completeness, "saved answers", layout)
}
