//! What something could go back to: every candidate with what speaks for and against it. It judges
//! none; choosing one compares with it.

use crate::investigate::answer::Answer;
use crate::investigate::question::LastGood;
use crate::investigate::rows::{LastGoodRow, LastGoodSummary, Stay};
use crate::model::ArtefactId;
use crate::tui::action::Action;
use crate::tui::ask::{Ask, Told};
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, ListId, Slot, SlotId};
use crate::tui::motion::{Motion, moved};
use crate::tui::overlay::{Overlay, form};
use crate::tui::pane::aside::{hint, unsure};
use crate::tui::pane::plan_draw::reason;
use crate::tui::pane::row::{label, short, signs, signs_width, with_signs};
use crate::tui::pane::{diff, explore};
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::frame::{first_row, panel};
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LastGoodView {
    /// The artefact asked about.
    pub of: ArtefactId,
    /// The answer.
    pub slot: Slot<Answer<LastGoodRow, LastGoodSummary>>,
    /// Its lines.
    pub lines: Vec<Candidate>,
    /// The selected one.
    pub selected: usize,
}

/// One line: what it says of which candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Candidate {
    /// The candidate itself.
    Version(usize),
    /// One of its reasons.
    Reason(usize, usize),
    /// One of its stays.
    Stay(usize, usize),
}

/// Stays listed of one candidate; the newest.
const STAYS: usize = 3;

/// Asks and opens.
pub(crate) fn open(state: &mut State, of: &str, out: &mut Vec<Effect>) {
    let ticket = state.ask(SlotId::LastGood, Ask::LastGood(LastGood { of: of.to_owned() }), out);
    let mut slot = Slot::default();
    slot.wait(ticket);
    state.overlays.push(Overlay::LastGood(LastGoodView { of: of.to_owned(), slot, lines: Vec::new(), selected: 0 }));
}

impl LastGoodView {
    pub(crate) fn go(&mut self, motion: Motion) {
        self.selected = moved(self.selected, motion, self.lines.len(), |_| true);
    }

    pub(crate) fn told(&mut self, told: Told, last: bool) {
        let Told::LastGood(answer) = told else {
            self.slot.fail(told);
            return;
        };
        self.lines.clear();
        for (at, row) in answer.rows.iter().enumerate() {
            self.lines.push(Candidate::Version(at));
            self.lines.extend((0..row.reasons.len()).map(|reason| Candidate::Reason(at, reason)));
            self.lines.extend((0..row.deployed.len().min(STAYS)).map(|stay| Candidate::Stay(at, stay)));
        }
        let good = answer.summary.last_good.as_ref();
        let good = answer.rows.iter().position(|row| Some(&row.row.id) == good);
        let good = good.and_then(|at| self.lines.iter().position(|line| *line == Candidate::Version(at)));
        self.selected = good.unwrap_or(0);
        self.slot.fill(answer, last);
    }

    fn row(&self) -> Option<&LastGoodRow> {
        let (Candidate::Version(at) | Candidate::Reason(at, _) | Candidate::Stay(at, _)) =
            *self.lines.get(self.selected)?;
        self.slot.value.as_ref()?.rows.get(at)
    }

    pub(crate) fn subject(&self) -> Option<&str> {
        self.row().map(|row| row.row.id.as_str())
    }

    pub(crate) fn claim(&self) -> Option<&str> {
        let row = self.row()?;
        match *self.lines.get(self.selected)? {
            Candidate::Reason(_, at) => row.reasons.get(at)?.claim.as_deref(),
            Candidate::Version(_) | Candidate::Stay(..) => row.reasons.iter().find_map(|it| it.claim.as_deref()),
        }
    }
}

