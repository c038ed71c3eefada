//! What is in the ledger and what in it deserves attention. It judges by what was stated; policies
//! judge elsewhere.

use crate::graph::walk::{Along, Bounds, Way, walk};
use crate::graph::{EvidenceRef, Lineage, Node};
use crate::investigate::answer::{Answer, Completeness, InPart};
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::deployed::{Runs, runs};
use crate::investigate::marks;
use crate::investigate::marks::in_no_lineage;
use crate::investigate::question::Marks;
use crate::investigate::repeats::Repeats;
use crate::investigate::rows::{Attention, Group, Overview};
use crate::investigate::standing;
use crate::investigate::wording::{count, place, some_of};
use crate::model::{MarkKind, Time};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

/// The graver risk class, and the graver severity.
const HIGH: &str = "high";
/// What is said of a source rather than of an artefact.
pub const SOURCE: &str = "source";
/// The most rows of one sort; the completeness says how many there are.
const MOST_OF_ONE_SORT: usize = 50;
/// The most that are listed as recent.
const MOST_RECENT: usize = 50;

/// Answers what is in here; `in_part` are the servers that are not held whole.
///
/// # Errors
/// When it was cancelled.
pub fn overview(asking: &Asking<'_>, in_part: &[InPart]) -> Result<Answer<Attention, Overview>, Unanswered> {
    let lineage = asking.lineage;
    let mut found = Findings::default();
    compromised(asking, &mut found)?;
    evidence(asking, &mut found);
    asking.go_on()?;
    unapproved(asking, &mut found);
    unapproved_digests(asking, &mut found);
    undisclosed(asking, &mut found);
    for it in in_part {
        let severity = if it.failing { "medium" } else { "low" };
        found.add(severity, SOURCE, &it.source, || (it.says.clone(), None));
    }
    told_twice(asking, &mut found)?;
    let mentioned: Vec<Node> = lineage.nodes().filter(|node| !lineage.described(*node)).collect();
    if let Some(first) = mentioned.first() {
        let says =
            format!("{} only mentioned by links or evidence, described by nobody", count(mentioned.len(), "artefact"));
        found.add("low", "mentioned-only", lineage.id(*first), || (says, None));
    }
    let summary = summary(asking, mentioned.len())?;
    let mut rows = found.rows;
    // what is on fire goes first, after what people said themselves
    let burning: HashSet<String> =
        rows.iter().filter(|row| row.what == "incident").map(|row| row.about.clone()).collect();
    rows.sort_by_key(|row| {
        let rank = if row.what == "compromised" { 0 } else { 1 + usize::from(!burning.contains(&row.about)) };
        (severity(&row.severity), rank, sort(&row.what))
    });
    let mut completeness = Completeness::exact(found.counts.values().sum());
    completeness.because.extend(asking.marks.strays(asking.as_of).map(in_no_lineage));
    for (what, number) in found.counts.iter().filter(|(_, number)| **number > MOST_OF_ONE_SORT) {
        completeness.because.push(format!("{number} of the sort \"{what}\", the first {MOST_OF_ONE_SORT} are listed"));
    }
    Ok(Answer { rows, completeness, summary })
}

fn severity(word: &str) -> usize {
    ["high", "medium", "low"].iter().position(|it| *it == word).unwrap_or(3)
}

fn sort(word: &str) -> usize {
    let order = [
        "compromised",
        "incident",
        "unapproved-digest",
        "conflicting-repeat",
        "void-approval",
        "unapproved",
        "expired-approval",
        SOURCE,
        "not-disclosed",
        "mentioned-only",
    ];
    order.iter().position(|it| *it == word).unwrap_or(order.len())
}

/// What was found: the first rows of each sort, and how many there are.
#[derive(Default)]
struct Findings {
    rows: Vec<Attention>,
    counts: BTreeMap<&'static str, usize>,
}

impl Findings {
    /// Counts one; words it when it is among those listed.
    fn add(
        &mut self,
        severity: &str,
        what: &'static str,
        about: &str,
        words: impl FnOnce() -> (String, Option<String>),
    ) {
        let count = self.counts.entry(what).or_default();
        *count += 1;
        if *count > MOST_OF_ONE_SORT {
            return;
        }
        let (says, claim) = words();
        let (severity, what) = (severity.to_owned(), what.to_owned());
        self.rows.push(Attention { severity, what, says, about: about.to_owned(), claim });
    }
}

