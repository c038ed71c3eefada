//! A list of which only the rows on screen are made. Selection is the caller's; only how far the
//! list is scrolled is remembered, and always so that the selection shows.

use crate::tui::draw::FrameCache;
use crate::tui::message::{ListId, Target};
use crate::tui::theme::{Look, Meaning};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Which row is selected, and whether keys go to this list.
#[derive(Clone, Copy)]
pub(crate) struct Selection {
    pub(crate) at: usize,
    pub(crate) focused: bool,
}

impl Selection {
    pub(crate) fn meaning(self) -> Meaning {
        if self.focused { Meaning::Selected } else { Meaning::SelectedAside }
    }
}

/// Where to draw which list.
pub(crate) struct Place {
    pub(crate) id: ListId,
    pub(crate) area: Rect,
    pub(crate) len: usize,
    pub(crate) selection: Option<Selection>,
}

/// The first row to show, so that the selected one is on screen.
pub(crate) fn window(offset: usize, selected: usize, len: usize, height: usize) -> usize {
    let last = len.saturating_sub(height);
    let offset = offset.min(selected);
    let offset = if selected >= offset + height { selected + 1 - height.max(1) } else { offset };
    offset.min(last)
}

/// Draws the rows that fit.
pub(crate) fn draw(
    frame: &mut Frame,
    cache: &mut FrameCache,
    look: &Look,
    place: &Place,
    mut row: impl FnMut(usize, usize) -> Line<'static>,
) {
    let area = place.area;
    cache.region(area, place.id);
    if area.width == 0 || area.height == 0 || place.len == 0 {
        return;
    }
    let height = usize::from(area.height);
    let selected = place.selection.map_or(0, |selection| selection.at);
    let from = window(cache.offset(place.id), selected, place.len, height);
    cache.set_offset(place.id, from);
    for (line, at) in (from..place.len.min(from + height)).enumerate() {
        let slot = Rect { y: area.y + u16::try_from(line).unwrap_or(0), height: 1, ..area };
        frame.render_widget(row(at, usize::from(area.width)), slot);
        if let Some(selection) = place.selection.filter(|selection| selection.at == at) {
            frame.buffer_mut().set_style(slot, look.style(selection.meaning()));
        }
        cache.target(slot, Target::Row(place.id, at));
    }
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn the_selection_is_always_on_screen() {
        for len in 0..30 {
            for height in 1..12 {
                for selected in 0..len {
                    for offset in 0..40 {
                        let from = window(offset, selected, len, height);
                        assert!(from <= selected && selected < from + height, "{len} {height} {selected} {offset}");
                    }
                }
            }
        }
    }
}
