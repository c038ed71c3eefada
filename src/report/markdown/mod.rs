//! Answers as short Markdown for the incident channel: what was asked, at most twenty rows, how sure it
//! is, and the ledger it was computed on. Nothing foreign in it can format, link, mention or hide.

mod answers;
mod audit;
mod gaps;
mod incident;
mod report;

pub use incident::{approval, signed};
pub(in crate::report) use report::report;

use crate::investigate::answer::{Completeness, LedgerHead};
use crate::report::screen::screen;
use std::fmt::Write as _;

/// Rows that are listed; how many more there are is said.
const MOST: usize = 20;

/// Characters of one foreign text.
const LONGEST: usize = 240;

/// An answer that has a Markdown form.
pub trait Markdown {
    /// The answer, with so many rows of each list at most.
    fn page(&self, most: usize) -> Page;

    /// The answer for the incident channel, computed on this ledger.
    fn markdown(&self, head: &LedgerHead) -> String {
        let mut page = self.page(MOST);
        let root = &head.root[..head.root.floor_char_boundary(8)];
        let anchored = head.standing();
        let _ = write!(page.text, "\nledger {} records, root {}, {anchored}\n", head.records, code(root));
        page.text
    }
}

/// Foreign text as a code span, in which chat programs neither format nor mention nor link.
pub fn code(text: &str) -> String {
    let shown = screen(&text[..text.floor_char_boundary(LONGEST * 4)]);
    let whole = shown.chars().count() <= LONGEST && text.len() <= LONGEST * 4;
    let mut out = String::from("`");
    // A backtick would end the span; its modifier letter looks the same and ends nothing.
    out.extend(shown.trim().chars().take(LONGEST).map(|c| if c == '`' { 'ˋ' } else { c }));
    if out.len() == 1 {
        out.push_str("(empty)");
    }
    if !whole {
        out.push('…');
    }
    out.push('`');
    out
}

/// Whether a word says nothing to a chat program: no formatting, no link, no mention, no emoji.
fn is_plain(word: &str) -> bool {
    word.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '\'' | '%' | '/' | '+' | '=' | '→' | ','))
        && !word.starts_with(['-', '+', '=', '/'])
}

/// A sentence with foreign words in it: whatever is not a plain word becomes a code span.
pub fn prose(text: &str) -> String {
    let shown = screen(&text[..text.floor_char_boundary(LONGEST * 8)]);
    let mut out = String::with_capacity(shown.len() + 16);
    for word in shown.split(' ').filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        let body = word.trim_start_matches(['(', '"']);
        let (before, body) = word.split_at(word.len() - body.len());
        let bare = body.trim_end_matches(['.', ',', ';', ':', ')', '?', '"']);
        let (bare, after) = body.split_at(bare.len());
        out.push_str(before);
        match bare {
            "" => {}
            bare if is_plain(bare) => out.push_str(bare),
            bare => {
                let cut = bare.chars().count() > LONGEST;
                out.push('`');
                out.extend(bare.chars().take(LONGEST).map(|c| if c == '`' { 'ˋ' } else { c }));
                out.push_str(if cut { "…`" } else { "`" });
            }
        }
        out.push_str(after);
    }
    if text.len() > LONGEST * 8 {
        out.push('…');
    }
    out
}

/// `` `id` `` for each, with commas.
fn codes(ids: &[String]) -> String {
    let mut all: Vec<String> = ids.iter().take(5).map(|id| code(id)).collect();
    if ids.len() > 5 {
        all.push(format!("{} more", ids.len() - 5));
    }
    all.join(", ")
}

/// A text under construction.
pub struct Page {
    text: String,
    most: usize,
}

impl Page {
    /// A bold sentence, made of text that is safe already.
    fn new(most: usize, heading: &str) -> Page {
        Page { text: format!("**{heading}**\n"), most }
    }

    /// A paragraph of text that is safe already.
    fn says(&mut self, text: &str) {
        if !text.is_empty() {
            let _ = write!(self.text, "\n{text}\n");
        }
    }

    /// A title and the first rows.
    fn rows<T>(&mut self, title: &str, rows: &[T], line: impl Fn(&T) -> String) {
        self.some(title, rows, rows.len() as u64, line);
    }

    /// The same for a list of which only the beginning came along.
    fn some<T>(&mut self, title: &str, rows: &[T], of: u64, line: impl Fn(&T) -> String) {
        if rows.is_empty() {
            return;
        }
        self.says(title);
        self.text.push('\n');
        for row in rows.iter().take(self.most) {
            let _ = writeln!(self.text, "- {}", line(row));
        }
        let more = of.saturating_sub(rows.len().min(self.most) as u64);
        if more > 0 {
            let _ = writeln!(self.text, "- … and {more} more");
        }
    }

    /// How sure it is.
    fn bounds(mut self, completeness: &Completeness) -> Page {
        let (least, most) = (completeness.at_least, completeness.at_most);
        let sure = if completeness.open && least != most {
            format!("At least {least}, maybe {most} or more")
        } else if least != most {
            format!("At least {least}, at most {most}")
        } else if completeness.because.is_empty() {
            format!("Exactly {least}")
        } else {
            format!("At least {least}")
        };
        let because: Vec<String> = completeness.because.iter().take(5).map(|why| prose(why)).collect();
        let more = completeness.because.len().saturating_sub(5);
        let more = if more > 0 { format!("; and {more} more reasons") } else { String::new() };
        let because = if because.is_empty() { String::new() } else { format!(": {}{more}", because.join("; ")) };
        self.says(&format!("{sure}{because}."));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_stay_readable_and_ids_become_code() {
        assert_eq!(
            prose("the approval of fraud-scorer@42 is void, see (a:b)."),
            "the approval of `fraud-scorer@42` is void, see (`a:b`)."
        );
        assert_eq!(code("model-version:x@1"), "`model-version:x@1`");
        assert_eq!(code(""), "`(empty)`");
    }

    #[test]
    fn hostile_text_is_defused() {
        let hostile =
            "@channel <!here> **x** [a](javascript:1) `b` | <img src=x> #1 :boom: \u{1b}[31m\u{202e} www.x.y\n# h";
        for shown in [prose(hostile), code(hostile)] {
            let mut inside = false;
            for c in shown.chars() {
                assert!(!c.is_control() && c != '\u{202e}', "{shown}");
                if c == '`' {
                    inside = !inside;
                }
                assert!(inside || !"@<>*[]|#!_~\\".contains(c), "{c} stands free in {shown}");
            }
            assert!(!inside, "{shown}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_text_holds_its_spans_close_and_nothing_acts(text in "(\\PC|[`@*_<>|\\[\\]#\\x00-\\x20\u{202e}]){0,60}") {
            for shown in [prose(&text), code(&text)] {
                prop_assert_eq!(shown.matches('`').count() % 2, 0);
                let free: String = shown.split('`').step_by(2).collect();
                prop_assert!(!free.contains(|c: char| c.is_control() || "@<>*[]|#!_~\\".contains(c)), "{}", shown);
            }
        }

        #[test]
        fn nothing_grows_without_bound(text in "[a@ ]{0,4000}") {
            prop_assert!(code(&text).chars().count() <= LONGEST + 3);
            prop_assert!(prose(&text).len() <= LONGEST * 8 * 4);
        }
    }
}
