//! Case: what was marked, noted, saved and taken back in the case in use, in order; and a saved answer
//! asked again. It gathers nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{Again, CaseRow, CaseSummary};
use crate::investigate::said::{INVESTIGATOR, Trust};
use crate::tui::ask::{Ask, Told};
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, ListId, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::pane::aside::{details, halves, hint, lacks, unsure};
use crate::tui::pane::row::{bounds, thousands};
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::facts::Facts;
use crate::tui::widget::frame::section;
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pane {
    /// The answer.
    pub slot: Slot<Box<Answer<CaseRow, CaseSummary>>>,
    /// The selected row.
    pub selected: usize,
    /// The saved answer that was asked again last.
    pub again: Slot<Again>,
    /// Its claim.
    pub again_of: Option<String>,
}

impl Pane {
    fn row(&self) -> Option<&CaseRow> {
        self.slot.value.as_ref()?.rows.get(self.selected)
    }

    pub(crate) fn subject(&self) -> Option<&str> {
        self.row().and_then(|row| row.about.as_deref())
    }

    pub(crate) fn claim(&self) -> Option<&str> {
        self.row().map(|row| row.claim.as_str())
    }

    /// The selected row's claim, when it is a saved answer.
    pub(crate) fn saved(&self) -> Option<&str> {
        self.row().filter(|row| row.what == "answer").map(|row| row.claim.as_str())
    }
}

/// Asks when there is no answer yet, and a case is in use.
pub(crate) fn enter(state: &mut State, out: &mut Vec<Effect>) {
    if lacks(&state.case.slot) {
        refresh(state, out);
    }
}

/// Asks again.
pub(crate) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    if state.heading.case.is_none() {
        state.case = Pane::default();
        return;
    }
    let ticket = state.ask(SlotId::Case, Ask::Case(None), out);
    state.case.slot.wait(ticket);
}

/// Asks the selected saved answer's question again.
pub(crate) fn ask_again(state: &mut State, claim: &str, out: &mut Vec<Effect>) {
    let ticket = state.ask(SlotId::Again, Ask::AskAgain { claim: claim.to_owned() }, out);
    state.case.again = Slot::default();
    state.case.again.wait(ticket);
    state.case.again_of = Some(claim.to_owned());
}

/// Moves the selection.
pub(crate) fn go(state: &mut State, motion: Motion) {
    let pane = &mut state.case;
    let len = pane.slot.value.as_ref().map_or(0, |answer| answer.rows.len());
    pane.selected = moved(pane.selected, motion, len, |_| true);
}

/// Takes the case in; who stood at its end stays there.
pub(crate) fn told(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    let pane = &mut state.case;
    if !pane.slot.expects(ticket) {
        return;
    }
    let len = pane.slot.value.as_ref().map_or(0, |answer| answer.rows.len());
    let at_end = pane.selected + 1 >= len;
    match told {
        Told::Case(answer) => pane.slot.fill(answer, last),
        other => pane.slot.fail(other),
    }
    go(state, if at_end { Motion::Last } else { Motion::By(0) });
}

/// Takes the answer asked again in.
pub(crate) fn again_told(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    let again = &mut state.case.again;
    if !again.expects(ticket) {
        return;
    }
    match told {
        Told::Again(answer) => again.fill(answer, last),
        other => again.fail(other),
    }
}

/// Draws it.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (pane, look) = (&state.case, &state.look);
    if state.heading.case.is_none() && pane.slot.value.is_none() {
        let text = "No case is in use. A case gathers marks, notes and saved answers, and keeps when each was said and \
                    what the ledger held then. Press c to open one or take one up; then n notes, s saves what is \
                    shown.";
        return hint(look, frame, area, text);
    }
    let Some(answer) = pane.slot.value.as_deref() else {
        let name = state.heading.case.as_deref().unwrap_or_default();
        let body = section(frame, look, area, &format!("Case {name}"), "");
        super::draw_waiting(state, frame, body, &pane.slot);
        return;
    };
    let it = &answer.summary;
    let title = it.title.as_ref().map(|title| format!(": {title}")).unwrap_or_default();
    let note = format!("{}, {}", it.state, it.counts().join(", "));
    let body = section(frame, look, area, &format!("Case {}{title}", it.name), &note);
    let body = unsure(frame, look, body, &answer.completeness.because);
    if answer.rows.is_empty() {
        return hint(look, frame, body, "Nothing was said in it yet: m marks, n notes, s saves what a pane shows.");
    }
    let (rows, aside) = halves(state, body);
    let place = Place {
        id: ListId::Case,
        area: rows,
        len: answer.rows.len(),
        selection: Some(Selection { at: pane.selected, focused: state.overlays.is_empty() }),
    };
    list::draw(frame, cache, look, &place, |at, width| line(look, &answer.rows[at], width));
    let Some(row) = pane.row() else { return };
    let inner = section(frame, look, aside, &format!("{} by {}", row.what, row.by), &row.at.short());
    details(state, frame, inner, &said(state, row));
}

