//! Impact: everything that depends on the bad artefacts, by kind, with the selected one. It walks no graph.

use crate::investigate::answer::Answer;
use crate::investigate::question::Impact;
use crate::investigate::rows::{ImpactRow, ImpactSummary};
use crate::model::ArtefactId;
use crate::tui::ask::{Ask, Told};
use crate::tui::message::{Effect, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::state::State;
use std::collections::BTreeMap;

/// Rows asked for; the completeness statement says how many there are.
pub const LIMIT: usize = 5_000;

/// The pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pane {
    /// What is bad.
    pub of: Vec<ArtefactId>,
    /// The answer.
    pub slot: Slot<Answer<ImpactRow, ImpactSummary>>,
    /// Its rows under their kinds.
    pub lines: Vec<ImpactLine>,
    /// The selected one.
    pub selected: usize,
}

/// One line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImpactLine {
    /// The heading of a kind, by its place in the summary.
    Kind(usize),
    /// An artefact that is hit.
    Row(usize),
}

impl Pane {
    pub(super) fn row(&self) -> Option<&ImpactRow> {
        match self.lines.get(self.selected)? {
            ImpactLine::Row(at) => self.slot.value.as_ref()?.rows.get(*at),
            ImpactLine::Kind(_) => None,
        }
    }

    pub(crate) fn subject(&self) -> Option<&str> {
        self.row().map(|row| row.row.id.as_str())
    }

    pub(crate) fn claim(&self) -> Option<&str> {
        self.row().and_then(|row| row.claim.as_deref())
    }
}

/// Asks for the impact of one artefact and shows the pane.
pub(crate) fn of(state: &mut State, id: &str, out: &mut Vec<Effect>) {
    state.remember();
    state.pane = crate::tui::state::Pane::Impact;
    state.impact.of = vec![id.to_owned()];
    state.impact.slot = Slot::default();
    (state.impact.lines, state.impact.selected) = (Vec::new(), 0);
    refresh(state, out);
}

/// The question as it is asked now.
pub(crate) fn question(state: &State) -> Option<Impact> {
    let of = state.impact.of.clone();
    (!of.is_empty()).then(|| Impact { of, window: state.window, kinds: Vec::new(), limit: LIMIT })
}

/// Asks again.
pub(crate) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    let Some(question) = question(state) else { return };
    let ticket = state.ask(SlotId::Impact, Ask::Impact(question), out);
    state.impact.slot.wait(ticket);
}

/// Moves the selection.
pub(crate) fn go(state: &mut State, motion: Motion) {
    let pane = &mut state.impact;
    pane.selected = moved(pane.selected, motion, pane.lines.len(), |at| matches!(pane.lines[at], ImpactLine::Row(_)));
}

/// Takes the answer in.
pub(crate) fn told(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    let pane = &mut state.impact;
    if !pane.slot.expects(ticket) {
        return;
    }
    let Told::Impact(answer) = told else {
        pane.slot.fail(told);
        return;
    };
    pane.lines = lines(&answer);
    pane.slot.fill(answer, last);
    go(state, Motion::By(0));
}

/// Rows under their kinds, kinds in the order of the summary, rows in the order of the answer.
fn lines(answer: &Answer<ImpactRow, ImpactSummary>) -> Vec<ImpactLine> {
    let mut by_kind: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, row) in answer.rows.iter().enumerate() {
        by_kind.entry(row.row.kind.as_str()).or_default().push(at);
    }
    let mut lines = Vec::with_capacity(answer.rows.len() + answer.summary.by_kind.len());
    for (at, group) in answer.summary.by_kind.iter().enumerate() {
        lines.push(ImpactLine::Kind(at));
        lines.extend(by_kind.remove(group.name.as_str()).unwrap_or_default().into_iter().map(ImpactLine::Row));
    }
    // A kind the summary forgot is still shown.
    lines.extend(by_kind.into_values().flatten().map(ImpactLine::Row));
    lines
}
