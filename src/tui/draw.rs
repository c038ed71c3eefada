//! The screen, from top to bottom:
//!
//! ```text
//! lastgood  ledger · records · root            as of, known at, clock      header
//! [1 overview] 2 explor  3 diff  4 impact …       at least 12, at most 14   tabs, bounds
//! …                                                                         pane, overlays above
//! Enter open  / find                                  ? help  q quit         footer, or a notice
//! ```
//!
//! Drawing is a function of the state; what it remembers only saves looking things up.

use crate::tui::action::{Availability, TABLE, availability, footer, label, leads_here};
use crate::tui::message::{ListId, Target};
use crate::tui::overlay;
use crate::tui::pane::{
    aside, case, chain, diff_draw, explore_draw, gaps, impact_draw, overview, plan_draw, row::thousands, sources_draw,
    suspects, timeline,
};
use crate::tui::state::{Pane, State};
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::frame::{first_row, split_rows};
use crate::tui::widget::line::{Strip, width_of};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use std::collections::BTreeMap;

/// The smallest screen that holds the console.
const SMALLEST: (u16, u16) = (40, 10);

/// What the last frame left: how far lists are scrolled, and what lies where for the mouse.
#[derive(Debug, Default)]
pub struct FrameCache {
    offsets: BTreeMap<ListId, usize>,
    targets: Vec<(Rect, Target)>,
    regions: Vec<(Rect, ListId)>,
}

impl FrameCache {
    pub(crate) fn offset(&self, id: ListId) -> usize {
        self.offsets.get(&id).copied().unwrap_or(0)
    }

    pub(crate) fn set_offset(&mut self, id: ListId, offset: usize) {
        self.offsets.insert(id, offset);
    }

    pub(crate) fn target(&mut self, area: Rect, target: Target) {
        self.targets.push((area, target));
    }

    pub(crate) fn region(&mut self, area: Rect, id: ListId) {
        self.regions.push((area, id));
    }

    pub(crate) fn forget_targets(&mut self) {
        self.targets.clear();
        self.regions.clear();
    }

    /// What lies at this place of the screen.
    pub(crate) fn hit(&self, column: u16, row: u16) -> Option<Target> {
        let at = Position::new(column, row);
        self.targets.iter().rev().find(|(area, _)| area.contains(at)).map(|(_, target)| *target)
    }

    /// The list at this place of the screen.
    pub(crate) fn list_at(&self, column: u16, row: u16) -> Option<ListId> {
        let at = Position::new(column, row);
        self.regions.iter().rev().find(|(area, _)| area.contains(at)).map(|(_, id)| *id)
    }
}

/// Draws the whole screen.
pub fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame) {
    cache.forget_targets();
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        draw_too_small(&state.look, frame, area);
        return;
    }
    let (header, rest) = first_row(area);
    let (tabs, rest) = first_row(rest);
    let (body, footer) = split_rows(rest, rest.height - 1);
    draw_header(state, frame, header);
    draw_tabs(state, cache, frame, tabs);
    match state.pane {
        Pane::Overview => overview::draw(state, cache, frame, body),
        Pane::Explore => explore_draw::draw(state, cache, frame, body),
        Pane::Diff => diff_draw::draw(state, cache, frame, body),
        Pane::Impact => impact_draw::draw(state, cache, frame, body),
        Pane::Suspects => suspects::draw(state, cache, frame, body),
        Pane::Plan => plan_draw::draw(state, cache, frame, body),
        Pane::Timeline => timeline::draw(state, cache, frame, body),
        Pane::Chain => chain::draw(state, cache, frame, body),
        Pane::Gaps => gaps::draw(state, cache, frame, body),
        Pane::Case => case::draw(state, cache, frame, body),
        Pane::Sources => sources_draw::draw(state, cache, frame, body),
    }
    overlay::draw(state, cache, frame, body);
    draw_footer(state, frame, footer);
}

