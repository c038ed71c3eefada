//! Chain: the evidence behind a deployment, a version or an action, each kind of link with its worst state,
//! unfolded to the single ones. It judges no link.

use crate::investigate::answer::Answer;
use crate::investigate::question::Chain;
use crate::investigate::rows::{ChainGroup, ChainRow, ChainSummary, LinkState};
use crate::report::chain::{counts, through, who_and_when};
use crate::tui::action::Action;
use crate::tui::ask::{Ask, Told};
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, ListId, Slot, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::overlay::record;
use crate::tui::pane::aside::{details, halves, hint, listed, unsure};
use crate::tui::pane::explore;
use crate::tui::state::{Pane as Panes, State};
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::facts::Facts;
use crate::tui::widget::frame::section;
use crate::tui::widget::line::{Strip, width_of};
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::collections::BTreeSet;

/// Links asked for of each kind; the groups say how many there are.
const LIMIT: usize = 500;

/// The pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pane {
    /// The artefact; nothing was asked when absent.
    pub of: Option<String>,
    /// The answer.
    pub slot: Slot<Box<Answer<ChainRow, ChainSummary>>>,
    /// The kinds of links that are unfolded.
    pub open: BTreeSet<String>,
    /// Its lines.
    pub lines: Vec<ChainLine>,
    /// The selected one.
    pub selected: usize,
}

/// One line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainLine {
    /// A kind of link.
    Group(usize),
    /// One of its links.
    Row(usize),
    /// How many of the group's links were not asked for.
    More(usize),
}

impl Pane {
    fn line(&self) -> Option<ChainLine> {
        self.lines.get(self.selected).copied()
    }

    fn row(&self) -> Option<&ChainRow> {
        match self.line()? {
            ChainLine::Row(at) => self.slot.value.as_ref()?.rows.get(at),
            ChainLine::Group(_) | ChainLine::More(_) => None,
        }
    }

    /// The artefact of the selected link, else the one asked about.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.row().map(|row| row.id.as_str()).or(self.of.as_deref())
    }

    pub(crate) fn claim(&self) -> Option<&str> {
        self.row().and_then(|row| row.claim.as_deref())
    }
}

/// Asks for the chain of one artefact and shows the pane.
pub(crate) fn of(state: &mut State, id: &str, out: &mut Vec<Effect>) {
    state.remember();
    state.pane = Panes::Chain;
    ask(state, Some(id.to_owned()), out);
}

/// Asks about this one, or about none.
pub(crate) fn ask(state: &mut State, of: Option<String>, out: &mut Vec<Effect>) {
    state.chain = Pane { of, ..Pane::default() };
    refresh(state, out);
}

/// The question as it is asked now.
pub(crate) fn question(state: &State) -> Option<Chain> {
    Some(Chain { id: state.chain.of.clone()?, limit: LIMIT })
}

/// Asks again.
pub(crate) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    let Some(question) = question(state) else { return };
    let ticket = state.ask(SlotId::Chain, Ask::Chain(question), out);
    state.chain.slot.wait(ticket);
}

/// Moves the selection.
pub(crate) fn go(state: &mut State, motion: Motion) {
    let pane = &mut state.chain;
    pane.selected = moved(pane.selected, motion, pane.lines.len(), |_| true);
}

/// Takes the answer in; the first time, what does not hold is unfolded and the first such link selected.
pub(crate) fn told(state: &mut State, ticket: Ticket, told: Told, last: bool) {
    let pane = &mut state.chain;
    if !pane.slot.expects(ticket) {
        return;
    }
    let Told::Chain(answer) = told else {
        pane.slot.fail(told);
        return;
    };
    let first = pane.slot.value.is_none();
    if first {
        let broken = answer.summary.groups.iter().filter(|group| !group.state.holds() || group.against > 0);
        pane.open = broken.map(|group| group.link.clone()).collect();
    }
    pane.lines = lines(&answer, &pane.open);
    if first {
        let bad = |line: &ChainLine| matches!(line, ChainLine::Row(at) if !answer.rows[*at].state.holds());
        pane.selected = pane.lines.iter().position(bad).unwrap_or(0);
    }
    pane.slot.fill(answer, last);
    go(state, Motion::By(0));
}

