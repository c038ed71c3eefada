//! What investigators marked, and what of it holds. It judges no artefact by itself.

use crate::graph::{Lineage, Node};
use crate::investigate::answer::{Answer, Completeness, Marks as Held};
use crate::investigate::asking::{Asking, ClaimName};
use crate::investigate::question::Marks;
use crate::investigate::rows::MarkRow;
pub use crate::investigate::said::INVESTIGATOR;
use crate::investigate::said::{Proof, Saying, TakenBack, once};
use crate::investigate::taint::Bad;
use crate::model::{Mark, MarkKind, Statement, Time, Window};
use std::collections::{BTreeSet, HashMap};

/// One mark with its claims and fate.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The first claim that makes it.
    pub claim: u64,
    /// Its name, to retract it by.
    pub name: String,
    /// Names of the other claims that make it: received again, it is one mark still.
    pub also: Vec<String>,
    /// Its name in every ledger.
    pub digest: String,
    /// What was said.
    pub mark: Mark,
    /// How it is known who said it.
    pub proof: Proof,
    /// The artefact, when the lineage knows it.
    pub node: Option<Node>,
    /// Who took it back, when and why.
    pub retracted: Option<TakenBack>,
}

impl Entry {
    /// Whether it was not taken back and, asked as of a moment, its window holds that moment.
    fn stands(&self, as_of: Option<Time>) -> bool {
        self.retracted.is_none() && self.covers(as_of)
    }

    /// The same, with no signature that does not verify.
    fn counts(&self, as_of: Option<Time>) -> bool {
        self.stands(as_of) && !matches!(self.proof, Proof::Refused { .. })
    }

    fn covers(&self, as_of: Option<Time>) -> bool {
        let inside = |at: Time| {
            self.mark.since.is_none_or(|since| since <= at) && self.mark.until.is_none_or(|until| at <= until)
        };
        as_of.is_none_or(inside)
    }

    /// What decides between two that contradict each other: the later holds, but what is only claimed does
    /// not overrule what is signed.
    fn rank(&self) -> (bool, Time, &str) {
        (matches!(self.proof, Proof::Signed { .. }), self.mark.at, &self.digest)
    }

    /// Whether the two cannot both be true: bad and good, of one stretch of time. That a credential was bad
    /// until it was rotated and is good since is no contradiction.
    fn contradicts(&self, other: &Entry) -> bool {
        let ends_before =
            |a: &Mark, b: &Mark| matches!((a.until, b.since), (Some(until), Some(since)) if until <= since);
        let opposed = match self.mark.mark {
            MarkKind::Cleared | MarkKind::Good => is_bad(other.mark.mark),
            MarkKind::Compromised | MarkKind::Suspect => {
                matches!(other.mark.mark, MarkKind::Cleared | MarkKind::Good)
            }
            MarkKind::Rollback => false,
        };
        opposed && !ends_before(&self.mark, &other.mark) && !ends_before(&other.mark, &self.mark)
    }
}

fn is_bad(mark: MarkKind) -> bool {
    matches!(mark, MarkKind::Compromised | MarkKind::Suspect)
}

/// From the earlier beginning to the later end; a side that one of them leaves open is open.
pub(super) fn together(a: Window, b: Window) -> Window {
    Window { since: a.since.zip(b.since).map(|(a, b)| a.min(b)), until: a.until.zip(b.until).map(|(a, b)| a.max(b)) }
}

/// All marks of a ledger, those that were taken back among them.
#[derive(Debug, Default)]
pub struct MarkBook {
    entries: Vec<Entry>,
    /// Which of them are on an artefact, weakest first; see [`Entry::rank`].
    of: HashMap<Node, Vec<usize>>,
    /// What could not be told of signatures.
    remarks: Vec<String>,
}

impl MarkBook {
    /// Reads marks and retractions, each with claim and record: a book without signatures, and without
    /// digests by which equal ones would be one.
    pub fn new(lineage: &Lineage, said: &[(u64, u64, Statement)], names: &dyn Fn(u64) -> ClaimName) -> MarkBook {
        let saying = |(claim, _, statement): &(u64, u64, Statement)| Saying {
            claim: *claim,
            name: names(*claim),
            statement: statement.clone(),
            digest: String::new(),
            proof: Proof::CLAIMED,
        };
        MarkBook::of(lineage, &said.iter().map(saying).collect::<Vec<_>>(), Vec::new())
    }

