//! `plan` as text for people: what to do in which order, then why. It decides nothing and runs nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{Action, BadThing, Check, PlanRow, PlanSummary};
use crate::report::last_good::reason;
use crate::report::prose::labelled;
use crate::report::screen::screen;
use crate::report::table::{Layout, Table};
use crate::report::text::completeness;

/// What stays exposed and is listed before the rest is only counted.
const MOST_REMAINING: usize = 25;

/// The answer as text.
pub fn plan(answer: &Answer<PlanRow, PlanSummary>, layout: Layout) -> String {
    let summary = &answer.summary;
    let mut out = String::new();
    let title = format!("Plan on the state of {}, policy {}", summary.at.short(), screen(&summary.policy));
    out.push_str(&format!("{}\n", layout.strong(&title)));
    for bad in &summary.of {
        out.push_str(&labelled("bad       ", &wrong(bad), layout));
    }
    out.push_str(&labelled("to do     ", &tally(answer), layout));
    out.push_str(&first(summary, layout));
    if !answer.rows.is_empty() {
        out.push_str(&heading("In short", layout));
        out.push_str(&overview(&answer.rows).text(layout));
    }
    let mut level = None;
    for row in &answer.rows {
        if level != Some(row.level) {
            level = Some(row.level);
            let wait = match row.level {
                0 => "begin here; steps of one level can be done side by side".to_owned(),
                more => format!("when level {} is done", more - 1),
            };
            out.push_str(&heading(&format!("Level {}: {wait}", row.level), layout));
        } else {
            out.push('\n');
        }
        out.push_str(&step(row, layout));
    }
    out.push_str(&after(summary, layout));
    out.push('\n');
    out + &completeness(&answer.completeness, "steps", layout)
}

fn heading(text: &str, layout: Layout) -> String {
    format!("\n{}\n", layout.strong(text))
}

fn wrong(bad: &BadThing) -> String {
    let how = bad.mark.map_or("named", |mark| mark.as_str());
    let since = bad.window.since.map_or_else(String::new, |at| format!(", since {}", at.short()));
    let until = bad.window.until.map_or_else(String::new, |at| format!(", until {}", at.short()));
    format!("{} ({how}{since}{until})", bad.id)
}

fn tally(answer: &Answer<PlanRow, PlanSummary>) -> String {
    let rows = &answer.rows;
    let of = |action: Action| rows.iter().filter(|row| row.action == action).count();
    let words = [
        (Action::RollBack, "to roll back"),
        (Action::Disable, "to disable"),
        (Action::Rotate, "to move to a new credential"),
        (Action::Keep, "to keep and check again"),
    ];
    let said = words.map(|(action, words)| (of(action), words));
    let said: Vec<String> =
        said.iter().filter(|(many, _)| *many > 0).map(|(many, words)| format!("{many} {words}")).collect();
    let rotate = answer.summary.rotate.iter().filter(|step| step.action == "issue").count();
    let rotate = (rotate > 0).then(|| format!("{rotate} to rotate"));
    let said: Vec<String> = rotate.into_iter().chain(said).collect();
    // what was cut is in the bounds, and must not look as if it were not there
    let cut = if (rows.len() as u64) < answer.completeness.at_most { ", of the rows listed" } else { "" };
    if said.is_empty() { "no deployment is exposed now".to_owned() } else { said.join(", ") + cut }
}

/// Step zero and the rotation of credentials.
fn first(summary: &PlanSummary, layout: Layout) -> String {
    let mut out = String::new();
    if let Some(hold) = &summary.hold {
        out.push_str(&heading("Step 0: export the case bundle first", layout));
        out.push_str(&labelled("  ", &hold.why, layout));
        out.push_str(&labelled("  about   ", &hold.deployments.join(", "), layout));
        out.push_str(&format!("  run     {}\n", screen(&hold.first)));
    }
    if !summary.rotate.is_empty() {
        out.push_str(&heading("Rotate, before anything is rolled back", layout));
        for step in &summary.rotate {
            let owner = step.owner.as_ref().map_or_else(String::new, |owner| format!(" ({owner})"));
            let says = if step.action == "move" {
                format!("{}{owner}: {}", step.id, step.says)
            } else {
                format!("{}{owner}", step.says)
            };
            out.push_str(&labelled(&format!("  {}  {:<7} ", step.level, step.action), &says, layout));
        }
    }
    out
}

