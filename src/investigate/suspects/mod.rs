//! What separates the bad from the good (Ochiai over ancestor sets). It marks nothing.

mod causes;
mod next;
mod observed;
mod rank;

#[cfg(test)]
mod causes_tests;
#[cfg(test)]
mod tests;

use crate::graph::Node;
use crate::graph::entry::{Entry, entries};
use crate::graph::walk::{Along, Bounds, Way, walk};
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::marks::in_no_lineage;
use crate::investigate::order;
use crate::investigate::question::Suspects;
use crate::investigate::rows::{SuspectRow, SuspectsSummary};
use crate::investigate::wording::{self, count};
use crate::model::Time;
use observed::Observation;
use rank::{Found, Spectrum};
use std::cmp::Reverse;
use std::collections::HashMap;

/// A suspect with the way to it from the nearest bad artefact.
struct Traced {
    found: Found,
    path: Vec<Node>,
    entered: Entry,
    claim: Option<u64>,
}

/// Answers it: everything upstream of what misbehaves, what separates it best from what does not first,
/// then the nearest, then what entered last, then what came to be last, then by id.
///
/// # Errors
/// When an id is unknown, nothing is bad, something is both, claims cannot be read, or it was cancelled.
pub fn suspects(asking: &Asking<'_>, question: &Suspects) -> Result<Answer<SuspectRow, SuspectsSummary>, Unanswered> {
    let observed = observed::observe(asking, question)?;
    let spectrum = Spectrum::of(asking, &observed.bad, &observed.good)?;
    let ranking = spectrum.rank(asking.lineage, &question.kinds);
    asking.go_on()?;
    let first = spectrum.first(asking.lineage, &ranking, question.limit);
    let mut traced = trace(asking, &observed.bad, &spectrum, first)?;
    let born = |it: &Traced| asking.lineage.at(it.found.node);
    traced.sort_by_key(|it| {
        (it.found.class, it.found.distance, Reverse(it.entered.stated), Reverse(born(it)), it.found.node)
    });
    traced.truncate(question.limit);
    let alike = spectrum.alike(asking.lineage, traced.iter().map(|it| it.found.node));
    let rows: Vec<SuspectRow> = traced
        .into_iter()
        .map(|it| {
            let (bad, good) = it.found.counts;
            SuspectRow {
                row: asking.row(it.found.node),
                score: rank::ochiai(bad, good, observed.bad.len() as u64),
                bad,
                good,
                distance: it.found.distance,
                since: it.entered.stated,
                or_earlier: it.entered.or_earlier(),
                path: it.path.iter().map(|node| asking.lineage.id(*node).to_owned()).collect(),
                certain: it.found.certain,
                alike: alike.get(&it.found.node).copied().unwrap_or(0),
                claim: it.claim.map(|claim| asking.claim(claim)),
            }
        })
        .collect();
    let best = spectrum.best(asking.lineage);
    let next = next::next(asking, &observed, &best)?;
    let causes = causes::causes(asking, &observed, &spectrum, &best)?;
    let mut because = observed.because;
    because.extend(asking.marks.strays(asking.as_of).map(in_no_lineage));
    because.extend(doubts(asking, &ranking, rows.len()));
    let mut completeness = Completeness::between(ranking.certain, ranking.total, because);
    completeness.leave_open(uncounted(asking, &spectrum));
    let seen = |all: &[Observation]| all.iter().map(|it| it.row(asking)).collect();
    let summary = SuspectsSummary { bad: seen(&observed.bad), good: seen(&observed.good), next, causes };
    Ok(Answer { rows, completeness, summary })
}

/// When each of these was first rested on by any of the bad, each in the state it is judged by.
fn entered(
    asking: &Asking<'_>,
    bad: &[Observation],
    spectrum: &Spectrum,
    of: &[Node],
) -> Result<HashMap<Node, Entry>, Unanswered> {
    let mut moments: HashMap<Time, Vec<Node>> = HashMap::new();
    for it in bad {
        moments.entry(it.at).or_default().push(it.start);
    }
    let mut first: HashMap<Node, Entry> = HashMap::new();
    for (at, starts) in moments {
        let within = |node: Node| spectrum.bad_count(node) > 0;
        for (node, entry) in entries(asking.lineage, &starts, at, of, within, asking.cancel)? {
            first.entry(node).and_modify(|it| *it = it.first(entry)).or_insert(entry);
        }
    }
    Ok(first)
}

/// The way to each: from those of the bad that are judged by one moment in one walk, no farther than needed.
fn trace(
    asking: &Asking<'_>,
    bad: &[Observation],
    spectrum: &Spectrum,
    found: Vec<Found>,
) -> Result<Vec<Traced>, Unanswered> {
    let nodes: Vec<Node> = found.iter().map(|it| it.node).collect();
    let entered = entered(asking, bad, spectrum, &nodes)?;
    let mut moments: HashMap<Time, Vec<Found>> = HashMap::new();
    for it in found {
        moments.entry(it.at).or_default().push(it);
    }
    let mut traced = Vec::new();
    for (at, found) in moments {
        let starts: Vec<Node> = bad.iter().filter(|it| it.at == at).map(|it| it.start).collect();
        let depth = found.iter().map(|it| it.distance).max().unwrap_or(0);
        let nodes: Vec<Node> = found.iter().map(|it| it.node).collect();
        let bounds = Bounds { depth, ..Bounds::NONE };
        let along = Along::state(at);
        let up = |along: &Along| walk(asking.lineage, &starts, Way::Up, along, bounds, asking.cancel);
        let mut possible = up(&along)?.paths(&nodes);
        let mut certain = up(&along.surely())?.paths(&nodes);
        for found in found {
            let path = possible.remove(&found.node).unwrap_or_default();
            // where an equally short way is sure, it is shown
            let sure = certain.remove(&found.node).filter(|sure| sure.len() == path.len());
            let along = if sure.is_some() { along.surely() } else { along };
            let path = sure.unwrap_or(path);
            let link = |hop: &[Node]| order::hop_link(asking.lineage, (hop[0], hop[1]), &along, at);
            let last = path.windows(2).last().and_then(link);
            let entered = entered.get(&found.node).copied().unwrap_or_default();
            traced.push(Traced { found, path, entered, claim: last.map(|link| link.claim) });
        }
    }
    Ok(traced)
}

/// What the bad rest on, nobody says on what that rests.
fn uncounted(asking: &Asking<'_>, spectrum: &Spectrum) -> impl Iterator<Item = String> + use<> {
    let unseen = asking.lineage.all_absences().filter(|it| spectrum.bad_count(it.about) > 0);
    let unseen = wording::untold(asking.lineage, unseen).into_iter();
    unseen.map(|says| format!("not counted: {says}, and the cause may lie there"))
}

/// Why there may be fewer suspects, or more.
fn doubts(asking: &Asking<'_>, ranking: &rank::Ranking, shown: usize) -> Vec<String> {
    let mut because = Vec::new();
    let doubtful = (ranking.total - ranking.certain) as usize;
    if doubtful > 0 {
        let what = count(doubtful, "artefact");
        let links = wording::unsure_links(asking.lineage);
        because.push(format!("{what} upstream of some of the bad only over {links}"));
    }
    if ranking.mentioned > 0 {
        let what = count(ranking.mentioned as usize, "artefact");
        because.push(format!("{what} only mentioned, described by nobody: the cause may lie beyond"));
    }
    if (shown as u64) < ranking.total {
        because.push(format!("the first {} are listed", count(shown, "row")));
    }
    because
}
