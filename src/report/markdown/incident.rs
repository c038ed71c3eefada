//! `diff`, `last-good`, `suspects`, `plan` and `timeline` as Markdown. It decides nothing but which
//! words a row takes.

use super::{Markdown, Page, code, codes, prose};
use crate::investigate::answer::Answer;
use crate::investigate::rows::{
    Action, Change, DiffRow, DiffSummary, LastGoodRow, LastGoodSummary, Observed, PlanRow, PlanSummary, SuspectRow,
    SuspectsSummary, TimelineRow, TimelineSummary,
};
use crate::report::last_good::{ONLY_CURRENT, only_current};
use crate::report::plan::between;
use crate::report::{dates, suspects};

/// A difference with its sign, without the noise of binary fractions: `+3`, `-0.014`.
pub fn signed(delta: f64) -> String {
    if delta.is_finite() && delta.abs() >= 1e-6 && delta.abs() < 1e15 {
        let text = format!("{delta:+.6}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    format!("{delta:+e}")
}

/// What to say of the approval of what came to be, and whether it is to be said aloud. Parameters, metrics
/// and evidence are approved with what they belong to.
pub fn approval(row: &DiffRow) -> Option<(String, bool)> {
    let apart = matches!(row.aspect.as_str(), "param" | "metric" | "evaluation" | "approval" | "run");
    if apart || row.new_id.is_none() || matches!(row.change, Change::Same | Change::Removed) {
        return None;
    }
    let by = row.approved_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    Some(match row.approval.as_str() {
        "recorded" => (format!("approved{by}"), false),
        "stale" => (format!("approval expired{by}"), true),
        "refused" => ("approval taken back".to_owned(), true),
        "void" => (format!("approval void{by}"), true),
        "missing" => ("nobody approved".to_owned(), true),
        _ => return None,
    })
}

fn hops(count: u32) -> String {
    format!("{count} hop{}", if count == 1 { "" } else { "s" })
}

fn since(row: &DiffRow) -> String {
    dates::since(row.since_after, row.since).map(|it| format!(", {it}")).unwrap_or_default()
}

fn owner(owner: Option<&String>) -> String {
    owner.map(|owner| format!(", owner {}", code(owner))).unwrap_or_default()
}

impl Markdown for Answer<DiffRow, DiffSummary> {
    fn page(&self, most: usize) -> Page {
        let it = &self.summary;
        // One deployment at two moments: what it deployed then tells the sides apart.
        let sides = if it.old.id == it.new.id {
            format!("{}, {} → {}", code(&it.new.id), code(&it.baseline.id), it.new.at.short())
        } else {
            format!("{} → {}", code(&it.old.id), code(&it.new.id))
        };
        let mut page = Page::new(most, &format!("What differs: {sides}"));
        let why: Vec<String> = it.baseline.why.iter().map(|why| prose(why)).collect();
        let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
        page.says(&format!("Compared with {} ({}){why}.", code(&it.baseline.id), prose(&it.baseline.how)));
        if self.rows.is_empty() {
            page.says("Nothing differs in what the ledger knows of the two.");
        }
        page.some("", &self.rows, self.completeness.at_most, |row| {
            let side = |value: Option<&String>, count: u64| match value {
                Some(value) if count > 1 => format!("{} ({count})", code(value)),
                Some(value) => code(value),
                None => count.to_string(),
            };
            let (old, new) = (side(row.old.as_ref(), row.old_count), side(row.new.as_ref(), row.new_count));
            let what = match row.change {
                Change::Added => format!("new: {new}"),
                Change::Removed => format!("gone: {old}"),
                Change::Changed => format!("{old} → {new}"),
                Change::Same => format!("the same: {new}"),
            };
            let delta = row.delta.map(|delta| format!(" ({})", signed(delta))).unwrap_or_default();
            let approval = match approval(row) {
                Some((words, true)) => format!(", **{}**", prose(&words)),
                Some((words, false)) => format!(", {}", prose(&words)),
                None => String::new(),
            };
            let away = if row.certain { hops(row.distance) } else { format!("{}, not sure", hops(row.distance)) };
            let key = code(&row.key);
            let alarms: String = row.alarms.iter().map(|it| format!(", **alarm: {}**", prose(it))).collect();
            format!("{} {key}: {what}{delta}{alarms}{approval}, {away}{}", prose(&row.aspect), since(row))
        });
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<LastGoodRow, LastGoodSummary> {
    fn page(&self, most: usize) -> Page {
        let it = &self.summary;
        let good = match &it.last_good {
            Some(id) => code(id),
            None if only_current(self) => ONLY_CURRENT.to_owned(),
            None => "none is known".to_owned(),
        };
        let mut page = Page::new(most, &format!("Last known good of {}: {good}", code(&it.of)));
        page.says(&format!("Judged by {}.", code(&it.policy)));
        page.rows("", &self.rows, |row| {
            let reasons: Vec<String> = row
                .reasons
                .iter()
                .take(6)
                .map(|reason| format!("{} {}", if reason.holds { "✔" } else { "✖" }, prose(&reason.says)))
                .collect();
            let now = if row.current { ", deployed now" } else { "" };
            let verdict = if row.verdict == "good" { "good" } else { "not good" };
            format!("{} is {verdict} ({}{now}): {}", code(&row.row.id), prose(&row.how), reasons.join("; "))
        });
        page.bounds(&self.completeness)
    }
}

fn observed(rows: &[Observed]) -> String {
    let mut all: Vec<String> =
        rows.iter().take(5).map(|row| format!("{} ({})", code(&row.id), prose(&row.how))).collect();
    if rows.len() > 5 {
        all.push(format!("{} more", rows.len() - 5));
    }
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

impl Markdown for Answer<SuspectRow, SuspectsSummary> {
    fn page(&self, most: usize) -> Page {
        let it = &self.summary;
        let (bad, good) = (it.bad.len(), it.good.len());
        let mut page = Page::new(most, &format!("What separates {bad} bad from {good} good"));
        page.says(&format!("Bad: {}. Good: {}.", observed(&it.bad), observed(&it.good)));
        page.some("", &self.rows, self.completeness.at_most, |row| {
            let sure = if row.certain { "" } else { ", on undated links" };
            let alike = if row.alike > 0 { format!(", {} others alike", row.alike) } else { String::new() };
            let counts = format!("{}/{bad} bad, {}/{good} good, score {:.2}", row.bad, row.good, row.score);
            let owner = owner(row.row.owner.as_ref());
            let since = suspects::since(row).map(|since| format!(", since {since}")).unwrap_or_default();
            format!("{}: {counts}, {}{since}{owner}{alike}{sure}", code(&row.row.id), hops(row.distance))
        });
        if let Some(causes) = &it.causes {
            page.says(&prose(&causes.says));
            page.rows("", &causes.groups, |group| {
                let alike = if group.alike > 0 { format!(" ({} others alike)", group.alike) } else { String::new() };
                format!("{}{alike} explains {}", code(&group.row.id), codes(&group.bad))
            });
            if !causes.unexplained.is_empty() {
                page.says(&format!("Not explained by these: {}", codes(&causes.unexplained)));
            }
        }
        if let Some(next) = &it.next {
            page.says(&format!("Test next: {}. {}", code(&next.id), prose(&next.says)));
        }
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<PlanRow, PlanSummary> {
    fn page(&self, most: usize) -> Page {
        let it = &self.summary;
        let bad: Vec<String> = it.of.iter().map(|bad| bad.id.clone()).collect();
        let against = if bad.is_empty() { "nothing that is marked".to_owned() } else { codes(&bad) };
        let mut page = Page::new(most, &format!("Plan against {against}"));
        if let Some(hold) = &it.hold {
            page.says(&format!("**HOLD**: run {} first. It is {}", code(&hold.first), prose(&hold.why)));
        }
        page.rows("Rotate first:", &it.rotate, |step| {
            let what = format!("{} {}", prose(&step.action), code(&step.id));
            format!("{}. {what}{}: {}", step.level, owner(step.owner.as_ref()), prose(&step.says))
        });
        page.some("Then, level by level:", &self.rows, self.completeness.at_most, |row| {
            let what = match &row.target {
                Some(target) => {
                    let current = row.current.as_ref().map(|id| format!("{} → ", code(id))).unwrap_or_default();
                    let failed = row.checks.iter().filter(|check| check.result == "fail").count();
                    let unknown = row.checks.iter().filter(|check| check.result == "unknown").count();
                    let passed = row.checks.len() - failed - unknown;
                    let how = row.how.as_ref().map(|how| format!(", {}", prose(how))).unwrap_or_default();
                    format!("{current}{}{how} (checks ✔ {passed} ✖ {failed} unknown {unknown})", code(target))
                }
                None if row.action == Action::Disable => "**disable: none is safe**".to_owned(),
                None => {
                    let why = row.reasons.first().map_or_else(String::new, |it| format!(": {}", prose(&it.says)));
                    format!("{}{why}", row.action.as_str())
                }
            };
            let sure = if row.certain { "" } else { ", possibly exposed" };
            let mut beside: Vec<String> =
                self.rows.iter().filter(|it| it.step == row.step).map(|it| it.deployment.clone()).collect();
            beside.dedup();
            beside.retain(|it| *it != row.deployment);
            let together = match beside.is_empty() {
                true => String::new(),
                false => format!(", together with {}: they depend on each other", codes(&beside)),
            };
            let (number, owner) = (format!("level {}, step {}", row.level, row.step), owner(row.owner.as_ref()));
            format!("{number}: {}: {what}{owner}{sure}{together}", code(&row.deployment))
        });
        page.says(&if it.exposure_asked {
            let left = between(it.remaining_at_least, it.remaining_count);
            format!("Exposed now {}, after the plan {left}.", between(it.exposed_at_least, it.exposed_count))
        } else {
            "What stays exposed was not asked: nothing bad was named.".to_owned()
        });
        // those that a row stands for are told in it
        let told: u64 = it.remaining.iter().map(|row| row.more).sum();
        page.some("Stays exposed:", &it.remaining, it.remaining_count.saturating_sub(told), |row| {
            format!("{}{}: {}", code(&row.id), owner(row.owner.as_ref()), prose(&row.why))
        });
        page.says("Nothing was executed.");
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<TimelineRow, TimelineSummary> {
    fn page(&self, most: usize) -> Page {
        let mut page = Page::new(most, &format!("What happened to {} and around it", code(&self.summary.id)));
        // The newest tell most in a channel; their order stays.
        let mut rows: Vec<&TimelineRow> = self.rows.iter().collect();
        rows.sort_by_key(|row| row.at);
        let skip = rows.len().saturating_sub(most);
        if skip > 0 {
            page.says(&format!("The newest {} of {}:", most, rows.len()));
        }
        page.rows("", &rows[skip..], |row| {
            let by = row.by.as_ref().map(|by| format!(", by {}", code(by))).unwrap_or_default();
            format!("{} {} {}: {}{by}", row.at.short(), prose(&row.what), code(&row.about), prose(&row.says))
        });
        page.rows("Nobody says when:", &self.summary.undated, |row| {
            format!("{}: {}", code(&row.about), prose(&row.says))
        });
        page.bounds(&self.completeness)
    }
}
