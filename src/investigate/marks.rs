//! What investigators marked, and what of it holds. It judges no artefact by itself.

use crate::graph::{Lineage, Node};
use crate::investigate::answer::{Answer, Completeness, Marks as Held};
use crate::investigate::asking::{Asking, ClaimName};
use crate::investigate::question::Marks;
use crate::investigate::rows::MarkRow;
pub use crate::investigate::said::INVESTIGATOR;
use crate::investigate::said::{Proof, Saying, TakenBack, Trust, When, apart, once};
use crate::investigate::taint::Bad;
use crate::investigate::windows::Windows;
use crate::model::{Mark, MarkKind, Statement, Time, Window};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// How many marks of what is in no lineage are told one by one.
const LISTED: usize = 20;

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
    /// How far it is trusted.
    pub trust: Trust,
    /// The source that makes it so trusted.
    pub source: String,
    /// The moment it counts from.
    pub when: When,
    /// When it was received first, where that is known.
    pub received: Option<Time>,
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

    /// What decides between two that contradict each other: the more trusted holds, of equally trusted ones
    /// the later.
    fn rank(&self) -> (Trust, When, &str) {
        (self.trust, self.when, &self.digest)
    }
}

fn is_bad(mark: MarkKind) -> bool {
    matches!(mark, MarkKind::Compromised | MarkKind::Suspect)
}

/// From the earlier beginning to the later end; a side that one of them leaves open is open.
pub(super) fn together(a: Window, b: Window) -> Window {
    Window { since: a.since.zip(b.since).map(|(a, b)| a.min(b)), until: a.until.zip(b.until).map(|(a, b)| a.max(b)) }
}

/// A mark that counts, and the one that overrules it, by their places.
type Weighed = (usize, Option<usize>);

