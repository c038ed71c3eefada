//! Everything downstream of what is bad. It never runs through a bare name, and lists no artefact
//! that was asked about.

use crate::graph::arrival::{Arrivals, arrivals, passes};
use crate::graph::walk::{Along, Bounds, Walk, Way, walk};
use crate::graph::{Held, Lineage, LinkRef, Node};
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::marks::together;
use crate::investigate::question::Impact;
use crate::investigate::rows::{Group, ImpactRow, ImpactSummary};
use crate::investigate::wording::{self, count};
use crate::investigate::{contacts, credential, order};
use crate::model::{Kind, MarkKind, Window};
use std::collections::HashMap;

/// The most that is reached for the order of dates along ways to be looked at.
const MOST_IN_ORDER: usize = 200_000;

/// Two walks of one question: what certainly counts, and what may. Without a window they are one.
struct Reach {
    certain: Option<Walk>,
    possible: Walk,
    ordered: Ordered,
}

/// What links in order of their dates come to.
enum Ordered {
    /// No way can be out of order.
    Always,
    /// Too much is reached for looking.
    Unknown,
    /// Some ways are out of order: what is reached for sure nevertheless, and what may be.
    Partly(Arrivals, Arrivals),
}

impl Reach {
    fn of(asking: &Asking<'_>, starts: &[Node], window: Window) -> Result<Reach, Unanswered> {
        let lineage = asking.lineage;
        let along = |at_least| Along { window, at_least, ..Along::impact() };
        let reached = |at_least| walk(lineage, starts, Way::Down, &along(at_least), Bounds::NONE, asking.cancel);
        let possible = reached(Held::Possibly)?;
        let certain = if window.is_open() { None } else { Some(reached(Held::Certainly)?) };
        asking.go_on()?;
        let arrive = |at_least| arrivals(lineage, starts, window.since, &along(at_least), asking.cancel);
        let ordered = if !lineage.has_ends() {
            Ordered::Always
        } else if possible.len() > MOST_IN_ORDER {
            Ordered::Unknown
        } else if lineage.has_ends_in(&possible) {
            Ordered::Partly(arrive(Held::Certainly)?, arrive(Held::Possibly)?)
        } else {
            Ordered::Always
        };
        Ok(Reach { certain, possible, ordered })
    }

    fn certainly(&self, node: Node) -> bool {
        self.certain.as_ref().is_none_or(|walk| walk.contains(node))
            && !matches!(&self.ordered, Ordered::Partly(sure, _) if !sure.contains(node))
    }

    /// Whether every way to it had ended before what is bad could take it.
    fn too_late(&self, node: Node) -> bool {
        matches!(&self.ordered, Ordered::Partly(_, maybe) if !maybe.contains(node))
    }
}

/// Answers what these artefacts reach.
///
/// # Errors
/// When an id is unknown, or it was cancelled.
pub fn impact(asking: &Asking<'_>, question: &Impact) -> Result<Answer<ImpactRow, ImpactSummary>, Unanswered> {
    let mut starts = question.of.iter().map(|id| asking.node(id)).collect::<Result<Vec<Node>, _>>()?;
    starts.sort_unstable();
    starts.dedup();
    let (window, window_from) = window(asking, &starts, &question.window);
    let along = |at_least| Along { window, at_least, ..Along::impact() };
    let reach = Reach::of(asking, &starts, window)?;
    asking.go_on()?;

    let table = Table::new(asking.lineage, &question.kinds);
    let asked = |node: Node| starts.binary_search(&node).is_ok();
    let tally = tally(asking.lineage, &reach, &asked, &table);
    let mut nodes = first(asking.lineage, &reach, &asked, &table, question.limit);
    let mut paths = ways(asking, &reach.possible, &nodes, &along(Held::Possibly));
    if let Some(certain) = &reach.certain {
        // where it certainly counts, the path shows why
        let sure: Vec<Node> = nodes.iter().copied().filter(|node| reach.certainly(*node)).collect();
        paths.extend(ways(asking, certain, &sure, &along(Held::Certainly)));
    }
    if let Ordered::Partly(sure, _) = &reach.ordered {
        let surely = along(Held::Certainly);
        for (node, path) in paths.iter_mut().filter(|(node, _)| reach.certainly(**node)) {
            if !in_order(asking.lineage, path, &surely) {
                *path = sure.path(*node);
            }
        }
        // a way in order may be longer than the shortest of all
        let far = |node: &Node| paths.get(node).map_or(0, Vec::len);
        let codes = asking.lineage.kind_codes();
        nodes.sort_by_key(|node| (!table.consequence[usize::from(codes[node.index()])], far(node), *node));
    }
    let unseen = unseen(asking, &reach, &paths, &nodes, &window);
    let rows: Vec<ImpactRow> =
        nodes.iter().map(|node| row(asking, &reach, *node, paths.remove(node).unwrap_or_default(), &window)).collect();
    let mut because = because(asking.lineage, &tally, &reach, unseen, rows.len());
    let ingredient = starts.iter().any(|node| Kind::parse(asking.lineage.kind(*node)).is_ingredient());
    let untold = if ingredient { untold(asking.lineage, &reach) } else { Vec::new() };
    let mut credentials = Vec::new();
    for node in starts.iter().filter(|node| Kind::parse(asking.lineage.kind(**node)).is_credential()) {
        credentials.push(credential::used(asking, *node, &window, &mut because)?);
    }
    let (by_kind, by_environment, by_owner) = tally.groups(asking.lineage);
    let contacts = contacts::contacts(asking, &by_owner, &mut because)?;
    let mut completeness = Completeness::between(tally.certain, tally.possible, because);
    completeness.leave_open(untold);
    let of = starts.iter().map(|node| asking.lineage.id(*node).to_owned()).collect();
    let summary = ImpactSummary { of, window, by_kind, by_environment, by_owner, window_from, contacts, credentials };
    Ok(Answer { rows, completeness, summary })
}

