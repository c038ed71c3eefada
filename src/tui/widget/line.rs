//! One line of cells in columns. Every foreign text enters the screen here, through the screen
//! rule, and stays within its cell. It does not choose what to show.

use crate::report::screen::{escape_end, screen};
use crate::tui::theme::{Look, Meaning};
use ratatui::text::{Line, Span};
use std::fmt::Write as _;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Bytes of a text that can matter for one column: a base and four marks of four bytes each.
const BYTES_PER_COLUMN: usize = 20;

/// A line under construction, from left to right.
pub(crate) struct Strip<'a> {
    look: &'a Look,
    left: usize,
    spans: Vec<Span<'static>>,
}

impl<'a> Strip<'a> {
    pub(crate) fn new(look: &'a Look, width: usize) -> Strip<'a> {
        Strip { look, left: width, spans: Vec::new() }
    }

    /// A line of text that went through the screen rule before it was broken into lines.
    pub(crate) fn of_clean(look: &'a Look, width: usize, clean: &str) -> Strip<'a> {
        let shown = if look.glyphs.ascii { ascii_only(clean) } else { clean.to_owned() };
        let (kept, used) = fit(&shown, width, false, look.glyphs.ellipsis);
        Strip { look, left: width - used, spans: split_escapes(look, &kept, Meaning::Text) }
    }

    /// Columns still free.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// As much of the text as fits.
    #[must_use]
    pub(crate) fn text(self, text: &str, meaning: Meaning) -> Self {
        let width = self.left;
        self.within(text, width, meaning)
    }

    /// The text in at most `width` columns, without padding.
    #[must_use]
    pub(crate) fn within(mut self, text: &str, width: usize, meaning: Meaning) -> Self {
        let (spans, used) = clean_spans(self.look, text, width.min(self.left), meaning);
        self.left -= used;
        self.spans.extend(spans);
        self
    }

    /// The text in exactly `width` columns.
    #[must_use]
    pub(crate) fn cell(self, text: &str, width: usize, meaning: Meaning) -> Self {
        let before = self.left;
        let width = width.min(before);
        let strip = self.within(text, width, meaning);
        let used = before - strip.left;
        strip.gap(width - used)
    }

    /// The text at the right end of `width` columns.
    #[must_use]
    pub(crate) fn right(self, text: &str, width: usize, meaning: Meaning) -> Self {
        let width = width.min(self.left);
        let (_, used) = clean_spans(self.look, text, width, meaning);
        self.gap(width - used).within(text, width, meaning)
    }

    /// Blank columns.
    #[must_use]
    pub(crate) fn gap(mut self, width: usize) -> Self {
        let width = width.min(self.left);
        if width > 0 {
            self.left -= width;
            self.spans.push(Span::raw(" ".repeat(width)));
        }
        self
    }

    /// Blank up to where `width` columns are left.
    #[must_use]
    pub(crate) fn until_left(self, width: usize) -> Self {
        let gap = self.left.saturating_sub(width);
        self.gap(gap)
    }

    pub(crate) fn finish(self) -> Line<'static> {
        Line::from(self.spans)
    }
}

/// How many columns a text takes once it is clean.
pub(crate) fn width_of(look: &Look, text: &str) -> usize {
    clean_spans(look, text, usize::from(u16::MAX), Meaning::Text).1
}

/// Foreign text made clean, cut to `width` columns with an ellipsis, escapes set apart.
fn clean_spans(look: &Look, text: &str, width: usize, meaning: Meaning) -> (Vec<Span<'static>>, usize) {
    if width == 0 || text.is_empty() {
        return (Vec::new(), 0);
    }
    let head = &text[..text.floor_char_boundary((width + 1).saturating_mul(BYTES_PER_COLUMN))];
    let shown = screen(head);
    let shown = if look.glyphs.ascii { ascii_only(&shown) } else { shown.into_owned() };
    let (kept, used) = fit(&shown, width, head.len() < text.len(), look.glyphs.ellipsis);
    (split_escapes(look, &kept, meaning), used)
}

/// What a terminal that draws only ASCII can show of a clean text.
fn ascii_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' => out.push(c),
            '·' => out.push('-'),
            '→' => out.push('>'),
            '…' => out.push('~'),
            '\u{2400}'..='\u{241f}' => out.push_str(&format!("\\x{:02x}", u32::from(c) - 0x2400)),
            other => {
                if write!(out, "\\u{{{:x}}}", u32::from(other)).is_err() {
                    out.push('?');
                }
            }
        }
    }
    out
}

fn fit(text: &str, width: usize, more: bool, ellipsis: &str) -> (String, usize) {
    let whole = if text.is_ascii() { text.len() } else { text.width() };
    if whole <= width && !more {
        return (text.to_owned(), whole);
    }
    let room = width.saturating_sub(ellipsis.width());
    let (mut kept, mut used) = (String::new(), 0);
    for grapheme in text.graphemes(true) {
        let columns = grapheme.width();
        if used + columns > room {
            break;
        }
        kept.push_str(grapheme);
        used += columns;
    }
    if used + ellipsis.width() <= width {
        kept.push_str(ellipsis);
        used += ellipsis.width();
    }
    (kept, used)
}

fn split_escapes(look: &Look, text: &str, meaning: Meaning) -> Vec<Span<'static>> {
    let style = look.style(meaning);
    if !text.contains(|c: char| c == '\\' || crate::report::screen::is_picture(c)) {
        return vec![Span::styled(text.to_owned(), style)];
    }
    let (mut spans, mut from, mut at) = (Vec::new(), 0, 0);
    while at < text.len() {
        if let Some(end) = escape_end(text, at) {
            if from < at {
                spans.push(Span::styled(text[from..at].to_owned(), style));
            }
            spans.push(Span::styled(text[at..end].to_owned(), style.patch(look.style(Meaning::Escape))));
            (from, at) = (end, end);
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    if from < text.len() {
        spans.push(Span::styled(text[from..].to_owned(), style));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{ASCII, Theme};

    fn shown(text: &str, width: usize) -> String {
        Strip::new(&Look::default(), 80).cell(text, width, Meaning::Text).finish().to_string()
    }

    #[test]
    fn a_cell_is_exactly_as_wide_as_asked() {
        for text in ["", "a", "fraud-scorer@42", "日本語テキスト", "e\u{301}e\u{301}", "\u{202e}abc", "\x1b[31mred"]
        {
            for width in 0..20 {
                assert_eq!(shown(text, width).width(), width, "{text:?} in {width}");
            }
        }
    }

    #[test]
    fn a_huge_value_costs_no_more_than_its_cell() {
        let huge = "x\u{1b}".repeat(5_000_000);
        assert_eq!(shown(&huge, 10), "x␛x␛x␛x␛x…");
    }

    #[test]
    fn escapes_stand_apart_and_ascii_terminals_get_ascii() {
        let line = Strip::new(&Look::default(), 80).text("a\u{202e}b", Meaning::Text).finish();
        assert_eq!(line.spans.len(), 3);
        let look = Look { theme: Theme::Mono, glyphs: &ASCII };
        let line = Strip::new(&look, 80).text("é\x1b→", Meaning::Text).finish().to_string();
        assert_eq!(line, "\\u{e9}\\x1b>");
    }
}
