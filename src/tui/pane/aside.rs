//! What panes of answers share: why a list is not sure, where the details of the selected row
//! stand, bars, and a way in words. It knows no answer.

use crate::investigate::answer::Completeness;
use crate::tui::action::Action;
use crate::tui::message::Slot;
use crate::tui::pane::row::{bounds, short};
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::facts::{self, Facts, Part};
use crate::tui::widget::frame::{split_columns, split_rows};
use crate::tui::widget::line::Strip;
use ratatui::Frame;
use ratatui::layout::Rect;

/// From this width on, the details stand beside the list.
pub(crate) const WIDE: u16 = 110;

/// The list, and where the details of its selected row stand: beside it, below it, or alone.
pub(crate) fn halves(state: &State, area: Rect) -> (Rect, Rect) {
    if state.zoomed {
        return split_rows(area, 0);
    }
    if area.width >= WIDE {
        return split_columns(area, area.width - area.width * 2 / 5);
    }
    split_rows(area, area.height.saturating_sub((area.height * 2 / 5).min(12)))
}

/// The details of the selected row: what fits of them, or page by page where they stand alone.
pub(crate) fn details(state: &State, frame: &mut Frame, area: Rect, said: &Facts) {
    let action = if state.zoomed { Action::PageDown } else { Action::Focus };
    let key = state.keymap.keys(action).first().map(|key| key.sign(state.look.glyphs.ascii)).unwrap_or_default();
    let part = if state.zoomed { Part::Page(state.page_of_details, &key) } else { Part::Head(&key) };
    facts::draw(frame, &state.look, area, said, part);
}

/// Texts in dim lines under a label, at most `most` of them; returns what lies below.
pub(crate) fn listed(
    frame: &mut Frame,
    look: &Look,
    area: Rect,
    (label, meaning): (&str, Meaning),
    texts: &[String],
    most: usize,
) -> Rect {
    let (top, rest) = split_rows(area, u16::try_from(texts.len().min(most)).unwrap_or(0));
    for (at, (text, y)) in texts.iter().zip(top.y..top.bottom()).enumerate() {
        let strip = Strip::new(look, usize::from(top.width)).gap(1);
        let strip = strip.cell(if at == 0 { label } else { "" }, 9, meaning);
        let more = if at + 1 == most && texts.len() > most {
            format!(" (and {} more)", texts.len() - most)
        } else {
            String::new()
        };
        let room = strip.left().saturating_sub(more.len());
        let strip = strip.within(text, room, Meaning::Dim).text(&more, Meaning::Dim);
        frame.render_widget(strip.finish(), Rect { y, height: 1, ..top });
    }
    rest
}

/// Why the answer is not sure; returns what lies below.
pub(crate) fn unsure(frame: &mut Frame, look: &Look, area: Rect, because: &[String]) -> Rect {
    listed(frame, look, area, ("unsure", Meaning::Warning), because, if area.height >= 16 { 3 } else { 1 })
}

/// `exactly 4`, `at least 3, at most 9`, for the line of the tabs.
pub(crate) fn sure(completeness: &Completeness) -> String {
    let (least, most) = (completeness.at_least, completeness.at_most);
    if completeness.open && least != most {
        format!("at least {}, maybe {} or more", bounds(least, least), bounds(most, most))
    } else if least != most {
        format!("at least {}, at most {}", bounds(least, least), bounds(most, most))
    } else if completeness.because.is_empty() {
        format!("exactly {}", bounds(least, most))
    } else {
        // Nothing is in doubt of what is listed, but there may be more that nobody can see.
        format!("at least {}", bounds(least, most))
    }
}

/// A way in one text: `a → b → c`.
pub(crate) fn way(look: &Look, path: &[String]) -> String {
    let ids: Vec<String> = path.iter().map(|id| short(id)).collect();
    ids.join(&format!(" {} ", look.glyphs.to))
}

/// How many of how many as a bar of `width` columns.
pub(crate) fn bar(look: &Look, count: u64, of: u64, width: u64) -> String {
    let glyphs = look.glyphs;
    let halves = if of == 0 { 0 } else { (count.min(of) * width * 2).div_ceil(of) };
    let cell = |at: u64| match halves.saturating_sub(at * 2) {
        0 => glyphs.empty,
        1 => glyphs.half,
        _ => glyphs.full,
    };
    (0..width).map(cell).collect()
}

/// One line where no answer is because nothing was asked.
pub(crate) fn hint(look: &Look, frame: &mut Frame, area: Rect, text: &str) {
    for (line, y) in
        facts::wrapped(look, text, usize::from(area.width).saturating_sub(4)).iter().zip(area.y..area.bottom())
    {
        let strip = Strip::new(look, usize::from(area.width)).gap(2).text(line, Meaning::Dim);
        frame.render_widget(strip.finish(), Rect { y, height: 1, ..area });
    }
}

/// Whether a pane must ask as it is shown: it has no answer, and none is on its way or refused.
pub(crate) fn lacks<T>(slot: &Slot<T>) -> bool {
    slot.value.is_none() && slot.pending.is_none() && slot.failed.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_full_empty_and_never_both() {
        let look = Look::default();
        assert_eq!(bar(&look, 2, 2, 4), "████");
        assert_eq!(bar(&look, 0, 2, 4), "░░░░");
        assert_eq!(bar(&look, 1, 8, 4), "▌░░░");
        assert_eq!(bar(&look, 1, 1000, 4), "▌░░░");
        assert_eq!(bar(&look, 0, 0, 4), "░░░░");
    }
}