fn what_meaning(what: &str) -> Meaning {
    match what {
        "mark" => Meaning::Bad,
        "retracted" => Meaning::Warning,
        "answer" => Meaning::Key,
        _ => Meaning::Text,
    }
}

fn line(look: &Look, row: &CaseRow, width: usize) -> Line<'static> {
    let meaning = if row.retracted.is_some() { Meaning::Dim } else { what_meaning(&row.what) };
    let strip = Strip::new(look, width).gap(1).cell(&row.at.short(), 17, Meaning::Dim).cell(&row.what, 10, meaning);
    let by = if width >= 100 { 20 } else { 0 };
    let about = row.about.as_ref().map(|id| format!("{}  ", super::row::short(id))).unwrap_or_default();
    let room = strip.left().saturating_sub(by);
    let strip = strip.within(&about, room / 2, Meaning::Title);
    let room = strip.left().saturating_sub(by);
    let taken = if row.retracted.is_some() { "taken back: " } else { "" };
    let strip = strip.cell(&format!("{taken}{}", row.says), room, Meaning::Text);
    strip.text(&row.by, Meaning::Dim).finish()
}

fn said(state: &State, row: &CaseRow) -> Facts {
    let mut out = Facts::default();
    if row.what == "answer" {
        again(&mut out, &state.case, row);
    }
    out.add("about", row.about.clone().unwrap_or_default(), Meaning::Title);
    out.add("says", row.says.clone(), Meaning::Text);
    out.add("taken back", row.retracted.clone().unwrap_or_default(), Meaning::Warning);
    if row.trust == Trust::File {
        out.add("came in", format!("{}, a plain file: it makes the case nothing", row.source), Meaning::Warning);
    } else if row.source != INVESTIGATOR {
        out.add("came in", row.source.clone(), Meaning::Dim);
    }
    let signed = row.proof.starts_with("signed");
    out.add("who", format!("{}: {}", row.by, row.proof), if signed { Meaning::Good } else { Meaning::Dim });
    let received = row.received.map(|at| format!(", received {}", at.short())).unwrap_or_default();
    out.add("said", format!("{}{received}", row.at.short()), Meaning::Dim);
    out.add("dates", row.remark.clone().unwrap_or_default(), Meaning::Warning);
    out.add("claim", format!("{} (o opens its record)", row.claim), Meaning::Dim);
    out
}

fn again(out: &mut Facts, case: &Pane, row: &CaseRow) {
    if case.again_of.as_ref() != Some(&row.claim) {
        return out.add("again", "Enter asks it again and compares", Meaning::Key);
    }
    match (&case.again.value, &case.again.failed) {
        (_, Some(why)) => out.add("again", why.clone(), Meaning::Bad),
        (Some(again), None) => compared(out, again),
        (None, None) => out.add("again", "asking it again", Meaning::Dim),
    }
}

fn compared(out: &mut Facts, again: &Again) {
    out.add("again", again.says.clone(), Meaning::Title);
    out.add("question", again.question.clone(), Meaning::Text);
    let root = &again.root[..again.root.floor_char_boundary(8)];
    let head = format!("ledger of {} records, root {root}", thousands(again.records));
    out.add("then", format!("{}, {head}: {}", again.at.short(), bounds(again.then.0, again.then.1)), Meaning::Dim);
    out.add("now", bounds(again.now.0, again.now.1), Meaning::Text);
    let rest = |listed: &[String], count: u64| {
        let more = count.saturating_sub(listed.len() as u64);
        if more > 0 { format!(", and {} more", thousands(more)) } else { String::new() }
    };
    if again.more_count > 0 {
        out.add("came", format!("{}{}", again.more.join(", "), rest(&again.more, again.more_count)), Meaning::Warning);
    }
    if again.gone_count > 0 {
        out.add("went", format!("{}{}", again.gone.join(", "), rest(&again.gone, again.gone_count)), Meaning::Warning);
    }
    for because in &again.because {
        out.add("unsure", because.clone(), Meaning::Warning);
    }
}
