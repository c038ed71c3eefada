//! Sources: where records come from, how fresh, and what could not be read. It fetches nothing.

use crate::tui::ask::{Ask, SourceView, Told};
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, ListId, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::pane::row::thousands;
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::frame::{first_row, section, split_rows};
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pane {
    /// The answer.
    pub slot: Slot<Vec<SourceView>>,
    /// The selected source.
    pub selected: usize,
}

/// Asks the question.
pub(crate) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ask(SlotId::Sources, Ask::Sources, out);
    state.sources.slot.wait(ticket);
}

/// Moves the selection.
pub(crate) fn go(state: &mut State, motion: Motion) {
    let len = state.sources.slot.value.as_ref().map_or(0, Vec::len);
    state.sources.selected = moved(state.sources.selected, motion, len, |_| true);
}

/// Takes the answer in.
pub(crate) fn told(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    if !state.sources.slot.expects(ticket) {
        return;
    }
    match told {
        Told::Sources(rows) => state.sources.slot.fill(rows, last),
        other => state.sources.slot.fail(other),
    }
    go(state, Motion::By(0));
}

/// Draws it.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (pane, look) = (&state.sources, &state.look);
    let Some(sources) = &pane.slot.value else {
        super::draw_waiting(state, frame, area, &pane.slot);
        return;
    };
    if sources.is_empty() {
        let text = "Nothing was received yet: lastgood import PATH reads files and folders.";
        frame.render_widget(
            Strip::new(look, usize::from(area.width)).gap(2).text(text, Meaning::Dim).finish(),
            first_row(area).0,
        );
        return;
    }
    let (head, body) = first_row(area);
    let columns = Columns::of(usize::from(head.width));
    frame.render_widget(columns.head(look, usize::from(head.width)), head);
    let selected = sources.get(pane.selected);
    let below = if selected.is_some_and(|source| source.quarantined_count > 0) { body.height / 3 } else { 0 };
    let (rows, below) = split_rows(body, body.height - below);
    let place = Place {
        id: ListId::Sources,
        area: rows,
        len: sources.len(),
        selection: Some(Selection { at: pane.selected, focused: state.overlays.is_empty() }),
    };
    list::draw(frame, cache, look, &place, |at, width| columns.line(state, &sources[at], width));
    if let Some(source) = selected.filter(|source| source.quarantined_count > 0) {
        draw_refused(look, frame, below, source);
    }
}

struct Columns {
    name: usize,
    format: usize,
}

impl Columns {
    /// Numbers take what they need; the name takes what is left.
    fn of(width: usize) -> Columns {
        let format = if width >= 100 { 22 } else { 13 };
        Columns { name: width.saturating_sub(format + 9 + 9 + 10 + 9 + 10 + 2).max(10), format }
    }

    fn head(&self, look: &Look, width: usize) -> Line<'static> {
        let strip = Strip::new(look, width).gap(2).cell("source", self.name, Meaning::Dim);
        let strip = strip.cell("format", self.format, Meaning::Dim).right("records", 9, Meaning::Dim);
        let strip = strip.right("claims", 9, Meaning::Dim).right("received", 10, Meaning::Dim);
        strip.right("refused", 9, Meaning::Dim).gap(2).text("state", Meaning::Dim).finish()
    }

    fn line(&self, state: &State, source: &SourceView, width: usize) -> Line<'static> {
        let received = source.last_received.map_or_else(|| "never".to_owned(), |at| at.age(state.now));
        let refused = if source.quarantined_count > 0 { Meaning::Warning } else { Meaning::Dim };
        let condition = if source.state == "ok" { Meaning::Good } else { Meaning::Warning };
        let strip = Strip::new(&state.look, width).gap(2).cell(&source.name, self.name - 1, Meaning::Text).gap(1);
        let strip = strip.cell(&source.format, self.format, Meaning::Dim);
        let strip = strip.right(&thousands(source.records), 9, Meaning::Text);
        let strip = strip.right(&thousands(source.claims), 9, Meaning::Text).right(&received, 10, Meaning::Dim);
        strip.right(&thousands(source.quarantined_count), 9, refused).gap(2).text(&source.state, condition).finish()
    }
}

fn draw_refused(look: &Look, frame: &mut Frame, area: Rect, source: &SourceView) {
    let shown = source.quarantined.len() as u64;
    let note = if shown < source.quarantined_count {
        format!("{} of {}", thousands(shown), thousands(source.quarantined_count))
    } else {
        thousands(shown)
    };
    let body = section(frame, look, area, "Could not be read, and was set aside", &note);
    for (at, refused) in source.quarantined.iter().take(usize::from(body.height)).enumerate() {
        let slot = Rect { y: body.y + u16::try_from(at).unwrap_or(0), height: 1, ..body };
        let width = usize::from(slot.width);
        let strip = Strip::new(look, width).gap(2).cell(&refused.at, width / 3, Meaning::Dim).gap(2);
        frame.render_widget(strip.text(&refused.why, Meaning::Text).finish(), slot);
    }
}
