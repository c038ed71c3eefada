//! The panes: each with its state, what its keys do, and how it is drawn. They hold no overlay.

pub(crate) mod aside;
pub mod case;
pub mod details;
pub mod diff;
pub(crate) mod diff_draw;
pub mod explore;
pub(crate) mod explore_draw;
pub mod impact;
pub mod overview;
pub mod plan;
pub(crate) mod plan_draw;
pub mod row;
pub mod sources;
pub mod suspects;
pub mod timeline;
pub mod tree;

use crate::tui::message::Slot;
use crate::tui::state::State;
use crate::tui::theme::Meaning;
use crate::tui::widget::line::Strip;
use ratatui::Frame;
use ratatui::layout::Rect;

/// What stands where no answer is yet: that it is being asked, or why it failed.
pub(crate) fn draw_waiting<T>(state: &State, frame: &mut Frame, area: Rect, slot: &Slot<T>) {
    if area.height == 0 {
        return;
    }
    let look = &state.look;
    let strip = Strip::new(look, usize::from(area.width)).gap(2);
    let line = match (&slot.failed, slot.pending) {
        (Some(why), _) => strip.text("could not be answered: ", Meaning::Bad).text(why, Meaning::Text),
        (None, Some(_)) => strip
            .text(look.glyphs.busy, Meaning::Key)
            .text(" asking", Meaning::Dim)
            .text(look.glyphs.ellipsis, Meaning::Dim),
        (None, None) => strip.text("stopped: r asks again", Meaning::Dim),
    };
    frame.render_widget(line.finish(), Rect { height: 1, ..area });
}
