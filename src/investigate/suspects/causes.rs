//! Whether one thing can be behind all the bad, and where none can, which few things explain them (a greedy
//! cover). It ranks nothing.

use crate::graph::{Lineage, Node};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::rows::{CauseGroup, Causes};
use crate::investigate::suspects::entered;
use crate::investigate::suspects::observed::Both;
use crate::investigate::suspects::rank::{Spectrum, better};
use std::cmp::Reverse;
use std::collections::HashMap;

/// The most groups that are told.
const MOST_GROUPS: usize = 8;
/// Of so many that explain as much the one that entered last is taken.
const MOST_ALIKE: usize = 500;

/// Suspects that exactly the same bad and good rest on: one of them explains as much as any other.
struct Alike {
    bad: u64,
    good: u64,
    many: u64,
    /// How far the nearest is, and the first of these.
    far: u32,
    first: Node,
}

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
    let alike = alike(lineage, spectrum);
    asking.go_on()?;
    let mut left = vec![true; all];
    let mut chosen: Vec<(&Alike, Vec<usize>)> = Vec::new();
    while chosen.len() < MOST_GROUPS {
        let Some(it) = explains_most(spectrum, &alike, &left) else { break };
        let of: Vec<usize> = spectrum.bad_places(it.first).filter(|place| left[*place]).collect();
        of.iter().for_each(|place| left[*place] = false);
        chosen.push((it, of));
    }
    if chosen.iter().any(|(_, of)| of.len() == all) {
        // nothing explains them better than what lies under good ones too
        return Ok(None);
    }
    let id = |place: &usize| lineage.id(observed.bad[*place].shown).to_owned();
    let nodes = shown(asking, observed, spectrum, chosen.iter().map(|(it, _)| *it))?;
    let group = |((it, of), node): ((&Alike, Vec<usize>), Node)| CauseGroup {
        row: asking.row(node),
        bad: of.iter().map(id).collect(),
        good: it.good,
        alike: it.many - 1,
    };
    let groups = chosen.into_iter().zip(nodes).map(group).collect();
    let unexplained = (0..all).filter(|place| left[*place]).map(|place| id(&place)).collect();
    Ok(Some(Causes { says: says(lineage, observed, &alike), groups, unexplained }))
}

/// All suspects by which bad and good rest on them, in no order that matters.
fn alike(lineage: &Lineage, spectrum: &Spectrum) -> Vec<Alike> {
    let mut places: HashMap<(u64, u64), usize> = HashMap::new();
    let mut alike: Vec<Alike> = Vec::new();
    for node in lineage.nodes() {
        let Some((bad, good)) = spectrum.counts(node) else { continue };
        let far = spectrum.nearest(node).map_or(0, |(far, _)| far);
        let place = *places.entry(spectrum.set(node)).or_insert_with(|| {
            alike.push(Alike { bad, good, many: 0, far, first: node });
            alike.len() - 1
        });
        let it = &mut alike[place];
        it.many += 1;
        if far < it.far {
            (it.far, it.first) = (far, node);
        }
    }
    alike
}

fn says(lineage: &Lineage, observed: &Both, alike: &[Alike]) -> String {
    let (bad, good) = (observed.bad.len(), observed.good.len());
    let shared = alike.iter().filter(|it| it.bad == bad as u64).min_by_key(|it| (it.good, it.far, it.first));
    match shared {
        None => format!(
            "nothing on record lies under all {bad} of the bad: there is more than one cause, or one that nobody recorded"
        ),
        Some(it) => format!(
            "what lies under all {bad} of the bad lies under good ones too ({}, under {} of {good}): there may be more \
             than one cause",
            lineage.id(it.first),
            it.good
        ),
    }
}

/// What explains most of those left: what lies under no good before all others, then by how well it separates
/// them, then the nearest.
fn explains_most<'s>(spectrum: &Spectrum, alike: &'s [Alike], left: &[bool]) -> Option<&'s Alike> {
    let explains = |it: &Alike| spectrum.bad_places(it.first).filter(|place| left[*place]).count() as u64;
    let some = alike.iter().map(|it| (explains(it), it)).filter(|(bad, _)| *bad > 0);
    let order = |(bad, it): &(u64, &Alike), (other_bad, other): &(u64, &Alike)| {
        let separates = better(&(*bad, it.good), &(*other_bad, other.good));
        let shared = (it.good > 0).cmp(&(other.good > 0));
        shared.then(separates).then((it.far, it.first).cmp(&(other.far, other.first)))
    };
    some.min_by(order).map(|(_, it)| it)
}

/// Of each of these the one that is listed first: of the nearest what entered last.
fn shown<'s>(
    asking: &Asking<'_>,
    observed: &Both,
    spectrum: &Spectrum,
    chosen: impl Iterator<Item = &'s Alike>,
) -> Result<Vec<Node>, Unanswered> {
    let chosen: Vec<(&Alike, (u64, u64))> = chosen.map(|it| (it, spectrum.set(it.first))).collect();
    let mut nearest: Vec<Vec<Node>> = vec![Vec::new(); chosen.len()];
    for node in asking.lineage.nodes().filter(|node| spectrum.counts(*node).is_some()) {
        let set = spectrum.set(node);
        if let Some(at) = chosen.iter().position(|(_, wanted)| *wanted == set)
            && nearest[at].len() < MOST_ALIKE
            && spectrum.nearest(node).is_some_and(|(far, _)| far == chosen[at].0.far)
        {
            nearest[at].push(node);
        }
    }
    let of: Vec<Node> = nearest.iter().flatten().copied().collect();
    let since = entered(asking, &observed.bad, spectrum, &of)?;
    let when = |node: &Node| since.get(node).and_then(|it| it.stated);
    let order = |node: &Node| (Reverse(when(node)), Reverse(asking.lineage.at(*node)), *node);
    let first =
        |(nodes, (it, _)): (&Vec<Node>, &(&Alike, _))| nodes.iter().copied().min_by_key(order).unwrap_or(it.first);
    Ok(nearest.iter().zip(&chosen).map(first).collect())
}
