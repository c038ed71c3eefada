//! Suspects: what separates what misbehaves from what does not, best first, with the two counts as
//! bars, and what to test next. It ranks nothing.

use crate::investigate::answer::Answer;
use crate::investigate::question::Suspects;
use crate::investigate::rows::{Observed, SuspectRow, SuspectsSummary};
use crate::model::{ArtefactId, Time};
use crate::report::suspects::{explains, since, unexplained};
use crate::tui::ask::{Ask, Told};
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, ListId, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::pane::aside::{WIDE, bar, details, halves, hint, lacks, listed, unsure, way};
use crate::tui::pane::row::{hops, label, meaning, signs, signs_width, thousands, with_signs};
use crate::tui::state::{Pane as Panes, State};
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::facts::Facts;
use crate::tui::widget::frame::section;
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Rows asked for; the completeness statement says how many there are.
const LIMIT: usize = 1_000;

/// Columns of a bar.
const BAR: u64 = 4;

/// The pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pane {
    /// What was said to misbehave; by marks and incidents when empty.
    pub bad: Vec<ArtefactId>,
    /// What was said to behave; the last known good when empty.
    pub good: Vec<ArtefactId>,
    /// The answer.
    pub slot: Slot<Answer<SuspectRow, SuspectsSummary>>,
    /// The selected row.
    pub selected: usize,
}

/// What somebody says of an artefact's behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It misbehaves.
    Bad,
    /// It does not.
    Good,
}

impl Pane {
    fn row(&self) -> Option<&SuspectRow> {
        self.slot.value.as_ref()?.rows.get(self.selected)
    }

    pub(crate) fn subject(&self) -> Option<&str> {
        self.row().map(|row| row.row.id.as_str())
    }

    pub(crate) fn claim(&self) -> Option<&str> {
        self.row().and_then(|row| row.claim.as_deref())
    }

    /// A reason for a mark on the selected row.
    pub(crate) fn reason(&self) -> Option<String> {
        let (row, summary) = (self.row()?, &self.slot.value.as_ref()?.summary);
        let (bad, good) = (summary.bad.len(), summary.good.len());
        Some(format!("{} of {bad} bad and {} of {good} good depend on it", row.bad, row.good))
    }
}

/// Asks what makes one artefact misbehave, and shows the pane.
pub(crate) fn of(state: &mut State, id: &str, out: &mut Vec<Effect>) {
    state.remember();
    state.pane = Panes::Suspects;
    ask(state, vec![id.to_owned()], Vec::new(), out);
}

/// Asks with these.
pub(crate) fn ask(state: &mut State, bad: Vec<ArtefactId>, good: Vec<ArtefactId>, out: &mut Vec<Effect>) {
    state.suspects = Pane { bad, good, ..Pane::default() };
    refresh(state, out);
}

/// Says of an artefact that it misbehaves, or does not, or takes that back; asks again if that is to be seen.
pub(crate) fn say(state: &mut State, id: &str, verdict: Verdict, out: &mut Vec<Effect>) {
    let pane = &mut state.suspects;
    let (here, there) = match verdict {
        Verdict::Bad => (&mut pane.bad, &mut pane.good),
        Verdict::Good => (&mut pane.good, &mut pane.bad),
    };
    there.retain(|one| one != id);
    if here.iter().any(|one| one == id) {
        here.retain(|one| one != id);
    } else {
        here.push(id.to_owned());
    }
    let counts = format!("said so far: {} misbehave, {} behave", pane.bad.len(), pane.good.len());
    if state.pane == Panes::Suspects {
        refresh(state, out);
        state.say(counts, Meaning::Key);
    } else {
        state.suspects.slot = Slot::default();
        out.push(Effect::Cancel(SlotId::Suspects));
        state.say(format!("{counts}; the suspects pane shows what separates them"), Meaning::Key);
    }
}

/// Asks when there is no answer yet.
pub(crate) fn enter(state: &mut State, out: &mut Vec<Effect>) {
    if lacks(&state.suspects.slot) {
        refresh(state, out);
    }
}

/// The question as it is asked now.
pub(crate) fn question(state: &State) -> Suspects {
    let (bad, good) = (state.suspects.bad.clone(), state.suspects.good.clone());
    Suspects { bad, good, kinds: Vec::new(), limit: LIMIT }
}

/// Asks again.
pub(crate) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    let ticket = state.ask(SlotId::Suspects, Ask::Suspects(question(state)), out);
    state.suspects.slot.wait(ticket);
}

/// Moves the selection.
pub(crate) fn go(state: &mut State, motion: Motion) {
    let pane = &mut state.suspects;
    let len = pane.slot.value.as_ref().map_or(0, |answer| answer.rows.len());
    pane.selected = moved(pane.selected, motion, len, |_| true);
}

/// Takes the answer in.
pub(crate) fn told(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    let pane = &mut state.suspects;
    if !pane.slot.expects(ticket) {
        return;
    }
    match told {
        Told::Suspects(answer) => pane.slot.fill(answer, last),
        other => pane.slot.fail(other),
    }
    go(state, Motion::By(0));
}

