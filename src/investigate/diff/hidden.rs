//! What looks removed and may be there still: it hung on something whose successor nobody describes that far. It
//! decides nothing of what is on both sides.

use crate::graph::Node;
use crate::investigate::asking::Asking;
use crate::investigate::diff::closure::{Closure, Part};
use crate::investigate::diff::draft::Draft;
use crate::investigate::rows::Change;
use crate::model::Relation;
use std::collections::HashMap;

/// Marks what is gone only because nobody says what took the place of what it hung on is made of.
pub(super) fn mark(asking: &Asking<'_>, old: &Closure, new: &Closure, drafts: &mut [Draft<'_>]) {
    let pairs = drafts.iter().filter_map(Draft::pair).map(|(old, new)| (old.node, new.node));
    let mut successor: HashMap<Node, Node> = pairs.collect();
    if old.root != new.root {
        successor.insert(old.root, new.root);
    }
    let mut gone: Vec<(u32, usize, Part)> = drafts
        .iter()
        .enumerate()
        .filter(|(_, draft)| draft.change == Change::Removed)
        .filter_map(|(at, draft)| draft.old.map(|part| (part.distance, at, part)))
        .collect();
    gone.sort_unstable_by_key(|it| (it.0, it.1));
    // what hides a part hides what hangs on that too
    let mut behind: HashMap<Node, Node> = HashMap::new();
    for (_, at, part) in gone {
        let by = behind.get(&part.from).copied().or_else(|| {
            let successor = successor.get(&part.from).copied().filter(|_| !new.holds(part.from))?;
            is_silent(asking, old, new, &part, successor).then_some(successor)
        });
        let Some(by) = by else { continue };
        behind.insert(part.node, by);
        if let Some(draft) = drafts.get_mut(at) {
            draft.hidden_by = Some(by);
        }
    }
}

/// Whether nobody says of a successor what it rests on, or, of what a part was contained in, what it contains.
fn is_silent(asking: &Asking<'_>, old: &Closure, new: &Closure, part: &Part, successor: Node) -> bool {
    let contains = |relation: &str| relation == Relation::Contains.as_str();
    let contained = old.hanging(asking.lineage, part).all(|link| contains(link.relation));
    let along = new.along(false);
    let mut said = asking.lineage.upstream(successor).filter(|link| link.carries_impact && along.admits(link));
    !said.any(|link| !contained || contains(link.relation))
}
