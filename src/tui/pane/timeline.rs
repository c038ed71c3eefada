//! Timeline: what happened to an artefact and around it, day by day, and apart what nobody dates. It
//! orders nothing.

use crate::investigate::answer::Answer;
use crate::investigate::question::Timeline;
use crate::investigate::rows::{TimelineRow, TimelineSummary};
use crate::tui::ask::{Ask, Told};
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, ListId, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::pane::aside::{details, halves, hint, unsure};
use crate::tui::pane::details::window;
use crate::tui::pane::row::{hops, short, thousands};
use crate::tui::state::{Pane as Panes, State};
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::facts::Facts;
use crate::tui::widget::frame::section;
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Rows asked for, the newest; the completeness statement says how many there are.
const LIMIT: usize = 2_000;

/// Links from the artefact to the end of its neighbourhood.
const DEPTH: u32 = 1;

/// The pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pane {
    /// The artefact; nothing was asked when absent.
    pub of: Option<String>,
    /// The answer.
    pub slot: Slot<Answer<TimelineRow, TimelineSummary>>,
    /// Its lines.
    pub lines: Vec<TimelineLine>,
    /// The selected one.
    pub selected: usize,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimelineLine {
    /// A day, or the heading of what nobody dates.
    Heading(String),
    /// What happened.
    Row(usize),
    /// What nobody dates.
    Undated(usize),
}

impl Pane {
    pub(crate) fn subject(&self) -> Option<&str> {
        let answer = self.slot.value.as_ref()?;
        match self.lines.get(self.selected)? {
            TimelineLine::Heading(_) => None,
            TimelineLine::Row(at) => answer.rows.get(*at).map(|row| row.about.as_str()),
            TimelineLine::Undated(at) => answer.summary.undated.get(*at).map(|row| row.about.as_str()),
        }
    }

    pub(crate) fn claim(&self) -> Option<&str> {
        let answer = self.slot.value.as_ref()?;
        match self.lines.get(self.selected)? {
            TimelineLine::Heading(_) => None,
            TimelineLine::Row(at) => answer.rows.get(*at)?.claim.as_deref(),
            TimelineLine::Undated(at) => answer.summary.undated.get(*at)?.claim.as_deref(),
        }
    }
}

/// Asks for the timeline of one artefact and shows the pane.
pub(crate) fn of(state: &mut State, id: &str, out: &mut Vec<Effect>) {
    state.remember();
    state.pane = Panes::Timeline;
    ask(state, Some(id.to_owned()), out);
}

/// Asks about this one, or about none.
pub(crate) fn ask(state: &mut State, of: Option<String>, out: &mut Vec<Effect>) {
    state.timeline = Pane { of, ..Pane::default() };
    refresh(state, out);
}

/// The question as it is asked now.
pub(crate) fn question(state: &State) -> Option<Timeline> {
    let id = state.timeline.of.clone()?;
    Some(Timeline { id, depth: DEPTH, window: state.window, limit: LIMIT })
}

/// Asks again.
pub(crate) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    let Some(question) = question(state) else { return };
    let ticket = state.ask(SlotId::Timeline, Ask::Timeline(question), out);
    state.timeline.slot.wait(ticket);
}

/// Moves the selection.
pub(crate) fn go(state: &mut State, motion: Motion) {
    let pane = &mut state.timeline;
    let selectable = |at: usize| !matches!(pane.lines[at], TimelineLine::Heading(_));
    pane.selected = moved(pane.selected, motion, pane.lines.len(), selectable);
}

/// Takes the answer in; the first time, the newest is selected.
pub(crate) fn told(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    let pane = &mut state.timeline;
    if !pane.slot.expects(ticket) {
        return;
    }
    let Told::Timeline(answer) = told else {
        pane.slot.fail(told);
        return;
    };
    let first = pane.slot.value.is_none();
    pane.lines = lines(&answer);
    let newest = answer.rows.iter().enumerate().max_by_key(|(at, row)| (row.at, *at)).map(|(at, _)| at);
    let newest = newest.and_then(|at| pane.lines.iter().position(|line| *line == TimelineLine::Row(at)));
    if let Some(at) = newest.filter(|_| first) {
        pane.selected = at;
    }
    pane.slot.fill(answer, last);
    go(state, Motion::By(0));
}

/// A day's name: the date of the moment as it is shown.
fn day(row: &TimelineRow) -> String {
    let text = row.at.short();
    text.split(' ').next().unwrap_or_default().to_owned()
}

fn lines(answer: &Answer<TimelineRow, TimelineSummary>) -> Vec<TimelineLine> {
    let mut lines = Vec::with_capacity(answer.rows.len() + 16);
    let mut before = String::new();
    for (at, row) in answer.rows.iter().enumerate() {
        let day = day(row);
        if day != before {
            lines.push(TimelineLine::Heading(day.clone()));
            before = day;
        }
        lines.push(TimelineLine::Row(at));
    }
    if !answer.summary.undated.is_empty() {
        let count = thousands(answer.summary.undated.len() as u64);
        lines.push(TimelineLine::Heading(format!("undated: nobody says when ({count})")));
        lines.extend((0..answer.summary.undated.len()).map(TimelineLine::Undated));
    }
    lines
}