/// The window to judge by, and whose it is: where none is asked about and everything asked about is marked
/// bad with a window, what these windows span together.
fn window(asking: &Asking<'_>, starts: &[Node], asked: &Window) -> (Window, Option<String>) {
    let plain = (asking.window(asked), None);
    if !asked.is_open() || starts.is_empty() {
        return plain;
    }
    let marks: Option<Vec<(Window, Vec<&str>)>> = starts.iter().map(|node| bad_marks(asking, *node)).collect();
    let Some(marks) = marks.filter(|marks| marks.iter().all(|(window, _)| !window.is_open())) else {
        return plain;
    };
    let Some(union) = marks.iter().map(|(window, _)| *window).reduce(together).filter(|it| !it.is_open()) else {
        return plain;
    };
    let names: Vec<&str> = marks.into_iter().flat_map(|(_, names)| names).collect();
    let word = if names.len() == 1 { "mark" } else { "marks" };
    (asking.window(&union), Some(format!("{word} {}", names.join(", "))))
}

/// When an artefact was bad by the marks of the strongest kind that holds, and which these are.
fn bad_marks<'a>(asking: &Asking<'a>, node: Node) -> Option<(Window, Vec<&'a str>)> {
    let held = asking.marks.on(node, asking.as_of);
    let kind = held.into_iter().find(|mark| matches!(mark, MarkKind::Compromised | MarkKind::Suspect))?;
    let names = asking.marks.all_holding_on(node, kind, asking.as_of).map(|it| it.name.as_str());
    Some((asking.marks.window_on(node, kind, asking.as_of), names.collect()))
}

/// Per kind code: whether it is asked for, and whether it is a consequence.
struct Table {
    wanted: [bool; 256],
    consequence: [bool; 256],
    kinds: Vec<String>,
}

impl Table {
    fn new(lineage: &Lineage, kinds: &[String]) -> Table {
        let mut table = Table { wanted: [false; 256], consequence: [false; 256], kinds: kinds.to_vec() };
        for code in 0..=u8::MAX {
            let word = lineage.kind_of_code(code);
            table.wanted[usize::from(code)] = kinds.is_empty() || kinds.iter().any(|kind| kind == word);
            table.consequence[usize::from(code)] = Kind::parse(word).is_consequence();
        }
        table
    }

    fn wants(&self, lineage: &Lineage, node: Node, code: u8) -> bool {
        self.wanted[usize::from(code)] || (code == u8::MAX && self.kinds.iter().any(|kind| kind == lineage.kind(node)))
    }
}

/// Counts along the way, by codes; words only at the end.
struct Tally {
    certain: u64,
    possible: u64,
    mentioned: usize,
    too_late: usize,
    kinds: [(u64, u64); 256],
    facts: Vec<(u64, u64)>,
}

