//! Plan: the way back in the order to go it, two lines a step: what is exposed, and what to go back
//! to. It plans nothing and executes nothing.

use crate::investigate::answer::Answer;
use crate::investigate::question::Plan;
use crate::investigate::rows::{PlanRow, PlanSummary};
use crate::model::{ArtefactId, shell_word};
use crate::tui::ask::{Ask, Told};
use crate::tui::message::{Effect, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::pane::aside::lacks;
use crate::tui::state::{Pane as Panes, State};

/// Rows asked for; the completeness statement says how many there are.
const LIMIT: usize = 2_000;

/// The pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pane {
    /// What is bad; everything marked so when empty.
    pub of: Vec<ArtefactId>,
    /// The answer.
    pub slot: Slot<Box<Answer<PlanRow, PlanSummary>>>,
    /// Its lines.
    pub lines: Vec<PlanLine>,
    /// The selected one.
    pub selected: usize,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanLine {
    /// A heading.
    Heading(String),
    /// Step zero.
    Hold,
    /// A credential to rotate.
    Rotate(usize),
    /// A deployment.
    Step(usize),
    /// What to go back to there.
    Target(usize),
    /// What stays exposed.
    Remaining(usize),
    /// What was exposed once.
    Past(usize),
}

impl Pane {
    pub(super) fn line(&self) -> Option<(&PlanLine, &Answer<PlanRow, PlanSummary>)> {
        Some((self.lines.get(self.selected)?, self.slot.value.as_deref()?))
    }

    pub(crate) fn subject(&self) -> Option<&str> {
        let (line, answer) = self.line()?;
        let summary = &answer.summary;
        Some(match line {
            PlanLine::Heading(_) => return None,
            PlanLine::Hold => summary.hold.as_ref()?.deployments.first()?,
            PlanLine::Rotate(at) => &summary.rotate.get(*at)?.id,
            PlanLine::Step(at) => &answer.rows.get(*at)?.deployment,
            PlanLine::Target(at) => {
                let row = answer.rows.get(*at)?;
                row.target.as_ref().unwrap_or(&row.deployment)
            }
            PlanLine::Remaining(at) => &summary.remaining.get(*at)?.id,
            PlanLine::Past(at) => summary.past.get(*at)?,
        })
    }

    pub(crate) fn claim(&self) -> Option<&str> {
        let (line, answer) = self.line()?;
        match line {
            PlanLine::Rotate(at) => answer.summary.rotate.get(*at)?.claim.as_deref(),
            PlanLine::Step(at) => answer.rows.get(*at)?.claim.as_deref(),
            PlanLine::Target(at) => {
                let row = answer.rows.get(*at)?;
                let of_checks = row.checks.iter().find_map(|check| check.claim.as_deref());
                of_checks.or_else(|| row.reasons.iter().find_map(|reason| reason.claim.as_deref()))
            }
            PlanLine::Heading(_) | PlanLine::Hold | PlanLine::Remaining(_) | PlanLine::Past(_) => None,
        }
    }

    /// What the plan goes back to, each once, in its order.
    pub(crate) fn targets(&self) -> Vec<ArtefactId> {
        let mut seen = std::collections::BTreeSet::new();
        let rows = self.slot.value.as_ref().map(|answer| answer.rows.iter()).into_iter().flatten();
        rows.filter_map(|row| row.target.clone()).filter(|target| seen.insert(target.clone())).collect()
    }

    /// The answer with its step zero naming the case in use, where there is one.
    pub(crate) fn in_case(&self, case: Option<&str>) -> Option<Answer<PlanRow, PlanSummary>> {
        let mut answer = self.slot.value.as_deref()?.clone();
        if let Some(hold) = &mut answer.summary.hold {
            hold.first = named(&hold.first, case);
        }
        Some(answer)
    }

    /// What it is a plan against, in words.
    pub(crate) fn against(&self) -> String {
        let of = self.slot.value.as_ref().map(|answer| answer.summary.of.as_slice()).unwrap_or_default();
        match of {
            [] => "what is marked".to_owned(),
            [one] => one.id.clone(),
            [one, rest @ ..] => format!("{} and {} more", one.id, rest.len()),
        }
    }
}

/// Asks for the plan against one artefact, or against everything marked, and shows the pane.
pub(crate) fn of(state: &mut State, of: Vec<ArtefactId>, out: &mut Vec<Effect>) {
    state.remember();
    state.pane = Panes::Plan;
    ask(state, of, out);
}

/// Asks with these.
pub(crate) fn ask(state: &mut State, of: Vec<ArtefactId>, out: &mut Vec<Effect>) {
    if of != state.plan.of {
        state.plan = Pane { of, ..Pane::default() };
    }
    refresh(state, out);
}

/// Asks when there is no answer yet.
pub(crate) fn enter(state: &mut State, out: &mut Vec<Effect>) {
    if lacks(&state.plan.slot) {
        refresh(state, out);
    }
}

/// The question as it is asked now.
pub(crate) fn question(state: &State) -> Plan {
    Plan { of: state.plan.of.clone(), window: state.window, limit: LIMIT }
}

/// Asks again.
pub(crate) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ask(SlotId::Plan, Ask::Plan(question(state)), out);
    state.plan.slot.wait(ticket);
}

