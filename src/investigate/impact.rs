//! Everything downstream of what is bad. It never runs through a bare name, and lists no artefact
//! that was asked about.

use crate::graph::walk::{Along, Bounds, Walk, Way, walk};
use crate::graph::{Held, Lineage, Node};
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::question::Impact;
use crate::investigate::rows::{Group, ImpactRow, ImpactSummary};
use crate::investigate::wording::{count, some_of};
use crate::model::Kind;
use std::collections::HashMap;

/// Two walks of one question: what certainly counts, and what may. Without a window they are one.
struct Reach {
    certain: Option<Walk>,
    possible: Walk,
}

impl Reach {
    fn certainly(&self, node: Node) -> bool {
        self.certain.as_ref().is_none_or(|walk| walk.contains(node))
    }

    /// The walk whose path shows best why the node counts.
    fn shown(&self, node: Node) -> &Walk {
        self.certain.as_ref().filter(|walk| walk.contains(node)).unwrap_or(&self.possible)
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
    let window = asking.window(&question.window);
    let reached = |at_least| {
        let along = Along { impact_only: true, window, at_least };
        walk(asking.lineage, &starts, Way::Down, &along, Bounds::NONE, asking.cancel)
    };
    let possible = reached(Held::Possibly)?;
    let certain = if window.is_open() { None } else { Some(reached(Held::Certainly)?) };
    let reach = Reach { certain, possible };
    asking.go_on()?;

    let table = Table::new(asking.lineage, &question.kinds);
    let (keys, tally) = gather(asking.lineage, &reach, &starts, &table);
    let total = keys.len();
    let rows: Vec<ImpactRow> = first(keys, question.limit)
        .into_iter()
        .filter_map(|key| asking.lineage.node_at((key & u64::from(u32::MAX)) as usize))
        .map(|node| row(asking, &reach, node, &window))
        .collect();
    let because = because(asking, &reach, &tally, total, rows.len());
    let completeness = Completeness { at_least: tally.certain, at_most: total as u64, because };
    let (by_kind, by_environment, by_owner) = tally.groups(asking.lineage);
    let of = starts.iter().map(|node| asking.lineage.id(*node).to_owned()).collect();
    Ok(Answer { rows, completeness, summary: ImpactSummary { of, window, by_kind, by_environment, by_owner } })
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
    mentioned: usize,
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
        kinds.sort_by_key(|group| !Kind::parse(&group.name).is_consequence());
        (kinds, sorted(environments), sorted(owners))
    }
}

fn sorted(groups: HashMap<&str, (u64, u64)>) -> Vec<Group> {
    let group = |(name, (at_least, at_most)): (&str, (u64, u64))| Group { name: name.to_owned(), at_least, at_most };
    let mut groups: Vec<Group> = groups.into_iter().map(group).collect();
    groups.sort_by(|a, b| b.at_most.cmp(&a.at_most).then_with(|| a.name.cmp(&b.name)));
    groups
}

/// Keys that sort as rows do: consequences first, then distance, then id.
fn gather(lineage: &Lineage, reach: &Reach, starts: &[Node], table: &Table) -> (Vec<u64>, Tally) {
    let mut tally = Tally { certain: 0, mentioned: 0, kinds: [(0, 0); 256], facts: vec![(0, 0); lineage.facts_len()] };
    let mut keys = Vec::with_capacity(reach.possible.len());
    let codes = lineage.kind_codes();
    let mut add = |node: Node, distance: u32, certain: bool| {
        let code = codes[node.index()];
        if !table.wants(lineage, node, code) {
            return;
        }
        let later = u64::from(!table.consequence[usize::from(code)]);
        keys.push(later << 63 | u64::from(distance.min(0x7fff_ffff)) << 32 | node.index() as u64);
        let one = u64::from(certain);
        tally.certain += one;
        tally.mentioned += usize::from(!lineage.described(node));
        let sums = [Some(&mut tally.kinds[usize::from(code)]), tally.facts.get_mut(lineage.facts_code(node) as usize)];
        for sum in sums.into_iter().flatten() {
            *sum = (sum.0 + one, sum.1 + 1);
        }
    };
    let asked = |node: &Node| starts.binary_search(node).is_ok();
    if let Some(certain) = &reach.certain {
        for (node, distance) in certain.reached().filter(|(node, _)| !asked(node)) {
            add(node, distance, true);
        }
        for (node, distance) in reach.possible.reached().filter(|(node, _)| !certain.contains(*node) && !asked(node)) {
            add(node, distance, false);
        }
    } else {
        for (node, distance) in reach.possible.reached().filter(|(_, distance)| *distance > 0) {
            add(node, distance, true);
        }
    }
    (keys, tally)
}

/// The smallest keys, in order.
fn first(mut keys: Vec<u64>, limit: usize) -> Vec<u64> {
    if limit < keys.len() {
        if limit > 0 {
            keys.select_nth_unstable(limit - 1);
        }
        keys.truncate(limit);
    }
    keys.sort_unstable();
    keys
}

fn row(asking: &Asking<'_>, reach: &Reach, node: Node, window: &crate::model::Window) -> ImpactRow {
    let certain = reach.certainly(node);
    let walk = reach.shown(node);
    let path = walk.path(node);
    let at_least = if certain && reach.certain.is_some() { Held::Certainly } else { Held::Possibly };
    let along = Along { impact_only: true, window: *window, at_least };
    let last = walk.parent(node).and_then(|parent| {
        let links = asking.lineage.between(node, parent).filter(|link| along.admits(link));
        links.max_by_key(|link| link.since.is_some())
    });
    ImpactRow {
        row: asking.row(node),
        distance: path.len().saturating_sub(1) as u32,
        certain,
        path: path.into_iter().map(|node| asking.lineage.id(node).to_owned()).collect(),
        claim: last.map(|link| asking.claim(link.claim)),
    }
}

fn because(asking: &Asking<'_>, reach: &Reach, tally: &Tally, total: usize, shown: usize) -> Vec<String> {
    let lineage = asking.lineage;
    let mut because = Vec::new();
    let doubtful = total as u64 - tally.certain;
    if doubtful > 0 {
        let what = count(doubtful as usize, "artefact");
        because.push(format!("{what} hang on links that are undated, or whose dates sources state differently"));
    }
    if tally.mentioned > 0 {
        let what = count(tally.mentioned, "artefact");
        because.push(format!("{what} are only mentioned: nobody described them, so more may depend on them"));
    }
    let silent: Vec<Node> = {
        let untold = lineage.all_absences().filter(|it| it.why != "none" && !reach.possible.contains(it.about));
        let mut nodes: Vec<Node> = untold.map(|it| it.about).collect();
        nodes.dedup();
        nodes
    };
    if !silent.is_empty() {
        let names = some_of(silent.iter().map(|node| lineage.id(*node)), silent.len());
        because.push(format!("not counted: what {names} came from is not disclosed, so it may be hit as well"));
    }
    if shown < total {
        because.push(format!("the first {} are listed", count(shown, "row")));
    }
    because
}
