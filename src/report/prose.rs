//! Sentences wrapped to a width below a label. It shortens nothing, and what it is given is made safe for a
//! terminal here.

use crate::report::screen::screen;
use crate::report::table::Layout;
use unicode_width::UnicodeWidthStr;

/// The least that is left for text beside a label.
const LEAST: usize = 24;

/// `text` below and beside `label`: the first line begins with the label, the others where its text does.
/// Words that fit no line are left whole.
pub fn labelled(label: &str, text: &str, layout: Layout) -> String {
    let indent = label.width();
    let room = layout.width.map_or(usize::MAX, |width| usize::from(width).saturating_sub(indent).max(LEAST));
    let text = screen(text);
    let mut out = label.to_owned();
    let mut used = 0;
    for word in text.split(' ') {
        let width = word.width();
        if used > 0 && used + 1 + width > room {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += width;
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_wrap_below_their_label_and_lose_nothing() {
        let layout = Layout { width: Some(40), colour: false };
        let text = "rests on dataset:vendor-labels@2026-11-17 and was approved by nobody at all";
        let wrapped = labelled("  why     ", text, layout);
        assert!(wrapped.lines().all(|line| line.width() <= 44), "{wrapped}");
        assert_eq!(wrapped.split_whitespace().skip(1).collect::<Vec<_>>(), text.split(' ').collect::<Vec<_>>());
        assert!(wrapped.lines().skip(1).all(|line| line.starts_with("          ")), "{wrapped}");
        assert!(!labelled("", "a\u{1b}[2J", layout).contains('\u{1b}'));
    }
}
