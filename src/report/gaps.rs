//! `gaps` and `gate` as text for people. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::exceptions::Exception;
use crate::investigate::rows::{GapRow, GapsSummary, GateSummary, Group, JudgedBy};
use crate::model::Time;
use crate::report::prose::labelled;
use crate::report::screen::screen;
use crate::report::table::Layout;
use crate::report::text::completeness;
use std::fmt::Write as _;

/// Findings by severity and owner, each with what would close it.
pub fn gaps(answer: &Answer<GapRow, GapsSummary>, layout: Layout) -> String {
    let summary = &answer.summary;
    let title = match answer.rows.is_empty() {
        true => "nothing that the policy asks for is lacking".to_owned(),
        false => counts(summary),
    };
    let mut out = format!("{}\n{}", layout.strong(&title), labelled("policy  ", &policy(&summary.policy), layout));
    out.push_str(&findings(&answer.rows, layout));
    out.push_str(&exceptions(&summary.exceptions, layout));
    out.push('\n');
    out + &completeness(&answer.completeness, "findings", layout)
}

/// The verdict, then every requirement that is not met, once.
pub fn gate(answer: &Answer<GapRow, GateSummary>, layout: Layout) -> String {
    let summary = &answer.summary;
    let of = summary.gaps.of.as_deref().map(screen).unwrap_or_default();
    let place = summary.environment.as_deref().map_or_else(String::new, |it| format!(" for {}", screen(it)));
    let mut out = format!("{}\n", layout.strong(&format!("{}  {of}{place}", summary.verdict)));
    out.push_str(&labelled("why     ", &summary.says, layout));
    out.push_str(&labelled("policy  ", &policy(&summary.gaps.policy), layout));
    out.push_str(&findings(&answer.rows, layout));
    for (heading, waived) in [("met     ", false), ("waived  ", true)] {
        let met = summary.asked.iter().filter(|it| it.met && it.waived == waived);
        let met: Vec<&str> = met.map(|it| it.requirement.as_str()).collect();
        if !met.is_empty() {
            out.push('\n');
            out.push_str(&labelled(heading, &met.join(", "), layout));
        }
    }
    out.push('\n');
    out + &completeness(&answer.completeness, "findings", layout)
}

fn policy(it: &JudgedBy) -> String {
    format!("{}@{} (sha256:{})", it.name, it.version, it.sha256)
}

/// `high 3 · medium 2 · excepted 1`
pub fn counts(summary: &GapsSummary) -> String {
    let mut parts: Vec<String> = summary
        .by_severity
        .iter()
        .filter(|it| it.at_most > 0)
        .map(|it| format!("{} {}", it.name, bounds(it)))
        .collect();
    if summary.excepted > 0 {
        parts.push(format!("excepted {}", summary.excepted));
    }
    parts.join(" · ")
}

fn bounds(it: &Group) -> String {
    match it.at_least == it.at_most {
        true => it.at_most.to_string(),
        false => format!("{} to {}", it.at_least, it.at_most),
    }
}

fn findings(rows: &[GapRow], layout: Layout) -> String {
    let mut out = String::new();
    let mut group = None;
    for row in rows {
        let excepted = row.exception.is_some();
        let key = (excepted, row.severity, row.owner.as_deref());
        if group != Some(key) {
            group = Some(key);
            let word = if excepted { "excepted" } else { row.severity.as_str() };
            let owner = row.owner.as_deref().unwrap_or("(no owner stated)");
            let _ = write!(out, "\n{}\n", layout.strong(&format!("{word}  {}", screen(owner))));
        }
        let age = row.age.as_ref().map_or_else(String::new, |age| format!(", {age}"));
        let sure = if row.certain { "" } else { ", maybe" };
        let claim = row.claim.as_ref().map_or_else(String::new, |claim| format!(" [{claim}]"));
        let head = format!("{}  {}: {}{age}{sure}", row.about, row.requirement, row.state);
        out.push_str(&labelled("  ", &head, layout));
        out.push_str(&labelled("      ", &format!("{}{claim}", row.says), layout));
        match &row.exception {
            Some(it) => out.push_str(&labelled("      accepted  ", &accepted(&it.exception, &it.path), layout)),
            None => out.push_str(&labelled("      closes    ", &row.closes, layout)),
        }
        row.remarks.iter().for_each(|it| out.push_str(&labelled("      but       ", it, layout)));
    }
    out
}

/// Who accepted a finding, for whom, until when, why, and by which way it is inherited.
pub fn accepted(it: &Exception, path: &[String]) -> String {
    let by = it.by.as_deref().unwrap_or("somebody unnamed");
    let until = it.until.map(Time::short).unwrap_or_default();
    let owner = it.owner.as_deref().map_or_else(String::new, |owner| format!(", owner {owner}"));
    let reason = it.reason.as_deref().map_or_else(String::new, |reason| format!(": {reason}"));
    let way = if path.len() > 1 { format!(" (inherited: {})", path.join(" → ")) } else { String::new() };
    format!("by {by} until {until}{owner}{reason} [{}]{way}", it.claim)
}

fn exceptions(all: &[Exception], layout: Layout) -> String {
    let others: Vec<&Exception> = all.iter().filter(|it| it.standing != "holds").collect();
    if others.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", layout.strong("exceptions that waive nothing"));
    for it in others {
        let text = format!("{}  {}: {}, {}", it.about, it.requirement, it.standing, accepted(it, &[]));
        out.push_str(&labelled("  ", &text, layout));
    }
    out
}