/// Does what the layer knows to do with the selected candidate.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Some(Overlay::LastGood(view)) = state.overlays.last() else { return };
    let Some(id) = view.subject().map(str::to_owned) else { return };
    let of = view.of.clone();
    match action {
        Action::Open | Action::Diff => {
            super::close(state, out);
            diff::of(state, Some(id), of, out);
        }
        Action::Explore => {
            super::close(state, out);
            explore::root_at(state, &id, out);
        }
        Action::Mark => form::open_mark_as(state, &id, crate::model::MarkKind::Good, ""),
        _ => {}
    }
}

pub(crate) fn draw(state: &State, view: &LastGoodView, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let look = &state.look;
    let size = (area.width.saturating_sub(4).min(130), area.height.saturating_sub(2).min(40));
    let body = panel(frame, look, area, size, &format!("What {} could go back to", view.of));
    let Some(answer) = &view.slot.value else {
        crate::tui::pane::draw_waiting(state, frame, body, &view.slot);
        return;
    };
    let (head, body) = first_row(body);
    let strip = Strip::new(look, usize::from(head.width));
    let policy = format!("  judged by {}", answer.summary.policy);
    let strip = match &answer.summary.last_good {
        Some(id) => strip.text("last known good: ", Meaning::Dim).text(id, Meaning::Good),
        None => strip.text("none is known to be good: m marks one", Meaning::Bad),
    };
    frame.render_widget(strip.text(&policy, Meaning::Dim).finish(), head);
    let body = unsure(frame, look, body, &answer.completeness.because);
    if view.lines.is_empty() {
        return hint(look, frame, body, "No other version of it is on record.");
    }
    let place = Place {
        id: ListId::Overlay,
        area: body,
        len: view.lines.len(),
        selection: Some(Selection { at: view.selected, focused: true }),
    };
    list::draw(frame, cache, look, &place, |at, width| line(look, answer, view.lines[at], width));
}

/// `2026-11-17 20:00 to now`.
pub(crate) fn stay(stay: &Stay) -> String {
    let since = stay.since.map_or_else(|| "nobody says since when".to_owned(), |at| at.short_after(stay.since_after));
    let until = stay.until.map_or_else(|| "now".to_owned(), |at| at.short_after(stay.until_after));
    format!("{}: {since} to {until}", short(&stay.deployment))
}

fn line(look: &Look, answer: &Answer<LastGoodRow, LastGoodSummary>, line: Candidate, width: usize) -> Line<'static> {
    let strip = Strip::new(look, width);
    let (Candidate::Version(at) | Candidate::Reason(at, _) | Candidate::Stay(at, _)) = line;
    let Some(row) = answer.rows.get(at) else { return Line::default() };
    match line {
        Candidate::Version(_) => {
            let good = row.verdict == "good";
            let (sign, meaning) =
                if good { (look.glyphs.holds, Meaning::Good) } else { (look.glyphs.fails, Meaning::Bad) };
            let verdict = if good { format!("good, {}", row.how) } else { format!("no, {}", row.how) };
            let verdict = if row.current { format!("{verdict}; deployed now") } else { verdict };
            let signs = signs(look, &row.row);
            let side = signs_width(look, &signs);
            let strip = strip.cell(sign, 2, meaning);
            let room = strip.left().saturating_sub(side + verdict.len() + 2);
            let strip = strip.within(&label(&row.row), room, Meaning::Title).gap(2).text(&verdict, meaning);
            with_signs(strip, look, &signs).finish()
        }
        Candidate::Reason(_, at) => row.reasons.get(at).map_or_else(Line::default, |it| {
            let (text, meaning) = reason(look, it);
            strip.gap(4).text(&text, if it.holds { Meaning::Text } else { meaning }).finish()
        }),
        Candidate::Stay(_, at) => row.deployed.get(at).map_or_else(Line::default, |it| {
            let more = row.deployed.len().saturating_sub(STAYS);
            let more = if at + 1 == STAYS && more > 0 { format!(" (and {more} more)") } else { String::new() };
            strip.gap(4).text(&format!("deployed at {}{more}", stay(it)), Meaning::Dim).finish()
        }),
    }
}