/// Draws it.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (pane, look) = (&state.timeline, &state.look);
    let Some(of) = &pane.of else {
        let text = "No timeline asked for yet: select an artefact (/ finds one) and press T.";
        return hint(look, frame, area, text);
    };
    let span = window(state.window.since, state.window.until);
    let span = if span.is_empty() { "any time (w sets a window)".to_owned() } else { span };
    let body = section(frame, look, area, &format!("What happened to {of} and around it"), &span);
    let Some(answer) = &pane.slot.value else {
        super::draw_waiting(state, frame, body, &pane.slot);
        return;
    };
    let body = unsure(frame, look, body, &answer.completeness.because);
    if pane.lines.is_empty() {
        return hint(look, frame, body, "Nothing on record happened to it or around it.");
    }
    let (rows, aside) = halves(state, body);
    let place = Place {
        id: ListId::Timeline,
        area: rows,
        len: pane.lines.len(),
        selection: Some(Selection { at: pane.selected, focused: state.overlays.is_empty() }),
    };
    list::draw(frame, cache, look, &place, |at, width| line(look, answer, &pane.lines[at], width));
    let (title, note, said) = match pane.lines.get(pane.selected) {
        Some(TimelineLine::Row(at)) => match answer.rows.get(*at) {
            Some(row) => (row.about.clone(), row.what.clone(), said(row)),
            None => return,
        },
        Some(TimelineLine::Undated(at)) => match answer.summary.undated.get(*at) {
            Some(row) => {
                let mut out = Facts::default();
                out.add("says", row.says.clone(), Meaning::Text);
                out.add("when", "nobody says when", Meaning::Gap);
                out.add("claim", claim(row.claim.as_ref()), Meaning::Dim);
                (row.about.clone(), "undated".to_owned(), out)
            }
            None => return,
        },
        Some(TimelineLine::Heading(_)) | None => return,
    };
    let inner = section(frame, look, aside, &title, &note);
    details(state, frame, inner, &said);
}

fn claim(claim: Option<&String>) -> String {
    claim.map(|claim| format!("{claim} (o opens its record)")).unwrap_or_default()
}

fn said(row: &TimelineRow) -> Facts {
    let mut out = Facts::default();
    out.add("says", row.says.clone(), Meaning::Text);
    out.add("when", row.at.to_string(), Meaning::Text);
    out.add("by", row.by.clone().unwrap_or_default(), Meaning::Text);
    let away =
        if row.distance == 0 { "the artefact itself".to_owned() } else { format!("{} away", hops(row.distance)) };
    out.add("where", away, Meaning::Dim);
    out.add("claim", claim(row.claim.as_ref()), Meaning::Dim);
    out
}

fn what_meaning(what: &str) -> Meaning {
    match what {
        "mark" | "incident" | "exposure" => Meaning::Bad,
        "expired" | "withdrawn" | "unlinked" | "retracted" => Meaning::Warning,
        "approval" | "evaluation" => Meaning::Good,
        "deployed" | "came-to-be" => Meaning::Key,
        _ => Meaning::Text,
    }
}

fn line(
    look: &Look,
    answer: &Answer<TimelineRow, TimelineSummary>,
    line: &TimelineLine,
    width: usize,
) -> Line<'static> {
    let strip = Strip::new(look, width);
    match line {
        TimelineLine::Heading(text) => strip.text(text, Meaning::Title).finish(),
        TimelineLine::Undated(at) => match answer.summary.undated.get(*at) {
            Some(row) => {
                let strip = strip.gap(2).cell(look.glyphs.gap, 6, Meaning::Gap).gap(13);
                let about = strip.left() / 3;
                strip.cell(&short(&row.about), about, Meaning::Text).gap(1).text(&row.says, Meaning::Dim).finish()
            }
            None => Line::default(),
        },
        TimelineLine::Row(at) => match answer.rows.get(*at) {
            Some(row) => {
                let time = row.at.short();
                let time = time.split(' ').nth(1).unwrap_or_default();
                let strip =
                    strip.gap(2).cell(time, 6, Meaning::Dim).cell(&row.what, 12, what_meaning(&row.what)).gap(1);
                let about = strip.left() / 3;
                let itself = if row.distance == 0 { Meaning::Title } else { Meaning::Text };
                let strip = strip.cell(&short(&row.about), about, itself).gap(1);
                let by = row.by.as_deref().unwrap_or("");
                let side = if strip.left() >= 60 && !by.is_empty() { 20 } else { 0 };
                let says = strip.left().saturating_sub(side);
                strip
                    .cell(&row.says, says, Meaning::Dim)
                    .gap(usize::from(side > 0))
                    .text(if side > 0 { by } else { "" }, Meaning::Dim)
                    .finish()
            }
            None => Line::default(),
        },
    }
}
