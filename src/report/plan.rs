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
    for rows in answer.rows.chunk_by(|a, b| a.step == b.step) {
        let Some(first) = rows.first() else { continue };
        if level != Some(first.level) {
            level = Some(first.level);
            let wait = match first.level {
                0 => "begin here; steps of one level can be done side by side".to_owned(),
                more => format!("when level {} is done", more - 1),
            };
            out.push_str(&heading(&format!("Level {}: {wait}", first.level), layout));
        } else {
            out.push('\n');
        }
        let mut number = format!("{:>3}  ", first.step);
        if rows.iter().any(|row| row.deployment != first.deployment) {
            out.push_str(&labelled(&number, "together: they depend on each other", layout));
            number = " ".repeat(number.len());
        }
        for (at, row) in rows.iter().enumerate() {
            if at > 0 {
                out.push('\n');
                number = " ".repeat(number.len());
            }
            out.push_str(&step(&number, row, layout));
        }
    }
    out.push_str(&after(summary, layout));
    out.push('\n');
    // rows that are done together are one step
    let noun = match summary.steps {
        steps if steps == answer.completeness.at_most => "steps".to_owned(),
        1 => "rows in 1 step".to_owned(),
        steps => format!("rows in {steps} steps"),
    };
    out + &completeness(&answer.completeness, &noun, layout)
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
        out.push_str(&heading("Step 0: keep what is known first", layout));
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

fn step(number: &str, row: &PlanRow, layout: Layout) -> String {
    let action = match row.action {
        Action::RollBack => "roll back",
        Action::Disable => "disable: none is safe",
        Action::Keep => "keep",
        Action::Rotate => "rotate: keep what it runs, move it to the new credential",
    };
    let mut out = labelled(number, &format!("{}  {action}", row.deployment), layout);
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
        let how = row.how.as_ref().map_or_else(String::new, |how| format!(", {how}"));
        out.push_str(&labelled("     to    ", &format!("{target}{how}"), layout));
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

/// `17`, or `17 to 19` where not all of it is sure.
pub(super) fn between(least: u64, most: u64) -> String {
    if least == most { most.to_string() } else { format!("{least} to {most}") }
}

/// What the plan does not help.
fn after(summary: &PlanSummary, layout: Layout) -> String {
    let mut out = String::new();
    if summary.exposure_asked {
        let left = between(summary.remaining_at_least, summary.remaining_count);
        let before = between(summary.exposed_at_least, summary.exposed_count);
        out.push_str(&heading(&format!("After the plan: {left} of {before} stay exposed"), layout));
    } else {
        let says = "After the plan: what stays exposed was not asked: nothing bad was named";
        out.push('\n');
        out.push_str(&labelled("", says, layout));
    }
    for it in summary.remaining.iter().take(MOST_REMAINING) {
        let owner = it.owner.as_ref().map_or_else(String::new, |owner| format!(" ({owner})"));
        out.push_str(&labelled("  ", &format!("{}{owner}: {}", it.id, it.why), layout));
    }
    let shown: u64 = summary.remaining.iter().take(MOST_REMAINING).map(|it| it.more + 1).sum();
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
