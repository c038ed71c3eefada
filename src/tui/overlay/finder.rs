//! The finder: results while typing, and what choosing one is for. The search is the answerer's.

use crate::investigate::answer::Answer;
use crate::investigate::question::{Find, Path};
use crate::investigate::rows::Found;
use crate::model::ArtefactId;
use crate::tui::ask::{Ask, Told};
use crate::tui::draw::FrameCache;
use crate::tui::live;
use crate::tui::message::{Effect, ListId, Slot, SlotId};
use crate::tui::motion::{Motion, moved};
use crate::tui::overlay::{Overlay, path};
use crate::tui::pane::row::{bounds, label, meaning, signs, signs_width, with_signs};
use crate::tui::pane::{diff, explore};
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::frame::{first_row, panel};
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use crate::tui::widget::text_box::{Edit, TextBox};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Results asked for; the completeness says how many there are.
pub const LIMIT: usize = 200;

/// What the chosen artefact is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// Look at it in explore.
    Explore,
    /// Explain why this one depends on it.
    PathFrom(ArtefactId),
    /// Compare this one with it, as the older side.
    DiffOld(ArtefactId),
}

/// The layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Finder {
    /// What is typed.
    pub field: TextBox,
    /// What for.
    pub goal: Goal,
    /// The results.
    pub slot: Slot<Answer<Found>>,
    /// The selected one.
    pub selected: usize,
    /// Chosen before the results of what is typed were there: the selected one is taken when they are.
    pub hurried: bool,
}

/// Opens the finder.
pub(crate) fn open(state: &mut State, goal: Goal) {
    state.overlays.push(Overlay::Finder(Finder {
        field: TextBox::default(),
        goal,
        slot: Slot::default(),
        selected: 0,
        hurried: false,
    }));
}

/// Asks for what is typed now. The older search is taken back.
pub(crate) fn search(state: &mut State, out: &mut Vec<Effect>) {
    let Some(Overlay::Finder(finder)) = state.overlays.last() else { return };
    let query = finder.field.text().trim().to_owned();
    if query.is_empty() {
        if let Some(Overlay::Finder(finder)) = state.overlays.last_mut() {
            finder.slot = Slot::default();
        }
        out.push(Effect::Cancel(SlotId::Finder));
        return;
    }
    let ticket = state.ask(SlotId::Finder, Ask::Find(Find { query, limit: LIMIT }), out);
    if let Some(Overlay::Finder(finder)) = state.overlays.last_mut() {
        finder.slot.wait(ticket);
    }
}

/// Looks again for what was asked of servers and arrived.
pub(crate) fn found_at_servers(state: &mut State, name: &str, out: &mut Vec<Effect>) {
    if let Some(Overlay::Finder(finder)) = state.overlays.last()
        && finder.field.text().trim() == name
    {
        search(state, out);
    }
}

/// Takes the selected result; while what is typed is still being looked for, as soon as it is found.
pub(crate) fn choose(state: &mut State, out: &mut Vec<Effect>) {
    let Some(Overlay::Finder(finder)) = state.overlays.last_mut() else { return };
    finder.hurried = finder.slot.pending.is_some();
    if finder.hurried {
        return;
    }
    let found = finder.slot.value.as_ref().and_then(|answer| answer.rows.get(finder.selected));
    let Some(id) = found.map(|found| found.row.id.clone()) else {
        // What the ledger does not know, a server may.
        let name = finder.unknown().map(str::to_owned);
        name.into_iter().for_each(|name| live::ask(state, name, out));
        return;
    };
    let goal = finder.goal.clone();
    super::close(state, out);
    match goal {
        Goal::Explore => explore::root_at(state, &id, out),
        Goal::DiffOld(new) => diff::of(state, Some(id), new, out),
        Goal::PathFrom(from) => path::open(state, Path { from, to: id, window: state.window }, out),
    }
}

impl Finder {
    /// What was looked for in vain, where servers may be asked for it.
    fn unknown(&self) -> Option<&str> {
        let vain = matches!(self.goal, Goal::Explore) && self.slot.value.as_ref().is_some_and(|it| it.rows.is_empty());
        Some(self.field.text().trim()).filter(|text| vain && !text.is_empty())
    }

    pub(crate) fn edit(&mut self, edit: &Edit) -> bool {
        let changed = self.field.edit(edit);
        if changed {
            self.selected = 0;
            self.hurried = false;
        }
        changed
    }