/// Moves the selection.
pub(crate) fn go(state: &mut State, motion: Motion) {
    let pane = &mut state.plan;
    let selectable = |at: usize| !matches!(pane.lines[at], PlanLine::Heading(_));
    pane.selected = moved(pane.selected, motion, pane.lines.len(), selectable);
}

/// Takes the answer in.
pub(crate) fn told(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    let pane = &mut state.plan;
    if !pane.slot.expects(ticket) {
        return;
    }
    let Told::Plan(answer) = told else {
        pane.slot.fail(told);
        return;
    };
    pane.lines = lines(&answer);
    pane.slot.fill(answer, last);
    go(state, Motion::By(0));
}

/// Step zero, what to rotate, the steps level by level, what is left.
fn lines(answer: &Answer<PlanRow, PlanSummary>) -> Vec<PlanLine> {
    let summary = &answer.summary;
    let mut lines = Vec::with_capacity(answer.rows.len() * 2 + 8);
    let count = |count: u64| super::row::thousands(count);
    if summary.hold.is_some() {
        lines.push(PlanLine::Heading("0  first, before anything is altered".to_owned()));
        lines.push(PlanLine::Hold);
    }
    if !summary.rotate.is_empty() {
        lines.push(PlanLine::Heading("rotate, before anything is rolled back".to_owned()));
        lines.extend((0..summary.rotate.len()).map(PlanLine::Rotate));
    }
    let mut level = None;
    for (at, row) in answer.rows.iter().enumerate() {
        if level != Some(row.level) {
            level = Some(row.level);
            let after = if row.level == 0 { "" } else { ", after those above" };
            let level: Vec<&PlanRow> = answer.rows[at..].iter().take_while(|it| it.level == row.level).collect();
            let side = level.chunk_by(|a, b| a.deployment == b.deployment).count() as u64;
            let beside = if side > 1 { format!(": {} side by side", count(side)) } else { String::new() };
            lines.push(PlanLine::Heading(format!("level {}{beside}{after}", row.level)));
        }
        // what one deployment leaves for what is one step with several lines
        let before = at.checked_sub(1).and_then(|before| answer.rows.get(before));
        if before.is_none_or(|before| (&before.deployment, before.level) != (&row.deployment, row.level)) {
            lines.push(PlanLine::Step(at));
        }
        lines.push(PlanLine::Target(at));
    }
    if summary.remaining_count > 0 {
        let cut = summary.remaining.len() as u64;
        let cut =
            if cut < summary.remaining_count { format!(", the first {} listed", count(cut)) } else { String::new() };
        lines.push(PlanLine::Heading(format!("stays exposed after it: {}{cut}", count(summary.remaining_count))));
        lines.extend((0..summary.remaining.len()).map(PlanLine::Remaining));
    }
    if !summary.past.is_empty() {
        lines.push(PlanLine::Heading(format!("was exposed and is not now: {}", count(summary.past.len() as u64))));
        lines.extend((0..summary.past.len()).map(PlanLine::Past));
    }
    lines
}

/// A command of step zero with the case in use for the place of its name, quoted for a POSIX shell.
pub(super) fn named(first: &str, case: Option<&str>) -> String {
    let Some(case) = case else { return first.to_owned() };
    first.replacen("NAME", &shell_word(case), 1)
}

/// Whether the pane was ever asked, so that a new mark concerns it.
pub(crate) fn was_asked(state: &State) -> bool {
    state.plan.slot.value.is_some() || state.plan.slot.pending.is_some() || state.plan.slot.failed.is_some()
}
