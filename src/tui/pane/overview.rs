//! Overview: what is in here, how fresh, what is marked, what deserves attention. It judges
//! nothing itself: severity and words are the answer's.

use crate::investigate::answer::{Answer, anchoring};
use crate::investigate::overview::SOURCE;
use crate::investigate::rows::{Attention, MarkRow, Overview};
use crate::report::text::who;
use crate::tui::ask::{Ask, Told};
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, ListId, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::pane::row::{group_bounds, label, meaning, signs, signs_width, thousands, with_signs};
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning, mark_meaning};
use crate::tui::widget::frame::{first_row, section, split_columns, split_rows};
use crate::tui::widget::line::{Strip, width_of};
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

const NEWEST: &str = "Newest";

/// The pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pane {
    /// The answer.
    pub slot: Slot<Answer<Attention, Overview>>,
    /// Its rows.
    pub lines: Vec<OverviewLine>,
    /// The selected one.
    pub selected: usize,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverviewLine {
    /// A heading with how many rows follow.
    Heading(&'static str, usize),
    /// Nothing is to be said under the heading.
    Nothing(&'static str),
    /// Something that deserves attention.
    Attention(usize),
    /// A mark that holds.
    Mark(usize),
    /// What came to be last.
    Recent(usize),
}

impl OverviewLine {
    fn is_row(&self) -> bool {
        !matches!(self, OverviewLine::Heading(..) | OverviewLine::Nothing(_))
    }
}

impl Pane {
    pub(crate) fn subject(&self) -> Option<&str> {
        let answer = self.slot.value.as_ref()?;
        match self.lines.get(self.selected)? {
            OverviewLine::Attention(at) => {
                answer.rows.get(*at).filter(|row| row.what != SOURCE).map(|row| row.about.as_str())
            }
            OverviewLine::Mark(at) => answer.summary.marks.get(*at).map(|row| row.about.as_str()),
            OverviewLine::Recent(at) => answer.summary.recent.get(*at).map(|row| row.id.as_str()),
            OverviewLine::Heading(..) | OverviewLine::Nothing(_) => None,
        }
    }

    pub(crate) fn claim(&self) -> Option<&str> {
        let answer = self.slot.value.as_ref()?;
        match self.lines.get(self.selected)? {
            OverviewLine::Attention(at) => answer.rows.get(*at).and_then(|row| row.claim.as_deref()),
            OverviewLine::Mark(at) => answer.summary.marks.get(*at).map(|row| row.claim.as_str()),
            OverviewLine::Recent(_) | OverviewLine::Heading(..) | OverviewLine::Nothing(_) => None,
        }
    }

    /// Marks that belong to no case and were not made again in this one.
    pub(crate) fn outside(&self, case: &str) -> usize {
        let marks = self.slot.value.as_ref().map_or(&[][..], |answer| &answer.summary.marks);
        let again = |of: &MarkRow| {
            let mut same = marks.iter().filter(|it| (&it.about, it.mark) == (&of.about, of.mark));
            same.any(|it| it.case.as_deref() == Some(case))
        };
        marks.iter().filter(|mark| mark.case.is_none() && !again(mark)).count()
    }

    /// Whether the ledger holds nothing at all.
    pub(crate) fn is_empty_ledger(&self) -> bool {
        self.slot.value.as_ref().is_some_and(|answer| answer.summary.artefacts == 0)
    }
}

/// Asks the question.
pub(crate) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ask(SlotId::Overview, Ask::Overview, out);
    state.overview.slot.wait(ticket);
}

/// Moves the selection.
pub(crate) fn go(state: &mut State, motion: Motion) {
    let pane = &mut state.overview;
    pane.selected = moved(pane.selected, motion, pane.lines.len(), |at| pane.lines[at].is_row());
}

/// Takes the answer in.
pub(crate) fn told(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    let pane = &mut state.overview;
    if !pane.slot.expects(ticket) {
        return;
    }
    let Told::Overview(answer) = told else {
        pane.slot.fail(told);
        return;
    };
    let mut lines = vec![OverviewLine::Heading("Deserves attention", answer.rows.len())];
    if answer.rows.is_empty() {
        lines.push(OverviewLine::Nothing("nothing that this ledger could tell"));
    }
    lines.extend((0..answer.rows.len()).map(OverviewLine::Attention));
    lines.push(OverviewLine::Heading("Marked", answer.summary.marks.len()));
    if answer.summary.marks.is_empty() {
        lines.push(OverviewLine::Nothing("nothing yet: m marks the selected artefact"));
    }
    lines.extend((0..answer.summary.marks.len()).map(OverviewLine::Mark));
    lines.push(OverviewLine::Heading(NEWEST, answer.summary.recent.len()));
    lines.extend((0..answer.summary.recent.len()).map(OverviewLine::Recent));
    pane.lines = lines;
    pane.slot.fill(answer, last);
    pane.selected = moved(pane.selected, Motion::By(0), pane.lines.len(), |at| pane.lines[at].is_row());
}

/// Draws it.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let pane = &state.overview;
    let Some(answer) = &pane.slot.value else {
        super::draw_waiting(state, frame, area, &pane.slot);
        return;
    };
    if pane.is_empty_ledger() {
        draw_greeting(&state.look, frame, area);
        return;
    }
    let (top, rest) = first_row(area);
    let (rest, foot) = split_rows(rest, rest.height.saturating_sub(if rest.height >= 10 { 2 } else { 0 }));
    frame.render_widget(counts(state, &answer.summary, usize::from(top.width)), top);
    let kinds_width = match rest.width {
        100.. => 28,
        72.. => 22,
        _ => 0,
    };
    let (left, right) = split_columns(rest, rest.width - kinds_width.min(rest.width));
    let look = &state.look;
    let place = Place {
        id: ListId::Overview,
        area: left,
        len: pane.lines.len(),
        selection: Some(Selection { at: pane.selected, focused: state.overlays.is_empty() }),
    };
    list::draw(frame, cache, look, &place, |at, width| line(state, answer, &pane.lines[at], width));
    draw_whole(state, answer, frame, foot);
    if kinds_width > 0 {
        draw_kinds(look, frame, right, &answer.summary);
    }
}

