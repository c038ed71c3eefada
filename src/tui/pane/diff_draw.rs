//! How a diff is drawn: side by side where the screen is wide, on one line where it is not, and the
//! selected row in full. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{AspectCount, Change, DiffRow, DiffSummary};
use crate::model::{MarkKind, Time};
use crate::report::markdown::{approval, signed};
use crate::report::words::{Part, word_changes};
use crate::tui::draw::FrameCache;
use crate::tui::message::ListId;
use crate::tui::pane::aside::{WIDE, details, halves, hint, listed, unsure, way};
use crate::tui::pane::diff::{DiffLine, below};
use crate::tui::pane::row::{hops, short, thousands};
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning, mark_meaning};
use crate::tui::widget::facts::Facts;
use crate::tui::widget::frame::section;
use crate::tui::widget::line::{Strip, width_of};
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::collections::BTreeSet;

/// Draws the pane.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (pane, look) = (&state.diff, &state.look);
    let Some(question) = &pane.question else {
        let text = "No diff asked for yet: select a deployment or a version (/ finds one) and press d for its diff \
                    against its last known good, or D to choose the other side.";
        return hint(look, frame, area, text);
    };
    let Some(answer) = &pane.slot.value else {
        let old = question.old.as_deref().map_or_else(|| "its last known good".to_owned(), short);
        let body = section(frame, look, area, &format!("{old} {} {}", look.glyphs.to, short(&question.new)), "");
        let below = super::draw_waiting(state, frame, body, &pane.slot);
        if pane.slot.failed.is_some() {
            hint(look, frame, below, "D chooses the other side, b lists what it could go back to.");
        }
        return;
    };
    let summary = &answer.summary;
    let (old, new) = (short(&summary.old.id), short(&summary.new.id));
    // One deployment at two moments: what it deployed then tells the sides apart.
    let title = if summary.old.id == summary.new.id {
        // only who looks at the present sees what is there now
        let at = state.heading.as_of.map_or_else(|| "now".to_owned(), |_| summary.new.at.short());
        format!("{new}: {} {} {at}", short(&summary.baseline.id), look.glyphs.to)
    } else {
        format!("{old} {} {new}", look.glyphs.to)
    };
    let how = match summary.baseline.how.as_str() {
        "named" => "the old side was named".to_owned(),
        "marked" => "last good: marked".to_owned(),
        "inferred" => "last good: inferred".to_owned(),
        other => other.to_owned(),
    };
    let body = section(frame, look, area, &title, &how);
    let why = &summary.baseline.why;
    let why = if area.width >= WIDE { why.clone() } else { vec![why.join("; ")] };
    let why: Vec<String> = why.into_iter().filter(|text| !text.is_empty()).collect();
    let body = listed(frame, look, body, ("believed", Meaning::Key), &why, 3);
    let body = unsure(frame, look, body, &answer.completeness.because);
    if answer.rows.is_empty() {
        let same: u64 = summary.by_aspect.iter().map(|count| count.same).sum();
        let text = format!("Nothing differs in what this ledger knows of the two; {} are the same.", thousands(same));
        return hint(look, frame, body, &text);
    }
    let (rows, aside) = halves(state, body);
    let place = Place {
        id: ListId::Diff,
        area: rows,
        len: pane.lines.len(),
        selection: Some(Selection { at: pane.selected, focused: state.overlays.is_empty() }),
    };
    list::draw(frame, cache, look, &place, |at, width| line(look, (answer, &pane.twins), &pane.lines[at], width));
    let Some(row) = pane.row() else { return };
    let note = if row.certain { hops(row.distance) } else { format!("{}, not sure", hops(row.distance)) };
    let inner = section(frame, look, aside, &format!("{} {}", row.aspect, row.key), &note);
    details(state, frame, inner, &said(look, row, summary));
}

/// From this many bytes on, two texts are also shown as the words that went and came.
const LONG: usize = 60;

/// The words that went `[-so-]` and came `{+so+}`, with a little of what stayed around them.
fn worded(look: &Look, old: &str, new: &str) -> String {
    let head = |text: &str| text[..text.floor_char_boundary(4096)].to_owned();
    let mut out = String::new();
    for (part, text) in word_changes(&head(old), &head(new)) {
        let text = text.trim();
        let words: Vec<&str> = text.split(' ').collect();
        match part {
            Part::Removed => out.push_str(&format!("[-{text}-] ")),
            Part::Added => out.push_str(&format!("{{+{text}+}} ")),
            Part::Same if words.len() > 8 => {
                let (first, last) = (&words[..3], &words[words.len() - 3..]);
                out.push_str(&format!("{} {} {} ", first.join(" "), look.glyphs.ellipsis, last.join(" ")));
            }
            Part::Same => out.push_str(&format!("{text} ")),
        }
    }
    out.trim().to_owned()
}

