//! Which evidence is held that answers a control, and which is lacking, in the whole ledger or behind one
//! artefact. It never says that anything is fulfilled.

use crate::graph::walk::{Along, Bounds, Way, walk};
use crate::graph::{EvidenceRef, Node, NodeSet};
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::drift::drift;
use crate::investigate::question::{Controls, Drift};
use crate::investigate::rows::{ControlEvidence, ControlExample, ControlRow, ControlsSummary};
use crate::investigate::site::puts_to_use;
use crate::investigate::wording::count;
use crate::model::{Control, EXCEPTION, Framework, MarkKind, Selector, Time};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The one question that is answered here too: what drifted is lacking.
const DRIFT: &str = "drift";
/// The most examples of one sort.
const MOST_EXAMPLES: usize = 20;
/// The most artefacts that one artefact's evidence is looked for on.
const MOST: usize = 20_000;

/// Answers it, from the catalogues given: the controls in the order in which they were published.
///
/// # Errors
/// When no framework or control goes by that name, the artefact is unknown, or it was cancelled.
pub fn controls(
    asking: &Asking<'_>,
    catalogue: &[Framework],
    question: &Controls,
) -> Result<Answer<ControlRow, ControlsSummary>, Unanswered> {
    let wanted = wanted(catalogue, question.of.as_deref())?;
    let mut because = Vec::new();
    let node = question.about.as_deref().map(|id| asking.node(id)).transpose()?;
    let scope = node.map(|node| behind(asking, node, &mut because)).transpose()?;
    let selectors: BTreeSet<&Selector> = wanted.iter().flat_map(|it| &it.1.evidence).collect();
    let mut held = tally(asking, &selectors, scope.as_ref())?;
    if let Some(found) = held.get_mut(&Selector::Question(DRIFT.to_owned())) {
        let of = question.about.clone();
        found.without = drift(asking, &Drift { of, limit: 0 })?.summary.drifted;
    }
    let examples = if wanted.len() == 1 { MOST_EXAMPLES } else { 3 };
    let rows: Vec<ControlRow> = wanted.into_iter().map(|it| row(asking, it, &held, examples)).collect();
    let lacking = rows.iter().filter(|row| !row.lacking.is_empty()).count() as u64;
    let of = node.map(|node| asking.lineage.id(node).to_owned());
    let completeness = Completeness { because, ..Completeness::exact(rows.len()) };
    Ok(Answer { rows, completeness, summary: ControlsSummary { of, lacking } })
}

type Wanted<'a> = (&'a Framework, &'a Control, Option<String>);

/// The controls that a text names: all, those of a framework, one by its id, or what an older id became.
fn wanted<'a>(catalogue: &'a [Framework], of: Option<&str>) -> Result<Vec<Wanted<'a>>, Unanswered> {
    let all = |it: &'a Framework| it.controls.iter().map(move |control| (it, control, None));
    let Some(text) = of else { return Ok(catalogue.iter().flat_map(all).collect()) };
    let text = text.trim();
    let same = |other: &str| other.eq_ignore_ascii_case(text);
    let named =
        |it: &&Framework| same(&it.key) || same(&it.framework) || same(&format!("{} {}", it.framework, it.version));
    if let Some(framework) = catalogue.iter().find(named) {
        return Ok(all(framework).collect());
    }
    let mut found: Vec<Wanted<'a>> = Vec::new();
    for framework in catalogue {
        let is = |control: &&Control| {
            same(&control.id)
                || (!framework.prefix.is_empty() && same(control.id.trim_start_matches(&framework.prefix)))
        };
        found.extend(framework.controls.iter().filter(is).map(|control| (framework, control, None)));
        let moved = framework.legacy.iter().filter(|(old, _)| same(old)).flat_map(|(old, new)| {
            let became = framework.controls.iter().filter(move |control| new.contains(&control.id));
            became.map(move |control| (framework, control, Some(old.clone())))
        });
        found.extend(moved);
    }
    if found.is_empty() {
        let keys: Vec<String> =
            catalogue.iter().map(|it| format!("{} ({} {})", it.key, it.framework, it.version)).collect();
        let says = format!("no framework and no control is called \"{text}\"; there are {}", keys.join(", "));
        return Err(Unanswered::Senseless(says));
    }
    Ok(found)
}

