//! What happens to the state when something happens. Pure: what must be done outside is returned.
//! It knows no pane from the inside; each pane does its own.

use crate::tui::action::{Action, Availability, Context, availability};
use crate::tui::ask::{Heading, Told};
use crate::tui::message::{Clicks, Effect, ListId, Msg, SlotId, Target, Ticket};
use crate::tui::motion::Motion;
use crate::tui::overlay::{self, Overlay, finder, form, help, palette, record};
use crate::tui::pane::{explore, impact, overview, sources};
use crate::tui::state::{Pane, State, Visited};
use crate::tui::theme::Meaning;

/// What opening the console asks for.
pub fn start(state: &mut State) -> Vec<Effect> {
    let mut out = Vec::new();
    overview::refresh(state, &mut out);
    out
}

/// Takes one message in.
pub fn update(state: &mut State, msg: Msg) -> Vec<Effect> {
    let mut out = Vec::new();
    match msg {
        Msg::Do(action) => {
            state.notice = None;
            act(state, action, &mut out);
        }
        Msg::Edit(edit) => {
            state.notice = None;
            overlay::edit(state, &edit, &mut out);
        }
        Msg::Click(target, clicks) => {
            state.notice = None;
            click(state, target, clicks, &mut out);
        }
        Msg::Wheel(list, by) => go(state, list, Motion::By(by), &mut out),
        Msg::Resize(width, height) => {
            state.size = (width, height);
            overlay::resize(state);
        }
        Msg::Told { slot, ticket, told, now, last } => {
            state.now = state.now.max(now);
            receive(state, slot, ticket, *told, last, &mut out);
        }
        Msg::Heading { slot, ticket, heading } => headed(state, slot, ticket, *heading),
        Msg::Notice(text) => state.say(text, Meaning::Key),
    }
    out
}

/// Another process may have appended meanwhile: the first line follows, and each pane remembers what
/// its answer was computed on.
fn headed(state: &mut State, slot: SlotId, ticket: Ticket, heading: Heading) {
    let (pane, pending) = match slot {
        // what is written says itself what the ledger is afterwards
        SlotId::Write => return,
        SlotId::Overview => (Some(Pane::Overview), state.overview.slot.pending),
        SlotId::Impact => (Some(Pane::Impact), state.impact.slot.pending),
        SlotId::Sources => (Some(Pane::Sources), state.sources.slot.pending),
        _ => (None, None),
    };
    if let Some(pane) = pane.filter(|_| pending == Some(ticket)) {
        state.answered_at.insert(pane, heading.root.clone());
    }
    if matches!(slot, SlotId::Details | SlotId::Children(_)) {
        // its parts are answered one by one: the oldest counts until all is asked again
        state.answered_at.entry(Pane::Explore).or_insert_with(|| heading.root.clone());
    }
    // answers may come out of order; a log only grows
    if heading.records >= state.heading.records {
        state.heading = heading;
    }
}

/// Does an action, or says why not.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    if let Availability::Because(why) = availability(action, state) {
        state.say(format!("not now: {why}"), Meaning::Warning);
        return;
    }
    if let Some(motion) = motion(action, state.page()) {
        let list = if state.overlays.is_empty() { state.focused_list() } else { ListId::Overlay };
        go(state, list, motion, out);
        return;
    }
    match action {
        Action::Quit if state.overlays.is_empty() => out.push(Effect::Quit),
        Action::Quit => overlay::close(state, out),
        Action::Back => back(state, out),
        Action::Redraw => out.push(Effect::Redraw),
        Action::Suspend => out.push(Effect::Suspend),
        Action::Copy => out.extend(state.copyable().map(Effect::Copy)),
        Action::Record => {
            if let Some(claim) = state.claim().map(str::to_owned) {
                record::open(state, &claim, out);
            }
        }
        _ if !state.overlays.is_empty() => overlay::act(state, action, out),
        Action::Find => finder::open(state, finder::Goal::Explore),
        Action::Palette => state.overlays.push(Overlay::Palette(palette::Palette::default())),
        Action::Help => help::open(state),
        Action::Window => form::open_window(state),
        Action::Previous => previous(state, out),
        Action::Refresh => refresh(state, out),
        Action::Overview => show(state, Pane::Overview, out),
        Action::ExplorePane => show(state, Pane::Explore, out),
        Action::ImpactPane => show(state, Pane::Impact, out),
        Action::SourcesPane => show(state, Pane::Sources, out),
        Action::NextPane => show(state, beside(state.pane, 1), out),
        Action::PreviousPane => show(state, beside(state.pane, Pane::ALL.len() - 1), out),
        action => with_subject(state, action, out),
    }
}

