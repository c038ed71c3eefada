//! What happens to the state when something happens. Pure: what must be done outside is returned.
//! It knows no pane from the inside; each pane does its own.

use crate::investigate::rows::About;
use crate::tui::action::{Action, Availability, Context, availability};
use crate::tui::ask::{Ask, Told};
use crate::tui::live;
use crate::tui::message::{Clicks, Effect, ListId, Msg, SlotId, Target, Ticket};
use crate::tui::motion::Motion;
use crate::tui::overlay::{self, Overlay, audit, finder, form, help, last_good, palette, record};
use crate::tui::pane::{case, chain, diff, explore, gaps, impact, overview, plan, sources, suspects, timeline};
use crate::tui::places::{self, beside, show};
use crate::tui::state::{Pane, State};
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
        Msg::Heading { slot, ticket, heading } => places::headed(state, slot, ticket, *heading),
        Msg::Arrived(heading) => places::arrived(state, *heading),
        Msg::Notice(text) => state.say(text, Meaning::Key),
    }
    out
}

/// Does an action, or says why not.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    if let Availability::Because(why) = availability(action, state) {
        state.say(format!("not now: {why}"), Meaning::Warning);
        return;
    }
    if let Some(motion) = motion(action, state.page()) {
        // details that stand alone are turned page by page; their row stays
        if let (true, Motion::By(by)) = (state.overlays.is_empty() && state.zoomed && turns(action), motion) {
            state.page_of_details += by.signum();
            return;
        }
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
        Action::Markdown => out.extend(crate::tui::answer_text::markdown(state).map(Effect::Copy)),
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
        Action::Previous => places::previous(state, out),
        Action::Refresh => places::refresh(state, out),
        Action::NextPane => show(state, beside(state.pane, 1), out),
        Action::PreviousPane => show(state, beside(state.pane, Pane::ALL.len() - 1), out),
        Action::Focus | Action::FocusBack if state.pane != Pane::Explore => {
            (state.zoomed, state.page_of_details) = (!state.zoomed, 0);
        }
        Action::Plan => plan::of(state, Vec::new(), out),
        Action::MarkPlan => form::open_mark_plan(state),
        Action::Drift => audit::open(state, audit::Audited::Drift, None, out),
        Action::Controls => audit::open(state, audit::Audited::Controls, None, out),
        Action::Report => report(state, out),
        Action::Note => form::open_note(state),
        Action::Except => form::open_except(state),
        Action::Save => form::open_save(state),
        Action::UseCase => form::open_case(state),
        Action::All => diff::toggle_all(state, out),
        Action::Sync => sources::sync(state, out),
        Action::SyncAll => sources::sync_all(state, out),
        Action::Pause => sources::pause(state, out),
        action => match pane_of(action) {
            Some(pane) => show(state, pane, out),
            None => with_subject(state, action, out),
        },
    }
}

/// Has the case in use, else the selected artefact, written down.
fn report(state: &mut State, out: &mut Vec<Effect>) {
    let case = state.heading.case.clone().map(About::Case);
    if let Some(about) = case.or_else(|| state.subject().map(|id| About::Artefact(id.to_owned()))) {
        places::write(state, Ask::Report(about), out);
    }
}

/// The pane an action leads to.
fn pane_of(action: Action) -> Option<Pane> {
    Some(match action {
        Action::Overview => Pane::Overview,
        Action::ExplorePane => Pane::Explore,
        Action::DiffPane => Pane::Diff,
        Action::ImpactPane => Pane::Impact,
        Action::SuspectsPane => Pane::Suspects,
        Action::PlanPane => Pane::Plan,
        Action::TimelinePane => Pane::Timeline,
        Action::CasePane => Pane::Case,
        Action::SourcesPane => Pane::Sources,
        Action::ChainPane => Pane::Chain,
        Action::GapsPane => Pane::Gaps,
        _ => return None,
    })
}