/// An artefact, what puts it to use, and all that these rest on.
fn behind(asking: &Asking<'_>, node: Node, because: &mut Vec<String>) -> Result<NodeSet, Unanswered> {
    let lineage = asking.lineage;
    let along = Along::state(asking.moment());
    let down = lineage.downstream(node).take(MOST);
    let sites = down.filter(|link| puts_to_use(link.relation) && along.admits(link)).map(|link| link.from);
    let starts: Vec<Node> = std::iter::once(node).chain(sites).collect();
    let bounds = Bounds { nodes: MOST, ..Bounds::NONE };
    let up = walk(lineage, &starts, Way::Up, &along, bounds, asking.cancel)?;
    if up.cut {
        let many = count(MOST, "artefact");
        because.push(format!("it rests on more: evidence on the nearest {many} is counted"));
    }
    let mut set = NodeSet::new(lineage.len());
    for (node, _) in up.reached() {
        set.insert(node);
    }
    Ok(set)
}

/// What was found of one sort.
#[derive(Default)]
struct Held {
    count: u64,
    without: u64,
    /// The newest, by moment, artefact and claim.
    newest: Vec<(Reverse<Option<Time>>, Node, Option<u64>)>,
}

impl Held {
    fn add(&mut self, at: Option<Time>, node: Node, claim: Option<u64>) {
        self.count += 1;
        self.newest.push((Reverse(at), node, claim));
        if self.newest.len() >= 8 * MOST_EXAMPLES {
            self.keep();
        }
    }

    fn keep(&mut self) {
        self.newest.sort_unstable();
        self.newest.truncate(MOST_EXAMPLES);
    }
}

/// Counts everything that is asked for in one pass over each of evidence, artefacts and links.
fn tally(
    asking: &Asking<'_>,
    selectors: &BTreeSet<&Selector>,
    scope: Option<&NodeSet>,
) -> Result<BTreeMap<Selector, Held>, Unanswered> {
    let lineage = asking.lineage;
    let moment = asking.moment();
    let within = |node: Node| scope.is_none_or(|scope| scope.contains(node));
    let mut held: BTreeMap<Selector, Held> = selectors.iter().map(|it| ((*it).clone(), Held::default())).collect();
    // What is void, and an exception that nobody vouches for or that has ended, is held by nobody.
    let counts = |it: &EvidenceRef<'_>| it.at <= moment && !it.void && it.kind != EXCEPTION;
    for it in lineage.all_evidence().filter(|it| counts(it) && within(it.about)) {
        if let Some(found) = held.get_mut(&Selector::Evidence(it.kind.to_owned())) {
            found.add(Some(it.at), it.about, Some(it.claim));
        }
    }
    if let Some(found) = held.get_mut(&Selector::Evidence(EXCEPTION.to_owned())) {
        for it in asking.exceptions.all(asking.terms()).iter().filter(|it| it.standing == "holds") {
            if let Some(node) = it.node.filter(|node| within(*node)) {
                found.add(Some(it.at), node, None);
            }
        }
    }
    for it in lineage.all_absences().filter(|it| within(it.about)) {
        if let Some(found) = held.get_mut(&Selector::Absence) {
            found.add(None, it.about, Some(it.claim));
        }
    }
    if let Some(found) = held.get_mut(&Selector::Mark) {
        for mark in MarkKind::ALL {
            for node in asking.marks.marked(mark, asking.as_of).into_iter().filter(|node| within(*node)) {
                found.add(None, node, None);
            }
        }
    }
    let days = selectors.iter().filter_map(|it| if let Selector::Since(days) = it { Some(*days) } else { None });
    let mut old: Vec<(u32, Held)> = days.map(|days| (days, Held::default())).collect();
    let relations = selectors.iter().any(|it| matches!(it, Selector::Relation(_)));
    for (at, node) in lineage.nodes().enumerate() {
        if at % 4_096 == 0 {
            asking.go_on()?;
        }
        if !within(node) || lineage.at(node).is_some_and(|born| born > moment) {
            continue;
        }
        if lineage.described(node) {
            let kind = lineage.kind(node);
            let claim = || lineage.claims(node).last();
            if let Some(found) = held.get_mut(&Selector::Kind(kind.to_owned())) {
                found.add(lineage.at(node), node, claim());
            }
            for (days, found) in old.iter_mut().filter(|_| kind == "step") {
                if lineage.at(node).is_some_and(|at| at <= moment.plus_days(-i64::from(*days))) {
                    found.add(lineage.at(node), node, claim());
                }
            }
            if matches!(kind, "deployment" | "endpoint" | "agent" | "model-version") {
                fields(asking, node, &mut held);
            }
        }
        if relations {
            for link in lineage.upstream(node).filter(|link| link.since.is_none_or(|since| since <= moment)) {
                if let Some(found) = held.get_mut(&Selector::Relation(link.relation.to_owned())) {
                    found.add(link.since, node, Some(link.claim));
                }
            }
        }
    }
    held.extend(old.into_iter().map(|(days, found)| (Selector::Since(days), found)));
    held.values_mut().for_each(Held::keep);
    Ok(held)
}