/// Actions about the selected artefact, and those that only one pane knows.
fn with_subject(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let subject = state.subject().map(str::to_owned);
    match (action, subject) {
        (Action::Explore, Some(id)) => explore::root_at(state, &id, out),
        (Action::Impact, Some(id)) => impact::of(state, &id, out),
        (Action::Mark, Some(id)) => form::open_mark(state, &id),
        (Action::Unmark, Some(id)) => form::open_unmark(state, &id, out),
        (Action::Path, Some(id)) => finder::open(state, finder::Goal::PathFrom(id)),
        (Action::Open, Some(id)) if matches!(state.pane, Pane::Overview | Pane::Impact) => {
            explore::root_at(state, &id, out);
        }
        (Action::Open, _) if state.pane_context() == Context::Details => {
            if let Some(claim) = state.claim().map(str::to_owned) {
                record::open(state, &claim, out);
            }
        }
        (action, _) if state.pane == Pane::Explore => explore::act(state, action, out),
        _ => {}
    }
}

fn motion(action: Action, page: i64) -> Option<Motion> {
    Some(match action {
        Action::Up => Motion::By(-1),
        Action::Down => Motion::By(1),
        Action::PageUp => Motion::By(-page),
        Action::PageDown => Motion::By(page),
        Action::First => Motion::First,
        Action::Last => Motion::Last,
        _ => return None,
    })
}

fn go(state: &mut State, list: ListId, motion: Motion, out: &mut Vec<Effect>) {
    match list {
        ListId::Overview => overview::go(state, motion),
        ListId::Tree => explore::go(state, explore::Side::Tree, motion, out),
        ListId::Details => explore::go(state, explore::Side::Details, motion, out),
        ListId::Impact => impact::go(state, motion),
        ListId::Sources => sources::go(state, motion),
        ListId::Overlay => overlay::go(state, motion),
    }
}

fn click(state: &mut State, target: Target, clicks: Clicks, out: &mut Vec<Effect>) {
    match target {
        Target::Tab(at) => {
            if let Some(&pane) = Pane::ALL.get(at) {
                show(state, pane, out);
            }
        }
        Target::Row(list, at) => {
            match list {
                ListId::Tree => state.explore.side = explore::Side::Tree,
                ListId::Details if !state.explore.lines.is_empty() => state.explore.side = explore::Side::Details,
                _ => {}
            }
            let at = match (list, state.overlays.last()) {
                // A hop takes two rows.
                (ListId::Overlay, Some(Overlay::Path(_))) => at / 2,
                _ => at,
            };
            go(state, list, Motion::To(at), out);
            // A second click on a field of a dialog does not send it off.
            if clicks == Clicks::Twice && !matches!(state.overlays.last(), Some(Overlay::Form(_))) {
                act(state, Action::Open, out);
            }
        }
    }
}

fn beside(pane: Pane, by: usize) -> Pane {
    let at = Pane::ALL.iter().position(|&other| other == pane).unwrap_or(0);
    Pane::ALL[(at + by) % Pane::ALL.len()]
}

fn show(state: &mut State, pane: Pane, out: &mut Vec<Effect>) {
    if state.pane != pane {
        state.remember();
        enter(state, pane, out);
    }
}

