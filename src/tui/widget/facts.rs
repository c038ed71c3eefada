//! What is said of one thing, as labelled text that wraps instead of being cut. What still does not
//! fit is counted. It does not choose what to say.

use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::line::{Strip, width_of};
use ratatui::Frame;
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

/// The most bytes of one text that are laid out.
const MOST: usize = 4096;

/// Columns of the labels.
const LABEL: usize = 11;

/// One labelled text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    label: &'static str,
    text: String,
    meaning: Meaning,
}

/// Texts under construction.
#[derive(Debug, Default)]
pub(crate) struct Facts(Vec<Fact>);

impl Facts {
    /// Adds a text; nothing where it is empty. A label that repeats is shown once.
    pub(crate) fn add(&mut self, label: &'static str, text: impl Into<String>, meaning: Meaning) {
        let mut text: String = text.into();
        if text.is_empty() {
            return;
        }
        text.truncate(text.floor_char_boundary(MOST));
        let label = if self.0.iter().rev().find(|fact| !fact.label.is_empty()).is_some_and(|it| it.label == label) {
            ""
        } else {
            label
        };
        self.0.push(Fact { label, text, meaning });
    }
}

/// A text in lines of at most `width` columns, broken at blanks, long words where they must.
pub(crate) fn wrapped(look: &Look, text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let wide = width_of(look, word);
        let blank = usize::from(used > 0);
        if used + blank + wide > width && wide <= width {
            lines.push(String::new());
            used = 0;
        } else if blank > 0 && used < width {
            push(&mut lines, " ");
            used += 1;
        }
        if wide <= width {
            push(&mut lines, word);
            used += wide;
            continue;
        }
        for grapheme in word.graphemes(true) {
            let wide = width_of(look, grapheme);
            if used + wide > width {
                lines.push(String::new());
                used = 0;
            }
            push(&mut lines, grapheme);
            used += wide;
        }
    }
    lines
}

fn push(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

/// Draws as many as fit; a last line counts the lines that do not.
pub(crate) fn draw(frame: &mut Frame, look: &Look, area: Rect, facts: &Facts) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    if width == 0 || height == 0 {
        return;
    }
    let label = LABEL.min(width / 3);
    let mut lines: Vec<(&str, String, Meaning)> = Vec::new();
    for fact in &facts.0 {
        for (at, text) in wrapped(look, &fact.text, width - label - 1).into_iter().enumerate() {
            lines.push((if at == 0 { fact.label } else { "" }, text, fact.meaning));
        }
    }
    let over = lines.len().saturating_sub(height);
    if over > 0 {
        lines.truncate(height - 1);
        lines.push(("", format!("{} {} more lines: tab shows them", look.glyphs.more, over + 1), Meaning::Dim));
    }
    for ((name, text, meaning), y) in lines.into_iter().zip(area.y..) {
        let strip = Strip::new(look, width).gap(1).cell(name, label, Meaning::Dim).text(&text, meaning);
        frame.render_widget(strip.finish(), Rect { y, height: 1, ..area });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_fits_and_nothing_is_lost() {
        let look = Look::default();
        for text in ["", "a b c", "one-very-long-word-that-fits-nowhere and more", "日本語 テキスト\u{1b}[31m red"]
        {
            for width in 6..20 {
                let lines = wrapped(&look, text, width);
                assert!(lines.iter().all(|line| width_of(&look, line) <= width), "{lines:?} in {width}");
                let without = |text: &str| text.replace(' ', "");
                assert_eq!(without(&lines.concat()), without(text));
            }
        }
    }
}