/// All marks of a ledger, those that were taken back among them.
#[derive(Debug, Default)]
pub struct MarkBook {
    entries: Vec<Entry>,
    /// Which of them are on an artefact, weakest first; see [`Entry::rank`].
    of: HashMap<Node, Vec<usize>>,
    /// What holds as of no moment in particular, likewise.
    weighed: HashMap<Node, Vec<Weighed>>,
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
            received: None,
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
                trust: said.trust,
                source: said.source.to_owned(),
                when: said.when,
                received: said.received,
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
        let mut book = MarkBook { entries, of, weighed: HashMap::new(), remarks };
        book.weighed = book.of.keys().map(|node| (*node, book.weigh(*node, None))).collect();
        book
    }

    /// The marks on an artefact that count, weakest first, each with the strongest that overrules it. Two
    /// contradict each other that call one thing bad and good, of one stretch of time: that a credential was
    /// bad until it was rotated and is good since is no contradiction.
    fn weigh(&self, node: Node, as_of: Option<Time>) -> Vec<Weighed> {
        let on = self.of.get(&node).into_iter().flatten().copied();
        let counting: Vec<usize> = on.filter(|at| self.entries[*at].counts(as_of)).collect();
        let window = |at: &usize| (self.entries[*at].mark.since, self.entries[*at].mark.until);
        let ends = || counting.iter().map(window).flat_map(|(since, until)| [since, until]).flatten();
        // the stronger seen so far, strongest first, bad and good apart
        let (mut bad, mut good) = (Windows::new(ends()), Windows::new(ends()));
        let mut weighed = Vec::with_capacity(counting.len());
        for (number, at) in counting.iter().rev().enumerate() {
            let (since, until) = window(at);
            let (own, opposed) = match self.entries[*at].mark.mark {
                MarkKind::Compromised | MarkKind::Suspect => (&mut bad, &good),
                MarkKind::Cleared | MarkKind::Good => (&mut good, &bad),
                MarkKind::Rollback => {
                    weighed.push((*at, None));
                    continue;
                }
            };
            let by = opposed.first(since, until).map(|number| counting[counting.len() - 1 - number]);
            weighed.push((*at, by));
            own.lay(since, until, number);
        }
        weighed.reverse();
        weighed
    }

    fn weighed(&self, node: Node, as_of: Option<Time>) -> Cow<'_, [Weighed]> {
        match as_of {
            None => Cow::Borrowed(self.weighed.get(&node).map_or(&[], Vec::as_slice)),
            Some(_) => Cow::Owned(self.weigh(node, as_of)),
        }
    }

    /// What holds on an artefact, weakest first.
    fn holding(&self, node: Node, as_of: Option<Time>) -> impl DoubleEndedIterator<Item = &Entry> {
        let weighed = self.weighed(node, as_of).into_owned().into_iter();
        weighed.filter(|(_, overruled)| overruled.is_none()).map(|(at, _)| &self.entries[at])
    }

    /// The marks that hold on an artefact. Of two that contradict each other the more trusted holds, of
    /// equally trusted ones the later. As of a moment only those count whose window it lies in; when a mark
    /// was made does not matter here.
    pub fn on(&self, node: Node, as_of: Option<Time>) -> Held {
        kinds(self.holding(node, as_of))
    }

    /// The marks that hold on an artefact by somebody's word who may wave the policy's rule: said here,
    /// taken in with a case, or signed. What any file may state is not among them.
    pub fn vouched_on(&self, node: Node, as_of: Option<Time>) -> Held {
        kinds(self.holding(node, as_of).filter(|it| it.trust > Trust::File))
    }

    /// What is marked compromised or suspect and in no lineage: how many ids, and one of them.
    pub fn strays(&self, as_of: Option<Time>) -> Option<(usize, &str)> {
        let stray = self.entries.iter().filter(|it| it.node.is_none() && is_bad(it.mark.mark) && it.counts(as_of));
        let ids: BTreeSet<&str> = stray.map(|it| it.mark.about.as_str()).collect();
        Some((ids.len(), ids.first()?))
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

    /// The last claim by which a mark holds on an artefact.
    pub fn claim_on(&self, node: Node, mark: MarkKind, as_of: Option<Time>) -> Option<&str> {
        self.holding_on(node, mark, as_of).map(|it| it.name.as_str())
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
        let mut own = self.of.get(&node).cloned().unwrap_or_default();
        own.sort_unstable_by(|a, b| b.cmp(a));
        self.rows(own.into_iter().map(|at| &self.entries[at]).filter(|it| it.stands(as_of)), as_of)
    }

    /// Entries as rows, with what overrules them and what they overrule.
    fn rows<'a>(&self, entries: impl Iterator<Item = &'a Entry>, as_of: Option<Time>) -> Vec<MarkRow> {
        let entries: Vec<&Entry> = entries.collect();
        let nodes: BTreeSet<Node> = entries.iter().filter_map(|it| it.node).collect();
        let mut overruled_by: HashMap<u64, &Entry> = HashMap::new();
        let mut overrules: HashMap<u64, Vec<String>> = HashMap::new();
        for node in nodes {
            for (entry, by) in self.weighed(node, as_of).iter() {
                let entry = &self.entries[*entry];
                if let Some(by) = by.map(|by| &self.entries[by]) {
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

/// What to say of marks on what no lineage has.
pub(super) fn in_no_lineage((many, first): (usize, &str)) -> String {
    match many {
        1 => format!("1 marked artefact is not in the lineage: {first}"),
        _ => format!("{many} marked artefacts are not in the lineage: {first} and others"),
    }
}

fn kinds<'a>(holding: impl Iterator<Item = &'a Entry>) -> Held {
    let mut held: Held = holding.map(|it| it.mark.mark).collect();
    held.sort_unstable();
    held.dedup();
    held
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
        proof: entry.proof.says(&mark.by),
        source: entry.source.clone(),
        trust: entry.trust,
        at: mark.at,
        received: entry.received,
        remark: apart(mark.at, entry.received),
        since: mark.since,
        until: mark.until,
        reason: mark.reason.clone(),
        case: mark.case.clone(),
        refused: matches!(entry.proof, Proof::Refused { .. }),
        overruled_by: None,
        overrules: Vec::new(),
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
    let strays: Vec<&str> = entries.iter().filter(|it| it.node.is_none()).map(|it| it.mark.about.as_str()).collect();
    for about in strays.iter().take(LISTED) {
        completeness.because.push(format!("{about} is marked, and nothing in the lineage has that id"));
    }
    if let Some(rest) = strays.len().checked_sub(LISTED).filter(|rest| *rest > 0) {
        completeness.because.push(format!("{rest} more marks are of ids that nothing in the lineage has"));
    }
    completeness.because.extend(asking.marks.remarks.iter().cloned());
    Answer { rows: asking.marks.rows(entries.into_iter(), asking.as_of), completeness, summary: () }
}
