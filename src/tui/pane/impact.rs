//! Impact: everything that depends on the bad artefacts, by kind, how sure each is, and the way
//! to the selected one. It walks no graph.

use crate::investigate::answer::Answer;
use crate::investigate::question::Impact;
use crate::investigate::rows::{Group, ImpactRow, ImpactSummary};
use crate::model::{ArtefactId, Time};
use crate::tui::ask::{Ask, Told};
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, ListId, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::pane::details::window;
use crate::tui::pane::row::{group_bounds, label, meaning, signs, signs_width, thousands, with_signs};
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::frame::{first_row, section, split_columns, split_rows};
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::collections::BTreeMap;

/// Rows asked for; the completeness statement says how many there are.
pub const LIMIT: usize = 5_000;

/// From this width on, the way and the owners stand beside the list.
const WIDE: u16 = 110;

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
    fn row(&self) -> Option<&ImpactRow> {
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

/// Draws it.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (pane, look) = (&state.impact, &state.look);
    if pane.of.is_empty() {
        let text = "No impact asked for yet: select an artefact (/ finds one) and press i.";
        frame.render_widget(
            Strip::new(look, usize::from(area.width)).gap(2).text(text, Meaning::Dim).finish(),
            first_row(area).0,
        );
        return;
    }
    let what = format!("What depends on {}", pane.of.join(", "));
    let span = window(state.window.since, state.window.until);
    let span = if span.is_empty() { "any time (w sets a window)".to_owned() } else { span };
    let body = section(frame, look, area, &what, &span);
    let Some(answer) = &pane.slot.value else {
        super::draw_waiting(state, frame, body, &pane.slot);
        return;
    };
    let because = &answer.completeness.because;
    let (top, body) = split_rows(body, u16::try_from(because.len().min(3)).unwrap_or(0));
    for (at, why) in because.iter().take(usize::from(top.height)).enumerate() {
        let slot = Rect { y: top.y + u16::try_from(at).unwrap_or(0), height: 1, ..top };
        let more = if at == 2 && because.len() > 3 {
            format!(" (and {} more reasons)", because.len() - 3)
        } else {
            String::new()
        };
        let strip =
            Strip::new(look, usize::from(slot.width)).cell(if at == 0 { "unsure" } else { "" }, 8, Meaning::Warning);
        frame.render_widget(strip.text(why, Meaning::Dim).text(&more, Meaning::Dim).finish(), slot);
    }
    let (rows, way) = if area.width >= WIDE {
        split_columns(body, body.width - body.width / 3)
    } else {
        split_rows(body, body.height.saturating_sub((body.height / 3).min(8)))
    };
    let place = Place {
        id: ListId::Impact,
        area: rows,
        len: pane.lines.len(),
        selection: Some(Selection { at: pane.selected, focused: state.overlays.is_empty() }),
    };
    list::draw(frame, cache, look, &place, |at, width| line(look, answer, pane.lines[at], width));
    // Beside the list there is room to say whom to call.
    let groups = if area.width >= WIDE { way.height / 2 } else { 0 };
    let (way, groups) = split_rows(way, way.height - groups);
    draw_way(look, frame, way, pane.row());
    draw_owners(look, frame, groups, &answer.summary.by_owner);
}

fn draw_owners(look: &Look, frame: &mut Frame, area: Rect, owners: &[Group]) {
    if area.height < 2 || owners.is_empty() {
        return;
    }
    let body = section(frame, look, area, "Who answers for it", &thousands(owners.len() as u64));
    for (at, group) in owners.iter().take(usize::from(body.height)).enumerate() {
        let slot = Rect { y: body.y + u16::try_from(at).unwrap_or(0), height: 1, ..body };
        let width = usize::from(slot.width);
        let count = group_bounds(group);
        let strip = Strip::new(look, width).cell(&group.name, width.saturating_sub(count.len() + 1), Meaning::Text);
        frame.render_widget(strip.right(&count, count.len() + 1, Meaning::Dim).finish(), slot);
    }
}

fn line(look: &Look, answer: &Answer<ImpactRow, ImpactSummary>, line: ImpactLine, width: usize) -> Line<'static> {
    let strip = Strip::new(look, width);
    match line {
        ImpactLine::Kind(at) => {
            let Some(group) = answer.summary.by_kind.get(at) else { return Line::default() };
            let strip = strip.text(&group.name, Meaning::Title).gap(1);
            strip.text(&group_bounds(group), Meaning::Dim).finish()
        }
        ImpactLine::Row(at) => {
            let Some(row) = answer.rows.get(at) else { return Line::default() };
            let mut signs = signs(look, &row.row);
            if !row.certain {
                signs.insert(0, ("? possible".to_owned(), Meaning::Warning));
            }
            let side = signs_width(look, &signs);
            // when it became dependent, where there is room
            let dates = if strip.left() >= 90 { 18 } else { 0 };
            let name = strip.left().saturating_sub(side + 34 + dates).max(16);
            let strip = strip.gap(2).cell(&label(&row.row), name, meaning(&row.row)).gap(1);
            let hops = format!("{} hop{}", row.distance, if row.distance == 1 { "" } else { "s" });
            let since = row.since.map(Time::short).unwrap_or_default();
            let strip = strip.cell(&since, dates, Meaning::Dim);
            let strip =
                strip.cell(&hops, 8, Meaning::Dim).cell(row.row.environment.as_deref().unwrap_or(""), 8, Meaning::Dim);
            let owner = strip.left().saturating_sub(side).min(18);
            with_signs(strip.cell(row.row.owner.as_deref().unwrap_or(""), owner, Meaning::Dim), look, &signs).finish()
        }
    }
}

fn draw_way(look: &Look, frame: &mut Frame, area: Rect, row: Option<&ImpactRow>) {
    let hops = row.map_or(0, |row| row.distance);
    let note = if row.is_some() { format!("{hops} hop{}", if hops == 1 { "" } else { "s" }) } else { String::new() };
    let body = section(frame, look, area, "A shortest way to it", &note);
    let Some(row) = row else { return };
    let room = usize::from(body.height);
    // A long way keeps both its ends.
    let skip = row.path.len().saturating_sub(room);
    for (line, slot_row) in (0..room.min(row.path.len())).enumerate() {
        let at = if line == 0 || skip == 0 { line } else { line + skip };
        let slot = Rect { y: body.y + u16::try_from(slot_row).unwrap_or(0), height: 1, ..body };
        let cut = skip > 0 && line == 1;
        let sign = if at == 0 {
            " "
        } else if cut {
            look.glyphs.more
        } else {
            look.glyphs.to
        };
        let Some(id) = row.path.get(at) else { continue };
        let meaning = if at == 0 { Meaning::Bad } else { Meaning::Text };
        let strip = Strip::new(look, usize::from(slot.width)).cell(sign, 3, Meaning::Dim).text(id, meaning);
        frame.render_widget(strip.finish(), slot);
    }
}
