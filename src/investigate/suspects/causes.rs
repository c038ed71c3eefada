//! Whether one thing can be behind all the bad, and where none can, which few things explain them (a greedy
//! cover). It ranks nothing.

use crate::graph::{Lineage, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::rows::{CauseGroup, Causes};
use crate::investigate::suspects::entered;
use crate::investigate::suspects::observed::Both;
use crate::investigate::suspects::rank::{Spectrum, better};
use std::cmp::{Ordering, Reverse};

/// The most groups that are told.
const MOST_GROUPS: usize = 8;
/// Of so many that explain as much the one that entered last is taken.
const MOST_ALIKE: usize = 500;

/// What explains the bad where nothing lies under all of them and under none of the good. `best` are the
/// suspects with the best score.
pub(super) fn causes(
    asking: &Asking<'_>,
    observed: &Both,
    spectrum: &Spectrum,
    best: &[Node],
) -> Result<Option<Causes>, Unanswered> {
    let all = observed.bad.len();
    let top = best.first().and_then(|node| spectrum.counts(*node));
    if all < 2 || top.is_none_or(|top| top == (all as u64, 0)) {
        return Ok(None);
    }
    let lineage = asking.lineage;
    let mut left = vec![true; all];
    let mut groups: Vec<(Node, Vec<usize>)> = Vec::new();
    while groups.len() < MOST_GROUPS {
        asking.go_on()?;
        let Some(node) = explains_most(asking, observed, spectrum, &left)? else { break };
        let of: Vec<usize> = spectrum.bad_places(node).filter(|place| left[*place]).collect();
        of.iter().for_each(|place| left[*place] = false);
        groups.push((node, of));
    }
    if groups.iter().any(|(_, of)| of.len() == all) {
        // nothing explains them better than what lies under good ones too
        return Ok(None);
    }
    let id = |place: &usize| lineage.id(observed.bad[*place].shown).to_owned();
    let alike = spectrum.alike(lineage, groups.iter().map(|(node, _)| *node));
    let group = |(node, of): (Node, Vec<usize>)| CauseGroup {
        row: asking.row(node),
        bad: of.iter().map(id).collect(),
        good: spectrum.counts(node).map_or(0, |(_, good)| good),
        alike: alike.get(&node).copied().unwrap_or(0),
    };
    let says = says(lineage, observed, spectrum);
    let unexplained = (0..all).filter(|place| left[*place]).map(|place| id(&place)).collect();
    Ok(Some(Causes { says, groups: groups.into_iter().map(group).collect(), unexplained }))
}

fn says(lineage: &Lineage, observed: &Both, spectrum: &Spectrum) -> String {
    let (bad, good) = (observed.bad.len(), observed.good.len());
    let shared = lineage.nodes().filter_map(|node| {
        let (under, good) = spectrum.counts(node).filter(|(under, _)| *under == bad as u64)?;
        Some((good, spectrum.nearest(node).map_or(0, |(far, _)| far), node, under))
    });
    match shared.min() {
        None => format!(
            "nothing on record lies under all {bad} of the bad: there is more than one cause, or one that nobody recorded"
        ),
        Some((under, _, node, _)) => format!(
            "what lies under all {bad} of the bad lies under good ones too ({}, under {under} of {good}): there may be \
             more than one cause",
            lineage.id(node)
        ),
    }
}

/// The suspect that explains most of those left: one under no good before all others, then by how well it
/// separates them, then as suspects are listed.
fn explains_most(
    asking: &Asking<'_>,
    observed: &Both,
    spectrum: &Spectrum,
    left: &[bool],
) -> Result<Option<Node>, Unanswered> {
    let mut best: Option<(bool, (u64, u64), u32)> = None;
    let mut alike: Vec<Node> = Vec::new();
    for node in asking.lineage.nodes() {
        let Some((_, good)) = spectrum.counts(node) else { continue };
        let bad = spectrum.bad_places(node).filter(|place| left[*place]).count() as u64;
        if bad == 0 {
            continue;
        }
        let far = spectrum.nearest(node).map_or(0, |(far, _)| far);
        let order = best.map_or(Ordering::Less, |(shared, counts, distance)| {
            let first = (good > 0).cmp(&shared).then_with(|| better(&(bad, good), &counts));
            first.then(far.cmp(&distance))
        });
        match order {
            Ordering::Less => {
                best = Some((good > 0, (bad, good), far));
                alike = vec![node];
            }
            Ordering::Equal if alike.len() < MOST_ALIKE => alike.push(node),
            _ => {}
        }
    }
    let since = entered(asking, &observed.bad, spectrum, &alike)?;
    let when = |node: &Node| since.get(node).and_then(|it| it.stated);
    Ok(alike.into_iter().min_by_key(|node| (Reverse(when(node)), Reverse(asking.lineage.at(*node)), *node)))
}
