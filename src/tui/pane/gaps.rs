//! Gaps: what the policy asks for and the ledger does not hold, by severity and owner, what would close the
//! selected one, and the gate's verdict where one artefact is asked about. It judges nothing.

use crate::investigate::answer::Answer;
use crate::investigate::question::{Gaps, Gate};
use crate::investigate::rows::{GapRow, GapsSummary, GateSummary};
use crate::model::Severity;
use crate::report::gaps::{accepted, counts};
use crate::tui::ask::{Ask, Told};
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, ListId, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::pane::aside::{details, halves, hint, lacks, unsure};
use crate::tui::pane::row::short;
use crate::tui::state::{Pane as Panes, State};
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::facts::Facts;
use crate::tui::widget::frame::section;
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Findings asked for; the completeness says how many there are.
const LIMIT: usize = 2_000;

/// The pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pane {
    /// The artefact asked about; everything when absent.
    pub of: Option<String>,
    /// The answer.
    pub slot: Slot<Box<Answer<GapRow, GapsSummary>>>,
    /// What the gate says of the artefact asked about.
    pub gate: Slot<Box<Answer<GapRow, GateSummary>>>,
    /// Its lines.
    pub lines: Vec<GapLine>,
    /// The selected one.
    pub selected: usize,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GapLine {
    /// A severity and an owner.
    Heading(String, Meaning),
    /// A finding.
    Row(usize),
}

impl Pane {
    /// The selected finding.
    pub(crate) fn row(&self) -> Option<&GapRow> {
        match self.lines.get(self.selected)? {
            GapLine::Heading(..) => None,
            GapLine::Row(at) => self.slot.value.as_ref()?.rows.get(*at),
        }
    }

    pub(crate) fn subject(&self) -> Option<&str> {
        self.row().map(|row| row.about.as_str())
    }

    pub(crate) fn claim(&self) -> Option<&str> {
        let row = self.row()?;
        row.exception.as_ref().map(|it| it.exception.claim.as_str()).or(row.claim.as_deref())
    }

    /// Whether the selected finding could be accepted.
    pub(crate) fn is_open(&self) -> bool {
        self.row().is_some_and(|row| row.exception.is_none())
    }
}

/// Shows the pane with everything, or with one artefact.
pub(crate) fn of(state: &mut State, of: Option<String>, out: &mut Vec<Effect>) {
    state.remember();
    state.pane = Panes::Gaps;
    ask(state, of, out);
}

/// Asks about this one, or about everything.
pub(crate) fn ask(state: &mut State, of: Option<String>, out: &mut Vec<Effect>) {
    state.gaps = Pane { of, ..Pane::default() };
    refresh(state, out);
}

/// Asks as the pane is shown, where it has not been asked.
pub(crate) fn enter(state: &mut State, out: &mut Vec<Effect>) {
    if lacks(&state.gaps.slot) {
        refresh(state, out);
    }
}

/// The question as it is asked now.
pub(crate) fn question(state: &State) -> Gaps {
    Gaps { of: state.gaps.of.clone(), limit: LIMIT }
}

/// Asks again.
pub(crate) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ask(SlotId::Gaps, Ask::Gaps(question(state)), out);
    state.gaps.slot.wait(ticket);
    if let Some(of) = state.gaps.of.clone() {
        let ticket = state.ask(SlotId::Gate, Ask::Gate(Gate { of, environment: None }), out);
        state.gaps.gate.wait(ticket);
    }
}

/// Moves the selection.
pub(crate) fn go(state: &mut State, motion: Motion) {
    let pane = &mut state.gaps;
    let selectable = |at: usize| matches!(pane.lines[at], GapLine::Row(_));
    pane.selected = moved(pane.selected, motion, pane.lines.len(), selectable);
}

/// Takes the answer in.
pub(crate) fn told(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    let pane = &mut state.gaps;
    if !pane.slot.expects(ticket) {
        return;
    }
    match told {
        Told::Gaps(answer) => {
            pane.lines = lines(&answer.rows);
            pane.slot.fill(answer, last);
            go(state, Motion::By(0));
        }
        told => pane.slot.fail(told),
    }
}

/// Takes the gate's verdict in.
pub(crate) fn told_gate(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    let slot = &mut state.gaps.gate;
    if !slot.expects(ticket) {
        return;
    }
    match told {
        Told::Gate(answer) => slot.fill(answer, last),
        told => slot.fail(told),
    }
}

