//! Why one artefact depends on another: hop by hop, each with dates and source. It finds no path.

use crate::investigate::answer::Answer;
use crate::investigate::question::{Direction, Path};
use crate::investigate::rows::{LinkRow, PathFound};
use crate::tui::ask::{Ask, Told};
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, ListId, Slot, SlotId};
use crate::tui::motion::{Motion, moved};
use crate::tui::overlay::Overlay;
use crate::tui::pane::details::held;
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::frame::{panel, split_rows};
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The layer.
#[derive(Debug, Clone, PartialEq)]
pub struct PathView {
    /// The question.
    pub question: Path,
    /// The answer.
    pub slot: Slot<Answer<LinkRow, PathFound>>,
    /// The selected hop.
    pub selected: usize,
}

/// Asks and opens.
pub(crate) fn open(state: &mut State, question: Path, out: &mut Vec<Effect>) {
    let ticket = state.ask(SlotId::Path, Ask::Path(question.clone()), out);
    let mut slot = Slot::default();
    slot.wait(ticket);
    state.overlays.push(Overlay::Path(PathView { question, slot, selected: 0 }));
}

impl PathView {
    pub(crate) fn go(&mut self, motion: Motion) {
        let len = self.slot.value.as_ref().map_or(0, |answer| answer.rows.len());
        self.selected = moved(self.selected, motion, len, |_| true);
    }

    pub(crate) fn told(&mut self, told: Told, last: bool) {
        match told {
            Told::Path(answer) => self.slot.fill(answer, last),
            other => self.slot.fail(other),
        }
    }

    pub(crate) fn claim(&self) -> Option<&str> {
        self.slot.value.as_ref()?.rows.get(self.selected).map(|row| row.claim.as_str())
    }

    /// The path as text, for the clipboard.
    pub(crate) fn text(&self) -> Option<String> {
        let rows = &self.slot.value.as_ref()?.rows;
        let hops: Vec<String> = rows.iter().map(|hop| format!("{} {} {}", hop.from, hop.relation, hop.to)).collect();
        (!hops.is_empty()).then(|| hops.join("\n"))
    }
}

pub(crate) fn draw(state: &State, path: &PathView, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let look = &state.look;
    let size = (area.width.saturating_sub(4).min(120), area.height.saturating_sub(2).min(24));
    let body = panel(frame, look, area, size, &format!("Why {} depends on {}", path.question.from, path.question.to));
    let Some(answer) = &path.slot.value else {
        crate::tui::pane::draw_waiting(state, frame, body, &path.slot);
        return;
    };
    let (head, rows) = split_rows(body, 2);
    frame.render_widget(
        Strip::new(look, usize::from(head.width)).text(&says(path, answer), Meaning::Dim).finish(),
        head,
    );
    let place = Place {
        id: ListId::Overlay,
        area: rows,
        len: answer.rows.len() * 2,
        selection: Some(Selection { at: path.selected * 2, focused: true }),
    };
    list::draw(frame, cache, look, &place, |at, width| hop_line(look, &answer.rows[at / 2], at % 2 == 1, width));
}

fn says(path: &PathView, answer: &Answer<LinkRow, PathFound>) -> String {
    let found = &answer.summary;
    let Some(direction) = found.direction else {
        return match answer.completeness.because.first() {
            Some(why) => format!("No way from one to the other: {why}"),
            None => "No way leads from one to the other, in either direction.".to_owned(),
        };
    };
    let hops = answer.rows.len();
    let turned = if direction == Direction::Down {
        format!(" It is the other way round: {} depends on it.", path.question.to)
    } else {
        String::new()
    };
    let ways = if found.alternatives > 1 { format!(", one of {} as short", found.alternatives) } else { String::new() };
    let impact = if found.carries_impact { "" } else { " Impact does not run along it." };
    format!("{hops} hop{}{ways}.{turned}{impact}", if hops == 1 { "" } else { "s" })
}

fn hop_line(look: &Look, hop: &LinkRow, second: bool, width: usize) -> Line<'static> {
    let strip = Strip::new(look, width);
    if second {
        let dates = held(hop);
        return strip.gap(4).text(&format!("{dates} {} {}", look.glyphs.dot, hop.source), Meaning::Dim).finish();
    }
    let half = strip.left().saturating_sub(hop.relation.len().min(20) + 2) / 2;
    let strip = strip.within(&hop.from, half, Meaning::Text).gap(1).within(&hop.relation, 20, Meaning::Key).gap(1);
    strip.text(&hop.to, Meaning::Text).finish()
}