fn sign(change: Change) -> (&'static str, Meaning) {
    match change {
        Change::Added => ("+", Meaning::Good),
        Change::Removed => ("-", Meaning::Bad),
        Change::Changed => ("~", Meaning::Warning),
        Change::Same => ("=", Meaning::Dim),
    }
}

fn heading(count: Option<&AspectCount>) -> String {
    count.map_or_else(String::new, |count| {
        let same = if count.same > 0 { format!(", {} the same", thousands(count.same)) } else { String::new() };
        format!("{} differ{same}", thousands(count.differ))
    })
}

/// A side's value; of many folded into one row, how many.
fn value(value: Option<&str>, count: u64) -> String {
    match value {
        Some(value) if count > 1 => format!("{value} ({})", thousands(count)),
        Some(value) => value.to_owned(),
        None if count > 1 => thousands(count),
        None => String::new(),
    }
}

/// An alarm with its sign: a mark's own, so that it reads here as everywhere.
fn alarm(look: &Look, text: &str) -> (String, Meaning) {
    match text.strip_prefix("marked ").and_then(MarkKind::parse) {
        Some(mark) => (format!("{} {}", look.mark(mark), mark.as_str()), mark_meaning(mark)),
        None => (format!("! {text}"), Meaning::Bad),
    }
}

/// Of two rows of one name, what this one hangs below.
fn place_of(row: &DiffRow, twin: bool) -> String {
    let place = below(row).filter(|_| twin).map(short);
    place.map(|place| format!(" of {place}")).unwrap_or_default()
}

fn line(
    look: &Look,
    (answer, twins): (&Answer<DiffRow, DiffSummary>, &BTreeSet<usize>),
    line: &DiffLine,
    width: usize,
) -> Line<'static> {
    let strip = Strip::new(look, width);
    let (row, twin) = match line {
        DiffLine::Aspect(aspect, at) => {
            let count = at.and_then(|at| answer.summary.by_aspect.get(at));
            let strip = strip.text(aspect, Meaning::Title).gap(1);
            return strip.text(&heading(count), Meaning::Dim).finish();
        }
        DiffLine::Same(text) => {
            return strip.text("the same ", Meaning::Dim).text(text, Meaning::Dim).finish();
        }
        DiffLine::Row(at) => (answer.rows.get(*at), twins.contains(at)),
    };
    let Some(row) = row else { return Line::default() };
    let (sign, meaning) = sign(row.change);
    let strip = strip.gap(1).cell(sign, 2, meaning);
    let (words, loud) = approval(row).unwrap_or_default();
    // Who approved is in the details; that nobody did stands in the row.
    let words = if loud || width >= 100 { words } else { words.split(" by ").next().unwrap_or_default().to_owned() };
    let side = if words.is_empty() { 0 } else { words.len().min(34) + 2 };
    let old = value(row.old.as_deref(), row.old_count);
    let new = value(row.new.as_deref(), row.new_count);
    let delta = row.delta.map(|delta| format!(" ({})", signed(delta))).unwrap_or_default();
    // An alarm takes what name and values leave it, but a sign and a word at least.
    let values = [&old, &new, &delta].map(|text| width_of(look, text)).iter().sum::<usize>() + 3;
    let name = (width_of(look, &row.key).min(20) + 2) * 5 / 2;
    let most = strip.left().saturating_sub(side + name.max(values * 5 / 3 + 2) + 2);
    let (alarm, alarming) = row.alarms.first().map_or((String::new(), Meaning::Bad), |text| alarm(look, text));
    // a mark stands there in full
    let marked = !alarm.starts_with('!');
    let alarm = if !marked && most < 14 { "! alarm".to_owned() } else { alarm };
    let alarmed = width_of(look, &alarm).min(if marked { 14 } else { most.max(7) });
    let words_at = side;
    let side = if alarm.is_empty() { side } else { side + alarmed + 2 };
    let free = strip.left().saturating_sub(side);
    let place = place_of(row, twin);
    let placed = width_of(look, &place);
    // two of one name may take what the values leave
    let wanted = if twin { width_of(look, &row.key) + placed + 1 } else { 0 };
    let key = (free * 2 / 5).max(12).max(wanted.min(free.saturating_sub(values))).min(free);
    let cell = key.saturating_sub(1);
    let name = cell.saturating_sub(placed.min(cell * 3 / 5));
    let rest = strip.left().saturating_sub(key);
    let strip = strip.within(&row.key, name, Meaning::Text);
    let room = strip.left().saturating_sub(rest + 1);
    let strip = strip.within(&place, room, Meaning::Dim).until_left(rest);
    let room = strip.left().saturating_sub(side);
    let strip = if width >= 90 {
        let half = room.saturating_sub(delta.len()) / 2;
        let strip = strip.cell(&old, half.saturating_sub(1), Meaning::Dim).gap(1);
        let room = strip.left().saturating_sub(side + delta.len());
        strip.within(&new, room, meaning).text(&delta, Meaning::Dim)
    } else {
        let both = match row.change {
            Change::Changed => format!("{old} {} {new}{delta}", look.glyphs.to),
            Change::Removed => old,
            Change::Added | Change::Same => new,
        };
        strip.within(&both, room, meaning)
    };
    let mut strip = strip.until_left(side);
    if !alarm.is_empty() {
        strip = strip.gap(2).within(&alarm, alarmed, alarming).until_left(words_at);
    }
    if words.is_empty() {
        return strip.finish();
    }
    strip.gap(2).text(&words, if loud { Meaning::Bad } else { Meaning::Dim }).finish()
}