impl Tally {
    fn groups(&self, lineage: &Lineage) -> (Vec<Group>, Vec<Group>, Vec<Group>) {
        let mut kinds: HashMap<&str, (u64, u64)> = HashMap::new();
        for (code, counts) in self.kinds.iter().enumerate().filter(|(_, counts)| counts.1 > 0) {
            let word = if code == 255 { "(other kinds)" } else { lineage.kind_of_code(code as u8) };
            kinds.insert(word, *counts);
        }
        let (mut environments, mut owners) = (HashMap::new(), HashMap::new());
        for (code, counts) in self.facts.iter().enumerate().filter(|(_, counts)| counts.1 > 0) {
            let [owner, environment, _] = lineage.facts_of_code(code as u32);
            for (map, word) in [(&mut owners, owner), (&mut environments, environment)] {
                let sum: &mut (u64, u64) = map.entry(word.unwrap_or("(none stated)")).or_default();
                *sum = (sum.0 + counts.0, sum.1 + counts.1);
            }
        }
        let mut kinds = sorted(kinds);
        kinds.sort_by_key(|group| consequence(&Kind::parse(&group.name)));
        (kinds, sorted(environments), sorted(owners))
    }
}

/// Where a kind stands among what is hit: what people act on first.
fn consequence(kind: &Kind) -> usize {
    let order = [Kind::Deployment, Kind::UseCase, Kind::Endpoint, Kind::Step];
    order.iter().position(|it| it == kind).unwrap_or(order.len())
}

fn sorted(groups: HashMap<&str, (u64, u64)>) -> Vec<Group> {
    let group = |(name, (at_least, at_most)): (&str, (u64, u64))| Group { name: name.to_owned(), at_least, at_most };
    let mut groups: Vec<Group> = groups.into_iter().map(group).collect();
    groups.sort_by(|a, b| b.at_most.cmp(&a.at_most).then_with(|| a.name.cmp(&b.name)));
    groups
}

/// Counts everything reached, in the order of the index: lists are then read from front to back.
fn tally(lineage: &Lineage, reach: &Reach, asked: &impl Fn(Node) -> bool, table: &Table) -> Tally {
    let facts = vec![(0, 0); lineage.facts_len()];
    let mut tally = Tally { certain: 0, possible: 0, mentioned: 0, too_late: 0, kinds: [(0, 0); 256], facts };
    let codes = lineage.kind_codes();
    for node in reach.possible.set().iter().filter(|node| !asked(*node)) {
        let code = codes[node.index()];
        if !table.wants(lineage, node, code) {
            continue;
        }
        let one = u64::from(reach.certainly(node));
        tally.certain += one;
        tally.possible += 1;
        tally.too_late += usize::from(reach.too_late(node));
        tally.mentioned += usize::from(!lineage.described(node));
        let sums = [Some(&mut tally.kinds[usize::from(code)]), tally.facts.get_mut(lineage.facts_code(node) as usize)];
        for sum in sums.into_iter().flatten() {
            *sum = (sum.0 + one, sum.1 + 1);
        }
    }
    tally
}

/// The first rows: consequences first, then by distance, then by id. Stops at the distance that fills the limit.
fn first(lineage: &Lineage, reach: &Reach, asked: &impl Fn(Node) -> bool, table: &Table, limit: usize) -> Vec<Node> {
    let codes = lineage.kind_codes();
    let mut rows: Vec<Node> = Vec::new();
    let certain_depths = reach.certain.as_ref().map_or(0, Walk::depths);
    for consequence in [true, false] {
        for depth in 0..reach.possible.depths().max(certain_depths) {
            let room = limit - rows.len();
            if room == 0 {
                return rows;
            }
            // what is certain counts at the distance at which it is
            let certain = reach.certain.iter().flat_map(|walk| walk.at_distance(depth));
            let certain = certain.filter(|node| reach.certainly(*node));
            let doubtful = |node: &Node| reach.certain.is_none() || !reach.certainly(*node);
            let mut level: Vec<Node> = certain
                .chain(reach.possible.at_distance(depth).filter(doubtful))
                .filter(|node| {
                    let code = codes[node.index()];
                    table.consequence[usize::from(code)] == consequence
                        && table.wants(lineage, *node, code)
                        && !asked(*node)
                })
                .collect();
            if room < level.len() {
                level.select_nth_unstable(room);
                level.truncate(room);
            }
            level.sort_unstable();
            rows.append(&mut level);
        }
    }
    rows
}

