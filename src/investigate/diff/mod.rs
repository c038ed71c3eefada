//! What differs between two states of the world, with everything each rests on. It judges no side.
//!
//! Each side is an artefact at a moment with its upstream closure. What both rest on is the same, for a
//! lineage says one thing of an artefact; what only one rests on is paired by kind and logical name.

mod alarm;
mod aspect;
mod closure;
mod doubt;
mod draft;
mod evidence;
mod hidden;
mod pair;
#[cfg(test)]
mod properties;
mod role;
mod row;
mod said;
mod sides;
mod value;
mod within;

use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::question::Diff;
use crate::investigate::rows::{AspectCount, Change, DiffRow, DiffSide, DiffSummary};
use crate::model::Kind;
use aspect::Aspect;
use closure::Closure;
use draft::{Draft, Drafts, drafts};
use std::collections::BTreeMap;

/// Answers it. Rows come by aspect, within one first those about which something did not pass, then the
/// nearest; when there are more than asked for, the first of all aspects in that order are listed.
///
/// # Errors
/// When an id is unknown, nothing is known to be good, claims cannot be read, or it was cancelled.
pub fn diff(asking: &Asking<'_>, question: &Diff) -> Result<Answer<DiffRow, DiffSummary>, Unanswered> {
    let sides = sides::sides(asking, question)?;
    let old = Closure::of(asking, sides.old.0, sides.old.1)?;
    let new = Closure::of(asking, sides.new.0, sides.new.1)?;
    let mut found = drafts(asking, &old, &new, question.all)?;
    hidden::mark(asking, &old, &new, &mut found.drafts);
    let unread = within::read(asking, (&old, &new), &mut found, question.all)?;
    // two things that stay themselves are no versions of each other: what differs in them is told, if anything
    found.drafts.retain(|draft| draft.distance() > 0 || !is_bare_root(asking, draft));

    let by_aspect = by_aspect(&found);
    let total = found.drafts.len();
    let certain = found.drafts.iter().filter(|draft| draft.certain()).count();
    let mut because = doubt::because(asking, (&old, &new), &found)?;
    let Drafts { mut drafts, .. } = found;
    if question.limit < total {
        drafts.select_nth_unstable_by(question.limit, |a, b| a.nearness().cmp(&b.nearness()));
        drafts.truncate(question.limit);
    }
    because.extend(doubt::cut(drafts.len(), total, unread));
    drafts.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
    let rows = row::rows(asking, &old, &new, drafts)?;
    let completeness = Completeness::between(certain as u64, total as u64, because);
    let side = |side: &Closure| DiffSide {
        id: asking.lineage.id(side.root).to_owned(),
        at: side.at,
        artefacts: side.len() as u64,
    };
    let summary = DiffSummary { old: side(&old), new: side(&new), baseline: sides.baseline, by_aspect };
    Ok(Answer { rows, completeness, summary })
}

/// Whether it is only the two roots, which are no versions of one name, and nothing differs in them.
fn is_bare_root(asking: &Asking<'_>, draft: &Draft<'_>) -> bool {
    let lineage = asking.lineage;
    let Some((old, new)) = draft.pair().filter(|_| draft.values.is_none()) else { return false };
    let versioned = [old, new].iter().all(|part| lineage.version(part.node).is_some());
    let one_name = versioned && lineage.name(old.node) == lineage.name(new.node);
    Kind::parse(lineage.kind(new.node)).changes_in_place() && !one_name && draft.details.is_empty()
}

fn by_aspect(found: &Drafts<'_>) -> Vec<AspectCount> {
    let mut counts: BTreeMap<Aspect<'_>, (u64, u64)> = BTreeMap::new();
    for draft in found.drafts.iter().filter(|draft| draft.change != Change::Same) {
        counts.entry(draft.aspect).or_default().0 += 1;
    }
    for (aspect, same) in &found.same {
        counts.entry(*aspect).or_default().1 += same;
    }
    let count =
        |(aspect, (differ, same)): (Aspect<'_>, _)| AspectCount { aspect: aspect.word.to_owned(), differ, same };
    counts.into_iter().map(count).collect()
}
