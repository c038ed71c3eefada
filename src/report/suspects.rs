//! `suspects` as text for people. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{CauseGroup, Causes, Observed, SuspectRow, SuspectsSummary};
use crate::report::screen::screen;
use crate::report::table::{Layout, Table, wrapped};
use crate::report::text::completeness;
use std::fmt::Write as _;

/// Cells of a bar.
const BAR: u64 = 4;
/// Narrower than this, a row takes two lines.
const WIDE: u16 = 130;
/// The most lines of one reason.
const MOST_LINES: usize = 3;
/// The most ids that one sentence names.
const MOST_NAMED: usize = 5;

/// The answer as text: what is compared, what separates it, what to test next.
pub fn suspects(answer: &Answer<SuspectRow, SuspectsSummary>, layout: Layout) -> String {
    let summary = &answer.summary;
    let mut out = observed("bad", &summary.bad, layout) + &observed("good", &summary.good, layout);
    let (bad, good) = (summary.bad.len() as u64, summary.good.len() as u64);
    out.push('\n');
    if layout.width.is_none_or(|width| width >= WIDE) {
        out.push_str(&wide(answer, bad, good).text(layout));
    } else {
        answer.rows.iter().for_each(|it| narrow(&mut out, it, bad, good, layout));
    }
    if let Some(causes) = &summary.causes {
        out.push_str(&several(causes, summary.good.len(), layout));
    }
    let best = answer.rows.first().map(|it| it.alike).unwrap_or(0);
    let _ = match (&summary.next, best) {
        (Some(next), _) => {
            let says = indented(&screen(&next.says), layout, 4);
            writeln!(out, "\n{}\n  {}\n{}", layout.strong("test next"), screen(&next.id), says.join("\n"))
        }
        (None, 0) => Ok(()),
        (None, _) => writeln!(out, "\nNo version that is known tells the best of these apart."),
    };
    out.push('\n');
    out + &completeness(&answer.completeness, "suspects", layout)
}

/// That one thing does not explain all, and what explains which.
fn several(causes: &Causes, good: usize, layout: Layout) -> String {
    let mut out = format!("\n{}\n", layout.strong("more than one cause?"));
    let mut say = |text: &str, by: usize| {
        for line in indented(&screen(text), layout, by) {
            let _ = writeln!(out, "{line}");
        }
    };
    say(&causes.says, 2);
    causes.groups.iter().for_each(|it| say(&explains(it, good), 4));
    if !causes.unexplained.is_empty() {
        say(&unexplained(causes), 4);
    }
    out
}

/// What a suspect explains, in a sentence: `a, like 2 others, explains b, c`.
pub fn explains(it: &CauseGroup, good: usize) -> String {
    let alike = match it.alike {
        0 => String::new(),
        1 => ", like 1 other,".to_owned(),
        more => format!(", like {more} others,"),
    };
    let under = match it.good {
        0 => String::new(),
        some => format!("; it lies under {some} of {good} good too"),
    };
    format!("{}{alike} explains {}{under}", it.row.id, some(&it.bad))
}

/// The bad that nothing explains, in a sentence.
pub fn unexplained(causes: &Causes) -> String {
    format!("not explained by these: {}", some(&causes.unexplained))
}

fn some(ids: &[String]) -> String {
    let first: Vec<&str> = ids.iter().take(MOST_NAMED).map(String::as_str).collect();
    match ids.len() - first.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// `2026-11-18 14:05`, or that it may have been earlier.
pub fn since(it: &SuspectRow) -> Option<String> {
    it.since.map(|since| if it.or_earlier { format!("{} or earlier", since.short()) } else { since.short() })
}

/// One line each: what it is and why it is believed.
fn observed(title: &str, all: &[Observed], layout: Layout) -> String {
    let mut out = format!("{}\n", layout.strong(&format!("{title} ({})", all.len())));
    if all.is_empty() {
        out.push_str("  none known\n");
    }
    for it in all {
        let _ = writeln!(out, "  {}  {}", screen(&it.id), layout.faint(&format!("as of {}", it.at.short())));
        let lines = indented(&screen(&it.why), layout, 4);
        for line in lines.iter().take(MOST_LINES) {
            let _ = writeln!(out, "{line}");
        }
        if lines.len() > MOST_LINES {
            let _ = writeln!(out, "{}", layout.faint("    … the whole reason stands in --json"));
        }
    }
    out
}

fn wide(answer: &Answer<SuspectRow, SuspectsSummary>, bad: u64, good: u64) -> Table {
    let mut table =
        Table::new(&["suspect", "score", "bad", "good", "hops", "since", "owner", "marks", "sure", "alike"]);
    for it in &answer.rows {
        table.row([
            it.row.id.as_str(),
            &format!("{:.2}", it.score),
            &bar(it.bad, bad),
            &bar(it.good, good),
            &it.distance.to_string(),
            &since(it).unwrap_or_default(),
            it.row.owner.as_deref().unwrap_or_default(),
            &marks(it),
            if it.certain { "" } else { "maybe" },
            &it.alike.to_string(),
        ]);
    }
    table
}

/// Two lines a row: what is compared, then what else is known.
fn narrow(out: &mut String, it: &SuspectRow, bad: u64, good: u64, layout: Layout) {
    let head = format!("{:.2}  bad {}  good {}", it.score, bar(it.bad, bad), bar(it.good, good));
    let _ = writeln!(out, "{}", layout.strong(&screen(&it.row.id)));
    let mut facts = vec![head, if it.distance == 1 { "1 hop".to_owned() } else { format!("{} hops", it.distance) }];
    facts.extend(since(it).map(|since| format!("since {since}")));
    facts.extend(it.row.owner.clone());
    facts.extend(Some(marks(it)).filter(|marks| !marks.is_empty()));
    facts.extend((!it.certain).then(|| "maybe".to_owned()));
    for line in indented(&screen(&facts.join(", ")), layout, 4) {
        let _ = writeln!(out, "{line}");
    }
}

fn marks(it: &SuspectRow) -> String {
    it.row.marks.iter().map(|mark| mark.as_str()).collect::<Vec<_>>().join(", ")
}

/// Lines that fit, set in by so many blanks; foreign text was made harmless before.
fn indented(text: &str, layout: Layout, by: usize) -> Vec<String> {
    let most = layout.width.map_or(usize::MAX, |width| usize::from(width).saturating_sub(by));
    wrapped(text, most).into_iter().map(|line| format!("{}{line}", " ".repeat(by))).collect()
}

/// `###. 3/4`: how many of all, as a bar and in numbers; a bar is empty only of none, and full only of all.
fn bar(part: u64, all: u64) -> String {
    if all == 0 {
        return String::new();
    }
    let cells = (part * BAR).div_ceil(all).min(if part < all { BAR - 1 } else { BAR });
    let drawn: String = (0..BAR).map(|cell| if cell < cells { '#' } else { '.' }).collect();
    format!("{drawn} {part}/{all}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_empty_only_of_none_and_full_only_of_all() {
        assert_eq!(bar(0, 3), ".... 0/3");
        assert_eq!(bar(1, 100), "#... 1/100");
        assert_eq!(bar(3, 4), "###. 3/4");
        assert_eq!(bar(99, 100), "###. 99/100");
        assert_eq!(bar(4, 4), "#### 4/4");
        assert_eq!(bar(0, 0), "");
    }
}