/// The selected row in full, on the lines there are.
fn draw_whole(state: &State, answer: &Answer<Attention, Overview>, frame: &mut Frame, area: Rect) {
    let pane = &state.overview;
    let text = match pane.lines.get(pane.selected) {
        Some(OverviewLine::Attention(at)) => answer.rows.get(*at).map(|row| row.says.clone()),
        Some(OverviewLine::Mark(at)) => answer.summary.marks.get(*at).map(|row| {
            let window = super::details::window(row.since, row.until);
            let window = if window.is_empty() { window } else { format!(" {window}") };
            let by = who(&row.by, &row.source);
            format!("{} is {}{window} by {by}: {}", row.about, row.mark.as_str(), row.reason)
        }),
        Some(OverviewLine::Recent(at)) => answer.summary.recent.get(*at).map(|row| row.id.clone()),
        _ => None,
    };
    let (look, width) = (&state.look, usize::from(area.width).saturating_sub(2));
    let mut lines = vec![String::new()];
    for word in text.as_deref().unwrap_or_default().split(' ') {
        let full = lines.len() >= usize::from(area.height);
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if full || width_of(look, line) + 1 + width_of(look, word) <= width {
            // what is left over is cut at the edge of the last line, and the cut shows
            line.extend([" ", word]);
            if line.len() > 4096 {
                break;
            }
        } else {
            lines.push(word.to_owned());
        }
    }
    for (line, y) in lines.iter().zip(area.y..area.bottom()) {
        let strip = Strip::new(look, usize::from(area.width)).gap(2).text(line, Meaning::Text);
        frame.render_widget(strip.finish(), Rect { y, height: 1, ..area });
    }
}

fn counts(state: &State, overview: &Overview, width: usize) -> Line<'static> {
    let dot = state.look.glyphs.dot;
    let mut strip = Strip::new(&state.look, width);
    let counts = [(overview.artefacts, "artefacts"), (overview.links, "links"), (overview.evidence, "evidence")];
    for (at, (count, word)) in counts.into_iter().enumerate() {
        strip = strip.text(if at > 0 { " " } else { "" }, Meaning::Dim);
        if at > 0 {
            strip = strip.text(dot, Meaning::Rule).gap(1);
        }
        strip = strip.text(&thousands(count), Meaning::Title).gap(1).text(word, Meaning::Dim);
    }
    if overview.mentioned_only > 0 {
        let text = format!("{} {} only mentioned", state.look.glyphs.gap, thousands(overview.mentioned_only));
        strip = strip.gap(1).text(dot, Meaning::Rule).gap(1).text(&text, Meaning::Gap);
    }
    let anchored = anchoring(state.heading.anchored_to);
    let meaning = if state.heading.anchored_to == 0 { Meaning::Warning } else { Meaning::Dim };
    strip.gap(1).text(dot, Meaning::Rule).gap(1).text(&anchored, meaning).finish()
}

/// How old the newest statement of the ledger is.
fn freshness(newest: crate::model::Time, now: crate::model::Time) -> String {
    let age = newest.age(now);
    if age.starts_with("in ") { age } else { format!("{age} ago") }
}