fn lines(answer: &Answer<ChainRow, ChainSummary>, open: &BTreeSet<String>) -> Vec<ChainLine> {
    let mut lines = Vec::new();
    for (at, group) in answer.summary.groups.iter().enumerate() {
        lines.push(ChainLine::Group(at));
        if !open.contains(&group.link) {
            continue;
        }
        let rows = answer.rows.iter().enumerate().filter(|(_, row)| row.link == group.link);
        let before = lines.len();
        lines.extend(rows.map(|(at, _)| ChainLine::Row(at)));
        if ((lines.len() - before) as u64) < group.count {
            lines.push(ChainLine::More(at));
        }
    }
    lines
}

/// Folds, unfolds, or opens what is selected: the record behind a link, or what lacks it.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let pane = &state.chain;
    let (Some(answer), Some(line)) = (&pane.slot.value, pane.line()) else { return };
    let group = match line {
        ChainLine::Group(at) | ChainLine::More(at) => answer.summary.groups.get(at).map(|group| group.link.clone()),
        ChainLine::Row(at) => answer.rows.get(at).map(|row| row.link.clone()),
    };
    let Some(group) = group else { return };
    let is_group = matches!(line, ChainLine::Group(_));
    match (action, is_group) {
        (Action::Open, false) => match (pane.claim().map(str::to_owned), pane.subject().map(str::to_owned)) {
            (Some(claim), _) => record::open(state, &claim, out),
            (None, Some(id)) => explore::root_at(state, &id, out),
            (None, None) => {}
        },
        (Action::Open, true) => fold(state, &group, !state.chain.open.contains(&group)),
        (Action::Expand, true) if state.chain.open.contains(&group) => go(state, Motion::By(1)),
        (Action::Expand, true) => fold(state, &group, true),
        (Action::Collapse, _) => fold(state, &group, false),
        _ => {}
    }
}

/// Folds or unfolds a kind of link and selects it.
fn fold(state: &mut State, link: &str, open: bool) {
    let pane = &mut state.chain;
    let Some(answer) = &pane.slot.value else { return };
    if open {
        pane.open.insert(link.to_owned());
    } else {
        pane.open.remove(link);
    }
    pane.lines = lines(answer, &pane.open);
    let place = answer.summary.groups.iter().position(|group| group.link == link);
    let line = place.and_then(|at| pane.lines.iter().position(|line| *line == ChainLine::Group(at)));
    pane.selected = line.unwrap_or(0);
}

/// Draws it.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (pane, look) = (&state.chain, &state.look);
    let Some(of) = &pane.of else {
        let text = "No chain asked for yet: select a deployment, a version or a step (/ finds one) and press C.";
        return hint(look, frame, area, text);
    };
    let Some(answer) = &pane.slot.value else {
        let body = section(frame, look, area, &format!("Chain of {of}"), "");
        super::draw_waiting(state, frame, body, &pane.slot);
        return;
    };
    let summary = &answer.summary;
    let title = through(summary);
    let title = format!("C{}", title.strip_prefix('c').unwrap_or(&title));
    let body = section(frame, look, area, &title, &summary.signatures);
    let verdict = if summary.complete { Meaning::Good } else { Meaning::Bad };
    let sign = if summary.complete { look.glyphs.holds } else { look.glyphs.fails };
    let body = listed(frame, look, body, (sign, verdict), std::slice::from_ref(&summary.verdict), 1);
    let body = unsure(frame, look, body, &answer.completeness.because);
    let (rows, aside) = halves(state, body);
    let place = Place {
        id: ListId::Chain,
        area: rows,
        len: pane.lines.len(),
        selection: Some(Selection { at: pane.selected, focused: state.overlays.is_empty() }),
    };
    list::draw(frame, cache, look, &place, |at, width| line(look, pane, answer, pane.lines[at], width));
    let Some(selected) = pane.line() else { return };
    let (title, note, said) = match selected {
        ChainLine::Row(at) => {
            let Some(row) = answer.rows.get(at) else { return };
            (row.id.clone(), format!("{} {}", row.state.sign(), row.state.words()), told_of(row))
        }
        ChainLine::Group(at) | ChainLine::More(at) => {
            let Some(group) = summary.groups.get(at) else { return };
            (group.title.clone(), format!("{} {}", group.state.sign(), group.state.words()), told_of_all(group, answer))
        }
    };
    let inner = section(frame, look, aside, &title, &note);
    details(state, frame, inner, &said);
}

