//! The panes: each with its state, what its keys do, and how it is drawn. They hold no overlay.

pub(crate) mod aside;
pub mod case;
pub mod chain;
pub mod details;
pub mod diff;
pub(crate) mod diff_draw;
pub mod explore;
pub(crate) mod explore_draw;
pub mod gaps;
pub mod impact;
pub(crate) mod impact_draw;
pub mod overview;
pub mod plan;
pub(crate) mod plan_draw;
pub mod row;
pub mod sources;
pub(crate) mod sources_draw;
pub mod suspects;
pub mod timeline;
pub mod tree;

use crate::tui::message::Slot;
use crate::tui::state::State;
use crate::tui::theme::Meaning;
use crate::tui::widget::facts::wrapped;
use crate::tui::widget::frame::split_rows;
use crate::tui::widget::line::Strip;
use ratatui::Frame;
use ratatui::layout::Rect;

/// What stands where no answer is yet: that it is being asked, or why it failed. Returns what lies below.
pub(crate) fn draw_waiting<T>(state: &State, frame: &mut Frame, area: Rect, slot: &Slot<T>) -> Rect {
    let (look, width) = (&state.look, usize::from(area.width));
    let mut lines = Vec::new();
    match (&slot.failed, slot.pending) {
        (Some(why), _) => {
            let text = format!("could not be answered: {}", &why[..why.floor_char_boundary(4096)]);
            let texts = wrapped(look, &text, width.saturating_sub(4)).into_iter().take(8);
            lines.extend(texts.map(|text| Strip::new(look, width).gap(2).text(&text, Meaning::Bad)));
        }
        (None, Some(_)) => lines.push(
            Strip::new(look, width)
                .gap(2)
                .text(look.glyphs.busy, Meaning::Key)
                .text(" asking", Meaning::Dim)
                .text(look.glyphs.ellipsis, Meaning::Dim),
        ),
        (None, None) => lines.push(Strip::new(look, width).gap(2).text("stopped: r asks again", Meaning::Dim)),
    }
    let (top, below) = split_rows(area, u16::try_from(lines.len()).unwrap_or(0));
    for (line, y) in lines.into_iter().zip(top.y..top.bottom()) {
        frame.render_widget(line.finish(), Rect { y, height: 1, ..top });
    }
    below
}
