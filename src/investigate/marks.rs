//! What investigators marked, and what of it holds. It judges no artefact by itself.

use crate::graph::{Lineage, Node};
use crate::investigate::answer::{Answer, Completeness, Marks as Held};
use crate::investigate::asking::{Asking, ClaimName};
use crate::investigate::question::Marks;
use crate::investigate::rows::MarkRow;
use crate::investigate::taint::Bad;
use crate::model::{Mark, MarkKind, Statement, Time, Window};
use std::collections::HashMap;

/// The source that marks made here go under; it may take back any mark.
pub const INVESTIGATOR: &str = "investigator";

/// One mark with its claim and fate.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The claim.
    pub claim: u64,
    /// Its name, to retract it by.
    pub name: String,
    /// What was said.
    pub mark: Mark,
    /// The artefact, when the lineage knows it.
    pub node: Option<Node>,
    /// Who took it back, when and why.
    pub retracted: Option<String>,
}

impl Entry {
    /// Whether it was not taken back and, asked as of a moment, its window holds that moment.
    fn holds(&self, as_of: Option<Time>) -> bool {
        self.retracted.is_none() && self.covers(as_of)
    }

    fn covers(&self, as_of: Option<Time>) -> bool {
        let inside = |at: Time| {
            self.mark.since.is_none_or(|since| since <= at) && self.mark.until.is_none_or(|until| at <= until)
        };
        as_of.is_none_or(inside)
    }
}

/// All marks of a ledger, those that were taken back among them.
#[derive(Debug, Default)]
pub struct MarkBook {
    entries: Vec<Entry>,
    /// Which of them are on an artefact, oldest first.
    of: HashMap<Node, Vec<usize>>,
}

impl MarkBook {
    /// Reads marks and retractions, each with claim and record, in the order they were said. A folded
    /// id marks the artefact it was folded into.
    pub fn new(lineage: &Lineage, said: &[(u64, u64, Statement)], names: &dyn Fn(u64) -> ClaimName) -> MarkBook {
        let mut entries: Vec<Entry> = Vec::new();
        let mut taken_back: HashMap<(&str, String), String> = HashMap::new();
        // a file may take back what it said itself, and nothing of anybody else's
        let fate = |taken_back: &HashMap<(&str, String), String>, it: &ClaimName| {
            let by = |source: &str| taken_back.get(&(it.text.as_str(), source.to_owned())).cloned();
            by(INVESTIGATOR).or_else(|| by(&it.source))
        };
        // a retraction that was itself taken back takes nothing back: read the last first
        for (claim, _, statement) in said.iter().rev() {
            let Statement::Retract(it) = statement else { continue };
            let name = names(*claim);
            if fate(&taken_back, &name).is_none() {
                let text = format!("{} at {}: {}", it.by, it.at, it.reason);
                taken_back.insert((it.what.as_str(), name.source), text);
            }
        }
        for (claim, _, statement) in said {
            let Statement::Mark(mark) = statement else { continue };
            let name = names(*claim);
            let retracted = fate(&taken_back, &name);
            let name = name.text;
            entries.push(Entry { claim: *claim, name, mark: mark.clone(), node: lineage.node(&mark.about), retracted });
        }
        entries.sort_by_key(|it| (it.mark.at, it.claim));
        let mut of: HashMap<Node, Vec<usize>> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            if let Some(node) = entry.node {
                of.entry(node).or_default().push(at);
            }
        }
        MarkBook { entries, of }
    }

    /// The marks that hold on an artefact, strongest first. Of two that contradict each other
    /// (compromised, then cleared) the later holds. As of a moment only those count whose window it
    /// lies in; when a mark was made does not matter here.
    pub fn on(&self, node: Node, as_of: Option<Time>) -> Held {
        let mut held = Held::new();
        let entries = self.of.get(&node).into_iter().flatten().filter_map(|at| self.entries.get(*at));
        for mark in entries.filter(|it| it.holds(as_of)).map(|it| it.mark.mark) {
            let ends: &[MarkKind] = match mark {
                MarkKind::Cleared | MarkKind::Good => &[MarkKind::Compromised, MarkKind::Suspect],
                MarkKind::Compromised | MarkKind::Suspect => &[MarkKind::Cleared, MarkKind::Good],
                MarkKind::Rollback => &[],
            };
            held.retain(|other| !ends.contains(other) && *other != mark);
            held.push(mark);
        }
        held.sort_unstable();
        held
    }

    /// All marks, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What is bad by a mark that holds, with the window the mark states.
    pub fn bad(&self, mark: MarkKind, as_of: Option<Time>) -> Vec<Bad> {
        let window = |node: Node| {
            let of = self.of.get(&node).into_iter().flatten().filter_map(|at| self.entries.get(*at));
            let last = of.rev().find(|it| it.mark.mark == mark && it.holds(as_of));
            last.map_or_else(Window::default, |it| Window { since: it.mark.since, until: it.mark.until })
        };
        self.marked(mark, as_of).into_iter().map(|node| Bad { node, window: window(node) }).collect()
    }

    /// Artefacts on which a mark holds, in order of ids.
    pub fn marked(&self, mark: MarkKind, as_of: Option<Time>) -> Vec<Node> {
        let mut nodes: Vec<Node> =
            self.of.keys().copied().filter(|node| self.on(*node, as_of).contains(&mark)).collect();
        nodes.sort_unstable();
        nodes
    }

    /// The marks on an artefact that hold by themselves, newest first.
    pub fn rows_on(&self, node: Node, as_of: Option<Time>) -> Vec<MarkRow> {
        let own = self.entries.iter().rev().filter(|it| it.node == Some(node) && it.holds(as_of));
        own.map(row).collect()
    }
}

fn row(entry: &Entry) -> MarkRow {
    let mark = &entry.mark;
    MarkRow {
        claim: entry.name.clone(),
        about: mark.about.clone(),
        mark: mark.mark,
        by: mark.by.clone(),
        at: mark.at,
        since: mark.since,
        until: mark.until,
        reason: mark.reason.clone(),
        case: mark.case.clone(),
        retracted: entry.retracted.clone(),
    }
}

/// Lists marks, newest first.
pub fn marks(asking: &Asking<'_>, question: &Marks) -> Answer<MarkRow> {
    let fits = |it: &&Entry| {
        (question.retracted || it.retracted.is_none())
            && question.mark.is_none_or(|mark| mark == it.mark.mark)
            && question.case.as_ref().is_none_or(|case| Some(case) == it.mark.case.as_ref())
            && it.covers(asking.as_of)
    };
    let entries: Vec<&Entry> = asking.marks.entries().iter().rev().filter(fits).collect();
    let mut completeness = Completeness::exact(entries.len());
    for entry in entries.iter().filter(|it| it.node.is_none()) {
        completeness.because.push(format!("{} is marked, and nothing in the lineage has that id", entry.mark.about));
    }
    Answer { rows: entries.into_iter().map(row).collect(), completeness, summary: () }
}
