//! How a plan is drawn: what is bad, the steps, and the selected one with its reasons, checks and
//! commands. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{Action, Hold, PlanRow, PlanSummary, Reason, RotateStep};
use crate::tui::draw::FrameCache;
use crate::tui::message::ListId;
use crate::tui::pane::aside::{details, halves, hint, listed, unsure, way};
use crate::tui::pane::details::window;
use crate::tui::pane::plan::{PlanLine, named};
use crate::tui::pane::row::{short, thousands};
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::facts::Facts;
use crate::tui::widget::frame::section;
use crate::tui::widget::line::{Strip, width_of};
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The action of a deployment that needs no step of its own.

/// Draws the pane.
pub(crate) fn draw(state: &State, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let (pane, look) = (&state.plan, &state.look);
    let Some(answer) = pane.slot.value.as_deref() else {
        let body = section(frame, look, area, "The way back", "");
        let below = super::draw_waiting(state, frame, body, &pane.slot);
        if pane.slot.failed.is_some() {
            hint(look, frame, below, "The plan is about what is marked compromised or suspect: m marks.");
        }
        return;
    };
    let summary = &answer.summary;
    let (exposed, left) = (summary.exposed_count, summary.remaining_count);
    let note = format!("exposed {}, after it {}", thousands(exposed), thousands(left));
    let body = section(frame, look, area, "The way back; nothing is executed", &note);
    let bad: Vec<String> = summary
        .of
        .iter()
        .map(|bad| {
            let mark = bad.mark.map_or("named", |mark| mark.as_str());
            let window = window(bad.window.since, bad.window.until);
            format!("{} {mark} {window}", bad.id).trim_end().to_owned()
        })
        .collect();
    let body = listed(frame, look, body, ("bad", Meaning::Bad), &bad, if area.height >= 30 { 5 } else { 2 });
    let body = unsure(frame, look, body, &answer.completeness.because);
    if pane.lines.is_empty() {
        let text = if summary.of.is_empty() {
            "Nothing is marked compromised or suspect, so there is nothing to go back from: m marks."
        } else {
            "Nothing that runs is exposed to it: there is nothing to roll back."
        };
        return hint(look, frame, body, text);
    }
    let case = state.heading.case.as_deref();
    let (rows, aside) = halves(state, body);
    let place = Place {
        id: ListId::Plan,
        area: rows,
        len: pane.lines.len(),
        selection: Some(Selection { at: pane.selected, focused: state.overlays.is_empty() }),
    };
    list::draw(frame, cache, look, &place, |at, width| line(look, answer, &pane.lines[at], case, width));
    let (title, note, said) = match pane.line() {
        Some((PlanLine::Hold, _)) => {
            ("Before anything is altered".to_owned(), String::new(), hold(summary.hold.as_ref(), case))
        }
        Some((PlanLine::Rotate(at), _)) => match summary.rotate.get(*at) {
            Some(step) => (step.id.clone(), step.action.clone(), rotate(step)),
            None => return,
        },
        Some((PlanLine::Step(at) | PlanLine::Target(at), _)) => match answer.rows.get(*at) {
            Some(row) => (row.deployment.clone(), row.action.as_str().to_owned(), step(look, row)),
            None => return,
        },
        Some((PlanLine::Remaining(at), _)) => match summary.remaining.get(*at) {
            Some(row) => {
                let mut out = Facts::default();
                out.add("exposed", row.why.clone(), Meaning::Warning);
                out.add("owner", row.owner.clone().unwrap_or_default(), Meaning::Text);
                (row.id.clone(), row.kind.clone(), out)
            }
            None => return,
        },
        Some((PlanLine::Past(at), _)) => {
            let mut out = Facts::default();
            out.add("past", "it was exposed once and is not now: look at what it did then", Meaning::Text);
            (summary.past.get(*at).cloned().unwrap_or_default(), String::new(), out)
        }
        Some((PlanLine::Heading(_), _)) | None => return,
    };
    let inner = section(frame, look, aside, &title, &note);
    details(state, frame, inner, &said);
}