/// What is marked compromised or suspect, and how many deployments that reaches.
fn compromised(asking: &Asking<'_>, found: &mut Findings) -> Result<(), Unanswered> {
    for (mark, severity) in [(MarkKind::Compromised, "high"), (MarkKind::Suspect, "medium")] {
        for node in asking.marks.marked(mark, asking.as_of) {
            let along = Along { window: asking.window(&Default::default()), ..Along::impact() };
            let reached = walk(asking.lineage, &[node], Way::Down, &along, Bounds::NONE, asking.cancel)?;
            let deployments =
                reached.reached().skip(1).filter(|(node, _)| asking.lineage.kind(*node) == "deployment").count();
            let id = asking.lineage.id(node);
            let says = format!("{id} is marked {}: it reaches {}", mark.as_str(), count(deployments, "deployment"));
            let claim = asking.marks.holding_on(node, mark, asking.as_of).map(|it| it.name.clone());
            found.add(severity, "compromised", id, || (says, claim));
        }
    }
    Ok(())
}

fn is_approval(it: &EvidenceRef<'_>) -> bool {
    it.kind == "approval"
        && it
            .verdict
            .is_none_or(|verdict| verdict.eq_ignore_ascii_case("pass") || verdict.eq_ignore_ascii_case("approved"))
}

/// Void and expired approvals of things deployed, incidents and exposures.
fn evidence(asking: &Asking<'_>, found: &mut Findings) {
    let lineage = asking.lineage;
    let moment = asking.moment();
    let mut open: BTreeMap<Node, EvidenceRef<'_>> = BTreeMap::new();
    for it in lineage.all_evidence().filter(|it| it.at <= moment) {
        let id = lineage.id(it.about);
        let claim = || Some(asking.claim(it.claim));
        let expired = it.expires.is_some_and(|expires| expires <= moment);
        match it.kind {
            "approval" if it.void => {
                found.add("high", "void-approval", id, || {
                    (format!("an approval of {id} covers another digest than it has"), claim())
                });
            }
            "approval" if expired && is_deployed(lineage, it.about) && !approved(asking, it.about) => {
                found.add(graver(lineage, it.about), "expired-approval", id, || {
                    let since = it.expires.map_or_else(String::new, |at| at.age(moment));
                    (format!("the approval of {id}, which is deployed, expired {since} ago"), claim())
                });
            }
            _ => {}
        }
    }
    // one row per artefact: what opened last
    let incidents = standing::incidents(lineage.all_evidence(), &["incident", "exposure"], moment);
    for it in incidents.into_iter().filter(|it| it.open) {
        let newest = open.entry(it.first.about).or_insert(it.first);
        if (newest.at, newest.claim) < (it.first.at, it.first.claim) {
            *newest = it.first;
        }
    }
    for (node, it) in open {
        let id = lineage.id(node);
        found.add("high", "incident", id, || {
            (format!("{} on {id}, {} ago", it.kind, it.at.age(moment)), Some(asking.claim(it.claim)))
        });
    }
}

/// How much it matters that nobody approved something, as the policy that ships has it.
fn graver(lineage: &Lineage, node: Node) -> &'static str {
    if lineage.risk(node) == Some(HIGH) { HIGH } else { "medium" }
}

fn is_deployed(lineage: &Lineage, node: Node) -> bool {
    lineage.kind(node) == "deployment" || lineage.downstream(node).any(|link| link.relation == "deploys")
}

/// Whether an approval of it holds at the asked moment.
fn approved(asking: &Asking<'_>, node: Node) -> bool {
    let moment = asking.moment();
    let holds = |it: &EvidenceRef<'_>| it.at <= moment && !it.void && it.expires.is_none_or(|expires| expires > moment);
    asking.lineage.evidence(node).any(|it| is_approval(&it) && holds(&it))
}

/// Deployments of something that nobody ever approved.
fn unapproved(asking: &Asking<'_>, found: &mut Findings) {
    let lineage = asking.lineage;
    let any = |node: Node| lineage.evidence(node).any(|it| it.kind == "approval");
    for node in of_kind(lineage, "deployment") {
        let deployed = || deployed(asking, node);
        if deployed().next().is_none() || any(node) || deployed().any(any) {
            continue;
        }
        let id = lineage.id(node);
        let risk = deployed().find(|it| lineage.risk(*it) == Some(HIGH)).unwrap_or(node);
        found.add(graver(lineage, risk), "unapproved", id, || {
            let mut names: Vec<&str> = deployed().map(|it| lineage.id(it)).collect();
            names.dedup();
            let names = some_of(names.iter().copied(), names.len());
            (format!("nobody approved {names}, which {id} deploys"), None)
        });
    }
}

/// What a deployment deploys at the asked moment.
fn deployed<'a>(asking: &'a Asking<'_>, node: Node) -> impl Iterator<Item = Node> + 'a {
    let moment = crate::model::Window::at(asking.moment());
    let counts = |relation: &str| matches!(relation, "deploys" | "serves");
    let links = asking.lineage.upstream(node);
    links.filter(move |link| counts(link.relation) && asking.held(link, &moment)).map(|link| link.to)
}