fn meaning(state: LinkState) -> Meaning {
    match state {
        LinkState::Verified => Meaning::Good,
        LinkState::Recorded | LinkState::None => Meaning::Text,
        LinkState::NotPermitted => Meaning::Gap,
        LinkState::Stale => Meaning::Warning,
        LinkState::Void | LinkState::Missing => Meaning::Bad,
    }
}

/// The selected link in full.
fn told_of(row: &ChainRow) -> Facts {
    let mut out = Facts::default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    out.add("says", row.says.clone(), Meaning::Text);
    out.add("state", format!("{} {}", row.state.sign(), row.state.words()), meaning(row.state));
    for why in &row.reasons {
        let meaning = if row.state.holds() && !row.against { Meaning::Text } else { meaning(row.state) };
        out.add("because", why.clone(), meaning);
    }
    if row.against {
        out.add("against", "it is on record and speaks against it", Meaning::Warning);
    }
    out.add("by", text(&row.by), Meaning::Text);
    out.add("owner", text(&row.owner), Meaning::Text);
    out.add("when", row.at.map(|at| at.to_string()).unwrap_or_default(), Meaning::Text);
    out.add("until", row.until.map(|at| at.to_string()).unwrap_or_default(), Meaning::Text);
    out.add("scope", text(&row.scope), Meaning::Text);
    out.add("verdict", text(&row.verdict), Meaning::Text);
    row.covers.iter().for_each(|digest| out.add("digest", digest.clone(), Meaning::Text));
    out.add("evidence", text(&row.evidence), Meaning::Dim);
    out.add("whence", row.origin.words(), Meaning::Dim);
    match &row.claim {
        Some(claim) => out.add("claim", format!("{claim} (Enter opens its record)"), Meaning::Dim),
        None => out.add("claim", "nothing on record (Enter explores what lacks it)", Meaning::Gap),
    }
    out
}

/// A kind of link in full.
fn told_of_all(group: &ChainGroup, answer: &Answer<ChainRow, ChainSummary>) -> Facts {
    let mut out = Facts::default();
    out.add("links", counts(group), meaning(group.state));
    for row in answer.rows.iter().filter(|row| row.link == group.link).take(20) {
        out.add("of these", format!("{} {}", row.state.sign(), row.says), meaning(row.state));
    }
    out
}

fn line(
    look: &Look,
    pane: &Pane,
    answer: &Answer<ChainRow, ChainSummary>,
    line: ChainLine,
    width: usize,
) -> Line<'static> {
    let strip = Strip::new(look, width);
    match line {
        ChainLine::Group(at) => match answer.summary.groups.get(at) {
            Some(group) => {
                let open = pane.open.contains(&group.link);
                let fold = if open { look.glyphs.open } else { look.glyphs.closed };
                let mark = Meaning::Dim;
                let against = group.state.holds() && group.against > 0;
                let shade = if against { Meaning::Warning } else { meaning(group.state) };
                let strip = strip.cell(group.sign(), 2, shade).cell(fold, 2, mark);
                strip.cell(&group.title, 20, Meaning::Title).text(&counts(group), shade).finish()
            }
            None => Line::default(),
        },
        ChainLine::More(at) => {
            let shown = answer.summary.groups.get(at).map_or(0, |group| {
                let listed = answer.rows.iter().filter(|row| row.link == group.link).count() as u64;
                group.count.saturating_sub(listed)
            });
            strip.gap(4).text(&format!("{} {shown} more, all counted above", look.glyphs.more), Meaning::Dim).finish()
        }
        ChainLine::Row(at) => match answer.rows.get(at) {
            Some(row) => {
                let strip = strip.gap(4).cell(row.state.sign(), 2, meaning(row.state));
                let word = match (row.against, row.state) {
                    (true, _) => "against it: ".to_owned(),
                    (false, LinkState::Recorded | LinkState::Missing) => String::new(),
                    (false, state) => format!("{}: ", state.words()),
                };
                let shade = if row.against { Meaning::Warning } else { meaning(row.state) };
                let beside = who_and_when(row);
                let side = width_of(look, &beside).min(strip.left() / 3) + 2;
                let side = if strip.left() < 70 { 0 } else { side };
                let says = strip.left().saturating_sub(side);
                let strip = strip.within(&format!("{word}{}", row.says), says, shade);
                strip.gap(2).text(if side > 0 { &beside } else { "" }, Meaning::Dim).finish()
            }
            None => Line::default(),
        },
    }
}