/// The selected row in full.
fn said(look: &Look, row: &DiffRow, summary: &DiffSummary) -> Facts {
    let mut out = Facts::default();
    let side = |value: Option<&String>, id: Option<&String>, count: u64| {
        let value = value.cloned().unwrap_or_default();
        let folded = if count > 1 { format!(" ({} artefacts)", thousands(count)) } else { String::new() };
        match id {
            Some(id) if *id != value => format!("{value}{folded}  {id}"),
            _ => format!("{value}{folded}"),
        }
    };
    let (words, loud) = approval(row).unwrap_or_default();
    for text in &row.alarms {
        let (text, meaning) = alarm(look, text);
        out.add("alarm", text, meaning);
    }
    out.add("approval", words, if loud { Meaning::Bad } else { Meaning::Good });
    out.add("old", side(row.old.as_ref(), row.old_id.as_ref(), row.old_count), Meaning::Dim);
    out.add("new", side(row.new.as_ref(), row.new_id.as_ref(), row.new_count), Meaning::Text);
    if let (Some(old), Some(new), None) = (&row.old, &row.new, row.delta)
        && old.len() + new.len() > LONG
    {
        out.add("words", worded(look, old, new), Meaning::Warning);
    }
    if let Some(delta) = row.delta {
        out.add("by", signed(delta), Meaning::Text);
    }
    for field in &row.details {
        let (old, new) = (field.old.clone().unwrap_or_default(), field.new.clone().unwrap_or_default());
        let delta = field.delta.map(|delta| format!(" ({})", signed(delta)));
        let text = match (old.is_empty(), new.is_empty()) {
            (true, _) => format!("{}: + {new}", field.field),
            (_, true) => format!("{}: - {old}", field.field),
            _ => format!("{}: {old} {} {new}{}", field.field, look.glyphs.to, delta.unwrap_or_default()),
        };
        out.add("also", text, Meaning::Text);
    }
    let entered = match (row.since, row.change) {
        (Some(since), Change::Removed) => format!("{}, before it was removed", since.short_after(row.since_after)),
        (Some(since), _) => since.short_after(row.since_after),
        (None, _) => "nobody says when".to_owned(),
    };
    out.add("entered", entered, Meaning::Text);
    out.add("way", way(look, &row.path), Meaning::Dim);
    let moments = |at: Time| at.short();
    let sides = format!("{} and {}", moments(summary.old.at), moments(summary.new.at));
    out.add("compared", format!("as things stood at {sides}"), Meaning::Dim);
    out.add(
        "claim",
        row.claim.clone().map(|claim| format!("{claim} (o opens its record)")).unwrap_or_default(),
        Meaning::Dim,
    );
    out
}