fn draw_too_small(look: &Look, frame: &mut Frame, area: Rect) {
    let text = [
        format!("too small: {}x{}", area.width, area.height),
        format!("needs {}x{}", SMALLEST.0, SMALLEST.1),
        "q quits".to_owned(),
    ];
    for (at, line) in text.iter().take(usize::from(area.height)).enumerate() {
        let slot = Rect { y: area.y + u16::try_from(at).unwrap_or(0), height: 1, ..area };
        frame.render_widget(Strip::new(look, usize::from(slot.width)).text(line, Meaning::Text).finish(), slot);
    }
}

fn draw_header(state: &State, frame: &mut Frame, area: Rect) {
    let (look, heading) = (&state.look, &state.heading);
    let dot = look.glyphs.dot;
    let mut right: Vec<String> = Vec::new();
    right.extend(heading.as_of.map(|at| format!("as of {}", at.short())));
    right.extend(heading.known_at.map(|at| format!("known at {}", at.short())));
    right.extend(heading.clock.map(|at| format!("clock {}", at.short())));
    right.extend(heading.case.as_ref().map(|case| format!("case {case}")));
    let right = right.join(&format!(" {dot} "));
    let side = width_of(look, &right).min(usize::from(area.width) / 2);
    let mut strip = Strip::new(look, usize::from(area.width)).gap(1).text("lastgood", Meaning::Title).gap(2);
    let name = strip.left().saturating_sub(side + 2);
    let heads = heads(state);
    let least = if state.is_outgrown() { 8 } else { 12 };
    let fits = |head: &&String| width_of(look, &heading.ledger) + width_of(look, head) <= name;
    let head = heads.iter().find(fits).or(heads.last()).cloned().unwrap_or_default();
    strip = strip.within(&heading.ledger, name.saturating_sub(width_of(look, &head)).max(least), Meaning::Text);
    let room = strip.left().saturating_sub(side + 2);
    strip = strip.within(&head, room, Meaning::Dim).until_left(side + 1);
    frame.render_widget(strip.within(&right, side, Meaning::Warning).finish(), area);
}

/// What the first line says of the records that the shown answer was computed on, and of those that came since, the
/// longest first.
fn heads(state: &State) -> Vec<String> {
    let (heading, dot) = (&state.heading, state.look.glyphs.dot);
    let outgrown = state.outgrown();
    let (records, root) = outgrown.map_or((heading.records, &heading.root), |on| (on.head.records, &on.head.root));
    let root = &root[..root.floor_char_boundary(8)];
    let records = format!(" {dot} {} records", thousands(records));
    let Some(on) = outgrown else {
        return vec![format!("{records} {dot} root {root}"), format!("{records} {dot} {root}")];
    };
    let new = thousands(heading.records.saturating_sub(on.head.records));
    let marks = match heading.marks.saturating_sub(on.marks) {
        0 => String::new(),
        1 => ", 1 mark".to_owned(),
        many => format!(", {} marks", thousands(many)),
    };
    vec![
        format!("{records} {dot} root {root} {dot} {new} arrived{marks}: r reads them"),
        format!("{records} {dot} {root} {dot} {new} arrived{marks}: r reads them"),
        format!("{records} {dot} {new} arrived{marks}: r reads them"),
        format!("{records} {dot} {new} arrived{marks}: r"),
        format!("{records} {dot} {new} new{marks}: r"),
    ]
}

/// What the line of the tabs says of the shown answer.
fn bounds(state: &State) -> String {
    let completeness = match state.pane {
        Pane::Diff => state.diff.slot.value.as_ref().map(|answer| &answer.completeness),
        Pane::Impact => state.impact.slot.value.as_ref().map(|answer| &answer.completeness),
        Pane::Suspects => state.suspects.slot.value.as_ref().map(|answer| &answer.completeness),
        Pane::Plan => state.plan.slot.value.as_ref().map(|answer| &answer.completeness),
        Pane::Timeline => state.timeline.slot.value.as_ref().map(|answer| &answer.completeness),
        Pane::Gaps => state.gaps.slot.value.as_ref().map(|answer| &answer.completeness),
        Pane::Chain => state.chain.slot.value.as_ref().map(|answer| &answer.completeness),
        Pane::Overview | Pane::Explore | Pane::Case | Pane::Sources => None,
    };
    completeness.map(aside::sure).unwrap_or_default()
}

