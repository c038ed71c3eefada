//! What is said of one thing, as labelled text that wraps instead of being cut. What still does not
//! fit is counted. It does not choose what to say.

use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::frame::section;
use crate::tui::widget::line::{Strip, width_of};
use ratatui::Frame;
use ratatui::layout::Rect;
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;

/// The most bytes of one text that are laid out.
const MOST: usize = 4096;

/// Columns of the labels.
const LABEL: usize = 11;

/// One labelled text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    label: Cow<'static, str>,
    text: String,
    meaning: Meaning,
    heading: bool,
}

/// How much of the texts is shown: what fits, with the key to the rest, or one page after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// From the beginning; this key shows the rest.
    Head(&'a str),
    /// This page, counted round and round; this key shows the next.
    Page(i64, &'a str),
}

/// Texts under construction.
#[derive(Debug, Default)]
pub(crate) struct Facts(Vec<Fact>);

impl Facts {
    /// Adds a text; nothing where it is empty. A label that repeats is shown once.
    pub(crate) fn add(&mut self, label: &'static str, text: impl Into<String>, meaning: Meaning) {
        let repeats = self.0.iter().rev().find(|fact| !fact.label.is_empty()).is_some_and(|it| it.label == label);
        self.line(if repeats { "" } else { label }, text, meaning);
    }

    /// Adds a text with its label even where it repeats; nothing where the text is empty.
    pub(crate) fn line(&mut self, label: &'static str, text: impl Into<String>, meaning: Meaning) {
        let text = bounded(text.into());
        if !text.is_empty() {
            self.0.push(Fact { label: label.into(), text, meaning, heading: false });
        }
    }

    /// Adds a line across, with a note at its end; what follows belongs below it.
    pub(crate) fn heading(&mut self, title: impl Into<String>, note: String) {
        self.0.push(Fact { label: note.into(), text: bounded(title.into()), meaning: Meaning::Title, heading: true });
    }
}

fn bounded(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MOST));
    text
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
pub(crate) fn draw(frame: &mut Frame, look: &Look, area: Rect, facts: &Facts, part: Part<'_>) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    if width == 0 || height == 0 {
        return;
    }
    let label = LABEL.min(width / 3);
    let mut lines: Vec<(&str, String, Option<Meaning>)> = Vec::new();
    for fact in &facts.0 {
        if fact.heading {
            lines.push((&*fact.label, fact.text.clone(), None));
            continue;
        }
        for (at, text) in wrapped(look, &fact.text, width - label - 1).into_iter().enumerate() {
            lines.push((if at == 0 { &*fact.label } else { "" }, text, Some(fact.meaning)));
        }
    }
    let all = lines.len();
    if all > height {
        let room = height - 1;
        let foot = match part {
            Part::Head(key) => {
                lines.truncate(room);
                format!("{} {} more lines: {key} shows them", look.glyphs.more, all - room)
            }
            Part::Page(page, key) => {
                let pages = all.div_ceil(room.max(1));
                let page = usize::try_from(page.rem_euclid(pages.try_into().unwrap_or(1))).unwrap_or(0);
                lines.drain(..(page * room).min(all));
                lines.truncate(room);
                let next = if page + 1 == pages { "the first" } else { "the next" };
                format!("{} page {} of {pages}: {key} shows {next}", look.glyphs.more, page + 1)
            }
        };
        lines.resize(room, ("", String::new(), Some(Meaning::Text)));
        lines.push(("", foot, Some(Meaning::Dim)));
    }
    for ((name, text, meaning), y) in lines.into_iter().zip(area.y..) {
        let slot = Rect { y, height: 1, ..area };
        let Some(meaning) = meaning else {
            section(frame, look, slot, &text, name);
            continue;
        };
        let strip = Strip::new(look, width).gap(1).cell(name, label, Meaning::Dim).text(&text, meaning);
        frame.render_widget(strip.finish(), slot);
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