fn lines(rows: &[GapRow]) -> Vec<GapLine> {
    let mut lines = Vec::with_capacity(rows.len() + 16);
    let mut before = None;
    for (at, row) in rows.iter().enumerate() {
        let excepted = row.exception.is_some();
        let key = (excepted, row.severity, row.owner.as_deref());
        if before != Some(key) {
            before = Some(key);
            let word = if excepted { "excepted" } else { row.severity.as_str() };
            let owner = row.owner.as_deref().unwrap_or("no owner stated");
            let meaning = if excepted { Meaning::Dim } else { weight(row.severity) };
            lines.push(GapLine::Heading(format!("{word}  {owner}"), meaning));
        }
        lines.push(GapLine::Row(at));
    }
    lines
}

fn weight(severity: Severity) -> Meaning {
    match severity {
        Severity::High => Meaning::Bad,
        Severity::Medium => Meaning::Warning,
        Severity::Low => Meaning::Title,
    }
}

fn state_meaning(state: &str) -> Meaning {
    match state {
        "failed" | "void" => Meaning::Bad,
        "stale" => Meaning::Warning,
        "excepted" => Meaning::Dim,
        _ => Meaning::Gap,
    }
}

/// Draws it.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (pane, look) = (&state.gaps, &state.look);
    let title = match &pane.of {
        Some(of) => format!("What {of} lacks"),
        None => "What the policy asks for and nobody holds".to_owned(),
    };
    let note = match (&pane.of, &pane.gate.value, &pane.slot.value) {
        (Some(_), Some(gate), _) => format!("the gate says {}", gate.summary.verdict),
        (None, _, Some(answer)) => counts(&answer.summary),
        _ => String::new(),
    };
    let body = section(frame, look, area, &title, &note);
    let Some(answer) = &pane.slot.value else {
        super::draw_waiting(state, frame, body, &pane.slot);
        return;
    };
    let body = unsure(frame, look, body, &answer.completeness.because);
    if pane.lines.is_empty() {
        let policy = &answer.summary.policy;
        let text = format!("Policy {}@{} asks for nothing that is lacking.", policy.name, policy.version);
        return hint(look, frame, body, &text);
    }
    let (rows, aside) = halves(state, body);
    let place = Place {
        id: ListId::Gaps,
        area: rows,
        len: pane.lines.len(),
        selection: Some(Selection { at: pane.selected, focused: state.overlays.is_empty() }),
    };
    list::draw(frame, cache, look, &place, |at, width| line(look, answer, &pane.lines[at], width));
    let Some(row) = pane.row() else { return };
    let inner = section(frame, look, aside, &row.about, &row.requirement);
    details(state, frame, inner, &said(row, answer));
}

fn said(row: &GapRow, answer: &Answer<GapRow, GapsSummary>) -> Facts {
    let mut out = Facts::default();
    out.add("lacks", row.says.clone(), state_meaning(&row.state));
    match &row.exception {
        Some(it) => out.add("accepted", accepted(&it.exception, &it.path), Meaning::Good),
        None => out.add("closes", row.closes.clone(), Meaning::Text),
    }
    row.remarks.iter().for_each(|it| out.add("but", it.clone(), Meaning::Warning));
    out.add("why", row.why.clone(), Meaning::Dim);
    let owner = row.owner.clone().unwrap_or_else(|| "nobody is named".to_owned());
    out.add("owner", owner, if row.owner.is_some() { Meaning::Text } else { Meaning::Gap });
    let since = row.since.map_or_else(String::new, |since| since.to_string());
    out.add("since", since, Meaning::Dim);
    if !row.certain {
        out.add("sure", "maybe: see above why", Meaning::Warning);
    }
    let claim = row.claim.as_ref().map(|claim| format!("{claim} (o opens its record)")).unwrap_or_default();
    out.add("claim", claim, Meaning::Dim);
    let policy = &answer.summary.policy;
    let sha: String = policy.sha256.chars().take(12).collect();
    out.add("policy", format!("{}@{} sha256:{sha}", policy.name, policy.version), Meaning::Dim);
    out
}

fn line(look: &Look, answer: &Answer<GapRow, GapsSummary>, line: &GapLine, width: usize) -> Line<'static> {
    let strip = Strip::new(look, width);
    match line {
        GapLine::Heading(text, meaning) => strip.text(text, *meaning).finish(),
        GapLine::Row(at) => match answer.rows.get(*at) {
            Some(row) => {
                let strip = strip.gap(2).cell(&row.state, 14, state_meaning(&row.state)).gap(1);
                let about = strip.left() * 2 / 5;
                let strip = strip.cell(&short(&row.about), about, Meaning::Title).gap(1);
                let age = row.age.as_deref().unwrap_or("");
                let age: String = age.split(' ').next().unwrap_or("").to_owned();
                let requirement = strip.left().saturating_sub(6);
                strip.cell(&row.requirement, requirement, Meaning::Text).gap(1).text(&age, Meaning::Dim).finish()
            }
            None => Line::default(),
        },
    }
}
