//! `suspects` as text for people. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{Observed, SuspectRow, SuspectsSummary};
use crate::model::Time;
use crate::report::screen::screen;
use crate::report::table::{Layout, Table};
use crate::report::text::completeness;
use std::fmt::Write as _;

/// Cells of a bar.
const BAR: u64 = 4;

/// The answer as text: what is compared, what separates it, what to test next.
pub fn suspects(answer: &Answer<SuspectRow, SuspectsSummary>, layout: Layout) -> String {
    let summary = &answer.summary;
    let mut out = observed("bad", &summary.bad, layout) + &observed("good", &summary.good, layout);
    let (bad, good) = (summary.bad.len() as u64, summary.good.len() as u64);
    let mut table = Table::new(&["suspect", "score", "bad", "good", "hops", "since", "owner", "marks", "sure"]);
    for it in &answer.rows {
        let marks: Vec<&str> = it.row.marks.iter().map(|mark| mark.as_str()).collect();
        table.row([
            it.row.id.as_str(),
            &format!("{:.2}", it.score),
            &bar(it.bad, bad),
            &bar(it.good, good),
            &it.distance.to_string(),
            &it.since.map(Time::short).unwrap_or_default(),
            it.row.owner.as_deref().unwrap_or_default(),
            &marks.join(", "),
            if it.certain { "" } else { "maybe" },
        ]);
    }
    let _ = write!(out, "\n{}", table.text(layout));
    let best = answer.rows.first().map(|it| it.alike).unwrap_or(0);
    let _ = match (&summary.next, best) {
        (Some(next), _) => {
            writeln!(out, "\n{}\n{} {}", layout.strong("test next"), screen(&next.id), screen(&next.says))
        }
        (None, 0) => Ok(()),
        (None, _) => writeln!(out, "\nNo version that is known tells the best of these apart."),
    };
    out.push('\n');
    out + &completeness(&answer.completeness, "suspects", layout)
}

/// One line each: what it is and why it is believed.
fn observed(title: &str, all: &[Observed], layout: Layout) -> String {
    let mut out = format!("{}\n", layout.strong(&format!("{title} ({})", all.len())));
    if all.is_empty() {
        out.push_str("  none known\n");
    }
    for it in all {
        let _ = writeln!(out, "  {}  {}", screen(&it.id), layout.faint(&format!("as of {}", it.at.short())));
        for line in wrapped(&screen(&it.why), layout.width) {
            let _ = writeln!(out, "    {line}");
        }
    }
    out
}

/// Words in lines that fit; foreign text was made harmless before.
fn wrapped(text: &str, width: Option<u16>) -> Vec<String> {
    use unicode_width::UnicodeWidthStr;
    let most = width.map_or(usize::MAX, |width| usize::from(width).saturating_sub(4).max(20));
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut().filter(|line| line.width() + 1 + word.width() <= most) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
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

    #[test]
    fn long_reasons_wrap_at_words() {
        assert_eq!(wrapped("aaaaaaaaaa bbbbbbbbbb cc", Some(24)), ["aaaaaaaaaa", "bbbbbbbbbb cc"]);
        assert_eq!(wrapped("a b", None), ["a b"]);
    }
}
