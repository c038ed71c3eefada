//! Which artefact of one side stands where which of the other stands: by kind and logical name. What
//! differs within a pair is not looked at.

use crate::graph::walk::Cancelled;
use crate::graph::{Lineage, Node};
use crate::investigate::asking::Asking;
use crate::investigate::diff::closure::{Closure, Part};
use crate::investigate::order::Natural;
use crate::model::{Kind, Relation};
use std::cmp::Reverse;
use std::collections::HashMap;

/// More versions of one name than this on a side are told as one: daily partitions, nightly runs.
pub(super) const MOST_APART: usize = 3;

/// What a side has of one name, nearest first.
#[derive(Debug, Default)]
pub(super) struct Group<'a> {
    /// The name without version.
    pub(super) name: &'a str,
    /// Of the old side.
    pub(super) old: Vec<Part>,
    /// Of the new side.
    pub(super) new: Vec<Part>,
    /// What only one side has beside what stood in its place, which both have.
    pub(super) by_role: Vec<(Part, Part)>,
}

impl Group<'_> {
    /// Whether it is told as one row.
    pub(super) fn is_folded(&self) -> bool {
        self.old.len() > MOST_APART || self.new.len() > MOST_APART
    }

    /// Old beside new, in order; what is left over has no partner.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (Option<Part>, Option<Part>)> + '_ {
        let of = |parts: &[Part], at: usize| parts.get(at).copied();
        let zipped = (0..self.old.len().max(self.new.len())).map(move |at| (of(&self.old, at), of(&self.new, at)));
        zipped.chain(self.by_role.iter().map(|(old, new)| (Some(*old), Some(*new))))
    }
}

/// Puts the parts that only one side has beside each other.
pub(super) fn groups<'a>(
    asking: &Asking<'a>,
    (old, old_parts): (&Closure, Vec<Part>),
    (new, new_parts): (&Closure, Vec<Part>),
) -> Result<Vec<Group<'a>>, Cancelled> {
    let lineage = asking.lineage;
    let mut places: HashMap<(u8, &str, &str), usize> = HashMap::new();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (is_new, parts) in [(false, old_parts), (true, new_parts)] {
        for (count, part) in parts.into_iter().enumerate() {
            if count % 4_096 == 0 {
                asking.go_on()?;
            }
            let code = lineage.kind_code(part.node);
            let name = logical_name(lineage, part.node);
            // the last code stands for many kinds
            let kind = if code == u8::MAX { lineage.kind(part.node) } else { "" };
            let place = *places.entry((code, kind, name)).or_insert_with(|| {
                groups.push(Group { name, ..Group::default() });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(place) {
                if is_new { &mut group.new } else { &mut group.old }.push(part);
            }
        }
    }
    for (count, group) in groups.iter_mut().enumerate() {
        if count % 4_096 == 0 {
            asking.go_on()?;
        }
        let folded = group.is_folded();
        for (closure, parts) in [(old, &mut group.old), (new, &mut group.new)] {
            if folded {
                // of what is told as one only the nearest is looked at
                let nearest = parts.iter().enumerate().min_by_key(|(_, part)| (part.distance, part.node));
                if let Some(at) = nearest.map(|(at, _)| at) {
                    parts.swap(0, at);
                }
            } else if parts.len() > 1 {
                in_order(lineage, closure, parts);
            }
        }
    }
    Ok(groups)
}

/// By distance, then by the relation by which they hang, then the newest first.
fn in_order(lineage: &Lineage, closure: &Closure, parts: &mut [Part]) {
    let relation = |part: &Part| closure.hanging(lineage, part).map(|link| link.relation).min();
    parts.sort_by_cached_key(|part| {
        (
            part.distance,
            relation(part),
            Reverse((lineage.at(part.node), Natural(version(lineage, part.node)))),
            part.node,
        )
    });
}

/// What an artefact is called whatever its version: of a run the job it is an instance of, else its name
/// without the date or number at its end.
pub(super) fn logical_name(lineage: &Lineage, node: Node) -> &str {
    if lineage.kind(node) != Kind::Run.as_str() {
        return lineage.name(node);
    }
    let mut jobs = lineage.upstream(node).filter(|link| link.relation == Relation::InstanceOf.as_str());
    jobs.next().map_or_else(|| without_date(lineage.name(node)), |link| lineage.name(link.to))
}

/// `train/2026-11-18` is a `train`.
fn without_date(name: &str) -> &str {
    let cut = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || "-_:.TZ/+@#".contains(letter));
    // a separator must stand before it: `resnet50` is a name
    match name[cut.len()..].chars().next() {
        Some(first) if !cut.is_empty() && !first.is_ascii_digit() && !first.is_ascii_alphabetic() => cut,
        _ => name,
    }
}

/// What tells an artefact from others of its name.
pub(super) fn version(lineage: &Lineage, node: Node) -> &str {
    match lineage.version(node) {
        Some(version) if lineage.kind(node) != Kind::Run.as_str() => version,
        _ => lineage.name(node),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_a_job_is_called_what_is_before_its_date() {
        for (name, logical) in [
            ("train/2026-11-18", "train"),
            ("train-2026-11-18T05:50:11Z", "train"),
            ("resnet50", "resnet50"),
            ("nightly_17", "nightly"),
            ("2026-11-18", "2026-11-18"),
            ("train", "train"),
        ] {
            assert_eq!(without_date(name), logical);
        }
    }
}
