//! Diff: what differs between two states with all they rest on, under the aspects it belongs to. It
//! compares nothing.

use crate::investigate::answer::Answer;
use crate::investigate::question::Diff;
use crate::investigate::rows::{Change, DiffRow, DiffSummary};
use crate::report::markdown::approval;
use crate::tui::ask::{Ask, Told};
use crate::tui::message::{Effect, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::state::State;
use std::collections::BTreeMap;

/// Rows asked for; the completeness statement says how many there are.
const LIMIT: usize = 5_000;

/// The pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pane {
    /// The question; nothing was asked when absent.
    pub question: Option<Diff>,
    /// The answer.
    pub slot: Slot<Answer<DiffRow, DiffSummary>>,
    /// Its rows under their aspects.
    pub lines: Vec<DiffLine>,
    /// The selected one.
    pub selected: usize,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiffLine {
    /// The heading of an aspect: its name, and its place in the summary.
    Aspect(String, Option<usize>),
    /// One row.
    Row(usize),
    /// How much is the same, of aspects that have no row.
    Same(String),
}

impl Pane {
    pub(super) fn row(&self) -> Option<&DiffRow> {
        match self.lines.get(self.selected)? {
            DiffLine::Row(at) => self.slot.value.as_ref()?.rows.get(*at),
            DiffLine::Aspect(..) | DiffLine::Same(_) => None,
        }
    }

    /// The artefact behind the row: on the new side, else on the old.
    pub(crate) fn subject(&self) -> Option<&str> {
        let row = self.row()?;
        row.new_id.as_deref().or(row.old_id.as_deref())
    }

    pub(crate) fn claim(&self) -> Option<&str> {
        self.row().and_then(|row| row.claim.as_deref())
    }

    /// A reason for a mark on the selected row, as the answer has it.
    pub(crate) fn reason(&self) -> Option<String> {
        let (row, summary) = (self.row()?, &self.slot.value.as_ref()?.summary);
        let says = match row.change {
            Change::Added => "is new",
            Change::Removed => "is gone",
            Change::Changed => "changed",
            Change::Same => return None,
        };
        let nobody = approval(row).map(|(words, _)| format!("; {words}")).unwrap_or_default();
        // One deployment at two moments: what it deployed then tells the sides apart.
        let old = if summary.old.id == summary.new.id { &summary.baseline.id } else { &summary.old.id };
        let alarm = row.alarms.first().map(|alarm| format!("; {alarm}")).unwrap_or_default();
        Some(format!("{says} between {old} and {}{nobody}{alarm}", summary.new.id))
    }
}

/// Asks for a diff and shows the pane.
pub(crate) fn of(state: &mut State, old: Option<String>, new: String, out: &mut Vec<Effect>) {
    state.remember();
    state.pane = crate::tui::state::Pane::Diff;
    ask(state, Some((old, new)), out);
}

/// Asks for these two sides, or for none.
pub(crate) fn ask(state: &mut State, sides: Option<(Option<String>, String)>, out: &mut Vec<Effect>) {
    let question = sides.map(|(old, new)| Diff { old, new, all: false, limit: LIMIT });
    state.diff = Pane { question, ..Pane::default() };
    refresh(state, out);
}

/// Asks again.
pub(crate) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    let Some(question) = state.diff.question.clone() else { return };
    let ticket = state.ask(SlotId::Diff, Ask::Diff(question), out);
    state.diff.slot.wait(ticket);
}

/// Between what differs and everything compared.
pub(crate) fn toggle_all(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(question) = &mut state.diff.question {
        question.all = !question.all;
        refresh(state, out);
    }
}

/// Moves the selection.
pub(crate) fn go(state: &mut State, motion: Motion) {
    let pane = &mut state.diff;
    pane.selected = moved(pane.selected, motion, pane.lines.len(), |at| matches!(pane.lines[at], DiffLine::Row(_)));
}

/// Takes the answer in.
pub(crate) fn told(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    let pane = &mut state.diff;
    if !pane.slot.expects(ticket) {
        return;
    }
    let Told::Diff(answer) = told else {
        pane.slot.fail(told);
        return;
    };
    pane.lines = lines(&answer);
    pane.slot.fill(answer, last);
    go(state, Motion::By(0));
}

/// Rows under their aspects, aspects in the order of the summary, rows in the order of the answer.
fn lines(answer: &Answer<DiffRow, DiffSummary>) -> Vec<DiffLine> {
    let mut by_aspect: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, row) in answer.rows.iter().enumerate() {
        by_aspect.entry(row.aspect.as_str()).or_default().push(at);
    }
    let mut lines = Vec::with_capacity(answer.rows.len() + by_aspect.len());
    let mut same: Vec<String> = Vec::new();
    for (at, count) in answer.summary.by_aspect.iter().enumerate() {
        match by_aspect.remove(count.aspect.as_str()) {
            Some(rows) => {
                lines.push(DiffLine::Aspect(count.aspect.clone(), Some(at)));
                lines.extend(rows.into_iter().map(DiffLine::Row));
            }
            None if count.differ > 0 => lines.push(DiffLine::Aspect(count.aspect.clone(), Some(at))),
            None if count.same > 0 => same.push(format!("{} {}", count.aspect, super::row::thousands(count.same))),
            None => {}
        }
    }
    // An aspect the summary forgot is still shown.
    for (aspect, rows) in by_aspect {
        lines.push(DiffLine::Aspect(aspect.to_owned(), None));
        lines.extend(rows.into_iter().map(DiffLine::Row));
    }
    if !same.is_empty() {
        lines.push(DiffLine::Same(same.join(", ")));
    }
    lines
}
