//! Differences as rows: with their path, since when, who approved, and the claim behind each. It decides
//! nothing.

use crate::graph::Node;
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::diff::closure::{Closure, Part};
use crate::investigate::diff::draft::Draft;
use crate::investigate::diff::pair::{logical_name, version};
use crate::investigate::order;
use crate::investigate::rows::{Change, DiffRow};
use crate::investigate::standing::approval;
use crate::model::Time;
use std::collections::HashMap;

/// What is said of the approval of something that is there no more.
const NO_APPROVAL: &str = "none";

/// The rows of these differences, in their order.
pub(super) fn rows(
    asking: &Asking<'_>,
    old: &Closure,
    new: &Closure,
    drafts: Vec<Draft<'_>>,
) -> Result<Vec<DiffRow>, Unanswered> {
    let on_new: Vec<Part> = drafts.iter().filter_map(|draft| draft.new).collect();
    let on_old: Vec<Part> = drafts.iter().filter(|draft| draft.new.is_none()).filter_map(|draft| draft.old).collect();
    let (new_paths, old_paths) = (new.paths(&on_new), old.paths(&on_old));
    let mut rows = Vec::with_capacity(drafts.len());
    for draft in drafts {
        asking.go_on()?;
        let (side, paths) = if draft.new.is_some() { (new, &new_paths) } else { (old, &old_paths) };
        rows.push(row(asking, side, paths, draft));
    }
    Ok(rows)
}

fn row(asking: &Asking<'_>, side: &Closure, paths: &HashMap<Node, Vec<Node>>, draft: Draft<'_>) -> DiffRow {
    let lineage = asking.lineage;
    let part = draft.new.or(draft.old);
    let path: &[Node] = part.and_then(|part| paths.get(&part.node)).map_or(&[], Vec::as_slice);
    let ((since_after, since), last) = part.map_or(((None, None), None), |part| hops(asking, side, path, part.certain));
    let described = || part.and_then(|part| lineage.claims(part.node).next());
    let claim = draft.claim.or(last).or_else(described);
    let (approved_by, approval) = match draft.new {
        Some(part) => {
            let approval = approval(asking, part.node, side.at);
            (approval.by.filter(|_| approval.standing == "recorded"), approval.standing)
        }
        None => (None, NO_APPROVAL),
    };
    let id = |part: Option<Part>| part.map(|part| lineage.id(part.node).to_owned());
    let certain = draft.certain();
    let [old, new] = draft.values.unwrap_or_else(|| versions(asking, draft.old, draft.new));
    DiffRow {
        aspect: draft.aspect.word.to_owned(),
        key: draft.key.into_owned(),
        change: draft.change,
        old,
        new,
        old_id: id(draft.old),
        new_id: id(draft.new),
        old_count: draft.counts.0,
        new_count: draft.counts.1,
        delta: draft.delta.filter(|_| draft.change != Change::Same),
        approved_by,
        approval: approval.to_owned(),
        distance: (path.len() as u32).saturating_sub(1),
        since,
        since_after,
        path: path.iter().map(|node| lineage.id(*node).to_owned()).collect(),
        certain,
        details: draft.details,
        alarms: draft.alarms,
        claim: claim.map(|claim| asking.claim(claim)),
    }
}

/// The versions of a pair; their ids where these say the same, or are of two names.
fn versions(asking: &Asking<'_>, old: Option<Part>, new: Option<Part>) -> [Option<String>; 2] {
    let lineage = asking.lineage;
    let said = [old, new].map(|part| part.map(|part| version(lineage, part.node)));
    match (said, old, new) {
        ([Some(a), Some(b)], Some(old), Some(new))
            if old.node != new.node
                && (a == b || logical_name(lineage, old.node) != logical_name(lineage, new.node)) =>
        {
            [old, new].map(|part| Some(lineage.id(part.node).to_owned()))
        }
        _ => said.map(|text| text.map(str::to_owned)),
    }
}

/// Since when the root rests on the end of a path: since its latest link began, after which moment where nobody
/// saw that; and the claim of its last.
fn hops(
    asking: &Asking<'_>,
    side: &Closure,
    path: &[Node],
    certain: bool,
) -> ((Option<Time>, Option<Time>), Option<u64>) {
    let along = side.along(certain);
    let (mut first, mut since, mut claim) = (None, None, None);
    for hop in path.windows(2) {
        if let Some(link) = order::hop_link(asking.lineage, (hop[0], hop[1]), &along, side.at) {
            since = since.max(link.since);
            first = first.max(link.earliest());
            claim = Some(link.claim);
        }
    }
    ((first.filter(|first| Some(*first) < since), since), claim)
}
