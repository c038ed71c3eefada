//! Section titles and the box an overlay stands in. They hold no rows.

use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::line::{Strip, width_of};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear};

/// A line across the area: `── title ───────── note ──`. Returns what lies below it.
pub(crate) fn section(frame: &mut Frame, look: &Look, area: Rect, title: &str, note: &str) -> Rect {
    if area.height == 0 || area.width < 4 {
        return area;
    }
    let width = usize::from(area.width);
    let line = look.glyphs.line;
    let note_width = if note.is_empty() { 0 } else { width_of(look, note) + 4 };
    // The title yields to the note, but keeps half the line.
    let title_room = width.saturating_sub(4 + note_width).max(width / 2).min(width - 4);
    let mut strip = Strip::new(look, width).text(line, Meaning::Rule).gap(1).within(title, title_room, Meaning::Title);
    strip = strip.gap(1);
    let fill = strip.left().saturating_sub(note_width);
    strip = strip.text(&line.repeat(fill), Meaning::Rule);
    if note_width > 0 {
        let room = strip.left().saturating_sub(3);
        strip = strip.gap(1).within(note, room, Meaning::Dim).gap(1);
        let rest = strip.left();
        strip = strip.text(&line.repeat(rest), Meaning::Rule);
    }
    frame.render_widget(strip.finish(), Rect { height: 1, ..area });
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}

/// A box in the middle of the area, cleared, with a title; returns what lies inside.
pub(crate) fn panel(frame: &mut Frame, look: &Look, area: Rect, size: (u16, u16), title: &str) -> Rect {
    let (width, height) = (size.0.min(area.width), size.1.min(area.height));
    let at = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    frame.render_widget(Clear, at);
    let name =
        Strip::new(look, usize::from(width).saturating_sub(4)).gap(1).text(title, Meaning::Title).gap(1).finish();
    let mut block =
        Block::bordered().title(name).border_style(look.style(Meaning::Key)).style(look.style(Meaning::Panel));
    if look.glyphs.ascii {
        block = block.border_set(PLAIN);
    }
    let inner = block.inner(at);
    frame.render_widget(block, at);
    Rect { x: inner.x + u16::from(inner.width > 2), width: inner.width.saturating_sub(2), ..inner }
}

const PLAIN: ratatui::symbols::border::Set<'static> = ratatui::symbols::border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// The first row of an area and what is left below it.
pub(crate) fn first_row(area: Rect) -> (Rect, Rect) {
    let height = area.height.min(1);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

/// An area cut in two: `top` rows and the rest.
pub(crate) fn split_rows(area: Rect, top: u16) -> (Rect, Rect) {
    let top = top.min(area.height);
    (Rect { height: top, ..area }, Rect { y: area.y + top, height: area.height - top, ..area })
}

/// An area cut in two: `left` columns, one blank or line, and the rest.
pub(crate) fn split_columns(area: Rect, left: u16) -> (Rect, Rect) {
    let left = left.min(area.width);
    let rest = area.width - left;
    let gap = rest.min(2);
    (Rect { width: left, ..area }, Rect { x: area.x + left + gap, width: rest - gap, ..area })
}