    pub(crate) fn go(&mut self, motion: Motion) {
        self.hurried = false;
        let len = self.slot.value.as_ref().map_or(0, |answer| answer.rows.len());
        self.selected = moved(self.selected, motion, len, |_| true);
    }

    /// Whether what was chosen in a hurry can be taken now.
    pub(crate) fn is_due(&self) -> bool {
        self.hurried && self.slot.pending.is_none()
    }

    pub(crate) fn told(&mut self, told: Told, last: bool) {
        match told {
            Told::Found(answer) => self.slot.fill(answer, last),
            other => self.slot.fail(other),
        }
        let len = self.slot.value.as_ref().map_or(0, |answer| answer.rows.len());
        self.selected = moved(self.selected, Motion::By(0), len, |_| true);
    }
}

pub(crate) fn draw(
    state: &State,
    finder: &Finder,
    cache: &mut FrameCache,
    frame: &mut Frame,
    area: Rect,
    focused: bool,
) {
    let look = &state.look;
    let title = match &finder.goal {
        Goal::Explore => "Find".to_owned(),
        Goal::DiffOld(new) => format!("Compare {new} with the older …"),
        Goal::PathFrom(from) => format!("Why does {from} depend on …"),
    };
    let size = (area.width.saturating_sub(6).min(110), area.height.saturating_sub(2).min(30));
    let body = panel(frame, look, area, size, &title);
    let (prompt, rest) = first_row(body);
    let sign = Strip::new(look, usize::from(prompt.width)).text(look.glyphs.caret, Meaning::Key).finish();
    frame.render_widget(sign, prompt);
    let field = Rect { x: prompt.x + 2.min(prompt.width), width: prompt.width.saturating_sub(2), ..prompt };
    finder.field.draw(frame, look, field, focused);
    let (status, rows) = first_row(rest);
    frame.render_widget(status_line(state, finder, usize::from(status.width)), status);
    let Some(answer) = &finder.slot.value else { return };
    let place = Place {
        id: ListId::Overlay,
        area: rows,
        len: answer.rows.len(),
        selection: Some(Selection { at: finder.selected, focused }),
    };
    list::draw(frame, cache, look, &place, |at, width| found_line(look, &answer.rows[at], width));
}

fn status_line(state: &State, finder: &Finder, width: usize) -> Line<'static> {
    let look = &state.look;
    let strip = Strip::new(look, width);
    if let Some(why) = &finder.slot.failed {
        return strip.text(why, Meaning::Bad).finish();
    }
    if finder.slot.pending.is_some() {
        let what = if finder.hurried { " looking, then opens the first; Esc stops" } else { " looking; Esc stops" };
        return strip.text(look.glyphs.busy, Meaning::Key).text(what, Meaning::Dim).finish();
    }
    match &finder.slot.value {
        None => strip.text("name, id, digest or commit; kind: owner: env: mark: filter", Meaning::Dim).finish(),
        Some(answer) if answer.rows.is_empty() => match finder.unknown().map(|text| state.live.words(look, text)) {
            Some(Some((words, meaning))) => strip.text(&words, meaning).finish(),
            Some(None) => strip
                .text("nothing fits", Meaning::Warning)
                .text("; Enter asks the servers for what is named so", Meaning::Dim)
                .finish(),
            None => strip.text("nothing fits", Meaning::Warning).finish(),
        },
        Some(answer) => {
            let completeness = &answer.completeness;
            let text = format!("{} fit", bounds(completeness.at_least, completeness.at_most));
            let strip = strip.text(&text, Meaning::Dim);
            match completeness.because.first() {
                Some(why) => strip.text(": ", Meaning::Dim).text(why, Meaning::Dim).finish(),
                None => strip.finish(),
            }
        }
    }
}

fn found_line(look: &Look, found: &Found, width: usize) -> Line<'static> {
    let row = &found.row;
    let signs = signs(look, row);
    let side = signs_width(look, &signs);
    let strip = Strip::new(look, width).cell(&row.kind, 14, Meaning::Dim).gap(1);
    let name = strip.left().saturating_sub(side);
    let matched = found.matched.as_deref().unwrap_or("");
    let strip = if matched.is_empty() {
        strip.within(&label(row), name, meaning(row))
    } else {
        let strip = strip.within(&label(row), name * 2 / 3, meaning(row)).gap(2);
        let room = strip.left().saturating_sub(side);
        strip.within(matched, room, Meaning::Match)
    };
    with_signs(strip, look, &signs).finish()
}