/// Shows a pane, asking its question when it has not been asked.
fn enter(state: &mut State, pane: Pane, out: &mut Vec<Effect>) {
    state.pane = pane;
    match pane {
        Pane::Overview if state.overview.slot.value.is_none() => overview::refresh(state, out),
        Pane::Sources if state.sources.slot.value.is_none() => sources::refresh(state, out),
        _ => {}
    }
}

fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    match state.pane {
        Pane::Overview => overview::refresh(state, out),
        Pane::Explore => explore::replant(state, out),
        Pane::Impact => impact::refresh(state, out),
        Pane::Sources => sources::refresh(state, out),
    }
}

/// Esc: what lies on top closes; what is being asked stops; then one step back, and home at last.
fn back(state: &mut State, out: &mut Vec<Effect>) {
    if !state.overlays.is_empty() {
        overlay::close(state, out);
    } else if stop(state, out) {
        state.say("stopped: r asks again", Meaning::Dim);
    } else if state.pane == Pane::Explore && state.explore.side == explore::Side::Details {
        state.explore.side = explore::Side::Tree;
    } else if !state.history.is_empty() {
        previous(state, out);
    } else if state.pane != Pane::Overview {
        enter(state, Pane::Overview, out);
    }
}

/// Takes back what the pane is waiting for.
fn stop(state: &mut State, out: &mut Vec<Effect>) -> bool {
    let (slot, pending) = match state.pane {
        Pane::Overview => (SlotId::Overview, state.overview.slot.pending.take()),
        Pane::Explore => return false,
        Pane::Impact => (SlotId::Impact, state.impact.slot.pending.take()),
        Pane::Sources => (SlotId::Sources, state.sources.slot.pending.take()),
    };
    if pending.is_some() {
        out.push(Effect::Cancel(slot));
    }
    pending.is_some()
}

fn previous(state: &mut State, out: &mut Vec<Effect>) {
    let Some(Visited { pane, root, direction, impact_of }) = state.history.pop() else { return };
    if root.as_deref() != state.explore.tree.root() || direction != state.explore.direction {
        state.explore.direction = direction;
        match root {
            Some(root) => explore::plant(state, &root, out),
            None => state.explore = explore::Pane { direction, ..explore::Pane::default() },
        }
    }
    if impact_of != state.impact.of {
        state.impact = impact::Pane { of: impact_of, ..impact::Pane::default() };
        impact::refresh(state, out);
    }
    enter(state, pane, out);
}

fn receive(state: &mut State, slot: SlotId, ticket: Ticket, told: Told, last: bool, out: &mut Vec<Effect>) {
    match slot {
        SlotId::Overview => overview::told(state, ticket, told, last),
        SlotId::Details => explore::details_told(state, ticket, told, last),
        SlotId::Children(key) => state.explore.tree.told(key, ticket, told),
        SlotId::Impact => impact::told(state, ticket, told, last),
        SlotId::Sources => sources::told(state, ticket, told, last),
        SlotId::Finder | SlotId::Path | SlotId::Record | SlotId::Unmark => {
            overlay::told(state, slot, ticket, told, last);
        }
        SlotId::Write => written(state, told, out),
    }
}

/// After something was written, whatever may show it is asked for again.
fn written(state: &mut State, told: Told, out: &mut Vec<Effect>) {
    match told {
        Told::Written { claim, heading } => {
            // what this console wrote itself is shown, or asked for again
            for root in state.answered_at.values_mut().filter(|root| **root == state.heading.root) {
                root.clone_from(&heading.root);
            }
            state.heading = heading;
            state.say(format!("written to the log as {claim}"), Meaning::Good);
            overview::refresh(state, out);
            explore::refresh_details(state, out);
            impact::refresh(state, out);
        }
        Told::Failed(why) => state.say(format!("not written: {why}"), Meaning::Bad),
        _ => state.say("not written", Meaning::Bad),
    }
}