/// The fewest letters by which a tab is still known.
const FEWEST: usize = 3;

/// Letters that the names of other tabs keep: as many as leave room for what is said beside them, and none
/// where only scraps would fit.
fn letters(here: Pane, room: usize) -> usize {
    let width = |letters: usize| -> usize {
        let name = |pane: Pane| if pane == here { pane.name().len() + 1 } else { pane.name().len().min(letters) };
        Pane::ALL.iter().map(|&pane| name(pane) + 3).sum()
    };
    (FEWEST..=9).rev().find(|&letters| width(letters) <= room).unwrap_or(0)
}

/// Tabs with their keys: the one that is shown by its whole name, the others as far as they fit.
fn draw_tabs(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let look = &state.look;
    let bounds = bounds(state);
    let width = usize::from(area.width);
    let beside = if bounds.is_empty() { 0 } else { width_of(look, &bounds) + 1 };
    let letters = letters(state.pane, width.saturating_sub(beside));
    let mut strip = Strip::new(look, width);
    for (at, &pane) in Pane::ALL.iter().enumerate() {
        let here = pane == state.pane;
        let name = if here { pane.name() } else { &pane.name()[..pane.name().len().min(letters)] };
        // The brackets say without colour which tab this is.
        let (open, close) = if here { ("[", "]") } else { (" ", "") };
        let text = format!("{open}{} {name}{close}", pane.sign());
        let x = area.x + u16::try_from(width - strip.left()).unwrap_or(0);
        let tab = Rect { x, width: u16::try_from(text.len()).unwrap_or(0), ..area }.intersection(area);
        cache.target(tab, Target::Tab(at));
        strip = strip.text(&text, if here { Meaning::TabHere } else { Meaning::Dim });
    }
    let room = strip.left().saturating_sub(1);
    let wanted = width_of(look, &bounds).min(room);
    // a blank at the right end, where there is one to spare
    let end = usize::from(room > wanted);
    let strip = strip.until_left(wanted + end).within(&bounds, wanted, Meaning::Title);
    frame.render_widget(strip.finish(), area);
}

fn draw_footer(state: &State, frame: &mut Frame, area: Rect) {
    let look = &state.look;
    let mut strip = Strip::new(look, usize::from(area.width)).gap(1);
    if let Some(notice) = &state.notice {
        frame.render_widget(strip.text(&notice.text, notice.meaning).finish(), area);
        return;
    }
    let context = state.context();
    let contexts = state.contexts();
    let mut rows: Vec<_> = TABLE
        .iter()
        .filter(|row| footer(row, context) > 0 && row.contexts.iter().any(|one| contexts.contains(one)))
        .filter(|row| !state.overlays.is_empty() || !leads_here(row.action, state.pane))
        .filter(|row| availability(row.action, state) == Availability::Ready)
        .collect();
    rows.sort_by_key(|row| footer(row, context));
    let hints = |fixed: bool| {
        let rows = rows.iter().filter(move |row| (row.footer >= 100) == fixed);
        rows.filter_map(|row| {
            // While typing, only keys that are no letters lead out.
            let typing = state.is_typing();
            let key = state.keymap.keys(row.action).iter().find(|key| !typing || key.typed().is_none())?;
            Some((key.sign(look.glyphs.ascii), label(row.action, context)))
        })
    };
    let side: usize = hints(true).map(|(sign, word)| width_of(look, &sign) + word.len() + 3).sum();
    let mut said: Vec<&str> = Vec::new();
    for (sign, word) in hints(false) {
        // Two keys for one thing: the first is enough.
        if said.contains(&word) {
            continue;
        }
        said.push(word);
        if width_of(look, &sign) + word.len() + 3 + side <= strip.left() {
            strip = strip.text(&sign, Meaning::Key).gap(1).text(word, Meaning::Dim).gap(2);
        }
    }
    strip = strip.until_left(side);
    for (sign, word) in hints(true) {
        strip = strip.gap(2).text(&sign, Meaning::Key).gap(1).text(word, Meaning::Dim);
    }
    frame.render_widget(strip.finish(), area);
}