/// The fields of one thing that is deployed, serves or acts.
fn fields(asking: &Asking<'_>, node: Node, held: &mut BTreeMap<Selector, Held>) {
    let lineage = asking.lineage;
    for (name, there) in [
        ("owner", lineage.owner(node).is_some()),
        ("risk", lineage.risk(node).is_some()),
        ("digest", lineage.digests(node).next().is_some()),
    ] {
        let Some(found) = held.get_mut(&Selector::Field(name.to_owned())) else { continue };
        if there {
            found.add(lineage.at(node), node, lineage.claims(node).last());
        } else {
            found.without += 1;
        }
    }
}

fn row(
    asking: &Asking<'_>,
    (framework, control, moved_from): Wanted<'_>,
    held: &BTreeMap<Selector, Held>,
    examples: usize,
) -> ControlRow {
    let mut evidence = Vec::new();
    let mut lacking = Vec::new();
    for selector in &control.evidence {
        let (what, mut says) = named(selector);
        let found = held.get(selector);
        let counted = found.filter(|_| !matches!(selector, Selector::Question(_)));
        if *selector == Selector::Question(DRIFT.to_owned()) {
            let drifted = found.map_or(0, |it| it.without);
            says = format!("lastgood drift finds {}", count(usize::try_from(drifted).unwrap_or(usize::MAX), "thing"));
            if drifted > 0 {
                lacking.push(format!("{drifted} not as it was stated: lastgood drift"));
            }
        }
        if let Some(found) = counted {
            if found.count == 0 && !matches!(selector, Selector::Absence | Selector::Mark) {
                lacking.push(format!("no {says}"));
            } else if found.without > 0 {
                lacking.push(format!("{} without {says}", count(usize::try_from(found.without).unwrap_or(0), "thing")));
            }
        }
        let example = |it: &(Reverse<Option<Time>>, Node, Option<u64>)| ControlExample {
            id: asking.lineage.id(it.1).to_owned(),
            at: it.0.0,
            claim: it.2.map(|claim| asking.claim(claim)).filter(|claim| !claim.is_empty()),
        };
        evidence.push(ControlEvidence {
            what,
            says,
            held: counted.map(|it| it.count),
            without: counted.map_or(0, |it| it.without),
            newest: counted.and_then(|it| it.newest.first()).and_then(|it| it.0.0),
            examples: counted.map(|it| it.newest.iter().take(examples).map(example).collect()).unwrap_or_default(),
        });
    }
    let counted: Vec<u64> = evidence.iter().filter_map(|it| it.held).collect();
    let state = match (counted.is_empty(), counted.iter().any(|it| *it > 0), lacking.is_empty()) {
        (true, _, true) => "asked",
        (true, _, false) => "lacking",
        (false, false, _) => "lacking",
        (false, true, true) => "held",
        (false, true, false) => "in part",
    };
    ControlRow {
        framework: framework.framework.clone(),
        framework_version: framework.version.clone(),
        id: control.id.clone(),
        title: control.title.clone(),
        text: control.text.clone(),
        moved_from,
        state: state.to_owned(),
        evidence,
        lacking,
    }
}

/// A selector as it is written, and in words.
fn named(selector: &Selector) -> (String, String) {
    match selector {
        Selector::Evidence(kind) => (format!("evidence:{kind}"), format!("{kind} on record")),
        Selector::Kind(kind) => (format!("kind:{kind}"), format!("{kind} described")),
        Selector::Relation(relation) => (format!("relation:{relation}"), format!("link {relation}")),
        Selector::Field(field) => {
            let words = if field == "risk" { "risk class" } else { field };
            (format!("field:{field}"), words.to_owned())
        }
        Selector::Absence => ("absence".to_owned(), "gap told by its source".to_owned()),
        Selector::Mark => ("mark".to_owned(), "mark that holds".to_owned()),
        Selector::Since(days) => (format!("since:{days}"), format!("step from before {days} days ago")),
        Selector::Question(name) => (format!("question:{name}"), format!("lastgood {name} answers it")),
    }
}
