//! `impact` as text for people: what is hit, whom to call, and how a credential was used. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{Contact, CredentialUse, Group, ImpactRow, ImpactSummary, UseRow};
use crate::report::dates::{between, date};
use crate::report::screen::screen;
use crate::report::table::{Layout, Table, wrapped};
use crate::report::text::{completeness, section};
use std::fmt::Write as _;

/// Everything that is hit, and whom to call.
pub fn impact(answer: &Answer<ImpactRow, ImpactSummary>, layout: Layout) -> String {
    let summary = &answer.summary;
    let mut table = Table::new(&["id", "env", "owner", "hops", "sure", "since", "by way of"]);
    for it in &answer.rows {
        let inner = it.path.get(1..it.path.len().saturating_sub(1)).unwrap_or_default();
        table.row([
            it.row.id.as_str(),
            it.row.environment.as_deref().unwrap_or_default(),
            it.row.owner.as_deref().unwrap_or_default(),
            &it.distance.to_string(),
            sure(it.certain),
            &between(it.since_after, it.since),
            &inner.last().cloned().unwrap_or_default(),
        ]);
    }
    let mut out = table.text(layout);
    section(&mut out, "by kind", group_table(&summary.by_kind).text(layout), layout);
    section(&mut out, "by environment", group_table(&summary.by_environment).text(layout), layout);
    let rest: Vec<Group> = summary.by_owner.iter().filter(|it| !told(&summary.contacts, &it.name)).cloned().collect();
    section(&mut out, "whom to call", contact_table(&summary.contacts, &rest).text(layout), layout);
    for it in &summary.credentials {
        credential(&mut out, it, layout);
    }
    out.push('\n');
    out.push_str(&completeness(&answer.completeness, "artefacts are hit", layout));
    let hint = match (&summary.window_from, summary.window.is_open()) {
        (Some(from), _) => format!("counted within {}, the window of {}", window(answer), screen(from)),
        (None, true) => "links of any time count; --since T counts only what held then".to_owned(),
        (None, false) => return out,
    };
    let _ = writeln!(out, "{}", layout.faint(&hint));
    out
}

/// The rows as comma-separated values, with what a spreadsheet can sort by.
pub fn csv(answer: &Answer<ImpactRow, ImpactSummary>) -> String {
    let mut table = Table::new(&[
        "id",
        "kind",
        "name",
        "version",
        "environment",
        "owner",
        "risk",
        "distance",
        "certain",
        "since",
        "path",
        "claim",
    ]);
    for it in &answer.rows {
        let owned = |text: &Option<String>| text.clone().unwrap_or_default();
        table.row([
            it.row.id.as_str(),
            &it.row.kind,
            &it.row.name,
            &owned(&it.row.version),
            &owned(&it.row.environment),
            &owned(&it.row.owner),
            &owned(&it.row.risk),
            &it.distance.to_string(),
            if it.certain { "true" } else { "false" },
            &it.since.map(|since| since.to_string()).unwrap_or_default(),
            &it.path.join(" <- "),
            &owned(&it.claim),
        ]);
    }
    table.csv()
}

fn window(answer: &Answer<ImpactRow, ImpactSummary>) -> String {
    let it = &answer.summary.window;
    match (it.since, it.until) {
        (Some(since), Some(until)) => format!("{} to {}", since.short(), until.short()),
        (Some(since), None) => format!("{} to now", since.short()),
        (None, Some(until)) => format!("what was up to {}", until.short()),
        (None, None) => "all time".to_owned(),
    }
}

fn sure(certain: bool) -> &'static str {
    if certain { "yes" } else { "maybe" }
}

fn told(contacts: &[Contact], name: &str) -> bool {
    contacts.iter().any(|it| it.id == name)
}

fn group_table(groups: &[Group]) -> Table {
    let mut table = Table::new(&["", "at least", "at most"]);
    for group in groups {
        table.row([group.name.as_str(), &group.at_least.to_string(), &group.at_most.to_string()]);
    }
    table
}

/// Owners with how to reach them, then what has none.
fn contact_table(contacts: &[Contact], rest: &[Group]) -> Table {
    let mut table = Table::new(&["", "at least", "at most", "channel", "lead", "pager", "phone", "email"]);
    for it in contacts {
        let some = |text: &Option<String>| text.clone().unwrap_or_default();
        table.row([
            it.id.as_str(),
            &it.at_least.to_string(),
            &it.at_most.to_string(),
            &some(&it.channel),
            &some(&it.lead),
            &some(&it.pager),
            &some(&it.phone),
            &some(&it.email),
        ]);
    }
    for it in rest {
        table.row([it.name.as_str(), &it.at_least.to_string(), &it.at_most.to_string(), "", "", "", "", ""]);
    }
    table
}

/// How a credential was used, with whom it was shared, in which order to rotate it.
fn credential(out: &mut String, it: &CredentialUse, layout: Layout) {
    let _ = writeln!(out, "\n{}", layout.strong(&format!("credential {}", screen(&it.id))));
    let users: Vec<&UseRow> = it.users.iter().filter(|user| user.kind != "step").collect();
    let steps = it.users.len() - users.len();
    let mut table = Table::new(&["used by", "owner", "since", "until", "sure"]);
    users.iter().for_each(|user| use_row(&mut table, user, false));
    list(out, table, (it.users_count, it.users.len(), "users"), layout);
    if steps > 0 {
        let word = if steps == 1 { "step" } else { "steps" };
        let _ = writeln!(out, "{}", layout.faint(&format!("and {steps} {word}")));
    }
    let mut table = Table::new(&["executed with it", "what", "owner", "when", "sure"]);
    it.executed.iter().for_each(|row| use_row(&mut table, row, true));
    if it.executed.is_empty() {
        out.push_str("\nNothing is known to have been executed with it.\n");
    } else {
        out.push('\n');
        list(out, table, (it.executed_count, it.executed.len(), "actions"), layout);
    }
    let mut table = Table::new(&["shared with", "how"]);
    it.shared.iter().for_each(|other| table.row([other.with.as_str(), &other.why]));
    if !it.shared.is_empty() {
        let _ = write!(out, "\n{}", table.text(layout));
    }
    if !it.rotate.is_empty() {
        let _ =
            writeln!(out, "\n{}", layout.faint("ROTATE IN THIS ORDER (what has one number can be done side by side)"));
    }
    for step in &it.rotate {
        let owner = step.owner.as_deref().map(|owner| format!(", {owner}")).unwrap_or_default();
        let _ = writeln!(out, "{}. {} {}{}", step.level + 1, step.action, screen(&step.id), screen(&owner));
        let room = layout.width.map_or(usize::MAX, |width| usize::from(width).saturating_sub(3));
        for line in wrapped(&screen(&step.says), room) {
            let _ = writeln!(out, "   {line}");
        }
    }
}

fn use_row(table: &mut Table, it: &UseRow, executed: bool) {
    let (owner, since) = (it.owner.as_deref().unwrap_or_default(), date(it.since));
    let doubt = if it.certain { "" } else { "maybe" };
    if executed {
        let what = it.step.as_deref().unwrap_or_default();
        table.row([it.id.as_str(), what, owner, &since, doubt]);
    } else {
        table.row([it.id.as_str(), owner, &since, &date(it.until), doubt]);
    }
}

/// A table, and how many more there are than it lists.
fn list(out: &mut String, table: Table, (all, listed, noun): (u64, usize, &str), layout: Layout) {
    out.push_str(&table.text(layout));
    if (listed as u64) < all {
        let _ = writeln!(out, "{}", layout.faint(&format!("the first {listed} of {all} {noun} are listed")));
    }
}
