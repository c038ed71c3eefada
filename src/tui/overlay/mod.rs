//! What can lie above a pane: a stack of which the topmost has the keys. It closes with Esc.

pub mod audit;
pub mod finder;
pub mod form;
mod form_draw;
pub mod help;
pub mod last_good;
pub mod palette;
pub mod path;
pub mod record;

use crate::tui::action::{Action, Context};
use crate::tui::ask::Told;
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, SlotId, Ticket};
use crate::tui::motion::Motion;
use crate::tui::state::State;
use crate::tui::widget::text_box::Edit;
use ratatui::Frame;
use ratatui::layout::Rect;

/// One layer.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each variant is documented on the struct it holds")]
pub enum Overlay {
    Finder(finder::Finder),
    Palette(palette::Palette),
    Help(help::Help),
    Record(record::Record),
    Path(path::PathView),
    LastGood(last_good::LastGoodView),
    Audit(audit::AuditView),
    Form(form::Form),
}

impl Overlay {
    pub(crate) fn context(&self) -> Context {
        match self {
            Overlay::Finder(_) => Context::Finder,
            Overlay::Palette(_) => Context::Palette,
            Overlay::Help(_) => Context::Help,
            Overlay::Record(_) => Context::Record,
            Overlay::Path(_) => Context::Path,
            Overlay::LastGood(_) => Context::LastGood,
            Overlay::Audit(_) => Context::Audit,
            Overlay::Form(_) => Context::Form,
        }
    }

    pub(crate) fn is_typing(&self) -> bool {
        matches!(self, Overlay::Finder(_) | Overlay::Palette(_) | Overlay::Form(_))
    }

    /// The place whose request dies with the overlay.
    fn slot(&self) -> Option<SlotId> {
        match self {
            Overlay::Finder(_) => Some(SlotId::Finder),
            Overlay::Record(_) => Some(SlotId::Record),
            Overlay::Path(_) => Some(SlotId::Path),
            Overlay::LastGood(_) => Some(SlotId::LastGood),
            Overlay::Audit(_) => Some(SlotId::Audit),
            Overlay::Form(form) if form.is_unmark() => Some(SlotId::Unmark),
            Overlay::Palette(_) | Overlay::Help(_) | Overlay::Form(_) => None,
        }
    }
}

/// Takes the topmost layer away, and what it was waiting for.
pub(crate) fn close(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(slot) = state.overlays.pop().and_then(|overlay| overlay.slot()) {
        out.push(Effect::Cancel(slot));
    }
}

/// Gives an edit to the topmost layer.
pub(crate) fn edit(state: &mut State, edit: &Edit, out: &mut Vec<Effect>) {
    match state.overlays.last_mut() {
        Some(Overlay::Finder(finder)) => {
            if finder.edit(edit) {
                finder::search(state, out);
            }
        }
        Some(Overlay::Palette(palette)) => palette.edit(edit),
        Some(Overlay::Form(form)) => form.edit(edit),
        Some(Overlay::Help(_) | Overlay::Record(_) | Overlay::Path(_) | Overlay::LastGood(_) | Overlay::Audit(_))
        | None => {}
    }
}

/// Moves the selection, or the text, of the topmost layer.
pub(crate) fn go(state: &mut State, motion: Motion) {
    let size = state.size;
    let entries = palette::entries(state).len();
    match state.overlays.last_mut() {
        Some(Overlay::Finder(finder)) => finder.go(motion),
        Some(Overlay::Palette(palette)) => palette.go(motion, entries),
        Some(Overlay::Help(help)) => help.go(motion, size),
        Some(Overlay::Record(record)) => record.go(motion, size),
        Some(Overlay::Path(path)) => path.go(motion),
        Some(Overlay::LastGood(view)) => view.go(motion),
        Some(Overlay::Audit(view)) => view.go(motion),
        Some(Overlay::Form(form)) => form.go(motion),
        None => {}
    }
}

/// Breaks texts anew for another size of the screen.
pub(crate) fn resize(state: &mut State) {
    let (keymap, size) = (std::sync::Arc::clone(&state.keymap), state.size);
    for overlay in &mut state.overlays {
        match overlay {
            Overlay::Help(help) => help.resize(&keymap, size),
            Overlay::Record(record) => record.resize(size),
            Overlay::Finder(_)
            | Overlay::Palette(_)
            | Overlay::Path(_)
            | Overlay::LastGood(_)
            | Overlay::Audit(_)
            | Overlay::Form(_) => {}
        }
    }
}

/// Does what the topmost layer itself knows to do.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    match (state.overlays.last_mut(), action) {
        (Some(Overlay::Finder(_)), Action::Open) => finder::choose(state, out),
        (Some(Overlay::Palette(_)), Action::Open) => palette::choose(state, out),
        (Some(Overlay::Path(path)), Action::Open) => {
            if let Some(claim) = path.claim().map(str::to_owned) {
                record::open(state, &claim, out);
            }
        }
        (Some(Overlay::LastGood(_)), action) => last_good::act(state, action, out),
        (Some(Overlay::Audit(_)), action) => audit::act(state, action, out),
        (Some(Overlay::Record(record)), Action::Pretty) => record.toggle(),
        (Some(Overlay::Form(form)), Action::Focus) => form.go(Motion::By(1)),
        (Some(Overlay::Form(form)), Action::FocusBack) => form.go(Motion::By(-1)),
        (Some(Overlay::Form(_)), Action::Open) => form::submit(state, out),
        _ => {}
    }
}

/// Hands an answer to the layer that waits for it.
pub(crate) fn told(state: &mut State, slot: SlotId, ticket: Ticket, told: Told, last: bool, out: &mut Vec<Effect>) {
    let now = state.now;
    for overlay in &mut state.overlays {
        match (slot, overlay) {
            (SlotId::Finder, Overlay::Finder(finder)) if finder.slot.expects(ticket) => {
                finder.told(told, last);
                break;
            }
            (SlotId::Record, Overlay::Record(record)) if record.slot.expects(ticket) => return record.told(told, last),
            (SlotId::Path, Overlay::Path(path)) if path.slot.expects(ticket) => return path.told(told, last),
            (SlotId::LastGood, Overlay::LastGood(view)) if view.slot.expects(ticket) => return view.told(told, last),
            (SlotId::Audit, Overlay::Audit(view)) if view.slot.expects(ticket) => return view.told(told, last),
            (SlotId::Unmark, Overlay::Form(form)) if form.waits_for(ticket) => return form.told_marks(told, now),
            _ => {}
        }
    }
    if matches!(state.overlays.last(), Some(Overlay::Finder(finder)) if finder.is_due()) {
        finder::choose(state, out);
    }
}

/// Draws every layer, the topmost last.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let top = state.overlays.len().saturating_sub(1);
    for (at, overlay) in state.overlays.iter().enumerate() {
        // Only what lies on top can be clicked.
        cache.forget_targets();
        let focused = at == top;
        match overlay {
            Overlay::Finder(finder) => finder::draw(state, finder, cache, frame, area, focused),
            Overlay::Palette(palette) => palette::draw(state, palette, cache, frame, area, focused),
            Overlay::Help(help) => help::draw(state, help, frame, area),
            Overlay::Record(record) => record::draw(state, record, frame, area),
            Overlay::Path(path) => path::draw(state, path, cache, frame, area),
            Overlay::LastGood(view) => last_good::draw(state, view, cache, frame, area),
            Overlay::Audit(view) => audit::draw(state, view, cache, frame, area),
            Overlay::Form(form) => form_draw::draw(state, form, cache, frame, area, focused),
        }
    }
}