/// The sign of a check's or a reason's outcome.
pub(crate) fn outcome(look: &Look, result: &str) -> (&'static str, Meaning) {
    match result {
        "pass" => (look.glyphs.holds, Meaning::Good),
        "fail" => (look.glyphs.fails, Meaning::Bad),
        _ => ("?", Meaning::Warning),
    }
}

/// A reason with its sign.
pub(crate) fn reason(look: &Look, reason: &Reason) -> (String, Meaning) {
    let (sign, meaning) = outcome(look, if reason.holds { "pass" } else { "fail" });
    (format!("{sign} {}", reason.says), meaning)
}

fn line(
    look: &Look,
    answer: &Answer<PlanRow, PlanSummary>,
    line: &PlanLine,
    case: Option<&str>,
    width: usize,
) -> Line<'static> {
    let strip = Strip::new(look, width);
    let summary = &answer.summary;
    let drawn = match line {
        PlanLine::Heading(text) => Some(strip.text(text, Meaning::Title)),
        PlanLine::Hold => summary
            .hold
            .as_ref()
            .map(|hold| strip.gap(2).text("HOLD ", Meaning::Bad).text(&named(&hold.first, case), Meaning::Warning)),
        PlanLine::Rotate(at) => summary.rotate.get(*at).map(|step| {
            let strip = strip.gap(2).right(&step.level.to_string(), 2, Meaning::Dim).gap(1);
            let strip = strip.cell(&step.action, 8, Meaning::Key);
            let owner = strip.left().min(18);
            let name = strip.left().saturating_sub(owner);
            strip
                .cell(&step.id, name.saturating_sub(1), Meaning::Text)
                .gap(1)
                .text(step.owner.as_deref().unwrap_or(""), Meaning::Dim)
        }),
        PlanLine::Step(at) => answer.rows.get(*at).map(|row| step_line(look, answer, row, strip)),
        PlanLine::Target(at) => answer.rows.get(*at).map(|row| target_line(look, row, strip)),
        PlanLine::Remaining(at) => summary.remaining.get(*at).map(|row| {
            let name = strip.left().saturating_sub(2) * 2 / 5;
            strip.gap(2).cell(&row.id, name, Meaning::Warning).gap(1).text(&row.why, Meaning::Dim)
        }),
        PlanLine::Past(at) => summary.past.get(*at).map(|id| strip.gap(2).text(id, Meaning::Text)),
    };
    drawn.map(Strip::finish).unwrap_or_default()
}

fn step_line<'a>(look: &Look, answer: &Answer<PlanRow, PlanSummary>, row: &PlanRow, strip: Strip<'a>) -> Strip<'a> {
    let cycle = answer.rows.iter().any(|other| other.step == row.step && other.deployment != row.deployment);
    let sign = if cycle { look.glyphs.cycle } else { " " };
    let mut notes: Vec<String> = Vec::new();
    notes.extend((!row.certain).then(|| "? possibly exposed".to_owned()));
    notes.extend(cycle.then(|| "together with its cycle".to_owned()));
    let notes = notes.join(", ");
    let owner = row.owner.as_deref().unwrap_or("no owner stated");
    let side = if notes.is_empty() { 0 } else { width_of(look, &notes) + 2 };
    let strip = strip.gap(1).cell(sign, 2, Meaning::Warning);
    let room = strip.left().saturating_sub(side);
    let (environment, who) = if room >= 60 { (10, 20) } else { (0, room.min(20)) };
    let strip = strip.cell(&short(&row.deployment), room.saturating_sub(environment + who + 2), Meaning::Text).gap(1);
    let strip = strip.cell(row.environment.as_deref().unwrap_or(""), environment, Meaning::Dim);
    strip.cell(owner, who, Meaning::Dim).gap(2).text(&notes, Meaning::Warning)
}

