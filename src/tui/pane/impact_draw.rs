//! How an impact is drawn: what is hit, the way to the selected one, whom to call, and how a credential was
//! used. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{Contact, CredentialUse, ImpactRow, ImpactSummary, UseRow};
use crate::model::Time;
use crate::tui::draw::FrameCache;
use crate::tui::message::ListId;
use crate::tui::pane::aside::{details, halves, hint, listed, unsure};
use crate::tui::pane::details::window;
use crate::tui::pane::impact::ImpactLine;
use crate::tui::pane::row::{bounds, group_bounds, hops, label, meaning, signs, signs_width, thousands, with_signs};
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::facts::Facts;
use crate::tui::widget::frame::section;
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The most hops of a way that are listed; a longer one keeps both its ends.
const HOPS: usize = 12;

/// Draws the pane.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (pane, look) = (&state.impact, &state.look);
    if pane.of.is_empty() {
        let text = "No impact asked for yet: select an artefact (/ finds one) and press i.";
        return hint(look, frame, area, text);
    }
    let asked = pane.slot.value.as_ref().map_or(state.window, |answer| answer.summary.window);
    let span = window(asked.since, asked.until);
    let span = if span.is_empty() { "any time (w sets a window)".to_owned() } else { span };
    let body = section(frame, look, area, &format!("What depends on {}", pane.of.join(", ")), &span);
    let Some(answer) = &pane.slot.value else {
        super::draw_waiting(state, frame, body, &pane.slot);
        return;
    };
    let whose = answer.summary.window_from.iter().map(|from| format!("it is the window of {from}; w sets another"));
    let body = listed(frame, look, body, ("window", Meaning::Key), &whose.collect::<Vec<_>>(), 1);
    let body = unsure(frame, look, body, &answer.completeness.because);
    if pane.lines.is_empty() {
        return hint(look, frame, body, "Nothing that this ledger knows of depends on it.");
    }
    let (rows, aside) = halves(state, body);
    let place = Place {
        id: ListId::Impact,
        area: rows,
        len: pane.lines.len(),
        selection: Some(Selection { at: pane.selected, focused: state.overlays.is_empty() }),
    };
    list::draw(frame, cache, look, &place, |at, width| line(look, answer, pane.lines[at], width));
    details(state, frame, aside, &said(look, pane.row(), &answer.summary));
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
            let said = row.row.derived.is_some_and(|derived| !derived.certain);
            if !row.certain && !said {
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

/// The way to the selected row, then what is true of the whole.
fn said(look: &Look, row: Option<&ImpactRow>, summary: &ImpactSummary) -> Facts {
    let mut out = Facts::default();
    if let Some(row) = row {
        out.heading("A shortest way to it", hops(row.distance));
        way(look, &mut out, row);
    }
    // a long list of owners is not read before what a leaked secret did
    let late = summary.contacts.len().max(summary.by_owner.len()) > 8;
    if !late {
        whom_to_call(&mut out, summary);
    }
    for it in &summary.credentials {
        credential(&mut out, it);
    }
    if late {
        whom_to_call(&mut out, summary);
    }
    out
}

fn way(look: &Look, out: &mut Facts, row: &ImpactRow) {
    let cut = row.path.len().saturating_sub(HOPS);
    for (at, id) in row.path.iter().enumerate().filter(|(at, _)| *at == 0 || *at > cut) {
        match at {
            0 => out.add("from", id.clone(), Meaning::Bad),
            _ => {
                let skipped = if cut > 0 && at == cut + 1 { look.glyphs.more } else { "" };
                out.line("", format!("{} {skipped}{id}", look.glyphs.to), Meaning::Text);
            }
        }
    }
    if let Some(since) = row.since {
        out.line("since", since.short_after(row.since_after), Meaning::Dim);
    }
}

/// Owners with how to reach them; then those of whom nothing is stated.
fn whom_to_call(out: &mut Facts, summary: &ImpactSummary) {
    let (contacts, owners) = (&summary.contacts, &summary.by_owner);
    if contacts.is_empty() && owners.is_empty() {
        return;
    }
    out.heading("Whom to call", thousands(owners.len().max(contacts.len()) as u64));
    for it in contacts {
        let count = format!("{} {}", it.id, bounds(it.at_least, it.at_most));
        out.add("call", std::iter::once(count).chain(reached(it)).collect::<Vec<_>>().join(", "), Meaning::Text);
    }
    for group in owners.iter().filter(|group| !contacts.iter().any(|it| it.id == group.name)) {
        out.add("call", format!("{} {}", group.name, group_bounds(group)), Meaning::Text);
    }
}

/// How to reach an owner, as stated.
fn reached(it: &Contact) -> impl Iterator<Item = String> {
    let fields = [("", &it.channel), ("lead ", &it.lead), ("pager ", &it.pager), ("", &it.phone), ("", &it.email)];
    fields.into_iter().filter_map(|(label, text)| text.as_ref().map(|text| format!("{label}{text}")))
}

/// How a credential was used: what one must look at before and after rotating it.
fn credential(out: &mut Facts, it: &CredentialUse) {
    let counts = format!("{} use it, {} executed", thousands(it.users_count), thousands(it.executed_count));
    out.heading(it.id.clone(), counts);
    if it.executed.is_empty() {
        out.add("executed", "nothing is known to have been executed with it", Meaning::Dim);
    }
    for row in &it.executed {
        let step = row.step.as_deref().map(|step| format!("{step} ")).unwrap_or_default();
        let at = row.since.or(row.until).map_or_else(|| "undated".to_owned(), Time::short);
        out.add("executed", unsure_of(row, format!("{at}  {step}{}", row.id)), Meaning::Bad);
    }
    rest(out, it.executed.len(), it.executed_count);
    for row in it.users.iter().filter(|row| row.kind != "step") {
        let owner = row.owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
        let span = window(row.since, row.until);
        let span = if span.is_empty() { "undated".to_owned() } else { span };
        out.add("used by", unsure_of(row, format!("{}{owner}, {span}", row.id)), Meaning::Text);
    }
    rest(out, it.users.len(), it.users_count);
    for other in &it.shared {
        out.add("shared", format!("{}: {}", other.with, other.why), Meaning::Warning);
    }
    for step in &it.rotate {
        let owner = step.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
        // what is issued or revoked is named in the sentence
        let says = match step.action.as_str() {
            "move" => format!("{}{owner}: {}", step.id, step.says),
            _ => format!("{}{owner}", step.says),
        };
        out.add("rotate", format!("{} {}: {says}", step.level, step.action), Meaning::Key);
    }
}

fn unsure_of(row: &UseRow, text: String) -> String {
    if row.certain { text } else { format!("{text} (? possibly)") }
}

fn rest(out: &mut Facts, listed: usize, count: u64) {
    let more = count.saturating_sub(listed as u64);
    if more > 0 {
        out.line("", format!("and {} more", thousands(more)), Meaning::Dim);
    }
}
