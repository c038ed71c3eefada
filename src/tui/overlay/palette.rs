//! The palette: every action by name, with its key, and why it is not available. It does nothing
//! that a key could not.

use crate::tui::action::{Action, Availability, Row, TABLE, availability, label};
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, ListId};
use crate::tui::motion::{Motion, moved};
use crate::tui::overlay::Overlay;
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::frame::{first_row, panel};
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use crate::tui::widget::text_box::{Edit, TextBox};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The layer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    /// What is typed.
    pub field: TextBox,
    /// The selected entry.
    pub selected: usize,
}

impl Palette {
    pub(crate) fn edit(&mut self, edit: &Edit) {
        if self.field.edit(edit) {
            self.selected = 0;
        }
    }

    pub(crate) fn go(&mut self, motion: Motion, len: usize) {
        self.selected = moved(self.selected, motion, len, |_| true);
    }
}

/// Movements make no sense by name.
fn is_offered(action: Action) -> bool {
    !matches!(
        action,
        Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::First
            | Action::Last
            | Action::Expand
            | Action::Collapse
            | Action::FocusBack
            | Action::Palette
            | Action::Pretty
    )
}

/// How well a text fits what was typed: letters in order, those that begin a word or follow the
/// one before counting more.
fn score(typed: &str, text: &str) -> Option<i64> {
    let mut score = 0;
    let mut chars = text.chars().scan(' ', |before, c| Some((std::mem::replace(before, c), c)));
    let mut together = false;
    for wanted in typed.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase) {
        let mut skipped = 0;
        let (before, _) = chars.by_ref().inspect(|_| skipped += 1).find(|(_, c)| c.eq_ignore_ascii_case(&wanted))?;
        score += if !before.is_alphanumeric() { 8 } else { 1 } + if together && skipped == 1 { 6 } else { 0 };
        together = true;
    }
    Some(score * 16 - i64::try_from(text.len()).unwrap_or(0) / 8)
}

/// The actions that fit what is typed, best first; those that can be done now before the others.
pub(crate) fn entries(state: &State) -> Vec<(&'static Row, Availability)> {
    let Some(Overlay::Palette(palette)) = state.overlays.last() else { return Vec::new() };
    let typed = palette.field.text();
    let mut found: Vec<(i64, &'static Row, Availability)> = TABLE
        .iter()
        .filter(|row| is_offered(row.action))
        .filter_map(|row| {
            let by_name = score(typed, row.label).map(|score| score + 400);
            let by_help = score(typed, row.help);
            Some((by_name.max(by_help)?, row, availability(row.action, state)))
        })
        .collect();
    if !typed.trim().is_empty() {
        found.sort_by_key(|(score, ..)| -score);
    }
    found.into_iter().map(|(_, row, availability)| (row, availability)).collect()
}

/// Does the selected action.
pub(crate) fn choose(state: &mut State, out: &mut Vec<Effect>) {
    let entries = entries(state);
    let Some(Overlay::Palette(palette)) = state.overlays.last() else { return };
    let Some((row, _)) = entries.get(palette.selected) else { return };
    super::close(state, out);
    crate::tui::update::act(state, row.action, out);
}

pub(crate) fn draw(
    state: &State,
    palette: &Palette,
    cache: &mut FrameCache,
    frame: &mut Frame,
    area: Rect,
    focused: bool,
) {
    let look = &state.look;
    let size = (area.width.saturating_sub(6).min(100), area.height.saturating_sub(2).min(26));
    let body = panel(frame, look, area, size, "Actions");
    let (prompt, rows) = first_row(body);
    frame.render_widget(Strip::new(look, usize::from(prompt.width)).text(":", Meaning::Key).finish(), prompt);
    let field = Rect { x: prompt.x + 2.min(prompt.width), width: prompt.width.saturating_sub(2), ..prompt };
    palette.field.draw(frame, look, field, focused);
    let entries = entries(state);
    let selection = Some(Selection { at: palette.selected, focused });
    let place = Place { id: ListId::Overlay, area: rows, len: entries.len(), selection };
    list::draw(frame, cache, look, &place, |at, width| entry_line(state, look, &entries[at], width));
}

fn entry_line(state: &State, look: &Look, entry: &(&'static Row, Availability), width: usize) -> Line<'static> {
    let (row, availability) = entry;
    let key = state.keymap.keys(row.action).first().map(|key| key.sign(look.glyphs.ascii)).unwrap_or_default();
    let (meaning, says) = match availability {
        Availability::Ready => (Meaning::Text, row.help),
        Availability::Because(why) => (Meaning::Dim, *why),
    };
    let strip = Strip::new(look, width).cell(label(row.action, state.pane_context()), 15, meaning);
    let strip = strip.cell(&key, 7, Meaning::Key);
    let strip = if matches!(availability, Availability::Because(_)) {
        strip.text("not now: ", Meaning::Warning)
    } else {
        strip
    };
    strip.text(says, Meaning::Dim).finish()
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn letters_in_order_fit_and_word_starts_fit_better() {
        assert!(score("imp", "impact") > score("imp", "dim peak"));
        assert!(score("xyz", "impact").is_none());
        assert_eq!(score("", "abc"), Some(0));
        assert!(score("ask ag", "ask again").is_some());
    }
}
