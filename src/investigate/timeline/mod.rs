//! What happened to an artefact and around it, in order. It never makes a time up: what nobody dates
//! stands apart.

mod events;
mod neighbourhood;

#[cfg(test)]
mod tests;

use crate::graph::Node;
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::question::Timeline;
use crate::investigate::rows::{TimelineRow, TimelineSummary, Undated};
use crate::investigate::wording::count;
use crate::model::{Attributes, Statement};
use events::{Event, What};
use neighbourhood::Neighbourhood;
use std::collections::HashMap;

/// The most undated things that are listed.
const MOST_UNDATED: usize = 100;

/// Answers it: oldest first; of more rows than the limit the newest.
///
/// Dated links are told of where they touch the artefact itself or, at a deployment, what it deployed.
/// `deployed` and `withdrawn` are about what was deployed, `linked` and `unlinked` about the dependent.
///
/// # Errors
/// When the id is unknown, claims cannot be read, or it was cancelled.
pub fn timeline(asking: &Asking<'_>, question: &Timeline) -> Result<Answer<TimelineRow, TimelineSummary>, Unanswered> {
    let node = asking.node(&question.id)?;
    let around = Neighbourhood::of(asking, node, question.depth)?;
    let told = events::tell(asking, &around, &question.window, question.limit)?;
    let said = attributes(asking, &told.events)?;
    let rows: Vec<TimelineRow> = told.events.iter().map(|event| row(asking, &around, &said, event)).collect();
    let mut because = Vec::new();
    if around.cut {
        let what = count(around.len(), "artefact");
        because.push(format!("the neighbourhood is larger: the {what} linked last are looked at"));
    }
    if (rows.len() as u64) < told.total {
        because.push(format!("the newest {} are listed", count(rows.len(), "row")));
    }
    if told.unsure > 0 {
        let what = count(told.unsure as usize, "event");
        because.push(format!("{what} between two looks, of which a part lies outside what was asked about"));
    }
    let undated_count = told.undated.len();
    if undated_count > 0 {
        let listed = if undated_count > MOST_UNDATED { format!(", the first {MOST_UNDATED}") } else { String::new() };
        let are = if undated_count == 1 { "is" } else { "are" };
        because.push(format!("{} that nobody dates {are} listed apart{listed}", count(undated_count, "thing")));
    }
    let undated = told.undated.into_iter().take(MOST_UNDATED);
    let undated = undated.map(|it| Undated {
        about: asking.lineage.id(it.about).to_owned(),
        says: it.says,
        claim: it.claim.map(|claim| asking.claim(claim)),
    });
    let summary = TimelineSummary {
        id: asking.lineage.id(node).to_owned(),
        neighbours: around.len() as u64,
        undated: undated.collect(),
    };
    let completeness = Completeness::between(told.total - told.unsure, told.total + undated_count as u64, because);
    Ok(Answer { rows, completeness, summary })
}

/// What the claims behind these say beside what the lineage holds: who changed a link, which step it was.
fn attributes(asking: &Asking<'_>, events: &[Event<'_>]) -> Result<HashMap<u64, Attributes>, Unanswered> {
    let mut claims: Vec<u64> = events
        .iter()
        .flat_map(|event| match &event.what {
            What::Link { link, .. } => vec![link.claim],
            What::Born if asking.lineage.kind(event.about) == "step" => asking.lineage.claims(event.about).collect(),
            _ => Vec::new(),
        })
        .collect();
    claims.sort_unstable();
    claims.dedup();
    let said = if claims.is_empty() { Vec::new() } else { asking.statements(&claims)? };
    let attributes = said.into_iter().filter_map(|(claim, statement)| match statement {
        Statement::Link(it) => Some((claim, it.attributes)),
        Statement::Artefact(it) => Some((claim, it.attributes)),
        _ => None,
    });
    Ok(attributes.collect())
}

fn row(asking: &Asking<'_>, around: &Neighbourhood, said: &HashMap<u64, Attributes>, event: &Event<'_>) -> TimelineRow {
    let text = |claim: u64, keys: &[&str]| -> Option<String> {
        let attributes = said.get(&claim)?;
        keys.iter().find_map(|key| attributes.get(*key)?.as_str().map(str::to_owned))
    };
    let lineage = asking.lineage;
    let (mut what, mut by) = (event.word().to_owned(), event.by(asking));
    match &event.what {
        What::Link { link, began } => {
            let keys: &[&str] = if *began {
                &["by", "deployed_by", "promoted_by", "changed_by", "actor", "user"]
            } else {
                &["until_by", "withdrawn_by", "ended_by"]
            };
            by = text(link.claim, keys);
        }
        What::Born if lineage.kind(event.about) == "step" => {
            what = lineage
                .claims(event.about)
                .find_map(|claim| text(claim, &["step"]))
                .unwrap_or_else(|| "step".to_owned());
        }
        _ => {}
    }
    TimelineRow {
        at: event.at,
        after: event.after,
        what,
        about: lineage.id(event.about).to_owned(),
        distance: around.distance(event.about).unwrap_or(0),
        says: event.says(asking),
        by,
        claim: event.claim.map(|claim| asking.claim(claim)),
    }
}

/// Something nobody dates.
struct Lacking {
    about: Node,
    says: String,
    claim: Option<u64>,
}