    /// Reads marks and retractions. A folded id marks the artefact it was folded into. Remarks say what
    /// could not be told of signatures.
    pub fn of(lineage: &Lineage, sayings: &[Saying], remarks: Vec<String>) -> MarkBook {
        let mut entries: Vec<Entry> = Vec::new();
        for said in once(sayings) {
            let Statement::Mark(mark) = &said.first.statement else { continue };
            entries.push(Entry {
                claim: said.first.claim,
                name: said.first.name.text.clone(),
                also: said.also.iter().map(|it| it.name.text.clone()).collect(),
                digest: said.first.digest.clone(),
                mark: mark.clone(),
                proof: said.proof.clone(),
                node: lineage.node(&mark.about),
                retracted: said.retracted,
            });
        }
        let mut of: HashMap<Node, Vec<usize>> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            if let Some(node) = entry.node {
                of.entry(node).or_default().push(at);
            }
        }
        for on in of.values_mut() {
            // stable: of what nothing else tells apart, the later claim is the stronger
            on.sort_by_key(|at| entries.get(*at).map(Entry::rank));
        }
        MarkBook { entries, of, remarks }
    }

    /// The marks on an artefact that count, weakest first, each with the one that overrules it.
    fn weighed(&self, node: Node, as_of: Option<Time>) -> Vec<(&Entry, Option<&Entry>)> {
        let on = self.of.get(&node).into_iter().flatten().filter_map(|at| self.entries.get(*at));
        let counting: Vec<&Entry> = on.filter(|it| it.counts(as_of)).collect();
        // the stronger seen so far, strongest first, bad and good apart
        let (mut bad, mut good): (Vec<&Entry>, Vec<&Entry>) = (Vec::new(), Vec::new());
        let mut weighed = Vec::with_capacity(counting.len());
        for entry in counting.into_iter().rev() {
            let (own, opposed) = if is_bad(entry.mark.mark) { (&mut bad, &good) } else { (&mut good, &bad) };
            weighed.push((entry, opposed.iter().copied().find(|other| entry.contradicts(other))));
            own.push(entry);
        }
        weighed.reverse();
        weighed
    }

    /// What holds on an artefact, weakest first.
    fn holding(&self, node: Node, as_of: Option<Time>) -> impl Iterator<Item = &Entry> {
        let weighed = self.weighed(node, as_of).into_iter();
        weighed.filter(|(_, overruled)| overruled.is_none()).map(|(entry, _)| entry)
    }

    /// The marks that hold on an artefact, strongest first. Of two that contradict each other the later
    /// holds, but what is only claimed does not overrule what is signed. As of a moment only those count
    /// whose window it lies in; when a mark was made does not matter here.
    pub fn on(&self, node: Node, as_of: Option<Time>) -> Held {
        if !self.of.contains_key(&node) {
            return Held::new();
        }
        let mut held: Held = self.holding(node, as_of).map(|it| it.mark.mark).collect();
        held.sort_unstable();
        held.dedup();
        held
    }

    /// All marks, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What is bad by a mark that holds, with the window it states.
    pub fn bad(&self, mark: MarkKind, as_of: Option<Time>) -> Vec<Bad> {
        let bad = |node: Node| Bad { node, window: self.window_on(node, mark, as_of) };
        self.marked(mark, as_of).into_iter().map(bad).collect()
    }

    /// The marks of a kind that hold on an artefact, weakest first.
    pub fn all_holding_on(&self, node: Node, mark: MarkKind, as_of: Option<Time>) -> impl Iterator<Item = &Entry> {
        self.holding(node, as_of).filter(move |it| it.mark.mark == mark)
    }

    /// The mark of a kind that holds on an artefact: of several the strongest.
    pub fn holding_on(&self, node: Node, mark: MarkKind, as_of: Option<Time>) -> Option<&Entry> {
        self.all_holding_on(node, mark, as_of).last()
    }

    /// The window in which an artefact is what a mark says, by those that hold: of several the windows are
    /// taken together.
    pub fn window_on(&self, node: Node, mark: MarkKind, as_of: Option<Time>) -> Window {
        let all = self.all_holding_on(node, mark, as_of);
        let windows = all.map(|it| Window { since: it.mark.since, until: it.mark.until });
        windows.reduce(together).unwrap_or_default()
    }

    /// Artefacts on which a mark holds, in order of ids.
    pub fn marked(&self, mark: MarkKind, as_of: Option<Time>) -> Vec<Node> {
        let mut nodes: Vec<Node> =
            self.of.keys().copied().filter(|node| self.on(*node, as_of).contains(&mark)).collect();
        nodes.sort_unstable();
        nodes
    }

    /// The marks on an artefact that were not taken back, newest first; each says whether another
    /// overrules it.
    pub fn rows_on(&self, node: Node, as_of: Option<Time>) -> Vec<MarkRow> {
        let own = self.entries.iter().rev().filter(|it| it.node == Some(node) && it.stands(as_of));
        self.rows(own, as_of)
    }

    /// Entries as rows, with what overrules them and what they overrule.
    fn rows<'a>(&self, entries: impl Iterator<Item = &'a Entry>, as_of: Option<Time>) -> Vec<MarkRow> {
        let entries: Vec<&Entry> = entries.collect();
        let nodes: BTreeSet<Node> = entries.iter().filter_map(|it| it.node).collect();
        let mut overruled_by: HashMap<u64, &Entry> = HashMap::new();
        let mut overrules: HashMap<u64, Vec<String>> = HashMap::new();
        for node in nodes {
            for (entry, by) in self.weighed(node, as_of) {
                if let Some(by) = by {
                    overruled_by.insert(entry.claim, by);
                    overrules.entry(by.claim).or_default().push(entry.name.clone());
                }
            }
        }
        let rows = entries.into_iter().map(|entry| MarkRow {
            overruled_by: overruled_by.get(&entry.claim).map(|by| by.name.clone()),
            overrules: overrules.remove(&entry.claim).unwrap_or_default(),
            ..row(entry)
        });
        rows.collect()
    }
}

fn row(entry: &Entry) -> MarkRow {
    let mark = &entry.mark;
    MarkRow {
        claim: entry.name.clone(),
        also: entry.also.clone(),
        digest: entry.digest.clone(),
        about: mark.about.clone(),
        mark: mark.mark,
        by: mark.by.clone(),
        proof: entry.proof.to_string(),
        at: mark.at,
        since: mark.since,
        until: mark.until,
        reason: mark.reason.clone(),
        case: mark.case.clone(),
        refused: matches!(entry.proof, Proof::Refused { .. }),
        overruled_by: None,
        overrules: Vec::new(),
        retracted: entry.retracted.as_ref().map(TakenBack::to_string),
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
    completeness.because.extend(asking.marks.remarks.iter().cloned());
    Answer { rows: asking.marks.rows(entries.into_iter(), asking.as_of), completeness, summary: () }
}
