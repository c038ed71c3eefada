//! How the sources are drawn: one line each, and everything about the selected one beside or below. It decides
//! nothing.

use crate::tui::ask::{LiveView, SourceView};
use crate::tui::draw::FrameCache;
use crate::tui::message::ListId;
use crate::tui::pane::aside::{details, halves};
use crate::tui::pane::row::{ends, thousands};
use crate::tui::pane::sources::Running;
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::facts::Facts;
use crate::tui::widget::frame::{first_row, section};
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws the pane.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (pane, look) = (&state.sources, &state.look);
    let Some(sources) = &pane.slot.value else {
        super::draw_waiting(state, frame, area, &pane.slot);
        return;
    };
    if sources.is_empty() {
        let text = "Nothing was received yet: lastgood import PATH reads files, lastgood source add names a server.";
        super::aside::hint(look, frame, area, text);
        return;
    }
    let (rows, below) = halves(state, area);
    let (head, rows) = first_row(rows);
    let columns = Columns::of(usize::from(head.width));
    frame.render_widget(columns.head(look, usize::from(head.width)), head);
    let place = Place {
        id: ListId::Sources,
        area: rows,
        len: sources.len(),
        selection: Some(Selection { at: pane.selected, focused: state.overlays.is_empty() }),
    };
    list::draw(frame, cache, look, &place, |at, width| columns.line(state, &sources[at], width));
    if let Some(source) = pane.source() {
        let note = source.live.as_ref().map_or("", |live| live.kind.as_str());
        let inner = section(frame, look, below, &source.name, note);
        details(state, frame, inner, &said(state, source));
    }
}

/// What did not arrive of a source, whatever the reason.
fn lacking(source: &SourceView) -> u64 {
    let live = source.live.as_ref().map_or(0, |live| live.refused.len() + live.failed.len());
    source.quarantined_count + live as u64
}

struct Columns {
    name: usize,
    format: usize,
    claims: usize,
}

impl Columns {
    /// Numbers take what they need; the name takes what is left.
    fn of(width: usize) -> Columns {
        let (format, claims) = if width >= 100 { (22, 9) } else { (0, 0) };
        Columns { name: width.saturating_sub(2 + format + claims + 9 + 10 + 9 + 2 + 19).max(10), format, claims }
    }

    fn head(&self, look: &Look, width: usize) -> Line<'static> {
        let strip = Strip::new(look, width).gap(2).cell("source", self.name, Meaning::Dim);
        let strip = strip.cell("format", self.format, Meaning::Dim).right("records", 9, Meaning::Dim);
        let strip = strip.right("claims", self.claims, Meaning::Dim).right("received", 10, Meaning::Dim);
        strip.right("lacking", 9, Meaning::Dim).gap(2).text("state", Meaning::Dim).finish()
    }

    fn line(&self, state: &State, source: &SourceView, width: usize) -> Line<'static> {
        let look = &state.look;
        let received = source.last_received.map_or_else(|| "never".to_owned(), |at| at.age(state.now));
        let lacking = lacking(source);
        let lacks = if lacking > 0 { Meaning::Warning } else { Meaning::Dim };
        let name = ends(look, &source.name, self.name.saturating_sub(1));
        let strip = Strip::new(look, width).gap(2).cell(&name, self.name.saturating_sub(1), Meaning::Text).gap(1);
        let strip = strip.cell(&source.format, self.format, Meaning::Dim);
        let strip = strip.right(&thousands(source.records), 9, Meaning::Text);
        let strip = strip.right(&thousands(source.claims), self.claims, Meaning::Text);
        let strip = strip.right(&received, 10, Meaning::Dim).right(&thousands(lacking), 9, lacks).gap(2);
        let (words, meaning) = condition(state, source);
        strip.text(&words, meaning).finish()
    }
}

/// In a few words, how it is with a source now.
fn condition(state: &State, source: &SourceView) -> (String, Meaning) {
    match state.sources.running.get(&source.name) {
        Some(it) if it.stopping => (format!("{} stopping", state.look.glyphs.busy), Meaning::Key),
        Some(it) => (format!("{} pulling: {}", state.look.glyphs.busy, thousands(it.records)), Meaning::Key),
        None if source.state == "ok" => (source.state.clone(), Meaning::Good),
        None => (source.state.clone(), Meaning::Warning),
    }
}

/// Everything about one source, with what to do about it.
fn said(state: &State, source: &SourceView) -> Facts {
    let mut out = Facts::default();
    if let Some(running) = state.sources.running.get(&source.name) {
        out.add("pulling", progress(running), Meaning::Key);
    }
    if let Some(live) = &source.live {
        server(state, source, live, &mut out);
    }
    if source.live.is_none() || !source.format.is_empty() {
        out.add("read as", source.format.clone(), Meaning::Dim);
    }
    if let Some(newest) = source.newest {
        out.add("newest", format!("{}, by its own dates", newest.short()), Meaning::Dim);
    }
    for it in &source.quarantined {
        let at = if it.at.is_empty() { String::new() } else { format!("{}: ", it.at) };
        out.add("set aside", format!("{at}{}", it.why), Meaning::Warning);
    }
    let more = source.quarantined_count.saturating_sub(source.quarantined.len() as u64);
    if more > 0 {
        out.add("set aside", format!("and {} more", thousands(more)), Meaning::Warning);
    }
    out
}

fn progress(running: &Running) -> String {
    let records = thousands(running.records);
    match (running.stopping, running.part.is_empty()) {
        (true, _) => "stopping: what was pulled is kept".to_owned(),
        (false, true) => "asking it; Esc stops".to_owned(),
        (false, false) => format!("{records} records kept, now {}; Esc stops", running.part),
    }
}

fn server(state: &State, source: &SourceView, live: &LiveView, out: &mut Facts) {
    out.add("server", live.url.clone(), Meaning::Text);
    if live.paused {
        out.add("paused", "sync leaves it out; p takes it in again, f pulls it once", Meaning::Warning);
    }
    let seen = if live.refused.is_empty() { "seen whole" } else { "seen, in part" };
    match live.last_success {
        Some(at) => out.add(seen, format!("{}, {} ago", at.short(), at.age(state.now)), Meaning::Text),
        None => out.add("seen whole", "never: f pulls it now", Meaning::Warning),
    }
    if let Some(at) = live.last_try.filter(|at| live.last_success != Some(*at)) {
        out.add("last look", format!("{}, {} ago", at.short(), at.age(state.now)), Meaning::Text);
    }
    if live.last_try.is_some() {
        out.add("requests", format!("{} in the last look", live.requests), Meaning::Dim);
    }
    if let Some(why) = &live.error {
        out.add("failed", why.clone(), Meaning::Bad);
        let name = &source.name;
        out.add("to do", format!("f tries again; lastgood source test {name} tells what works there"), Meaning::Dim);
    }
    for it in &live.refused {
        out.add("refused us", format!("{}: {}", it.at, it.why), Meaning::Gap);
    }
    for it in &live.failed {
        out.add("not read", format!("{}: {}", it.at, it.why), Meaning::Warning);
    }
}