fn target_line<'a>(look: &Look, row: &PlanRow, strip: Strip<'a>) -> Strip<'a> {
    let strip = strip.gap(5);
    if row.action == Action::Keep {
        // the reason begins with what exposes it
        let why = row.reasons.iter().map(|it| it.says.strip_prefix("is ").unwrap_or(&it.says)).next_back();
        let why = why.and_then(|says| says.split(": keep").next()).unwrap_or("it runs nothing exposed itself");
        return strip.text("keep: ", Meaning::Good).text(why, Meaning::Dim);
    }
    let Some(target) = &row.target else {
        if row.action != Action::Disable {
            return strip.text(row.action.as_str(), Meaning::Text);
        }
        let rejected = match row.rejected.len() {
            0 => String::new(),
            count => format!(" ({} looked at and rejected)", thousands(count as u64)),
        };
        return strip.text("disable: none is safe", Meaning::Bad).text(&rejected, Meaning::Dim);
    };
    let count = |result: &str| row.checks.iter().filter(|check| check.result == result).count();
    let (pass, fail) = (count("pass"), count("fail"));
    let unknown = row.checks.len() - pass - fail;
    let checks = [(pass, "pass"), (fail, "fail"), (unknown, "unknown")];
    let checks = checks.into_iter().filter(|(count, _)| *count > 0).map(|(count, result)| {
        let (sign, meaning) = outcome(look, result);
        (format!("{sign} {count}"), meaning)
    });
    let checks: Vec<_> = checks.collect();
    let side: usize = checks.iter().map(|(text, _)| width_of(look, text) + 2).sum();
    let current = row.current.as_deref().map(short).unwrap_or_default();
    let both = format!("{current} {} ", look.glyphs.to);
    let room = strip.left().saturating_sub(side);
    let strip = strip.within(&both, room, Meaning::Dim);
    let room = strip.left().saturating_sub(side);
    let mut strip = strip.within(&short(target), room, Meaning::Good).until_left(side);
    for (text, meaning) in checks {
        strip = strip.gap(2).text(&text, meaning);
    }
    strip
}

fn hold(hold: Option<&Hold>, case: Option<&str>) -> Facts {
    let mut out = Facts::default();
    let Some(hold) = hold else { return out };
    out.add("first", named(&hold.first, case), Meaning::Bad);
    out.add("why", hold.why.clone(), Meaning::Warning);
    out.add("about", hold.deployments.join(", "), Meaning::Text);
    out
}

fn rotate(step: &RotateStep) -> Facts {
    let mut out = Facts::default();
    out.add("do", step.says.clone(), Meaning::Text);
    out.add("owner", step.owner.clone().unwrap_or_default(), Meaning::Text);
    out.add(
        "claim",
        step.claim.clone().map(|claim| format!("{claim} (o opens its record)")).unwrap_or_default(),
        Meaning::Dim,
    );
    out
}

fn step(look: &Look, row: &PlanRow) -> Facts {
    let mut out = Facts::default();
    match &row.target {
        None if row.action == Action::Keep => {
            out.add("keep", "what it runs; check it again when the steps before it are done", Meaning::Good);
        }
        Some(target) => out.add("back to", target.clone(), Meaning::Good),
        None if row.action != Action::Disable => out.add("do", row.action.as_str(), Meaning::Text),
        None => out.add("disable", "none is safe", Meaning::Bad),
    }
    out.add("from", row.current.clone().unwrap_or_default(), Meaning::Text);
    for command in &row.commands {
        out.add("to run", format!("{}: {}", command.tool, command.text), Meaning::Key);
    }
    for check in &row.checks {
        let (sign, meaning) = outcome(look, &check.result);
        out.add("checked", format!("{sign} {}: {}", check.what, check.says), meaning);
    }
    for because in &row.reasons {
        let (text, meaning) = reason(look, because);
        out.add("because", text, if meaning == Meaning::Good { Meaning::Text } else { meaning });
    }
    for rejected in &row.rejected {
        out.add("rejected", format!("{}: {}", rejected.id, rejected.why), Meaning::Warning);
    }
    let risk = row.risk.as_ref().map(|risk| format!(", risk {risk}")).unwrap_or_default();
    let place = row.environment.as_deref().unwrap_or("no environment stated");
    out.add("owner", format!("{}, {place}{risk}", row.owner.as_deref().unwrap_or("none stated")), Meaning::Text);
    out.add("way", way(look, &row.path), Meaning::Dim);
    out
}
