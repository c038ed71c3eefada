//! How sure the list is, in sentences: what hangs on undated links, what nobody disclosed, what was cut.
//! It counts no row.

use crate::graph::Node;
use crate::graph::walk::Cancelled;
use crate::investigate::asking::Asking;
use crate::investigate::diff::closure::Closure;
use crate::investigate::diff::draft::Drafts;
use crate::investigate::diff::within::MOST_PAIRS;
use crate::investigate::wording::{count, some_of, unsure_links, why_untold};
use std::collections::BTreeMap;

/// What is in doubt, and what could not be seen.
pub(super) fn because(
    asking: &Asking<'_>,
    (old, new): (&Closure, &Closure),
    found: &Drafts<'_>,
) -> Result<Vec<String>, Cancelled> {
    let mut because = Vec::new();
    let doubtful = found.drafts.iter().filter(|draft| !draft.certain() && draft.hidden_by.is_none()).count();
    if doubtful > 0 {
        let what = count(doubtful, "row");
        because.push(format!("{what} only over {}", unsure_links(asking.lineage)));
    }
    if found.doubtful > 0 {
        let what = count(found.doubtful as usize, "artefact");
        because.push(format!("{what} on both sides, but on one of them only over such links: that may differ too"));
    }
    because.extend(hidden(asking, found));
    for side in [old, new] {
        let at = asking.lineage.at(side.root).filter(|at| *at > side.at);
        because.extend(at.map(|at| format!("{} came to be {at}, after {}", asking.lineage.id(side.root), side.at)));
        if old.root == new.root {
            break;
        }
    }
    because.extend(undisclosed(asking, old, new));
    let mentioned = mentioned(asking, old, new)?;
    if !mentioned.is_empty() {
        let names = some_of(mentioned.iter().take(3).map(|node| asking.lineage.id(*node)), mentioned.len());
        let verb = if mentioned.len() == 1 { "is" } else { "are" };
        because.push(format!("{names} {verb} only mentioned, described by nobody: a change below would not show"));
    }
    Ok(because)
}

/// What looks removed and may only not be stated.
fn hidden(asking: &Asking<'_>, found: &Drafts<'_>) -> Option<String> {
    let mut by: Vec<Node> = found.drafts.iter().filter_map(|draft| draft.hidden_by).collect();
    let what = count(by.len(), "row");
    by.sort_unstable();
    by.dedup();
    let names = some_of(by.iter().map(|node| asking.lineage.id(*node)), by.len());
    (!by.is_empty()).then(|| format!("{what} may not be gone: nobody says what {names} is made of"))
}

/// What sources say cannot be told of something that either side rests on.
fn undisclosed(asking: &Asking<'_>, old: &Closure, new: &Closure) -> Vec<String> {
    let lineage = asking.lineage;
    let mut by: BTreeMap<&str, Vec<(Node, &str)>> = BTreeMap::new();
    for it in lineage.all_absences().filter(|it| it.why != "none") {
        if [old, new].iter().any(|side| side.set().contains(it.about)) {
            by.entry(it.why).or_default().push((it.about, it.relation));
        }
    }
    let sentence = |(why, mut what): (&str, Vec<(Node, &str)>)| {
        what.dedup();
        let names: Vec<String> =
            what.iter().take(3).map(|(node, relation)| format!("{} was {relation}", lineage.id(*node))).collect();
        let names = some_of(names.iter().map(String::as_str), what.len());
        let why = why_untold(why);
        format!("what {names} is {why}: a change there would not show")
    };
    by.into_iter().map(sentence).collect()
}

/// What nobody described on either side.
fn mentioned(asking: &Asking<'_>, old: &Closure, new: &Closure) -> Result<Vec<Node>, Cancelled> {
    let lineage = asking.lineage;
    let mut found: Vec<Node> = Vec::new();
    for (side, other) in [(new, None), (old, Some(new))] {
        asking.go_on()?;
        let fresh = |node: &Node| other.is_none_or(|other| !other.set().contains(*node));
        found.extend(side.set().iter().filter(|node| !lineage.described(*node)).filter(fresh));
    }
    Ok(found)
}

/// What was left out to keep the answer short.
pub(super) fn cut(listed: usize, total: usize, unread: usize) -> Vec<String> {
    let mut because = Vec::new();
    if listed < total {
        let first = count(listed, "row");
        because.push(format!("the nearest {first} are listed, first of all those about which something did not pass"));
    }
    if unread > 0 {
        let (read, unread) = (count(MOST_PAIRS, "pair"), count(unread, "pair"));
        because.push(format!(
            "parameters, metrics and evidence of the nearest {read} are compared, of {unread} further away not"
        ));
    }
    because
}