fn row(asking: &Asking<'_>, reach: &Reach, node: Node, path: Vec<Node>, window: &Window) -> ImpactRow {
    let certain = reach.certainly(node);
    let at_least = if certain && reach.certain.is_some() { Held::Certainly } else { Held::Possibly };
    let along = Along { window: *window, at_least, ..Along::impact() };
    let mut hops =
        path.windows(2).filter_map(|hop| order::hop_link(asking.lineage, (hop[1], hop[0]), &along, asking.moment()));
    let last = hops.next_back();
    let hops: Vec<LinkRef<'_>> = hops.chain(last).collect();
    let since = hops.iter().filter_map(|link| link.since).max();
    let first = hops.iter().filter_map(LinkRef::earliest).max();
    ImpactRow {
        row: asking.row(node),
        distance: path.len().saturating_sub(1) as u32,
        certain,
        since,
        since_after: first.filter(|first| Some(*first) < since),
        path: path.into_iter().map(|node| asking.lineage.id(node).to_owned()).collect(),
        claim: last.map(|link| asking.claim(link.claim)),
    }
}

/// Ways to these: of equally short ones those over links that still hold.
fn ways(asking: &Asking<'_>, walk: &Walk, nodes: &[Node], along: &Along) -> HashMap<Node, Vec<Node>> {
    let moment = asking.moment();
    walk.best_paths(asking.lineage, nodes, along, |link| order::has_ended(link, moment))
}

/// Whether what is bad can have come along a path, hop by hop, over links that are sure.
fn in_order(lineage: &Lineage, path: &[Node], surely: &Along) -> bool {
    let mut arrived = surely.window.since;
    path.windows(2).all(|hop| {
        let links = lineage.between(hop[1], hop[0]).filter(|link| surely.admits(link));
        let earliest = links.filter_map(|link| passes(arrived, link.dates(false).surely())).min();
        arrived = earliest.unwrap_or(arrived);
        earliest.is_some()
    })
}

fn because(lineage: &Lineage, tally: &Tally, reach: &Reach, unseen: Vec<String>, shown: usize) -> Vec<String> {
    let mut because = Vec::new();
    let total = tally.possible as usize;
    let doubtful = total - tally.certain as usize - tally.too_late;
    if tally.too_late > 0 {
        let what = count(tally.too_late, "artefact");
        let (verb, them) = if tally.too_late == 1 { ("depends", "that one") } else { ("depend", "them") };
        because.push(format!("{what} {verb} on it only over ways that had ended before it could reach {them}"));
    }
    if matches!(reach.ordered, Ordered::Unknown) {
        let most = count(MOST_IN_ORDER, "artefact");
        because.push(format!("more than {most} reached: the order of dates along ways was not looked at"));
    }
    if doubtful > 0 {
        let what = count(doubtful, "artefact");
        because.push(format!("{what} reached only over {}", wording::unsure_links(lineage)));
        because.extend(unseen);
    }
    if tally.mentioned > 0 {
        let what = count(tally.mentioned, "artefact");
        because.push(format!("{what} only mentioned, described by nobody: more may depend there"));
    }
    if shown < total {
        because.push(format!("the first {} are listed", count(shown, "row")));
    }
    because
}

/// On the ways to what may be hit, what began or ended between two looks.
fn unseen(
    asking: &Asking<'_>,
    reach: &Reach,
    paths: &HashMap<Node, Vec<Node>>,
    nodes: &[Node],
    window: &Window,
) -> Vec<String> {
    let doubtful = nodes.iter().filter(|node| !reach.certainly(**node)).filter_map(|node| paths.get(node));
    let hops = doubtful.flat_map(|path| path.windows(2));
    let links = hops.flat_map(|hop| asking.lineage.between(hop[1], hop[0])).filter(|link| link.carries_impact);
    if asking.lineage.has_unseen() { wording::unseen(asking.lineage, links, window) } else { Vec::new() }
}

/// What may be hit without our knowing: artefacts whose own ingredients nobody can tell.
fn untold(lineage: &Lineage, reach: &Reach) -> Vec<String> {
    let unseen = lineage.all_absences().filter(|it| !reach.possible.contains(it.about));
    let sentences = wording::untold(lineage, unseen).into_iter();
    sentences.map(|says| format!("not counted: {says}, so it may be hit as well")).collect()
}

#[cfg(test)]
#[path = "impact_tests.rs"]
mod tests;