/// Draws it.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (pane, look) = (&state.suspects, &state.look);
    let Some(answer) = &pane.slot.value else {
        let body = section(frame, look, area, "What separates the bad from the good", "");
        let below = super::draw_waiting(state, frame, body, &pane.slot);
        if pane.slot.failed.is_some() {
            let text = "Select what misbehaves and press x, and what does not and press v; S asks about one alone.";
            hint(look, frame, below, text);
        }
        return;
    };
    let summary = &answer.summary;
    let title = format!("What separates {} bad from {} good", summary.bad.len(), summary.good.len());
    let body = section(frame, look, area, &title, "x misbehaves, v behaves");
    let most = if area.height >= 30 { 6 } else { 2 };
    let body = listed(frame, look, body, ("bad", Meaning::Bad), &observed(&summary.bad), most);
    let body = listed(frame, look, body, ("good", Meaning::Good), &observed(&summary.good), most);
    let most = if area.height >= 30 { 6 } else { 3 };
    let body = listed(frame, look, body, ("causes", Meaning::Warning), &causes(summary), most);
    let body = unsure(frame, look, body, &answer.completeness.because);
    if answer.rows.is_empty() {
        return hint(look, frame, body, "Nothing upstream of the bad is on record, so nothing can be suspected.");
    }
    let (rows, aside) = halves(state, body);
    let place = Place {
        id: ListId::Suspects,
        area: rows,
        len: answer.rows.len(),
        selection: Some(Selection { at: pane.selected, focused: state.overlays.is_empty() }),
    };
    let wide = area.width >= WIDE;
    list::draw(frame, cache, look, &place, |at, width| line(look, &answer.rows[at], summary, width, wide));
    let Some(row) = pane.row() else { return };
    let note = format!("{} of {}", thousands(pane.selected as u64 + 1), thousands(answer.rows.len() as u64));
    let inner = section(frame, look, aside, &label(&row.row), &note);
    details(state, frame, inner, &said(look, row, summary));
}

fn observed(rows: &[Observed]) -> Vec<String> {
    rows.iter()
        .map(|row| format!("{}: {}", row.id, if row.why.is_empty() { row.how.as_str() } else { row.why.as_str() }))
        .collect()
}

/// That one thing does not explain all the bad, and what explains which.
fn causes(summary: &SuspectsSummary) -> Vec<String> {
    let Some(causes) = &summary.causes else { return Vec::new() };
    let mut lines = vec![causes.says.clone()];
    lines.extend(causes.groups.iter().map(|it| explains(it, summary.good.len())));
    lines.extend((!causes.unexplained.is_empty()).then(|| unexplained(causes)));
    lines
}

fn line(look: &Look, row: &SuspectRow, summary: &SuspectsSummary, width: usize, wide: bool) -> Line<'static> {
    let (bad, good) = (summary.bad.len() as u64, summary.good.len() as u64);
    let counts = [(row.bad, bad), (row.good, good)].map(|(count, of)| format!("{count}/{of}"));
    let digits = format!("{bad}/{bad}").len().max(format!("{good}/{good}").len()) + 2;
    let [of_bad, of_good] = &counts;
    let strip = Strip::new(look, width).gap(1).text(&bar(look, row.bad, bad, BAR), Meaning::Bad).gap(1);
    let strip = strip.cell(of_bad, digits, Meaning::Text).text(&bar(look, row.good, good, BAR), Meaning::Good).gap(1);
    let strip = strip.cell(of_good, digits, Meaning::Text);
    let strip = if wide { strip.cell(&format!("{:.2}", row.score), 6, Meaning::Dim) } else { strip };
    let mut signs = signs(look, &row.row);
    if !row.certain {
        signs.insert(0, ("? possible".to_owned(), Meaning::Warning));
    }
    let side = signs_width(look, &signs);
    // The name goes before dates and owners, which the details tell too.
    let room = strip.left().saturating_sub(side + 8);
    let since = if room >= 45 { 17 } else { 0 };
    let owner = if wide && room >= 62 { 17 } else { 0 };
    let name = strip.left().saturating_sub(side + since + owner + 8).max(12);
    let strip = strip.cell(&label(&row.row), name, meaning(&row.row)).gap(1);
    let strip = strip.cell(&hops(row.distance), 7, Meaning::Dim);
    let strip =
        strip.cell(row.row.owner.as_deref().unwrap_or(""), owner.saturating_sub(1), Meaning::Dim).gap(owner.min(1));
    let strip = strip.cell(&row.since.map(Time::short).unwrap_or_default(), since, Meaning::Dim);
    with_signs(strip, look, &signs).finish()
}

/// The selected row in full, and what to test next.
fn said(look: &Look, row: &SuspectRow, summary: &SuspectsSummary) -> Facts {
    let mut out = Facts::default();
    out.add("id", row.row.id.clone(), Meaning::Text);
    let (bad, good) = (summary.bad.len(), summary.good.len());
    let counts = format!("{} of {bad} bad and {} of {good} good depend on it", row.bad, row.good);
    let alike = match row.alike {
        0 => String::new(),
        1 => "; so it is with 1 other, and no test of these can tell the two apart".to_owned(),
        many => format!("; so it is with {} others, and no test of these can tell them apart", thousands(many)),
    };
    out.add("score", format!("{:.2}: {counts}{alike}", row.score), Meaning::Text);
    if let Some(next) = &summary.next {
        out.add("test next", format!("{}: {}", next.id, next.says), Meaning::Key);
    }
    causes(summary).into_iter().for_each(|text| out.add("causes", text, Meaning::Warning));
    out.add("way", way(look, &row.path), Meaning::Dim);
    let since = since(row).map(|since| format!("since {since}, when the first of the bad came to rest on it"));
    out.add("when", since.unwrap_or_else(|| "nobody says since when".to_owned()), Meaning::Text);
    out.add("owner", row.row.owner.clone().unwrap_or_default(), Meaning::Text);
    if !row.certain {
        out.add("unsure", "it hangs on undated links", Meaning::Warning);
    }
    out.add(
        "claim",
        row.claim.clone().map(|claim| format!("{claim} (o opens its record)")).unwrap_or_default(),
        Meaning::Dim,
    );
    out
}