fn overview(rows: &[PlanRow]) -> Table {
    let mut table = Table::new(&["deployment", "step", "do", "sure", "owner"]);
    for row in rows {
        let action = match (row.action, &row.current, &row.target) {
            (Action::RollBack, Some(from), Some(to)) => format!("{} → {}", short(from), short(to)),
            (action, ..) => action.as_str().to_owned(),
        };
        table.row([
            row.deployment.as_str(),
            &row.step.to_string(),
            &action,
            if row.certain { "" } else { "maybe" },
            row.owner.as_deref().unwrap_or_default(),
        ]);
    }
    table
}

/// The version of an id, as people say it.
fn short(id: &str) -> &str {
    match id.rfind('@') {
        Some(at) if at + 1 < id.len() => &id[at..],
        _ => id,
    }
}

fn step(row: &PlanRow, layout: Layout) -> String {
    let action = match row.action {
        Action::RollBack => "roll back",
        Action::Disable => "disable: none is safe",
        Action::Keep => "keep",
        Action::Rotate => "rotate: keep what it runs, move it to the new credential",
    };
    let mut out = labelled(&format!("{:>3}  ", row.step), &format!("{}  {action}", row.deployment), layout);
    let risk = row.risk.as_ref().map(|risk| format!("{risk} risk"));
    let facts = [row.environment.clone(), risk, row.owner.clone()];
    let mut facts: Vec<String> = facts.into_iter().flatten().collect();
    if !row.certain {
        facts.push("may be exposed: undated links".to_owned());
    }
    if !facts.is_empty() {
        out.push_str(&labelled("     ", &facts.join(", "), layout));
    }
    if let Some(current) = row.current.as_ref().filter(|id| **id != row.deployment) {
        let label = if row.action == Action::RollBack { "     from  " } else { "     runs  " };
        out.push_str(&labelled(label, current, layout));
    }
    if let Some(target) = &row.target {
        out.push_str(&labelled("     to    ", target, layout));
    }
    row.reasons.iter().for_each(|it| out.push_str(&reason("     ", it, layout)));
    for it in &row.rejected {
        out.push_str(&labelled("     not   ", &format!("{}: {}", it.id, it.why), layout));
    }
    if !row.checks.is_empty() {
        out.push_str(&checks(&row.checks, layout));
    }
    for command in &row.commands {
        // on one line, so that it can be copied; what no program runs is prose
        let word = if command.tool == "generic" { "do " } else { "run" };
        out.push_str(&format!("     {word}   {}\n", screen(&command.text)));
    }
    out
}

/// What passed in a line, the rest with its sentence.
fn checks(checks: &[Check], layout: Layout) -> String {
    let passed: Vec<&str> = checks.iter().filter(|it| it.result == "pass").map(|it| it.what.as_str()).collect();
    let mut out = String::new();
    if !passed.is_empty() {
        out.push_str(&labelled("     check ", &format!("{}: pass", passed.join(", ")), layout));
    }
    for it in checks.iter().filter(|it| it.result != "pass") {
        let claim = it.claim.as_ref().map_or_else(String::new, |claim| format!(" [{claim}]"));
        out.push_str(&labelled("     check ", &format!("{}: {}, {}{claim}", it.what, it.result, it.says), layout));
    }
    out
}

/// What the plan does not help.
fn after(summary: &PlanSummary, layout: Layout) -> String {
    let mut out = String::new();
    let title = format!("After the plan: {} of {} stay exposed", summary.remaining_count, summary.exposed_count);
    out.push_str(&heading(&title, layout));
    for it in summary.remaining.iter().take(MOST_REMAINING) {
        let owner = it.owner.as_ref().map_or_else(String::new, |owner| format!(" ({owner})"));
        out.push_str(&labelled("  ", &format!("{}{owner}: {}", it.id, it.why), layout));
    }
    let shown = summary.remaining.len().min(MOST_REMAINING) as u64;
    if shown < summary.remaining_count {
        let more = summary.remaining_count - shown;
        out.push_str(&labelled("  ", &format!("and {more} more; --json lists the first hundred"), layout));
    }
    if !summary.past.is_empty() {
        out.push_str(&heading("Exposed once, not now: review what they did then", layout));
        out.push_str(&labelled("  ", &summary.past.join(", "), layout));
    }
    out
}
