//! Help: the keys of this place from the action table. It explains nothing twice.

use crate::tui::action::{Context, TABLE, label};
use crate::tui::keymap::Keymap;
use crate::tui::motion::{Motion, moved};
use crate::tui::overlay::Overlay;
use crate::tui::state::State;
use crate::tui::theme::Meaning;
use crate::tui::widget::frame::panel;
use crate::tui::widget::line::Strip;
use ratatui::Frame;
use ratatui::layout::Rect;

/// The layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// The places it is about.
    pub contexts: Vec<Context>,
    /// The lines, from the table and the keymap.
    pub lines: Vec<HelpLine>,
    /// The first line shown.
    pub scroll: usize,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub enum HelpLine {
    Title(&'static str),
    Key { keys: String, label: &'static str, help: String },
    Blank,
}

/// Opens help for the contexts that hold.
pub(crate) fn open(state: &mut State) {
    let contexts = state.contexts();
    let lines = lines(&state.keymap, &contexts, width(state.size));
    state.overlays.push(Overlay::Help(Help { contexts, lines, scroll: 0 }));
}

/// Columns of the keys and of the names.
const COLUMNS: (usize, usize) = (15, 14);

/// Columns left for the sentences.
fn width(size: (u16, u16)) -> usize {
    usize::from(size.0.saturating_sub(4).min(104)).saturating_sub(COLUMNS.0 + COLUMNS.1 + 6).max(16)
}

/// A sentence in lines of at most `width` columns; the table's sentences are ASCII.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if line.len() + 1 + word.len() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

fn lines(keymap: &Keymap, contexts: &[Context], width: usize) -> Vec<HelpLine> {
    let mut out = Vec::new();
    for &context in contexts {
        let rows: Vec<_> = TABLE.iter().filter(|row| row.contexts.contains(&context)).collect();
        if rows.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(HelpLine::Blank);
        }
        out.push(HelpLine::Title(context.title()));
        for row in rows {
            let keys: Vec<String> = keymap.keys(row.action).iter().map(ToString::to_string).collect();
            for (at, help) in wrapped(row.help, width).into_iter().enumerate() {
                let (keys, label) =
                    if at == 0 { (keys.join(" "), label(row.action, context)) } else { (String::new(), "") };
                out.push(HelpLine::Key { keys, label, help });
            }
        }
    }
    out
}

fn inner_height(size: (u16, u16)) -> usize {
    usize::from(size.1.saturating_sub(7))
}

impl Help {
    /// Breaks the sentences anew for another size.
    pub(crate) fn resize(&mut self, keymap: &Keymap, size: (u16, u16)) {
        self.lines = lines(keymap, &self.contexts, width(size));
        self.go(Motion::By(0), size);
    }

    pub(crate) fn go(&mut self, motion: Motion, size: (u16, u16)) {
        let tops = self.lines.len().saturating_sub(inner_height(size)) + 1;
        self.scroll = moved(self.scroll, motion, tops, |_| true);
    }
}

pub(crate) fn draw(state: &State, help: &Help, frame: &mut Frame, area: Rect) {
    let look = &state.look;
    let size = (area.width.saturating_sub(4).min(104), area.height.saturating_sub(2));
    let body = panel(frame, look, area, size, "Help");
    let height = usize::from(body.height);
    let from = help.scroll.min(help.lines.len().saturating_sub(height));
    for (at, line) in help.lines.iter().skip(from).take(height).enumerate() {
        let slot = Rect { y: body.y + u16::try_from(at).unwrap_or(0), height: 1, ..body };
        let strip = Strip::new(look, usize::from(slot.width));
        let strip = match line {
            HelpLine::Blank => strip,
            HelpLine::Title(title) => strip.text(title, Meaning::Title),
            HelpLine::Key { keys, label, help } => strip
                .gap(1)
                .cell(keys, COLUMNS.0, Meaning::Key)
                .cell(label, COLUMNS.1, Meaning::Text)
                .text(help, Meaning::Dim),
        };
        frame.render_widget(strip.finish(), slot);
    }
}
