//! Sources: where records come from, how fresh, what could not be read, and pulling a server now. It draws
//! nothing, and fetches nothing itself.

use crate::tui::ask::{Ask, LiveView, SourceView, Told};
use crate::tui::message::{Effect, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::pane::overview;
use crate::tui::state::State;
use crate::tui::theme::Meaning;
use std::collections::BTreeMap;

/// The pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pane {
    /// The answer.
    pub slot: Slot<Vec<SourceView>>,
    /// The selected source.
    pub selected: usize,
    /// The servers that are being pulled, by name.
    pub running: BTreeMap<String, Running>,
    next_key: u64,
}

/// A server that is being pulled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Running {
    key: u64,
    /// How many records are kept so far.
    pub records: u64,
    /// What was taken up last.
    pub part: String,
    /// Whether it was told to stop.
    pub stopping: bool,
}

impl Pane {
    /// The selected source.
    pub(crate) fn source(&self) -> Option<&SourceView> {
        self.slot.value.as_ref()?.get(self.selected)
    }

    /// The selected source, where it is a server.
    pub(crate) fn live(&self) -> Option<&LiveView> {
        self.source()?.live.as_ref()
    }

    /// Every server.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &LiveView> {
        self.slot.value.iter().flatten().filter_map(|it| it.live.as_ref())
    }
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

/// Takes the answer in. The same source stays selected, wherever it stands now.
pub(crate) fn told(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    if !state.sources.slot.expects(ticket) {
        return;
    }
    let selected = state.sources.source().map(|it| it.name.clone());
    match told {
        Told::Sources(rows) => {
            let at = selected.and_then(|name| rows.iter().position(|it| it.name == name));
            state.sources.selected = at.unwrap_or(state.sources.selected);
            state.sources.slot.fill(rows, last);
        }
        other => {
            if let (Told::Failed(why), true) = (&other, state.sources.slot.value.is_some()) {
                state.say(why.clone(), Meaning::Bad);
            }
            state.sources.slot.fail(other);
        }
    }
    go(state, Motion::By(0));
}

/// Pulls the selected server now.
pub(crate) fn sync(state: &mut State, out: &mut Vec<Effect>) {
    let Some(name) = state.sources.source().map(|it| it.name.clone()) else { return };
    match state.sources.running.contains_key(&name) {
        true => state.say(format!("{name} is being pulled: Esc stops it"), Meaning::Dim),
        false => pull(state, name, out),
    }
}

/// Pulls every server that is not paused.
pub(crate) fn sync_all(state: &mut State, out: &mut Vec<Effect>) {
    let all = state.sources.slot.value.iter().flatten();
    let all = all.filter(|it| it.live.as_ref().is_some_and(|live| !live.paused)).map(|it| it.name.clone());
    let all: Vec<String> = all.filter(|name| !state.sources.running.contains_key(name)).collect();
    for name in all {
        pull(state, name, out);
    }
}

fn pull(state: &mut State, source: String, out: &mut Vec<Effect>) {
    state.sources.next_key += 1;
    let key = state.sources.next_key;
    state.ask(SlotId::Sync(key), Ask::Sync { source: source.clone() }, out);
    state.sources.running.insert(source, Running { key, ..Running::default() });
}

/// Tells the sync of the selected server to stop. False where none is under way.
pub(crate) fn stop(state: &mut State, out: &mut Vec<Effect>) -> bool {
    let Some(name) = state.sources.source().map(|it| it.name.clone()) else { return false };
    let Some(running) = state.sources.running.get_mut(&name).filter(|it| !it.stopping) else { return false };
    running.stopping = true;
    out.push(Effect::Cancel(SlotId::Sync(running.key)));
    true
}

/// Takes in how far a sync is, or what came of it; what may show what it brought is asked for again.
pub(crate) fn synced(state: &mut State, key: u64, told: Told, last: bool, out: &mut Vec<Effect>) {
    let running = state.sources.running.iter_mut().find(|(_, it)| it.key == key);
    let Some((name, running)) = running.map(|(name, it)| (name.clone(), it)) else { return };
    if let Told::Syncing { records, part } = told {
        (running.records, running.part) = (records, part);
        return;
    }
    match told {
        Told::Synced { says, whole } => state.say(says, if whole { Meaning::Good } else { Meaning::Warning }),
        Told::Failed(why) => state.say(format!("{name}: {why}"), Meaning::Bad),
        _ => state.say(format!("{name}: stopped"), Meaning::Dim),
    }
    if last {
        state.sources.running.remove(&name);
        refresh(state, out);
        overview::refresh(state, out);
    }
}

/// Leaves the selected server out of `sync`, or takes it in again.
pub(crate) fn pause(state: &mut State, out: &mut Vec<Effect>) {
    let Some((source, paused)) =
        state.sources.source().and_then(|it| Some((it.name.clone(), it.live.as_ref()?.paused)))
    else {
        return;
    };
    let says = match paused {
        false => format!("{source} is left out of sync until p takes it in again"),
        true => format!("{source} is pulled again"),
    };
    let ticket = state.ask(SlotId::Sources, Ask::Pause { source, paused: !paused }, out);
    state.sources.slot.wait(ticket);
    state.say(says, Meaning::Dim);
}
