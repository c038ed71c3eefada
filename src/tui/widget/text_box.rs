//! One line of text being typed. It validates nothing.

use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::line::{Strip, width_of};
use ratatui::layout::Rect;
use ratatui::{Frame, layout::Position};
use unicode_segmentation::UnicodeSegmentation;

/// The most bytes a field takes.
const MOST: usize = 4096;

/// One change to the text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants say it")]
pub enum Edit {
    Insert(char),
    Paste(String),
    Backspace,
    Delete,
    Left,
    Right,
    Home,
    End,
    DeleteWord,
    Clear,
}

/// The text and where the next character goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextBox {
    text: String,
    cursor: usize,
    /// Whether the text is still what was proposed.
    proposed: bool,
}

impl TextBox {
    pub(crate) fn new(text: &str) -> TextBox {
        TextBox { text: text.to_owned(), cursor: text.len(), proposed: false }
    }

    /// A text to go on from: what is typed behind it is a word of its own.
    pub(crate) fn proposing(text: &str) -> TextBox {
        TextBox { proposed: !text.is_empty(), ..TextBox::new(text) }
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Makes one change; says whether the text is another now.
    pub(crate) fn edit(&mut self, edit: &Edit) -> bool {
        let before = self.text.len();
        let moves = matches!(edit, Edit::Left | Edit::Right | Edit::Home | Edit::End);
        if self.proposed && !moves {
            self.proposed = false;
            self.begin_word(edit);
        }
        match edit {
            Edit::Insert(c) => self.insert(&c.to_string()),
            Edit::Paste(text) => self.insert(text),
            Edit::Backspace => self.remove(self.left()..self.cursor),
            Edit::Delete => self.remove(self.cursor..self.right()),
            Edit::Left => self.cursor = self.left(),
            Edit::Right => self.cursor = self.right(),
            Edit::Home => self.cursor = 0,
            Edit::End => self.cursor = self.text.len(),
            Edit::DeleteWord => {
                let head = self.text[..self.cursor].trim_end();
                let from = head.rfind(' ').map_or(0, |at| at + 1);
                self.remove(from..self.cursor);
            }
            Edit::Clear => self.remove(0..self.cursor),
        }
        self.text.len() != before
    }

    /// Sets what is typed at the end apart from the text before it, unless it is a stop of its own.
    fn begin_word(&mut self, edit: &Edit) {
        let first = match edit {
            Edit::Insert(c) => Some(*c),
            Edit::Paste(text) => text.trim_start().chars().next(),
            _ => None,
        };
        let apart = first.is_some_and(|c| !c.is_whitespace() && !c.is_control() && !",;.:!?)".contains(c));
        if apart && self.cursor == self.text.len() && !self.text.ends_with(char::is_whitespace) {
            self.insert(" ");
        }
    }

    fn insert(&mut self, text: &str) {
        // A pasted line break or tab ends up as a blank; other controls have no place in a field.
        let clean: String = text
            .chars()
            .take(MOST)
            .filter_map(|c| match c {
                '\n' | '\r' | '\t' => Some(' '),
                c if c.is_control() => None,
                c => Some(c),
            })
            .collect();
        let clean = if clean.len() > 1 { clean.trim().to_owned() } else { clean };
        let clean = &clean[..clean.floor_char_boundary(MOST.saturating_sub(self.text.len()))];
        self.text.insert_str(self.cursor, clean);
        self.cursor += clean.len();
    }

    fn remove(&mut self, range: std::ops::Range<usize>) {
        self.cursor = range.start;
        self.text.replace_range(range, "");
    }

    fn left(&self) -> usize {
        self.text[..self.cursor].graphemes(true).next_back().map_or(0, |last| self.cursor - last.len())
    }

    fn right(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |first| self.cursor + first.len())
    }

    /// Draws the text so that the cursor is to be seen, and places the cursor when focused.
    pub(crate) fn draw(&self, frame: &mut Frame, look: &Look, area: Rect, focused: bool) {
        let width = usize::from(area.width);
        if width == 0 || area.height == 0 {
            return;
        }
        // A cell holds at most twenty bytes, so nothing before this can be on screen.
        let mut from = self.text.floor_char_boundary(self.cursor.saturating_sub(width.saturating_mul(20)));
        while width_of(look, &self.text[from..self.cursor]) >= width {
            from += self.text[from..].graphemes(true).next().map_or(1, str::len);
        }
        let line = Strip::new(look, width).text(&self.text[from..], Meaning::Text).finish();
        frame.render_widget(line, area);
        if focused {
            let column = u16::try_from(width_of(look, &self.text[from..self.cursor])).unwrap_or(u16::MAX);
            frame.set_cursor_position(Position::new(area.x.saturating_add(column).min(area.right() - 1), area.y));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_moving_and_deleting() {
        let mut field = TextBox::default();
        for c in "fraud scorer".chars() {
            assert!(field.edit(&Edit::Insert(c)));
        }
        field.edit(&Edit::DeleteWord);
        field.edit(&Edit::Left);
        field.edit(&Edit::Backspace);
        assert_eq!(field.text(), "frau ");
        field.edit(&Edit::Home);
        field.edit(&Edit::Delete);
        assert_eq!(field.text(), "rau ");
        assert!(!field.edit(&Edit::Backspace));
    }

    #[test]
    fn what_is_typed_behind_a_proposed_text_is_a_word_of_its_own() {
        for (edits, wanted) in [
            (vec![Edit::Insert('b'), Edit::Insert('c')], "a bc"),
            (vec![Edit::Insert(';'), Edit::Insert('b')], "a;b"),
            (vec![Edit::Insert(' '), Edit::Insert('b')], "a b"),
            (vec![Edit::Paste("\nb c".to_owned())], "a b c"),
            (vec![Edit::Backspace, Edit::Insert('b')], "b"),
            (vec![Edit::Home, Edit::Insert('b')], "ba"),
            (vec![Edit::Home, Edit::End, Edit::Insert('b')], "a b"),
        ] {
            let mut field = TextBox::proposing("a");
            for edit in &edits {
                field.edit(edit);
            }
            assert_eq!(field.text(), wanted, "{edits:?}");
        }
        let mut field = TextBox::proposing("");
        field.edit(&Edit::Insert('b'));
        assert_eq!(field.text(), "b");
    }

    #[test]
    fn a_paste_is_one_line_without_controls() {
        let mut field = TextBox::default();
        field.edit(&Edit::Paste(" a\n\x1b[31mb\t\u{0}\n".to_owned()));
        assert_eq!(field.text(), "a [31mb");
        field.edit(&Edit::Paste("x".repeat(1_000_000)));
        assert!(field.text().len() <= MOST);
    }
}