/// Deployments that state another digest than what they run.
fn unapproved_digests(asking: &Asking<'_>, found: &mut Findings) {
    let lineage = asking.lineage;
    for node in of_kind(lineage, "deployment") {
        let Runs::Other(first, _) = runs(asking, node) else { continue };
        let id = lineage.id(node);
        found.add("high", "unapproved-digest", id, || {
            let short = match first.char_indices().nth(11) {
                Some((end, _)) => format!("{}…", &first[..end]),
                None => first.to_owned(),
            };
            let claim = lineage.claims(node).next().map(|claim| asking.claim(claim));
            (format!("{id} serves {short} which no version it deploys has"), claim)
        });
    }
}

fn undisclosed(asking: &Asking<'_>, found: &mut Findings) {
    for it in asking.lineage.all_absences().filter(|it| it.why != "none") {
        let id = asking.lineage.id(it.about);
        let says = match place(id) {
            Some((server, place)) => format!("{server} does not let us look at {place}"),
            None => format!("{id}: {} is {}", it.relation, it.why),
        };
        found.add("medium", "not-disclosed", id, || (says, Some(asking.claim(it.claim))));
    }
}

/// What was told twice under one name, differently.
fn told_twice(asking: &Asking<'_>, found: &mut Findings) -> Result<(), Unanswered> {
    for it in Repeats::of(asking)?.all() {
        let id = asking.lineage.id(it.about);
        found.add("medium", "conflicting-repeat", id, || {
            (format!("something of {id} {}", it.says()), Some(asking.claim(it.claim)))
        });
    }
    Ok(())
}

fn of_kind<'a>(lineage: &'a Lineage, kind: &'a str) -> impl Iterator<Item = Node> + 'a {
    let codes = lineage.kind_codes();
    let wanted = (0..u8::MAX).find(|code| lineage.kind_of_code(*code) == kind);
    lineage.nodes().filter(move |node| Some(codes[node.index()]) == wanted)
}

fn summary(asking: &Asking<'_>, mentioned_only: usize) -> Result<Overview, Unanswered> {
    let lineage = asking.lineage;
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    let mut by_code = [0_u64; 256];
    for code in lineage.kind_codes() {
        by_code[usize::from(*code)] += 1;
    }
    for (code, number) in by_code.iter().enumerate().filter(|(_, number)| **number > 0) {
        let word = if code == 255 { "(other kinds)" } else { lineage.kind_of_code(code as u8) };
        *kinds.entry(word).or_default() += number;
    }
    let group = |(name, number): (&str, u64)| Group { name: name.to_owned(), at_least: number, at_most: number };
    let mut kinds: Vec<Group> = kinds.into_iter().map(group).collect();
    kinds.sort_by_key(|group| Reverse(group.at_most));
    asking.go_on()?;

    let listed_first: Vec<bool> = (0..=u8::MAX)
        .map(|code| matches!(lineage.kind_of_code(code), "deployment" | "model-version" | "step" | "agent" | "prompt"))
        .collect();
    let mut range = lineage.link_times();
    let mut recent: Vec<(Time, Reverse<Node>)> = Vec::new();
    let mut oldest_recent = None;
    for node in lineage.nodes() {
        let Some(at) = lineage.at(node) else { continue };
        range = Some(range.map_or((at, at), |(low, high)| (low.min(at), high.max(at))));
        let known = asking.as_of.is_none_or(|moment| at <= moment);
        if known && listed_first[usize::from(lineage.kind_code(node))] && Some(at) >= oldest_recent {
            recent.push((at, Reverse(node)));
            if recent.len() >= 8 * MOST_RECENT {
                newest(&mut recent);
                oldest_recent = recent.last().map(|it| it.0);
            }
        }
    }
    newest(&mut recent);
    Ok(Overview {
        kinds,
        artefacts: lineage.len() as u64,
        links: lineage.links() as u64,
        evidence: lineage.all_evidence().len() as u64,
        mentioned_only: mentioned_only as u64,
        newest: range.map(|it| it.1),
        oldest: range.map(|it| it.0),
        marks: marks::marks(asking, &Marks::default()).rows,
        recent: recent.into_iter().map(|(_, node)| asking.row(node.0)).collect(),
    })
}

/// Keeps the newest, in order.
fn newest(recent: &mut Vec<(Time, Reverse<Node>)>) {
    recent.sort_unstable_by_key(|it| Reverse(*it));
    recent.truncate(MOST_RECENT);
}