/// Actions about the selected artefact, and those that only one pane knows.
fn with_subject(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let subject = state.subject().map(str::to_owned);
    match (action, subject) {
        (Action::Explore, Some(id)) => explore::root_at(state, &id, out),
        (Action::Impact, Some(id)) => impact::of(state, &id, out),
        (Action::Diff, Some(id)) => diff::of(state, None, id, out),
        (Action::DiffWith, subject) => {
            // in a diff it is about the whole, not about one row
            let of = state.diff.question.as_ref().filter(|_| state.pane == Pane::Diff).map(|it| it.new.clone());
            if let Some(new) = of.or(subject) {
                finder::open(state, finder::Goal::DiffOld(new));
            }
        }
        (Action::LastGood, subject) => {
            let of = state.diff.question.as_ref().filter(|_| state.pane == Pane::Diff).map(|it| it.new.clone());
            if let Some(of) = of.or(subject) {
                last_good::open(state, &of, out);
            }
        }
        (Action::Suspects, Some(id)) => suspects::of(state, &id, out),
        (Action::Misbehaves, Some(id)) => suspects::say(state, &id, suspects::Verdict::Bad, out),
        (Action::Behaves, Some(id)) => suspects::say(state, &id, suspects::Verdict::Good, out),
        (Action::PlanFor, Some(id)) => plan::of(state, vec![id], out),
        (Action::Timeline, Some(id)) => timeline::of(state, &id, out),
        (Action::Gaps, Some(id)) => gaps::of(state, Some(id), out),
        (Action::Chain, Some(id)) => chain::of(state, &id, out),
        (Action::Open | Action::Expand | Action::Collapse, _) if state.pane == Pane::Chain => {
            chain::act(state, action, out)
        }
        (Action::Mark, Some(id)) => form::open_mark(state, &id),
        (Action::Unmark, Some(id)) => form::open_unmark(state, &id, out),
        (Action::Fetch, Some(id)) => live::ask(state, id, out),
        (Action::Path, Some(id)) => finder::open(state, finder::Goal::PathFrom(id)),
        (Action::Open, _) if state.pane == Pane::Case && state.case.saved().is_some() => {
            if let Some(claim) = state.case.saved().map(str::to_owned) {
                case::ask_again(state, &claim, out);
            }
        }
        (Action::Open, Some(id)) if !matches!(state.pane, Pane::Explore | Pane::Sources) => {
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

fn turns(action: Action) -> bool {
    matches!(action, Action::PageUp | Action::PageDown)
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
    state.page_of_details = 0;
    match list {
        ListId::Overview => overview::go(state, motion),
        ListId::Tree => explore::go(state, explore::Side::Tree, motion, out),
        ListId::Details => explore::go(state, explore::Side::Details, motion, out),
        ListId::Diff => diff::go(state, motion),
        ListId::Impact => impact::go(state, motion),
        ListId::Suspects => suspects::go(state, motion),
        ListId::Plan => plan::go(state, motion),
        ListId::Timeline => timeline::go(state, motion),
        ListId::Gaps => gaps::go(state, motion),
        ListId::Chain => chain::go(state, motion),
        ListId::Case => case::go(state, motion),
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

/// Esc: what lies on top closes; what is being asked stops; then one step back, and home at last.
fn back(state: &mut State, out: &mut Vec<Effect>) {
    if !state.overlays.is_empty() {
        overlay::close(state, out);
    } else if let Some(words) = places::stop(state, out) {
        state.say(words, Meaning::Dim);
    } else if state.zoomed {
        state.zoomed = false;
    } else if state.pane == Pane::Explore && state.explore.side == explore::Side::Details {
        state.explore.side = explore::Side::Tree;
    } else if !state.history.is_empty() {
        places::previous(state, out);
    } else if state.pane != Pane::Overview {
        places::enter(state, Pane::Overview, out);
    }
}

fn receive(state: &mut State, slot: SlotId, ticket: Ticket, told: Told, last: bool, out: &mut Vec<Effect>) {
    match slot {
        SlotId::Overview => overview::told(state, ticket, told, last),
        SlotId::Details => explore::details_told(state, ticket, told, last, out),
        SlotId::Children(key) => state.explore.tree.told(key, ticket, told),
        SlotId::Diff => diff::told(state, ticket, told, last),
        SlotId::Impact => impact::told(state, ticket, told, last),
        SlotId::Suspects => suspects::told(state, ticket, told, last),
        SlotId::Plan => plan::told(state, ticket, told, last),
        SlotId::Timeline => timeline::told(state, ticket, told, last),
        SlotId::Gaps => gaps::told(state, ticket, told, last),
        SlotId::Gate => gaps::told_gate(state, ticket, told, last),
        SlotId::Chain => chain::told(state, ticket, told, last),
        SlotId::Case => case::told(state, ticket, told, last),
        SlotId::Again => case::again_told(state, ticket, told, last),
        SlotId::Sources => sources::told(state, ticket, told, last),
        SlotId::Look => {
            if let Some(id) = live::told(state, ticket, told, out) {
                finder::found_at_servers(state, &id, out);
            }
        }
        SlotId::Sync(key) => sources::synced(state, key, told, last, out),
        SlotId::Finder | SlotId::Path | SlotId::LastGood | SlotId::Audit | SlotId::Record | SlotId::Unmark => {
            overlay::told(state, slot, ticket, told, last, out);
        }
        SlotId::Write => places::written(state, ticket, told, out),
    }
}