fn severity_meaning(severity: &str) -> Meaning {
    match severity {
        "high" => Meaning::Bad,
        "medium" => Meaning::Warning,
        _ => Meaning::Dim,
    }
}

fn line(state: &State, answer: &Answer<Attention, Overview>, line: &OverviewLine, width: usize) -> Line<'static> {
    let look = &state.look;
    let strip = Strip::new(look, width);
    match line {
        OverviewLine::Heading(title, count) => {
            let strip = strip.text(look.glyphs.line, Meaning::Rule).gap(1).text(title, Meaning::Title).gap(1);
            let strip = strip.text(&thousands(*count as u64), Meaning::Dim).gap(1);
            let newest = answer.summary.newest.filter(|_| *title == NEWEST);
            let note = newest.map(|newest| freshness(newest, state.now)).unwrap_or_default();
            let rest = strip.left().saturating_sub(if note.is_empty() { 0 } else { note.len() + 4 });
            let strip = strip.text(&look.glyphs.line.repeat(rest), Meaning::Rule);
            if note.is_empty() {
                return strip.finish();
            }
            strip.gap(1).text(&note, Meaning::Dim).gap(1).text(&look.glyphs.line.repeat(2), Meaning::Rule).finish()
        }
        OverviewLine::Nothing(text) => strip.gap(2).text(text, Meaning::Dim).finish(),
        OverviewLine::Attention(at) => {
            let Some(row) = answer.rows.get(*at) else { return Line::default() };
            let meaning = severity_meaning(&row.severity);
            strip.gap(2).cell(&row.severity, 8, meaning).text(&row.says, Meaning::Text).finish()
        }
        OverviewLine::Mark(at) => {
            let Some(row) = answer.summary.marks.get(*at) else { return Line::default() };
            let mark = format!("{} {}", look.mark(row.mark), row.mark.as_str());
            let strip = strip.gap(2).cell(&mark, 14, mark_meaning(row.mark));
            let about = strip.left() / 2;
            strip.cell(&row.about, about, Meaning::Text).gap(2).text(&row.reason, Meaning::Dim).finish()
        }
        OverviewLine::Recent(at) => {
            let Some(row) = answer.summary.recent.get(*at) else { return Line::default() };
            let when = row.at.map(crate::model::Time::short).unwrap_or_default();
            let strip = strip.gap(2).cell(&when, 18, Meaning::Dim).cell(&row.kind, 14, Meaning::Dim);
            let signs = signs(look, row);
            let room = strip.left().saturating_sub(signs_width(look, &signs));
            with_signs(strip.within(&label(row), room, meaning(row)), look, &signs).finish()
        }
    }
}

fn draw_kinds(look: &Look, frame: &mut Frame, area: Rect, overview: &Overview) {
    let body = section(frame, look, area, "Kinds", "");
    let width = usize::from(body.width);
    for (at, group) in overview.kinds.iter().take(usize::from(body.height)).enumerate() {
        let count = group_bounds(group);
        let name = width.saturating_sub(count.len() + 1);
        let line =
            Strip::new(look, width).cell(&group.name, name, Meaning::Text).right(&count, count.len() + 1, Meaning::Dim);
        let slot = Rect { y: body.y + u16::try_from(at).unwrap_or(0), height: 1, ..body };
        frame.render_widget(line.finish(), slot);
    }
}

fn draw_greeting(look: &Look, frame: &mut Frame, area: Rect) {
    let text: [(&str, &str, Meaning); 10] = [
        ("", "This ledger is empty. Four ways to begin:", Meaning::Title),
        ("", "", Meaning::Text),
        ("lastgood demo", "a ready incident in a throw-away ledger", Meaning::Key),
        ("lastgood import PATH", "lineage you have in files and folders", Meaning::Key),
        ("lastgood import -", "lineage that another program writes into a pipe", Meaning::Key),
        ("lastgood source add", "a server to pull from; then 9, and f pulls it", Meaning::Key),
        ("", "", Meaning::Text),
        ("", "Leave with q, run one of them, and come back.", Meaning::Text),
        ("?", "the keys", Meaning::Key),
        (":", "every action by name", Meaning::Key),
    ];
    let (_, body) = split_rows(area, area.height / 4);
    for (at, (command, says, meaning)) in text.iter().enumerate().take(usize::from(body.height)) {
        let slot = Rect { y: body.y + u16::try_from(at).unwrap_or(0), height: 1, ..body };
        let strip = Strip::new(look, usize::from(slot.width)).gap(4);
        let line = if command.is_empty() {
            strip.text(says, *meaning)
        } else {
            strip.cell(command, 24, *meaning).text(says, Meaning::Text)
        };
        frame.render_widget(line.finish(), slot);
    }
}
